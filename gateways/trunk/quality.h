/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * quality: how one side's sound arrives, from its packets (RFC 3550: loss §A.3, jitter §A.8), and how ours
 * arrives there, from its reports (§6.4). Pure; one stream at a time, a new source begins anew and keeps
 * what was counted. */
#ifndef GATEWAYS_TRUNK_QUALITY_H
#define GATEWAYS_TRUNK_QUALITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateways/trunk/media.h"

enum {
    QUALITY_RATE = 8000,       /* samples a second */
    QUALITY_MISORDER_MAX = 100 /* packets back; further back is another count of the same source */
};

struct quality {
    bool begun;
    uint32_t source;
    uint32_t first; /* sequence numbers, with the turns of the 16-bit counter above them */
    uint32_t newest;
    uint32_t received; /* since `first` */
    uint32_t transit;  /* of the last packet, in samples */
    uint32_t jitter;   /* sixteenths of a sample */

    uint32_t packets; /* of all counts and sources */
    uint32_t former_lost;
    uint32_t stretch_packets, stretch_lost; /* when the last stretch ended */
    uint32_t recent_lost;
    uint32_t sent_lost;
};

/* A packet came: its SSRC, sequence number, time stamp, and when, in µs of one clock. */
void quality_hear(struct quality *quality, uint32_t source, uint16_t sequence, uint32_t stamp,
                  uint64_t at_us);

/* An RTCP packet of the peer, as it came, about our source. What is not whole is left alone. */
void quality_learn(struct quality *quality, const uint8_t *bytes, size_t size, uint32_t ours);

/* A stretch of time is over: what was lost in it is `recent`. */
void quality_turn(struct quality *quality);

/* All but late packets and the round trip, which the jitter buffer knows. */
void quality_sum(const struct quality *quality, struct media_quality *sum);

#endif
