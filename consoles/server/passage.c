/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/server/passage.h"

#include <string.h>

#include <sodium.h>

#include "base/hex.h"
#include "base/text.h"

enum {
    URL_VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING
};

static void fill(char words[PASSAGE_WORD_BYTES])
{
    uint8_t bytes[32];
    randombytes_buf(bytes, sizeof bytes);
    (void)sodium_bin2base64(words, PASSAGE_WORD_BYTES, bytes, sizeof bytes, URL_VARIANT);
    sodium_memzero(bytes, sizeof bytes);
}

struct passage *passages_begin(struct passages *passages, uint64_t mono_ms, uint64_t wall_ms,
                               char secret[SESSION_SECRET_BYTES])
{
    struct passage *place = &passages->rows[0];
    for (unsigned i = 0; i < PASSAGES_MAX && place->open; i++)
        if (!passages->rows[i].open || passages->rows[i].began_ms < place->began_ms)
            place = &passages->rows[i];
    uint8_t bytes[32];
    randombytes_buf(bytes, sizeof bytes);
    hex_write(bytes, sizeof bytes, secret);
    *place = (struct passage){
        .open = true, .began_ms = mono_ms, .wall_ms = wall_ms, .tries = PASSAGE_TRIES
    };
    crypto_generichash(place->hash, sizeof place->hash, bytes, sizeof bytes, NULL, 0);
    fill(place->state);
    fill(place->nonce);
    fill(place->verifier);
    sodium_memzero(bytes, sizeof bytes);
    return place;
}

static struct passage *find(struct passages *passages, const char *secret)
{
    uint8_t bytes[32], hash[32];
    struct passage *found = NULL;
    if (strlen(secret) != SESSION_SECRET_BYTES - 1 || !hex_read(secret, bytes, sizeof bytes))
        return NULL;
    crypto_generichash(hash, sizeof hash, bytes, sizeof bytes, NULL, 0);
    for (unsigned i = 0; i < PASSAGES_MAX; i++)
        if (passages->rows[i].open && sodium_memcmp(passages->rows[i].hash, hash, sizeof hash) == 0)
            found = &passages->rows[i];
    sodium_memzero(bytes, sizeof bytes);
    return found;
}

struct passage *passages_return(struct passages *passages, const char *secret, const char *state,
                                uint64_t mono_ms)
{
    struct passage *passage = find(passages, secret);
    if (!passage)
        return NULL;
    if (mono_ms - passage->began_ms > PASSAGE_LIFE_MS || passage->tries == 0) {
        sodium_memzero(passage, sizeof *passage);
        return NULL;
    }
    passage->tries--;
    bool same = strlen(state) == PASSAGE_WORD_BYTES - 1 &&
                sodium_memcmp(passage->state, state, PASSAGE_WORD_BYTES - 1) == 0;
    return same ? passage : NULL;
}

void passages_end(struct passages *passages, const char *secret)
{
    struct passage *passage = find(passages, secret);
    if (passage)
        sodium_memzero(passage, sizeof *passage);
}

static void add_argument(struct text *url, const char *name, const char *value)
{
    text_print(url, "&%s=", name);
    for (; *value; value++) {
        unsigned char letter = (unsigned char)*value;
        bool plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                     (letter >= '0' && letter <= '9') || strchr("-._~", letter);
        text_print(url, plain ? "%c" : "%%%02X", letter);
    }
}

bool passage_url(const struct passage *passage, const struct passage_way *way,
                 char url[PASSAGE_URL_BYTES])
{
    char challenge[PASSAGE_WORD_BYTES];
    uint8_t hash[crypto_hash_sha256_BYTES]; /* S256, RFC 7636 §4.2 */
    (void)crypto_hash_sha256(hash, (const uint8_t *)passage->verifier, strlen(passage->verifier));
    (void)sodium_bin2base64(challenge, sizeof challenge, hash, sizeof hash, URL_VARIANT);
    struct text out = text_into(url, PASSAGE_URL_BYTES);
    text_add(&out, way->authorize);
    text_add(&out, strchr(way->authorize, '?') ? "&" : "?");
    text_add(&out, "response_type=code&code_challenge_method=S256&prompt=login&max_age=0");
    add_argument(&out, "client_id", way->client);
    add_argument(&out, "redirect_uri", way->back);
    add_argument(&out, "scope", way->scope);
    add_argument(&out, "state", passage->state);
    add_argument(&out, "nonce", passage->nonce);
    add_argument(&out, "code_challenge", challenge);
    return !out.cut;
}
