/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who left for the sign-in provider comes back by the same browser, with the same state, once, in time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "consoles/server/passage.h"

static struct passages passages;

static struct passage *begin(char secret[SESSION_SECRET_BYTES])
{
    return passages_begin(&passages, 1000, 5000, secret);
}

static void only_the_same_browser_and_state_come_back(void **state)
{
    (void)state;
    char own[SESSION_SECRET_BYTES], other[SESSION_SECRET_BYTES];
    const struct passage *passage = begin(own), *stranger = begin(other);
    assert_ptr_equal(passages_return(&passages, own, passage->state, 1000), passage);
    assert_null(passages_return(&passages, own, stranger->state, 1000));
    assert_null(passages_return(&passages, other, passage->state, 1000));
    assert_null(passages_return(&passages, own, "", 1000));
    assert_null(passages_return(&passages, "", passage->state, 1000));
    assert_string_not_equal(passage->nonce, stranger->nonce);
    assert_string_not_equal(passage->nonce, passage->state);
    passages_end(&passages, own);
    assert_null(passages_return(&passages, own, "", 1000));
}

static void it_ends_by_time_and_by_tries(void **state)
{
    (void)state;
    char secret[SESSION_SECRET_BYTES], word[PASSAGE_WORD_BYTES];
    (void)strcpy(word, begin(secret)->state);
    assert_null(passages_return(&passages, secret, word, 1001 + PASSAGE_LIFE_MS));
    (void)strcpy(word, begin(secret)->state);
    for (int i = 0; i < PASSAGE_TRIES; i++)
        (void)passages_return(&passages, secret, "wrong", 1000);
    assert_null(passages_return(&passages, secret, word, 1000));
}

static void a_flood_of_them_ends_the_oldest(void **state)
{
    (void)state;
    char secret[SESSION_SECRET_BYTES], more[SESSION_SECRET_BYTES], word[PASSAGE_WORD_BYTES];
    memset(&passages, 0, sizeof passages);
    (void)strcpy(word, passages_begin(&passages, 1, 1, secret)->state);
    for (uint64_t i = 0; i < PASSAGES_MAX; i++)
        assert_true(passages_begin(&passages, 2 + i, 1, more)->open);
    assert_null(passages_return(&passages, secret, word, 1000));
}

static void the_way_out_is_the_citys_alone(void **state)
{
    (void)state;
    char secret[SESSION_SECRET_BYTES], url[PASSAGE_URL_BYTES];
    struct passage_way way = { .authorize = "https://sso.city/auth",
                               .client = "yi hao&x",
                               .back = "https://console.city/oidc/back",
                               .scope = "openid profile" };
    struct passage *passage = begin(secret);
    /* RFC 7636, appendix B */
    (void)strcpy(passage->verifier, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    assert_true(passage_url(passage, &way, url));
    assert_ptr_equal(strstr(url, "https://sso.city/auth?response_type=code&"), url);
    assert_non_null(strstr(url, "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));
    assert_non_null(strstr(url, "&client_id=yi%20hao%26x&"));
    assert_non_null(strstr(url, "&redirect_uri=https%3A%2F%2Fconsole.city%2Foidc%2Fback&"));
    assert_null(strstr(url, passage->verifier));
    assert_non_null(strstr(url, "&prompt=login&max_age=0"));
    char longest[PASSAGE_URL_BYTES];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    way.authorize = longest;
    assert_false(passage_url(passage, &way, url));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_same_browser_and_state_come_back),
        cmocka_unit_test(it_ends_by_time_and_by_tries),
        cmocka_unit_test(a_flood_of_them_ends_the_oldest),
        cmocka_unit_test(the_way_out_is_the_citys_alone),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
