/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * vault: personal data, sealed. Every subject (a contact or an incident) has a random key of its own
 * that seals what citizens said of themselves (XChaCha20-Poly1305: nonce ‖ ciphertext, bound to
 * subject and seq). The keys lie in the vault's table, wrapped in a tree: a subject's key under that of its 256
 * neighbours, that one under the next, and the highest under the root, the home's vault.key.
 *
 * Destroying a subject's key takes it out of its branch, wraps what else is in the branch under fresh keys, and steps the root
 * on by a one-way function. The root of before is then nowhere: what a database leaves of old wrappings in free
 * pages, redo files, other copies' disks and memory cannot be opened any more. Everything erased is so everywhere
 * that the trail lies, and leaves every hash as it is (docs/decisions/0022-erasure.md). */
#ifndef DISPATCHER_JOURNAL_VAULT_H
#define DISPATCHER_JOURNAL_VAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dispatcher/store/store.h"
#include "proto/codec.h"

enum {
    VAULT_KEY_BYTES = 32,
    VAULT_NONCE_BYTES = 24,
    VAULT_TAG_BYTES = 16,
    VAULT_OVERHEAD_BYTES = VAULT_NONCE_BYTES + VAULT_TAG_BYTES
};

/* Recordings and attachments of a subject are sealed under a key of their own, that of this subject beside it, so
 * that they can go before the words. No contact's, incident's or other thing's number is so high. */
static inline uint64_t vault_sound_of(uint64_t subject)
{
    return subject | UINT64_C(1) << 63;
}
static inline bool vault_is_sound(uint64_t subject)
{
    return subject >> 63;
}
/* Whose it is. */
static inline uint64_t vault_subject_of(uint64_t subject)
{
    return subject & ~(UINT64_C(1) << 63);
}

enum {
    VAULT_LEVELS = 3,         /* between a subject and the root */
    VAULT_BEHIND_MAX = 100000 /* steps that a root's file may lack */
};

struct vault {
    uint8_t root[VAULT_KEY_BYTES];
    uint8_t orders[VAULT_KEY_BYTES]; /* seals orders that wait for their gateway */
    uint64_t gathered;               /* vault_gather(): how far */
    bool stepped;                    /* in the open turn: the file is to follow its commit */
    bool knows_branch;
    uint64_t branch; /* of the subjects that were sealed last, so that each costs one wrapping */
    uint8_t branch_key[VAULT_KEY_BYTES];
};

/* orders: all zeros when the home has no key for them of its own yet; it then follows from root, which must not have
 * been stepped on before. */
void vault_init(struct vault *vault, const uint8_t root[VAULT_KEY_BYTES],
                const uint8_t orders[VAULT_KEY_BYTES]);
void vault_done(struct vault *vault);

/* The key of orders that belongs to a root that was never stepped on. */
void vault_orders_key(const uint8_t root[VAULT_KEY_BYTES], uint8_t orders[VAULT_KEY_BYTES]);

/* Steps a root on until it is the one that the table was wrapped with last, as after a crash between a commit and the
 * root's file, and as a standby does. Returns how many steps, or -EKEYREJECTED: it is another home's, or newer
 * than the table; -ENOENT: the table has no tree yet. */
int vault_catch_up(uint8_t root[VAULT_KEY_BYTES], struct transaction *transaction);

/* What an earlier version wrapped under the root alone comes into the tree: up to `max` keys. Returns how many,
 * 0 when all are. */
int vault_gather(struct vault *vault, struct transaction *write, int max);

/* The subject's key, made when it has none. -EKEYREVOKED: it was destroyed, and the subject takes nothing more. */
int vault_key(struct vault *vault, struct transaction *write, uint64_t subject,
              uint8_t secret[VAULT_KEY_BYTES]);

/* Seals personal data of record->event under the key of record->subject into record->sealed. Touches no table. */
int vault_seal(const uint8_t secret[VAULT_KEY_BYTES], struct codec *codec,
               const struct personal *personal, struct record *record);

/* Returns 0, -EKEYREVOKED when the key was destroyed, -ENOENT when there never was one, -EBADMSG when
 * the bytes are not what was sealed. */
int vault_unseal(struct vault *vault, struct transaction *transaction, struct codec *codec,
                 const struct record *record, struct personal *personal);

/* Destroys the subject's key for good: some 800 keys are wrapped anew. */
int vault_erase(struct vault *vault, struct transaction *write, uint64_t subject);

/* Was it? */
bool vault_is_erased(struct transaction *transaction, uint64_t subject);

/* Seals short-lived bytes under a key, bound to their place; sealed has room for size +
 * VAULT_OVERHEAD_BYTES. Returns the sealed size. */
size_t vault_close_bytes(const uint8_t key[VAULT_KEY_BYTES], struct slice place,
                         const uint8_t *bytes, size_t size, uint8_t *sealed);

/* Returns the size of the bytes, or -EBADMSG. */
int vault_open_bytes(const uint8_t key[VAULT_KEY_BYTES], struct slice place, struct slice sealed,
                     uint8_t *bytes, size_t room);

#endif
