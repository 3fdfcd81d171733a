/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/tree.h"

#include "base/require.h"
#include "dispatcher/core/rows.h"
#include "dispatcher/core/soundness.h"

struct tree *core_tree(const struct core *core, uint32_t number)
{
    return index_find(&core->index, ENTRY_TREE, number, 0);
}

struct tree_question *edition_question(const struct edition *edition, uint32_t question)
{
    struct tree_question *at = edition->questions;
    while (at && at->question != question)
        at = at->following;
    return at;
}

struct tree_answer *question_answer(const struct tree_question *question, uint32_t answer)
{
    struct tree_answer *at = question->answers;
    while (at && at->answer != answer)
        at = at->following;
    return at;
}

const struct tree_answer *question_answer_of(const struct tree_question *question, uint32_t value)
{
    const struct tree_answer *at = question->answers;
    while (at && (value < at->least || value > at->most))
        at = at->following;
    return at;
}

/* ---- what the city asks for ---------------------------------------------------------------- */

/* The version is the core's to give: the same row under another one is the same row. */
static uint64_t tree_fingerprint(struct tree_row row)
{
    row.version = 0;
    return row_fingerprint(SCHEMA_TREE_ROW, &row);
}

static uint64_t question_fingerprint(struct question_row row)
{
    row.version = 0;
    return row_fingerprint(SCHEMA_QUESTION_ROW, &row);
}

static uint64_t answer_fingerprint(struct answer_row row)
{
    row.version = 0;
    return row_fingerprint(SCHEMA_ANSWER_ROW, &row);
}

static bool sizes_are_sound(const struct tree_row *row)
{
    return row->tree && row->first && row->questions && row->questions <= TREE_QUESTIONS_MAX &&
           row->answers >= row->questions && row->answers <= row->questions * QUESTION_ANSWERS_MAX;
}

enum refusal decide_tree_define(struct decision *decision)
{
    const struct core *core = decision->core;
    const struct tree_define *asked = &decision->command->tree_define;
    if (!asked->has_row || !sizes_are_sound(&asked->row))
        return REFUSAL_MALFORMED;
    const struct tree *tree = core_tree(core, asked->row.tree);
    if (tree && tree->fingerprint == tree_fingerprint(asked->row))
        return REFUSAL_ALREADY;
    if (!tree && pool_room(&core->trees) == 0)
        return REFUSAL_LIMIT;
    if (pool_room(&core->editions) == 0 ||
        pool_room(&core->tree_questions) < asked->row.questions ||
        pool_room(&core->tree_answers) < asked->row.answers)
        return REFUSAL_LIMIT;
    struct event *event = decision_event(decision, EVENT_TREE_DEFINED);
    event->tree_defined.has_row = true;
    event->tree_defined.row = asked->row;
    event->tree_defined.row.version = (tree ? tree->version : 0) + !asked->row.retired;
    return REFUSAL_NONE;
}

/* The edition that a row may go into; a row that it has, or that the current one has, is no news. */
static enum refusal find_unfinished(const struct core *core, uint32_t number,
                                    const struct edition **edition)
{
    const struct tree *tree = core_tree(core, number);
    if (!tree)
        return REFUSAL_NO_SUCH_TREE;
    *edition = tree->unfinished ? tree->unfinished : tree->current;
    return *edition ? REFUSAL_NONE : REFUSAL_WRONG_STATE;
}

static bool is_filled(const struct edition *edition)
{
    return edition->question_count == edition->questions_due &&
           edition->answer_count == edition->answers_due;
}

enum refusal decide_question_define(struct decision *decision)
{
    const struct question_define *asked = &decision->command->question_define;
    const struct edition *edition;
    if (!asked->has_row || !asked->row.question || !asked->row.kind)
        return REFUSAL_MALFORMED;
    enum refusal refusal = find_unfinished(decision->core, asked->row.tree, &edition);
    if (refusal)
        return refusal;
    const struct tree_question *known = edition_question(edition, asked->row.question);
    if (known && known->fingerprint == question_fingerprint(asked->row))
        return REFUSAL_ALREADY;
    if (known || edition->question_count == edition->questions_due)
        return REFUSAL_WRONG_STATE;
    struct event *event = decision_event(decision, EVENT_QUESTION_DEFINED);
    event->question_defined.has_row = true;
    event->question_defined.row = asked->row;
    event->question_defined.row.version = edition->version;
    return REFUSAL_NONE;
}

/* The last row releases the edition, when the whole is sound. */
static enum refusal release(struct decision *decision, const struct edition *edition,
                            const struct answer_row *last)
{
    if (edition->answer_count + 1 < edition->answers_due ||
        edition->question_count < edition->questions_due)
        return REFUSAL_NONE;
    if (!edition_is_sound(edition, last))
        return REFUSAL_TREE_UNSOUND;
    struct event *event = decision_event(decision, EVENT_TREE_RELEASED);
    event->tree_released.tree = edition->tree;
    event->tree_released.version = edition->version;
    return REFUSAL_NONE;
}

enum refusal decide_answer_define(struct decision *decision)
{
    const struct answer_define *asked = &decision->command->answer_define;
    const struct edition *edition;
    if (!asked->has_row || asked->row.answer < 1 || asked->row.answer > QUESTION_ANSWERS_MAX)
        return REFUSAL_MALFORMED;
    enum refusal refusal = find_unfinished(decision->core, asked->row.tree, &edition);
    if (refusal)
        return refusal;
    const struct tree_question *question = edition_question(edition, asked->row.question);
    if (!question)
        return REFUSAL_NO_SUCH_QUESTION;
    const struct tree_answer *known = question_answer(question, asked->row.answer);
    if (known && known->fingerprint == answer_fingerprint(asked->row))
        return REFUSAL_ALREADY;
    if (known || is_filled(edition))
        return REFUSAL_WRONG_STATE;
    struct event *event = decision_event(decision, EVENT_ANSWER_DEFINED);
    event->answer_defined.has_row = true;
    event->answer_defined.row = asked->row;
    event->answer_defined.row.version = edition->version;
    return release(decision, edition, &asked->row);
}

/* ---- what becomes of it -------------------------------------------------------------------- */

static void question_forget(struct core *core, struct tree_question *question)
{
    while (question->answers) {
        struct tree_answer *answer = question->answers;
        question->answers = answer->following;
        pool_give(&core->tree_answers, answer);
    }
    pool_give(&core->tree_questions, question);
}

static void edition_forget(struct core *core, struct edition *edition)
{
    while (edition->questions) {
        struct tree_question *question = edition->questions;
        edition->questions = question->following;
        question_forget(core, question);
    }
    pool_give(&core->editions, edition);
}

static void edition_shelve(struct core *core, struct edition *edition)
{
    if (!edition)
        return;
    edition->shelved = true;
    if (edition->guides == 0)
        edition_forget(core, edition);
}

void edition_follow(struct edition *edition)
{
    edition->guides++;
}

void edition_leave(struct core *core, struct edition *edition)
{
    REQUIRE(edition->guides > 0);
    edition->guides--;
    if (edition->shelved && edition->guides == 0)
        edition_forget(core, edition);
}

static struct tree *tree_place(struct core *core, uint32_t number)
{
    struct tree *tree = core_tree(core, number);
    if (tree)
        return tree;
    tree = pool_take(&core->trees);
    tree->tree = number;
    index_put(&core->index, ENTRY_TREE, number, 0, tree);
    return tree;
}

void apply_tree_defined(struct core *core, const struct event *event)
{
    const struct tree_row *row = &event->tree_defined.row;
    struct tree *tree = tree_place(core, row->tree);
    tree->fingerprint = tree_fingerprint(*row);
    tree->retired = row->retired;
    edition_shelve(core, tree->unfinished);
    tree->unfinished = NULL;
    if (row->retired)
        return;
    REQUIRE(row->version == tree->version + 1);
    tree->version = row->version;
    struct edition *edition = pool_take(&core->editions);
    edition->tree = row->tree;
    edition->version = row->version;
    edition->first = row->first;
    edition->questions_due = row->questions;
    edition->answers_due = row->answers;
    tree->unfinished = edition;
}

static struct edition *unfinished(const struct core *core, uint32_t number, uint32_t version)
{
    const struct tree *tree = core_tree(core, number);
    REQUIRE(tree && tree->unfinished && tree->unfinished->version == version);
    return tree->unfinished;
}

void apply_question_defined(struct core *core, const struct event *event)
{
    const struct question_row *row = &event->question_defined.row;
    struct edition *edition = unfinished(core, row->tree, row->version);
    struct tree_question *question = pool_take(&core->tree_questions);
    question->question = row->question;
    question->kind = row->kind;
    question->fills = row->fills;
    question->fingerprint = question_fingerprint(*row);
    question->following = edition->questions;
    edition->questions = question;
    edition->question_count++;
}

void apply_answer_defined(struct core *core, const struct event *event)
{
    const struct answer_row *row = &event->answer_defined.row;
    struct edition *edition = unfinished(core, row->tree, row->version);
    struct tree_question *question = edition_question(edition, row->question);
    REQUIRE(question);
    struct tree_answer *answer = pool_take(&core->tree_answers);
    answer->answer = row->answer;
    answer->next = row->next;
    answer->least = row->least;
    answer->most = row->most;
    answer->category = row->category;
    for (uint32_t i = 0; i < row->risks_count; i++)
        answer->risks |= 1U << row->risks[i];
    answer->raise = row->raise;
    answer->lower = row->lower;
    answer->secrecy = row->secrecy;
    answer->fingerprint = answer_fingerprint(*row);
    answer->following = question->answers;
    question->answers = answer;
    edition->answer_count++;
}

void apply_tree_released(struct core *core, const struct event *event)
{
    const struct tree_released *released = &event->tree_released;
    struct tree *tree = core_tree(core, released->tree);
    REQUIRE(unfinished(core, released->tree, released->version));
    edition_shelve(core, tree->current);
    tree->current = tree->unfinished;
    tree->unfinished = NULL;
}
