/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/quality.h"

#include <stdlib.h>

enum {
    PERMILLE = 1000,
    JITTER_ONE = 16,
    COUNTER = 1 << 16,
    SENDER_REPORT = 200, /* RFC 3550 §12.1 */
    RECEIVER_REPORT = 201,
    REPORT_HEAD = 8, /* header and the reporter's source */
    SENDER_PART = 20,
    BLOCK = 24,
    BLOCK_FRACTION = 4
};

/* ---- what comes ------------------------------------------------------------------------------ */

static uint32_t lost_here(const struct quality *quality)
{
    uint32_t expected = quality->begun ? quality->newest - quality->first + 1 : 0;
    return expected > quality->received ? expected - quality->received : 0; /* some come twice */
}

static void begin(struct quality *quality, uint32_t source, uint16_t sequence, uint32_t transit)
{
    quality->former_lost += lost_here(quality);
    quality->begun = true;
    quality->source = source;
    quality->first = quality->newest = (uint32_t)COUNTER + sequence;
    quality->received = 1;
    quality->transit = transit;
}

static void hear_jitter(struct quality *quality, uint32_t transit)
{
    int32_t moved = (int32_t)(transit - quality->transit);
    uint32_t apart = (uint32_t)llabs(moved);
    quality->transit = transit;
    if (apart > QUALITY_RATE) /* a pause, or a clock that was set: not the way's doing */
        return;
    quality->jitter = quality->jitter + apart - (quality->jitter + JITTER_ONE / 2) / JITTER_ONE;
}

void quality_hear(struct quality *quality, uint32_t source, uint16_t sequence, uint32_t stamp,
                  uint64_t at_us)
{
    uint32_t transit = (uint32_t)(at_us * QUALITY_RATE / 1000000) - stamp;
    int16_t ahead = (int16_t)(uint16_t)(sequence - (uint16_t)quality->newest);
    quality->packets++;
    if (!quality->begun || source != quality->source || ahead < -QUALITY_MISORDER_MAX) {
        begin(quality, source, sequence, transit);
        return;
    }
    quality->received++;
    uint32_t place = (uint32_t)((int64_t)quality->newest + ahead);
    if (ahead > 0)
        quality->newest = place;
    else if (place < quality->first)
        quality->first = place; /* overtaken by the first */
    hear_jitter(quality, transit);
}

void quality_turn(struct quality *quality)
{
    uint32_t lost = quality->former_lost + lost_here(quality);
    uint32_t gone = lost > quality->stretch_lost ? lost - quality->stretch_lost : 0;
    uint32_t came = quality->packets - quality->stretch_packets;
    quality->recent_lost =
        gone + came > 0 ? (uint32_t)((uint64_t)gone * PERMILLE / (gone + came)) : 0;
    quality->stretch_lost = lost;
    quality->stretch_packets = quality->packets;
}

/* ---- what they say of ours --------------------------------------------------------------------- */

static uint32_t word(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void learn_blocks(struct quality *quality, const uint8_t *bytes, size_t size, uint32_t ours)
{
    size_t at = REPORT_HEAD + (bytes[1] == SENDER_REPORT ? SENDER_PART : 0);
    for (unsigned i = bytes[0] & 31; i > 0 && at + BLOCK <= size; i--, at += BLOCK)
        if (word(bytes + at) == ours)
            quality->sent_lost = (uint32_t)bytes[at + BLOCK_FRACTION] * PERMILLE / 256;
}

void quality_learn(struct quality *quality, const uint8_t *bytes, size_t size, uint32_t ours)
{
    while (size >= REPORT_HEAD && bytes[0] >> 6 == 2) {
        size_t length = ((size_t)(bytes[2] << 8 | bytes[3]) + 1) * 4;
        if (length > size)
            return;
        if (bytes[1] == SENDER_REPORT || bytes[1] == RECEIVER_REPORT)
            learn_blocks(quality, bytes, length, ours);
        bytes += length;
        size -= length;
    }
}

void quality_sum(const struct quality *quality, struct media_quality *sum)
{
    *sum = (struct media_quality){ .packets = quality->packets,
                                   .lost = quality->former_lost + lost_here(quality),
                                   .jitter_ms = quality->jitter / JITTER_ONE * 1000 / QUALITY_RATE,
                                   .recent_lost = quality->recent_lost,
                                   .sent_lost = quality->sent_lost };
}
