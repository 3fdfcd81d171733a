/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/callback.h"

#include "base/require.h"
#include "dispatcher/core/citizen_text.h"
#include "dispatcher/core/contact.h"
#include "dispatcher/core/queued_callback.h"

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
    event->callback_opened.undiallable = contact->undiallable || !contact->caller;
    event->callback_opened.quiet = contact->quiet;
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

static uint64_t next_ms(const struct callback *callback)
{
    uint64_t due_ms = !callback->promise.reported ? callback->promise.due_ms : NEVER;
    return callback->next_ms && callback->next_ms < due_ms ? callback->next_ms : due_ms;
}

void callback_refile(struct core *core, struct callback *callback)
{
    deadline_set(core, &callback->deadline, next_ms(callback), callback->id);
}

/* A try came back in vain and no further one is planned. */
static bool awaits_ruling(const struct callback *callback)
{
    return callback->result != TRY_RESULT_NONE && callback->next_ms == 0;
}

void callback_due(struct decision *decision, const struct callback *callback)
{
    if (callback->next_ms && callback->next_ms <= decision->at_ms) {
        struct event *fell = callback_event(decision, EVENT_CALLBACK_FELL, callback);
        fell->callback_fell.callback = callback->id;
        fell->callback_fell.tries = callback->tries;
        return;
    }
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
    if (asked->end != CALLBACK_END_REACHED && awaits_ruling(callback) && !decision_forces(decision))
        return REFUSAL_NOT_ALLOWED; /* giving somebody up is a supervisor's word */
    decision->verdict->contact = callback->contact;
    callback_end(decision, callback, asked->end);
    return REFUSAL_NONE;
}

static enum refusal callback_tried(struct decision *decision, const struct callback *callback,
                                   enum try_result result)
{
    const struct core *core = decision->core;
    if (callback->undiallable)
        return REFUSAL_NOT_DIALLABLE;
    if (callback->quiet && !decision_forces(decision))
        return REFUSAL_QUIET;
    uint32_t tries = callback->tries + 1;
    struct event *event = callback_event(decision, EVENT_CALLBACK_TRIED, callback);
    event->callback_tried.callback = callback->id;
    event->callback_tried.result = result;
    event->callback_tried.tries = tries;
    decision->verdict->contact = callback->contact;
    if (result == TRY_RESULT_REACHED) {
        callback_end(decision, callback, CALLBACK_END_REACHED);
        return REFUSAL_NONE;
    }
    if (result == TRY_RESULT_BUSY && tries <= core->parameters[PARAMETER_RETRIES]) {
        event->callback_tried.next_ms = decision->at_ms + core->parameters[PARAMETER_RETRY_MS];
        return REFUSAL_NONE;
    }
    if (!callback->quiet)
        citizen_text_order(decision, TEMPLATE_CALLED_BACK, NULL, callback->contact);
    return REFUSAL_NONE;
}

enum refusal decide_callback_try(struct decision *decision)
{
    const struct callback_try *asked = &decision->command->callback_try;
    if (asked->result == TRY_RESULT_NONE)
        return REFUSAL_REASON_MISSING;
    if (asked->callback) {
        const struct callback *callback = core_callback(decision->core, asked->callback);
        return callback ? callback_tried(decision, callback, asked->result)
                        : REFUSAL_NO_SUCH_CALLBACK;
    }
    const struct contact *contact = core_contact(decision->core, asked->contact);
    return contact ? queued_callback_tried(decision, contact, asked->result)
                   : REFUSAL_NO_SUCH_CONTACT;
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
    callback->undiallable = opened->undiallable;
    callback->quiet = opened->quiet;
    callback_refile(core, callback);
}

void apply_callback_tried(struct core *core, const struct event *event)
{
    struct callback *callback = core_callback(core, event->callback_tried.callback);
    if (!callback) {
        queued_callback_apply_tried(core, event);
        return;
    }
    callback->tries = event->callback_tried.tries;
    callback->result = event->callback_tried.result;
    callback->next_ms = event->callback_tried.next_ms;
    callback_refile(core, callback);
}

void apply_callback_fell(struct core *core, const struct event *event)
{
    struct callback *callback = core_callback(core, event->callback_fell.callback);
    if (!callback) {
        queued_callback_apply_fell(core, event);
        return;
    }
    REQUIRE(callback->next_ms);
    callback->next_ms = 0;
    callback->result = TRY_RESULT_NONE; /* it is somebody's to dial again */
    callback_refile(core, callback);
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
