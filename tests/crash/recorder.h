/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * recorder: sees every write and sync that a store does to its two files, and builds what a power cut
 * would have left of them. The disk is modelled as drives and file systems are: a sector of 512 bytes is
 * written whole or not at all; between two syncs sectors reach the disk in any order or not at all;
 * a write through an O_DSYNC descriptor is there when it returns. */
#ifndef TESTS_CRASH_RECORDER_H
#define TESTS_CRASH_RECORDER_H

#include <stdint.h>

#include "base/prng.h"

enum {
    RECORDER_FILES = 2
};

/* From now on; what the files hold now is durable. */
void recorder_start(const char *const paths[RECORDER_FILES]);
void recorder_stop(void);

/* The owner was told that everything up to `number` is durable. */
void recorder_ack(uint64_t number);

uint32_t recorder_count(void);

/* Writes what the files hold after a power cut behind the cut-th entry. *acked: the last number acked
 * before it; *next: the first one after it (0: none), which may have become durable unseen. */
void recorder_image(uint32_t cut, struct prng *prng, const char *const paths[RECORDER_FILES],
                    uint64_t *acked, uint64_t *next);

#endif
