/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * piece: what one PDU carries of a text, in either direction, whichever protocol the centre speaks.
 * Everything above the sessions (inbox, outbox, parts, routing) knows pieces only; everything below
 * (smpp, cmpp, sgip, smgp) turns them into PDUs and back. A centre is a row of the settings with a
 * protocol; here it is its place in them.
 *
 * Up: a session hands on each citizen's piece_in and each receipt (receipt.h) with a token; whoever
 * took it answers the token once it is durable, by a verdict.
 * Down: a piece_out goes to a centre; its session brings back exactly one piece_answer, or says that
 * the answer is unknown because the connection ended. */
#ifndef GATEWAYS_SMS_PIECE_H
#define GATEWAYS_SMS_PIECE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateways/sms/fields.h"

enum {
    PIECE_CENTRES_MAX = 8,    /* of one gateway */
    PIECE_BINDS_MAX = 32,     /* connections of all its centres */
    PIECE_ADDRESS_BYTES = 33, /* CMPP 3.0 has the longest: 32 octets */
    PIECE_ID_BYTES = 65       /* a message id as the centre prints it, SMPP's is the longest */
};

/* How the octets are to be read: the numbers of SMPP's data_coding (v3.4 §5.2.19), to which the
 * sessions bring the other protocols' (CMPP's Msg_Fmt 0 is ASCII), and GB 18030 as CMPP, SGIP and
 * SMGP have it. Others pass through unchanged. */
enum piece_coding {
    PIECE_CODING_DEFAULT = 0, /* the centre's own alphabet: GSM-7 */
    PIECE_CODING_ASCII = 1,
    PIECE_CODING_LATIN1 = 3,
    PIECE_CODING_OCTETS = 4,
    PIECE_CODING_UCS2 = 8,
    PIECE_CODING_GB18030 = 15
};

/* What became of a piece, said by us of what came in, by the centre of what went out. */
enum piece_verdict {
    PIECE_NONE,
    PIECE_TAKEN,
    PIECE_LATER,     /* not now: the same again after a while */
    PIECE_FULL,      /* as PIECE_LATER: too many wait */
    PIECE_NO_NUMBER, /* for ever: nobody has this number here */
    PIECE_REFUSED,   /* for ever: this text cannot be taken */
    PIECE_ELSEWHERE, /* this centre takes nothing from us for that number: ask another one */
    PIECE_VERDICT_COUNT
};

/* Which PDU of which connection is to be answered. Plain octets: copy it freely; a token of a
 * connection that has ended is answered to nobody. */
struct piece_token {
    uint16_t bind;
    uint8_t centre;
    uint8_t command; /* the session's own: which request it was */
    uint32_t connection;
    uint32_t sequence[3]; /* SGIP's has three numbers, the others one, the last */
    uint8_t id[10];       /* CMPP and SMGP repeat it in the answer */
};

/* A citizen's words as they came. Pointers are borrowed for the call. */
struct piece_in {
    struct piece_token token;
    char source[PIECE_ADDRESS_BYTES];
    char dest[PIECE_ADDRESS_BYTES];
    uint8_t coding;      /* enum piece_coding or the wire's own */
    uint8_t protocol_id; /* 3GPP TS 23.040 §9.2.3.9 */
    bool has_header;     /* the octets begin with a user data header (UDHI) */
    uint8_t total,
        index;          /* as the PDU says it beside the octets (sar_*, PkTotal); 0: it does not */
    uint16_t reference; /* with them */
    uint16_t port;      /* application port beside the octets; 0: none */
    struct octets text; /* message_payload or the short message */
    struct octets raw;  /* the whole PDU, for the trail */
};

/* Which piece it was: the outbox's text and part (from 0). */
struct parcel {
    uint64_t text;
    uint32_t part;
};

#define PARCEL_BUNDLE UINT32_MAX /* as a part: not one piece, a bundle of them (bundle.h) */

/* The numbers of a bundle that the centre did not take. */
struct piece_failures {
    uint32_t count;
    struct {
        char number[PIECE_ADDRESS_BYTES];
        uint32_t status; /* the protocol's own, never 0 */
    } items[255];
};

struct bundle;

/* A piece to be sent. Pointers are borrowed for the call. */
struct piece_out {
    struct parcel parcel;
    char source[PIECE_ADDRESS_BYTES]; /* '+' in front: international; empty: the centre's own */
    char dest[PIECE_ADDRESS_BYTES];
    uint8_t coding; /* PIECE_CODING_DEFAULT with one septet in an octet, ASCII, UCS2 … */
    bool has_header;
    bool receipt;         /* wanted */
    bool urgent;          /* before all others, where the protocol can say so */
    bool beside;          /* total, index, reference as parameters (sar_*), not in a header */
    uint8_t total, index; /* 1, 1 for a whole text */
    uint16_t reference;   /* of the long text */
    uint16_t mark;        /* the same each time this piece is sent: user_message_reference */
    uint32_t validity_s;  /* how long the centre shall try; 0: as long as it does */
    struct octets text;   /* header and letters */
    const struct bundle *bundle; /* goes to all of these numbers, not to dest; NULL: to dest */
};

/* What the centre said. */
struct piece_answer {
    struct parcel parcel;
    enum piece_verdict verdict;
    uint32_t status; /* the protocol's own number, 0 for PIECE_TAKEN; never 0 else */
    uint8_t centre;
    char message_id[PIECE_ID_BYTES]; /* as receipts of this centre will say it */
    struct octets raw; /* the whole PDU, for the trail; borrowed for the call, empty: none came */
    const struct piece_failures *failures; /* of a bundle, borrowed; NULL: none */
};

#endif
