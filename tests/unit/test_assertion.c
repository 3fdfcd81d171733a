/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a sign-in provider says of a person counts only whole: tests/golden/tokens.txt holds tokens that
 * another implementation signed, right ones and attacks, each with the fault it must show. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "dispatcher/io/kept_grant.h"
#include "dispatcher/provider/assertion.h"
#include "proto/message.h"

enum {
    NOW_S = 1795000000, /* of tests/e2e/lib/tokens.mjs */
    LINE_BYTES = 8192,
    ROWS_LEAST = 40,
    TAKER = 1 << ROLE_TAKER,
    SUPERVISOR = 1 << ROLE_SUPERVISOR,
    AUDITOR = 1 << ROLE_AUDITOR
};

static const struct expectation expected = {
    .issuer = "https://sso.city",
    .client = "yihao",
    .nonce = "n-1",
    .login = "preferred_username",
    .groups = "groups",
    .group = "yihao-{role}",
    .confirm = SUPERVISOR | AUDITOR,
    .now_s = NOW_S,
    .skew_s = 60,
    .since_s = NOW_S - 10,
};

static char line[LINE_BYTES];

static FILE *open_tokens(struct keyset **keyset)
{
    FILE *file = fopen("tests/golden/tokens.txt", "re");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    assert_int_equal(keyset_read(keyset, line, strcspn(line, "\n")), 0);
    return file;
}

static void each_token_shows_its_fault(void **state)
{
    (void)state;
    struct keyset *keyset = NULL;
    FILE *file = open_tokens(&keyset);
    assert_int_equal(keyset_count(keyset),
                     3); /* the symmetric one and the one for sealing are left out */
    unsigned rows = 0;
    while (fgets(line, sizeof line, file)) {
        struct assertion assertion = { .login = "nobody" };
        char fault[16], name[64];
        int at = 0;
        line[strcspn(line, "\n")] = '\0';
        assert_int_equal(sscanf(line, "%15s %63s %n", fault, name, &at), 2); // NOLINT(cert-err34-c)
        const char *found =
            assertion_fault_name(assertion_read(line + at, keyset, &expected, &assertion));
        if (strcmp(found, fault) != 0)
            fail_msg("%s: %s, not %s", name, found, fault);
        bool holds = strcmp(fault, "holds") == 0;
        assert_string_equal(assertion.login, holds ? "1001" : "nobody");
        assert_int_equal(assertion.confirmed, holds ? SUPERVISOR : 0);
        rows++;
    }
    assert_true(rows >= ROWS_LEAST);
    (void)fclose(file);
    keyset_close(keyset);
}

/* No change of one letter of a right token leaves it right. */
static void a_changed_letter_is_found(void **state)
{
    (void)state;
    struct keyset *keyset = NULL;
    struct assertion assertion;
    FILE *file = open_tokens(&keyset);
    for (int row = 0; row < 3; row++) { /* RS256, ES256, EdDSA */
        assert_non_null(fgets(line, sizeof line, file));
        line[strcspn(line, "\n")] = '\0';
        char *token = strrchr(line, ' ') + 1;
        assert_int_equal(assertion_read(token, keyset, &expected, &assertion), ASSERTION_HOLDS);
        size_t length = strlen(token);
        for (size_t i = 0; i < length; i += 3) {
            char right = token[i];
            token[i] = right == 'A' ? 'B' : 'A';
            assert_int_not_equal(assertion_read(token, keyset, &expected, &assertion),
                                 ASSERTION_HOLDS);
            token[i] = right;
        }
    }
    (void)fclose(file);
    keyset_close(keyset);
}

static void keys_that_are_none_are_left_out(void **state)
{
    (void)state;
    static const char *const none[] = {
        "{\"keys\":[]}",
        "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}", /* 17 bits */
        "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQ\",\"y\":\"AQ\"}]}",
        ("{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":"
         "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}]}"),
        "{\"keys\":[7,null,{}]}",
    };
    struct keyset *keyset = NULL;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_int_equal(keyset_read(&keyset, none[i], strlen(none[i])), -ENOKEY);
    assert_int_equal(keyset_read(&keyset, "{}", 2), -EBADMSG);
    assert_int_equal(keyset_read(&keyset, "[]", 2), -EBADMSG);
    assert_null(keyset);
}

/* A provider gives each code once; the one-time code may be asked for behind it. */
static void a_redeemed_code_waits_for_its_one_time_code(void **state)
{
    (void)state;
    static struct kept_grants kept;
    const struct sign_in asked = { .grant = "code", .verifier = "v", .nonce = "n" };
    const struct sign_in other = { .grant = "code", .verifier = "w", .nonce = "n" };
    const struct identified said = { .verdict = PROVIDER_RIGHT, .login = "1001" };
    struct identified found = { .verdict = PROVIDER_WRONG };
    memset(&kept, 0, sizeof kept);
    assert_false(kept_grants_take(&kept, &asked, &found, 1000));
    kept_grants_add(&kept, &asked, &said, 1000);
    assert_false(kept_grants_take(&kept, &other, &found, 1000)); /* without the verifier */
    for (int i = 0; i < KEPT_GRANT_TRIES; i++) {
        assert_true(kept_grants_take(&kept, &asked, &found, 1000));
        assert_string_equal(found.login, "1001");
    }
    assert_false(kept_grants_take(&kept, &asked, &found, 1000));
    kept_grants_add(&kept, &asked, &said, 1000);
    assert_false(kept_grants_take(&kept, &asked, &found, 1001 + KEPT_GRANT_MS));
    kept_grants_add(&kept, &asked, &said, 1000);
    kept_grants_drop(&kept, &asked);
    assert_false(kept_grants_take(&kept, &asked, &found, 1000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_token_shows_its_fault),
        cmocka_unit_test(a_changed_letter_is_found),
        cmocka_unit_test(keys_that_are_none_are_left_out),
        cmocka_unit_test(a_redeemed_code_waits_for_its_one_time_code),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
