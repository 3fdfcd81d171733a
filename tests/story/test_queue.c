/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of the queue and distribution: order, weights, rings, languages, the reserve, two offers at
 * once, transfers, forced states, the watchdog. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "dispatcher/core/queue.h"
#include "tests/story/world.h"

static struct line_row row_of(const struct world *w, uint32_t line)
{
    return core_line(w->core, line)->row;
}

static enum refusal define_line(struct world *w, const struct line_row *row)
{
    struct command define = from_system(COMMAND_LINE_DEFINE);
    define.line_define.has_row = true;
    define.line_define.row = *row;
    return world_send(w, define);
}

static enum refusal define_user(struct world *w, const struct user_row *row)
{
    struct command define = from_system(COMMAND_USER_DEFINE);
    define.user_define.has_row = true;
    define.user_define.row = *row;
    return world_send(w, define);
}

/* One more taker like 1002, with one skill. */
static void hire(struct world *w, uint32_t taker, uint32_t line, uint32_t level, uint32_t languages)
{
    struct user_row row = core_user(w->core, 1002)->row;
    row.user = taker;
    row.languages = languages;
    row.skills_count = 1;
    row.skills[0] = (struct skill){ .line = line, .level = level };
    assert_int_equal(define_user(w, &row), REFUSAL_NONE);
    on_duty(w, taker);
}

static uint64_t foreign_call(struct world *w, uint32_t line, enum language language)
{
    struct command arrive = from_gateway(1, COMMAND_CONTACT_ARRIVE);
    arrive.contact_arrive = (struct contact_arrive){
        .call = w->next_call++, .line = line, .channel = CHANNEL_VOICE, .language = language
    };
    assert_int_equal(world_send(w, arrive), REFUSAL_NONE);
    return w->verdict.contact;
}

static uint32_t asked(const struct world *w)
{
    for (uint32_t i = w->history_count; i-- > 0;)
        if (w->history[i].kind == EVENT_OFFER_MADE)
            return w->history[i].taker;
    return 0;
}

static uint64_t offered_contact(const struct world *w)
{
    for (uint32_t i = w->history_count; i-- > 0;)
        if (w->history[i].kind == EVENT_OFFER_MADE)
            return w->history[i].contact;
    return 0;
}

/* ---- order ---------------------------------------------------------------------------------- */

static void ageing_never_crosses_a_band(void **state)
{
    struct world *w = *state;
    struct line_row heavy = row_of(w, 12345);
    heavy.weight = 1000;
    assert_int_equal(define_line(w, &heavy), REFUSAL_NONE);
    (void)call_in(w, 12345, LI);
    world_wait(w, 3 * HOUR);
    uint64_t emergency = call_in(w, 110, WANG);
    on_duty(w, 1001);
    assert_true(offered_contact(w) == emergency);
}

static void weights_order_lines_inside_their_band(void **state)
{
    struct world *w = *state;
    struct line_row row = row_of(w, 12345);
    row.line = 96001;
    row.weight = 3;
    assert_int_equal(define_line(w, &row), REFUSAL_NONE);
    uint64_t old = call_in(w, 12345, LI);
    world_wait(w, 20 * SECOND);
    uint64_t heavy = call_in(w, 96001, WANG);
    world_wait(w, 15 * SECOND); /* 35 s against 3 × 15 s */
    struct user_row both = core_user(w->core, 1002)->row;
    both.skills_count = 2;
    both.skills[1] = (struct skill){ .line = 96001, .level = 1 };
    assert_int_equal(define_user(w, &both), REFUSAL_NONE);
    on_duty(w, 1002);
    assert_true(offered_contact(w) == heavy);
    assert_int_equal(answer(w, last_offer(w)), REFUSAL_NONE);
    (void)finish(w, 1002, heavy);
    world_wait(w, MINUTE);
    assert_true(offered_contact(w) == old);
}

/* ---- rings and languages -------------------------------------------------------------------- */

static void a_ring_opens_with_waiting(void **state)
{
    struct world *w = *state;
    struct line_row row = row_of(w, 12345);
    row.rings_count = 2;
    row.rings[0] = (struct ring){ .after_ms = 0, .level = 1 };
    row.rings[1] = (struct ring){ .after_ms = 30 * SECOND, .level = 3 };
    assert_int_equal(define_line(w, &row), REFUSAL_NONE);
    hire(w, 1010, 12345, 2, 0);
    world_skip(w);
    (void)call_in(w, 12345, LI);
    world_wait(w, 40 * SECOND);
    world_expect(w, "[0.0] contact_arrived level=1 widen=30.0\n"
                    "[15.0] clock_overdue\n"
                    "[30.0] contact_widened level=3\n"
                    "[30.0] offer_made taker=1010\n");
}

static void emergency_lines_have_no_rings(void **state)
{
    struct world *w = *state;
    struct line_row row = row_of(w, 110);
    row.rings_count = 1;
    row.rings[0] = (struct ring){ .after_ms = 0, .level = 1 };
    assert_int_equal(define_line(w, &row), REFUSAL_MALFORMED);
}

static void a_language_is_demanded_then_preferred_and_never_lost(void **state)
{
    struct world *w = *state;
    on_duty(w, 1002); /* does not speak it */
    world_skip(w);
    uint64_t contact = foreign_call(w, 12345, LANGUAGE_UYGHUR);
    world_wait(w, 20 * SECOND);
    world_expect(w, "[0.0] contact_arrived language=uyghur widen=20.0\n"
                    "[15.0] clock_overdue\n"
                    "[20.0] contact_widened any_language=yes\n"
                    "[20.0] offer_made taker=1002\n");
    (void)decline(w, 1002, last_offer(w));
    world_wait(w, 500);
    hire(w, 1010, 12345, 9, 1U << LANGUAGE_UYGHUR); /* better than the longest idle */
    assert_int_equal(asked(w), 1010);
    assert_true(offered_contact(w) == contact);
}

static void who_speaks_it_is_asked_before_the_longest_idle(void **state)
{
    struct world *w = *state;
    on_duty(w, 1002);
    world_wait(w, MINUTE);
    hire(w, 1010, 12345, 5, 1U << LANGUAGE_ENGLISH | 1U << LANGUAGE_KOREAN);
    (void)foreign_call(w, 12345, LANGUAGE_KOREAN);
    assert_int_equal(asked(w), 1010);
    (void)call_in(w, 12345, LI);
    assert_int_equal(asked(w), 1002);
}

/* Nobody hears the callers of trunk 1 for a while. */
static void trunk_is_silent(struct world *w, bool silent)
{
    struct command fall = from_system(COMMAND_GATEWAY_FALL);
    fall.gateway_fall.gateway = 1;
    fall.gateway_fall.epoch = 1;
    struct command rise = from_gateway(1, COMMAND_GATEWAY_RISE);
    rise.gateway_rise.epoch = 1;
    assert_int_equal(world_send(w, silent ? fall : rise), REFUSAL_NONE);
}

static void who_speaks_it_comes_first_when_others_may_answer_too(void **state)
{
    struct world *w = *state;
    uint64_t contact = foreign_call(w, 12345, LANGUAGE_UYGHUR);
    world_wait(w, 20 * SECOND);
    assert_true(core_contact(w->core, contact)->any_language);
    trunk_is_silent(w, true);
    on_duty(w, 1002);
    world_wait(w, SECOND);
    hire(w, 1010, 12345, 9, 1U << LANGUAGE_UYGHUR);
    trunk_is_silent(w, false);
    assert_int_equal(asked(w), 1010); /* 1002 is idle for longer, and of a better level */
}

static void a_taker_says_which_language_a_contact_needs(void **state)
{
    struct world *w = *state;
    on_duty(w, 1002);
    uint64_t contact = call_in(w, 12345, LI);
    struct command need = from_user(1001, COMMAND_CONTACT_NEED);
    need.contact_need.contact = contact;
    need.contact_need.language = LANGUAGE_TIBETAN;
    assert_int_equal(world_send(w, need), REFUSAL_NOT_YOURS);
    need.actor = 1002;
    world_skip(w);
    assert_int_equal(world_send(w, need), REFUSAL_NONE);
    assert_int_equal(world_send(w, need), REFUSAL_ALREADY);
    world_expect(w, "[0.0] contact_needed language=tibetan widen=20.0\n");
    hire(w, 1010, 12345, 1, 1U << LANGUAGE_TIBETAN);
    (void)decline(w, 1002, last_offer(w));
    assert_int_equal(asked(w), 1010);
}

static void five_languages_are_too_many(void **state)
{
    struct world *w = *state;
    struct user_row row = core_user(w->core, 1002)->row;
    row.languages = 0x1e;
    assert_int_equal(define_user(w, &row), REFUSAL_NONE);
    row.languages = 0x3e;
    assert_int_equal(define_user(w, &row), REFUSAL_MALFORMED);
    row.languages = 1U << LANGUAGE_COUNT;
    assert_int_equal(define_user(w, &row), REFUSAL_MALFORMED);
}

/* ---- offers --------------------------------------------------------------------------------- */

static void a_line_has_its_own_lease_and_wrap_up(void **state)
{
    struct world *w = *state;
    struct line_row row = row_of(w, 110);
    row.lease_ms = 5 * SECOND;
    row.wrap_up_ms = 7 * SECOND;
    assert_int_equal(define_line(w, &row), REFUSAL_NONE);
    on_duty(w, 1001);
    world_skip(w);
    uint64_t contact = call_in(w, 110, LI);
    world_expect(w, "[0.0] contact_arrived\n[0.0] offer_made until=5.0\n");
    (void)answer(w, last_offer(w));
    (void)finish(w, 1001, contact);
    world_expect(w, "[0.0] contact_connected emergency=yes in_time=yes\n"
                    "[0.0] contact_ended\n[0.0] wrap_up_started until=7.0\n");
}

/* Two missed offers, then two takers at once; the first to connect has it. */
static void an_emergency_nobody_answers_asks_two_at_once(void **state)
{
    struct world *w = *state;
    for (uint32_t taker = 1010; taker < 1014; taker++) {
        hire(w, taker, 110, 1, 0);
        world_wait(w, SECOND);
    }
    world_skip(w);
    uint64_t contact = call_in(w, 110, LI);
    world_wait(w, 15 * SECOND);
    world_wait(w, 15 * SECOND);
    world_expect(w, "[4.0] contact_arrived\n"
                    "[4.0] offer_made taker=1010 until=19.0\n"
                    "[14.0] clock_overdue\n"
                    "[19.0] offer_ended taker=1010 cause=unanswered unanswered=1\n"
                    "[19.0] taker_went_away taker=1010\n"
                    "[19.0] offer_made taker=1011 until=34.0\n"
                    "[34.0] offer_ended taker=1011 unanswered=2\n"
                    "[34.0] taker_went_away taker=1011\n"
                    "[34.0] offer_made taker=1012\n"
                    "[34.0] offer_made taker=1013 kind=parallel\n");
    uint64_t second = last_offer(w);
    assert_int_equal(answer(w, second), REFUSAL_NONE);
    world_expect(w, "[34.0] offer_ended taker=1012 cause=taken_elsewhere rest_until=35.0\n"
                    "[34.0] contact_connected taker=1013\n");
    assert_true(core_user(w->core, 1012)->idle_ms < w->now_ms - 25 * SECOND); /* keeps its place */
    assert_int_equal(finish(w, 1013, contact), REFUSAL_NONE);
}

static void a_second_offer_waits_behind_emergencies_without_one(void **state)
{
    struct world *w = *state;
    hire(w, 1010, 110, 1, 0);
    (void)call_in(w, 110, LI);
    world_wait(w, 15 * SECOND);
    hire(w, 1011, 110, 1, 0);
    world_wait(w, 15 * SECOND); /* twice missed */
    hire(w, 1012, 110, 1, 0);
    uint64_t other = call_in(w, 110, WANG);
    hire(w, 1013, 110, 1, 0);
    assert_true(offered_contact(w) == other);
}

static void nobody_is_asked_twice_in_a_second(void **state)
{
    struct world *w = *state;
    on_duty(w, 1002);
    (void)call_in(w, 12345, LI);
    world_skip(w);
    (void)decline(w, 1002, last_offer(w));
    world_wait(w, 2 * SECOND);
    world_expect(w, "[0.0] offer_ended cause=declined rest_until=1.0\n"
                    "[1.0] taker_rested taker=1002\n[1.0] offer_made taker=1002\n");
}

static void an_emergency_does_not_wait_for_the_pause_between_two_offers(void **state)
{
    struct world *w = *state;
    assert_int_equal(set_parameter(w, PARAMETER_OFFER_PAUSE_MS, MINUTE), REFUSAL_NONE);
    on_duty(w, 1001);
    (void)call_in(w, 12345, LI);
    (void)decline(w, 1001, last_offer(w));
    world_skip(w);
    uint64_t contact = call_in(w, 110, WANG);
    world_expect(w, "[0.0] contact_arrived line=110\n"
                    "[0.0] taker_rested taker=1001\n"
                    "[0.0] offer_made line=110 taker=1001\n");
    assert_int_equal(hang_up(w, contact, END_CAUSE_CANCELLED), REFUSAL_NONE);
    world_skip(w);
    (void)call_in(w, 110, ZHAO); /* who gave up is no reason to wait either */
    world_expect(w, "[0.0] contact_arrived line=110\n"
                    "[0.0] taker_rested taker=1001\n"
                    "[0.0] offer_made line=110 taker=1001\n");
}

static void a_phone_that_refuses_by_itself_is_not_asked_without_end(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    (void)call_in(w, 110, LI);
    world_skip(w);
    (void)decline(w, 1001, last_offer(w));
    world_wait(w, 2 * SECOND);
    world_expect(w, "[0.0] offer_ended cause=declined rest_until=1.0\n"
                    "[1.0] taker_rested taker=1001\n[1.0] offer_made taker=1001\n");
}

static void an_emergency_is_handed_to_who_pauses_between_two_offers(void **state)
{
    struct world *w = *state;
    assert_int_equal(set_parameter(w, PARAMETER_OFFER_PAUSE_MS, MINUTE), REFUSAL_NONE);
    on_duty(w, 1001);
    uint64_t contact = talk(w, 110, LI);
    on_duty(w, 1003);
    (void)call_in(w, 12345, WANG);
    (void)decline(w, 1003, last_offer(w));
    struct command command = from_user(1001, COMMAND_CONTACT_TRANSFER);
    command.contact_transfer.contact = contact;
    command.contact_transfer.taker = 1003;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    assert_int_equal(asked(w), 1003);
}

/* ---- why somebody waits ----------------------------------------------------------------------- */

static const struct explanation *explained(const struct world *w, uint64_t contact)
{
    static struct explanation explanation;
    assert_true(core_explain(w->core, contact, w->now_ms, &explanation));
    assert_true(explanation.contact == contact);
    return &explanation;
}

static void a_supervisor_learns_why_a_contact_stands_where_it_stands(void **state)
{
    struct world *w = *state;
    static struct explanation none;
    assert_false(core_explain(w->core, 999999, w->now_ms, &none));
    uint64_t first = call_in(w, 12345, LI);
    world_wait(w, SECOND);
    uint64_t second = call_in(w, 12345, WANG);
    assert_int_equal(explained(w, second)->reason, WAIT_REASON_NO_TAKER);
    assert_int_equal(explained(w, second)->place, 2);
    assert_int_equal(explained(w, second)->ahead[0].rule, AHEAD_RULE_DEADLINE);
    uint64_t fire = call_in(w, 110, ZHAO);
    const struct explanation *why = explained(w, second);
    assert_int_equal(why->waiting, 3);
    assert_int_equal(why->place, 3);
    assert_int_equal(why->ahead_count, 2);
    assert_true(why->ahead[0].contact == first && why->ahead[1].contact == fire);
    assert_int_equal(why->ahead[1].rule, AHEAD_RULE_BAND);
    on_duty(w, 1002); /* has no skill for 110 */
    assert_int_equal(explained(w, first)->reason, WAIT_REASON_OFFERED);
    assert_int_equal(explained(w, first)->offers_count, 1);
    assert_int_equal(explained(w, second)->reason, WAIT_REASON_ALL_BUSY);
    assert_int_equal(explained(w, fire)->reason, WAIT_REASON_NO_TAKER);
    assert_int_equal(hang_up(w, second, END_CAUSE_CANCELLED), REFUSAL_NONE);
    assert_int_equal(decline(w, 1002, last_offer(w)), REFUSAL_NONE);
    assert_int_equal(explained(w, first)->reason, WAIT_REASON_RESTING);
    assert_int_equal(explained(w, first)->able.resting, 1);
}

/* ---- the reserve ---------------------------------------------------------------------------- */

static void the_reserve_grows_with_the_takers_and_with_missed_targets(void **state)
{
    struct world *w = *state;
    struct core_limits limits = w->limits;
    limits.users = 64;
    world_restart(w, &limits);
    for (uint32_t taker = 1010; taker < 1024; taker++)
        hire(w, taker, 110, 1, 0);
    assert_int_equal(w->core->reserve.takers, 1); /* 4 % of 14; none before the seventh */
    uint64_t calls[6];
    for (uint32_t i = 0; i < 6; i++)
        calls[i] = call_in(w, 110, 0);
    world_wait(w, 12 * SECOND); /* all too late */
    for (uint32_t i = 0; i < 6; i++)
        assert_int_equal(answer(w, core_contact(w->core, calls[i])->leases[0].id), REFUSAL_NONE);
    assert_int_equal(w->core->reserve.takers, 2);
    assert_int_equal(w->core->reserve.extra, 1);
    world_wait(w, MINUTE); /* never above 15 % */
    (void)finish(w, core_contact(w->core, calls[0])->taker->row.user, calls[0]);
    assert_int_equal(w->core->reserve.takers, 2);
    world_wait(w, 10 * MINUTE); /* quiet: given back */
    (void)call_in(w, 12345, LI);
    assert_int_equal(w->core->reserve.takers, 1);
}

/* ---- forced states -------------------------------------------------------------------------- */

static void a_supervisor_ends_a_wrap_up(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    (void)finish(w, 1001, talk(w, 110, LI));
    struct command done = from_user(1002, COMMAND_WRAP_UP_FINISH);
    done.wrap_up_finish.taker = 1001;
    assert_int_equal(world_send(w, done), REFUSAL_NOT_ALLOWED);
    done.actor = 3001;
    world_skip(w);
    assert_int_equal(world_send(w, done), REFUSAL_NONE);
    world_expect(w, "[0.0] wrap_up_ended taker=1001\n");
    assert_int_equal(world_send(w, done), REFUSAL_WRONG_STATE);
}

/* ---- transfers ------------------------------------------------------------------------------ */

static enum refusal transfer(struct world *w, uint32_t taker, uint64_t contact, uint32_t to,
                             uint32_t line, enum transfer_kind kind)
{
    struct command command = from_user(taker, COMMAND_CONTACT_TRANSFER);
    command.contact_transfer =
        (struct contact_transfer){ .contact = contact, .taker = to, .line = line, .kind = kind };
    return world_send(w, command);
}

static enum refusal hand_over(struct world *w, uint32_t taker, uint64_t contact)
{
    struct command command = from_user(taker, COMMAND_TRANSFER_FINISH);
    command.transfer_finish.contact = contact;
    return world_send(w, command);
}

static void a_warm_transfer_moves_the_contact_with_its_record(void **state)
{
    struct world *w = *state;
    on_duty(w, 1002);
    uint64_t contact = talk(w, 12345, LI);
    on_duty(w, 1001);
    world_skip(w);
    assert_int_equal(transfer(w, 1002, contact, 0, 110, TRANSFER_KIND_NONE), REFUSAL_NONE);
    world_expect(w, "[0.0] transfer_asked taker=1002 to_line=110 kind=warm until=10.0\n"
                    "[0.0] offer_made taker=1001 kind=transfer until=10.0\n");
    assert_int_equal(hand_over(w, 1002, contact), REFUSAL_WRONG_STATE); /* nobody there yet */
    world_wait(w, 3 * SECOND);
    assert_int_equal(answer(w, last_offer(w)), REFUSAL_NONE);
    world_expect(w, "[3.0] transfer_answered taker=1001\n");
    assert_int_equal(hand_over(w, 1002, contact), REFUSAL_NONE);
    world_expect(w, "[3.0] transfer_ended taker=1001 from_taker=1002 to_taker=1001 from_line=12345 "
                    "to_line=110 kind=warm asked=0.0 answered=3.0 outcome=taken\n"
                    "[3.0] wrap_up_started taker=1002\n");
    assert_int_equal(finish(w, 1002, contact), REFUSAL_NOT_YOURS);
    assert_int_equal(finish(w, 1001, contact), REFUSAL_NONE);
}

static void an_unanswered_transfer_returns_to_its_sender(void **state)
{
    struct world *w = *state;
    on_duty(w, 1002);
    uint64_t contact = talk(w, 12345, LI);
    world_skip(w);
    assert_int_equal(transfer(w, 1002, contact, 0, 110, TRANSFER_KIND_WARM), REFUSAL_NONE);
    assert_int_equal(transfer(w, 1002, contact, 0, 110, TRANSFER_KIND_WARM), REFUSAL_TRANSFER_RUNS);
    world_wait(w, MINUTE);
    world_expect(w, "[0.0] transfer_asked until=10.0\n"
                    "[10.0] transfer_ended taker=1002 outcome=unanswered returned=yes\n");
    assert_int_equal(hand_over(w, 1002, contact), REFUSAL_NO_TRANSFER);
    assert_int_equal(finish(w, 1002, contact), REFUSAL_NONE);
}

static void nobody_is_asked_by_a_transfer_whose_time_is_over(void **state)
{
    struct world *w = *state;
    on_duty(w, 1002);
    uint64_t contact = talk(w, 12345, LI);
    assert_int_equal(transfer(w, 1002, contact, 0, 110, TRANSFER_KIND_WARM), REFUSAL_NONE);
    world_wait(w, 0);
    world_skip(w);
    w->now_ms += 10 * SECOND + 200; /* the dispatcher was held up: its tick comes late */
    on_duty(w, 1001);
    world_expect(w, "[10.2] taker_signed_on\n"
                    "[10.2] transfer_ended taker=1002 outcome=unanswered returned=yes\n"
                    "[10.2] taker_became_ready\n");
    assert_int_equal(finish(w, 1002, contact), REFUSAL_NONE);
}

static void a_transfer_to_a_taker_is_theirs_alone(void **state)
{
    struct world *w = *state;
    on_duty(w, 1002);
    uint64_t contact = talk(w, 12345, LI);
    assert_int_equal(transfer(w, 1002, contact, 1003, 0, TRANSFER_KIND_BLIND), REFUSAL_TAKER_BUSY);
    on_duty(w, 1003);
    assert_int_equal(transfer(w, 1002, contact, 1003, 110, TRANSFER_KIND_WARM), REFUSAL_MALFORMED);
    assert_int_equal(transfer(w, 1001, contact, 1003, 0, TRANSFER_KIND_BLIND), REFUSAL_NOT_YOURS);
    world_skip(w);
    assert_int_equal(transfer(w, 1002, contact, 1003, 0, TRANSFER_KIND_BLIND), REFUSAL_NONE);
    (void)decline(w, 1003, last_offer(w));
    world_expect(w, "[0.0] transfer_asked to_taker=1003 to_line=12345 kind=blind until=15.0\n"
                    "[0.0] contact_held taker=1002\n"
                    "[0.0] offer_made taker=1003 kind=transfer\n"
                    "[0.0] offer_ended taker=1003 cause=declined\n"
                    "[0.0] contact_resumed taker=1002\n"
                    "[0.0] transfer_ended outcome=receiver_left returned=yes\n");
    world_wait(w, SECOND);
    world_skip(w);
    assert_int_equal(transfer(w, 1002, contact, 1003, 0, TRANSFER_KIND_BLIND), REFUSAL_NONE);
    (void)answer(w, last_offer(w));
    world_expect(w, "[1.0] transfer_asked\n[1.0] contact_held\n[1.0] offer_made\n"
                    "[1.0] contact_resumed\n"
                    "[1.0] transfer_ended taker=1003 outcome=taken kind=blind\n"
                    "[1.0] wrap_up_started taker=1002\n");
}

static void an_emergency_is_never_handed_over_blindly(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 110, LI);
    assert_int_equal(transfer(w, 1001, contact, 0, 12345, TRANSFER_KIND_BLIND), REFUSAL_WARM_ONLY);
}

static enum refusal telephone_refers(struct world *w, uint32_t to, uint32_t line)
{
    struct command command = from_gateway(1, COMMAND_CONTACT_TRANSFER);
    command.contact_transfer =
        (struct contact_transfer){ .call = w->next_call - 1, .taker = to, .line = line };
    (void)text_copy(command.contact_transfer.referred_by,
                    sizeof command.contact_transfer.referred_by, "<sip:1002@city>");
    return world_send(w, command);
}

/* It says no more than a number: the lines say how. */
static void a_telephone_hands_over_as_the_lines_allow(void **state)
{
    struct world *w = *state;
    on_duty(w, 1002);
    uint64_t contact = talk(w, 12345, LI);
    on_duty(w, 1003);
    world_skip(w);
    assert_int_equal(telephone_refers(w, 9999, 0), REFUSAL_NO_SUCH_USER);
    assert_int_equal(telephone_refers(w, 0, 4711), REFUSAL_NO_SUCH_LINE);
    assert_int_equal(telephone_refers(w, 1003, 0), REFUSAL_NONE);
    world_expect(w, "[0.0] transfer_asked taker=1002 to_taker=1003 to_line=12345 kind=blind\n"
                    "[0.0] contact_held taker=1002\n"
                    "[0.0] offer_made taker=1003 kind=transfer\n");
    assert_int_equal(telephone_refers(w, 1003, 0), REFUSAL_TRANSFER_RUNS);
    assert_int_equal(answer(w, last_offer(w)), REFUSAL_NONE);
    assert_int_equal(finish(w, 1003, contact), REFUSAL_NONE);
    world_wait(w, MINUTE);
    on_duty(w, 1001);
    (void)talk(w, 110, LI);
    world_skip(w);
    assert_int_equal(telephone_refers(w, 12345, 0),
                     REFUSAL_NONE); /* dialled as a number: it is a line */
    world_expect(w, "[60.0] transfer_asked taker=1001 to_line=12345 kind=warm "
                    "referred_by=\"<sip:1002@city>\"\n"
                    "[60.0] offer_made taker=1002 kind=transfer\n");
}

static void bounce(struct world *w, uint64_t contact, uint32_t from, uint32_t line, uint32_t to)
{
    on_duty(w, to);
    assert_int_equal(transfer(w, from, contact, 0, line, TRANSFER_KIND_WARM), REFUSAL_NONE);
    assert_int_equal(answer(w, last_offer(w)), REFUSAL_NONE);
    assert_int_equal(hand_over(w, from, contact), REFUSAL_NONE);
    world_wait(w, MINUTE);
}

static void a_contact_bounces_once(void **state)
{
    struct world *w = *state;
    on_duty(w, 1002);
    uint64_t contact = talk(w, 12345, LI);
    bounce(w, contact, 1002, 110, 1001);
    (void)away(w, 1002, AWAY_REASON_BREAK);
    on_duty(w, 1002);
    bounce(w, contact, 1001, 12345, 1003);
    assert_int_equal(count_events(w, EVENT_TRANSFER_BOUNCED), 1);
    const struct contact *now = core_contact(w->core, contact);
    assert_int_equal(transfer(w, now->taker->row.user, contact, 0, 110, TRANSFER_KIND_WARM),
                     REFUSAL_BOUNCED);
}

static void a_sender_whose_phone_is_gone_leaves_the_contact_its_place(void **state)
{
    struct world *w = *state;
    on_duty(w, 1002);
    uint64_t contact = talk(w, 12345, LI);
    assert_int_equal(transfer(w, 1002, contact, 0, 110, TRANSFER_KIND_WARM), REFUSAL_NONE);
    struct command left = from_gateway(1, COMMAND_TRANSFER_FINISH);
    left.transfer_finish.call = w->next_call - 1;
    world_skip(w);
    assert_int_equal(world_send(w, left), REFUSAL_NONE);
    world_expect(w, "[0.0] transfer_ended outcome=sender_left\n"
                    "[0.0] wrap_up_started taker=1002\n");
    on_duty(w, 1001);
    assert_true(offered_contact(w) == contact);
}

static void a_caller_who_hangs_up_ends_the_transfer(void **state)
{
    struct world *w = *state;
    on_duty(w, 1002);
    uint64_t contact = talk(w, 12345, LI);
    on_duty(w, 1001);
    assert_int_equal(transfer(w, 1002, contact, 0, 110, TRANSFER_KIND_WARM), REFUSAL_NONE);
    (void)answer(w, last_offer(w));
    world_skip(w);
    assert_int_equal(hang_up(w, contact, END_CAUSE_CALLER), REFUSAL_NONE);
    world_expect(w, "[0.0] transfer_ended outcome=caller_gone\n"
                    "[0.0] contact_ended\n[0.0] wrap_up_started taker=1002\n");
    assert_null(core_user(w->core, 1001)->contact);
}

static void a_desk_is_reached_by_transfer_alone(void **state)
{
    struct world *w = *state;
    struct line_row desk = { .line = 9001, .band = BAND_ORDINARY, .desk = true };
    assert_int_equal(define_line(w, &desk), REFUSAL_NONE);
    assert_int_equal(call_in(w, 9001, LI), 0);
    on_duty(w, 1002);
    uint64_t contact = talk(w, 12345, LI);
    hire(w, 1010, 9001, 1, 0);
    assert_int_equal(transfer(w, 1002, contact, 0, 9001, TRANSFER_KIND_BLIND), REFUSAL_NONE);
    assert_int_equal(asked(w), 1010);
}

static void a_desk_that_was_closed_is_handed_nobody(void **state)
{
    struct world *w = *state;
    struct line_row desk = { .line = 9001, .band = BAND_ORDINARY, .desk = true };
    assert_int_equal(define_line(w, &desk), REFUSAL_NONE);
    desk.retired = true;
    assert_int_equal(define_line(w, &desk), REFUSAL_NONE);
    on_duty(w, 1002);
    uint64_t contact = talk(w, 12345, LI);
    assert_int_equal(transfer(w, 1002, contact, 0, 9001, TRANSFER_KIND_BLIND),
                     REFUSAL_NO_SUCH_LINE);
}

/* Whose sender's phone hung up stands where an emergency stands. */
static void who_is_handed_to_an_emergency_line_is_an_emergency(void **state)
{
    struct world *w = *state;
    on_duty(w, 1002);
    uint64_t contact = talk(w, 12345, LI);
    assert_int_equal(transfer(w, 1002, contact, 0, 110, TRANSFER_KIND_WARM), REFUSAL_NONE);
    struct command gone = from_gateway(1, COMMAND_TRANSFER_FINISH);
    gone.transfer_finish.call = w->next_call - 1;
    assert_int_equal(world_send(w, gone), REFUSAL_NONE);
    assert_int_equal(core_contact(w->core, contact)->state, CONTACT_STATE_WAITING);
    assert_int_equal(core_contact(w->core, contact)->band, row_of(w, 110).band);
}

/* ---- the watchdog --------------------------------------------------------------------------- */

static void a_corrupted_seat_is_found_and_mended(void **state)
{
    struct world *w = *state;
    on_duty(w, 1002);
    struct user *taker = core_user(w->core, 1002);
    rank_leave(&taker->seats[0][0]); /* the bug */
    struct command arrive = from_gateway(1, COMMAND_CONTACT_ARRIVE);
    arrive.contact_arrive = (struct contact_arrive){ .call = 77, .line = 12345, .channel = 1 };
    arrive.at_ms = w->now_ms;
    uint64_t contact;
    uint32_t user;
    assert_false(core_stalled(w->core, &contact, &user));
    core_step(w->core, &arrive, &w->verdict);
    assert_int_equal(w->verdict.count, 1); /* waits beside an idle taker */
    assert_true(core_stalled(w->core, &contact, &user));
    assert_true(contact == w->verdict.contact && user == 1002);
    struct command mend = from_system(COMMAND_QUEUE_MEND);
    mend.queue_mend = (struct queue_mend){ .contact = contact, .taker = user, .waited_ms = 500 };
    mend.at_ms = w->now_ms;
    core_step(w->core, &mend, &w->verdict);
    assert_int_equal(w->verdict.refusal, REFUSAL_NONE);
    assert_int_equal(w->verdict.events[0].kind, EVENT_QUEUE_STALLED);
    assert_int_equal(w->verdict.events[1].kind, EVENT_OFFER_MADE);
    core_check(w->core);
    core_step(w->core, &mend, &w->verdict);
    assert_int_equal(w->verdict.refusal, REFUSAL_WRONG_STATE);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(ageing_never_crosses_a_band),
        STORY(weights_order_lines_inside_their_band),
        STORY(a_ring_opens_with_waiting),
        STORY(emergency_lines_have_no_rings),
        STORY(a_language_is_demanded_then_preferred_and_never_lost),
        STORY(who_speaks_it_is_asked_before_the_longest_idle),
        STORY(who_speaks_it_comes_first_when_others_may_answer_too),
        STORY(a_taker_says_which_language_a_contact_needs),
        STORY(five_languages_are_too_many),
        STORY(a_line_has_its_own_lease_and_wrap_up),
        STORY(an_emergency_nobody_answers_asks_two_at_once),
        STORY(a_second_offer_waits_behind_emergencies_without_one),
        STORY(nobody_is_asked_twice_in_a_second),
        STORY(an_emergency_does_not_wait_for_the_pause_between_two_offers),
        STORY(a_phone_that_refuses_by_itself_is_not_asked_without_end),
        STORY(an_emergency_is_handed_to_who_pauses_between_two_offers),
        STORY(a_supervisor_learns_why_a_contact_stands_where_it_stands),
        STORY(the_reserve_grows_with_the_takers_and_with_missed_targets),
        STORY(a_supervisor_ends_a_wrap_up),
        STORY(a_warm_transfer_moves_the_contact_with_its_record),
        STORY(an_unanswered_transfer_returns_to_its_sender),
        STORY(nobody_is_asked_by_a_transfer_whose_time_is_over),
        STORY(a_transfer_to_a_taker_is_theirs_alone),
        STORY(an_emergency_is_never_handed_over_blindly),
        STORY(a_telephone_hands_over_as_the_lines_allow),
        STORY(a_contact_bounces_once),
        STORY(a_sender_whose_phone_is_gone_leaves_the_contact_its_place),
        STORY(a_caller_who_hangs_up_ends_the_transfer),
        STORY(a_desk_is_reached_by_transfer_alone),
        STORY(a_desk_that_was_closed_is_handed_nobody),
        STORY(who_is_handed_to_an_emergency_line_is_an_emergency),
    };
    const struct CMUnitTest broken[] = {
        cmocka_unit_test_setup_teardown(a_corrupted_seat_is_found_and_mended, world_setup,
                                        world_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) + cmocka_run_group_tests(broken, NULL, NULL);
}
