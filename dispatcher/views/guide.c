/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Trees of questions in all their versions, and where the questions on each contact stand. */
#include <errno.h>

#include "dispatcher/views/row.h"

enum {
    ANSWERS_PER_QUESTION = 10
};

static struct key question_key(uint32_t tree, uint32_t version, uint32_t question)
{
    return key_of3(VIEW_QUESTION, tree, version, question);
}

static struct key answer_key(uint32_t tree, uint32_t version, uint64_t answer)
{
    return key_of3(VIEW_QUESTION_ANSWER, tree, version, answer);
}

/* ---- applying ------------------------------------------------------------------------------ */

static void answered(const struct event *event, struct guide_detail *guide)
{
    const struct guide_answered *row = &event->guide_answered;
    if (guide->steps_count < sizeof guide->steps / sizeof guide->steps[0])
        guide->steps[guide->steps_count++] =
            (struct guide_step){ row->question, row->answer, row->value, event->seq };
    guide->question = row->next;
    guide->priority = row->priority;
    guide->proposed = row->proposed;
    guide->category = row->category;
    guide->secrecy = row->secrecy;
    guide->risks = row->risks;
}

static int guide_changed(const struct change *change)
{
    const struct event *event = change->event;
    struct guide_detail guide;
    struct key key = key_of1(VIEW_GUIDE, event->contact);
    int status = row_take(change, key, SCHEMA_GUIDE_DETAIL, &guide);
    if (status < 0)
        return status == -ENOENT ? 0 : status;
    if (event->kind == EVENT_GUIDE_ANSWERED) {
        answered(event, &guide);
    } else {
        guide.question = event->guide_undone.question;
        if (guide.steps_count > 0)
            guide.steps_count--;
    }
    return row_put(change, key, SCHEMA_GUIDE_DETAIL, &guide);
}

static int guide_begun(const struct change *change)
{
    const struct guide_begun *begun = &change->event->guide_begun;
    struct guide_detail guide = { .contact = change->event->contact,
                                  .tree = begun->tree,
                                  .version = begun->version,
                                  .question = begun->question,
                                  .priority = begun->priority,
                                  .secrecy = begun->secrecy,
                                  .risks = begun->risks };
    return row_put(change, key_of1(VIEW_GUIDE, guide.contact), SCHEMA_GUIDE_DETAIL, &guide);
}

int apply_to_guides(const struct change *change)
{
    const struct event *event = change->event;
    const struct question_row *question = &event->question_defined.row;
    const struct answer_row *answer = &event->answer_defined.row;
    switch (event->kind) {
    case EVENT_QUESTION_DEFINED:
        return row_put(change, question_key(question->tree, question->version, question->question),
                       SCHEMA_QUESTION_ROW, question);
    case EVENT_ANSWER_DEFINED:
        return row_put(
            change,
            answer_key(answer->tree, answer->version,
                       (uint64_t)answer->question * ANSWERS_PER_QUESTION + answer->answer),
            SCHEMA_ANSWER_ROW, answer);
    case EVENT_TREE_RELEASED:
        return number_put(change, key_of1(VIEW_RELEASED, event->tree_released.tree),
                          event->tree_released.version);
    case EVENT_GUIDE_BEGUN:
        return guide_begun(change);
    case EVENT_GUIDE_ANSWERED:
    case EVENT_GUIDE_UNDONE:
        return guide_changed(change);
    default: /* all that is no question */
        return 0;
    }
}

/* ---- answering ----------------------------------------------------------------------------- */

/* The question's answers behind those that are there already; -ENOSPC: they find no room. */
static int answers_take(const struct question *question, uint32_t version, uint32_t number,
                        struct questions *questions)
{
    uint32_t tree = question->query->questions.tree;
    uint32_t room = sizeof questions->answers / sizeof questions->answers[0];
    struct key prefix = key_of2(VIEW_QUESTION_ANSWER, tree, version);
    uint64_t at = (uint64_t)number * ANSWERS_PER_QUESTION;
    uint64_t end = at + ANSWERS_PER_QUESTION;
    uint32_t before = questions->answers_count;
    for (;;) {
        struct key from = answer_key(tree, version, at);
        struct slice value;
        int status = view_next(question->read, &prefix, &from, &at, &value);
        if (status == -ENOENT || (status == 0 && at >= end))
            return 0;
        if (status < 0)
            return status;
        if (questions->answers_count == room) {
            questions->answers_count = before;
            return -ENOSPC;
        }
        status = codec_unpack(question->views->codec, SCHEMA_ANSWER_ROW, value.data, value.size,
                              &questions->answers[questions->answers_count++]);
        if (status < 0)
            return status;
        at++;
    }
}

static int questions_take(const struct question *question, uint32_t version, struct answer *answer)
{
    struct questions *questions = &answer->questions;
    uint32_t tree = question->query->questions.tree;
    uint32_t room = sizeof questions->questions / sizeof questions->questions[0];
    struct key prefix = key_of2(VIEW_QUESTION, tree, version);
    uint64_t number = question->query->questions.after;
    for (;;) {
        struct key from = question_key(tree, version, (uint32_t)number + 1);
        uint64_t last = number;
        struct slice value;
        int status = view_next(question->read, &prefix, &from, &number, &value);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        status = questions->questions_count == room
                     ? -ENOSPC
                     : answers_take(question, version, (uint32_t)number, questions);
        if (status == -ENOSPC) {
            answer->more = true;
            answer->next = last;
            return 0;
        }
        if (status == 0)
            status = codec_unpack(question->views->codec, SCHEMA_QUESTION_ROW, value.data,
                                  value.size, &questions->questions[questions->questions_count++]);
        if (status < 0)
            return status;
    }
}

int answer_questions(const struct question *question, struct answer *answer)
{
    const struct questions_query *query = &question->query->questions;
    struct questions *questions = &answer->questions;
    uint64_t version = query->version;
    answer->kind = ANSWER_QUESTIONS;
    schema_clear(SCHEMA_QUESTIONS, questions);
    int status =
        row_get(question->views, question->read, key_of2(VIEW_CITY, CITY_TABLE_TREES, query->tree),
                SCHEMA_TREE_ROW, &questions->tree);
    questions->has_tree = status == 0;
    if (status == 0 && version == 0)
        status = number_get(question->read, key_of1(VIEW_RELEASED, query->tree), &version);
    if (status < 0)
        return status;
    questions->tree.version = (uint32_t)version;
    return questions_take(question, (uint32_t)version, answer);
}

int answer_guide(const struct question *question, struct answer *answer)
{
    answer->kind = ANSWER_GUIDE_DETAIL;
    return row_get(question->views, question->read,
                   key_of1(VIEW_GUIDE, question->query->guide.contact), SCHEMA_GUIDE_DETAIL,
                   &answer->guide_detail);
}
