/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/server/export.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/text.h"
#include "consoles/server/called.h"
#include "consoles/server/console.h"
#include "consoles/server/kpi.h"

enum {
    MS_IN_MINUTE = 60000
};

enum shape {
    SHAPE_PLAIN, /* as its type has it: a number, a word */
    SHAPE_TIME,
    SHAPE_CATEGORY,
    SHAPE_DEPARTMENT,
    SHAPE_DISTRICT,
    SHAPE_USER,
    SHAPE_DISPOSITION
};

struct column {
    const char *field; /* of the row's message */
    const char *english;
    const char *chinese;
    enum shape shape;
};

static const struct column incident_columns[] = {
    { "number", "number", "单号", SHAPE_PLAIN },
    { "line", "line", "号线", SHAPE_PLAIN },
    { "category", "category", "事项类别", SHAPE_CATEGORY },
    { "priority", "priority", "级别", SHAPE_PLAIN },
    { "state", "state", "状态", SHAPE_PLAIN },
    { "district", "district", "区县", SHAPE_DISTRICT },
    { "lead", "lead department", "主办单位", SHAPE_DEPARTMENT },
    { "taker", "registered by", "受理人", SHAPE_USER },
    { "registered_ms", "registered", "受理时间", SHAPE_TIME },
    { "due_ms", "due", "时限", SHAPE_TIME },
    { "overdue", "overdue", "是否超时", SHAPE_PLAIN },
    { "round", "round", "轮次", SHAPE_PLAIN },
    { "contacts", "contacts", "来电数", SHAPE_PLAIN },
    { "solved", "solved", "是否解决", SHAPE_PLAIN },
    { "satisfied", "satisfied", "是否满意", SHAPE_PLAIN },
    { "close", "closed as", "办结方式", SHAPE_PLAIN },
    { NULL, NULL, NULL, SHAPE_PLAIN },
};

static const struct column contact_columns[] = {
    { "contact", "contact", "来电编号", SHAPE_PLAIN },
    { "line", "line", "号线", SHAPE_PLAIN },
    { "channel", "channel", "渠道", SHAPE_PLAIN },
    { "arrived_ms", "arrived", "来电时间", SHAPE_TIME },
    { "connected_ms", "answered", "接听时间", SHAPE_TIME },
    { "ended_ms", "ended", "结束时间", SHAPE_TIME },
    { "taker", "call taker", "话务员", SHAPE_USER },
    { "disposition", "what became of it", "来电结果", SHAPE_DISPOSITION },
    { "incident", "incident", "工单编号", SHAPE_PLAIN },
    { NULL, NULL, NULL, SHAPE_PLAIN },
};

static const struct column reading_columns[] = {
    { "user", "number", "工号", SHAPE_PLAIN },           { "user", "person", "人员", SHAPE_USER },
    { "articles", "articles", "应读篇数", SHAPE_PLAIN }, { "read", "read", "已读", SHAPE_PLAIN },
    { "overdue", "overdue", "逾期", SHAPE_PLAIN },       { "due_ms", "due", "时限", SHAPE_TIME },
    { "read_ms", "last read", "最近阅读", SHAPE_TIME },  { NULL, NULL, NULL, SHAPE_PLAIN },
};

static const struct column exam_columns[] = {
    { "user", "number", "工号", SHAPE_PLAIN },
    { "user", "person", "人员", SHAPE_USER },
    { "department", "department", "单位", SHAPE_DEPARTMENT },
    { "used", "attempts", "已考次数", SHAPE_PLAIN },
    { "best", "best", "最好答对", SHAPE_PLAIN },
    { "questions", "questions", "题数", SHAPE_PLAIN },
    { "passed_ms", "passed", "通过时间", SHAPE_TIME },
    { "last_ms", "last begun", "最近开考", SHAPE_TIME },
    { "overdue", "overdue", "逾期", SHAPE_PLAIN },
    { NULL, NULL, NULL, SHAPE_PLAIN },
};

/* What may leave as a list. columns: NULL for figures, which have heads of their own (kpi.h). */
static const struct listing {
    enum query_kind query;
    const struct column *columns;
    const char *english, *chinese;
} listings[] = {
    { QUERY_INCIDENTS, incident_columns, "Cases", "工单清单" },
    { QUERY_INCIDENT, incident_columns, "Cases", "工单清单" },
    { QUERY_CONTACTS, contact_columns, "Contacts", "来电清单" },
    { QUERY_KPI, NULL, "Figures", "指标" },
    { QUERY_READING_PROGRESS, reading_columns, "Reading progress", "阅读进度" },
    { QUERY_EXAM_RESULTS, exam_columns, "Test results", "考核成绩" },
};

/* What one export needs while it is written. */
struct writing {
    struct console *console;
    const struct user_row *user;
    enum dictionary_language language;
    uint64_t offset_min;
    struct csv csv;
    bool more;
};

static const struct listing *listing_of(enum query_kind kind)
{
    for (size_t i = 0; i < sizeof listings / sizeof listings[0]; i++)
        if (listings[i].query == kind)
            return &listings[i];
    return NULL;
}

/* ---- rows ------------------------------------------------------------------------------------- */

static const struct field *field_of(enum schema_id schema, const char *name)
{
    for (uint32_t i = 0; i < schemas[schema].field_count; i++)
        if (strcmp(schemas[schema].fields[i].name, name) == 0)
            return &schemas[schema].fields[i];
    return NULL;
}

/* As ISO 8601 with the city's own offset. */
static void time_cell(struct writing *writing, uint64_t at_ms)
{
    char words[40] = "";
    struct tm civil;
    time_t seconds = (time_t)((at_ms + writing->offset_min * MS_IN_MINUTE) / 1000);
    if (writing->csv.paper) {
        dossier_time(at_ms, writing->offset_min, words);
    } else if (at_ms != 0 && gmtime_r(&seconds, &civil)) {
        size_t length = strftime(words, sizeof words, "%Y-%m-%dT%H:%M:%S", &civil);
        (void)snprintf(words + length, sizeof words - length, "+%02u:%02u",
                       (unsigned)(writing->offset_min / 60), (unsigned)(writing->offset_min % 60));
    }
    csv_cell(&writing->csv, words);
}

static void word_cell(struct writing *writing, const struct field *field, uint32_t value)
{
    char words[DICTIONARY_TEXT_BYTES];
    const char *word = value < field->words->count ? field->words->words[value] : NULL;
    csv_cell(&writing->csv, value == 0 || !word
                                ? ""
                                : dictionary_say(writing->console->dictionary, writing->language,
                                                 field->words->name, word, words));
}

static void plain_cell(struct writing *writing, const struct field *field, const char *at)
{
    uint64_t number = 0;
    uint32_t small = 0;
    bool flag = false;
    switch (field->type) {
    case FIELD_UINT64:
        memcpy(&number, at, sizeof number);
        if (number)
            csv_number(&writing->csv, number);
        else
            csv_cell(&writing->csv, "");
        return;
    case FIELD_UINT32:
        memcpy(&small, at, sizeof small);
        csv_number(&writing->csv, small);
        return;
    case FIELD_BOOL:
        memcpy(&flag, at, sizeof flag);
        csv_number(&writing->csv, flag);
        return;
    case FIELD_ENUM:
        memcpy(&small, at, sizeof small);
        word_cell(writing, field, small);
        return;
    case FIELD_TEXT:
    case FIELD_BYTES:
    case FIELD_DIGEST:
    case FIELD_MESSAGE:
        break;
    }
    csv_cell(&writing->csv, ""); /* no column is of such a type */
}

static void cell(struct writing *writing, const struct column *column, const struct field *field,
                 const char *row)
{
    static const enum city_table tables[] = { [SHAPE_CATEGORY] = CITY_TABLE_CATEGORIES,
                                              [SHAPE_DEPARTMENT] = CITY_TABLE_DEPARTMENTS,
                                              [SHAPE_DISTRICT] = CITY_TABLE_DISTRICTS,
                                              [SHAPE_USER] = CITY_TABLE_USERS,
                                              [SHAPE_DISPOSITION] = CITY_TABLE_DISPOSITIONS };
    const char *at = row + field->offset;
    uint64_t at_ms;
    uint32_t number;
    if (column->shape == SHAPE_PLAIN) {
        plain_cell(writing, field, at);
    } else if (column->shape == SHAPE_TIME) {
        memcpy(&at_ms, at, sizeof at_ms);
        time_cell(writing, at_ms);
    } else {
        memcpy(&number, at, sizeof number);
        csv_cell(&writing->csv,
                 called(writing->console, writing->language, tables[column->shape], number));
    }
}

static void heads_write(struct writing *writing, const struct column *columns)
{
    static const unsigned parts[] = {
        [SHAPE_PLAIN] = 3,    [SHAPE_TIME] = 4, [SHAPE_CATEGORY] = 5,   [SHAPE_DEPARTMENT] = 5,
        [SHAPE_DISTRICT] = 3, [SHAPE_USER] = 3, [SHAPE_DISPOSITION] = 4
    };
    for (; columns->field; columns++) {
        writing->csv.part = parts[columns->shape];
        csv_cell(&writing->csv,
                 writing->language == DICTIONARY_ENGLISH ? columns->english : columns->chinese);
    }
    csv_end_row(&writing->csv);
}

static void row_write(struct writing *writing, const struct column *columns, enum schema_id schema,
                      const void *row)
{
    for (; columns->field; columns++)
        cell(writing, columns, field_of(schema, columns->field), row);
    csv_end_row(&writing->csv);
}

static void kpi_write(struct writing *writing, const struct kpi_rows *rows,
                      const struct kpi_query *asked)
{
    for (uint32_t i = 0; i < rows->rows_count; i++) {
        const struct kpi_row *row = &rows->rows[i];
        enum city_table table =
            row->scope == KPI_SCOPE_LINE ? CITY_TABLE_LINES : CITY_TABLE_DEPARTMENTS;
        kpi_csv_row(&writing->csv, row,
                    row->scope == KPI_SCOPE_CITY
                        ? ""
                        : called(writing->console, writing->language, table, row->number),
                    asked, writing->language == DICTIONARY_ENGLISH);
    }
}

static void answer_write(struct writing *writing, const struct answer *answer,
                         const struct query *query)
{
    if (answer->kind == ANSWER_INCIDENT_DETAIL)
        row_write(writing, incident_columns, SCHEMA_INCIDENT_ROW, &answer->incident_detail.row);
    for (uint32_t i = 0; answer->kind == ANSWER_INCIDENTS && i < answer->incidents.rows_count; i++)
        row_write(writing, incident_columns, SCHEMA_INCIDENT_ROW, &answer->incidents.rows[i]);
    for (uint32_t i = 0; answer->kind == ANSWER_CONTACTS && i < answer->contacts.rows_count; i++)
        row_write(writing, contact_columns, SCHEMA_CONTACT_ROW, &answer->contacts.rows[i]);
    for (uint32_t i = 0; answer->kind == ANSWER_EXAM_RESULTS && i < answer->exam_results.rows_count;
         i++)
        row_write(writing, exam_columns, SCHEMA_EXAM_RESULT, &answer->exam_results.rows[i]);
    if (answer->kind == ANSWER_KPI)
        kpi_write(writing, &answer->kpi, &query->kpi);
    const struct reading_progress *progress = &answer->reading_progress;
    for (uint32_t i = 0; answer->kind == ANSWER_READING_PROGRESS && i < progress->rows_count; i++)
        row_write(writing, reading_columns, SCHEMA_READING_PROGRESS_ROW, &progress->rows[i]);
}

/* Sets the place to go on at; false: the query has no pages. */
static bool go_on(struct query *query, const struct answer *answer)
{
    if (query->kind == QUERY_INCIDENTS)
        query->incidents.before =
            answer->next ? answer->next
            : answer->incidents.rows_count
                ? answer->incidents.rows[answer->incidents.rows_count - 1].incident
                : 0;
    else if (query->kind == QUERY_CONTACTS)
        query->contacts.after = answer->next;
    else if (query->kind == QUERY_KPI)
        query->kpi.after = (uint32_t)answer->next;
    else if (query->kind == QUERY_READING_PROGRESS)
        query->reading_progress.after = answer->next;
    else if (query->kind == QUERY_EXAM_RESULTS)
        query->exam_results.after = answer->next;
    else
        return false;
    return true;
}

/* Single cases, in the order in which they were named. What its asker does not see is not there. */
static enum refusal cases_write(struct writing *writing, const json_t *cases)
{
    heads_write(writing, incident_columns);
    for (size_t i = 0; i < json_array_size(cases); i++) {
        struct query query = { .kind = QUERY_INCIDENT };
        (void)json_to_uint64(json_array_get(cases, i), &query.incident.incident);
        enum refusal refusal = api_ask_replica(writing->console, writing->user, &query);
        if (refusal == REFUSAL_NO_SUCH_INCIDENT)
            continue;
        if (refusal != REFUSAL_NONE)
            return refusal;
        answer_write(writing, &writing->console->answer, &query);
    }
    return writing->csv.failed ? REFUSAL_LIMIT : REFUSAL_NONE;
}

/* All pages of the query, as far as the limit. */
static enum refusal table_write(struct writing *writing, struct query *query)
{
    struct answer *answer = &writing->console->answer;
    if (query->kind == QUERY_KPI)
        kpi_csv_heads(&writing->csv, writing->language == DICTIONARY_ENGLISH);
    else
        heads_write(writing, listing_of(query->kind)->columns);
    do {
        enum refusal refusal = api_ask_replica(writing->console, writing->user, query);
        if (refusal != REFUSAL_NONE)
            return refusal;
        bool more = answer->more;
        answer_write(writing, answer, query);
        writing->more = more;
    } while (writing->more && writing->csv.rows <= EXPORT_ROWS_MAX && go_on(query, answer));
    return writing->csv.failed ? REFUSAL_LIMIT : REFUSAL_NONE;
}

/* ---- from the request to the answer ------------------------------------------------------------- */

static void leave_place(struct export *place)
{
    free(place->csv.bytes);
    *place = (struct export){ 0 };
}

static struct export *free_place(struct exports *exports)
{
    for (unsigned i = 0; i < EXPORTS_MAX; i++) {
        struct export *place = &exports->all[i];
        if (!place->exchange)
            return place;
    }
    return NULL;
}

static void begin(struct console *console, const struct session *session, struct exchange *exchange,
                  const struct writing *writing)
{
    struct export *place = free_place(&console->exports);
    struct waiter waiter = { .wait = WAIT_EXPORT, .exchange = exchange };
    struct command command = { .kind = COMMAND_EXPORT_BEGIN };
    if (!place) {
        free(writing->csv.bytes);
        api_refuse(exchange, REFUSAL_BUSY, NULL);
        return;
    }
    *place = (struct export){ .exchange = exchange, .csv = writing->csv, .more = writing->more };
    suite_digest(console->suite, place->csv.bytes, place->csv.size, place->digest);
    schema_clear(SCHEMA_EXPORT_BEGIN, &command.export_begin);
    command.export_begin.kind = EXPORT_KIND_TABLE;
    command.export_begin.rows = place->csv.rows - 1; /* the heads are none */
    memcpy(command.export_begin.digest, place->digest, sizeof place->digest);
    command.export_begin.algorithm = console->suite->id;
    if (!api_submit(console, session, &waiter, &command, NULL))
        leave_place(place);
}

/* What stands above a list on paper. */
static void title_write(const struct writing *writing, const struct session *session,
                        enum query_kind kind, struct paper *paper)
{
    bool english = writing->language == DICTIONARY_ENGLISH;
    char at[32], words[256];
    paper_begin(paper);
    dossier_time(clock_wall_ms(), writing->offset_min, at);
    (void)snprintf(
        words, sizeof words, english ? "Printed by %s %u, %s" : "%s %u 打印于 %s",
        called(writing->console, writing->language, CITY_TABLE_USERS, session->user.user),
        session->user.user, at);
    paper_line(paper, PAPER_TITLE);
    paper_cell(paper, english ? listing_of(kind)->english : listing_of(kind)->chinese);
    paper_cell(paper, words);
    paper_cell(paper, english ? "en" : "zh");
    paper_cell(paper, "wide");
    paper_end(paper);
}

/* A list as CSV, or on paper. */
static void take_list(struct writing *writing, const struct session *session,
                      struct exchange *exchange, const json_t *body, struct query *query)
{
    const json_t *cases = json_object_get(body, "cases");
    const char *form = json_string_value(json_object_get(body, "form"));
    bool prints = form && strcmp(form, "pdf") == 0;
    struct paper paper = { 0 };
    writing->offset_min = city_offset_min(writing->console);
    if (prints)
        title_write(writing, session, query->kind, &paper);
    if (prints)
        csv_begin_paper(&writing->csv, &paper);
    else
        csv_begin(&writing->csv);
    enum refusal refusal = cases ? cases_write(writing, cases) : table_write(writing, query);
    if (refusal != REFUSAL_NONE) {
        free(writing->csv.bytes);
        paper_done(&paper);
        api_refuse(exchange, refusal, NULL);
    } else if (prints) {
        print_list(writing->console, exchange, &paper, body, writing->more);
    } else {
        begin(writing->console, session, exchange, writing);
    }
}

/* True when the body names cases, at least one and no more than a search finds. */
static bool names_cases(const json_t *body)
{
    const json_t *cases = json_object_get(body, "cases");
    uint64_t incident = 0;
    size_t count = json_array_size(cases); /* 0 when it is no array */
    for (size_t i = 0; i < count; i++)
        if (!json_to_uint64(json_array_get(cases, i), &incident) || incident == 0)
            return false;
    return count > 0 && count <= EXPORT_CASES_MAX;
}

void export_take(struct console *console, const struct session *session, struct exchange *exchange,
                 const json_t *body)
{
    char complaint[JSON_COMPLAINT_BYTES] =
        "query: incidents, incident, contacts, kpi or reading_progress is wanted, or up to 64 cases";
    const char *language = json_string_value(json_object_get(body, "language"));
    struct writing writing = { .console = console,
                               .user = &session->user,
                               .language = language && strcmp(language, "en") == 0
                                               ? DICTIONARY_ENGLISH
                                               : DICTIONARY_CHINESE };
    struct query query = { .kind = QUERY_INCIDENT };
    json_t *asked = json_object_get(body, "query");
    if (json_object_get(body, "paper"))
        print_case(console, session, exchange, body);
    else if (json_object_get(body, "cases")
                 ? !names_cases(body)
                 : !asked ||
                       json_to_message(SCHEMA_QUERY, asked, &query, complaint, sizeof complaint) <
                           0 ||
                       !listing_of(query.kind))
        api_refuse(exchange, REFUSAL_MALFORMED, complaint);
    else
        take_list(&writing, session, exchange, body, &query);
}

void export_outcome(struct console *console, const struct waiter *waiter,
                    const struct outcome *outcome)
{
    struct export *place = console->exports.all;
    char digest[2 * sizeof place->digest + 1];
    while (place < console->exports.all + EXPORTS_MAX && place->exchange != waiter->exchange)
        place++;
    if (place == console->exports.all + EXPORTS_MAX || outcome->refusal != REFUSAL_NONE) {
        api_refuse(waiter->exchange, outcome->refusal ? outcome->refusal : REFUSAL_BUSY, NULL);
    } else {
        hex_write(place->digest, sizeof place->digest, digest);
        api_answer(waiter->exchange, 200,
                   json_pack("{s:o, s:s, s:i, s:b, s:s%}", "event_seq",
                             json_from_uint64(outcome->event_seq), "digest", digest, "rows",
                             (int)place->csv.rows - 1, "more", (int)place->more, "csv",
                             place->csv.bytes, place->csv.size));
    }
    if (place < console->exports.all + EXPORTS_MAX)
        leave_place(place);
}

void export_forget(struct exports *exports, const struct exchange *exchange)
{
    for (unsigned i = 0; i < EXPORTS_MAX; i++)
        if (exports->all[i].exchange == exchange)
            leave_place(&exports->all[i]);
}

void exports_close(struct exports *exports)
{
    for (unsigned i = 0; i < EXPORTS_MAX; i++)
        free(exports->all[i].csv.bytes);
}
