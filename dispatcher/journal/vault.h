/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * vault: personal data, sealed. Every subject (a contact or an incident) has a random key of its own
 * that seals what citizens said of themselves (XChaCha20-Poly1305: nonce ‖ ciphertext, bound to
 * subject and seq). The keys lie in the vault's table, wrapped by the home's vault key. Destroying a
 * subject's key erases its data everywhere, in journals, replicas and bundles, and leaves every
 * hash as it is. */
#ifndef DISPATCHER_JOURNAL_VAULT_H
#define DISPATCHER_JOURNAL_VAULT_H

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

struct vault {
    uint8_t key[VAULT_KEY_BYTES];    /* wraps the subjects' keys */
    uint8_t orders[VAULT_KEY_BYTES]; /* seals orders that wait for their gateway */
};

void vault_init(struct vault *vault, const uint8_t key[VAULT_KEY_BYTES]);
void vault_done(struct vault *vault);

/* Seals personal data of event `seq` into record->subject and record->sealed, making the subject's
 * key when it has none. An erased subject takes nothing more: record->sealed stays empty. */
int vault_seal(struct vault *vault, struct transaction *write, struct codec *codec,
               uint64_t subject, uint64_t seq, const struct personal *personal,
               struct record *record);

/* Returns 0, -EKEYREVOKED when the key was destroyed, -ENOENT when there never was one, -EBADMSG when
 * the bytes are not what was sealed. */
int vault_unseal(struct vault *vault, struct transaction *transaction, struct codec *codec,
                 const struct record *record, struct personal *personal);

/* Destroys the subject's key for good. */
int vault_erase(struct transaction *write, uint64_t subject);

/* Seals short-lived bytes under a key, bound to their place; sealed has room for size +
 * VAULT_OVERHEAD_BYTES. Returns the sealed size. */
size_t vault_close_bytes(const uint8_t key[VAULT_KEY_BYTES], struct slice place,
                         const uint8_t *bytes, size_t size, uint8_t *sealed);

/* Returns the size of the bytes, or -EBADMSG. */
int vault_open_bytes(const uint8_t key[VAULT_KEY_BYTES], struct slice place, struct slice sealed,
                     uint8_t *bytes, size_t room);

#endif
