/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * snapshot: what was computed from the journal up to one event, as it lies in memory, so that a
 * restart replays only what followed. Never the truth: what does not fit in every respect (this very
 * program, the same addresses, a MAC by our key, the journal's link at that event) is as good as
 * none, and the whole journal is replayed (docs/decisions/0008-snapshot.md).
 *
 * The file: a head, then blocks of memory that are not all zero, each with its place,
 * an end mark, and a keyed BLAKE2b-256 over all before it. */
#ifndef DISPATCHER_IO_SNAPSHOT_H
#define DISPATCHER_IO_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>

enum {
    SNAPSHOT_KEY_BYTES = 32,
    SNAPSHOT_PARTS_MAX = 4,
    SNAPSHOT_BLOCK_BYTES = 65536
};

/* A piece of memory. What holds pointers into itself must lie at the same address again. */
struct snapshot_part {
    void *memory;
    size_t size;
};

struct snapshot {
    const char *path;
    uint8_t key[SNAPSHOT_KEY_BYTES];
    uint8_t
        build[32]; /* digest of the running program: another one lays its memory out otherwise */
    struct snapshot_part parts[SNAPSHOT_PARTS_MAX]; /* parts[0] must keep its address */
    uint32_t part_count;
};

/* Which event the memory stands at. */
struct snapshot_at {
    uint64_t seq;
    uint8_t link[32];
};

/* Derives the MAC's key from that of orders and digests the running program. Returns 0 or a negative
 * errno. */
int snapshot_open(struct snapshot *snapshot, const char *path, const uint8_t orders_key[32]);

/* Writes by a temporary name, fsync and rename. Calls nothing that a forked child must not. Returns 0
 * or a negative errno; the former file stays then. */
int snapshot_write(const struct snapshot *snapshot, const struct snapshot_at *at);

/* Fills the parts, which must be all zero. Returns 0 and *at; -ENOENT when there is none; -ESTALE
 * when it is of another build, size or address, nothing being written then; -EBADMSG when it is
 * damaged: the parts are undefined then. */
int snapshot_read(const struct snapshot *snapshot, struct snapshot_at *at);

#endif
