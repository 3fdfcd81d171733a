/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/io/amendment.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "dispatcher/city/amended.h"
#include "dispatcher/city/grid.h"
#include "proto/access.h"

enum {
    RECOVER_MAX = 16, /* amendments that may be missing on the disk */
    SENTENCES_MAX = sizeof(((struct amendment_check *)0)->sentences) /
                    sizeof(((struct amendment_check *)0)->sentences[0]),
    TABLE_ROWS_IN_ANSWER = sizeof(((struct table_page *)0)->rows) / sizeof(struct table_row)
};

/* ---- from rows to a city ---------------------------------------------------------------------- */

/* What is wrong goes to `owner`, a struct amendment_check; NULL: nobody asked. */
static void hear(void *owner, const char *sentence)
{
    struct amendment_check *check = owner;
    if (check && check->sentences_count < SENTENCES_MAX)
        (void)text_copy(check->sentences[check->sentences_count++], sizeof check->sentences[0],
                        sentence);
}

static void hear_row(struct amendment_check *check, const struct amendment_change *change,
                     int status)
{
    char sentence[512], key[GRID_KEY_BYTES] = "?";
    struct text text = text_into(sentence, sizeof sentence);
    const char *file = change->file ? grid_file(change->file) : "?";
    if (change->file)
        (void)grid_key(change->file, change->before[0] ? change->before : change->after, key);
    if (status == -ESTALE)
        text_print(&text, "%s: row %s is not as the amendment says; draft it anew", file, key);
    else
        text_print(&text, "%s: row %s cannot be taken (%s); correct it", file, key,
                   strerror(-status));
    hear(check, sentence);
}

static int put_change(struct amended *amended, const struct amendment_change *change, bool again,
                      struct amendment_check *check)
{
    if (!change->before[0] && !change->after[0])
        return 0; /* its author took it back */
    int status = amended_put(amended, change->file, change->before, change->after, again);
    if (status < 0)
        hear_row(check, change, status);
    return status;
}

/* Puts an amendment's rows into the tables; *seq is how far the answers had read. Returns 0, or the
 * first row's error; -ENOENT: there is none. */
static int put_changes(struct dispatcher *dispatcher, struct amended *amended, uint32_t number,
                       bool again, struct amendment_check *check, uint64_t *seq)
{
    static struct answer answer;
    static struct query query;
    int first = 0;
    schema_clear(SCHEMA_QUERY, &query);
    query.kind = QUERY_AMENDMENT;
    query.amendment = (struct amendment_query){ .amendment = number };
    do {
        journal_query(dispatcher->journal, &query, dispatcher->now_ms, &answer);
        *seq = answer.seq;
        if (answer.refusal != REFUSAL_NONE)
            return answer.refusal == REFUSAL_NO_SUCH_AMENDMENT ? -ENOENT : -EBUSY;
        for (uint32_t i = 0; i < answer.amendment_detail.changes_count; i++) {
            int status = put_change(amended, &answer.amendment_detail.changes[i], again, check);
            first = first == 0 ? status : first;
        }
        query.amendment.after = answer.next;
    } while (answer.more);
    return first;
}

/* The tables on the disk are those in force? */
static bool is_in_force(struct dispatcher *dispatcher, struct amendment_check *check)
{
    struct city *city = NULL;
    if (city_open(&city, dispatcher->settings->city, hear, check) < 0)
        return false;
    bool same = memcmp(dispatcher->roster.digest, city_digest(city), 32) == 0;
    city_close(city);
    if (!same)
        hear(check, "the tables on the disk are not those in force; have them loaded first "
                    "(SIGHUP to the dispatcher)");
    return same;
}

/* The tables with the amendment in them, checked. Returns 0, *amended and *city; -EINVAL when they do
 * not hold together, -ENOENT, or another negative errno. */
static int prepare(struct dispatcher *dispatcher, uint32_t number, struct amendment_check *check,
                   struct amended **amended, struct city **city)
{
    uint64_t seq = 0;
    *amended = amended_open(dispatcher->settings->city);
    *city = NULL;
    if (!*amended)
        return -ENOMEM;
    int status = is_in_force(dispatcher, check) ? 0 : -EINVAL;
    if (status == 0)
        status = put_changes(dispatcher, *amended, number, false, check, &seq);
    if (status != -EINVAL && seq < dispatcher->amending_seq)
        status = -EBUSY; /* it, or its last rows, were told in this very turn */
    if (status == 0)
        status = amended_city(*amended, city, hear, check);
    if (status < 0) {
        amended_close(*amended);
        *amended = NULL;
    }
    return status;
}

/* ---- commands --------------------------------------------------------------------------------- */

static void forget(struct dispatcher *dispatcher)
{
    amended_close(dispatcher->amended);
    city_close(dispatcher->amended_city);
    dispatcher->amended = NULL;
    dispatcher->amended_city = NULL;
}

/* What the core will refuse needs no tables. */
static bool is_allowed(const struct dispatcher *dispatcher, const struct command *command)
{
    const struct roster_user *user = roster_user(&dispatcher->roster, command->actor);
    return command->actor_kind == ACTOR_KIND_USER && user && !user->row.retired &&
           access_command(&user->row, command->kind) == REFUSAL_NONE;
}

static enum refusal refusal_of(int status)
{
    switch (status) {
    case 0:
        return REFUSAL_NONE;
    case -ENOENT:
        return REFUSAL_NO_SUCH_AMENDMENT;
    case -ENOMEM:
    case -EBUSY:
        return REFUSAL_BUSY;
    default:
        return REFUSAL_AMENDMENT_UNSOUND;
    }
}

enum refusal amendment_before(struct dispatcher *dispatcher, struct command *command)
{
    bool submits = command->kind == COMMAND_AMENDMENT_SUBMIT;
    bool agrees = command->kind == COMMAND_AMENDMENT_RULE && command->amendment_rule.agree;
    if (submits) /* whatever the asker said: only a check makes it light */
        command->amendment_submit.grave = true;
    if ((!submits && !agrees) || !is_allowed(dispatcher, command))
        return REFUSAL_NONE;
    if (dispatcher->amended)
        return REFUSAL_BUSY; /* another one comes into force in this turn */
    uint32_t number =
        submits ? command->amendment_submit.amendment : command->amendment_rule.amendment;
    int status = prepare(dispatcher, number, NULL, &dispatcher->amended, &dispatcher->amended_city);
    if (status < 0)
        return refusal_of(status);
    bool grave = amended_is_grave(dispatcher->amended);
    if (submits)
        command->amendment_submit.grave = grave;
    memcpy(submits ? command->amendment_submit.digest : command->amendment_rule.digest,
           city_digest(dispatcher->amended_city), 32);
    if (agrees || !grave)
        status = amended_stage(dispatcher->amended);
    if (status == 0)
        return REFUSAL_NONE;
    log_error("cannot write the city's tables folder=%s error=%s", dispatcher->settings->city,
              strerror(-status));
    forget(dispatcher);
    return REFUSAL_BUSY;
}

static bool is_applied(const struct verdict *verdict)
{
    const struct event *event = verdict->count > 0 ? &verdict->events[0] : NULL;
    return event && event->kind == EVENT_AMENDMENT_MOVED &&
           event->amendment_moved.to == AMENDMENT_STATE_APPLIED;
}

void amendment_after(struct dispatcher *dispatcher, const struct command *command,
                     const struct outcome *outcome)
{
    if (command->kind >= COMMAND_AMENDMENT_DRAFT && command->kind <= COMMAND_AMENDMENT_WITHDRAW &&
        outcome->event_seq > 0)
        dispatcher->amending_seq = outcome->event_seq;
    if (!dispatcher->amended)
        return;
    if (outcome->refusal != REFUSAL_NONE || !is_applied(&dispatcher->verdict)) {
        forget(dispatcher);
        return;
    }
    (void)recovery_apply_city(dispatcher, dispatcher->amended_city);
}

void amendment_keep(struct dispatcher *dispatcher)
{
    if (!dispatcher->amended)
        return;
    int status = amended_settle(dispatcher->amended);
    if (status < 0)
        log_error("an amendment is in force and not on the disk; a restart writes it folder=%s "
                  "error=%s",
                  dispatcher->settings->city, strerror(-status));
    forget(dispatcher);
}

/* ---- the start -------------------------------------------------------------------------------- */

/* The newest amendments in force, newest first. */
static uint32_t newest(struct dispatcher *dispatcher, uint32_t numbers[RECOVER_MAX])
{
    static struct answer answer;
    static struct query query;
    uint32_t count = 0;
    schema_clear(SCHEMA_QUERY, &query);
    query.kind = QUERY_AMENDMENTS;
    query.amendments = (struct amendments_query){ .state = AMENDMENT_STATE_APPLIED };
    journal_query(dispatcher->journal, &query, dispatcher->now_ms, &answer);
    if (answer.refusal == REFUSAL_NONE)
        for (uint32_t i = 0; i < answer.amendments.rows_count && count < RECOVER_MAX; i++)
            numbers[count++] = answer.amendments.rows[i].amendment;
    return count;
}

/* With these amendments on top, is it the city in force? Then the disk gets it. */
static bool recover_with(struct dispatcher *dispatcher, const uint32_t *numbers, uint32_t count)
{
    struct amended *amended = amended_open(dispatcher->settings->city);
    struct city *city = NULL;
    uint64_t seq;
    int status = amended ? 0 : -ENOMEM;
    for (uint32_t i = count; status == 0 && i > 0; i--)
        status = put_changes(dispatcher, amended, numbers[i - 1], true, NULL, &seq);
    if (status == 0)
        status = amended_city(amended, &city, hear, NULL);
    bool same = status == 0 && memcmp(dispatcher->roster.digest, city_digest(city), 32) == 0;
    if (same) {
        status = amended_stage(amended);
        if (status == 0)
            status = amended_settle(amended);
        log_info("wrote the city's tables anew amendments=%u first=%u%s%s", count,
                 numbers[count - 1], status < 0 ? " error=" : "",
                 status < 0 ? strerror(-status) : "");
    }
    city_close(city);
    amended_close(amended);
    return same;
}

void amendment_recover(struct dispatcher *dispatcher)
{
    uint32_t numbers[RECOVER_MAX];
    if (is_in_force(dispatcher, NULL))
        return;
    uint32_t count = newest(dispatcher, numbers);
    for (uint32_t i = 1; i <= count; i++)
        if (recover_with(dispatcher, numbers, i))
            return;
}

/* ---- questions -------------------------------------------------------------------------------- */

static void answer_table(struct dispatcher *dispatcher, const struct table_page_query *asked,
                         struct answer *answer)
{
    struct grid *grid = NULL;
    struct table_page *table = &answer->table_page;
    const char *columns[TABLE_COLUMNS_MAX];
    answer->kind = ANSWER_TABLE_PAGE;
    table->file = asked->file;
    if (!grid_file(asked->file) || grid_open(&grid, dispatcher->settings->city, asked->file) < 0) {
        answer->refusal = asked->file ? REFUSAL_BUSY : REFUSAL_MALFORMED;
        return;
    }
    table->columns_count = grid_columns(asked->file, columns, &table->keys);
    for (uint32_t i = 0; i < table->columns_count; i++)
        (void)text_copy(table->columns[i], sizeof table->columns[i], columns[i]);
    table->rows_count = 0;
    uint64_t row = asked->after;
    for (; row < grid_count(grid) && table->rows_count < TABLE_ROWS_IN_ANSWER; row++) {
        const char *cells = grid_cells(grid, (uint32_t)row);
        if (cells) /* else it is amended in its file alone */
            (void)text_copy(table->rows[table->rows_count++].cells, sizeof table->rows[0].cells,
                            cells);
    }
    answer->more = row < grid_count(grid);
    answer->next = row;
    grid_close(grid);
}

static void answer_check(struct dispatcher *dispatcher, uint32_t number, struct answer *answer)
{
    struct amendment_check *check = &answer->amendment_check;
    struct amended *amended;
    struct city *city;
    answer->kind = ANSWER_AMENDMENT_CHECK;
    *check = (struct amendment_check){ .sound = false };
    int status = prepare(dispatcher, number, check, &amended, &city);
    if (status == -ENOENT)
        answer->refusal = REFUSAL_NO_SUCH_AMENDMENT;
    else if (refusal_of(status) == REFUSAL_BUSY)
        answer->refusal = REFUSAL_BUSY;
    check->sound = status == 0;
    check->grave = status == 0 && amended_is_grave(amended);
    if (status == 0) {
        city_close(city);
        amended_close(amended);
    }
}

void amendment_answer(struct dispatcher *dispatcher, const struct query *query,
                      struct answer *answer)
{
    answer->seq = journal_seq(dispatcher->journal);
    if (query->kind == QUERY_TABLE_PAGE)
        answer_table(dispatcher, &query->table_page, answer);
    else
        answer_check(dispatcher, query->amendment_check.amendment, answer);
}
