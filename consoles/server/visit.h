/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * visit: a citizen who named an order's number and code, for a quarter of an hour behind the last step. The
 * browser holds 32 random bytes (a cookie of the page alone), the server their hash; each form carries the
 * visit's token besides. Number and code stay here, in memory: the dispatcher compares them with each act. */
#ifndef CONSOLES_SERVER_VISIT_H
#define CONSOLES_SERVER_VISIT_H

#include <stdbool.h>
#include <stdint.h>

#include "consoles/server/session.h"

enum {
    VISITS_MAX = 1024, /* then the oldest goes */
    VISIT_LIFE_MS = 15 * 60 * 1000,
    VISIT_TOKEN_BYTES = 33,
    VISIT_CODE_BYTES = 13
};

struct visit {
    uint64_t serial;  /* 0: free */
    uint64_t used_ms; /* monotonic */
    uint64_t number;
    uint64_t incident; /* 0: not yet known to be right */
    char code[VISIT_CODE_BYTES];
    char token[VISIT_TOKEN_BYTES];
    uint8_t hash[32];
};

struct visits {
    uint64_t serial;
    struct visit rows[VISITS_MAX];
};

/* Begins one that does not count until its incident is set. */
struct visit *visits_begin(struct visits *visits, uint64_t number, const char *code,
                           uint64_t mono_ms);

/* It was right: from now on the secret shows it. */
void visit_open(struct visit *visit, uint64_t incident, uint64_t mono_ms,
                char secret[SESSION_SECRET_BYTES]);

/* The open visit of the secret, and one more quarter of an hour for it; NULL for any other text. */
struct visit *visits_find(struct visits *visits, const char *secret, uint64_t mono_ms);

struct visit *visits_of(struct visits *visits, uint64_t serial);

bool visit_has_token(const struct visit *visit, const char *token);

void visit_close(struct visit *visit);

#endif
