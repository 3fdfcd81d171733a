/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * citizen: the page /q, on which a citizen follows the own order: by number and code, without script, in
 * Chinese and English. It shows where the order stands and what was done, never anybody's name, number or
 * words. Each sign-in and each act is an event of the trail; the code is compared by the dispatcher alone
 * (docs/decisions/0014-code.md). */
#ifndef CONSOLES_SERVER_CITIZEN_H
#define CONSOLES_SERVER_CITIZEN_H

#include "consoles/server/http.h"
#include "consoles/server/leaflet.h"
#include "consoles/server/throttle.h"
#include "consoles/server/visit.h"
#include "consoles/server/waiting.h"
#include "proto/message.h"

enum {
    CITIZEN_TRIES = 10, /* sign-ins of one address; one comes back each minute */
    CITIZEN_REGAIN_MS = 60 * 1000,
    CITIZEN_NUMBER_TRIES = 5, /* wrong codes of one order number; one comes back each ten minutes */
    CITIZEN_NUMBER_REGAIN_MS = 10 * 60 * 1000,
    CITIZEN_ACTS = 20, /* acts on one order; one comes back each five minutes */
    CITIZEN_ACTS_REGAIN_MS = 5 * 60 * 1000,
    CITIZEN_SEEN_MS = 2000, /* so long the page behind an act waits for the tables to show it */
    CITIZEN_PAGE_MAX = 65536
};

struct console;

struct citizen_counts {
    uint64_t pages, sign_ins, acts, wrong, throttled;
};

struct citizens {
    struct leaflet *leaflet;
    struct visits visits;
    struct throttle addresses, numbers, acts;
    struct citizen_counts counts;
};

/* Reads the page's text below the folder of the pages. NULL: it cannot be used; a log line says why. */
struct citizens *citizens_open(const char *web);
void citizens_close(struct citizens *citizens);

bool citizen_has_path(const char *path);

void citizen_request(struct console *console, struct exchange *exchange,
                     const struct request *request);

/* Whose own step stands in the tables by now, or does not come in time: to their page. */
void citizen_seen(const struct waiter *waiter);

/* What the dispatcher answered, or BUSY when it did not in time. */
void citizen_outcome(struct console *console, const struct waiter *waiter,
                     const struct outcome *outcome);

#endif
