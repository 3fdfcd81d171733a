/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tree: the trees of questions (trees.csv, questions.csv, answers.csv), checked as a whole and with
 * file and line. The core checks once more what it takes (dispatcher/core/soundness.h). */
#ifndef DISPATCHER_CITY_TREE_H
#define DISPATCHER_CITY_TREE_H

#include "dispatcher/city/entry.h"

enum {
    TREE_NUMBERS = 10000, /* trees below this */
    QUESTION_NUMBERS = 1000,
    ANSWER_NUMBERS = 10,
    GUIDE_QUESTIONS_MAX = 64, /* of one tree */
    GUIDE_PATH_MAX = 20
};

/* The numbers by which entries_find() finds the rows. */
uint32_t question_key(uint32_t tree, uint32_t question);
uint32_t answer_key(uint32_t tree, uint32_t question, uint32_t answer);

void check_tree(struct entries *entries, const struct entry *entry);
void check_question(struct entries *entries, const struct entry *entry);
void check_answer(struct entries *entries, const struct entry *entry);

/* Fills in what the core wants to know of each tree before its rows come: how many, and which. */
int trees_fill(struct entries *entries);

#endif
