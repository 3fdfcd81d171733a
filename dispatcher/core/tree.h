/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tree: a decision tree of questions, as the city wrote it (ops/city/trees.csv, questions.csv,
 * answers.csv). Every change of a tree is a new edition under the next version number: a tree row
 * opens it, its questions and answers fill it, and the last row releases it, if the whole is sound.
 * Until then, and when it is not, the edition before stays in force.
 *
 * An edition stays in memory while it is current, being filled, or followed by a guide. */
#ifndef DISPATCHER_CORE_TREE_H
#define DISPATCHER_CORE_TREE_H

#include "dispatcher/core/decision.h"

enum {
    TREES_MAX = 256,
    EDITIONS_MAX = 1024,
    TREE_QUESTIONS_MAX = 64,  /* of one tree */
    QUESTION_ANSWERS_MAX = 9, /* one digit chooses */
    TREE_PATH_MAX = 20,       /* questions from first to last: more is no help to a caller */
    ALL_QUESTIONS_MAX = 16384,
    ALL_ANSWERS_MAX = 65536
};

struct tree_answer {
    uint32_t answer; /* the digit; 0: a free slot */
    uint32_t next;   /* question, 0: done */
    uint32_t least;
    uint32_t most;
    uint32_t category;
    uint32_t risks; /* bits */
    enum priority raise;
    enum priority lower;
    enum secrecy secrecy;
    uint64_t fingerprint;
    struct tree_answer *following;
};

struct tree_question {
    uint32_t question; /* 0: a free slot */
    enum question_kind kind;
    enum guide_field fills;
    uint64_t fingerprint;
    struct tree_answer *answers; /* the newest first */
    struct tree_question *following;
};

struct edition {
    uint32_t tree; /* 0: a free slot */
    uint32_t version;
    uint32_t first;
    uint32_t questions_due;
    uint32_t answers_due;
    uint32_t question_count;
    uint32_t answer_count;
    uint32_t guides; /* that follow it */
    bool shelved;    /* neither current nor being filled: goes with its last guide */
    struct tree_question *questions; /* the newest first */
};

struct tree {
    uint32_t tree;
    uint32_t version; /* the newest */
    bool retired;
    uint64_t fingerprint;    /* of the row as it was defined last */
    struct edition *current; /* NULL: none was ever released */
    struct edition *unfinished;
};

/* NULL when there is none. */
struct tree *core_tree(const struct core *core, uint32_t number);
struct tree_question *edition_question(const struct edition *edition, uint32_t question);
struct tree_answer *question_answer(const struct tree_question *question, uint32_t answer);

/* The answer whose bounds hold the number. */
const struct tree_answer *question_answer_of(const struct tree_question *question, uint32_t value);

/* A guide follows the edition, or leaves it. */
void edition_follow(struct edition *edition);
void edition_leave(struct core *core, struct edition *edition);

enum refusal decide_tree_define(struct decision *decision);
enum refusal decide_question_define(struct decision *decision);
enum refusal decide_answer_define(struct decision *decision);

void apply_tree_defined(struct core *core, const struct event *event);
void apply_question_defined(struct core *core, const struct event *event);
void apply_answer_defined(struct core *core, const struct event *event);
void apply_tree_released(struct core *core, const struct event *event);

#endif
