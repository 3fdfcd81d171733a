/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of guided questions: what a caller's answers change, and what they never change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "dispatcher/core/state.h"
#include "tests/story/world.h"

enum {
    TREE = 7,
    OTHER_TREE = 8,
    HURT = 10,
    COUNT = 20,
    WORDS = 30
};

static struct command define(enum command_kind kind)
{
    return from_system(kind);
}

static enum refusal define_tree(struct world *w, const char *name, uint64_t fingerprint,
                                uint32_t questions, uint32_t answers)
{
    struct command command = define(COMMAND_TREE_DEFINE);
    command.tree_define.has_row = true;
    command.tree_define.row = (struct tree_row){ .tree = TREE,
                                                 .first = HURT,
                                                 .questions = questions,
                                                 .answers = answers,
                                                 .fingerprint = fingerprint };
    strcpy(command.tree_define.row.name_en, name);
    return world_send(w, command);
}

static enum refusal define_question(struct world *w, uint32_t question, enum question_kind kind,
                                    enum guide_field fills)
{
    struct command command = define(COMMAND_QUESTION_DEFINE);
    command.question_define.has_row = true;
    command.question_define.row =
        (struct question_row){ .tree = TREE, .question = question, .kind = kind, .fills = fills };
    return world_send(w, command);
}

static enum refusal define_answer(struct world *w, struct answer_row row)
{
    struct command command = define(COMMAND_ANSWER_DEFINE);
    command.answer_define.has_row = true;
    command.answer_define.row = row;
    command.answer_define.row.tree = TREE;
    return world_send(w, command);
}

/* Is anybody hurt? How many? Where? */
static void plant(struct world *w)
{
    assert_int_equal(define_tree(w, "Crash", 1, 3, 6), REFUSAL_NONE);
    assert_int_equal(define_question(w, HURT, QUESTION_KIND_YES_NO, GUIDE_FIELD_NONE),
                     REFUSAL_NONE);
    assert_int_equal(define_question(w, COUNT, QUESTION_KIND_NUMBER, GUIDE_FIELD_CASUALTIES),
                     REFUSAL_NONE);
    assert_int_equal(define_question(w, WORDS, QUESTION_KIND_TEXT, GUIDE_FIELD_ADDRESS),
                     REFUSAL_NONE);
    assert_int_equal(define_answer(w, (struct answer_row){ .question = HURT,
                                                           .answer = 1,
                                                           .next = COUNT,
                                                           .raise = PRIORITY_P0,
                                                           .category = 10100,
                                                           .risks = { RISK_INJURED },
                                                           .risks_count = 1 }),
                     REFUSAL_NONE);
    assert_int_equal(define_answer(w, (struct answer_row){ .question = HURT,
                                                           .answer = 2,
                                                           .next = WORDS,
                                                           .lower = PRIORITY_P4 }),
                     REFUSAL_NONE);
    assert_int_equal(define_answer(w, (struct answer_row){ .question = HURT,
                                                           .answer = 3,
                                                           .next = WORDS,
                                                           .secrecy = SECRECY_IDENTITY_HIDDEN,
                                                           .risks = { RISK_TEXT_UNSAFE },
                                                           .risks_count = 1 }),
                     REFUSAL_NONE);
    assert_int_equal(
        define_answer(
            w, (struct answer_row){ .question = COUNT, .answer = 1, .next = WORDS, .most = 4 }),
        REFUSAL_NONE);
    assert_int_equal(define_answer(w, (struct answer_row){ .question = COUNT,
                                                           .answer = 2,
                                                           .next = WORDS,
                                                           .least = 5,
                                                           .most = 99,
                                                           .risks = { RISK_CROWD },
                                                           .risks_count = 1 }),
                     REFUSAL_NONE);
    assert_int_equal(define_answer(w, (struct answer_row){ .question = WORDS, .answer = 1 }),
                     REFUSAL_NONE);
    assert_int_equal(w->verdict.events[w->verdict.count - 1].kind, EVENT_TREE_RELEASED);
}

static enum refusal begin_tree(struct world *w, uint64_t contact, uint32_t tree)
{
    struct command command = from_user(1001, COMMAND_GUIDE_BEGIN);
    command.guide_begin = (struct guide_begin){ .contact = contact, .tree = tree };
    return world_send(w, command);
}

static enum refusal begin(struct world *w, uint64_t contact)
{
    return begin_tree(w, contact, TREE);
}

static enum refusal say(struct world *w, uint64_t contact, uint32_t question, uint32_t answer,
                        uint32_t value)
{
    struct command command = from_user(1001, COMMAND_GUIDE_ANSWER);
    command.guide_answer = (struct guide_answer){
        .contact = contact, .question = question, .answer = answer, .value = value
    };
    return world_send(w, command);
}

static enum refusal undo(struct world *w, uint64_t contact)
{
    struct command command = from_user(1001, COMMAND_GUIDE_UNDO);
    command.guide_undo.contact = contact;
    return world_send(w, command);
}

static void the_answers_make_the_record(void **state)
{
    struct world *w = *state;
    plant(w);
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, LI);
    world_skip(w);
    assert_int_equal(begin(w, contact), REFUSAL_NONE);
    assert_int_equal(say(w, contact, HURT, 1, 0), REFUSAL_NONE);
    assert_int_equal(say(w, contact, COUNT, 0, 7), REFUSAL_NONE);
    assert_int_equal(say(w, contact, WORDS, 1, 0), REFUSAL_NONE);
    world_expect(w, "[0.0] guide_begun line=12345 tree=7 version=1 question=10\n"
                    "[0.0] guide_answered tree=7 version=1 question=10 answer=1 next=20 "
                    "priority=p0 category=10100 risks=32\n"
                    "[0.0] guide_answered question=20 answer=2 value=7 fills=casualties next=30 "
                    "priority=p0 risks=131104\n"
                    "[0.0] guide_answered question=30 answer=1 fills=address priority=p0\n");
    assert_int_equal(say(w, contact, WORDS, 1, 0), REFUSAL_NO_SUCH_QUESTION);
    assert_int_not_equal(register_incident(w, 1001, contact, 20100), 0);
    world_expect(w, "[0.0] incident_registered priority=p0 sla=g\n"
                    "[0.0] contact_attached\n"
                    "[0.0] incident_raised priority=p0 risks=131104\n"
                    "[0.0] clock_started clock=dispatch\n"
                    "[0.0] text_ordered template=received\n");
}

static void only_the_question_that_is_asked_is_answered(void **state)
{
    struct world *w = *state;
    plant(w);
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, LI);
    assert_int_equal(say(w, contact, HURT, 1, 0), REFUSAL_NO_GUIDE);
    assert_int_equal(undo(w, contact), REFUSAL_NO_GUIDE);
    assert_int_equal(begin(w, contact), REFUSAL_NONE);
    assert_int_equal(begin(w, contact), REFUSAL_ALREADY);
    assert_int_equal(say(w, contact, COUNT, 1, 0), REFUSAL_NO_SUCH_QUESTION);
    assert_int_equal(say(w, contact, HURT, 4, 0), REFUSAL_NO_SUCH_ANSWER);
    assert_int_equal(say(w, contact, HURT, 1, 0), REFUSAL_NONE);
    assert_int_equal(say(w, contact, COUNT, 0, 100), REFUSAL_NO_SUCH_ANSWER);
    struct command other = from_user(1002, COMMAND_GUIDE_ANSWER);
    other.guide_answer = (struct guide_answer){ .contact = contact, .question = COUNT };
    assert_int_equal(world_send(w, other), REFUSAL_NOT_YOURS);
}

static void an_answer_raises_what_is_registered(void **state)
{
    struct world *w = *state;
    plant(w);
    on_duty(w, 1001);
    uint64_t contact = talk(w, 110, LI);
    struct command command = from_user(1001, COMMAND_INCIDENT_REGISTER);
    command.incident_register.contact = contact;
    command.incident_register.category = 10100;
    command.incident_register.priority = PRIORITY_P3;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    (void)begin(w, contact);
    world_wait(w, 30 * SECOND);
    world_skip(w);
    (void)say(w, contact, HURT, 1, 0);
    /* ten minutes to dispatch a P3 became 45 seconds from now */
    world_expect(w, "[30.0] guide_answered priority=p0\n"
                    "[30.0] incident_raised priority=p0 sla=e0 risks=32 due=75.0\n");
    (void)undo(w, contact);
    (void)say(w, contact, HURT, 2, 0);
    world_expect(w, "[30.0] guide_undone question=10\n"
                    "[30.0] guide_answered answer=2 proposed=p4\n");
}

static void an_ordinary_matter_may_become_less_urgent(void **state)
{
    struct world *w = *state;
    plant(w);
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, LI);
    (void)begin(w, contact);
    (void)say(w, contact, HURT, 2, 0);
    world_skip(w);
    assert_int_not_equal(register_incident(w, 1001, contact, 20100), 0);
    world_expect(w, "[0.0] incident_registered priority=p4\n"
                    "[0.0] contact_attached\n"
                    "[0.0] clock_started\n"
                    "[0.0] text_ordered\n");
}

static void a_caller_in_danger_gets_no_text(void **state)
{
    struct world *w = *state;
    plant(w);
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, LI);
    (void)begin(w, contact);
    (void)say(w, contact, HURT, 3, 0);
    world_skip(w);
    assert_int_not_equal(register_incident(w, 1001, contact, 20100), 0);
    world_expect(w, "[0.0] incident_registered secrecy=identity_hidden text_unsafe=yes\n"
                    "[0.0] contact_attached\n"
                    "[0.0] incident_raised risks=16\n"
                    "[0.0] clock_started\n"
                    "[0.0] text_excused template=received excuse=unsafe\n");
}

static void who_joins_an_order_keeps_what_their_answers_said(void **state)
{
    struct world *w = *state;
    plant(w);
    on_duty(w, 1001);
    uint64_t first = talk(w, 12345, LI);
    uint64_t order = register_incident(w, 1001, first, 20100);
    (void)finish(w, 1001, first);
    (void)finish_wrap_up(w, 1001);
    uint64_t contact = talk(w, 12345, WANG);
    (void)begin(w, contact);
    (void)say(w, contact, HURT, 1, 0);
    world_skip(w);
    struct command join = from_user(1001, COMMAND_INCIDENT_ATTACH);
    join.incident_attach = (struct incident_attach){ .incident = order, .contact = contact };
    assert_int_equal(world_send(w, join), REFUSAL_NONE);
    /* taken out again, it is as urgent as it was */
    world_expect(w, "[0.0] incident_registered priority=p0\n"
                    "[0.0] contact_attached\n"
                    "[0.0] incident_raised priority=p0 risks=32\n"
                    "[0.0] text_ordered template=received\n"
                    "[0.0] incident_moved step=merge\n"
                    "[0.0] incident_merged\n"
                    "[0.0] incident_raised priority=p0 risks=32\n");
}

static void who_is_split_off_keeps_what_their_answers_said(void **state)
{
    struct world *w = *state;
    plant(w);
    on_duty(w, 1001);
    uint64_t first = talk(w, 12345, LI);
    uint64_t order = register_incident(w, 1001, first, 20100);
    (void)finish(w, 1001, first);
    (void)finish_wrap_up(w, 1001);
    uint64_t contact = talk(w, 12345, LI);
    (void)begin(w, contact);
    (void)say(w, contact, HURT, 1, 0);
    struct command join = from_user(1001, COMMAND_INCIDENT_ATTACH);
    join.incident_attach = (struct incident_attach){ .incident = order, .contact = contact };
    assert_int_equal(world_send(w, join), REFUSAL_NONE);
    world_skip(w);
    struct command split = from_user(1001, COMMAND_INCIDENT_SPLIT);
    split.incident_split =
        (struct incident_split){ .incident = order, .contact = contact, .category = 20200 };
    assert_int_equal(world_send(w, split), REFUSAL_NONE);
    world_expect(w, "[0.0] incident_registered priority=p0 category=20200\n"
                    "[0.0] incident_linked relation=split_from\n"
                    "[0.0] incident_raised priority=p0 risks=32\n"
                    "[0.0] contact_attached first=yes\n"
                    "[0.0] clock_started clock=dispatch\n"
                    "[0.0] text_ordered template=received\n");
}

/* Another tree of one question that says nothing. */
static void plant_another(struct world *w)
{
    struct command command = define(COMMAND_TREE_DEFINE);
    command.tree_define.has_row = true;
    command.tree_define.row = (struct tree_row){
        .tree = OTHER_TREE, .first = HURT, .questions = 1, .answers = 1, .fingerprint = 1
    };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    command = define(COMMAND_QUESTION_DEFINE);
    command.question_define.has_row = true;
    command.question_define.row =
        (struct question_row){ .tree = OTHER_TREE, .question = HURT, .kind = QUESTION_KIND_TEXT };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    command = define(COMMAND_ANSWER_DEFINE);
    command.answer_define.has_row = true;
    command.answer_define.row =
        (struct answer_row){ .tree = OTHER_TREE, .question = HURT, .answer = 1 };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

static void what_one_tree_found_out_another_does_not_forget(void **state)
{
    struct world *w = *state;
    plant(w);
    plant_another(w);
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, LI);
    (void)begin(w, contact);
    (void)say(w, contact, HURT, 3, 0); /* no text to her: somebody may read it */
    assert_int_equal(begin_tree(w, contact, OTHER_TREE), REFUSAL_NONE);
    (void)say(w, contact, HURT, 1, 0);
    world_skip(w);
    assert_int_not_equal(register_incident(w, 1001, contact, 20100), 0);
    world_expect(w, "[0.0] incident_registered secrecy=identity_hidden text_unsafe=yes\n"
                    "[0.0] contact_attached\n"
                    "[0.0] incident_raised risks=16\n"
                    "[0.0] clock_started\n"
                    "[0.0] text_excused template=received excuse=unsafe\n");
}

static void the_danger_that_one_tree_found_stays_in_the_next(void **state)
{
    struct world *w = *state;
    plant(w);
    plant_another(w);
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, LI);
    (void)begin(w, contact);
    (void)say(w, contact, HURT, 1, 0);
    assert_int_equal(begin_tree(w, contact, OTHER_TREE), REFUSAL_NONE);
    (void)say(w, contact, HURT, 1, 0);
    assert_int_equal(begin(w, contact), REFUSAL_NONE); /* back: and nobody is hurt after all */
    (void)say(w, contact, HURT, 2, 0);
    world_skip(w);
    assert_int_not_equal(register_incident(w, 1001, contact, 20100), 0);
    world_expect(w, "[0.0] incident_registered priority=p0\n"
                    "[0.0] contact_attached\n"
                    "[0.0] incident_raised priority=p0 risks=32\n"
                    "[0.0] clock_started\n"
                    "[0.0] text_ordered template=received\n");
}

/* The other line's crews must know of the danger, whoever it was told to. */
static void another_line_takes_over_what_is_known_of_the_danger(void **state)
{
    struct world *w = *state;
    plant(w);
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, LI);
    (void)begin(w, contact);
    (void)say(w, contact, HURT, 1, 0);
    uint64_t incident = register_incident(w, 1001, contact, 10100);
    struct command command = from_user(1001, COMMAND_INCIDENT_FLAG);
    command.incident_flag.incident = incident;
    command.incident_flag.flags_count = 1;
    command.incident_flag.flags[0] = PLAN_FLAG_HIGH_RISE;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    command = from_user(1001, COMMAND_PETITION_ASK);
    command.petition_ask.incident = incident;
    command.petition_ask.kind = PETITION_KIND_TRANSFER;
    command.petition_ask.line = 110;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    command = from_user(1003, COMMAND_PETITION_RULE);
    command.petition_rule.petition = w->verdict.petition;
    command.petition_rule.agree = true;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    const struct incident *taken = core_incident(w->core, w->verdict.incident);
    assert_int_equal(taken->line, 110);
    assert_int_equal(taken->risks, 1U << RISK_INJURED);
    assert_int_equal(taken->plan_flags, 1U << PLAN_FLAG_HIGH_RISE);
}

static void a_running_guide_keeps_its_version(void **state)
{
    struct world *w = *state;
    plant(w);
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, LI);
    (void)begin(w, contact);
    assert_int_equal(define_tree(w, "Crash", 1, 3, 6), REFUSAL_ALREADY);
    assert_int_equal(define_tree(w, "Crash", 2, 1, 1), REFUSAL_NONE);
    assert_int_equal(define_question(w, HURT, QUESTION_KIND_CHOICE, GUIDE_FIELD_NONE),
                     REFUSAL_NONE);
    assert_int_equal(define_answer(w, (struct answer_row){ .question = HURT, .answer = 1 }),
                     REFUSAL_NONE);
    world_skip(w);
    (void)say(w, contact, HURT, 1, 0);
    (void)finish(w, 1001, contact);
    (void)finish_wrap_up(w, 1001);
    uint64_t next = talk(w, 12345, WANG);
    (void)begin(w, next);
    (void)say(w, next, HURT, 1, 0);
    assert_non_null(strstr(w->buffer, "tree=7 version=1 question=10 answer=1 next=20"));
    assert_non_null(strstr(w->buffer, "tree=7 version=2 question=10 answer=1\n"));
}

static void an_unsound_tree_never_comes_into_force(void **state)
{
    struct world *w = *state;
    plant(w);
    /* round in a circle */
    (void)define_tree(w, "Circle", 3, 1, 1);
    (void)define_question(w, HURT, QUESTION_KIND_CHOICE, GUIDE_FIELD_NONE);
    assert_int_equal(
        define_answer(w, (struct answer_row){ .question = HURT, .answer = 1, .next = HURT }),
        REFUSAL_TREE_UNSOUND);
    /* to nowhere */
    assert_int_equal(
        define_answer(w, (struct answer_row){ .question = HURT, .answer = 1, .next = COUNT }),
        REFUSAL_TREE_UNSOUND);
    /* never asked */
    (void)define_tree(w, "Lost", 4, 2, 2);
    (void)define_question(w, HURT, QUESTION_KIND_CHOICE, GUIDE_FIELD_NONE);
    (void)define_question(w, COUNT, QUESTION_KIND_TEXT, GUIDE_FIELD_NONE);
    (void)define_answer(w, (struct answer_row){ .question = COUNT, .answer = 1 });
    assert_int_equal(define_answer(w, (struct answer_row){ .question = HURT, .answer = 1 }),
                     REFUSAL_TREE_UNSOUND);
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, LI);
    world_skip(w);
    (void)begin(w, contact);
    world_expect(w, "[0.0] guide_begun version=1\n");
}

static void twenty_questions_are_the_longest_way(void **state)
{
    struct world *w = *state;
    (void)define_tree(w, "Twenty", 1, 20, 20);
    for (uint32_t i = 0; i < 20; i++)
        (void)define_question(w, HURT + i, QUESTION_KIND_CHOICE, GUIDE_FIELD_NONE);
    for (uint32_t i = 0; i < 20; i++)
        assert_int_equal(define_answer(w, (struct answer_row){ .question = HURT + i,
                                                               .answer = 1,
                                                               .next = i < 19 ? HURT + i + 1 : 0 }),
                         REFUSAL_NONE);
    (void)define_tree(w, "Twenty-one", 2, 21, 21);
    for (uint32_t i = 0; i < 21; i++)
        (void)define_question(w, HURT + i, QUESTION_KIND_CHOICE, GUIDE_FIELD_NONE);
    enum refusal refusal = REFUSAL_NONE;
    for (uint32_t i = 0; i < 21; i++)
        refusal = define_answer(w, (struct answer_row){ .question = HURT + i,
                                                        .answer = 1,
                                                        .next = i < 20 ? HURT + i + 1 : 0 });
    assert_int_equal(refusal, REFUSAL_TREE_UNSOUND);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest stories[] = {
        STORY(the_answers_make_the_record),
        STORY(only_the_question_that_is_asked_is_answered),
        STORY(an_answer_raises_what_is_registered),
        STORY(an_ordinary_matter_may_become_less_urgent),
        STORY(a_caller_in_danger_gets_no_text),
        STORY(who_joins_an_order_keeps_what_their_answers_said),
        STORY(who_is_split_off_keeps_what_their_answers_said),
        STORY(what_one_tree_found_out_another_does_not_forget),
        STORY(the_danger_that_one_tree_found_stays_in_the_next),
        STORY(another_line_takes_over_what_is_known_of_the_danger),
        STORY(a_running_guide_keeps_its_version),
        STORY(an_unsound_tree_never_comes_into_force),
        STORY(twenty_questions_are_the_longest_way),
    };
    return cmocka_run_group_tests(stories, NULL, NULL);
}
