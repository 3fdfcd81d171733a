/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * reel: sound on its way from the media thread to the recorder's, a tape's frame (half a second of both sides) at a
 * time. All recordings share one store of reels; a reel lent out again is the one that came back last, so that
 * only as much memory is resident as was in use at once: one and a half a recording while the disk is quick. What
 * piled up before a slow disk goes back to the system.
 *
 * Two threads: one takes and fills, the other one unwinds and gives back. */
#ifndef GATEWAYS_TRUNK_REEL_H
#define GATEWAYS_TRUNK_REEL_H

#include <stdint.h>

#include "gateways/trunk/media.h"
#include "gateways/trunk/ring.h"
#include "proto/tape.h"

enum {
    REEL_BYTES = 8192,   /* whole pages */
    REELS_MAX = 1 << 15, /* 256 MiB of addresses */
    RECORDING_REELS_MAX =
        11 /* of one recording: 5 s between sound and disk, and the one being filled */
};

_Static_assert(RECORDING_REELS_MAX *(int)MEDIA_CHANNELS_MAX <= (int)REELS_MAX,
               "every recording has its reels");

struct recording;

struct reel {
    struct recording *recording;
    uint32_t missed; /* frames of 20 ms before it that found no reel */
    uint32_t bytes;
    uint8_t sound[TAPE_SOUND];
    uint8_t spare[REEL_BYTES - 2 * sizeof(void *) - TAPE_SOUND];
};

_Static_assert(sizeof(struct reel) == REEL_BYTES, "a reel's pages are its own");

struct reels {
    struct reel *all;
    struct ring full;  /* numbers */
    struct ring empty; /* numbers */
    uint16_t *idle;    /* the filling thread's: numbers, the last to come back on top */
    uint32_t idle_count;
    uint32_t used; /* the others were never lent */
};

/* Returns 0 or -ENOMEM; reels_close() accepts what was zeroed. */
int reels_open(struct reels *reels);
void reels_close(struct reels *reels);

/* The filling thread: a reel to be written anew, NULL when REELS_MAX are out; and off it goes. */
struct reel *reels_take(struct reels *reels);
void reels_fill(struct reels *reels, const struct reel *reel);

/* The other one: how many are full, the oldest of them (NULL: none), and back it goes; dry: without
 * its memory. */
uint32_t reels_full(const struct reels *reels);
struct reel *reels_unwind(struct reels *reels);
void reels_give(struct reels *reels, struct reel *reel, bool dry);

#endif
