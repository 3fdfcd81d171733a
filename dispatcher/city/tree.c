/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/city/tree.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "base/require.h"
#include "proto/codec.h"

uint32_t question_key(uint32_t tree, uint32_t question)
{
    return tree * QUESTION_NUMBERS + question;
}

uint32_t answer_key(uint32_t tree, uint32_t question, uint32_t answer)
{
    return question_key(tree, question) * ANSWER_NUMBERS + answer;
}

static const struct entry *find_question(const struct entries *entries, uint32_t tree,
                                         uint32_t question)
{
    return entries_find(entries, COMMAND_QUESTION_DEFINE, question_key(tree, question));
}

static const struct answer_row *answer_of(const struct entry *entry)
{
    return entry->command.kind == COMMAND_ANSWER_DEFINE ? &entry->command.answer_define.row : NULL;
}

/* ---- ways through a tree ------------------------------------------------------------------- */

/* The longest way to each question, in questions; 0: none leads there. And the calmest: how urgent what
 * its answers raise is at least, PRIORITY_COUNT: they raise nothing; 0: none leads there. */
struct ways {
    uint32_t count;
    struct way {
        const struct entry *question;
        uint32_t depth;
        uint32_t calm;
    } ways[GUIDE_QUESTIONS_MAX];
};

static struct way *way_to(struct ways *ways, uint32_t question)
{
    for (uint32_t i = 0; i < ways->count; i++)
        if (ways->ways[i].question->command.question_define.row.question == question)
            return &ways->ways[i];
    return NULL;
}

/* One step on from every question that is reached. Complains about the answer that makes a way too
 * long, which a circle does as well. */
static bool walk(struct entries *entries, struct ways *ways, uint32_t tree, bool *changed)
{
    for (uint32_t i = 0; i < entries->count; i++) {
        const struct answer_row *row = answer_of(&entries->rows[i]);
        if (!row || row->tree != tree || row->next == 0)
            continue;
        const struct way *from = way_to(ways, row->question);
        struct way *to = way_to(ways, row->next);
        if (!from || !to || from->depth == 0 || to->depth > from->depth)
            continue;
        if (from->depth == GUIDE_PATH_MAX) {
            complain_at(entries, &entries->rows[i],
                        "question %" PRIu32 " follows after %d others, or in a circle; shorten "
                        "the way or lead elsewhere",
                        row->next, GUIDE_PATH_MAX);
            return false;
        }
        to->depth = from->depth + 1;
        *changed = true;
    }
    return true;
}

static void check_ways(struct entries *entries, struct ways *ways, const struct tree_row *row)
{
    struct way *first = way_to(ways, row->first);
    bool changed = first != NULL;
    if (first)
        first->depth = 1;
    while (changed) {
        changed = false;
        if (!walk(entries, ways, row->tree, &changed))
            return;
    }
    for (uint32_t i = 0; i < ways->count; i++)
        if (ways->ways[i].depth == 0)
            complain_at(entries, ways->ways[i].question,
                        "no answer leads to question %" PRIu32 "; lead there or take it out",
                        ways->ways[i].question->command.question_define.row.question);
}

static uint32_t urgency(enum priority priority)
{
    return priority ? (uint32_t)priority : PRIORITY_COUNT;
}

static bool walk_calmly(const struct entries *entries, struct ways *ways, uint32_t tree)
{
    bool changed = false;
    for (uint32_t i = 0; i < entries->count; i++) {
        const struct answer_row *row = answer_of(&entries->rows[i]);
        if (!row || row->tree != tree || row->next == 0)
            continue;
        const struct way *from = way_to(ways, row->question);
        struct way *to = way_to(ways, row->next);
        if (!from || !to)
            continue;
        uint32_t calm = from->calm < urgency(row->raise) ? from->calm : urgency(row->raise);
        if (calm <= to->calm)
            continue;
        to->calm = calm;
        changed = true;
    }
    return changed;
}

/* Nothing goes below what an answer before it raised: there must be a way on which it lowers. */
static void check_lowering(struct entries *entries, struct ways *ways, const struct tree_row *tree)
{
    struct way *first = way_to(ways, tree->first);
    if (!first)
        return;
    first->calm = PRIORITY_COUNT;
    while (walk_calmly(entries, ways, tree->tree))
        ;
    for (uint32_t i = 0; i < entries->count; i++) {
        const struct answer_row *row = answer_of(&entries->rows[i]);
        const struct way *way =
            row && row->tree == tree->tree && row->lower ? way_to(ways, row->question) : NULL;
        if (way && way->calm && way->calm < urgency(row->lower))
            complain_at(entries, &entries->rows[i],
                        "it never lowers: every way to question %" PRIu32
                        " raises something more urgent; take one of them out",
                        row->question);
    }
}

static bool gather(const struct entries *entries, uint32_t tree, struct ways *ways)
{
    ways->count = 0;
    for (uint32_t i = 0; i < entries->count; i++) {
        const struct command *command = &entries->rows[i].command;
        if (command->kind != COMMAND_QUESTION_DEFINE || command->question_define.row.tree != tree)
            continue;
        if (ways->count == GUIDE_QUESTIONS_MAX)
            return false;
        ways->ways[ways->count++] = (struct way){ .question = &entries->rows[i] };
    }
    return true;
}

/* ---- rows ---------------------------------------------------------------------------------- */

static bool category_begins_with(const struct entries *entries, const char *digits)
{
    char number[16];
    for (uint32_t i = 0; i < entries->count; i++) {
        const struct command *command = &entries->rows[i].command;
        if (command->kind != COMMAND_CATEGORY_DEFINE)
            continue;
        (void)snprintf(number, sizeof number, "%" PRIu32, command->category_define.row.category);
        if (!strncmp(number, digits, strlen(digits)))
            return true;
    }
    return false;
}

void check_tree(struct entries *entries, const struct entry *entry)
{
    const struct tree_row *row = &entry->command.tree_define.row;
    struct ways ways;
    if (row->tree == 0 || row->tree >= TREE_NUMBERS || !*row->name_zh || !*row->name_en)
        complain_at(entries, entry, "a tree needs its number (1 to %d) and both names",
                    TREE_NUMBERS - 1);
    for (uint32_t i = 0; i < row->categories_count; i++)
        if (!category_begins_with(entries, row->categories[i]))
            complain_at(entries, entry, "no category begins with \"%s\"; correct it",
                        row->categories[i]);
    if (!find_question(entries, row->tree, row->first))
        complain_at(entries, entry, "its first question %" PRIu32 " is not in questions.csv",
                    row->first);
    if (!gather(entries, row->tree, &ways)) {
        complain_at(entries, entry, "more than %d questions; make two trees of it",
                    GUIDE_QUESTIONS_MAX);
        return;
    }
    check_ways(entries, &ways, row);
    check_lowering(entries, &ways, row);
}

/* Bounds of a number begin at 0 and leave neither gap nor doubt. */
static void check_bounds(struct entries *entries, const struct entry *entry)
{
    const struct question_row *question = &entry->command.question_define.row;
    uint64_t from = 0;
    for (uint32_t answer = 1; answer < ANSWER_NUMBERS; answer++) {
        const struct entry *found = entries_find(
            entries, COMMAND_ANSWER_DEFINE, answer_key(question->tree, question->question, answer));
        if (!found)
            return;
        const struct answer_row *row = answer_of(found);
        if (row->least != from || row->most < row->least)
            complain_at(entries, found,
                        "its bounds are %" PRIu32 " to %" PRIu32 "; begin at %" PRIu64
                        " and end no lower",
                        row->least, row->most, from);
        from = (uint64_t)row->most + 1;
    }
}

static uint32_t count_answers(const struct entries *entries, const struct question_row *question)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < entries->count; i++) {
        const struct answer_row *row = answer_of(&entries->rows[i]);
        count += row && row->tree == question->tree && row->question == question->question;
    }
    return count;
}

/* Answers are numbered without gaps: the digits on the keys. */
static void check_digits(struct entries *entries, const struct entry *entry, uint32_t count)
{
    const struct question_row *row = &entry->command.question_define.row;
    for (uint32_t answer = 1; answer <= count && answer < ANSWER_NUMBERS; answer++)
        if (!entries_find(entries, COMMAND_ANSWER_DEFINE,
                          answer_key(row->tree, row->question, answer)))
            complain_at(entries, entry, "answer %" PRIu32 " is missing; number them from 1",
                        answer);
}

void check_question(struct entries *entries, const struct entry *entry)
{
    const struct question_row *row = &entry->command.question_define.row;
    uint32_t count = count_answers(entries, row);
    if (row->question == 0 || row->question >= QUESTION_NUMBERS || !row->kind || !*row->text_zh ||
        !*row->text_en)
        complain_at(entries, entry, "a question needs its number (1 to %d), kind and both texts",
                    QUESTION_NUMBERS - 1);
    if (!entries_find(entries, COMMAND_TREE_DEFINE, row->tree))
        complain_at(entries, entry, "tree %" PRIu32 " is not in trees.csv; correct it", row->tree);
    if (count == 0)
        complain_at(entries, entry, "question %" PRIu32 " has no answers in answers.csv",
                    row->question);
    if (row->kind == QUESTION_KIND_TEXT && count > 1)
        complain_at(entries, entry, "words have one answer row, not %" PRIu32, count);
    if (row->kind == QUESTION_KIND_YES_NO && (count < 2 || count > 3))
        complain_at(entries, entry, "answer 1 yes, 2 no and perhaps 3 not known; not %" PRIu32,
                    count);
    check_digits(entries, entry, count);
    if (row->kind == QUESTION_KIND_NUMBER)
        check_bounds(entries, entry);
}

static void check_effects(struct entries *entries, const struct entry *entry)
{
    const struct answer_row *row = answer_of(entry);
    if (row->raise && row->lower)
        complain_at(entries, entry, "it raises and lowers the priority; do one");
    if (row->category && !entries_find(entries, COMMAND_CATEGORY_DEFINE, row->category))
        complain_at(entries, entry, "category %" PRIu32 " is not in categories.csv; correct it",
                    row->category);
    if (!*row->instruct_zh != !*row->instruct_en)
        complain_at(entries, entry, "the instruction stands in one language; add the other");
}

void check_answer(struct entries *entries, const struct entry *entry)
{
    const struct answer_row *row = answer_of(entry);
    if (row->answer == 0 || row->answer >= ANSWER_NUMBERS || !*row->text_zh || !*row->text_en)
        complain_at(entries, entry, "an answer needs its digit (1 to 9) and both texts");
    if (!find_question(entries, row->tree, row->question))
        complain_at(entries, entry,
                    "question %" PRIu32 " of tree %" PRIu32 " is not in questions.csv",
                    row->question, row->tree);
    if (row->next && !find_question(entries, row->tree, row->next))
        complain_at(entries, entry,
                    "the next question %" PRIu32 " is not in questions.csv; correct it or write 0",
                    row->next);
    check_effects(entries, entry);
}

/* ---- what the core wants to know beforehand ------------------------------------------------ */

static uint32_t tree_of(const struct command *command)
{
    switch (command->kind) {
    case COMMAND_QUESTION_DEFINE:
        return command->question_define.row.tree;
    case COMMAND_ANSWER_DEFINE:
        return command->answer_define.row.tree;
    default: /* rows of no tree */
        return 0;
    }
}

static void fill(const struct entries *entries, struct codec *codec, struct tree_row *tree)
{
    crypto_generichash_state state;
    uint8_t bytes[4096];
    (void)crypto_generichash_init(&state, NULL, 0, sizeof tree->fingerprint);
    tree->questions = tree->answers = tree->version = 0;
    for (uint32_t i = 0; i < entries->count; i++) {
        const struct command *command = &entries->rows[i].command;
        if (tree_of(command) != tree->tree)
            continue;
        tree->questions += command->kind == COMMAND_QUESTION_DEFINE;
        tree->answers += command->kind == COMMAND_ANSWER_DEFINE;
        int size = codec_pack(codec, SCHEMA_COMMAND, command, bytes, sizeof bytes);
        REQUIRE(size > 0);
        (void)crypto_generichash_update(&state, bytes, (unsigned long long)size);
    }
    uint8_t hash[8];
    (void)crypto_generichash_final(&state, hash, sizeof hash);
    memcpy(&tree->fingerprint, hash, sizeof hash);
}

int trees_fill(struct entries *entries)
{
    struct codec *codec = codec_open();
    if (!codec)
        return -ENOMEM;
    for (uint32_t i = 0; i < entries->count; i++)
        if (entries->rows[i].command.kind == COMMAND_TREE_DEFINE)
            fill(entries, codec, &entries->rows[i].command.tree_define.row);
    codec_close(codec);
    return 0;
}
