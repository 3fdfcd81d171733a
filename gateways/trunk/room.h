/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * room: who hears whom in a conversation, as a table of what each one is there. The caller's recording
 * has the caller on its left, and on its right everybody else who may be heard, whether the caller
 * hears them or not: what is said while a caller is held, or a taker muted, belongs to the trail.
 *
 * Pure. tests/golden/rooms.ok is the table as text. */
#ifndef GATEWAYS_TRUNK_ROOM_H
#define GATEWAYS_TRUNK_ROOM_H

#include <stdbool.h>
#include <stdint.h>

enum room_role {
    ROOM_CALLER,
    ROOM_HELD,     /* the caller, who hears an announcement meanwhile */
    ROOM_TAKER,    /* who has the caller */
    ROOM_RECEIVER, /* who will have the caller when the hand-over is done */
    ROOM_GUEST,    /* called in, or a supervisor who speaks */
    ROOM_LISTENER,
    ROOM_COACH, /* is heard by the taker alone */
    ROOM_MUTED, /* who has the caller, whom the caller does not hear */
    ROOM_ROLE_COUNT
};

enum {
    ROOM_SEATS_MAX = 8
};

bool room_hears(enum room_role who, enum room_role whom);

/* Bit i: seat `who` hears seat i. */
uint8_t room_mask(const enum room_role roles[], unsigned count, unsigned who);

/* Bit i: seat i is on the right of the caller's recording. The caller is seat 0. */
uint8_t room_recorded(const enum room_role roles[], unsigned count);

const char *room_role_name(enum room_role role);

#endif
