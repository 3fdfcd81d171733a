/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/trio.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/require.h"
#include "dispatcher/io/annalist.h"
#include "tests/sim/node.h"
#include "tests/sim/sim.h"

enum {
    AGAIN_MS = 100, /* as the annalist asks again what nobody knows */
    CALM_MS = 5000  /* so long all is well until who follows looks no longer by the tick */
};

struct pending {
    struct command command;
    struct pending *next;
};

static uint64_t now_of(const struct trio *trio)
{
    return trio->node->sim->kernel.now_ms;
}

static struct kernel *kernel_of(const struct trio *trio)
{
    return &trio->node->sim->kernel;
}

static uint64_t below(const struct trio *trio, uint64_t limit)
{
    return kernel_below(kernel_of(trio), STREAM_CLUSTER, limit);
}

static bool listens(const struct member *member)
{
    return member->up && now_of(member->trio) >= member->paused_until_ms;
}

static struct member *leader_of(struct trio *trio)
{
    struct member *leader = &trio->members[trio->leader];
    return leader->leads && listens(leader) ? leader : NULL;
}

/* Its core is what was told, and it reaches the service: nothing is in doubt. */
static bool is_well(struct trio *trio)
{
    const struct member *leader = leader_of(trio);
    return leader && !leader->doubts && service_answers(leader->number);
}

/* ---- one dispatcher ------------------------------------------------------------------------------ */

static void begin_core(struct member *member)
{
    struct node *node = member->trio->node;
    member->core = core_init(member->memory, core_size(&node->limits), &node->limits);
    if (node->sim->swarm.first_id)
        core_count_from(member->core, node->sim->swarm.first_seq, node->sim->swarm.first_id);
    member->turns = 0;
}

/* Does what was written since. */
static void catch_up(struct member *member)
{
    for (; member->turns < service.count; member->turns++) {
        const struct service_row *row = &service.rows[member->turns];
        for (uint32_t i = 0; i < row->count; i++)
            core_apply(member->core, &service.events[row->first + i]);
    }
}

static void open_member(struct member *member, struct trio *trio, uint32_t number)
{
    char place[8];
    member->trio = trio;
    member->number = number;
    member->up = true;
    (void)snprintf(member->holder, sizeof member->holder, "home-%u", (unsigned)(number % 10));
    (void)snprintf(place, sizeof place, "sim:%u", (unsigned)(number % 10));
    REQUIRE(annals_open(&member->annals, place) == 0);
    member->memory = mmap(NULL, core_size(&trio->node->limits), PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(member->memory != MAP_FAILED);
    begin_core(member);
    watch_begin(&member->watch, 0);
}

static void suspect(struct trio *trio);
static void show_state(struct trio *trio);

static void come_back(void *owner, uint64_t life)
{
    struct member *member = owner;
    if (member->up || member->life != life)
        return;
    REQUIRE(madvise(member->memory, core_size(&member->trio->node->limits), MADV_DONTNEED) == 0);
    begin_core(member);
    catch_up(member); /* its own copy of them, or theirs: the same turns */
    core_check(member->core);
    member->up = true;
    watch_begin(&member->watch, now_of(member->trio));
    suspect(member->trio);
}

/* Its process is gone, with what it alone knew. */
static void end_member(struct member *member, uint64_t down_ms)
{
    member->up = member->leads = member->doubts = member->resigns = false;
    member->able_ms = 0;
    member->life++;
    kernel_plan(kernel_of(member->trio), down_ms, come_back, member, member->life);
    show_state(member->trio);
}

static void end_deposed(struct member *member)
{
    suspect(member->trio);
    end_member(member, 500 + below(member->trio, 3000)); /* systemd starts it again */
}

/* ---- telling ------------------------------------------------------------------------------------- */

/* The node of the simulation is whoever leads: up when it has nothing that was not told. */
static void show_state(struct trio *trio)
{
    struct node *node = trio->node;
    const struct member *leader = leader_of(trio);
    node->up = leader && !leader->doubts && leader->turns == trio->published;
    if (leader) {
        node->core = leader->core;
        node->clock_ms = leader->clock_ms;
    }
}

/* Each turn once, in order, by whoever leads. */
static void publish(struct trio *trio)
{
    while (trio->published < service.count) {
        const struct service_row row = service.rows[trio->published];
        if (trio->published > 0 && row.epoch < service.rows[trio->published - 1].epoch)
            auditor_broken("I41", "a turn of an epoch that was over");
        trio->published++;
        node_publish(trio->node, row.first, row.count);
    }
}

/* ---- deciding ------------------------------------------------------------------------------------ */

static struct store_mark mark_of(const struct member *member, const struct store_mark *before)
{
    struct store_mark mark = { .turn = before->turn + 1 };
    uint64_t what[3] = { member->epoch, member->number, member->trio->node->commands };
    memcpy(mark.digest, what, sizeof what);
    return mark;
}

static void prepare(struct member *member, const struct verdict *verdict, uint64_t asker,
                    const struct outcome *outcome)
{
    static const struct store_mark none;
    member->before = member->turns ? service.rows[member->turns - 1].after : none;
    memcpy(member->events, verdict->events, verdict->count * sizeof *verdict->events);
    member->said = (struct service_turn){ asker, *outcome, verdict->count, member->events };
    member->turn = (struct annals_turn){ .after = mark_of(member, &member->before),
                                         .changes = { &member->said, sizeof member->said } };
}

static void try_again(void *owner, uint64_t life);

/* Returns true when the turn is written, and told. */
static bool keep(struct member *member)
{
    struct trio *trio = member->trio;
    enum annals_outcome outcome =
        annals_keep(member->annals, member->epoch, &member->before, &member->turn, NULL, NULL);
    switch (outcome) {
    case ANNALS_WRITTEN:
        if (service.count != member->turns + 1 || service.epoch != member->epoch)
            auditor_broken("I41", "a turn counts as written that is not the last");
        member->turns++;
        member->doubts = false;
        member->beat_ms = now_of(trio);
        publish(trio);
        show_state(trio);
        return true;
    case ANNALS_DEPOSED:
        end_deposed(member);
        return false;
    case ANNALS_UNKNOWN:
        suspect(trio);
        member->doubts = true;
        kernel_plan(kernel_of(trio), AGAIN_MS, try_again, member, member->life);
        show_state(trio);
        return false;
    case ANNALS_REFUSED:
        break;
    }
    auditor_broken("I41", "the service does not go on from where its leader stands");
}

static void try_again(void *owner, uint64_t life)
{
    struct member *member = owner;
    if (member->life != life || !member->doubts)
        return;
    if (!listens(member)) {
        kernel_plan(kernel_of(member->trio), AGAIN_MS, try_again, member, life);
        return;
    }
    if (keep(member))
        node_go_on(member->trio->node);
}

/* Was it decided, and its answer never given? */
static bool collect(struct trio *trio, uint64_t asker, struct outcome *outcome)
{
    for (size_t i = trio->published; asker && i-- > 0 && i + 4096 > trio->published;) {
        struct service_row *row = &service.rows[i];
        if (row->asker != asker)
            continue;
        if (row->collected)
            auditor_broken("I41", "one question was answered twice");
        row->collected = true;
        *outcome = row->outcome;
        return true;
    }
    return false;
}

/* Whom a program asks: now and then one that does not know yet that it leads no longer. */
static struct member *asked_one(struct trio *trio, const struct asker *asker)
{
    struct member *one = asker->serial ? &trio->members[below(trio, MEMBERS)] : NULL;
    bool believes = one && one->leads && listens(one) && one->epoch >= asker->epoch;
    return believes ? one : leader_of(trio);
}

static bool decide(struct trio *trio, struct command *command, struct asker *asker,
                   struct outcome *outcome)
{
    struct node *node = trio->node;
    struct member *leader = asked_one(trio, asker);
    if (!leader || leader->doubts)
        return false;
    if (collect(trio, asker->serial, outcome))
        return true;
    command->at_ms = wall_read(
        &leader->wall, (uint64_t)((int64_t)(MONDAY_MIDNIGHT_MS + now_of(trio)) + leader->clock_ms),
        now_of(trio));
    core_step(leader->core, command, &node->verdict);
    node->commands++;
    node->refused += node->verdict.refusal != REFUSAL_NONE;
    *outcome = (struct outcome){ 0 };
    node_fill_outcome(&node->verdict, outcome);
    asker->epoch = leader->epoch;
    if (node->verdict.count == 0)
        return true;
    prepare(leader, &node->verdict, asker->serial, outcome);
    size_t place = service.count;
    if (!keep(leader))
        return false;
    service.rows[place].collected = true;
    return true;
}

uint64_t trio_epoch(const struct trio *trio)
{
    return trio->members[trio->leader].epoch;
}

bool trio_take(struct trio *trio, const struct command *command, struct asker *asker,
               struct outcome *outcome)
{
    struct command taken = *command;
    if (!decide(trio, &taken, asker, outcome))
        return false;
    node_go_on(trio->node);
    return true;
}

static void say_pending(void *owner, uint64_t what)
{
    struct trio *trio = owner;
    struct asker nobody = { 0 };
    (void)what;
    while (trio->first) {
        struct outcome outcome;
        struct pending *pending = trio->first;
        struct command command = pending->command;
        if (!leader_of(trio) || leader_of(trio)->doubts) {
            kernel_plan(kernel_of(trio), AGAIN_MS, say_pending, trio, 0);
            return;
        }
        trio->first = pending->next;
        if (!trio->first)
            trio->last = NULL;
        free(pending);
        (void)decide(trio, &command, &nobody,
                     &outcome); /* in doubt it is the leader's to find out */
    }
    node_go_on(trio->node);
}

enum refusal trio_system(struct trio *trio, const struct command *command)
{
    struct outcome outcome = { 0 };
    struct asker nobody = { 0 };
    struct command taken = *command;
    if (!trio->first && decide(trio, &taken, &nobody, &outcome))
        return outcome.refusal;
    const struct member *leader = leader_of(trio);
    if (!trio->first && leader && leader->doubts)
        return REFUSAL_NONE; /* decided: it is written, or goes with who decided it */
    struct pending *pending = calloc(1, sizeof *pending);
    REQUIRE(pending);
    pending->command = *command;
    if (trio->last)
        trio->last->next = pending;
    else
        trio->first = pending;
    trio->last = pending;
    kernel_plan(kernel_of(trio), AGAIN_MS, say_pending, trio, 0);
    return REFUSAL_NONE;
}

/* ---- taking over --------------------------------------------------------------------------------- */

/* Who stands at the same turn is the same. */
static void compare(const struct trio *trio, const struct member *leader)
{
    uint64_t digest = core_digest(leader->core);
    for (uint32_t i = 0; i < MEMBERS; i++) {
        const struct member *other = &trio->members[i];
        if (other != leader && other->up && !other->leads && other->turns == leader->turns &&
            core_digest(other->core) != digest)
            auditor_broken("I41", "two dispatchers of the same turns differ");
    }
}

/* Nobody may have been able to take over for longer than that. */
static void check_time(struct trio *trio)
{
    for (uint32_t i = 0; i < MEMBERS; i++) {
        struct member *member = &trio->members[i];
        uint64_t took_ms = member->able_ms ? now_of(trio) - member->able_ms : 0;
        if (took_ms > trio->longest_ms)
            trio->longest_ms = took_ms;
        if (took_ms > TRIO_TAKE_OVER_MS)
            auditor_broken("I41", "nobody leads, and somebody could");
    }
}

static void take_over(struct member *member)
{
    struct trio *trio = member->trio;
    struct node *node = trio->node;
    if (member->turns != service.count)
        auditor_broken("I41", "who leads lacks what was written");
    check_time(trio);
    compare(trio, member);
    core_check(member->core);
    member->leads = true;
    member->doubts = false;
    member->beat_ms = now_of(trio);
    trio->leader = member->number;
    trio->take_overs++;
    uint64_t last_ms = service.event_count ? service.events[service.event_count - 1].at_ms : 0;
    wall_begin(&member->wall, last_ms, now_of(trio));
    show_state(trio);
    publish(trio);
    show_state(trio);
    node_go_on(node);
}

static void look(struct member *member)
{
    struct trio *trio = member->trio;
    struct annals_stand stand;
    if (!listens(member) || member->leads || member->resigns)
        return;
    if (annals_look(member->annals, &stand) < 0) {
        watch_blind(&member->watch, now_of(trio));
        return;
    }
    catch_up(member);
    if (watch_may_rise(&member->watch, &stand, member->holder, now_of(trio)) &&
        annals_rise(member->annals, &stand, member->holder, &member->epoch) == 0)
        take_over(member);
}

static void beat(struct member *member)
{
    if (!member->leads || !listens(member) || member->doubts ||
        now_of(member->trio) - member->beat_ms < ANNALIST_BEAT_MS)
        return;
    member->beat_ms = now_of(member->trio);
    if (annals_beat(member->annals, member->epoch) == ANNALS_DEPOSED)
        end_deposed(member);
}

/* Who could take over from whoever is lost, and since when. */
static void note_able(struct trio *trio)
{
    bool well = is_well(trio) || trio->seen_epoch != service.epoch;
    trio->seen_epoch = service.epoch; /* who took it may be lost, too: the time begins anew */
    for (uint32_t i = 0; i < MEMBERS; i++) {
        struct member *member = &trio->members[i];
        bool able =
            !well && listens(member) && !member->leads && !member->resigns && service_answers(i);
        member->able_ms = !able ? 0 : member->able_ms ? member->able_ms : now_of(trio);
    }
}

static void look_all(void *owner, uint64_t what)
{
    struct trio *trio = owner;
    (void)what;
    uint64_t now_ms = now_of(trio);
    for (uint32_t i = 0; i < MEMBERS; i++)
        beat(&trio->members[i]);
    note_able(trio);
    check_time(trio);
    for (uint32_t i = 0; i < MEMBERS; i++)
        look(&trio->members[i]);
    show_state(trio);
    if (!is_well(trio))
        trio->well_ms = now_ms;
    bool calm = now_ms - trio->well_ms >= CALM_MS;
    for (uint32_t i = 0; i < MEMBERS; i++) /* a second leader that does not know yet */
        calm &= !trio->members[i].leads || i == trio->leader;
    trio->looking = !calm;
    if (!calm)
        kernel_plan(kernel_of(trio), ANNALIST_LOOK_MS, look_all, trio, 0);
}

/* Before something breaks: until then all was well, the leader's last beat was seen a moment ago. While all is well nobody
 * has to look by the tick. */
static void suspect(struct trio *trio)
{
    trio->well_ms = now_of(trio);
    if (trio->looking)
        return;
    struct member *leader = leader_of(trio);
    trio->looking = true;
    if (leader && !leader->doubts) {
        leader->beat_ms = now_of(trio);
        (void)annals_beat(leader->annals, leader->epoch);
    }
    for (uint32_t i = 0; i < MEMBERS; i++)
        look(&trio->members[i]);
    kernel_plan(kernel_of(trio), ANNALIST_LOOK_MS, look_all, trio, 0);
}

/* ---- faults -------------------------------------------------------------------------------------- */

static struct member *any_member(struct trio *trio)
{
    /* Twice as often the one that leads. */
    uint64_t one = below(trio, MEMBERS + 1);
    return &trio->members[one == MEMBERS ? trio->leader : one];
}

void trio_crash(struct trio *trio, uint64_t down_ms)
{
    struct member *member = any_member(trio);
    suspect(trio);
    if (member->up)
        end_member(member, down_ms);
}

static void wake_member(void *owner, uint64_t what)
{
    struct member *member = owner;
    (void)what;
    suspect(member->trio);
    show_state(member->trio);
    node_go_on(member->trio->node);
}

void trio_pause(struct trio *trio, uint64_t for_ms)
{
    struct member *member = any_member(trio);
    suspect(trio);
    if (now_of(trio) + for_ms > member->paused_until_ms)
        member->paused_until_ms = now_of(trio) + for_ms;
    kernel_plan(kernel_of(trio), for_ms + 1, wake_member, member, 0);
    show_state(trio);
}

void trio_move_clock(struct trio *trio, int64_t by_ms)
{
    any_member(trio)->clock_ms += by_ms;
    show_state(trio);
    node_go_on(trio->node);
}

static void again(struct trio *trio, uint64_t mean_ms, happening *happens)
{
    kernel_plan(kernel_of(trio), kernel_wait(kernel_of(trio), STREAM_CLUSTER, mean_ms), happens,
                trio, 0);
}

/* One or two of them no longer reach the service. */
static void cut(void *owner, uint64_t what)
{
    struct trio *trio = owner;
    (void)what;
    if (trio->node->sim->healing)
        return;
    suspect(trio);
    for (uint64_t many = 1 + below(trio, 2); many > 0; many--) {
        uint64_t for_ms = kernel_wait(kernel_of(trio), STREAM_CLUSTER, 8 * SECOND_MS);
        struct service_client *client = &service.clients[any_member(trio)->number];
        client->cut_until_ms = now_of(trio) + for_ms;
        trio->cuts++;
    }
    again(trio, 40 * MINUTE_MS, cut);
}

/* Its primary is lost: until a standby is promoted nobody is answered. */
static void outage(void *owner, uint64_t what)
{
    struct trio *trio = owner;
    (void)what;
    if (trio->node->sim->healing)
        return;
    suspect(trio);
    service.away_until_ms =
        now_of(trio) + kernel_wait(kernel_of(trio), STREAM_CLUSTER, 10 * SECOND_MS);
    trio->outages++;
    again(trio, 2 * HOUR_MS, outage);
}

/* Laid down between two turns; whoever looks first has it, and the former one ends. Nobody took it in time: as in
 * annalist_resign() it leads on, or ends. */
static void end_resigned(void *owner, uint64_t life)
{
    struct member *member = owner;
    struct annals_stand stand;
    if (member->life != life || !member->resigns)
        return;
    if (!listens(member)) {
        kernel_plan(kernel_of(member->trio), AGAIN_MS, end_resigned, member, life);
        return;
    }
    member->resigns = false;
    if (annals_stand(member->annals, &stand) < 0 || stand.epoch != member->epoch ||
        annals_rise(member->annals, &stand, member->holder, &member->epoch) < 0) {
        end_deposed(member);
        return;
    }
    catch_up(member);
    take_over(member);
}

static void hand_over(void *owner, uint64_t what)
{
    struct trio *trio = owner;
    struct member *leader = leader_of(trio);
    struct annals_stand stand;
    (void)what;
    if (trio->node->sim->healing)
        return;
    suspect(trio);
    if (leader && leader == leader_of(trio) && !leader->doubts &&
        annals_stand(leader->annals, &stand) == 0 && stand.epoch == leader->epoch &&
        annals_rise(leader->annals, &stand, "", &leader->epoch) == 0) {
        leader->leads = false;
        leader->resigns = true;
        trio->hand_overs++;
        show_state(trio);
        kernel_plan(kernel_of(trio), ANNALIST_RESIGN_MS, end_resigned, leader, leader->life);
    }
    again(trio, 3 * HOUR_MS, hand_over);
}

void trio_heal(struct trio *trio)
{
    (void)trio;
    service.lost_permille = 0;
}

uint64_t trio_time_ms(struct trio *trio)
{
    struct member *leader = &trio->members[trio->leader];
    return wall_read(&leader->wall,
                     (uint64_t)((int64_t)(MONDAY_MIDNIGHT_MS + now_of(trio)) + leader->clock_ms),
                     now_of(trio));
}

void trio_storm(struct trio *trio)
{
    if (trio->node->sim->swarm.faults == 0)
        return;
    service.lost_permille = (uint32_t)below(trio, 12);
    again(trio, 40 * MINUTE_MS, cut);
    again(trio, 2 * HOUR_MS, outage);
    again(trio, 3 * HOUR_MS, hand_over);
}

/* ---- beginning ----------------------------------------------------------------------------------- */

void trio_open(struct trio *trio, struct node *node)
{
    struct annals_stand stand;
    trio->node = node;
    service_open(&node->sim->kernel, 0);
    for (uint32_t i = 0; i < MEMBERS; i++)
        open_member(&trio->members[i], trio, i);
    struct member *first = &trio->members[0];
    REQUIRE(annals_look(first->annals, &stand) == 0 &&
            annals_rise(first->annals, &stand, first->holder, &first->epoch) == 0);
    first->leads = true;
    wall_begin(&first->wall, 0, 0);
    show_state(trio);
}

void trio_close(struct trio *trio)
{
    for (uint32_t i = 0; i < MEMBERS; i++) {
        annals_close(trio->members[i].annals);
        (void)munmap(trio->members[i].memory, core_size(&trio->node->limits));
    }
    service_close();
}
