/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who sees and orders what through a console (docs/console-api.md). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "consoles/server/audience.h"
#include "proto/schema.h"

static const struct user_row taker = { .user = 1001, .roles = ROLES_TAKER };
static const struct user_row fire = { .user = 3001, .roles = ROLES_DEPARTMENT, .department = 7 };
static const struct user_row police = { .user = 3002, .roles = ROLES_DEPARTMENT, .department = 8 };
static const struct user_row supervisor = { .user = 2001, .roles = ROLES_SUPERVISOR };
static const struct user_row auditor = { .user = 4001, .roles = ROLES_AUDITOR };
static const struct user_row nobody = { .user = 9 };

static void nobody_speaks_for_gateways_clock_or_configuration(void **state)
{
    (void)state;
    static const enum command_kind inner[] = { COMMAND_NONE,           COMMAND_TICK,
                                               COMMAND_CONTACT_ARRIVE, COMMAND_SESSION_OPEN,
                                               COMMAND_USER_DEFINE,    COMMAND_CITY_LOAD };
    struct user_row all = { .user = 1, .roles = ROLES_ALL };
    for (size_t i = 0; i < sizeof inner / sizeof inner[0]; i++)
        assert_int_equal(access_command(&all, inner[i]), REFUSAL_UNKNOWN_KIND);
    assert_int_equal(access_command(&all, (enum command_kind)9999), REFUSAL_UNKNOWN_KIND);
}

static void each_role_orders_what_is_its_own(void **state)
{
    (void)state;
    assert_int_equal(access_command(&taker, COMMAND_OFFER_ACCEPT), REFUSAL_NONE);
    assert_int_equal(access_command(&taker, COMMAND_TASK_SIGN), REFUSAL_NOT_ALLOWED);
    assert_int_equal(access_command(&fire, COMMAND_TASK_SIGN), REFUSAL_NONE);
    assert_int_equal(access_command(&fire, COMMAND_INCIDENT_DISPATCH), REFUSAL_NOT_ALLOWED);
    assert_int_equal(access_command(&auditor, COMMAND_PERSONAL_READ), REFUSAL_NONE);
    assert_int_equal(access_command(&auditor, COMMAND_INCIDENT_NOTE), REFUSAL_NOT_ALLOWED);
    assert_int_equal(access_command(&nobody, COMMAND_OFFER_ACCEPT), REFUSAL_NOT_ALLOWED);
}

static void a_department_lists_its_own_work_only(void **state)
{
    (void)state;
    bool owned;
    struct query query = { .kind = QUERY_TASKS };
    assert_int_equal(access_query(&fire, &query, &owned), REFUSAL_NONE);
    assert_int_equal(query.tasks.department, 7);
    query = (struct query){ .kind = QUERY_INCIDENTS, .incidents = { .department = 8 } };
    assert_int_equal(access_query(&fire, &query, &owned), REFUSAL_NOT_ALLOWED);
    query = (struct query){ .kind = QUERY_INCIDENTS, .incidents = { .caller = 5 } };
    assert_int_equal(access_query(&fire, &query, &owned), REFUSAL_NOT_ALLOWED);
    query = (struct query){ .kind = QUERY_CONTACTS };
    assert_int_equal(access_query(&fire, &query, &owned), REFUSAL_NOT_ALLOWED);
    query = (struct query){ .kind = QUERY_TASKS };
    assert_int_equal(access_query(&taker, &query, &owned), REFUSAL_NONE);
    assert_int_equal(query.tasks.department, 0);
    assert_int_equal(access_query(&nobody, &query, &owned), REFUSAL_NOT_ALLOWED);
}

static void a_department_reads_an_incident_only_with_a_task_on_it(void **state)
{
    (void)state;
    static struct incident_detail detail = { .tasks_count = 1, .tasks = { { .department = 7 } } };
    bool owned;
    struct query query = { .kind = QUERY_EVENTS, .events = { .incident = 5 } };
    assert_int_equal(access_query(&fire, &query, &owned), REFUSAL_NONE);
    assert_true(owned);
    assert_true(access_subject(&query) == 5);
    assert_true(access_owns(&fire, &detail));
    assert_false(access_owns(&police, &detail));
    query.events = (struct events_query){ .contact = 5 };
    assert_int_equal(access_query(&fire, &query, &owned), REFUSAL_NOT_ALLOWED);
    assert_int_equal(access_query(&taker, &query, &owned), REFUSAL_NONE);
    assert_false(owned);
}

static void the_whole_trail_is_for_those_who_watch(void **state)
{
    (void)state;
    bool owned;
    struct query query = { .kind = QUERY_EVENTS };
    assert_int_equal(access_query(&taker, &query, &owned), REFUSAL_NOT_ALLOWED);
    assert_int_equal(access_query(&auditor, &query, &owned), REFUSAL_NONE);
    assert_int_equal(access_query(&supervisor, &query, &owned), REFUSAL_NONE);
}

static void answers_lose_what_is_not_for_the_reader(void **state)
{
    (void)state;
    static struct answer answer;
    answer = (struct answer){ .kind = ANSWER_INCIDENTS };
    answer.incidents.rows_count = 1;
    answer.incidents.rows[0].caller = 77;
    access_redact(&taker, &answer);
    assert_true(answer.incidents.rows[0].caller == 77);
    access_redact(&fire, &answer);
    assert_true(answer.incidents.rows[0].caller == 0);
    answer = (struct answer){ .kind = ANSWER_USERS };
    answer.users.rows_count = 1;
    strcpy(answer.users.rows[0].login, "zhang");
    access_redact(&supervisor, &answer);
    assert_string_equal(answer.users.rows[0].login, "zhang");
    access_redact(&taker, &answer);
    assert_string_equal(answer.users.rows[0].login, "");
}

static void how_somebody_stands_in_a_test_reaches_them_and_supervisors(void **state)
{
    static const struct user_row own = { .user = 1001, .roles = ROLES_TAKER };
    static const struct user_row other = { .user = 1002, .roles = ROLES_TAKER };
    static const struct user_row chief = { .user = 3001, .roles = ROLES_SUPERVISOR };
    static struct event event;
    struct audience audience;
    (void)state;
    event = (struct event){ .kind = EVENT_EXAM_CLOSED, .actor_kind = ACTOR_KIND_SYSTEM };
    event.exam_closed.user = 1001;
    audience_of(&audience, &event, NULL, NULL);
    assert_true(audience_holds(&audience, &own) && audience_holds(&audience, &chief));
    assert_false(audience_holds(&audience, &other));
    event = (struct event){ .kind = EVENT_EXAM_WRITTEN, .actor_kind = ACTOR_KIND_USER };
    audience_of(&audience, &event, NULL, NULL);
    assert_false(audience_holds(&audience, &own)); /* questions are shown in an attempt */
    event.kind = EVENT_EXAM_OPENED;
    audience_of(&audience, &event, NULL, NULL);
    assert_true(audience_holds(&audience, &own));
}

static void the_stream_goes_to_whom_it_concerns(void **state)
{
    (void)state;
    static struct incident_detail detail = { .tasks_count = 1, .tasks = { { .department = 7 } } };
    struct audience audience;
    struct event event = { .kind = EVENT_INCIDENT_MOVED, .incident = 5 };
    audience_of(&audience, &event, &detail, NULL);
    assert_true(audience_holds(&audience, &taker));
    assert_true(audience_holds(&audience, &fire));
    assert_false(audience_holds(&audience, &police));
    assert_false(audience_holds(&audience, &nobody));

    event = (struct event){ .kind = EVENT_CONTACT_ARRIVED, .department = 7 };
    audience_of(&audience, &event, NULL, NULL);
    assert_false(audience_holds(&audience, &fire)); /* carries the caller's blind index */

    event = (struct event){ .kind = EVENT_PERSONAL_WAS_READ,
                            .actor_kind = ACTOR_KIND_USER,
                            .actor = 3001,
                            .department = 8 };
    audience_of(&audience, &event, &detail, NULL);
    assert_true(audience_holds(&audience, &auditor));
    assert_true(audience_holds(&audience, &fire)); /* the reader himself */
    assert_false(audience_holds(&audience, &taker));
    assert_false(audience_holds(&audience, &police));

    event = (struct event){ .kind = EVENT_CATEGORY_DEFINED };
    audience_of(&audience, &event, NULL, NULL);
    assert_true(audience_holds(&audience, &police));
}

/* Every byte of a message that could be one, as if it were full. */
static void fill(char *message, size_t size)
{
    memset(message, 0, size);
    for (size_t i = 0; i < size; i += 8)
        message[i] = 1;
}

static uint32_t callers_of(enum schema_id id, const char *message)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < schemas[id].field_count; i++) {
        const struct field *field = &schemas[id].fields[i];
        uint32_t count = 1;
        if (field->maximum > 0)
            memcpy(&count, message + field->count_offset, sizeof count);
        if (field->type == FIELD_MESSAGE)
            for (uint32_t at = 0; at < count; at++)
                found += callers_of(field->message, message + field->offset + at * field->stride);
        else if (strcmp(field->name, "caller") == 0)
            found += *(const uint64_t *)(const void *)(message + field->offset) != 0;
        else /* personal data is no member of an event or an answer, under whatever name */
            assert_true(field->type != FIELD_TEXT || (strcmp(field->name, "number") != 0 &&
                                                      strcmp(field->name, "position") != 0 &&
                                                      strcmp(field->name, "address") != 0));
    }
    return found;
}

/* Whatever a department's session is told, live or asked for: nothing in it says who the citizen is. */
static void no_message_to_a_department_says_who_the_citizen_is(void **state)
{
    (void)state;
    static struct event event;
    static struct answer answer;
    static const struct incident_detail detail = { .tasks_count = 1,
                                                   .tasks = { { .department = 7 } } };
    uint32_t with = 0;
    for (enum event_kind kind = EVENT_NONE + 1; kind < EVENT_KIND_COUNT; kind++) {
        const struct field *body = schema_body(&schemas[SCHEMA_EVENT], (uint32_t)kind);
        if (!body)
            continue;
        struct audience audience;
        fill((char *)&event, sizeof event);
        event.kind = kind;
        event.department = 7;
        audience_of(&audience, &event, &detail, NULL);
        uint32_t before = callers_of(body->message, (char *)&event + body->offset);
        with += before;
        assert_false(before > 0 && audience_holds(&audience, &fire));
        access_redact_event(&fire, &event);
        assert_int_equal(callers_of(body->message, (char *)&event + body->offset), 0);
    }
    assert_true(with >= 8);
    for (enum answer_kind kind = ANSWER_NONE + 1; kind < ANSWER_KIND_COUNT; kind++) {
        const struct field *body = schema_body(&schemas[SCHEMA_ANSWER], (uint32_t)kind);
        if (!body)
            continue;
        fill((char *)&answer, sizeof answer);
        answer.kind = kind;
        access_redact(&fire, &answer);
        assert_int_equal(callers_of(body->message, (char *)&answer + body->offset), 0);
    }
}

static void a_secret_incident_is_told_to_its_circle_alone(void **state)
{
    (void)state;
    static struct incident_detail detail = { .tasks_count = 1, .tasks = { { .department = 7 } } };
    struct circle circle = { 0 };
    struct audience audience;
    struct event event = { .kind = EVENT_INCIDENT_MOVED, .incident = 5 };
    circle_add_person(&circle, 1001);
    circle_add_task(&circle, TASK_STATE_SENT, 7);
    circle_add_task(&circle, TASK_STATE_RETURNED, 8);
    audience_of(&audience, &event, &detail, &circle);
    assert_true(audience_holds(&audience, &taker));
    assert_true(audience_holds(&audience, &fire));
    assert_false(audience_holds(&audience, &police)); /* sent it back */
    assert_false(audience_holds(&audience, &supervisor));
    assert_false(audience_holds(&audience, &auditor));
    event = (struct event){ .kind = EVENT_GRANT_ENDED, .incident = 5 };
    event.grant_ended.user = 2001;
    audience_of(&audience, &event, &detail, &circle);
    assert_true(audience_holds(&audience, &supervisor)); /* whom it named */
    for (uint32_t i = 0; i < 2 * CIRCLE_PERSONS_MAX; i++)
        circle_add_person(&circle, 9000 + i);
    assert_int_equal(circle.person_count, CIRCLE_PERSONS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_incident_is_told_to_its_circle_alone),
        cmocka_unit_test(no_message_to_a_department_says_who_the_citizen_is),
        cmocka_unit_test(nobody_speaks_for_gateways_clock_or_configuration),
        cmocka_unit_test(each_role_orders_what_is_its_own),
        cmocka_unit_test(a_department_lists_its_own_work_only),
        cmocka_unit_test(a_department_reads_an_incident_only_with_a_task_on_it),
        cmocka_unit_test(the_whole_trail_is_for_those_who_watch),
        cmocka_unit_test(answers_lose_what_is_not_for_the_reader),
        cmocka_unit_test(how_somebody_stands_in_a_test_reaches_them_and_supervisors),
        cmocka_unit_test(the_stream_goes_to_whom_it_concerns),
    };
    return cmocka_run_group_tests_name("access", tests, NULL, NULL);
}
