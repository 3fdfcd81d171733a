/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/room.h"

/* clang-format off */
static const bool hears[ROOM_ROLE_COUNT][ROOM_ROLE_COUNT] = {
    /* who \ whom       caller held taker receiver guest listener coach muted */
    [ROOM_CALLER]   = { 0,     0,   1,    1,       1,    0,       0,    0 },
    [ROOM_HELD]     = { 0,     0,   0,    0,       0,    0,       0,    0 },
    [ROOM_TAKER]    = { 1,     0,   1,    1,       1,    0,       1,    1 },
    [ROOM_RECEIVER] = { 1,     0,   1,    1,       1,    0,       0,    1 },
    [ROOM_GUEST]    = { 1,     0,   1,    1,       1,    0,       0,    1 },
    [ROOM_LISTENER] = { 1,     0,   1,    1,       1,    0,       1,    1 },
    [ROOM_COACH]    = { 1,     0,   1,    1,       1,    0,       1,    1 },
    [ROOM_MUTED]    = { 1,     0,   1,    1,       1,    0,       1,    0 },
};
/* clang-format on */

bool room_hears(enum room_role who, enum room_role whom)
{
    return hears[who][whom];
}

uint8_t room_mask(const enum room_role roles[], unsigned count, unsigned who)
{
    unsigned mask = 0;
    for (unsigned i = 0; i < count; i++)
        if (i != who && hears[roles[who]][roles[i]])
            mask |= 1U << i;
    return (uint8_t)mask;
}

uint8_t room_recorded(const enum room_role roles[], unsigned count)
{
    unsigned mask = 0;
    for (unsigned i = 1; i < count; i++)
        if (roles[i] != ROOM_LISTENER)
            mask |= 1U << i;
    return (uint8_t)mask;
}

const char *room_role_name(enum room_role role)
{
    static const char *const names[ROOM_ROLE_COUNT] = {
        [ROOM_CALLER] = "caller",     [ROOM_HELD] = "held",   [ROOM_TAKER] = "taker",
        [ROOM_RECEIVER] = "receiver", [ROOM_GUEST] = "guest", [ROOM_LISTENER] = "listener",
        [ROOM_COACH] = "coach",       [ROOM_MUTED] = "muted",
    };
    return names[role];
}
