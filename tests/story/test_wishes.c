/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of citizens who ask for something by a word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/story/world.h"

/* A text that the dispatcher read as this wish about this incident. */
static uint64_t wish_in(struct world *w, uint32_t line, uint64_t caller, enum citizen_wish wish,
                        uint64_t incident)
{
    struct command command = from_gateway(3, COMMAND_CONTACT_ARRIVE);
    command.caller = caller;
    command.contact_arrive = (struct contact_arrive){ .call = w->next_call++,
                                                      .line = line,
                                                      .channel = CHANNEL_SMS,
                                                      .wish = wish,
                                                      .incident = incident };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    return w->verdict.contact;
}

static bool by_rule(const struct world *w, uint64_t contact)
{
    const struct event *event = last_event(w, EVENT_CONTACT_ENDED);
    return event && event->contact == contact &&
           event->contact_ended.cause == END_CAUSE_ANSWERED_BY_RULE;
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

static void the_state_of_ones_own_order_is_told(void **state)
{
    struct world *w = *state;
    uint64_t incident = handled_incident(w);
    uint64_t contact = wish_in(w, 12345, LI, CITIZEN_WISH_STATUS, incident);
    assert_true(by_rule(w, contact));
    assert_int_equal(last_event(w, EVENT_TEXT_ORDERED)->text_ordered.template, TEMPLATE_STATUS);
    assert_int_equal(last_event(w, EVENT_TEXT_ORDERED)->incident, incident);
    contact = wish_in(w, 12345, WANG, CITIZEN_WISH_STATUS, incident); /* somebody else's */
    assert_false(by_rule(w, contact));
    contact = wish_in(w, 12345, ZHAO, CITIZEN_WISH_STATUS, 0); /* has none */
    assert_false(by_rule(w, contact));
    world_skip(w);
}

static void urging_and_withdrawing_follow_the_rules_of_everybody(void **state)
{
    struct world *w = *state;
    uint64_t incident = handled_incident(w);
    assert_true(by_rule(w, wish_in(w, 12345, LI, CITIZEN_WISH_URGE, incident)));
    assert_true(last_event(w, EVENT_INCIDENT_URGED)->incident_urged.citizen);
    assert_int_equal(last_event(w, EVENT_TEXT_ORDERED)->text_ordered.template, TEMPLATE_URGED);
    assert_true(by_rule(w, wish_in(w, 12345, LI, CITIZEN_WISH_WITHDRAW, incident)));
    assert_int_equal(last_event(w, EVENT_PETITION_ASKED)->petition_asked.kind,
                     PETITION_KIND_WITHDRAWAL);
    /* It waits for a person's word already: the second one goes to a person. */
    uint64_t contact = wish_in(w, 12345, LI, CITIZEN_WISH_WITHDRAW, incident);
    assert_false(by_rule(w, contact));
    assert_int_equal(count_events(w, EVENT_PETITION_ASKED), 1);
    world_skip(w);
}

static void a_closed_order_is_reopened_and_an_open_one_goes_to_a_person(void **state)
{
    struct world *w = *state;
    uint64_t incident = told_incident(w);
    assert_int_equal(survey(w, incident, DEGREE_YES), REFUSAL_NONE);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_CLOSED);
    assert_true(by_rule(w, wish_in(w, 12345, LI, CITIZEN_WISH_REOPEN, incident)));
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_REDO);
    assert_int_equal(last_event(w, EVENT_TEXT_ORDERED)->text_ordered.template, TEMPLATE_REOPENED);
    assert_false(by_rule(w, wish_in(w, 12345, LI, CITIZEN_WISH_REOPEN, incident)));
    world_skip(w);
}

static void nothing_is_done_by_rule_on_an_emergency_line(void **state)
{
    struct world *w = *state;
    uint64_t contact = wish_in(w, 110, LI, CITIZEN_WISH_HELP, 0); /* "help" to the police */
    assert_false(by_rule(w, contact));
    assert_int_equal(last_event(w, EVENT_TEXT_ORDERED)->text_ordered.template,
                     TEMPLATE_EMERGENCY_RECEIVED);
    contact = wish_in(w, 12345, LI, CITIZEN_WISH_HELP, 0);
    assert_true(by_rule(w, contact));
    assert_int_equal(last_event(w, EVENT_TEXT_ORDERED)->text_ordered.template, TEMPLATE_HELP);
    contact = wish_in(w, 12345, 0, CITIZEN_WISH_HELP, 0); /* no number to answer */
    assert_false(by_rule(w, contact));
    world_skip(w);
}

static void who_unsubscribes_is_told_results_and_asked_by_a_person(void **state)
{
    struct world *w = *state;
    assert_true(by_rule(w, wish_in(w, 12345, LI, CITIZEN_WISH_UNSUBSCRIBE, 0)));
    assert_true(by_rule(w, wish_in(w, 12345, LI, CITIZEN_WISH_UNSUBSCRIBE, 0)));
    assert_int_equal(count_events(w, EVENT_MARK_SET), 1);
    uint64_t incident = told_incident(w);
    assert_int_equal(last_text(w, TEMPLATE_SURVEY), 0);
    assert_int_not_equal(last_text(w, TEMPLATE_RESULT), 0);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_REVISIT);
    assert_true(by_rule(w, wish_in(w, 12345, LI, CITIZEN_WISH_SUBSCRIBE, 0)));
    assert_int_equal(last_event(w, EVENT_MARK_ENDED)->mark_ended.reason, MARK_END_REASON_CITIZEN);
    world_skip(w);
}

static void in_a_conversation_a_person_reads_every_word(void **state)
{
    struct world *w = *state;
    uint64_t incident = handled_incident(w);
    uint64_t contact = text_in(w, 12345, LI);
    assert_int_equal(wish_in(w, 12345, LI, CITIZEN_WISH_URGE, incident), contact);
    assert_int_equal(count_events(w, EVENT_INCIDENT_URGED), 0);
    world_skip(w);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(the_state_of_ones_own_order_is_told),
        STORY(urging_and_withdrawing_follow_the_rules_of_everybody),
        STORY(a_closed_order_is_reopened_and_an_open_one_goes_to_a_person),
        STORY(nothing_is_done_by_rule_on_an_emergency_line),
        STORY(who_unsubscribes_is_told_results_and_asked_by_a_person),
        STORY(in_a_conversation_a_person_reads_every_word),
    };
    return cmocka_run_group_tests_name("wishes", tests, NULL, NULL);
}
