/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * doubts: attempts to send whose answer was lost with the connection, and receipts with an id that no answer
 * named. Together they may prove what the centre has: most centres do not repeat a piece's mark in the
 * receipt, all repeat the citizen's number.
 *
 * The proof errs towards sending again, because a text that comes twice is better than one that does not
 * come: receipts to a number prove the attempts to it only when there are just as many of both (or all
 * attempts were the same part), when each receipt came after its attempt, and when none may belong to an
 * answer that is still to come (the outbox waits for that), nor to a twin with the same account. A receipt
 * that comes again, or of a text that is over, proves nothing: its id is remembered. One id for another number is
 * another text of a bundle.
 *
 * SGIP's ids are ours: a receipt names its attempt, and proves it alone.
 *
 * Numbers are compared as the citizen's neighbours dial them, with or without 86. Times are UTC milliseconds.
 * The oldest of each kind is forgotten when there are too many: then less is proved. */
#ifndef GATEWAYS_SMS_DOUBTS_H
#define GATEWAYS_SMS_DOUBTS_H

#include <stdbool.h>
#include <stdint.h>

#include "gateways/sms/piece.h"
#include "gateways/sms/receipt.h"

enum {
    DOUBTS_ATTEMPTS_MAX = 4096, /* PIECE_BINDS_MAX windows */
    DOUBTS_STRAYS_MAX = 1024,   /* four bundles */
    DOUBTS_OVER_MAX = 8192,
    DOUBTS_PROVED_MAX = 64 /* at once; more attempts to one number prove nothing */
};

struct doubt_attempt {
    struct parcel parcel; /* text 0: free */
    uint64_t to;          /* doubts_number() */
    uint64_t
        own_id; /* doubts_id() of the name we gave it: its receipt says that and no other; 0: none */
    uint64_t sent_ms;
};

struct doubt_stray {
    struct receipt receipt; /* RECEIPT_NONE: free */
    uint64_t to;            /* 0: it does not say, or names another part by its mark */
    uint64_t came_ms;
};

struct doubts {
    struct doubt_attempt attempts[DOUBTS_ATTEMPTS_MAX]; /* rings */
    struct doubt_stray strays[DOUBTS_STRAYS_MAX];
    uint64_t over[DOUBTS_OVER_MAX]; /* hashes of ids that need no receipt any more */
    uint32_t attempts_next, strays_next, over_next;
};

/* A part that the centre has, and the id it has it by. */
struct doubt_proof {
    struct parcel parcel;
    char message_id[PIECE_ID_BYTES];
};

/* Short for an id, never 0. */
uint64_t doubts_id(const char *message_id);
/* Short for a number however it is written; 0 for none. */
uint64_t doubts_number(const char *number);

/* The connection ended before the answer came. */
void doubts_attempt(struct doubts *doubts, const struct doubt_attempt *attempt);
bool doubts_attempt_is_held(const struct doubts *doubts, struct parcel parcel);

/* A receipt whose id nobody knows. False: it comes again, or for what is over. */
bool doubts_stray(struct doubts *doubts, const struct receipt *receipt, uint64_t came_ms);

/* No receipt with this id says anything new; to: with this id and number, 0: whichever number. */
void doubts_over(struct doubts *doubts, const char *message_id, uint64_t to);

/* Receipts that came before then are let go: they bear citizens' numbers, and prove nothing any more. */
void doubts_forget(struct doubts *doubts, uint64_t before_ms);

/* The receipt that came with this id of ours; NULL: none did. */
const struct receipt *doubts_receipt(const struct doubts *doubts, uint64_t own_id);

/* When the youngest receipt came that could prove an attempt to this number, 0 for none. */
uint64_t doubts_youngest(const struct doubts *doubts, uint64_t to);

/* The parts to this number of which it is proved that the centre has them; neither they nor their receipts
 * prove anything later. Returns how many; 0: nothing is proved. */
uint32_t doubts_prove(struct doubts *doubts, uint64_t to,
                      struct doubt_proof proofs[DOUBTS_PROVED_MAX]);

#endif
