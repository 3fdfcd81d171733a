/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * cpu: the time that this thread, or the whole process, has had a processor: what a bench counts where the
 * machine may have other work. */
#ifndef TESTS_BENCH_CPU_H
#define TESTS_BENCH_CPU_H

#include <stdint.h>
#include <time.h>

#include "base/require.h"

static inline uint64_t cpu_time_ns(clockid_t whose)
{
    struct timespec now;
    REQUIRE(clock_gettime(whose, &now) == 0);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static inline uint64_t thread_cpu_ns(void)
{
    return cpu_time_ns(CLOCK_THREAD_CPUTIME_ID);
}

static inline uint64_t process_cpu_ns(void)
{
    return cpu_time_ns(CLOCK_PROCESS_CPUTIME_ID);
}

#endif
