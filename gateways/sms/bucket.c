/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/bucket.h"

enum {
    TEXT = 1000,
    SECOND_MS = 1000
};

void bucket_init(struct bucket *bucket, uint32_t most, uint64_t now_ms)
{
    uint32_t rate = most > 0 && most < BUCKET_RATE_MAX ? most : BUCKET_RATE_MAX;

    *bucket = (struct bucket){
        .most = rate,
        .rate = rate,
        .tokens = (uint64_t)rate * TEXT,
        .filled_ms = now_ms,
        .second_ms = now_ms,
    };
}

/* A minute and more without "throttled" is as good as a new beginning. */
static void bucket_grow(struct bucket *bucket, uint64_t now_ms)
{
    while (now_ms - bucket->second_ms >= SECOND_MS) {
        bool idle = now_ms - bucket->second_ms >= 100 * SECOND_MS;

        bucket->sent_before = bucket->sent;
        bucket->sent = 0;
        bucket->rate += bucket->rate / 10 + 1;
        if (idle || bucket->rate > bucket->most)
            bucket->rate = bucket->most;
        bucket->second_ms = idle ? now_ms : bucket->second_ms + SECOND_MS;
    }
}

static void bucket_fill(struct bucket *bucket, uint64_t now_ms)
{
    bucket_grow(bucket, now_ms);
    uint64_t most = (uint64_t)bucket->rate * TEXT;

    /* rate texts a second are rate thousandths a millisecond. */
    bucket->tokens += (now_ms - bucket->filled_ms) * bucket->rate;
    bucket->filled_ms = now_ms;
    if (bucket->tokens > most)
        bucket->tokens = most;
}

/* What must be in the bucket. */
static uint64_t needed(const struct bucket *bucket, bool urgent)
{
    return urgent || bucket->rate < 2 ? TEXT : 2 * TEXT;
}

bool bucket_take(struct bucket *bucket, bool urgent, uint64_t now_ms)
{
    bucket_fill(bucket, now_ms);
    if (now_ms < bucket->paused_until_ms || bucket->tokens < needed(bucket, urgent))
        return false;
    bucket->tokens -= TEXT;
    bucket->sent++;
    return true;
}

uint32_t bucket_count(struct bucket *bucket, uint64_t now_ms)
{
    bucket_fill(bucket, now_ms);
    uint64_t kept = needed(bucket, false) - TEXT;
    bool is_paused = now_ms < bucket->paused_until_ms;

    return is_paused || bucket->tokens < kept ? 0 : (uint32_t)((bucket->tokens - kept) / TEXT);
}

void bucket_throttle(struct bucket *bucket, uint64_t now_ms)
{
    bucket_fill(bucket, now_ms);
    uint32_t sent = bucket->sent > bucket->sent_before ? bucket->sent : bucket->sent_before;
    bool again = now_ms < bucket->paused_until_ms;

    /* A window full of refusals is one refusal. */
    if (!again)
        bucket->rate = sent / 2 > 1 ? (sent / 2 < bucket->rate ? sent / 2 : bucket->rate) : 1;
    bucket->tokens = TEXT; /* the first one after the pause tries again */
    bucket->sent = 0;
    bucket->sent_before = 0;
    bucket->second_ms = now_ms;
    bucket->paused_until_ms = now_ms + BUCKET_PAUSE_MS;
}

uint64_t bucket_due(const struct bucket *bucket, bool urgent, uint64_t now_ms)
{
    uint64_t least = needed(bucket, urgent);
    uint64_t due = bucket->paused_until_ms > now_ms ? bucket->paused_until_ms : now_ms;
    uint64_t filled = bucket->filled_ms;

    if (bucket->tokens < least)
        filled += (least - bucket->tokens + bucket->rate - 1) / bucket->rate;
    return filled > due ? filled : due;
}
