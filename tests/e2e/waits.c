/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/e2e/waits.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/require.h"

void waits_add(struct waits *waits, uint64_t ms)
{
    REQUIRE(waits->count < WAITS_MAX);
    waits->ms[waits->count++] = ms;
}

static int by_length(const void *a, const void *b)
{
    uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;
    return (one > other) - (one < other);
}

void waits_print(struct waits *waits)
{
    uint64_t *ms = waits->ms, count = waits->count;
    qsort(ms, count, sizeof ms[0], by_length);
    printf("%s: count=%" PRIu64 " longest wait of a gateway for an answer, ms: p50=%" PRIu64
           " p99=%" PRIu64 " max=%" PRIu64 "\n",
           waits->what, count, ms[(count - 1) / 2], ms[(count * 99 + 99) / 100 - 1], ms[count - 1]);
}
