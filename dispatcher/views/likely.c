/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which incident is this caller speaking of? Asked before anything is saved: candidates are the
 * newest of the same caller, of the squares around, and of the same line; each gets a score with its
 * reasons, and a person decides. */
#include <errno.h>
#include <string.h>

#include "dispatcher/views/row.h"

#define MINUTE_MS 60000ULL
#define HOUR_MS   (60 * MINUTE_MS)

enum {
    CELL_METRES = 250,
    CELLS_AROUND = 4, /* each way: 1000 m */
    OF_ONE_LIST_MAX = 32,
    CANDIDATES_MAX = 512,
    CLOSED_MINUTES = 30, /* closed ones count that long */
    SCORE_LEAST = 35
};

struct candidates {
    uint64_t incidents[CANDIDATES_MAX];
    uint32_t count;
};

/* What the caller says, as far as it is known. */
struct said {
    uint32_t line, category, east, north, district;
    uint64_t caller;
    uint64_t incident; /* the contact's own: not a duplicate of itself */
};

static bool incident_stands(const struct incident_row *row, uint64_t now_ms)
{
    switch (row->state) {
    case INCIDENT_STATE_CLOSED:
    case INCIDENT_STATE_DIRECT:
    case INCIDENT_STATE_TRANSFERRED:
        return now_ms - row->moved_ms <= CLOSED_MINUTES * MINUTE_MS;
    case INCIDENT_STATE_NONE:
    case INCIDENT_STATE_VOID:
    case INCIDENT_STATE_WITHDRAWN:
    case INCIDENT_STATE_NOT_ACCEPTED:
    case INCIDENT_STATE_ARCHIVED:
    case INCIDENT_STATE_MERGED: /* its parent stands for it */
        return false;
    default: /* open */
        return true;
    }
}

/* ---- candidates ---------------------------------------------------------------------------- */

static void candidate_add(struct candidates *candidates, uint64_t incident)
{
    for (uint32_t i = 0; i < candidates->count; i++)
        if (candidates->incidents[i] == incident)
            return;
    if (candidates->count < CANDIDATES_MAX)
        candidates->incidents[candidates->count++] = incident;
}

static int list_take(const struct question *question, enum incident_by by, uint64_t value,
                     struct candidates *candidates)
{
    struct key prefix = key_of2(VIEW_INCIDENT_BY, by, value);
    uint64_t incident = UINT64_MAX;
    for (uint32_t i = 0; i < OF_ONE_LIST_MAX; i++) {
        struct key limit = prefix;
        struct slice nothing;
        key_u64(&limit, incident);
        int status = view_previous(question->read, &prefix, &limit, &incident, &nothing);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        candidate_add(candidates, incident);
    }
    return 0;
}

static int around_take(const struct question *question, const struct said *said,
                       struct candidates *candidates)
{
    int status = 0;
    for (int64_t east = -CELLS_AROUND; status == 0 && east <= CELLS_AROUND; east++)
        for (int64_t north = -CELLS_AROUND; status == 0 && north <= CELLS_AROUND; north++) {
            int64_t at_east = said->east + east, at_north = said->north + north;
            if (at_east > 0 && at_north > 0)
                status = list_take(question, BY_CELL,
                                   cell_value((uint32_t)at_east, (uint32_t)at_north), candidates);
        }
    return status;
}

static int candidates_take(const struct question *question, const struct said *said,
                           struct candidates *candidates)
{
    int status = 0;
    if (said->caller)
        status = list_take(question, BY_CALLER, said->caller, candidates);
    if (status == 0 && said->east && said->north)
        status = around_take(question, said, candidates);
    if (status == 0 && said->line)
        status = list_take(question, BY_LINE, said->line, candidates);
    return status;
}

/* ---- score --------------------------------------------------------------------------------- */

static void because(struct likely_row *row, enum likeness likeness, uint32_t points)
{
    row->score += points;
    row->reasons[row->reasons_count++] = likeness;
}

/* Categories are AABBCC; these fields are one matter to those who call: a crash and the injured, a
 * fire and the injured, gas and fire, violence and order. */
static bool fields_go_together(uint32_t a, uint32_t b)
{
    static const uint32_t pairs[][2] = { { 14, 17 }, { 15, 17 }, { 15, 16 }, { 16, 17 }, { 11, 12 },
                                         { 11, 17 }, { 12, 13 }, { 12, 26 }, { 23, 24 } };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if ((pairs[i][0] == a && pairs[i][1] == b) || (pairs[i][0] == b && pairs[i][1] == a))
            return true;
    return false;
}

static void score_kind(const struct said *said, struct likely_row *row)
{
    uint32_t of = row->incident.category;
    if (!said->category || !of)
        return;
    if (of == said->category)
        because(row, LIKENESS_SAME_KIND, 30);
    else if (of / 10000 == said->category / 10000)
        because(row, LIKENESS_AKIN, of / 100 == said->category / 100 ? 25 : 18);
    else if (fields_go_together(of / 10000, said->category / 10000))
        because(row, LIKENESS_AKIN, 12);
}

static uint64_t root(uint64_t square)
{
    uint64_t low = 0, high = 1U << 20;
    while (low < high) {
        uint64_t middle = (low + high + 1) / 2;
        if (middle * middle <= square)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

static void score_place(const struct said *said, struct likely_row *row)
{
    const struct incident_row *at = &row->incident;
    uint32_t reach = (CELLS_AROUND + 1) * CELL_METRES;
    if (said->east && said->north && at->east_cell && at->north_cell) {
        int64_t east = (int64_t)said->east - at->east_cell;
        int64_t north = (int64_t)said->north - at->north_cell;
        row->distance_m =
            (uint32_t)root((uint64_t)(east * east + north * north) * (CELL_METRES * CELL_METRES));
        if (row->distance_m < reach)
            because(row, LIKENESS_NEAR, 35 * (reach - row->distance_m) / reach);
    } else if (said->district && said->district == at->district) {
        because(row, LIKENESS_NEAR, 8);
    }
}

static void score_age(struct likely_row *row)
{
    if (row->age_ms <= 5 * MINUTE_MS)
        because(row, LIKENESS_RECENT, 20);
    else if (row->age_ms <= 30 * MINUTE_MS)
        because(row, LIKENESS_RECENT, 15);
    else if (row->age_ms <= 2 * HOUR_MS)
        because(row, LIKENESS_RECENT, 10);
    else if (row->age_ms <= 24 * HOUR_MS)
        because(row, LIKENESS_RECENT, 5);
}

static void score_it(const struct said *said, uint64_t now_ms, struct likely_row *row)
{
    row->score = row->reasons_count = row->distance_m = 0;
    row->has_incident = true;
    row->age_ms = now_ms > row->incident.started_ms ? now_ms - row->incident.started_ms : 0;
    if (said->caller && said->caller == row->incident.caller)
        because(row, LIKENESS_SAME_CALLER, 35);
    score_kind(said, row);
    score_place(said, row);
    score_age(row);
    if (row->score > 100)
        row->score = 100;
}

/* Keeps the answer sorted; the least likely falls out. */
static void likely_insert(struct likely_incidents *likely, const struct likely_row *row)
{
    uint32_t room = sizeof likely->rows / sizeof likely->rows[0];
    uint32_t at = likely->rows_count;
    while (at > 0 && likely->rows[at - 1].score < row->score)
        at--;
    if (at == room)
        return;
    uint32_t last = likely->rows_count < room ? likely->rows_count : room - 1;
    memmove(&likely->rows[at + 1], &likely->rows[at], (last - at) * sizeof *row);
    likely->rows[at] = *row;
    likely->rows_count = last + 1;
}

/* ---- all of it ----------------------------------------------------------------------------- */

static int said_by(const struct question *question, struct said *said)
{
    const struct likely_query *query = &question->query->likely;
    *said = (struct said){ .line = query->line,
                           .category = query->category,
                           .east = query->east_cell,
                           .north = query->north_cell,
                           .district = query->district,
                           .caller = query->caller };
    struct contact_row contact;
    struct guide_detail guide;
    if (!query->contact)
        return 0;
    int status = row_get(question->views, question->read, key_of1(VIEW_CONTACT, query->contact),
                         SCHEMA_CONTACT_ROW, &contact);
    if (status < 0)
        return status == -ENOENT ? 0 : status;
    said->incident = contact.incident;
    if (!said->line)
        said->line = contact.line;
    if (!said->caller)
        said->caller = contact.caller;
    status = row_get(question->views, question->read, key_of1(VIEW_GUIDE, query->contact),
                     SCHEMA_GUIDE_DETAIL, &guide);
    if (status == 0 && !said->category)
        said->category = guide.category;
    return status == -ENOENT ? 0 : status;
}

int answer_likely(const struct question *question, struct answer *answer)
{
    struct likely_incidents *likely = &answer->likely_incidents;
    struct candidates candidates = { .count = 0 };
    struct said said;
    answer->kind = ANSWER_LIKELY_INCIDENTS;
    likely->rows_count = 0;
    int status = said_by(question, &said);
    if (status == 0)
        status = candidates_take(question, &said, &candidates);
    for (uint32_t i = 0; status == 0 && i < candidates.count; i++) {
        struct likely_row row;
        schema_clear(SCHEMA_LIKELY_ROW, &row);
        if (candidates.incidents[i] == said.incident)
            continue;
        status = row_get(question->views, question->read,
                         key_of1(VIEW_INCIDENT, candidates.incidents[i]), SCHEMA_INCIDENT_ROW,
                         &row.incident);
        if (status < 0 || !incident_stands(&row.incident, question->now_ms))
            continue;
        score_it(&said, question->now_ms, &row);
        if (row.score >= SCORE_LEAST)
            likely_insert(likely, &row);
    }
    return status;
}
