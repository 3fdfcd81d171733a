/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * forces: fire brigade and ambulances of the stories' world, their run cards, and the words in which
 * stories speak of units and plans. Each word returns the refusal or what was made.
 *
 * Fire is department 5, ambulances are 6. The fire is in cell (100, 100). Engines: 501 stands 1 km away,
 * 502 2 km, 503 3 km, 504 4 km, 505 40 km; ladder 510 at 5 km; ambulances 601 at 1 km, 602 at 2 km. */
#ifndef TESTS_STORY_FORCES_H
#define TESTS_STORY_FORCES_H

#include "tests/story/world.h"

enum {
    FIRE = 5,
    AMBULANCE = 6,
    TERMINAL_501 = 4501, /* the user that signs in from engine 501 */
    CELLS_1_KM = 4
};

/* world_setup(), and the forces stand ready. */
int forces_setup(void **state);

enum refusal define_unit(struct world *w, struct unit_row row, const char *kind);
void add_engine(struct world *w, uint32_t unit, const char *kind, uint32_t km);
void define_card(struct world *w, struct run_card_row row);

/* A fire at a cell; one in cell (100, 100), sent to the fire brigade. */
uint64_t register_fire(struct world *w, uint32_t east, uint32_t north);
uint64_t fire(struct world *w);

enum refusal report_as(struct world *w, uint32_t user, uint32_t unit, enum unit_step step);
enum refusal report(struct world *w, uint32_t unit, enum unit_step step);

/* The unit's steps up to `last`. */
void run(struct world *w, uint32_t unit, enum unit_step last);
enum refusal unable(struct world *w, uint32_t unit, enum unable_reason reason);
enum refusal place_at(struct world *w, uint32_t unit, uint32_t east, uint32_t north);
enum refusal alert(struct world *w, uint32_t unit, uint64_t incident, bool stack);
enum refusal raise_to(struct world *w, uint64_t incident, uint32_t level, bool propose);
enum refusal check_in(struct world *w, uint32_t unit);
enum refusal staff(struct world *w, uint32_t unit, uint32_t crew);
enum refusal flag(struct world *w, uint64_t incident, enum plan_flag fact);

/* The newest plan, and what it says: "501 nearest_by_distance, 502 …; engine 1 all_busy". */
const struct plan_activated *plan(const struct world *w);
void expect_plan(const struct world *w, const char *expected);

#endif
