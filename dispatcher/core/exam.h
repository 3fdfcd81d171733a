/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * exam: tests of what a role must know (docs/decisions/0046-exams.md). A test is drafted, written question by
 * question and opened; a change makes another edition, with attempts of its own. Nothing else is decided by what
 * somebody knew: no offer ever looks here. */
#ifndef DISPATCHER_CORE_EXAM_H
#define DISPATCHER_CORE_EXAM_H

#include "dispatcher/core/decision.h"
#include "dispatcher/core/sitting.h"

/* NULL: there is none of that number. */
const struct exam *core_exam(const struct core *core, uint32_t number);

/* How many questions it has. */
uint32_t exam_questions(const struct exam *exam);

enum refusal decide_exam_draft(struct decision *decision);
enum refusal decide_exam_write(struct decision *decision);
enum refusal decide_exam_open(struct decision *decision);
enum refusal decide_exam_end(struct decision *decision);

void apply_exam_drafted(struct core *core, const struct event *event);
void apply_exam_written(struct core *core, const struct event *event);
void apply_exam_opened(struct core *core, const struct event *event);
void apply_exam_ended(struct core *core, const struct event *event);

#endif
