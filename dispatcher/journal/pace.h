/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * pace: how fast long work goes on beside callers: so many bytes a second and no more, while it tells how far it is.
 * Who stood still, because processor or disk were others', does not run afterwards to make up for it. */
#ifndef DISPATCHER_JOURNAL_PACE_H
#define DISPATCHER_JOURNAL_PACE_H

#include <stdint.h>

enum {
    PACE_MB_PER_S = 110,        /* by itself: a gigabyte in 9 s (docs/decisions/0055-pace.md) */
    PACE_MB_PER_S_MAX = 100000, /* MB: 10^6 bytes */
    PACE_SLACK_MS = 20,         /* so much it may be ahead, or make up for */
    PACE_TELL_MS = 1000
};

/* The machine's time, or a test's. */
struct pace_clock {
    uint64_t (*now_ns)(void *owner);
    void (*wait_ns)(void *owner, uint64_t ns);
    void *owner;
};

/* How far it is: bytes done, of at most so many (0: nobody knows). */
typedef void pace_tell(void *owner, uint64_t bytes, uint64_t bytes_at_most);

struct pace {
    struct pace_clock clock;
    uint64_t bytes_per_s; /* 0: as fast as it goes */
    uint64_t bytes, bytes_at_most;
    uint64_t due_ns; /* when all that is done may be done */
    uint64_t told_ns;
    pace_tell *tell; /* NULL: nobody listens */
    void *owner;
};

/* clock NULL: the machine's, by which it sleeps. tell, its owner and bytes_at_most are set afterwards, or not. */
void pace_init(struct pace *pace, uint64_t bytes_per_s, const struct pace_clock *clock);

/* So many more bytes (at most 4 GiB) are done: waits until they may be, and tells once in PACE_TELL_MS. */
void pace_go(struct pace *pace, uint64_t bytes);

/* From now on this process and its children have a processor only when nobody else wants it, and likewise the disk where
 * its scheduler knows of that. Not permitted (the nightly unit, which has both from systemd): nothing changes. */
void pace_step_aside(void);

#endif
