/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * session: one connection's conversation with one message centre, whichever protocol it speaks,
 * without socket or clock: steps come in by calls that carry the time, what is to be done goes out
 * through the handlers. Which state follows upon which step is a table of the protocol, pinned by
 * tests/golden/sessions.ok; how its PDUs look and what they mean is protocol.h's.
 *
 * A session either calls the centre or is called by it (SGIP's deliveries, SMPP's outbind).
 *
 * Guarantees:
 *  - at most `window` pieces wait for their answer; each one ends exactly once, by answered() (the
 *    centre answered) or by unknown() (the connection ended before it did). Of a window of SESSION_RESERVE_FROM
 *    and more, one place is for urgent pieces alone;
 *  - a line that is silent for the centre's enquire_s is asked, and given up SESSION_ANSWER_MS later;
 *  - after a loss the next try comes 1 s later, doubling to 60 s until a bind is accepted, each wait
 *    ±50 %, so that many gateways never come back in one moment (reliability rule F18);
 *  - "throttled" and "queue full" slow the sending down (bucket.h). */
#ifndef GATEWAYS_SMS_SESSION_H
#define GATEWAYS_SMS_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/prng.h"
#include "gateways/sms/bucket.h"
#include "gateways/sms/piece.h"
#include "gateways/sms/receipt.h"
#include "proto/settings.h"

enum {
    SESSION_WINDOW_MAX = 128,
    SESSION_RESERVE_FROM = 4,
    SESSION_CONNECT_MS = 10000, /* TCP, and then the bind's answer */
    SESSION_ANSWER_MS = 10000,  /* for enquiries and unbinding */
    SESSION_SUBMIT_MS = 30000,  /* for a piece: centres may be slow to take a text */
    SESSION_RETRY_FIRST_MS = 1000,
    SESSION_RETRY_LAST_MS = 60000,
    SESSION_PDU_OUT_MAX =
        8192 /* the longest PDU we write: 254 numbers of 24 octets, and the words */
};

enum session_state {
    SESSION_STATE_NONE,
    SESSION_STATE_CLOSED,
    SESSION_STATE_CONNECTING,
    SESSION_STATE_LISTENING, /* for the centre to connect */
    SESSION_STATE_GREETING,  /* it did: who is it? */
    SESSION_STATE_BINDING,
    SESSION_STATE_BOUND,
    SESSION_STATE_UNBINDING,
    SESSION_STATE_COUNT
};

enum session_step {
    SESSION_STEP_CONNECT,   /* the wait is over */
    SESSION_STEP_CONNECTED, /* TCP stands */
    SESSION_STEP_LISTEN,
    SESSION_STEP_ACCEPTED,  /* the centre's TCP stands */
    SESSION_STEP_OUTBIND,   /* the centre asks us to bind */
    SESSION_STEP_PEER_BIND, /* the centre binds to us */
    SESSION_STEP_BIND_OK,
    SESSION_STEP_BIND_REFUSED, /* by the centre, or by us */
    SESSION_STEP_LOST,         /* connection ended, or an answer did not come */
    SESSION_STEP_STOP,         /* the operator stops the program */
    SESSION_STEP_UNBOUND,      /* the centre's answer to our unbind */
    SESSION_STEP_PEER_UNBIND,
    SESSION_STEP_COUNT
};

/* One row per state, one cell per permitted step; an empty cell changes nothing. */
typedef uint8_t session_table[SESSION_STATE_COUNT][SESSION_STEP_COUNT];

/* Which way the texts go on this connection. */
enum session_role {
    SESSION_ROLE_BOTH,
    SESSION_ROLE_SEND,
    SESSION_ROLE_RECEIVE,
    SESSION_ROLE_ANSWER /* the centre connects, and delivers */
};

/* Each tells the bind's number; none calls back into the session unless it says so. */
struct session_handlers {
    void (*connect)(void *owner, uint16_t bind);
    void (*close)(void *owner, uint16_t bind); /* at once; not answered by session_lost() */
    void (*write)(void *owner, uint16_t bind, const uint8_t *bytes, size_t length);
    void (*bound)(void *owner, uint16_t bind);
    void (*ended)(void *owner, uint16_t bind); /* the connection is gone, however that came */
    /* A citizen's words, or a receipt; whoever takes it answers by session_answer(), now or later. */
    void (*letter)(void *owner, const struct piece_in *in);
    void (*receipt)(void *owner, const struct receipt *receipt, const struct piece_token *token);
    void (*answered)(void *owner, const struct piece_answer *answer);
    void (*unknown)(void *owner, struct parcel parcel);
    /* What session_replace() was for; PIECE_NONE: nobody knows, the connection ended or no answer came in time. */
    void (*replaced)(void *owner, const struct piece_answer *answer);
};

struct session_counts {
    uint64_t connects, binds, bind_refusals, losses;
    uint64_t submits, submit_refusals, throttled, unknown_outcomes;
    uint64_t delivers, receipts, enquiries, queries;
    uint64_t stray, malformed, unknown_commands, misplaced, broken_options, garbage, bad_receipts;
};

struct session_flight {
    uint32_t sequence; /* 0: free */
    uint64_t due_ms;
    struct parcel parcel;
    bool is_question; /* about a piece sent before: no answer is due to anybody but the receipt … */
    bool replaces;    /* … except to this one */
};

struct protocol;

/* Embedded by its owner; members are for the protocols and for tests. */
struct session {
    const struct protocol *protocol;
    const struct centre_settings *centre;
    enum session_role role;
    uint16_t number;      /* of the bind */
    uint8_t centre_index; /* in the settings */
    enum session_state state;
    bool stopping;
    const struct session_handlers *handlers;
    void *owner;
    struct prng prng;
    struct bucket bucket;
    struct session_counts counts;
    uint32_t connection; /* how many there were */
    uint32_t last_sequence;
    uint32_t wait_ms;  /* the next wait before it is jittered */
    uint64_t due_ms;   /* connect again, or give up waiting for TCP, bind or unbind */
    uint64_t heard_ms; /* the last PDU of the centre */
    uint64_t now_ms;   /* of the call under way */
    struct octets raw; /* the PDU of the call under way, while it brings one */
    const struct piece_failures *failures; /* that it names */
    uint64_t wall_ms;    /* UTC, for the protocols that write times; the owner keeps it */
    uint32_t enquiry;    /* sequence of the open enquiry, 0: none */
    uint64_t enquiry_ms; /* give up then */
    uint32_t bind;       /* sequence of the bind or unbind */
    uint8_t proof[16];   /* what we authenticated with (CMPP, SMGP) */
    uint32_t in_flight;
    struct session_flight flights[SESSION_WINDOW_MAX];
};

/* Which connection of which centre a session is, and who hears of it. All pointers are borrowed for
 * the session's life. */
struct session_bind {
    const struct centre_settings *centre;
    uint8_t centre_index; /* in the settings */
    enum session_role role;
    uint16_t number;
    const struct session_handlers *handlers;
    void *owner;
};

/* The first tick connects. */
void session_init(struct session *session, const struct session_bind *bind, uint64_t seed,
                  uint64_t now_ms);

/* When session_tick() has something to do, in the clock of now_ms. */
uint64_t session_due(const struct session *session);
void session_tick(struct session *session, uint64_t now_ms);

void session_connected(struct session *session, uint64_t now_ms);
/* The centre connected. False: this session does not wait for it. */
bool session_accepted(struct session *session, uint64_t now_ms);
void session_lost(struct session *session, uint64_t now_ms);
void session_stop(struct session *session, uint64_t now_ms);
bool session_is_bound(const struct session *session);
bool session_is_connected(const struct session *session);
bool session_is_over(const struct session *session); /* stopped and closed */

/* How long the PDU at the start of the bytes is; 0: not yet known; -EBADMSG: it is none. */
int session_measure(const struct session *session, const uint8_t *bytes, size_t count);
/* One PDU as it came, by its measured length. */
void session_take(struct session *session, const uint8_t *bytes, size_t length, uint64_t now_ms);
/* What came is no PDU: the stream is given up. */
void session_garbage(struct session *session, uint64_t now_ms);

/* Sends a piece. Returns 0, -ENOTCONN while not bound, -EAGAIN while the window is full or the
 * centre wants it slower (session_room() tells beforehand), or -EINVAL when the protocol cannot
 * carry it: nothing is sent then and no answer comes. */
int session_submit(struct session *session, const struct piece_out *piece, uint64_t now_ms);
/* What receipts will call the piece that was submitted last, where we name it (SGIP); else empty. */
void session_own_id(const struct session *session, char id[PIECE_ID_BYTES]);
bool session_room(const struct session *session, bool urgent, uint64_t now_ms);
/* When there may be room by the time alone; UINT64_MAX: an answer must come first. */
uint64_t session_room_due(const struct session *session, bool urgent, uint64_t now_ms);
bool session_sends(const struct session *session); /* bound, and texts may go out */

/* How many texts a bundle may have that is submitted now, where the centre takes bundles; 0: none. */
uint32_t session_bundle_room(struct session *session, uint64_t now_ms);

/* Asks what became of a piece sent before, where the protocol can (SMPP): the answer comes as a
 * receipt whose token nobody needs to answer. Returns as session_submit(), -ENOTSUP. */
int session_query(struct session *session, const char *message_id, const char *source,
                  uint64_t now_ms);
/* Takes back a piece the centre has not delivered yet (SMPP cancel_sm, CMPP_CANCEL). No answer is
 * told; the receipt says what became of it. Returns as session_query(). */
int session_cancel(struct session *session, const char *message_id, const struct piece_out *piece,
                   uint64_t now_ms);
/* Gives a piece the centre has not delivered yet other words (SMPP replace_sm); its id stays. */
int session_replace(struct session *session, const char *message_id, const struct piece_out *piece,
                    uint64_t now_ms);

/* Answers what came in, unless its connection has ended since. */
void session_answer(struct session *session, const struct piece_token *token,
                    enum piece_verdict verdict);

const char *session_state_name(enum session_state state);
const char *session_step_name(enum session_step step);

#endif
