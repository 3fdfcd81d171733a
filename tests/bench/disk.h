/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * disk: what a durable commit costs on this machine at this moment: one record in an LMDB of its own,
 * with the library's defaults. Measured beside whatever is compared with it: disks have moods. */
#ifndef TESTS_BENCH_DISK_H
#define TESTS_BENCH_DISK_H

#include <stddef.h>
#include <stdint.h>

#include <lmdb.h>

struct disk {
    MDB_env *env;
    MDB_dbi table;
    uint64_t records;
};

/* Makes the file FOLDER/disk. */
void disk_open(struct disk *disk, const char *folder);
void disk_close(struct disk *disk);

/* Commits one record more. Returns microseconds. */
uint64_t disk_commit(struct disk *disk);

/* Sorts the times; the percent-th of them. */
uint64_t quantile(uint64_t *times, size_t count, unsigned percent);

#endif
