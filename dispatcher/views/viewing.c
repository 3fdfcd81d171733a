/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who read what lies sealed under a number's contacts, incidents and places: by the number's blind
 * index, so that "who saw this citizen?" is one walk and not a year of events. */
#include <errno.h>

#include "dispatcher/views/row.h"

/* The blind index a subject belongs to; 0: it has none. */
static int caller_of(const struct change *change, uint64_t subject, uint64_t *caller)
{
    struct contact_row contact;
    struct incident_row incident;
    *caller = 0;
    int status = row_take(change, key_of1(VIEW_CONTACT, subject), SCHEMA_CONTACT_ROW, &contact);
    if (status != -ENOENT) {
        *caller = status == 0 ? contact.caller : 0;
        return status;
    }
    status = row_take(change, key_of1(VIEW_INCIDENT, subject), SCHEMA_INCIDENT_ROW, &incident);
    *caller = status == 0 ? incident.caller : 0;
    return status;
}

static int fix_caller(const struct change *change, uint64_t fix, uint64_t *caller)
{
    struct key key = key_of1(VIEW_FIX_OF, fix);
    uint64_t contact = 0;
    int status = rows_store(change->views, change->write); /* the number may be of this turn */
    if (status == 0)
        status = number_get(change->write, key, &contact);
    if (status < 0 || contact == 0)
        return status < 0 ? status : -ENOENT;
    return caller_of(change, contact, caller);
}

int apply_to_viewings(const struct change *change)
{
    const struct event *event = change->event;
    if (event->kind == EVENT_CONTACT_LOCATED)
        return number_put(change, key_of1(VIEW_FIX_OF, event->contact_located.fix), event->contact);
    if (event->kind != EVENT_PERSONAL_WAS_READ || event->actor_kind != ACTOR_KIND_USER)
        return 0;
    const struct personal_was_read *read = &event->personal_was_read;
    uint64_t caller = read->caller; /* a search by number: about the citizen, too */
    int status = read->subject ? caller_of(change, read->subject, &caller) : 0;
    if (status == -ENOENT)
        status = fix_caller(change, read->subject, &caller);
    if (status < 0 || caller == 0)
        return status == -ENOENT ? 0 : status;
    struct viewing row = { .seq = event->seq,
                           .at_ms = event->at_ms,
                           .user = event->actor,
                           .subject = read->subject,
                           .reason = read->reason,
                           .fields = read->fields,
                           .masked = read->masked,
                           .purpose = read->purpose };
    return row_put(change, key_of2(VIEW_VIEWING, caller, event->seq), SCHEMA_VIEWING, &row);
}

int answer_viewings(const struct question *question, struct answer *answer)
{
    const struct viewings_query *asked = &question->query->viewings;
    struct viewings *viewings = &answer->viewings;
    struct key prefix = key_of1(VIEW_VIEWING, asked->caller);
    struct key limit =
        key_of2(VIEW_VIEWING, asked->caller, asked->before ? asked->before : UINT64_MAX);
    answer->kind = ANSWER_VIEWINGS;
    viewings->rows_count = 0;
    for (;;) {
        struct slice value;
        uint64_t seq;
        int status = view_previous(question->read, &prefix, &limit, &seq, &value);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        answer->more = viewings->rows_count == sizeof viewings->rows / sizeof viewings->rows[0];
        if (answer->more)
            return 0;
        status = codec_unpack(question->views->codec, SCHEMA_VIEWING, value.data, value.size,
                              &viewings->rows[viewings->rows_count++]);
        if (status < 0)
            return status;
        answer->next = seq;
        limit = key_of2(VIEW_VIEWING, asked->caller, seq);
    }
}
