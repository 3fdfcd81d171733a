/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/link/stream.h"

void stream_begin(struct stream *stream, uint64_t after)
{
    *stream = (struct stream){ .after = after, .known = after, .fetch_at_ms = UINT64_MAX };
}

void stream_restart(struct stream *stream, uint64_t now_ms)
{
    stream->fetch_at_ms = now_ms;
}

static void want(struct stream *stream, uint64_t now_ms)
{
    if (stream->fetch_at_ms == UINT64_MAX)
        stream->fetch_at_ms = now_ms;
}

bool stream_take(struct stream *stream, uint64_t seq, uint64_t now_ms)
{
    if (seq > stream->known)
        stream->known = seq;
    if (seq == stream->after + 1) {
        stream->after = seq;
        return true;
    }
    if (seq > stream->after)
        want(stream, now_ms);
    return false;
}

void stream_know(struct stream *stream, uint64_t seq, bool fetched, uint64_t now_ms)
{
    if (seq > stream->known)
        stream->known = seq;
    if (stream->known > stream->after) {
        if (fetched)
            stream->fetch_at_ms = now_ms;
        want(stream, now_ms);
    } else if (fetched) {
        stream->fetch_at_ms = UINT64_MAX;
    }
}

bool stream_fetches(struct stream *stream, uint64_t now_ms)
{
    if (now_ms < stream->fetch_at_ms)
        return false;
    stream->fetch_at_ms = now_ms + STREAM_FETCH_MS;
    return true;
}
