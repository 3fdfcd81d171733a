/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Verbs about events: an incident's trail, the city's stream. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/text.h"
#include "consoles/ctl/field.h"
#include "consoles/ctl/rows.h"
#include "consoles/ctl/session.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"
#include "proto/codec.h"
#include "proto/format.h"
#include "proto/json.h"

enum {
    EVENT_LINE_BYTES = 8192
};

struct printing {
    struct codec *codec;
    struct record record;
    bool json;
    bool follow;
    uint64_t until_ms; /* nothing after it */
    bool past;         /* it is over */
    uint64_t events;
};

static void print_event_json(const struct printing *printing, const struct stored_event *row)
{
    json_t *event = json_from_message(SCHEMA_EVENT, &printing->record.event);
    (void)json_object_set_new(event, "sealed", json_boolean(printing->record.sealed_size > 0));
    (void)json_object_set_new(event, "seq", json_from_uint64(row->seq));
    (void)json_dumpf(event, stdout, JSON_COMPACT); /* one object a line, for jq and for tails */
    (void)putchar('\n');
    json_decref(event);
}

static int print_event(struct printing *printing, const struct stored_event *row)
{
    char line[EVENT_LINE_BYTES];
    char at[TIME_BYTES];
    struct text text = text_into(line, sizeof line);
    if (codec_unpack(printing->codec, SCHEMA_RECORD, row->record, row->record_size,
                     &printing->record) < 0) {
        complain(words("event %" PRIu64 " cannot be read: another version, or damaged",
                       "事件 %" PRIu64 " 无法读取: 版本不同或已损坏"),
                 row->seq);
        return EXIT_FAILED;
    }
    printing->past = printing->record.event.at_ms > printing->until_ms;
    if (printing->past)
        return EXIT_DONE;
    printing->events++;
    if (printing->json) {
        print_event_json(printing, row);
        return EXIT_DONE;
    }
    time_write(at, printing->record.event.at_ms);
    printing->record.event.seq = printing->record.event.at_ms = 0; /* they stand in front */
    format_message(&text, SCHEMA_EVENT, &printing->record.event);
    (void)printf("%8" PRIu64 "  %s  %s\n", row->seq, at, line);
    return EXIT_DONE;
}

static struct printing *printing_open(const struct request *request)
{
    struct printing *printing = calloc(1, sizeof *printing);
    if (!printing)
        return NULL;
    printing->codec = codec_open();
    printing->json = request->json;
    printing->until_ms = UINT64_MAX;
    printing->follow = request_option(request, "follow") != NULL;
    return printing;
}

static void printing_close(struct printing *printing)
{
    if (printing)
        codec_close(printing->codec);
    free(printing);
}

static int print_trail(struct session *session, struct printing *printing, uint64_t incident)
{
    struct query query = { .kind = QUERY_EVENTS, .events = { .incident = incident } };
    const struct answer *answer = NULL;
    do {
        int code = session_ask(session, &query, &answer);
        for (uint32_t i = 0; code == EXIT_DONE && i < answer->events.rows_count; i++)
            code = print_event(printing, &answer->events.rows[i]);
        if (code != EXIT_DONE)
            return code;
        query.events.after = answer->next;
    } while (answer->more && answer->events.rows_count > 0);
    return EXIT_DONE;
}

int run_trail_show(struct request *request)
{
    struct session *session = NULL;
    struct incident_query named;
    uint64_t incident = 0;
    char login[33] = "";
    int code = incident_read(request->arguments[0], &named);
    if (code != EXIT_DONE)
        return code;
    if (!request->as)
        login_of_role(request->home, ROLE_AUDITOR, login);
    code = session_open(&session, request, login);
    struct printing *printing = printing_open(request);
    if (code == EXIT_DONE)
        code = session_find_incident(session, &named, &incident);
    if (code == EXIT_DONE && printing)
        code = print_trail(session, printing, incident);
    printing_close(printing);
    session_close(session);
    return code;
}

/* ---- the city's stream ------------------------------------------------------------------------ */

/* Is everything behind this event at since_ms or later? */
static int is_late(struct session *session, struct printing *printing, uint64_t after,
                   uint64_t since_ms, bool *late)
{
    struct query query = { .kind = QUERY_EVENTS, .events = { .after = after } };
    const struct answer *answer = NULL;
    int code = session_ask(session, &query, &answer);
    *late = true;
    if (code != EXIT_DONE || answer->events.rows_count == 0)
        return code;
    const struct stored_event *row = &answer->events.rows[0];
    if (codec_unpack(printing->codec, SCHEMA_RECORD, row->record, row->record_size,
                     &printing->record) < 0)
        return EXIT_FAILED;
    *late = printing->record.event.at_ms >= since_ms;
    return EXIT_DONE;
}

/* Halves the events until the last one before since_ms is found: time never runs back in a journal. */
static int search(struct session *session, struct printing *printing, uint64_t since_ms,
                  uint64_t *after)
{
    uint64_t low = 0, high = 1;
    bool late = false;
    int code = is_late(session, printing, high, since_ms, &late);
    while (code == EXIT_DONE && !late) {
        low = high + 1;
        high *= 2;
        code = is_late(session, printing, high, since_ms, &late);
    }
    while (code == EXIT_DONE && low < high) {
        uint64_t middle = low + (high - low) / 2;
        code = is_late(session, printing, middle, since_ms, &late);
        if (late)
            high = middle;
        else
            low = middle + 1;
    }
    *after = low;
    return code;
}

static int find_moment(struct request *request, struct printing *printing, uint64_t since_ms,
                       uint64_t *after)
{
    struct session *session = NULL;
    char login[33] = "";
    if (!request->as)
        login_of_role(request->home, ROLE_AUDITOR, login);
    int code = session_open(&session, request, login);
    if (code == EXIT_DONE)
        code = search(session, printing, since_ms, after);
    session_close(session);
    return code;
}

/* Reads --NAME as a moment; *at_ms stays when it was not given. */
static int moment_option(const struct request *request, const char *name, uint64_t *at_ms)
{
    const char *said = request_option(request, name);
    if (!said || moment_read(said, (uint64_t)time(NULL) * 1000, at_ms))
        return EXIT_DONE;
    complain(words("--%s wants a moment: 2026-11-22, \"2026-11-22 08:00\", or 90m, 12h, 7d ago",
                   "--%s 要时间: 2026-11-22、\"2026-11-22 08:00\" 或多久以前(90m、12h、7d)"),
             name);
    return EXIT_USAGE;
}

/* Without -f the stream ends with what was known when it began. */
static bool on_event(void *owner, const struct stored_event *row, uint64_t last)
{
    struct printing *printing = owner;
    if (row)
        (void)print_event(printing, row);
    (void)fflush(stdout);
    if (printing->past)
        return false;
    return printing->follow || (row && row->seq < last);
}

int run_events(struct request *request)
{
    uint64_t after = 0;
    const char *words_after = request_option(request, "after");
    if (words_after && !number_read(words_after, &after)) {
        complain(words("--after wants the number of an event", "--after 要事件序号"));
        return EXIT_USAGE;
    }
    uint64_t since_ms = 0, until_ms = UINT64_MAX;
    int code = moment_option(request, "since", &since_ms);
    if (code == EXIT_DONE)
        code = moment_option(request, "until", &until_ms);
    if (code != EXIT_DONE)
        return code;
    struct printing *printing = printing_open(request);
    if (!printing)
        return EXIT_FAILED;
    printing->until_ms = until_ms;
    if (since_ms > 0)
        code = find_moment(request, printing, since_ms, &after);
    if (code == EXIT_DONE)
        code = session_follow(request, after, on_event, printing);
    printing_close(printing);
    return code;
}

/* ---- what was erased ------------------------------------------------------------------------ */

struct erased_list {
    struct codec *codec;
    struct record record;
};

static bool on_erased(void *owner, const struct stored_event *row, uint64_t last)
{
    struct erased_list *list = owner;
    if (row &&
        codec_unpack(list->codec, SCHEMA_RECORD, row->record, row->record_size, &list->record) ==
            0 &&
        list->record.event.kind == EVENT_ERASED)
        (void)printf("%" PRIu64 "\n", list->record.event.erased.subject);
    return row && row->seq < last;
}

int run_erasure_subjects(struct request *request)
{
    static struct erased_list list;
    list.codec = codec_open();
    int code = list.codec ? session_follow(request, 0, on_erased, &list) : EXIT_FAILED;
    codec_close(list.codec);
    return code;
}
