/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/attachment.h"

#include <string.h>

#include "base/require.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/task.h"

enum refusal decide_attachment_store(struct decision *decision)
{
    const struct attachment_store *asked = &decision->command->attachment_store;
    const struct task *task;
    enum refusal refusal = task_find_own(decision, asked->task, TASK_STEP_NONE, &task);
    if (refusal)
        return refusal;
    if (!task_is_open(task->state))
        return REFUSAL_WRONG_STATE;
    if (task->attachments == TASK_ATTACHMENTS_MAX)
        return REFUSAL_LIMIT;
    if (asked->kind == ATTACHMENT_KIND_NONE || asked->kind >= ATTACHMENT_KIND_COUNT ||
        asked->size == 0 || !asked->server[0] || !asked->file[0] ||
        !decision->command->has_personal)
        return REFUSAL_INCOMPLETE;
    struct event *event = incident_event(decision, EVENT_ATTACHMENT_STORED, task->incident);
    event->task = task->id;
    event->department = task->department;
    event->attachment_stored = (struct attachment_stored){ .kind = asked->kind,
                                                           .size = asked->size,
                                                           .algorithm = asked->algorithm };
    memcpy(event->attachment_stored.server, asked->server, sizeof asked->server);
    memcpy(event->attachment_stored.file, asked->file, sizeof asked->file);
    memcpy(event->attachment_stored.digest, asked->digest, sizeof asked->digest);
    return REFUSAL_NONE;
}

void apply_attachment_stored(struct core *core, const struct event *event)
{
    struct task *task = core_task(core, event->task);
    REQUIRE(task && task->attachments < TASK_ATTACHMENTS_MAX);
    task->attachments++;
}
