/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Changes of the city's tables by two persons: what edited copies would change, whether the city holds
 * together with it, proposing, ruling, undoing. Looking and checking need no dispatcher. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "consoles/ctl/field.h"
#include "consoles/ctl/rows.h"
#include "consoles/ctl/session.h"
#include "consoles/ctl/sheet.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"
#include "dispatcher/city/amended.h"
#include "dispatcher/city/grid.h"
#include "proto/settings.h"

enum {
    PATH_BYTES = 1024
};

static struct settings settings;

static int read_settings(const struct request *request)
{
    int status = settings_read(&settings, request->home, complain_sentence, NULL);
    if (status < 0)
        complain(words("the settings of %s cannot be read: %s", "%s 的配置不可读：%s"),
                 request->home, strerror(-status));
    return status < 0 ? EXIT_FAILED : EXIT_DONE;
}

/* ---- changes ---------------------------------------------------------------------------------- */

/* Both sides of every row that differs. */
struct changes {
    struct amendment_change *rows;
    uint32_t count, room;
    bool short_of_memory;
};

static void add_change(void *owner, enum city_file file, const char *before, const char *after)
{
    struct changes *changes = owner;
    if (changes->count == changes->room) {
        uint32_t room = changes->room ? 2 * changes->room : 16;
        struct amendment_change *rows = realloc(changes->rows, room * sizeof *rows);
        if (!rows) {
            changes->short_of_memory = true;
            return;
        }
        changes->rows = rows;
        changes->room = room;
    }
    struct amendment_change *change = &changes->rows[changes->count++];
    *change = (struct amendment_change){ .row = changes->count, .file = file };
    (void)text_copy(change->before, sizeof change->before, before);
    (void)text_copy(change->after, sizeof change->after, after);
}

static int compare_file(struct changes *changes, const char *folder, enum city_file file)
{
    struct grid *old = NULL, *fresh = NULL;
    int status = grid_open(&old, settings.city, file);
    if (status == 0)
        status = grid_open(&fresh, folder, file);
    if (status == 0)
        status = grid_compare(old, fresh, add_change, changes);
    grid_close(old);
    grid_close(fresh);
    if (status == 0 && !changes->short_of_memory)
        return EXIT_DONE;
    complain(words("%s/%s is no table that can be compared: %s", "%s/%s 无法比较：%s"), folder,
             grid_file(file), changes->short_of_memory ? strerror(ENOMEM) : strerror(-status));
    return EXIT_FAILED;
}

/* The table of this name; NONE for another file. */
static enum city_file file_named(const char *name)
{
    for (enum city_file file = CITY_FILE_NONE + 1; file < CITY_FILE_COUNT; file++)
        if (strcmp(grid_file(file), name) == 0)
            return file;
    return CITY_FILE_NONE;
}

static int compare_folder(struct changes *changes, const char *folder)
{
    unsigned tables = 0;
    int code = EXIT_DONE;
    for (enum city_file file = CITY_FILE_NONE + 1; code == EXIT_DONE && file < CITY_FILE_COUNT;
         file++) {
        char path[PATH_BYTES];
        struct stat about;
        (void)snprintf(path, sizeof path, "%s/%s", folder, grid_file(file));
        if (stat(path, &about) < 0)
            continue;
        tables++;
        code = compare_file(changes, folder, file);
    }
    if (code == EXIT_DONE && tables == 0) {
        complain(words("no table of the city lies in %s", "%s 中没有城市表格"), folder);
        code = EXIT_USAGE;
    }
    return code;
}

/* The argument names an edited copy of one table, or a folder of some. */
static int compare(struct changes *changes, const struct request *request)
{
    char folder[PATH_BYTES];
    const char *path = request->arguments[0];
    struct stat about;
    int code = read_settings(request);
    if (code != EXIT_DONE)
        return code;
    if (stat(path, &about) == 0 && S_ISDIR(about.st_mode))
        return compare_folder(changes, path);
    const char *slash = strrchr(path, '/');
    enum city_file file = file_named(slash ? slash + 1 : path);
    if (!file || !text_copy(folder, sizeof folder, slash ? path : ".")) {
        complain(words("%s is neither a folder nor a copy of a table, e.g. users.csv",
                       "%s 既不是文件夹，也不是城市表格（如 users.csv）的副本"),
                 path);
        return EXIT_USAGE;
    }
    if (slash)
        folder[slash - path] = 0;
    return compare_file(changes, folder[0] ? folder : "/", file);
}

/* ---- showing them ----------------------------------------------------------------------------- */

static void add_line(struct sheet *sheet, const char *file, const char *key, const char *how,
                     const char *column, const char *before, const char *after)
{
    const char *cells[] = { file, key, how, column, before, after };
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++)
        (void)sheet_add(sheet, cells[i]);
}

/* One line for each cell that differs. */
static void add_cells(struct sheet *sheet, const struct amendment_change *change)
{
    struct cells old = { .count = 0 }, fresh = { .count = 0 };
    const char *columns[TABLE_COLUMNS_MAX], *file = grid_file(change->file);
    char key[GRID_KEY_BYTES] = "";
    enum schema_id schema = grid_schema(change->file);
    uint32_t keys;
    bool known = change->before[0] && cells_read(&old, schema, change->before) == 0;
    bool stays = change->after[0] && cells_read(&fresh, schema, change->after) == 0;
    (void)grid_key(change->file, known ? change->before : change->after, key);
    const char *how = !known  ? words("added", "新增")
                      : stays ? words("changed", "修改")
                              : words("removed", "删除");
    uint32_t count = grid_columns(change->file, columns, &keys);
    for (uint32_t i = known && stays ? 0 : keys; i < count; i++) {
        const char *before = cells_find(&old, columns[i]), *after = cells_find(&fresh, columns[i]);
        if (strcmp(before, after) != 0)
            add_line(sheet, file, key, how, columns[i], before, after);
    }
}

static void print_changes(const struct request *request, const struct amendment_change *rows,
                          uint32_t count)
{
    const char *heads[] = {
        words("TABLE", "表"),  words("ROW", "行"),      words("CHANGE", "变更"),
        words("COLUMN", "列"), words("BEFORE", "原值"), words("AFTER", "新值")
    };
    const char *plain[] = { "table", "row", "change", "column", "before", "after" };
    for (uint32_t i = 0; request->json && i < count; i++)
        print_json(SCHEMA_AMENDMENT_CHANGE, &rows[i]);
    struct sheet *sheet = request->json ? NULL : sheet_open(sheets_are_csv() ? plain : heads, 6);
    if (!sheet)
        return;
    for (uint32_t i = 0; i < count; i++)
        add_cells(sheet, &rows[i]);
    sheet_print(sheet, stdout);
    sheet_close(sheet);
}

int run_city_diff(struct request *request)
{
    struct changes changes = { NULL, 0, 0, false };
    int code = compare(&changes, request);
    if (code == EXIT_DONE && changes.count == 0 && !request->json && !request->csv)
        (void)puts(words("no row differs", "没有差异"));
    else if (code == EXIT_DONE)
        print_changes(request, changes.rows, changes.count);
    free(changes.rows);
    return code;
}

/* ---- checking --------------------------------------------------------------------------------- */

static void print_gravity(bool grave)
{
    (void)puts(grave ? words("it takes a second person: security", "须由安全管理员复核后生效")
                     : words("one person is enough", "一人即可生效"));
}

static int check_changes(const struct changes *changes)
{
    struct amended *amended = amended_open(settings.city);
    struct city *city = NULL;
    int status = amended ? 0 : -ENOMEM;
    for (uint32_t i = 0; status == 0 && i < changes->count; i++)
        status = amended_put(amended, changes->rows[i].file, changes->rows[i].before,
                             changes->rows[i].after, false);
    if (status == 0)
        status = amended_city(amended, &city, complain_sentence, NULL);
    if (status == 0) {
        (void)printf(words("the city holds together: %u rows differ\n", "检查通过：%u 行变更\n"),
                     changes->count);
        print_gravity(amended_is_grave(amended));
    } else {
        complain(words("the city would not hold together: %s", "检查未通过：%s"),
                 strerror(-status));
    }
    city_close(city);
    amended_close(amended);
    return status < 0 ? EXIT_FAILED : EXIT_DONE;
}

int run_city_check(struct request *request)
{
    struct changes changes = { NULL, 0, 0, false };
    int code = compare(&changes, request);
    if (code == EXIT_DONE)
        code = check_changes(&changes);
    free(changes.rows);
    return code;
}

/* ---- amendments ------------------------------------------------------------------------------- */

static int open_as(struct session **session, const struct request *request, enum role role)
{
    char login[33] = "";
    if (!request->as)
        login_of_role(request->home, role, login);
    return session_open(session, request, login);
}

static int read_amendment(const struct request *request, uint32_t *amendment)
{
    uint64_t number = 0;
    if (!number_read(request->arguments[0], &number) || number == 0 || number > UINT32_MAX) {
        complain(words("an amendment is a number, not \"%s\"", "变更应为编号，不是“%s”"),
                 request->arguments[0]);
        return EXIT_USAGE;
    }
    *amendment = (uint32_t)number;
    return EXIT_DONE;
}

/* Says what is wrong with it. Returns EXIT_DONE when it is sound. */
static int check_amendment(struct session *session, uint32_t amendment)
{
    const struct answer *answer = NULL;
    struct query query = { .kind = QUERY_AMENDMENT_CHECK, .amendment_check = { amendment } };
    int code = session_ask(session, &query, &answer);
    for (uint32_t i = 0; code == EXIT_DONE && i < answer->amendment_check.sentences_count; i++)
        complain("%s", answer->amendment_check.sentences[i]);
    return code == EXIT_DONE && !answer->amendment_check.sound ? EXIT_CONFLICT : code;
}

static int submit(struct session *session, const struct command *command, struct outcome *outcome)
{
    uint32_t amendment = command->kind == COMMAND_AMENDMENT_SUBMIT
                             ? command->amendment_submit.amendment
                             : command->amendment_rule.amendment;
    int code = session_submit(session, command, NULL, outcome);
    if (code == EXIT_DONE && outcome->refusal == REFUSAL_AMENDMENT_UNSOUND)
        (void)check_amendment(session, amendment);
    return code == EXIT_DONE ? session_refused(outcome->refusal) : code;
}

static int write_side(struct session *session, uint32_t amendment, uint32_t row,
                      const struct amendment_change *change, bool after)
{
    static struct command command;
    struct outcome outcome;
    const char *cells = after ? change->after : change->before;
    if (!cells[0])
        return EXIT_DONE;
    command = (struct command){ .kind = COMMAND_AMENDMENT_WRITE };
    command.amendment_write.amendment = amendment;
    command.amendment_write.row = row;
    command.amendment_write.file = change->file;
    command.amendment_write.after = after;
    (void)text_copy(command.amendment_write.cells, sizeof command.amendment_write.cells, cells);
    return submit(session, &command, &outcome);
}

static int draft(struct session *session, const char *why, uint32_t undoes, uint32_t *amendment)
{
    struct command command = { .kind = COMMAND_AMENDMENT_DRAFT };
    struct outcome outcome = { 0 };
    command.amendment_draft.undoes = undoes;
    if (!text_copy(command.amendment_draft.words, sizeof command.amendment_draft.words, why)) {
        complain(words("the reason has at most 300 bytes", "理由不超过 300 字节"));
        return EXIT_USAGE;
    }
    int code = submit(session, &command, &outcome);
    *amendment = outcome.amendment;
    return code;
}

/* Nothing half is left behind. */
static void withdraw(struct session *session, uint32_t amendment)
{
    struct command command = { .kind = COMMAND_AMENDMENT_WITHDRAW };
    struct outcome outcome;
    command.amendment_withdraw.amendment = amendment;
    if (amendment > 0)
        (void)session_submit(session, &command, NULL, &outcome);
}

static void print_amendment(const struct request *request, const struct outcome *outcome,
                            uint32_t amendment, bool grave)
{
    if (request->json) {
        print_json(SCHEMA_OUTCOME, outcome);
        return;
    }
    (void)printf(
        grave ? words("amendment %u waits for a second person\n", "变更 %u 待安全管理员复核\n")
              : words("amendment %u is in force\n", "变更 %u 已生效\n"),
        amendment);
}

/* Drafts the changes, has them checked, and submits them. */
static int propose(struct session *session, const struct request *request,
                   const struct changes *changes, uint32_t undoes)
{
    struct command command = { .kind = COMMAND_AMENDMENT_SUBMIT };
    struct outcome outcome = { 0 };
    const struct answer *answer = NULL;
    uint32_t amendment = 0;
    int code = draft(session, request_option(request, "why"), undoes, &amendment);
    for (uint32_t i = 0; code == EXIT_DONE && i < changes->count; i++) {
        code = write_side(session, amendment, i + 1, &changes->rows[i], false);
        if (code == EXIT_DONE)
            code = write_side(session, amendment, i + 1, &changes->rows[i], true);
    }
    command.amendment_submit.amendment = amendment;
    if (code == EXIT_DONE)
        code = submit(session, &command, &outcome);
    if (code != EXIT_DONE) {
        withdraw(session, amendment);
        return code;
    }
    struct query query = { .kind = QUERY_AMENDMENT, .amendment = { .amendment = amendment } };
    code = session_ask(session, &query, &answer);
    if (code == EXIT_DONE)
        print_amendment(request, &outcome, amendment, answer->amendment_detail.row.grave);
    return code;
}

int run_city_propose(struct request *request)
{
    struct changes changes = { NULL, 0, 0, false };
    struct session *session = NULL;
    int code = compare(&changes, request);
    if (code == EXIT_DONE && changes.count == 0) {
        complain(words("no row differs: nothing to propose", "没有差异，无可提交"));
        code = EXIT_CONFLICT;
    }
    if (code == EXIT_DONE)
        code = open_as(&session, request, ROLE_OPERATOR);
    if (code == EXIT_DONE)
        code = propose(session, request, &changes, 0);
    session_close(session);
    free(changes.rows);
    return code;
}

/* All of an amendment: its row, and its changes as they are or the other way round. */
static int gather(struct session *session, uint32_t amendment, bool reverse,
                  struct amendment_row *row, struct changes *changes)
{
    const struct answer *answer = NULL;
    struct query query = { .kind = QUERY_AMENDMENT, .amendment = { .amendment = amendment } };
    int code;
    do {
        code = session_ask(session, &query, &answer);
        if (code != EXIT_DONE)
            return code;
        const struct amendment_detail *detail = &answer->amendment_detail;
        *row = detail->row;
        for (uint32_t i = 0; i < detail->changes_count; i++) {
            const struct amendment_change *change = &detail->changes[i];
            if (change->before[0] || change->after[0])
                add_change(changes, change->file, reverse ? change->after : change->before,
                           reverse ? change->before : change->after);
        }
        query.amendment.after = answer->next;
    } while (answer->more);
    if (changes->short_of_memory)
        complain("%s", strerror(ENOMEM));
    return changes->short_of_memory ? EXIT_FAILED : EXIT_DONE;
}

/* The amendment the request names. */
static int look(struct request *request, bool reverse, struct session **session,
                struct amendment_row *row, struct changes *changes)
{
    uint32_t amendment = 0;
    int code = read_amendment(request, &amendment);
    if (code == EXIT_DONE)
        code = open_as(session, request, ROLE_OPERATOR);
    return code == EXIT_DONE ? gather(*session, amendment, reverse, row, changes) : code;
}

int run_city_undo(struct request *request)
{
    struct changes changes = { NULL, 0, 0, false };
    struct amendment_row row = { 0 };
    struct session *session = NULL;
    int code = look(request, true, &session, &row, &changes);
    if (code == EXIT_DONE && row.state != AMENDMENT_STATE_APPLIED) {
        complain(words("amendment %u never came into force", "变更 %u 未曾生效"), row.amendment);
        code = EXIT_CONFLICT;
    }
    if (code == EXIT_DONE)
        code = propose(session, request, &changes, row.amendment);
    session_close(session);
    free(changes.rows);
    return code;
}

int run_city_rule(struct request *request)
{
    struct command command = { .kind = COMMAND_AMENDMENT_RULE };
    struct outcome outcome = { 0 };
    struct session *session = NULL;
    const char *why = request_option(request, "why");
    int code = read_amendment(request, &command.amendment_rule.amendment);
    command.amendment_rule.agree = strstr(request->verb->name, "approve") != NULL;
    if (why && !text_copy(command.amendment_rule.words, sizeof command.amendment_rule.words, why))
        code = EXIT_USAGE;
    if (code == EXIT_DONE)
        code = open_as(&session, request, ROLE_SECURITY);
    if (code == EXIT_DONE)
        code = submit(session, &command, &outcome);
    if (code == EXIT_DONE && request->json)
        print_json(SCHEMA_OUTCOME, &outcome);
    else if (code == EXIT_DONE)
        (void)puts(command.amendment_rule.agree ? words("in force", "已生效")
                                                : words("rejected", "已否决"));
    session_close(session);
    return code;
}

/* ---- history ---------------------------------------------------------------------------------- */

static const struct column columns[] = {
    { "amendment", "AMENDMENT", "变更", COLUMN_PLAIN },
    { "state", "STATE", "状态", COLUMN_PLAIN },
    { "rows", "ROWS", "行数", COLUMN_COUNT },
    { "grave", "TWO", "须复核", COLUMN_PLAIN },
    { "author", "AUTHOR", "提出人", COLUMN_PLAIN },
    { "drafted_ms", "DRAFTED", "起草", COLUMN_TIME },
    { "ruler", "RULED BY", "办结人", COLUMN_PLAIN },
    { "ended_ms", "ENDED", "办结", COLUMN_TIME },
    { "undoes", "UNDOES", "撤销", COLUMN_PLAIN },
    { "undone_by", "UNDONE BY", "被撤销于", COLUMN_PLAIN },
    { "words", "WHY", "理由", COLUMN_PLAIN },
    { "ruling", "RULING", "复核意见", COLUMN_PLAIN },
};

static int read_state(const struct request *request, enum amendment_state *state)
{
    const char *word = request_option(request, "state");
    *state = AMENDMENT_STATE_NONE;
    if (!word)
        return EXIT_DONE;
    for (enum amendment_state one = AMENDMENT_STATE_NONE + 1; one < AMENDMENT_STATE_COUNT; one++)
        if (strcmp(word, amendment_state_name(one)) == 0)
            *state = one;
    if (*state)
        return EXIT_DONE;
    complain(words("state: draft, waiting, applied, rejected or withdrawn",
                   "state 应为 draft、waiting、applied、rejected 或 withdrawn"));
    return EXIT_USAGE;
}

int run_city_history(struct request *request)
{
    struct session *session = NULL;
    const struct answer *answer = NULL;
    struct query query = { .kind = QUERY_AMENDMENTS };
    struct rows *rows = NULL;
    int code = read_state(request, &query.amendments.state);
    if (code == EXIT_DONE)
        code = open_as(&session, request, ROLE_OPERATOR);
    for (bool more = true; code == EXIT_DONE && more;) {
        code = session_ask(session, &query, &answer);
        if (code != EXIT_DONE)
            break;
        if (!rows && !request->json)
            rows = rows_open(SCHEMA_AMENDMENT_ROW, columns, sizeof columns / sizeof columns[0]);
        if (request->json)
            print_json(SCHEMA_AMENDMENTS, &answer->amendments);
        else
            rows_add(rows, answer->amendments.rows, answer->amendments.rows_count);
        more = answer->more;
        query.amendments.before = answer->next;
    }
    if (rows)
        rows_print(rows);
    rows_close(rows);
    session_close(session);
    return code;
}

static void print_head(const struct amendment_row *row)
{
    char drafted[TIME_BYTES], ended[TIME_BYTES];
    time_write(drafted, row->drafted_ms);
    time_write(ended, row->ended_ms);
    (void)printf(
        words("amendment %u, %s: %s\ndrafted by %u at %s\n", "变更 %u，%s：%s\n由 %u 于 %s 起草\n"),
        row->amendment, amendment_state_name(row->state), row->words, row->author, drafted);
    if (row->ruler)
        (void)printf(words("ended by %u at %s %s\n", "由 %u 于 %s 办结 %s\n"), row->ruler, ended,
                     row->ruling);
    if (row->undoes)
        (void)printf(words("undoes amendment %u\n", "撤销变更 %u\n"), row->undoes);
    if (row->undone_by)
        (void)printf(words("undone by amendment %u\n", "已由变更 %u 撤销\n"), row->undone_by);
    (void)putchar('\n');
}

int run_city_show(struct request *request)
{
    struct changes changes = { NULL, 0, 0, false };
    struct amendment_row row = { 0 };
    struct session *session = NULL;
    int code = look(request, false, &session, &row, &changes);
    if (code == EXIT_DONE && request->json)
        print_json(SCHEMA_AMENDMENT_ROW, &row);
    else if (code == EXIT_DONE && !request->csv)
        print_head(&row);
    if (code == EXIT_DONE)
        print_changes(request, changes.rows, changes.count);
    session_close(session);
    free(changes.rows);
    return code;
}
