/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who learns what of a citizen: what lies open, what is revealed for a purpose, what stays sealed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/story/world.h"

enum {
    NUMBER = 1 << PERSONAL_FIELD_NUMBER,
    NAME = 1 << PERSONAL_FIELD_NAME,
    ADDRESS = 1 << PERSONAL_FIELD_ADDRESS,
    TEXT = 1 << PERSONAL_FIELD_TEXT,
    POSITION = 1 << PERSONAL_FIELD_POSITION,
    RECORDING = 1 << PERSONAL_FIELD_RECORDING
};

static enum refusal reveal(struct world *w, uint32_t user, uint64_t subject,
                           enum read_reason reason, uint32_t fields, enum read_purpose purpose)
{
    struct command command = from_user(user, COMMAND_PERSONAL_READ);
    command.personal_read.subject = subject;
    command.personal_read.reason = reason;
    command.personal_read.fields = fields;
    command.personal_read.purpose = purpose;
    return world_send(w, command);
}

static enum refusal look(struct world *w, uint32_t user, uint64_t subject, enum read_reason reason)
{
    return reveal(w, user, subject, reason, 0, READ_PURPOSE_NONE);
}

static const struct personal_was_read *read_last(const struct world *w)
{
    return &last_event(w, EVENT_PERSONAL_WAS_READ)->personal_was_read;
}

/* Wang's complaint about water, with the water department 2; the roads department 3 takes note. */
static uint64_t complaint(struct world *w, enum secrecy secrecy, bool anonymous)
{
    on_duty(w, 1001);
    struct command command = from_user(1001, COMMAND_INCIDENT_REGISTER);
    command.incident_register.contact = talk(w, 12345, WANG);
    command.incident_register.category = 20100;
    command.incident_register.secrecy = secrecy;
    command.incident_register.anonymous = anonymous;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    uint64_t incident = w->verdict.incident;
    assert_int_equal(dispatch(w, incident, 2, 0), REFUSAL_NONE);
    return incident;
}

static void a_taker_sees_the_number_of_the_own_live_contact(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, WANG);
    assert_int_equal(look(w, 1001, contact, READ_REASON_ANSWERING), REFUSAL_NONE);
    assert_int_equal(read_last(w)->fields, NUMBER | NAME | ADDRESS | TEXT | POSITION);
    assert_int_equal(read_last(w)->masked, 0);
    assert_int_equal(hang_up(w, contact, END_CAUSE_CALLER), REFUSAL_NONE);
    assert_int_equal(finish_wrap_up(w, 1001), REFUSAL_NONE);
    assert_int_equal(look(w, 1001, contact, READ_REASON_ANSWERING), REFUSAL_NONE);
    assert_int_equal(read_last(w)->masked, NUMBER); /* it is over */
    assert_int_equal(reveal(w, 1001, contact, READ_REASON_ANSWERING, NUMBER, READ_PURPOSE_NONE),
                     REFUSAL_REASON_MISSING);
    assert_int_equal(
        reveal(w, 1001, contact, READ_REASON_ANSWERING, NUMBER, READ_PURPOSE_CALL_BACK),
        REFUSAL_NONE);
    assert_int_equal(read_last(w)->fields, NUMBER); /* nothing that was not asked for */
    assert_int_equal(read_last(w)->purpose, READ_PURPOSE_CALL_BACK);
    world_skip(w);
}

static void a_department_learns_what_to_do_and_not_who_complained(void **state)
{
    struct world *w = *state;
    uint64_t incident = complaint(w, SECRECY_OPEN, false);
    assert_int_equal(look(w, 2002, incident, READ_REASON_HANDLING), REFUSAL_NONE);
    assert_int_equal(read_last(w)->fields, ADDRESS | TEXT);
    assert_int_equal(read_last(w)->masked, NUMBER);
    assert_int_equal(reveal(w, 2002, incident, READ_REASON_HANDLING, NAME, READ_PURPOSE_VISIT),
                     REFUSAL_NOT_ALLOWED);
    assert_int_equal(reveal(w, 2002, incident, READ_REASON_HANDLING, POSITION, READ_PURPOSE_VISIT),
                     REFUSAL_NOT_ALLOWED);
    assert_int_equal(
        reveal(w, 2002, incident, READ_REASON_HANDLING, RECORDING, READ_PURPOSE_VERIFY),
        REFUSAL_NOT_ALLOWED);
    assert_int_equal(reveal(w, 2002, incident, READ_REASON_HANDLING, NUMBER, READ_PURPOSE_NONE),
                     REFUSAL_REASON_MISSING);
    assert_int_equal(reveal(w, 2002, incident, READ_REASON_HANDLING, NUMBER, READ_PURPOSE_VISIT),
                     REFUSAL_NONE);
    assert_int_equal(reveal(w, 2003, incident, READ_REASON_HANDLING, NUMBER, READ_PURPOSE_VISIT),
                     REFUSAL_NOT_ALLOWED);
    world_skip(w);
}

static void who_wants_no_call_of_a_department_gets_none(void **state)
{
    struct world *w = *state;
    uint64_t incident = complaint(w, SECRECY_CONTACT_HIDDEN, false);
    assert_int_equal(look(w, 2002, incident, READ_REASON_HANDLING), REFUSAL_NONE);
    assert_int_equal(read_last(w)->masked, 0);
    assert_int_equal(reveal(w, 2002, incident, READ_REASON_HANDLING, NUMBER, READ_PURPOSE_VISIT),
                     REFUSAL_NOT_ALLOWED);
    assert_int_equal(
        reveal(w, 3001, incident, READ_REASON_SUPERVISION, NUMBER | NAME, READ_PURPOSE_COMPLAINT),
        REFUSAL_NONE);
    world_skip(w);
}

static void anonymous_stays_anonymous_by_the_contact_too(void **state)
{
    struct world *w = *state;
    uint64_t incident = complaint(w, SECRECY_OPEN, true);
    uint64_t contact = last_event(w, EVENT_CONTACT_ARRIVED)->contact;
    assert_int_equal(hang_up(w, contact, END_CAUSE_CALLER), REFUSAL_NONE);
    assert_int_equal(finish_wrap_up(w, 1001), REFUSAL_NONE);
    static const struct {
        uint32_t user;
        enum read_reason reason;
    } readers[] = { { 1001, READ_REASON_ANSWERING },
                    { 3001, READ_REASON_SUPERVISION },
                    { 3002, READ_REASON_AUDIT } };
    for (unsigned i = 0; i < 3; i++) {
        uint32_t user = readers[i].user;
        enum read_reason reason = readers[i].reason;
        assert_int_equal(look(w, user, incident, reason), REFUSAL_NONE);
        assert_int_equal(read_last(w)->fields & (NUMBER | NAME | POSITION), 0);
        assert_int_equal(read_last(w)->masked, 0);
        assert_int_equal(reveal(w, user, incident, reason, NUMBER, READ_PURPOSE_LAW),
                         REFUSAL_NOT_ALLOWED);
        assert_int_equal(reveal(w, user, contact, reason, NUMBER, READ_PURPOSE_LAW),
                         REFUSAL_NOT_ALLOWED);
        assert_int_equal(reveal(w, user, contact, reason, NAME, READ_PURPOSE_LAW),
                         REFUSAL_NOT_ALLOWED);
    }
    world_skip(w);
}

static void whoever_goes_to_an_emergency_finds_the_place_and_may_call(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t incident = register_incident(w, 1001, talk(w, 110, WANG), 10100);
    assert_int_equal(dispatch(w, incident, 1, 0), REFUSAL_NONE);
    assert_int_equal(look(w, 2001, incident, READ_REASON_HANDLING), REFUSAL_NONE);
    assert_int_equal(read_last(w)->fields, ADDRESS | TEXT | POSITION);
    assert_int_equal(reveal(w, 2001, incident, READ_REASON_HANDLING, NUMBER, READ_PURPOSE_SAFETY),
                     REFUSAL_NONE);
    world_skip(w);
}

static void a_search_by_number_says_what_was_searched(void **state)
{
    struct world *w = *state;
    struct command command = from_user(3002, COMMAND_PERSONAL_READ);
    command.caller = WANG;
    command.personal_read.reason = READ_REASON_AUDIT;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    assert_int_equal(read_last(w)->fields, NUMBER);
    assert_int_equal(read_last(w)->caller, WANG);
    world_skip(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_taker_sees_the_number_of_the_own_live_contact,
                                        world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(a_department_learns_what_to_do_and_not_who_complained,
                                        world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(who_wants_no_call_of_a_department_gets_none, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(anonymous_stays_anonymous_by_the_contact_too, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(whoever_goes_to_an_emergency_finds_the_place_and_may_call,
                                        world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(a_search_by_number_says_what_was_searched, world_setup,
                                        world_teardown),
    };
    return cmocka_run_group_tests_name("identity", tests, NULL, NULL);
}
