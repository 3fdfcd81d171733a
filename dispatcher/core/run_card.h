/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * run_card: response plans as data (ops/city/runcards.csv): for which incidents, and how many units of
 * which kind at each alarm level. Levels are additive: raising an alarm to level 3 sends what level 3
 * itself asks for, not what level 2 would have.
 *
 * Of several cards that fit, the most particular one counts, so that an exception (this building,
 * a high-rise, this district) needs no change of the rule. */
#ifndef DISPATCHER_CORE_RUN_CARD_H
#define DISPATCHER_CORE_RUN_CARD_H

#include "dispatcher/core/decision.h"

enum {
    RUN_CARD_LEVELS = 10 /* of one card: run_card is card × 10 + level, level 1 … 9 */
};

/* The first level of the incident's card, NULL when none fits. */
const struct run_card *run_card_of(const struct core *core, const struct incident *incident,
                                   uint64_t at_ms);

/* The card's row of this level, NULL when it has none. */
const struct run_card *run_card_level(const struct core *core, uint32_t card, uint32_t level);

enum refusal decide_run_card_define(struct decision *decision);
void apply_run_card_defined(struct core *core, const struct event *event);

enum refusal decide_incident_flag(struct decision *decision);
void apply_incident_flagged(struct core *core, const struct event *event);

#endif
