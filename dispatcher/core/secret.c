/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/secret.h"

#include <string.h>

#include "base/require.h"
#include "dispatcher/core/clock.h"
#include "dispatcher/core/contact.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/petition.h"
#include "dispatcher/core/task.h"
#include "proto/access.h"
#include "proto/schema.h"

enum {
    HOUR_MS = 3600000,
    GRANTED = ROLES_STAFF | ROLES_DEPARTMENT | ROLES_AUDITOR
};

const struct grant *core_grant(const struct core *core, uint64_t incident, uint32_t user)
{
    return index_find(&core->index, ENTRY_GRANT, incident, user);
}

/* ---- who may know of it ---------------------------------------------------------------------- */

bool secret_shows(const struct core *core, const struct incident *incident, const struct user *user)
{
    struct circle circle = { 0 };
    if (!user || incident->secrecy < SECRECY_SEALED)
        return true;
    circle_add_person(&circle, incident->taker);
    if (core_grant(core, incident->id, user->row.user))
        circle_add_person(&circle, user->row.user);
    const struct task *task = list_first(&incident->tasks);
    for (; task; task = list_next(&incident->tasks, &task->of_incident))
        circle_add_task(&circle, task->state, task->department);
    return access_is_within(&circle, &user->row);
}

static bool shows(const struct decision *decision, uint64_t incident)
{
    const struct incident *named = core_incident(decision->core, incident);
    return !named || secret_shows(decision->core, named, decision->user);
}

/* A conversation goes on whatever comes of it; once it is over it belongs to the secret. */
static bool contact_shows(const struct decision *decision, uint64_t id)
{
    const struct contact *contact = core_contact(decision->core, id);
    return !contact || contact_is_live(contact) || shows(decision, contact->incident);
}

/* About the secrecy itself those outside are asked. */
static bool petition_shows(const struct decision *decision, uint64_t id)
{
    const struct petition *petition = core_petition(decision->core, id);
    return !petition || petition->asked.kind == PETITION_KIND_SECRECY ||
           secret_shows(decision->core, petition->incident, decision->user);
}

static enum refusal check_field(const struct decision *decision, const char *name, uint64_t id)
{
    static const char *const incidents[] = { "incident", "parent", "child", "other", "subject" };
    const struct task *task = core_task(decision->core, id);
    for (size_t i = 0; i < sizeof incidents / sizeof incidents[0]; i++)
        if (strcmp(name, incidents[i]) == 0 && !shows(decision, id))
            return REFUSAL_NO_SUCH_INCIDENT;
    if (strcmp(name, "task") == 0 && task && !shows(decision, task->incident->id))
        return REFUSAL_NO_SUCH_TASK;
    if (strcmp(name, "petition") == 0 && !petition_shows(decision, id))
        return REFUSAL_NO_SUCH_PETITION;
    bool is_contact = strcmp(name, "contact") == 0 || strcmp(name, "subject") == 0;
    return is_contact && !contact_shows(decision, id) ? REFUSAL_NO_SUCH_CONTACT : REFUSAL_NONE;
}

enum refusal secret_check(const struct decision *decision)
{
    const struct command *command = decision->command;
    if (!decision->user || command->kind == COMMAND_INCIDENT_GRANT ||
        command->kind == COMMAND_INCIDENT_REVOKE)
        return REFUSAL_NONE;
    const struct field *body = schema_body(&schemas[SCHEMA_COMMAND], (uint32_t)command->kind);
    const struct schema *schema = &schemas[body->message];
    for (uint32_t i = 0; i < schema->field_count; i++) {
        const struct field *field = &schema->fields[i];
        uint64_t id;
        if (field->type != FIELD_UINT64 || field->maximum > 0)
            continue;
        memcpy(&id, (const char *)command + body->offset + field->offset, sizeof id);
        enum refusal refusal = id ? check_field(decision, field->name, id) : REFUSAL_NONE;
        if (refusal)
            return refusal;
    }
    return REFUSAL_NONE;
}

/* ---- grants ---------------------------------------------------------------------------------- */

static enum refusal check_grant(const struct decision *decision, const struct incident *incident,
                                const struct incident_grant *asked)
{
    const struct user *named = core_user(decision->core, asked->user);
    if (!named || named->row.retired || !(named->row.roles & GRANTED))
        return REFUSAL_NO_SUCH_USER;
    if (named == decision->user)
        return REFUSAL_SAME_PERSON;
    if (incident->secrecy < SECRECY_SEALED && !incident->anonymous)
        return REFUSAL_WRONG_STATE; /* nothing is closed to anybody */
    if (asked->purpose == READ_PURPOSE_NONE)
        return REFUSAL_REASON_MISSING;
    if (asked->until_ms <= decision->at_ms ||
        asked->until_ms > decision->at_ms + (uint64_t)GRANT_HOURS_MAX * HOUR_MS)
        return REFUSAL_MALFORMED;
    if (core_grant(decision->core, incident->id, asked->user))
        return REFUSAL_ALREADY;
    return pool_room(&decision->core->grants) ? REFUSAL_NONE : REFUSAL_LIMIT;
}

enum refusal decide_incident_grant(struct decision *decision)
{
    const struct incident_grant *asked = &decision->command->incident_grant;
    const struct incident *incident = core_incident(decision->core, asked->incident);
    if (!incident)
        return REFUSAL_NO_SUCH_INCIDENT;
    enum refusal refusal = check_grant(decision, incident, asked);
    if (refusal)
        return refusal;
    struct event *event = incident_event(decision, EVENT_GRANT_GIVEN, incident);
    event->grant_given.user = asked->user;
    event->grant_given.until_ms = asked->until_ms;
    event->grant_given.purpose = asked->purpose;
    return REFUSAL_NONE;
}

static void end(struct decision *decision, const struct grant *grant, bool expired)
{
    struct event *event = decision_event(decision, EVENT_GRANT_ENDED);
    event->incident = grant->incident;
    event->grant_ended.user = grant->user;
    event->grant_ended.expired = expired;
}

static const struct grant *grant_by_id(const struct core *core, uint64_t id)
{
    for (uint32_t i = 0; i < core->grants.reached; i++) {
        const struct grant *grant = pool_at(&core->grants, i);
        if (grant->id == id)
            return grant;
    }
    return NULL;
}

enum refusal decide_incident_revoke(struct decision *decision)
{
    const struct incident_revoke *asked = &decision->command->incident_revoke;
    const struct grant *grant = asked->grant
                                    ? grant_by_id(decision->core, asked->grant)
                                    : core_grant(decision->core, asked->incident, asked->user);
    if (!grant)
        return REFUSAL_NO_SUCH_GRANT;
    end(decision, grant, false);
    return REFUSAL_NONE;
}

void grant_due(struct decision *decision, const struct grant *grant)
{
    end(decision, grant, true);
}

void apply_grant_given(struct core *core, const struct event *event)
{
    const struct grant_given *given = &event->grant_given;
    struct grant *grant = pool_take(&core->grants);
    *grant = (struct grant){ .id = event->seq,
                             .incident = event->incident,
                             .user = given->user,
                             .purpose = given->purpose,
                             .until_ms = given->until_ms,
                             .deadline = { .kind = DEADLINE_GRANT, .owner = grant } };
    index_put(&core->index, ENTRY_GRANT, grant->incident, grant->user, grant);
    deadline_set(core, &grant->deadline, grant->until_ms, grant->id);
}

void apply_grant_ended(struct core *core, const struct event *event)
{
    struct grant *grant =
        index_find(&core->index, ENTRY_GRANT, event->incident, event->grant_ended.user);
    REQUIRE(grant);
    deadline_set(core, &grant->deadline, NEVER, grant->id);
    index_remove(&core->index, ENTRY_GRANT, grant->incident, grant->user);
    pool_give(&core->grants, grant);
}
