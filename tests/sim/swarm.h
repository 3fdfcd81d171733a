/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * swarm: how this seed's world is. Each seed draws its own rates, many of them zero, so that the
 * faults meet in other company every time; on a share of the seeds every limit of the core is drawn
 * anew within its bounds. The command line turns a seed down until the least that fails is left. */
#ifndef TESTS_SIM_SWARM_H
#define TESTS_SIM_SWARM_H

#include "proto/message.h"
#include "tests/sim/kernel.h"

/* Pools that a seed may have too small. */
enum tight {
    TIGHT_CONTACTS,
    TIGHT_INCIDENTS,
    TIGHT_TASKS,
    TIGHT_CALLBACKS,
    TIGHT_TEXTS,
    TIGHT_PETITIONS,
    TIGHT_COUNT
};

/* How much of the dispatcher is real. */
enum depth {
    DEPTH_BARE, /* the core and a list of events */
    DEPTH_WHOLE /* dispatcher/io, journal, views and links; disk, wires and clocks are simulated */
};

struct swarm {
    uint64_t seed;
    double days;
    enum depth depth;
    uint32_t volume; /* contacts of an ordinary day */
    uint32_t faults; /* percent of the drawn fault rates */
    bool strangers;  /* people also send commands at random, of every kind there is */

    /* the city */
    uint32_t takers, departments, trunks, posts;
    uint64_t parameters[PARAMETER_COUNT]; /* 0: as it is */
    uint32_t flood;                       /* times the ordinary rate while a burst lasts, 0: none */
    uint32_t repeat_permille;             /* callers who called before */

    /* people, in permille of occasions */
    uint32_t misses, declines, wanders, leaves_offered, phone_fails, accepts;
    uint32_t signs_late, sends_back, silent, unsolved, abandons, errors;
    uint32_t trade; /* incidents that go the newer ways */

    uint32_t transfers, guides, crews, kin, storms, guests; /* what else they do */
    uint32_t callers; /* citizens who do more than talk and hang up */

    /* the wires */
    uint32_t loss, repeats, reorders;          /* permille of frames */
    uint64_t delay_ms;                         /* mean */
    uint64_t slow_permille;                    /* of frames that take a hundred times as long */
    uint64_t partition_every_ms, partition_ms; /* means; 0: never */

    /* without a dispatcher */
    uint32_t plans; /* permille of lines that have one */
    uint64_t alone_after_ms, plan_ring_ms, plan_pause_ms;
    uint64_t down_ms;                    /* mean, until a dead dispatcher is back */
    uint64_t outage_every_ms, outage_ms; /* means; 0: never */

    /* machines; means, 0: never */
    uint64_t crash_every_ms, pause_every_ms, pause_ms;
    uint64_t gateway_crash_every_ms, clock_jump_every_ms, clock_jump_ms;
    uint32_t commit_error; /* permille of crashes that come as a failed commit */
    uint64_t commit_ms;    /* mean */
    uint32_t rises_badly;  /* permille of recoveries in which the power is cut again */

    /* the edge */
    uint32_t snapshot_events;     /* between two snapshots; 0: none is kept */
    uint32_t nodes;               /* dispatchers: 0 or 3 (trio.h) */
    uint64_t first_id, first_seq; /* of a city that counts already; bare only; 0: a new one */
    uint32_t tight;               /* which pools are nearly full: bits (1 << enum tight) */

    /* the message centre */
    uint32_t receipt_lost, receipt_twice, receipt_failed;
    uint64_t receipt_ms;
};

/* Draws everything but what the caller has set: seed, days, volume, faults, strangers; depth too
 * unless it is forced. */
void swarm_draw(struct swarm *swarm, struct kernel *kernel, bool depth_is_set);

/* No faults any more. */
void swarm_heal(struct swarm *swarm);

#endif
