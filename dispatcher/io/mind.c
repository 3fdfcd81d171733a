/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/io/mind.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sodium.h>

#include "base/log.h"

enum {
    ROWS_AT_ONCE = 64,
    SNAPSHOT_EVENTS = 100000 /* unless the settings say so */
};

/* Far from what the kernel, a sanitizer or the heap uses, on every 64-bit machine with 48 bits of
 * addresses. */
#define CORE_ADDRESS ((void *)0x200000000000)

/* How much the core holds, by the settings. */
static struct core_limits limits_of(const struct dispatcher_settings *asked)
{
    struct core_limits limits = core_limits_default();
    limits.incidents = asked->incidents ? asked->incidents : limits.incidents;
    limits.tasks = asked->tasks ? asked->tasks : limits.tasks;
    limits.contacts = asked->contacts ? asked->contacts : limits.contacts;
    return limits;
}

/* The core's one block, at the same place in every life, so that a snapshot of it can be taken up;
 * anywhere else where that place is taken. Huge pages where the kernel has them: ten thousands of page
 * faults would be most of a restart. */
static void *map_core(size_t size)
{
    enum {
        FRESH = MAP_PRIVATE | MAP_ANONYMOUS
    };
    void *memory =
        mmap(CORE_ADDRESS, size, PROT_READ | PROT_WRITE, FRESH | MAP_FIXED_NOREPLACE, -1, 0);
    if (memory == MAP_FAILED)
        memory = mmap(NULL, size, PROT_READ | PROT_WRITE, FRESH, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    (void)madvise(memory, size, MADV_HUGEPAGE);
    return memory;
}

static void find_parts(struct mind *mind)
{
    struct roster *roster = mind->roster;
    struct snapshot *snapshot = &mind->snapshot;
    snapshot->path = mind->path;
    snapshot->parts[0] = (struct snapshot_part){ mind->memory, mind->size };
    snapshot->parts[1] = (struct snapshot_part){ roster, sizeof *roster };
    snapshot->parts[2] =
        (struct snapshot_part){ roster->users, ROSTER_USERS_MAX * sizeof *roster->users };
    snapshot->part_count = 3;
}

int mind_open(struct mind *mind, const struct settings *settings, struct roster *roster,
              const uint8_t orders_key[32])
{
    *mind = (struct mind){ .roster = roster, .limits = limits_of(&settings->dispatcher) };
    mind->every = settings->dispatcher.snapshot_events ? settings->dispatcher.snapshot_events
                                                       : SNAPSHOT_EVENTS;
    (void)snprintf(mind->path, sizeof mind->path, "%s/journal/snapshot", settings->home);
    int status = snapshot_open(&mind->snapshot, mind->path, orders_key);
    if (status < 0)
        return status;
    mind->size = core_size(&mind->limits);
    mind->memory = map_core(mind->size);
    if (!mind->memory || roster_open(roster) < 0)
        return -ENOMEM;
    find_parts(mind);
    return 0;
}

void mind_close(struct mind *mind)
{
    if (mind->roster)
        roster_close(mind->roster);
    if (mind->memory)
        (void)munmap(mind->memory, mind->size);
    sodium_memzero(mind->snapshot.key, sizeof mind->snapshot.key);
    *mind = (struct mind){ .core = NULL };
}

void mind_move(struct mind *to, struct roster *roster, struct mind *from)
{
    *to = *from;
    *roster = *from->roster;
    from->roster->users = NULL;
    to->roster = roster;
    find_parts(to);
    *from = (struct mind){ .core = NULL };
}

/* ---- beginning ----------------------------------------------------------------------------- */

/* The journal's link at an event: equal links, equal histories. */
static int read_link(const struct mind_source *source, uint64_t seq, uint8_t link[32])
{
    static struct stored_event row;
    int count = seq ? source->read(source->owner, seq - 1, &row, 1) : 0;
    if (count <= 0 || row.seq != seq)
        return count < 0 ? count : -ENOENT;
    memcpy(link, row.link, sizeof row.link);
    return 0;
}

static bool is_of(const struct snapshot_at *at, const struct mind_source *source)
{
    uint8_t link[32];
    return read_link(source, at->seq, link) == 0 && memcmp(link, at->link, sizeof link) == 0;
}

/* Fills core and roster from the snapshot. Returns 0, or why there is none to use. */
static int recall(struct mind *mind, const struct mind_source *source)
{
    struct snapshot_at at;
    struct roster_user *users = mind->roster->users;
    int status = snapshot_read(&mind->snapshot, &at);
    mind->roster->users = users; /* an address of the former life */
    if (status == 0 && !is_of(&at, source))
        status = -ESTALE; /* of another journal, or of a future this one lost */
    if (status == 0)
        mind->core = core_resume(mind->memory, &mind->limits);
    if (status == 0 && (!mind->core || core_seq(mind->core) != at.seq))
        status = -ESTALE;
    if (status == 0)
        mind->at = mind->kept = at;
    return status;
}

/* As mind_open() left it. */
static int forget(struct mind *mind)
{
    roster_close(mind->roster);
    if (roster_open(mind->roster) < 0 || madvise(mind->memory, mind->size, MADV_DONTNEED) < 0)
        return -ENOMEM;
    find_parts(mind);
    mind->core = NULL;
    mind->at = mind->kept = (struct snapshot_at){ .seq = 0 };
    mind->replayed = 0;
    return 0;
}

int mind_begin(struct mind *mind, const struct mind_source *source)
{
    if (mind->core && forget(mind) < 0)
        return -ENOMEM;
    int status = recall(mind, source);
    if (status == 0) {
        log_info("took up the snapshot seq=%llu", (unsigned long long)mind->kept.seq);
        return 0;
    }
    if (status != -ENOENT)
        log_info("snapshot not used error=%s", strerror(-status));
    if (forget(mind) < 0)
        return -ENOMEM;
    mind->core = core_init(mind->memory, mind->size, &mind->limits);
    return 0;
}

/* ---- taking up ----------------------------------------------------------------------------- */

bool mind_fits(const struct mind *mind, const struct mind_source *source)
{
    return mind->core && core_seq(mind->core) == mind->at.seq &&
           (mind->at.seq == 0 || is_of(&mind->at, source));
}

static int take_up(struct mind *mind, const struct mind_source *source,
                   const struct stored_event *row)
{
    static struct record record;
    int status = source->unpack(source->owner, row, &record);
    if (status < 0 || row->seq != mind->at.seq + 1)
        return status < 0 ? status : -EBADMSG;
    if (record.event.kind == EVENT_NONE)
        return -EPROTONOSUPPORT;
    core_apply(mind->core, &record.event);
    roster_apply(mind->roster, &record.event);
    mind->at.seq = row->seq;
    memcpy(mind->at.link, row->link, sizeof mind->at.link);
    mind->replayed++;
    return 0;
}

int mind_follow(struct mind *mind, const struct mind_source *source, uint64_t max)
{
    static struct stored_event rows[ROWS_AT_ONCE];
    uint64_t taken = 0;
    while (taken < max) {
        uint64_t left = max - taken;
        int count = source->read(source->owner, mind->at.seq, rows,
                                 left < ROWS_AT_ONCE ? (int)left : ROWS_AT_ONCE);
        if (count <= 0)
            return count;
        for (int i = 0; i < count; i++) {
            int status = take_up(mind, source, &rows[i]);
            if (status < 0)
                return status;
        }
        taken += (uint64_t)count;
    }
    return 1;
}

/* ---- keeping ------------------------------------------------------------------------------- */

/* A copy of this process, frozen between two turns, writes while this one goes on. It must hold no
 * socket or lock of ours, and not outlive us. */
static void fork_keeper(struct mind *mind)
{
    pid_t keeper = fork();
    if (keeper < 0)
        log_error("cannot fork for a snapshot error=%s", strerror(errno));
    if (keeper != 0) {
        mind->keeper = keeper > 0 ? keeper : 0;
        return;
    }
    bool alone = prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && close_range(3, ~0U, 0) == 0;
    _exit(alone && snapshot_write(&mind->snapshot, &mind->kept) == 0 ? 0 : 1);
}

/* Has the writer ended? */
static bool is_kept(struct mind *mind, int options)
{
    int status = 0;
    if (mind->keeper == 0)
        return true;
    if (waitpid(mind->keeper, &status, options) == 0)
        return false;
    mind->keeper = 0;
    if (status != 0)
        log_error("cannot write the snapshot status=%d", status);
    return true;
}

void mind_keep(struct mind *mind, const struct mind_source *source, uint64_t seq)
{
    if (!is_kept(mind, WNOHANG) || seq - mind->kept.seq < mind->every)
        return;
    mind->kept.seq = seq; /* also when it fails: the next try is as far away */
    if (read_link(source, seq, mind->kept.link) == 0)
        fork_keeper(mind);
}

void mind_finish(struct mind *mind, const struct mind_source *source, uint64_t seq)
{
    (void)is_kept(mind, 0);
    if (seq == mind->kept.seq || core_seq(mind->core) != seq)
        return;
    mind->kept.seq = seq;
    int status = read_link(source, seq, mind->kept.link);
    if (status == 0)
        status = snapshot_write(&mind->snapshot, &mind->kept);
    if (status < 0)
        log_error("cannot write the snapshot error=%s", strerror(-status));
}
