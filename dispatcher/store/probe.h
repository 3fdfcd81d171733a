/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * probe: a look at a store's pages before LMDB is let loose on them. LMDB believes what a page says of itself: reading
 * a damaged one is guarded (guard.h), but a write through it may break the process's own memory.
 * So everything a page says is checked against its size and the file's, from the newest root, the right edge first
 * (that is where the next events go), for as long as there is time.
 *
 * format: LMDB 0.9, data version 1, pages of 4 KiB of a little-endian 64-bit machine; others are not
 * looked at. Private to dispatcher/store. */
#ifndef DISPATCHER_STORE_PROBE_H
#define DISPATCHER_STORE_PROBE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    PROBE_DEPTH_MAX = 32, /* LMDB's own */
    PROBE_TABLE_BYTES = 32
};

struct probe {
    uint64_t pages; /* looked at */
    bool whole;     /* there was time for all */
    bool damaged;   /* … and then the first such page: */
    bool written;   /* a page that may be written again: whoever goes on may make it worse */
    uint64_t page;
    char table[PROBE_TABLE_BYTES]; /* "" above the tables */
};

/* append_only: of this table only the right edge is ever written again. Returns 0, or a negative errno when the
 * file cannot be looked at at all. */
int probe_file(struct probe *probe, const char *folder, const char *append_only,
               uint32_t at_most_ms);

/* Before LMDB opens the file: neither of its heads names a page size that there is not (LMDB divides by it). Returns 0, also
 * where there is no file or one of another kind, -EBADMSG, or another negative errno. */
int probe_heads(const char *folder);

#endif
