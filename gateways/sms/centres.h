/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * centres: all the message centres of one gateway and its connections (binds) to each. Hands a piece
 * to a bind of the centre it is for, an answer to the bind it is owed to, and paces the connecting:
 * over all binds one try a second on the average, after as many as there are binds at once.
 *
 * A bind's number is its place here, from 0; the loop, or a test, brings bytes and times for it. */
#ifndef GATEWAYS_SMS_CENTRES_H
#define GATEWAYS_SMS_CENTRES_H

#include "gateways/sms/session.h"

struct centres;

/* settings, handlers and owner are borrowed. Returns 0, -ENOMEM, or -E2BIG for more than
 * PIECE_BINDS_MAX binds. */
int centres_open(struct centres **centres, const struct sms_settings *settings,
                 const struct session_handlers *handlers, void *owner, uint64_t seed,
                 uint64_t now_ms);
void centres_close(struct centres *centres);

/* The time of the call under way; UTC for the protocols that write dates. */
void centres_clock(struct centres *centres, uint64_t mono_ms, uint64_t wall_ms);

/* ----------------------------------------------------------------------------------- centres */

uint32_t centres_count(const struct centres *centres);
const struct centre_settings *centres_centre(const struct centres *centres, uint32_t centre);
/* The centre of this name; PIECE_CENTRES_MAX when there is none. */
uint8_t centres_find(const struct centres *centres, const char *name);
/* Texts can go out to it now: a bind that sends stands. */
bool centres_is_up(const struct centres *centres, uint32_t centre);
/* One of its binds takes a piece now. */
bool centres_room(const struct centres *centres, uint32_t centre, bool urgent);
/* When centres_room() may become true by the time alone; UINT64_MAX: an answer must come first. */
uint64_t centres_room_due(const struct centres *centres, uint32_t centre, bool urgent);

/* How many texts a bundle may have that is submitted to it now; 0: none. */
uint32_t centres_bundle_room(struct centres *centres, uint32_t centre);

/* As session_submit(), on whichever bind has room, taking turns; own_id as session_own_id(). */
int centres_submit(struct centres *centres, uint32_t centre, const struct piece_out *piece,
                   char own_id[PIECE_ID_BYTES]);
int centres_query(struct centres *centres, uint32_t centre, const char *message_id,
                  const char *source);
int centres_cancel(struct centres *centres, uint32_t centre, const char *message_id,
                   const struct piece_out *piece);
/* As session_replace(); -ENOTSUP: its protocol cannot. */
int centres_replace(struct centres *centres, uint32_t centre, const char *message_id,
                    const struct piece_out *piece);
void centres_answer(struct centres *centres, const struct piece_token *token,
                    enum piece_verdict verdict);
/* What a status of this centre is called in its protocol, for logs. */
const char *centres_status_name(const struct centres *centres, uint32_t centre, uint32_t status);

/* ------------------------------------------------------------------------------------- binds */

uint32_t centres_binds(const struct centres *centres);
const struct session *centres_bind(const struct centres *centres, uint32_t bind);

void centres_connected(struct centres *centres, uint32_t bind);
void centres_lost(struct centres *centres, uint32_t bind);
/* The centre called: the bind that takes the connection, or PIECE_BINDS_MAX when none waits. */
uint16_t centres_accepted(struct centres *centres, uint32_t centre);
/* Bytes of a bind. Returns how many were taken, whole PDUs only. */
size_t centres_bytes(struct centres *centres, uint32_t bind, const uint8_t *bytes, size_t count);

uint64_t centres_due(const struct centres *centres);
void centres_tick(struct centres *centres);
void centres_stop(struct centres *centres);
bool centres_is_over(const struct centres *centres);

#endif
