/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/ctl/dossier.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#include "base/text.h"
#include "consoles/ctl/session.h"
#include "consoles/ctl/words.h"
#include "consoles/paper/dossier.h"
#include "consoles/paper/print.h"
#include "consoles/server/city_name.h"
#include "consoles/server/dictionary.h"
#include "proto/access.h"
#include "proto/codec.h"
#include "proto/suite.h"

enum {
    NAMES_CACHED = 256,
    NAME_BYTES = 193,
    OPENED_MAX = 64,
    FILE_BYTES = 256,
    SIGNED_TRIES = 6, /* the dispatcher signs at least each second */
    FIELDS = 1 << PERSONAL_FIELD_NUMBER | 1 << PERSONAL_FIELD_NAME | 1 << PERSONAL_FIELD_ADDRESS |
             1 << PERSONAL_FIELD_TEXT | 1 << PERSONAL_FIELD_POSITION
};

struct known_name {
    enum city_table table;
    uint32_t number;
    char name[NAME_BYTES];
};

/* A case on its way to paper. */
struct filing {
    struct session *session;
    const struct suite *suite; /* of the digest */
    struct pages *pages;
    struct dictionary
        *dictionary; /* empty where no pages are installed: the schema's own words then */
    struct codec *codec;
    uint64_t incident;
    enum read_reason reason;
    enum read_purpose purpose;
    bool opens;
    uint32_t fields; /* that were opened */
    struct known_name names[NAMES_CACHED];
    char said[DICTIONARY_TEXT_BYTES];
    struct dossier_words words;
    struct dossier dossier;
    struct incident_detail detail;
    struct events page; /* a copy: names are asked for meanwhile */
    struct record record;
    uint32_t opened_count;
    uint64_t opened[OPENED_MAX][2]; /* subject, event */
};

static enum dictionary_language language(void)
{
    return words_are_chinese() ? DICTIONARY_CHINESE : DICTIONARY_ENGLISH;
}

static const char *say(void *owner, const char *group, const char *word)
{
    struct filing *filing = owner;
    if (!filing->dictionary)
        return NULL;
    const char *said = dictionary_say(filing->dictionary, language(), group, word, filing->said);
    return said == word ? NULL : said;
}

/* ---- names ---------------------------------------------------------------------------------- */

static const char *name(void *owner, enum city_table table, uint32_t number)
{
    struct filing *filing = owner;
    struct known_name *known = &filing->names[(number * 31U + (uint32_t)table) % NAMES_CACHED];
    struct query query = { .kind = QUERY_CITY, .city = { .table = table, .after = number - 1U } };
    const struct answer *answer = NULL;
    if (number == 0)
        return "";
    if (known->table == table && known->number == number)
        return known->name;
    const char *names[DICTIONARY_LANGUAGES];
    bool got = session_ask_quietly(filing->session, &query, &answer) == EXIT_DONE &&
               answer->refusal == REFUSAL_NONE && city_name_read(answer, table, number, names);
    known->table = table;
    known->number = number;
    (void)text_copy(known->name, NAME_BYTES,
                    got ? words(names[DICTIONARY_ENGLISH], names[DICTIONARY_CHINESE]) : "");
    return known->name;
}

/* ---- what stands in it ---------------------------------------------------------------------- */

static int take_event(struct filing *filing, const struct stored_event *row)
{
    struct record *record = &filing->record;
    if (codec_unpack(filing->codec, SCHEMA_RECORD, row->record, row->record_size, record) < 0) {
        complain(words("event %" PRIu64 " cannot be read", "事件 %" PRIu64 " 无法读取"), row->seq);
        return EXIT_FAILED;
    }
    bool sealed = record->sealed_size > 0;
    dossier_event(&filing->dossier, row, &record->event, sealed);
    if (filing->opens && sealed && record->event.kind != EVENT_PERSONAL_WAS_READ &&
        filing->opened_count < OPENED_MAX) {
        filing->opened[filing->opened_count][0] = record->subject;
        filing->opened[filing->opened_count++][1] = row->seq;
    }
    return EXIT_DONE;
}

static int take_trail(struct filing *filing)
{
    struct query query = { .kind = QUERY_EVENTS, .events = { .incident = filing->incident } };
    const struct answer *answer = NULL;
    bool more = true;
    while (more && filing->dossier.events < DOSSIER_EVENTS_MAX) {
        int code = session_ask(filing->session, &query, &answer);
        if (code != EXIT_DONE)
            return code;
        filing->page = answer->events;
        more = answer->more && filing->page.rows_count > 0;
        query.events.after = answer->next;
        for (uint32_t i = 0; code == EXIT_DONE && i < filing->page.rows_count; i++)
            code = take_event(filing, &filing->page.rows[i]);
        if (code != EXIT_DONE)
            return code;
    }
    return EXIT_DONE;
}

/* Each opening is an event of its own. */
static int open_words(struct filing *filing, uint64_t subject, uint64_t seq)
{
    struct command command = { .kind = COMMAND_PERSONAL_READ };
    static struct outcome outcome;
    command.personal_read.subject = subject;
    command.personal_read.seq = seq;
    command.personal_read.reason = filing->reason;
    command.personal_read.purpose = filing->purpose;
    command.personal_read.fields = filing->purpose ? FIELDS : 0;
    int code = session_submit(filing->session, &command, NULL, &outcome);
    if (code == EXIT_DONE)
        code = session_refused(outcome.refusal);
    const struct personal *personal = &outcome.personal;
    if (code == EXIT_DONE) {
        dossier_opened(&filing->dossier, seq, personal);
        filing->fields |= (uint32_t)(personal->number[0] != 0) << PERSONAL_FIELD_NUMBER |
                          (uint32_t)(personal->name[0] != 0) << PERSONAL_FIELD_NAME |
                          (uint32_t)(personal->address[0] != 0) << PERSONAL_FIELD_ADDRESS |
                          (uint32_t)(personal->text[0] != 0) << PERSONAL_FIELD_TEXT |
                          (uint32_t)(personal->position[0] != 0) << PERSONAL_FIELD_POSITION;
    }
    sodium_memzero(&outcome.personal, sizeof outcome.personal);
    return code;
}

static int open_all(struct filing *filing)
{
    int code = filing->opens ? open_words(filing, filing->incident, 0) : EXIT_DONE;
    for (uint32_t i = 0; code == EXIT_DONE && i < filing->opened_count; i++)
        code = open_words(filing, filing->opened[i][0], filing->opened[i][1]);
    return code;
}

static int take_case(struct filing *filing)
{
    struct query status = { .kind = QUERY_STATUS };
    struct query query = { .kind = QUERY_INCIDENT, .incident = { .incident = filing->incident } };
    const struct answer *answer = NULL;
    int code = session_ask(filing->session, &status, &answer);
    if (code != EXIT_DONE)
        return code;
    filing->words = (struct dossier_words){ filing, say, name, !words_are_chinese(),
                                            answer->status.utc_offset_min };
    dossier_begin(&filing->dossier, &filing->words);
    code = session_ask(filing->session, &query, &answer);
    if (code != EXIT_DONE)
        return code;
    filing->detail = answer->incident_detail;
    code = take_trail(filing);
    return code == EXIT_DONE ? open_all(filing) : code;
}

/* ---- paper and file ------------------------------------------------------------------------- */

/* The last checkpoint; one that covers the case, when it comes soon. false: there is none. */
static bool find_checkpoint(struct filing *filing, struct checkpoint *checkpoint)
{
    struct query query = { .kind = QUERY_CHECKPOINT };
    const struct answer *answer = NULL;
    bool found = false;
    for (int i = 0; i < SIGNED_TRIES && !(found && checkpoint->seq >= filing->dossier.last); i++) {
        if (i > 0)
            session_wait(filing->session, 500);
        if (session_ask_quietly(filing->session, &query, &answer) != EXIT_DONE ||
            answer->kind != ANSWER_CHECKPOINT)
            break;
        *checkpoint = answer->checkpoint;
        found = true;
    }
    return found;
}

static int press(struct filing *filing, uint8_t **pdf, size_t *size)
{
    struct paper paper;
    struct dossier_wish wish = { .at_ms = (uint64_t)time(NULL) * 1000,
                                 .user = session_user(filing->session)->user,
                                 .reason = filing->reason,
                                 .fields = filing->fields };
    struct checkpoint checkpoint;
    if (find_checkpoint(filing, &checkpoint))
        wish.checkpoint = &checkpoint;
    dossier_write(&filing->dossier, &filing->detail, &wish, &paper);
    int status = paper_print(&paper, pdf, size);
    paper_done(&paper);
    if (status == -ENOENT)
        complain(words("yihao-press is missing: install yihao-console",
                       "缺少 yihao-press:请安装 yihao-console"));
    else if (status < 0)
        complain(words("cannot print: %s", "无法打印: %s"), strerror(-status));
    return status < 0 ? EXIT_FAILED : EXIT_DONE;
}

/* Nothing leaves before the trail says who takes what with them. */
static int begin_export(struct filing *filing, const uint8_t *pdf, size_t size, uint64_t *seq)
{
    struct command command = { .kind = COMMAND_EXPORT_BEGIN };
    struct outcome outcome = { .refusal = REFUSAL_NONE };
    command.export_begin = (struct export_begin){ .kind = EXPORT_KIND_SHEET,
                                                  .incident = filing->incident,
                                                  .reason = filing->reason,
                                                  .fields = filing->fields };
    suite_digest(filing->suite, pdf, size, command.export_begin.digest);
    command.export_begin.algorithm = filing->suite->id;
    int code = session_submit(filing->session, &command, NULL, &outcome);
    *seq = outcome.event_seq;
    return code == EXIT_DONE ? session_refused(outcome.refusal) : code;
}

static int save(const struct request *request, const struct filing *filing, const uint8_t *pdf,
                size_t size, uint64_t seq)
{
    char path[FILE_BYTES];
    const char *named = request_option(request, "to");
    if (named)
        (void)text_copy(path, sizeof path, named);
    else
        (void)snprintf(path, sizeof path, "trail-%" PRIu64 "-%" PRIu64 ".pdf",
                       filing->detail.row.number, seq);
    FILE *file = fopen(path, "wxe");
    bool written = file && fwrite(pdf, 1, size, file) == size;
    if (file && fclose(file) != 0)
        written = false;
    if (!written) {
        complain(words("cannot write %s: %s", "无法写入 %s: %s"), path, strerror(errno));
        return EXIT_FAILED;
    }
    (void)printf(words("written to %s, event %" PRIu64 "; yihao export check %s %" PRIu64 "\n",
                       "已写入 %s,事件 %" PRIu64 ";核对: yihao export check %s %" PRIu64 "\n"),
                 path, seq, path, seq);
    return EXIT_DONE;
}

static int file_case(struct request *request, struct filing *filing)
{
    uint8_t *pdf = NULL;
    size_t size = 0;
    uint64_t seq = 0;
    int code = take_case(filing);
    if (code == EXIT_DONE)
        code = press(filing, &pdf, &size);
    if (code == EXIT_DONE)
        code = begin_export(filing, pdf, size, &seq);
    if (code == EXIT_DONE)
        code = save(request, filing, pdf, size, seq);
    if (pdf)
        sodium_memzero(pdf, size);
    free(pdf);
    return code;
}

static int read_purpose(const char *said, enum read_purpose *purpose)
{
    const struct schema *schema = &schemas[SCHEMA_PERSONAL_READ];
    for (uint32_t i = 0; said && i < schema->field_count; i++) {
        const struct enumeration *all = schema->fields[i].words;
        if (strcmp(schema->fields[i].name, "purpose") != 0)
            continue;
        for (uint32_t j = 1; j < all->count; j++)
            if (all->words[j] && strcmp(all->words[j], said) == 0)
                *purpose = (enum read_purpose)j;
    }
    if (!said || *purpose != READ_PURPOSE_NONE)
        return EXIT_DONE;
    complain(words("--purpose: call_back, verify, visit, safety, complaint or law",
                   "--purpose 可为 call_back、verify、visit、safety、complaint、law"));
    return EXIT_USAGE;
}

int dossier_export(struct request *request, const struct incident_query *named)
{
    char login[33] = "";
    struct filing *filing = calloc(1, sizeof *filing);
    if (!filing)
        return EXIT_FAILED;
    filing->suite = home_suite(request->home);
    int code = read_purpose(request_option(request, "purpose"), &filing->purpose);
    if (code == EXIT_DONE && !named->incident && !named->number) {
        complain(words("--pdf wants an incident", "--pdf 须给出工单"));
        code = EXIT_USAGE;
    }
    if (code == EXIT_DONE && !request->as)
        login_of_role(request->home, ROLE_AUDITOR, login);
    if (code == EXIT_DONE)
        code = session_open(&filing->session, request, login);
    filing->codec = code == EXIT_DONE ? codec_open() : NULL;
    if (code == EXIT_DONE && !filing->codec)
        code = EXIT_FAILED;
    if (code == EXIT_DONE)
        code = session_find_incident(filing->session, named, &filing->incident);
    if (code == EXIT_DONE) {
        filing->opens = request_option(request, "open") || filing->purpose;
        filing->reason = session_user(filing->session)->roles & ROLES_AUDITOR
                             ? READ_REASON_AUDIT
                             : READ_REASON_SUPERVISION;
        if (pages_open(&filing->pages, pages_standard()) < 0 ||
            dictionary_open(&filing->dictionary, filing->pages) < 0)
            filing->dictionary = NULL;
        code = file_case(request, filing);
    }
    dictionary_close(filing->dictionary);
    pages_close(filing->pages);
    dossier_done(&filing->dossier);
    codec_close(filing->codec);
    session_close(filing->session);
    free(filing);
    return code;
}
