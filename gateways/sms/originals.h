/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * originals: every PDU that brought a citizen's words, as its octets came, for the trail; and in a store of their
 * own those that carried words to citizens, and receipts (evidence.h). One file a day of
 * UTC in HOME/NAME/originals, each record sealed by XSalsa20-Poly1305 under a key of its own, which is reckoned from
 * HOME/keys/originals.key and 32 random octets in a second file of the day (`DATE.keys`). What is erased loses those
 * octets, overwritten where they stand: no copy of the first file opens any more. Files of before there were such
 * keys (`DATE` alone) lose the sealed octets themselves. A text's
 * digest, which its ContactArrived or TextReceived bears, is BLAKE2b-256 over the digests of its PDUs in the
 * order of its parts: who has the files proves what the centre sent.
 *
 * Files are kept for the store's days, and the oldest go first when all are more than its bytes. A power
 * cut may take the last minute (originals_sync()); the words themselves are durable before (inbox.h). A file
 * that cannot be written is counted and stops nothing. */
#ifndef GATEWAYS_SMS_ORIGINALS_H
#define GATEWAYS_SMS_ORIGINALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateways/sms/fields.h"

enum {
    ORIGINALS_KEY_BYTES = 32,
    ORIGINALS_DIGEST_BYTES = 32,
    ORIGINALS_DAYS = 180,
    ORIGINALS_FILES = 2, /* of a day */
    ORIGINALS_FILES_MAX = 400,
    ORIGINALS_PDU_MAX = 70000 /* the longest payload of SMPP and its header; longer ones are cut */
};
#define ORIGINALS_BYTES (2ULL * 1024 * 1024 * 1024)

struct originals;

struct originals_bounds {
    uint32_t days;
    uint64_t bytes;
};

struct original {
    uint64_t call; /* of the contact or text, as the trail has it */
    uint64_t heard_ms;
    uint8_t index; /* of the part, from 1 */
    struct octets octets;
};

/* Opens the folder, which is made. Returns 0 or a negative errno. */
int originals_open(struct originals **originals, const char *folder,
                   const uint8_t key[ORIGINALS_KEY_BYTES], const struct originals_bounds *bounds);
void originals_close(struct originals *originals); /* NULL: does nothing */

/* Survives the end of this process when originals_flush() returns. */
void originals_keep(struct originals *originals, const struct original *original);
void originals_flush(struct originals *originals);
/* The day's files to sync by fdatasync(), so that what was kept lasts; the caller closes them. Returns how many: 0 or
 * ORIGINALS_FILES. */
unsigned originals_unsynced(struct originals *originals, int files[ORIGINALS_FILES]);
/* Lets go of what is too old. Call every minute or so, as the one above. */
void originals_tidy(struct originals *originals, uint64_t now_ms);
uint64_t originals_failures(const struct originals *originals);

/* Erases all records of these calls, for certain when it returns: how many, or a negative errno (it may be asked
 * again). */
int originals_erase(struct originals *originals, const uint64_t *calls, uint32_t count);

/* BLAKE2b-256 of one PDU, and of a text's PDUs' digests in order. */
void original_digest(uint8_t digest[ORIGINALS_DIGEST_BYTES], const void *octets, size_t count);

/* Shows each record of the call in the order it was kept, borrowed. Returns how many there were, or a
 * negative errno; *broken counts records that the key does not open. */
typedef void originals_each(void *owner, const struct original *original);
int originals_find(const char *folder, const uint8_t key[ORIGINALS_KEY_BYTES], uint64_t call,
                   originals_each *each, void *owner, uint32_t *broken);

#endif
