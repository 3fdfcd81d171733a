/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * backlog: the submissions that nobody has answered: their frames in the order of their numbers (window.h),
 * and where each of them lies so that it is not lost: in the spool once it was silent for long, until then
 * in what outlives the process alone (pending.h). Sending them and hearing the answers is link.c's. */
#ifndef GATEWAYS_LINK_BACKLOG_H
#define GATEWAYS_LINK_BACKLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "gateways/link/link.h"
#include "gateways/link/window.h"

struct codec;
struct pending;
struct spool;

/* A submission that was not answered. */
struct backlog_entry {
    uint8_t *bytes; /* a packed Submit frame */
    size_t size;
    uint64_t ticket;  /* 0: of an earlier process */
    uint64_t at_ms;   /* 0 until the next turn, which knows the time */
    uint32_t pending; /* its place there, 0: none */
    bool spooled;
};

/* All borrowed until backlog_close(). */
struct backlog_settings {
    const char *spool_path;   /* NULL: nothing is spooled */
    const char *pending_path; /* with a spool; NULL: none */
    uint64_t least_epoch;     /* as in struct link_settings */
    struct codec *codec;
    struct frame *frame;                           /* room to pack and unpack in, */
    uint8_t *bytes;                                /* and FRAME_MAX_BYTES of it */
    void (*spooled)(void *owner, uint64_t ticket); /* durable here; may be NULL */
    void *owner;
};

struct backlog {
    struct backlog_settings settings;
    struct spool *spool;     /* NULL: none */
    struct pending *pending; /* NULL: none */
    struct window window;
    struct backlog_entry entries[LINK_WAITING_MAX]; /* ring: number base + i lies at head + i */
    uint64_t head;
    uint64_t unspooled; /* number of the oldest submission that is not in the spool */
    uint32_t in_spool;  /* submissions that are, and are not answered */
    uint64_t spooled_count;
    struct log_limit log_spool;
};

/* Takes a backlog of zeros; reads what earlier processes left. Returns 0 or a negative errno; to be closed
 * either way. */
int backlog_open(struct backlog *backlog, const struct backlog_settings *settings);

/* May be called for a backlog of zeros. */
void backlog_close(struct backlog *backlog);

/* Numbers the Submit in settings.frame and puts it behind all others. Returns 0 or -ENOBUFS. */
int backlog_add(struct backlog *backlog, uint64_t ticket);

/* The dispatcher does not know this epoch's past: numbers what waits anew. */
void backlog_renumber(struct backlog *backlog);

/* A turn begins: what was added since the last one is of this instant. */
void backlog_stamp(struct backlog *backlog, uint64_t now_ms);

/* The one to send now, NULL: none. window_sent() when the socket has it. */
const struct backlog_entry *backlog_due(struct backlog *backlog, uint64_t now_ms);

/* An answer came. Returns true and *ticket when it is the oldest one's, which leaves. */
bool backlog_answer(struct backlog *backlog, uint64_t epoch, uint64_t seq, uint64_t now_ms,
                    uint64_t *ticket);

/* Unpacks the Submit of this number into settings.frame. Returns false when it is not the oldest one. */
bool backlog_read_oldest(struct backlog *backlog, uint64_t seq);

/* Makes those durable here that have waited for silence_ms. */
void backlog_spool(struct backlog *backlog, uint64_t now_ms, uint64_t silence_ms);

/* When backlog_spool() has something to do next; UINT64_MAX: never. */
uint64_t backlog_spool_wakes_ms(struct backlog *backlog, uint64_t now_ms, uint64_t silence_ms);

#endif
