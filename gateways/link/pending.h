/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * pending: submissions that nobody has answered and that do not lie in the spool yet, in a mapped file
 * that outlives the process: what a program said in the instant it was killed is said again by the next
 * one. A record is written once and counts when its number stands; a torn one was never there. Nothing is
 * fsynced: that is the spool's part, half a second later. */
#ifndef GATEWAYS_LINK_PENDING_H
#define GATEWAYS_LINK_PENDING_H

#include <stddef.h>
#include <stdint.h>

enum {
    PENDING_PLACES = 512,
    PENDING_BYTES = 2048 /* of a submission; a longer one waits for the spool */
};

struct pending;

/* Called for each whole record, oldest first. */
typedef void pending_visit(void *owner, const uint8_t *bytes, size_t size);

/* Opens or makes the file (mode 0600), passes what it holds to `visit`, and empties it. Returns 0 and
 * *pending, which stays NULL, with a word in the log, when there is no room for the file; or -EBUSY when
 * another process has it. */
int pending_open(struct pending **pending, const char *path, pending_visit *visit, void *owner);
void pending_close(struct pending *pending);

/* Returns where it lies, for pending_drop(); 0: no file, no place, or it is too long. */
uint32_t pending_put(struct pending *pending, const uint8_t *bytes, size_t size);

/* It was answered, or lies in the spool; *place is 0 afterwards, and may be so before. */
void pending_drop(struct pending *pending, uint32_t *place);

#endif
