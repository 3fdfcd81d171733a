/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A secret incident in what people look up: whatever outsiders ask, no answer holds it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "proto/access.h"
#include "proto/codec.h"
#include "proto/schema.h"
#include "tests/story/world.h"
#include "tests/unit/folder.h"
#include "tests/unit/own_journal.h"

static char folder[FOLDER_BYTES];
static struct journal *journal;
static struct answer said;
static struct query query;

static uint64_t incident, contact, task;

static const struct user_row taker = { .user = 1001, .roles = ROLES_TAKER };
static const struct user_row other_taker = { .user = 1002, .roles = ROLES_TAKER };
static const struct user_row water = { .user = 2002, .roles = ROLES_DEPARTMENT, .department = 2 };
static const struct user_row roads = { .user = 2003, .roles = ROLES_DEPARTMENT, .department = 3 };
static const struct user_row supervisor = { .user = 3001, .roles = ROLES_SUPERVISOR };
static const struct user_row auditor = { .user = 3002, .roles = ROLES_AUDITOR };
static const struct user_row director = { .user = 3009, .roles = ROLES_DIRECTOR };

static void enter(const struct world *w)
{
    assert_int_equal(own_journal_open(&journal, folder), 0);
    own_journal_enter(journal, w->history, w->history_count);
}

static void leave(void)
{
    journal_close(journal);
    folder_remove(folder);
}

/* Li's secret complaint with the water department, a petition to open it, a note about it. */
static void happen(struct world *w)
{
    on_duty(w, 1001);
    struct command command = from_user(1001, COMMAND_INCIDENT_REGISTER);
    command.incident_register.contact = contact = talk(w, 12345, LI);
    command.incident_register.category = 20100;
    command.incident_register.secrecy = SECRECY_SEALED;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    incident = w->verdict.incident;
    assert_int_equal(dispatch(w, incident, 2, 0), REFUSAL_NONE);
    task = task_at(w, incident, 2);
    command = from_user(1001, COMMAND_PETITION_ASK);
    command.petition_ask.incident = incident;
    command.petition_ask.kind = PETITION_KIND_SECRECY;
    command.petition_ask.secrecy = SECRECY_OPEN;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    assert_int_equal(hang_up(w, contact, END_CAUSE_CALLER), REFUSAL_NONE);
    command = from_user(1001, COMMAND_HANDOVER_LEAVE);
    command.has_personal = true;
    command.handover_leave.incident = incident;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

static bool is_it(const struct field *field, const char *message)
{
    static const char *const names[] = { "incident", "other", "parent", "origin", "child" };
    uint64_t id;
    if (field->type != FIELD_UINT64 || field->maximum > 0)
        return false;
    memcpy(&id, message + field->offset, sizeof id);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(field->name, names[i]) == 0 && id == incident)
            return true;
    return strcmp(field->name, "task") == 0 && id == task;
}

static bool tells(enum schema_id id, const char *message)
{
    for (uint32_t i = 0; i < schemas[id].field_count; i++) {
        const struct field *field = &schemas[id].fields[i];
        uint32_t count = 1;
        if (is_it(field, message))
            return true;
        if (field->type != FIELD_MESSAGE)
            continue;
        if (field->maximum > 0)
            memcpy(&count, message + field->count_offset, sizeof count);
        for (uint32_t at = 0; at < count; at++)
            if (tells(field->message, message + field->offset + at * field->stride))
                return true;
    }
    return false;
}

/* Events are packed; every one of the incident names it. */
static bool tells_events(void)
{
    static struct record record;
    static struct codec *codec;
    codec = codec ? codec : codec_open();
    for (uint32_t i = 0; i < said.events.rows_count; i++) {
        const struct stored_event *row = &said.events.rows[i];
        assert_int_equal(codec_unpack(codec, SCHEMA_RECORD, row->record, row->record_size, &record),
                         0);
        if (record.event.incident == incident)
            return true;
    }
    return false;
}

static bool learns(const struct user_row *user)
{
    journal_query(journal, &query, 0, &said);
    journal_conceal(journal, user, &query, &said);
    if (said.kind == ANSWER_NONE)
        return false;
    if (said.kind == ANSWER_EVENTS)
        return tells_events();
    const struct field *body = schema_body(&schemas[SCHEMA_ANSWER], (uint32_t)said.kind);
    return tells(body->message, (const char *)&said + body->offset);
}

/* The question bare, about the incident, and about its contact. */
static void pose(enum query_kind kind, unsigned about)
{
    const struct field *body = schema_body(&schemas[SCHEMA_QUERY], (uint32_t)kind);
    schema_clear(SCHEMA_QUERY, &query);
    query.kind = kind;
    schema_clear(body->message, (char *)&query + body->offset);
    for (uint32_t i = 0; i < schemas[body->message].field_count; i++) {
        const struct field *field = &schemas[body->message].fields[i];
        bool named = (about == 1 && strcmp(field->name, "incident") == 0) ||
                     (about == 2 && strcmp(field->name, "contact") == 0);
        if (named && field->type == FIELD_UINT64)
            memcpy((char *)&query + body->offset + field->offset, about == 1 ? &incident : &contact,
                   sizeof incident);
    }
}

static void no_answer_to_an_outsider_holds_a_secret_incident(void **state)
{
    struct world *w = *state;
    static const struct user_row *const outsiders[] = { &other_taker, &roads, &supervisor,
                                                        &auditor };
    uint32_t told = 0;
    happen(w);
    enter(w);
    for (enum query_kind kind = QUERY_NONE + 1; kind < QUERY_KIND_COUNT; kind++)
        for (unsigned about = 0; about < 3; about++) {
            if (!access_query_roles(kind) || kind == QUERY_PROOF || kind == QUERY_CONSISTENCY)
                continue;
            pose(kind, about);
            told += learns(&taker);
            for (unsigned i = 0; i < sizeof outsiders / sizeof outsiders[0]; i++)
                if (learns(outsiders[i]))
                    fail_msg("%s tells user %u", query_kind_name(kind), outsiders[i]->user);
        }
    assert_true(told >= 8); /* lists, details, trails do tell the circle */
    leave();
}

static void it_is_no_such_incident_by_its_order_number(void **state)
{
    struct world *w = *state;
    happen(w);
    enter(w);
    schema_clear(SCHEMA_QUERY, &query);
    query.kind = QUERY_INCIDENT;
    query.incident = (struct incident_query){ .incident = incident };
    assert_true(learns(&water));
    uint64_t number = said.incident_detail.row.number;
    query.incident = (struct incident_query){ .number = number };
    assert_true(learns(&taker));
    assert_false(learns(&supervisor));
    assert_int_equal(said.refusal, REFUSAL_NO_SUCH_INCIDENT);
    leave();
}

static void who_must_rule_the_secrecy_finds_that_petition_alone(void **state)
{
    struct world *w = *state;
    happen(w);
    enter(w);
    pose(QUERY_PETITIONS, 0);
    assert_true(learns(&director));
    assert_int_equal(said.petitions.rows_count, 1);
    pose(QUERY_INCIDENT, 1);
    assert_false(learns(&director));
    leave();
}

static void a_grant_shows_it_as_long_as_it_lasts(void **state)
{
    struct world *w = *state;
    happen(w);
    struct command command = from_user(3001, COMMAND_INCIDENT_GRANT);
    command.incident_grant = (struct incident_grant){ .incident = incident,
                                                      .user = 3002,
                                                      .until_ms = w->now_ms + HOUR,
                                                      .purpose = READ_PURPOSE_COMPLAINT };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    enter(w);
    pose(QUERY_INCIDENT, 1);
    assert_true(learns(&auditor));
    pose(QUERY_GRANTS, 0); /* who, not what */
    assert_false(learns(&supervisor));
    assert_int_equal(said.grants.rows_count, 1);
    assert_int_equal(said.grants.rows[0].user, 3002);
    pose(QUERY_ERASURES, 0); /* no row of one list stands in another */
    assert_false(learns(&supervisor));
    assert_int_equal(said.kind, ANSWER_ERASURES);
    assert_int_equal(said.erasures.rows_count, 0);
    leave();
    world_wait(w, 2 * HOUR);
    enter(w);
    pose(QUERY_INCIDENT, 1);
    assert_false(learns(&auditor));
    pose(QUERY_GRANTS, 0);
    assert_false(learns(&supervisor));
    assert_int_equal(said.grants.rows_count, 0);
    leave();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_answer_to_an_outsider_holds_a_secret_incident,
                                        world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(it_is_no_such_incident_by_its_order_number, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(who_must_rule_the_secrecy_finds_that_petition_alone,
                                        world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(a_grant_shows_it_as_long_as_it_lasts, world_setup,
                                        world_teardown),
    };
    return cmocka_run_group_tests_name("secret_views", tests, NULL, NULL);
}
