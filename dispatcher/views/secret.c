/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Secret incidents in answers: who may know of one, and what others do not get to see. Rows are found by the
 * field tables, so that a list added later is no leak. */
#include <errno.h>
#include <string.h>

#include "dispatcher/views/row.h"
#include "proto/access.h"

static int grant_given(const struct change *change)
{
    const struct event *event = change->event;
    const struct grant_given *given = &event->grant_given;
    struct grant_row row = { .grant = event->seq,
                             .user = given->user,
                             .until_ms = given->until_ms,
                             .purpose = given->purpose,
                             .given_by = event->actor,
                             .given_ms = event->at_ms };
    struct key key = key_of2(VIEW_GRANT, event->incident, given->user);
    int status = row_put(change, key, SCHEMA_GRANT_ROW, &row);
    return status < 0 ? status
                      : row_put(change, key_of1(VIEW_GRANTED, row.grant), SCHEMA_GRANT_ROW, &row);
}

static int grant_ended(const struct change *change)
{
    const struct event *event = change->event;
    struct key key = key_of2(VIEW_GRANT, event->incident, event->grant_ended.user);
    struct grant_row row;
    int status = row_take(change, key, SCHEMA_GRANT_ROW, &row);
    if (status == 0)
        status = row_remove(change, key);
    return status < 0 ? status : row_remove(change, key_of1(VIEW_GRANTED, row.grant));
}

int apply_to_grants(const struct change *change)
{
    if (change->event->kind == EVENT_GRANT_GIVEN)
        return grant_given(change);
    return change->event->kind == EVENT_GRANT_ENDED ? grant_ended(change) : 0;
}

int answer_grants(const struct question *question, struct answer *answer)
{
    struct grants *grants = &answer->grants;
    uint64_t after = question->query->grants.after;
    struct key prefix = key_of(VIEW_GRANTED);
    answer->kind = ANSWER_GRANTS;
    grants->rows_count = 0;
    for (;;) {
        struct key from = key_of1(VIEW_GRANTED, after + 1);
        struct slice value;
        uint64_t grant;
        int status = view_next(question->read, &prefix, &from, &grant, &value);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        if (grants->rows_count == sizeof grants->rows / sizeof grants->rows[0]) {
            answer->more = true;
            answer->next = after;
            return 0;
        }
        status = codec_unpack(question->views->codec, SCHEMA_GRANT_ROW, value.data, value.size,
                              &grants->rows[grants->rows_count++]);
        if (status < 0)
            return status;
        after = grant;
    }
}

/* ---- the circle ------------------------------------------------------------------------------ */

struct reader {
    struct views *views;
    struct transaction *read;
    const struct user_row *user;
    uint64_t incident; /* asked last */
    bool hidden;
};

static bool is_secret(struct transaction *read, uint64_t incident)
{
    struct key prefix = key_of2(VIEW_INCIDENT_BY, BY_SECRET, 1);
    struct key from = key_of3(VIEW_INCIDENT_BY, BY_SECRET, 1, incident);
    struct slice value;
    uint64_t found;
    int status = view_next(read, &prefix, &from, &found, &value);
    return status == 0 ? found == incident
                       : status != -ENOENT; /* a page that cannot be read hides */
}

static int add_tasks(struct views *views, struct transaction *read, uint64_t incident,
                     struct circle *circle)
{
    struct key prefix = key_of1(VIEW_TASK_HAS, incident), from = prefix;
    struct slice value;
    struct task_row task;
    uint64_t number;
    int status;
    while ((status = view_next(read, &prefix, &from, &number, &value)) == 0) {
        status = row_get(views, read, key_of1(VIEW_TASK, number), SCHEMA_TASK_ROW, &task);
        if (status < 0)
            return status;
        circle_add_task(circle, task.state, task.department);
        from = key_of2(VIEW_TASK_HAS, incident, number + 1);
    }
    return status;
}

static void add_granted(struct transaction *read, uint64_t incident, struct circle *circle)
{
    struct key prefix = key_of1(VIEW_GRANT, incident), from = prefix;
    struct slice value;
    uint64_t user;
    while (view_next(read, &prefix, &from, &user, &value) == 0) {
        circle_add_person(circle, (uint32_t)user);
        from = key_of2(VIEW_GRANT, incident, user + 1);
    }
}

/* A row that cannot be read opens nothing. */
static void circle_of(struct views *views, struct transaction *read, uint64_t incident,
                      struct circle *circle)
{
    struct incident_row row;
    *circle = (struct circle){ 0 };
    if (row_get(views, read, key_of1(VIEW_INCIDENT, incident), SCHEMA_INCIDENT_ROW, &row) < 0)
        return;
    circle_add_person(circle, row.taker);
    (void)add_tasks(views, read, incident, circle);
    add_granted(read, incident, circle);
}

bool views_circle(struct views *views, uint64_t incident, struct circle *circle)
{
    struct transaction *read;
    if (store_begin_read(views->store, &read) < 0) {
        *circle = (struct circle){ 0 };
        return true;
    }
    bool secret = is_secret(read, incident);
    if (secret)
        circle_of(views, read, incident, circle);
    transaction_end(read);
    return secret;
}

static bool is_hidden(struct reader *reader, uint64_t incident)
{
    struct circle circle;
    if (incident == 0)
        return false;
    if (incident == reader->incident)
        return reader->hidden;
    reader->incident = incident;
    reader->hidden = is_secret(reader->read, incident);
    if (reader->hidden) {
        circle_of(reader->views, reader->read, incident, &circle);
        reader->hidden = !access_is_within(&circle, reader->user);
    }
    return reader->hidden;
}

/* A conversation goes on whatever comes of it; once it is over it belongs to the secret. */
static bool contact_is_hidden(struct reader *reader, uint64_t contact)
{
    struct contact_row row;
    if (contact == 0 || row_get(reader->views, reader->read, key_of1(VIEW_CONTACT, contact),
                                SCHEMA_CONTACT_ROW, &row) < 0)
        return false;
    return row.ended_ms != 0 && is_hidden(reader, row.incident);
}

/* ---- what an answer loses -------------------------------------------------------------------- */

static uint64_t number_at(const struct schema *schema, const char *message, const char *name)
{
    uint64_t number = 0;
    for (uint32_t i = 0; i < schema->field_count; i++) {
        const struct field *field = &schema->fields[i];
        if (field->type == FIELD_UINT64 && field->maximum == 0 && strcmp(field->name, name) == 0)
            memcpy(&number, message + field->offset, sizeof number);
    }
    return number;
}

/* Where units stand and who speaks is no secret; for what they do so is. */
static bool keeps_row(const struct reader *reader, enum answer_kind kind, const char *row)
{
    const struct contact_row *contact = (const void *)row;
    const struct petition_row *petition = (const void *)row;
    if (kind == ANSWER_CONTACTS)
        return contact->ended_ms == 0;
    if (kind == ANSWER_PETITIONS) /* somebody must rule it */
        return petition->kind == PETITION_KIND_SECRECY && petition->roles & reader->user->roles;
    return kind == ANSWER_UNITS;
}

static bool loses_row(struct reader *reader, const struct schema *schema, enum answer_kind kind,
                      char *row)
{
    uint64_t incident = number_at(schema, row, "incident");
    bool hidden = is_hidden(reader, incident) || is_hidden(reader, number_at(schema, row, "other"));
    if (!hidden || !keeps_row(reader, kind, row))
        return hidden;
    for (uint32_t i = 0; i < schema->field_count && kind != ANSWER_PETITIONS; i++)
        if (strcmp(schema->fields[i].name, "incident") == 0)
            schema_clear_field(&schema->fields[i], row);
    return false;
}

static void conceal_rows(struct reader *reader, enum answer_kind kind, const struct schema *schema,
                         char *message)
{
    for (uint32_t i = 0; i < schema->field_count; i++) {
        const struct field *field = &schema->fields[i];
        uint32_t count = 0, kept = 0;
        if (field->type != FIELD_MESSAGE || field->maximum == 0)
            continue;
        memcpy(&count, message + field->count_offset, sizeof count);
        for (uint32_t at = 0; at < count; at++) {
            char *row = message + field->offset + at * field->stride;
            if (loses_row(reader, &schemas[field->message], kind, row))
                continue;
            if (kept != at)
                memcpy(message + field->offset + kept * field->stride, row, field->stride);
            kept++;
        }
        memcpy(message + field->count_offset, &kept, sizeof kept);
    }
}

static void conceal_events(struct reader *reader, struct events *events)
{
    struct record *record = &reader->views->record;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < events->rows_count; i++) {
        const struct stored_event *row = &events->rows[i];
        bool hidden = codec_unpack(reader->views->codec, SCHEMA_RECORD, row->record,
                                   row->record_size, record) < 0 ||
                      is_hidden(reader, record->event.incident) ||
                      contact_is_hidden(reader, record->event.contact);
        if (!hidden && kept != i)
            events->rows[kept] = *row;
        kept += !hidden;
    }
    events->rows_count = kept;
}

static void conceal_kin(struct reader *reader, struct incident_detail *detail)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < detail->children_count; i++)
        if (!is_hidden(reader, detail->children[i]))
            detail->children[kept++] = detail->children[i];
    detail->children_count = kept;
    if (is_hidden(reader, detail->row.parent))
        detail->row.parent = 0;
    if (is_hidden(reader, detail->row.origin))
        detail->row.origin = 0;
}

/* What the question or its answer is about. */
static enum refusal check_subject(struct reader *reader, const struct query *query,
                                  const struct answer *answer)
{
    const struct field *body = schema_body(&schemas[SCHEMA_QUERY], (uint32_t)query->kind);
    const struct schema *schema = &schemas[body->message];
    const char *message = (const char *)query + body->offset;
    bool detail = answer->kind == ANSWER_INCIDENT_DETAIL &&
                  is_hidden(reader, answer->incident_detail.row.incident);
    if (detail || is_hidden(reader, number_at(schema, message, "incident")))
        return REFUSAL_NO_SUCH_INCIDENT;
    return contact_is_hidden(reader, number_at(schema, message, "contact"))
               ? REFUSAL_NO_SUCH_CONTACT
               : REFUSAL_NONE;
}

static void conceal(struct reader *reader, const struct query *query, struct answer *answer)
{
    const struct field *body = schema_body(&schemas[SCHEMA_ANSWER], (uint32_t)answer->kind);
    enum refusal refusal = check_subject(reader, query, answer);
    if (refusal != REFUSAL_NONE) {
        schema_clear(SCHEMA_ANSWER, answer);
        answer->refusal = refusal;
        return;
    }
    if (answer->kind == ANSWER_EVENTS)
        conceal_events(reader, &answer->events);
    else
        conceal_rows(reader, answer->kind, &schemas[body->message], (char *)answer + body->offset);
    if (answer->kind == ANSWER_INCIDENT_DETAIL)
        conceal_kin(reader, &answer->incident_detail);
}

static bool has_secrets(struct transaction *read)
{
    struct key prefix = key_of2(VIEW_INCIDENT_BY, BY_SECRET, 1);
    struct slice value;
    uint64_t found;
    return view_next(read, &prefix, &prefix, &found, &value) != -ENOENT;
}

void views_conceal(struct views *views, const struct user_row *user, const struct query *query,
                   struct answer *answer)
{
    struct reader reader = { .views = views, .user = user };
    if (answer->refusal != REFUSAL_NONE || answer->kind == ANSWER_NONE)
        return;
    if (store_begin_read(views->store, &reader.read) < 0) {
        schema_clear(SCHEMA_ANSWER, answer);
        answer->refusal = REFUSAL_BUSY;
        return;
    }
    if (has_secrets(reader.read))
        conceal(&reader, query, answer);
    transaction_end(reader.read);
}
