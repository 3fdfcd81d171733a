/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * chain: each stored event carries a value that depends on every byte before it:
 *     link(0) = H("yihao trail 1")
 *     link(n) = H(link(n-1) ‖ be64 seq ‖ be64 at_ms ‖ record)
 * H is the suite's that the trail began with (proto/suite.h); the links themselves tell which.
 * Nobody can change, drop, insert or reorder a record without changing all links behind it.
 * format: docs/trail-format.md. */
#ifndef DISPATCHER_JOURNAL_CHAIN_H
#define DISPATCHER_JOURNAL_CHAIN_H

#include <stddef.h>
#include <stdint.h>

#include "proto/message.h"
#include "proto/suite.h"

enum {
    LINK_BYTES = 32
};

struct chain {
    const struct suite *suite; /* NULL: the next record that is followed tells */
    uint64_t seq;              /* of the last record */
    uint64_t at_ms;
    uint8_t link[LINK_BYTES];
};

/* Before the first record of a trail of this suite; NULL: whatever suite that is made with. */
void chain_init(struct chain *chain, const struct suite *suite);

/* What stands at the front of a packed Record: its event's seq and time, without unpacking the rest.
 * Returns 0, or -EBADMSG for bytes that do not begin as the codec writes a Record. */
int record_head(const uint8_t *record, size_t size, uint64_t *seq, uint64_t *at_ms);

/* Takes the next record, which the writer just packed; writes its link. Returns 0, or -EBADMSG when
 * its head does not say seq + 1 or goes back in time; the chain is unchanged then. It has a suite. */
int chain_add(struct chain *chain, const uint8_t *record, size_t size, uint8_t link[LINK_BYTES]);

/* Takes the next stored row if it is the right one. Returns 0 or -EBADMSG. */
int chain_follow(struct chain *chain, const struct stored_event *row);

#endif
