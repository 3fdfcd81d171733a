/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/kernel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"

void kernel_open(struct kernel *kernel, uint64_t seed)
{
    memset(kernel, 0, sizeof *kernel);
    /* A stream that is added leaves those before it as they were: old seeds stay what they found. */
    for (uint64_t i = 0; i < STREAM_COUNT; i++)
        prng_seed(&kernel->streams[i],
                  i < STREAM_LIMITS ? seed * STREAM_LIMITS + i : seed + (i << 56));
}

static bool is_before(const struct planned *a, const struct planned *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->ordinal < b->ordinal;
}

void kernel_plan(struct kernel *kernel, uint64_t in_ms, happening *happens, void *owner,
                 uint64_t what)
{
    if (kernel->count == kernel->room) {
        kernel->room = kernel->room ? kernel->room * 2 : 1024;
        kernel->heap = realloc(kernel->heap, kernel->room * sizeof *kernel->heap);
        REQUIRE(kernel->heap);
    }
    struct planned planned = { kernel->now_ms + in_ms, kernel->ordinal++, happens, owner, what };
    size_t at = kernel->count++;
    while (at > 0 && is_before(&planned, &kernel->heap[(at - 1) / 2])) {
        kernel->heap[at] = kernel->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    kernel->heap[at] = planned;
}

static struct planned take_first(struct kernel *kernel)
{
    struct planned first = kernel->heap[0];
    struct planned last = kernel->heap[--kernel->count];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child + 1 < kernel->count && is_before(&kernel->heap[child + 1], &kernel->heap[child]))
            child++;
        if (child >= kernel->count || !is_before(&kernel->heap[child], &last))
            break;
        kernel->heap[at] = kernel->heap[child];
        at = child;
    }
    kernel->heap[at] = last;
    return first;
}

void kernel_run(struct kernel *kernel, uint64_t until_ms)
{
    while (kernel->count > 0 && kernel->heap[0].at_ms <= until_ms) {
        struct planned first = take_first(kernel);
        REQUIRE(first.at_ms >= kernel->now_ms);
        kernel->now_ms = first.at_ms;
        kernel->happened++;
        first.happens(first.owner, first.what);
    }
    if (until_ms > kernel->now_ms)
        kernel->now_ms = until_ms;
}

uint64_t kernel_below(struct kernel *kernel, enum stream stream, uint64_t limit)
{
    return prng_below(&kernel->streams[stream], limit);
}

bool kernel_chance(struct kernel *kernel, enum stream stream, uint32_t permille)
{
    return kernel_below(kernel, stream, 1000) < permille;
}

uint64_t kernel_wait(struct kernel *kernel, enum stream stream, uint64_t mean_ms)
{
    double part = (double)(kernel_below(kernel, stream, 1000000) + 1) / 1000001;
    return 1 + (uint64_t)(-log(part) * (double)mean_ms);
}

uint64_t kernel_between(struct kernel *kernel, enum stream stream, uint64_t from, uint64_t to)
{
    return from + kernel_below(kernel, stream, to - from + 1);
}
