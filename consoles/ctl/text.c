/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One contact: who else it is, where its telephone says it is; and a conversation by text: who wrote when,
 * what became of it; with a reason, what they wrote. */
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "consoles/ctl/field.h"
#include "consoles/ctl/rows.h"
#include "consoles/ctl/session.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"
#include "proto/json.h"

/* Each reading is an event: who reads what, and why. */
static int words_print(struct session *session, const struct text_row *row, enum read_reason reason)
{
    struct command command = { .kind = COMMAND_PERSONAL_READ };
    static struct outcome outcome;
    command.personal_read.subject = row->contact;
    command.personal_read.reason = reason;
    command.personal_read.seq = row->seq;
    int code = session_submit(session, &command, NULL, &outcome);
    if (code == EXIT_DONE)
        code = session_refused(outcome.refusal);
    if (code == EXIT_DONE)
        (void)printf("    %s\n", outcome.personal.text);
    sodium_memzero(&outcome.personal, sizeof outcome.personal);
    return code;
}

static void row_print(const struct text_row *row)
{
    char at[TIME_BYTES];
    time_write(at, row->ordered_ms);
    if (row->received)
        (void)printf(words("%s  citizen", "%s  市民"), at);
    else if (row->taker)
        (void)printf(words("%s  taker %u  %s", "%s  话务员 %u  %s"), at, row->taker,
                     words_of_state(text_state_name(row->state)));
    else
        (void)printf(words("%s  by rule: %s  %s", "%s  自动：%s  %s"), at,
                     words_of_state(template_name(row->template)),
                     words_of_state(text_state_name(row->state)));
    (void)putchar('\n');
}

static int texts_print(struct session *session, const struct request *request,
                       const struct texts *texts, enum read_reason reason)
{
    int code = EXIT_DONE;
    if (request->json) {
        print_json(SCHEMA_TEXTS, texts);
        return EXIT_DONE;
    }
    for (uint32_t i = 0; i < texts->rows_count && code == EXIT_DONE; i++) {
        row_print(&texts->rows[i]);
        if (reason != READ_REASON_NONE && texts->rows[i].seq)
            code = words_print(session, &texts->rows[i], reason);
    }
    return code;
}

int reason_read(const struct request *request, enum read_reason *reason)
{
    const char *word = request_option(request, "reason");
    *reason = READ_REASON_NONE;
    if (!word)
        return EXIT_DONE;
    for (enum read_reason one = READ_REASON_NONE + 1; one < READ_REASON_COUNT; one++)
        if (strcmp(read_reason_name(one), word) == 0) {
            *reason = one;
            return EXIT_DONE;
        }
    complain(words("no such reason: \"%s\"", "没有这种理由：“%s”"), word);
    return EXIT_USAGE;
}

int run_text_show(struct request *request)
{
    static struct texts texts;
    struct session *session = NULL;
    const struct answer *answer = NULL;
    struct query query = { .kind = QUERY_TEXTS };
    enum read_reason reason = READ_REASON_NONE;
    int code = contact_read(request->arguments[0], &query.texts.contact);
    if (code == EXIT_DONE)
        code = reason_read(request, &reason);
    if (code == EXIT_DONE)
        code = session_look(&session, request);
    do {
        if (code == EXIT_DONE)
            code = session_ask(session, &query, &answer);
        if (code != EXIT_DONE)
            break;
        texts = answer->texts;
        query.texts.after = answer->more ? answer->next : 0;
        code = texts_print(session, request, &texts, reason);
    } while (code == EXIT_DONE && query.texts.after);
    session_close(session);
    return code;
}

/* ---- what a reply becomes -------------------------------------------------------------------- */

static void preview_print(const struct text_preview *preview)
{
    (void)printf("%s\n", preview->words);
    (void)printf(words("%s, %s, %u long, %u parts%s\n", "%s，%s，长 %u，%u 条%s\n"),
                 preview->english ? words("English", "英文") : words("Chinese", "中文"),
                 preview->gsm7 ? "GSM-7" : "UCS-2", preview->units, preview->parts,
                 preview->cut ? words(", cut", "，已截断") : "");
    if (preview->excuse != TEXT_EXCUSE_NONE)
        (void)printf(words("no text goes out: %s\n", "不发短信：%s\n"),
                     text_excuse_name(preview->excuse));
    if (preview->until_ms)
        (void)puts(words("it waits for the morning", "夜间不扰，次日发出"));
}

int run_text_preview(struct request *request)
{
    static struct query query;
    struct session *session = NULL;
    const struct answer *answer = NULL;
    int code = session_look(&session, request);
    query.kind = QUERY_TEXT_PREVIEW;
    if (code == EXIT_DONE)
        code = session_read_incident(session, request->arguments[0], &query.text_preview.incident);
    (void)text_copy(query.text_preview.text, sizeof query.text_preview.text,
                    request_option(request, "text"));
    if (code == EXIT_DONE)
        code = session_ask(session, &query, &answer);
    if (code == EXIT_DONE && request->json)
        print_json(SCHEMA_TEXT_PREVIEW, &answer->text_preview);
    else if (code == EXIT_DONE)
        preview_print(&answer->text_preview);
    session_close(session);
    return code;
}

/* ---- what is owed by telephone ------------------------------------------------------------- */

static const struct column owed_columns[] = {
    { "text", "TEXT", "短信", COLUMN_PLAIN },
    { "incident", "INCIDENT", "工单", COLUMN_PLAIN },
    { "template", "TEMPLATE", "模板", COLUMN_PLAIN },
    { "state", "STATE", "状态", COLUMN_PLAIN },
    { "excuse", "WHY NOT", "不发原因", COLUMN_PLAIN },
    { "cause", "CAUSE", "失败码", COLUMN_PLAIN },
    { "moved_ms", "SINCE", "自", COLUMN_TIME },
};

int run_texts_owed(struct request *request)
{
    struct session *session = NULL;
    const struct answer *answer = NULL;
    struct query query = { .kind = QUERY_TEXTS, .texts.owed = true };
    int code = session_look(&session, request);
    struct rows *rows =
        rows_open(SCHEMA_TEXT_ROW, owed_columns, sizeof owed_columns / sizeof owed_columns[0]);
    do {
        if (code == EXIT_DONE)
            code = session_ask(session, &query, &answer);
        if (code != EXIT_DONE)
            break;
        if (request->json)
            print_json(SCHEMA_TEXTS, &answer->texts);
        rows_add(rows, answer->texts.rows, answer->texts.rows_count);
        query.texts.after = answer->more ? answer->next : 0;
    } while (query.texts.after);
    if (code == EXIT_DONE && !request->json)
        rows_print(rows);
    rows_close(rows);
    session_close(session);
    return code;
}

/* ---- one contact --------------------------------------------------------------------------- */

static const struct column fix_columns[] = {
    { "fix", "FIX", "定位", COLUMN_PLAIN },
    { "contact", "CONTACT", "来电", COLUMN_PLAIN },
    { "means", "MEANS", "途径", COLUMN_PLAIN },
    { "source", "SOURCE", "来源", COLUMN_PLAIN },
    { "uncertainty_m", "± M", "误差米", COLUMN_PLAIN },
    { "confidence", "%", "置信度", COLUMN_PLAIN },
    { "east_cell", "EAST", "东", COLUMN_PLAIN },
    { "north_cell", "NORTH", "北", COLUMN_PLAIN },
    { "measured_ms", "MEASURED", "测得", COLUMN_TIME },
    { "heard_ms", "HEARD", "收到", COLUMN_TIME },
    { "seq", "SEQ", "序号", COLUMN_PLAIN },
};

void fixes_print(const struct fixes *fixes)
{
    if (fixes->rows_count == 0)
        return;
    struct rows *rows =
        rows_open(SCHEMA_FIX_ROW, fix_columns, sizeof fix_columns / sizeof fix_columns[0]);
    (void)putchar('\n');
    rows_add(rows, fixes->rows, fixes->rows_count);
    rows_print(rows);
    rows_close(rows);
}

static void contact_print(const struct contact_row *row)
{
    char at[TIME_BYTES];
    time_write(at, row->arrived_ms);
    (void)printf(words("contact %" PRIu64 "  line %u  %s  %s  arrived %s  taker %u\n",
                       "来电 %" PRIu64 "  号线 %u  %s  %s  到达 %s  话务员 %u\n"),
                 row->contact, row->line, words_of_state(channel_name(row->channel)),
                 words_of_state(contact_state_name(row->state)), at, row->taker);
    if (row->incident)
        (void)printf(words("incident %" PRIu64 "\n", "工单 %" PRIu64 "\n"), row->incident);
    if (row->same)
        (void)printf(words("same number: contact %" PRIu64 "\n", "同号来电 %" PRIu64 "\n"),
                     row->same);
    if (row->texts)
        (void)printf(words("texts %u\n", "短信 %u\n"), row->texts);
    if (row->place_m)
        (void)printf(words("place: cell %u, %u, within %u m\n", "位置：网格 %u, %u，误差 %u 米\n"),
                     row->east_cell, row->north_cell, row->place_m);
}

int run_contact(struct request *request)
{
    struct session *session = NULL;
    const struct answer *answer = NULL;
    struct query query = { .kind = QUERY_CONTACTS };
    uint64_t contact = 0;
    if (!number_read(request->arguments[0], &contact)) {
        complain(words("a contact is a number, not \"%s\"", "来电是数字，不是“%s”"),
                 request->arguments[0]);
        return EXIT_USAGE;
    }
    query.contacts.contact = contact;
    int code = session_look(&session, request);
    if (code == EXIT_DONE)
        code = session_ask(session, &query, &answer);
    if (code == EXIT_DONE && request->json)
        print_json(SCHEMA_CONTACT_ROW, &answer->contacts.rows[0]);
    else if (code == EXIT_DONE)
        contact_print(&answer->contacts.rows[0]);
    query = (struct query){ .kind = QUERY_FIXES };
    query.fixes.contact = contact;
    if (code == EXIT_DONE)
        code = session_ask(session, &query, &answer);
    if (code == EXIT_DONE && request->json)
        print_json(SCHEMA_FIXES, &answer->fixes);
    else if (code == EXIT_DONE)
        fixes_print(&answer->fixes);
    session_close(session);
    return code;
}
