/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Was a direct answer enough? By number and category the last one is found again. */
#include <errno.h>
#include <stdlib.h>

#include "dispatcher/kpi/records.h"

#define AGAIN_MS   604800000
#define ROOM_FIRST 1024U

static uint32_t place_of(const struct recount *recount, const struct order_record *order)
{
    return (uint32_t)(order - (const struct order_record *)recount->orders.rows);
}

static struct direct_record *direct_at(const struct recount *recount, uint32_t place)
{
    return &((struct direct_record *)recount->directs.rows)[place];
}

/* Where the number's last direct answer in the category stands, or would. */
static uint32_t *slot_of(const struct recount *recount, uint64_t caller, uint32_t category)
{
    uint64_t mixed = (caller ^ category) * 0x9e3779b97f4a7c15U;
    for (uint32_t i = (uint32_t)(mixed >> 32);; i++) {
        uint32_t *slot = &recount->direct_places[i & (recount->direct_room - 1)];
        if (*slot == 0)
            return slot;
        const struct direct_record *direct = direct_at(recount, *slot - 1);
        if (direct->caller == caller && direct->category == category)
            return slot;
    }
}

/* At most half of the places are used. */
static int make_room(struct recount *recount)
{
    if (2 * (recount->directs.count + 1) <= recount->direct_room)
        return 0;
    free(recount->direct_places);
    recount->direct_room = recount->direct_room ? 2 * recount->direct_room : ROOM_FIRST;
    recount->direct_places = calloc(recount->direct_room, sizeof *recount->direct_places);
    if (!recount->direct_places)
        return -ENOMEM;
    for (uint32_t i = 0; i < recount->directs.count; i++) {
        const struct direct_record *direct = direct_at(recount, i);
        *slot_of(recount, direct->caller, direct->category) = i + 1;
    }
    return 0;
}

static int came(struct recount *recount, struct direct_record *direct, uint64_t at_ms)
{
    bool soon = !direct->over && at_ms - direct->at_ms <= AGAIN_MS;
    direct->over = true;
    return recount_book(recount, direct->at_ms, 0, KPI_COUNT_DIRECT_AGAIN, soon);
}

int recount_again_accepted(struct recount *recount, const struct order_record *order,
                           uint64_t at_ms)
{
    if (!order->caller || recount->direct_room == 0)
        return 0;
    uint32_t place = *slot_of(recount, order->caller, order->category);
    if (place == 0 || direct_at(recount, place - 1)->order == place_of(recount, order))
        return 0;
    return came(recount, direct_at(recount, place - 1), at_ms);
}

int recount_again_answered(struct recount *recount, struct order_record *order, uint64_t at_ms)
{
    int status = make_room(recount);
    struct direct_record *direct =
        status < 0 ? NULL : records_add(&recount->directs, sizeof *direct);
    if (!direct)
        return -ENOMEM;
    *direct = (struct direct_record){ .at_ms = at_ms,
                                      .caller = order->caller,
                                      .category = order->category,
                                      .order = place_of(recount, order) };
    order->direct = recount->directs.count - 1;
    if (order->caller)
        *slot_of(recount, order->caller, order->category) = recount->directs.count;
    return 0;
}

int recount_again_asked(struct recount *recount, const struct order_record *order, uint64_t at_ms)
{
    return order->direct == NOWHERE ? 0 : came(recount, direct_at(recount, order->direct), at_ms);
}
