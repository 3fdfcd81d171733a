/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/require.h"
#include "dispatcher/io/dispatcher.h"

enum {
    REPLAY_ROWS = 64,
    SNAPSHOT_EVENTS = 100000 /* unless the settings say so */
};

struct core_limits recovery_limits(const struct settings *settings)
{
    struct core_limits limits = core_limits_default();
    const struct dispatcher_settings *asked = &settings->dispatcher;
    limits.incidents = asked->incidents ? asked->incidents : limits.incidents;
    limits.tasks = asked->tasks ? asked->tasks : limits.tasks;
    limits.contacts = asked->contacts ? asked->contacts : limits.contacts;
    return limits;
}

/* ---- what is kept beside the journal ------------------------------------------------------- */

static void find_parts(struct dispatcher *dispatcher)
{
    struct roster *roster = &dispatcher->roster;
    struct snapshot *snapshot = &dispatcher->snapshot;
    snapshot->parts[0] = (struct snapshot_part){ dispatcher->core_memory, dispatcher->core_size };
    snapshot->parts[1] = (struct snapshot_part){ roster, sizeof *roster };
    snapshot->parts[2] =
        (struct snapshot_part){ roster->users, ROSTER_USERS_MAX * sizeof *roster->users };
    snapshot->part_count = 3;
}

/* The journal's link at an event: equal links, equal histories. */
static int read_link(struct dispatcher *dispatcher, uint64_t seq, uint8_t link[32])
{
    static struct stored_event row;
    int count = seq ? journal_read(dispatcher->journal, seq - 1, &row, 1) : 0;
    if (count <= 0 || row.seq != seq)
        return count < 0 ? count : -ENOENT;
    memcpy(link, row.link, sizeof row.link);
    return 0;
}

/* Fills core and roster from the snapshot. Returns 0, or why there is none to use. */
static int recall(struct dispatcher *dispatcher, const struct core_limits *limits)
{
    struct snapshot_at at;
    uint8_t link[32];
    struct roster_user *users = dispatcher->roster.users;
    int status = snapshot_read(&dispatcher->snapshot, &at);
    dispatcher->roster.users = users; /* an address of the former life */
    if (status == 0 &&
        (read_link(dispatcher, at.seq, link) < 0 || memcmp(link, at.link, sizeof link) != 0))
        status = -ESTALE; /* of another journal, or of a future this one lost */
    if (status == 0)
        dispatcher->core = core_resume(dispatcher->core_memory, limits);
    if (status == 0 && (!dispatcher->core || core_seq(dispatcher->core) != at.seq))
        status = -ESTALE;
    if (status == 0)
        dispatcher->kept = at;
    return status;
}

/* From the snapshot if it fits in every respect, else from nothing. */
static int begin(struct dispatcher *dispatcher)
{
    struct core_limits limits = recovery_limits(dispatcher->settings);
    find_parts(dispatcher);
    int status = recall(dispatcher, &limits);
    if (status == 0) {
        log_info("took up the snapshot seq=%llu", (unsigned long long)dispatcher->kept.seq);
        return 0;
    }
    if (status != -ENOENT)
        log_info("snapshot not used error=%s", strerror(-status));
    roster_close(&dispatcher->roster);
    if (roster_open(&dispatcher->roster) < 0 ||
        madvise(dispatcher->core_memory, dispatcher->core_size, MADV_DONTNEED) < 0)
        return -ENOMEM;
    find_parts(dispatcher);
    dispatcher->core = core_init(dispatcher->core_memory, dispatcher->core_size, &limits);
    return 0;
}

/* A copy of this process, frozen between two turns, writes while this one goes on. It must hold no
 * socket or lock of ours, and not outlive us. */
static void fork_keeper(struct dispatcher *dispatcher)
{
    pid_t keeper = fork();
    if (keeper < 0)
        log_error("cannot fork for a snapshot error=%s", strerror(errno));
    if (keeper != 0) {
        dispatcher->keeper = keeper > 0 ? keeper : 0;
        return;
    }
    bool alone = prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && close_range(3, ~0U, 0) == 0;
    _exit(alone && snapshot_write(&dispatcher->snapshot, &dispatcher->kept) == 0 ? 0 : 1);
}

/* Has the writer ended? */
static bool is_kept(struct dispatcher *dispatcher, int options)
{
    int status = 0;
    if (dispatcher->keeper == 0)
        return true;
    if (waitpid(dispatcher->keeper, &status, options) == 0)
        return false;
    dispatcher->keeper = 0;
    if (status != 0)
        log_error("cannot write the snapshot status=%d", status);
    return true;
}

void recovery_keep(struct dispatcher *dispatcher)
{
    uint64_t seq = journal_seq(dispatcher->journal);
    uint64_t every = dispatcher->settings->dispatcher.snapshot_events;
    if (!is_kept(dispatcher, WNOHANG) ||
        seq - dispatcher->kept.seq < (every ? every : SNAPSHOT_EVENTS))
        return;
    dispatcher->kept.seq = seq; /* also when it fails: the next try is as far away */
    if (read_link(dispatcher, seq, dispatcher->kept.link) == 0)
        fork_keeper(dispatcher);
}

void recovery_finish(struct dispatcher *dispatcher)
{
    uint64_t seq = journal_seq(dispatcher->journal);
    (void)is_kept(dispatcher, 0);
    if (seq == dispatcher->kept.seq || core_seq(dispatcher->core) != seq)
        return;
    dispatcher->kept.seq = seq;
    int status = read_link(dispatcher, seq, dispatcher->kept.link);
    if (status == 0)
        status = snapshot_write(&dispatcher->snapshot, &dispatcher->kept);
    if (status < 0)
        log_error("cannot write the snapshot error=%s", strerror(-status));
}

/* ---- the journal --------------------------------------------------------------------------- */

int recovery_replay(struct dispatcher *dispatcher)
{
    static struct stored_event rows[REPLAY_ROWS];
    uint64_t begun_ms = clock_mono_ms();
    int failed = begin(dispatcher);
    if (failed)
        return failed;
    uint64_t seq = dispatcher->kept.seq;
    for (;;) {
        int count = journal_read(dispatcher->journal, seq, rows, REPLAY_ROWS);
        if (count <= 0) {
            if (count == 0)
                log_info("replayed events=%llu in_ms=%llu",
                         (unsigned long long)dispatcher->replayed,
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
            dispatcher->replayed++;
        }
    }
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
