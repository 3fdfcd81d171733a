/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * exam: which options of a test's question are right, or were chosen, leaves the dispatcher and reaches its journal as
 * a blind index alone: the core marks by comparing two of them. Who may know is told by trying the few sets of options
 * there can be (docs/decisions/0046-exams.md). */
#ifndef DISPATCHER_IO_EXAM_H
#define DISPATCHER_IO_EXAM_H

#include <stdint.h>

#include "proto/message.h"

struct core;

enum {
    EXAM_KEY_BYTES = 32
};

/* From the home's blind key, which no other purpose ever shows. */
void exam_key(const uint8_t blind_key[32], uint8_t key[EXAM_KEY_BYTES]);

/* Puts the blind index in the place of the options, before the core sees the command. MALFORMED: a set of options that
 * this kind of question cannot have. Other commands pass. */
enum refusal exam_blind(const uint8_t key[EXAM_KEY_BYTES], const struct core *core,
                        struct command *command);

/* Answers an exam_marks query. */
void exam_answer_marks(const uint8_t key[EXAM_KEY_BYTES], const struct core *core,
                       const struct exam_marks_query *query, struct answer *answer);

#endif
