/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * pleader: what a dispatcher knows of the mandate, and what it has to plead next. Pure; arbitration.h carries its
 * words.
 *
 * A leader is either bound (it speaks what its standby has on its disk) or free (the arbiter granted "alone"). From
 * the moment at which it pleads "together" it is bound, whether the arbiter heard it or not; it is free only when the
 * newest thing it said was "alone" and that was granted. */
#ifndef DISPATCHER_ARBITER_PLEADER_H
#define DISPATCHER_ARBITER_PLEADER_H

#include <stdbool.h>
#include <stdint.h>

#include "dispatcher/arbiter/mandate.h"

enum {
    PLEADER_AGAIN_MS = 200, /* an unanswered plea is said again */
    PLEADER_LOOK_MS = 1000  /* and nothing to plead: it looks who leads */
};

struct pleader {
    struct plea plea;  /* the newest */
    bool granted;      /* the newest was */
    bool deposed;      /* somebody else leads; it stays so */
    uint64_t term;     /* as it was last told; 0: not yet */
    bool alone;        /* so the arbiter said last */
    bool holds;        /* this dispatcher is the holder, it said */
    uint64_t said_ms;  /* monotonic */
    uint64_t heard_ms; /* 0: never */
};

/* name: shorter than MANDATE_NAME_BYTES. epoch: of a leader's journal, 0 for a standby. */
void pleader_init(struct pleader *pleader, const char *name, uint64_t epoch);

/* What it wants from now on. Saying the same twice changes nothing. */
void pleader_want(struct pleader *pleader, enum plea_kind kind);

/* Returns true and the plea when one is to be said now. */
bool pleader_due(struct pleader *pleader, uint64_t mono_ms, struct plea *plea);

void pleader_hear(struct pleader *pleader, const struct ruling *ruling, uint64_t mono_ms);

/* The leader may speak what its standby has not. */
bool pleader_is_free(const struct pleader *pleader);

/* The standby leads from now on. */
bool pleader_leads(const struct pleader *pleader);

#endif
