/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/callback.h"

#include "base/require.h"
#include "dispatcher/core/contact.h"

const struct callback *callback_of(const struct core *core, uint64_t caller)
{
    return caller ? index_find(&core->index, ENTRY_CALLER_CALLBACK, caller, 0) : NULL;
}

void callback_open(struct decision *decision, const struct contact *contact)
{
    const struct core *core = decision->core;
    /* A full pool means thousands nobody called back: the contact's end is on the trail all the
     * same, and `callbacks` in core_count() stands at its limit for the alarm. */
    if (callback_of(core, contact->caller) || pool_room(&core->callbacks) == 0)
        return;
    struct event *event = contact_event(decision, EVENT_CALLBACK_OPENED, contact);
    event->callback_opened.callback = decision_id(decision);
    event->callback_opened.caller = contact->caller;
    event->callback_opened.due_ms = decision->at_ms + core->parameters[PARAMETER_CALLBACK_DUE_MS];
}

static struct event *callback_event(struct decision *decision, enum event_kind kind,
                                    const struct callback *callback)
{
    struct event *event = decision_event(decision, kind);
    event->contact = callback->contact;
    event->line = callback->line;
    return event;
}

void callback_end(struct decision *decision, const struct callback *callback, enum callback_end end)
{
    struct event *event = callback_event(decision, EVENT_CALLBACK_ENDED, callback);
    event->callback_ended.callback = callback->id;
    event->callback_ended.end = end;
}

void callback_due(struct decision *decision, const struct callback *callback)
{
    REQUIRE(!callback->promise.reported);
    struct event *event = callback_event(decision, EVENT_CLOCK_OVERDUE, callback);
    event->clock_overdue.clock = CLOCK_KIND_CALLBACK;
    event->clock_overdue.due_ms = callback->promise.due_ms;
    event->clock_overdue.subject = callback->id;
}

enum refusal decide_callback_finish(struct decision *decision)
{
    const struct callback_finish *asked = &decision->command->callback_finish;
    const struct callback *callback = core_callback(decision->core, asked->callback);
    if (!callback)
        return REFUSAL_NO_SUCH_CALLBACK;
    if (asked->end == CALLBACK_END_NONE)
        return REFUSAL_REASON_MISSING;
    decision->verdict->contact = callback->contact;
    callback_end(decision, callback, asked->end);
    return REFUSAL_NONE;
}

void apply_callback_opened(struct core *core, const struct event *event)
{
    const struct callback_opened *opened = &event->callback_opened;
    struct callback *callback = pool_take(&core->callbacks);
    core_id_used(core, opened->callback);
    callback->id = opened->callback;
    callback->contact = event->contact;
    callback->caller = opened->caller;
    callback->line = event->line;
    callback->promise.due_ms = opened->due_ms;
    callback->deadline.kind = DEADLINE_CALLBACK;
    callback->deadline.owner = callback;
    index_put(&core->index, ENTRY_CALLBACK, callback->id, 0, callback);
    if (callback->caller)
        index_put(&core->index, ENTRY_CALLER_CALLBACK, callback->caller, 0, callback);
    deadline_set(core, &callback->deadline, callback->promise.due_ms, callback->id);
}

void apply_callback_ended(struct core *core, const struct event *event)
{
    struct callback *callback = core_callback(core, event->callback_ended.callback);
    REQUIRE(callback);
    deadline_set(core, &callback->deadline, NEVER, callback->id);
    index_remove(&core->index, ENTRY_CALLBACK, callback->id, 0);
    if (callback->caller)
        index_remove(&core->index, ENTRY_CALLER_CALLBACK, callback->caller, 0);
    pool_give(&core->callbacks, callback);
}
