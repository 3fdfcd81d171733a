/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bench_core: how fast the core decides with 100,000 open incidents, and how fast it comes back.
 *     bench_core [OPEN] [STEPS] */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/prng.h"
#include "base/require.h"
#include "tests/bench/cpu.h"
#include "tests/bench/load.h"

/* Events for the replay, one behind the other, each as long as its kind needs. */
static char *kept;
static size_t kept_size, kept_room;
static uint64_t kept_count;

static size_t kept_bytes(const struct event *event)
{
    return (event_sizes[event->kind] + 7) & ~(size_t)7;
}

static void keep(void *owner, const struct event *event)
{
    (void)owner;
    REQUIRE(kept_size + sizeof *event <= kept_room);
    memcpy(kept + kept_size, event, event_sizes[event->kind]);
    kept_size += kept_bytes(event);
    kept_count++;
}

static double rate(uint64_t count, uint64_t start_ns)
{
    return (double)count * 1e9 / (double)(process_cpu_ns() - start_ns);
}

/* As the dispatcher does it. */
static void *map(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(memory != MAP_FAILED);
    (void)madvise(memory, size, MADV_HUGEPAGE);
    return memory;
}

/* Where a core comes back to. A virtual machine gets its memory from its host at the first touch, which
 * costs more than all of the replay: that has happened before, as on a machine that runs for a while.
 * The kernel's zeroing of the pages is in the figure. */
static void *map_again(size_t size)
{
    void *memory = map(size);
    memset(memory, 1, size);
    REQUIRE(madvise(memory, size, MADV_DONTNEED) == 0);
    return memory;
}

static void replay(struct core *core)
{
    for (size_t at = 0; at < kept_size;) {
        const struct event *event = (const struct event *)(const void *)(kept + at);
        core_apply(core, event);
        at += kept_bytes(event);
    }
}

enum {
    STEPS_EACH = 10 /* from a request's call to its end */
};

/* As many requests come as others end. */
static void mix(struct load *load, struct prng *prng, uint64_t steps)
{
    for (uint64_t until = load->steps + steps; load->steps < until;) {
        uint64_t which = prng_below(prng, load->open_count);
        __builtin_prefetch(&load->open[which]); /* to find it is the load's work, not the core's */
        load_request(load);
        load_close(load, which);
        load->now_ms++;
    }
}

int main(int argc, char **argv)
{
    uint64_t open = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000;
    uint64_t steps = argc > 2 ? strtoull(argv[2], NULL, 10) : 2000000;
    struct core_limits limits = core_limits_default();
    void *memory = map(core_size(&limits));
    struct load load = { .see = keep, .now_ms = 1772413200000 };
    struct prng prng;
    REQUIRE(memory && open + 2 < limits.incidents);
    prng_seed(&prng, 1);
    load.core = core_init(memory, core_size(&limits), &limits);
    load.open = calloc(open + 2, sizeof *load.open);
    kept_room = (open * 12 + 10000) * 256;
    kept = malloc(kept_room);
    REQUIRE(load.open && kept);
    load_build(&load);
    while (load.open_count < open) {
        load_request(&load);
        load.now_ms++;
    }
    load.see = NULL;
    uint64_t digest = core_digest(load.core);

    /* As on a machine that runs for a while: as many closed ones in memory as stay there. */
    mix(&load, &prng, (limits.incidents - open) * STEPS_EACH);
    load.steps = load.events = 0;
    uint64_t start_ns = process_cpu_ns();
    mix(&load, &prng, steps);
    (void)printf("core: %.2f M steps/s, %.2f M events/s mixed with %" PRIu64
                 " open incidents (%" PRIu64 " steps, %" PRIu64 " refused), %zu MiB\n",
                 rate(load.steps, start_ns) / 1e6, rate(load.events, start_ns) / 1e6,
                 load.open_count, load.steps, load.refused, core_size(&limits) >> 20);

    void *fresh = map_again(core_size(&limits));
    start_ns = process_cpu_ns();
    struct core *replayed = core_init(fresh, core_size(&limits), &limits);
    double init_ms = (double)(process_cpu_ns() - start_ns) / 1e6;
    start_ns = process_cpu_ns();
    replay(replayed);
    double replay_rate = rate(kept_count, start_ns);
    REQUIRE(core_digest(replayed) == digest);
    (void)printf("core: %.2f M events/s replayed (%" PRIu64 " events to %" PRIu64
                 " open incidents in %.0f ms, after %.1f ms for an empty core)\n",
                 replay_rate / 1e6, kept_count, open, (double)kept_count / replay_rate * 1e3,
                 init_ms);
    free(kept);
    free(load.open);
    (void)munmap(memory, core_size(&limits));
    (void)munmap(fresh, core_size(&limits));
    return 0;
}
