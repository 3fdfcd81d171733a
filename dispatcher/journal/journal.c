/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/journal/journal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/require.h"
#include "dispatcher/journal/state.h"
#include "dispatcher/store/events.h"
#include "proto/keys.h"
#include "proto/schema.h"

/* ---- opening ------------------------------------------------------------------------------- */

int journal_node(void *owner, uint32_t level, uint64_t index, uint8_t hash[TREE_HASH_BYTES])
{
    const struct nodes *nodes = owner;
    struct transaction *transaction = nodes->transaction;
    if (level < SCRIBE_LEVEL) {
        struct tree tree = { .suite = nodes->suite };
        uint64_t first = index << level;
        for (uint64_t i = 0; i < (uint64_t)1 << level; i++) {
            uint8_t link[LINK_BYTES];
            int status = events_link(transaction, first + i + 1, link);
            if (status < 0)
                return status;
            (void)tree_add(&tree, link, NULL, NULL);
        }
        memcpy(hash, tree.peaks[level], TREE_HASH_BYTES);
        return 0;
    }
    struct key key = key_of(TREE_NODE);
    key_u8(&key, (uint8_t)level);
    key_u64(&key, index);
    struct slice value;
    int status = transaction_get(transaction, TABLE_TREE, key_slice(&key), &value);
    if (status < 0)
        return status;
    if (value.size != TREE_HASH_BYTES)
        return -EBADMSG;
    memcpy(hash, value.data, TREE_HASH_BYTES);
    return 0;
}

static int node_store(void *owner, uint32_t level, uint64_t index,
                      const uint8_t hash[TREE_HASH_BYTES])
{
    if (level < SCRIBE_LEVEL)
        return 0;
    struct key key = key_of(TREE_NODE);
    key_u8(&key, (uint8_t)level);
    key_u64(&key, index);
    return transaction_put(owner, TABLE_TREE, key_slice(&key),
                           (struct slice){ hash, TREE_HASH_BYTES });
}

static int checkpoint_read(struct codec *codec, struct slice key, struct slice value,
                           struct checkpoint *checkpoint)
{
    struct key kind = key_of(TREE_CHECKPOINT);
    if (!slice_starts_with(key, &kind))
        return -ENOENT;
    return codec_unpack(codec, SCHEMA_CHECKPOINT, value.data, value.size, checkpoint);
}

int journal_checkpoint_from(struct transaction *transaction, struct codec *codec, uint64_t seq,
                            struct checkpoint *checkpoint)
{
    struct key from = key_of1(TREE_CHECKPOINT, seq);
    struct slice key, value;
    int status = transaction_from(transaction, TABLE_TREE, key_slice(&from), &key, &value);
    return status < 0 ? status : checkpoint_read(codec, key, value, checkpoint);
}

int journal_checkpoint_newest(struct transaction *transaction, struct codec *codec,
                              struct checkpoint *checkpoint)
{
    struct key limit = key_of(TREE_CHECKPOINT + 1);
    struct slice key, value;
    *checkpoint = (struct checkpoint){ .seq = 0 };
    int status = transaction_below(transaction, TABLE_TREE, key_slice(&limit), &key, &value);
    return status < 0 ? status : checkpoint_read(codec, key, value, checkpoint);
}

/* A node computed from the links must be the one that is stored. */
static int node_compare(void *owner, uint32_t level, uint64_t index,
                        const uint8_t hash[TREE_HASH_BYTES])
{
    uint8_t stored[TREE_HASH_BYTES];
    if (level < SCRIBE_LEVEL)
        return 0;
    int status = journal_node(owner, level, index, stored);
    if (status < 0)
        return status == -ENOENT ? -EBADMSG : status;
    return memcmp(hash, stored, TREE_HASH_BYTES) == 0 ? 0 : -EBADMSG;
}

/* The newest checkpoint is ours and fits the records below it. */
static int checkpoint_verify(struct journal *journal, struct transaction *transaction,
                             uint64_t last)
{
    const struct checkpoint *checkpoint = &journal->checkpoint;
    uint8_t link[LINK_BYTES], root[TREE_HASH_BYTES];
    chain_init(&journal->chain, journal->signer.suite);
    if (checkpoint->seq == 0)
        return 0;
    if (checkpoint->seq > last || !checkpoint_holds(checkpoint))
        return -EBADMSG;
    struct nodes nodes = { transaction, journal->signer.suite };
    int status = events_link(transaction, checkpoint->seq, link);
    if (status == 0)
        status = tree_load(&journal->tree, checkpoint->seq, journal_node, &nodes);
    if (status < 0)
        return status == -ENOENT ? -EBADMSG : status;
    tree_root(&journal->tree, root);
    if (memcmp(link, checkpoint->link, LINK_BYTES) != 0 ||
        memcmp(root, checkpoint->root, TREE_HASH_BYTES) != 0)
        return -EBADMSG;
    journal->chain.seq = checkpoint->seq;
    journal->chain.at_ms = 0;
    memcpy(journal->chain.link, link, LINK_BYTES);
    return 0;
}

/* Verifies the chain from the newest checkpoint to the end, and takes its state. */
static int end_verify(struct journal *journal, struct transaction *transaction)
{
    uint64_t last;
    struct nodes nodes = { transaction, journal->signer.suite };
    int status = journal_checkpoint_newest(transaction, journal->codec, &journal->checkpoint);
    if (status == 0 || status == -ENOENT)
        status = events_last(transaction, &last);
    if (status == 0)
        status = checkpoint_verify(journal, transaction, last);
    while (status == 0 && journal->chain.seq < last) {
        static struct stored_event row;
        status = events_get(transaction, journal->chain.seq + 1, &row);
        if (status == 0)
            status = chain_follow(&journal->chain, &row);
        if (status == 0)
            status = tree_add(&journal->tree, row.link, node_compare, &nodes);
        if (status == 0 && journal->uncovered_ms == 0)
            journal->uncovered_ms = journal->chain.at_ms;
    }
    return status == -ENOENT ? -EBADMSG : status;
}

static int epoch_rise(struct journal *journal, struct transaction *write)
{
    struct key key = key_of(LEDGER_EPOCH);
    struct slice value;
    int status = transaction_get(write, TABLE_LEDGER, key_slice(&key), &value);
    if (status < 0 && status != -ENOENT)
        return status;
    journal->epoch = (status == 0 ? slice_u64(value, 0) : 0) +
                     (journal->takes_over ? JOURNAL_TAKE_OVER_EPOCHS : 1);
    uint64_t epoch = htobe64(journal->epoch);
    return transaction_put(write, TABLE_LEDGER, key_slice(&key),
                           (struct slice){ &epoch, sizeof epoch });
}

static int state_read(struct journal *journal, const struct suite *wanted)
{
    struct transaction *write;
    int status = store_begin_write(journal->store, &write);
    if (status < 0)
        return status;
    status = journal_suite_take(journal, write, wanted);
    if (status == 0)
        status = end_verify(journal, write);
    if (status == 0)
        status = journal_lineage_read(journal, write);
    if (status == 0)
        status = epoch_rise(journal, write);
    if (status == 0)
        status = ledger_open(journal, write);
    if (status == 0)
        return transaction_commit(write);
    transaction_end(write);
    return status;
}

int journal_read_keys(struct journal_settings *settings, const char *home)
{
    settings->home = home;
    int status = keys_read_journal(home, settings->vault_key,
                                   settings->sealed_elsewhere ? NULL : settings->sign_secret,
                                   settings->sign_public);
    if (status < 0)
        return status;
    vault_orders_key(settings->vault_key, settings->orders_key); /* of a home that has none yet */
    return keys_settle_bytes(home, "orders.key", settings->orders_key);
}

enum {
    GATHERED_AT_ONCE = 10000 /* keys of an earlier version, in one turn */
};

/* The root as the tables have it, and everything in the tree: an earlier version had none. */
static int vault_prepare(struct journal *journal)
{
    struct transaction *transaction;
    int status = store_begin_read(journal->store, &transaction);
    if (status < 0)
        return status;
    status = vault_catch_up(journal->vault.root, transaction);
    transaction_end(transaction);
    if (status > 0 && journal->home)
        return keys_renew_vault(journal->home, journal->vault.root);
    if (status != -ENOENT)
        return status < 0 ? status : 0;
    for (int gathered = GATHERED_AT_ONCE; gathered > 0;) {
        status = store_begin_write(journal->store, &transaction);
        if (status < 0)
            return status;
        gathered = vault_gather(&journal->vault, transaction, GATHERED_AT_ONCE);
        if (gathered < 0) {
            transaction_end(transaction);
            return gathered;
        }
        status = transaction_commit(transaction);
        if (status < 0)
            return status;
    }
    return 0;
}

int journal_open(struct journal **journal, const struct journal_settings *settings)
{
    struct journal *fresh = sodium_init() < 0 ? NULL : calloc(1, sizeof *fresh);
    if (!fresh) {
        store_close(settings->store);
        return -ENOMEM;
    }
    vault_init(&fresh->vault, settings->vault_key, settings->orders_key);
    fresh->home = settings->home;
    fresh->sealed_elsewhere = settings->sealed_elsewhere;
    lineage_init(&fresh->lineage, settings->sign_public);
    memcpy(fresh->signer.secret, settings->sign_secret, sizeof fresh->signer.secret);
    memcpy(fresh->signer.public_key, settings->sign_public, sizeof fresh->signer.public_key);
    fresh->takes_over = settings->takes_over;
    fresh->opened_ms = clock_wall_ms();
    fresh->codec = codec_open();
    int status = journal_take_store(fresh, settings);
    if (status == 0)
        status = fresh->codec ? scribe_open(&fresh->scribe, &fresh->chain, &fresh->tree) : -ENOMEM;
    if (status == 0 && !settings->takes_over)
        status = store_forget_mark(fresh->store); /* a standby of before begins anew */
    if (status == 0)
        status = vault_prepare(fresh);
    if (status == 0)
        status = state_read(fresh, settings->suite);
    if (status == 0)
        status = views_open_inside(&fresh->views, fresh->store, fresh->epoch);
    if (status < 0) {
        journal_close(fresh);
        return status;
    }
    fresh->durable = fresh->appended = fresh->chain.seq;
    fresh->appended_ms = fresh->chain.at_ms;
    *journal = fresh;
    return 0;
}

void journal_close(struct journal *journal)
{
    if (!journal)
        return;
    scribe_close(journal->scribe);
    transaction_end(journal->turn);
    views_close(journal->views);
    store_close(journal->store);
    codec_close(journal->codec);
    for (int set = 0; set < 2; set++)
        for (int i = 0; i < JOURNAL_TURN_EVENTS_MAX / ROWS_PER_BLOCK; i++)
            free(journal->rows[set].blocks[i]);
    vault_done(&journal->vault);
    sodium_memzero(&journal->signer, sizeof journal->signer);
    free(journal);
}

uint64_t journal_seq(const struct journal *journal)
{
    return journal->durable;
}

uint64_t journal_epoch(const struct journal *journal)
{
    return journal->epoch;
}

const struct suite *journal_suite(const struct journal *journal)
{
    return journal->signer.suite;
}

struct views *journal_views(struct journal *journal)
{
    return journal->views;
}

int journal_settle(struct journal *journal)
{
    REQUIRE(!journal->turn);
    return journal_fail(journal, journal->error ? journal->error : store_settle(journal->store));
}

void journal_tend(struct journal *journal)
{
    (void)store_check_readers(journal->store);
}

/* ---- a turn -------------------------------------------------------------------------------- */

int journal_fail(struct journal *journal, int status)
{
    if (status < 0 && !journal->error)
        journal->error = status;
    return status;
}

int journal_begin(struct journal *journal)
{
    REQUIRE(!journal->turn);
    if (journal->error)
        return journal->error;
    journal->rows_now ^= 1;
    journal->rows[journal->rows_now].count = 0;
    journal->gathered = 0;
    journal->answered_in_turn = 0;
    scribe_begin(journal->scribe);
    return journal_fail(journal, store_begin_write(journal->store, &journal->turn));
}

static const struct stored_event *row_at(const struct turn_rows *rows, uint32_t number)
{
    return &rows->blocks[number / ROWS_PER_BLOCK][number % ROWS_PER_BLOCK];
}

static struct stored_event *row_next(struct journal *journal)
{
    struct turn_rows *rows = &journal->rows[journal->rows_now];
    if (rows->count == JOURNAL_TURN_EVENTS_MAX)
        return NULL;
    struct stored_event **block = &rows->blocks[rows->count / ROWS_PER_BLOCK];
    if (!*block)
        *block = malloc(ROWS_PER_BLOCK * sizeof **block);
    return *block ? &(*block)[rows->count++ % ROWS_PER_BLOCK] : NULL;
}

/* Under what an event's personal data is sealed; 0: somebody sent it beside a command that is about no
 * citizen. */
static uint64_t subject_of(const struct event *event)
{
    uint64_t subject = event->incident ? event->incident : event->contact;
    if (event->kind == EVENT_CALLER_LOCATED) /* of no contact yet, perhaps of several */
        subject = event->caller_located.fix;
    if (event->kind == EVENT_RECORDING_STORED &&
        event->contact) /* who may hear it is asked by it */
        return vault_sound_of(event->contact);
    if (event->kind == EVENT_ATTACHMENT_STORED && subject)
        return vault_sound_of(subject);
    if (event->kind == EVENT_HANDOVER_LEFT) /* for its readers, not all who may read the incident */
        subject = event->handover_left.handover;
    return subject ? subject : event->notice;
}

static int personal_lay(struct journal *journal, const struct personal *personal,
                        struct sheet *sheet)
{
    const struct event *event = &sheet->record.event;
    uint64_t subject = subject_of(event);
    int status =
        subject ? vault_key(&journal->vault, journal->turn, subject, sheet->key) : -EKEYREVOKED;
    if (status < 0)
        return status == -EKEYREVOKED ? 0 : status;
    sheet->record.subject = subject;
    sheet->personal = *personal;
    struct key key = key_of2(LEDGER_SEALED, subject, event->seq);
    return transaction_put(journal->turn, TABLE_LEDGER, key_slice(&key), (struct slice){ NULL, 0 });
}

static int record_give(struct journal *journal, const struct event *event,
                       const struct personal *personal, struct stored_event *row)
{
    struct sheet *sheet = scribe_sheet(journal->scribe);
    sheet->row = row;
    sheet->record.subject = 0;
    memcpy(&sheet->record.event, event, event_sizes[event->kind]); /* the largest is seldom used */
    int status = personal ? personal_lay(journal, personal, sheet) : 0;
    return status < 0 ? status : scribe_give(journal->scribe);
}

static int event_follow(struct journal *journal, const struct event *event)
{
    journal->appended = event->seq;
    journal->appended_ms = event->at_ms;
    if (journal->uncovered_ms == 0)
        journal->uncovered_ms = event->at_ms;
    if (journal->unstated_ms == 0)
        journal->unstated_ms = event->at_ms;
    journal->now_ms = event->at_ms;
    return views_apply(journal->views, journal->turn, event);
}

int journal_keep(struct journal *journal, const struct stored_event *row, const struct event *event)
{
    int status = tree_add(&journal->tree, row->link, node_store, journal->turn);
    if (status == 0)
        status = events_append(journal->turn, row);
    return status < 0 ? status : event_follow(journal, event);
}

/* What is erased goes with the event that says so. */
static int event_store(struct journal *journal, const struct event *event,
                       const struct personal *personal, struct stored_event *row)
{
    int status = event->kind == EVENT_ERASED ? journal_erase(journal, event->erased.subject) : 0;
    row->seq = event->seq;
    if (status == 0)
        status = record_give(journal, event, personal, row);
    return status < 0 ? status : event_follow(journal, event);
}

int journal_append(struct journal *journal, const struct event *event,
                   const struct personal *personal, const struct stored_event **row)
{
    REQUIRE(journal->turn);
    if (journal->error)
        return journal->error;
    REQUIRE(event->seq == journal->appended + 1);
    REQUIRE(event->at_ms >= journal->appended_ms);
    struct stored_event *fresh = row_next(journal);
    int status = fresh ? event_store(journal, event, personal, fresh) : -E2BIG;
    if (status < 0)
        return journal_fail(journal, status);
    *row = fresh;
    return 0;
}

int journal_gather(struct journal *journal)
{
    const struct scribe_node *nodes;
    const struct turn_rows *rows = &journal->rows[journal->rows_now];
    uint32_t node_count;
    int status = scribe_finish(journal->scribe, &nodes, &node_count);
    for (uint32_t i = 0; status == 0 && i < node_count; i++)
        status = node_store(journal->turn, nodes[i].level, nodes[i].index, nodes[i].hash);
    for (; status == 0 && journal->gathered < rows->count; journal->gathered++)
        status = events_append(journal->turn, row_at(rows, journal->gathered));
    return journal_fail(journal, status);
}

uint64_t journal_checkpoint_due_ms(const struct journal *journal)
{
    if (journal->appended == journal->checkpoint.seq)
        return UINT64_MAX;
    if (journal->appended - journal->checkpoint.seq >= JOURNAL_CHECKPOINT_EVENTS)
        return 0;
    return journal->uncovered_ms + JOURNAL_CHECKPOINT_MS;
}

/* With all its witnesses. */
enum {
    CHECKPOINT_BYTES_MAX = 1024
};

int journal_checkpoint_put(struct journal *journal, const struct checkpoint *checkpoint)
{
    uint8_t bytes[CHECKPOINT_BYTES_MAX];
    int size = codec_pack(journal->codec, SCHEMA_CHECKPOINT, checkpoint, bytes, sizeof bytes);
    if (size < 0)
        return size;
    struct key key = key_of1(TREE_CHECKPOINT, checkpoint->seq);
    return transaction_put(journal->turn, TABLE_TREE, key_slice(&key),
                           (struct slice){ bytes, (size_t)size });
}

static int checkpoint_write(struct journal *journal, uint64_t at_ms)
{
    struct checkpoint *checkpoint = &journal->checkpoint;
    checkpoint->epoch = journal->epoch;
    checkpoint->seq = journal->chain.seq;
    checkpoint->at_ms = at_ms;
    memcpy(checkpoint->link, journal->chain.link, LINK_BYTES);
    tree_root(&journal->tree, checkpoint->root);
    checkpoint_sign(checkpoint, &journal->signer);
    checkpoint->witnesses_count = 0;
    journal->uncovered_ms = 0;
    return journal_checkpoint_put(journal, checkpoint);
}

/* What was destroyed is so on this disk when the root of before is. */
static int root_follow(struct journal *journal)
{
    if (!journal->vault.stepped)
        return 0;
    journal->vault.stepped = false;
    return journal->home ? keys_renew_vault(journal->home, journal->vault.root) : 0;
}

int journal_commit(struct journal *journal, uint64_t at_ms)
{
    REQUIRE(journal->turn);
    if (at_ms > journal->now_ms)
        journal->now_ms = at_ms;
    int status = journal->error;
    if (status == 0)
        status = ledger_prune(journal);
    if (status == 0) {
        transaction_defer(journal->turn);
        status = views_settle(journal->views, journal->turn);
    }
    int gathered = journal_gather(journal); /* also behind an error: the rows are the next turn's */
    if (status == 0)
        status = gathered;
    if (status == 0 && !journal->sealed_elsewhere &&
        journal->now_ms >= journal_checkpoint_due_ms(journal))
        status = checkpoint_write(journal, journal->now_ms);
    if (status == 0)
        status = transaction_commit(journal->turn);
    else
        transaction_end(journal->turn);
    journal->turn = NULL;
    if (status < 0)
        return journal_fail(journal, status);
    journal->durable = journal->appended;
    return journal_fail(journal, root_follow(journal));
}

/* ---- reading ------------------------------------------------------------------------------- */

int journal_look(struct journal *journal, struct transaction **transaction,
                 struct transaction **read)
{
    *read = *transaction = NULL;
    if (journal->error)
        return journal->error;
    int status = journal->turn ? store_begin_look(journal->store, read)
                               : store_begin_read(journal->store, read);
    *transaction = *read;
    return status;
}

int journal_look_back(struct journal *journal, struct transaction **transaction,
                      struct transaction **read)
{
    *read = NULL;
    int status = journal->turn ? journal_gather(journal) : 0;
    return status < 0 ? status : journal_look(journal, transaction, read);
}

int journal_read(struct journal *journal, uint64_t after, struct stored_event *rows, int max)
{
    struct transaction *read;
    int status = store_begin_read(journal->store, &read);
    if (status < 0)
        return status;
    status = events_read(read, after, rows, max);
    transaction_end(read);
    while (status > 0 && rows[status - 1].seq > journal->durable)
        status--;
    return status;
}

int journal_unpack(struct journal *journal, const struct stored_event *row, struct record *record)
{
    if (codec_unpack(journal->codec, SCHEMA_RECORD, row->record, row->record_size, record) == 0 &&
        record->has_event)
        return 0;
    store_damaged(journal->store);
    return -EBADMSG;
}

uint64_t journal_damage(const struct journal *journal)
{
    return store_damage(journal->store);
}

int journal_left(struct journal *journal, uint64_t incident, struct closed_incident *row)
{
    struct transaction *transaction, *read;
    struct stored_event stored;
    uint64_t seq;
    int status = journal_look_back(journal, &transaction, &read);
    if (status < 0)
        return status;
    status = views_left(transaction, incident, &seq);
    if (status == 0)
        status = events_get(transaction, seq, &stored);
    if (status == 0)
        status = journal_unpack(journal, &stored, &journal->record);
    transaction_end(read);
    if (status == 0)
        *row = journal->record.event.incident_left.row;
    return status;
}

/* What a newer event said in words, field by field; what it did not say stays. */
static void personal_merge(struct personal *personal, const struct personal *newer)
{
    const struct schema *schema = &schemas[SCHEMA_PERSONAL];
    for (uint32_t i = 0; i < schema->field_count; i++) {
        const struct field *field = &schema->fields[i];
        const char *said = (const char *)newer + field->offset;
        if (field->type == FIELD_TEXT && said[0])
            memcpy((char *)personal + field->offset, said, field->bound + 1); /* with its NUL */
    }
}

/* All that one event sealed. */
static int personal_unseal(struct journal *journal, struct transaction *transaction, uint64_t seq,
                           struct personal *personal)
{
    struct stored_event row;
    int status = events_get(transaction, seq, &row);
    if (status == 0)
        status = journal_unpack(journal, &row, &journal->record);
    if (status == 0)
        status =
            vault_unseal(&journal->vault, transaction, journal->codec, &journal->record, personal);
    return status;
}

static int personal_add(struct journal *journal, struct transaction *transaction, uint64_t seq,
                        struct personal *personal)
{
    struct personal piece;
    int status = personal_unseal(journal, transaction, seq, &piece);
    if (status == 0)
        personal_merge(personal, &piece);
    sodium_memzero(&piece, sizeof piece);
    return status;
}

static int event_meant(struct journal *journal, struct transaction *transaction, uint64_t seq,
                       journal_meant *meant, bool *wanted)
{
    struct stored_event row;
    int status = events_get(transaction, seq, &row);
    if (status == 0)
        status = journal_unpack(journal, &row, &journal->record);
    *wanted = status == 0 && meant(&journal->record.event);
    return status;
}

/* meant NULL: every event. */
static int personal_gather(struct journal *journal, uint64_t subject, journal_meant *meant,
                           struct personal *personal)
{
    struct transaction *transaction, *read;
    int status = journal_look_back(journal, &transaction, &read);
    if (status < 0)
        return status;
    memset(personal, 0, sizeof *personal);
    struct key prefix = key_of1(LEDGER_SEALED, subject), from = prefix;
    bool found = false;
    while (status == 0) {
        struct slice key, value;
        status = transaction_from(transaction, TABLE_LEDGER, key_slice(&from), &key, &value);
        if (status < 0 || !slice_starts_with(key, &prefix))
            break;
        uint64_t seq = slice_u64(key, prefix.size);
        from = key_of2(LEDGER_SEALED, subject, seq + 1);
        bool wanted = !meant;
        if (meant)
            status = event_meant(journal, transaction, seq, meant, &wanted);
        if (status < 0 || !wanted)
            continue;
        if (meant) /* the newest alone */
            memset(personal, 0, sizeof *personal);
        status = personal_add(journal, transaction, seq, personal);
        found = true;
    }
    transaction_end(read);
    if (status == -ENOENT || status == 0)
        return found ? 0 : -ENOENT;
    memset(personal, 0, sizeof *personal);
    return status;
}

int journal_personal(struct journal *journal, uint64_t subject, struct personal *personal)
{
    return personal_gather(journal, subject, NULL, personal);
}

int journal_personal_of(struct journal *journal, uint64_t subject, journal_meant *meant,
                        struct personal *personal)
{
    return personal_gather(journal, subject, meant, personal);
}

int journal_personal_at(struct journal *journal, uint64_t subject, uint64_t seq,
                        struct personal *personal)
{
    struct transaction *transaction, *read;
    struct slice value;
    memset(personal, 0, sizeof *personal);
    int status = journal_look_back(journal, &transaction, &read);
    if (status < 0)
        return status;
    struct key key = key_of2(LEDGER_SEALED, subject, seq);
    status = transaction_get(transaction, TABLE_LEDGER, key_slice(&key), &value);
    if (status == -ENOENT) {
        key = key_of2(LEDGER_SEALED, vault_sound_of(subject), seq);
        status = transaction_get(transaction, TABLE_LEDGER, key_slice(&key), &value);
    }
    if (status == 0)
        status = personal_unseal(journal, transaction, seq, personal);
    transaction_end(read);
    if (status < 0)
        memset(personal, 0, sizeof *personal);
    return status;
}

int journal_erase(struct journal *journal, uint64_t subject)
{
    REQUIRE(journal->turn);
    return journal_fail(journal, vault_erase(&journal->vault, journal->turn, subject));
}

bool journal_has_sealed(struct journal *journal, uint64_t subject)
{
    struct transaction *transaction, *read;
    struct key prefix = key_of1(LEDGER_SEALED, subject);
    struct slice key, value;
    if (journal_look(journal, &transaction, &read) < 0)
        return false;
    bool has = transaction_from(transaction, TABLE_LEDGER, key_slice(&prefix), &key, &value) == 0 &&
               slice_starts_with(key, &prefix);
    transaction_end(read);
    return has;
}

bool journal_is_erased(struct journal *journal, uint64_t subject)
{
    struct transaction *transaction, *read;
    if (journal_look(journal, &transaction, &read) < 0)
        return false;
    bool erased = vault_is_erased(transaction, subject);
    transaction_end(read);
    return erased;
}
