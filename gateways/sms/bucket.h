/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bucket: how fast the message centre lets us send. Full speed until the centre says "throttled";
 * then half of what was sent in the last second, growing again by a tenth and one text each second
 * that passes without such an answer. Never below one text a second: it always recovers. */
#ifndef GATEWAYS_SMS_BUCKET_H
#define GATEWAYS_SMS_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

enum {
    BUCKET_RATE_MAX = 10000, /* texts a second; above it nothing is held back */
    BUCKET_PAUSE_MS = 1000   /* nothing goes out so long after "throttled" */
};

struct bucket {
    uint32_t most;      /* texts a second that are never exceeded */
    uint32_t rate;      /* texts a second now */
    uint64_t tokens;    /* thousandths of a text */
    uint64_t filled_ms; /* when tokens were added last */
    uint64_t second_ms; /* the second being counted began */
    uint32_t sent;      /* in it */
    uint32_t sent_before;
    uint64_t paused_until_ms;
};

/* most: what the contract with the centre allows; 0: BUCKET_RATE_MAX. */
void bucket_init(struct bucket *bucket, uint32_t most, uint64_t now_ms);

/* Takes one text's worth. False: not now. One text's worth is kept for who is in danger, unless the rate is
 * one text a second. */
bool bucket_take(struct bucket *bucket, bool urgent, uint64_t now_ms);

/* How many texts bucket_take() gives now, one after the other. */
uint32_t bucket_count(struct bucket *bucket, uint64_t now_ms);

/* The centre said it is too much. */
void bucket_throttle(struct bucket *bucket, uint64_t now_ms);

/* When bucket_take() may succeed; now_ms when it would at once. */
uint64_t bucket_due(const struct bucket *bucket, bool urgent, uint64_t now_ms);

#endif
