/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of incidents that are one, that belong together, and that grow out of each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "dispatcher/core/merge.h"
#include "dispatcher/core/tie.h"
#include "tests/story/world.h"

static enum refusal merge_as(struct world *w, uint32_t user, uint64_t child, uint64_t parent,
                             enum merge_basis basis)
{
    struct command command = from_user(user, COMMAND_INCIDENT_MERGE);
    command.has_personal = basis == MERGE_BASIS_JUDGED;
    command.incident_merge =
        (struct incident_merge){ .child = child, .parent = parent, .basis = basis };
    return world_send(w, command);
}

static enum refusal merge(struct world *w, uint64_t child, uint64_t parent)
{
    return merge_as(w, 1001, child, parent, MERGE_BASIS_SAME_EVENT);
}

static enum refusal unmerge_as(struct world *w, uint32_t user, uint64_t incident)
{
    struct command command = from_user(user, COMMAND_INCIDENT_UNMERGE);
    command.incident_unmerge.incident = incident;
    command.incident_unmerge.reason = UNMERGE_REASON_OTHER_PLACE;
    return world_send(w, command);
}

static enum refusal tie(struct world *w, enum command_kind kind, uint64_t incident, uint64_t other,
                        enum relation relation)
{
    struct command command = from_user(1001, kind);
    command.incident_link =
        (struct incident_link){ .incident = incident, .other = other, .relation = relation };
    return world_send(w, command);
}

/* A citizen called about it, and hung up. */
static uint64_t reported(struct world *w, uint32_t line, uint64_t caller, uint32_t category)
{
    uint64_t contact = talk(w, line, caller);
    uint64_t incident = register_incident(w, 1001, contact, category);
    (void)finish(w, 1001, contact);
    (void)finish_wrap_up(w, 1001);
    assert_int_not_equal(incident, 0);
    return incident;
}

static void solve(struct world *w, uint64_t incident)
{
    assert_int_equal(dispatch(w, incident, 2, 0), REFUSAL_NONE);
    assert_int_equal(sign(w, task_at(w, incident, 2)), REFUSAL_NONE);
    assert_int_equal(reply(w, task_at(w, incident, 2)), REFUSAL_NONE);
}

static uint64_t result_of(const struct world *w, uint64_t incident)
{
    for (uint32_t i = w->history_count; i-- > 0;)
        if (w->history[i].kind == EVENT_TEXT_ORDERED && w->history[i].incident == incident &&
            w->history[i].text_ordered.template == TEMPLATE_RESULT)
            return w->history[i].text_ordered.text;
    return 0;
}

enum {
    CALLERS = 30
};

static void thirty_callers_for_one_burst_pipe_all_get_the_result(void **state)
{
    struct world *w = *state;
    uint64_t calls[CALLERS];
    on_duty(w, 1001);
    for (uint32_t i = 0; i < CALLERS; i++)
        calls[i] = reported(w, 12345, 600 + i, 20100);
    for (uint32_t i = 1; i < CALLERS; i++)
        assert_int_equal(merge(w, calls[i], calls[0]), REFUSAL_NONE);
    solve(w, calls[0]);
    for (uint32_t i = 1; i < CALLERS; i++)
        assert_int_equal(result_of(w, calls[i]), 0);
    (void)report_text(w, result_of(w, calls[0]), TEXT_STATE_SENT);
    world_wait(w, 0);
    for (uint32_t i = 1; i < CALLERS; i++) {
        assert_int_equal(state_of(w, calls[i]), INCIDENT_STATE_MERGED);
        assert_int_equal(report_text(w, result_of(w, calls[i]), TEXT_STATE_SENT), REFUSAL_NONE);
        assert_int_equal(state_of(w, calls[i]), INCIDENT_STATE_TOLD);
    }
    /* One is not content: that one alone goes round again. */
    (void)rating_in(w, 605, DEGREE_YES, DEGREE_NO, DEGREE_NO);
    (void)rating_in(w, 606, DEGREE_YES, DEGREE_YES, DEGREE_YES);
    assert_int_equal(state_of(w, calls[5]), INCIDENT_STATE_REDO);
    assert_int_equal(state_of(w, calls[6]), INCIDENT_STATE_CLOSED);
    assert_int_equal(state_of(w, calls[0]), INCIDENT_STATE_TOLD);
    assert_int_equal(dispatch(w, calls[5], 3, 0), REFUSAL_NONE);
}

static void a_child_is_told_the_parents_words(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t parent = reported(w, 12345, LI, 20100);
    uint64_t child = reported(w, 12345, WANG, 20100);
    world_skip(w);
    assert_int_equal(merge(w, child, parent), REFUSAL_NONE);
    world_expect(w, "[0.0] incident_moved step=merge from=registered to=merged round=1\n"
                    "[0.0] incident_merged parent=3 basis=same_event\n");
    solve(w, parent);
    world_skip(w);
    (void)report_text(w, result_of(w, parent), TEXT_STATE_SENT);
    world_expect(w, "[0.0] text_reported state=sent\n"
                    "[0.0] citizen_told means=sms\n"
                    "[0.0] incident_moved step=tell to=told\n"
                    "[0.0] text_ordered template=survey\n"
                    "[0.0] clock_started clock=survey\n"
                    "[0.0] follower_called told=yes parent=3 answer_of=3\n"
                    "[0.0] clock_started clock=tell\n"
                    "[0.0] text_ordered template=result answer_of=3\n");
}

static void who_cannot_be_told_is_excused_or_called(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t parent = reported(w, 12345, LI, 20100);
    uint64_t nobody = reported(w, 12345, 0, 20100);
    uint64_t contact = talk(w, 12345, WANG);
    struct command command = from_user(1001, COMMAND_INCIDENT_REGISTER);
    command.incident_register.contact = contact;
    command.incident_register.category = 20100;
    command.incident_register.text_unsafe = true;
    (void)world_send(w, command);
    uint64_t unsafe = w->verdict.incident;
    (void)merge(w, nobody, parent);
    (void)merge(w, unsafe, parent);
    assert_int_equal(tell(w, unsafe, TELL_MEANS_PHONE, EXCUSE_REASON_NONE), REFUSAL_WRONG_STATE);
    solve(w, parent);
    (void)report_text(w, result_of(w, parent), TEXT_STATE_SENT);
    assert_int_equal(state_of(w, nobody), INCIDENT_STATE_CLOSED);
    assert_int_equal(state_of(w, unsafe), INCIDENT_STATE_MERGED);
    assert_int_equal(result_of(w, unsafe), 0);
    assert_int_equal(tell(w, unsafe, TELL_MEANS_PHONE, EXCUSE_REASON_NONE), REFUSAL_NONE);
    assert_int_equal(state_of(w, unsafe), INCIDENT_STATE_REVISIT);
}

static void unmerging_gives_the_child_its_own_clock_back(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t parent = reported(w, 12345, LI, 20200);
    uint64_t child = reported(w, 12345, WANG, 20200);
    (void)merge(w, child, parent);
    world_wait(w, HOUR);
    assert_int_equal(unmerge_as(w, 1001, child), REFUSAL_NOT_ALLOWED);
    assert_int_equal(unmerge_as(w, 3001, parent), REFUSAL_NOT_MERGED);
    world_skip(w);
    assert_int_equal(unmerge_as(w, 3001, child), REFUSAL_NONE);
    /* two hours to dispatch, counted from the call an hour ago */
    world_expect(w, "[3600.0] incident_moved step=unmerge from=merged to=registered round=1\n"
                    "[3600.0] incident_unmerged reason=other_place\n"
                    "[3600.0] clock_started clock=dispatch due=7200.0\n");
    solve(w, child);
    solve(w, parent);
}

static void what_was_told_with_the_parent_takes_a_second_person(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t parent = reported(w, 12345, LI, 20100);
    uint64_t child = reported(w, 12345, WANG, 20100);
    assert_int_equal(merge_as(w, 3001, child, parent, MERGE_BASIS_JUDGED), REFUSAL_NONE);
    solve(w, parent);
    (void)report_text(w, result_of(w, parent), TEXT_STATE_SENT);
    assert_int_equal(unmerge_as(w, 3001, child), REFUSAL_SAME_PERSON);
}

static void the_children_of_a_void_parent_go_their_own_ways(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t parent = reported(w, 12345, LI, 20100);
    uint64_t child = reported(w, 12345, WANG, 20100);
    (void)merge(w, child, parent);
    struct command command = from_user(3001, COMMAND_INCIDENT_VOID);
    command.incident_void = (struct incident_void){ parent, VOID_REASON_TEST };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    assert_int_equal(state_of(w, child), INCIDENT_STATE_REGISTERED);
    solve(w, child);
}

static void a_parent_follows_with_its_children(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t top = reported(w, 12345, LI, 20100);
    uint64_t middle = reported(w, 12345, WANG, 20100);
    uint64_t bottom = reported(w, 12345, ZHAO, 20100);
    assert_int_equal(merge(w, bottom, middle), REFUSAL_NONE);
    assert_int_equal(merge(w, middle, middle), REFUSAL_SAME_INCIDENT);
    assert_int_equal(merge(w, middle, bottom), REFUSAL_MERGE_CYCLE);
    assert_int_equal(merge(w, middle, top), REFUSAL_NONE);
    assert_int_equal(merge(w, top, bottom), REFUSAL_MERGE_CYCLE);
    solve(w, top);
    (void)report_text(w, result_of(w, top), TEXT_STATE_SENT);
    assert_int_not_equal(result_of(w, middle), 0);
    assert_int_not_equal(result_of(w, bottom), 0);
    uint64_t late = reported(w, 12345, 777, 20100);
    assert_int_equal(merge(w, late, top), REFUSAL_PARENT_CLOSED);
}

static void parents_stand_eight_above_each_other_at_most(void **state)
{
    struct world *w = *state;
    uint64_t chain[MERGE_DEPTH_MAX + 2];
    on_duty(w, 1001);
    for (uint32_t i = 0; i < MERGE_DEPTH_MAX + 2; i++)
        chain[i] = reported(w, 12345, 600 + i, 20100);
    for (uint32_t i = 0; i < MERGE_DEPTH_MAX; i++)
        assert_int_equal(merge(w, chain[i], chain[i + 1]), REFUSAL_NONE);
    assert_int_equal(merge(w, chain[MERGE_DEPTH_MAX], chain[MERGE_DEPTH_MAX + 1]), REFUSAL_LIMIT);
    solve(w, chain[MERGE_DEPTH_MAX]);
    (void)report_text(w, result_of(w, chain[MERGE_DEPTH_MAX]), TEXT_STATE_SENT);
    world_wait(w, 0);
    assert_int_not_equal(result_of(w, chain[0]), 0);
}

static void only_what_is_alike_becomes_one(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t order = reported(w, 12345, LI, 20100);
    uint64_t fire = reported(w, 110, WANG, 10100);
    uint64_t smoke = reported(w, 110, ZHAO, 10100);
    struct command category = from_system(COMMAND_CATEGORY_DEFINE);
    category.category_define.has_row = true;
    category.category_define.row = (struct category_row){ .category = 30100, /* another field */
                                                          .priority = PRIORITY_P3,
                                                          .sla = SLA_CLASS_G };
    assert_int_equal(world_send(w, category), REFUSAL_NONE);
    uint64_t bus = reported(w, 12345, WANG, 30100);
    assert_int_equal(merge(w, bus, order), REFUSAL_UNLIKE);
    assert_int_equal(merge(w, fire, order), REFUSAL_UNLIKE);
    assert_int_equal(merge_as(w, 1001, smoke, fire, MERGE_BASIS_SAME_CITIZEN), REFUSAL_UNLIKE);
    assert_int_equal(merge_as(w, 1001, smoke, fire, MERGE_BASIS_NONE), REFUSAL_REASON_MISSING);
    assert_int_equal(merge_as(w, 1001, smoke, fire, MERGE_BASIS_JUDGED), REFUSAL_NOT_ALLOWED);
    struct command rule = from_system(COMMAND_INCIDENT_MERGE);
    rule.incident_merge =
        (struct incident_merge){ .child = smoke, .parent = fire, .basis = MERGE_BASIS_SAME_EVENT };
    assert_int_equal(world_send(w, rule), REFUSAL_HUMAN_DECIDES);
    assert_int_equal(merge(w, smoke, fire), REFUSAL_NONE);
    world_wait(w, 25 * HOUR);
    uint64_t later = reported(w, 110, LI, 10100);
    assert_int_equal(merge(w, later, fire), REFUSAL_UNLIKE);
}

static void a_worse_child_makes_its_parent_more_urgent(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t parent = reported(w, 12345, LI, 20100);
    uint64_t contact = talk(w, 12345, WANG);
    struct command command = from_user(1001, COMMAND_INCIDENT_REGISTER);
    command.incident_register.contact = contact;
    command.incident_register.category = 20200;
    command.incident_register.priority = PRIORITY_P1;
    (void)world_send(w, command);
    uint64_t child = w->verdict.incident;
    world_skip(w);
    (void)merge(w, child, parent);
    world_expect(w, "[0.0] incident_moved step=merge\n"
                    "[0.0] incident_merged\n"
                    "[0.0] incident_raised priority=p1\n");
}

/* As world_send(), without walking all invariants after each of some ten thousand steps. */
static void step(struct world *w, struct command command)
{
    command.at_ms = w->now_ms;
    core_step(w->core, &command, &w->verdict);
    assert_int_equal(w->verdict.refusal, REFUSAL_NONE);
    memcpy(w->history + w->history_count, w->verdict.events,
           w->verdict.count * sizeof w->verdict.events[0]);
    w->history_count += w->verdict.count;
}

static void register_and_merge(struct world *w, uint64_t caller, uint64_t parent)
{
    struct command command = from_user(3001, COMMAND_INCIDENT_REGISTER);
    command.caller = caller;
    command.incident_register.line = 12345;
    command.incident_register.category = 20100;
    step(w, command);
    struct command join = from_user(3001, COMMAND_INCIDENT_MERGE);
    join.incident_merge = (struct incident_merge){ .child = w->verdict.incident,
                                                   .parent = parent,
                                                   .basis = MERGE_BASIS_SAME_EVENT };
    step(w, join);
}

static void ten_thousand_children_are_told_a_few_at_a_time(void **state)
{
    struct world *w = *state;
    enum {
        MANY = 10000
    };
    struct core_limits limits = w->limits;
    limits.incidents = MANY + MANY / 4;
    limits.texts = 3 * MANY;
    world_restart(w, &limits);
    on_duty(w, 1001);
    uint64_t parent = reported(w, 12345, LI, 20100);
    for (uint32_t i = 0; i < MANY; i++)
        register_and_merge(w, 1000 + i, parent);
    solve(w, parent);
    uint32_t from = w->history_count;
    struct command told = from_user(3001, COMMAND_INCIDENT_TELL);
    told.incident_tell = (struct incident_tell){ .incident = parent, .means = TELL_MEANS_PHONE };
    step(w, told);
    uint32_t steps = 1;
    for (; core_next_deadline_ms(w->core) <= w->now_ms; steps++) {
        step(w, from_system(COMMAND_TICK));
        assert_true(w->verdict.count <= CORE_EVENTS_MAX);
    }
    core_check(w->core);
    uint32_t results = 0;
    for (uint32_t i = from; i < w->history_count; i++)
        results += w->history[i].kind == EVENT_TEXT_ORDERED &&
                   w->history[i].text_ordered.template == TEMPLATE_RESULT;
    assert_int_equal(results, MANY);
    assert_true(steps > MANY / CORE_EVENTS_MAX);
}

static void incidents_say_how_they_belong_together(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t pole = reported(w, 12345, LI, 20100);
    uint64_t crash = reported(w, 110, WANG, 10100);
    world_skip(w);
    enum command_kind link = COMMAND_INCIDENT_LINK;
    assert_int_equal(tie(w, link, pole, crash, RELATION_CAUSED_BY), REFUSAL_NONE);
    world_expect(w, "[0.0] incident_linked relation=caused_by\n");
    assert_int_equal(tie(w, link, pole, crash, RELATION_CAUSED_BY), REFUSAL_ALREADY);
    assert_int_equal(tie(w, link, pole, crash, RELATION_SAME_SCENE), REFUSAL_NONE);
    assert_int_equal(tie(w, link, pole, pole, RELATION_REPEAT), REFUSAL_SAME_INCIDENT);
    assert_int_equal(tie(w, link, pole, crash, RELATION_SPLIT_FROM), REFUSAL_MALFORMED);
    assert_int_equal(tie(w, link, pole, 999999, RELATION_REPEAT), REFUSAL_NO_SUCH_INCIDENT);
    struct command command = from_user(1001, COMMAND_INCIDENT_UNLINK);
    command.incident_unlink = (struct incident_unlink){ pole, crash, RELATION_CAUSED_BY };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    assert_int_equal(world_send(w, command), REFUSAL_NOT_LINKED);
}

static void one_incident_says_it_of_sixteen_others_at_most(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t about = reported(w, 12345, LI, 20100);
    for (uint32_t i = 0; i < TIES_PER_INCIDENT_MAX; i++)
        assert_int_equal(tie(w, COMMAND_INCIDENT_LINK, about, reported(w, 12345, 700 + i, 20100),
                             RELATION_REPEAT),
                         REFUSAL_NONE);
    assert_int_equal(
        tie(w, COMMAND_INCIDENT_LINK, about, reported(w, 12345, WANG, 20100), RELATION_REPEAT),
        REFUSAL_LIMIT);
}

static void a_contact_that_told_something_else_becomes_its_own_incident(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t incident = reported(w, 12345, LI, 20100);
    uint64_t contact = talk(w, 12345, LI);
    struct command attach = from_user(1001, COMMAND_INCIDENT_ATTACH);
    attach.incident_attach = (struct incident_attach){ .incident = incident, .contact = contact };
    assert_int_equal(world_send(w, attach), REFUSAL_NONE);
    world_skip(w);
    struct command split = from_user(1001, COMMAND_INCIDENT_SPLIT);
    split.incident_split =
        (struct incident_split){ .incident = incident, .contact = contact, .category = 20200 };
    assert_int_equal(world_send(w, split), REFUSAL_NONE);
    world_expect(w, "[0.0] incident_registered category=20200 sla=l caller=501 "
                    "number=20260302000002\n"
                    "[0.0] incident_linked relation=split_from\n"
                    "[0.0] contact_attached first=yes\n"
                    "[0.0] clock_started clock=dispatch\n"
                    "[0.0] text_ordered template=received\n");
    assert_int_equal(world_send(w, split), REFUSAL_NOT_ATTACHED);
}

static enum refusal join(struct world *w, uint64_t contact, uint64_t incident)
{
    struct command command = from_user(1001, COMMAND_INCIDENT_ATTACH);
    command.incident_attach = (struct incident_attach){ .incident = incident, .contact = contact };
    return world_send(w, command);
}

/* The order that the contact is about. */
static uint64_t order_of(const struct world *w, uint64_t contact)
{
    const struct contact *known = core_contact(w->core, contact);
    assert_non_null(known);
    return known->incident;
}

static void rings_off(struct world *w, uint64_t contact)
{
    (void)finish(w, 1001, contact);
    (void)finish_wrap_up(w, 1001);
}

static void whoever_joins_an_order_is_told_its_result_too(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t incident = reported(w, 12345, LI, 20100);
    uint64_t contact = talk(w, 12345, WANG);
    world_skip(w);
    assert_int_equal(join(w, contact, incident), REFUSAL_NONE);
    world_expect(w, "[0.0] incident_registered category=20100 sla=g caller=502 "
                    "number=20260302000002\n"
                    "[0.0] contact_attached first=yes\n"
                    "[0.0] text_ordered template=received\n"
                    "[0.0] incident_moved step=merge from=registered to=merged round=1\n"
                    "[0.0] incident_merged parent=3 basis=same_event\n");
    uint64_t own = order_of(w, contact);
    assert_int_not_equal(own, incident);
    assert_int_equal(core_incident(w->core, incident)->callers, 2);
    rings_off(w, contact);
    solve(w, incident);
    assert_int_equal(result_of(w, own), 0);
    (void)report_text(w, result_of(w, incident), TEXT_STATE_SENT);
    world_wait(w, 0);
    assert_int_equal(report_text(w, result_of(w, own), TEXT_STATE_SENT), REFUSAL_NONE);
    assert_int_equal(state_of(w, own), INCIDENT_STATE_TOLD);
    (void)rating_in(w, WANG, DEGREE_YES, DEGREE_YES, DEGREE_YES);
    assert_int_equal(state_of(w, own), INCIDENT_STATE_CLOSED);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_TOLD);
}

static uint32_t results_told(const struct world *w)
{
    uint32_t told = 0;
    for (uint32_t i = 0; i < w->history_count; i++)
        told += w->history[i].kind == EVENT_TEXT_ORDERED &&
                w->history[i].text_ordered.template == TEMPLATE_RESULT;
    return told;
}

static void who_joins_again_is_told_once(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t incident = reported(w, 12345, LI, 20100);
    uint64_t own = talk(w, 12345, LI);
    assert_int_equal(join(w, own, incident), REFUSAL_NONE);
    assert_int_equal(order_of(w, own), incident);
    assert_int_equal(join(w, own, incident), REFUSAL_ALREADY);
    rings_off(w, own);
    uint64_t first = talk(w, 12345, WANG);
    assert_int_equal(join(w, first, incident), REFUSAL_NONE);
    assert_int_equal(join(w, first, incident), REFUSAL_ALREADY);
    uint64_t follower = order_of(w, first);
    rings_off(w, first);
    uint64_t again = talk(w, 12345, WANG);
    assert_int_equal(join(w, again, incident), REFUSAL_NONE);
    assert_int_equal(order_of(w, again), follower);
    rings_off(w, again);
    assert_int_equal(core_incident(w->core, incident)->callers, 4);
    solve(w, incident);
    (void)report_text(w, result_of(w, incident), TEXT_STATE_SENT);
    world_wait(w, 0);
    assert_int_equal(results_told(w), 2);
}

static void who_joins_may_go_the_own_way_again(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t incident = reported(w, 12345, LI, 20100);
    uint64_t contact = talk(w, 12345, WANG);
    assert_int_equal(join(w, contact, incident), REFUSAL_NONE);
    uint64_t own = order_of(w, contact);
    rings_off(w, contact);
    contact = talk(w, 12345, WANG);
    assert_int_equal(join(w, contact, incident), REFUSAL_NONE);
    assert_int_equal(unmerge_as(w, 3001, own), REFUSAL_NONE);
    assert_int_equal(state_of(w, own), INCIDENT_STATE_REGISTERED);
    assert_int_equal(core_incident(w->core, incident)->callers, 1);
    solve(w, incident);
    (void)report_text(w, result_of(w, incident), TEXT_STATE_SENT);
    world_wait(w, 0);
    assert_int_equal(results_told(w), 1);
}

static void a_secret_or_urgent_matter_has_nobody_else_follow(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t fire = reported(w, 110, LI, 10100);
    uint64_t contact = talk(w, 110, WANG);
    assert_int_equal(join(w, contact, fire), REFUSAL_NONE);
    assert_int_equal(order_of(w, contact), fire);
    rings_off(w, contact);
    contact = talk(w, 12345, LI);
    struct command secret = from_user(1001, COMMAND_INCIDENT_REGISTER);
    secret.incident_register = (struct incident_register){ .contact = contact,
                                                           .category = 20100,
                                                           .secrecy = SECRECY_IDENTITY_HIDDEN };
    assert_int_equal(world_send(w, secret), REFUSAL_NONE);
    uint64_t hidden = order_of(w, contact);
    rings_off(w, contact);
    contact = talk(w, 12345, WANG);
    assert_int_equal(join(w, contact, hidden), REFUSAL_NONE);
    assert_int_equal(order_of(w, contact), hidden);
    assert_int_equal(results_told(w), 0);
}

static void a_work_order_that_is_an_emergency_stays_open(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t order = reported(w, 12345, LI, 20100);
    world_skip(w);
    struct command command = from_user(1001, COMMAND_INCIDENT_UPGRADE);
    command.incident_upgrade =
        (struct incident_upgrade){ .incident = order, .line = 110, .category = 10100 };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    world_expect(w, "[0.0] incident_registered line=110 category=10100 priority=p0 sla=e0 "
                    "emergency=yes caller=501\n"
                    "[0.0] incident_linked relation=upgraded_from\n"
                    "[0.0] clock_started clock=dispatch\n");
    uint64_t emergency = w->verdict.incident;
    assert_int_equal(state_of(w, order), INCIDENT_STATE_REGISTERED);
    command.incident_upgrade.line = 12345;
    assert_int_equal(world_send(w, command), REFUSAL_UNLIKE);
    command.incident_upgrade = (struct incident_upgrade){ emergency, 110, 10100, PRIORITY_NONE };
    assert_int_equal(world_send(w, command), REFUSAL_UNLIKE);
    assert_int_equal(dispatch(w, emergency, 1, 0), REFUSAL_NONE);
    solve(w, order);
}

/* Whoever is there sees that it burns; who is not asked about it has no word in it. */
static void a_department_sees_the_danger_in_its_own_orders_alone(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t incident = reported(w, 12345, LI, 20100);
    assert_int_equal(dispatch(w, incident, 2, 0), REFUSAL_NONE);
    struct command command = from_user(2003, COMMAND_INCIDENT_UPGRADE);
    command.incident_upgrade.incident = incident;
    command.incident_upgrade.line = 110;
    command.incident_upgrade.category = 10100;
    assert_int_equal(world_send(w, command), REFUSAL_NOT_YOURS);
    command.actor = 2002;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_DISPATCHED);
}

static void a_scene_that_turned_civil_tells_its_citizen_once(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t scene = reported(w, 110, LI, 10100);
    (void)dispatch(w, scene, 1, 0);
    (void)sign(w, task_at(w, scene, 1));
    world_skip(w);
    struct command command = from_user(1001, COMMAND_INCIDENT_DOWNGRADE);
    command.incident_downgrade =
        (struct incident_downgrade){ .incident = scene, .line = 12345, .category = 20100 };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    world_expect(w, "[0.0] incident_registered line=12345 category=20100 sla=g caller=501\n"
                    "[0.0] incident_linked relation=downgraded_from\n"
                    "[0.0] clock_started clock=dispatch\n"
                    "[0.0] text_ordered template=received\n"
                    "[0.0] incident_handed_on\n");
    uint64_t order = w->verdict.incident;
    assert_int_equal(world_send(w, command), REFUSAL_ALREADY);
    (void)reply(w, task_at(w, scene, 1));
    assert_int_equal(state_of(w, scene), INCIDENT_STATE_CLOSED);
    assert_int_equal(result_of(w, scene), 0);
    solve(w, order);
    assert_int_not_equal(result_of(w, order), 0);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest stories[] = {
        STORY(thirty_callers_for_one_burst_pipe_all_get_the_result),
        STORY(a_child_is_told_the_parents_words),
        STORY(who_cannot_be_told_is_excused_or_called),
        STORY(unmerging_gives_the_child_its_own_clock_back),
        STORY(what_was_told_with_the_parent_takes_a_second_person),
        STORY(the_children_of_a_void_parent_go_their_own_ways),
        STORY(a_parent_follows_with_its_children),
        STORY(parents_stand_eight_above_each_other_at_most),
        STORY(only_what_is_alike_becomes_one),
        STORY(a_worse_child_makes_its_parent_more_urgent),
        STORY(ten_thousand_children_are_told_a_few_at_a_time),
        STORY(incidents_say_how_they_belong_together),
        STORY(one_incident_says_it_of_sixteen_others_at_most),
        STORY(a_contact_that_told_something_else_becomes_its_own_incident),
        STORY(whoever_joins_an_order_is_told_its_result_too),
        STORY(who_joins_again_is_told_once),
        STORY(who_joins_may_go_the_own_way_again),
        STORY(a_secret_or_urgent_matter_has_nobody_else_follow),
        STORY(a_work_order_that_is_an_emergency_stays_open),
        STORY(a_department_sees_the_danger_in_its_own_orders_alone),
        STORY(a_scene_that_turned_civil_tells_its_citizen_once),
    };
    return cmocka_run_group_tests(stories, NULL, NULL);
}
