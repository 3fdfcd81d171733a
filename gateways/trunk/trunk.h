/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * trunk: the program's one loop: SIP, bus, sound and time meet here and nowhere else.
 *
 * Its files in HOME/NAME: epoch (call numbers never repeat), lines, spool, recordings/. SIGTERM
 * begins to drain: new calls get 503, live ones go on for TRUNK_DRAIN_MS, then they are hung up;
 * a second SIGTERM hangs them up at once. */
#ifndef GATEWAYS_TRUNK_TRUNK_H
#define GATEWAYS_TRUNK_TRUNK_H

#include "proto/settings.h"

enum {
    TRUNK_DRAIN_MS = 20000,
    TRUNK_FLUSH_MS = 2000, /* for BYE's answers, recordings and last reports */
    TRUNK_SETTLED_TURNS = 3,
    TRUNK_RECORDED_MS = 250 /* recordings that end within it are told together (media.h) */
};

/* Reads what a start would read (networks, phones, keys) and touches nothing: no port, no file. Returns
 * 0, or -EINVAL after everything that is wrong was logged. */
int trunk_check(const struct settings *settings, const struct trunk_settings *own);

/* Runs until told to stop. Returns 0 or a negative errno, logged. */
int trunk_run(const struct settings *settings, const struct trunk_settings *own);

#endif
