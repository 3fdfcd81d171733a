/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What people must read: the lists, who read which edition, what each of them still owes. Whom a list concerns
 * and what is owed is reckoned when it is asked for: people come, and articles get new editions. */
#include <errno.h>
#include <string.h>

#include "dispatcher/views/row.h"

enum {
    DAY_MS = 24 * 3600 * 1000,
    USERS_PER_QUESTION = 300, /* who is looked at, so that no call waits for it */
    ITEMS_MAX = sizeof(((struct reading_list_row *)0)->articles) / sizeof(uint32_t),
    READINGS_MAX = sizeof(((struct readings *)0)->rows) / sizeof(struct reading_row),
    PROGRESS_MAX =
        sizeof(((struct reading_progress *)0)->rows) / sizeof(struct reading_progress_row)
};

static struct key list_key(uint64_t list)
{
    return key_of1(VIEW_READING_LIST, list);
}

static struct key kept_key(uint32_t user, uint32_t article)
{
    return key_of2(VIEW_READING, user, article);
}

/* ---- events --------------------------------------------------------------------------------------- */

static int assigned(const struct change *change)
{
    const struct event *event = change->event;
    const struct reading_assigned *said = &event->reading_assigned;
    struct reading_list_row row = { .list = said->list,
                                    .role = said->role,
                                    .department = said->department,
                                    .line = said->line,
                                    .due_ms = said->due_ms,
                                    .again_days = said->again_days,
                                    .articles_count = said->articles_count,
                                    .assigned_by = event->actor,
                                    .assigned_ms = event->at_ms };
    memcpy(row.name_zh, said->name_zh, sizeof row.name_zh);
    memcpy(row.name_en, said->name_en, sizeof row.name_en);
    memcpy(row.articles, said->articles, sizeof row.articles);
    return row_put(change, list_key(row.list), SCHEMA_READING_LIST_ROW, &row);
}

static int ended(const struct change *change)
{
    const struct reading_ended *said = &change->event->reading_ended;
    struct reading_list_row row;
    int status = row_take(change, list_key(said->list), SCHEMA_READING_LIST_ROW, &row);
    if (status < 0)
        return status;
    row.ended_ms = change->event->at_ms;
    memcpy(row.words, said->words, sizeof row.words);
    return row_put(change, list_key(row.list), SCHEMA_READING_LIST_ROW, &row);
}

static int keep(const struct change *change, uint32_t article, uint32_t read, uint32_t corrected)
{
    struct key key = kept_key(change->event->actor, article);
    struct reading_kept kept;
    int status = row_take(change, key, SCHEMA_READING_KEPT, &kept);
    if (status < 0 && status != -ENOENT)
        return status;
    if (status == -ENOENT)
        memset(&kept, 0, sizeof kept);
    if (read == kept.edition && !corrected)
        return 0; /* the first time counts */
    if (read) {
        kept.edition = read;
        kept.at_ms = change->event->at_ms;
    }
    if (corrected)
        kept.corrected = corrected;
    return row_put(change, key, SCHEMA_READING_KEPT, &kept);
}

int apply_to_readings(const struct change *change)
{
    const struct event *event = change->event;
    switch (event->kind) {
    case EVENT_READING_ASSIGNED:
        return assigned(change);
    case EVENT_READING_ENDED:
        return ended(change);
    case EVENT_READING_CONFIRMED:
        return keep(change, event->reading_confirmed.article, event->reading_confirmed.edition, 0);
    case EVENT_ARTICLE_CORRECTED:
        return keep(change, event->article_corrected.article, 0, event->article_corrected.edition);
    default:
        return 0;
    }
}

/* ---- what is owed --------------------------------------------------------------------------------- */

static bool concerns(const struct reading_list_row *list, const struct user_row *user)
{
    if (user->retired || user->roles == 0 || (list->role && !(user->roles & 1U << list->role)))
        return false;
    if (list->department && list->department != user->department)
        return false;
    for (uint32_t i = 0; list->line && i < user->skills_count; i++)
        if (user->skills[i].line == list->line)
            return true;
    return list->line == 0;
}

/* One article of a list, and one person. */
struct owing {
    struct article_row article;
    struct reading_kept kept;
    bool out;        /* the article is published: otherwise nobody owes it */
    bool read;       /* as far as it must be */
    uint64_t due_ms; /* of what is not read */
};

static int look(const struct question *question, const struct reading_list_row *list, uint32_t user,
                uint32_t article, struct owing *owing)
{
    *owing = (struct owing){ 0 };
    int status = row_get(question->views, question->read, key_of1(VIEW_ARTICLE, article),
                         SCHEMA_ARTICLE_ROW, &owing->article);
    if (status == 0)
        status = row_get(question->views, question->read, kept_key(user, article),
                         SCHEMA_READING_KEPT, &owing->kept);
    if (status < 0 && status != -ENOENT)
        return status;
    uint64_t again_ms =
        owing->article.again ? owing->article.again_ms + (uint64_t)list->again_days * DAY_MS : 0;
    owing->out = owing->article.published != 0;
    owing->read = owing->kept.edition != 0 && owing->kept.edition >= owing->article.again;
    owing->due_ms = again_ms > list->due_ms ? again_ms : list->due_ms;
    return 0;
}

static int get_user(const struct question *question, uint32_t number, struct user_row *user)
{
    return row_get(question->views, question->read, key_of2(VIEW_CITY, CITY_TABLE_USERS, number),
                   SCHEMA_USER_ROW, user);
}

static void add_row(struct readings *readings, const struct reading_list_row *list,
                    const struct owing *owing)
{
    struct reading_row *row = &readings->rows[readings->rows_count++];
    *row = (struct reading_row){ .article = owing->article.article,
                                 .edition = owing->article.published,
                                 .read = owing->kept.edition };
    memcpy(row->title_zh, owing->article.title_zh, sizeof row->title_zh);
    memcpy(row->title_en, owing->article.title_en, sizeof row->title_en);
    if (!list)
        return;
    row->list = list->list;
    row->due_ms = owing->due_ms;
    memcpy(row->name_zh, list->name_zh, sizeof row->name_zh);
    memcpy(row->name_en, list->name_en, sizeof row->name_en);
}

static int add_list(const struct question *question, const struct reading_list_row *list,
                    uint32_t user, struct readings *readings)
{
    for (uint32_t i = 0; i < list->articles_count; i++) {
        struct owing owing;
        int status = look(question, list, user, list->articles[i], &owing);
        if (status < 0)
            return status;
        if (owing.out && !owing.read)
            add_row(readings, list, &owing);
    }
    return 0;
}

/* What the person corrected and what has a newer edition: the answer to the correction. */
static int add_corrected(const struct question *question, uint32_t user, struct readings *readings)
{
    static const struct reading_list_row none;
    struct key prefix = key_of1(VIEW_READING, user), from = prefix;
    for (;;) {
        struct slice value;
        uint64_t article;
        struct reading_kept kept;
        struct owing owing;
        int status = view_next(question->read, &prefix, &from, &article, &value);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        from = key_of2(VIEW_READING, user, article + 1);
        status = codec_unpack(question->views->codec, SCHEMA_READING_KEPT, value.data, value.size,
                              &kept);
        if (status < 0)
            return status;
        if (!kept.corrected)
            continue;
        status = look(question, &none, user, (uint32_t)article, &owing);
        if (status < 0)
            return status;
        if (owing.article.published <= kept.corrected || kept.edition >= owing.article.published)
            continue;
        if (readings->rows_count == READINGS_MAX)
            return 0; /* what is read makes room for the rest */
        add_row(readings, NULL, &owing);
    }
}

static int next_list(const struct question *question, uint64_t after, struct reading_list_row *list)
{
    struct key prefix = key_of(VIEW_READING_LIST), from = list_key(after + 1);
    struct slice value;
    uint64_t number;
    int status = view_next(question->read, &prefix, &from, &number, &value);
    return status < 0 ? status
                      : codec_unpack(question->views->codec, SCHEMA_READING_LIST_ROW, value.data,
                                     value.size, list);
}

int answer_readings(const struct question *question, struct answer *answer)
{
    const struct readings_query *asked = &question->query->readings;
    struct readings *readings = &answer->readings;
    struct user_row user;
    struct reading_list_row list = { .list = (uint32_t)asked->after };
    answer->kind = ANSWER_READINGS;
    readings->rows_count = 0;
    int status = get_user(question, asked->user, &user);
    if (status < 0)
        return status == -ENOENT ? 0 : status;
    while ((status = next_list(question, list.list, &list)) == 0) {
        if (list.ended_ms || !concerns(&list, &user))
            continue;
        status = add_list(question, &list, asked->user, readings);
        if (status < 0)
            return status;
        answer->next = list.list;
        answer->more = readings->rows_count + ITEMS_MAX > READINGS_MAX;
        if (answer->more)
            return 0;
    }
    return status == -ENOENT ? add_corrected(question, asked->user, readings) : status;
}

int answer_reading_lists(const struct question *question, struct answer *answer)
{
    struct reading_lists *lists = &answer->reading_lists;
    uint64_t after = question->query->reading_lists.after;
    answer->kind = ANSWER_READING_LISTS;
    lists->rows_count = 0;
    for (;;) {
        struct reading_list_row row;
        int status = next_list(question, after, &row);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        if (lists->rows_count == sizeof lists->rows / sizeof lists->rows[0]) {
            answer->more = true;
            return 0;
        }
        lists->rows[lists->rows_count++] = row;
        answer->next = after = row.list;
    }
}

static int add_progress(const struct question *question, const struct reading_list_row *list,
                        uint32_t user, struct reading_progress_row *row)
{
    *row = (struct reading_progress_row){ .user = user };
    for (uint32_t i = 0; i < list->articles_count; i++) {
        struct owing owing;
        int status = look(question, list, user, list->articles[i], &owing);
        if (status < 0)
            return status;
        if (!owing.out)
            continue;
        row->articles++;
        if (owing.kept.at_ms > row->read_ms)
            row->read_ms = owing.kept.at_ms;
        if (owing.read) {
            row->read++;
            continue;
        }
        row->owed[row->owed_count++] = list->articles[i];
        row->overdue += owing.due_ms < question->now_ms;
        if (!row->due_ms || owing.due_ms < row->due_ms)
            row->due_ms = owing.due_ms;
    }
    return 0;
}

int answer_reading_progress(const struct question *question, struct answer *answer)
{
    const struct reading_progress_query *asked = &question->query->reading_progress;
    struct reading_progress *progress = &answer->reading_progress;
    struct key prefix = key_of1(VIEW_CITY, CITY_TABLE_USERS);
    struct key from = key_of2(VIEW_CITY, CITY_TABLE_USERS, asked->after + 1);
    struct reading_list_row list;
    answer->kind = ANSWER_READING_PROGRESS;
    progress->rows_count = 0;
    int status = row_get(question->views, question->read, list_key(asked->list),
                         SCHEMA_READING_LIST_ROW, &list);
    for (uint32_t looked = 0; status == 0; looked++) {
        struct user_row user;
        struct slice value;
        uint64_t number;
        status = view_next(question->read, &prefix, &from, &number, &value);
        if (status == -ENOENT)
            return 0;
        answer->more =
            status == 0 && (looked == USERS_PER_QUESTION || progress->rows_count == PROGRESS_MAX);
        if (answer->more)
            return 0;
        if (status == 0)
            status = codec_unpack(question->views->codec, SCHEMA_USER_ROW, value.data, value.size,
                                  &user);
        from = key_of2(VIEW_CITY, CITY_TABLE_USERS, number + 1);
        answer->next = number;
        if (status == 0 && concerns(&list, &user))
            status =
                add_progress(question, &list, user.user, &progress->rows[progress->rows_count++]);
    }
    return status;
}
