/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * disk: dispatcher/store/store.h over memory, linked in the place of the one over LMDB. Ordered tables;
 * a write's changes lie over the durable ones until its commit; a power cut loses them, or comes right
 * after them; a commit may fail and nobody knows what it left. */
#ifndef TESTS_SIM_DISK_H
#define TESTS_SIM_DISK_H

#include <stdbool.h>
#include <stdint.h>

/* Called before each operation; it may not return (the power is cut). Also what the disk asks about
 * a commit. */
enum disk_fate {
    DISK_WELL,
    DISK_FAILS,      /* the commit reports an error, nothing is written */
    DISK_FAILS_LATE, /* it reports an error, and everything is written */
};
struct disk_hooks {
    void (*before_operation)(void);
    enum disk_fate (*commit)(void);
};

void disk_attach(const struct disk_hooks *hooks);

/* The power was cut: nobody has anything open any more. */
void disk_power_cut(void);

/* Everything that ever was in this folder. */
void disk_forget(const char *folder);
void disk_forget_all(void);

/* The next durable entry of a folder's table whose key is a be64 number above `after`. Returns false at
 * the end. The bytes are borrowed until the next commit. */
bool disk_row(const char *folder, uint32_t table, uint64_t after, uint64_t *number,
              const uint8_t **bytes, uint32_t *size);

#endif
