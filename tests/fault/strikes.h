/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * strikes: the real dispatcher is struck by one fault after the other (fault.h), at its start and at work; each time it
 * goes on, or ends with a word. What its callers and the stream's reader saw of it is for the test to judge. */
#ifndef TESTS_FAULT_STRIKES_H
#define TESTS_FAULT_STRIKES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/prng.h"
#include "tests/fake/home.h"

struct strikes {
    const char *library, *program;
    const char *way; /* memory, EIO, ENOSPC, EINTR, short, kill */
    struct home *home;
    struct prng *prng;
    uint64_t rounds;                                /* half of them at the start, half at work */
    void (*run)(uint64_t for_ms, bool active);      /* the city goes on so long */
    uint64_t starts, works, struck, went_on, ended; /* what came of them */
    uint64_t wordless, crashed, stuck;              /* must be 0 */
};

/* The dispatcher runs before, and runs afterwards with nothing to strike it. False: there is no such way. */
bool strikes_run(struct strikes *strikes);

/* Returns whether none of them was worse than an end with a word. */
bool strikes_print(const struct strikes *strikes);

/* `yihao trail verify` over the journal of the dispatcher, which is stopped. */
bool strikes_verify(const struct strikes *strikes);

#endif
