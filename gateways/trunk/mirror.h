/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mirror: one gateway on two machines (docs/decisions/0034-twin.md). The process that has the service address carries the
 * calls and leads: each record of its file of calls (kept.h) goes to the twin, which follows, in the turn in which it
 * changed. Messages are numbered; after a gap, or when a queue was full, the twin asks for everything anew. A leader of an
 * older generation than one that was followed before is not believed. */
#ifndef GATEWAYS_TRUNK_MIRROR_H
#define GATEWAYS_TRUNK_MIRROR_H

#include <stdbool.h>
#include <stdint.h>

#include "gateways/trunk/kept.h"

enum {
    MIRROR_BEAT_MS = 250,
    MIRROR_ASK_MS = 500, /* between two questions */
    MIRROR_STALE_MS =
        15000 /* records that nobody confirmed for so long are of calls that have ended */
};

struct mirror;

struct mirror_settings {
    const char *endpoint;
    const char *public_key;
    const char *secret_key;
    struct kept *kept; /* borrowed */
};

/* Return as mirror_socket_listen(). */
int mirror_lead(struct mirror **mirror, const struct mirror_settings *settings,
                uint64_t generation);
int mirror_follow(struct mirror **mirror, const struct mirror_settings *settings);
/* Accepts NULL. */
void mirror_close(struct mirror *mirror);

int mirror_fd(const struct mirror *mirror);

/* Hears and speaks. link_epoch: of who leads. Must be called at least every 100 ms. */
void mirror_turn(struct mirror *mirror, uint64_t mono_ms, uint64_t wall_ms, uint64_t link_epoch);

/* Of who follows: one message; for the fuzzer too. Returns false when it is not believed. */
bool mirror_hear(struct mirror *mirror, const uint8_t *bytes, size_t size, uint64_t mono_ms);

/* Without a way: for tests and the fuzzer. */
struct mirror *mirror_alone(struct kept *kept);

struct mirror_counts {
    bool whole; /* who follows has all there is */
    uint64_t records, snapshots, refused;
    uint64_t silent_ms; /* since the leader's last word; 0: it never spoke */
};
void mirror_count(const struct mirror *mirror, uint64_t mono_ms, struct mirror_counts *counts);

#endif
