/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Verbs about units: the board, the plans of an incident with the reason for every pick and hole, and
 * coverage. What a unit does is said with the plain commands (verb.c). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "consoles/ctl/field.h"
#include "consoles/ctl/rows.h"
#include "consoles/ctl/session.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"

#define COUNT(array) (uint32_t)(sizeof(array) / sizeof(array)[0])

enum {
    PAGES_MAX = 100
};

static const struct column unit_columns[] = {
    { "unit", "UNIT", "力量", COLUMN_PLAIN },
    { "kind", "KIND", "类型", COLUMN_PLAIN },
    { "department", "DEPARTMENT", "部门", COLUMN_PLAIN },
    { "district", "DISTRICT", "区县", COLUMN_PLAIN },
    { "state", "STATE", "状态", COLUMN_PLAIN },
    { "since_ms", "SINCE", "自", COLUMN_TIME },
    { "incident", "INCIDENT", "工单", COLUMN_PLAIN },
    { "stack", "NEXT", "下一单", COLUMN_PLAIN },
    { "east_cell", "EAST", "东", COLUMN_PLAIN },
    { "north_cell", "NORTH", "北", COLUMN_PLAIN },
    { "measured_ms", "POSITION OF", "定位时间", COLUMN_TIME },
    { "stale", "STALE", "定位过期", COLUMN_PLAIN },
    { "unanswered", "UNANSWERED", "未签收", COLUMN_PLAIN },
    { "check_in_due_ms", "CHECK-IN", "应报平安", COLUMN_TIME },
    { "check_in_missed", "MISSED", "失联", COLUMN_PLAIN },
    { "mayday", "MAYDAY", "求救", COLUMN_PLAIN },
};
static const struct column pick_columns[] = {
    { "unit", "UNIT", "力量", COLUMN_PLAIN },
    { "reason", "BECAUSE", "理由", COLUMN_PLAIN },
    { "distance_m", "METRES", "直线米", COLUMN_PLAIN },
    { "travel_s", "SECONDS", "预计秒", COLUMN_PLAIN },
    { "age_s", "POSITION AGE (s)", "定位已过秒", COLUMN_COUNT },
};
static const struct column hole_columns[] = {
    { "kind", "KIND", "类型", COLUMN_PLAIN },
    { "missing", "MISSING", "缺", COLUMN_COUNT },
    { "reason", "BECAUSE", "原因", COLUMN_PLAIN },
    { "busy", "BUSY", "在执行", COLUMN_COUNT },
    { "far", "TOO FAR", "过远", COLUMN_COUNT },
    { "stale", "STALE", "定位过期", COLUMN_COUNT },
    { "unstaffed", "UNSTAFFED", "缺员", COLUMN_COUNT },
    { "resting", "RESTING", "休整", COLUMN_COUNT },
    { "out", "OUT OF SERVICE", "停用", COLUMN_COUNT },
    { "unplaced", "PLACE UNKNOWN", "地点不明", COLUMN_COUNT },
};
static const struct column coverage_columns[] = {
    { "coverage", "COVERAGE", "布防", COLUMN_PLAIN },
    { "kind", "KIND", "类型", COLUMN_PLAIN },
    { "district", "DISTRICT", "区县", COLUMN_PLAIN },
    { "minimum", "MINIMUM", "最少", COLUMN_COUNT },
    { "available", "AVAILABLE", "可用", COLUMN_COUNT },
    { "low", "LOW", "不足", COLUMN_PLAIN },
    { "since_ms", "SINCE", "自", COLUMN_TIME },
};

static int number_of(const struct request *request, const char *name, uint64_t *number)
{
    const char *value = request_option(request, name);
    *number = 0;
    if (!value || number_read(value, number))
        return EXIT_DONE;
    complain(words("--%s wants a number, not \"%s\"", "--%s 要数字,不是“%s”"), name, value);
    return EXIT_USAGE;
}

static int state_of(const struct request *request, enum unit_state *state)
{
    const char *value = request_option(request, "state");
    *state = UNIT_STATE_NONE;
    for (enum unit_state i = 1; value && i < UNIT_STATE_COUNT; i++)
        if (strcmp(unit_state_name(i), value) == 0)
            *state = i;
    if (!value || *state != UNIT_STATE_NONE)
        return EXIT_DONE;
    complain(words("--state: there is no state \"%s\"", "--state: 没有状态“%s”"), value);
    return EXIT_USAGE;
}

/* ---- the board and coverage ----------------------------------------------------------------- */

static int query_of(const struct request *request, struct units_query *query)
{
    uint64_t department = 0;
    uint64_t district = 0;
    int code = state_of(request, &query->state);
    code = code ? code : number_of(request, "department", &department);
    code = code ? code : number_of(request, "district", &district);
    code = code ? code : number_of(request, "incident", &query->incident);
    query->department = (uint32_t)department;
    query->district = (uint32_t)district;
    return code;
}

int run_units(struct request *request)
{
    struct session *session = NULL;
    const struct answer *answer = NULL;
    struct query query = { .kind = QUERY_UNITS };
    int code = query_of(request, &query.units);
    if (code == EXIT_DONE)
        code = session_look(&session, request);
    struct rows *rows = rows_open(SCHEMA_UNIT_STATUS, unit_columns, COUNT(unit_columns));
    for (unsigned page = 0; code == EXIT_DONE && page < PAGES_MAX; page++) {
        code = session_ask(session, &query, &answer);
        if (code != EXIT_DONE)
            break;
        if (request->json)
            print_json(SCHEMA_UNIT_BOARD, &answer->unit_board);
        rows_add(rows, answer->unit_board.rows, answer->unit_board.rows_count);
        if (!answer->more)
            break;
        query.units.after = (uint32_t)answer->next;
    }
    if (code == EXIT_DONE && !request->json)
        rows_print(rows);
    rows_close(rows);
    session_close(session);
    return code;
}

int run_coverage(struct request *request)
{
    struct session *session = NULL;
    const struct answer *answer = NULL;
    struct query query = { .kind = QUERY_COVERAGE };
    query.coverage.low = request_option(request, "low") != NULL;
    int code = session_look(&session, request);
    struct rows *rows =
        rows_open(SCHEMA_COVERAGE_STATUS, coverage_columns, COUNT(coverage_columns));
    for (unsigned page = 0; code == EXIT_DONE && page < PAGES_MAX; page++) {
        code = session_ask(session, &query, &answer);
        if (code != EXIT_DONE)
            break;
        if (request->json)
            print_json(SCHEMA_COVERAGE_BOARD, &answer->coverage_board);
        rows_add(rows, answer->coverage_board.rows, answer->coverage_board.rows_count);
        if (!answer->more)
            break;
        query.coverage.after = (uint32_t)answer->next;
    }
    if (code == EXIT_DONE && !request->json)
        rows_print(rows);
    rows_close(rows);
    session_close(session);
    return code;
}

/* ---- plans ----------------------------------------------------------------------------------- */

static void print_part(enum schema_id schema, const struct column *columns, uint32_t column_count,
                       const void *first, uint32_t count)
{
    if (count == 0)
        return;
    struct rows *rows = rows_open(schema, columns, column_count);
    rows_add(rows, first, count);
    rows_print(rows);
    rows_close(rows);
}

static void print_plan(const struct plan_row *row)
{
    const struct plan_activated *plan = &row->plan;
    char at[TIME_BYTES];
    time_write(at, row->at_ms);
    (void)printf("%s  %s  ", at, words_of_state(plan_cause_name(plan->cause)));
    if (plan->card)
        (void)printf(words("card %u  alarm level %u  ", "预案 %u  %u 级  "), plan->card,
                     plan->level);
    (void)puts(plan->alerts ? words("alerted", "已下令") : words("proposal", "建议"));
    print_part(SCHEMA_PLAN_PICK, pick_columns, COUNT(pick_columns), plan->picks, plan->picks_count);
    print_part(SCHEMA_PLAN_HOLE, hole_columns, COUNT(hole_columns), plan->holes, plan->holes_count);
}

/* The newest plans first; `only_newest` after an order of ours. */
static int print_plans(struct session *session, const struct request *request, uint64_t incident,
                       bool only_newest)
{
    const struct answer *answer = NULL;
    struct query query = { .kind = QUERY_PLANS, .plans = { .incident = incident } };
    int code = session_ask(session, &query, &answer);
    if (code != EXIT_DONE)
        return code;
    if (request->json)
        print_json(SCHEMA_PLANS, &answer->plans);
    uint32_t count = answer->plans.rows_count;
    if (!request->json && count == 0)
        (void)puts(words("no plan was drawn up", "没有调派方案"));
    for (uint32_t i = 0; !request->json && i < count && (i == 0 || !only_newest); i++) {
        if (i > 0)
            (void)putchar('\n');
        print_plan(&answer->plans.rows[i]);
    }
    return code;
}

int run_plans(struct request *request)
{
    struct session *session = NULL;
    uint64_t incident = 0;
    int code = session_look(&session, request);
    if (code == EXIT_DONE)
        code = session_read_incident(session, request->arguments[0], &incident);
    if (code == EXIT_DONE)
        code = print_plans(session, request, incident, false);
    session_close(session);
    return code;
}

static int level_of(const struct request *request, uint32_t *level)
{
    const char *value = request_argument(request, 1);
    uint64_t number = 1;
    if (value && (!number_read(value, &number) || number == 0 || number > 9)) {
        complain(words("an alarm level is 1 to 9, not \"%s\"", "警情等级是 1 到 9,不是“%s”"),
                 value);
        return EXIT_USAGE;
    }
    *level = (uint32_t)number;
    return EXIT_DONE;
}

static int activate(struct request *request, bool propose)
{
    struct session *session = NULL;
    struct outcome outcome = { 0 };
    struct command command = { .kind = COMMAND_PLAN_ACTIVATE };
    struct plan_activate *asked = &command.plan_activate;
    asked->propose = propose;
    int code = level_of(request, &asked->level);
    if (code == EXIT_DONE)
        code = session_look(&session, request);
    if (code == EXIT_DONE)
        code = session_read_incident(session, request->arguments[0], &asked->incident);
    if (code == EXIT_DONE)
        code = session_submit(session, &command, NULL, &outcome);
    if (code == EXIT_DONE)
        code = session_refused(outcome.refusal);
    if (code == EXIT_DONE)
        code = print_plans(session, request, asked->incident, true);
    session_close(session);
    return code;
}

int run_plan_propose(struct request *request)
{
    return activate(request, true);
}

int run_plan_raise(struct request *request)
{
    return activate(request, false);
}
