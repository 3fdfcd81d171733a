/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * history: this server's own eye on the trail. It keeps the last checkpoint it believed in HOME/NAME and asks
 * the dispatcher for a consistency proof to each newer one (dispatcher/journal/onlooker.h). What does not go on from
 * there is an event, a log line, a figure, and a strip on every page that stays until a person removed
 * HOME/NAME/doubt. */
#ifndef CONSOLES_SERVER_HISTORY_H
#define CONSOLES_SERVER_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/message.h"

enum {
    HISTORY_LOOK_MS = 5000
};

struct link;
struct history;

/* What screens and figures are told. */
struct history_standing {
    bool watched;        /* the city's first key is known here */
    uint64_t believed;   /* the last event of the last checkpoint believed; 0: none yet */
    uint64_t doubted;    /* … of the one that does not go on from there; 0: there is no doubt */
    uint64_t unanswered; /* questions the dispatcher refused */
};

/* Reads HOME/keys/sign.public and HOME/NAME; without that key nothing is watched, which a log line says. Returns 0
 * or a negative errno; close with history_close(), NULL is fine. */
int history_open(struct history **history, const char *home, const char *name);
void history_close(struct history *history);

/* Asks when a look is due; the link must be up. */
void history_turn(struct history *history, struct link *link, uint64_t mono_ms);

/* Whether the answer is to this history's question; then it has been judged. */
bool history_take(struct history *history, struct link *link, uint64_t id,
                  const struct answer *answer);

/* The last checkpoint believed; NULL: none yet, or nothing is watched. */
const struct checkpoint *history_last(const struct history *history);

void history_stand(const struct history *history, struct history_standing *standing);

#endif
