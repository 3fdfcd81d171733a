/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Closed incidents leave memory and come back when somebody asks for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "dispatcher/core/state.h"
#include "tests/story/world.h"

/* What dispatcher/io does for a number that the core does not hold. */
static enum refusal bring_back(struct world *w, uint64_t incident)
{
    struct command back = from_system(COMMAND_INCIDENT_RETURN);
    for (uint32_t i = 0; i < w->history_count; i++)
        if (w->history[i].kind == EVENT_INCIDENT_LEFT && w->history[i].incident == incident) {
            back.incident_return.has_row = true;
            back.incident_return.row = w->history[i].incident_left.row;
        }
    return world_send(w, back);
}

static enum refusal reopen(struct world *w, uint64_t incident)
{
    struct command command = from_user(1001, COMMAND_INCIDENT_REOPEN);
    command.incident_reopen.incident = incident;
    return world_send(w, command);
}

static uint64_t closed_incident(struct world *w)
{
    uint64_t incident = told_incident(w);
    assert_int_equal(survey(w, incident, DEGREE_YES), REFUSAL_NONE);
    return incident;
}

static void a_closed_incident_stays_until_its_place_is_needed(void **state)
{
    struct world *w = *state;
    uint64_t first = closed_incident(w);
    world_wait(w, MINUTE);
    uint64_t contact = talk(w, 12345, WANG);
    for (uint32_t i = 1; i < 57; i++)
        assert_true(register_incident(w, 1001, contact, 20100));
    assert_true(core_holds_incident(w->core, first)); /* 57 of 64 */
    assert_true(register_incident(w, 1001, contact, 20100));
    assert_false(core_holds_incident(w->core, first));
}

static void it_leaves_after_its_time_with_whatever_happens_next(void **state)
{
    struct world *w = *state;
    uint64_t incident = closed_incident(w);
    world_wait(w, MINUTE); /* the taker's wrap-up ends */
    assert_int_equal(set_parameter(w, PARAMETER_CLOSED_STAY_MS, HOUR), REFUSAL_NONE);
    world_wait(w, 59 * MINUTE - 1);
    assert_int_equal(world_send(w, from_system(COMMAND_TICK)), REFUSAL_NONE);
    assert_true(core_holds_incident(w->core, incident));
    world_wait(w, 1);
    world_skip(w);
    assert_int_equal(world_send(w, from_system(COMMAND_TICK)), REFUSAL_NONE);
    world_expect(w, "[3600.0] incident_left\n");
    assert_false(core_holds_incident(w->core, incident));
}

static void what_left_is_brought_back_and_reopened(void **state)
{
    struct world *w = *state;
    uint64_t incident = closed_incident(w);
    struct incident before = *core_incident(w->core, incident);
    assert_int_equal(set_parameter(w, PARAMETER_CLOSED_STAY_MS, 1), REFUSAL_NONE);
    world_wait(w, MINUTE);
    assert_int_equal(world_send(w, from_system(COMMAND_TICK)), REFUSAL_NONE);
    assert_int_equal(reopen(w, incident), REFUSAL_NO_SUCH_INCIDENT);
    assert_int_equal(set_parameter(w, PARAMETER_CLOSED_STAY_MS, DAY), REFUSAL_NONE);
    world_skip(w);
    assert_int_equal(bring_back(w, incident), REFUSAL_NONE);
    world_expect(w, "[60.0] incident_returned\n");
    const struct incident *after = core_incident(w->core, incident);
    assert_true(after->number == before.number && after->closed_ms == before.closed_ms);
    assert_true(after->state == before.state && after->round == before.round);
    world_skip(w);
    assert_int_equal(reopen(w, incident), REFUSAL_NONE);
    world_expect(w, "[60.0] incident_moved step=reopen from=closed to=redo round=2\n"
                    "[60.0] clock_started clock=dispatch\n"
                    "[60.0] text_ordered template=redo\n");
    assert_int_equal(dispatch(w, incident, 2, 0), REFUSAL_NONE);
    assert_int_equal(sign(w, task_at(w, incident, 2)), REFUSAL_NONE);
}

static void what_is_in_memory_or_open_or_unknown_does_not_return(void **state)
{
    struct world *w = *state;
    uint64_t incident = closed_incident(w);
    struct command back = from_system(COMMAND_INCIDENT_RETURN);
    struct closed_incident *row = &back.incident_return.row;
    assert_int_equal(world_send(w, back), REFUSAL_MALFORMED);
    back.incident_return.has_row = true;
    *row = (struct closed_incident){ .incident = incident, .state = INCIDENT_STATE_CLOSED };
    assert_int_equal(world_send(w, back), REFUSAL_ALREADY);
    row->incident = w->base + 1000000;
    assert_int_equal(world_send(w, back), REFUSAL_MALFORMED);
    row->incident = incident;
    row->state = INCIDENT_STATE_HANDLING;
    assert_int_equal(world_send(w, back), REFUSAL_MALFORMED);
    back.actor_kind = ACTOR_KIND_USER;
    back.actor = 3001;
    assert_int_equal(world_send(w, back), REFUSAL_NOT_ALLOWED);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_closed_incident_stays_until_its_place_is_needed),
        STORY(it_leaves_after_its_time_with_whatever_happens_next),
        STORY(what_left_is_brought_back_and_reopened),
        STORY(what_is_in_memory_or_open_or_unknown_does_not_return),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
