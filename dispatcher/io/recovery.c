/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/require.h"
#include "dispatcher/io/dispatcher.h"

enum {
    REPLAY_ROWS = 64
};

int recovery_replay(struct dispatcher *dispatcher)
{
    static struct stored_event rows[REPLAY_ROWS];
    uint64_t seq = 0, begun_ms = clock_mono_ms();
    for (;;) {
        int count = journal_read(dispatcher->journal, seq, rows, REPLAY_ROWS);
        if (count <= 0) {
            if (count == 0)
                log_info("replayed events=%llu in_ms=%llu", (unsigned long long)seq,
                         (unsigned long long)(clock_mono_ms() - begun_ms));
            return count;
        }
        for (int i = 0; i < count; i++) {
            int status = journal_unpack(dispatcher->journal, &rows[i], &dispatcher->record);
            if (status < 0 || rows[i].seq != seq + 1)
                return status < 0 ? status : -EBADMSG;
            core_apply(dispatcher->core, &dispatcher->record.event);
            roster_apply(&dispatcher->roster, &dispatcher->record.event);
            seq = rows[i].seq;
        }
    }
}

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

/* One turn: either the whole city is new, or nothing of it. */
static void apply_city(struct dispatcher *dispatcher, const struct city *city)
{
    uint32_t refused = 0, last = city_count(city) - 1; /* COMMAND_CITY_LOAD */
    dispatcher->now_ms = wall_read(&dispatcher->wall, clock_wall_ms());
    turn_open(dispatcher);
    for (uint32_t i = 0; i < last; i++)
        refused += apply_row(dispatcher, city_command(city, i));
    int retired = retire_vanished(dispatcher, city);
    /* Without the end the next load starts over. */
    if (retired >= 0)
        refused += apply_row(dispatcher, city_command(city, last));
    else
        log_error("cannot see what vanished from the city's tables error=%s", strerror(-retired));
    turn_commit(dispatcher);
    speech_flush(dispatcher);
    log_info("loaded city rows=%u refused=%u retired=%d", city_count(city), refused, retired);
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
