/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/digest.h"

#include <osipparser2/osip_md5.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include <sodium.h>

#include "base/hex.h"
#include "base/text.h"

void digest_join(enum digest_kind kind, const char *const *words, char hex[DIGEST_HEX_BYTES])
{
    char joined[1024];
    uint8_t hash[32];
    struct text text = text_into(joined, sizeof joined);
    for (size_t i = 0; words[i]; i++) {
        if (i > 0)
            text_add_char(&text, ':');
        text_add(&text, words[i]);
    }
    if (text.cut)
        text = text_into(joined, sizeof joined);
    if (kind == DIGEST_SHA256) {
        (void)crypto_hash_sha256(hash, (const uint8_t *)joined, text.length);
        hex_write(hash, 32, hex);
    } else {
        osip_MD5_CTX md5;
        osip_MD5Init(&md5);
        osip_MD5Update(&md5, (unsigned char *)joined, (unsigned)text.length);
        osip_MD5Final(hash, &md5);
        hex_write(hash, 16, hex);
    }
    sodium_memzero(joined, sizeof joined);
}

void digest_parameter(const char *header, const char *name, char *value, size_t size)
{
    size_t length = strlen(name);
    const char *at = header;
    value[0] = 0;
    at += strcspn(at, " ");
    while (*at) {
        at += strspn(at, " ,\t");
        size_t word = strcspn(at, "= ,");
        bool mine = word == length && strncasecmp(at, name, length) == 0;
        at += word;
        if (*at != '=')
            continue;
        at++;
        bool quoted = *at == '"';
        at += quoted;
        size_t run = quoted ? strcspn(at, "\"") : strcspn(at, ", ");
        if (mine) {
            if (run < size) {
                memcpy(value, at, run);
                value[run] = 0;
            }
            return;
        }
        at += run;
        at += quoted && *at == '"';
    }
}
