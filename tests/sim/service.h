/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * service: the journal service that three dispatchers write to, as a model behind dispatcher/annals/kind.h: a log of turns,
 * one epoch, one holder. It can be away, for everybody or for one dispatcher; a request or its answer gets lost; a request is
 * carried out later, unless who sent it asks how it stands meanwhile (annals.h: after that nothing of before comes). What was
 * answered is never lost. */
#ifndef TESTS_SIM_SERVICE_H
#define TESTS_SIM_SERVICE_H

#include "dispatcher/annals/annals.h"
#include "dispatcher/core/core.h"
#include "tests/sim/kernel.h"

enum {
    SERVICE_CLIENTS = 3
};

/* What a turn of the simulation says: the changes of annals_turn point to it. */
struct service_turn {
    uint64_t asker; /* of the command, 0: nobody waits */
    struct outcome outcome;
    uint32_t count;
    const struct event *events;
};

/* A turn as it is kept: events `first` to `first + count` of the service's. */
struct service_row {
    struct store_mark after;
    uint64_t asker, epoch;
    struct outcome outcome;
    size_t first;
    uint32_t count;
    bool collected; /* its asker has the outcome */
};

struct service {
    struct kernel *kernel;
    uint64_t epoch, beat, away_until_ms;
    char holder[ANNALS_HOLDER_BYTES];
    uint32_t lost_permille; /* of appends, in each of three ways */
    uint64_t doubts, deposed;

    struct event *events;
    size_t event_count, event_room;
    struct service_row *rows; /* row i is turn i + 1 */
    size_t count, room;

    struct service_client {
        struct service *service;
        uint32_t number;
        uint64_t cut_until_ms; /* cannot reach it */
        bool late;             /* a request of it is on its way: */
        uint64_t late_epoch, late_ms;
        struct store_mark late_before;
        struct service_row late_row;
        struct event late_events[CORE_EVENTS_MAX];
    } clients[SERVICE_CLIENTS];
};

/* The one of this process: what annals_open("sim:N") finds. */
extern struct service service;

void service_open(struct kernel *kernel, uint32_t lost_permille);
void service_close(void);

/* Does this dispatcher reach it now? */
bool service_answers(uint32_t client);

#endif
