/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * evidence: the PDUs of both directions as they went over the wire, for the trail (originals.h). What citizens
 * wrote lies in HOME/NAME/originals, by the inbox; what was sent to them, the centre's answers and the receipts
 * that came back lie here, in HOME/NAME/sent, under the text's number, receipts that nobody's text is known for
 * under 0. A record's index is the part, and EVIDENCE_ANSWER or EVIDENCE_RECEIPT is added for what the centre said.
 *
 * One digest stands for all PDUs of a text so far: BLAKE2b-256 of the one before (32 zeros at first) and
 * the BLAKE2b-256 of the PDU. The text's reports bear it, and it outlives a restart (outbox_note_kept()).
 * A power cut may take the last minute's octets (originals.h), never the digests. */
#ifndef GATEWAYS_SMS_EVIDENCE_H
#define GATEWAYS_SMS_EVIDENCE_H

#include "gateways/sms/originals.h"
#include "gateways/sms/outbox.h"

enum {
    EVIDENCE_SENT_DAYS = 180,
    EVIDENCE_FILES = 2 * ORIGINALS_FILES,
    EVIDENCE_ANSWER = 0x40,
    EVIDENCE_RECEIPT = 0x80,
    EVIDENCE_ELSEWHERE =
        0x3F, /* instead of a part: a bundle's PDU (bundle.h), kept under its first text … */
    EVIDENCE_ELSEWHERE_BYTES =
        8 + ORIGINALS_DIGEST_BYTES /* … whose number, little endian, and the PDU's digest */
};
#define EVIDENCE_SENT_BYTES (4ULL * 1024 * 1024 * 1024) /* some 14 million PDUs */

struct evidence {
    struct originals *heard; /* NULL: PDUs are not kept */
    struct originals *sent;
    struct outbox *outbox;
    struct parcel parcel;        /* being written; text 0: none is */
    const struct bundle *bundle; /* being written */
};

/* key: ORIGINALS_KEY_BYTES; NULL: nothing is kept. outbox is borrowed. Returns 0 or a negative errno. */
int evidence_open(struct evidence *evidence, const char *folder, const uint8_t *key,
                  struct outbox *outbox);
void evidence_close(struct evidence *evidence);

/* What is written from now on is this piece's PDU; text 0: nobody's. */
void evidence_of(struct evidence *evidence, struct parcel parcel);
void evidence_of_bundle(struct evidence *evidence, const struct bundle *bundle);
void evidence_wrote(struct evidence *evidence, const uint8_t *bytes, size_t count, uint64_t now_ms);
/* Both after the outbox noted it. */
void evidence_answer(struct evidence *evidence, const struct piece_answer *answer, uint64_t now_ms);
void evidence_bundle_answer(struct evidence *evidence, const struct bundle *bundle,
                            const struct piece_answer *answer, uint64_t now_ms);
void evidence_receipt(struct evidence *evidence, const struct receipt *receipt, uint64_t now_ms);

/* Destroys what was kept of these, and receipts of nobody's text, which may be of one of them. Returns how many PDUs,
 * or a negative errno. */
int evidence_erase(struct evidence *evidence, const struct order_erase *order);

/* As originals_flush(), originals_unsynced(), originals_tidy() and originals_failures(), of both. */
void evidence_flush(struct evidence *evidence);
unsigned evidence_unsynced(struct evidence *evidence, int files[EVIDENCE_FILES]);
void evidence_tidy(struct evidence *evidence, uint64_t now_ms);
uint64_t evidence_failures(const struct evidence *evidence);

/* The digest with one more PDU, of which this is the digest. */
void evidence_chain(uint8_t digest[ORIGINALS_DIGEST_BYTES],
                    const uint8_t pdu[ORIGINALS_DIGEST_BYTES]);

#endif
