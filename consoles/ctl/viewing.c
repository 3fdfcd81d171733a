/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `yihao who-saw NUMBER`: who read what is known of this citizen, when and why. */
#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "consoles/ctl/rows.h"
#include "consoles/ctl/session.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"

static const struct column columns[] = {
    { "at_ms", "time", "时间", COLUMN_TIME },
    { "user", "user", "人员", COLUMN_PLAIN },
    { "reason", "reason", "事由", COLUMN_PLAIN },
    { "subject", "subject", "来电/工单", COLUMN_PLAIN },
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

int run_who_saw(struct request *request)
{
    struct session *session = NULL;
    struct query query = { .kind = QUERY_VIEWINGS };
    char login[33] = "";
    if (!text_copy(query.viewings.number, sizeof query.viewings.number, request->arguments[0])) {
        complain(words("\"%s\" is no telephone number", "“%s”不是电话号码"), request->arguments[0]);
        return EXIT_USAGE;
    }
    if (!request->as)
        login_of_role(request->home, ROLE_AUDITOR, login);
    int code = session_open(&session, request, login);
    if (code == EXIT_DONE)
        code = print_all(session, request, &query);
    session_close(session);
    return code;
}
