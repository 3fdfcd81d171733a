/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * protocol: what a session needs to know of SMPP, CMPP, SGIP or SMGP, and what the protocols tell
 * the session in turn. Between smpp.c, cmpp.c, sgip.c, smgp.c and session.c only. */
#ifndef GATEWAYS_SMS_PROTOCOL_H
#define GATEWAYS_SMS_PROTOCOL_H

#include "gateways/sms/format.h"
#include "gateways/sms/session.h"

struct protocol {
    const char *name; /* in the settings */
    const struct format *format;
    const session_table *states;
    bool enquires; /* has a PDU to ask a silent line with */
    bool bundles;  /* has a PDU of many numbers, and takes failures of some of them */
    void (*bind)(struct session *session);
    void (*unbind)(struct session *session);
    void (*enquire)(struct session *session, uint32_t sequence);
    /* 0 or -EINVAL, with nothing written. */
    int (*submit)(struct session *session, const struct piece_out *piece, uint32_t sequence);
    void (*answer)(struct session *session, const struct piece_token *token,
                   enum piece_verdict verdict);
    void (*take)(struct session *session, const uint8_t *bytes, size_t length);
    void (*garbage)(struct session *session); /* the last word to it; NULL: none */
    /* NULL: the protocol cannot. */
    int (*query)(struct session *session, const char *message_id, const char *source,
                 uint32_t sequence);
    int (*cancel)(struct session *session, const char *message_id, const struct piece_out *piece,
                  uint32_t sequence);
    int (*replace)(struct session *session, const char *message_id, const struct piece_out *piece,
                   uint32_t sequence);
    /* What receipts will call the piece sent under this sequence number; NULL: the centre's answer says. */
    void (*own_id)(const struct session *session, uint32_t sequence, char id[PIECE_ID_BYTES]);
    const char *(*status_name)(uint32_t status);
};

extern const struct protocol protocol_smpp;
extern const struct protocol protocol_cmpp2;
extern const struct protocol protocol_cmpp3;
extern const struct protocol protocol_sgip;
extern const struct protocol protocol_smgp;

/* By its name in the settings; NULL for none. */
const struct protocol *protocol_find(const char *name);

/* Rows that all tables share: a connection that we make, and a bind from its request on. */
#define SESSION_ROWS_CONNECTING                                                                    \
    [SESSION_STATE_CONNECTING] = {                                                                 \
        [SESSION_STEP_CONNECTED] = SESSION_STATE_BINDING,                                          \
        [SESSION_STEP_LOST] = SESSION_STATE_CLOSED,                                                \
        [SESSION_STEP_STOP] = SESSION_STATE_CLOSED,                                                \
    }
#define SESSION_ROWS_BINDING                                                                       \
    [SESSION_STATE_BINDING] = {                                                                    \
        [SESSION_STEP_BIND_OK] = SESSION_STATE_BOUND,                                              \
        [SESSION_STEP_BIND_REFUSED] = SESSION_STATE_CLOSED,                                        \
        [SESSION_STEP_LOST] = SESSION_STATE_CLOSED,                                                \
        [SESSION_STEP_STOP] = SESSION_STATE_CLOSED,                                                \
        [SESSION_STEP_PEER_UNBIND] = SESSION_STATE_CLOSED,                                         \
    },                                                                                             \
    [SESSION_STATE_BOUND] = {                                                                      \
        [SESSION_STEP_LOST] = SESSION_STATE_CLOSED,                                                \
        [SESSION_STEP_STOP] = SESSION_STATE_UNBINDING,                                             \
        [SESSION_STEP_PEER_UNBIND] = SESSION_STATE_CLOSED,                                         \
    },                                                                                             \
    [SESSION_STATE_UNBINDING] = {                                                                  \
        [SESSION_STEP_LOST] = SESSION_STATE_CLOSED,                                                \
        [SESSION_STEP_STOP] = SESSION_STATE_UNBINDING,                                             \
        [SESSION_STEP_UNBOUND] = SESSION_STATE_CLOSED,                                             \
        [SESSION_STEP_PEER_UNBIND] = SESSION_STATE_CLOSED,                                         \
    }

/* A connection we make and a bind by one PDU, with its answer: SMPP, CMPP, SMGP. */
extern const session_table protocol_states_calling;

/* ------------------------------------------------------------ what a protocol tells its session */

/* Writes a record of the protocol's format; one that does not fit is a bug. */
void session_write(struct session *session, const void *record);
/* As session_write(), for what the outside decided upon: -EINVAL when a member is too long. */
int session_try_write(struct session *session, const void *record);
uint32_t session_sequence(struct session *session); /* the next one, never 0 */

void session_step(struct session *session, enum session_step step);
void session_enquiry_answered(struct session *session, uint32_t sequence);
/* The centre's answer to a piece. */
void session_answered(struct session *session, uint32_t sequence, enum piece_verdict verdict,
                      uint32_t status, const char *message_id);
/* Fills what every token has. */
struct piece_token session_token(const struct session *session, uint32_t command,
                                 uint32_t sequence);
bool session_talks(const struct session *session); /* bound or unbinding */
void session_letter(struct session *session, const struct piece_in *in);
void session_receipt(struct session *session, const struct receipt *receipt,
                     const struct piece_token *token);

#endif
