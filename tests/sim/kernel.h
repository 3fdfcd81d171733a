/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * kernel: virtual time. What will happen stands in a heap by {time, ordinal}, so that equal seeds give
 * equal runs on every machine. Chance comes from streams, one per source of it: shrinking the faults
 * does not reshuffle the citizens. */
#ifndef TESTS_SIM_KERNEL_H
#define TESTS_SIM_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/prng.h"

#define SECOND_MS 1000ULL
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS   (60 * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)

enum stream {
    STREAM_CITY,     /* what the city looks like */
    STREAM_WORKLOAD, /* who calls when */
    STREAM_PEOPLE,   /* takers, departments, the office */
    STREAM_NETWORK,
    STREAM_DISK,
    STREAM_FAULTS,  /* when something breaks */
    STREAM_LIMITS,  /* how far it is to the edge: pools, first numbers, snapshots */
    STREAM_TRADE,   /* what else people do: transfers, crews, guides, families, storms */
    STREAM_CALLERS, /* languages, silences, promised calls, marks */
    STREAM_GUESTS,  /* somebody more in a conversation */
    STREAM_PLANS,   /* the time without a dispatcher */
    STREAM_NOTICE,  /* notices to many */
    STREAM_CLUSTER, /* three dispatchers, and the service they write to */
    STREAM_COUNT
};

typedef void happening(void *owner, uint64_t what);

struct planned {
    uint64_t at_ms;
    uint64_t ordinal;
    happening *happens;
    void *owner;
    uint64_t what;
};

struct kernel {
    uint64_t now_ms; /* monotonic, from the simulation's start */
    uint64_t ordinal;
    uint64_t happened;
    struct planned *heap;
    size_t count, room;
    struct prng streams[STREAM_COUNT];
};

/* Never closed: what is still planned at the end owns what it is about, and goes with the process. */
void kernel_open(struct kernel *kernel, uint64_t seed);

/* Plans happens(owner, what) in `in_ms` from now. */
void kernel_plan(struct kernel *kernel, uint64_t in_ms, happening *happens, void *owner,
                 uint64_t what);

/* Lets happen what is planned until then, and stands there. */
void kernel_run(struct kernel *kernel, uint64_t until_ms);

/* 0 … limit - 1. */
uint64_t kernel_below(struct kernel *kernel, enum stream stream, uint64_t limit);

/* True `permille` times in a thousand. */
bool kernel_chance(struct kernel *kernel, enum stream stream, uint32_t permille);

/* A waiting time with this mean: exponential, never 0, at most twelve means. */
uint64_t kernel_wait(struct kernel *kernel, enum stream stream, uint64_t mean_ms);

/* From … to, both included. */
uint64_t kernel_between(struct kernel *kernel, enum stream stream, uint64_t from, uint64_t to);

#endif
