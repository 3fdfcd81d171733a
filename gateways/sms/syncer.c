/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/syncer.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/require.h"

struct syncer {
    int event;
    bool busy; /* the owner's */
    bool started;
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t change;
    bool stopping;
    unsigned count; /* of files to sync; 0: no run */
    struct unsynced files[SYNCER_FILES_MAX];
    int status; /* of the last run */
};

static int sync_all(const struct unsynced *files, unsigned count)
{
    int status = 0;

    for (unsigned i = 0; i < count; i++) {
        int one = unsynced_sync(&files[i]);
        status = status == 0 ? one : status;
    }
    return status;
}

static void *run(void *owner)
{
    struct syncer *syncer = owner;

    (void)pthread_mutex_lock(&syncer->lock);
    for (;;) {
        while (!syncer->stopping && syncer->count == 0)
            (void)pthread_cond_wait(&syncer->change, &syncer->lock);
        if (syncer->count == 0)
            break;
        (void)pthread_mutex_unlock(&syncer->lock);
        int status = sync_all(syncer->files, syncer->count);
        (void)pthread_mutex_lock(&syncer->lock);
        syncer->status = status;
        syncer->count = 0;
        (void)pthread_cond_broadcast(&syncer->change);
        (void)!write(syncer->event, &(uint64_t){ 1 }, 8);
    }
    (void)pthread_mutex_unlock(&syncer->lock);
    return NULL;
}

static int thread_start(struct syncer *syncer)
{
    sigset_t all, before; /* signals are the loop's */

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, &before);
    int status = -pthread_create(&syncer->thread, NULL, run, syncer);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    syncer->started = status == 0;
    return status;
}

int syncer_open(struct syncer **syncer)
{
    struct syncer *fresh = calloc(1, sizeof *fresh);

    if (!fresh)
        return -ENOMEM;
    (void)pthread_mutex_init(&fresh->lock, NULL);
    (void)pthread_cond_init(&fresh->change, NULL);
    fresh->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    int status = fresh->event < 0 ? -errno : thread_start(fresh);
    if (status != 0) {
        syncer_close(fresh);
        return status;
    }
    *syncer = fresh;
    return 0;
}

void syncer_close(struct syncer *syncer)
{
    if (!syncer)
        return;
    (void)pthread_mutex_lock(&syncer->lock);
    syncer->stopping = true;
    (void)pthread_cond_broadcast(&syncer->change);
    (void)pthread_mutex_unlock(&syncer->lock);
    if (syncer->started)
        (void)pthread_join(syncer->thread, NULL);
    if (syncer->event >= 0)
        (void)close(syncer->event);
    (void)pthread_cond_destroy(&syncer->change);
    (void)pthread_mutex_destroy(&syncer->lock);
    free(syncer);
}

int syncer_fd(const struct syncer *syncer)
{
    return syncer->event;
}

void syncer_begin(struct syncer *syncer, const struct unsynced *files, unsigned count)
{
    REQUIRE(!syncer->busy && count > 0 && count <= SYNCER_FILES_MAX);
    (void)pthread_mutex_lock(&syncer->lock);
    memcpy(syncer->files, files, count * sizeof *files);
    syncer->count = count;
    syncer->busy = true;
    (void)pthread_cond_broadcast(&syncer->change);
    (void)pthread_mutex_unlock(&syncer->lock);
}

bool syncer_is_busy(const struct syncer *syncer)
{
    return syncer->busy;
}

int syncer_end(struct syncer *syncer, bool wait)
{
    uint64_t runs;

    (void)pthread_mutex_lock(&syncer->lock);
    while (wait && syncer->count > 0)
        (void)pthread_cond_wait(&syncer->change, &syncer->lock);
    bool over = syncer->count == 0;
    int status = syncer->status;
    (void)pthread_mutex_unlock(&syncer->lock);
    if (!over)
        return -EAGAIN;
    (void)!read(syncer->event, &runs, sizeof runs);
    syncer->busy = false;
    return status;
}
