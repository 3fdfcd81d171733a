/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Verbs that look: status, queue, takers, incidents, tasks, callbacks. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "consoles/ctl/course.h"
#include "consoles/ctl/field.h"
#include "consoles/ctl/rows.h"
#include "consoles/ctl/session.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"
#include "proto/json.h"

#define COUNT(array) (uint32_t)(sizeof(array) / sizeof(array)[0])

enum {
    PAGES_MAX = 100
};

static const struct column line_columns[] = {
    { "line", "LINE", "号线", COLUMN_PLAIN },
    { "waiting", "WAITING", "等待", COLUMN_COUNT },
    { "oldest_ms", "LONGEST SINCE", "最早等待", COLUMN_TIME },
    { "arrived", "ARRIVED", "来电", COLUMN_COUNT },
    { "answered", "ANSWERED", "接听", COLUMN_COUNT },
    { "answered_in_time", "IN TIME", "及时接听", COLUMN_COUNT },
    { "abandoned", "ABANDONED", "呼损", COLUMN_COUNT },
};
static const struct column gateway_columns[] = {
    { "gateway", "GATEWAY", "网关", COLUMN_PLAIN }, { "name", "NAME", "名称", COLUMN_PLAIN },
    { "kind", "KIND", "类型", COLUMN_PLAIN },       { "up", "UP", "在线", COLUMN_PLAIN },
    { "since_ms", "SINCE", "自", COLUMN_TIME },
};
static const struct column contact_columns[] = {
    { "contact", "CONTACT", "来电", COLUMN_PLAIN },
    { "line", "LINE", "号线", COLUMN_PLAIN },
    { "channel", "CHANNEL", "渠道", COLUMN_PLAIN },
    { "band", "BAND", "等级", COLUMN_PLAIN },
    { "state", "STATE", "状态", COLUMN_PLAIN },
    { "arrived_ms", "ARRIVED", "到达", COLUMN_TIME },
    { "taker", "TAKER", "话务员", COLUMN_PLAIN },
    { "incident", "INCIDENT", "工单", COLUMN_PLAIN },
    { "gateway", "GATEWAY", "网关", COLUMN_PLAIN },
    { "dial", "DIAL", "待回拨", COLUMN_PLAIN },
    { "minutes", "TOLD MIN", "已告知分钟", COLUMN_COUNT },
    { "parked_by", "PARKED BY", "驻留座席", COLUMN_PLAIN },
    { "silence", "SILENCE", "静默", COLUMN_PLAIN },
    { "likely", "LIKELY", "疑似工单", COLUMN_PLAIN },
    { "disposition", "DISPOSITION", "来电结果", COLUMN_PLAIN },
};
static const struct column taker_columns[] = {
    { "taker", "TAKER", "话务员", COLUMN_PLAIN },     { "state", "STATE", "状态", COLUMN_PLAIN },
    { "since_ms", "SINCE", "自", COLUMN_TIME },       { "reason", "REASON", "原因", COLUMN_PLAIN },
    { "contact", "CONTACT", "来电", COLUMN_PLAIN },   { "until_ms", "UNTIL", "至", COLUMN_TIME },
    { "served", "SERVED", "今日接听", COLUMN_COUNT },
};
static const struct column incident_columns[] = {
    { "incident", "INCIDENT", "工单", COLUMN_PLAIN },
    { "number", "NUMBER", "工单编号", COLUMN_PLAIN },
    { "line", "LINE", "号线", COLUMN_PLAIN },
    { "category", "CATEGORY", "分类", COLUMN_PLAIN },
    { "priority", "PRIORITY", "级别", COLUMN_PLAIN },
    { "state", "STATE", "状态", COLUMN_PLAIN },
    { "round", "ROUND", "轮次", COLUMN_COUNT },
    { "returns", "RETURNS", "退单", COLUMN_COUNT },
    { "urges", "URGES", "催办", COLUMN_COUNT },
    { "supervise", "LEVEL", "督办", COLUMN_COUNT },
    { "petition", "PETITION", "申请", COLUMN_PLAIN },
    { "lead", "LEAD", "主办", COLUMN_PLAIN },
    { "registered_ms", "REGISTERED", "受理", COLUMN_TIME },
    { "clock", "CLOCK", "时限", COLUMN_PLAIN },
    { "due_ms", "DUE", "到期", COLUMN_TIME },
    { "overdue", "OVERDUE", "超时", COLUMN_PLAIN },
};
static const struct column task_columns[] = {
    { "task", "TASK", "任务", COLUMN_PLAIN },
    { "incident", "INCIDENT", "工单", COLUMN_PLAIN },
    { "number", "NUMBER", "工单编号", COLUMN_PLAIN },
    { "department", "DEPARTMENT", "部门", COLUMN_PLAIN },
    { "kind", "KIND", "主协办", COLUMN_PLAIN },
    { "state", "STATE", "状态", COLUMN_PLAIN },
    { "category", "CATEGORY", "分类", COLUMN_PLAIN },
    { "sent_ms", "SENT", "派发", COLUMN_TIME },
    { "clock", "CLOCK", "时限", COLUMN_PLAIN },
    { "due_ms", "DUE", "到期", COLUMN_TIME },
    { "overdue", "OVERDUE", "超时", COLUMN_PLAIN },
};
static const struct column callback_columns[] = {
    { "callback", "CALLBACK", "回拨", COLUMN_PLAIN },
    { "contact", "CONTACT", "来电", COLUMN_PLAIN },
    { "line", "LINE", "号线", COLUMN_PLAIN },
    { "opened_ms", "OPENED", "开始", COLUMN_TIME },
    { "due_ms", "DUE", "到期", COLUMN_TIME },
    { "tries", "TRIES", "已拨", COLUMN_COUNT },
    { "result", "LAST", "结果", COLUMN_PLAIN },
    { "next_ms", "NEXT", "下次", COLUMN_TIME },
    { "quiet", "QUIET", "禁响铃", COLUMN_PLAIN },
    { "undiallable", "NO NUMBER", "不可拨", COLUMN_PLAIN },
};
static const struct column mark_columns[] = {
    { "mark", "MARK", "标记", COLUMN_PLAIN },
    { "kind", "KIND", "类型", COLUMN_PLAIN },
    { "caller", "CALLER", "号码索引", COLUMN_PLAIN },
    { "asked_by", "ASKED BY", "提出", COLUMN_PLAIN },
    { "confirmed_by", "CONFIRMED BY", "确认", COLUMN_PLAIN },
    { "asked_ms", "ASKED", "提出时间", COLUMN_TIME },
    { "until_ms", "UNTIL", "至", COLUMN_TIME },
    { "days", "DAYS", "天数", COLUMN_COUNT },
    { "language", "LANGUAGE", "语言", COLUMN_PLAIN },
};
static const struct column cluster_columns[] = {
    { "cluster", "CLUSTER", "聚集", COLUMN_PLAIN },
    { "incident", "INCIDENT", "工单", COLUMN_PLAIN },
    { "line", "LINE", "号线", COLUMN_PLAIN },
    { "east_cell", "EAST", "东", COLUMN_PLAIN },
    { "north_cell", "NORTH", "北", COLUMN_PLAIN },
    { "calls", "CALLS", "来电", COLUMN_COUNT },
    { "formed_ms", "FORMED", "形成", COLUMN_TIME },
    { "grew_ms", "LAST CALL", "最近来电", COLUMN_TIME },
    { "announced", "ANNOUNCED", "已播报", COLUMN_PLAIN },
};

static const struct column petition_columns[] = {
    { "petition", "PETITION", "申请", COLUMN_PLAIN },
    { "incident", "INCIDENT", "工单", COLUMN_PLAIN },
    { "number", "NUMBER", "工单编号", COLUMN_PLAIN },
    { "kind", "KIND", "事项", COLUMN_PLAIN },
    { "department", "DEPARTMENT", "部门", COLUMN_PLAIN },
    { "user", "ASKED BY", "申请人", COLUMN_PLAIN },
    { "stage", "STAGE", "环节", COLUMN_PLAIN },
    { "asked_ms", "ASKED", "申请时间", COLUMN_TIME },
    { "due_ms", "DUE", "到期", COLUMN_TIME },
    { "overdue", "OVERDUE", "超时", COLUMN_PLAIN },
    { "end", "END", "结果", COLUMN_PLAIN },
};
static const struct column precedent_columns[] = {
    { "category", "CATEGORY", "分类", COLUMN_PLAIN },
    { "district", "DISTRICT", "区县", COLUMN_PLAIN },
    { "department", "DEPARTMENT", "部门", COLUMN_PLAIN },
    { "incident", "INCIDENT", "工单", COLUMN_PLAIN },
    { "ruled_ms", "RULED", "裁定", COLUMN_TIME },
};

static const struct column disposition_columns[] = {
    { "disposition", "DISPOSITION", "来电结果", COLUMN_PLAIN },
    { "name_zh", "NAME", "名称", COLUMN_PLAIN },
    { "name_en", "ENGLISH", "英文", COLUMN_PLAIN },
    { "line", "LINE", "号线", COLUMN_PLAIN },
    { "invalid", "INVALID", "无效来电", COLUMN_PLAIN },
    { "retired", "RETIRED", "停用", COLUMN_PLAIN },
};
static const struct column handover_columns[] = {
    { "handover", "NOTE", "交接", COLUMN_PLAIN },
    { "left_ms", "LEFT", "留下", COLUMN_TIME },
    { "from_taker", "FROM", "交班人", COLUMN_PLAIN },
    { "to_taker", "TO", "接班人", COLUMN_PLAIN },
    { "to_line", "LINE", "号线", COLUMN_PLAIN },
    { "incident", "INCIDENT", "工单", COLUMN_PLAIN },
    { "seq", "EVENT", "事件", COLUMN_PLAIN },
};

static const struct column erasure_columns[] = {
    { "erasure", "ERASURE", "删除", COLUMN_PLAIN },
    { "state", "STATE", "状态", COLUMN_PLAIN },
    { "basis", "BASIS", "依据", COLUMN_PLAIN },
    { "incident", "INCIDENT", "工单", COLUMN_PLAIN },
    { "asked_by", "ASKED BY", "申请人", COLUMN_PLAIN },
    { "asked_ms", "ASKED", "申请", COLUMN_TIME },
    { "ruled_by", "RULED BY", "审批人", COLUMN_PLAIN },
    { "run_by", "RUN BY", "执行人", COLUMN_PLAIN },
    { "done_ms", "DONE", "完成", COLUMN_TIME },
    { "subjects", "KEYS", "密钥", COLUMN_PLAIN },
    { "preserved", "KEPT", "保全", COLUMN_PLAIN },
    { "words", "WHY", "理由", COLUMN_PLAIN },
};
static const struct column glass_columns[] = {
    { "glass", "GLASS", "应急授权", COLUMN_PLAIN },
    { "state", "STATE", "状态", COLUMN_PLAIN },
    { "right", "RIGHT", "权限", COLUMN_PLAIN },
    { "asked_by", "ASKED BY", "申请人", COLUMN_PLAIN },
    { "ruled_by", "RULED BY", "同意人", COLUMN_PLAIN },
    { "opened_ms", "OPENED", "开启", COLUMN_TIME },
    { "until_ms", "UNTIL", "到期", COLUMN_TIME },
    { "ended_ms", "ENDED", "结束", COLUMN_TIME },
    { "acts", "ACTS", "操作数", COLUMN_PLAIN },
    { "reviewed_by", "REVIEWED BY", "审计人", COLUMN_PLAIN },
    { "words", "WHY", "理由", COLUMN_PLAIN },
    { "finding", "FINDING", "结论", COLUMN_PLAIN },
};
static const struct column grant_columns[] = {
    { "grant", "GRANT", "授权", COLUMN_PLAIN },
    { "user", "USER", "被授权人", COLUMN_PLAIN },
    { "until_ms", "UNTIL", "到期", COLUMN_TIME },
    { "purpose", "PURPOSE", "目的", COLUMN_PLAIN },
    { "given_by", "GIVEN BY", "授权人", COLUMN_PLAIN },
    { "given_ms", "GIVEN", "授权时间", COLUMN_TIME },
};
static const struct column retention_columns[] = {
    { "rule", "RULE", "规则", COLUMN_PLAIN },   { "thing", "OF", "对象", COLUMN_PLAIN },
    { "line", "LINE", "号线", COLUMN_PLAIN },   { "category", "CATEGORY", "类别", COLUMN_PLAIN },
    { "days", "DAYS", "天数", COLUMN_PLAIN },   { "retired", "RETIRED", "停用", COLUMN_PLAIN },
    { "basis", "BASIS", "依据", COLUMN_PLAIN },
};
static const struct column preservation_columns[] = {
    { "preservation", "ORDER", "保全", COLUMN_PLAIN },
    { "incident", "INCIDENT", "工单", COLUMN_PLAIN },
    { "set_by", "SET BY", "设置人", COLUMN_PLAIN },
    { "set_ms", "SET", "设置", COLUMN_TIME },
    { "words", "WHY", "理由", COLUMN_PLAIN },
};

static const struct column signet_columns[] = {
    { "signet", "SIGNET", "密钥", COLUMN_PLAIN },
    { "user", "USER", "用户", COLUMN_PLAIN },
    { "state", "STATE", "状态", COLUMN_PLAIN },
    { "label", "LABEL", "名称", COLUMN_PLAIN },
    { "enrolled_ms", "ENROLLED", "登记", COLUMN_TIME },
    { "moved_ms", "MOVED", "变更", COLUMN_TIME },
    { "moved_by", "BY", "变更人", COLUMN_PLAIN },
    { "reason", "WHY", "原因", COLUMN_PLAIN },
};

/* Where an answer's rows lie, and where the next question goes on. */
struct list {
    enum schema_id schema;
    const void *first;
    uint32_t count;
};

static struct list list_of(const struct answer *answer)
{
    switch (answer->kind) {
    case ANSWER_CONTACTS:
        return (struct list){ SCHEMA_CONTACT_ROW, answer->contacts.rows,
                              answer->contacts.rows_count };
    case ANSWER_TAKERS:
        return (struct list){ SCHEMA_TAKER_ROW, answer->takers.rows, answer->takers.rows_count };
    case ANSWER_INCIDENTS:
        return (struct list){ SCHEMA_INCIDENT_ROW, answer->incidents.rows,
                              answer->incidents.rows_count };
    case ANSWER_TASKS:
        return (struct list){ SCHEMA_TASK_ROW, answer->tasks.rows, answer->tasks.rows_count };
    case ANSWER_PETITIONS:
        return (struct list){ SCHEMA_PETITION_ROW, answer->petitions.rows,
                              answer->petitions.rows_count };
    case ANSWER_PRECEDENTS:
        return (struct list){ SCHEMA_PRECEDENT_ROW, answer->precedents.rows,
                              answer->precedents.rows_count };
    case ANSWER_CALLBACKS:
        return (struct list){ SCHEMA_CALLBACK_ROW, answer->callbacks.rows,
                              answer->callbacks.rows_count };
    case ANSWER_MARKS:
        return (struct list){ SCHEMA_MARK_ROW, answer->marks.rows, answer->marks.rows_count };
    case ANSWER_DISPOSITIONS:
        return (struct list){ SCHEMA_DISPOSITION_ROW, answer->dispositions.rows,
                              answer->dispositions.rows_count };
    case ANSWER_HANDOVERS:
        return (struct list){ SCHEMA_HANDOVER_ROW, answer->handovers.rows,
                              answer->handovers.rows_count };
    case ANSWER_ERASURES:
        return (struct list){ SCHEMA_ERASURE_ROW, answer->erasures.rows,
                              answer->erasures.rows_count };
    case ANSWER_GRANTS:
        return (struct list){ SCHEMA_GRANT_ROW, answer->grants.rows, answer->grants.rows_count };
    case ANSWER_GLASSES:
        return (struct list){ SCHEMA_GLASS_ROW, answer->glasses.rows, answer->glasses.rows_count };
    case ANSWER_RETENTION_RULES:
        return (struct list){ SCHEMA_RETENTION_ROW, answer->retention_rules.rows,
                              answer->retention_rules.rows_count };
    case ANSWER_PRESERVATIONS:
        return (struct list){ SCHEMA_PRESERVATION_ROW, answer->preservations.rows,
                              answer->preservations.rows_count };
    case ANSWER_SIGNETS:
        return (struct list){ SCHEMA_SIGNET_ROW, answer->signets.rows, answer->signets.rows_count };
    default:
        return (struct list){ SCHEMA_CONTACT_ROW, NULL, 0 };
    }
}

static void go_on(struct query *query, uint64_t next)
{
    switch (query->kind) {
    case QUERY_CONTACTS:
        query->contacts.after = next;
        return;
    case QUERY_TAKERS:
        query->takers.after = (uint32_t)next;
        return;
    case QUERY_INCIDENTS:
        query->incidents.before = next;
        return;
    case QUERY_TASKS:
        query->tasks.before = next;
        return;
    case QUERY_CALLBACKS:
        query->callbacks.after = next;
        return;
    case QUERY_MARKS:
        query->marks.after = next;
        return;
    case QUERY_PETITIONS:
        query->petitions.after = next;
        return;
    case QUERY_PRECEDENTS:
        query->precedents.after = next;
        return;
    case QUERY_CITY:
        query->city.after = next;
        return;
    case QUERY_HANDOVERS:
        query->handovers.after = next;
        return;
    case QUERY_ERASURES:
        query->erasures.after = next;
        return;
    case QUERY_GRANTS:
        query->grants.after = next;
        return;
    case QUERY_GLASSES:
        query->glasses.after = next;
        return;
    case QUERY_PRESERVATIONS:
        query->preservations.after = next;
        return;
    case QUERY_SIGNETS:
        query->signets.after = next;
        return;
    default:
        return;
    }
}

/* Asks page after page and prints them as one. */
static int print_list(struct request *request, struct query *query, enum schema_id schema,
                      const struct column *columns, uint32_t count)
{
    struct session *session = NULL;
    const struct answer *answer = NULL;
    int code = session_look(&session, request);
    if (code != EXIT_DONE)
        return code;
    struct rows *rows = rows_open(schema, columns, count);
    for (unsigned page = 0; page < PAGES_MAX; page++) {
        code = session_ask(session, query, &answer);
        if (code != EXIT_DONE)
            break;
        struct list list = list_of(answer);
        rows_add(rows, list.first, list.count);
        if (!answer->more || list.count == 0)
            break;
        go_on(query, answer->next);
    }
    if (code == EXIT_DONE && request->json)
        rows_print_json(rows);
    else if (code == EXIT_DONE)
        rows_print(rows);
    rows_close(rows);
    session_close(session);
    return code;
}

/* ---- verbs ---------------------------------------------------------------------------------- */

static void print_status(const struct status *status)
{
    char started[TIME_BYTES];
    time_write(started, status->started_ms);
    (void)printf(
        words("%s (%s), dispatcher epoch %llu since %s\n", "%s(%s),调度服务第 %llu 次启动,自 %s\n"),
        words_are_chinese() ? status->city_zh : status->city_en,
        words_are_chinese() ? status->city_en : status->city_zh, (unsigned long long)status->epoch,
        started);
    (void)printf(words("waiting %u  talking %u  takers ready %u of %u\n",
                       "等待 %u  通话 %u  示闲 %u / 签入 %u\n"),
                 status->waiting, status->talking, status->ready, status->signed_on);
    (void)printf(words("kept for emergencies %u of %u takers (%u by the service level: %u of %u in "
                       "time)\n",
                       "紧急预留 %u / 紧急坐席 %u(按服务水平增加 %u:5 分钟内 %u / %u 及时)\n"),
                 status->reserve.takers, status->reserve.signed_on, status->reserve.extra,
                 status->reserve.in_time, status->reserve.answered);
    (void)printf(words("open incidents %u  overdue %u  callbacks %u\n\n",
                       "在办工单 %u  超时 %u  待回拨 %u\n\n"),
                 status->open_incidents, status->overdue, status->callbacks);
    struct rows *rows = rows_open(SCHEMA_LINE_STATUS, line_columns, COUNT(line_columns));
    rows_add(rows, status->lines, status->lines_count);
    rows_print(rows);
    rows_close(rows);
    (void)putchar('\n');
    rows = rows_open(SCHEMA_GATEWAY_STATUS, gateway_columns, COUNT(gateway_columns));
    rows_add(rows, status->gateways, status->gateways_count);
    rows_print(rows);
    rows_close(rows);
}

int run_status(struct request *request)
{
    struct session *session = NULL;
    const struct answer *answer = NULL;
    static struct query query = { .kind = QUERY_STATUS };
    int code = session_look(&session, request);
    if (code == EXIT_DONE)
        code = session_ask(session, &query, &answer);
    if (code == EXIT_DONE && request->json)
        print_json(SCHEMA_STATUS, &answer->status);
    else if (code == EXIT_DONE)
        print_status(&answer->status);
    session_close(session);
    return code;
}

/* An option's number; 0 when it was not given. */
static int number_option(const struct request *request, const char *name, uint64_t *number)
{
    const char *value = request_option(request, name);
    *number = 0;
    if (!value || number_read(value, number))
        return EXIT_DONE;
    complain(words("--%s wants a number, not \"%s\"", "--%s 要数字,不是“%s”"), name, value);
    return EXIT_USAGE;
}

int run_queue(struct request *request)
{
    struct query query = { .kind = QUERY_CONTACTS };
    uint64_t disposition;
    query.contacts.ended = request_option(request, "ended") != NULL;
    int code = number_option(request, "disposition", &disposition);
    query.contacts.disposition = (uint32_t)disposition;
    return code != EXIT_DONE ? code
                             : print_list(request, &query, SCHEMA_CONTACT_ROW, contact_columns,
                                          COUNT(contact_columns));
}

int run_takers(struct request *request)
{
    struct query query = { .kind = QUERY_TAKERS };
    return print_list(request, &query, SCHEMA_TAKER_ROW, taker_columns, COUNT(taker_columns));
}

int run_callbacks(struct request *request)
{
    struct query query = { .kind = QUERY_CALLBACKS };
    return print_list(request, &query, SCHEMA_CALLBACK_ROW, callback_columns,
                      COUNT(callback_columns));
}

int run_dispositions(struct request *request)
{
    struct query query = { .kind = QUERY_CITY, .city = { .table = CITY_TABLE_DISPOSITIONS } };
    return print_list(request, &query, SCHEMA_DISPOSITION_ROW, disposition_columns,
                      COUNT(disposition_columns));
}

int run_signets(struct request *request)
{
    struct query query = { .kind = QUERY_SIGNETS };
    const char *user = request_option(request, "user");
    uint64_t number = 0;
    if (user && (!number_read(user, &number) || number > UINT32_MAX)) {
        complain(words("a user is a number, not \"%s\"", "用户是数字,不是“%s”"), user);
        return EXIT_USAGE;
    }
    query.signets.user = (uint32_t)number;
    return print_list(request, &query, SCHEMA_SIGNET_ROW, signet_columns, COUNT(signet_columns));
}

int run_retention(struct request *request)
{
    struct query query = { .kind = QUERY_CITY, .city = { .table = CITY_TABLE_RETENTION } };
    return print_list(request, &query, SCHEMA_RETENTION_ROW, retention_columns,
                      COUNT(retention_columns));
}

int run_handovers(struct request *request)
{
    struct query query = { .kind = QUERY_HANDOVERS };
    return print_list(request, &query, SCHEMA_HANDOVER_ROW, handover_columns,
                      COUNT(handover_columns));
}

int run_erasures(struct request *request)
{
    struct query query = { .kind = QUERY_ERASURES };
    query.erasures.open = request_option(request, "open") != NULL;
    return print_list(request, &query, SCHEMA_ERASURE_ROW, erasure_columns, COUNT(erasure_columns));
}

int run_grants(struct request *request)
{
    struct query query = { .kind = QUERY_GRANTS };
    return print_list(request, &query, SCHEMA_GRANT_ROW, grant_columns, COUNT(grant_columns));
}

int run_glasses(struct request *request)
{
    struct query query = { .kind = QUERY_GLASSES };
    query.glasses.open = request_option(request, "open") != NULL;
    return print_list(request, &query, SCHEMA_GLASS_ROW, glass_columns, COUNT(glass_columns));
}

int run_preservations(struct request *request)
{
    struct query query = { .kind = QUERY_PRESERVATIONS };
    return print_list(request, &query, SCHEMA_PRESERVATION_ROW, preservation_columns,
                      COUNT(preservation_columns));
}

int run_marks(struct request *request)
{
    struct query query = { .kind = QUERY_MARKS };
    return print_list(request, &query, SCHEMA_MARK_ROW, mark_columns, COUNT(mark_columns));
}

static void print_storm(const struct storm_board *board)
{
    char since[TIME_BYTES];
    time_write(since, board->since_ms);
    if (board->cause == STORM_CAUSE_NONE)
        (void)puts(words("no storm", "未启动应急话务模式"));
    else
        (void)printf(words("storm since %s: %s, line %u, %u calls an hour of %u expected\n",
                           "应急话务模式自 %s: %s,号线 %u,每小时 %u 个来电,预测 %u\n"),
                     since, storm_cause_name(board->cause), board->line, board->rate,
                     board->forecast);
    struct rows *rows = rows_open(SCHEMA_CLUSTER_ROW, cluster_columns, COUNT(cluster_columns));
    rows_add(rows, board->clusters, board->clusters_count);
    rows_print(rows);
    rows_close(rows);
}

int run_storm(struct request *request)
{
    struct session *session = NULL;
    const struct answer *answer = NULL;
    struct query query = { .kind = QUERY_STORM };
    int code = session_look(&session, request);
    if (code == EXIT_DONE)
        code = session_ask(session, &query, &answer);
    if (code == EXIT_DONE && request->json)
        print_json(SCHEMA_STORM_BOARD, &answer->storm_board);
    else if (code == EXIT_DONE)
        print_storm(&answer->storm_board);
    session_close(session);
    return code;
}

int run_petitions(struct request *request)
{
    struct query query = { .kind = QUERY_PETITIONS };
    int code = number_option(request, "incident", &query.petitions.incident);
    return code != EXIT_DONE ? code
                             : print_list(request, &query, SCHEMA_PETITION_ROW, petition_columns,
                                          COUNT(petition_columns));
}

int run_precedents(struct request *request)
{
    struct query query = { .kind = QUERY_PRECEDENTS };
    return print_list(request, &query, SCHEMA_PRECEDENT_ROW, precedent_columns,
                      COUNT(precedent_columns));
}

static int state_option(const struct request *request, enum incident_state *state)
{
    const char *value = request_option(request, "state");
    *state = INCIDENT_STATE_NONE;
    for (int i = 1; value && i < INCIDENT_STATE_COUNT; i++)
        if (strcmp(incident_state_name((enum incident_state)i), value) == 0)
            *state = (enum incident_state)i;
    if (!value || *state != INCIDENT_STATE_NONE)
        return EXIT_DONE;
    complain(words("--state: there is no state \"%s\"", "--state: 没有状态“%s”"), value);
    return EXIT_USAGE;
}

int run_incidents(struct request *request)
{
    struct query query = { .kind = QUERY_INCIDENTS };
    struct incidents_query *asked = &query.incidents;
    const struct {
        const char *option;
        uint32_t *place;
    } numbers[] = {
        { "department", &asked->department },
        { "line", &asked->line },
        { "day", &asked->day },
        { "from", &asked->from_day },
        { "until", &asked->until_day },
        { "category", &asked->category },
        { "district", &asked->district },
        { "taker", &asked->taker },
        { "east", &asked->east_cell },
        { "north", &asked->north_cell },
    };
    int code = state_option(request, &asked->state);
    code = code ? code : number_option(request, "caller", &asked->caller);
    code = code ? code : number_option(request, "before", &asked->before);
    for (size_t i = 0; code == EXIT_DONE && i < COUNT(numbers); i++) {
        uint64_t number;
        code = number_option(request, numbers[i].option, &number);
        *numbers[i].place = (uint32_t)number;
    }
    asked->open = request_option(request, "open") != NULL;
    return code != EXIT_DONE ? code
                             : print_list(request, &query, SCHEMA_INCIDENT_ROW, incident_columns,
                                          COUNT(incident_columns));
}

int run_tasks(struct request *request)
{
    struct query query = { .kind = QUERY_TASKS };
    uint64_t department = 0;
    int code = number_option(request, "department", &department);
    code = code ? code : number_option(request, "before", &query.tasks.before);
    if (code != EXIT_DONE)
        return code;
    query.tasks.department = (uint32_t)department;
    query.tasks.open = request_option(request, "open") != NULL;
    return print_list(request, &query, SCHEMA_TASK_ROW, task_columns, COUNT(task_columns));
}

/* Whom it follows, who follows it, and how it belongs to others. */
static void print_family(const struct incident_detail *detail)
{
    if (detail->row.parent)
        (void)printf(words("follows %" PRIu64 "\n", "并入 %" PRIu64 "\n"), detail->row.parent);
    for (uint32_t i = 0; i < detail->children_count; i++)
        (void)printf(words("child %" PRIu64 "\n", "子单 %" PRIu64 "\n"), detail->children[i]);
    for (uint32_t i = 0; i < detail->ties_count; i++)
        (void)printf("%s %s %" PRIu64 "\n", detail->ties[i].backwards ? "←" : "→",
                     relation_name(detail->ties[i].relation), detail->ties[i].other);
}

int run_incident(struct request *request)
{
    struct session *session = NULL;
    const struct answer *answer = NULL;
    struct query query = { .kind = QUERY_INCIDENT };
    int code = incident_read(request->arguments[0], &query.incident);
    if (code == EXIT_DONE)
        code = session_look(&session, request);
    if (code == EXIT_DONE)
        code = session_ask(session, &query, &answer);
    if (code == EXIT_DONE && request->json) {
        print_json(SCHEMA_INCIDENT_DETAIL, &answer->incident_detail);
    } else if (code == EXIT_DONE) {
        struct rows *rows =
            rows_open(SCHEMA_INCIDENT_ROW, incident_columns, COUNT(incident_columns));
        rows_add(rows, &answer->incident_detail.row, 1);
        rows_print(rows);
        rows_close(rows);
        (void)putchar('\n');
        rows = rows_open(SCHEMA_TASK_ROW, task_columns, COUNT(task_columns));
        rows_add(rows, answer->incident_detail.tasks, answer->incident_detail.tasks_count);
        rows_print(rows);
        rows_close(rows);
        print_family(&answer->incident_detail);
        struct incident_detail detail = answer->incident_detail;
        course_print(&detail, (uint64_t)time(NULL) * 1000);
        query = (struct query){ .kind = QUERY_FIXES };
        query.fixes.incident = detail.row.incident;
        code = session_ask(session, &query, &answer);
        if (code == EXIT_DONE)
            fixes_print(&answer->fixes);
    }
    session_close(session);
    return code;
}
