/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of a gateway's lives: what becomes of its calls when its process is another one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/story/world.h"

static enum refusal rise_keeping(struct world *w, uint64_t epoch)
{
    struct command command = from_gateway(1, COMMAND_GATEWAY_RISE);
    command.gateway_rise.epoch = epoch;
    command.gateway_rise.keeps = true;
    return world_send(w, command);
}

static enum refusal keep(struct world *w, uint64_t call)
{
    struct command command = from_gateway(1, COMMAND_CONTACT_KEEP);
    command.contact_keep.call = call;
    command.contact_keep.silent_ms = 300;
    return world_send(w, command);
}

static enum refusal settle(struct world *w)
{
    return world_send(w, from_gateway(1, COMMAND_GATEWAY_SETTLE));
}

static void a_gateway_that_starts_anew_names_the_calls_it_kept(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    (void)talk(w, 110, LI);
    uint64_t talks = w->next_call - 1;
    (void)call_in(w, 12345, WANG);
    (void)call_in(w, 110, ZHAO);
    uint64_t waits = w->next_call - 1;
    world_skip(w);
    assert_int_equal(rise_keeping(w, 2), REFUSAL_NONE);
    on_duty(w, 1003); /* nobody is asked for a call that may be gone */
    assert_int_equal(keep(w, talks), REFUSAL_NONE);
    assert_int_equal(keep(w, talks), REFUSAL_ALREADY);
    assert_int_equal(keep(w, waits + 100), REFUSAL_NO_SUCH_CONTACT);
    assert_int_equal(keep(w, waits), REFUSAL_NONE);
    assert_int_equal(settle(w), REFUSAL_NONE);
    assert_int_equal(settle(w), REFUSAL_ALREADY);
    world_expect(w, "[0.0] gateway_rose gateway=1 epoch=2 keep_until=10.0\n"
                    "[0.0] taker_signed_on taker=1003\n"
                    "[0.0] taker_became_ready\n"
                    "[0.0] contact_kept line=110 gateway=1 silent_ms=300\n"
                    "[0.0] contact_kept line=110\n"
                    "[0.0] offer_made taker=1003\n"
                    "[0.0] gateway_settled gateway=1\n"
                    "[0.0] contact_ended line=12345 cause=gateway_lost abandoned=yes\n");
}

static void a_gateway_that_does_not_name_its_calls_has_lost_them(void **state)
{
    struct world *w = *state;
    uint64_t lost = call_in(w, 110, LI);
    world_wait(w, SECOND); /* so that no two deadlines fall together */
    assert_int_equal(rise_keeping(w, 2), REFUSAL_NONE);
    uint64_t call = w->next_call - 1;
    world_wait(w, SECOND);
    uint64_t fresh = call_in(w, 110, WANG); /* of its new life */
    world_skip(w);
    world_wait(w, 11 * SECOND);
    assert_int_equal(keep(w, call), REFUSAL_WRONG_STATE);
    assert_int_equal(hang_up(w, lost, END_CAUSE_CALLER), REFUSAL_ALREADY);
    assert_int_equal(hang_up(w, fresh, END_CAUSE_CALLER), REFUSAL_NONE);
    world_expect(w, "[10.0] clock_overdue contact=1\n"
                    "[11.0] contact_ended line=110 cause=gateway_lost abandoned=yes\n"
                    "[11.0] callback_opened line=110\n"
                    "[12.0] clock_overdue contact=2\n"
                    "[13.0] contact_ended cause=caller\n"
                    "[13.0] callback_opened\n");
}

static void a_gateway_without_calls_has_none_to_name(void **state)
{
    struct world *w = *state;
    world_skip(w);
    assert_int_equal(rise_keeping(w, 2), REFUSAL_NONE);
    assert_int_equal(settle(w), REFUSAL_ALREADY);
    world_expect(w, "[0.0] gateway_rose gateway=1 epoch=2\n");
}

static void a_call_is_kept_through_two_deaths(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 110, LI);
    uint64_t call = w->next_call - 1;
    (void)rise_keeping(w, 2);
    (void)rise_keeping(w, 3); /* died again before it named anything */
    assert_int_equal(keep(w, call), REFUSAL_NONE);
    assert_int_equal(settle(w), REFUSAL_NONE);
    world_wait(w, MINUTE);
    assert_int_equal(hang_up(w, contact, END_CAUSE_CALLER), REFUSAL_NONE);
}

static enum refusal rise_from_alone(struct world *w)
{
    struct command command = from_gateway(1, COMMAND_GATEWAY_RISE);
    command.gateway_rise.epoch = 1; /* the same life */
    command.gateway_rise.alone = true;
    return world_send(w, command);
}

static enum refusal survive(struct world *w, uint64_t call, uint32_t user)
{
    struct command command = from_gateway(1, COMMAND_CONTACT_SURVIVE);
    command.contact_survive.call = call;
    command.contact_survive.user = user;
    strcpy(command.contact_survive.phone, "sip:phone@city");
    command.contact_survive.answered_ms = w->now_ms;
    return world_send(w, command);
}

static void who_was_answered_without_us_is_with_their_taker(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    on_duty(w, 1002);
    world_skip(w);
    assert_int_equal(rise_from_alone(w), REFUSAL_NONE);
    uint64_t talks = call_in(w, 110, LI); /* from the spool: nobody is asked yet */
    uint64_t waits = call_in(w, 110, WANG);
    world_wait(w, SECOND);
    assert_int_equal(survive(w, w->next_call - 2, 1002), REFUSAL_NONE);
    assert_int_equal(survive(w, w->next_call - 2, 1002), REFUSAL_ALREADY);
    assert_int_equal(settle(w), REFUSAL_NONE);
    assert_int_equal(hang_up(w, talks, END_CAUSE_TAKER), REFUSAL_NONE);
    assert_int_equal(hang_up(w, waits, END_CAUSE_CALLER), REFUSAL_NONE);
    world_expect(
        w, "[0.0] gateway_rose gateway=1 epoch=1 hold_until=10.0\n"
           "[0.0] contact_arrived contact=1\n"
           "[0.0] contact_arrived contact=2\n"
           "[1.0] contact_survived contact=1 taker=1002 user=1002 answered=1.0 from=waiting\n"
           "[1.0] contact_connected contact=1 taker=1002 waited_ms=1000 in_time=yes answered=1.0\n"
           "[1.0] gateway_settled gateway=1\n"
           "[1.0] offer_made contact=2 taker=1001\n"
           "[1.0] contact_ended contact=1 taker=1002 cause=taker from=connected\n"
           "[1.0] wrap_up_started contact=1 taker=1002\n"
           "[1.0] offer_ended contact=2 taker=1001 cause=caller_gone\n"
           "[1.0] contact_ended contact=2 cause=caller abandoned=yes\n"
           "[1.0] callback_opened contact=2\n");
}

/* The gateway has a dispatcher again and does not say "alone" any more, but its reports are still under way. */
static void a_connection_lost_before_all_was_told_is_waited_for_again(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    (void)rise_from_alone(w);
    uint64_t contact = call_in(w, 110, LI);
    struct command fall = from_system(COMMAND_GATEWAY_FALL);
    fall.gateway_fall.gateway = 1;
    fall.gateway_fall.epoch = 1;
    assert_int_equal(world_send(w, fall), REFUSAL_NONE);
    world_wait(w, SECOND);
    world_skip(w);
    struct command rise = from_gateway(1, COMMAND_GATEWAY_RISE);
    rise.gateway_rise.epoch = 1;
    assert_int_equal(world_send(w, rise), REFUSAL_NONE);
    assert_int_equal(survive(w, w->next_call - 1, 0), REFUSAL_NONE);
    assert_int_equal(settle(w), REFUSAL_NONE);
    assert_int_equal(hang_up(w, contact, END_CAUSE_TAKER), REFUSAL_NONE);
    world_expect(w, "[1.0] gateway_rose hold_until=11.0\n" /* nobody is offered who talks */
                    "[1.0] contact_survived contact=1 from=waiting\n"
                    "[1.0] contact_connected contact=1\n"
                    "[1.0] gateway_settled gateway=1\n"
                    "[1.0] contact_ended contact=1 cause=taker from=connected\n");
}

static void a_telephone_that_is_nobody_s_seat_keeps_its_caller(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    world_skip(w);
    (void)rise_from_alone(w);
    uint64_t contact = call_in(w, 110, LI);
    assert_int_equal(survive(w, w->next_call - 1, 0), REFUSAL_NONE);
    assert_int_equal(settle(w), REFUSAL_NONE);
    world_wait(w, MINUTE); /* nobody else is asked */
    assert_int_equal(hang_up(w, contact, END_CAUSE_TAKER), REFUSAL_NONE);
    world_expect(w, "[0.0] gateway_rose hold_until=10.0\n"
                    "[0.0] contact_arrived contact=1\n"
                    "[0.0] contact_survived contact=1 from=waiting\n"
                    "[0.0] contact_connected contact=1 in_time=yes\n"
                    "[0.0] gateway_settled gateway=1\n"
                    "[60.0] contact_ended contact=1 cause=taker from=connected\n");
}

static void what_was_asked_meanwhile_gives_way(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t asked = call_in(w, 110, LI); /* offered when we died */
    world_skip(w);
    (void)rise_from_alone(w);
    uint64_t other = call_in(w, 110, WANG);
    assert_int_equal(survive(w, w->next_call - 1, 1001), REFUSAL_NONE);
    assert_int_equal(settle(w), REFUSAL_NONE);
    assert_int_equal(hang_up(w, asked, END_CAUSE_CALLER), REFUSAL_NONE);
    assert_int_equal(hang_up(w, other, END_CAUSE_CALLER), REFUSAL_NONE);
    world_expect(w, "[0.0] gateway_rose hold_until=10.0\n"
                    "[0.0] contact_arrived contact=3\n"
                    "[0.0] offer_ended contact=1 taker=1001 cause=taker_left\n"
                    "[0.0] contact_survived contact=3 taker=1001\n"
                    "[0.0] contact_connected contact=3 taker=1001\n"
                    "[0.0] gateway_settled gateway=1\n"
                    "[0.0] contact_ended contact=1 cause=caller from=waiting abandoned=yes\n"
                    "[0.0] callback_opened contact=1\n"
                    "[0.0] contact_ended contact=3 taker=1001 cause=caller from=connected\n"
                    "[0.0] wrap_up_started contact=3 taker=1001\n");
}

static void a_gateway_that_tells_nothing_is_not_waited_for(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    world_skip(w);
    (void)rise_from_alone(w);
    uint64_t contact = call_in(w, 110, LI);
    world_wait(w, 11 * SECOND);
    assert_int_equal(hang_up(w, contact, END_CAUSE_CALLER), REFUSAL_NONE);
    world_expect(w, "[0.0] gateway_rose hold_until=10.0\n"
                    "[0.0] contact_arrived contact=1\n"
                    "[10.0] gateway_settled gateway=1\n"
                    "[10.0] offer_made contact=1 taker=1001\n"
                    "[10.0] clock_overdue contact=1\n"
                    "[11.0] offer_ended contact=1 cause=caller_gone\n"
                    "[11.0] contact_ended contact=1 cause=caller\n"
                    "[11.0] callback_opened contact=1\n");
}

static void who_was_given_up_and_answered_needs_no_callback(void **state)
{
    struct world *w = *state;
    uint64_t contact = call_in(w, 110, LI);
    world_wait(w, SECOND);
    assert_int_equal(hang_up(w, contact, END_CAUSE_GATEWAY_LOST), REFUSAL_NONE);
    world_skip(w);
    assert_int_equal(survive(w, w->next_call - 1, 1001), REFUSAL_NONE);
    world_expect(w, "[1.0] contact_survived contact=1 user=1001 answered=1.0 from=abandoned\n"
                    "[1.0] callback_ended contact=1 end=reached\n");
}

/* A gateway names all it has when the dispatcher is back, and says again who answered: by then it may be over. */
static void who_was_answered_without_us_is_told_of_once(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    (void)rise_from_alone(w);
    uint64_t contact = call_in(w, 110, LI);
    uint64_t answered_ms = w->now_ms;
    assert_int_equal(survive(w, w->next_call - 1, 1001), REFUSAL_NONE);
    assert_int_equal(settle(w), REFUSAL_NONE);
    world_wait(w, SECOND);
    assert_int_equal(hang_up(w, contact, END_CAUSE_GATEWAY_LOST), REFUSAL_NONE);
    world_skip(w);
    struct command again = from_gateway(1, COMMAND_CONTACT_SURVIVE);
    again.contact_survive.call = w->next_call - 1;
    again.contact_survive.user = 1001;
    again.contact_survive.answered_ms = answered_ms;
    assert_int_equal(world_send(w, again), REFUSAL_ALREADY);
    world_expect(w, ""); /* and the citizen is still to be called back */
}

/* The gateway's clock is another than ours. */
static void nobody_is_answered_before_they_called(void **state)
{
    struct world *w = *state;
    (void)rise_from_alone(w);
    (void)call_in(w, 110, LI);
    struct command early = from_gateway(1, COMMAND_CONTACT_SURVIVE);
    early.contact_survive.call = w->next_call - 1;
    early.contact_survive.answered_ms = w->now_ms - 5 * SECOND;
    world_wait(w, SECOND);
    world_skip(w);
    assert_int_equal(world_send(w, early), REFUSAL_NONE);
    world_expect(w, "[1.0] contact_survived contact=1 from=waiting\n"
                    "[1.0] contact_connected contact=1 in_time=yes answered=0.0\n");
}

/* Called in by a colleague: whoever their telephone answered meanwhile is with nobody's seat. */
static void a_guest_elsewhere_does_not_have_the_caller(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    struct command invite = from_user(1001, COMMAND_PARTY_INVITE);
    invite.party_invite.contact = talk(w, 110, LI);
    invite.party_invite.user = 1002;
    invite.party_invite.role = PARTY_ROLE_GUEST;
    on_duty(w, 1002);
    assert_int_equal(world_send(w, invite), REFUSAL_NONE);
    (void)rise_from_alone(w);
    (void)call_in(w, 110, WANG);
    world_skip(w);
    assert_int_equal(survive(w, w->next_call - 1, 1002), REFUSAL_NONE);
    assert_int_equal(w->history[w->history_count - 1].kind, EVENT_CONTACT_CONNECTED);
    assert_int_equal(w->history[w->history_count - 1].taker, 0);
}

static void a_dead_telephone_of_nobody_s_leaves_its_citizen_to_the_queue(void **state)
{
    struct world *w = *state;
    (void)rise_from_alone(w);
    uint64_t contact = call_in(w, 110, LI);
    assert_int_equal(survive(w, w->next_call - 1, 0), REFUSAL_NONE);
    assert_int_equal(settle(w), REFUSAL_NONE);
    struct command lost = from_gateway(1, COMMAND_TRANSFER_FINISH);
    lost.transfer_finish.call = w->next_call - 1;
    lost.transfer_finish.lost =
        true; /* and then that telephone is dead: the queue has the citizen */
    on_duty(w, 1001);
    world_skip(w);
    assert_int_equal(world_send(w, lost), REFUSAL_NONE);
    assert_int_equal(hang_up(w, contact, END_CAUSE_CALLER), REFUSAL_NONE);
    world_expect(w, "[0.0] contact_requeued contact=1\n"
                    "[0.0] offer_made contact=1 taker=1001\n"
                    "[0.0] offer_ended contact=1 cause=caller_gone\n"
                    "[0.0] contact_ended contact=1 cause=caller\n"
                    "[0.0] callback_opened contact=1\n");
}

/* They never were contacts: the trail says so for the figures, and nothing follows. */
static void whom_a_trunk_turned_away_is_told_by_the_minute(void **state)
{
    struct world *w = *state;
    struct command command = from_gateway(1, COMMAND_CALLS_TURN_AWAY);
    command.calls_turn_away.line = 12345;
    command.calls_turn_away.minute_ms = w->now_ms - MINUTE;
    assert_int_equal(world_send(w, command), REFUSAL_MALFORMED); /* nobody */
    command.calls_turn_away.calls = 7;
    world_skip(w);
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    world_expect(w, "[0.0] calls_turned_away line=12345 gateway=1 calls=7\n");
    command.calls_turn_away.minute_ms = w->now_ms + MINUTE; /* the gateway's clock runs ahead */
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    assert_int_equal(w->history[w->history_count - 1].calls_turned_away.minute_ms, w->now_ms);
    world_skip(w);
    command.actor_kind = ACTOR_KIND_USER;
    command.actor = 1001;
    assert_int_equal(world_send(w, command), REFUSAL_NOT_ALLOWED);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_gateway_that_starts_anew_names_the_calls_it_kept),
        STORY(a_gateway_that_does_not_name_its_calls_has_lost_them),
        STORY(a_gateway_without_calls_has_none_to_name),
        STORY(a_call_is_kept_through_two_deaths),
        STORY(who_was_answered_without_us_is_with_their_taker),
        STORY(a_connection_lost_before_all_was_told_is_waited_for_again),
        STORY(a_telephone_that_is_nobody_s_seat_keeps_its_caller),
        STORY(what_was_asked_meanwhile_gives_way),
        STORY(a_gateway_that_tells_nothing_is_not_waited_for),
        STORY(who_was_given_up_and_answered_needs_no_callback),
        STORY(who_was_answered_without_us_is_told_of_once),
        STORY(nobody_is_answered_before_they_called),
        STORY(a_guest_elsewhere_does_not_have_the_caller),
        STORY(a_dead_telephone_of_nobody_s_leaves_its_citizen_to_the_queue),
        STORY(whom_a_trunk_turned_away_is_told_by_the_minute),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
