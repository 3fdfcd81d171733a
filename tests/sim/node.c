/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/node.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/require.h"
#include "dispatcher/core/ball.h"
#include "dispatcher/io/orders.h"
#include "tests/sim/host.h"
#include "tests/sim/sim.h"
#include "tests/sim/trio.h"

enum {
    TICKS_MAX = 64 /* of one turn, as in the dispatcher */
};

static bool is_whole(const struct node *node)
{
    return node->sim->swarm.depth == DEPTH_WHOLE;
}

uint64_t node_clock_ms(const struct node *node)
{
    return (uint64_t)((int64_t)(MONDAY_MIDNIGHT_MS + node->sim->kernel.now_ms) + node->clock_ms);
}

bool node_listens(const struct node *node)
{
    return node->up && node->sim->kernel.now_ms >= node->paused_until_ms;
}

/* ---- a bare node ------------------------------------------------------------------------------ */

/* Pools that are too small for the day say no, and lose nothing of what they took. What departments work off over days
 * has room for so many: with less, what a month left waiting is let in a few a day, long after the city's end. */
static void tighten(const struct swarm *swarm, struct core_limits *limits, uint32_t count)
{
    uint32_t *pools[TIGHT_COUNT] = {
        [TIGHT_CONTACTS] = &limits->contacts, [TIGHT_INCIDENTS] = &limits->incidents,
        [TIGHT_TASKS] = &limits->tasks,       [TIGHT_CALLBACKS] = &limits->callbacks,
        [TIGHT_TEXTS] = &limits->texts,       [TIGHT_PETITIONS] = &limits->petitions,
    };
    static const uint32_t of_volume[TIGHT_COUNT] = { 24, 3, 3, 100, 50, 100 };
    static const uint32_t days_open[TIGHT_COUNT] = { 1, 10, 10, 1, 1, 10 };
    uint32_t lived = swarm->days < 1 ? 1 : (uint32_t)swarm->days;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t days = lived < days_open[i] ? lived : days_open[i];
        if (swarm->tight & 1U << i)
            *pools[i] = 8 + swarm->volume * days / of_volume[i];
    }
}

static struct core_limits limits_of(const struct node *node)
{
    const struct swarm *swarm = &node->sim->swarm;
    uint32_t work = 4096 + swarm->volume * 4;
    if (is_whole(node)) { /* the settings say three of them; who follows forgets what it forgets */
        struct core_limits whole = core_limits_default();
        tighten(swarm, &whole, TIGHT_CALLBACKS);
        return whole;
    }
    struct core_limits limits = { .lines = 8,
                                  .departments = 64,
                                  .users = 512,
                                  .categories = 64,
                                  .gateways = 16,
                                  .contacts = 4096 + swarm->volume * 2,
                                  .incidents = work,
                                  .tasks = 2 * work,
                                  .callbacks = 4096,
                                  .texts = work,
                                  .petitions = work };
    tighten(swarm, &limits, TIGHT_COUNT);
    return limits;
}

static void keep(struct node *node, const struct event *event)
{
    if (node->history_count == node->history_room) {
        node->history_room = node->history_room ? node->history_room * 2 : 4096;
        node->history = realloc(node->history, node->history_room * sizeof *node->history);
        REQUIRE(node->history);
    }
    node->history[node->history_count++] = *event;
}

static struct port *port_of(struct sim *sim, uint32_t gateway)
{
    if (gateway == 0 || gateway >= GATEWAY_CONSOLE)
        return NULL;
    return gateway <= TRUNKS_MAX ? &sim->trunks[gateway - 1].port
                                 : &sim->posts[gateway - TRUNKS_MAX - 1].port;
}

/* Returns false when the text can be sent to nobody. */
static bool text_order(struct node *node, const struct event *event, struct order *order,
                       uint32_t *gateway)
{
    const struct seen_incident *incident = auditor_incident(&node->sim->auditor, event->incident);
    const struct seen_contact *contact = auditor_contact(&node->sim->auditor, event->contact);
    uint64_t citizen = incident ? incident->caller : contact ? contact->caller : 0;
    bool leased = event->kind == EVENT_TEXT_LEASED;
    uint32_t named = leased ? event->text_leased.gateway : event->text_ordered.gateway;
    *gateway = orders_text_gateway(&node->roster, named, 0);
    if (!citizen || !*gateway)
        return false;
    memset(order, 0, offsetof(struct order, text) + offsetof(struct order_text, words) + 1);
    order->kind = ORDER_TEXT;
    order->text.text = leased ? event->text_leased.text : event->text_ordered.text;
    (void)snprintf(order->text.number, sizeof order->text.number, "138%08" PRIu64, citizen);
    return true;
}

/* The list of numbers is no part of a bare dispatcher. */
static void give_notice(struct node *node, const struct event *event)
{
    static struct order order;
    const struct notice_stepped *stepped = &event->notice_stepped;
    struct port *port = port_of(node->sim, stepped->gateway);
    order.kind = ORDER_TEXT;
    (void)snprintf(order.text.number, sizeof order.text.number, "13900000000");
    for (uint32_t i = 0; port && i < stepped->count; i++) {
        order.text.text = stepped->text + i;
        port_deliver(port, &order);
    }
}

static void give_order(struct node *node, const struct event *event)
{
    static struct order order;
    uint32_t gateway = 0;
    if (event->kind == EVENT_NOTICE_STEPPED) {
        give_notice(node, event);
        return;
    }
    if (event->kind == EVENT_TEXT_ORDERED || event->kind == EVENT_TEXT_LEASED) {
        if (!text_order(node, event, &order, &gateway)) {
            struct command command = command_of(COMMAND_TEXT_REPORT);
            command.text_report.text = event->text_ordered.text;
            command.text_report.state = TEXT_STATE_FAILED;
            (void)node_system(node, &command);
            return;
        }
    } else if (!orders_of_call(&node->roster, event, &order, &gateway)) {
        return;
    }
    struct port *port = port_of(node->sim, gateway);
    if (port)
        port_deliver(port, &order);
}

static void wake(void *owner, uint64_t at_ms);

/* The dispatcher's own time, which never goes back. */
static uint64_t time_of(struct node *node)
{
    return node->trio ? trio_time_ms(node->trio)
                      : wall_read(&node->wall, node_clock_ms(node), node->sim->kernel.now_ms);
}

static void plan_wake(struct node *node)
{
    uint64_t due_ms = core_next_deadline_ms(node->core);
    uint64_t clock_ms = time_of(node);
    uint64_t now_ms = node->sim->kernel.now_ms;
    if (due_ms == UINT64_MAX)
        return;
    uint64_t wait_ms = due_ms > clock_ms ? due_ms - clock_ms : 1;
    if (node->wake_ms > now_ms && node->wake_ms <= now_ms + wait_ms)
        return;
    node->wake_ms = now_ms + wait_ms;
    kernel_plan(&node->sim->kernel, wait_ms, wake, node, node->wake_ms);
}

void node_fill_outcome(const struct verdict *verdict, struct outcome *outcome)
{
    outcome->refusal = verdict->refusal;
    outcome->contact = verdict->contact;
    outcome->incident = verdict->incident;
    outcome->number = verdict->number;
    outcome->task = verdict->task;
    outcome->event_seq = verdict->count ? verdict->events[verdict->count - 1].seq : 0;
}

/* The copy that a snapshot is. */
static void keep_image(struct node *node)
{
    uint64_t every = node->sim->swarm.snapshot_events;
    if (!every || node->history_count < node->image_count + every)
        return;
    image_clear(&node->image);
    image_take(&node->image, 0, node->memory, core_size(&node->limits));
    node->image_count = node->history_count;
}

/* Who is to know of them, from the history's `first` on, does. */
static void tell(struct node *node, size_t first)
{
    size_t last = node->history_count;
    for (size_t i = first; i < last; i++)
        sim_see(node->sim, &node->history[i]);
    /* An order that nobody can carry out is reported, which is another step. */
    for (size_t i = first; i < last; i++) {
        struct event event = node->history[i];
        give_order(node, &event);
    }
}

void node_publish(struct node *node, size_t first, uint32_t count)
{
    size_t place = node->history_count;
    for (uint32_t i = 0; i < count; i++) {
        roster_apply(&node->roster, &service.events[first + i]);
        keep(node, &service.events[first + i]);
    }
    tell(node, place);
}

/* outcome may be NULL. */
static enum refusal step(struct node *node, struct command *command, struct outcome *outcome)
{
    command->at_ms = time_of(node);
    core_step(node->core, command, &node->verdict);
    enum refusal refusal = node->verdict.refusal;
    if (outcome)
        node_fill_outcome(&node->verdict, outcome);
    node->commands++;
    node->refused += refusal != REFUSAL_NONE;
    size_t first = node->history_count;
    for (uint32_t i = 0; i < node->verdict.count; i++) {
        roster_apply(&node->roster, &node->verdict.events[i]);
        keep(node, &node->verdict.events[i]);
    }
    tell(node, first);
    plan_wake(node);
    keep_image(node);
    return refusal;
}

/* Returns false when nobody can say anything now. */
static bool tick_once(struct node *node)
{
    struct outcome outcome;
    struct asker nobody = { 0 };
    struct command tick = command_of(COMMAND_TICK);
    tick.actor_kind = ACTOR_KIND_SYSTEM;
    if (node->trio)
        return trio_take(node->trio, &tick, &nobody, &outcome);
    (void)step(node, &tick, NULL);
    return true;
}

static void wake(void *owner, uint64_t at_ms)
{
    struct node *node = owner;
    if (at_ms != node->wake_ms || !node_listens(node))
        return;
    node->wake_ms = 0;
    for (uint32_t i = 0; i < TICKS_MAX && node->up; i++)
        if (core_next_deadline_ms(node->core) > time_of(node) || !tick_once(node))
            break;
    if (node->up)
        plan_wake(node);
}

bool node_take(struct node *node, const struct command *command, struct asker *asker,
               struct outcome *outcome)
{
    if (node->trio)
        return trio_take(node->trio, command, asker, outcome);
    if (!node_listens(node))
        return false;
    struct command taken = *command;
    (void)step(node, &taken, outcome);
    return true;
}

/* A core that knows nothing yet; on some seeds it has counted for long. */
static void begin(struct node *node)
{
    const struct swarm *swarm = &node->sim->swarm;
    node->core = core_init(node->memory, core_size(&node->limits), &node->limits);
    if (swarm->first_id && !is_whole(node)) {
        core_count_from(node->core, swarm->first_seq, swarm->first_id);
        node->sim->auditor.seq = node->history_count ? node->sim->auditor.seq : swarm->first_seq;
    }
}

static void open_bare(struct node *node)
{
    node->limits = limits_of(node);
    node->memory = mmap(NULL, core_size(&node->limits), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(node->memory != MAP_FAILED);
    begin(node);
    REQUIRE(roster_open(&node->roster) == 0);
    wall_begin(&node->wall, 0, node->sim->kernel.now_ms);
}

/* A new life from what was written down, or from an image of the core and what followed it. */
static void replay(struct node *node, bool kept)
{
    size_t size = core_size(&node->limits);
    REQUIRE(madvise(node->memory, size, MADV_DONTNEED) == 0);
    roster_close(&node->roster);
    REQUIRE(roster_open(&node->roster) == 0);
    if (kept) {
        image_put(&node->image, 0, node->memory, size, node->image.count);
        node->core = core_resume(node->memory, &node->limits);
        REQUIRE(node->core);
        node->snapshots++;
    } else {
        begin(node);
    }
    for (size_t i = 0; i < node->history_count; i++) {
        if (!kept || i >= node->image_count)
            core_apply(node->core, &node->history[i]);
        roster_apply(&node->roster, &node->history[i]);
    }
    uint64_t last_ms = node->history_count ? node->history[node->history_count - 1].at_ms : 0;
    wall_begin(&node->wall, last_ms, node->sim->kernel.now_ms);
}

/* ---- both ------------------------------------------------------------------------------------ */

enum refusal node_system(struct node *node, struct command *command)
{
    command->actor_kind = ACTOR_KIND_SYSTEM;
    if (node->trio)
        return trio_system(node->trio, command);
    return is_whole(node) ? host_system(node, command) : step(node, command, NULL);
}

void node_open(struct node *node, struct sim *sim)
{
    *node = (struct node){ .sim = sim, .up = true };
    open_bare(node);
    if (is_whole(node))
        host_open(node);
    if (sim->swarm.nodes == MEMBERS) {
        static struct trio trio;
        node->trio = &trio;
        trio_open(&trio, node);
    }
}

void node_start(struct node *node)
{
    if (is_whole(node))
        host_start(node);
}

void node_close(struct node *node)
{
    if (is_whole(node))
        host_close(node);
    if (node->trio)
        trio_close(node->trio);
    roster_close(&node->roster);
    (void)munmap(node->memory, core_size(&node->limits));
    free(node->history);
    image_free(&node->image);
}

static void come_back(void *owner, uint64_t what)
{
    struct node *node = owner;
    (void)what;
    if (node->up)
        return;
    node->up = true;
    node->started_ms = node->sim->kernel.now_ms;
    if (is_whole(node)) {
        host_rise(node);
        return;
    }
    uint64_t digest = core_digest(node->core);
    replay(node, node->image_count > 0);
    if (core_digest(node->core) != digest)
        auditor_broken("I15", "a second life from the journal is another");
    core_check(node->core); /* no deadline is lost with a life */
    node->wake_ms = 0;
    plan_wake(node);
}

void node_died(struct node *node)
{
    struct kernel *kernel = &node->sim->kernel;
    node->up = false;
    node->crashes++;
    kernel_plan(kernel, kernel_wait(kernel, STREAM_FAULTS, node->sim->swarm.down_ms), come_back,
                node, 0);
}

void node_crash(struct node *node)
{
    if (node->trio) {
        node->crashes++;
        trio_crash(node->trio,
                   kernel_wait(&node->sim->kernel, STREAM_FAULTS, node->sim->swarm.down_ms));
        return;
    }
    if (!node->up)
        return;
    if (is_whole(node))
        host_die(node);
    else
        node_died(node);
}

void node_go_on(struct node *node)
{
    if (!node->up)
        return;
    node->wake_ms = 0;
    plan_wake(node);
}

static void go_on(void *owner, uint64_t what)
{
    struct node *node = owner;
    (void)what;
    if (!node_listens(node))
        return;
    if (is_whole(node)) {
        node_poke(node);
        return;
    }
    node->wake_ms = 0;
    plan_wake(node);
}

void node_pause(struct node *node, uint64_t for_ms)
{
    uint64_t until_ms = node->sim->kernel.now_ms + for_ms;
    if (node->trio) {
        node->pauses++;
        trio_pause(node->trio, for_ms);
        return;
    }
    if (until_ms > node->paused_until_ms)
        node->paused_until_ms = until_ms;
    node->pauses++;
    kernel_plan(&node->sim->kernel, for_ms + 1, go_on, node, 0);
}

void node_move_clock(struct node *node, int64_t by_ms)
{
    node->jumps++;
    if (node->trio) {
        trio_move_clock(node->trio, by_ms);
        return;
    }
    node->clock_ms += by_ms;
    go_on(node, 0);
}

void node_poke(struct node *node)
{
    if (is_whole(node))
        host_poke(node);
}

static const struct core *core_of(const struct node *node)
{
    return is_whole(node) ? host_core(node) : node->core;
}

/* Whose time is it? The core's ledgers are the auditor's. (I31) */
static void check_balls(const struct node *node)
{
    const struct auditor *auditor = &node->sim->auditor;
    uint64_t at_ms = auditor->at_ms;
    for (uint32_t i = 0; i < auditor->open_incident_count; i++) {
        const struct seen_incident *seen = &auditor->incidents[auditor->open_incidents[i]];
        const struct incident *incident = core_incident(core_of(node), seen->id);
        for (enum owner owner = OWNER_NONE; !seen->stranger && owner < OWNER_COUNT; owner++)
            if (ball_booked_ms(incident, owner, at_ms) != auditor_booked_ms(seen, owner, at_ms))
                auditor_broken("I31", "a time is booked to another owner");
    }
}

void node_check(const struct node *node)
{
    struct core_counts counts;
    if (!node->up)
        return;
    core_check(core_of(node));
    core_count(core_of(node), &counts);
    auditor_count(&node->sim->auditor, &counts);
    check_balls(node);
}

void node_prove(struct node *node)
{
    REQUIRE(node->up);
    node->digest = core_digest(core_of(node));
    if (is_whole(node)) {
        host_prove(node);
        return;
    }
    replay(node, false);
    if (core_digest(node->core) != node->digest)
        auditor_broken("I15", "a second life from the journal is another");
}

bool node_is_settled(const struct node *node, uint64_t grace_ms)
{
    return node_listens(node) &&
           core_next_deadline_ms(core_of(node)) + grace_ms > node_clock_ms(node);
}
