/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/server/print.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "consoles/paper/print.h"
#include "consoles/server/called.h"
#include "consoles/server/console.h"

/* What a purpose reveals (proto/identity.h). */
enum {
    PRINT_FIELDS = 1 << PERSONAL_FIELD_NUMBER | 1 << PERSONAL_FIELD_NAME |
                   1 << PERSONAL_FIELD_ADDRESS | 1 << PERSONAL_FIELD_TEXT |
                   1 << PERSONAL_FIELD_POSITION
};

/* ---- places ------------------------------------------------------------------------------------- */

static struct print *free_place(struct prints *prints)
{
    for (unsigned i = 0; i < PRINTS_MAX; i++)
        if (prints->all[i].step == PRINT_STEP_NONE)
            return &prints->all[i];
    return NULL;
}

static void leave(struct print *print)
{
    if (print->pdf)
        sodium_memzero(print->pdf, print->pdf_size);
    free(print->pdf);
    free(print->detail);
    paper_done(&print->paper);
    dossier_done(&print->dossier);
    *print = (struct print){ 0 };
}

/* exchange NULL: nobody hears it. */
static void refuse(struct print *print, enum refusal refusal, const char *words)
{
    if (print->exchange)
        api_refuse((struct exchange *)(uintptr_t)print->exchange, refusal, words);
    leave(print);
}

/* "reason" and "purpose", as words; false: one of them is none. */
static bool read_wish(struct print *print, const json_t *said)
{
    char complaint[JSON_COMPLAINT_BYTES];
    struct personal_read read;
    json_t *body = json_object();
    static const char *const names[] = { "reason", "purpose" };
    for (size_t i = 0; body && i < sizeof names / sizeof names[0]; i++) {
        json_t *word = json_object_get(said, names[i]);
        if (word)
            (void)json_object_set(body, names[i], word);
    }
    int status = json_to_message(SCHEMA_PERSONAL_READ, body, &read, complaint, sizeof complaint);
    json_decref(body);
    print->reason = status == 0 ? read.reason : READ_REASON_NONE;
    print->purpose = status == 0 ? read.purpose : READ_PURPOSE_NONE;
    return status == 0;
}

static struct print *take_place(struct console *console, struct exchange *exchange,
                                const json_t *said)
{
    struct print *print = free_place(&console->prints);
    if (!print) {
        api_refuse(exchange, REFUSAL_BUSY, NULL);
        return NULL;
    }
    *print = (struct print){ .console = console, .exchange = exchange };
    print->step = PRINT_STEP_OPENING;
    if (!read_wish(print, said) || print->reason == READ_REASON_NONE) {
        refuse(print, REFUSAL_REASON_MISSING, "reason: what it is printed for is wanted");
        return NULL;
    }
    return print;
}

/* ---- pressing ------------------------------------------------------------------------------------ */

static void press(uv_work_t *work)
{
    struct print *print = work->data;
    print->status = paper_print(&print->paper, &print->pdf, &print->pdf_size);
    if (print->status == 0)
        suite_digest(print->console->suite, print->pdf, print->pdf_size, print->digest);
}

static void tell_dispatcher(struct print *print, const struct session *session)
{
    struct waiter waiter = { .wait = WAIT_PRINT,
                             .exchange = (struct exchange *)(uintptr_t)print->exchange };
    struct command command = { .kind = COMMAND_EXPORT_BEGIN };
    schema_clear(SCHEMA_EXPORT_BEGIN, &command.export_begin);
    command.export_begin.kind = EXPORT_KIND_SHEET;
    command.export_begin.incident = print->incident;
    command.export_begin.rows = print->incident ? 0 : print->rows; /* of a list */
    command.export_begin.reason = print->reason;
    command.export_begin.fields = print->fields;
    memcpy(command.export_begin.digest, print->digest, sizeof print->digest);
    command.export_begin.algorithm = print->console->suite->id;
    print->step = PRINT_STEP_TELLING;
    if (!api_submit(print->console, session, &waiter, &command, NULL))
        leave(print);
}

static void pressed(uv_work_t *work, int cancelled)
{
    struct print *print = work->data;
    struct waiter asker = { .exchange = (struct exchange *)(uintptr_t)print->exchange };
    const struct session *session = print->exchange ? api_session(print->console, &asker) : NULL;
    int status = cancelled ? -ECANCELED : print->status;
    if (status < 0) {
        log_error("print failed error=%s%s", strerror(-status),
                  status == -ENOENT ? "; yihao-press stands beside yihao-console" : "");
        refuse(print, status == -EFBIG ? REFUSAL_LIMIT : REFUSAL_BUSY, NULL);
    } else if (!session) {
        refuse(print, REFUSAL_NOT_SIGNED_IN, NULL);
    } else {
        tell_dispatcher(print, session);
    }
}

static void begin_press(struct print *print)
{
    print->step = PRINT_STEP_PRESSING;
    print->work.data = print;
    if (uv_queue_work(&print->console->loop, &print->work, press, pressed) < 0)
        refuse(print, REFUSAL_BUSY, NULL);
}

/* ---- a case -------------------------------------------------------------------------------------- */

static const char *say(void *owner, const char *group, const char *word)
{
    struct print *print = owner;
    const char *said =
        dictionary_say(print->console->dictionary, print->language, group, word, print->said);
    return said == word ? NULL : said;
}

static const char *name(void *owner, enum city_table table, uint32_t number)
{
    struct print *print = owner;
    return called(print->console, print->language, table, number);
}

/* Words beside this event lie sealed; reading of them is no matter of the case. */
static bool is_to_open(const struct record *record)
{
    return record->sealed_size > 0 && record->event.kind != EVENT_PERSONAL_WAS_READ;
}

static void add_event(struct print *print, const struct stored_event *row,
                      const struct user_row *user, bool opens)
{
    const struct record *record = replica_record(print->console->replica, row, user);
    if (!record)
        return;
    dossier_event(&print->dossier, row, &record->event, record->sealed_size > 0);
    if (!opens || !is_to_open(record))
        return;
    if (print->reads_count == PRINT_READS_MAX)
        print->more = true;
    else
        print->reads[print->reads_count++] = (struct print_read){ record->subject, row->seq };
}

/* All events of the case, as far as the limit. */
static enum refusal gather(struct print *print, const struct user_row *user, bool opens)
{
    struct console *console = print->console;
    const struct events *events = &console->answer.events;
    struct query query = { .kind = QUERY_EVENTS, .events = { .incident = print->incident } };
    bool more = true;
    while (more) {
        enum refusal refusal = api_ask_replica(console, user, &query);
        if (refusal != REFUSAL_NONE)
            return refusal;
        /* add_event() asks for names, which leaves the console's answer alone. */
        for (uint32_t i = 0; i < events->rows_count; i++)
            add_event(print, &events->rows[i], user, opens);
        more = console->answer.more && events->rows_count > 0;
        if (more)
            query.events.after = events->rows[events->rows_count - 1].seq;
        if (more && print->dossier.events >= DOSSIER_EVENTS_MAX) {
            print->more = true;
            more = false;
        }
    }
    print->rows = print->dossier.events;
    return REFUSAL_NONE;
}

static void write_paper(struct print *print)
{
    const struct dossier_wish wish = {
        .at_ms = clock_wall_ms(),
        .user = print->user,
        .reason = print->reason,
        .fields = print->fields,
        .checkpoint = history_last(print->console->history),
    };
    dossier_write(&print->dossier, print->detail, &wish, &print->paper);
    begin_press(print);
}

/* Asks the dispatcher to open what comes next; when all is open, it is printed. */
static void open_next(struct print *print, const struct session *session)
{
    struct waiter waiter = { .wait = WAIT_PRINT,
                             .exchange = (struct exchange *)(uintptr_t)print->exchange };
    struct command command = { .kind = COMMAND_PERSONAL_READ };
    if (print->reads_done == print->reads_count) {
        write_paper(print);
        return;
    }
    const struct print_read *read = &print->reads[print->reads_done];
    command.personal_read.subject = read->subject;
    command.personal_read.seq = read->seq;
    command.personal_read.reason = print->reason;
    command.personal_read.purpose = print->purpose;
    command.personal_read.fields = print->purpose ? PRINT_FIELDS : 0;
    if (!api_submit(print->console, session, &waiter, &command, NULL))
        leave(print);
}

void print_case(struct console *console, const struct session *session, struct exchange *exchange,
                const json_t *body)
{
    const json_t *said = json_object_get(body, "paper");
    const char *language = json_string_value(json_object_get(body, "language"));
    const char *number = json_string_value(json_object_get(said, "incident"));
    bool opens = json_is_true(json_object_get(said, "open"));
    struct query query = { .kind = QUERY_INCIDENT };
    struct print *print = take_place(console, exchange, said);
    if (!print)
        return;
    bool english = language && strcmp(language, "en") == 0;
    print->language = english ? DICTIONARY_ENGLISH : DICTIONARY_CHINESE;
    print->incident = query.incident.incident = number ? strtoull(number, NULL, 10) : 0;
    print->user = session->user.user;
    print->words = (struct dossier_words){ print, say, name, english, city_offset_min(console) };
    dossier_begin(&print->dossier, &print->words);
    enum refusal refusal = print->incident ? api_ask_replica(console, &session->user, &query)
                                           : REFUSAL_NO_SUCH_INCIDENT;
    print->detail = refusal == REFUSAL_NONE ? malloc(sizeof *print->detail) : NULL;
    if (print->detail) {
        *print->detail = console->answer.incident_detail;
        if (opens)
            print->reads[print->reads_count++] = (struct print_read){ print->incident, 0 };
        refusal = gather(print, &session->user, opens);
    } else if (refusal == REFUSAL_NONE) {
        refusal = REFUSAL_BUSY;
    }
    if (refusal != REFUSAL_NONE)
        refuse(print, refusal, NULL);
    else
        open_next(print, session);
}

/* ---- a list -------------------------------------------------------------------------------------- */

void print_list(struct console *console, struct exchange *exchange, struct paper *paper,
                const json_t *body, bool more)
{
    struct print *print = take_place(console, exchange, body);
    if (!print) {
        paper_done(paper);
        return;
    }
    print->paper = *paper;
    print->rows = paper->rows;
    print->more = more;
    *paper = (struct paper){ 0 };
    begin_press(print);
}

/* ---- what the dispatcher says -------------------------------------------------------------------- */

/* Which of the citizen's fields have something in them. */
static uint32_t fields_in(const struct personal *personal)
{
    return (uint32_t)(personal->number[0] != 0) << PERSONAL_FIELD_NUMBER |
           (uint32_t)(personal->name[0] != 0) << PERSONAL_FIELD_NAME |
           (uint32_t)(personal->address[0] != 0) << PERSONAL_FIELD_ADDRESS |
           (uint32_t)(personal->text[0] != 0) << PERSONAL_FIELD_TEXT |
           (uint32_t)(personal->position[0] != 0) << PERSONAL_FIELD_POSITION;
}

static void give_away(struct print *print, const struct outcome *outcome)
{
    char digits[2 * sizeof print->digest + 1];
    size_t room = sodium_base64_ENCODED_LEN(print->pdf_size, sodium_base64_VARIANT_ORIGINAL);
    char *base64 = malloc(room);
    if (!base64) {
        refuse(print, REFUSAL_BUSY, NULL);
        return;
    }
    sodium_bin2base64(base64, room, print->pdf, print->pdf_size, sodium_base64_VARIANT_ORIGINAL);
    hex_write(print->digest, sizeof print->digest, digits);
    api_answer((struct exchange *)(uintptr_t)print->exchange, 200,
               json_pack("{s:o, s:s, s:i, s:b, s:s}", "event_seq",
                         json_from_uint64(outcome->event_seq), "digest", digits, "rows",
                         (int)print->rows, "more", (int)print->more, "pdf", base64));
    sodium_memzero(base64, room);
    free(base64);
    leave(print);
}

void print_outcome(struct console *console, const struct waiter *waiter,
                   const struct outcome *outcome)
{
    struct print *print = console->prints.all;
    while (print < console->prints.all + PRINTS_MAX &&
           (print->step == PRINT_STEP_NONE || print->exchange != waiter->exchange))
        print++;
    if (print == console->prints.all + PRINTS_MAX) {
        api_refuse(waiter->exchange, REFUSAL_BUSY, NULL);
        return;
    }
    const struct session *session = api_session(console, waiter);
    if (outcome->refusal != REFUSAL_NONE || !session) {
        refuse(print, session ? outcome->refusal : REFUSAL_NOT_SIGNED_IN, NULL);
    } else if (print->step == PRINT_STEP_TELLING) {
        give_away(print, outcome);
    } else {
        const struct print_read *read = &print->reads[print->reads_done++];
        dossier_opened(&print->dossier, read->seq, &outcome->personal);
        print->fields |= fields_in(&outcome->personal);
        open_next(print, session);
    }
}

void prints_forget(struct prints *prints, const struct exchange *exchange)
{
    for (unsigned i = 0; i < PRINTS_MAX; i++) {
        struct print *print = &prints->all[i];
        if (print->step == PRINT_STEP_NONE || print->exchange != exchange)
            continue;
        print->exchange = NULL;
        if (print->step != PRINT_STEP_PRESSING) /* the thread still has it then */
            leave(print);
    }
}

void prints_close(struct prints *prints)
{
    for (unsigned i = 0; i < PRINTS_MAX; i++)
        leave(&prints->all[i]);
}
