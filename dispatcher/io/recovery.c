/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/require.h"
#include "dispatcher/io/dispatcher.h"

/* ---- the mind ------------------------------------------------------------------------------ */

static int read_rows(void *owner, uint64_t after, struct stored_event *rows, int max)
{
    return journal_read(owner, after, rows, max);
}

static int unpack_row(void *owner, const struct stored_event *row, struct record *record)
{
    return journal_unpack(owner, row, record);
}

static struct mind_source source_of(const struct dispatcher *dispatcher)
{
    return (struct mind_source){ dispatcher->journal, read_rows, unpack_row };
}

void recovery_keep(struct dispatcher *dispatcher)
{
    struct mind_source source = source_of(dispatcher);
    mind_keep(&dispatcher->mind, &source, journal_seq(dispatcher->journal));
}

void recovery_finish(struct dispatcher *dispatcher)
{
    struct mind_source source = source_of(dispatcher);
    mind_finish(&dispatcher->mind, &source, journal_seq(dispatcher->journal));
}

int recovery_replay(struct dispatcher *dispatcher)
{
    struct mind *mind = &dispatcher->mind;
    struct mind_source source = source_of(dispatcher);
    uint64_t begun_ms = clock_mono_ms();
    bool live = mind_fits(mind, &source);
    if (mind->core && !live)
        log_error("the live core is not where this journal stands seq=%llu: begun anew",
                  (unsigned long long)mind->at.seq);
    int status = live ? 0 : mind_begin(mind, &source);
    uint64_t before = mind->at.seq;
    if (status == 0)
        status = mind_follow(mind, &source, UINT64_MAX);
    dispatcher->core = mind->core;
    if (status < 0)
        return status;
    log_info("replayed events=%llu live=%d in_ms=%llu", (unsigned long long)(mind->at.seq - before),
             live, (unsigned long long)(clock_mono_ms() - begun_ms));
    return 0;
}

/* ---- the city ------------------------------------------------------------------------------ */

static void complain(void *owner, const char *sentence)
{
    (void)owner;
    log_error("%s", sentence);
}

static bool is_loaded(const struct dispatcher *dispatcher, const struct city *city)
{
    return memcmp(dispatcher->roster.digest, city_digest(city), 32) == 0;
}

/* Returns 1 when the row was refused. */
static uint32_t apply_row(struct dispatcher *dispatcher, const struct command *row)
{
    static struct command command;
    command = *row;
    turn_system(dispatcher, &command);
    return dispatcher->verdict.refusal != REFUSAL_NONE &&
           dispatcher->verdict.refusal != REFUSAL_ALREADY;
}

uint32_t recovery_apply_city(struct dispatcher *dispatcher, const struct city *city)
{
    uint32_t refused = 0, last = city_count(city) - 1; /* COMMAND_CITY_LOAD */
    for (uint32_t i = 0; i < last; i++)
        refused += apply_row(dispatcher, city_command(city, i));
    int retired = retire_vanished(dispatcher, city);
    /* Without the end the next load starts over. */
    if (retired >= 0)
        refused += apply_row(dispatcher, city_command(city, last));
    else
        log_error("cannot see what vanished from the city's tables error=%s", strerror(-retired));
    log_info("loaded city rows=%u refused=%u retired=%d", city_count(city), refused, retired);
    return refused;
}

/* One turn: either the whole city is new, or nothing of it. */
static void apply_city(struct dispatcher *dispatcher, const struct city *city)
{
    dispatcher->now_ms = wall_read(&dispatcher->wall, clock_wall_ms(), clock_mono_ms());
    turn_open(dispatcher);
    (void)recovery_apply_city(dispatcher, city);
    turn_commit(dispatcher);
    speech_flush(dispatcher);
}

int recovery_load_city(struct dispatcher *dispatcher)
{
    struct city *city = NULL;
    int status = city_open(&city, dispatcher->settings->city, complain, NULL);
    if (status < 0)
        return status;
    if (!is_loaded(dispatcher, city))
        apply_city(dispatcher, city);
    city_close(city);
    return 0;
}
