/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * roster: what the dispatcher's edge must know of the city and its programs: lines, gateways, users
 * and the wording of texts. Built from events alone, like every other view; replayed at start. */
#ifndef DISPATCHER_IO_ROSTER_H
#define DISPATCHER_IO_ROSTER_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/message.h"

enum {
    ROSTER_LINES_MAX = 32, /* as many as a Setup holds */
    ROSTER_GATEWAYS_MAX = 32,
    ROSTER_USERS_MAX = 8192
};

struct roster_gateway {
    struct gateway_row row;
    bool up;
    uint64_t epoch; /* the last one that rose */
};

struct roster_user {
    struct user_row row;
    uint64_t closed_ms; /* sessions opened until then are over */
    char phone[161];    /* that registered last; empty: the row's */
};

struct roster {
    uint32_t line_count;
    struct line_row lines[ROSTER_LINES_MAX];
    uint32_t gateway_count;
    struct roster_gateway gateways[ROSTER_GATEWAYS_MAX];
    uint32_t user_count;
    struct roster_user *users; /* ROSTER_USERS_MAX, sorted by number */
    struct template_row templates[TEMPLATE_COUNT];
    struct wish_row wishes[CITIZEN_WISH_COUNT];
    uint64_t lost_ms; /* silence until a gateway counts as dead */
    uint32_t utc_offset_min;
    uint32_t text_parts;      /* of a text, at most; 0: as many as it takes */
    uint8_t digest[32];       /* of the city that was applied last */
    char south[13], west[13]; /* its south-western corner, in degrees */
    uint32_t lines_version;   /* changes when a Setup does */
    uint64_t at_ms;           /* of the last event */
    uint32_t ignored;         /* rows beyond the maxima above */
};

/* Returns 0 or -ENOMEM. */
int roster_open(struct roster *roster);
void roster_close(struct roster *roster);

void roster_apply(struct roster *roster, const struct event *event);

/* NULL when there is none. Retired rows are found too. */
const struct line_row *roster_line(const struct roster *roster, uint32_t line);
const struct roster_gateway *roster_gateway(const struct roster *roster, uint32_t gateway);
const struct roster_gateway *roster_gateway_named(const struct roster *roster, const char *name);
const struct roster_user *roster_user(const struct roster *roster, uint32_t user);
const struct roster_user *roster_user_of_login(const struct roster *roster, const char *login);

static inline bool roster_has_role(const struct roster_user *user, enum role role)
{
    return user && (user->row.roles & (1U << (unsigned)role));
}

/* Into an empty *setup: what gateways are told of the lines, and where the takers whom a plan of survival names
 * are rung. */
void roster_setup(const struct roster *roster, struct setup *setup);

#endif
