/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * receipt: what became of a text we sent, as a deliver_sm tells it: by optional parameters
 * (receipted_message_id, message_state, network_error_code) or by the text format of SMPP v3.4
 * appendix B, "id:… sub:… dlvrd:… submit date:… done date:… stat:… err:… text:…". Parameters win;
 * keys may come in any order and case. */
#ifndef GATEWAYS_SMS_RECEIPT_H
#define GATEWAYS_SMS_RECEIPT_H

#include <stdbool.h>
#include <stdint.h>

#include "gateways/sms/piece.h"
#include "gateways/sms/smpp_pdu.h"

enum receipt_state {
    RECEIPT_NONE,
    RECEIPT_UNDER_WAY, /* not the last word: ENROUTE, ACCEPTD, intermediate */
    RECEIPT_DELIVERED,
    RECEIPT_FAILED
};

/* The cause of a failure for which the centre gives none: ESME_RDELIVERYFAILURE. */
enum {
    RECEIPT_UNKNOWN_ERROR = 0xFE
};

struct receipt {
    char message_id[PIECE_ID_BYTES];
    enum receipt_state state;
    uint32_t error;                   /* the network's, never 0 for RECEIPT_FAILED */
    uint16_t mark;                    /* the piece's, where the centre repeats it; 0: it does not */
    char number[PIECE_ADDRESS_BYTES]; /* the citizen's; empty: it does not say */
    struct octets raw;                /* the PDU it came in, borrowed for the call that brings it */
};

/* Whether a deliver_sm is a receipt and not a citizen's text. */
bool receipt_is(const struct smpp_pdu *pdu);

/* Returns 0, or -EBADMSG when neither id nor state can be found. */
int receipt_read(struct receipt *receipt, const struct smpp_pdu *pdu);

/* From numbers: SMPP's message_state (§5.2.28) and an error. Returns as receipt_read(). */
int receipt_of_state(struct receipt *receipt, const char *message_id, uint32_t state,
                     uint32_t error);

/* From the seven letters all the operators' protocols share (DELIVRD, UNDELIV …); what is no such
 * word is an operator's own code for a failure (CMPP 3.0 §8.4.3.8: "MA:xxxx", "CA:xxxx" …). */
int receipt_of_word(struct receipt *receipt, const char *message_id, const char *word);

/* From a text as appendix B has it, behind the id. Returns as receipt_read(). */
int receipt_of_text(struct receipt *receipt, const char *message_id, struct octets text);

/* Some centres give an id in hexadecimal in submit_sm_resp and the same number in decimal in the
 * text of the receipt. Writes the other spelling of `id`: variant 0 decimal → hex, 1 decimal → HEX,
 * 2 hex → decimal. Returns false when id is no such number. */
enum {
    RECEIPT_VARIANTS = 3
};
bool receipt_variant(const char *id, unsigned variant, char other[PIECE_ID_BYTES]);

#endif
