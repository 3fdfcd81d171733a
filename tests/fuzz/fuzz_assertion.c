/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a forged sign-in provider would send: a key set and a token behind it. Under a set of its own making
 * anything may hold; under the city's nothing that a stranger writes does. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "dispatcher/provider/assertion.h"

/* RFC 8037, appendix A.2: its secret key is public, its use here is not. */
static const char own_keys[] = "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
                               "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}";

static const struct expectation expected = { .issuer = "https://sso.city",
                                             .client = "yihao",
                                             .nonce = "n-1",
                                             .login = "preferred_username",
                                             .groups = "groups",
                                             .group = "yihao-{role}",
                                             .confirm = UINT32_MAX,
                                             .now_s = 1795000000,
                                             .skew_s = 60 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct keyset *own = NULL, *theirs = NULL;
    struct assertion assertion = { .login = "" };
    char *words = malloc(size + 1);
    REQUIRE(words && keyset_read(&own, own_keys, sizeof own_keys - 1) == 0);
    if (size > 0)
        memcpy(words, bytes, size);
    words[size] = '\0';
    char *token = strchr(words, '\n');
    if (token)
        *token++ = '\0';
    else
        token = words;
    enum assertion_fault fault = assertion_read(token, own, &expected, &assertion);
    REQUIRE(fault != ASSERTION_HOLDS && assertion.login[0] == '\0');
    if (keyset_read(&theirs, words, strlen(words)) == 0 &&
        assertion_read(token, theirs, &expected, &assertion) == ASSERTION_HOLDS)
        REQUIRE(assertion.login[0] != '\0' && strlen(assertion.login) < sizeof assertion.login);
    keyset_close(theirs);
    keyset_close(own);
    free(words);
    return 0;
}
