/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * waiting: who waits for which answer of the dispatcher. An asker that left is forgotten; an answer
 * that does not come is given up after WAITING_MS (the command may still be carried out: its key
 * makes asking again harmless). */
#ifndef CONSOLES_SERVER_WAITING_H
#define CONSOLES_SERVER_WAITING_H

#include <stdbool.h>
#include <stdint.h>

#include "consoles/server/screen.h"
#include "proto/message.h"

enum {
    WAITING_MAX = 1024,
    WAITING_MS = 10000
};

struct exchange;

enum wait {
    WAIT_NONE,
    WAIT_OUTCOME, /* by the link's ticket */
    WAIT_SIGN_IN, /* by the link's id */
    WAIT_PROVE,   /* by the link's id: of a session that is there */
    WAIT_LISTEN,  /* by ticket: a recording is fetched when the read is in the trail */
    WAIT_VISIT,   /* by ticket: a citizen on the own page */
    WAIT_EXPORT,  /* by ticket: a table leaves when that is in the trail */
    WAIT_PRINT,   /* by ticket: a page is opened for, or leaves when that is in the trail */
    WAIT_ATTACH,  /* by ticket: a file was sealed */
    WAIT_LOOK,    /* by ticket: an attachment is opened when the read is in the trail */
    WAIT_AML,     /* by ticket: a telephone's form */
    WAIT_SEEN,    /* by the last event of what a citizen did: the page that follows shows it */
    WAIT_REPLY    /* by the link's id: a question that the dispatcher alone can answer */
};

struct waiter {
    enum wait wait;
    uint64_t id;
    uint64_t until_ms;
    struct exchange *exchange; /* one of the two */
    struct screen *screen;
    char name[SCREEN_NAME_BYTES]; /* the screen's name for the command */
    uint64_t contact;             /* WAIT_LISTEN; WAIT_LOOK: the event */
    uint64_t visit;               /* WAIT_VISIT: its serial */
    enum visit_act act;
};

struct waiting {
    uint32_t count;
    struct waiter waiters[WAITING_MAX];
};

bool waiting_is_full(const struct waiting *waiting);

/* Keeps a copy. Requires room. */
void waiting_add(struct waiting *waiting, const struct waiter *waiter);

/* Takes the waiter of this id out into *waiter; false when nobody waits any more. */
bool waiting_take(struct waiting *waiting, enum wait wait, uint64_t id, struct waiter *waiter);

/* Takes out one who waited for this event, or for one before it. */
bool waiting_take_seen(struct waiting *waiting, uint64_t seq, struct waiter *waiter);

/* Takes out one whose time is over. */
bool waiting_take_late(struct waiting *waiting, uint64_t mono_ms, struct waiter *waiter);

/* The asker left. */
void waiting_forget(struct waiting *waiting, const struct exchange *exchange,
                    const struct screen *screen);

#endif
