/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/service.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "dispatcher/annals/kind.h"
#include "tests/sim/auditor.h"

struct service service;

void service_open(struct kernel *kernel, uint32_t lost_permille)
{
    service.kernel = kernel;
    service.lost_permille = lost_permille;
    for (uint32_t i = 0; i < SERVICE_CLIENTS; i++) {
        service.clients[i].service = &service;
        service.clients[i].number = i;
    }
}

void service_close(void)
{
    free(service.events);
    free(service.rows);
}

bool service_answers(uint32_t client)
{
    uint64_t now_ms = service.kernel->now_ms;
    return now_ms >= service.away_until_ms && now_ms >= service.clients[client].cut_until_ms;
}

static bool chance(uint32_t permille)
{
    return kernel_chance(service.kernel, STREAM_CLUSTER, permille);
}

static struct store_mark last_mark(void)
{
    static const struct store_mark none;
    return service.count ? service.rows[service.count - 1].after : none;
}

static void *grown(void *items, size_t count, size_t *room, size_t size)
{
    if (count <= *room)
        return items;
    *room = *room ? 2 * *room + count : 4096 + count;
    items = realloc(items, *room * size);
    REQUIRE(items);
    return items;
}

/* ---- what is carried out ------------------------------------------------------------------------- */

/* One transaction: the epoch is read, the turn is the next. */
static enum annals_outcome carry_out(uint64_t epoch, const struct store_mark *before,
                                     struct service_row row, const struct event *events)
{
    struct store_mark last = last_mark();
    if (epoch != service.epoch) {
        service.deposed++;
        return ANNALS_DEPOSED;
    }
    if (service.count && memcmp(&last, before, sizeof last) != 0)
        return ANNALS_REFUSED;
    row.epoch = epoch;
    row.first = service.event_count;
    service.rows = grown(service.rows, service.count + 1, &service.room, sizeof row);
    service.events = grown(service.events, service.event_count + row.count, &service.event_room,
                           sizeof *service.events);
    for (uint32_t i = 0; i < row.count; i++)
        service.events[service.event_count++] = events[i];
    service.rows[service.count++] = row;
    return ANNALS_WRITTEN;
}

/* What was on its way arrives now, or never. */
static void settle(struct service_client *client, bool arrives)
{
    if (!client->late)
        return;
    client->late = false;
    if (arrives)
        (void)carry_out(client->late_epoch, &client->late_before, client->late_row,
                        client->late_events);
}

static void arrive_late(void *owner, uint64_t at_ms)
{
    struct service_client *client = owner;
    if (client->late && client->late_ms == at_ms)
        settle(client, service.kernel->now_ms >= service.away_until_ms);
}

static void send_late(struct service_client *client, uint64_t epoch,
                      const struct store_mark *before, const struct service_row *row,
                      const struct event *events)
{
    uint64_t in_ms = kernel_wait(service.kernel, STREAM_CLUSTER, 1000);
    client->late = true;
    client->late_epoch = epoch;
    client->late_before = *before;
    client->late_row = *row;
    memcpy(client->late_events, events, row->count * sizeof *events);
    client->late_ms = service.kernel->now_ms + in_ms;
    kernel_plan(service.kernel, in_ms, arrive_late, client, client->late_ms);
}

/* ---- the kind ------------------------------------------------------------------------------------ */

static int open_service(void **own, const char *place)
{
    *own = &service.clients[place[4] - '0'];
    return 0;
}

static void leave_service(void *own)
{
    struct service_client *client = own; /* its process is gone; its request may be under way */
    (void)client;
}

static void fill(struct annals_stand *stand)
{
    *stand =
        (struct annals_stand){ .last = last_mark(), .epoch = service.epoch, .beat = service.beat };
    if (service.count)
        stand->begin.digest[0] = 1; /* somewhere */
    memcpy(stand->holder, service.holder, sizeof stand->holder);
}

static int look(void *own, struct annals_stand *stand)
{
    const struct service_client *client = own;
    if (!service_answers(client->number))
        return -ECONNREFUSED;
    fill(stand);
    return 0;
}

static int stand_there(void *own, struct annals_stand *stand)
{
    struct service_client *client = own;
    if (!service_answers(client->number))
        return -ECONNREFUSED;
    settle(client, chance(500));
    fill(stand);
    return 0;
}

static int rise(void *own, const struct annals_stand *stand, const char *holder)
{
    const struct service_client *client = own;
    struct store_mark last = last_mark();
    if (!service_answers(client->number))
        return -ECONNREFUSED;
    if (stand->epoch != service.epoch || stand->beat != service.beat ||
        memcmp(&stand->last, &last, sizeof last) != 0)
        return -ESTALE;
    if (chance(service.lost_permille))
        return -EIO; /* the question was lost */
    service.epoch++;
    memset(service.holder, 0, sizeof service.holder);
    memcpy(service.holder, holder, strlen(holder));
    return chance(service.lost_permille) ? -EIO : 0; /* or its answer */
}

static enum annals_outcome beat(void *own, uint64_t epoch)
{
    const struct service_client *client = own;
    if (!service_answers(client->number))
        return ANNALS_UNKNOWN;
    if (epoch != service.epoch)
        return ANNALS_DEPOSED;
    service.beat++;
    return ANNALS_WRITTEN;
}

static enum annals_outcome append(void *own, uint64_t epoch, const struct store_mark *before,
                                  const struct annals_turn *turns, uint32_t count)
{
    struct service_client *client = own;
    const struct service_turn *turn = turns[0].changes.data;
    struct service_row row = { .after = turns[0].after,
                               .asker = turn->asker,
                               .outcome = turn->outcome,
                               .count = turn->count };
    REQUIRE(count == 1);
    settle(client, chance(500)); /* of a former life: its epoch is over */
    bool reached = service_answers(client->number);
    if (!reached || chance(service.lost_permille)) {
        service.doubts++;
        if (reached && chance(500))
            send_late(client, epoch, before, &row, turn->events);
        return ANNALS_UNKNOWN;
    }
    enum annals_outcome outcome = carry_out(epoch, before, row, turn->events);
    if (!chance(service.lost_permille))
        return outcome;
    service.doubts++; /* its answer is lost */
    return ANNALS_UNKNOWN;
}

static int read_turns(void *own, uint64_t first, uint64_t last, annals_take_piece *take,
                      void *owner)
{
    (void)own, (void)first, (void)last, (void)take, (void)owner;
    return -ENOSYS; /* who follows reads the rows: their marks hold no digest of bytes */
}

/* In the place of the two that there are. */
const struct annals_kind annals_postgresql = {
    .scheme = "sim:",
    .open = open_service,
    .close = leave_service,
    .stand = stand_there,
    .look = look,
    .rise = rise,
    .beat = beat,
    .append = append,
    .read = read_turns,
};
const struct annals_kind annals_lmdb = { .scheme = "none:" };
