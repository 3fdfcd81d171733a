/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/io/checker.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "dispatcher/io/kept_grant.h"
#include "dispatcher/io/refusals.h"
#include "dispatcher/io/second_factor.h"
#include "dispatcher/provider/local.h"

struct check {
    struct checked checked;
    struct sign_in asked;
    bool may_spare, may_own;
};

/* Wrong passwords of one login in a row. */
struct tries {
    char login[33];
    uint32_t wrong;
    uint64_t until_ms;
    uint64_t used_ms;
};

/* The last one-time code a login used. */
struct used {
    char login[33];
    uint64_t step;
};

struct checker {
    char path[400];                 /* of the passwords */
    struct provider local, outside; /* the second identifies nothing: there is none */
    char factors[400];              /* of the second factors */
    int event;
    pthread_t threads[CHECKER_THREADS];
    unsigned thread_count;
    struct tries tries[CHECKER_LOGINS_MAX];
    uint32_t outstanding; /* asked and not checked */
    struct refusals refusals;

    pthread_mutex_t factor_lock; /* guards the second factors' file, and these */
    struct kept_grants kept;
    struct used used[CHECKER_LOGINS_MAX];
    uint32_t used_next; /* the oldest makes room */

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t wake;
    bool stopping;
    struct check waiting[CHECKER_WAITING_MAX]; /* rings */
    uint32_t waiting_first, waiting_count;
    struct checked done[CHECKER_WAITING_MAX];
    uint32_t done_first, done_count;
};

/* ---- the threads --------------------------------------------------------------------------- */

/* While who is outside is away all are refused alike, and after the same work, but for those whose own
 * password stands in for it; the same where passwords are not asked for at all. */
static enum refusal identify(const struct checker *checker, struct check *check)
{
    struct checked *checked = &check->checked;
    const struct provider *local = &checker->local, *outside = &checker->outside;
    if (!outside->identify) {
        struct identified found = local->identify(local->owner, &check->asked);
        return found.verdict == PROVIDER_RIGHT ? REFUSAL_NONE : REFUSAL_BAD_PASSWORD;
    }
    bool granted = check->asked.grant[0] != '\0';
    checked->identified = outside->identify(outside->owner, &check->asked);
    enum provider_verdict verdict = checked->identified.verdict;
    if (verdict == PROVIDER_RIGHT)
        return REFUSAL_NONE;
    if (verdict == PROVIDER_WRONG)
        return granted ? REFUSAL_PROVIDER_REFUSED : REFUSAL_BAD_PASSWORD;
    if (granted)
        return REFUSAL_DIRECTORY_AWAY;
    struct identified found = local->identify(local->owner, &check->asked);
    bool may = verdict == PROVIDER_AWAY ? check->may_spare : check->may_own;
    checked->spare = may && found.verdict == PROVIDER_RIGHT;
    if (checked->spare)
        return REFUSAL_NONE;
    return verdict == PROVIDER_AWAY ? REFUSAL_DIRECTORY_AWAY : REFUSAL_PROVIDER_WANTED;
}

/* A grant names its login; within a session it must be that one's. */
static enum refusal name(struct check *check)
{
    struct checked *checked = &check->checked;
    if (!check->asked.grant[0])
        return REFUSAL_NONE;
    if (checked->again && strcmp(checked->login, checked->identified.login) != 0)
        return REFUSAL_PROVIDER_REFUSED;
    (void)text_copy(checked->login, sizeof checked->login, checked->identified.login);
    return REFUSAL_NONE;
}

static struct used *used_of(struct checker *checker, const char *login)
{
    for (uint32_t i = 0; i < CHECKER_LOGINS_MAX; i++)
        if (strcmp(checker->used[i].login, login) == 0)
            return &checker->used[i];
    struct used *place = &checker->used[checker->used_next++ % CHECKER_LOGINS_MAX];
    *place = (struct used){ .step = 0 };
    (void)text_copy(place->login, sizeof place->login, login);
    return place;
}

/* Under the lock of the factors. */
static enum refusal check_factor(struct checker *checker, struct check *check)
{
    struct checked *checked = &check->checked;
    enum factor_verdict verdict =
        second_factor_check(checker->factors, checked->login, check->asked.code,
                            clock_wall_ms() / 1000, &used_of(checker, checked->login)->step);
    checked->has_factor = verdict != FACTOR_NONE;
    checked->asked_without = verdict == FACTOR_MISSING;
    if (verdict != FACTOR_MISSING && verdict != FACTOR_WRONG) {
        kept_grants_drop(&checker->kept, &check->asked);
        return REFUSAL_NONE;
    }
    if (check->asked.grant[0])
        kept_grants_add(&checker->kept, &check->asked, &checked->identified, clock_mono_ms());
    return REFUSAL_CODE_WANTED;
}

static void judge(struct checker *checker, struct check *check)
{
    struct checked *checked = &check->checked;
    (void)pthread_mutex_lock(&checker->factor_lock);
    bool kept =
        kept_grants_take(&checker->kept, &check->asked, &checked->identified, clock_mono_ms());
    (void)pthread_mutex_unlock(&checker->factor_lock);
    checked->refusal = kept ? REFUSAL_NONE : identify(checker, check);
    if (checked->refusal == REFUSAL_NONE)
        checked->refusal = name(check);
    if (checked->refusal == REFUSAL_NONE) {
        (void)pthread_mutex_lock(&checker->factor_lock);
        checked->refusal = check_factor(checker, check);
        (void)pthread_mutex_unlock(&checker->factor_lock);
    }
    checked->right = checked->refusal == REFUSAL_NONE;
}

static void *run(void *owner)
{
    struct checker *checker = owner;
    struct check check;
    (void)pthread_mutex_lock(&checker->lock);
    for (;;) {
        while (!checker->stopping && checker->waiting_count == 0)
            (void)pthread_cond_wait(&checker->wake, &checker->lock);
        if (checker->stopping)
            break;
        struct check *place = &checker->waiting[checker->waiting_first];
        check = *place;
        sodium_memzero(&place->asked, sizeof place->asked);
        checker->waiting_first = (checker->waiting_first + 1) % CHECKER_WAITING_MAX;
        checker->waiting_count--;
        (void)pthread_mutex_unlock(&checker->lock);

        judge(checker, &check);
        sodium_memzero(&check.asked, sizeof check.asked);

        (void)pthread_mutex_lock(&checker->lock);
        uint32_t end = (checker->done_first + checker->done_count++) % CHECKER_WAITING_MAX;
        checker->done[end] = check.checked;
        (void)!write(checker->event, &(uint64_t){ 1 }, 8);
    }
    (void)pthread_mutex_unlock(&checker->lock);
    return NULL;
}

void checker_wipe(struct sign_in *sign_in)
{
    sodium_memzero(sign_in->password, sizeof sign_in->password);
    sodium_memzero(sign_in->code, sizeof sign_in->code);
    sodium_memzero(sign_in->grant, sizeof sign_in->grant);
    sodium_memzero(sign_in->verifier, sizeof sign_in->verifier);
}

/* ---- the loop's side ----------------------------------------------------------------------- */

static struct tries *tries_of(struct checker *checker, const char *login, uint64_t mono_ms)
{
    struct tries *oldest = &checker->tries[0];
    for (uint32_t i = 0; i < CHECKER_LOGINS_MAX; i++) {
        struct tries *tries = &checker->tries[i];
        if (strcmp(tries->login, login) == 0) {
            tries->used_ms = mono_ms;
            return tries;
        }
        if (tries->used_ms < oldest->used_ms)
            oldest = tries;
    }
    *oldest = (struct tries){ .used_ms = mono_ms };
    (void)text_copy(oldest->login, sizeof oldest->login, login);
    return oldest;
}

static uint64_t pause_ms(uint32_t wrong)
{
    if (wrong < CHECKER_FREE_TRIES)
        return 0;
    uint32_t doublings = wrong - CHECKER_FREE_TRIES;
    uint64_t pause = doublings < 16 ? 1000ULL << doublings : CHECKER_PAUSE_MS_MAX;
    return pause < CHECKER_PAUSE_MS_MAX ? pause : CHECKER_PAUSE_MS_MAX;
}

enum refusal checker_ask(struct checker *checker, const struct bus_sender *sender,
                         struct sign_in *sign_in, const struct checker_who *who, uint64_t mono_ms)
{
    struct check check = { .checked = {
                               .sender = *sender, .id = sign_in->id, .asked_ms = mono_ms } };
    check.may_spare = who->may_spare;
    check.may_own = who->may_own;
    check.checked.again = who->again;
    check.checked.token = who->token;
    (void)text_copy(check.checked.login, sizeof check.checked.login, sign_in->login);
    check.asked = *sign_in;
    checker_wipe(sign_in);
    enum refusal refusal = REFUSAL_NONE;
    bool named = sign_in->login[0] != '\0'; /* a grant's login is known when it was read */
    if (named && tries_of(checker, sign_in->login, mono_ms)->until_ms > mono_ms)
        refusal = REFUSAL_TOO_MANY_TRIES;
    else if (checker->outstanding == CHECKER_WAITING_MAX)
        refusal = REFUSAL_BUSY;
    if (refusal == REFUSAL_NONE) {
        checker->outstanding++;
        (void)pthread_mutex_lock(&checker->lock);
        uint32_t end = (checker->waiting_first + checker->waiting_count++) % CHECKER_WAITING_MAX;
        checker->waiting[end] = check;
        (void)pthread_cond_signal(&checker->wake);
        (void)pthread_mutex_unlock(&checker->lock);
    }
    sodium_memzero(&check.asked, sizeof check.asked);
    return refusal;
}

static bool take_done(struct checker *checker, struct checked *checked)
{
    (void)pthread_mutex_lock(&checker->lock);
    bool ready = checker->done_count > 0;
    if (ready) {
        *checked = checker->done[checker->done_first];
        checker->done_first = (checker->done_first + 1) % CHECKER_WAITING_MAX;
        checker->done_count--;
    }
    (void)pthread_mutex_unlock(&checker->lock);
    return ready;
}

/* Counted when it was checked, not when it is told: guesses beside each other are not free. */
static void count_try(struct checker *checker, struct checked *checked, uint64_t mono_ms)
{
    checker->outstanding--;
    if (!checked->login[0])
        return;
    struct tries *tries = tries_of(checker, checked->login, mono_ms);
    if (tries->until_ms > mono_ms && checked->right) { /* a grant's login, known only now */
        checked->right = false;
        checked->refusal = REFUSAL_TOO_MANY_TRIES;
        return;
    }
    if (!checked->asked_without) /* a code left out is a question, not a guess */
        tries->wrong = checked->right ? 0 : tries->wrong + 1;
    tries->until_ms = mono_ms + pause_ms(tries->wrong);
}

bool checker_take(struct checker *checker, struct checked *checked, uint64_t mono_ms)
{
    uint64_t count;
    struct checked done;
    (void)!read(checker->event, &count, sizeof count);
    while (take_done(checker, &done)) {
        count_try(checker, &done, mono_ms);
        bool level = checker->outside.identify && done.refusal == REFUSAL_BAD_PASSWORD;
        if (!level)
            *checked = done;
        if (!level || !refusals_hold(&checker->refusals, &done, checked))
            return true;
    }
    return refusals_take(&checker->refusals, checked, mono_ms);
}

uint64_t checker_wait_ms(struct checker *checker, uint64_t mono_ms)
{
    return refusals_wait_ms(&checker->refusals, mono_ms);
}

int checker_fd(const struct checker *checker)
{
    return checker->event;
}

static int start_threads(struct checker *checker)
{
    sigset_t all, before; /* signals are the main thread's */
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, &before);
    int status = 0;
    while (status == 0 && checker->thread_count < CHECKER_THREADS) {
        status = -pthread_create(&checker->threads[checker->thread_count], NULL, run, checker);
        checker->thread_count += status == 0;
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}

int checker_open(struct checker **checker, const char *home, const struct provider *outside)
{
    struct checker *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    (void)snprintf(fresh->path, sizeof fresh->path, "%s/keys/passwords", home);
    fresh->local = local_provider(fresh->path);
    if (outside)
        fresh->outside = *outside;
    (void)snprintf(fresh->factors, sizeof fresh->factors, "%s/keys/second-factor", home);
    (void)pthread_mutex_init(&fresh->factor_lock, NULL);
    (void)pthread_mutex_init(&fresh->lock, NULL);
    (void)pthread_cond_init(&fresh->wake, NULL);
    fresh->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    int status = fresh->event < 0 ? -errno : 0;
    if (status == 0)
        status = start_threads(fresh);
    if (status < 0) {
        checker_close(fresh);
        return status;
    }
    *checker = fresh;
    return 0;
}

void checker_close(struct checker *checker)
{
    if (!checker)
        return;
    (void)pthread_mutex_lock(&checker->lock);
    checker->stopping = true;
    (void)pthread_cond_broadcast(&checker->wake);
    (void)pthread_mutex_unlock(&checker->lock);
    for (unsigned i = 0; i < checker->thread_count; i++)
        (void)pthread_join(checker->threads[i], NULL);
    if (checker->event >= 0)
        (void)close(checker->event);
    (void)pthread_cond_destroy(&checker->wake);
    (void)pthread_mutex_destroy(&checker->lock);
    (void)pthread_mutex_destroy(&checker->factor_lock);
    sodium_memzero(checker->waiting, sizeof checker->waiting);
    free(checker);
}
