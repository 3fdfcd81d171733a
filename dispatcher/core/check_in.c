/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/check_in.h"

#include "base/require.h"
#include "dispatcher/core/unit.h"

enum {
    AGAIN_PART = 4,  /* a missed check-in is called again after this part of the interval … */
    AGAIN_MS = 60000 /* … or a minute, whichever is longer */
};

/* Working where it is dangerous: a fire crew once it is deployed; others at a scene whose run card
 * says so. */
static bool is_in_danger(const struct unit *unit, enum unit_state state)
{
    if (unit->row.machine == UNIT_MACHINE_ENGINE)
        return state == UNIT_STATE_DEPLOYED || state == UNIT_STATE_WATER_ON ||
               state == UNIT_STATE_UNDER_CONTROL;
    return state == UNIT_STATE_ARRIVED;
}

static uint64_t interval_ms(const struct core *core, const struct unit *unit)
{
    const struct scene *scene = core_scene(core, unit->incident);
    if (scene && scene->check_in_ms)
        return scene->check_in_ms;
    return unit->row.machine == UNIT_MACHINE_ENGINE ? core->parameters[PARAMETER_CHECK_IN_MS] : 0;
}

uint64_t check_in_due_ms(const struct decision *decision, const struct unit *unit,
                         enum unit_state to)
{
    uint64_t length_ms = interval_ms(decision->core, unit);
    if (!unit->incident || !is_in_danger(unit, to) || length_ms == 0)
        return 0;
    return unit->check_in_ms ? unit->check_in_ms : decision->at_ms + length_ms;
}

void check_in_asked(struct core *core, struct scene *scene, uint64_t due_ms)
{
    for (struct unit *unit = list_first(&scene->units); unit;
         unit = list_next(&scene->units, &unit->of_scene)) {
        if (!is_in_danger(unit, unit->state) || (unit->check_in_ms && unit->check_in_ms <= due_ms))
            continue;
        unit->check_in_ms = due_ms;
        unit_refile(core, unit);
    }
}

void check_in_missed(struct decision *decision, const struct unit *unit)
{
    REQUIRE(unit->check_in_ms && unit->check_in_ms <= decision->at_ms);
    uint64_t again_ms = interval_ms(decision->core, unit) / AGAIN_PART;
    struct event *event = unit_event(decision, EVENT_CHECK_IN_MISSED, unit, unit->incident);
    event->check_in_missed.unit = unit->row.unit;
    event->check_in_missed.due_ms = unit->check_in_ms;
    event->check_in_missed.next_due_ms =
        decision->at_ms + (again_ms > AGAIN_MS ? again_ms : AGAIN_MS);
}

enum refusal decide_unit_check_in(struct decision *decision)
{
    const struct unit *unit;
    enum refusal refusal = unit_find(decision, decision->command->unit_check_in.unit, &unit);
    if (refusal)
        return refusal;
    if (!unit->check_in_ms)
        return REFUSAL_WRONG_STATE;
    struct event *event = unit_event(decision, EVENT_CHECKED_IN, unit, unit->incident);
    event->checked_in.unit = unit->row.unit;
    uint64_t length_ms = interval_ms(decision->core, unit);
    event->checked_in.next_due_ms = length_ms ? decision->at_ms + length_ms : 0;
    return REFUSAL_NONE;
}

static void set(struct core *core, uint32_t number, uint64_t due_ms, bool missed)
{
    struct unit *unit = core_unit(core, number);
    REQUIRE(unit);
    unit->check_in_ms = due_ms;
    unit->check_in_missed = missed;
    unit_refile(core, unit);
}

void apply_check_in_missed(struct core *core, const struct event *event)
{
    set(core, event->check_in_missed.unit, event->check_in_missed.next_due_ms, true);
}

void apply_checked_in(struct core *core, const struct event *event)
{
    set(core, event->checked_in.unit, event->checked_in.next_due_ms, false);
}

void apply_mayday_called(struct core *core, const struct event *event)
{
    core_unit(core, event->mayday_called.unit)->mayday = true;
}

void apply_mayday_ended(struct core *core, const struct event *event)
{
    core_unit(core, event->mayday_ended.unit)->mayday = false;
}
