/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * refusals: wrong passwords of a city with a directory are answered REFUSALS_LEVEL_MS after they were asked, not when
 * the directory has said so: a server that hashes for a login it knows and not for one it does not takes other times,
 * and how long a refusal takes would tell who exists there. Who is right waits for nothing, nor does anybody's next
 * password: only the answer is held. Of a directory that hashes for longer than the level the rest shows. */
#ifndef DISPATCHER_IO_REFUSALS_H
#define DISPATCHER_IO_REFUSALS_H

#include "dispatcher/io/checker.h"

enum {
    REFUSALS_LEVEL_MS = 1000,
    REFUSALS_MAX = 256 /* one more lets the oldest go early */
};

struct refusals {
    struct checked held[REFUSALS_MAX]; /* in no order */
    uint32_t count;
};

/* Copies what was refused. Returns false when there is no more room: *early, asked first of all, is to be told now. */
bool refusals_hold(struct refusals *refusals, const struct checked *refused, struct checked *early);

/* One that is due, in the order asked. mono_ms: monotonic, milliseconds, as checked.asked_ms. */
bool refusals_take(struct refusals *refusals, struct checked *due, uint64_t mono_ms);

/* Until the next one is due, in milliseconds; UINT64_MAX when none is held. */
uint64_t refusals_wait_ms(struct refusals *refusals, uint64_t mono_ms);

#endif
