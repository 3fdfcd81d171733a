/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Notices to many: who gets one, and how far each is. Nobody is named twice. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/text.h"
#include "consoles/ctl/field.h"
#include "consoles/ctl/rows.h"
#include "consoles/ctl/session.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"

enum {
    NUMBER_BYTES = 24,
    NUMBERS_MAX = 500000,
    LINES_OF_CHUNK = 120 /* 120 × 24 octets fit into the personal text */
};

static const struct column columns[] = {
    { "notice", "notice", "通知", COLUMN_PLAIN },
    { "state", "state", "状态", COLUMN_PLAIN },
    { "total", "recipients", "收件人", COLUMN_COUNT },
    { "ordered", "ordered", "已下发", COLUMN_COUNT },
    { "sent", "sent", "已发送", COLUMN_COUNT },
    { "delivered", "delivered", "已送达", COLUMN_COUNT },
    { "failed", "failed", "失败", COLUMN_COUNT },
    { "excused", "excused", "未发", COLUMN_COUNT },
    { "edition", "words", "文稿版次", COLUMN_COUNT },
    { "has_last", "have them", "已收最新", COLUMN_COUNT },
    { "has_other", "have others", "已收旧文", COLUMN_COUNT },
    { "has_either", "unknown which", "不明", COLUMN_COUNT },
    { "again", "texted again", "已补发", COLUMN_COUNT },
    { "corrected_by", "corrected by", "更正人", COLUMN_PLAIN },
    { "rate", "a second", "每秒", COLUMN_COUNT },
    { "created_by", "written by", "拟定人", COLUMN_PLAIN },
    { "started_by", "started by", "确认人", COLUMN_PLAIN },
    { "moved_ms", "since", "自", COLUMN_TIME },
    { "next_ms", "next", "下一批", COLUMN_TIME },
    { "reason", "reason", "夜间发送理由", COLUMN_PLAIN },
};

static int read_notice(const struct request *request, uint64_t *notice)
{
    const char *word = request_argument(request, 0);
    *notice = 0;
    if (!word || (number_read(word, notice) && *notice > 0))
        return EXIT_DONE;
    complain(words("a notice is a number, not \"%s\"", "通知是编号，不是“%s”"), word);
    return EXIT_USAGE;
}

int run_notices(struct request *request)
{
    struct session *session = NULL;
    const struct answer *answer = NULL;
    struct query query = { .kind = QUERY_NOTICES };
    int code = read_notice(request, &query.notices.notice);
    if (code == EXIT_DONE)
        code = session_look(&session, request);
    if (code == EXIT_DONE)
        code = session_ask(session, &query, &answer);
    if (code == EXIT_DONE && query.notices.notice && answer->notices.rows_count == 0)
        code = session_refused(REFUSAL_NO_SUCH_NOTICE);
    if (code == EXIT_DONE && request->json) {
        print_json(SCHEMA_NOTICES, &answer->notices);
    } else if (code == EXIT_DONE) {
        struct rows *rows =
            rows_open(SCHEMA_NOTICE_ROW, columns, sizeof columns / sizeof columns[0]);
        rows_add(rows, answer->notices.rows, answer->notices.rows_count);
        rows_print(rows);
        rows_close(rows);
    }
    session_close(session);
    return code;
}

/* ---- recipients ----------------------------------------------------------------------------------- */

static int submit(struct session *session, const struct command *command,
                  const struct personal *personal)
{
    static struct outcome outcome;
    int code = session_submit(session, command, personal, &outcome);
    if (code == EXIT_DONE && outcome.refusal == REFUSAL_NO_RECIPIENTS)
        return code; /* the notice names all of these already, or they must not be texted */
    return code == EXIT_DONE ? session_refused(outcome.refusal) : code;
}

struct numbers {
    char (*numbers)[NUMBER_BYTES];
    size_t count;
};

static int compare_numbers(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* One number a line; what comes behind a comma or blank is not read. */
static int read_numbers(const char *path, struct numbers *numbers)
{
    char line[256];
    FILE *file = fopen(path, "r");
    if (!file) {
        complain(words("cannot read %s: %s", "无法读取 %s: %s"), path, strerror(errno));
        return EXIT_FAILED;
    }
    while (numbers->count < NUMBERS_MAX && fgets(line, sizeof line, file)) {
        size_t length = strcspn(line, ", \t\r\n");
        if (length == 0 || length >= NUMBER_BYTES)
            continue;
        memcpy(numbers->numbers[numbers->count], line, length);
        numbers->numbers[numbers->count++][length] = 0;
    }
    bool more = fgets(line, sizeof line, file) != NULL;
    (void)fclose(file);
    if (more)
        complain(words("%s has more than %d numbers", "%s 超过 %d 个号码"), path, NUMBERS_MAX);
    return more ? EXIT_USAGE : EXIT_DONE;
}

static int add_numbers(struct session *session, uint64_t notice, struct numbers *numbers,
                       size_t *added)
{
    static struct command command = { .kind = COMMAND_NOTICE_ADD };
    static struct personal personal;
    int code = EXIT_DONE;
    size_t at = 0;
    qsort(numbers->numbers, numbers->count, NUMBER_BYTES, compare_numbers);
    command.notice_add.notice = notice;
    while (code == EXIT_DONE && at < numbers->count) {
        struct text text = text_into(personal.text, sizeof personal.text);
        for (int lines = 0; lines < LINES_OF_CHUNK && at < numbers->count; at++) {
            if (at > 0 && strcmp(numbers->numbers[at], numbers->numbers[at - 1]) == 0)
                continue;
            text_print(&text, "%s\n", numbers->numbers[at]);
            ++*added;
            lines++;
        }
        code = submit(session, &command, &personal);
    }
    sodium_memzero(&personal, sizeof personal);
    return code;
}

static int add_file(struct session *session, uint64_t notice, const char *path, size_t *added)
{
    struct numbers numbers = { .numbers = malloc((size_t)NUMBERS_MAX * NUMBER_BYTES) };
    if (!numbers.numbers)
        return EXIT_FAILED;
    int code = read_numbers(path, &numbers);
    if (code == EXIT_DONE)
        code = add_numbers(session, notice, &numbers, added);
    free(numbers.numbers);
    return code;
}

struct telling {
    uint64_t caller;
    uint64_t incident;
};

static int compare_callers(const void *a, const void *b)
{
    const struct telling *left = a;
    const struct telling *right = b;
    return left->caller < right->caller ? -1 : left->caller > right->caller;
}

static uint32_t number_option(const struct request *request, const char *name)
{
    uint64_t number = 0;
    const char *word = request_option(request, name);
    return word && number_read(word, &number) && number <= UINT32_MAX ? (uint32_t)number : 0;
}

/* The open incidents of the request's district, category, line and day. */
static int find_incidents(struct session *session, const struct request *request,
                          struct telling *found, size_t *count)
{
    struct query query = { .kind = QUERY_INCIDENTS };
    const struct answer *answer = NULL;
    uint32_t district = number_option(request, "district");
    uint32_t category = number_option(request, "category");
    query.incidents.open = true;
    query.incidents.line = number_option(request, "line");
    query.incidents.day = number_option(request, "day");
    do {
        int code = session_ask(session, &query, &answer);
        if (code != EXIT_DONE)
            return code;
        const struct incidents *incidents = &answer->incidents;
        for (uint32_t i = 0; i < incidents->rows_count && *count < NUMBERS_MAX; i++) {
            const struct incident_row *row = &incidents->rows[i];
            if (row->caller && (!district || row->district == district) &&
                (!category || row->category == category))
                found[(*count)++] = (struct telling){ row->caller, row->incident };
        }
        query.incidents.before = answer->next;
    } while (answer->more);
    return EXIT_DONE;
}

static int add_incidents(struct session *session, const struct request *request, uint64_t notice,
                         size_t *added)
{
    static struct command command = { .kind = COMMAND_NOTICE_ADD };
    struct notice_add *add = &command.notice_add;
    uint32_t most = sizeof add->incidents / sizeof add->incidents[0];
    struct telling *found = malloc(NUMBERS_MAX * sizeof *found);
    size_t count = 0;
    if (!found)
        return EXIT_FAILED;
    int code = find_incidents(session, request, found, &count);
    qsort(found, count, sizeof *found, compare_callers);
    add->notice = notice;
    for (size_t i = 0; i < count && code == EXIT_DONE; i++) {
        bool again = i > 0 && found[i].caller == found[i - 1].caller;
        if (!again)
            add->incidents[add->incidents_count++] = found[i].incident;
        *added += !again;
        if (add->incidents_count == most || (i + 1 == count && add->incidents_count > 0)) {
            code = submit(session, &command, NULL);
            add->incidents_count = 0;
        }
    }
    free(found);
    return code;
}

int run_notice_add(struct request *request)
{
    struct session *session = NULL;
    const char *file = request_option(request, "file");
    uint64_t notice = 0;
    size_t added = 0;
    bool by_incidents = request_option(request, "district") ||
                        request_option(request, "category") || request_option(request, "line") ||
                        request_option(request, "day");
    int code = read_notice(request, &notice);
    if (code == EXIT_DONE && (file != NULL) == by_incidents) {
        complain(words("say --file, or the incidents' --district, --category, --line or --day",
                       "请指定 --file，或工单的 --district、--category、--line、--day"));
        code = EXIT_USAGE;
    }
    if (code == EXIT_DONE)
        code = session_look(&session, request);
    if (code == EXIT_DONE)
        code = file ? add_file(session, notice, file, &added)
                    : add_incidents(session, request, notice, &added);
    if (code == EXIT_DONE && request->json)
        (void)printf("{\"named\":%zu}\n", added);
    else if (code == EXIT_DONE)
        (void)printf(
            words("%zu named; who is among them already or must not be texted is left out\n",
                  "提交 %zu 个；已在名单中的和不宜发短信的已排除\n"),
            added);
    session_close(session);
    return code;
}
