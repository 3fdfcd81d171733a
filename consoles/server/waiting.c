/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/server/waiting.h"

#include "base/require.h"

bool waiting_is_full(const struct waiting *waiting)
{
    return waiting->count == WAITING_MAX;
}

void waiting_add(struct waiting *waiting, const struct waiter *waiter)
{
    REQUIRE(waiting->count < WAITING_MAX && waiter->wait != WAIT_NONE);
    waiting->waiters[waiting->count++] = *waiter;
}

static void take_at(struct waiting *waiting, uint32_t index, struct waiter *waiter)
{
    *waiter = waiting->waiters[index];
    waiting->waiters[index] = waiting->waiters[--waiting->count];
}

bool waiting_take(struct waiting *waiting, enum wait wait, uint64_t id, struct waiter *waiter)
{
    for (uint32_t i = 0; i < waiting->count; i++)
        if (waiting->waiters[i].wait == wait && waiting->waiters[i].id == id) {
            take_at(waiting, i, waiter);
            return true;
        }
    return false;
}

bool waiting_take_seen(struct waiting *waiting, uint64_t seq, struct waiter *waiter)
{
    for (uint32_t i = 0; i < waiting->count; i++)
        if (waiting->waiters[i].wait == WAIT_SEEN && waiting->waiters[i].id <= seq) {
            take_at(waiting, i, waiter);
            return true;
        }
    return false;
}

bool waiting_take_late(struct waiting *waiting, uint64_t mono_ms, struct waiter *waiter)
{
    for (uint32_t i = 0; i < waiting->count; i++)
        if (waiting->waiters[i].until_ms <= mono_ms) {
            take_at(waiting, i, waiter);
            return true;
        }
    return false;
}

void waiting_forget(struct waiting *waiting, const struct exchange *exchange,
                    const struct screen *screen)
{
    struct waiter gone;
    for (uint32_t i = waiting->count; i > 0; i--) {
        const struct waiter *waiter = &waiting->waiters[i - 1];
        if ((exchange && waiter->exchange == exchange) || (screen && waiter->screen == screen))
            take_at(waiting, i - 1, &gone);
    }
}
