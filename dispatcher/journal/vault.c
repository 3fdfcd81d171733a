/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/journal/vault.h"

#include <errno.h>
#include <string.h>

#include <sodium.h>

#include "base/require.h"
#include "base/unset.h"
#include "dispatcher/store/key.h"
#include "dispatcher/store/tables.h"

_Static_assert(VAULT_NONCE_BYTES == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "nonce");
_Static_assert(VAULT_TAG_BYTES == crypto_aead_xchacha20poly1305_ietf_ABYTES, "tag");
_Static_assert(VAULT_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key");

enum {
    WRAPPED_BYTES = VAULT_KEY_BYTES + VAULT_OVERHEAD_BYTES,
    PERSONAL_BYTES_MAX = 3700 - VAULT_OVERHEAD_BYTES
};

/* What stands in the table instead of a key that was destroyed. */
static const uint8_t erased[1] = { 0 };

void vault_init(struct vault *vault, const uint8_t key[VAULT_KEY_BYTES])
{
    static const char domain[] = "yihao orders 1";
    memcpy(vault->key, key, VAULT_KEY_BYTES);
    (void)crypto_generichash(vault->orders, VAULT_KEY_BYTES, (const uint8_t *)domain,
                             sizeof domain - 1, key, VAULT_KEY_BYTES);
}

void vault_done(struct vault *vault)
{
    sodium_memzero(vault, sizeof *vault);
}

size_t vault_close_bytes(const uint8_t key[VAULT_KEY_BYTES], struct slice place,
                         const uint8_t *bytes, size_t size, uint8_t *sealed)
{
    randombytes_buf(sealed, VAULT_NONCE_BYTES);
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + VAULT_NONCE_BYTES, NULL, bytes, size,
                                                     place.data, place.size, NULL, sealed, key);
    return size + VAULT_OVERHEAD_BYTES;
}

int vault_open_bytes(const uint8_t key[VAULT_KEY_BYTES], struct slice place, struct slice sealed,
                     uint8_t *bytes, size_t room)
{
    if (sealed.size < VAULT_OVERHEAD_BYTES || sealed.size - VAULT_OVERHEAD_BYTES > room)
        return -EBADMSG;
    const uint8_t *nonce = sealed.data;
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(bytes, NULL, NULL, nonce + VAULT_NONCE_BYTES,
                                                   sealed.size - VAULT_NONCE_BYTES, place.data,
                                                   place.size, nonce, key) != 0)
        return -EBADMSG;
    return (int)(sealed.size - VAULT_OVERHEAD_BYTES);
}

static struct key subject_key(uint64_t subject)
{
    struct key key = { .size = 0 };
    key_u64(&key, subject);
    return key;
}

static int key_read(struct vault *vault, struct transaction *transaction, uint64_t subject,
                    uint8_t secret[VAULT_KEY_BYTES])
{
    struct key key = subject_key(subject);
    struct slice wrapped;
    int status = transaction_get(transaction, TABLE_VAULT, key_slice(&key), &wrapped);
    if (status < 0)
        return status;
    if (wrapped.size == sizeof erased)
        return -EKEYREVOKED;
    int size = vault_open_bytes(vault->key, key_slice(&key), wrapped, secret, VAULT_KEY_BYTES);
    return size == VAULT_KEY_BYTES ? 0 : -EBADMSG;
}

static int key_make(struct vault *vault, struct transaction *write, uint64_t subject,
                    uint8_t secret[VAULT_KEY_BYTES])
{
    struct key key = subject_key(subject);
    uint8_t wrapped[WRAPPED_BYTES];
    randombytes_buf(secret, VAULT_KEY_BYTES);
    size_t size = vault_close_bytes(vault->key, key_slice(&key), secret, VAULT_KEY_BYTES, wrapped);
    return transaction_put(write, TABLE_VAULT, key_slice(&key), (struct slice){ wrapped, size });
}

static struct key place_of(uint64_t subject, uint64_t seq)
{
    struct key place = { .size = 0 };
    key_u64(&place, subject);
    key_u64(&place, seq);
    return place;
}

int vault_seal(struct vault *vault, struct transaction *write, struct codec *codec,
               uint64_t subject, uint64_t seq, const struct personal *personal,
               struct record *record)
{
    uint8_t secret[VAULT_KEY_BYTES], plain[PERSONAL_BYTES_MAX] UNSET;
    REQUIRE(subject > 0);
    record->subject = subject;
    record->sealed_size = 0;
    int status = key_read(vault, write, subject, secret);
    if (status == -EKEYREVOKED)
        return 0;
    if (status == -ENOENT)
        status = key_make(vault, write, subject, secret);
    int size =
        status < 0 ? status : codec_pack(codec, SCHEMA_PERSONAL, personal, plain, sizeof plain);
    if (size >= 0) {
        struct key place = place_of(subject, seq);
        _Static_assert(sizeof record->sealed >= PERSONAL_BYTES_MAX + VAULT_OVERHEAD_BYTES, "room");
        record->sealed_size = (uint32_t)vault_close_bytes(secret, key_slice(&place), plain,
                                                          (size_t)size, record->sealed);
    }
    sodium_memzero(secret, sizeof secret);
    sodium_memzero(plain, sizeof plain);
    return size < 0 ? size : 0;
}

int vault_unseal(struct vault *vault, struct transaction *transaction, struct codec *codec,
                 const struct record *record, struct personal *personal)
{
    uint8_t secret[VAULT_KEY_BYTES], plain[PERSONAL_BYTES_MAX];
    int status = key_read(vault, transaction, record->subject, secret);
    if (status < 0)
        return status;
    struct key place = place_of(record->subject, record->event.seq);
    int size = vault_open_bytes(secret, key_slice(&place),
                                (struct slice){ record->sealed, record->sealed_size }, plain,
                                sizeof plain);
    status = size < 0 ? size : codec_unpack(codec, SCHEMA_PERSONAL, plain, (size_t)size, personal);
    sodium_memzero(secret, sizeof secret);
    sodium_memzero(plain, sizeof plain);
    return status;
}

int vault_erase(struct transaction *write, uint64_t subject)
{
    struct key key = subject_key(subject);
    return transaction_put(write, TABLE_VAULT, key_slice(&key),
                           (struct slice){ erased, sizeof erased });
}
