/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * exam_register: what the core holds of tests and of those who take them. What is right is here as a blind index
 * alone: equal sets of options of one question have equal ones, and only the dispatcher's key tells which. */
#ifndef DISPATCHER_CORE_EXAM_REGISTER_H
#define DISPATCHER_CORE_EXAM_REGISTER_H

#include <stdbool.h>
#include <stdint.h>

#include "dispatcher/core/index.h"
#include "proto/message.h"

enum {
    EXAMS_MAX = 256,        /* ever: numbers are not used twice */
    EXAMS_HOLDING_MAX = 32, /* at one time, drafts too */
    EXAM_QUESTIONS_MAX = 20,
    EXAM_OPTIONS_MIN = 2,
    EXAM_OPTIONS_MAX = 6,
    EXAM_PASS = 80, /* percent, unless the test says otherwise; the next two likewise */
    EXAM_ATTEMPTS = 2,
    EXAM_MINUTES = 60,
    EXAM_ATTEMPTS_MAX = 10,
    EXAM_MINUTES_MAX = 480,  /* a shift */
    SITTINGS_MAX = 32768,    /* persons' standings in tests that hold; then REFUSAL_LIMIT */
    SITTINGS_OPEN_MAX = 2048 /* attempts under way; then REFUSAL_LIMIT */
};
_Static_assert(EXAM_QUESTIONS_MAX == sizeof(((struct exam_closed *)0)->wrong) / sizeof(uint32_t),
               "every question can be wrong");
_Static_assert((unsigned)EXAMS_MAX <= (unsigned)INDEX_OWNER_MAX, "a sitting is found by its test");

struct exam_question {
    uint64_t right; /* blind index; 0: there is no such question */
    uint32_t article;
    uint32_t time; /* how often it was written */
};

struct sitting;

struct exam {
    uint32_t edition;
    enum exam_state state;
    enum role role; /* NONE: everybody */
    uint32_t department, line;
    uint32_t pass, attempts, minutes;
    uint64_t from_ms, due_ms;
    uint32_t open; /* attempts under way */
    struct exam_question questions[EXAM_QUESTIONS_MAX];
    struct sitting *sittings; /* of this edition */
};

struct exam_register {
    uint32_t count;   /* ever begun; number n is in place n - 1 */
    uint32_t holding; /* of them not ended */
    uint32_t open;    /* attempts under way in all of them */
    struct exam all[EXAMS_MAX];
};

#endif
