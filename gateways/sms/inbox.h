/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * inbox: citizens' texts from a centre's PDU until the dispatcher (or the spool) has them.
 *
 * When the centre is answered:
 *  - a whole text after its contact is certain: then the centre forgets it, and so may we;
 *  - a part of a long text as soon as the part lies on the disk here. Waiting for the whole would
 *    stop a centre that sends the next part only after the answer to this one.
 *
 * Repeats: a centre that missed our answer sends the text again. A delivery with the same sender,
 * receiver and octets is the same text when its answer is still owed, when it was answered so late
 * that the centre may have lost patience, or when the connection was lost within INBOX_DOUBT_MS
 * after the answer and the repeat comes within INBOX_REPEAT_MS, and within that time always when it is a part
 * of a long text under the same reference, or comes on the same connection under the same sequence number (it
 * crossed our answer); it keeps its command key then, and the dispatcher sees one contact. Otherwise it is a
 * new text: who writes "help" twice says it twice.
 *
 * A text longer than a contact's words (3,000 octets of UTF-8) becomes several contacts, each saying
 * which of how many it is. Times are UTC milliseconds. */
#ifndef GATEWAYS_SMS_INBOX_H
#define GATEWAYS_SMS_INBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "gateways/sms/originals.h"
#include "gateways/sms/piece.h"
#include "gateways/sms/unsynced.h"

enum {
    INBOX_RECENT_MAX = 16384,  /* deliveries remembered for recognising repeats */
    INBOX_ARRIVALS_MAX = 1024, /* texts on their way to the dispatcher */
    INBOX_CONTACTS_MAX = 64,   /* of one text; ids are that far apart */
    INBOX_WORDS_BYTES = 3001,  /* of one contact */
    INBOX_SLOW_MS = 5000,
    INBOX_DOUBT_MS = 60 * 1000,
    INBOX_REPEAT_MS = 10 * 60 * 1000,
    INBOX_AGAIN_MS = 5000, /* a long text the dispatcher refused is tried again after */
    INBOX_REWRITE_BYTES = 4 * 1024 * 1024
};

struct inbox;

struct inbox_counts {
    uint64_t texts, parts, repeats, incomplete, refused, full;
    uint32_t open;    /* texts on their way to the dispatcher */
    uint32_t waiting; /* parts that wait for others */
};

/* What becomes a ContactArrive. */
struct inbox_contact {
    uint64_t call; /* never used twice; the command's key comes from it */
    uint64_t arrived_ms;
    char source[PIECE_ADDRESS_BYTES];
    char dest[PIECE_ADDRESS_BYTES];
    char words[INBOX_WORDS_BYTES];
    uint8_t original[ORIGINALS_DIGEST_BYTES]; /* of the text's PDUs */
};

struct inbox_answer {
    struct piece_token token;
    enum piece_verdict verdict;
};

/* Opens the inbox in its file: parts and texts of the last process go on. */
int inbox_open(struct inbox **inbox, const char *path);
/* Where the PDUs are kept, borrowed; without it they are not. */
void inbox_keep_originals(struct inbox *inbox, struct originals *originals);
void inbox_close(struct inbox *inbox);

/* A connection of this bind began, or (0) the last one ended: its answers are not given any more, and those it
 * gave last may be lost. The repeat may come by another bind at once. */
void inbox_connection(struct inbox *inbox, uint16_t bind, uint32_t connection, uint64_t now_ms);

/* Takes a citizen's piece. Its answer comes by inbox_next_answer(). Returns 0, or
 * -ENOBUFS when nothing more can be taken in now. */
int inbox_take(struct inbox *inbox, const struct piece_in *in, uint64_t now_ms);

/* The next contact to submit; false when none is due. inbox_submitted() must follow with the link's
 * ticket, or inbox_not_submitted(). Later, when its outcome is known, inbox_settled(). */
bool inbox_next_contact(struct inbox *inbox, uint64_t now_ms, struct inbox_contact *contact);
void inbox_submitted(struct inbox *inbox, uint64_t call, uint64_t ticket);
void inbox_not_submitted(struct inbox *inbox, uint64_t call, uint64_t now_ms);

/* verdict: PIECE_TAKEN when the contact is certain, else what the centre is to hear. Returns false when
 * no text of this process waits for the ticket. */
bool inbox_settled(struct inbox *inbox, uint64_t ticket, enum piece_verdict verdict,
                   uint64_t now_ms);

/* The next answer for a connection that still stands. Its octets may leave when what inbox_unsynced() names
 * now is synced. */
bool inbox_next_answer(struct inbox *inbox, uint64_t now_ms, struct inbox_answer *answer);

/* When inbox_next_contact() may have something by the time alone. */
uint64_t inbox_due(const struct inbox *inbox);

/* Rewrites the file when it has grown, while nobody syncs it. Call every minute or so. */
void inbox_tidy(struct inbox *inbox);

/* Rewrites the file without what is over, as soon as no text is on its way to the dispatcher: false until then. Nobody
 * syncs it meanwhile. */
bool inbox_rewrite(struct inbox *inbox);

/* As outbox_flush(). */
void inbox_flush(struct inbox *inbox);
/* As ledger_unsynced(): the file to sync, so that what was taken is durable. An error is final for the process. */
int inbox_unsynced(struct inbox *inbox, struct unsynced *file);
void inbox_count(const struct inbox *inbox, struct inbox_counts *counts);

#endif
