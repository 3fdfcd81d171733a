/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * views: what people look up, built from events alone: live contacts and takers, incidents by
 * number, department, state, day and caller, tasks, callbacks, texts, recordings, the city's tables,
 * each incident's trail. The dispatcher keeps them inside the journal's store and transactions; a
 * console server keeps its own copy in a file of its own. Rebuilding from the events gives the same
 * bytes (views_digest), and a test holds that. */
#ifndef DISPATCHER_VIEWS_VIEWS_H
#define DISPATCHER_VIEWS_VIEWS_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/message.h"

struct views;
struct store; /* dispatcher/store/store.h */
struct transaction;

/* A replica: opens or creates the views in a folder of their own, with the stored events beside
 * them. Returns 0 and *views, or a negative errno. Close with views_close() (accepts NULL). */
int views_open(struct views **views, const char *folder);
void views_close(struct views *views);

/* Inside a journal's store: views_apply() for every event and views_settle() before the commit keep
 * them in the journal's own transactions. Brings them up to the last stored event first. */
int views_open_inside(struct views **views, struct store *store, uint64_t epoch);
int views_apply(struct views *views, struct transaction *write, const struct event *event);
int views_settle(struct views *views, struct transaction *write);

/* The last event applied. */
uint64_t views_seq(const struct views *views);

/* Applies stored events (seq = views_seq() + 1, + 2, …) in one transaction. rows hold packed
 * Records. epoch: the dispatcher's. Returns 0, -EBADMSG for a record that does not unpack or does
 * not chain (the replica verifies the chain value of each row), or the store's error. */
int views_apply_rows(struct views *views, uint64_t epoch, const struct stored_event *rows,
                     uint32_t count);

/* Answers a question from the views, within one short read transaction. now_ms: for ages and the
 * city's midnight. answer->refusal tells NO_SUCH_…; the answer always fits a bus frame. */
void views_query(struct views *views, const struct query *query, uint64_t now_ms,
                 struct answer *answer);

/* Takes out of an answer what of secret incidents this user may not know: rows, events, references. What the
 * question was about becomes NO_SUCH_…. Whoever must rule about lowering the secrecy still finds that. */
void views_conceal(struct views *views, const struct user_row *user, const struct query *query,
                   struct answer *answer);

/* Who may see the incident (proto/access.h); false: it is no secret. */
struct circle;
bool views_circle(struct views *views, uint64_t incident, struct circle *circle);

/* Up to max stored events behind `after`. Returns how many, or a negative errno. */
int views_rows(struct views *views, uint64_t after, struct stored_event *rows, int max);

/* The first event behind `after` of an incident's trail (its contacts' earlier events included).
 * Returns 0 or -ENOENT. */
int views_trail_next(struct views *views, struct transaction *transaction, uint64_t incident,
                     uint64_t after, uint64_t *seq);

/* The next contact, or incident, behind *after, which moves on, as a rule of retention wants to know it: since_ms 0 when
 * it has not ended, was erased, or is a contact of which a case came. Returns 0; -ENOENT: there are no more. */
int views_kept_next(struct views *views, bool incidents, uint64_t *after,
                    struct retention_step *kept);

/* The first contact of the caller behind *after, which moves on; at most `max` are looked at. Returns 0, *contact 0 when it was
 * none of those; -ENOENT: there are no more. */
int views_contact_of(struct views *views, uint64_t caller, uint64_t *after, int max,
                     uint64_t *contact);

/* The event with which a closed incident left memory; -ENOENT: it did not, or came back. */
int views_left(struct transaction *transaction, uint64_t incident, uint64_t *seq);

/* BLAKE2b-256 over every view entry, to compare with a rebuild. */
int views_digest(struct views *views, uint8_t digest[32]);

#endif
