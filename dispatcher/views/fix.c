/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where a contact's citizen may be: every place its telephone told, in the order they came. */
#include <errno.h>

#include "dispatcher/views/row.h"

int apply_to_fixes(const struct change *change)
{
    const struct event *event = change->event;
    if (event->kind != EVENT_CONTACT_LOCATED)
        return 0;
    const struct contact_located *located = &event->contact_located;
    struct fix_row row = { .fix = located->fix,
                           .contact = event->contact,
                           .means = located->means,
                           .source = located->source,
                           .uncertainty_m = located->uncertainty_m,
                           .confidence = located->confidence,
                           .measured_ms = located->measured_ms,
                           .heard_ms = located->heard_ms,
                           .east_cell = located->east_cell,
                           .north_cell = located->north_cell,
                           .seq = located->seq };
    return row_put(change, key_of2(VIEW_FIX, row.contact, row.fix), SCHEMA_FIX_ROW, &row);
}

static int of_contact(const struct question *question, uint64_t contact, struct answer *answer)
{
    struct fixes *fixes = &answer->fixes;
    struct key prefix = key_of1(VIEW_FIX, contact), from = prefix;
    for (;;) {
        struct slice value;
        uint64_t fix;
        int status = view_next(question->read, &prefix, &from, &fix, &value);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        if (fixes->rows_count == sizeof fixes->rows / sizeof fixes->rows[0])
            return 0; /* a telephone tells its place a few times, not more */
        struct key key = key_of2(VIEW_FIX, contact, fix);
        status = row_get(question->views, question->read, key, SCHEMA_FIX_ROW,
                         &fixes->rows[fixes->rows_count++]);
        if (status < 0)
            return status;
        from = key_of2(VIEW_FIX, contact, fix + 1);
    }
}

int answer_fixes(const struct question *question, struct answer *answer)
{
    const struct fixes_query *asked = &question->query->fixes;
    struct key prefix = key_of1(VIEW_INCIDENT_HAS, asked->incident), from = prefix;
    answer->kind = ANSWER_FIXES;
    answer->fixes.rows_count = 0;
    if (asked->contact || !asked->incident)
        return of_contact(question, asked->contact, answer);
    for (;;) {
        struct slice value;
        uint64_t contact;
        int status = view_next(question->read, &prefix, &from, &contact, &value);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        status = of_contact(question, contact, answer);
        if (status < 0)
            return status;
        from = key_of2(VIEW_INCIDENT_HAS, asked->incident, contact + 1);
    }
}
