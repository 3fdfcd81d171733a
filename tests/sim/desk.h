/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * desk: a call taker's seat and the person on it. They come for their shift, answer, miss, decline,
 * wander off, write the record, and go home. */
#ifndef TESTS_SIM_DESK_H
#define TESTS_SIM_DESK_H

#include "proto/message.h"

struct sim;

enum {
    DESKS_MAX = 300
};

struct desk {
    struct sim *sim;
    uint32_t user;
    uint64_t contact; /* in hand */
    bool on, away;    /* as the screen says */
};

void desk_open(struct desk *desk, struct sim *sim, uint32_t user, uint32_t place);

/* What the screens show. */
void desks_see(struct sim *sim, const struct event *event);

/* Everybody comes and does their duty. */
void desks_heal(struct sim *sim);

#endif
