/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * feed: the last events, written as JSON once and read by every screen at its own pace. A screen
 * keeps a cursor, never a queue: a slow reader costs nothing, and one that falls behind the ring's
 * end is told to come again. seq rises by one; a refilled feed starts anywhere. */
#ifndef CONSOLES_SERVER_FEED_H
#define CONSOLES_SERVER_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "consoles/server/audience.h"

enum {
    FEED_EVENTS = 8192, /* how far a reader may be behind */
    FEED_RESUME = 4096, /* how far one may be behind when it comes back: room to catch up in */
    FEED_EVENT_BYTES = 16384
};
_Static_assert(FEED_RESUME * 2 <= FEED_EVENTS, "who resumes needs time to catch up");

struct feed;

struct feed_event {
    uint64_t seq;
    const char *words; /* a JSON object without its closing brace */
    size_t size;
};

/* seq: the last event before the first one to be added. NULL when memory is short. */
struct feed *feed_create(uint64_t seq);
void feed_destroy(struct feed *feed);

/* Adds event seq = feed_last() + 1; words are copied. An event that cannot be written (NULL words,
 * no memory) stays as a gap that nobody sees; returns false then. */
bool feed_add(struct feed *feed, uint64_t seq, const struct audience *audience, const char *words,
              size_t size);

uint64_t feed_last(const struct feed *feed);

/* Does the ring hold every event behind `after`? */
bool feed_reaches(const struct feed *feed, uint64_t after);

/* May a reader that comes back with `last` be served from the ring? */
bool feed_resumes(const struct feed *feed, uint64_t last);

/* Finds the next event behind *cursor that the user may see (behind a locked screen: that goes on
 * there). Moves *cursor to it and returns true;
 * otherwise moves *cursor to feed_last(). Requires feed_reaches(*cursor). The words stay until the
 * next feed_add(). */
bool feed_next(const struct feed *feed, const struct user_row *user, bool locked, uint64_t *cursor,
               struct feed_event *event);

#endif
