/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * domestic: what the protocols of China's operators (CMPP, SGIP, SMGP) have in common and SMPP has
 * not: Beijing time in ten digits, proof of a shared secret by MD5, national numbers, and alphabets
 * without GSM-7. */
#ifndef GATEWAYS_SMS_DOMESTIC_H
#define GATEWAYS_SMS_DOMESTIC_H

#include "gateways/sms/piece.h"

enum {
    DOMESTIC_PROOF_BYTES = 16,
    DOMESTIC_TEXT_MAX = 255 /* octets the protocols' length fields and the air together allow */
};

/* MMDDHHMMSS in Beijing (UTC+8) as a number, as all three write a time stamp. */
uint32_t domestic_stamp(uint64_t wall_ms);

/* MD5 of the octets behind each other. It is what the protocols ask for; the connection itself must
 * be kept from strangers (a leased line, a VPN or TLS). */
void domestic_proof(uint8_t proof[DOMESTIC_PROOF_BYTES], const struct octets *octets, size_t count);

/* Whether the centre's proof is the MD5 of its status, what we proved ourselves with, and the secret.
 * The specifications leave open how the status is written; centres do it in one octet, in four, and
 * in decimal digits. Who knows the secret is right in each. */
bool domestic_is_proved(const uint8_t said[DOMESTIC_PROOF_BYTES], uint32_t status,
                        const uint8_t ours[DOMESTIC_PROOF_BYTES], const char *secret);

/* A number as the citizen would dial it at home: without +86, 0086 or 86 before eleven digits that
 * begin with 1. Returns false when it does not fit. */
bool domestic_number(char out[PIECE_ADDRESS_BYTES], const char *number);

/* The octets of a piece in an alphabet these protocols know. GSM-7 becomes ASCII, or UCS-2 where it
 * must and fits, and a last resort where neither: '?' for what ASCII has not. */
struct domestic_text {
    uint8_t coding; /* the wire's Msg_Fmt, MessageCoding, MsgFormat */
    size_t count;
    uint8_t octets[DOMESTIC_TEXT_MAX];
};
bool domestic_text(struct domestic_text *text, const struct piece_out *piece);

/* The wire's coding as a piece's: 0 is ASCII with all three. */
uint8_t domestic_coding(uint8_t format);

/* How long a centre shall try, in the relative form of SMPP v3.3 that all three use; empty for 0. */
void domestic_validity(char out[18], uint32_t seconds);
/* Until when, in the absolute form with the distance from UTC: SGIP has no other. */
void domestic_deadline(char out[17], uint64_t wall_ms);

#endif
