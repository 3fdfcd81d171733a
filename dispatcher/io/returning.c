/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A command that names an incident which left memory finds it there again: the dispatcher gives it
 * back to the core first, by the row with which it left (dispatcher/core/returning.h). */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "dispatcher/io/dispatcher.h"

/* Fields of proto/command.proto that hold an incident's number. */
static bool names_incident(const struct field *field)
{
    static const char *const names[] = { "incident", "parent", "child", "other", "subject" };
    if (field->type != FIELD_UINT64)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(field->name, names[i]) == 0)
            return true;
    return false;
}

static void bring(struct dispatcher *dispatcher, uint64_t incident)
{
    static struct command command;
    if (incident == 0 || core_holds_incident(dispatcher->core, incident))
        return;
    uint64_t begun_ns = clock_mono_ns();
    schema_clear(SCHEMA_COMMAND, &command);
    struct incident_return *back = &command.incident_return;
    int status = journal_left(dispatcher->journal, incident, &back->row);
    if (status < 0) {
        if (status != -ENOENT)
            log_error("cannot read a closed incident error=%s", strerror(-status));
        return;
    }
    back->has_row = true;
    command.kind = COMMAND_INCIDENT_RETURN;
    turn_system(dispatcher, &command);
    uint64_t took_us = (clock_mono_ns() - begun_ns) / 1000;
    dispatcher->figures.returned++;
    if (took_us > dispatcher->figures.returned_us_max)
        dispatcher->figures.returned_us_max = took_us;
}

void returning_before(struct dispatcher *dispatcher, const struct command *command)
{
    const struct field *body = schema_body(&schemas[SCHEMA_COMMAND], (uint32_t)command->kind);
    const struct schema *schema = body ? &schemas[body->message] : NULL;
    for (uint32_t i = 0; schema && i < schema->field_count; i++) {
        uint64_t incident;
        if (!names_incident(&schema->fields[i]))
            continue;
        memcpy(&incident, (const char *)command + body->offset + schema->fields[i].offset,
               sizeof incident);
        bring(dispatcher, incident);
    }
}
