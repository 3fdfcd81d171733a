/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of citizens who are parked: nobody of them is forgotten, and nobody counts twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dispatcher/core/state.h"
#include "tests/story/world.h"

enum {
    SUPERVISOR = 3001
};

static enum refusal park(struct world *w, uint32_t user, uint64_t contact)
{
    struct command command = from_user(user, COMMAND_CONTACT_PARK);
    command.contact_park.contact = contact;
    return world_send(w, command);
}

static enum refusal take_back(struct world *w, uint32_t user, uint64_t contact)
{
    struct command command = from_user(user, COMMAND_CONTACT_UNPARK);
    command.contact_unpark.contact = contact;
    return world_send(w, command);
}

static void who_parks_is_free_for_the_next_and_takes_the_first_back(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t first = talk(w, 12345, LI);
    world_skip(w);
    assert_int_equal(park(w, 1001, first), REFUSAL_NONE);
    world_expect(w, "[0.0] contact_parked from_taker=1001\n");
    assert_int_equal(park(w, 1001, first), REFUSAL_ALREADY);
    assert_int_equal(core_contact(w->core, first)->state, CONTACT_STATE_WAITING);
    uint64_t second = call_in(w, 110, WANG); /* nobody else is there */
    (void)answer(w, last_offer(w));
    assert_int_equal(take_back(w, 1001, first), REFUSAL_TAKER_BUSY);
    world_wait(w, 20 * SECOND);
    assert_int_equal(hang_up(w, second, END_CAUSE_CALLER), REFUSAL_NONE);
    world_skip(w);
    assert_int_equal(take_back(w, 1001, first), REFUSAL_NONE);
    world_expect(w, "[20.0] wrap_up_ended taker=1001\n"
                    "[20.0] contact_unparked parked_ms=20000 to_taker=1001\n"
                    "[20.0] offer_made taker=1001 kind=parked auto_answer=yes\n");
    assert_int_equal(answer(w, last_offer(w)), REFUSAL_NONE);
    assert_int_equal(core_contact(w->core, first)->taker->row.user, 1001);
    assert_int_equal(take_back(w, 1001, first), REFUSAL_WRONG_STATE);
    world_skip(w);
    assert_int_equal(hang_up(w, first, END_CAUSE_CALLER), REFUSAL_NONE);
    world_expect(w, "[20.0] contact_ended cause=caller\n[20.0] wrap_up_started taker=1001\n");
}

static void a_colleague_takes_whom_another_parked(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 110, LI);
    on_duty(w, 1003);
    assert_int_equal(park(w, 1003, contact), REFUSAL_NOT_YOURS);
    assert_int_equal(park(w, 1001, contact), REFUSAL_NONE);
    assert_int_equal(take_back(w, 1002, contact), REFUSAL_TAKER_BUSY); /* not there */
    assert_int_equal(away(w, 1003, AWAY_REASON_BREAK), REFUSAL_NONE);
    assert_int_equal(take_back(w, 1003, contact), REFUSAL_TAKER_BUSY);
    assert_int_equal(ready(w, 1003), REFUSAL_NONE);
    assert_int_equal(take_back(w, 1003, contact), REFUSAL_NONE);
    assert_int_equal(answer(w, last_offer(w)), REFUSAL_NONE);
    assert_int_equal(core_contact(w->core, contact)->taker->row.user, 1003);
}

/* The queue looks past who is parked, though both takers are idle. */
static void who_is_parked_is_nobodys_turn_until_the_time_is_over(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, LI);
    on_duty(w, 1003);
    world_skip(w);
    assert_int_equal(park(w, 1001, contact), REFUSAL_NONE);
    world_expect(w, "[0.0] contact_parked from_taker=1001\n");
    world_wait(w, 89 * SECOND);
    world_expect(w, "");
    world_wait(w, SECOND);
    world_expect(w, "[90.0] contact_unparked parked_ms=90000 to_taker=1001 lapsed=yes\n"
                    "[90.0] offer_made taker=1001 kind=parked\n");
    assert_int_equal(decline(w, 1001, last_offer(w)), REFUSAL_NONE);
    assert_int_equal(last_event(w, EVENT_OFFER_MADE)->taker, 1003); /* and the next, at once */
}

static void an_emergency_comes_back_sooner_and_to_the_next_when_its_taker_is_busy(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t parked = talk(w, 110, LI);
    assert_int_equal(park(w, 1001, parked), REFUSAL_NONE);
    (void)talk(w, 110, WANG);
    on_duty(w, 1003);
    world_skip(w);
    world_wait(w, 20 * SECOND);
    world_expect(w, "[20.0] contact_unparked parked_ms=20000 lapsed=yes\n"
                    "[20.0] offer_made taker=1003\n");
}

static void who_hangs_up_while_parked_did_not_abandon_and_an_emergency_is_called_back(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t ordinary = talk(w, 12345, LI);
    assert_int_equal(park(w, 1001, ordinary), REFUSAL_NONE);
    world_skip(w);
    assert_int_equal(hang_up(w, ordinary, END_CAUSE_CALLER), REFUSAL_NONE);
    world_expect(w, "[0.0] contact_ended cause=caller from=waiting\n");
    assert_false(last_event(w, EVENT_CONTACT_ENDED)->contact_ended.abandoned);
    uint64_t emergency = talk(w, 110, WANG);
    assert_int_equal(park(w, 1001, emergency), REFUSAL_NONE);
    world_skip(w);
    assert_int_equal(hang_up(w, emergency, END_CAUSE_CALLER), REFUSAL_NONE);
    world_expect(w, "[0.0] contact_ended cause=caller from=waiting\n"
                    "[0.0] callback_opened\n");
    assert_int_equal(core_contact(w->core, emergency)->state, CONTACT_STATE_ENDED);
    assert_int_equal(take_back(w, 1001, emergency), REFUSAL_WRONG_STATE);
}

/* The clock of the first answer is not asked again, and the service level counts the first. */
static void who_was_parked_counts_as_answered_once(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 110, LI);
    assert_true(last_event(w, EVENT_CONTACT_CONNECTED)->contact_connected.emergency);
    assert_int_equal(park(w, 1001, contact), REFUSAL_NONE);
    world_wait(w, 15 * SECOND); /* beyond the answer target */
    assert_int_equal(take_back(w, 1001, contact), REFUSAL_NONE);
    assert_int_equal(answer(w, last_offer(w)), REFUSAL_NONE);
    assert_false(last_event(w, EVENT_CONTACT_CONNECTED)->contact_connected.emergency);
    assert_int_equal(count_events(w, EVENT_CLOCK_OVERDUE), 0);
}

static void what_cannot_be_parked(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    assert_int_equal(park(w, 1001, 999), REFUSAL_NO_SUCH_CONTACT);
    assert_int_equal(take_back(w, 1001, 999), REFUSAL_NO_SUCH_CONTACT);
    uint64_t text = text_in(w, 12345, ZHAO);
    assert_int_equal(accept(w, 1001, last_offer(w)), REFUSAL_NONE);
    assert_int_equal(park(w, 1001, text), REFUSAL_WRONG_STATE);
    assert_int_equal(finish(w, 1001, text), REFUSAL_NONE);
    (void)finish_wrap_up(w, 1001);
    uint64_t waiting = call_in(w, 12345, WANG);
    assert_int_equal(park(w, 1001, waiting), REFUSAL_WRONG_STATE); /* it rings yet */
    assert_int_equal(answer(w, last_offer(w)), REFUSAL_NONE);
    struct command silent = from_user(1001, COMMAND_CONTACT_SILENT);
    silent.contact_silent.contact = waiting;
    assert_int_equal(world_send(w, silent), REFUSAL_NONE);
    assert_int_equal(park(w, 1001, waiting), REFUSAL_WRONG_STATE); /* nobody knows yet what it is */
}

static void who_is_being_handed_over_is_not_parked(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, LI);
    on_duty(w, 1003);
    struct command transfer = from_user(1001, COMMAND_CONTACT_TRANSFER);
    transfer.contact_transfer.contact = contact;
    transfer.contact_transfer.taker = 1003;
    assert_int_equal(world_send(w, transfer), REFUSAL_NONE);
    assert_int_equal(park(w, 1001, contact), REFUSAL_TRANSFER_RUNS);
}

static void a_supervisor_parks_for_a_taker_and_guests_are_let_go(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, LI);
    on_duty(w, 1003);
    struct command invite = from_user(1001, COMMAND_PARTY_INVITE);
    invite.party_invite =
        (struct party_invite){ .contact = contact, .user = 1003, .role = PARTY_ROLE_GUEST };
    assert_int_equal(world_send(w, invite), REFUSAL_NONE);
    struct command hold = from_user(1001, COMMAND_CONTACT_HOLD);
    hold.contact_hold.contact = contact;
    assert_int_equal(world_send(w, hold), REFUSAL_NONE);
    struct command mute = from_user(1001, COMMAND_CONTACT_MUTE);
    mute.contact_mute.contact = contact;
    assert_int_equal(world_send(w, mute), REFUSAL_NONE);
    world_skip(w);
    assert_int_equal(park(w, SUPERVISOR, contact), REFUSAL_NONE);
    world_expect(w, "[0.0] contact_resumed taker=1001\n"
                    "[0.0] contact_unmuted taker=1001\n"
                    "[0.0] party_left user=1003 cause=dropped\n"
                    "[0.0] taker_became_ready taker=1003\n"
                    "[0.0] contact_parked from_taker=1001\n");
}

/* Its gateway is silent when the time is over: it waits in the queue, and comes when the gateway does. */
static void who_is_parked_behind_a_silent_gateway_is_not_lost(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, LI);
    assert_int_equal(park(w, 1001, contact), REFUSAL_NONE);
    struct command fall = from_system(COMMAND_GATEWAY_FALL);
    fall.gateway_fall.gateway = 1;
    fall.gateway_fall.epoch = 1;
    world_wait(w, 89 * SECOND);
    assert_int_equal(world_send(w, fall), REFUSAL_NONE);
    assert_int_equal(take_back(w, 1001, contact), REFUSAL_WRONG_STATE);
    world_skip(w);
    world_wait(w, SECOND);
    world_expect(w, "[90.0] contact_unparked parked_ms=90000 lapsed=yes\n");
    struct command rise = from_gateway(1, COMMAND_GATEWAY_RISE);
    rise.gateway_rise.epoch = 1; /* the same life goes on */
    assert_int_equal(world_send(w, rise), REFUSAL_NONE);
    world_expect(w, "[90.0] gateway_rose\n[90.0] offer_made taker=1001\n");
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(who_parks_is_free_for_the_next_and_takes_the_first_back),
        STORY(a_colleague_takes_whom_another_parked),
        STORY(who_is_parked_is_nobodys_turn_until_the_time_is_over),
        STORY(an_emergency_comes_back_sooner_and_to_the_next_when_its_taker_is_busy),
        STORY(who_hangs_up_while_parked_did_not_abandon_and_an_emergency_is_called_back),
        STORY(who_was_parked_counts_as_answered_once),
        STORY(what_cannot_be_parked),
        STORY(who_is_being_handed_over_is_not_parked),
        STORY(a_supervisor_parks_for_a_taker_and_guests_are_let_go),
        STORY(who_is_parked_behind_a_silent_gateway_is_not_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
