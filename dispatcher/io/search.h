/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * search: the dispatcher's index of what citizens said (dispatcher/views/finder.h). It is made from the journal at
 * each start, the newest first, in bites off the callers' path, follows what is written since, and lives in memory
 * alone. A key that is destroyed takes its words out in the same step. */
#ifndef DISPATCHER_IO_SEARCH_H
#define DISPATCHER_IO_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

struct command;
struct dispatcher;
struct finder;
struct outcome;

struct searching {
    struct finder *finder; /* NULL: not begun */
    uint64_t down;         /* events up to this one are still to be taken in */
    uint64_t up;           /* … and those behind this one */
    uint64_t looked_ms;
    bool full;
};

/* One bite, when it is time and nobody waits. */
void search_turn(struct dispatcher *dispatcher);

/* How long the loop may sleep for it at most. */
uint64_t search_wait_ms(const struct dispatcher *dispatcher);

void search_forget(struct dispatcher *dispatcher, uint64_t subject);

/* Puts the cases that say this into the outcome: those the asker may see, of the line and department asked for. */
void search_answer(struct dispatcher *dispatcher, const struct command *command, const char *words,
                   struct outcome *outcome);

/* The blind index of words: equal words have equal ones, nobody gets them back without the key. 0: none. */
uint64_t search_index(const uint8_t key[32], const char *words);

void search_close(struct dispatcher *dispatcher);

#endif
