/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * sim: one seed's world. */
#ifndef TESTS_SIM_SIM_H
#define TESTS_SIM_SIM_H

#include "tests/sim/auditor.h"
#include "tests/sim/desk.h"
#include "tests/sim/node.h"
#include "tests/sim/port.h"
#include "tests/sim/post.h"
#include "tests/sim/swarm.h"
#include "tests/sim/trunk.h"

#define MONDAY_MIDNIGHT_MS                                                                         \
    1772380800000ULL /* 2026-03-02 00:00 in the city, 16:00 UTC the day before */

enum {
    TRUNKS_MAX = 4,
    POSTS_MAX = 2,
    GATEWAY_CONSOLE = TRUNKS_MAX + POSTS_MAX + 1, /* trunks are 1 …, posts TRUNKS_MAX + 1 … */
    FIRST_TAKER = 1001,
    FIRST_CLERK = 3001, /* one user for each department */
    SUPERVISOR = 5001,
    AUDITOR_USER = 5002,
    OPERATOR = 5003,
    DIRECTOR = 5004, /* the second person */
    CHIEF = 5004,    /* rules disputes and agrees to what a second person must agree to */
    CITIZENS = 100000,
    LINE_COUNT = 5
};

extern const uint32_t line_numbers[LINE_COUNT];

struct sim {
    struct kernel kernel;
    struct swarm swarm;
    struct auditor auditor;
    struct node node;
    struct trunk trunks[TRUNKS_MAX];
    struct post posts[POSTS_MAX];
    struct port console;
    struct desk desks[DESKS_MAX];
    bool healing;        /* the faults are over: everybody does their duty */
    bool closing;        /* nobody new calls */
    const char *journal; /* where the history goes (bare), NULL: nowhere */
    uint32_t sweeps;     /* days until everything must be closed, 0: not asked for */
    uint64_t flood_until_ms;
    uint32_t last_citizen;
    uint64_t partitions, gateway_crashes, errors, calls, texts;
    uint64_t asked;           /* questions */
    uint64_t alone, survived; /* times without a dispatcher, and who was answered then */
};

/* ---- city.c: the city and its day --------------------------------------------------------------- */

void city_define(struct sim *sim);

/* From now on citizens call. */
void city_wake(struct sim *sim);

/* Who speaks: somebody who called before, or anybody; 0: the number is withheld. */
uint32_t city_citizen(struct sim *sim);

/* ---- office.c, bureau.c: the centre's clerks and the departments ------------------------------ */

void office_see(struct sim *sim, const struct event *event);
void office_sweep(struct sim *sim);
void bureau_see(struct sim *sim, const struct event *event);
void bureau_sweep(struct sim *sim);

/* ---- trade.c: the newer half of the trade -------------------------------------------------------- */

void trade_see(struct sim *sim, const struct event *event);
void trade_review(struct sim *sim, uint64_t id);

/* Takes up what waits for a second person. False: nobody waits. */
bool trade_mend(struct sim *sim, const struct seen_incident *incident);

/* ---- crew.c, talk.c, kin.c: units; transfers and questions; families, storms, more time --------- */

void crew_rows(struct sim *sim, void (*define)(struct sim *sim, struct command *command));
void crew_see(struct sim *sim, const struct event *event);
void talk_rows(struct sim *sim, void (*define)(struct sim *sim, struct command *command),
               uint64_t edition);
void talk_see(struct sim *sim, const struct event *event);
void talk_ring(struct sim *sim, struct port *port, uint64_t offer);

/* Somebody more in a conversation: what people do about it, and the other telephone. */
void guest_see(struct sim *sim, const struct event *event);
void guest_ring(struct sim *sim, struct port *port, uint64_t party);
void notices_wake(struct sim *sim);
void notices_see(struct sim *sim, const struct event *event);
void kin_wake(struct sim *sim);
void kin_see(struct sim *sim, const struct event *event);
void kin_place(struct sim *sim, struct contact_arrive *arrive);

/* ---- caller.c: what citizens do besides talking and hanging up ----------------------------------- */

void caller_tongues(struct sim *sim, struct user_row *row);
void caller_rings(struct sim *sim, struct line_row *row);
void caller_arrive(struct sim *sim, struct contact_arrive *arrive);
void caller_see(struct sim *sim, const struct event *event);

/* ---- storm.c: when what breaks ----------------------------------------------------------------- */

void storm_begin(struct sim *sim);

/* ---- slip.c: human error ------------------------------------------------------------------------ */

/* Somebody sends a command that makes no sense, or not now. */
void slip(struct sim *sim);

/* ---- sim.c --------------------------------------------------------------------------------------- */

/* A durable event: the auditor looks at it, and the people when it reached their screens. */
void sim_see(struct sim *sim, const struct event *event);
void sim_show(struct sim *sim, const struct event *event);

struct command command_of(enum command_kind kind);

/* By the console, as this user. */
void console_send(struct sim *sim, uint32_t user, const struct command *command);

#endif
