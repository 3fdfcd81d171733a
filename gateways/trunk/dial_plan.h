/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * dial_plan: which numbers are the city's, as the dispatcher told it, kept in a file so that a gateway
 * that starts without a dispatcher still answers. Before the first word of a dispatcher the
 * national numbers hold: 110, 119, 120, 122 as emergency lines, and 12345. */
#ifndef GATEWAYS_TRUNK_DIAL_PLAN_H
#define GATEWAYS_TRUNK_DIAL_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/message.h"
#include "proto/survival.h"

enum {
    DIAL_PLAN_LINES_MAX = 32,
    DIAL_PLAN_PHONES_MAX = 64 /* of takers whom the lines' plans name */
};

struct line {
    uint32_t number;
    bool emergency;
    bool header_language; /* take the caller's Accept-Language */
    enum language language;
    char survival
        [SURVIVAL_WORDS_BYTES]; /* whom its callers reach without a dispatcher; empty: nobody */
};

struct planned_phone {
    uint32_t user;
    char uri[161];
};

struct dial_plan {
    uint32_t count;
    struct line rows[DIAL_PLAN_LINES_MAX];
    uint32_t phone_count;
    struct planned_phone phones[DIAL_PLAN_PHONES_MAX];
};

void dial_plan_default(struct dial_plan *plan);
void dial_plan_from_setup(struct dial_plan *plan, const struct setup *setup);
bool dial_plan_is_same(const struct dial_plan *a, const struct dial_plan *b);

/* The line of this number, NULL: none. */
const struct line *dial_plan_line(const struct dial_plan *plan, uint32_t number);

/* Where a plan's target is rung, NULL: nobody knows. */
const char *dial_plan_uri(const struct dial_plan *plan, const struct survival_target *target);

/* The taker's telephone registered here. True when a line's plan names them and it is another one now. */
bool dial_plan_learn(struct dial_plan *plan, uint32_t user, const char *uri);

/* One line of text a row: number, "emergency" or "ordinary", the language ("none"), "*" when the caller's own
 * header counts, "|" and its plan of survival; then "phone", a taker's number and telephone. Returns 0 or a
 * negative errno; a file that cannot be read as a whole leaves *plan alone. Writing is atomic and durable. */
int dial_plan_read(struct dial_plan *plan, const char *path);
int dial_plan_write(const struct dial_plan *plan, const char *path);

/* The line a request URI means, or NULL: the number itself; behind a country and area code
 * (+86 551 110, 0551 12345), separators allowed; urn:service:sos and its police, fire, ambulance
 * (RFC 5031). scheme as in the URI, user its number part. */
const struct line *dial_plan_find(const struct dial_plan *plan, const char *scheme,
                                  const char *user);

/* The same, and whether it is a synthetic call for that line: urn:service:test.sos… (RFC 6881), or
 * "test-" before the number. */
const struct line *dial_plan_test(const struct dial_plan *plan, const char *scheme,
                                  const char *user, bool *test);

#endif
