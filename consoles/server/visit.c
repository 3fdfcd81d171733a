/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/server/visit.h"

#include <string.h>

#include <sodium.h>

#include "base/hex.h"
#include "base/text.h"

static struct visit *free_place(struct visits *visits)
{
    struct visit *oldest = &visits->rows[0];
    for (unsigned i = 0; i < VISITS_MAX; i++) {
        struct visit *visit = &visits->rows[i];
        if (!visit->serial)
            return visit;
        if (visit->used_ms < oldest->used_ms)
            oldest = visit;
    }
    return oldest;
}

struct visit *visits_begin(struct visits *visits, uint64_t number, const char *code,
                           uint64_t mono_ms)
{
    struct visit *visit = free_place(visits);
    visit_close(visit);
    visit->serial = ++visits->serial;
    visit->used_ms = mono_ms;
    visit->number = number;
    (void)text_copy(visit->code, sizeof visit->code, code);
    return visit;
}

void visit_open(struct visit *visit, uint64_t incident, uint64_t mono_ms,
                char secret[SESSION_SECRET_BYTES])
{
    uint8_t bytes[32], token[16];
    randombytes_buf(bytes, sizeof bytes);
    randombytes_buf(token, sizeof token);
    hex_write(bytes, sizeof bytes, secret);
    hex_write(token, sizeof token, visit->token);
    crypto_generichash(visit->hash, sizeof visit->hash, bytes, sizeof bytes, NULL, 0);
    visit->incident = incident;
    visit->used_ms = mono_ms;
    sodium_memzero(bytes, sizeof bytes);
}

struct visit *visits_find(struct visits *visits, const char *secret, uint64_t mono_ms)
{
    uint8_t bytes[32], hash[32];
    struct visit *found = NULL;
    if (strlen(secret) != SESSION_SECRET_BYTES - 1 ||
        sodium_hex2bin(bytes, sizeof bytes, secret, SESSION_SECRET_BYTES - 1, NULL, NULL, NULL) < 0)
        return NULL;
    crypto_generichash(hash, sizeof hash, bytes, sizeof bytes, NULL, 0);
    for (unsigned i = 0; i < VISITS_MAX && !found; i++) {
        struct visit *visit = &visits->rows[i];
        if (visit->serial && visit->incident && sodium_memcmp(visit->hash, hash, sizeof hash) == 0)
            found = visit;
    }
    sodium_memzero(bytes, sizeof bytes);
    if (found && mono_ms - found->used_ms > VISIT_LIFE_MS) {
        visit_close(found);
        return NULL;
    }
    if (found)
        found->used_ms = mono_ms;
    return found;
}

struct visit *visits_of(struct visits *visits, uint64_t serial)
{
    for (unsigned i = 0; i < VISITS_MAX; i++)
        if (serial && visits->rows[i].serial == serial)
            return &visits->rows[i];
    return NULL;
}

bool visit_has_token(const struct visit *visit, const char *token)
{
    return strlen(token) == VISIT_TOKEN_BYTES - 1 &&
           sodium_memcmp(visit->token, token, VISIT_TOKEN_BYTES - 1) == 0;
}

void visit_close(struct visit *visit)
{
    sodium_memzero(visit, sizeof *visit);
}
