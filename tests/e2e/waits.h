/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * waits: how long somebody waited, many times over, and how that is distributed. */
#ifndef TESTS_E2E_WAITS_H
#define TESTS_E2E_WAITS_H

#include <stdint.h>

enum {
    WAITS_MAX = 1000
};

struct waits {
    const char *what;
    uint64_t count, ms[WAITS_MAX];
};

/* One more than WAITS_MAX aborts. */
void waits_add(struct waits *waits, uint64_t ms);

/* Sorts them; one at least. */
void waits_print(struct waits *waits);

#endif
