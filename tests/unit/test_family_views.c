/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a person sees of families, of guided questions and of likely duplicates is what the events
 * said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "tests/unit/own_views.h"

#define MINUTE 60000ULL
#define HOUR   (60 * MINUTE)

enum {
    PARENT = 7,
    CHILD = 8,
    OTHER = 9,
    CONTACT = 70,
    TREE = 3,
    LI = 501,
    WANG = 502
};

static struct query query;
static struct answer answer;

static enum refusal ask(void)
{
    journal_query(own_views_journal, &query, own_views_now_ms, &answer);
    return answer.refusal;
}

static void registered(uint64_t incident, uint32_t category, uint64_t caller, uint32_t cell)
{
    struct event event = { .kind = EVENT_INCIDENT_REGISTERED, .incident = incident, .line = 110 };
    event.incident_registered = (struct incident_registered){ .number = 20260302000000 + incident,
                                                              .category = category,
                                                              .caller = caller,
                                                              .started_ms = own_views_now_ms,
                                                              .east_cell = cell,
                                                              .north_cell = cell };
    own_views_happen(event);
}

static void moved(uint64_t incident, enum incident_step step, enum incident_state to)
{
    struct event event = { .kind = EVENT_INCIDENT_MOVED, .incident = incident };
    event.incident_moved = (struct incident_moved){ .step = step, .to = to, .round = 1 };
    own_views_happen(event);
}

static const struct incident_detail *detail_of(uint64_t incident)
{
    query = (struct query){ .kind = QUERY_INCIDENT, .incident = { .incident = incident } };
    assert_int_equal(ask(), REFUSAL_NONE);
    return &answer.incident_detail;
}

/* ---- families -------------------------------------------------------------------------------- */

static void merge(void)
{
    registered(PARENT, 10100, LI, 100);
    registered(CHILD, 10100, WANG, 100);
    moved(CHILD, INCIDENT_STEP_MERGE, INCIDENT_STATE_MERGED);
    struct event event = { .kind = EVENT_INCIDENT_MERGED, .incident = CHILD };
    event.incident_merged.parent = PARENT;
    own_views_happen(event);
}

static void a_parent_shows_who_follows_and_a_child_whom(void **state)
{
    (void)state;
    merge();
    assert_int_equal(detail_of(PARENT)->children_count, 1);
    assert_int_equal(answer.incident_detail.children[0], CHILD);
    assert_int_equal(answer.incident_detail.row.children, 1);
    assert_int_equal(detail_of(CHILD)->row.parent, PARENT);
    assert_int_equal(answer.incident_detail.children_count, 0);
}

static void who_parts_is_nobodys_child(void **state)
{
    (void)state;
    merge();
    struct event event = { .kind = EVENT_INCIDENT_UNMERGED, .incident = CHILD };
    event.incident_unmerged.parent = PARENT;
    own_views_happen(event);
    assert_int_equal(detail_of(PARENT)->children_count, 0);
    assert_int_equal(answer.incident_detail.row.children, 0);
    assert_int_equal(detail_of(CHILD)->row.parent, 0);
}

static void who_was_told_stays_in_the_list_and_follows_no_more(void **state)
{
    (void)state;
    merge();
    struct event event = { .kind = EVENT_FOLLOWER_CALLED, .incident = CHILD };
    event.follower_called = (struct follower_called){ PARENT, true, PARENT };
    own_views_happen(event);
    assert_int_equal(detail_of(PARENT)->children_count, 1);
    assert_int_equal(answer.incident_detail.row.children, 0);
    /* It parts later: the count was given back already. */
    struct event parted = { .kind = EVENT_INCIDENT_UNMERGED, .incident = CHILD };
    parted.incident_unmerged.parent = PARENT;
    own_views_happen(parted);
    assert_int_equal(detail_of(PARENT)->row.children, 0);
    assert_int_equal(answer.incident_detail.children_count, 0);
}

static void a_tie_is_seen_from_both_sides_until_it_is_untied(void **state)
{
    (void)state;
    registered(PARENT, 10100, LI, 100);
    registered(OTHER, 20100, WANG, 0);
    struct event event = { .kind = EVENT_INCIDENT_LINKED, .incident = PARENT };
    event.incident_linked = (struct incident_linked){ OTHER, RELATION_CAUSED_BY };
    own_views_happen(event);
    assert_int_equal(detail_of(PARENT)->ties_count, 1);
    assert_int_equal(answer.incident_detail.ties[0].other, OTHER);
    assert_false(answer.incident_detail.ties[0].backwards);
    assert_int_equal(detail_of(OTHER)->ties_count, 1);
    assert_int_equal(answer.incident_detail.ties[0].other, PARENT);
    assert_int_equal(answer.incident_detail.ties[0].relation, RELATION_CAUSED_BY);
    assert_true(answer.incident_detail.ties[0].backwards);
    struct event untied = { .kind = EVENT_INCIDENT_UNLINKED, .incident = PARENT };
    untied.incident_unlinked = (struct incident_unlinked){ OTHER, RELATION_CAUSED_BY };
    own_views_happen(untied);
    assert_int_equal(detail_of(PARENT)->ties_count, 0);
    assert_int_equal(detail_of(OTHER)->ties_count, 0);
}

/* ---- guided questions -------------------------------------------------------------------------- */

static void plant(uint32_t version)
{
    struct event tree = { .kind = EVENT_TREE_DEFINED };
    tree.tree_defined.has_row = true;
    tree.tree_defined.row =
        (struct tree_row){ .tree = TREE, .first = 1, .questions = 2, .version = version };
    own_views_happen(tree);
    for (uint32_t question = 1; question <= 2; question++) {
        struct event event = { .kind = EVENT_QUESTION_DEFINED };
        event.question_defined.has_row = true;
        event.question_defined.row = (struct question_row){
            .tree = TREE, .question = question, .kind = QUESTION_KIND_CHOICE, .version = version
        };
        own_views_happen(event);
        for (uint32_t digit = 1; digit <= 2; digit++) {
            struct event row = { .kind = EVENT_ANSWER_DEFINED };
            row.answer_defined.has_row = true;
            row.answer_defined.row = (struct answer_row){
                .tree = TREE, .question = question, .answer = digit, .version = version
            };
            own_views_happen(row);
        }
    }
}

static void release(uint32_t version)
{
    struct event event = { .kind = EVENT_TREE_RELEASED };
    event.tree_released = (struct tree_released){ TREE, version };
    own_views_happen(event);
}

static void questions_of(uint32_t version)
{
    query = (struct query){ .kind = QUERY_QUESTIONS,
                            .questions = { .tree = TREE, .version = version } };
    assert_int_equal(ask(), REFUSAL_NONE);
}

static void a_tree_is_read_in_the_released_edition_or_in_the_one_asked_for(void **state)
{
    (void)state;
    plant(1);
    release(1);
    plant(2);
    questions_of(0);
    assert_int_equal(answer.questions.tree.version, 1);
    assert_int_equal(answer.questions.questions_count, 2);
    assert_int_equal(answer.questions.answers_count, 4);
    release(2);
    questions_of(0);
    assert_int_equal(answer.questions.tree.version, 2);
    questions_of(1);
    assert_int_equal(answer.questions.tree.version, 1);
    assert_int_equal(answer.questions.questions[1].version, 1);
}

static void answered(uint32_t question, uint32_t digit, uint32_t next, enum priority priority)
{
    struct event event = { .kind = EVENT_GUIDE_ANSWERED, .contact = CONTACT };
    event.guide_answered = (struct guide_answered){ .tree = TREE,
                                                    .version = 1,
                                                    .question = question,
                                                    .answer = digit,
                                                    .next = next,
                                                    .priority = priority,
                                                    .category = 10100,
                                                    .risks = 1U << RISK_FIRE };
    own_views_happen(event);
}

static void a_guide_shows_its_steps_and_forgets_the_one_taken_back(void **state)
{
    (void)state;
    struct event begun = { .kind = EVENT_GUIDE_BEGUN, .contact = CONTACT };
    begun.guide_begun = (struct guide_begun){ .tree = TREE, .version = 1, .question = 1 };
    own_views_happen(begun);
    answered(1, 2, 2, PRIORITY_P1);
    answered(2, 1, 0, PRIORITY_P0);
    query = (struct query){ .kind = QUERY_GUIDE, .guide = { .contact = CONTACT } };
    assert_int_equal(ask(), REFUSAL_NONE);
    const struct guide_detail *guide = &answer.guide_detail;
    assert_int_equal(guide->steps_count, 2);
    assert_int_equal(guide->steps[0].answer, 2);
    assert_int_equal(guide->question, 0);
    assert_int_equal(guide->priority, PRIORITY_P0);
    assert_int_equal(guide->version, 1);
    struct event undone = { .kind = EVENT_GUIDE_UNDONE, .contact = CONTACT };
    undone.guide_undone = (struct guide_undone){ TREE, 1, 2 };
    own_views_happen(undone);
    assert_int_equal(ask(), REFUSAL_NONE);
    assert_int_equal(guide->steps_count, 1);
    assert_int_equal(guide->question, 2);
}

/* ---- likely duplicates ------------------------------------------------------------------------- */

static const struct likely_incidents *likely(struct likely_query said)
{
    query = (struct query){ .kind = QUERY_LIKELY, .likely = said };
    assert_int_equal(ask(), REFUSAL_NONE);
    return &answer.likely_incidents;
}

static void the_same_matter_nearby_comes_first_with_its_reasons(void **state)
{
    (void)state;
    registered(PARENT, 100100, WANG, 100);
    registered(CHILD, 200100, WANG, 100);
    own_views_now_ms += MINUTE;
    const struct likely_incidents *found = likely((struct likely_query){
        .line = 110, .category = 100100, .east_cell = 101, .north_cell = 100 });
    assert_true(found->rows_count >= 1);
    assert_int_equal(found->rows[0].incident.incident, PARENT);
    assert_int_equal(found->rows[0].distance_m, 250);
    assert_int_equal(found->rows[0].reasons[0], LIKENESS_SAME_KIND);
    for (uint32_t i = 1; i < found->rows_count; i++)
        assert_true(found->rows[i].score <= found->rows[i - 1].score);
}

static void what_was_asked_at_a_place_is_found_by_it(void **state)
{
    (void)state;
    registered(PARENT, 100100, WANG, 100);
    registered(CHILD, 200100, WANG, 101);
    moved(PARENT, INCIDENT_STEP_SATISFIED, INCIDENT_STATE_CLOSED);
    query = (struct query){ .kind = QUERY_INCIDENTS,
                            .incidents = { .east_cell = 100, .north_cell = 100 } };
    assert_int_equal(ask(), REFUSAL_NONE);
    assert_int_equal(answer.incidents.rows_count, 1);
    assert_int_equal(answer.incidents.rows[0].incident, PARENT);
}

static void who_calls_again_is_found_by_the_number_wherever_they_are(void **state)
{
    (void)state;
    registered(PARENT, 100100, LI, 100);
    registered(OTHER, 100100, WANG, 3000);
    own_views_now_ms += 25 * HOUR;
    const struct likely_incidents *found =
        likely((struct likely_query){ .line = 110, .caller = LI });
    assert_int_equal(found->rows_count, 1);
    assert_int_equal(found->rows[0].incident.incident, PARENT);
    assert_int_equal(found->rows[0].reasons[0], LIKENESS_SAME_CALLER);
}

static void what_is_over_or_follows_another_is_not_proposed(void **state)
{
    (void)state;
    struct likely_query said = {
        .line = 110, .category = 10100, .east_cell = 100, .north_cell = 100
    };
    merge();
    const struct likely_incidents *found = likely(said);
    assert_int_equal(found->rows_count, 1);
    assert_int_equal(found->rows[0].incident.incident, PARENT);
    moved(PARENT, INCIDENT_STEP_CLOSE, INCIDENT_STATE_CLOSED);
    own_views_now_ms += 29 * MINUTE;
    assert_int_equal(likely(said)->rows_count, 1); /* closed a moment ago */
    own_views_now_ms += 2 * MINUTE;
    assert_int_equal(likely(said)->rows_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_parent_shows_who_follows_and_a_child_whom,
                                        own_views_set_up, own_views_tear_down),
        cmocka_unit_test_setup_teardown(who_parts_is_nobodys_child, own_views_set_up,
                                        own_views_tear_down),
        cmocka_unit_test_setup_teardown(who_was_told_stays_in_the_list_and_follows_no_more,
                                        own_views_set_up, own_views_tear_down),
        cmocka_unit_test_setup_teardown(a_tie_is_seen_from_both_sides_until_it_is_untied,
                                        own_views_set_up, own_views_tear_down),
        cmocka_unit_test_setup_teardown(
            a_tree_is_read_in_the_released_edition_or_in_the_one_asked_for, own_views_set_up,
            own_views_tear_down),
        cmocka_unit_test_setup_teardown(a_guide_shows_its_steps_and_forgets_the_one_taken_back,
                                        own_views_set_up, own_views_tear_down),
        cmocka_unit_test_setup_teardown(the_same_matter_nearby_comes_first_with_its_reasons,
                                        own_views_set_up, own_views_tear_down),
        cmocka_unit_test_setup_teardown(what_was_asked_at_a_place_is_found_by_it, own_views_set_up,
                                        own_views_tear_down),
        cmocka_unit_test_setup_teardown(who_calls_again_is_found_by_the_number_wherever_they_are,
                                        own_views_set_up, own_views_tear_down),
        cmocka_unit_test_setup_teardown(what_is_over_or_follows_another_is_not_proposed,
                                        own_views_set_up, own_views_tear_down),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
