/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * follower: a standby's life until it leads: it takes the leader's turns (turns.h), makes each durable in
 * a journal of its own (understudy.h), and says so. It decides nothing and opens no port but its metrics'. The word
 * to lead is the file HOME/run/take-over, which `yihao cluster take-over` makes, or the arbiter's
 * (docs/decisions/0016-standby.md, 0035-arbiter.md). */
#ifndef DISPATCHER_IO_FOLLOWER_H
#define DISPATCHER_IO_FOLLOWER_H

#include <stdbool.h>

#include "proto/settings.h"

enum follower_end {
    FOLLOWER_STOPPED, /* SIGTERM */
    FOLLOWER_LEADS,   /* open the dispatcher with *understudy */
    FOLLOWER_FAILED   /* the reason is in the log */
};

struct understudy;

/* Signals must be blocked. Gives *understudy with FOLLOWER_LEADS alone. */
enum follower_end follower_run(const struct settings *settings, struct understudy **understudy);

/* Whether somebody listens at the twin's endpoint for turns, which only a leader does. A twin that cannot
 * be reached within TWIN_WAIT_MS does not. */
enum {
    TWIN_WAIT_MS = 300
};
bool follower_twin_leads(const char *endpoint);

#endif
