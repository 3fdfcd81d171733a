/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/soundness.h"

/* The tree as numbers alone. */
struct outline {
    uint32_t first;
    uint32_t count;
    struct outline_question {
        uint32_t question;
        enum question_kind kind;
        uint32_t count;
        struct outline_answer {
            uint32_t answer, next, least, most;
        } answers[QUESTION_ANSWERS_MAX];
        uint32_t depth; /* the longest way here, in questions; 0: none yet */
    } questions[TREE_QUESTIONS_MAX];
};

static struct outline_question *find(struct outline *outline, uint32_t question)
{
    for (uint32_t i = 0; i < outline->count; i++)
        if (outline->questions[i].question == question)
            return &outline->questions[i];
    return NULL;
}

static void draw(struct outline *outline, const struct edition *edition,
                 const struct answer_row *last)
{
    outline->first = edition->first;
    outline->count = 0;
    for (const struct tree_question *from = edition->questions; from; from = from->following) {
        struct outline_question *to = &outline->questions[outline->count++];
        *to = (struct outline_question){ .question = from->question, .kind = from->kind };
        for (const struct tree_answer *answer = from->answers; answer; answer = answer->following)
            to->answers[to->count++] = (struct outline_answer){ answer->answer, answer->next,
                                                                answer->least, answer->most };
    }
    struct outline_question *to = find(outline, last->question);
    to->answers[to->count++] =
        (struct outline_answer){ last->answer, last->next, last->least, last->most };
}

static bool has_digit(const struct outline_question *question, uint32_t answer)
{
    for (uint32_t i = 0; i < question->count; i++)
        if (question->answers[i].answer == answer)
            return true;
    return false;
}

/* Bounds begin at 0 and leave neither gap nor doubt. */
static bool bounds_are_sound(const struct outline_question *question)
{
    uint64_t from = 0;
    for (uint32_t taken = 0; taken < question->count; taken++) {
        uint32_t i = 0;
        while (i < question->count && question->answers[i].least != from)
            i++;
        if (i == question->count || question->answers[i].most < from)
            return false;
        from = (uint64_t)question->answers[i].most + 1;
    }
    return true;
}

static bool answers_are_sound(const struct outline_question *question)
{
    switch (question->kind) {
    case QUESTION_KIND_CHOICE:
        return question->count > 0;
    case QUESTION_KIND_YES_NO:
        return has_digit(question, 1) && has_digit(question, 2) &&
               question->count == 2U + has_digit(question, 3);
    case QUESTION_KIND_NUMBER:
        return question->count > 0 && bounds_are_sound(question);
    case QUESTION_KIND_TEXT:
        return question->count == 1;
    case QUESTION_KIND_NONE:
    case QUESTION_KIND_COUNT:
        break;
    }
    return false;
}

/* Makes every question behind this one at least one deeper; false: unknown, or too deep. */
static bool go_on(struct outline *outline, const struct outline_question *from, bool *changed)
{
    for (uint32_t i = 0; i < from->count; i++) {
        if (from->answers[i].next == 0)
            continue;
        struct outline_question *to = find(outline, from->answers[i].next);
        if (!to || from->depth == TREE_PATH_MAX)
            return false;
        if (to->depth <= from->depth) {
            to->depth = from->depth + 1;
            *changed = true;
        }
    }
    return true;
}

/* A circle grows deeper with every turn: the same limit finds it. */
static bool ways_are_sound(struct outline *outline)
{
    struct outline_question *first = find(outline, outline->first);
    if (!first)
        return false;
    first->depth = 1;
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = 0; i < outline->count; i++)
            if (outline->questions[i].depth > 0 &&
                !go_on(outline, &outline->questions[i], &changed))
                return false;
    }
    return true;
}

bool edition_is_sound(const struct edition *edition, const struct answer_row *last)
{
    struct outline outline;
    draw(&outline, edition, last);
    if (!ways_are_sound(&outline))
        return false;
    for (uint32_t i = 0; i < outline.count; i++)
        if (outline.questions[i].depth == 0 || !answers_are_sound(&outline.questions[i]))
            return false;
    return true;
}
