/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who had the ball of an order, segment by segment, from its first contact until its first end. */
#include <errno.h>

#include "dispatcher/kpi/records.h"
#include "proto/owner.h"

void recount_owner_begin(struct order_record *order, enum incident_state state)
{
    order->owner = owner_of(state, OVERLAY_NONE);
    order->since_ms = order->started_ms;
    order->lead_task = order->segment = order->closing = order->direct = NOWHERE;
}

/* What was since the last event of this sort is one segment. */
static int cut(struct recount *recount, struct order_record *order, uint64_t at_ms)
{
    if (at_ms <= order->since_ms)
        return 0;
    struct segment_record *segment = records_add(&recount->segments, sizeof *segment);
    if (!segment)
        return -ENOMEM;
    *segment = (struct segment_record){ .ms = at_ms - order->since_ms,
                                        .before = order->segment,
                                        .task = order->lead_task,
                                        .owner = order->owner };
    order->segment = recount->segments.count - 1;
    order->since_ms = at_ms;
    return 0;
}

static bool is_of_lead(const struct recount *recount, const struct order_record *order,
                       const struct event *event)
{
    const struct task_record *tasks = recount->tasks.rows;
    return order->lead_task != NOWHERE && tasks[order->lead_task].id == event->task;
}

int recount_owner(struct recount *recount, struct order_record *order, const struct event *event)
{
    bool opened = event->kind == EVENT_TASK_OPENED && event->task_opened.kind == TASK_KIND_LEAD;
    bool moved = event->kind == EVENT_INCIDENT_MOVED;
    bool step = event->kind == EVENT_TASK_MOVED && is_of_lead(recount, order, event);
    if (!opened && !moved && !step)
        return 0;
    int status = cut(recount, order, event->at_ms);
    if (opened) {
        order->lead_task = recount->tasks.count; /* the one that follows */
        order->return_asked = false;
    } else if (step) {
        order->return_asked = event->task_moved.to == TASK_STATE_RETURN_ASKED;
    }
    enum incident_state state = moved ? event->incident_moved.to : order->state;
    order->owner = owner_of(state, order->return_asked ? OVERLAY_RETURN_ASKED : OVERLAY_NONE);
    if (moved && state == INCIDENT_STATE_CLOSED && !order->closed) {
        order->closed = true;
        order->closing = order->segment;
    }
    return status;
}
