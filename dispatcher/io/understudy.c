/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/io/understudy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/log.h"
#include "base/metrics.h"
#include "base/require.h"
#include "dispatcher/journal/journal.h"
#include "dispatcher/store/events.h"
#include "dispatcher/store/tables.h"
#include "proto/codec.h"

struct understudy {
    const struct settings *settings;
    struct store *store;
    struct transaction *write; /* NULL: none is open */
    struct store_mark mark;    /* with the open write's turns */
    struct codec *codec;
    struct roster roster;
    struct mind mind;
    bool live;
    bool blind; /* it met what it cannot take up: said once */
};

/* ---- the mind's source --------------------------------------------------------------------- */

static int read_rows(void *owner, uint64_t after, struct stored_event *rows, int max)
{
    struct understudy *understudy = owner;
    struct transaction *read;
    int status = store_begin_read(understudy->store, &read);
    if (status < 0)
        return status;
    status = events_read(read, after, rows, max);
    transaction_end(read);
    return status;
}

static int unpack_row(void *owner, const struct stored_event *row, struct record *record)
{
    struct understudy *understudy = owner;
    bool good = codec_unpack(understudy->codec, SCHEMA_RECORD, row->record, row->record_size,
                             record) == 0 &&
                record->has_event;
    return good ? 0 : -EBADMSG;
}

static struct mind_source source_of(struct understudy *understudy)
{
    return (struct mind_source){ understudy, read_rows, unpack_row };
}

/* ---- life ---------------------------------------------------------------------------------- */

static int open_mind(struct understudy *understudy)
{
    struct journal_settings keys = { .suite = suite_named(understudy->settings->suite) };
    keys.sealed_elsewhere = settings_sealer(understudy->settings) != NULL;
    int status = journal_read_keys(&keys, understudy->settings->home);
    if (status == 0)
        status = mind_open(&understudy->mind, understudy->settings, &understudy->roster,
                           keys.orders_key);
    sodium_memzero(&keys, sizeof keys);
    struct mind_source source = source_of(understudy);
    return status < 0 ? status : mind_begin(&understudy->mind, &source);
}

int understudy_open(struct understudy **understudy, const struct settings *settings)
{
    char folder[SETTINGS_PATH_BYTES + 16];
    struct understudy *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->settings = settings;
    fresh->codec = codec_open();
    (void)snprintf(folder, sizeof folder, "%s/journal", settings->home);
    int status = fresh->codec
                     ? journal_open_tables(&fresh->store, folder, settings->dispatcher.map_gib)
                     : -ENOMEM;
    if (status == 0)
        status = open_mind(fresh);
    if (status < 0) {
        log_error("cannot open the journal to follow folder=%s error=%s", folder,
                  strerror(-status));
        understudy_close(fresh);
        return status;
    }
    store_mark(fresh->store, &fresh->mark);
    *understudy = fresh;
    return 0;
}

void understudy_close(struct understudy *understudy)
{
    if (!understudy)
        return;
    transaction_end(understudy->write);
    mind_close(&understudy->mind);
    store_close(understudy->store);
    codec_close(understudy->codec);
    free(understudy);
}

const struct store_mark *understudy_mark(const struct understudy *understudy)
{
    return &understudy->mark;
}

bool understudy_is_empty(const struct understudy *understudy)
{
    struct transaction *read = NULL;
    uint64_t count = 0;
    int status = store_begin_read(understudy->store, &read);
    for (uint32_t table = 0; status == 0 && count == 0 && table < TABLE_COUNT; table++)
        status = transaction_count(read, table, &count);
    transaction_end(read);
    return status == 0 && count == 0;
}

void understudy_begin_at(struct understudy *understudy, const struct store_mark *mark)
{
    understudy->mark = *mark;
}

/* ---- turns --------------------------------------------------------------------------------- */

int understudy_write(struct understudy *understudy)
{
    REQUIRE(!understudy->write);
    return store_begin_write(understudy->store, &understudy->write);
}

int understudy_turn(struct understudy *understudy, const struct store_mark *after,
                    struct slice changes)
{
    int status = transaction_apply(understudy->write, changes);
    if (status == 0)
        understudy->mark = *after;
    return status;
}

void understudy_drop(struct understudy *understudy)
{
    transaction_end(understudy->write);
    understudy->write = NULL;
}

int understudy_commit(struct understudy *understudy)
{
    struct store_mark reached;
    struct transaction *write = understudy->write;
    understudy->write = NULL;
    int status = transaction_commit(write);
    store_mark(understudy->store, &reached);
    bool there = reached.turn == understudy->mark.turn &&
                 memcmp(reached.digest, understudy->mark.digest, sizeof reached.digest) == 0;
    return status < 0 ? status : there ? 0 : -EBADMSG;
}

/* ---- the mind ------------------------------------------------------------------------------ */

static void go_blind(struct understudy *understudy, int status)
{
    if (understudy->blind)
        return;
    understudy->blind = true;
    log_error(
        "%s seq=%llu error=%s: turns are kept, but taking over would not be possible from here",
        status == -EPROTONOSUPPORT ? "the leader is a newer program: install its version here"
                                   : "cannot take up what the leader did",
        (unsigned long long)understudy->mind.at.seq + 1, strerror(-status));
}

bool understudy_learn(struct understudy *understudy)
{
    struct mind_source source = source_of(understudy);
    if (understudy->blind)
        return false;
    int status = mind_follow(&understudy->mind, &source, UNDERSTUDY_EVENTS_MAX);
    if (status < 0)
        go_blind(understudy, status);
    if (!understudy->live && status == 0)
        log_info("the core is live seq=%llu", (unsigned long long)understudy->mind.at.seq);
    understudy->live = status == 0;
    return status == 1;
}

int understudy_settle(struct understudy *understudy)
{
    struct mind_source source = source_of(understudy);
    int status = store_settle(understudy->store);
    if (status == 0)
        status = journal_follow_root(understudy->store, understudy->settings->home);
    if (status == 0 && understudy->live)
        mind_keep(&understudy->mind, &source, understudy->mind.at.seq);
    return status;
}

void understudy_finish(struct understudy *understudy)
{
    struct mind_source source = source_of(understudy);
    while (understudy_learn(understudy))
        continue;
    if (understudy->live)
        mind_finish(&understudy->mind, &source, understudy->mind.at.seq);
}

bool understudy_is_live(const struct understudy *understudy)
{
    return understudy->live;
}

void understudy_figures(const struct understudy *understudy, struct text *text)
{
    metrics_gauge(text, "yihao_leads", "1 while this dispatcher leads, 0 while it follows.", NULL,
                  0);
    metrics_gauge(text, "yihao_standby_turn", "The last turn of the leader that is on this disk.",
                  NULL, understudy->mark.turn);
    metrics_gauge(text, "yihao_standby_seq", "The last event that its core took up.", NULL,
                  understudy->mind.at.seq);
    metrics_gauge(text, "yihao_standby_live",
                  "1 while its core stands where its journal stands: it could lead at once.", NULL,
                  understudy->live);
}

void understudy_give(struct understudy *understudy, struct store **store, struct mind *mind,
                     struct roster *roster)
{
    REQUIRE(!understudy->write);
    *store = understudy->store;
    understudy->store = NULL;
    mind_move(mind, roster, &understudy->mind);
    understudy_close(understudy);
}
