/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * smpp_session: one ESME's transceiver session with one message centre (SMPP v3.4 §2), without
 * socket or clock: steps come in by calls that carry the time, what is to be done goes out through
 * the handlers. The states are a table, pinned by tests/golden/smpp_session.ok.
 *
 * Guarantees:
 *  - at most `window` submit_sm wait for their answer; each one ends exactly once, by answered()
 *    (the centre answered) or by unknown() (the connection ended before it did);
 *  - a line that is silent for SMPP_ENQUIRE_MS is asked, and given up SMPP_ANSWER_MS later;
 *  - after a loss the next try comes 1 s later, doubling to 60 s until a bind is accepted, each wait
 *    ±50 %, so that many gateways never come back in one moment (reliability rule F18);
 *  - "throttled" and "queue full" slow the sending down (bucket.h). */
#ifndef GATEWAYS_SMS_SMPP_SESSION_H
#define GATEWAYS_SMS_SMPP_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/prng.h"
#include "gateways/sms/bucket.h"
#include "gateways/sms/piece.h"
#include "gateways/sms/receipt.h"
#include "gateways/sms/smpp_pdu.h"

enum {
    SMPP_WINDOW_MAX = 128,
    SMPP_WINDOW_USUAL = 10,
    SMPP_CONNECT_MS = 10000, /* TCP, and then the bind's answer */
    SMPP_ANSWER_MS = 10000,  /* for enquire_link and unbind */
    SMPP_SUBMIT_MS = 30000,  /* for submit_sm: centres may be slow to take a text */
    SMPP_ENQUIRE_MS = 30000,
    SMPP_RETRY_FIRST_MS = 1000,
    SMPP_RETRY_LAST_MS = 60000
};

enum smpp_state {
    SMPP_STATE_NONE,
    SMPP_STATE_CLOSED,
    SMPP_STATE_CONNECTING,
    SMPP_STATE_BINDING,
    SMPP_STATE_BOUND,
    SMPP_STATE_UNBINDING,
    SMPP_STATE_COUNT
};

enum smpp_step {
    SMPP_STEP_CONNECT,   /* the wait is over */
    SMPP_STEP_CONNECTED, /* TCP stands */
    SMPP_STEP_BIND_OK,   /* bind_transceiver_resp without error */
    SMPP_STEP_BIND_REFUSED,
    SMPP_STEP_LOST,        /* connection ended, or an answer did not come */
    SMPP_STEP_STOP,        /* the operator stops the program */
    SMPP_STEP_UNBOUND,     /* unbind_resp */
    SMPP_STEP_PEER_UNBIND, /* the centre unbinds */
    SMPP_STEP_COUNT
};

struct smpp_handlers {
    void (*connect)(void *owner);
    void (*close)(void *owner); /* the connection, at once; not answered by smpp_session_lost() */
    void (*send)(void *owner, const struct smpp_pdu *pdu);
    void (*bound)(void *owner);
    void (*ended)(void *owner); /* the connection is gone, however that came */
    /* A citizen's words, or a receipt; whoever takes it answers by smpp_session_answer(). */
    void (*letter)(void *owner, const struct piece_in *in);
    void (*receipt)(void *owner, const struct receipt *receipt, const struct piece_token *token);
    void (*answered)(void *owner, const struct piece_answer *answer);
    void (*unknown)(void *owner, struct parcel parcel);
};

struct smpp_settings {
    char system_id[16];
    char password[9];
    char system_type[13];
    uint32_t window; /* 1 … SMPP_WINDOW_MAX */
};

struct smpp_counts {
    uint64_t connects, binds, bind_refusals, losses;
    uint64_t submits, submit_refusals, throttled, unknown_outcomes;
    uint64_t delivers, enquiries;
    uint64_t stray, malformed, unknown_commands, broken_options, garbage, bad_receipts;
};

struct smpp_flight {
    uint32_t sequence; /* 0: free */
    uint64_t due_ms;
    struct parcel parcel;
};

/* Embedded by its owner; members are read by tests only. */
struct smpp_session {
    enum smpp_state state;
    bool stopping;
    struct smpp_settings settings;
    const struct smpp_handlers *handlers;
    void *owner;
    struct prng prng;
    struct bucket bucket;
    struct smpp_counts counts;
    uint16_t bind_number; /* its place among the gateway's binds */
    uint32_t connection;  /* how many there were */
    uint32_t next_sequence;
    uint32_t wait_ms;    /* the next wait before it is jittered */
    uint64_t due_ms;     /* connect again, or give up waiting for TCP, bind or unbind */
    uint64_t heard_ms;   /* the last PDU of the centre */
    uint32_t enquiry;    /* sequence of the open enquire_link, 0: none */
    uint64_t enquiry_ms; /* give up then */
    uint32_t bind;       /* sequence of the bind or unbind */
    uint32_t in_flight;
    struct smpp_flight flights[SMPP_WINDOW_MAX];
};

/* handlers and owner are borrowed for the session's life. The first tick connects. */
void smpp_session_init(struct smpp_session *session, const struct smpp_settings *settings,
                       const struct smpp_handlers *handlers, void *owner, uint64_t seed,
                       uint64_t now_ms);

/* When smpp_session_tick() has something to do, in the clock of now_ms. */
uint64_t smpp_session_due(const struct smpp_session *session);
void smpp_session_tick(struct smpp_session *session, uint64_t now_ms);

void smpp_session_connected(struct smpp_session *session, uint64_t now_ms);
void smpp_session_lost(struct smpp_session *session, uint64_t now_ms);
void smpp_session_stop(struct smpp_session *session, uint64_t now_ms);
bool smpp_session_is_bound(const struct smpp_session *session);
bool smpp_session_is_over(const struct smpp_session *session); /* stopped and closed */

/* One PDU as it came, by its measured length. */
void smpp_session_take(struct smpp_session *session, const uint8_t *bytes, size_t length,
                       uint64_t now_ms);
/* What came is no PDU: the stream is given up. */
void smpp_session_garbage(struct smpp_session *session, uint64_t now_ms);

/* Sends a piece. Returns 0, -ENOTCONN while not bound, or -EAGAIN while the window is full or the
 * centre wants it slower; smpp_session_room() tells beforehand. */
int smpp_session_submit(struct smpp_session *session, const struct piece_out *piece,
                        uint64_t now_ms);
bool smpp_session_room(const struct smpp_session *session, uint64_t now_ms);

/* Answers what came in, unless its connection has ended since. */
void smpp_session_answer(struct smpp_session *session, const struct piece_token *token,
                         enum piece_verdict verdict);

/* SMPP_STATE_NONE: the step does not belong into the state and changes nothing. */
enum smpp_state smpp_state_next(enum smpp_state state, enum smpp_step step);
const char *smpp_state_name(enum smpp_state state);
const char *smpp_step_name(enum smpp_step step);

#endif
