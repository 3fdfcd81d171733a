/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>

#include "dispatcher/views/row.h"

/* The incident a contact belongs to, 0 for none. */
static int incident_of_contact(const struct change *change, uint64_t contact, uint64_t *incident)
{
    struct contact_row row;
    int status = row_take(change, key_of1(VIEW_CONTACT, contact), SCHEMA_CONTACT_ROW, &row);
    *incident = status == 0 ? row.incident : 0;
    return status == -ENOENT ? 0 : status;
}

/* history_copy() of what this turn has not stored yet. */
static int fresh_copy(const struct change *change, const struct key *prefix, uint64_t incident)
{
    const struct shelf *shelf = &change->views->shelf;
    if (shelf->mark_count > SHELF_MARKS_MAX / 2) /* each could become one more */
        return rows_store(change->views, change->write);
    uint32_t end = shelf->mark_count;
    int status = 0;
    const struct shelf_mark *mark = shelf_mark_from(shelf, 0, prefix);
    while (status == 0 && mark && mark < &shelf->marks[end]) {
        struct slice key = { mark->key, mark->key_size };
        status = mark_put(change, key_of2(VIEW_TRAIL, incident, slice_u64(key, prefix->size)));
        mark = shelf_mark_from(shelf, (uint32_t)(mark - shelf->marks) + 1, prefix);
    }
    return status;
}

/* What the contact did before it was attached belongs to the incident, too. */
static int history_copy(const struct change *change, uint64_t contact, uint64_t incident)
{
    struct key prefix = key_of1(VIEW_CONTACT_TRAIL, contact), from = prefix;
    int status = fresh_copy(change, &prefix, incident);
    while (status == 0) {
        struct slice value;
        uint64_t seq;
        status = view_next(change->write, &prefix, &from, &seq, &value);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        from = key_of2(VIEW_CONTACT_TRAIL, contact, seq + 1);
        status = mark_put(change, key_of2(VIEW_TRAIL, incident, seq));
    }
    return status;
}

static int contact_trail(const struct change *change, uint64_t contact)
{
    const struct event *event = change->event;
    uint64_t incident;
    int status = mark_put(change, key_of2(VIEW_CONTACT_TRAIL, contact, event->seq));
    if (status == 0)
        status = incident_of_contact(change, contact, &incident);
    if (status == 0 && incident && incident != event->incident)
        status = mark_put(change, key_of2(VIEW_TRAIL, incident, event->seq));
    return status;
}

/* Who read a subject's personal data stands on its trail, whichever the subject is. */
static int subject_trail(const struct change *change, uint64_t subject)
{
    struct contact_row row;
    int status = row_take(change, key_of1(VIEW_CONTACT, subject), SCHEMA_CONTACT_ROW, &row);
    if (status == 0)
        return subject == change->event->contact ? 0 : contact_trail(change, subject);
    if (status == -ENOENT)
        return mark_put(change, key_of2(VIEW_TRAIL, subject, change->event->seq));
    return status;
}

int apply_to_trail(const struct change *change)
{
    const struct event *event = change->event;
    int status = 0;
    if (event->contact && event->incident &&
        (event->kind == EVENT_CONTACT_ATTACHED || event->kind == EVENT_CONTACT_ARRIVED))
        status = history_copy(change, event->contact, event->incident);
    if (status == 0 && event->incident)
        status = mark_put(change, key_of2(VIEW_TRAIL, event->incident, event->seq));
    if (status == 0 && event->contact)
        status = contact_trail(change, event->contact);
    if (status == 0 && event->kind == EVENT_PERSONAL_WAS_READ && event->personal_was_read.subject)
        status = subject_trail(change, event->personal_was_read.subject);
    return status;
}

int views_trail_next(struct views *views, struct transaction *transaction, uint64_t incident,
                     uint64_t after, uint64_t *seq)
{
    struct key prefix = key_of1(VIEW_TRAIL, incident);
    struct key from = key_of2(VIEW_TRAIL, incident, after + 1);
    struct slice value;
    (void)views;
    return view_next(transaction, &prefix, &from, seq, &value);
}
