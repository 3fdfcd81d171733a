/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * staff: the people whose word is asked beyond the ordinary course, and what they say. */
#ifndef TESTS_STORY_STAFF_H
#define TESTS_STORY_STAFF_H

#include "tests/story/world.h"

enum {
    SUPERVISOR = 3001,
    OTHER_SUPERVISOR = 3004,
    REVIEWER = 3005,
    DIRECTOR = 3006,
    ADJUDICATOR = 3007,
    SECURITY = 3008,
    HEAD_OF_WATER = 2102
};

/* world_setup(), and these people are there; taker 1001 is on duty. */
int staffed(void **state);

void define(struct world *w, uint32_t user, enum role role, uint32_t department);

/* An order of Li's about water: registered, or signed for by department 2. */
uint64_t registered(struct world *w);
uint64_t handled(struct world *w);

struct command asking(uint32_t user, uint64_t incident, enum petition_kind kind);
enum refusal agree(struct world *w, uint32_t user, uint64_t petition);
enum refusal disagree(struct world *w, uint32_t user, uint64_t petition);

/* A command that says no more than which incident it is about. */
enum refusal about(struct world *w, uint32_t user, enum command_kind kind, uint64_t incident);

#endif
