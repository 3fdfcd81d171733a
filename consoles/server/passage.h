/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * passage: a browser on its way to the city's sign-in provider and back (OpenID Connect, authorization code
 * with PKCE). The browser holds 32 random bytes (a cookie), the server their hash and what only this very
 * passage knows: state, nonce, and the verifier of its challenge. */
#ifndef CONSOLES_SERVER_PASSAGE_H
#define CONSOLES_SERVER_PASSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "consoles/server/session.h"

enum {
    PASSAGES_MAX = 4096, /* then the oldest goes */
    PASSAGE_LIFE_MS = 10 * 60 * 1000,
    PASSAGE_TRIES = 8,       /* what may be shown for one: a wrong state, a one-time code more */
    PASSAGE_WORD_BYTES = 44, /* 32 random bytes as base64url */
    PASSAGE_URL_BYTES = 1024
};

struct passage {
    bool open;
    uint8_t hash[32];
    uint64_t began_ms; /* monotonic */
    uint64_t wall_ms;  /* the same moment */
    uint32_t tries;
    char state[PASSAGE_WORD_BYTES];
    char nonce[PASSAGE_WORD_BYTES];
    char verifier[PASSAGE_WORD_BYTES];
};

struct passages {
    struct passage rows[PASSAGES_MAX];
};

/* Begins one and writes the cookie's secret. */
struct passage *passages_begin(struct passages *passages, uint64_t mono_ms, uint64_t wall_ms,
                               char secret[SESSION_SECRET_BYTES]);

/* The passage of this secret that has this state, and one try less for it. NULL: none. */
struct passage *passages_return(struct passages *passages, const char *secret, const char *state,
                                uint64_t mono_ms);

/* Over: nobody comes back by it again. Any text is accepted. */
void passages_end(struct passages *passages, const char *secret);

/* Where the browser is sent. The person shows anew who they are, whatever session is open there: seats are
 * shared. False when it does not fit. */
struct passage_way {
    const char *authorize, *client, *back, *scope;
};
bool passage_url(const struct passage *passage, const struct passage_way *way,
                 char url[PASSAGE_URL_BYTES]);

#endif
