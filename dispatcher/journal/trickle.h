/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * trickle: a big file goes to the disk piece by piece while it is written. Left to one fsync() at its end, all of it
 * stands before whoever waits for a commit of a few hundred bytes; and what is on the disk leaves the page cache, which
 * others need. */
#ifndef DISPATCHER_JOURNAL_TRICKLE_H
#define DISPATCHER_JOURNAL_TRICKLE_H

#include <stdint.h>
#include <stdio.h>

enum {
    TRICKLE_PIECE_BYTES = 256 << 10 /* the disk's other customer waits for one of them at most */
};

struct trickle {
    FILE *file;       /* borrowed; written from its beginning on, by whoever calls */
    uint64_t written; /* bytes given to the file */
    uint64_t settled; /* bytes that were sent to the disk and waited for */
};

/* So many more bytes were given to the file. Each whole piece goes to the disk and is waited for. Returns 0 or a
 * negative errno. What is no file on a disk (a pipe, memory) is left alone. */
int trickle_add(struct trickle *trickle, uint64_t bytes);

/* From now on all of it is on the disk, where there is one. Returns 0 or a negative errno. */
int trickle_end(struct trickle *trickle);

#endif
