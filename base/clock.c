/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"

#include <time.h>

#include "base/require.h"

static uint64_t read_ns(clockid_t clock)
{
    struct timespec now;
    REQUIRE(clock_gettime(clock, &now) == 0);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

uint64_t clock_mono_ns(void)
{
    return read_ns(CLOCK_BOOTTIME);
}

uint64_t clock_mono_ms(void)
{
    return clock_mono_ns() / 1000000U;
}

uint64_t clock_wall_ms(void)
{
    return read_ns(CLOCK_REALTIME) / 1000000U;
}
