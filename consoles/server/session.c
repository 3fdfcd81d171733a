/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/server/session.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/hex.h"
#include "base/require.h"

struct sessions {
    uint32_t count;
    struct session slots[SESSIONS_MAX];
};

struct sessions *sessions_create(void)
{
    return calloc(1, sizeof(struct sessions));
}

void sessions_destroy(struct sessions *sessions)
{
    if (!sessions)
        return;
    sodium_memzero(sessions, sizeof *sessions);
    free(sessions);
}

static struct session *free_slot(struct sessions *sessions)
{
    struct session *oldest = NULL;
    for (uint32_t i = 0; i < SESSIONS_MAX; i++) {
        struct session *slot = &sessions->slots[i];
        if (!slot->open)
            return slot;
        if (slot->screens == 0 && (!oldest || slot->opened_ms < oldest->opened_ms))
            oldest = slot;
    }
    if (oldest)
        sessions_close(sessions, oldest);
    return oldest;
}

void session_prove(struct session *session, const struct signed_in *signed_in, uint64_t mono_ms)
{
    REQUIRE(signed_in->token_size <= sizeof session->token);
    session->token_size = signed_in->token_size;
    memcpy(session->token, signed_in->token, signed_in->token_size);
    session->touched_ms = mono_ms;
    session->locked = false;
}

bool session_is_idle(const struct session *session, uint64_t idle_ms, uint64_t mono_ms)
{
    return !session->locked && mono_ms - session->touched_ms >= idle_ms;
}

struct session *sessions_open(struct sessions *sessions, const struct signed_in *signed_in,
                              uint64_t mono_ms, char secret[SESSION_SECRET_BYTES])
{
    struct session *session = free_slot(sessions);
    if (!session)
        return NULL;
    uint8_t bytes[32];
    randombytes_buf(bytes, sizeof bytes);
    hex_write(bytes, sizeof bytes, secret);
    *session = (struct session){ .open = true,
                                 .opened_ms = mono_ms,
                                 .since_ms = signed_in->opened_ms,
                                 .user = signed_in->user };
    session_prove(session, signed_in, mono_ms);
    crypto_generichash(session->hash, sizeof session->hash, bytes, sizeof bytes, NULL, 0);
    sodium_memzero(bytes, sizeof bytes);
    sessions->count++;
    return session;
}

void session_hear(struct session *session, uint64_t contact, const uint8_t key[32])
{
    struct heard *heard = &session->heard[session->heard_next++ % SESSION_HEARD];
    heard->contact = contact;
    memcpy(heard->key, key, sizeof heard->key);
}

/* The newest: the same contact may have been opened before. */
const struct heard *session_heard(const struct session *session, uint64_t contact)
{
    for (uint32_t i = 1; i <= SESSION_HEARD; i++) {
        const struct heard *heard =
            &session->heard[(session->heard_next + SESSION_HEARD - i) % SESSION_HEARD];
        if (contact != 0 && heard->contact == contact)
            return heard;
    }
    return NULL;
}

bool session_is_over(const struct session *session, uint64_t mono_ms)
{
    return mono_ms - session->opened_ms >= SESSION_LIFE_MS;
}

struct session *sessions_find(struct sessions *sessions, const char *secret, uint64_t mono_ms)
{
    uint8_t bytes[32], hash[32];
    if (!hex_read(secret, bytes, sizeof bytes))
        return NULL;
    crypto_generichash(hash, sizeof hash, bytes, sizeof bytes, NULL, 0);
    for (uint32_t i = 0; i < SESSIONS_MAX; i++) {
        struct session *slot = &sessions->slots[i];
        if (slot->open && sodium_memcmp(slot->hash, hash, sizeof hash) == 0)
            return session_is_over(slot, mono_ms) ? NULL : slot;
    }
    return NULL;
}

void sessions_close(struct sessions *sessions, struct session *session)
{
    REQUIRE(session->open && session->screens == 0);
    sodium_memzero(session, sizeof *session);
    sessions->count--;
}

struct session *sessions_next(struct sessions *sessions, struct session *session)
{
    for (uint32_t i = session ? (uint32_t)(session - sessions->slots) + 1 : 0; i < SESSIONS_MAX;
         i++)
        if (sessions->slots[i].open)
            return &sessions->slots[i];
    return NULL;
}

uint32_t sessions_count(const struct sessions *sessions)
{
    return sessions->count;
}
