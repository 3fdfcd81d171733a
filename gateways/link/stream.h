/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * stream: where a follower of the events stands. Pure. Live publications may start late or be lost;
 * what is missing is fetched, and every event is passed on once, in order, without a gap. */
#ifndef GATEWAYS_LINK_STREAM_H
#define GATEWAYS_LINK_STREAM_H

#include <stdbool.h>
#include <stdint.h>

enum {
    STREAM_FETCH_MS = 1000 /* an unanswered fetch is repeated after this */
};

struct stream {
    uint64_t after;       /* the last event passed on */
    uint64_t known;       /* the last event the dispatcher is known to have */
    uint64_t fetch_at_ms; /* when to fetch (again); UINT64_MAX: nothing is missing */
};

void stream_begin(struct stream *stream, uint64_t after);

/* A connection or subscription is new: whatever was on the way is doubtful, so ask. */
void stream_restart(struct stream *stream, uint64_t now_ms);

/* An event came, live or fetched. Returns true when it is the next one: it counts as passed on. */
bool stream_take(struct stream *stream, uint64_t seq, uint64_t now_ms);

/* The dispatcher tells its last event. fetched: it did so at the end of a batch. */
void stream_know(struct stream *stream, uint64_t seq, bool fetched, uint64_t now_ms);

/* Whether to fetch now what follows stream->after. Then it counts as asked. */
bool stream_fetches(struct stream *stream, uint64_t now_ms);

#endif
