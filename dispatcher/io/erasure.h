/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * erasure: the dispatcher's own part of an erasure that was begun (dispatcher/core/erasure.h): what is to go is found
 * and goes, in bounded bites off the callers' path. */
#ifndef DISPATCHER_IO_ERASURE_H
#define DISPATCHER_IO_ERASURE_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/message.h"

struct dispatcher;

/* Where it is. It lives in memory alone. */
struct erasing {
    uint64_t erasure;                /* 0: none runs */
    uint64_t caller;                 /* whose; 0: a case */
    uint64_t incident, contact, seq; /* the trail that is walked, and how far */
    uint64_t last_incident, last_contact;
    bool cases_done;
    bool sound;               /* recordings and attachments alone */
    uint64_t preserved, kept; /* what stays: how many, and the last of them */
    uint64_t looked_ms;
};

/* A rule of retention has this case, or contact of which none came, erased, or its sound alone: from here on. None
 * runs. */
void erasure_begin(struct dispatcher *dispatcher, uint64_t erasure,
                   const struct retention_step *what);

/* One bite, when it is time and nobody waits; within a turn of the loop. */
void erasure_turn(struct dispatcher *dispatcher);

/* How long the loop may sleep for it at most. */
uint64_t erasure_wait_ms(const struct dispatcher *dispatcher);

#endif
