/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mind: what a dispatcher has in its head: core and roster, as the journal's events made them. It begins with the snapshot
 * where one fits, else with nothing, and takes up event by event: at a start those of the journal, while another dispatcher
 * leads those of each turn (understudy.h). Whoever leads then decides with it. */
#ifndef DISPATCHER_IO_MIND_H
#define DISPATCHER_IO_MIND_H

#include <stddef.h>
#include <stdint.h>

#include "dispatcher/core/core.h"
#include "dispatcher/io/roster.h"
#include "dispatcher/io/snapshot.h"
#include "proto/settings.h"

/* Where its events come from. read: up to max rows behind `after`; returns how many, or a negative errno. unpack: as
 * journal_unpack(). */
struct mind_source {
    void *owner;
    int (*read)(void *owner, uint64_t after, struct stored_event *rows, int max);
    int (*unpack)(void *owner, const struct stored_event *row, struct record *record);
};

struct mind {
    struct core *core; /* NULL: it has not begun */
    struct roster *roster;
    void *memory; /* the core's */
    size_t size;
    struct core_limits limits;
    uint64_t every; /* a snapshot each so many events */
    char path[SETTINGS_PATH_BYTES + 32];
    struct snapshot snapshot;
    struct snapshot_at at;   /* the last event that it took up */
    struct snapshot_at kept; /* the newest snapshot, written or being written */
    uint64_t replayed;       /* events taken up behind the snapshot */
    int keeper;              /* process that writes a snapshot, 0: none */
};

/* Makes room, and opens the roster, whose place is its owner's. orders_key: of the home, for the snapshot's MAC. Returns 0
 * or a negative errno; close with mind_close() in any case. One in a process can take up snapshots. */
int mind_open(struct mind *mind, const struct settings *settings, struct roster *roster,
              const uint8_t orders_key[32]);
void mind_close(struct mind *mind);

/* From the snapshot if it fits in every respect, else from nothing. Returns 0 or a negative errno. */
int mind_begin(struct mind *mind, const struct mind_source *source);

/* Does the source's history go on from where this mind stands? */
bool mind_fits(const struct mind *mind, const struct mind_source *source);

/* Takes up to max events. Returns 0: it has all; 1: it took so many; -EPROTONOSUPPORT: one of a kind that this program
 * does not know, and it stands before that; another negative errno. */
int mind_follow(struct mind *mind, const struct mind_source *source, uint64_t max);

/* Moves it to another owner, with the roster's place there; from is closed. */
void mind_move(struct mind *to, struct roster *roster, struct mind *from);

/* Between two turns, the journal standing at seq: lets a copy of the process write a snapshot when enough has
 * happened. */
void mind_keep(struct mind *mind, const struct mind_source *source, uint64_t seq);

/* At a clean end: writes the last snapshot. */
void mind_finish(struct mind *mind, const struct mind_source *source, uint64_t seq);

#endif
