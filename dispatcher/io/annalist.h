/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * annalist: sees to it that a turn is in the annals (dispatcher/annals/annals.h) before it is in the journal of this home, and
 * that who leads is whose epoch the annals hold. The home's journal is a copy of their beginning and is never ahead:
 * docs/decisions/0043-annals.md. */
#ifndef DISPATCHER_IO_ANNALIST_H
#define DISPATCHER_IO_ANNALIST_H

#include <stdbool.h>
#include <stdint.h>

#include "dispatcher/store/store.h"
#include "proto/settings.h"

enum {
    ANNALIST_BEAT_MS = 400,    /* the leader says that it lives */
    ANNALIST_RESIGN_MS = 1500, /* whoever follows has looked by then */
    ANNALIST_LOOK_MS = 50      /* who waits looks so often, and does what the leader did */
};

struct annalist;
struct understudy;

/* Brings the home's journal and a live mind (understudy.h) to where the annals stand, for as long as another dispatcher leads,
 * and serves their metrics meanwhile; takes the epoch when that one is silent. Returns 0, *annalist and *understudy:
 * this home leads; -ECANCELED: a signal to end came meanwhile; another negative errno after a line of log. Close with
 * annalist_close(), which accepts NULL and lets the next one lead at once. */
int annalist_open(struct annalist **annalist, const struct settings *settings,
                  struct understudy **understudy);
void annalist_close(struct annalist *annalist);

/* For the journal's store: returns 0 when the turn is in the annals, however long that takes. Ends the process when another
 * one leads, or when a signal to end comes while they do not answer: nobody was told of the turn. */
int annalist_assure(void *owner, const struct store_mark *before, const struct store_mark *after,
                    struct slice changes);

/* Hands the lead to who follows: lays the epoch down, and waits until another one has it. Nothing may be said or committed
 * after it. Returns false when nobody took it for ANNALIST_RESIGN_MS: this one leads on. */
bool annalist_resign(struct annalist *annalist);

/* In each turn of the loop: says that it lives. Ends the process when another one leads. Accepts NULL. */
void annalist_serve(struct annalist *annalist, uint64_t mono_ms);

struct annalist_figures {
    uint64_t turn;   /* the last that is in the annals */
    uint64_t epoch;  /* of the annals */
    uint64_t doubts; /* how often nobody knew at first whether a turn was */
    bool answers;
};
void annalist_measure(const struct annalist *annalist, struct annalist_figures *figures);

#endif
