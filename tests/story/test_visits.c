/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of citizens on the page about their own order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/story/world.h"

/* The dispatcher compared the code and found the order. */
static enum refusal visit(struct world *w, uint64_t incident, enum visit_act act,
                          enum degree solved, bool words)
{
    struct command command = { .kind = COMMAND_CITIZEN_VISIT,
                               .actor_kind = ACTOR_KIND_SYSTEM,
                               .has_personal = words };
    command.citizen_visit = (struct citizen_visit){ .act = act,
                                                    .incident = incident,
                                                    .contacted = solved ? DEGREE_YES : DEGREE_NONE,
                                                    .solved = solved,
                                                    .satisfied = solved };
    return world_send(w, command);
}

static uint64_t handled_incident(struct world *w)
{
    on_duty(w, 1002);
    uint64_t contact = talk(w, 12345, LI);
    uint64_t incident = register_incident(w, 1002, contact, 20100);
    assert_int_equal(finish(w, 1002, contact), REFUSAL_NONE);
    assert_int_equal(dispatch(w, incident, 2, 0), REFUSAL_NONE);
    assert_int_equal(sign(w, task_at(w, incident, 2)), REFUSAL_NONE);
    return incident;
}

static void each_look_stands_in_the_trail(void **state)
{
    struct world *w = *state;
    uint64_t incident = handled_incident(w);
    assert_int_equal(visit(w, incident, VISIT_ACT_LOOK, DEGREE_NONE, false), REFUSAL_NONE);
    const struct event *event = last_event(w, EVENT_CITIZEN_VISITED);
    assert_int_equal(event->incident, incident);
    assert_int_equal(event->citizen_visited.act, VISIT_ACT_LOOK);
    assert_int_equal(visit(w, incident + 1000, VISIT_ACT_LOOK, DEGREE_NONE, false),
                     REFUSAL_NO_SUCH_INCIDENT);
    assert_int_equal(count_events(w, EVENT_CITIZEN_VISITED), 1);
    world_skip(w);
}

static void facts_are_sealed_beside_the_visit_and_end_the_waiting_for_them(void **state)
{
    struct world *w = *state;
    on_duty(w, 1002);
    uint64_t contact = talk(w, 12345, LI);
    uint64_t incident = register_incident(w, 1002, contact, 20100);
    assert_int_equal(visit(w, incident, VISIT_ACT_ADD, DEGREE_NONE, false), REFUSAL_INCOMPLETE);
    assert_int_equal(visit(w, incident, VISIT_ACT_ADD, DEGREE_NONE, true), REFUSAL_NONE);
    assert_true(last_event(w, EVENT_CITIZEN_VISITED)->has_personal);
    struct command ask = from_user(1002, COMMAND_INCIDENT_ASK_INFO);
    ask.incident_ask_info =
        (struct incident_ask_info){ .incident = incident, .missing = 1U << FACT_PLACE };
    assert_int_equal(world_send(w, ask), REFUSAL_NONE);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_PENDING_INFO);
    assert_int_equal(visit(w, incident, VISIT_ACT_ADD, DEGREE_NONE, true), REFUSAL_NONE);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_REGISTERED);
    world_skip(w);
}

static void a_rating_on_the_page_counts_as_one_by_text(void **state)
{
    struct world *w = *state;
    uint64_t incident = told_incident(w);
    assert_int_equal(visit(w, incident, VISIT_ACT_RATE, DEGREE_NONE, false), REFUSAL_MALFORMED);
    assert_int_equal(visit(w, incident, VISIT_ACT_RATE, DEGREE_NO, false), REFUSAL_NONE);
    assert_int_equal(last_event(w, EVENT_SURVEY_ANSWERED)->survey_answered.channel, CHANNEL_WEB);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_REDO);
    assert_int_equal(visit(w, incident, VISIT_ACT_RATE, DEGREE_YES, false), REFUSAL_WRONG_STATE);
    world_skip(w);
}

static void reopening_urging_and_withdrawing_follow_the_rules_of_everybody(void **state)
{
    struct world *w = *state;
    uint64_t incident = handled_incident(w);
    assert_int_equal(visit(w, incident, VISIT_ACT_REOPEN, DEGREE_NONE, true), REFUSAL_WRONG_STATE);
    assert_int_equal(count_events(w, EVENT_CITIZEN_VISITED), 0);
    assert_int_equal(visit(w, incident, VISIT_ACT_URGE, DEGREE_NONE, false), REFUSAL_NONE);
    assert_true(last_event(w, EVENT_INCIDENT_URGED)->incident_urged.citizen);
    assert_int_equal(visit(w, incident, VISIT_ACT_WITHDRAW, DEGREE_NONE, false), REFUSAL_NONE);
    assert_int_equal(last_event(w, EVENT_PETITION_ASKED)->petition_asked.kind,
                     PETITION_KIND_WITHDRAWAL);
    assert_int_equal(visit(w, incident, VISIT_ACT_WITHDRAW, DEGREE_NONE, false), REFUSAL_ALREADY);
    world_skip(w);
}

static void a_closed_order_is_opened_again(void **state)
{
    struct world *w = *state;
    uint64_t incident = told_incident(w);
    assert_int_equal(survey(w, incident, DEGREE_YES), REFUSAL_NONE);
    assert_int_equal(visit(w, incident, VISIT_ACT_ADD, DEGREE_NONE, true), REFUSAL_WRONG_STATE);
    assert_int_equal(visit(w, incident, VISIT_ACT_REOPEN, DEGREE_NONE, true), REFUSAL_NONE);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_REDO);
    world_skip(w);
}

static void an_emergency_and_a_person_at_a_seat_have_no_such_page(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 110, LI);
    uint64_t incident = register_incident(w, 1001, contact, 10100);
    assert_int_equal(visit(w, incident, VISIT_ACT_LOOK, DEGREE_NONE, false),
                     REFUSAL_NO_SUCH_INCIDENT);
    struct command command = from_user(3001, COMMAND_CITIZEN_VISIT);
    command.citizen_visit = (struct citizen_visit){ .act = VISIT_ACT_LOOK, .incident = incident };
    assert_int_equal(world_send(w, command), REFUSAL_NOT_ALLOWED);
    world_skip(w);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(each_look_stands_in_the_trail),
        STORY(facts_are_sealed_beside_the_visit_and_end_the_waiting_for_them),
        STORY(a_rating_on_the_page_counts_as_one_by_text),
        STORY(reopening_urging_and_withdrawing_follow_the_rules_of_everybody),
        STORY(a_closed_order_is_opened_again),
        STORY(an_emergency_and_a_person_at_a_seat_have_no_such_page),
    };
    return cmocka_run_group_tests_name("visits", tests, NULL, NULL);
}
