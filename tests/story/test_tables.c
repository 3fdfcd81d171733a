/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of what stands beside the work and is history all the same: rows of the city's tables and
 * what they change under way, sign-ins, the queue when it was built anew, and what a crash cut off.
 * With the other stories they hold every kind of event (tests/golden/README.md). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/story/world.h"

enum {
    TREE = 3,
    DANGER = 10,
    WITNESS = 9
};

static void rows_of_every_table_are_events(void **state)
{
    struct world *w = *state;
    struct command limit = from_system(COMMAND_LIMIT_DEFINE);
    limit.limit_define.has_row = true;
    limit.limit_define.row = (struct limit_row){
        .sla = SLA_CLASS_G, .dispatch_ms = HOUR, .sign_ms = HOUR, .reply_ms = DAY, .tell_ms = HOUR
    };
    struct command district = from_system(COMMAND_DISTRICT_DEFINE);
    district.district_define.has_row = true;
    district.district_define.row = (struct district_row){ .district = 110101, .far = true };
    struct command template = from_system(COMMAND_TEMPLATE_DEFINE);
    template.template_define.has_row = true;
    template.template_define.row.template = TEMPLATE_RESULT;
    (void)snprintf(template.template_define.row.text_zh,
                   sizeof template.template_define.row.text_zh, "{number} {text}");
    struct command wish = from_system(COMMAND_WISH_DEFINE);
    wish.wish_define.has_row = true;
    wish.wish_define.row.wish = CITIZEN_WISH_STATUS;
    wish.wish_define.row.words_count = 1;
    (void)snprintf(wish.wish_define.row.words[0], sizeof wish.wish_define.row.words[0], "CX");
    assert_int_equal(world_send(w, limit), REFUSAL_NONE);
    assert_int_equal(world_send(w, wish), REFUSAL_NONE);
    assert_int_equal(world_send(w, wish), REFUSAL_ALREADY);
    assert_int_equal(world_send(w, district), REFUSAL_NONE);
    assert_int_equal(world_send(w, template), REFUSAL_NONE);
    assert_int_equal(world_send(w, limit), REFUSAL_ALREADY);
    assert_int_equal(count_events(w, EVENT_LIMIT_DEFINED), 1);
    assert_int_equal(count_events(w, EVENT_DISTRICT_DEFINED), 1);
    assert_int_equal(count_events(w, EVENT_TEMPLATE_DEFINED), 1);
    assert_int_equal(count_events(w, EVENT_WISH_DEFINED), 1);
    world_skip(w);
    /* The limit holds from here on. */
    on_duty(w, 1001);
    uint64_t incident = register_incident(w, 1001, talk(w, 12345, LI), 20100);
    const struct event *clock = last_event(w, EVENT_CLOCK_STARTED);
    assert_true(incident && clock->clock_started.length.ms == HOUR);
    assert_int_equal(clock->clock_started.length.measure, MEASURE_WALL);
    world_skip(w);
}

static void who_signed_in_and_who_could_not_is_written_down(void **state)
{
    struct world *w = *state;
    struct command open = from_system(COMMAND_SESSION_OPEN);
    open.session_open.user = 1001;
    (void)snprintf(open.session_open.via, sizeof open.session_open.via, "console");
    struct command refuse = from_system(COMMAND_SESSION_REFUSE);
    refuse.session_refuse.user = 1002;
    assert_int_equal(world_send(w, open), REFUSAL_NONE);
    assert_int_equal(world_send(w, refuse), REFUSAL_NONE);
    struct command prove = from_system(COMMAND_SESSION_PROVE);
    prove.session_prove.user = 1001;
    assert_int_equal(world_send(w, prove), REFUSAL_NONE);
    assert_int_equal(last_event(w, EVENT_SESSION_PROVED)->session_proved.user, 1001);
    prove.session_prove.user = 4711;
    assert_int_equal(world_send(w, prove), REFUSAL_NO_SUCH_USER);
    struct command close = from_user(1001, COMMAND_SESSION_CLOSE);
    close.session_close.user = 1001;
    assert_int_equal(world_send(w, close), REFUSAL_NONE);
    close.session_close.user = 1002;
    assert_int_equal(world_send(w, close), REFUSAL_NOT_YOURS);
    struct command security = from_system(COMMAND_USER_DEFINE);
    security.user_define.has_row = true;
    security.user_define.row = (struct user_row){ .user = 4002, .roles = 1U << ROLE_SECURITY };
    assert_int_equal(world_send(w, security), REFUSAL_NONE);
    close.actor = 4002; /* 1002's laptop was stolen */
    assert_int_equal(world_send(w, close), REFUSAL_NONE);
    assert_int_equal(last_event(w, EVENT_SESSION_CLOSED)->session_closed.user, 1002);
    close.session_close.user = 1001;
    assert_int_equal(world_send(w, close), REFUSAL_NONE);
    assert_int_equal(last_event(w, EVENT_SESSION_OPENED)->session_opened.user, 1001);
    assert_int_equal(last_event(w, EVENT_SESSION_REFUSED)->session_refused.user, 1002);
    assert_int_equal(last_event(w, EVENT_SESSION_CLOSED)->session_closed.user, 1001);
    world_skip(w);
}

/* "Is there danger?" */
static void plant(struct world *w)
{
    struct command tree = from_system(COMMAND_TREE_DEFINE);
    tree.tree_define.has_row = true;
    tree.tree_define.row =
        (struct tree_row){ .tree = TREE, .first = DANGER, .questions = 1, .answers = 1 };
    struct command question = from_system(COMMAND_QUESTION_DEFINE);
    question.question_define.has_row = true;
    question.question_define.row =
        (struct question_row){ .tree = TREE, .question = DANGER, .kind = QUESTION_KIND_CHOICE };
    struct command row = from_system(COMMAND_ANSWER_DEFINE);
    row.answer_define.has_row = true;
    row.answer_define.row =
        (struct answer_row){ .tree = TREE, .question = DANGER, .answer = 1, .raise = PRIORITY_P0 };
    assert_int_equal(world_send(w, tree), REFUSAL_NONE);
    assert_int_equal(world_send(w, question), REFUSAL_NONE);
    assert_int_equal(world_send(w, row), REFUSAL_NONE);
}

static void who_tells_of_danger_while_waiting_is_next(void **state)
{
    struct world *w = *state;
    plant(w);
    uint64_t first = call_in(w, 12345, LI);
    uint64_t second = call_in(w, 12345, WANG);
    struct command begin = from_user(3001, COMMAND_GUIDE_BEGIN);
    begin.guide_begin = (struct guide_begin){ .contact = second, .tree = TREE };
    assert_int_equal(world_send(w, begin), REFUSAL_NONE);
    struct command say = from_user(3001, COMMAND_GUIDE_ANSWER);
    say.guide_answer = (struct guide_answer){ .contact = second, .question = DANGER, .answer = 1 };
    assert_int_equal(world_send(w, say), REFUSAL_NONE);
    const struct event *raised = last_event(w, EVENT_CONTACT_RAISED);
    assert_non_null(raised);
    assert_true(raised->contact == second);
    assert_int_equal(raised->contact_raised.band, BAND_LIFE);
    on_duty(w, 1001);
    assert_true(last_event(w, EVENT_OFFER_MADE)->contact == second);
    on_duty(w, 1002);
    assert_true(last_event(w, EVENT_OFFER_MADE)->contact == first);
    world_skip(w);
}

/* The watchdog's event on a queue that was sound: nothing else comes of it. */
static void a_queue_built_anew_asks_in_the_same_order(void **state)
{
    struct world *w = *state;
    uint64_t ordinary = call_in(w, 12345, LI);
    uint64_t life = call_in(w, 110, WANG);
    struct event *event = &w->history[w->history_count++];
    *event = (struct event){ .seq = core_seq(w->core) + 1,
                             .at_ms = w->now_ms,
                             .actor_kind = ACTOR_KIND_SYSTEM,
                             .kind = EVENT_QUEUE_STALLED,
                             .contact = ordinary,
                             .taker = 1001,
                             .line = 12345 };
    event->queue_stalled.waited_ms = 500;
    core_apply(w->core, event);
    on_duty(w, 1001);
    assert_true(last_event(w, EVENT_OFFER_MADE)->contact == life);
    on_duty(w, 1002);
    assert_true(last_event(w, EVENT_OFFER_MADE)->contact == ordinary);
    world_skip(w);
}

/* Two returns were allowed and one is used up; from today it is one for everybody. */
static void a_lower_limit_of_returns_holds_for_what_is_under_way(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t incident = register_incident(w, 1001, talk(w, 12345, LI), 20100);
    assert_int_equal(dispatch(w, incident, 2, 0), REFUSAL_NONE);
    uint64_t task = task_at(w, incident, 2);
    assert_int_equal(send_back(w, task, RETURN_REASON_DUTY), REFUSAL_NONE);
    assert_int_equal(rule(w, task, true), REFUSAL_NONE);
    assert_int_equal(dispatch(w, incident, 3, 0), REFUSAL_NONE);
    assert_int_equal(set_parameter(w, PARAMETER_RETURN_LIMIT, 1), REFUSAL_NONE);
    assert_int_equal(send_back(w, task_at(w, incident, 3), RETURN_REASON_DUTY),
                     REFUSAL_NOT_RETURNABLE);
    world_skip(w);
}

/* The journal ends behind "ready", and the offer that followed is lost: the next life makes it. */
static void what_a_crash_cut_off_is_settled_by_the_first_tick(void **state)
{
    struct world *w = *state;
    static struct verdict verdict;
    uint64_t contact = call_in(w, 110, LI);
    on_duty(w, 1001);
    void *memory = calloc(1, core_size(&w->limits));
    assert_non_null(memory);
    struct core *core = core_init(memory, core_size(&w->limits), &w->limits);
    core_count_from(core, w->base, w->base + 1);
    for (uint32_t i = 0; w->history[i].kind != EVENT_OFFER_MADE; i++)
        core_apply(core, &w->history[i]);
    assert_true(core_next_deadline_ms(core) <= w->now_ms);
    struct command tick = from_system(COMMAND_TICK);
    tick.at_ms = w->now_ms;
    core_step(core, &tick, &verdict);
    assert_int_equal(verdict.count, 1);
    assert_int_equal(verdict.events[0].kind, EVENT_OFFER_MADE);
    assert_true(verdict.events[0].contact == contact);
    free(memory);
    world_skip(w);
}

static void who_keeps_an_eye_on_the_trail_says_what_is_no_longer_believed(void **state)
{
    struct world *w = *state;
    struct command witness = from_system(COMMAND_GATEWAY_DEFINE);
    witness.gateway_define.has_row = true;
    witness.gateway_define.row =
        (struct gateway_row){ .gateway = WITNESS, .kind = GATEWAY_KIND_WITNESS };
    assert_int_equal(world_send(w, witness), REFUSAL_NONE);
    struct command doubt = from_gateway(WITNESS, COMMAND_HISTORY_DOUBT);
    assert_int_equal(world_send(w, doubt), REFUSAL_REASON_MISSING);
    doubt.history_doubt = (struct history_doubt){ 9, 12, DOUBT_REASON_REWRITTEN };
    world_skip(w);
    assert_int_equal(world_send(w, doubt), REFUSAL_NONE);
    world_expect(w, "[0.0] history_doubted seq=9 shown=12 reason=rewritten\n");
    struct command trunk = from_gateway(1, COMMAND_HISTORY_DOUBT);
    trunk.history_doubt = doubt.history_doubt;
    assert_int_equal(world_send(w, trunk), REFUSAL_NOT_ALLOWED);
    witness.gateway_define.row.kind = GATEWAY_KIND_CONSOLE; /* its server has an eye on it, too */
    assert_int_equal(world_send(w, witness), REFUSAL_NONE);
    world_skip(w);
    assert_int_equal(world_send(w, doubt), REFUSAL_NONE);
    world_expect(w, "[0.0] history_doubted seq=9 shown=12 reason=rewritten\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_of_every_table_are_events, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(who_signed_in_and_who_could_not_is_written_down,
                                        world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(
            who_keeps_an_eye_on_the_trail_says_what_is_no_longer_believed, world_setup,
            world_teardown),
        cmocka_unit_test_setup_teardown(who_tells_of_danger_while_waiting_is_next, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(a_queue_built_anew_asks_in_the_same_order, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(a_lower_limit_of_returns_holds_for_what_is_under_way,
                                        world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(what_a_crash_cut_off_is_settled_by_the_first_tick,
                                        world_setup, world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
