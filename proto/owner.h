/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * owner: who has the ball. Each millisecond from the citizen's first contact until the incident is
 * closed is booked to exactly one owner: a table of what stands (the state) by what lies over it.
 * The core sums by it, the views list by it, anybody can recompute it from the trail.
 * Golden: tests/golden/ladder.txt. */
#ifndef PROTO_OWNER_H
#define PROTO_OWNER_H

#include "proto/message.h"

/* What lies over the state. */
enum owner_overlay {
    OVERLAY_NONE,
    OVERLAY_RETURN_ASKED, /* the lead's department sent it back; the centre must rule */
    OVERLAY_COUNT
};

/* OWNER_NONE: closed. */
enum owner owner_of(enum incident_state state, enum owner_overlay overlay);

#endif
