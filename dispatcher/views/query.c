/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/require.h"
#include "dispatcher/store/events.h"
#include "dispatcher/views/course.h"
#include "dispatcher/views/pinyin.h"
#include "dispatcher/views/row.h"

enum {
    FILTERS_MAX = 11,
    DAYS_MAX = 3660,           /* of a range: ten years */
    SEEKS_MAX = 20000,         /* of one question: some 20 ms; then `more` */
    EVENTS_BYTES_MAX = 60000,  /* of packed records in one answer, so that it fits a frame */
    EVENT_OVERHEAD_BYTES = 64, /* seq, link and tags of a packed StoredEvent */
    CITY_BYTES_MAX = 60000
};

/* ---- incidents ----------------------------------------------------------------------------- */

/* Lists of incidents whose intersection is asked for. */
struct filters {
    uint32_t count;
    struct key lists[FILTERS_MAX];
    uint32_t seeks;
};

static void filter_add(struct filters *filters, enum incident_by by, uint64_t value)
{
    if (value)
        filters->lists[filters->count++] = key_of2(VIEW_INCIDENT_BY, by, value);
}

static struct filters filters_of(const struct incidents_query *query)
{
    struct filters filters = { .count = 0 };
    filter_add(&filters, BY_STATE, query->state);
    filter_add(&filters, BY_DEPARTMENT, query->department);
    filter_add(&filters, BY_LINE, query->line);
    filter_add(&filters, BY_DAY, query->day);
    filter_add(&filters, BY_CALLER, query->caller);
    filter_add(&filters, BY_CATEGORY, query->category);
    filter_add(&filters, BY_DISTRICT, query->district);
    filter_add(&filters, BY_TAKER, query->taker);
    if (query->east_cell && query->north_cell)
        filter_add(&filters, BY_CELL, cell_value(query->east_cell, query->north_cell));
    filter_add(&filters, BY_OPEN, query->open ? 1 : 0);
    if (filters.count == 0)
        filters.lists[filters.count++] = key_of(VIEW_INCIDENT);
    return filters;
}

/* The newest incident below `limit` that is in all lists: each list in turn is asked for its newest
 * one not above the candidate, until all agree. -EAGAIN: too many seeks; continue from *incident. */
static int filters_next(struct transaction *read, struct filters *filters, uint64_t limit,
                        uint64_t *incident)
{
    uint32_t agreed = 0;
    uint64_t candidate = limit;
    for (uint32_t i = 0; agreed < filters->count; i = (i + 1) % filters->count) {
        struct key below = filters->lists[i];
        struct slice value;
        uint64_t found;
        key_u64(&below, agreed == 0 ? candidate : candidate + 1);
        int status = view_previous(read, &filters->lists[i], &below, &found, &value);
        if (status < 0)
            return status;
        agreed = agreed > 0 && found == candidate ? agreed + 1 : 1;
        candidate = found;
        *incident = candidate;
        if (++filters->seeks > SEEKS_MAX && agreed < filters->count)
            return -EAGAIN;
    }
    return 0;
}

static int incident_read(const struct question *question, uint64_t incident,
                         struct incident_row *row)
{
    return row_get(question->views, question->read, key_of1(VIEW_INCIDENT, incident),
                   SCHEMA_INCIDENT_ROW, row);
}

/* Days between which an incident was registered, and the lowest and the highest that may be. */
struct range {
    uint32_t from_day;
    uint32_t until_day;
    uint64_t least;
    uint64_t most;
};

/* The first day from *day on that has incidents, its lowest and its highest. */
static int day_next(const struct question *question, uint64_t *day, uint64_t *lowest,
                    uint64_t *highest)
{
    struct key prefix = key_of2(VIEW_INCIDENT_BY, BY_DAY, *day), below;
    struct key all = key_of1(VIEW_INCIDENT_BY, BY_DAY);
    struct slice key, value;
    int status = transaction_from(question->read, TABLE_VIEWS, key_slice(&prefix), &key, &value);
    if (status < 0 || !slice_starts_with(key, &all))
        return status < 0 ? status : -ENOENT;
    *day = slice_u64(key, all.size);
    *lowest = slice_u64(key, all.size + sizeof *day);
    prefix = below = key_of2(VIEW_INCIDENT_BY, BY_DAY, *day);
    key_u64(&below, UINT64_MAX);
    return view_previous(question->read, &prefix, &below, highest, &value);
}

/* Numbers rise with time, but a draft is older than its registration: so every day's list is looked
 * at for its lowest and its highest. */
static int range_of(const struct question *question, struct range *range)
{
    const struct incidents_query *asked = &question->query->incidents;
    *range = (struct range){ asked->from_day, asked->until_day, 0, UINT64_MAX };
    if (!asked->from_day && !asked->until_day)
        return 0;
    *range = (struct range){ asked->from_day, asked->until_day, UINT64_MAX, 0 };
    uint64_t day = asked->from_day, lowest = 0, highest = 0;
    for (uint32_t i = 0; i < DAYS_MAX; i++, day++) {
        int status = day_next(question, &day, &lowest, &highest);
        if (status == -ENOENT || (asked->until_day && day > asked->until_day))
            return 0;
        if (status < 0)
            return status;
        range->least = lowest < range->least ? lowest : range->least;
        range->most = highest > range->most ? highest : range->most;
    }
    return 0;
}

static bool in_range(const struct question *question, const struct range *range,
                     const struct incident_row *row)
{
    uint32_t day =
        range->from_day || range->until_day ? day_of(question->views, row->registered_ms) : 0;
    return day >= range->from_day && (!range->until_day || day <= range->until_day);
}

static int incidents_take(const struct question *question, const struct range *range,
                          struct answer *answer)
{
    struct incidents *incidents = &answer->incidents;
    uint32_t room = sizeof incidents->rows / sizeof incidents->rows[0];
    struct filters filters = filters_of(&question->query->incidents);
    uint64_t limit = question->query->incidents.before, incident = 0;
    if (limit == 0 || limit > range->most)
        limit = range->most == UINT64_MAX ? UINT64_MAX : range->most + 1;
    for (;;) {
        int status = filters_next(question->read, &filters, limit, &incident);
        if (status == -ENOENT || incident < range->least)
            return 0;
        if (status == -EAGAIN || (status == 0 && incidents->rows_count == room)) {
            answer->more = true;
            answer->next = status == 0 ? limit : incident + 1;
            return 0;
        }
        if (status == 0)
            status = incident_read(question, incident, &incidents->rows[incidents->rows_count]);
        if (status < 0)
            return status;
        incidents->rows_count += in_range(question, range, &incidents->rows[incidents->rows_count]);
        limit = incident;
    }
}

static int answer_incidents(const struct question *question, struct answer *answer)
{
    struct range range;
    answer->kind = ANSWER_INCIDENTS;
    answer->incidents.rows_count = 0;
    int status = range_of(question, &range);
    return status < 0 ? status : incidents_take(question, &range, answer);
}

static int task_read(const struct question *question, uint64_t task, struct task_row *row)
{
    return row_get(question->views, question->read, key_of1(VIEW_TASK, task), SCHEMA_TASK_ROW, row);
}

static int detail_lists(const struct question *question, uint64_t incident, struct answer *answer)
{
    struct incident_detail *detail = &answer->incident_detail;
    struct key prefix = key_of1(VIEW_TASK_HAS, incident), from = prefix;
    struct slice value;
    uint64_t number;
    int status;
    while ((status = view_next(question->read, &prefix, &from, &number, &value)) == 0) {
        if (detail->tasks_count == sizeof detail->tasks / sizeof detail->tasks[0]) {
            answer->more = true;
            break;
        }
        status = task_read(question, number, &detail->tasks[detail->tasks_count++]);
        if (status < 0)
            return status;
        from = key_of2(VIEW_TASK_HAS, incident, number + 1);
    }
    if (status < 0 && status != -ENOENT)
        return status;
    prefix = from = key_of1(VIEW_INCIDENT_HAS, incident);
    while ((status = view_next(question->read, &prefix, &from, &number, &value)) == 0) {
        if (detail->contacts_count == sizeof detail->contacts / sizeof detail->contacts[0]) {
            answer->more = true;
            break;
        }
        detail->contacts[detail->contacts_count++] = number;
        from = key_of2(VIEW_INCIDENT_HAS, incident, number + 1);
    }
    return status == -ENOENT ? 0 : status;
}

/* Its time, told by its own events. */
static int detail_course(const struct question *question, uint64_t incident,
                         struct incident_detail *detail)
{
    struct views *views = question->views;
    struct course course;
    uint64_t seq = 0;
    course_begin(&course, detail);
    for (;;) {
        int status = views_trail_next(views, question->read, incident, seq, &seq);
        if (status == 0)
            status = events_get(question->read, seq, &views->row);
        if (status == -ENOENT)
            break; /* the last one, or not copied yet */
        if (status < 0)
            return status;
        if (codec_unpack(views->codec, SCHEMA_RECORD, views->row.record, views->row.record_size,
                         &views->record) < 0)
            return -EPROTO;
        if (views->record.event.incident == incident)
            course_take(&course, &views->record.event);
    }
    course_end(&course, 0);
    return 0;
}

static int answer_incident(const struct question *question, struct answer *answer)
{
    struct incident_detail *detail = &answer->incident_detail;
    uint64_t incident = question->query->incident.incident;
    if (incident == 0) {
        struct key list = key_of2(VIEW_INCIDENT_BY, BY_NUMBER, question->query->incident.number);
        struct slice value;
        int found = view_next(question->read, &list, &list, &incident, &value);
        if (found < 0)
            return found;
    }
    answer->kind = ANSWER_INCIDENT_DETAIL;
    memset(detail, 0, sizeof *detail);
    detail->has_row = true;
    detail->has_stamps = row_get(question->views, question->read, key_of1(VIEW_STAMPS, incident),
                                 SCHEMA_INCIDENT_STAMPS, &detail->stamps) == 0;
    int status = incident_read(question, incident, &detail->row);
    if (status == 0)
        status = detail_lists(question, incident, answer);
    if (status == 0)
        status = detail_course(question, incident, detail);
    return status < 0 ? status : answer_family(question, incident, answer);
}

static int answer_tasks(const struct question *question, struct answer *answer)
{
    const struct tasks_query *query = &question->query->tasks;
    struct tasks *tasks = &answer->tasks;
    uint32_t room = sizeof tasks->rows / sizeof tasks->rows[0];
    struct key prefix = key_of1(query->open ? VIEW_TASK_OPEN : VIEW_TASK_BY, query->department);
    uint64_t before = query->before ? query->before : UINT64_MAX, task;
    answer->kind = ANSWER_TASKS;
    tasks->rows_count = 0;
    for (;;) {
        struct key limit = prefix;
        struct slice value;
        key_u64(&limit, before);
        int status = view_previous(question->read, &prefix, &limit, &task, &value);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        if (tasks->rows_count == room) {
            answer->more = true;
            answer->next = before;
            return 0;
        }
        status = task_read(question, task, &tasks->rows[tasks->rows_count++]);
        if (status < 0)
            return status;
        before = task;
    }
}

/* ---- events -------------------------------------------------------------------------------- */

/* The next seq behind `after` of what is asked for. */
static int event_next(const struct question *question, uint64_t after, uint64_t *seq)
{
    const struct events_query *query = &question->query->events;
    if (!query->incident && !query->contact) {
        *seq = after + 1;
        return after < question->views->seq ? 0 : -ENOENT;
    }
    uint8_t view = query->incident ? VIEW_TRAIL : VIEW_CONTACT_TRAIL;
    uint64_t subject = query->incident ? query->incident : query->contact;
    struct key prefix = key_of1(view, subject), from = key_of2(view, subject, after + 1);
    struct slice value;
    return view_next(question->read, &prefix, &from, seq, &value);
}

static int answer_events(const struct question *question, struct answer *answer)
{
    struct events *events = &answer->events;
    uint32_t room = sizeof events->rows / sizeof events->rows[0];
    uint64_t seq = question->query->events.after;
    size_t bytes = 0;
    answer->kind = ANSWER_EVENTS;
    events->rows_count = 0;
    for (;;) {
        int status = event_next(question, seq, &seq);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        if (events->rows_count < room)
            status = events_get(question->read, seq, &events->rows[events->rows_count]);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        if (events->rows_count < room)
            bytes += events->rows[events->rows_count].record_size + EVENT_OVERHEAD_BYTES;
        if (events->rows_count == room || bytes > EVENTS_BYTES_MAX) {
            answer->more = true;
            answer->next = events->rows[events->rows_count - 1].seq;
            return 0;
        }
        events->rows_count++;
    }
}

/* ---- the city ------------------------------------------------------------------------------ */

/* Where the rows of a table stand in the answer. */
struct city_list {
    enum answer_kind kind;
    enum schema_id schema;
    void *rows;
    uint32_t *count;
    size_t stride;
    uint32_t room;
    size_t name; /* of its Chinese name in a row */
    char (*sounds)[PINYIN_SOUND_BYTES];
    uint32_t *sounds_count;
};

#define CITY_LIST(KIND, SCHEMA, list)                                                              \
    (struct city_list)                                                                             \
    {                                                                                              \
        KIND, SCHEMA, (list)->rows, &(list)->rows_count, sizeof(list)->rows[0],                    \
            sizeof(list)->rows / sizeof(list)->rows[0], 0, NULL, NULL                              \
    }

/* One whose names are looked for by how they are read, too. */
#define HEARD_LIST(KIND, SCHEMA, list, ROW)                                                        \
    (struct city_list)                                                                             \
    {                                                                                              \
        KIND, SCHEMA, (list)->rows, &(list)->rows_count, sizeof(list)->rows[0],                    \
            sizeof(list)->rows / sizeof(list)->rows[0], offsetof(struct ROW, name_zh),             \
            (list)->sounds, &(list)->sounds_count                                                  \
    }

static struct city_list city_list_of(enum city_table table, struct answer *answer)
{
    switch (table) {
    case CITY_TABLE_LINES:
        return CITY_LIST(ANSWER_LINES, SCHEMA_LINE_ROW, &answer->lines);
    case CITY_TABLE_DEPARTMENTS:
        return HEARD_LIST(ANSWER_DEPARTMENTS, SCHEMA_DEPARTMENT_ROW, &answer->departments,
                          department_row);
    case CITY_TABLE_USERS:
        return CITY_LIST(ANSWER_USERS, SCHEMA_USER_ROW, &answer->users);
    case CITY_TABLE_CATEGORIES:
        return HEARD_LIST(ANSWER_CATEGORIES, SCHEMA_CATEGORY_ROW, &answer->categories,
                          category_row);
    case CITY_TABLE_DISTRICTS:
        return HEARD_LIST(ANSWER_DISTRICTS, SCHEMA_DISTRICT_ROW, &answer->districts, district_row);
    case CITY_TABLE_GATEWAYS:
        return CITY_LIST(ANSWER_GATEWAYS, SCHEMA_GATEWAY_ROW, &answer->gateways);
    case CITY_TABLE_UNITS:
        return CITY_LIST(ANSWER_UNITS, SCHEMA_UNIT_ROW, &answer->units);
    case CITY_TABLE_RUN_CARDS:
        return CITY_LIST(ANSWER_RUN_CARDS, SCHEMA_RUN_CARD_ROW, &answer->run_cards);
    case CITY_TABLE_COVERAGE:
        return CITY_LIST(ANSWER_COVERAGES, SCHEMA_COVERAGE_ROW, &answer->coverages);
    case CITY_TABLE_TREES:
        return CITY_LIST(ANSWER_TREES, SCHEMA_TREE_ROW, &answer->trees);
    case CITY_TABLE_DISPOSITIONS:
        return CITY_LIST(ANSWER_DISPOSITIONS, SCHEMA_DISPOSITION_ROW, &answer->dispositions);
    case CITY_TABLE_RETENTION:
        return CITY_LIST(ANSWER_RETENTION_RULES, SCHEMA_RETENTION_ROW, &answer->retention_rules);
    case CITY_TABLE_FORECASTS:
        return CITY_LIST(ANSWER_FORECASTS, SCHEMA_FORECAST_ROW, &answer->forecasts);
    case CITY_TABLE_NONE:
    case CITY_TABLE_COUNT:
        break;
    }
    return (struct city_list){ .kind = ANSWER_NONE };
}

/* Returns how many octets it adds. */
static size_t sound_of(const struct city_list *list, const char *row)
{
    if (!list->sounds)
        return 0;
    char *sound = list->sounds[*list->count];
    pinyin_sound(row + list->name, sound);
    *list->sounds_count = *list->count + 1;
    return strlen(sound);
}

static int answer_city(const struct question *question, struct answer *answer)
{
    enum city_table table = question->query->city.table;
    struct city_list list = city_list_of(table, answer);
    uint64_t number = question->query->city.after;
    struct key prefix = key_of1(VIEW_CITY, table);
    struct key from = key_of2(VIEW_CITY, table, number ? number + 1 : 0);
    size_t bytes = 0;
    if (list.kind == ANSWER_NONE)
        return -EOPNOTSUPP;
    answer->kind = list.kind;
    if (list.sounds)
        *list.sounds_count = 0;
    for (*list.count = 0;; (*list.count)++) {
        struct slice value;
        uint64_t last = number;
        int status = view_next(question->read, &prefix, &from, &number, &value);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        bytes += value.size + EVENT_OVERHEAD_BYTES;
        if (*list.count == list.room || bytes > CITY_BYTES_MAX) {
            answer->more = true;
            answer->next = last;
            return 0;
        }
        char *row = (char *)list.rows + *list.count * list.stride;
        status = codec_unpack(question->views->codec, list.schema, value.data, value.size, row);
        if (status < 0)
            return status;
        bytes += sound_of(&list, row);
        from = key_of2(VIEW_CITY, table, number + 1);
    }
}

/* ---- recordings -------------------------------------------------------------------------- */

static int answer_recordings(const struct question *question, struct answer *answer)
{
    struct recordings *recordings = &answer->recordings;
    uint32_t room = sizeof recordings->rows / sizeof recordings->rows[0];
    struct key prefix = key_of1(VIEW_RECORDING, question->query->recordings.contact);
    struct key from = prefix;
    answer->kind = ANSWER_RECORDINGS;
    recordings->rows_count = 0;
    for (;;) {
        struct slice value;
        uint64_t seq;
        int status = view_next(question->read, &prefix, &from, &seq, &value);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        answer->more = recordings->rows_count == room;
        if (answer->more)
            return 0;
        struct recording_row *row = &recordings->rows[recordings->rows_count++];
        status =
            codec_unpack(question->views->codec, SCHEMA_RECORDING_ROW, value.data, value.size, row);
        if (status < 0)
            return status;
        row->seq = seq;
        from = key_of2(VIEW_RECORDING, question->query->recordings.contact, seq + 1);
    }
}

/* ---- all of it ----------------------------------------------------------------------------- */

/* Those without a row are not the views' to answer. */
static int (*const answers[QUERY_KIND_COUNT])(const struct question *, struct answer *) = {
    [QUERY_STATUS] = answer_status,
    [QUERY_CONTACTS] = answer_contacts,
    [QUERY_TAKERS] = answer_takers,
    [QUERY_INCIDENTS] = answer_incidents,
    [QUERY_INCIDENT] = answer_incident,
    [QUERY_TASKS] = answer_tasks,
    [QUERY_CALLBACKS] = answer_callbacks,
    [QUERY_EVENTS] = answer_events,
    [QUERY_CITY] = answer_city,
    [QUERY_LOAD] = answer_load,
    [QUERY_VIEWINGS] = answer_viewings,
    [QUERY_HANDOVERS] = answer_handovers,
    [QUERY_ERASURES] = answer_erasures,
    [QUERY_PRESERVATIONS] = answer_preservations,
    [QUERY_GLASSES] = answer_glasses,
    [QUERY_GRANTS] = answer_grants,
    [QUERY_FIXES] = answer_fixes,
    [QUERY_TEXTS] = answer_texts,
    [QUERY_RECORDINGS] = answer_recordings,
    [QUERY_MARKS] = answer_marks,
    [QUERY_STORM] = answer_storm,
    [QUERY_KPI] = answer_kpi,
    [QUERY_UNITS] = answer_units,
    [QUERY_PLANS] = answer_plans,
    [QUERY_COVERAGE] = answer_coverage,
    [QUERY_LIKELY] = answer_likely,
    [QUERY_QUESTIONS] = answer_questions,
    [QUERY_GUIDE] = answer_guide,
    [QUERY_PETITIONS] = answer_petitions,
    [QUERY_PRECEDENTS] = answer_precedents,
    [QUERY_ARTICLES] = answer_articles,
    [QUERY_ARTICLE] = answer_article,
    [QUERY_READINGS] = answer_readings,
    [QUERY_READING_LISTS] = answer_reading_lists,
    [QUERY_READING_PROGRESS] = answer_reading_progress,
    [QUERY_EXAMS] = answer_exams,
    [QUERY_EXAM_LIST] = answer_exam_list,
    [QUERY_EXAM_PAPER] = answer_exam_paper,
    [QUERY_EXAM_RESULTS] = answer_exam_results,
    [QUERY_AMENDMENTS] = answer_amendments,
    [QUERY_AMENDMENT] = answer_amendment,
    [QUERY_NOTICES] = answer_notices,
};

static int answer_it(const struct question *question, struct answer *answer)
{
    enum query_kind kind = question->query->kind;
    return kind < QUERY_KIND_COUNT && answers[kind] ? answers[kind](question, answer) : -EOPNOTSUPP;
}

static enum refusal refusal_of(int status)
{
    switch (status) {
    case 0:
        return REFUSAL_NONE;
    case -ENOENT: /* the incident's and the article's questions ask for one thing by its number */
        return REFUSAL_NO_SUCH_INCIDENT;
    case -EOPNOTSUPP:
        return REFUSAL_UNKNOWN_KIND;
    default:
        return REFUSAL_BUSY;
    }
}

void views_query(struct views *views, const struct query *query, uint64_t now_ms,
                 struct answer *answer)
{
    struct transaction *read;
    answer->seq = 0;
    answer->more = false;
    answer->next = 0;
    int status = store_begin_read(views->store, &read);
    if (status == 0) {
        struct question question = { views, read, query, now_ms };
        status = events_last(read, &answer->seq);
        if (status == 0)
            status = answer_it(&question, answer);
        transaction_end(read);
    }
    answer->refusal = refusal_of(status);
    if (answer->refusal == REFUSAL_NO_SUCH_INCIDENT && query->kind == QUERY_ARTICLE)
        answer->refusal = REFUSAL_NO_SUCH_ARTICLE;
    if (answer->refusal == REFUSAL_NO_SUCH_INCIDENT && query->kind == QUERY_READING_PROGRESS)
        answer->refusal = REFUSAL_NO_SUCH_READING_LIST;
    if (answer->refusal == REFUSAL_NO_SUCH_INCIDENT && query->kind == QUERY_EXAM_RESULTS)
        answer->refusal = REFUSAL_NO_SUCH_EXAM;
    if (answer->refusal == REFUSAL_NO_SUCH_INCIDENT && query->kind == QUERY_EXAM_PAPER)
        answer->refusal = REFUSAL_NO_ATTEMPT_OPEN; /* whose questions these would be */
    if (answer->refusal == REFUSAL_NO_SUCH_INCIDENT && query->kind == QUERY_AMENDMENT)
        answer->refusal = REFUSAL_NO_SUCH_AMENDMENT;
    if (status < 0) {
        answer->kind = ANSWER_NONE;
        answer->more = false;
    }
}
