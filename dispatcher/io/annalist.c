/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/io/annalist.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/minder.h"
#include "dispatcher/annals/annals.h"
#include "dispatcher/journal/journal.h"
#include "dispatcher/store/tables.h"

enum {
    TURNS_AT_ONCE = 64, /* read, and done in one commit */
    COMPLAIN_MS = 10000,
    AGAIN_MS = 100
};

struct annalist {
    const struct settings *settings;
    struct annals *annals;
    uint64_t epoch, turn, doubts;
    uint64_t beat_ms, said_ms;
    bool answers;
    char holder[ANNALS_HOLDER_BYTES];
    /* While another one leads. */
    struct store *store;
    struct transaction *write;
    struct store_mark mark;
    struct annals_stand seen; /* the last sign of life … */
    uint64_t seen_ms;         /* … and since when it is the last */
};

/* The loop, which hears signals else, stands still meanwhile. */
static bool is_told_to_end(void)
{
    sigset_t pending;
    return sigpending(&pending) == 0 &&
           (sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1);
}

static bool is_same(const struct store_mark *a, const struct store_mark *b)
{
    return a->turn == b->turn && memcmp(a->digest, b->digest, sizeof a->digest) == 0;
}

/* ---- the copy ------------------------------------------------------------------------------ */

static bool is_empty(struct store *store)
{
    struct transaction *read;
    uint64_t count = 0;
    int status = store_begin_read(store, &read);
    for (uint32_t table = 0; status == 0 && count == 0 && table < TABLE_COUNT; table++)
        status = transaction_count(read, table, &count);
    if (read)
        transaction_end(read);
    return status == 0 && count == 0;
}

static int do_turn(void *owner, const struct annals_turn *turn)
{
    struct annalist *annalist = owner;
    int status = transaction_apply(annalist->write, turn->changes);
    if (status == 0)
        annalist->mark = turn->after;
    return status;
}

/* Returns how many turns were done. */
static int do_turns(struct annalist *annalist)
{
    struct store_mark reached;
    int status = store_begin_write(annalist->store, &annalist->write);
    if (status < 0)
        return status;
    int count = annals_read(annalist->annals, &annalist->mark, TURNS_AT_ONCE, do_turn, annalist);
    if (count <= 0) {
        transaction_end(annalist->write);
        return count;
    }
    status = transaction_commit(annalist->write);
    store_mark(annalist->store, &reached);
    if (status == 0 && !is_same(&reached, &annalist->mark))
        status = -EBADMSG;
    return status < 0 ? status : count;
}

/* Where this home's copy ends; -ESTALE: it is no copy of these annals. */
static int find_place(struct annalist *annalist, const struct annals_stand *stand)
{
    store_mark(annalist->store, &annalist->mark);
    uint64_t turn = annalist->mark.turn;
    if (turn == 0 && is_empty(annalist->store)) {
        annalist->mark = stand->begin;
        if (stand->begin.turn == 0)
            return 0;
        log_error("the annals begin behind the journal's first turn: restore a backup first");
        return -ESTALE;
    }
    if (turn < stand->begin.turn || turn > stand->last.turn || turn == 0 ||
        (turn == stand->last.turn && !is_same(&annalist->mark, &stand->last))) {
        log_error("this home's journal is no copy of these annals turn=%llu theirs=%llu: set it "
                  "aside, and start again",
                  (unsigned long long)turn, (unsigned long long)stand->last.turn);
        return -ESTALE;
    }
    return 0;
}

/* Up to where the annals stood when they were asked, or a little further. */
static int catch_up(struct annalist *annalist, const struct annals_stand *stand)
{
    const struct settings *settings = annalist->settings;
    char folder[PATH_MAX];
    static const struct store_mark none;
    if (memcmp(&stand->begin, &none, sizeof none) == 0)
        return 0; /* they begin with this home's next turn */
    (void)snprintf(folder, sizeof folder, "%s/journal", settings->home);
    int status = annalist->store
                     ? 0
                     : journal_open_tables(&annalist->store, folder, settings->dispatcher.map_gib);
    if (status == 0)
        status = find_place(annalist, stand);
    uint64_t before = annalist->mark.turn;
    while (status == 0 && annalist->mark.turn < stand->last.turn) {
        int count = do_turns(annalist);
        status = count > 0 ? 0 : count < 0 ? count : -EBADMSG;
        minder_alive(clock_mono_ms());
        if (is_told_to_end())
            return -ECANCELED;
    }
    if (status == 0 && annalist->mark.turn > before)
        status = store_settle(annalist->store);
    if (status == 0)
        status = journal_follow_root(annalist->store, settings->home);
    return status;
}

/* ---- who leads ----------------------------------------------------------------------------- */

/* This machine's home, in other words than any other's. */
static int name_holder(struct annalist *annalist)
{
    char host[HOST_NAME_MAX + 1] = "", home[PATH_MAX];
    if (gethostname(host, sizeof host - 1) < 0 || !realpath(annalist->settings->home, home))
        return -errno;
    int length = snprintf(annalist->holder, sizeof annalist->holder, "%s:%s", host, home);
    return length < 0 || (size_t)length >= sizeof annalist->holder ? -ENAMETOOLONG : 0;
}

/* Whoever had the epoch is not there any more, as far as one can see. It need not be true: the epoch makes sure. */
static bool may_rise(struct annalist *annalist, const struct annals_stand *stand, uint64_t now_ms)
{
    const struct annals_stand *seen = &annalist->seen;
    if (stand->epoch == 0 || stand->holder[0] == '\0' ||
        strcmp(stand->holder, annalist->holder) == 0)
        return true;
    if (seen->epoch != stand->epoch || seen->beat != stand->beat ||
        seen->last.turn != stand->last.turn) {
        if (seen->epoch != stand->epoch)
            log_info("another dispatcher leads holder=%s epoch=%llu: following", stand->holder,
                     (unsigned long long)stand->epoch);
        annalist->seen = *stand;
        annalist->seen_ms = now_ms;
    }
    return now_ms - annalist->seen_ms >= ANNALIST_SILENT_MS;
}

/* Returns 0: this one leads; 1: another one does, or nobody knows; a negative errno. */
static int try_to_lead(struct annalist *annalist)
{
    struct annals_stand stand;
    uint64_t now_ms = clock_mono_ms();
    int status = annals_stand(annalist->annals, &stand);
    if (status < 0) {
        annalist->seen_ms = now_ms; /* who cannot see hears no silence */
        return 1;
    }
    status = catch_up(annalist, &stand);
    if (status < 0)
        return status;
    if (!may_rise(annalist, &stand, clock_mono_ms()) ||
        annals_rise(annalist->annals, &stand, annalist->holder, &annalist->epoch) < 0)
        return 1;
    /* Nobody else appends from here on: what the former leader did last is all there is. */
    while ((status = annals_stand(annalist->annals, &stand)) < 0 && !is_told_to_end())
        minder_alive(clock_mono_ms());
    if (status < 0)
        return -ECANCELED;
    if (stand.epoch != annalist->epoch)
        return 1;
    annalist->turn = stand.last.turn;
    return catch_up(annalist, &stand);
}

static int lead(struct annalist *annalist)
{
    int status;
    bool waits = false;
    annalist->seen_ms = clock_mono_ms();
    while ((status = try_to_lead(annalist)) == 1) {
        if (!waits)
            minder_ready();
        waits = true;
        minder_alive(clock_mono_ms());
        (void)poll(NULL, 0, ANNALIST_LOOK_MS);
        if (is_told_to_end())
            return -ECANCELED;
    }
    return status;
}

int annalist_open(struct annalist **annalist, const struct settings *settings)
{
    const char *place = settings->dispatcher.annals;
    struct annalist *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->settings = settings;
    fresh->answers = true;
    int status = name_holder(fresh);
    while (status == 0 && (status = annals_open(&fresh->annals, place)) == -ECONNREFUSED) {
        minder_alive(clock_mono_ms());
        (void)poll(NULL, 0, ANNALIST_LOOK_MS);
        status = is_told_to_end() ? -ECANCELED : 0;
    }
    if (status == 0)
        status = lead(fresh);
    store_close(fresh->store);
    fresh->store = NULL;
    if (status < 0) {
        if (status != -ECANCELED) /* the place may name a password */
            log_error("cannot lead by the annals error=%s", strerror(-status));
        annalist_close(fresh);
        return status;
    }
    log_info("leads by the annals epoch=%llu turn=%llu", (unsigned long long)fresh->epoch,
             (unsigned long long)fresh->turn);
    *annalist = fresh;
    return 0;
}

/* Whoever waits leads at once. Not heard, it waits until this one was silent for long enough. */
static void lay_down(struct annalist *annalist)
{
    struct annals_stand mine = { .epoch = annalist->epoch };
    uint64_t epoch;
    if (annalist->epoch > 0 && annalist->answers)
        (void)annals_rise(annalist->annals, &mine, "", &epoch);
}

void annalist_close(struct annalist *annalist)
{
    if (!annalist)
        return;
    lay_down(annalist);
    annals_close(annalist->annals);
    free(annalist);
}

/* ---- leading ------------------------------------------------------------------------------- */

static bool goes_on(void *owner)
{
    struct annalist *annalist = owner;
    uint64_t now_ms = clock_mono_ms();
    annalist->answers = false;
    annalist->doubts++;
    minder_alive(now_ms);
    if (is_told_to_end())
        return false;
    if (now_ms - annalist->said_ms >= COMPLAIN_MS) {
        annalist->said_ms = now_ms;
        log_error("the annals do not answer: nothing is said or taken until they do; calls go by "
                  "the gateways' plan");
    }
    (void)poll(NULL, 0, AGAIN_MS);
    return true;
}

/* This home's journal is a copy of what was, and its next life follows whoever leads. */
static void end_deposed(void)
{
    log_error("another dispatcher leads by the annals: ending");
    _exit(1);
}

int annalist_assure(void *owner, const struct store_mark *before, const struct store_mark *after,
                    struct slice changes)
{
    struct annalist *annalist = owner;
    struct annals_turn turn = { *after, clock_wall_ms(), changes };
    if (changes.size > ANNALS_TURN_BYTES_MAX)
        return -E2BIG;
    switch (annals_keep(annalist->annals, annalist->epoch, before, &turn, goes_on, annalist)) {
    case ANNALS_WRITTEN:
        annalist->answers = true;
        annalist->turn = after->turn;
        annalist->beat_ms = clock_mono_ms();
        return 0;
    case ANNALS_DEPOSED:
        end_deposed();
        break;
    case ANNALS_UNKNOWN:
        log_info("ending while the annals do not answer");
        _exit(0);
    case ANNALS_REFUSED:
        break;
    }
    log_error("the annals do not go on from here turn=%llu", (unsigned long long)after->turn);
    return -EBADMSG;
}

void annalist_serve(struct annalist *annalist, uint64_t mono_ms)
{
    if (!annalist || mono_ms - annalist->beat_ms < ANNALIST_BEAT_MS)
        return;
    annalist->beat_ms = mono_ms;
    enum annals_outcome outcome = annals_beat(annalist->annals, annalist->epoch);
    annalist->answers = outcome == ANNALS_WRITTEN;
    if (outcome == ANNALS_DEPOSED)
        end_deposed();
}

void annalist_measure(const struct annalist *annalist, struct annalist_figures *figures)
{
    *figures = (struct annalist_figures){ annalist->turn, annalist->epoch, annalist->doubts,
                                          annalist->answers };
}
