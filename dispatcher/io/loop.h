/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * loop: one dispatcher over one home, from opening the journal to a clean stop. */
#ifndef DISPATCHER_IO_LOOP_H
#define DISPATCHER_IO_LOOP_H

#include <stdbool.h>

#include "proto/settings.h"

struct dispatcher;
struct understudy;
struct annalist;

/* What it was before it leads. Taken over, in any case. */
struct dispatcher_start {
    struct understudy *understudy; /* NULL: it followed nobody, and opens its journal itself */
    struct annalist *annalist;     /* NULL: it leads without annals */
    bool takes_over;               /* by an arbiter's word, a former leader's, or a person's */
};

/* Opens the journal, replays it, loads the city, binds the bus. Returns 0 and *dispatcher, or a
 * negative errno after a line of log. settings and name are borrowed. SIGTERM, SIGINT and SIGHUP
 * must be blocked already. */
int dispatcher_open(struct dispatcher **dispatcher, const struct settings *settings,
                    const char *name, const struct dispatcher_start *start);
void dispatcher_close(struct dispatcher *dispatcher);

/* Runs until SIGTERM or SIGINT. */
void dispatcher_run(struct dispatcher *dispatcher);

/* It ended because it handed the lead to its twin. */
bool dispatcher_resigned(const struct dispatcher *dispatcher);

/* What it runs: take → decide → one durable commit → speak. Returns true when more waits already. */
bool dispatcher_turn(struct dispatcher *dispatcher);

/* How long nothing is due by itself. */
int dispatcher_wait_ms(const struct dispatcher *dispatcher);

#endif
