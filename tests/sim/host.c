/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/host.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#ifdef __SANITIZE_ADDRESS__
#    include <sanitizer/lsan_interface.h>
#endif

#include "base/require.h"
#include "dispatcher/io/dispatcher.h"
#include "dispatcher/io/loop.h"
#include "dispatcher/journal/verify.h"
#include "dispatcher/store/tables.h"
#include "dispatcher/views/views.h"
#include "tests/sim/disk.h"
#include "tests/sim/figures.h"
#include "tests/sim/machine.h"
#include "tests/sim/network.h"
#include "tests/sim/sim.h"
#include "tests/sim/witness.h"

enum {
    OPERATIONS_MAX = 120, /* a power cut comes after up to so many operations of the disk */
    LINK_BYTES_IN_FRONT = 32,
    REBUILD_ROWS = 64
};

#define FOLDER  "sim/journal"
#define REBUILT "rebuilt"

static struct {
    struct node *node;
    struct settings settings;
    struct codec *codec;
    struct record record;
    jmp_buf cut;
    bool inside;        /* a turn runs: the power may be cut */
    uint32_t countdown; /* operations until it is, 0: it is not */
    bool failing;       /* the commit reported an error: the process ends itself */
    uint64_t busy_until_ms;
    uint64_t planned_ms; /* 0: no turn is planned */
} host;

/* ---- the power --------------------------------------------------------------------------------- */

static void before_operation(void)
{
    if (host.inside && host.countdown && --host.countdown == 0)
        longjmp(host.cut, 1);
}

static enum disk_fate commit_fate(void)
{
    struct sim *sim = host.node->sim;
    if (!host.inside || !host.countdown ||
        !kernel_chance(&sim->kernel, STREAM_DISK, sim->swarm.commit_error))
        return DISK_WELL;
    host.countdown = 0;
    host.failing = true;
    return kernel_below(&sim->kernel, STREAM_DISK, 2) ? DISK_FAILS : DISK_FAILS_LATE;
}

/* The process ends itself when its journal fails; any other end of it is a bug. */
_Noreturn void __real_abort(void);
_Noreturn void __wrap_abort(void);
_Noreturn void __wrap_abort(void)
{
    if (host.inside && host.failing)
        longjmp(host.cut, 1);
    witness_tell();
    __real_abort();
}

/* ---- what became durable ------------------------------------------------------------------------ */

static void drain(struct node *node)
{
    const uint8_t *bytes;
    uint64_t seq;
    uint32_t size;
    while (disk_row(FOLDER, TABLE_EVENTS, node->seen, &seq, &bytes, &size)) {
        if (seq != node->seen + 1)
            auditor_broken("I17", "a hole in the journal");
        REQUIRE(codec_unpack(host.codec, SCHEMA_RECORD, bytes + LINK_BYTES_IN_FRONT,
                             size - LINK_BYTES_IN_FRONT, &host.record) == 0);
        node->seen = seq;
        core_apply(node->core, &host.record.event);
        sim_see(node->sim, &host.record.event);
    }
}

static uint64_t refused(const struct core *core)
{
    struct core_counts counts;
    uint64_t all = 0;
    core_count(core, &counts);
    for (enum refusal refusal = 1; refusal < REFUSAL_COUNT; refusal++)
        all += counts.refused[refusal];
    return all;
}

static void die(struct node *node)
{
    host.countdown = 0;
    host.inside = host.failing = false;
    machine_is_node(false);
    node->commands += node->dispatcher->figures.commands;
    node->refused += refused(node->dispatcher->core);
    dispatcher_close(node->dispatcher);
    node->dispatcher = NULL;
    host.planned_ms = 0;
    machine_node_died();
    network_node_died();
    drain(node);
    node_died(node);
}

/* ---- turns ------------------------------------------------------------------------------------- */

static void turn(void *owner, uint64_t at_ms);

static void plan(struct node *node, uint64_t in_ms)
{
    uint64_t now_ms = node->sim->kernel.now_ms;
    uint64_t at_ms = now_ms + in_ms;
    if (at_ms < host.busy_until_ms)
        at_ms = host.busy_until_ms;
    if (host.planned_ms && host.planned_ms <= at_ms)
        return;
    host.planned_ms = at_ms;
    kernel_plan(&node->sim->kernel, at_ms - now_ms, turn, node, at_ms);
}

static void turn(void *owner, uint64_t at_ms)
{
    struct node *node = owner;
    struct kernel *kernel = &node->sim->kernel;
    if (at_ms != host.planned_ms || !node->dispatcher)
        return;
    host.planned_ms = 0;
    if (kernel->now_ms < node->paused_until_ms)
        return; /* it goes on when the machine does */
    uint64_t took_ms = kernel_wait(kernel, STREAM_DISK, node->sim->swarm.commit_ms);
    uint64_t seen = node->seen;
    network_commit_took(took_ms);
    host.inside = true;
    machine_is_node(true);
    if (setjmp(host.cut)) {
        die(host.node);
        return;
    }
    bool more = dispatcher_turn(node->dispatcher);
    int wait_ms = more ? 0 : dispatcher_wait_ms(node->dispatcher);
    host.inside = false;
    machine_is_node(false);
    drain(node);
    if (node->seen != seen)
        host.busy_until_ms = kernel->now_ms + took_ms;
    plan(node, wait_ms > 0 ? (uint64_t)wait_ms : 1);
}

void host_poke(struct node *node)
{
    if (node->dispatcher)
        plan(node, 1);
}

/* ---- life -------------------------------------------------------------------------------------- */

/* The power is cut while the journal is replayed or the city loaded: the next life must do. */
static void die_rising(struct node *node)
{
    host.countdown = 0;
    host.inside = host.failing = false;
    machine_is_node(false);
    machine_clear_away();
    machine_node_died();
    network_node_died();
    disk_power_cut();
    drain(node);
    node_died(node);
}

/* A process that a power cut ends in the middle of its opening frees nothing: here, where it has no
 * process of its own, the sanitizer must not count that. */
static void excuse_leaks(bool excused)
{
#ifdef __SANITIZE_ADDRESS__
    if (excused)
        __lsan_disable();
    else
        __lsan_enable();
#else
    (void)excused;
#endif
}

static void start(struct node *node)
{
    struct kernel *kernel = &node->sim->kernel;
    uint32_t badly = node->crashes ? node->sim->swarm.rises_badly : 0;
    const bool armed = kernel_chance(kernel, STREAM_LIMITS, badly);
    if (armed) {
        host.countdown = 1 + (uint32_t)kernel_below(kernel, STREAM_LIMITS, OPERATIONS_MAX);
        host.inside = true;
        if (setjmp(host.cut)) {
            excuse_leaks(false);
            die_rising(host.node);
            return;
        }
        excuse_leaks(true);
    }
    machine_is_node(true);
    int status = dispatcher_open(&node->dispatcher, &host.settings, "dispatcher",
                                 &(struct dispatcher_start){ .takes_over = false });
    machine_is_node(false);
    if (armed)
        excuse_leaks(false);
    if (status < 0 && host.failing) { /* it could not write, said so, and has ended */
        machine_node_died();
        die_rising(host.node);
        return;
    }
    REQUIRE(status == 0);
    host.inside = false;
    host.countdown = 0;
    drain(node);
    if (core_digest(node->dispatcher->core) != core_digest(node->core))
        auditor_broken("I15", "a second life from the journal is another");
    core_check(node->dispatcher->core); /* no deadline is lost with a life */
    host_poke(node);
}

void host_open(struct node *node)
{
    static const struct disk_hooks hooks = { before_operation, commit_fate };
    memset(&host, 0, sizeof host);
    host.node = node;
    host.codec = codec_open();
    REQUIRE(host.codec);
    (void)snprintf(host.settings.home, sizeof host.settings.home, "sim");
    (void)snprintf(host.settings.city, sizeof host.settings.city, "sim");
    (void)snprintf(host.settings.consoles[0].name, sizeof host.settings.consoles[0].name,
                   "console");
    (void)snprintf(host.settings.dispatcher.events, sizeof host.settings.dispatcher.events,
                   "tcp://events");
    host.settings.console_count = 1;
    host.settings.dispatcher.map_gib = 1;
    host.settings.dispatcher.snapshot_events = node->sim->swarm.snapshot_events;
    host.settings.dispatcher.contacts = node->limits.contacts;
    host.settings.dispatcher.incidents = node->limits.incidents;
    host.settings.dispatcher.tasks = node->limits.tasks;
    machine_open(node->sim);
    network_open(node->sim);
    disk_attach(&hooks);
}

void host_start(struct node *node)
{
    start(node);
}

void host_close(struct node *node)
{
    dispatcher_close(node->dispatcher);
    codec_close(host.codec);
    network_close();
    machine_close();
    disk_forget_all();
}

/* Nothing happened on its disk for a while: between two turns, then. */
static void die_at_last(void *owner, uint64_t crashes)
{
    struct node *node = owner;
    if (node->dispatcher && node->crashes == crashes)
        die(node);
}

void host_die(struct node *node)
{
    struct kernel *kernel = &node->sim->kernel;
    if (host.countdown)
        return;
    host.countdown = 1 + (uint32_t)kernel_below(kernel, STREAM_DISK, OPERATIONS_MAX);
    kernel_plan(kernel, 2 * SECOND_MS, die_at_last, node, node->crashes);
}

void host_rise(struct node *node)
{
    start(node);
}

enum refusal host_system(struct node *node, struct command *command)
{
    if (!node->dispatcher) {
        machine_add_row(command); /* of the tables it begins with */
        return REFUSAL_NONE;
    }
    machine_is_node(true);
    turn_system(node->dispatcher, command);
    machine_is_node(false);
    host_poke(node);
    return REFUSAL_NONE;
}

const struct core *host_core(const struct node *node)
{
    return node->dispatcher->core;
}

/* ---- in the end -------------------------------------------------------------------------------- */

static void prove_trail(struct node *node)
{
    uint8_t key[32];
    struct verify_report report;
    machine_sign_public(key);
    REQUIRE(journal_verify(FOLDER, key, &report) == 0);
    if (!report.ok || report.records != node->seen)
        auditor_broken("I13", report.reason);
    bool quiet = node_clock_ms(node) > node->sim->auditor.at_ms + JOURNAL_CHECKPOINT_MS + SECOND_MS;
    if (report.covered + (quiet ? 0 : JOURNAL_CHECKPOINT_EVENTS) < report.records)
        auditor_broken("I14", "records without a signature long after");
}

/* The views are what anybody can compute from the events. */
static void prove_views(struct node *node)
{
    static struct stored_event rows[REBUILD_ROWS];
    struct views *views;
    uint8_t kept[32], rebuilt[32];
    uint64_t after = 0;
    REQUIRE(views_open(&views, REBUILT) == 0);
    for (;;) {
        int count = journal_read(node->dispatcher->journal, after, rows, REBUILD_ROWS);
        REQUIRE(count >= 0);
        if (count == 0)
            break;
        REQUIRE(views_apply_rows(views, 1, rows, (uint32_t)count) == 0);
        after = rows[count - 1].seq;
    }
    REQUIRE(views_digest(journal_views(node->dispatcher->journal), kept) == 0);
    REQUIRE(views_digest(views, rebuilt) == 0);
    views_close(views);
    if (memcmp(kept, rebuilt, sizeof kept) != 0)
        auditor_broken("I15", "the views are not what the events say");
}

void host_prove(struct node *node)
{
    prove_trail(node);
    prove_views(node);
    figures_prove(node->dispatcher->journal, line_numbers, LINE_COUNT,
                  node->sim->swarm.departments);
    die(node);
    start(node);
}
