/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * copy: a store's tables as they are at one moment, written to a descriptor while another process goes
 * on changing them. The bytes are a store's data.mdb, without free pages. */
#ifndef DISPATCHER_STORE_COPY_H
#define DISPATCHER_STORE_COPY_H

/* Only what the tables hold: with a redo file they may be a second behind, after a crash until the store
 * was opened once. Never waits for the writer and never makes it wait; pages that the writer frees
 * stay in the file until the copy is done. Must not be called in a process that has this store open.
 * Returns 0 or a negative errno. */
int store_copy(const char *folder, int fd);

#endif
