/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * syncer: makes files durable beside the owner's work. A thread waits for the disk, so that the loop need not:
 * where the disk holds up one fdatasync for a tenth of a second, fifty texts went in meanwhile. One run at a
 * time; the files must stay open until it is over. */
#ifndef GATEWAYS_SMS_SYNCER_H
#define GATEWAYS_SMS_SYNCER_H

#include <stdbool.h>

#include "gateways/sms/unsynced.h"

enum {
    SYNCER_FILES_MAX = 4
};

struct syncer;

/* Returns 0 and *syncer, or a negative errno. */
int syncer_open(struct syncer **syncer);
/* Waits for the run under way. NULL: does nothing. */
void syncer_close(struct syncer *syncer);

/* Becomes readable when a run is over. */
int syncer_fd(const struct syncer *syncer);

/* Begins a run; none is under way. */
void syncer_begin(struct syncer *syncer, const struct unsynced *files, unsigned count);
/* One was begun, and syncer_end() has not told its outcome. */
bool syncer_is_busy(const struct syncer *syncer);
/* The run's outcome: 0, the first file's error, or -EAGAIN while it is under way and the caller does not wait. */
int syncer_end(struct syncer *syncer, bool wait);

#endif
