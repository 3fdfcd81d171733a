/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * post: a gateway for texts and the message centre behind it, whose receipts come late, twice or
 * never. What was handed to the centre is written down and outlives the process: no citizen gets a
 * text twice (I11). */
#ifndef TESTS_SIM_POST_H
#define TESTS_SIM_POST_H

#include "tests/sim/port.h"

/* A text it was ordered to send. */
struct posted {
    uint64_t text;
    uint64_t asked;    /* ticket of the question whether it may be sent, of this life */
    uint64_t reported; /* ticket of the report that it was */
    uint32_t citizen;
    bool sent;
    bool settled; /* the dispatcher knows that it was sent, or another post sends it */
};

struct post {
    struct sim *sim;
    struct port port;
    uint64_t next_call;
    struct posted *posted;
    uint32_t posted_count, posted_room;
};

void post_open(struct post *post, struct sim *sim, uint32_t gateway);
void post_close(struct post *post);

/* A citizen writes; digits: like a reply to a survey. */
void post_text(struct post *post, uint32_t line, uint32_t citizen, const char *words);

void post_crash(struct post *post, uint64_t for_ms);

#endif
