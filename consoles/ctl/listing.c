/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/ctl/listing.h"

#include <stdbool.h>

#include "consoles/ctl/session.h"

int listing_print(struct request *request, struct query *query, const struct listing *listing)
{
    static struct answer answer;
    struct rows *rows = rows_open(listing->schema, listing->columns, listing->column_count);
    struct session *session = NULL;
    const struct answer *given = NULL;
    int code = session_look(&session, request);
    bool more = true;
    for (unsigned page = 0; code == EXIT_DONE && more && page < LISTING_PAGES_MAX; page++) {
        code = session_ask(session, query, &given);
        if (code != EXIT_DONE)
            break;
        uint32_t count = 0;
        answer = *given;
        const void *first = listing->rows(&answer, &count);
        rows_add(rows, first, count);
        more = answer.more;
        *listing->after = answer.next;
    }
    if (code == EXIT_DONE && request->json)
        rows_print_json(rows);
    else if (code == EXIT_DONE)
        rows_print(rows);
    rows_close(rows);
    session_close(session);
    return code;
}
