/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * survive: what a simulated gateway for calls does while no dispatcher answers (docs/decisions/0019-survival.md). The
 * rules are the real gateway's own: gateways/trunk/plan_turn.h, dial_plan.h, proto/survival.h; the telephones
 * are people here: they answer, do not, or talk with somebody else. */
#ifndef TESTS_SIM_SURVIVE_H
#define TESTS_SIM_SURVIVE_H

#include "tests/sim/trunk.h"

/* A line's plan: some takers, an overflow number, or nobody. */
void survive_row(struct sim *sim, struct line_row *row);

void survive_open(struct trunk *trunk);
void survive_close(struct trunk *trunk);

/* The lines as a dispatcher told them; a telephone that registered here. */
void survive_take_plan(struct trunk *trunk, const struct setup *setup);
void survive_learn(struct trunk *trunk, uint32_t user, const char *phone);

/* From now on the gateway notices when nobody answers it. */
void survive_listen(struct trunk *trunk);

/* A dispatcher is there again: it hears of all who are here. */
void survive_over(struct trunk *trunk);

/* The call is over, or somebody has it: what rings for it by plan stops. */
void survive_stop(struct trunk *trunk, const struct call *call);

/* The dispatcher wants this telephone for this caller: what the plan makes it ring for waits for another. */
void survive_yield(struct trunk *trunk, const struct call *call, const char *phone);

/* Their telephone is in use by what began without a dispatcher, at any gateway. */
bool survive_engages(const struct sim *sim, uint32_t user);

/* Says who answered, and when; again, when it was said before. */
void survive_report(struct trunk *trunk, struct call *call);

/* The gateway is about to say this by mistake; false: of a call that nobody knows. */
bool survive_slip(struct trunk *trunk, const struct contact_survive *said);

#endif
