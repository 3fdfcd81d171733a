/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `yihao search`: cases in which this was said. */
#include <inttypes.h>
#include <stdio.h>

#include <sodium.h>

#include "base/text.h"
#include "consoles/ctl/field.h"
#include "consoles/ctl/rows.h"
#include "consoles/ctl/session.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"
#include "proto/access.h"

static const struct column columns[] = {
    { "number", "NUMBER", "单号", COLUMN_PLAIN },
    { "line", "LINE", "号线", COLUMN_PLAIN },
    { "state", "STATE", "状态", COLUMN_PLAIN },
    { "category", "CATEGORY", "类别", COLUMN_PLAIN },
    { "lead", "LEAD", "主办", COLUMN_PLAIN },
    { "registered_ms", "REGISTERED", "受理", COLUMN_TIME },
};

static int number_option(const struct request *request, const char *name, uint32_t *number)
{
    const char *said = request_option(request, name);
    uint64_t read = 0;
    if (said && (!number_read(said, &read) || read > UINT32_MAX)) {
        complain(words("--%s wants a number", "--%s 要编号"), name);
        return EXIT_USAGE;
    }
    *number = (uint32_t)read;
    return EXIT_DONE;
}

static int list(const struct request *request, struct session *session,
                const struct outcome *outcome)
{
    struct rows *rows = rows_open(SCHEMA_INCIDENT_ROW, columns, sizeof columns / sizeof columns[0]);
    const struct answer *answer = NULL;
    for (uint32_t i = 0; i < outcome->found_count; i++) {
        struct query query = { .kind = QUERY_INCIDENT,
                               .incident = { .incident = outcome->found[i] } };
        int code = session_ask(session, &query, &answer);
        if (code != EXIT_DONE) {
            rows_close(rows);
            return code;
        }
        rows_add(rows, &answer->incident_detail.row, 1);
    }
    if (request->json)
        rows_print_json(rows);
    else
        rows_print(rows);
    rows_close(rows);
    if (outcome->found_more)
        complain(words("there are others: say more", "另有其他结果,请补充检索词"));
    if (outcome->found_partly)
        complain(words("older words are not searched yet", "较早内容尚未纳入检索"));
    return EXIT_DONE;
}

int run_search(struct request *request)
{
    static struct personal said;
    static struct outcome outcome;
    struct session *session = NULL;
    struct command command = { .kind = COMMAND_WORDS_SEARCH };
    char login[33] = "";
    int code = number_option(request, "line", &command.words_search.line);
    if (code == EXIT_DONE)
        code = number_option(request, "department", &command.words_search.department);
    if (code != EXIT_DONE)
        return code;
    (void)text_copy(said.text, sizeof said.text, request_option(request, "text"));
    if (!request->as)
        login_of_role(request->home, ROLE_AUDITOR, login);
    code = session_open(&session, request, login);
    if (code == EXIT_DONE) {
        command.words_search.reason = session_user(session)->roles & ROLES_AUDITOR
                                          ? READ_REASON_AUDIT
                                          : READ_REASON_SUPERVISION;
        code = session_submit(session, &command, &said, &outcome);
    }
    sodium_memzero(&said, sizeof said);
    if (code == EXIT_DONE)
        code = session_refused(outcome.refusal);
    if (code == EXIT_DONE)
        code = list(request, session, &outcome);
    session_close(session);
    return code;
}
