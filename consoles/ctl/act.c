/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Verbs that act: one command each, made of the request by the field tables; and the seat's, which
 * look first what stands. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/text.h"
#include "consoles/ctl/field.h"
#include "consoles/ctl/request.h"
#include "consoles/ctl/rows.h"
#include "consoles/ctl/session.h"
#include "consoles/ctl/signet.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"

static void print_number(const char *english, const char *chinese, uint64_t number)
{
    if (number > 0)
        (void)printf("%s %" PRIu64 "\n", words_are_chinese() ? chinese : english, number);
}

static void print_field(const char *english, const char *chinese, const char *value)
{
    if (value[0])
        (void)printf("%s %s\n", words_are_chinese() ? chinese : english, value);
}

static void print_personal(const struct personal *personal)
{
    print_field("telephone", "电话", personal->number);
    print_field("name", "姓名", personal->name);
    print_field("address", "地址", personal->address);
    print_field("position", "定位", personal->position);
    print_field("text", "内容", personal->text);
}

static void act_print(const struct request *request, const struct outcome *outcome)
{
    if (request->json) {
        print_json(SCHEMA_OUTCOME, outcome);
        return;
    }
    print_number("contact", "来电", outcome->contact);
    print_number("incident", "工单", outcome->incident);
    print_number("number", "工单编号", outcome->number);
    print_number("task", "任务", outcome->task);
    print_number("petition", "申请", outcome->petition);
    print_number("notice", "通知", outcome->notice);
    print_number("article", "知识", outcome->article);
    print_number("reading list", "阅读清单", outcome->reading_list);
    print_number("test", "考核", outcome->exam);
    print_number("amendment", "变更", outcome->amendment);
    print_number("erasure", "删除", outcome->erasure);
    print_number("break-glass", "应急授权", outcome->glass);
    if (outcome->erased)
        (void)puts(words("what was told was erased; the trail says when, by whom and why",
                         "所述内容已删除；时间、执行人与理由见留痕"));
    if (outcome->has_personal)
        print_personal(&outcome->personal);
    (void)puts(words("done", "完成"));
}

/* Submits a command and prints its outcome; a refusal becomes its exit code. */
static int act_submit(struct session *session, const struct request *request,
                      const struct command *command, const struct personal *personal)
{
    struct outcome outcome = { 0 };
    int code = session_submit(session, command, personal, &outcome);
    if (code != EXIT_DONE)
        return code;
    if (outcome.refusal == REFUSAL_NONE || request->json)
        act_print(request, &outcome);
    return session_refused(outcome.refusal);
}

/* An order number in the place of an incident's id: asks for the id. */
static int resolve_incident(struct session *session, const struct request *request,
                            const char **argument, char id[24])
{
    struct incident_query named;
    struct verb_word word;
    uint64_t incident = 0;
    if (!verb_word(request->verb->arguments, &word) || strcmp(word.name, "incident") != 0)
        return EXIT_DONE;
    int code = incident_read(*argument, &named);
    if (code != EXIT_DONE || named.number == 0)
        return code;
    code = session_find_incident(session, &named, &incident);
    (void)snprintf(id, 24, "%" PRIu64, incident);
    *argument = id;
    return code;
}

/* A seat's verbs act as the seat's own user when nobody was named. */
static void login_of_seat(const struct request *request, char login[33])
{
    uint64_t seat = 0;
    login[0] = '\0';
    if (!request->as && strncmp(request->verb->name, "seat ", 5) == 0 &&
        request->argument_count > 0 && number_read(request->arguments[0], &seat))
        login_of_user(request->home, (uint32_t)seat, login);
}

static bool is_blank(const struct personal *personal)
{
    return !personal->number[0] && !personal->name[0] && !personal->address[0] &&
           !personal->text[0] && !personal->position[0];
}

int run_command(struct request *request)
{
    struct session *session = NULL;
    static struct command command;
    static struct personal personal;
    char login[33];
    char id[24];
    int code = field_fill(request, &command, &personal); /* bad words need no dispatcher */
    login_of_seat(request, login);
    if (code == EXIT_DONE)
        code = session_open(&session, request, login);
    if (code == EXIT_DONE)
        code = resolve_incident(session, request, &request->arguments[0], id);
    if (code == EXIT_DONE)
        code = field_fill(request, &command, &personal);
    struct personal_read *read = &command.personal_read;
    if (command.kind == COMMAND_PERSONAL_READ && read->purpose && !read->fields)
        read->fields = 1U << PERSONAL_FIELD_NUMBER;
    if (command.kind == COMMAND_TAKER_AWAY && command.taker_away.reason == AWAY_REASON_NONE)
        command.taker_away.reason = AWAY_REASON_BREAK;
    const char *signet = request_option(request, "signet");
    if (code == EXIT_DONE && signet)
        code = signet_sign(session, signet, &command, &personal);
    if (code == EXIT_DONE)
        code = act_submit(session, request, &command, is_blank(&personal) ? NULL : &personal);
    sodium_memzero(&personal, sizeof personal);
    session_close(session);
    return code;
}

int run_subscription(struct request *request)
{
    struct session *session = NULL;
    static struct command command = { .kind = COMMAND_SUBSCRIPTION_SET };
    static struct personal personal;
    command.subscription_set.off = strstr(request->verb->name, "unsubscribe") != NULL;
    (void)text_copy(personal.number, sizeof personal.number, request->arguments[0]);
    int code = session_look(&session, request);
    if (code == EXIT_DONE)
        code = act_submit(session, request, &command, &personal);
    sodium_memzero(&personal, sizeof personal);
    session_close(session);
    return code;
}

/* ---- seats ---------------------------------------------------------------------------------- */

/* Opens a session for the seat and reads what its taker does. */
static int open_seat(struct session **session, const struct request *request, uint32_t *taker,
                     struct taker_row *row)
{
    struct query query = { .kind = QUERY_TAKERS };
    const struct answer *answer = NULL;
    uint64_t seat = 0;
    char login[33];
    if (!number_read(request->arguments[0], &seat) || seat == 0 || seat > UINT32_MAX) {
        complain(words("a seat is a number, not \"%s\"", "坐席是数字,不是“%s”"),
                 request->arguments[0]);
        return EXIT_USAGE;
    }
    login_of_seat(request, login);
    int code = session_open(session, request, login);
    query.takers.after = (uint32_t)seat - 1;
    if (code == EXIT_DONE)
        code = session_ask(*session, &query, &answer);
    if (code != EXIT_DONE)
        return code;
    *taker = (uint32_t)seat;
    *row = (struct taker_row){ .taker = *taker, .state = TAKER_STATE_SIGNED_OFF };
    for (uint32_t i = 0; i < answer->takers.rows_count; i++)
        if (answer->takers.rows[i].taker == *taker)
            *row = answer->takers.rows[i];
    return EXIT_DONE;
}

/* Signing on is the seat's own: nobody signs another on. */
static int sign_on(struct session *session, uint32_t taker, struct outcome *outcome)
{
    const struct command command = { .kind = COMMAND_TAKER_SIGN_ON };
    if (session_user(session)->user != taker)
        return session_refused(REFUSAL_NOT_YOURS);
    int code = session_submit(session, &command, NULL, outcome);
    return code == EXIT_DONE ? session_refused(outcome->refusal) : code;
}

static bool is_signed_off(const struct taker_row *row)
{
    return row->state == TAKER_STATE_SIGNED_OFF || row->state == TAKER_STATE_NONE;
}

int run_seat_sign_on(struct request *request)
{
    struct session *session = NULL;
    struct taker_row row = { 0 };
    struct outcome outcome = { 0 };
    uint32_t taker = 0;
    int code = open_seat(&session, request, &taker, &row);
    if (code == EXIT_DONE)
        code = sign_on(session, taker, &outcome);
    if (code == EXIT_DONE)
        act_print(request, &outcome);
    session_close(session);
    return code;
}

int run_seat_ready(struct request *request)
{
    struct session *session = NULL;
    struct taker_row row = { 0 };
    struct outcome outcome = { 0 };
    uint32_t taker = 0;
    int code = open_seat(&session, request, &taker, &row);
    if (code == EXIT_DONE && is_signed_off(&row))
        code = sign_on(session, taker, &outcome);
    const struct command command = { .kind = COMMAND_TAKER_READY,
                                     .taker_ready = { .taker = taker } };
    if (code == EXIT_DONE)
        code = act_submit(session, request, &command, NULL);
    session_close(session);
    return code;
}

int run_seat_accept(struct request *request)
{
    struct session *session = NULL;
    struct taker_row row = { 0 };
    uint32_t taker = 0;
    int code = open_seat(&session, request, &taker, &row);
    if (code == EXIT_DONE && row.offer == 0)
        code = session_refused(REFUSAL_NO_SUCH_OFFER);
    struct command command = { .kind = COMMAND_OFFER_ACCEPT,
                               .offer_accept = { .offer = row.offer } };
    if (code == EXIT_DONE)
        code = act_submit(session, request, &command, NULL);
    session_close(session);
    return code;
}

int run_seat_finish(struct request *request)
{
    struct session *session = NULL;
    struct taker_row row = { 0 };
    uint32_t taker = 0;
    int code = open_seat(&session, request, &taker, &row);
    struct command command = { .kind = COMMAND_WRAP_UP_FINISH };
    if (row.state == TAKER_STATE_TALKING)
        command = (struct command){ .kind = COMMAND_CONTACT_FINISH,
                                    .contact_finish = { .contact = row.contact } };
    if (code == EXIT_DONE)
        code = act_submit(session, request, &command, NULL);
    session_close(session);
    return code;
}
