/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of conversations of more than two: hold, guests, and supervisors who listen, whisper, speak
 * and take over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dispatcher/core/state.h"
#include "tests/story/world.h"

enum {
    SUPERVISOR = 3001
};

static enum refusal hold(struct world *w, uint32_t user, uint64_t contact, bool on)
{
    struct command command = from_user(user, on ? COMMAND_CONTACT_HOLD : COMMAND_CONTACT_RESUME);
    if (on)
        command.contact_hold.contact = contact;
    else
        command.contact_resume.contact = contact;
    return world_send(w, command);
}

static enum refusal invite(struct world *w, uint32_t user, uint64_t contact, uint32_t guest,
                           uint32_t department, enum party_role role)
{
    struct command command = from_user(user, COMMAND_PARTY_INVITE);
    command.party_invite = (struct party_invite){
        .contact = contact, .user = guest, .department = department, .role = role
    };
    return world_send(w, command);
}

static enum refusal join(struct world *w, uint64_t party)
{
    struct command command = from_gateway(1, COMMAND_PARTY_JOIN);
    command.party_join.party = party;
    return world_send(w, command);
}

static enum refusal leave(struct world *w, uint64_t party, enum party_out cause)
{
    struct command command = from_gateway(1, COMMAND_PARTY_LEAVE);
    command.party_leave.party = party;
    command.party_leave.cause = cause;
    return world_send(w, command);
}

static enum refusal drop(struct world *w, uint32_t user, uint64_t contact, uint32_t guest)
{
    struct command command = from_user(user, COMMAND_PARTY_DROP);
    command.party_drop.contact = contact;
    command.party_drop.user = guest;
    return world_send(w, command);
}

static enum refusal change(struct world *w, uint64_t contact, enum party_role role)
{
    struct command command = from_user(SUPERVISOR, COMMAND_PARTY_CHANGE);
    command.party_change.contact = contact;
    command.party_change.role = role;
    return world_send(w, command);
}

static enum refusal take_over(struct world *w, uint64_t contact)
{
    struct command command = from_user(SUPERVISOR, COMMAND_PARTY_TAKE_OVER);
    command.party_take_over.contact = contact;
    return world_send(w, command);
}

/* The supervisor has a telephone, and may be on duty as a taker. */
static void equip_supervisor(struct world *w)
{
    struct command command = from_system(COMMAND_USER_DEFINE);
    struct user_row *row = &command.user_define.row;
    command.user_define.has_row = true;
    *row = core_user(w->core, SUPERVISOR)->row;
    row->roles |= 1U << ROLE_TAKER;
    strcpy(row->phone, "sip:3001@phones");
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    world_skip(w);
}

static void give_phone(struct world *w, uint32_t department)
{
    struct command command = from_system(COMMAND_DEPARTMENT_DEFINE);
    command.department_define.has_row = true;
    command.department_define.row = core_department(w->core, department)->row;
    strcpy(command.department_define.row.phone, "sip:96119@phones");
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    world_skip(w);
}

/* The party that was invited last. */
static uint64_t last_party(const struct world *w)
{
    for (uint32_t i = w->history_count; i > 0; i--)
        if (w->history[i - 1].kind == EVENT_PARTY_INVITED)
            return w->history[i - 1].party_invited.party;
    return 0;
}

/* ------------------------------------------------------------------------------------------------ */

static void a_citizen_is_held_and_the_trail_says_how_long(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 110, LI);
    assert_int_equal(hold(w, 1002, contact, true), REFUSAL_NOT_YOURS);
    assert_int_equal(hold(w, 1001, contact, false), REFUSAL_ALREADY);
    world_skip(w);
    assert_int_equal(hold(w, 1001, contact, true), REFUSAL_NONE);
    assert_int_equal(hold(w, 1001, contact, true), REFUSAL_ALREADY);
    world_wait(w, 7 * SECOND);
    assert_int_equal(hold(w, 1001, contact, false), REFUSAL_NONE);
    world_expect(w, "[0.0] contact_held taker=1001\n"
                    "[7.0] contact_resumed taker=1001 held_ms=7000\n");
    struct command key = from_gateway(1, COMMAND_CONTACT_HOLD); /* the phone's own */
    key.contact_hold.call = w->next_call - 1;
    assert_int_equal(world_send(w, key), REFUSAL_NONE);
    assert_int_equal(hang_up(w, contact, END_CAUSE_CALLER), REFUSAL_NONE);
    assert_int_equal(core_contact(w->core, contact)->held_ms, 0);
}

static enum refusal mute(struct world *w, uint32_t user, uint64_t contact, bool on)
{
    struct command command = from_user(user, on ? COMMAND_CONTACT_MUTE : COMMAND_CONTACT_UNMUTE);
    command.contact_mute.contact = contact; /* both name it alike */
    return world_send(w, command);
}

static void a_taker_is_muted_and_the_trail_says_how_long(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 110, LI);
    assert_int_equal(mute(w, 1002, contact, true), REFUSAL_NOT_YOURS);
    assert_int_equal(mute(w, 1001, contact, false), REFUSAL_ALREADY);
    assert_int_equal(mute(w, 1001, contact + 1000, true), REFUSAL_NO_SUCH_CONTACT);
    world_skip(w);
    assert_int_equal(mute(w, 1001, contact, true), REFUSAL_NONE);
    assert_int_equal(mute(w, 1001, contact, true), REFUSAL_ALREADY);
    world_wait(w, 4 * SECOND);
    assert_int_equal(mute(w, 1001, contact, false), REFUSAL_NONE);
    world_expect(w, "[0.0] contact_muted taker=1001\n"
                    "[4.0] contact_unmuted taker=1001 muted_ms=4000\n");
    assert_int_equal(mute(w, 1001, contact, true), REFUSAL_NONE);
    assert_int_equal(hang_up(w, contact, END_CAUSE_CALLER), REFUSAL_NONE);
    assert_int_equal(core_contact(w->core, contact)->muted_ms, 0);
    assert_int_equal(mute(w, 1001, contact, true), REFUSAL_WRONG_STATE);
}

static enum refusal press(struct world *w, uint32_t user, uint64_t contact, uint32_t department,
                          const char *keys)
{
    struct command command = from_user(user, COMMAND_CONTACT_PRESS);
    command.contact_press.contact = contact;
    command.contact_press.department = department;
    strcpy(command.contact_press.keys, keys);
    return world_send(w, command);
}

static void keys_are_pressed_towards_the_citizen_or_a_guest(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    give_phone(w, 2);
    uint64_t contact = talk(w, 110, LI);
    assert_int_equal(press(w, 1002, contact, 0, "8"), REFUSAL_NOT_YOURS);
    assert_int_equal(press(w, SUPERVISOR, contact, 0, "8"), REFUSAL_NOT_YOURS);
    assert_int_equal(press(w, 1001, contact, 0, ""), REFUSAL_MALFORMED);
    assert_int_equal(press(w, 1001, contact, 0, "8p1"), REFUSAL_MALFORMED);
    assert_int_equal(press(w, 1001, contact, 2, "8"), REFUSAL_NO_SUCH_PARTY);
    assert_int_equal(invite(w, 1001, contact, 0, 2, PARTY_ROLE_GUEST), REFUSAL_NONE);
    assert_int_equal(press(w, 1001, contact, 2, "8"), REFUSAL_NO_SUCH_PARTY); /* it rings yet */
    assert_int_equal(join(w, last_party(w)), REFUSAL_NONE);
    world_skip(w);
    assert_int_equal(press(w, 1001, contact, 0, "8001#"), REFUSAL_NONE);
    assert_int_equal(press(w, 1001, contact, 2, "2"), REFUSAL_NONE);
    world_expect(w, "[0.0] keys_pressed taker=1001 keys=\"8001#\"\n"
                    "[0.0] keys_pressed taker=1001 department=2 keys=\"2\"\n");
    assert_int_equal(hang_up(w, contact, END_CAUSE_CALLER), REFUSAL_NONE);
    assert_int_equal(press(w, 1001, contact, 0, "8"), REFUSAL_WRONG_STATE);
}

static void a_guest_is_called_in_and_goes_back_to_work(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 110, LI);
    on_duty(w, 1003);
    assert_int_equal(invite(w, 1002, contact, 1003, 0, PARTY_ROLE_GUEST), REFUSAL_NOT_YOURS);
    assert_int_equal(invite(w, 1001, contact, 0, 1, PARTY_ROLE_GUEST), REFUSAL_NO_PHONE);
    assert_int_equal(invite(w, 1001, contact, 1001, 0, PARTY_ROLE_GUEST), REFUSAL_ALREADY);
    assert_int_equal(invite(w, 1001, contact, 1003, 1, PARTY_ROLE_GUEST), REFUSAL_MALFORMED);
    world_skip(w);
    assert_int_equal(invite(w, 1001, contact, 1003, 0, PARTY_ROLE_NONE), REFUSAL_NONE);
    uint64_t party = last_party(w);
    assert_int_equal(join(w, party), REFUSAL_NONE);
    assert_int_equal(ready(w, 1003), REFUSAL_WRONG_STATE); /* speaks */
    assert_int_equal(leave(w, party, PARTY_OUT_LEFT), REFUSAL_NONE);
    assert_int_equal(leave(w, party, PARTY_OUT_LEFT), REFUSAL_NO_SUCH_PARTY);
    world_expect(w, "[0.0] party_invited taker=1001 user=1003 role=guest paused=yes\n"
                    "[0.0] taker_went_away taker=1003 reason=conference\n"
                    "[0.0] party_joined user=1003 role=guest\n"
                    "[0.0] party_left user=1003 role=guest cause=left\n"
                    "[0.0] taker_became_ready taker=1003\n");
}

static void a_department_is_called_by_its_number(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 110, LI);
    give_phone(w, 2);
    assert_int_equal(invite(w, 1001, contact, 0, 2, PARTY_ROLE_GUEST), REFUSAL_NONE);
    assert_int_equal(invite(w, 1001, contact, 0, 2, PARTY_ROLE_GUEST), REFUSAL_ALREADY);
    assert_int_equal(leave(w, last_party(w), PARTY_OUT_UNANSWERED), REFUSAL_NONE);
    world_expect(w, "[0.0] party_invited department=2 role=guest phone=\"sip:96119@phones\"\n"
                    "[0.0] party_left department=2 cause=unanswered\n");
}

static void no_more_than_eight_voices(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 110, LI);
    for (uint32_t department = 1; department <= 4; department++) {
        give_phone(w, department);
        assert_int_equal(invite(w, 1001, contact, 0, department, PARTY_ROLE_GUEST), REFUSAL_NONE);
    }
    assert_int_equal(invite(w, 1001, contact, 1002, 0, PARTY_ROLE_GUEST), REFUSAL_NONE);
    assert_int_equal(invite(w, 1001, contact, 1003, 0, PARTY_ROLE_GUEST), REFUSAL_LIMIT);
}

static void who_listens_is_an_event_and_only_a_supervisor_may(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 110, LI);
    assert_int_equal(invite(w, SUPERVISOR, contact, 0, 0, PARTY_ROLE_LISTENER), REFUSAL_NO_PHONE);
    equip_supervisor(w);
    assert_int_equal(invite(w, 1002, contact, 0, 0, PARTY_ROLE_LISTENER), REFUSAL_NOT_ALLOWED);
    assert_int_equal(invite(w, SUPERVISOR, contact, 1003, 0, PARTY_ROLE_LISTENER),
                     REFUSAL_NOT_ALLOWED); /* nobody is made a listener by others */
    world_skip(w);
    assert_int_equal(invite(w, SUPERVISOR, contact, 0, 0, PARTY_ROLE_LISTENER), REFUSAL_NONE);
    assert_int_equal(join(w, last_party(w)), REFUSAL_NONE);
    assert_int_equal(drop(w, 1001, contact, SUPERVISOR), REFUSAL_NOT_YOURS); /* not the taker's */
    assert_int_equal(change(w, contact, PARTY_ROLE_COACH), REFUSAL_NONE);
    assert_int_equal(change(w, contact, PARTY_ROLE_GUEST), REFUSAL_NOT_ALLOWED);
    assert_int_equal(drop(w, SUPERVISOR, contact, 0), REFUSAL_NONE);
    world_expect(w, "[0.0] party_invited user=3001 role=listener\n"
                    "[0.0] party_joined user=3001 role=listener\n"
                    "[0.0] party_changed user=3001 from=listener role=coach\n"
                    "[0.0] party_left user=3001 role=coach cause=dropped\n");
}

static void a_supervisor_takes_the_contact_over(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 110, LI);
    equip_supervisor(w);
    assert_int_equal(take_over(w, contact), REFUSAL_NO_SUCH_PARTY);
    assert_int_equal(invite(w, SUPERVISOR, contact, 0, 0, PARTY_ROLE_BARGE), REFUSAL_NONE);
    assert_int_equal(join(w, last_party(w)), REFUSAL_NONE);
    assert_int_equal(take_over(w, contact), REFUSAL_WRONG_STATE); /* not on duty */
    assert_int_equal(sign_on(w, SUPERVISOR), REFUSAL_NONE);
    assert_int_equal(mute(w, 1001, contact, true), REFUSAL_NONE);
    world_skip(w);
    assert_int_equal(take_over(w, contact), REFUSAL_NONE);
    world_expect(w, "[0.0] contact_unmuted taker=1001\n" /* who comes is heard */
                    "[0.0] party_left user=3001 cause=took_over\n"
                    "[0.0] contact_taken_over taker=3001 from_taker=1001\n"
                    "[0.0] wrap_up_started taker=1001\n");
    assert_int_equal(finish(w, 1001, contact), REFUSAL_NOT_YOURS);
    assert_int_equal(finish(w, SUPERVISOR, contact), REFUSAL_NONE);
}

static void the_end_of_the_conversation_ends_every_part(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 110, LI);
    on_duty(w, 1003);
    assert_int_equal(invite(w, 1001, contact, 1003, 0, PARTY_ROLE_GUEST), REFUSAL_NONE);
    assert_int_equal(join(w, last_party(w)), REFUSAL_NONE);
    world_skip(w);
    assert_int_equal(hang_up(w, contact, END_CAUSE_CALLER), REFUSAL_NONE);
    world_expect(w, "[0.0] party_left user=1003 cause=over\n"
                    "[0.0] taker_became_ready taker=1003\n"
                    "[0.0] contact_ended cause=caller\n"
                    "[0.0] wrap_up_started taker=1001\n");
}

static void a_dead_phone_does_not_take_the_citizen_along(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 110, LI);
    on_duty(w, 1003);
    assert_int_equal(hold(w, 1001, contact, true), REFUSAL_NONE);
    world_skip(w);
    struct command lost = from_gateway(1, COMMAND_TRANSFER_FINISH);
    lost.transfer_finish.call = w->next_call - 1;
    lost.transfer_finish.lost = true;
    assert_int_equal(world_send(w, lost), REFUSAL_NONE);
    world_expect(w, "[0.0] contact_resumed taker=1001\n"
                    "[0.0] contact_requeued from_taker=1001\n"
                    "[0.0] taker_went_away taker=1001 reason=phone_failed\n"
                    "[0.0] offer_made taker=1003\n");
    (void)answer(w, last_offer(w));
    assert_int_equal(world_send(w, lost), REFUSAL_NONE); /* and once more */
    assert_int_equal(hang_up(w, contact, END_CAUSE_CALLER), REFUSAL_NONE);
    assert_int_equal(world_send(w, lost), REFUSAL_WRONG_STATE);
}

static enum refusal put_through(struct world *w, uint32_t taker, uint64_t contact,
                                uint32_t department)
{
    struct command command = from_user(taker, COMMAND_CONTACT_TRANSFER);
    command.contact_transfer.contact = contact;
    command.contact_transfer.department = department;
    return world_send(w, command);
}

static enum refusal carrier_says(struct world *w, uint64_t call, uint32_t status)
{
    struct command command = from_gateway(1, COMMAND_TRANSFER_CANCEL);
    command.transfer_cancel.call = call;
    command.transfer_cancel.status = status;
    return world_send(w, command);
}

/* RFC 3515: the citizen's own carrier puts them through, and they are the taker's until it has (decision 0053). */
static void a_citizen_is_put_through_to_another_city_by_their_carrier(void **state)
{
    struct world *w = *state;
    on_duty(w, 1002);
    uint64_t contact = talk(w, 12345, LI);
    assert_int_equal(put_through(w, 1002, contact, 2), REFUSAL_NO_PHONE);
    give_phone(w, 2);
    assert_int_equal(put_through(w, 1002, contact, 999), REFUSAL_NO_SUCH_DEPARTMENT);
    assert_int_equal(put_through(w, 1001, contact, 2), REFUSAL_NOT_YOURS);
    world_skip(w);
    assert_int_equal(put_through(w, 1002, contact, 2), REFUSAL_NONE);
    world_expect(w, "[0.0] transfer_asked taker=1002 to_line=12345 kind=carrier until=60.0 "
                    "to_department=2 phone=\"sip:96119@phones\"\n"
                    "[0.0] contact_held taker=1002\n");
    assert_int_equal(put_through(w, 1002, contact, 2), REFUSAL_TRANSFER_RUNS);
    assert_int_equal(carrier_says(w, w->next_call - 1, 486), REFUSAL_NONE);
    world_expect(w, "[0.0] contact_resumed taker=1002\n"
                    "[0.0] transfer_ended taker=1002 kind=carrier outcome=carrier_refused "
                    "returned=yes status=486\n");
    assert_int_equal(put_through(w, 1002, contact, 2), REFUSAL_NONE);
    on_duty(w, 1003); /* is not asked: the carrier is */
    world_wait(w, MINUTE);
    world_expect(w, "[0.0] transfer_asked\n[0.0] contact_held\n[0.0] taker_signed_on taker=1003\n"
                    "[0.0] taker_became_ready taker=1003\n[60.0] contact_resumed\n"
                    "[60.0] transfer_ended taker=1002 outcome=unanswered returned=yes\n");
    assert_int_equal(put_through(w, 1002, contact, 2), REFUSAL_NONE);
    world_skip(w);
    struct command end = from_gateway(1, COMMAND_CONTACT_END);
    end.contact_end.call = w->next_call - 1;
    end.contact_end.cause = END_CAUSE_REFERRED;
    assert_int_equal(world_send(w, end), REFUSAL_NONE);
    world_expect(w, "[60.0] transfer_ended taker=1002 kind=carrier outcome=referred\n"
                    "[60.0] contact_ended taker=1002 cause=referred from=connected\n"
                    "[60.0] wrap_up_started taker=1002\n");
}

static enum refusal call_in_department(struct world *w, uint32_t user, uint64_t contact)
{
    struct command command = from_user(user, COMMAND_PARTY_INVITE);
    command.party_invite.contact = contact;
    command.party_invite.department = 2;
    return world_send(w, command);
}

/* The city's table says who may have an outside number called, into a talk or for the citizen's carrier. */
static void a_number_is_called_by_whom_the_city_lets(void **state)
{
    struct world *w = *state;
    on_duty(w, 1002);
    give_phone(w, 2);
    struct command reserve = from_system(COMMAND_DEPARTMENT_DEFINE);
    reserve.department_define.has_row = true;
    reserve.department_define.row = core_department(w->core, 2)->row;
    reserve.department_define.row.roles = 1U << ROLE_SUPERVISOR;
    assert_int_equal(world_send(w, reserve), REFUSAL_NONE);
    uint64_t contact = talk(w, 12345, LI);
    assert_int_equal(put_through(w, 1002, contact, 2), REFUSAL_NUMBER_RESERVED);
    assert_int_equal(call_in_department(w, 1002, contact), REFUSAL_NUMBER_RESERVED);
    assert_int_equal(call_in_department(w, 3001, contact), REFUSAL_NONE);
    reserve.department_define.row.roles |= 1U << ROLE_TAKER;
    assert_int_equal(world_send(w, reserve), REFUSAL_NONE);
    assert_int_equal(put_through(w, 1002, contact, 2), REFUSAL_NONE);
}

static void no_emergency_is_let_out(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 110, LI);
    give_phone(w, 2);
    assert_int_equal(put_through(w, 1001, contact, 2), REFUSAL_STAYS_HERE);
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        STORY(a_citizen_is_held_and_the_trail_says_how_long),
        STORY(a_taker_is_muted_and_the_trail_says_how_long),

        STORY(keys_are_pressed_towards_the_citizen_or_a_guest),
        STORY(a_guest_is_called_in_and_goes_back_to_work),
        STORY(a_department_is_called_by_its_number),
        STORY(no_more_than_eight_voices),
        STORY(who_listens_is_an_event_and_only_a_supervisor_may),
        STORY(a_supervisor_takes_the_contact_over),
        STORY(the_end_of_the_conversation_ends_every_part),
        STORY(a_dead_phone_does_not_take_the_citizen_along),
        STORY(a_citizen_is_put_through_to_another_city_by_their_carrier),
        STORY(no_emergency_is_let_out),
        STORY(a_number_is_called_by_whom_the_city_lets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
