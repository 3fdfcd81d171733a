/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/crypto.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/require.h"
#include "base/text.h"

static const struct {
    const char *name;
    uint8_t bytes;
} suites[CRYPTO_SUITE_COUNT] = {
    [CRYPTO_AES_128_80] = { "AES_CM_128_HMAC_SHA1_80", 30 },
    [CRYPTO_AES_128_32] = { "AES_CM_128_HMAC_SHA1_32", 30 },
    [CRYPTO_AES_256_80] = { "AES_256_CM_HMAC_SHA1_80", 46 },
    [CRYPTO_AES_256_32] = { "AES_256_CM_HMAC_SHA1_32", 46 },
    [CRYPTO_GCM_128] = { "AEAD_AES_128_GCM", 28 },
    [CRYPTO_GCM_256] = { "AEAD_AES_256_GCM", 44 },
};

const char *crypto_suite_name(enum crypto_suite suite)
{
    REQUIRE(suite > CRYPTO_NONE && suite < CRYPTO_SUITE_COUNT);
    return suites[suite].name;
}

size_t crypto_key_bytes(enum crypto_suite suite)
{
    REQUIRE(suite > CRYPTO_NONE && suite < CRYPTO_SUITE_COUNT);
    return suites[suite].bytes;
}

/* The next word of [*at, end), without the blanks before it. */
static size_t word_of(const char **at, const char *end)
{
    while (*at < end && (**at == ' ' || **at == '\t'))
        (*at)++;
    size_t length = 0;
    while (*at + length < end && (*at)[length] != ' ' && (*at)[length] != '\t')
        length++;
    return length;
}

static bool tag_of(const char *word, size_t length, uint32_t *tag)
{
    *tag = 0;
    for (size_t i = 0; i < length; i++) {
        if (word[i] < '0' || word[i] > '9')
            return false;
        *tag = *tag * 10 + (uint32_t)(word[i] - '0');
    }
    return length > 0 && length <= 9; /* RFC 4568 §9.1 */
}

static enum crypto_suite suite_of(const char *word, size_t length)
{
    for (int i = CRYPTO_NONE + 1; i < CRYPTO_SUITE_COUNT; i++)
        if (strlen(suites[i].name) == length && strncasecmp(suites[i].name, word, length) == 0)
            return (enum crypto_suite)i;
    return CRYPTO_NONE;
}

static bool is_base64(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
}

/* "inline:KEY" or "inline:KEY|2^31": a lifetime may stand there, an MKI (with its ":") may not. */
static bool take_key(struct crypto *crypto, const char *word, size_t length)
{
    size_t bytes = suites[crypto->suite].bytes, chars = (bytes * 8 + 5) / 6,
           whole = (bytes + 2) / 3 * 4;
    if (length < 7 + chars || strncasecmp(word, "inline:", 7) != 0)
        return false;
    word += 7;
    length -= 7;
    for (size_t i = 0; i < chars; i++)
        if (!is_base64(word[i]))
            return false;
    size_t at = chars;
    while (at < length && at < whole && word[at] == '=')
        at++;
    if (at != chars && at != whole)
        return false;
    if (at < length && (word[at] != '|' || memchr(word + at, ':', length - at)))
        return false;
    memcpy(crypto->key, word, chars);
    memset(crypto->key + chars, '=', whole - chars);
    crypto->key[whole] = 0;
    return true;
}

bool crypto_read(struct crypto *crypto, const char *words, size_t length)
{
    struct crypto read = { 0 };
    const char *at = words, *end = words + length;
    size_t size = word_of(&at, end);
    if (!tag_of(at, size, &read.tag))
        return false;
    at += size;
    size = word_of(&at, end);
    read.suite = (uint8_t)suite_of(at, size);
    if (read.suite == CRYPTO_NONE)
        return false;
    at += size;
    size = word_of(&at, end);
    if (!take_key(&read, at, size))
        return false;
    for (at += size; (size = word_of(&at, end)) > 0; at += size)
        if (size < 4 || strncasecmp(at, "WSH=", 4) != 0) /* a hint; all others bind */
            return false;
    *crypto = read;
    return true;
}

void crypto_write(const struct crypto *crypto, char line[CRYPTO_LINE_BYTES])
{
    int length =
        snprintf(line, CRYPTO_LINE_BYTES, "a=crypto:%" PRIu32 " %s inline:%s\r\n", crypto->tag,
                 crypto_suite_name((enum crypto_suite)crypto->suite), crypto->key);
    REQUIRE(length > 0 && length < CRYPTO_LINE_BYTES);
}

bool crypto_same(const struct crypto *one, const struct crypto *other)
{
    return one->suite == other->suite && strcmp(one->key, other->key) == 0;
}
