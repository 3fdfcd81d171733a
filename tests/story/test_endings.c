/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of how things end: what became of a contact, and what the next shift must know. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "dispatcher/core/disposition.h"
#include "dispatcher/core/handover.h"
#include "dispatcher/core/state.h"
#include "tests/story/world.h"

enum {
    HANDLED = 1,
    NUISANCE = 7,
    FIRE_ONLY = 20
};

static enum refusal define(struct world *w, uint32_t number, uint32_t line, bool invalid,
                           bool retired)
{
    struct command command = from_system(COMMAND_DISPOSITION_DEFINE);
    command.disposition_define.has_row = true;
    command.disposition_define.row = (struct disposition_row){
        .disposition = number, .line = line, .invalid = invalid, .retired = retired
    };
    return world_send(w, command);
}

static void define_all(struct world *w)
{
    assert_int_equal(define(w, HANDLED, 0, false, false), REFUSAL_NONE);
    assert_int_equal(define(w, NUISANCE, 0, true, false), REFUSAL_NONE);
    assert_int_equal(define(w, FIRE_ONLY, 110, false, false), REFUSAL_NONE);
}

static void want_dispositions(struct world *w, uint32_t number)
{
    struct command command = from_system(COMMAND_LINE_DEFINE);
    command.line_define.has_row = true;
    command.line_define.row = core_line(w->core, number)->row;
    command.line_define.row.disposition_required = true;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

static enum refusal dispose(struct world *w, uint32_t user, uint64_t contact, uint32_t disposition)
{
    struct command command = from_user(user, COMMAND_CONTACT_DISPOSE);
    command.contact_dispose.contact = contact;
    command.contact_dispose.disposition = disposition;
    return world_send(w, command);
}

static void a_taker_says_what_became_of_a_contact_and_may_say_otherwise(void **state)
{
    struct world *w = *state;
    define_all(w);
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, LI);
    assert_int_equal(dispose(w, 1001, contact, NUISANCE), REFUSAL_WRONG_STATE);
    assert_int_equal(hang_up(w, contact, END_CAUSE_CALLER), REFUSAL_NONE);
    world_skip(w);
    assert_int_equal(dispose(w, 1002, contact, NUISANCE), REFUSAL_NOT_YOURS);
    assert_int_equal(dispose(w, 1001, contact, 99), REFUSAL_NO_SUCH_DISPOSITION);
    assert_int_equal(dispose(w, 1001, contact, FIRE_ONLY), REFUSAL_NO_SUCH_DISPOSITION);
    assert_int_equal(dispose(w, 1001, contact, NUISANCE), REFUSAL_NONE);
    assert_int_equal(dispose(w, 1001, contact, NUISANCE), REFUSAL_ALREADY);
    assert_int_equal(dispose(w, 3001, contact, HANDLED), REFUSAL_NONE);
    world_expect(w, "[0.0] contact_disposed disposition=7 invalid=yes\n"
                    "[0.0] contact_disposed disposition=1 before=7 was_invalid=yes\n");
}

static void a_call_that_led_to_an_incident_was_somebodys_matter(void **state)
{
    struct world *w = *state;
    define_all(w);
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, LI);
    assert_true(register_incident(w, 1001, contact, 20100));
    assert_int_equal(hang_up(w, contact, END_CAUSE_CALLER), REFUSAL_NONE);
    assert_int_equal(dispose(w, 1001, contact, NUISANCE), REFUSAL_NONE);
    assert_false(last_event(w, EVENT_CONTACT_DISPOSED)->contact_disposed.invalid);
}

static void a_line_may_want_one_before_the_wrap_up_ends_early(void **state)
{
    struct world *w = *state;
    define_all(w);
    want_dispositions(w, 12345);
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, LI);
    assert_int_equal(hang_up(w, contact, END_CAUSE_CALLER), REFUSAL_NONE);
    assert_int_equal(finish_wrap_up(w, 1001), REFUSAL_DISPOSITION_MISSING);
    assert_int_equal(ready(w, 1001), REFUSAL_DISPOSITION_MISSING);
    assert_int_equal(dispose(w, 1001, contact, HANDLED), REFUSAL_NONE);
    assert_int_equal(finish_wrap_up(w, 1001), REFUSAL_NONE);
}

static void no_seat_is_held_for_a_word_that_nobody_says(void **state)
{
    struct world *w = *state;
    define_all(w);
    want_dispositions(w, 12345);
    on_duty(w, 1001);
    uint64_t first = talk(w, 12345, LI);
    assert_int_equal(hang_up(w, first, END_CAUSE_CALLER), REFUSAL_NONE);
    world_skip(w);
    world_wait(w, 30 * SECOND);
    world_expect(w, "[30.0] wrap_up_ended taker=1001\n");
    uint64_t second = talk(w, 12345, WANG);
    assert_int_equal(hang_up(w, second, END_CAUSE_CALLER), REFUSAL_NONE);
    uint64_t emergency = call_in(w, 110, ZHAO); /* cuts the wrap-up short as ever */
    assert_int_equal(last_event(w, EVENT_OFFER_MADE)->contact, emergency);
    assert_int_equal(dispose(w, 1001, first, HANDLED),
                     REFUSAL_NONE); /* late is better than never */
}

static void a_retired_disposition_is_said_no_more(void **state)
{
    struct world *w = *state;
    define_all(w);
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, LI);
    assert_int_equal(hang_up(w, contact, END_CAUSE_CALLER), REFUSAL_NONE);
    assert_int_equal(define(w, HANDLED, 0, false, false), REFUSAL_ALREADY);
    assert_int_equal(define(w, HANDLED, 0, false, true), REFUSAL_NONE);
    assert_int_equal(dispose(w, 1001, contact, HANDLED), REFUSAL_NO_SUCH_DISPOSITION);
    assert_int_equal(define(w, 0, 0, false, false), REFUSAL_MALFORMED);
}

static void the_table_of_dispositions_has_an_end(void **state)
{
    struct world *w = *state;
    for (uint32_t number = 1; number <= DISPOSITIONS_MAX; number++)
        assert_int_equal(define(w, number, 0, false, false), REFUSAL_NONE);
    assert_int_equal(define(w, DISPOSITIONS_MAX + 1, 0, false, false), REFUSAL_LIMIT);
}

/* Returns the note, 0 when it was refused. */
static uint64_t leave(struct world *w, uint32_t user, uint32_t to, uint32_t line)
{
    struct command command = from_user(user, COMMAND_HANDOVER_LEAVE);
    command.has_personal = true;
    command.handover_leave.taker = to;
    command.handover_leave.line = line;
    if (world_send(w, command) != REFUSAL_NONE)
        return 0;
    return last_event(w, EVENT_HANDOVER_LEFT)->handover_left.handover;
}

static enum refusal take(struct world *w, uint32_t user, uint64_t handover)
{
    struct command command = from_user(user, COMMAND_HANDOVER_TAKE);
    command.handover_take.handover = handover;
    return world_send(w, command);
}

static enum refusal read_note(struct world *w, uint32_t user, uint64_t handover)
{
    struct command command = from_user(user, COMMAND_PERSONAL_READ);
    command.personal_read.subject = handover;
    command.personal_read.reason = READ_REASON_HANDOVER;
    return world_send(w, command);
}

static void a_note_waits_for_those_it_is_meant_for(void **state)
{
    struct world *w = *state;
    uint64_t to_colleague = leave(w, 1001, 1002, 0);
    uint64_t to_line = leave(w, 1002, 0, 110);
    uint64_t to_supervisors = leave(w, 1001, 0, 0);
    assert_int_equal(sign_on(w, 1001), REFUSAL_NONE); /* across shifts */
    world_wait(w, DAY);
    assert_int_equal(read_note(w, 1003, to_colleague), REFUSAL_NOT_ALLOWED);
    assert_int_equal(read_note(w, 1002, to_colleague), REFUSAL_NONE);
    assert_int_equal(read_note(w, 1003, to_line), REFUSAL_NONE); /* answers 110 */
    assert_int_equal(read_note(w, 2001, to_line), REFUSAL_NOT_ALLOWED);
    assert_int_equal(read_note(w, 1002, to_supervisors), REFUSAL_NOT_ALLOWED);
    assert_int_equal(take(w, 1003, to_colleague), REFUSAL_NOT_YOURS);
    world_skip(w);
    assert_int_equal(take(w, 1002, to_colleague), REFUSAL_NONE);
    assert_int_equal(take(w, 1002, to_colleague), REFUSAL_NO_SUCH_HANDOVER);
    assert_int_equal(take(w, 1003, to_line), REFUSAL_NONE);
    assert_int_equal(take(w, 3001, to_supervisors), REFUSAL_NONE);
    world_expect(w, "[86400.0] handover_taken taker=1002 from_taker=1001\n"
                    "[86400.0] handover_taken taker=1003 from_taker=1002\n"
                    "[86400.0] handover_taken taker=3001 from_taker=1001\n");
}

static void a_note_says_what_and_to_whom(void **state)
{
    struct world *w = *state;
    struct command command = from_user(1001, COMMAND_HANDOVER_LEAVE);
    assert_int_equal(world_send(w, command), REFUSAL_INCOMPLETE);
    command.has_personal = true;
    command.handover_leave.taker = 1002;
    command.handover_leave.line = 110;
    assert_int_equal(world_send(w, command), REFUSAL_MALFORMED);
    command.handover_leave.line = 0;
    command.handover_leave.taker = 1001;
    assert_int_equal(world_send(w, command), REFUSAL_NO_SUCH_USER);
    command.handover_leave.taker = 2001; /* of a department */
    assert_int_equal(world_send(w, command), REFUSAL_NO_SUCH_USER);
    command.handover_leave.taker = 0;
    command.handover_leave.line = 999;
    assert_int_equal(world_send(w, command), REFUSAL_NO_SUCH_LINE);
    command.handover_leave.line = 0;
    command.handover_leave.incident = 4711;
    assert_int_equal(world_send(w, command), REFUSAL_NO_SUCH_INCIDENT);
    uint64_t own = leave(w, 1001, 1002, 0);
    assert_int_equal(take(w, 1001, own), REFUSAL_NONE); /* its author takes it back */
}

static void a_store_of_notes_that_is_full_says_so(void **state)
{
    struct world *w = *state;
    uint64_t first = leave(w, 1001, 1002, 0);
    for (uint32_t i = 1; i < HANDOVERS_MAX; i++)
        assert_true(leave(w, 1001, 1002, 0));
    assert_false(leave(w, 1001, 1002, 0));
    assert_int_equal(take(w, 1002, first), REFUSAL_NONE);
    assert_true(leave(w, 1001, 1002, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define STORY(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
        STORY(a_taker_says_what_became_of_a_contact_and_may_say_otherwise),
        STORY(a_call_that_led_to_an_incident_was_somebodys_matter),
        STORY(a_line_may_want_one_before_the_wrap_up_ends_early),
        STORY(no_seat_is_held_for_a_word_that_nobody_says),
        STORY(a_retired_disposition_is_said_no_more),
        STORY(the_table_of_dispositions_has_an_end),
        STORY(a_note_waits_for_those_it_is_meant_for),
        STORY(a_note_says_what_and_to_whom),
        STORY(a_store_of_notes_that_is_full_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
