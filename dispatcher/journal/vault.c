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
    KEPT_BYTES =
        1 + WRAPPED_BYTES, /* KIND_KEY ‖ wrapped; an earlier version kept it without the kind */
    PERSONAL_BYTES_MAX = 3700 - VAULT_OVERHEAD_BYTES,
    FAN_BITS = 8,
    ROOT_LEVEL = VAULT_LEVELS + 1
};

enum kind {
    KIND_ERASED, /* stands alone instead of a key that was destroyed */
    KIND_KEY
};

static void derive(const uint8_t from[VAULT_KEY_BYTES], const char *purpose,
                   uint8_t key[VAULT_KEY_BYTES])
{
    (void)crypto_generichash(key, VAULT_KEY_BYTES, (const uint8_t *)purpose, strlen(purpose), from,
                             VAULT_KEY_BYTES);
}

void vault_orders_key(const uint8_t root[VAULT_KEY_BYTES], uint8_t orders[VAULT_KEY_BYTES])
{
    derive(root, "yihao orders 1", orders);
}

void vault_init(struct vault *vault, const uint8_t root[VAULT_KEY_BYTES],
                const uint8_t orders[VAULT_KEY_BYTES])
{
    *vault = (struct vault){ .stepped = false };
    memcpy(vault->root, root, VAULT_KEY_BYTES);
    memcpy(vault->orders, orders, VAULT_KEY_BYTES);
    if (sodium_is_zero(orders, VAULT_KEY_BYTES))
        vault_orders_key(root, vault->orders);
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

/* ---- the tree -------------------------------------------------------------------------------- */

/* Where a key lies: a subject's (level 0) or a node's above it. The root's place holds its check. */
static struct key place_in_tree(unsigned level, uint64_t index)
{
    struct key key = { .size = 0 };
    if (level > 0)
        key_u8(&key, (uint8_t)level);
    if (level < ROOT_LEVEL)
        key_u64(&key, index);
    return key;
}

static uint64_t index_above(uint64_t index)
{
    return index >> FAN_BITS;
}

static int key_put(struct transaction *write, const struct key *place,
                   const uint8_t under[VAULT_KEY_BYTES], const uint8_t secret[VAULT_KEY_BYTES])
{
    uint8_t kept[KEPT_BYTES] = { KIND_KEY };
    (void)vault_close_bytes(under, key_slice(place), secret, VAULT_KEY_BYTES, kept + 1);
    return transaction_put(write, TABLE_VAULT, key_slice(place),
                           (struct slice){ kept, sizeof kept });
}

/* Returns -EKEYREVOKED for what was destroyed. root: what an earlier version wrapped. */
static int key_open(const struct key *place, struct slice value,
                    const uint8_t under[VAULT_KEY_BYTES], const uint8_t root[VAULT_KEY_BYTES],
                    uint8_t secret[VAULT_KEY_BYTES])
{
    const uint8_t *bytes = value.data;
    int size = -EBADMSG;
    if (value.size == 1)
        return -EKEYREVOKED;
    if (value.size == WRAPPED_BYTES)
        size = vault_open_bytes(root, key_slice(place), value, secret, VAULT_KEY_BYTES);
    if (value.size == KEPT_BYTES && bytes[0] == KIND_KEY)
        size = vault_open_bytes(under, key_slice(place), (struct slice){ bytes + 1, WRAPPED_BYTES },
                                secret, VAULT_KEY_BYTES);
    return size == VAULT_KEY_BYTES ? 0 : -EBADMSG;
}

/* The key of a node, drawn when it has none and there is a write. */
static int node_key(struct vault *vault, struct transaction *transaction, bool writes,
                    unsigned level, uint64_t index, uint8_t secret[VAULT_KEY_BYTES])
{
    uint8_t above[VAULT_KEY_BYTES];
    struct key place = place_in_tree(level, index);
    struct slice value;
    if (level == ROOT_LEVEL) {
        memcpy(secret, vault->root, VAULT_KEY_BYTES);
        return 0;
    }
    int status = node_key(vault, transaction, writes, level + 1, index_above(index), above);
    if (status < 0)
        return status;
    status = transaction_get(transaction, TABLE_VAULT, key_slice(&place), &value);
    if (status == 0)
        status = key_open(&place, value, above, vault->root, secret);
    if (status == -ENOENT && writes) {
        randombytes_buf(secret, VAULT_KEY_BYTES);
        status = key_put(transaction, &place, above, secret);
    }
    sodium_memzero(above, sizeof above);
    return status;
}

/* The key that wraps the subject's. */
static int branch_key(struct vault *vault, struct transaction *transaction, bool writes,
                      uint64_t subject, uint8_t secret[VAULT_KEY_BYTES])
{
    uint64_t branch = index_above(subject);
    if (vault->knows_branch && vault->branch == branch) {
        memcpy(secret, vault->branch_key, VAULT_KEY_BYTES);
        return 0;
    }
    int status = node_key(vault, transaction, writes, 1, branch, secret);
    if (status == 0 && writes) {
        vault->knows_branch = true;
        vault->branch = branch;
        memcpy(vault->branch_key, secret, VAULT_KEY_BYTES);
    }
    return status;
}

static int key_read(struct vault *vault, struct transaction *transaction, uint64_t subject,
                    uint8_t secret[VAULT_KEY_BYTES])
{
    uint8_t branch[VAULT_KEY_BYTES] = { 0 };
    struct key place = place_in_tree(0, subject);
    struct slice value;
    int status = transaction_get(transaction, TABLE_VAULT, key_slice(&place), &value);
    if (status == 0 && value.size == KEPT_BYTES)
        status = branch_key(vault, transaction, false, subject, branch);
    if (status == 0)
        status = key_open(&place, value, branch, vault->root, secret);
    sodium_memzero(branch, sizeof branch);
    return status;
}

static int root_note(struct vault *vault, struct transaction *write)
{
    uint8_t check[VAULT_KEY_BYTES];
    struct key place = place_in_tree(ROOT_LEVEL, 0);
    derive(vault->root, "yihao vault check 1", check);
    return transaction_put(write, TABLE_VAULT, key_slice(&place),
                           (struct slice){ check, sizeof check });
}

static int key_make(struct vault *vault, struct transaction *write, uint64_t subject,
                    uint8_t secret[VAULT_KEY_BYTES])
{
    uint8_t branch[VAULT_KEY_BYTES];
    struct key place = place_in_tree(0, subject);
    randombytes_buf(secret, VAULT_KEY_BYTES);
    int status = branch_key(vault, write, true, subject, branch);
    if (status == 0)
        status = key_put(write, &place, branch, secret);
    sodium_memzero(branch, sizeof branch);
    return status;
}

int vault_catch_up(uint8_t root[VAULT_KEY_BYTES], struct transaction *transaction)
{
    uint8_t check[VAULT_KEY_BYTES];
    struct key place = place_in_tree(ROOT_LEVEL, 0);
    struct slice noted;
    int status = transaction_get(transaction, TABLE_VAULT, key_slice(&place), &noted);
    if (status < 0)
        return status;
    for (int steps = 0; noted.size == sizeof check && steps < VAULT_BEHIND_MAX; steps++) {
        derive(root, "yihao vault check 1", check);
        if (sodium_memcmp(check, noted.data, sizeof check) == 0)
            return steps;
        derive(root, "yihao vault step 1", root);
    }
    return -EKEYREJECTED;
}

int vault_gather(struct vault *vault, struct transaction *write, int max)
{
    struct key from = place_in_tree(0, vault->gathered);
    int count = 0, status = 0;
    while (count < max) {
        uint8_t secret[VAULT_KEY_BYTES], branch[VAULT_KEY_BYTES];
        struct slice key, value;
        status = transaction_from(write, TABLE_VAULT, key_slice(&from), &key, &value);
        if (status < 0)
            break;
        if (key.size != sizeof vault->gathered) { /* nodes lie behind all subjects */
            status = -ENOENT;
            break;
        }
        uint64_t subject = slice_u64(key, 0);
        struct key place = place_in_tree(0, subject);
        vault->gathered = subject + 1;
        from = place_in_tree(0, vault->gathered);
        if (value.size != WRAPPED_BYTES)
            continue;
        status = key_open(&place, value, vault->root, vault->root, secret);
        if (status == 0)
            status = branch_key(vault, write, true, subject, branch);
        if (status == 0)
            status = key_put(write, &place, branch, secret);
        sodium_memzero(secret, sizeof secret);
        sodium_memzero(branch, sizeof branch);
        if (status < 0)
            return status;
        count++;
    }
    if (count == 0 && status == -ENOENT)
        status = root_note(vault, write);
    return status < 0 && status != -ENOENT ? status : count;
}

/* ---- sealing --------------------------------------------------------------------------------- */

static struct key place_of(uint64_t subject, uint64_t seq)
{
    struct key place = { .size = 0 };
    key_u64(&place, subject);
    key_u64(&place, seq);
    return place;
}

int vault_key(struct vault *vault, struct transaction *write, uint64_t subject,
              uint8_t secret[VAULT_KEY_BYTES])
{
    REQUIRE(subject > 0);
    int status = key_read(vault, write, subject, secret);
    return status == -ENOENT ? key_make(vault, write, subject, secret) : status;
}

int vault_seal(const uint8_t secret[VAULT_KEY_BYTES], struct codec *codec,
               const struct personal *personal, struct record *record)
{
    uint8_t plain[PERSONAL_BYTES_MAX] UNSET;
    int size = codec_pack(codec, SCHEMA_PERSONAL, personal, plain, sizeof plain);
    if (size >= 0) {
        struct key place = place_of(record->subject, record->event.seq);
        _Static_assert(sizeof record->sealed >= PERSONAL_BYTES_MAX + VAULT_OVERHEAD_BYTES, "room");
        record->sealed_size = (uint32_t)vault_close_bytes(secret, key_slice(&place), plain,
                                                          (size_t)size, record->sealed);
    }
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

/* ---- destroying ------------------------------------------------------------------------------- */

/* A node and its key, before and from now on. */
struct renewal {
    unsigned level;
    uint64_t index;
    uint8_t before[VAULT_KEY_BYTES], now[VAULT_KEY_BYTES];
};

/* Wraps a node's children under its new key; `child` has a new key itself. child NULL: they are subjects. */
static int children_wrap(struct vault *vault, struct transaction *write, const struct renewal *node,
                         const struct renewal *child)
{
    uint8_t secret[VAULT_KEY_BYTES];
    unsigned level = node->level - 1;
    bool all = node->level == ROOT_LEVEL;
    uint64_t index = all ? 0 : node->index << FAN_BITS;
    uint64_t last = all ? UINT64_MAX : index | ((1 << FAN_BITS) - 1);
    for (;;) {
        struct key from = place_in_tree(level, index);
        struct slice key, value;
        int status = transaction_from(write, TABLE_VAULT, key_slice(&from), &key, &value);
        bool node_of_level = status == 0 && key.size == from.size &&
                             (level == 0 || memcmp(key.data, from.bytes, 1) == 0);
        if (status < 0 || !node_of_level)
            return status == -ENOENT ? 0 : status;
        index = slice_u64(key, level == 0 ? 0 : 1);
        if (index > last)
            return 0;
        struct key place = place_in_tree(level, index);
        if (child && child->index == index)
            memcpy(secret, child->now, sizeof secret);
        else
            status = key_open(&place, value, node->before, vault->root, secret);
        if (status == 0)
            status = key_put(write, &place, node->now, secret);
        sodium_memzero(secret, sizeof secret);
        if (status < 0 && status != -EKEYREVOKED)
            return status;
        if (index++ == last)
            return 0;
    }
}

/* From the subject's branch up to the root, each with a fresh key. */
static int branch_renew(struct vault *vault, struct transaction *write, uint64_t subject)
{
    struct renewal path[ROOT_LEVEL] = { { 0 } };
    int status = 0;
    for (unsigned level = 1; level <= ROOT_LEVEL && status == 0; level++) {
        struct renewal *node = &path[level - 1];
        node->level = level;
        node->index = level == 1 ? index_above(subject) : index_above(path[level - 2].index);
        status = node_key(vault, write, true, level, node->index, node->before);
        randombytes_buf(node->now, sizeof node->now);
    }
    derive(vault->root, "yihao vault step 1", path[ROOT_LEVEL - 1].now);
    for (unsigned i = 0; i < ROOT_LEVEL && status == 0; i++)
        status = children_wrap(vault, write, &path[i], i > 0 ? &path[i - 1] : NULL);
    if (status == 0) {
        memcpy(vault->root, path[ROOT_LEVEL - 1].now, VAULT_KEY_BYTES);
        vault->knows_branch = false;
        sodium_memzero(vault->branch_key, sizeof vault->branch_key);
        vault->stepped = true;
        status = root_note(vault, write);
    }
    sodium_memzero(path, sizeof path);
    return status;
}

int vault_erase(struct vault *vault, struct transaction *write, uint64_t subject)
{
    static const uint8_t erased[1] = { KIND_ERASED };
    struct key place = place_in_tree(0, subject);
    int status = transaction_put(write, TABLE_VAULT, key_slice(&place),
                                 (struct slice){ erased, sizeof erased });
    return status < 0 ? status : branch_renew(vault, write, subject);
}

bool vault_is_erased(struct transaction *transaction, uint64_t subject)
{
    struct key place = place_in_tree(0, subject);
    struct slice value;
    return transaction_get(transaction, TABLE_VAULT, key_slice(&place), &value) == 0 &&
           value.size == 1;
}
