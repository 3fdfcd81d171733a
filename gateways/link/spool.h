/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * spool: submissions that no dispatcher has answered yet, on disk. One append-only file:
 *     header   "yihao-spool-1\n" and the epoch of the last process, 8 bytes little endian, both
 *              under a checksum
 *     record   length (4 bytes, little endian), checksum, bytes
 * The checksum is the first 16 bytes of BLAKE2b-256 over length and bytes. Reading stops at the
 * first record that is cut or does not check: what lies behind was never promised to anybody,
 * because a promise is given only after spool_sync(). The file shrinks to its header when everything
 * in it was answered. */
#ifndef GATEWAYS_LINK_SPOOL_H
#define GATEWAYS_LINK_SPOOL_H

#include <stddef.h>
#include <stdint.h>

enum {
    SPOOL_RECORD_MAX = 65536,
    SPOOL_BYTES_MAX = 256 * 1024 * 1024 /* then -ENOSPC: the gateway refuses new work */
};

struct spool;

/* Called for each whole record, oldest first. */
typedef void spool_visit(void *owner, const uint8_t *bytes, size_t size);

/* Opens or creates the file (mode 0600), passes what it holds to `visit`, and makes the epoch of
 * this process durable: larger than the last one's and at least wall_ms. Returns 0 and *spool, or a
 * negative errno; -EBADMSG for a file that is no spool, -EBUSY when another process has it. */
int spool_open(struct spool **spool, const char *path, uint64_t wall_ms, spool_visit *visit,
               void *owner);
void spool_close(struct spool *spool);

uint64_t spool_epoch(const struct spool *spool);

/* Appends; durable only after spool_sync(). After a failure nothing more is taken: -EIO. */
int spool_append(struct spool *spool, const uint8_t *bytes, size_t size);
int spool_sync(struct spool *spool);

/* Everything in it was answered. */
int spool_empty(struct spool *spool);

#endif
