/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fault: what a test and the program under test share, so that the n-th allocation or system call of the real program
 * fails, is cut short or is its last. The program runs with libyihao_fault.so preloaded and YIHAO_FAULTS naming a file
 * of one struct fault_page; the test maps the same file, reads the counts and says when to strike. */
#ifndef TESTS_FAULT_FAULT_H
#define TESTS_FAULT_FAULT_H

#include <stdatomic.h>
#include <stdint.h>

enum fault_kind {
    FAULT_ALLOCATION, /* malloc, calloc, realloc, aligned memory, mmap: NULL, ENOMEM */
    FAULT_WRITE,      /* whatever makes files and sends: `how` says what becomes of it */
    FAULT_CALL,       /* these and reading, waiting, taking away: to be killed at */
    FAULT_KINDS
};

/* How a call is struck, else a positive errno. */
enum {
    FAULT_SHORT = -1, /* half of it is written; what cannot be halved is as ever */
    FAULT_KILL_BEFORE = -2,
    FAULT_KILL_AFTER = -3
};

struct fault_page {
    _Atomic uint64_t count[FAULT_KINDS]; /* calls so far */
    _Atomic uint64_t at[FAULT_KINDS];    /* the first one struck; 0: none */
    _Atomic uint64_t span;               /* so many one after the other */
    _Atomic int how;
    _Atomic uint64_t struck;
    char name[16]; /* of the call struck last */
};

/* For a test that has fault.c in itself: from now on this page counts and strikes; NULL: none does. */
void fault_use(struct fault_page *own);

#endif
