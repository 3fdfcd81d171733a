/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/link/backlog.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/require.h"
#include "gateways/link/pending.h"
#include "gateways/link/spool.h"
#include "proto/codec.h"

enum {
    SPOOL_BATCH = 512,   /* submissions per fsync */
    SPOOL_RETRY_MS = 100 /* the spool could not be written, or more than a batch was due */
};

static struct backlog_entry *entry_of(struct backlog *backlog, uint64_t seq)
{
    return &backlog->entries[(backlog->head + (seq - backlog->window.base)) % LINK_WAITING_MAX];
}

/* ---- what is added ------------------------------------------------------------------------- */

static int unpack(struct backlog *backlog, const uint8_t *bytes, size_t size)
{
    return codec_unpack(backlog->settings.codec, SCHEMA_FRAME, bytes, size,
                        backlog->settings.frame);
}

/* The Submit in settings.frame under this number, to settings.bytes. */
static int pack_submit(struct backlog *backlog, uint64_t seq)
{
    const struct backlog_settings *room = &backlog->settings;
    room->frame->submit.epoch = backlog->window.epoch;
    room->frame->submit.seq = seq;
    return codec_pack(room->codec, SCHEMA_FRAME, room->frame, room->bytes, FRAME_MAX_BYTES);
}

/* Puts the frame in settings.bytes behind all others. */
static int keep(struct backlog *backlog, size_t size, uint64_t ticket, bool spooled)
{
    if (window_waiting(&backlog->window) >= LINK_WAITING_MAX)
        return -ENOBUFS;
    uint8_t *bytes = malloc(size);
    if (!bytes)
        return -ENOBUFS;
    memcpy(bytes, backlog->settings.bytes, size);
    struct backlog_entry *entry = entry_of(backlog, window_add(&backlog->window));
    *entry = (struct backlog_entry){ bytes, size, ticket, 0, 0, spooled };
    backlog->in_spool += spooled;
    if (!spooled)
        entry->pending = pending_put(backlog->pending, bytes, size);
    return 0;
}

int backlog_add(struct backlog *backlog, uint64_t ticket)
{
    int size = pack_submit(backlog, backlog->window.last + 1);
    REQUIRE(size > 0);
    return keep(backlog, (size_t)size, ticket, false);
}

/* One record of an earlier process: delivered again under this process's epoch; its key tells the
 * dispatcher when it has it already. */
static void take_former(struct backlog *backlog, const uint8_t *bytes, size_t size, bool spooled)
{
    if (unpack(backlog, bytes, size) < 0 || backlog->settings.frame->kind != FRAME_SUBMIT) {
        log_error("skip spool record size=%zu: a newer program wrote it?", size);
        return;
    }
    int packed = pack_submit(backlog, backlog->window.last + 1);
    if (packed < 0 || keep(backlog, (size_t)packed, 0, spooled) < 0)
        log_error("skip spool record size=%zu: too many wait", size);
}

static void take_spooled(void *owner, const uint8_t *bytes, size_t size)
{
    take_former(owner, bytes, size, true);
}

static void take_pending(void *owner, const uint8_t *bytes, size_t size)
{
    take_former(owner, bytes, size, false);
}

void backlog_renumber(struct backlog *backlog)
{
    uint64_t count = window_waiting(&backlog->window);
    uint64_t base = backlog->window.base;
    uint64_t epoch = backlog->window.epoch + 1;
    uint64_t unspooled = backlog->unspooled - base;
    log_warn("renumber submissions count=%llu epoch=%llu", (unsigned long long)count,
             (unsigned long long)epoch);
    window_begin(&backlog->window, epoch);
    backlog->unspooled = 1 + unspooled;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t seq = window_add(&backlog->window);
        struct backlog_entry *entry = entry_of(backlog, seq);
        REQUIRE(unpack(backlog, entry->bytes, entry->size) == 0);
        int size = pack_submit(backlog, seq);
        uint8_t *bytes = size > 0 ? realloc(entry->bytes, (size_t)size) : NULL;
        REQUIRE(bytes != NULL);
        memcpy(bytes, backlog->settings.bytes, (size_t)size);
        entry->bytes = bytes;
        entry->size = (size_t)size;
    }
}

void backlog_stamp(struct backlog *backlog, uint64_t now_ms)
{
    for (uint64_t seq = backlog->window.last; seq >= backlog->window.base; seq--) {
        struct backlog_entry *entry = entry_of(backlog, seq);
        if (entry->at_ms)
            break;
        entry->at_ms = now_ms;
    }
}

/* ---- the spool ----------------------------------------------------------------------------- */

static int check_spool(struct backlog *backlog, int status)
{
    if (status < 0 && log_allowed(&backlog->log_spool))
        log_error("spool failed path=%s error=%s", backlog->settings.spool_path, strerror(-status));
    return status;
}

/* Makes the oldest unspooled submissions durable here; one fsync for all of them. */
static void spool_some(struct backlog *backlog, uint64_t now_ms, uint64_t silence_ms)
{
    uint64_t first = backlog->unspooled, seq = first;
    while (seq <= backlog->window.last && seq - first < SPOOL_BATCH &&
           entry_of(backlog, seq)->at_ms + silence_ms <= now_ms) {
        struct backlog_entry *entry = entry_of(backlog, seq);
        if (!entry->spooled &&
            check_spool(backlog, spool_append(backlog->spool, entry->bytes, entry->size)) < 0)
            break;
        seq++;
    }
    if (seq == first || check_spool(backlog, spool_sync(backlog->spool)) < 0)
        return;
    for (uint64_t i = first; i < seq; i++) {
        struct backlog_entry *entry = entry_of(backlog, i);
        if (entry->spooled)
            continue;
        entry->spooled = true;
        pending_drop(backlog->pending, &entry->pending);
        backlog->in_spool++;
        backlog->spooled_count++;
        if (backlog->settings.spooled)
            backlog->settings.spooled(backlog->settings.owner, entry->ticket);
    }
    backlog->unspooled = seq;
}

void backlog_spool(struct backlog *backlog, uint64_t now_ms, uint64_t silence_ms)
{
    if (!backlog->spool)
        return;
    if (backlog->unspooled < backlog->window.base)
        backlog->unspooled = backlog->window.base;
    spool_some(backlog, now_ms, silence_ms);
}

uint64_t backlog_spool_wakes_ms(struct backlog *backlog, uint64_t now_ms, uint64_t silence_ms)
{
    if (!backlog->spool || backlog->unspooled > backlog->window.last)
        return UINT64_MAX;
    uint64_t due = entry_of(backlog, backlog->unspooled)->at_ms + silence_ms;
    return due > now_ms ? due : now_ms + SPOOL_RETRY_MS;
}

/* ---- what leaves --------------------------------------------------------------------------- */

const struct backlog_entry *backlog_due(struct backlog *backlog, uint64_t now_ms)
{
    uint64_t seq = window_due(&backlog->window, now_ms);
    return seq != 0 ? entry_of(backlog, seq) : NULL;
}

bool backlog_read_oldest(struct backlog *backlog, uint64_t seq)
{
    const struct backlog_entry *entry = &backlog->entries[backlog->head % LINK_WAITING_MAX];
    return seq == backlog->window.base && seq <= backlog->window.last &&
           unpack(backlog, entry->bytes, entry->size) == 0;
}

bool backlog_answer(struct backlog *backlog, uint64_t epoch, uint64_t seq, uint64_t now_ms,
                    uint64_t *ticket)
{
    uint64_t oldest = backlog->window.base;
    if (!window_answer(&backlog->window, epoch, seq, now_ms))
        return false;
    /* window_answer() moved the base: the entry is the one before it now. */
    struct backlog_entry *entry = &backlog->entries[backlog->head % LINK_WAITING_MAX];
    REQUIRE(oldest == seq && entry->bytes != NULL);
    *ticket = entry->ticket;
    pending_drop(backlog->pending, &entry->pending);
    free(entry->bytes);
    entry->bytes = NULL;
    backlog->head = (backlog->head + 1) % LINK_WAITING_MAX;
    backlog->in_spool -= entry->spooled;
    if (entry->spooled && backlog->in_spool == 0)
        (void)check_spool(backlog, spool_empty(backlog->spool));
    return true;
}

/* ---- life ---------------------------------------------------------------------------------- */

int backlog_open(struct backlog *backlog, const struct backlog_settings *settings)
{
    uint64_t wall_ms = clock_wall_ms();
    if (wall_ms <= settings->least_epoch)
        wall_ms = settings->least_epoch + 1;
    backlog->settings = *settings;
    backlog->unspooled = 1;
    window_begin(&backlog->window, wall_ms);
    if (!settings->spool_path)
        return 0;
    int status = spool_open(&backlog->spool, settings->spool_path, wall_ms, take_spooled, backlog);
    if (status < 0)
        return status;
    if (spool_epoch(backlog->spool) != backlog->window.epoch) {
        backlog->window.epoch = spool_epoch(backlog->spool) - 1;
        backlog_renumber(backlog);
    }
    backlog->unspooled = backlog->window.last + 1;
    if (settings->pending_path)
        status = pending_open(&backlog->pending, settings->pending_path, take_pending, backlog);
    return status;
}

void backlog_close(struct backlog *backlog)
{
    for (uint32_t i = 0; i < LINK_WAITING_MAX; i++)
        free(backlog->entries[i].bytes);
    spool_close(backlog->spool);
    pending_close(backlog->pending);
}
