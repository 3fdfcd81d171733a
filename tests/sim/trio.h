/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * trio: three dispatchers of one city and the journal service they write to (service.h). What is simulated is what ships:
 * the core, dispatcher/annals/annals.c with its finding out of unknown outcomes, and the rule by which who follows takes the
 * epoch (watch.h). Around them each dispatcher crashes, stands still, is cut off from the service, has a clock of its own;
 * the service is away for a time, loses requests and answers; the lead is handed over on purpose.
 *
 * Held beside the auditor's promises (I41): each turn is written under the epoch that is, by one dispatcher; who leads has
 * everything that was written, with the digest of whoever followed, too; what was answered was written, once; and a leader
 * that is lost is replaced within TRIO_TAKE_OVER_MS while another reaches the service. */
#ifndef TESTS_SIM_TRIO_H
#define TESTS_SIM_TRIO_H

#include "dispatcher/annals/watch.h"
#include "dispatcher/core/core.h"
#include "dispatcher/io/wall.h"
#include "tests/sim/service.h"

struct node;
struct asker;

enum {
    MEMBERS = SERVICE_CLIENTS,
    TRIO_TAKE_OVER_MS = 3000
};

struct member {
    struct trio *trio;
    uint32_t number;
    char holder[8];
    bool up, leads, resigns;
    uint64_t paused_until_ms, life;
    int64_t clock_ms;
    struct wall wall;
    void *memory;
    struct core *core;
    size_t turns; /* of the service's, done here */
    struct annals *annals;
    uint64_t epoch, beat_ms,
        able_ms; /* since when it could take over, 0: it cannot, or all is well */
    struct watch watch;
    bool doubts; /* whether its last turn was written */
    struct store_mark before;
    struct annals_turn turn;
    struct service_turn said;
    struct event events[CORE_EVENTS_MAX];
};

struct trio {
    struct node *node;
    struct member members[MEMBERS];
    uint32_t leader;              /* whom programs ask: the one of the newest epoch */
    size_t published;             /* turns that were told to the programs */
    bool looking;                 /* who follows looks, as something is wrong */
    uint64_t well_ms;             /* since when nothing is */
    uint64_t seen_epoch;          /* when it was last looked who could take over */
    struct pending *first, *last; /* the system's own commands, until somebody leads */
    uint64_t take_overs, hand_overs, longest_ms, cuts, outages;
};

void trio_open(struct trio *trio, struct node *node);
void trio_close(struct trio *trio);

/* Faults begin, and are over. */
void trio_storm(struct trio *trio);
void trio_heal(struct trio *trio);

/* What the dispatcher that leads takes for the time. */
uint64_t trio_time_ms(struct trio *trio);

/* Returns false when nobody can say anything now: ask again. */
bool trio_take(struct trio *trio, const struct command *command, struct asker *asker,
               struct outcome *outcome);

/* Of whoever leads. */
uint64_t trio_epoch(const struct trio *trio);

/* The system's own: done now, or as soon as somebody leads. */
enum refusal trio_system(struct trio *trio, const struct command *command);

/* One of them crashes, stands still, has its clock moved. */
void trio_crash(struct trio *trio, uint64_t down_ms);
void trio_pause(struct trio *trio, uint64_t for_ms);
void trio_move_clock(struct trio *trio, int64_t by_ms);

#endif
