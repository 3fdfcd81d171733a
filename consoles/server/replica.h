/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * replica: this server's own copy of events and views, in HOME/NAME/views, and the stream made of
 * it. Published rows go in here first; only what the replica holds is shown to anybody. */
#ifndef CONSOLES_SERVER_REPLICA_H
#define CONSOLES_SERVER_REPLICA_H

#include <stdbool.h>
#include <stdint.h>

#include "consoles/server/feed.h"
#include "proto/json.h"

enum {
    REPLICA_BATCH = 64 /* rows in one transaction */
};

struct replica;

/* Called for each event after it was applied. */
typedef void replica_applied(void *owner, const struct event *event);

/* Opens HOME/NAME/views (made when missing) and fills the feed with the last events. Returns 0 and
 * *replica, or a negative errno. */
int replica_open(struct replica **replica, const char *home, const char *name,
                 replica_applied *applied, void *owner);
void replica_close(struct replica *replica);

/* Takes the next row of the stream. Full batches are applied at once; replica_flush() applies the
 * rest. Returns 0; -EBADMSG when the rows do not continue what the replica holds (it must be built
 * anew, see replica_put_aside()); or the store's error. */
int replica_take(struct replica *replica, uint64_t epoch, const struct stored_event *row);
int replica_flush(struct replica *replica);

/* Closes the replica and renames its folder, so that the next start builds a new one. */
int replica_put_aside(struct replica *replica, uint64_t wall_ms);

uint64_t replica_seq(const struct replica *replica);
uint64_t replica_epoch(const struct replica *replica);
const struct feed *replica_feed(const struct replica *replica);

/* As views_conceal(). */
void replica_conceal(struct replica *replica, const struct user_row *user,
                     const struct query *query, struct answer *answer);

void replica_query(struct replica *replica, const struct query *query, uint64_t wall_ms,
                   struct answer *answer);

/* The incident with its tasks; false when there is none. */
bool replica_incident(struct replica *replica, uint64_t incident, struct incident_detail *detail);

/* A stored event, valid until the next call; NULL when it cannot be read. */
const struct event *replica_event(struct replica *replica, const struct stored_event *row);

/* The same with what lies about it, redacted for the user. */
const struct record *replica_record(struct replica *replica, const struct stored_event *row,
                                    const struct user_row *user);

/* A stored event as the API shows it (docs/console-api.md §4), redacted for the user. NULL when it
 * cannot be read or memory is short. */
json_t *replica_event_json(struct replica *replica, const struct stored_event *row,
                           const struct user_row *user);

#endif
