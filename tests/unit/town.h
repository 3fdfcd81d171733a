/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * town: a stream of events as a small city makes them, the same for the same seed: lines, takers,
 * calls that are answered or given up, incidents dispatched, signed, replied, told and closed. It
 * stands in for the core where journal, views and trail are tested on their own. */
#ifndef TESTS_UNIT_TOWN_H
#define TESTS_UNIT_TOWN_H

#include "base/prng.h"
#include "proto/message.h"

enum {
    TOWN_TAKERS = 4,
    TOWN_CALLS = 8, /* in progress at once */
    TOWN_OFFSET_MIN = 480
};

struct town_call {
    uint32_t stage;
    uint64_t contact;
    uint64_t incident;
    uint64_t task;
    uint64_t offer;
    uint32_t taker;
    uint32_t line;
};

struct town {
    struct prng prng;
    uint64_t seq;
    uint64_t at_ms;
    uint32_t step_ms_max; /* an event follows the last one in less than this */
    uint64_t next_id;
    uint64_t numbers; /* incidents registered */
    uint32_t opened;  /* events of the city's set-up already made */
    bool busy[TOWN_TAKERS];
    struct town_call calls[TOWN_CALLS];
};

void town_init(struct town *town, uint64_t seed);

/* Makes the next event. *personal: what the citizen said, if the event carries it; else NULL. */
void town_next(struct town *town, struct event *event, const struct personal **personal);

#endif
