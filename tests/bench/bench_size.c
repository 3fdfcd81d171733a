/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bench_size: what a million open work orders need: memory of the core, and the time to come back from
 * a snapshot, as the dispatcher does it at its start.
 *     bench_size [OPEN] */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/require.h"
#include "dispatcher/io/snapshot.h"
#include "tests/bench/load.h"
#include "tests/unit/folder.h"

#define CORE_ADDRESS ((void *)0x200000000000) /* the same again, as in dispatcher/io/loop.c */

static void *map(size_t size)
{
    void *memory = mmap(CORE_ADDRESS, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    REQUIRE(memory == CORE_ADDRESS);
    return memory;
}

static double resident_mib(void)
{
    unsigned long size, resident;
    FILE *file = fopen("/proc/self/statm", "r");
    REQUIRE(file && fscanf(file, "%lu %lu", &size, &resident) == 2);
    (void)fclose(file);
    return (double)resident * (double)sysconf(_SC_PAGESIZE) / (1 << 20);
}

static struct core_limits limits_for(uint64_t open)
{
    struct core_limits limits = core_limits_default();
    uint32_t incidents = (uint32_t)(open + open / 8);
    if (incidents > limits.incidents) {
        limits.incidents = incidents;
        limits.tasks = 2 * incidents;
    }
    return limits;
}

int main(int argc, char **argv)
{
    static char folder[FOLDER_BYTES], path[FOLDER_BYTES + 16];
    static const uint8_t vault_key[32] = { 1 };
    struct load load = { .now_ms = 1772413200000 };
    struct snapshot snapshot;
    struct snapshot_at at = { .seq = 1 };
    uint64_t open = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    struct core_limits limits = limits_for(open);
    size_t size = core_size(&limits);
    REQUIRE(sodium_init() >= 0);
    folder_make(folder);
    (void)snprintf(path, sizeof path, "%s/snapshot", folder);
    load.open = calloc(open, sizeof *load.open);
    REQUIRE(load.open);
    memset(load.open, 1, open * sizeof *load.open); /* not the core's */
    double before_mib = resident_mib();
    load.core = core_init(map(size), size, &limits);
    load_build(&load);
    while (load.open_count < open) {
        load_request(&load);
        load.now_ms++;
    }
    double resident = resident_mib() - before_mib;
    uint64_t digest = core_digest(load.core);

    REQUIRE(snapshot_open(&snapshot, path, vault_key) == 0);
    snapshot.parts[0] = (struct snapshot_part){ load.core, size };
    snapshot.part_count = 1;
    uint64_t start_ns = clock_mono_ns();
    REQUIRE(snapshot_write(&snapshot, &at) == 0);
    uint64_t written_ns = clock_mono_ns();
    REQUIRE(munmap(load.core, size) == 0);
    void *fresh = map(size);
    uint64_t mapped_ns = clock_mono_ns();
    REQUIRE(snapshot_read(&snapshot, &at) == 0);
    struct core *core = core_resume(fresh, &limits);
    uint64_t read_ns = clock_mono_ns();
    REQUIRE(core && core_digest(core) == digest);
    (void)printf("size open=%" PRIu64 " resident_mib=%.0f bytes_each=%.0f mapped_mib=%zu "
                 "snapshot_write_ms=%.0f snapshot_read_ms=%.0f\n",
                 open, resident, resident * (1 << 20) / (double)open, size >> 20,
                 (double)(written_ns - start_ns) / 1e6, (double)(read_ns - mapped_ns) / 1e6);
    folder_remove(folder);
    free(load.open);
    return 0;
}
