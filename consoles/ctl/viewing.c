/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `yihao who-saw NUMBER`: who read what is known of this citizen, when, what and why. To look is a search by
 * number, and stands in the answer itself. */
#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "consoles/ctl/rows.h"
#include "consoles/ctl/session.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"
#include "proto/access.h"

static const struct column columns[] = {
    { "at_ms", "time", "时间", COLUMN_TIME },
    { "user", "user", "人员", COLUMN_PLAIN },
    { "reason", "reason", "事由", COLUMN_PLAIN },
    { "subject", "subject", "来电/工单", COLUMN_PLAIN },
    { "fields", "read", "所读", COLUMN_FIELDS },
    { "purpose", "revealed for", "用途", COLUMN_PLAIN },
    { "seq", "event", "事件", COLUMN_PLAIN },
};

static int print_all(struct session *session, const struct request *request, struct query *query)
{
    const struct answer *answer = NULL;
    struct rows *rows = rows_open(SCHEMA_VIEWING, columns, sizeof columns / sizeof columns[0]);
    int code = EXIT_DONE;
    do {
        code = session_ask(session, query, &answer);
        if (code != EXIT_DONE)
            break;
        if (request->json)
            print_json(SCHEMA_VIEWINGS, &answer->viewings);
        else
            rows_add(rows, answer->viewings.rows, answer->viewings.rows_count);
        query->viewings.before = answer->next;
    } while (answer->more);
    if (code == EXIT_DONE && !request->json)
        rows_print(rows);
    rows_close(rows);
    return code;
}

static int look_up(struct session *session, const struct personal *named, uint64_t *caller)
{
    struct command command = { .kind = COMMAND_PERSONAL_READ };
    struct outcome outcome = { 0 };
    command.personal_read.reason =
        session_user(session)->roles & ROLES_AUDITOR ? READ_REASON_AUDIT : READ_REASON_SUPERVISION;
    int code = session_submit(session, &command, named, &outcome);
    *caller = outcome.caller;
    return code == EXIT_DONE ? session_refused(outcome.refusal) : code;
}

int run_who_saw(struct request *request)
{
    struct session *session = NULL;
    struct query query = { .kind = QUERY_VIEWINGS };
    static struct personal named;
    char login[33] = "";
    if (!text_copy(named.number, sizeof named.number, request->arguments[0])) {
        complain(words("\"%s\" is no telephone number", "“%s”不是电话号码"), request->arguments[0]);
        return EXIT_USAGE;
    }
    if (!request->as)
        login_of_role(request->home, ROLE_AUDITOR, login);
    int code = session_open(&session, request, login);
    if (code == EXIT_DONE)
        code = look_up(session, &named, &query.viewings.caller);
    if (code == EXIT_DONE)
        code = print_all(session, request, &query);
    session_close(session);
    return code;
}
