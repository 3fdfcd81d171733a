/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * course: an incident's events, one after the other, as time: who had the ball from when to when,
 * and which clocks run, with all that anybody needs to reckon their due times again. It needs the
 * trail alone: the dispatcher answers with it, an auditor runs it over an export. */
#ifndef DISPATCHER_VIEWS_COURSE_H
#define DISPATCHER_VIEWS_COURSE_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/message.h"

struct course {
    struct incident_detail *detail; /* clocks, segments and owned are filled in; borrowed */
    enum incident_state state;
    uint32_t round;
    uint64_t lead_task;
    uint64_t lead_owned_ms; /* of the lead's present task, for its air time */
    uint32_t lead;          /* its department */
    bool return_asked;
    uint64_t replied[16]; /* tasks whose reply may still be rejected: their clocks stand, unshown */
    uint32_t replied_count;
    struct owned_segment now; /* who has it */
};

/* The detail's three lists must be empty. */
void course_begin(struct course *course, struct incident_detail *detail);

/* The incident's events in their order; others are passed over. */
void course_take(struct course *course, const struct event *event);

/* Adds the segment that runs; `owned` counts it as far as at_ms, 0: not at all. */
void course_end(struct course *course, uint64_t at_ms);

#endif
