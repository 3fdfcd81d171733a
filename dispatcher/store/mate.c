/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/store/mate.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/require.h"

enum {
    MATE_YIELDS = 64 /* looks for the other side before sleeping: some 20 us */
};

struct mate {
    mate_step *step;
    void *owner;
    bool single; /* no second processor, or no thread to be had */
    bool started;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t given_more; /* for the thread */
    pthread_cond_t done_more;  /* for who gave */
    atomic_bool thread_sleeps;
    atomic_bool giver_sleeps;
    atomic_bool stopping;
    atomic_ullong given; /* ever */
    atomic_ullong done;
};

static void wake(struct mate *mate, atomic_bool *sleeps, pthread_cond_t *for_whom)
{
    if (!atomic_load(sleeps))
        return;
    (void)pthread_mutex_lock(&mate->lock);
    (void)pthread_cond_signal(for_whom);
    (void)pthread_mutex_unlock(&mate->lock);
}

/* ---- the thread ---------------------------------------------------------------------------- */

static bool has_more(struct mate *mate)
{
    return atomic_load(&mate->given) != atomic_load_explicit(&mate->done, memory_order_relaxed);
}

/* Whoever says that it sleeps and looks once more cannot miss what is told behind that: both sides' order is
 * the sequential one. */
static void thread_wait(struct mate *mate)
{
    for (int i = 0; i < MATE_YIELDS; i++) {
        if (has_more(mate))
            return;
        (void)sched_yield();
    }
    (void)pthread_mutex_lock(&mate->lock);
    atomic_store(&mate->thread_sleeps, true);
    while (!has_more(mate) && !atomic_load(&mate->stopping))
        (void)pthread_cond_wait(&mate->given_more, &mate->lock);
    atomic_store(&mate->thread_sleeps, false);
    (void)pthread_mutex_unlock(&mate->lock);
}

static void *run(void *owner)
{
    struct mate *mate = owner;
    while (has_more(mate) || !atomic_load(&mate->stopping)) {
        while (has_more(mate)) {
            uint64_t done = atomic_load_explicit(&mate->done, memory_order_relaxed);
            atomic_store(&mate->done, mate->step(mate->owner, done, atomic_load(&mate->given)));
            wake(mate, &mate->giver_sleeps, &mate->done_more);
        }
        thread_wait(mate);
    }
    return NULL;
}

/* Signals are the main thread's, but for those of a read that faults: they are its own (guard.h). */
static void start(struct mate *mate)
{
    sigset_t others, before;
    (void)sigfillset(&others);
    (void)sigdelset(&others, SIGSEGV);
    (void)sigdelset(&others, SIGBUS);
    (void)pthread_sigmask(SIG_BLOCK, &others, &before);
    mate->started = pthread_create(&mate->thread, NULL, run, mate) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    mate->single = !mate->started;
}

/* ---- who gives ----------------------------------------------------------------------------- */

int mate_open(struct mate **mate, mate_step *step, void *owner)
{
    struct mate *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->step = step;
    fresh->owner = owner;
    fresh->single = sysconf(_SC_NPROCESSORS_ONLN) < 2;
    (void)pthread_mutex_init(&fresh->lock, NULL);
    (void)pthread_cond_init(&fresh->given_more, NULL);
    (void)pthread_cond_init(&fresh->done_more, NULL);
    *mate = fresh;
    return 0;
}

void mate_close(struct mate *mate)
{
    if (!mate)
        return;
    if (mate->started) {
        (void)pthread_mutex_lock(&mate->lock);
        atomic_store(&mate->stopping, true);
        (void)pthread_cond_signal(&mate->given_more);
        (void)pthread_mutex_unlock(&mate->lock);
        (void)pthread_join(mate->thread, NULL);
    }
    (void)pthread_cond_destroy(&mate->done_more);
    (void)pthread_cond_destroy(&mate->given_more);
    (void)pthread_mutex_destroy(&mate->lock);
    free(mate);
}

bool mate_is_there(struct mate *mate)
{
    if (!mate->single && !mate->started)
        start(mate);
    return !mate->single;
}

void mate_give(struct mate *mate, uint64_t count)
{
    REQUIRE(mate->started);
    (void)atomic_fetch_add(&mate->given, count);
    wake(mate, &mate->thread_sleeps, &mate->given_more);
}

uint64_t mate_given(const struct mate *mate)
{
    return atomic_load_explicit(&mate->given, memory_order_relaxed);
}

bool mate_waits_at_most(struct mate *mate, uint64_t undone)
{
    return atomic_load_explicit(&mate->given, memory_order_relaxed) - atomic_load(&mate->done) <=
           undone;
}

void mate_wait(struct mate *mate, uint64_t undone)
{
    for (int i = 0; i < MATE_YIELDS; i++) {
        if (mate_waits_at_most(mate, undone))
            return;
        (void)sched_yield();
    }
    (void)pthread_mutex_lock(&mate->lock);
    atomic_store(&mate->giver_sleeps, true);
    while (!mate_waits_at_most(mate, undone))
        (void)pthread_cond_wait(&mate->done_more, &mate->lock);
    atomic_store(&mate->giver_sleeps, false);
    (void)pthread_mutex_unlock(&mate->lock);
}
