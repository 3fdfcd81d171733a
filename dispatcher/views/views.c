/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/views/views.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/require.h"
#include "dispatcher/store/events.h"
#include "dispatcher/views/concordance.h"
#include "dispatcher/views/row.h"

enum {
    REPLICA_MAP_BYTES = 1 << 30, /* at the start; it grows */
    OFFSET_MIN_DEFAULT = 480,    /* UTC+8 */
    REBUILD_BATCH = 1024
};

/* How far the views are: the value of VIEW_META. */
struct meta {
    uint64_t version;
    uint64_t seq;
    uint64_t epoch;
    uint64_t at_ms;
    uint8_t link[LINK_BYTES];
};

static int meta_read(struct transaction *transaction, struct meta *meta)
{
    struct key key = key_of(VIEW_META);
    struct slice value;
    int status = transaction_get(transaction, TABLE_VIEWS, key_slice(&key), &value);
    if (status < 0)
        return status;
    if (value.size != 4 * sizeof(uint64_t) + LINK_BYTES)
        return -EBADMSG;
    meta->version = slice_u64(value, 0);
    meta->seq = slice_u64(value, 8);
    meta->epoch = slice_u64(value, 16);
    meta->at_ms = slice_u64(value, 24);
    memcpy(meta->link, (const uint8_t *)value.data + 32, LINK_BYTES);
    return 0;
}

static int meta_write(struct views *views, struct transaction *write)
{
    struct key key = key_of(VIEW_META), value = { .size = 0 };
    key_u64(&value, VIEWS_VERSION);
    key_u64(&value, views->seq);
    key_u64(&value, views->epoch);
    key_u64(&value, views->chain.at_ms);
    key_bytes(&value, views->chain.link, LINK_BYTES);
    views->settled = views->seq;
    return transaction_put(write, TABLE_VIEWS, key_slice(&key), key_slice(&value));
}

/* Stores what the turn changed, and how far the views are. */
static int settle(struct views *views, struct transaction *write)
{
    int status = rows_store(views, write);
    if (status < 0)
        return status;
    shelf_age(&views->shelf);
    return meta_write(views, write);
}

/* ---- applying ------------------------------------------------------------------------------ */

/* In this order: the first wants the rows as they were. */
static int (*const parts[])(const struct change *change) = {
    apply_to_kpi,        apply_to_city,     apply_to_contacts, apply_to_takers,
    apply_to_incidents,  apply_to_storms,   apply_to_units,    apply_to_petitions,
    apply_to_texts,      apply_to_outgoing, apply_to_fixes,    apply_to_handovers,
    apply_to_erasures,   apply_to_families, apply_to_guides,   apply_to_articles,
    apply_to_amendments, apply_to_trail,    apply_to_viewings, apply_to_grants,
    apply_to_glasses,    apply_to_readings, apply_to_exams,
};

static int event_apply(struct views *views, struct transaction *write, const struct event *event)
{
    struct change change = { views, write, event };
    int status = 0;
    REQUIRE(event->seq == views->seq + 1);
    for (unsigned i = 0; status == 0 && i < sizeof parts / sizeof parts[0]; i++)
        status = parts[i](&change);
    if (status == 0)
        views->seq = event->seq;
    return status;
}

int views_apply(struct views *views, struct transaction *write, const struct event *event)
{
    return event_apply(views, write, event);
}

int views_settle(struct views *views, struct transaction *write)
{
    return views->seq == views->settled ? 0 : settle(views, write);
}

static int row_apply(struct views *views, struct transaction *write, const struct stored_event *row)
{
    if (codec_unpack(views->codec, SCHEMA_RECORD, row->record, row->record_size, &views->record) <
            0 ||
        !views->record.has_event || views->record.event.seq != row->seq)
        return -EBADMSG;
    return event_apply(views, write, &views->record.event);
}

static int rows_apply(struct views *views, struct transaction *write,
                      const struct stored_event *rows, uint32_t count)
{
    int status = 0;
    for (uint32_t i = 0; status == 0 && i < count; i++) {
        status = chain_follow(&views->chain, &rows[i]);
        if (status == 0)
            status = events_append(write, &rows[i]);
        if (status == 0)
            status = row_apply(views, write, &rows[i]);
    }
    return status < 0 ? status : settle(views, write);
}

int views_apply_rows(struct views *views, uint64_t epoch, const struct stored_event *rows,
                     uint32_t count)
{
    struct transaction *write;
    struct chain chain = views->chain;
    uint64_t seq = views->seq, before = views->epoch, offset_min = views->offset_min;
    REQUIRE(views->owns_store);
    int status = store_begin_write(views->store, &write);
    if (status < 0)
        return status;
    views->epoch = epoch;
    status = rows_apply(views, write, rows, count);
    if (status == 0)
        status = transaction_commit(write);
    else
        transaction_end(write);
    if (status < 0) {
        views->chain = chain;
        views->seq = seq;
        views->epoch = before;
        views->offset_min = offset_min;
        shelf_clear(&views->shelf);
    }
    return status;
}

/* ---- opening ------------------------------------------------------------------------------- */

static int clear(struct views *views, struct transaction *write)
{
    for (;;) {
        struct slice key, value;
        struct key first = { .size = 0 };
        int status = transaction_from(write, TABLE_VIEWS, (struct slice){ NULL, 0 }, &key, &value);
        if (status < 0)
            return status == -ENOENT ? meta_write(views, write) : status;
        key_bytes(&first, key.data, key.size);
        status = transaction_remove(write, TABLE_VIEWS, key_slice(&first));
        if (status < 0)
            return status;
    }
}

/* Applies one batch of stored events that the views do not know yet. *more: there are others. */
static int catch_up(struct views *views, struct transaction *write, bool *more)
{
    int status = 0;
    *more = true;
    for (int i = 0; status == 0 && i < REBUILD_BATCH; i++) {
        status = events_get(write, views->seq + 1, &views->row);
        if (status == 0 && views->owns_store)
            status = chain_follow(&views->chain, &views->row);
        if (status == 0)
            status = row_apply(views, write, &views->row);
    }
    if (status == -ENOENT) {
        *more = false;
        status = 0;
    }
    return status < 0 ? status : settle(views, write);
}

static int state_read(struct views *views, struct transaction *write)
{
    struct meta meta;
    uint64_t offset_min;
    chain_init(&views->chain, NULL); /* its records tell the suite */
    views->offset_min = OFFSET_MIN_DEFAULT;
    int status = meta_read(write, &meta);
    if (status == -ENOENT || (status == 0 && meta.version != VIEWS_VERSION))
        return clear(views, write);
    if (status < 0)
        return status;
    views->seq = views->settled = meta.seq;
    views->epoch = meta.epoch;
    views->chain = (struct chain){ .seq = meta.seq, .at_ms = meta.at_ms };
    memcpy(views->chain.link, meta.link, LINK_BYTES);
    status = number_get(write, key_of1(VIEW_PARAMETER, PARAMETER_UTC_OFFSET_MIN), &offset_min);
    if (status == 0 && offset_min)
        views->offset_min = offset_min;
    return status;
}

static int bring_up(struct views *views)
{
    struct transaction *write;
    bool more = true;
    int status = store_begin_write(views->store, &write);
    if (status < 0)
        return status;
    status = state_read(views, write);
    while (status == 0 && more) {
        status = catch_up(views, write, &more);
        if (status < 0)
            break;
        status = transaction_commit(write);
        write = NULL;
        if (status == 0 && more)
            status = store_begin_write(views->store, &write);
    }
    transaction_end(write);
    return status;
}

static int views_make(struct views **views, struct store *store, bool owns_store)
{
    struct views *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->store = store;
    fresh->owns_store = owns_store;
    fresh->codec = codec_open();
    int status = fresh->codec ? bring_up(fresh) : -ENOMEM;
    if (status < 0) {
        fresh->owns_store = false; /* the caller's still */
        views_close(fresh);
        return status;
    }
    *views = fresh;
    return 0;
}

int views_open_inside(struct views **views, struct store *store, uint64_t epoch)
{
    int status = views_make(views, store, false);
    if (status == 0)
        (*views)->epoch = epoch;
    return status;
}

int views_open(struct views **views, const char *folder)
{
    static const char *const names[TABLE_COUNT] = TABLE_NAMES;
    struct store_settings settings = { .folder = folder,
                                       .map_bytes = REPLICA_MAP_BYTES,
                                       .tables = names,
                                       .table_count = TABLE_REPLICA_COUNT };
    struct store *store;
    if (sodium_init() < 0)
        return -EIO;
    int status = store_open(&store, &settings);
    if (status < 0)
        return status;
    status = views_make(views, store, true);
    if (status < 0)
        store_close(store);
    return status;
}

void views_close(struct views *views)
{
    if (!views)
        return;
    if (views->owns_store)
        store_close(views->store);
    concordance_close(views->concordance);
    codec_close(views->codec);
    free(views);
}

uint64_t views_seq(const struct views *views)
{
    return views->seq;
}

int views_rows(struct views *views, uint64_t after, struct stored_event *rows, int max)
{
    struct transaction *read;
    int status = store_begin_read(views->store, &read);
    if (status < 0)
        return status;
    status = events_read(read, after, rows, max);
    transaction_end(read);
    return status;
}

/* ---- digest -------------------------------------------------------------------------------- */

static void entry_hash(crypto_generichash_state *hash, struct slice key, struct slice value)
{
    uint64_t sizes[2] = { htobe64(key.size), htobe64(value.size) };
    (void)crypto_generichash_update(hash, (const uint8_t *)sizes, sizeof sizes);
    (void)crypto_generichash_update(hash, key.data, key.size);
    (void)crypto_generichash_update(hash, value.data, value.size);
}

int views_digest(struct views *views, uint8_t digest[32])
{
    struct transaction *read;
    int status = store_begin_read(views->store, &read);
    if (status < 0)
        return status;
    crypto_generichash_state hash;
    (void)crypto_generichash_init(&hash, NULL, 0, 32);
    struct key from = key_of(VIEW_META + 1);
    struct slice key, value;
    while ((status = transaction_from(read, TABLE_VIEWS, key_slice(&from), &key, &value)) == 0) {
        entry_hash(&hash, key, value);
        from.size = 0;
        key_bytes(&from, key.data, key.size);
        key_u8(&from, 0); /* the least key behind this one */
    }
    transaction_end(read);
    (void)crypto_generichash_final(&hash, digest, 32);
    return status == -ENOENT ? 0 : status;
}
