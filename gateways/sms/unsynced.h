/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * unsynced: a file whose octets, and perhaps whose name, are not yet on the disk. */
#ifndef GATEWAYS_SMS_UNSYNCED_H
#define GATEWAYS_SMS_UNSYNCED_H

/* The paths outlive the sync. */
struct unsynced {
    int fd;
    const char *written; /* NULL: it has its name. Else: it was written under this one … */
    const char *place;   /* … and takes this one, whose file it replaces */
};

/* Waits for the disk. Returns 0 or a negative errno. */
int unsynced_sync(const struct unsynced *file);

#endif
