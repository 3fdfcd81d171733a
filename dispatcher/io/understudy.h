/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * understudy: what a dispatcher keeps while another one leads: a journal of its own that takes the leader's turns, and a mind
 * (mind.h) that is live: it takes up the events of each turn as they come. Whoever brings the turns (follower.h by wire,
 * annalist.h from the annals), taking over is the same: the journal is opened over these tables, and what the mind stands at
 * must be what the journal says (docs/decisions/0049-live-core.md).
 *
 * Durable first: a mind that cannot keep up, or meets an event of a newer program, holds back no turn. It is not live
 * then, says so, and taking over goes on from where it stands. */
#ifndef DISPATCHER_IO_UNDERSTUDY_H
#define DISPATCHER_IO_UNDERSTUDY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "dispatcher/io/mind.h"
#include "dispatcher/store/store.h"
#include "proto/settings.h"

enum {
    UNDERSTUDY_EVENTS_MAX = 4096 /* taken up at once, before the leader is heard again */
};

struct understudy;

/* Opens the home's journal without changing it, and begins the mind. Returns 0 and *understudy (close with understudy_close(),
 * which accepts NULL), or a negative errno after a line of log. settings are borrowed. */
int understudy_open(struct understudy **understudy, const struct settings *settings);
void understudy_close(struct understudy *understudy);

/* Where its journal stands; whether it holds nothing at all. */
const struct store_mark *understudy_mark(const struct understudy *understudy);
bool understudy_is_empty(const struct understudy *understudy);

/* A journal that holds nothing begins there. */
void understudy_begin_at(struct understudy *understudy, const struct store_mark *mark);

/* One or more turns of the leader: they are durable when understudy_commit() returned 0, all of them or none. Returns 0 or
 * a negative errno, -EBADMSG: that is no turn, or it does not lead to `after`. Any error is final. */
int understudy_write(struct understudy *understudy);
int understudy_turn(struct understudy *understudy, const struct store_mark *after,
                    struct slice changes);
int understudy_commit(struct understudy *understudy);
/* None came after all. */
void understudy_drop(struct understudy *understudy);

/* Takes up what is durable, up to UNDERSTUDY_EVENTS_MAX events. Returns true when it wants to be called again at
 * once. */
bool understudy_learn(struct understudy *understudy);

/* Now and then: brings the tables into order, follows the vault's root, and keeps a snapshot. Returns 0 or a negative
 * errno. */
int understudy_settle(struct understudy *understudy);

/* At a clean end: the next life begins with a snapshot. */
void understudy_finish(struct understudy *understudy);

/* Its figures, for whoever serves metrics meanwhile. */
bool understudy_is_live(const struct understudy *understudy);
void understudy_figures(const struct understudy *understudy, struct text *text);

/* Gives tables and mind to a dispatcher that leads from now on, and closes the rest: *store is for
 * journal_settings.store. */
void understudy_give(struct understudy *understudy, struct store **store, struct mind *mind,
                     struct roster *roster);

#endif
