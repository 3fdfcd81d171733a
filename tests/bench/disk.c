/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/disk.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/require.h"

enum {
    RECORD_BYTES = 300
};

void disk_open(struct disk *disk, const char *folder)
{
    char path[192];
    MDB_txn *write;
    disk->records = 0;
    (void)snprintf(path, sizeof path, "%s/disk", folder);
    REQUIRE(mdb_env_create(&disk->env) == 0 && mdb_env_set_mapsize(disk->env, 1U << 28U) == 0);
    REQUIRE(mdb_env_open(disk->env, path, MDB_NOSUBDIR, 0600) == 0);
    REQUIRE(mdb_txn_begin(disk->env, NULL, 0, &write) == 0);
    REQUIRE(mdb_dbi_open(write, NULL, MDB_INTEGERKEY, &disk->table) == 0);
    REQUIRE(mdb_txn_commit(write) == 0);
}

void disk_close(struct disk *disk)
{
    mdb_env_close(disk->env);
}

uint64_t disk_commit(struct disk *disk)
{
    char record[RECORD_BYTES] = { 1 };
    uint64_t number = ++disk->records;
    MDB_val key = { sizeof number, &number }, value = { sizeof record, record };
    MDB_txn *write;
    uint64_t begun_ns = clock_mono_ns();
    REQUIRE(mdb_txn_begin(disk->env, NULL, 0, &write) == 0);
    REQUIRE(mdb_put(write, disk->table, &key, &value, MDB_APPEND) == 0);
    REQUIRE(mdb_txn_commit(write) == 0);
    return (clock_mono_ns() - begun_ns) / 1000;
}

static int by_size(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

uint64_t quantile(uint64_t *times, size_t count, unsigned percent)
{
    qsort(times, count, sizeof *times, by_size);
    return times[(count - 1) * percent / 100];
}
