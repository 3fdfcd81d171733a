/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who learns what of a citizen: what lies open, what is revealed for a purpose, what stays sealed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dispatcher/core/attachment.h"
#include "dispatcher/core/secret.h"
#include "tests/story/world.h"

enum {
    NUMBER = 1 << PERSONAL_FIELD_NUMBER,
    NAME = 1 << PERSONAL_FIELD_NAME,
    ADDRESS = 1 << PERSONAL_FIELD_ADDRESS,
    TEXT = 1 << PERSONAL_FIELD_TEXT,
    POSITION = 1 << PERSONAL_FIELD_POSITION,
    RECORDING = 1 << PERSONAL_FIELD_RECORDING,
    ATTACHMENT = 1 << PERSONAL_FIELD_ATTACHMENT
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
    if (count_events(w, EVENT_TAKER_SIGNED_ON) == 0)
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

static enum refusal attach(struct world *w, uint32_t user, uint64_t task, enum attachment_kind kind)
{
    struct command command = from_user(user, COMMAND_ATTACHMENT_STORE);
    command.has_personal = true; /* the key of the file */
    command.attachment_store =
        (struct attachment_store){ .task = task, .kind = kind, .size = 1000 };
    strcpy(command.attachment_store.server, "console");
    strcpy(command.attachment_store.file, "20261122/0001.sealed");
    return world_send(w, command);
}

static void a_department_adds_pictures_and_those_who_may_read_look_at_them(void **state)
{
    struct world *w = *state;
    uint64_t incident = complaint(w, SECRECY_OPEN, false);
    uint64_t task = task_at(w, incident, 2);
    assert_int_equal(attach(w, 2003, task, ATTACHMENT_KIND_JPEG), REFUSAL_NOT_YOURS);
    assert_int_equal(attach(w, 2002, task, ATTACHMENT_KIND_NONE), REFUSAL_INCOMPLETE);
    world_skip(w);
    for (unsigned i = 0; i < TASK_ATTACHMENTS_MAX; i++)
        assert_int_equal(attach(w, 2002, task, ATTACHMENT_KIND_JPEG), REFUSAL_NONE);
    assert_int_equal(attach(w, 2002, task, ATTACHMENT_KIND_PDF), REFUSAL_LIMIT);
    assert_int_equal(last_event(w, EVENT_ATTACHMENT_STORED)->department, 2);
    assert_int_equal(look(w, 2002, incident, READ_REASON_HANDLING), REFUSAL_NONE);
    assert_int_equal(read_last(w)->fields & ATTACHMENT, 0); /* never along with words */
    assert_int_equal(reveal(w, 2002, incident, READ_REASON_HANDLING, ATTACHMENT, READ_PURPOSE_NONE),
                     REFUSAL_NONE);
    assert_int_equal(read_last(w)->fields, ATTACHMENT);
    assert_int_equal(
        reveal(w, 3001, incident, READ_REASON_SUPERVISION, ATTACHMENT, READ_PURPOSE_NONE),
        REFUSAL_NONE);
    assert_int_equal(reveal(w, 2003, incident, READ_REASON_HANDLING, ATTACHMENT, READ_PURPOSE_NONE),
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

static void a_search_by_words_says_who_searched_and_keeps_no_words(void **state)
{
    struct world *w = *state;
    struct command command = from_user(3002, COMMAND_WORDS_SEARCH);
    assert_int_equal(world_send(w, command), REFUSAL_REASON_MISSING);
    command.words_search.reason = READ_REASON_AUDIT;
    assert_int_equal(world_send(w, command), REFUSAL_INCOMPLETE);
    command.words_search.words = 4711;
    command.words_search.line = 12345;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    const struct event *event = last_event(w, EVENT_WORDS_SEARCHED);
    assert_int_equal(event->actor, 3002);
    assert_int_equal(event->words_searched.words, 4711);
    assert_int_equal(event->words_searched.line, 12345);
    assert_false(event->has_personal);
    command.words_search.reason = READ_REASON_HANDLING;
    assert_int_equal(world_send(w, command), REFUSAL_NOT_ALLOWED);
    command.actor = 1001;
    assert_int_equal(world_send(w, command), REFUSAL_NOT_ALLOWED);
    world_skip(w);
}

/* ---- secret incidents ------------------------------------------------------------------------ */

static enum refusal grant(struct world *w, uint32_t by, uint64_t incident, uint32_t user,
                          uint64_t hours, enum read_purpose purpose)
{
    struct command command = from_user(by, COMMAND_INCIDENT_GRANT);
    command.incident_grant = (struct incident_grant){
        .incident = incident, .user = user, .until_ms = w->now_ms + hours * HOUR, .purpose = purpose
    };
    return world_send(w, command);
}

static enum refusal note(struct world *w, uint32_t user, uint64_t incident)
{
    struct command command = from_user(user, COMMAND_INCIDENT_NOTE);
    command.has_personal = true;
    command.incident_note.incident = incident;
    return world_send(w, command);
}

static void a_secret_incident_is_not_there_for_others(void **state)
{
    struct world *w = *state;
    uint64_t incident = complaint(w, SECRECY_SEALED, false);
    uint64_t contact = last_event(w, EVENT_CONTACT_ARRIVED)->contact;
    uint64_t task = task_at(w, incident, 2);
    assert_int_equal(note(w, 1001, incident), REFUSAL_NONE); /* who wrote it down */
    assert_int_equal(note(w, 2002, incident), REFUSAL_NONE); /* the department that works on it */
    assert_int_equal(note(w, 2003, incident), REFUSAL_NO_SUCH_INCIDENT);
    assert_int_equal(note(w, 1002, incident), REFUSAL_NO_SUCH_INCIDENT);
    assert_int_equal(note(w, 3001, incident), REFUSAL_NO_SUCH_INCIDENT); /* a supervisor, too */
    assert_int_equal(look(w, 3001, incident, READ_REASON_SUPERVISION), REFUSAL_NO_SUCH_INCIDENT);
    assert_int_equal(look(w, 3002, incident, READ_REASON_AUDIT), REFUSAL_NO_SUCH_INCIDENT);
    struct command sign_for = from_user(3001, COMMAND_TASK_SIGN);
    sign_for.task_sign.task = task;
    assert_int_equal(world_send(w, sign_for), REFUSAL_NO_SUCH_TASK);
    assert_int_equal(hang_up(w, contact, END_CAUSE_CALLER), REFUSAL_NONE);
    assert_int_equal(look(w, 3001, contact, READ_REASON_SUPERVISION), REFUSAL_NO_SUCH_CONTACT);
    assert_int_equal(sign(w, task), REFUSAL_NONE);
    assert_int_equal(look(w, 2002, incident, READ_REASON_HANDLING), REFUSAL_NONE);
    world_skip(w);
}

/* Nobody rules on what is not there for them; only about the secrecy itself those outside are asked. */
static void what_is_asked_about_a_secret_incident_is_not_there_for_others(void **state)
{
    struct world *w = *state;
    uint64_t incident = complaint(w, SECRECY_OPEN, false);
    struct command command = from_user(1001, COMMAND_PETITION_ASK);
    command.petition_ask.incident = incident;
    command.petition_ask.kind = PETITION_KIND_WITHDRAWAL;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    uint64_t petition = w->verdict.petition;
    command = from_user(1001, COMMAND_INCIDENT_CONCEAL);
    command.incident_conceal.incident = incident;
    command.incident_conceal.secrecy = SECRECY_SEALED;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    command = from_user(1002, COMMAND_PETITION_RULE);
    command.petition_rule.petition = petition;
    command.petition_rule.agree = true;
    assert_int_equal(world_send(w, command), REFUSAL_NO_SUCH_PETITION);
    assert_int_equal(w->verdict.incident, 0);
    command.actor = 3001;
    assert_int_equal(world_send(w, command), REFUSAL_NO_SUCH_PETITION);
    assert_int_equal(grant(w, 3001, incident, 1002, 1, READ_PURPOSE_VERIFY), REFUSAL_NONE);
    command.actor = 1002;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    world_skip(w);
}

static void a_grant_names_a_person_for_a_while(void **state)
{
    struct world *w = *state;
    uint64_t incident = complaint(w, SECRECY_SEALED, false);
    world_skip(w);
    assert_int_equal(grant(w, 1001, incident, 1002, 1, READ_PURPOSE_VERIFY), REFUSAL_NOT_ALLOWED);
    assert_int_equal(grant(w, 3001, incident, 3001, 1, READ_PURPOSE_VERIFY), REFUSAL_SAME_PERSON);
    assert_int_equal(grant(w, 3001, incident, 1002, 1, READ_PURPOSE_NONE), REFUSAL_REASON_MISSING);
    assert_int_equal(grant(w, 3001, incident, 1002, 73, READ_PURPOSE_VERIFY), REFUSAL_MALFORMED);
    assert_int_equal(grant(w, 3001, incident, 1002, 0, READ_PURPOSE_VERIFY), REFUSAL_MALFORMED);
    assert_int_equal(grant(w, 3001, incident, 3003, 1, READ_PURPOSE_VERIFY), REFUSAL_NO_SUCH_USER);
    assert_int_equal(grant(w, 3001, w->base + 99999, 1002, 1, READ_PURPOSE_VERIFY),
                     REFUSAL_NO_SUCH_INCIDENT);
    assert_int_equal(grant(w, 3001, incident, 1002, 2, READ_PURPOSE_COMPLAINT), REFUSAL_NONE);
    assert_int_equal(grant(w, 3001, incident, 1002, 2, READ_PURPOSE_COMPLAINT), REFUSAL_ALREADY);
    assert_int_equal(note(w, 1002, incident), REFUSAL_NONE);
    assert_int_equal(look(w, 1002, incident, READ_REASON_GRANT), REFUSAL_NONE);
    assert_int_equal(read_last(w)->masked, NUMBER | NAME);
    assert_int_equal(look(w, 1003, incident, READ_REASON_GRANT), REFUSAL_NO_SUCH_INCIDENT);
    world_wait(w, 3 * HOUR);
    assert_int_equal(note(w, 1002, incident), REFUSAL_NO_SUCH_INCIDENT);
    assert_true(last_event(w, EVENT_GRANT_ENDED)->grant_ended.expired);
    world_skip(w);
}

static void a_grant_is_taken_back(void **state)
{
    struct world *w = *state;
    uint64_t incident = complaint(w, SECRECY_SEALED, false);
    assert_int_equal(grant(w, 3001, incident, 3002, 2, READ_PURPOSE_COMPLAINT), REFUSAL_NONE);
    assert_int_equal(look(w, 3002, incident, READ_REASON_AUDIT), REFUSAL_NONE);
    struct command revoke = from_user(3001, COMMAND_INCIDENT_REVOKE);
    revoke.incident_revoke.incident = incident;
    revoke.incident_revoke.user = 3002;
    world_skip(w);
    assert_int_equal(world_send(w, revoke), REFUSAL_NONE);
    world_expect(w, "[0.0] grant_ended user=3002\n");
    assert_int_equal(world_send(w, revoke), REFUSAL_NO_SUCH_GRANT);
    assert_int_equal(look(w, 3002, incident, READ_REASON_AUDIT), REFUSAL_NO_SUCH_INCIDENT);

    /* From the list of those that stand, by who does not know the case. */
    assert_int_equal(grant(w, 3001, incident, 3002, 2, READ_PURPOSE_COMPLAINT), REFUSAL_NONE);
    struct command listed = from_user(3001, COMMAND_INCIDENT_REVOKE);
    listed.incident_revoke.grant = last_event(w, EVENT_GRANT_GIVEN)->seq;
    assert_int_equal(world_send(w, listed), REFUSAL_NONE);
    assert_int_equal(world_send(w, listed), REFUSAL_NO_SUCH_GRANT);
    assert_int_equal(look(w, 3002, incident, READ_REASON_AUDIT), REFUSAL_NO_SUCH_INCIDENT);
}

static void only_a_grant_for_somebody_s_life_opens_what_is_anonymous(void **state)
{
    struct world *w = *state;
    uint64_t incident = complaint(w, SECRECY_OPEN, true);
    uint64_t contact = last_event(w, EVENT_CONTACT_ARRIVED)->contact;
    assert_int_equal(hang_up(w, contact, END_CAUSE_CALLER), REFUSAL_NONE);
    assert_int_equal(finish_wrap_up(w, 1001), REFUSAL_NONE);
    assert_int_equal(grant(w, 3001, incident, 1002, 1, READ_PURPOSE_COMPLAINT), REFUSAL_NONE);
    assert_int_equal(grant(w, 3001, incident, 1003, 1, READ_PURPOSE_SAFETY), REFUSAL_NONE);
    assert_int_equal(reveal(w, 1002, incident, READ_REASON_GRANT, NUMBER, READ_PURPOSE_COMPLAINT),
                     REFUSAL_NOT_ALLOWED);
    assert_int_equal(reveal(w, 1003, incident, READ_REASON_GRANT, NUMBER, READ_PURPOSE_NONE),
                     REFUSAL_REASON_MISSING);
    assert_int_equal(reveal(w, 1003, incident, READ_REASON_GRANT, NUMBER, READ_PURPOSE_SAFETY),
                     REFUSAL_NONE);
    assert_int_equal(
        grant(w, 3001, complaint(w, SECRECY_OPEN, false), 1002, 1, READ_PURPOSE_COMPLAINT),
        REFUSAL_WRONG_STATE); /* nothing is closed there */
    world_skip(w);
}

static void a_full_store_of_grants_says_so(void **state)
{
    struct world *w = *state;
    static const uint32_t users[] = { 1002, 1003, 3002, 2001, 2003, 2004 };
    uint32_t given = 0;
    enum refusal refusal = REFUSAL_NONE;
    while (refusal == REFUSAL_NONE) {
        uint64_t incident = complaint(w, SECRECY_SEALED, false);
        uint64_t contact = last_event(w, EVENT_CONTACT_ARRIVED)->contact;
        assert_int_equal(hang_up(w, contact, END_CAUSE_CALLER), REFUSAL_NONE);
        assert_int_equal(finish_wrap_up(w, 1001), REFUSAL_NONE);
        for (unsigned i = 0; i < 6 && refusal == REFUSAL_NONE; i++) {
            refusal = grant(w, 3001, incident, users[i], 70, READ_PURPOSE_LAW);
            given += refusal == REFUSAL_NONE;
        }
        world_skip(w);
    }
    assert_int_equal(refusal, REFUSAL_LIMIT);
    assert_int_equal(given, GRANTS_MAX);
    world_wait(w, 71 * HOUR);
    assert_int_equal(count_events(w, EVENT_GRANT_ENDED), GRANTS_MAX);
    world_skip(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_taker_sees_the_number_of_the_own_live_contact,
                                        world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(a_department_learns_what_to_do_and_not_who_complained,
                                        world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(
            a_department_adds_pictures_and_those_who_may_read_look_at_them, world_setup,
            world_teardown),
        cmocka_unit_test_setup_teardown(who_wants_no_call_of_a_department_gets_none, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(anonymous_stays_anonymous_by_the_contact_too, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(whoever_goes_to_an_emergency_finds_the_place_and_may_call,
                                        world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(a_search_by_number_says_what_was_searched, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(a_secret_incident_is_not_there_for_others, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(
            what_is_asked_about_a_secret_incident_is_not_there_for_others, world_setup,
            world_teardown),
        cmocka_unit_test_setup_teardown(a_grant_names_a_person_for_a_while, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(a_search_by_words_says_who_searched_and_keeps_no_words,
                                        world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(a_grant_is_taken_back, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(only_a_grant_for_somebody_s_life_opens_what_is_anonymous,
                                        world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(a_full_store_of_grants_says_so, world_setup,
                                        world_teardown),
    };
    return cmocka_run_group_tests_name("identity", tests, NULL, NULL);
}
