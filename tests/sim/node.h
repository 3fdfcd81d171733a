/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * node: the dispatcher, with the machine it runs on: it crashes, stands still, its clock is moved. It
 * comes back from what was durable, and must be what it was. */
#ifndef TESTS_SIM_NODE_H
#define TESTS_SIM_NODE_H

#include "dispatcher/core/core.h"
#include "dispatcher/io/roster.h"
#include "dispatcher/io/wall.h"
#include "tests/sim/image.h"
#include "tests/sim/kernel.h"

struct asker;
struct sim;
struct trio;
struct dispatcher;
struct port;

struct node {
    struct sim *sim;
    bool up;
    uint64_t paused_until_ms;
    int64_t clock_ms;    /* how far its clock is from the truth */
    uint64_t started_ms; /* of this life */
    uint64_t wake_ms;    /* when a turn is planned, 0: none */

    struct trio *trio; /* bare: three of them, NULL: one */

    /* bare; in a whole simulation the core is a second one, which follows the journal */
    struct core_limits limits;
    void *memory;
    struct core *core;
    struct roster roster;
    struct wall wall;
    struct verdict verdict;
    struct event *history;
    size_t history_count, history_room;
    struct image image; /* of the core, when it had seen image_count events */
    size_t image_count;

    /* whole */
    struct dispatcher *dispatcher;
    uint64_t seen; /* the last durable event that was handed to the auditor */

    uint64_t crashes, pauses, jumps, snapshots, commands, refused, digest;
};

void node_open(struct node *node, struct sim *sim);
void node_start(struct node *node); /* its city is defined */
void node_close(struct node *node);

/* What its clock says. */
uint64_t node_clock_ms(const struct node *node);

/* The system's own command, decided at once and written down. Returns the refusal. */
enum refusal node_system(struct node *node, struct command *command);

/* A command of a bare port arrives. Returns false when the node does not listen now. */
bool node_take(struct node *node, const struct command *command, struct asker *asker,
               struct outcome *outcome);

/* For trio.c: events `first` to `first + count` of the service's are told; its outcome; time goes on for it. */
void node_publish(struct node *node, size_t first, uint32_t count);
void node_fill_outcome(const struct verdict *verdict, struct outcome *outcome);
void node_go_on(struct node *node);

/* A frame of a whole port waits. */
bool node_listens(const struct node *node);
void node_poke(struct node *node);

/* Soon, between any two operations of its disk. */
void node_crash(struct node *node);

/* It did; it comes back by itself. */
void node_died(struct node *node);

void node_pause(struct node *node, uint64_t for_ms);
void node_move_clock(struct node *node, int64_t by_ms);

/* Walks the invariants of the core, and compares what it counts; ends the process at the first that
 * does not hold. */
void node_check(const struct node *node);

/* After the last event: a second life from the journal is the same, and the journal verifies. */
void node_prove(struct node *node);

/* Is every deadline handled that was due before `grace_ms`? */
bool node_is_settled(const struct node *node, uint64_t grace_ms);

#endif
