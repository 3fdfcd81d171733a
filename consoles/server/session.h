/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * session: who is signed in at this server. The browser holds 32 random bytes (the cookie); the
 * server keeps only their hash, and the dispatcher's token, which never leaves this process. */
#ifndef CONSOLES_SERVER_SESSION_H
#define CONSOLES_SERVER_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/message.h"

enum {
    SESSIONS_MAX = 1024,
    SESSION_SCREENS_MAX = 4,
    SESSION_HEARD = 4,
    SESSION_SECRET_BYTES = 65, /* 32 bytes as hex */
    SESSION_LIFE_MS = 12 * 60 * 60 * 1000
};

/* A contact whose recording the dispatcher opened to this session, by an event. */
struct heard {
    uint64_t contact;
    uint8_t key[32]; /* proto/tape.h; zeros: an old one, not sealed */
};

struct session {
    bool open;
    uint8_t hash[32];
    uint64_t opened_ms;  /* monotonic */
    uint64_t since_ms;   /* the same by the dispatcher's clock */
    uint64_t touched_ms; /* monotonic; its person's last sign of life */
    bool locked;         /* until they prove who they are */
    struct user_row user;
    uint32_t token_size;
    uint8_t token[32];
    uint32_t screens; /* sockets that follow the stream under it */
    struct heard heard[SESSION_HEARD];
    uint32_t heard_next;
};

struct sessions;

struct sessions *sessions_create(void);
void sessions_destroy(struct sessions *sessions);

/* Opens a session and writes the cookie's secret. When the table is full the oldest one without a
 * screen goes. NULL when every session has one. */
struct session *sessions_open(struct sessions *sessions, const struct signed_in *signed_in,
                              uint64_t mono_ms, char secret[SESSION_SECRET_BYTES]);

/* The open session of this secret, NULL for any other text, or after its life. */
struct session *sessions_find(struct sessions *sessions, const char *secret, uint64_t mono_ms);

/* Wipes it. The caller has closed its screens. */
void sessions_close(struct sessions *sessions, struct session *session);

/* Remembers that the trail holds who listens to this contact, and what opens its recording. */
void session_hear(struct session *session, uint64_t contact, const uint8_t key[32]);

/* NULL: it is to be asked for (once more). */
const struct heard *session_heard(const struct session *session, uint64_t contact);

/* The session proved itself: this token takes the old one's place, and the lock is off. */
void session_prove(struct session *session, const struct signed_in *signed_in, uint64_t mono_ms);

/* Nobody touched it for so long; a locked one stays locked. */
bool session_is_idle(const struct session *session, uint64_t idle_ms, uint64_t mono_ms);

bool session_is_over(const struct session *session, uint64_t mono_ms);

/* Walks the open ones: pass NULL first; NULL at the end. */
struct session *sessions_next(struct sessions *sessions, struct session *session);

uint32_t sessions_count(const struct sessions *sessions);

#endif
