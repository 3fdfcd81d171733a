/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * folder: the names in a folder, made durable. A file that was made, renamed or removed is so for
 * certain only when its folder is on the disk, too (fsync(2)). */
#ifndef BASE_FOLDER_H
#define BASE_FOLDER_H

/* Returns 0 or a negative errno. */
int folder_sync(const char *folder);

/* The same for the folder in which the path's last name stands; slashes behind it do not count. */
int folder_sync_above(const char *path);

#endif
