/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a stranger sends to be somebody. As a token: only the very bytes that were made open a session; those
 * made here are under another key than the one asked, for the fuzzer learns what it sees compared. As a login: whatever it is, the filter it becomes has the parentheses of its pattern and no star. */
#include <stdint.h>
#include <string.h>

#include "base/require.h"
#include "dispatcher/io/token.h"
#include "dispatcher/provider/directory.h"

enum {
    NOW_MS = 1795300000,
    LOGIN_BYTES = 33
};

static void as_token(const uint8_t *bytes, size_t size)
{
    static const uint8_t key[TOKEN_KEY_BYTES] = "the dispatcher's";
    static const uint8_t other[TOKEN_KEY_BYTES] = "another city's";
    const struct token made = { .user = 7, .opened_ms = NOW_MS, .proved_ms = NOW_MS };
    struct token read;
    uint8_t right[TOKEN_BYTES], changed[TOKEN_BYTES];
    REQUIRE(!token_read(other, bytes, (uint32_t)size, NOW_MS, &read));
    token_make(key, &made, right);
    memcpy(changed, right, sizeof changed);
    for (size_t i = 0; i < size && i < TOKEN_BYTES; i++)
        changed[i] ^= bytes[i];
    bool same = memcmp(changed, right, sizeof changed) == 0;
    REQUIRE(token_read(key, changed, TOKEN_BYTES, NOW_MS, &read) == same);
}

static void as_login(const uint8_t *bytes, size_t size)
{
    char login[LOGIN_BYTES], filter[DIRECTORY_FILTER_BYTES];
    size_t length = size < sizeof login - 1 ? size : sizeof login - 1;
    int open = 0;
    memcpy(login, bytes, length);
    login[length] = 0;
    REQUIRE(directory_filter("(&(a=b)(uid={login}))", login, filter, sizeof filter));
    REQUIRE(strchr(filter, '*') == NULL);
    for (const char *at = filter; *at; at++) {
        REQUIRE((unsigned char)*at >= ' ' && (unsigned char)*at < 0x7f);
        open += *at == '(' ? 1 : 0;
    }
    REQUIRE(open == 3 && strcmp(filter + strlen(filter) - 2, "))") == 0);
    REQUIRE(!directory_filter("(uid=7)", login, filter, sizeof filter));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    as_token(bytes, size);
    as_login(bytes, size);
    return 0;
}
