/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The journal's tables without the journal: for who keeps what another one's turns changed, and how a journal takes them
 * over. */
#include <errno.h>

#include <sodium.h>

#include "dispatcher/journal/state.h"
#include "proto/keys.h"

static const char *const names[TABLE_COUNT] = TABLE_NAMES;

int journal_open_tables(struct store **store, const char *folder, uint32_t map_gib)
{
    struct store_settings settings = { .folder = folder,
                                       .map_bytes = (uint64_t)map_gib << 30,
                                       .tables = names,
                                       .table_count = TABLE_COUNT,
                                       .mark_table = TABLE_LEDGER,
                                       .probe_ms = JOURNAL_PROBE_MS,
                                       .append_only = names[TABLE_EVENTS],
                                       .redo = true };
    return sodium_init() < 0 ? -EIO : store_open(store, &settings);
}

int journal_take_store(struct journal *journal, const struct journal_settings *settings)
{
    struct store_settings store = { .folder = settings->folder,
                                    .map_bytes = (uint64_t)settings->map_gib << 30,
                                    .tables = names,
                                    .table_count = TABLE_COUNT,
                                    .mark_table = TABLE_LEDGER,
                                    .probe_ms = JOURNAL_PROBE_MS,
                                    .append_only = names[TABLE_EVENTS],
                                    .tell = settings->tell,
                                    .owner = settings->owner,
                                    .assure = settings->assure,
                                    .assurer = settings->assurer,
                                    .redo = true };
    journal->store = settings->store;
    if (!journal->store)
        return store_open(&journal->store, &store);
    store_listen(journal->store, settings->tell, settings->owner, settings->assure,
                 settings->assurer);
    return store_error(journal->store);
}

int journal_follow_root(struct store *store, const char *home)
{
    struct transaction *read;
    uint8_t root[VAULT_KEY_BYTES];
    int status = keys_read_vault(home, root);
    if (status < 0)
        return status;
    status = store_begin_read(store, &read);
    if (status == 0) {
        status = vault_catch_up(root, read);
        transaction_end(read);
    }
    if (status > 0)
        status = keys_renew_vault(home, root);
    sodium_memzero(root, sizeof root);
    /* Keys that were copied later than the tables fit once these have caught up. */
    return status == -ENOENT || status == -EKEYREJECTED ? 0 : status;
}
