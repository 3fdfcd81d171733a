/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of callers who hung up before the dispatcher had room for them. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "gateways/trunk/call.h"
#include "tests/story/switchboard.h"

#define ARRIVAL "report ContactArrive call=1 line=110 called=110 number=13800001111\n"
#define END     "report ContactEnd call=1 cause=cancelled\n"

/* The dispatcher answers the arrival and what followed it. */
static void no_room(struct world *w)
{
    fake_link_outcome(w->link, REFUSAL_LIMIT);
}

static void hang_up(struct world *w)
{
    fake_stack_cancel(w->stack, w->invite);
}

static void who_hangs_up_while_the_dispatcher_refuses_is_told_of_again(void **state)
{
    struct world *w = *state;
    struct exchange_counts counts;
    call_in(w, "110", sdp);
    hang_up(w);
    expect("reply 100 to=1\n" ARRIVAL "reply 487 to=1\n" END);
    no_room(w);
    wait_for(w, EXCHANGE_RETRY_MS + EXCHANGE_TICK_MS);
    expect(ARRIVAL END);
    no_room(w);
    wait_for(w, 2 * EXCHANGE_RETRY_MS + EXCHANGE_TICK_MS);
    expect(ARRIVAL END);
    fake_link_outcome(w->link, REFUSAL_NONE); /* an abandoned contact, to be called back */
    wait_for(w, 60 * EXCHANGE_RETRY_MS);
    expect("");
    exchange_count(w->exchange, &counts);
    assert_int_equal(counts.gone_untaken, 1);
}

static void who_hangs_up_between_two_tries_is_told_of_again(void **state)
{
    struct world *w = *state;
    call_in(w, "110", sdp);
    no_room(w);
    hang_up(w);
    (void)transcript_take();
    wait_for(w, EXCHANGE_TICK_MS);
    expect(ARRIVAL END);
    fake_link_outcome(w->link, REFUSAL_NONE);
    wait_for(w, 60 * EXCHANGE_RETRY_MS);
    expect("");
}

static void who_cannot_be_reported_is_told_of_when_there_is_room_on_the_bus(void **state)
{
    struct world *w = *state;
    fake_link_fill(w->link, true);
    call_in(w, "110", sdp);
    hang_up(w);
    wait_for(w, 5 * EXCHANGE_RETRY_MS);
    expect("reply 100 to=1\nreply 487 to=1\n");
    fake_link_fill(w->link, false);
    wait_for(w, EXCHANGE_RETRY_MS);
    expect(ARRIVAL END);
    fake_link_outcome(w->link, REFUSAL_NONE);
}

static void an_ordinary_caller_who_is_gone_is_counted_as_turned_away(void **state)
{
    struct world *w = *state;
    call_in(w, "12345", sdp);
    hang_up(w);
    no_room(w);
    (void)transcript_take();
    wait_for(w, 60 * EXCHANGE_RETRY_MS + 2 * EXCHANGE_RETRY_MS);
    expect("report CallsTurnAway line=12345 calls=1\n");
}

static void a_test_call_that_is_refused_leaves_nothing(void **state)
{
    struct world *w = *state;
    struct exchange_counts counts;
    call_in(w, "test-110", sdp);
    hang_up(w);
    no_room(w);
    (void)transcript_take();
    wait_for(w, 120 * EXCHANGE_RETRY_MS);
    expect("");
    exchange_count(w->exchange, &counts);
    assert_int_equal(counts.gone_untaken, 0);
}

/* ---- without a dispatcher ------------------------------------------------------------------------ */

#define TALK "report ContactSurvive call=1 user=1001 phone=sip:1001@192.0.2.9\n"

static void lose_dispatcher(struct world *w)
{
    static struct setup setup;
    memset(&setup, 0, sizeof setup);
    static const uint32_t numbers[] = { 110, 12345 };
    for (size_t i = 0; i < 2; i++) {
        struct line_row *line = &setup.lines[setup.lines_count++];
        line->line = numbers[i];
        line->emergency = numbers[i] == 110;
        (void)text_copy(line->survival, sizeof line->survival, "1001");
    }
    setup.phones[0].user = 1001;
    (void)text_copy(setup.phones[0].phone, sizeof setup.phones[0].phone, "sip:1001@192.0.2.9");
    setup.phones_count = 1;
    fake_link_up(w->link);
    fake_link_outcome(w->link, REFUSAL_NONE);
    fake_link_setup(w->link, &setup);
    fake_link_silence(w->link, ALONE_AFTER_MS);
    wait_for(w, EXCHANGE_TICK_MS);
}

/* The line's plan rings somebody, who answers. */
static void talk_alone(struct world *w, const char *line)
{
    lose_dispatcher(w);
    call_in(w, line, sdp);
    fake_link_spool(w->link);
    wait_for(w, EXCHANGE_TICK_MS);
    fake_stack_answer(w->stack, 200, sdp);
    acknowledge(w, NULL);
    (void)transcript_take();
}

static void find_dispatcher(struct world *w)
{
    fake_link_silence(w->link, 0);
    fake_link_up(w->link);
    no_room(w);
    (void)transcript_take();
}

static void who_talks_without_a_dispatcher_is_told_of_whole_when_it_has_room(void **state)
{
    struct world *w = *state;
    talk_alone(w, "110");
    find_dispatcher(w);
    wait_for(w, EXCHANGE_RETRY_MS + EXCHANGE_TICK_MS);
    expect(ARRIVAL TALK); /* else it would offer to others who is spoken with */
    fake_link_outcome(w->link, REFUSAL_NONE);
    fake_stack_phone(w->stack, 1, SIP_BYE, NULL);
    expect("reply 200 to=3\n"
           "send BYE sip:caller@192.0.2.7\n"
           "report ContactEnd call=1 cause=taker\n"
           "media close channel=1\n"
           "media close channel=2\n");
}

static void a_conversation_that_ended_before_there_was_room_is_told_of_whole(void **state)
{
    struct world *w = *state;
    talk_alone(w, "110");
    fake_stack_phone(w->stack, 1, SIP_BYE, NULL);
    find_dispatcher(w);
    wait_for(w, EXCHANGE_RETRY_MS + EXCHANGE_TICK_MS);
    expect(ARRIVAL TALK "report ContactEnd call=1 cause=taker\n");
    fake_link_outcome(w->link, REFUSAL_NONE);
}

static void an_ordinary_conversation_is_neither_cut_off_nor_forgotten(void **state)
{
    struct world *w = *state;
    talk_alone(w, "12345");
    find_dispatcher(w);
    wait_for(w, EXCHANGE_RETRY_MS + EXCHANGE_TICK_MS);
    expect("report ContactArrive call=1 line=12345 called=12345 number=13800001111\n" TALK);
    no_room(w);
    fake_stack_phone(w->stack, 1, SIP_BYE, NULL);
    (void)transcript_take();
    wait_for(w, EXCHANGE_TICK_MS);
    expect("report ContactArrive call=1 line=12345 called=12345 number=13800001111\n" TALK
           "report ContactEnd call=1 cause=taker\n");
    fake_link_outcome(w->link, REFUSAL_NONE);
    wait_for(w, 120 * EXCHANGE_RETRY_MS);
    expect("");
}

/* ---- the next process ---------------------------------------------------------------------------- */

static void who_is_gone_outlives_the_process(void **state)
{
    struct world *w = *state;
    struct exchange_settings settings = { .address = "192.0.2.1",
                                          .lines_path = "/nonexistent/lines",
                                          .registrar = w->registrar,
                                          .first_call = FIRST_CALL + 100 };
    char path[64];
    struct kept *kept;
    (void)snprintf(path, sizeof path, "/tmp/yihao-gone-%d", (int)getpid());
    (void)unlink(path);
    assert_int_equal(exchange_open_kept(&kept, path), 0);
    exchange_take_up(w->exchange, kept, w->now_ms, WALL_MS + w->now_ms);
    call_in(w, "110", sdp);
    hang_up(w);
    no_room(w);
    kept_close(kept);
    exchange_destroy(w->exchange);
    w->exchange = exchange_create(&settings);
    stack_close(w->stack);
    link_close(w->link);
    w->stack = fake_stack_make(&exchange_stack_handlers, w->exchange);
    w->link = fake_link_make(&exchange_link_handlers, w->exchange);
    exchange_connect(w->exchange, w->stack, w->link, w->media);
    assert_int_equal(exchange_open_kept(&kept, path), 0);
    exchange_take_up(w->exchange, kept, w->now_ms, WALL_MS + w->now_ms);
    (void)transcript_take();
    wait_for(w, EXCHANGE_RETRY_MS + EXCHANGE_TICK_MS);
    expect(ARRIVAL END);
    fake_link_outcome(w->link, REFUSAL_ALREADY);
    kept_close(kept);
    assert_int_equal(exchange_open_kept(&kept, path), 0);
    exchange_take_up(w->exchange, kept, w->now_ms, WALL_MS + w->now_ms);
    wait_for(w, 60 * EXCHANGE_RETRY_MS);
    expect("");
    kept_close(kept);
    (void)unlink(path);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(who_hangs_up_while_the_dispatcher_refuses_is_told_of_again),
        STORY(who_hangs_up_between_two_tries_is_told_of_again),
        STORY(who_cannot_be_reported_is_told_of_when_there_is_room_on_the_bus),
        STORY(an_ordinary_caller_who_is_gone_is_counted_as_turned_away),
        STORY(a_test_call_that_is_refused_leaves_nothing),
        STORY(who_talks_without_a_dispatcher_is_told_of_whole_when_it_has_room),
        STORY(a_conversation_that_ended_before_there_was_room_is_told_of_whole),
        STORY(an_ordinary_conversation_is_neither_cut_off_nor_forgotten),
        STORY(who_is_gone_outlives_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
