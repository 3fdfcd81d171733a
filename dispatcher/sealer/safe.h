/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * safe: the sealer's folder. A file is written whole or not at all, also when the machine stops; one that
 * is wiped is overwritten before it is removed. What a file system or a disk keeps of overwritten blocks
 * (copy on write, flash) is out of reach here: docs/operating.md says where such a folder may lie. */
#ifndef DISPATCHER_SEALER_SAFE_H
#define DISPATCHER_SEALER_SAFE_H

#include <stddef.h>

enum {
    SAFE_PATH_BYTES = 512
};

struct safe {
    char folder[SAFE_PATH_BYTES - 64];
};

/* Makes the folder (0700) when it is missing. All return 0, or bytes, or a negative errno. */
int safe_open(struct safe *safe, const char *folder);
int safe_write(const struct safe *safe, const char *name, const void *bytes, size_t size);

/* -EMSGSIZE: there is more than room. */
int safe_read(const struct safe *safe, const char *name, void *bytes, size_t room);

/* Nothing there: nothing to do. */
int safe_wipe(const struct safe *safe, const char *name);
int safe_wipe_path(const char *path);

#endif
