/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * events: the stored events of a journal or replica, by seq, without a gap. */
#ifndef DISPATCHER_STORE_EVENTS_H
#define DISPATCHER_STORE_EVENTS_H

#include "dispatcher/store/store.h"
#include "proto/message.h"

int events_append(struct transaction *write, const struct stored_event *row);

/* Returns 0, -ENOENT, or -EBADMSG for bytes that cannot be a stored event. */
int events_get(struct transaction *transaction, uint64_t seq, struct stored_event *row);

/* The chain's value at seq alone. */
int events_link(struct transaction *transaction, uint64_t seq, uint8_t link[32]);

/* Up to max rows behind `after`. Returns how many, or a negative errno. */
int events_read(struct transaction *transaction, uint64_t after, struct stored_event *rows,
                int max);

/* The last row's seq, 0 when there is none; -EBADMSG when the numbers have a gap. */
int events_last(struct transaction *transaction, uint64_t *seq);

#endif
