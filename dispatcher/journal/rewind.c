/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * backup_rewind(): a journal as it was at a time; backup_erase(): without what was erased since. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <sodium.h>

#include "base/folder.h"
#include "base/require.h"
#include "dispatcher/journal/backup.h"
#include "dispatcher/journal/state.h"
#include "dispatcher/store/events.h"
#include "proto/keys.h"

enum {
    TURN_ROWS = 4096, /* events of one commit */
    MAP_GIB = 64      /* of address space */
};

struct rewinding {
    struct store *old;
    struct journal *fresh;
    uint64_t until_ms;
    bool done;
};

/* The key that sealed the record, if it was not destroyed since: then what says so. */
static int key_take(struct rewinding *rewinding, struct transaction *read, uint64_t subject)
{
    struct key key = { .size = 0 };
    struct slice value;
    key_u64(&key, subject);
    int status = transaction_get(read, TABLE_VAULT, key_slice(&key), &value);
    if (status < 0)
        return status == -ENOENT ? 0 : status;
    return transaction_put(rewinding->fresh->turn, TABLE_VAULT, key_slice(&key), value);
}

static int row_take(struct rewinding *rewinding, struct transaction *read,
                    const struct stored_event *row)
{
    struct journal *fresh = rewinding->fresh;
    struct record *record = &fresh->record;
    int status = journal_unpack(fresh, row, record);
    if (status < 0)
        return status;
    if (record->event.at_ms > rewinding->until_ms) {
        rewinding->done = true;
        return 0;
    }
    status = chain_follow(&fresh->chain, row);
    if (status == 0)
        status = journal_keep(fresh, row, &record->event);
    if (status == 0 && record->sealed_size > 0) {
        struct key key = key_of2(LEDGER_SEALED, record->subject, row->seq);
        status =
            transaction_put(fresh->turn, TABLE_LEDGER, key_slice(&key), (struct slice){ NULL, 0 });
        if (status == 0)
            status = key_take(rewinding, read, record->subject);
    }
    return status;
}

static int turn_take(struct rewinding *rewinding, struct transaction *read)
{
    static struct stored_event row;
    struct journal *fresh = rewinding->fresh;
    int status = journal_begin(fresh);
    for (int i = 0; status == 0 && i < TURN_ROWS && !rewinding->done; i++) {
        int count = events_read(read, fresh->chain.seq, &row, 1);
        if (count == 1)
            status = row_take(rewinding, read, &row);
        else
            status = count;
        rewinding->done |= count == 0;
    }
    (void)journal_fail(fresh, status);
    return fresh->turn ? journal_commit(fresh, fresh->now_ms + JOURNAL_CHECKPOINT_MS) : status;
}

/* The next of both: which comes first, the checkpoint's key tells. Returns 1 when there are no more. */
static int signature_take(struct rewinding *rewinding, struct transaction *read)
{
    struct journal *fresh = rewinding->fresh;
    struct checkpoint checkpoint;
    struct succession succession;
    int next = journal_checkpoint_from(read, fresh->codec, fresh->checkpoint.seq + 1, &checkpoint);
    int heir = journal_succession_from(read, fresh->codec, fresh->lineage.number + 1, &succession);
    if ((next < 0 && next != -ENOENT) || (heir < 0 && heir != -ENOENT))
        return next < 0 && next != -ENOENT ? next : heir;
    bool is_next = next == 0 && checkpoint.seq <= fresh->chain.seq;
    if (is_next && memcmp(checkpoint.key, fresh->lineage.key, sizeof checkpoint.key) == 0)
        return journal_seal(fresh, &checkpoint, checkpoint_holds(&checkpoint));
    return heir == 0 && succession.size <= fresh->chain.seq ? journal_succeed(fresh, &succession)
                                                            : 1;
}

/* A journal that is sealed elsewhere keeps the signatures it had: nobody here could make others. */
static int signatures_take(struct rewinding *rewinding, struct transaction *read)
{
    int status = rewinding->fresh->sealed_elsewhere ? 0 : 1;
    while (status == 0) {
        status = journal_begin(rewinding->fresh);
        for (int i = 0; status == 0 && i < TURN_ROWS; i++)
            status = signature_take(rewinding, read);
        if (status < 0)
            return status;
        int done = journal_commit(rewinding->fresh, 0);
        status = done < 0 ? done : status;
    }
    return status < 0 ? status : 0;
}

/* Epochs go on rising: whoever met the old journal's must not be told a lower one. */
static int epoch_take(struct rewinding *rewinding, struct transaction *read)
{
    struct key key = key_of(LEDGER_EPOCH);
    struct slice value;
    int status = transaction_get(read, TABLE_LEDGER, key_slice(&key), &value);
    if (status == 0)
        status = journal_begin(rewinding->fresh);
    if (status < 0)
        return status;
    rewinding->fresh->epoch = slice_u64(value, 0);
    (void)journal_fail(rewinding->fresh, transaction_put(rewinding->fresh->turn, TABLE_LEDGER,
                                                         key_slice(&key), value));
    return journal_commit(rewinding->fresh, 0);
}

/* What wraps the keys that are taken. */
static int nodes_take(struct rewinding *rewinding, struct transaction *read)
{
    struct key from = key_of(1); /* behind all subjects */
    int status = journal_begin(rewinding->fresh);
    while (status == 0) {
        struct slice key, value;
        status = transaction_from(read, TABLE_VAULT, key_slice(&from), &key, &value);
        if (status < 0)
            break;
        from = (struct key){ .size = 0 };
        key_bytes(&from, key.data, key.size);
        status = transaction_put(rewinding->fresh->turn, TABLE_VAULT, key_slice(&from), value);
        key_u8(&from, 0);
    }
    (void)journal_fail(rewinding->fresh, status == -ENOENT ? 0 : status);
    return rewinding->fresh->turn ? journal_commit(rewinding->fresh, 0) : status;
}

static int take_all(struct rewinding *rewinding)
{
    struct transaction *read;
    REQUIRE(rewinding->fresh != NULL);
    int status = store_begin_read(rewinding->old, &read);
    if (status < 0)
        return status;
    status = epoch_take(rewinding, read);
    if (status == 0)
        status = nodes_take(rewinding, read);
    while (status == 0 && !rewinding->done)
        status = turn_take(rewinding, read);
    if (status == 0)
        status = signatures_take(rewinding, read);
    transaction_end(read);
    return status;
}

/* A crash may have kept the root's file behind the tables; a journal of an earlier version has no tree. */
static int root_find(struct store *old, uint8_t root[VAULT_KEY_BYTES])
{
    struct transaction *read;
    int status = store_begin_read(old, &read);
    if (status < 0)
        return status;
    status = vault_catch_up(root, read);
    transaction_end(read);
    return status == -ENOENT || status > 0 ? 0 : status;
}

/* What is made anew is of the same suite. */
static int suite_keep(struct store *old, const struct suite **suite)
{
    struct transaction *read;
    struct codec *codec = codec_open();
    int status = codec ? store_begin_read(old, &read) : -ENOMEM;
    if (status == 0) {
        status = journal_suite_find(read, codec, suite);
        transaction_end(read);
    }
    codec_close(codec);
    return status == -ENOENT ? 0 : status;
}

static int open_both(struct rewinding *rewinding, const char *home, const char *old,
                     const char *fresh)
{
    static const char *const names[TABLE_COUNT] = TABLE_NAMES;
    struct store_settings tables = {
        .folder = old, .tables = names, .table_count = TABLE_COUNT, .redo = true
    };
    struct journal_settings settings = { .folder = fresh, .map_gib = MAP_GIB };
    struct stat facts;
    if (stat(old, &facts) < 0)
        return -errno;
    int status = journal_read_keys(&settings, home);
    if (status == -ENOENT) { /* the sealer has the secret */
        settings.sealed_elsewhere = true;
        status = journal_read_keys(&settings, home);
    }
    if (status == 0)
        status = store_open(&rewinding->old, &tables);
    if (status == 0)
        status = root_find(rewinding->old, settings.vault_key);
    if (status == 0)
        status = suite_keep(rewinding->old, &settings.suite);
    settings.home = NULL; /* the file follows the journal that is there */
    if (status == 0)
        status = journal_open(&rewinding->fresh, &settings);
    sodium_memzero(&settings, sizeof settings);
    return status;
}

int backup_rewind(const char *home, uint64_t until_ms, uint64_t *seq)
{
    char old[PATH_MAX], fresh[PATH_MAX], before[PATH_MAX];
    struct rewinding rewinding = { .until_ms = until_ms };
    struct stat facts;
    int length = snprintf(before, sizeof before, "%s/journal.before", home);
    if (length < 0 || (size_t)length >= sizeof before)
        return -ENAMETOOLONG;
    (void)snprintf(old, sizeof old, "%s/journal", home);
    (void)snprintf(fresh, sizeof fresh, "%s/journal.until", home);
    if (stat(fresh, &facts) == 0 || stat(before, &facts) == 0)
        return -EEXIST;
    int status = open_both(&rewinding, home, old, fresh);
    if (status == 0)
        status = take_all(&rewinding);
    if (status == 0)
        *seq = rewinding.fresh->durable;
    journal_close(rewinding.fresh);
    store_close(rewinding.old);
    if (status == 0 && (rename(old, before) < 0 || rename(fresh, old) < 0))
        status = -errno;
    return status < 0 ? status : folder_sync(home);
}

int backup_erase(const char *home, const uint64_t *subjects, size_t count)
{
    char folder[PATH_MAX];
    struct journal *journal = NULL;
    struct journal_settings settings = { .folder = folder, .map_gib = MAP_GIB };
    int length = snprintf(folder, sizeof folder, "%s/journal", home);
    if (length < 0 || (size_t)length >= sizeof folder)
        return -ENAMETOOLONG;
    int status = journal_read_keys(&settings, home);
    if (status == 0)
        status = journal_open(&journal, &settings);
    sodium_memzero(settings.vault_key, sizeof settings.vault_key);
    for (size_t i = 0; i < count && status == 0; i++) {
        status = journal_begin(journal);
        if (status == 0)
            status = journal_erase(journal, subjects[i]);
        if (journal->turn)
            status = journal_commit(journal, journal->now_ms);
    }
    if (status == 0)
        status = journal_settle(journal);
    journal_close(journal);
    return status;
}
