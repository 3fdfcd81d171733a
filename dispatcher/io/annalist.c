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
#include "base/metrics.h"
#include "base/minder.h"
#include "dispatcher/annals/annals.h"
#include "dispatcher/annals/watch.h"
#include "dispatcher/io/understudy.h"

enum {
    TURNS_AT_ONCE = 64, /* read, and done in one commit */
    COMPLAIN_MS = 10000,
    AGAIN_MS = 100,
    RESIGN_LOOK_MS = 10,
    SETTLE_MS = 1000
};

struct annalist {
    const struct settings *settings;
    struct annals *annals;
    uint64_t epoch, turn, doubts;
    uint64_t beat_ms, said_ms;
    bool answers;
    char holder[ANNALS_HOLDER_BYTES];
    /* While another one leads. */
    struct understudy *understudy;
    struct metrics *metrics;
    struct watch watch;
    uint64_t settled_ms;
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

/* What others want of it while it waits. */
static void attend(struct annalist *annalist)
{
    minder_alive(clock_mono_ms());
    metrics_turn(annalist->metrics);
}

static void rest(struct annalist *annalist, int wait_ms)
{
    struct pollfd item = { .fd = metrics_fd(annalist->metrics), .events = POLLIN };
    uint64_t until_ms = clock_mono_ms() + (uint64_t)wait_ms, now_ms;
    for (attend(annalist); (now_ms = clock_mono_ms()) < until_ms; attend(annalist))
        (void)poll(&item, 1, (int)(until_ms - now_ms));
}

/* ---- the copy ------------------------------------------------------------------------------ */

static int do_turn(void *owner, const struct annals_turn *turn)
{
    struct annalist *annalist = owner;
    return understudy_turn(annalist->understudy, &turn->after, turn->changes);
}

/* Returns how many turns were done. */
static int do_turns(struct annalist *annalist)
{
    int status = understudy_write(annalist->understudy);
    if (status < 0)
        return status;
    struct store_mark before = *understudy_mark(annalist->understudy);
    int count = annals_read(annalist->annals, &before, TURNS_AT_ONCE, do_turn, annalist);
    if (count <= 0) {
        understudy_drop(annalist->understudy);
        return count;
    }
    status = understudy_commit(annalist->understudy);
    return status < 0 ? status : count;
}

/* Where this home's copy ends; -ESTALE: it is no copy of these annals. */
static int find_place(struct annalist *annalist, const struct annals_stand *stand)
{
    const struct store_mark *mark = understudy_mark(annalist->understudy);
    uint64_t turn = mark->turn;
    if (turn == 0 && understudy_is_empty(annalist->understudy)) {
        understudy_begin_at(annalist->understudy, &stand->begin);
        if (stand->begin.turn == 0)
            return 0;
        log_error("the annals begin behind the journal's first turn: restore a backup first");
        return -ESTALE;
    }
    if (turn < stand->begin.turn || turn > stand->last.turn || turn == 0 ||
        (turn == stand->last.turn && !is_same(mark, &stand->last))) {
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
    struct understudy *understudy = annalist->understudy;
    static const struct store_mark none;
    if (memcmp(&stand->begin, &none, sizeof none) == 0)
        return 0; /* they begin with this home's next turn */
    int status = find_place(annalist, stand);
    while (status == 0 && understudy_mark(understudy)->turn < stand->last.turn) {
        int count = do_turns(annalist);
        status = count > 0 ? 0 : count < 0 ? count : -EBADMSG;
        attend(annalist);
        if (is_told_to_end())
            return -ECANCELED;
    }
    return status;
}

/* Now and then, and before it leads. */
static int settle(struct annalist *annalist, uint64_t now_ms)
{
    if (now_ms - annalist->settled_ms < SETTLE_MS)
        return 0;
    annalist->settled_ms = now_ms;
    return understudy_settle(annalist->understudy);
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

/* Takes the epoch of who was silent. The stand is the last one there was: it is taken on that condition, and nobody else
 * appends from here on. Returns as try_to_lead(). */
static int rise(struct annalist *annalist, const struct annals_stand *stand)
{
    if (annals_rise(annalist->annals, stand, annalist->holder, &annalist->epoch) < 0)
        return 1;
    log_info("takes the epoch=%llu of=%s", (unsigned long long)annalist->epoch, stand->holder);
    return 0;
}

/* Returns 0: this one leads; 1: another one does, or nobody knows; a negative errno. */
static int try_to_lead(struct annalist *annalist)
{
    struct annals_stand stand;
    int status = annals_look(annalist->annals, &stand);
    uint64_t now_ms = clock_mono_ms();
    annalist->answers = status == 0;
    if (status < 0) {
        watch_blind(&annalist->watch, now_ms);
        return 1;
    }
    annalist->turn = stand.last.turn;
    status = catch_up(annalist, &stand);
    if (status < 0)
        return status;
    uint64_t known = annalist->watch.seen.epoch;
    if (watch_may_rise(&annalist->watch, &stand, annalist->holder, now_ms))
        return rise(annalist, &stand);
    if (known != stand.epoch)
        log_info("another dispatcher leads holder=%s epoch=%llu: following", stand.holder,
                 (unsigned long long)stand.epoch);
    while (understudy_learn(annalist->understudy))
        attend(annalist);
    status = settle(annalist, now_ms);
    return status < 0 ? status : 1;
}

static int lead(struct annalist *annalist)
{
    int status;
    bool waits = false;
    watch_begin(&annalist->watch, clock_mono_ms());
    while ((status = try_to_lead(annalist)) == 1) {
        if (!waits)
            minder_ready();
        waits = true;
        rest(annalist, ANNALIST_LOOK_MS);
        if (is_told_to_end())
            return -ECANCELED;
    }
    return status;
}

/* ---- figures of who follows ---------------------------------------------------------------- */

static void figures_write(void *owner, struct text *text)
{
    const struct annalist *annalist = owner;
    uint64_t turn = understudy_mark(annalist->understudy)->turn;
    understudy_figures(annalist->understudy, text);
    metrics_gauge(text, "yihao_standby_behind", "Turns of the leader that are not.", NULL,
                  annalist->turn > turn ? annalist->turn - turn : 0);
    metrics_gauge(text, "yihao_standby_silence_ms", "Since the leader was last heard.", NULL,
                  clock_mono_ms() - annalist->watch.seen_ms);
    metrics_gauge(text, "yihao_standby_follows", "1 while it follows a leader that knows it.", NULL,
                  annalist->answers && annalist->watch.seen.epoch > 0);
    metrics_gauge(text, "yihao_annals_answer", "1 while the annals answer this dispatcher.", NULL,
                  annalist->answers);
    metrics_gauge(text, "yihao_annals_turn", "The last turn that is in the annals.", NULL,
                  annalist->turn);
    metrics_gauge(text, "yihao_annals_epoch", "The epoch under which it is written.", NULL,
                  annalist->watch.seen.epoch);
}

static int open_annals(struct annalist *annalist)
{
    int status;
    while ((status = annals_open(&annalist->annals, annalist->settings->dispatcher.annals)) ==
           -ECONNREFUSED) {
        annalist->answers = false;
        rest(annalist, AGAIN_MS);
        if (is_told_to_end())
            return -ECANCELED;
    }
    return status;
}

/* Ends what following took; the understudy stays. */
static void rest_no_more(struct annalist *annalist)
{
    metrics_close(annalist->metrics);
    annalist->metrics = NULL;
    annalist->understudy = NULL;
}

int annalist_open(struct annalist **annalist, const struct settings *settings,
                  struct understudy **understudy)
{
    struct understudy *follows = NULL;
    struct annalist *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->settings = settings;
    fresh->answers = true;
    watch_begin(&fresh->watch, clock_mono_ms());
    int status = name_holder(fresh);
    if (status == 0)
        status = understudy_open(&follows, settings);
    fresh->understudy = follows;
    if (status == 0)
        status =
            metrics_open(&fresh->metrics, settings->dispatcher.metrics_port, figures_write, fresh);
    if (status == 0)
        status = open_annals(fresh);
    if (status == 0)
        status = lead(fresh);
    rest_no_more(fresh);
    if (status < 0) {
        if (status == -ECANCELED)
            understudy_finish(follows);
        else /* the place may name a password */
            log_error("cannot lead by the annals error=%s", strerror(-status));
        understudy_close(follows);
        annalist_close(fresh);
        return status;
    }
    log_info("leads by the annals epoch=%llu turn=%llu", (unsigned long long)fresh->epoch,
             (unsigned long long)fresh->turn);
    *annalist = fresh;
    *understudy = follows;
    return 0;
}

/* Whoever waits leads at once. Not heard, it waits until this one was silent for long enough. */
static bool lay_down(struct annalist *annalist)
{
    struct annals_stand stand;
    return annalist->epoch > 0 && annalist->answers &&
           annals_stand(annalist->annals, &stand) == 0 && stand.epoch == annalist->epoch &&
           annals_rise(annalist->annals, &stand, "", &annalist->epoch) == 0;
}

void annalist_close(struct annalist *annalist)
{
    if (!annalist)
        return;
    (void)lay_down(annalist);
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

bool annalist_resign(struct annalist *annalist)
{
    uint64_t until_ms = clock_mono_ms() + ANNALIST_RESIGN_MS;
    struct annals_stand stand;
    if (!lay_down(annalist))
        return false;
    do {
        (void)poll(NULL, 0, RESIGN_LOOK_MS);
        minder_alive(clock_mono_ms());
        if (annals_look(annalist->annals, &stand) == 0 && stand.epoch > annalist->epoch) {
            annalist->epoch = 0; /* there is nothing more to lay down */
            return true;
        }
    } while (clock_mono_ms() < until_ms);
    /* Whatever hinders it: another one leads, or may. */
    if (annals_stand(annalist->annals, &stand) < 0 ||
        annals_rise(annalist->annals, &stand, annalist->holder, &annalist->epoch) < 0)
        end_deposed();
    return false;
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
