/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Human error. A command of any kind the schema knows, with numbers of things that exist, now or
 * once, and whatever else in the other fields: it must be refused or make sense, and never break. */
#include <stdio.h>
#include <string.h>

#include "proto/schema.h"
#include "tests/sim/sim.h"
#include "tests/sim/survive.h"

enum {
    OLD_KINDS = 130 /* above: kinds of command that the people of this simulation do not use */
};

static uint64_t below(struct sim *sim, uint64_t limit)
{
    return limit ? kernel_below(&sim->kernel, STREAM_PEOPLE, limit) : 0;
}

static uint64_t some_contact(struct sim *sim)
{
    const struct auditor *auditor = &sim->auditor;
    if (auditor->live_contact_count && below(sim, 4))
        return auditor->contacts[auditor->live_contacts[below(sim, auditor->live_contact_count)]]
            .id;
    return auditor->contact_count ? auditor->contacts[below(sim, auditor->contact_count)].id : 0;
}

static uint64_t some_incident(struct sim *sim)
{
    const struct auditor *auditor = &sim->auditor;
    return auditor->incident_count ? auditor->incidents[below(sim, auditor->incident_count)].id : 0;
}

static uint64_t some_task(struct sim *sim)
{
    const struct auditor *auditor = &sim->auditor;
    if (auditor->open_task_count && below(sim, 4))
        return auditor->tasks[auditor->open_tasks[below(sim, auditor->open_task_count)]].id;
    return auditor->task_count ? auditor->tasks[below(sim, auditor->task_count)].id : 0;
}

static uint64_t some_offer(struct sim *sim)
{
    const struct auditor *auditor = &sim->auditor;
    for (uint32_t i = 0; i < auditor->live_contact_count; i++) {
        const struct seen_contact *contact = &auditor->contacts[auditor->live_contacts[i]];
        if (contact->offers[0].id && below(sim, 2))
            return contact->offers[0].id;
    }
    return below(sim, 1000);
}

static uint64_t some_text(struct sim *sim)
{
    const struct auditor *auditor = &sim->auditor;
    return auditor->text_count ? auditor->texts[below(sim, auditor->text_count)].id : 0;
}

static uint64_t some_callback(struct sim *sim)
{
    const struct auditor *auditor = &sim->auditor;
    return auditor->callback_count ? auditor->callbacks[below(sim, auditor->callback_count)].id : 0;
}

static uint64_t some_category(struct sim *sim)
{
    return (1 + below(sim, 2)) * 10000 + (1 + below(sim, 4)) * 100;
}

static uint64_t some_line(struct sim *sim)
{
    return line_numbers[below(sim, LINE_COUNT)];
}

static uint64_t some_taker(struct sim *sim)
{
    return FIRST_TAKER + below(sim, sim->swarm.takers);
}

static uint64_t some_user(struct sim *sim)
{
    static const uint32_t few[] = { SUPERVISOR, AUDITOR_USER, OPERATOR };
    switch (below(sim, 6)) {
    case 0:
        return few[below(sim, 3)];
    case 1:
    case 2:
        return FIRST_CLERK + below(sim, sim->swarm.departments);
    default:
        return some_taker(sim);
    }
}

static uint64_t some_department(struct sim *sim)
{
    return 1 + below(sim, sim->swarm.departments + 1);
}

/* What a field of this name most likely holds. */
static const struct {
    const char *name;
    uint64_t (*some)(struct sim *sim);
} kinds[] = {
    { "contact", some_contact },
    { "incident", some_incident },
    { "subject", some_incident },
    { "parent", some_incident },
    { "child", some_incident },
    { "other", some_incident },
    { "into", some_incident },
    { "task", some_task },
    { "offer", some_offer },
    { "text", some_text },
    { "callback", some_callback },
    { "category", some_category },
    { "line", some_line },
    { "to_line", some_line },
    { "taker", some_taker },
    { "to_taker", some_taker },
    { "to", some_taker },
    { "user", some_user },
    { "department", some_department },
    { "lead", some_department },
    { "assists", some_department },
};

static uint64_t number_for(struct sim *sim, const struct field *field)
{
    if (below(sim, 8) == 0)
        return below(sim, 4); /* none, or nonsense */
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(field->name, kinds[i].name) == 0)
            return kinds[i].some(sim);
    if (strlen(field->name) > 3 && strcmp(field->name + strlen(field->name) - 3, "_ms") == 0)
        return below(sim, 3) ? below(sim, 10 * MINUTE_MS)
                             : node_clock_ms(&sim->node) + below(sim, DAY_MS);
    return below(sim, 5) ? below(sim, 12) : kernel_below(&sim->kernel, STREAM_PEOPLE, UINT64_MAX);
}

/* Values that no word stands for do not get through the codec. */
static int some_word(struct sim *sim, const struct enumeration *words)
{
    uint64_t value = below(sim, words->count);
    while (value && !words->words[value])
        value--;
    return (int)value;
}

static void fill(struct sim *sim, enum schema_id id, void *message, unsigned depth);

static void fill_one(struct sim *sim, const struct field *field, char *at, unsigned depth)
{
    switch (field->type) {
    case FIELD_UINT32:
        *(uint32_t *)(void *)at = (uint32_t)number_for(sim, field);
        break;
    case FIELD_UINT64:
        *(uint64_t *)(void *)at = number_for(sim, field);
        break;
    case FIELD_BOOL:
        *(bool *)(void *)at = below(sim, 2);
        break;
    case FIELD_ENUM:
        *(int *)(void *)at = some_word(sim, field->words);
        break;
    case FIELD_TEXT:
        (void)snprintf(at, field->bound + 1, "%s", below(sim, 2) ? "slip" : "");
        break;
    case FIELD_BYTES:
    case FIELD_DIGEST:
        memset(at, (int)below(sim, 256), field->type == FIELD_DIGEST ? field->bound : 0);
        break;
    case FIELD_MESSAGE:
        if (depth > 0)
            fill(sim, field->message, at, depth - 1);
        break;
    }
}

static void fill(struct sim *sim, enum schema_id id, void *message, unsigned depth)
{
    const struct schema *schema = &schemas[id];
    char *base = message;
    for (uint32_t i = 0; i < schema->field_count; i++) {
        const struct field *field = &schema->fields[i];
        if (field->in_oneof)
            continue; /* commands have no bodies with a choice of their own */
        uint64_t count = 1;
        if (field->maximum) {
            count = below(sim, (field->maximum < 4 ? field->maximum : 4) + 1ULL);
            *(uint32_t *)(void *)(base + field->count_offset) = (uint32_t)count;
        } else if (field->type == FIELD_MESSAGE) {
            *(bool *)(void *)(base + field->count_offset) = depth > 0;
        }
        for (uint64_t j = 0; j < count; j++)
            fill_one(sim, field, base + field->offset + j * field->stride, depth);
    }
}

/* The dispatcher's own words and the city's tables do not come from people. */
static bool is_peoples(const struct sim *sim, uint32_t kind)
{
    if (kind >= OLD_KINDS && !sim->swarm.strangers)
        return false;
    return kind != COMMAND_TICK && kind != COMMAND_GATEWAY_RISE && kind != COMMAND_GATEWAY_FALL &&
           kind != COMMAND_SESSION_OPEN && kind != COMMAND_SESSION_REFUSE &&
           kind != COMMAND_SESSION_PROVE && (kind < COMMAND_PARAMETER_SET || kind >= OLD_KINDS);
}

static const struct field *some_kind(struct sim *sim)
{
    const struct schema *schema = &schemas[SCHEMA_COMMAND];
    for (;;) {
        const struct field *field = &schema->fields[below(sim, schema->field_count)];
        if (field->in_oneof && is_peoples(sim, field->number) &&
            !strstr(field->name, "_define")) /* rows of tables, wherever they stand */
            return field;
    }
}

void slip(struct sim *sim)
{
    const struct field *body = some_kind(sim);
    struct command command = command_of((enum command_kind)body->number);
    fill(sim, body->message, (char *)&command + body->offset, 2);
    sim->errors++;
    /* A gateway may err, too, but it does not make up citizens: nobody would ever hang up. */
    if (below(sim, 8) == 0 && command.kind != COMMAND_CONTACT_ARRIVE) {
        struct port *port = below(sim, 2) ? &sim->trunks[0].port : &sim->posts[0].port;
        if (command.kind == COMMAND_CONTACT_SURVIVE && port == &sim->trunks[0].port &&
            !survive_slip(&sim->trunks[0], &command.contact_survive))
            return;
        (void)port_submit(port, &command, 0, city_citizen(sim), "slip");
        return;
    }
    console_send(sim, (uint32_t)some_user(sim), &command);
}
