/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/journal/scribe.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "base/require.h"
#include "proto/codec.h"

_Static_assert((SCRIBE_AHEAD & (SCRIBE_AHEAD - 1)) == 0, "sheets go round");

enum {
    SCRIBE_YIELDS = 64 /* looks for the other side before sleeping: some 20 us */
};

struct scribe {
    struct codec *codec;
    struct chain *chain;
    struct tree *tree;
    uint32_t turn; /* sheets given in this turn */
    bool single;   /* no second processor, or no thread to be had */
    bool started;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t given_more;   /* for the thread */
    pthread_cond_t written_more; /* for who gave */
    atomic_bool thread_sleeps;
    atomic_bool giver_sleeps;
    atomic_bool stopping;
    atomic_ullong given; /* sheets, ever */
    atomic_ullong written;
    int error; /* who writes; the giver's when all is written */
    uint32_t node_count;
    struct scribe_node nodes[SCRIBE_NODES_MAX];
    struct sheet sheets[SCRIBE_AHEAD];
};

/* ---- writing ------------------------------------------------------------------------------- */

static int node_note(void *owner, uint32_t level, uint64_t index,
                     const uint8_t hash[TREE_HASH_BYTES])
{
    struct scribe *scribe = owner;
    if (level < SCRIBE_LEVEL)
        return 0;
    REQUIRE(scribe->node_count < SCRIBE_NODES_MAX);
    struct scribe_node *node = &scribe->nodes[scribe->node_count++];
    node->level = level;
    node->index = index;
    memcpy(node->hash, hash, TREE_HASH_BYTES);
    return 0;
}

static int sheet_write(struct scribe *scribe, struct sheet *sheet)
{
    struct record *record = &sheet->record;
    struct stored_event *row = sheet->row;
    int status = 0;
    record->has_event = true;
    record->sealed_size = 0;
    if (record->subject) {
        status = vault_seal(sheet->key, scribe->codec, &sheet->personal, record);
        sodium_memzero(sheet->key, sizeof sheet->key);
        sodium_memzero(&sheet->personal, sizeof sheet->personal);
    }
    int size = status < 0 ? status
                          : codec_pack(scribe->codec, SCHEMA_RECORD, record, row->record,
                                       sizeof row->record);
    if (size < 0)
        return size;
    row->record_size = (uint32_t)size;
    status = chain_add(scribe->chain, row->record, row->record_size, row->link);
    return status < 0 ? status : tree_add(scribe->tree, row->link, node_note, scribe);
}

static struct sheet *sheet_at(struct scribe *scribe, uint64_t number)
{
    return &scribe->sheets[number & (SCRIBE_AHEAD - 1)];
}

/* Behind an error nothing is written any more. */
static void next_write(struct scribe *scribe)
{
    uint64_t number = atomic_load_explicit(&scribe->written, memory_order_relaxed);
    if (scribe->error == 0)
        scribe->error = sheet_write(scribe, sheet_at(scribe, number));
    atomic_store(&scribe->written, number + 1);
}

/* ---- the thread ---------------------------------------------------------------------------- */

static bool has_more(struct scribe *scribe)
{
    return atomic_load(&scribe->given) !=
           atomic_load_explicit(&scribe->written, memory_order_relaxed);
}

static void wake(struct scribe *scribe, atomic_bool *sleeps, pthread_cond_t *for_whom)
{
    if (!atomic_load(sleeps))
        return;
    (void)pthread_mutex_lock(&scribe->lock);
    (void)pthread_cond_signal(for_whom);
    (void)pthread_mutex_unlock(&scribe->lock);
}

/* Whoever says that it sleeps and looks once more cannot miss what is told behind that: both sides' order is
 * the sequential one. */
static void thread_wait(struct scribe *scribe)
{
    for (int i = 0; i < SCRIBE_YIELDS; i++) {
        if (has_more(scribe))
            return;
        (void)sched_yield();
    }
    (void)pthread_mutex_lock(&scribe->lock);
    atomic_store(&scribe->thread_sleeps, true);
    while (!has_more(scribe) && !atomic_load(&scribe->stopping))
        (void)pthread_cond_wait(&scribe->given_more, &scribe->lock);
    atomic_store(&scribe->thread_sleeps, false);
    (void)pthread_mutex_unlock(&scribe->lock);
}

static void *run(void *owner)
{
    struct scribe *scribe = owner;
    while (has_more(scribe) || !atomic_load(&scribe->stopping)) {
        while (has_more(scribe)) {
            next_write(scribe);
            wake(scribe, &scribe->giver_sleeps, &scribe->written_more);
        }
        thread_wait(scribe);
    }
    return NULL;
}

static void thread_start(struct scribe *scribe)
{
    sigset_t all, before; /* signals are the main thread's */
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, &before);
    scribe->started = pthread_create(&scribe->thread, NULL, run, scribe) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    scribe->single = !scribe->started;
}

static bool waits_at_most(struct scribe *scribe, uint64_t sheets)
{
    return atomic_load_explicit(&scribe->given, memory_order_relaxed) -
               atomic_load(&scribe->written) <=
           sheets;
}

static void giver_wait(struct scribe *scribe, uint64_t sheets)
{
    for (int i = 0; i < SCRIBE_YIELDS; i++) {
        if (waits_at_most(scribe, sheets))
            return;
        (void)sched_yield();
    }
    (void)pthread_mutex_lock(&scribe->lock);
    atomic_store(&scribe->giver_sleeps, true);
    while (!waits_at_most(scribe, sheets))
        (void)pthread_cond_wait(&scribe->written_more, &scribe->lock);
    atomic_store(&scribe->giver_sleeps, false);
    (void)pthread_mutex_unlock(&scribe->lock);
}

/* ---- giving -------------------------------------------------------------------------------- */

int scribe_open(struct scribe **scribe, struct chain *chain, struct tree *tree)
{
    struct scribe *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->chain = chain;
    fresh->tree = tree;
    fresh->single = sysconf(_SC_NPROCESSORS_ONLN) < 2;
    (void)pthread_mutex_init(&fresh->lock, NULL);
    (void)pthread_cond_init(&fresh->given_more, NULL);
    (void)pthread_cond_init(&fresh->written_more, NULL);
    fresh->codec = codec_open();
    if (!fresh->codec) {
        scribe_close(fresh);
        return -ENOMEM;
    }
    *scribe = fresh;
    return 0;
}

void scribe_close(struct scribe *scribe)
{
    if (!scribe)
        return;
    if (scribe->started) {
        (void)pthread_mutex_lock(&scribe->lock);
        atomic_store(&scribe->stopping, true);
        (void)pthread_cond_signal(&scribe->given_more);
        (void)pthread_mutex_unlock(&scribe->lock);
        (void)pthread_join(scribe->thread, NULL);
    }
    (void)pthread_cond_destroy(&scribe->written_more);
    (void)pthread_cond_destroy(&scribe->given_more);
    (void)pthread_mutex_destroy(&scribe->lock);
    codec_close(scribe->codec);
    sodium_memzero(scribe->sheets, sizeof scribe->sheets);
    free(scribe);
}

void scribe_begin(struct scribe *scribe)
{
    REQUIRE(waits_at_most(scribe, 0));
    scribe->turn = 0;
    scribe->error = 0;
    scribe->node_count = 0;
}

struct sheet *scribe_sheet(struct scribe *scribe)
{
    if (!waits_at_most(scribe, SCRIBE_AHEAD - 1))
        giver_wait(scribe, SCRIBE_AHEAD / 2); /* one sleep for many */
    return sheet_at(scribe, atomic_load_explicit(&scribe->given, memory_order_relaxed));
}

int scribe_give(struct scribe *scribe)
{
    bool alone = scribe->turn++ < SCRIBE_ALONE;
    if (!alone && !scribe->single && !scribe->started)
        thread_start(scribe);
    if (alone ||
        scribe->single) { /* all that was given is written: nobody else looks at the sheets */
        if (scribe->error == 0)
            scribe->error = sheet_write(scribe, scribe_sheet(scribe));
        return scribe->error;
    }
    (void)atomic_fetch_add(&scribe->given, 1);
    wake(scribe, &scribe->thread_sleeps, &scribe->given_more);
    return 0;
}

int scribe_finish(struct scribe *scribe, const struct scribe_node **nodes, uint32_t *count)
{
    giver_wait(scribe, 0);
    *nodes = scribe->nodes;
    *count = scribe->node_count;
    scribe->node_count = 0;
    return scribe->error;
}
