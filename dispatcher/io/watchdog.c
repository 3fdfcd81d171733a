/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sees to it that nobody waits beside a taker who could have them, whatever went wrong in the queue. */
#include "dispatcher/io/dispatcher.h"

enum {
    LOOK_MS = 250
};

void watchdog_look(struct dispatcher *dispatcher)
{
    static struct command command;
    uint64_t contact;
    uint32_t taker;
    if (dispatcher->mono_ms - dispatcher->look_ms < LOOK_MS ||
        core_next_deadline_ms(dispatcher->core) <= dispatcher->now_ms)
        return; /* what is left to do is no stall */
    dispatcher->look_ms = dispatcher->mono_ms;
    bool stalled = core_stalled(dispatcher->core, &contact, &taker);
    if (!stalled || contact != dispatcher->stalled_contact || taker != dispatcher->stalled_taker) {
        dispatcher->stalled_since_ms = dispatcher->mono_ms;
        dispatcher->stalled_contact = stalled ? contact : 0;
        dispatcher->stalled_taker = stalled ? taker : 0;
        return;
    }
    uint64_t waited_ms = dispatcher->mono_ms - dispatcher->stalled_since_ms;
    if (waited_ms < core_parameter(dispatcher->core, PARAMETER_STALL_MS))
        return;
    schema_clear(SCHEMA_COMMAND, &command);
    command.kind = COMMAND_QUEUE_MEND;
    command.queue_mend.contact = contact;
    command.queue_mend.taker = taker;
    command.queue_mend.waited_ms = waited_ms;
    dispatcher->figures.stalls++;
    log_error("queue stalled contact=%llu taker=%u waited=%llu ms: it is built anew",
              (unsigned long long)contact, (unsigned)taker, (unsigned long long)waited_ms);
    turn_system(dispatcher, &command);
    dispatcher->stalled_contact = 0;
}
