/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include <sodium.h>

#include "base/require.h"
#include "dispatcher/journal/state.h"

enum {
    DIGEST_BYTES = 32,
    ANSWER_HEAD_BYTES = 8 + DIGEST_BYTES, /* be64 n ‖ digest, then the packed Outcome */
    OUTCOME_BYTES_MAX = 256,              /* without personal data */
    ORDER_BYTES_MAX = sizeof(struct order) + 128,
    PRUNE_EXTRA =
        8 /* a turn prunes twice what it added and so many more: the rest keeps shrinking */
};

static struct key peer_key(const char *sender)
{
    struct key key = key_of(LEDGER_PEER);
    key_text(&key, sender);
    return key;
}

static struct key answer_key(const char *sender, const char *words)
{
    struct key key = { .size = 0 };
    key_text(&key, sender);
    key_text(&key, words);
    return key;
}

static struct key order_key(const char *gateway, uint64_t seq)
{
    struct key key = key_of(LEDGER_ORDER);
    key_text(&key, gateway);
    key_u64(&key, seq);
    return key;
}

/* ---- answers ------------------------------------------------------------------------------- */

int ledger_open(struct journal *journal, struct transaction *write)
{
    struct key first = key_of(LEDGER_ANSWERED), limit = key_of(LEDGER_ANSWERED + 1);
    struct slice key, value;
    journal->answered_first = journal->answered_next = 1;
    int status = transaction_from(write, TABLE_LEDGER, key_slice(&first), &key, &value);
    if (status == -ENOENT || (status == 0 && !slice_starts_with(key, &first)))
        return 0;
    if (status < 0)
        return status;
    journal->answered_first = slice_u64(key, first.size);
    status = transaction_below(write, TABLE_LEDGER, key_slice(&limit), &key, &value);
    if (status == 0)
        journal->answered_next = slice_u64(key, first.size) + 1;
    return status;
}

static int peer_write(struct journal *journal, const char *sender, const struct outcome *outcome)
{
    struct key key = peer_key(sender);
    struct slice value;
    int status = transaction_get(journal->turn, TABLE_LEDGER, key_slice(&key), &value);
    if (status < 0 && status != -ENOENT)
        return status;
    if (status == 0) {
        uint64_t epoch = slice_u64(value, 0), seq = slice_u64(value, 8);
        if (epoch > outcome->epoch || (epoch == outcome->epoch && seq >= outcome->seq))
            return 0; /* an older process's leftover does not turn the window back */
    }
    uint64_t place[2] = { htobe64(outcome->epoch), htobe64(outcome->seq) };
    return transaction_put(journal->turn, TABLE_LEDGER, key_slice(&key),
                           (struct slice){ place, sizeof place });
}

static int answer_write(struct journal *journal, const char *sender, const uint8_t digest[32],
                        const struct outcome *outcome)
{
    uint8_t value[ANSWER_HEAD_BYTES + OUTCOME_BYTES_MAX];
    struct outcome kept = *outcome;
    kept.has_personal = false;
    int size = codec_pack(journal->codec, SCHEMA_OUTCOME, &kept, value + ANSWER_HEAD_BYTES,
                          OUTCOME_BYTES_MAX);
    sodium_memzero(&kept.personal, sizeof kept.personal);
    if (size < 0)
        return size;
    uint64_t number = htobe64(journal->answered_next);
    memcpy(value, &number, sizeof number);
    memcpy(value + sizeof number, digest, DIGEST_BYTES);

    struct key key = answer_key(sender, outcome->key);
    int status = transaction_put(journal->turn, TABLE_ANSWERS, key_slice(&key),
                                 (struct slice){ value, ANSWER_HEAD_BYTES + (size_t)size });
    if (status < 0)
        return status;
    struct key place = key_of1(LEDGER_ANSWERED, journal->answered_next);
    struct key dated = { .size = 0 };
    key_u64(&dated, journal->now_ms);
    key_bytes(&dated, key.bytes, key.size);
    journal->answered_next++;
    journal->answered_in_turn++;
    return transaction_put(journal->turn, TABLE_LEDGER, key_slice(&place), key_slice(&dated));
}

int journal_answer(struct journal *journal, const char *sender, const uint8_t digest[32],
                   const struct outcome *outcome)
{
    REQUIRE(journal->turn);
    if (journal->error)
        return journal->error;
    int status = peer_write(journal, sender, outcome);
    if (status == 0 && outcome->key[0])
        status = answer_write(journal, sender, digest, outcome);
    return journal_fail(journal, status);
}

/* Forgets the oldest answer when it is due. Returns 1 when it did, 0 when none is due. */
static int prune_one(struct journal *journal)
{
    struct key place = key_of1(LEDGER_ANSWERED, journal->answered_first);
    struct slice dated, value;
    if (journal->answered_first == journal->answered_next)
        return 0;
    int status = transaction_get(journal->turn, TABLE_LEDGER, key_slice(&place), &dated);
    if (status < 0)
        return status == -ENOENT ? -EBADMSG : status;
    bool too_many = journal->answered_next - journal->answered_first > JOURNAL_ANSWERS_MAX;
    if (!too_many && slice_u64(dated, 0) + JOURNAL_ANSWERS_MS > journal->now_ms)
        return 0;
    struct key key = { .size = 0 };
    key_bytes(&key, (const uint8_t *)dated.data + 8, dated.size - 8);
    status = transaction_get(journal->turn, TABLE_ANSWERS, key_slice(&key), &value);
    if (status == 0 && slice_u64(value, 0) == journal->answered_first) /* not answered anew since */
        status = transaction_remove(journal->turn, TABLE_ANSWERS, key_slice(&key));
    if (status == 0 || status == -ENOENT)
        status = transaction_remove(journal->turn, TABLE_LEDGER, key_slice(&place));
    journal->answered_first++;
    return status < 0 ? status : 1;
}

int ledger_prune(struct journal *journal)
{
    for (uint32_t i = 0; i < 2 * journal->answered_in_turn + PRUNE_EXTRA; i++) {
        int status = prune_one(journal);
        if (status <= 0)
            return status;
    }
    return 0;
}

uint64_t journal_taken(struct journal *journal, const char *sender, uint64_t epoch)
{
    struct transaction *transaction, *read;
    struct key key = peer_key(sender);
    struct slice value;
    uint64_t seq = 0;
    if (journal_look(journal, &transaction, &read) == 0 &&
        transaction_get(transaction, TABLE_LEDGER, key_slice(&key), &value) == 0 &&
        slice_u64(value, 0) == epoch)
        seq = slice_u64(value, 8);
    transaction_end(read);
    return seq;
}

int journal_find_answer(struct journal *journal, const char *sender, const char *key,
                        const uint8_t digest[32], struct outcome *outcome)
{
    struct transaction *transaction, *read;
    struct slice value;
    int status = journal_look(journal, &transaction, &read);
    if (status < 0)
        return status;
    struct key place = answer_key(sender, key);
    status = transaction_get(transaction, TABLE_ANSWERS, key_slice(&place), &value);
    if (status == 0 && value.size < ANSWER_HEAD_BYTES)
        status = -EBADMSG;
    const uint8_t *bytes = status == 0 ? value.data : NULL;
    if (status == 0 && memcmp(bytes + 8, digest, DIGEST_BYTES) != 0)
        status = -EKEYREJECTED;
    if (status == 0)
        status = codec_unpack(journal->codec, SCHEMA_OUTCOME, bytes + ANSWER_HEAD_BYTES,
                              value.size - ANSWER_HEAD_BYTES, outcome);
    transaction_end(read);
    return status;
}

/* ---- orders -------------------------------------------------------------------------------- */

static int order_number(struct journal *journal, const char *gateway, uint64_t *seq)
{
    struct key key = key_of(LEDGER_ORDER_LAST);
    key_text(&key, gateway);
    struct slice value;
    int status = transaction_get(journal->turn, TABLE_LEDGER, key_slice(&key), &value);
    if (status < 0 && status != -ENOENT)
        return status;
    *seq = (status == 0 ? slice_u64(value, 0) : 0) + 1;
    uint64_t wire = htobe64(*seq);
    return transaction_put(journal->turn, TABLE_LEDGER, key_slice(&key),
                           (struct slice){ &wire, sizeof wire });
}

static int order_write(struct journal *journal, const char *gateway, struct order *order)
{
    uint8_t plain[ORDER_BYTES_MAX], sealed[ORDER_BYTES_MAX + VAULT_OVERHEAD_BYTES];
    int status = order_number(journal, gateway, &order->seq);
    if (status < 0)
        return status;
    int size = codec_pack(journal->codec, SCHEMA_ORDER, order, plain, sizeof plain);
    if (size < 0)
        return size;
    struct key key = order_key(gateway, order->seq);
    size_t length =
        vault_close_bytes(journal->vault.orders, key_slice(&key), plain, (size_t)size, sealed);
    sodium_memzero(plain, sizeof plain);
    return transaction_put(journal->turn, TABLE_LEDGER, key_slice(&key),
                           (struct slice){ sealed, length });
}

int journal_order(struct journal *journal, const char *gateway, struct order *order)
{
    REQUIRE(journal->turn);
    return journal->error ? journal->error
                          : journal_fail(journal, order_write(journal, gateway, order));
}

int journal_order_done(struct journal *journal, const char *gateway, uint64_t seq)
{
    REQUIRE(journal->turn);
    struct key prefix = key_of(LEDGER_ORDER);
    key_text(&prefix, gateway);
    int status = journal->error;
    while (status == 0) {
        struct slice key, value;
        status = transaction_from(journal->turn, TABLE_LEDGER, key_slice(&prefix), &key, &value);
        if (status < 0 || !slice_starts_with(key, &prefix) || slice_u64(key, prefix.size) > seq)
            break;
        struct key done = order_key(gateway, slice_u64(key, prefix.size));
        status = transaction_remove(journal->turn, TABLE_LEDGER, key_slice(&done));
    }
    return journal_fail(journal, status == -ENOENT ? 0 : status);
}

static int order_read(struct journal *journal, struct slice key, struct slice value,
                      struct order *order)
{
    uint8_t plain[ORDER_BYTES_MAX];
    int size = vault_open_bytes(journal->vault.orders, key, value, plain, sizeof plain);
    int status =
        size < 0 ? size : codec_unpack(journal->codec, SCHEMA_ORDER, plain, (size_t)size, order);
    sodium_memzero(plain, sizeof plain);
    return status;
}

int journal_orders(struct journal *journal, const char *gateway, uint64_t after,
                   struct order *orders, int max)
{
    struct transaction *read;
    struct key prefix = key_of(LEDGER_ORDER);
    key_text(&prefix, gateway);
    int status = store_begin_read(journal->store, &read);
    if (status < 0)
        return status;
    int count = 0;
    while (count < max && after < UINT64_MAX) {
        struct key from = order_key(gateway, after + 1);
        struct slice key, value;
        status = transaction_from(read, TABLE_LEDGER, key_slice(&from), &key, &value);
        if (status == 0 && !slice_starts_with(key, &prefix))
            status = -ENOENT;
        if (status == 0)
            status = order_read(journal, key, value, &orders[count]);
        if (status < 0)
            break;
        after = orders[count++].seq;
    }
    transaction_end(read);
    return status < 0 && status != -ENOENT ? status : count;
}
