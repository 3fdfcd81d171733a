/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ladder: warning and escalation. One table for work orders, one for emergencies; each rung says when
 * it is climbed, what it asks for and until when, and who hears of it. A rung is climbed once per
 * clock, at its time, as an event with its own deadline; it never moves a clock. Golden:
 * tests/golden/ladder.txt. */
#ifndef DISPATCHER_CORE_LADDER_H
#define DISPATCHER_CORE_LADDER_H

#include "dispatcher/core/decision.h"

enum rung_when {
    RUNG_PERCENT, /* of the clock's length: value */
    RUNG_YELLOW,  /* the class's percent */
    RUNG_ORANGE,
    RUNG_PARAMETER, /* percent: parameter `value` */
    RUNG_AFTER,     /* behind the due time: parameter `value` */
    RUNG_ROUND,     /* at once in a further round */
    RUNG_RETURNS,   /* sent back too often before */
    RUNG_CALLERS,   /* this many contacts about it: parameter `value` */
    RUNG_MISSED     /* the demand of the rung below was not answered in time */
};

enum rung_until {
    RUNG_NEVER,  /* no deadline of its own */
    RUNG_DUE,    /* the clock's due time */
    RUNG_ANSWER, /* the urge's answering time */
    RUNG_CLASS_V /* the reply limit of a supervised order */
};

struct rung {
    enum ladder_level level;
    enum clock_kind clock;
    enum rung_when when;
    uint32_t value;
    enum ladder_cause cause;
    enum demand demand;
    enum rung_until until;
    uint32_t told; /* bits (1 << recipient) */
};

/* The rungs of a class; count is 0 for one without a ladder. */
const struct rung *ladder_rungs(enum sla_class sla, uint32_t *count);

/* The class's percents, as its row or else the starter table says; 0: no such rung. */
uint32_t ladder_percent(const struct core *core, enum sla_class sla, enum rung_when when);

/* The next rung of the task that is to be climbed, and when; NULL and NEVER: none. */
const struct rung *ladder_next(const struct core *core, const struct task *task, uint64_t *due_ms);

void ladder_climb(struct decision *decision, const struct task *task, const struct rung *rung,
                  uint64_t due_ms);

/* A person orders it, whatever the time: the level's demand with its deadline. Returns false when the
 * ladder has no such level, or it was climbed already. */
bool ladder_order(struct decision *decision, const struct task *task, enum ladder_level level);

/* When the answer to a person's urge is due; 0: the class wants none, or a higher level waits for one. */
uint64_t ladder_urge_due(const struct decision *decision, const struct task *task);

/* The highest rung below VERY_LATE among these bits. */
enum ladder_level ladder_highest(uint32_t climbed);

/* What is demanded of the task is there. */
struct event *ladder_answered(struct decision *decision, const struct task *task);

enum refusal decide_demand_answer(struct decision *decision);

void apply_ladder_climbed(struct core *core, const struct event *event);
void apply_demand_answered(struct core *core, const struct event *event);

#endif
