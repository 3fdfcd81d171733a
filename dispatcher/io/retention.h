/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * retention: the dispatcher's own part of the erasures by rule (dispatcher/core/retention.h): begins them at night, looks
 * through contacts and cases from the oldest on, and has one erased at a time (dispatcher/io/erasure.h), so many a minute,
 * while nobody waits. It remembers nothing across a restart but that they were begun: what is erased is passed over. */
#ifndef DISPATCHER_IO_RETENTION_H
#define DISPATCHER_IO_RETENTION_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/message.h"

struct dispatcher;

enum {
    RETENTION_LOOK = 200, /* contacts or cases looked at in a bite, or in an answer … */
    RETENTION_JUDGED =
        16 /* … and of them, whose time is over: each costs a walk over all open cases */
};

struct retaining {
    uint64_t run; /* 0: none goes on */
    bool incidents;
    uint64_t after;
    uint64_t preserved, open; /* what stays */
    uint64_t looked_ms, erased_ms;
};

/* One bite, when it is time and nobody waits; within a turn of the loop. */
void retention_turn(struct dispatcher *dispatcher);

/* How long the loop may sleep for it at most. */
uint64_t retention_wait_ms(const struct dispatcher *dispatcher);

/* The dry run: what would go of the next part, and what stays. */
void retention_answer(struct dispatcher *dispatcher, const struct retention_query *query,
                      struct answer *answer);

#endif
