/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/journal/pace.h"

#include <sched.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/require.h"

enum {
    NS_PER_MS = 1000000,
    NS_PER_S = 1000000000,
    WAIT_NS_MIN = NS_PER_MS, /* less is not worth a sleep: it is made up with the next bytes */
    IOPRIO_WHO_PROCESS = 1,  /* linux/ioprio.h, which older headers lack */
    IOPRIO_IDLE = 3 << 13
};

#define BYTES_MAX (UINT64_C(4) << 30)

_Static_assert((UINT64_C(4) << 30) <= UINT64_MAX / NS_PER_S, "bytes by ns fit");

static uint64_t machine_now_ns(void *owner)
{
    (void)owner;
    return clock_mono_ns();
}

static void machine_wait_ns(void *owner, uint64_t ns)
{
    struct timespec left = { .tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S) };
    (void)owner;
    (void)nanosleep(&left, NULL);
}

void pace_init(struct pace *pace, uint64_t bytes_per_s, const struct pace_clock *clock)
{
    *pace = (struct pace){ .bytes_per_s = bytes_per_s,
                           .clock = { machine_now_ns, machine_wait_ns, NULL } };
    if (clock)
        pace->clock = *clock;
    pace->due_ns = pace->told_ns = pace->clock.now_ns(pace->clock.owner);
}

static void keep_to_it(struct pace *pace, uint64_t bytes, uint64_t now_ns)
{
    uint64_t slack_ns = (uint64_t)PACE_SLACK_MS * NS_PER_MS;
    if (now_ns > slack_ns && pace->due_ns < now_ns - slack_ns)
        pace->due_ns = now_ns - slack_ns;
    pace->due_ns += bytes * NS_PER_S / pace->bytes_per_s;
    if (pace->due_ns > now_ns && pace->due_ns - now_ns >= WAIT_NS_MIN)
        pace->clock.wait_ns(pace->clock.owner, pace->due_ns - now_ns);
}

void pace_go(struct pace *pace, uint64_t bytes)
{
    REQUIRE(bytes <= BYTES_MAX);
    uint64_t now_ns = pace->clock.now_ns(pace->clock.owner);
    pace->bytes += bytes;
    if (pace->tell && now_ns - pace->told_ns >= (uint64_t)PACE_TELL_MS * NS_PER_MS) {
        pace->tell(pace->owner, pace->bytes, pace->bytes_at_most);
        pace->told_ns = now_ns;
    }
    if (pace->bytes_per_s)
        keep_to_it(pace, bytes, now_ns);
}

void pace_step_aside(void)
{
    struct sched_param none = { .sched_priority = 0 };
    (void)sched_setscheduler(0, SCHED_IDLE, &none);
    (void)syscall(SYS_ioprio_set, (long)IOPRIO_WHO_PROCESS, 0L, (long)IOPRIO_IDLE);
}
