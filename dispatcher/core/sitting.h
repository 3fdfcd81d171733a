/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * sitting: one person in one edition of a test: how many attempts were used, and what was chosen in the last one.
 * An attempt is open until it is handed in or its time is over; a call does not stop its clock, and whoever was
 * called away has it struck by a supervisor. */
#ifndef DISPATCHER_CORE_SITTING_H
#define DISPATCHER_CORE_SITTING_H

#include "dispatcher/core/decision.h"

struct sitting {
    uint64_t attempt; /* the last one */
    uint32_t exam, user;
    uint32_t used; /* attempts that count */
    bool passed;
    bool struck;                         /* the last one does not count */
    uint64_t until_ms;                   /* the attempt is open until then; 0: it is closed */
    uint64_t chosen[EXAM_QUESTIONS_MAX]; /* blind indexes; 0: not answered */
    struct sitting *next;                /* of the same test */
    struct deadline deadline;
};

enum refusal decide_exam_begin(struct decision *decision);
enum refusal decide_exam_answer(struct decision *decision);
enum refusal decide_exam_hand_in(struct decision *decision);
enum refusal decide_exam_strike(struct decision *decision);

/* Its time is over. */
void sitting_due(struct decision *decision, const struct sitting *sitting);

/* Nobody sits there any longer; attempts that are open go on to their end. */
void sittings_clear(struct core *core, struct exam *exam);

void apply_exam_begun(struct core *core, const struct event *event);
void apply_exam_answered(struct core *core, const struct event *event);
void apply_exam_closed(struct core *core, const struct event *event);
void apply_exam_struck(struct core *core, const struct event *event);

#endif
