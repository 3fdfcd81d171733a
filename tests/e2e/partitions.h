/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * partitions: two dispatchers, their arbiter or their annals' database, and a gateway, with a cable between each two who
 * speak with each other. Cables are cut in every shape there is, both ways and one way, for less and for longer than anybody waits, and mended. What callers and the
 * stream's reader saw of it is for the test to judge. */
#ifndef TESTS_E2E_PARTITIONS_H
#define TESTS_E2E_PARTITIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/prng.h"
#include "tests/fake/home.h"

enum {
    PARTITIONS_ROUND_MS = 45000 /* no cut begins later */
};

struct partitions {
    struct home *leader, *standby; /* both run; who leads changes */
    uint16_t third;                /* port of the arbiter, or of the database */
    bool annals;
    const char *program;
    struct prng *prng;
    void (*run)(uint64_t for_ms, bool active); /* the city goes on so long */
    /* The standby begins with a backup of the leader; by the annals never wanted. */
    void (*reopen)(struct home *leader, struct home *standby, const char *program);
    uint64_t (*take_longest_wait_ms)(void); /* of the gateway for an answer; it begins anew */
    struct cables *cables;
};

/* Lays the cables; the dispatchers are started again behind them. *gateway: the home as the gateway sees it, whose program
 * is opened afterwards. */
void partitions_open(struct partitions *partitions, struct home *gateway);

/* Plays each shape so many times, by the annals for PARTITIONS_ROUND_MS a round at most, beginning with another one each
 * time; prints of each how often who led changed, and the longest wait. Aborts when a minute
 * after the mending nobody leads, or the other does not follow. */
void partitions_play(struct partitions *partitions, uint64_t rounds);

void partitions_close(struct partitions *partitions);

#endif
