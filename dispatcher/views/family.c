/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which incidents follow which, and how incidents belong together. A child that was called stays in
 * its parent's list: the list says who was one with it, the rows say who still follows. */
#include <errno.h>
#include <string.h>

#include "dispatcher/views/row.h"

/* The other incident's row, and its trail: whoever reads the one finds the other. */
static int other_changed(const struct change *change, uint64_t other, int children)
{
    struct incident_row row;
    int status = mark_put(change, key_of2(VIEW_TRAIL, other, change->event->seq));
    if (status < 0 || children == 0)
        return status;
    struct key key = key_of1(VIEW_INCIDENT, other);
    status = row_take(change, key, SCHEMA_INCIDENT_ROW, &row);
    if (status < 0)
        return status == -ENOENT ? 0 : status;
    if (children > 0)
        row.children++;
    else if (row.children > 0)
        row.children--;
    return row_put(change, key, SCHEMA_INCIDENT_ROW, &row);
}

static int parent_set(const struct change *change, uint64_t parent)
{
    struct incident_row row;
    struct key key = key_of1(VIEW_INCIDENT, change->event->incident);
    int status = row_take(change, key, SCHEMA_INCIDENT_ROW, &row);
    if (status < 0)
        return status == -ENOENT ? 0 : status;
    row.parent = parent;
    return row_put(change, key, SCHEMA_INCIDENT_ROW, &row);
}

static int merged(const struct change *change)
{
    uint64_t parent = change->event->incident_merged.parent;
    int status = mark_put(change, key_of2(VIEW_CHILD, parent, change->event->incident));
    if (status == 0)
        status = parent_set(change, parent);
    return status < 0 ? status : other_changed(change, parent, 1);
}

static int unmerged(const struct change *change)
{
    const struct event *event = change->event;
    uint64_t parent = event->incident_unmerged.parent;
    struct incident_row row;
    int status =
        row_take(change, key_of1(VIEW_INCIDENT, event->incident), SCHEMA_INCIDENT_ROW, &row);
    if (status < 0)
        return status == -ENOENT ? 0 : status;
    status = mark_remove(change, key_of2(VIEW_CHILD, parent, event->incident));
    if (status == 0)
        status = parent_set(change, 0);
    return status < 0 ? status : other_changed(change, parent, row.called ? 0 : -1);
}

static int called(const struct change *change)
{
    struct incident_row row;
    struct key key = key_of1(VIEW_INCIDENT, change->event->incident);
    int status = row_take(change, key, SCHEMA_INCIDENT_ROW, &row);
    if (status < 0)
        return status == -ENOENT ? 0 : status;
    row.called = true;
    status = row_put(change, key, SCHEMA_INCIDENT_ROW, &row);
    return status < 0 ? status : other_changed(change, change->event->follower_called.parent, -1);
}

/* Said by one, found from both sides. */
static int tied(const struct change *change, uint64_t other, enum relation relation, bool tie)
{
    uint64_t incident = change->event->incident;
    struct key there = key_of3(VIEW_TIE, incident, other, relation);
    struct key back = key_of3(VIEW_TIE_BACK, other, incident, relation);
    int status = tie ? mark_put(change, there) : mark_remove(change, there);
    if (status == 0)
        status = tie ? mark_put(change, back) : mark_remove(change, back);
    return status < 0 ? status : other_changed(change, other, 0);
}

int apply_to_families(const struct change *change)
{
    const struct event *event = change->event;
    switch (event->kind) {
    case EVENT_INCIDENT_MERGED:
        return merged(change);
    case EVENT_INCIDENT_UNMERGED:
        return unmerged(change);
    case EVENT_FOLLOWER_CALLED:
        return called(change);
    case EVENT_INCIDENT_LINKED:
        return tied(change, event->incident_linked.other, event->incident_linked.relation, true);
    case EVENT_INCIDENT_UNLINKED:
        return tied(change, event->incident_unlinked.other, event->incident_unlinked.relation,
                    false);
    case EVENT_INCIDENT_HANDED_ON:
        return other_changed(change, event->incident_handed_on.to, 0);
    default: /* what concerns one incident alone */
        return 0;
    }
}

/* ---- answering ----------------------------------------------------------------------------- */

static int ties_take(const struct question *question, uint64_t incident, bool backwards,
                     struct answer *answer)
{
    struct incident_detail *detail = &answer->incident_detail;
    struct key prefix = key_of1(backwards ? VIEW_TIE_BACK : VIEW_TIE, incident);
    struct key from = prefix;
    for (;;) {
        struct slice key, value;
        int status = transaction_from(question->read, TABLE_VIEWS, key_slice(&from), &key, &value);
        if (status == -ENOENT || (status == 0 && !slice_starts_with(key, &prefix)))
            return 0;
        if (status < 0)
            return status;
        uint64_t relation = slice_u64(key, prefix.size + 8);
        if (relation >= RELATION_COUNT)
            return -EBADMSG;
        if (detail->ties_count == sizeof detail->ties / sizeof detail->ties[0]) {
            answer->more = true;
            return 0;
        }
        detail->ties[detail->ties_count++] =
            (struct incident_tie){ .other = slice_u64(key, prefix.size),
                                   .relation = (enum relation)relation,
                                   .backwards = backwards };
        from.size = 0;
        key_bytes(&from, key.data, key.size);
        key_u8(&from, 0);
    }
}

int answer_family(const struct question *question, uint64_t incident, struct answer *answer)
{
    struct incident_detail *detail = &answer->incident_detail;
    struct key prefix = key_of1(VIEW_CHILD, incident), from = prefix;
    struct slice value;
    uint64_t child;
    int status;
    while ((status = view_next(question->read, &prefix, &from, &child, &value)) == 0) {
        if (detail->children_count == sizeof detail->children / sizeof detail->children[0]) {
            answer->more = true;
            break;
        }
        detail->children[detail->children_count++] = child;
        from = key_of2(VIEW_CHILD, incident, child + 1);
    }
    if (status < 0 && status != -ENOENT)
        return status;
    status = ties_take(question, incident, false, answer);
    return status < 0 ? status : ties_take(question, incident, true, answer);
}
