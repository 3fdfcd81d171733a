/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * folder: the names in a folder, made durable, and small files in it. A file that was made, renamed or removed is so for
 * certain only when its folder is on the disk, too (fsync(2)). */
#ifndef BASE_FOLDER_H
#define BASE_FOLDER_H

#include <stddef.h>
#include <sys/types.h>

/* Returns 0 or a negative errno. */
int folder_sync(const char *folder);

/* The same for the folder in which the path's last name stands; slashes behind it do not count. */
int folder_sync_above(const char *path);

/* Writes a file of the folder whole or not at all, also when the machine stops; it goes by way of the name
 * `fresh` there. Returns 0 or a negative errno. */
int folder_write_file(const char *folder, const char *name, const void *bytes, size_t size,
                      mode_t mode);

/* Reads at most `room` bytes of a file. Returns how many, or a negative errno. */
int folder_read_file(const char *folder, const char *name, void *bytes, size_t room);

#endif
