/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/server/citizen.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/hex.h"
#include "consoles/server/console.h"
#include "consoles/server/form.h"

enum {
    STEPS_MAX = 64,
    PLACE_BYTES = 96,
    NUMBER_DIGITS_MAX = 20
};

#define HTML "text/html; charset=utf-8"

/* How the reader wants the page; each link and form carries it on. */
struct taste {
    bool english, large;
};

struct citizens *citizens_open(const char *web)
{
    char folder[CONSOLE_PATH_BYTES];
    struct citizens *citizens = calloc(1, sizeof *citizens);
    (void)snprintf(folder, sizeof folder, "%s/citizen", web);
    if (citizens && leaflet_open(&citizens->leaflet, folder) < 0) {
        free(citizens);
        return NULL;
    }
    if (!citizens)
        return NULL;
    throttle_begin(&citizens->addresses, CITIZEN_TRIES, CITIZEN_REGAIN_MS);
    throttle_begin(&citizens->numbers, CITIZEN_NUMBER_TRIES, CITIZEN_NUMBER_REGAIN_MS);
    throttle_begin(&citizens->acts, CITIZEN_ACTS, CITIZEN_ACTS_REGAIN_MS);
    return citizens;
}

void citizens_close(struct citizens *citizens)
{
    if (!citizens)
        return;
    leaflet_close(citizens->leaflet);
    sodium_memzero(citizens, sizeof *citizens);
    free(citizens);
}

/* ---------------------------------------------------------------------------------- arguments */

bool citizen_has_path(const char *path)
{
    return strcmp(path, "/q") == 0 || strncmp(path, "/q/", 3) == 0;
}

static bool argument_is(const struct request *request, const char *said)
{
    size_t length = strlen(said);
    for (const char *at = request->arguments; at; at = strchr(at, '&')) {
        at += *at == '&';
        if (strncmp(at, said, length) == 0 && (at[length] == 0 || at[length] == '&'))
            return true;
    }
    return false;
}

/* The first of the two languages that the browser names; Chinese when it names neither, or none at all. */
static bool prefers_english(const char *languages)
{
    if (!languages)
        return false;
    const char *english = strstr(languages, "en");
    const char *chinese = strstr(languages, "zh");
    return english && (!chinese || english < chinese);
}

static struct taste taste_of(const struct request *request)
{
    bool english = argument_is(request, "l=en") ||
                   (!argument_is(request, "l=zh") && prefers_english(request->languages));
    return (struct taste){ english, argument_is(request, "t=large") };
}

static void write_place(char place[PLACE_BYTES], const char *path, const struct taste *taste,
                        const char *said)
{
    (void)snprintf(place, PLACE_BYTES, "%s?l=%s%s%s%s", path, taste->english ? "en" : "zh",
                   taste->large ? "&t=large" : "", said ? "&said=" : "", said ? said : "");
}

/* -------------------------------------------------------------------------------------- pages */

static void send_to(struct exchange *exchange, const char *path, const char *said,
                    const char *secret)
{
    char place[PLACE_BYTES];
    struct taste taste = taste_of(exchange_request(exchange));
    write_place(place, path, &taste, said);
    struct response response = { .status = 303, .location = place, .visit_secret = secret };
    exchange_answer(exchange, &response);
}

static void answer(struct console *console, struct exchange *exchange, unsigned status,
                   const struct text *page)
{
    struct response response = { .status = status, .type = HTML };
    response.parcel = page->cut ? NULL : parcel_from_text(page->bytes, page->length);
    if (!response.parcel)
        response.status = 503;
    console->citizens->counts.pages++;
    exchange_answer(exchange, &response);
}

static void add(const struct console *console, struct text *page, const char *piece,
                const struct taste *taste, const struct leaflet_value *values)
{
    leaflet_add(console->citizens->leaflet, page, piece, taste->english, values);
}

static const char *words(const struct console *console, const char *key, const struct taste *taste)
{
    return leaflet_words(console->citizens->leaflet, key, taste->english);
}

static void add_head(const struct console *console, struct text *page, const char *path,
                     const struct taste *taste)
{
    char other[PLACE_BYTES], size[PLACE_BYTES];
    struct taste swapped = { !taste->english, taste->large };
    struct taste sized = { taste->english, !taste->large };
    write_place(other, path, &swapped, NULL);
    write_place(size, path, &sized, NULL);
    const struct leaflet_value values[] = {
        { "lang", taste->english ? "en" : "zh-CN" },
        { "size", taste->large ? "large" : "normal" },
        { "other", other },
        { "other_lang", taste->english ? "zh-CN" : "en" },
        { "other_word", taste->english ? "中文" : "English" },
        { "resize", size },
        { "resize_word", words(console, taste->large ? "size.normal" : "size.large", taste) },
        { NULL, NULL },
    };
    add(console, page, "head", taste, values);
}

/* What became of the last step, as the link behind it says. */
static void add_said(const struct console *console, struct text *page,
                     const struct request *request, const struct taste *taste)
{
    static const char *const known[] = { "wrong", "too_many", "busy",   "over",   "add",
                                         "rate",  "reopen",   "urge",   "bye",    "withdraw",
                                         "empty", "not_now",  "choose", "already" };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        char said[32], key[32];
        (void)snprintf(said, sizeof said, "said=%s", known[i]);
        if (!argument_is(request, said))
            continue;
        (void)snprintf(key, sizeof key, "said.%s", known[i]);
        const struct leaflet_value values[] = { { "said", words(console, key, taste) },
                                                { NULL, NULL } };
        add(console, page, "said", taste, values);
    }
}

static void answer_ask(struct console *console, struct exchange *exchange,
                       const struct request *request)
{
    static char bytes[CITIZEN_PAGE_MAX];
    struct text page = text_into(bytes, sizeof bytes);
    struct taste taste = taste_of(request);
    char place[PLACE_BYTES];
    write_place(place, "/q", &taste, NULL);
    const struct leaflet_value values[] = { { "place", place }, { NULL, NULL } };
    add_head(console, &page, "/q", &taste);
    add_said(console, &page, request, &taste);
    add(console, &page, "ask", &taste, values);
    add(console, &page, "foot", &taste, NULL);
    answer(console, exchange, 200, &page);
}

/* ----------------------------------------------------------------------------- one order's page */

static void write_time(char out[20], uint64_t at_ms, uint64_t offset_min)
{
    time_t seconds = (time_t)(at_ms / 1000 + offset_min * 60);
    struct tm parts;
    out[0] = 0;
    if (at_ms && gmtime_r(&seconds, &parts))
        (void)strftime(out, 20, "%Y-%m-%d %H:%M", &parts);
}

/* The answer to a question about the city's tables, into console->answer; false: no such row. */
static bool ask_city(struct console *console, enum city_table table, uint64_t number)
{
    struct query query = { .kind = QUERY_CITY, .city = { .table = table, .after = number - 1 } };
    if (number == 0)
        return false;
    replica_query(console->replica, &query, clock_wall_ms(), &console->answer);
    return console->answer.refusal == REFUSAL_NONE;
}

static const char *category_name(struct console *console, uint32_t category, bool english)
{
    const struct categories *found = &console->answer.categories;
    if (!ask_city(console, CITY_TABLE_CATEGORIES, category) || found->rows_count == 0 ||
        found->rows[0].category != category)
        return "";
    return english ? found->rows[0].name_en : found->rows[0].name_zh;
}

static const char *department_name(struct console *console, uint32_t department, bool english)
{
    const struct departments *found = &console->answer.departments;
    if (!ask_city(console, CITY_TABLE_DEPARTMENTS, department) || found->rows_count == 0 ||
        found->rows[0].department != department)
        return "";
    return english ? found->rows[0].name_en : found->rows[0].name_zh;
}

static uint64_t offset_of(struct console *console)
{
    struct query query = { .kind = QUERY_STATUS };
    replica_query(console->replica, &query, clock_wall_ms(), &console->answer);
    return console->answer.kind == ANSWER_STATUS ? console->answer.status.utc_offset_min : 0;
}

/* The key of the words for an event in words.leaf; false: it is no step a citizen is told. */
static bool step_key(const struct event *event, char key[40])
{
    const char *word = NULL;
    if (event->kind == EVENT_INCIDENT_REGISTERED)
        word = "registered";
    else if (event->kind == EVENT_INCIDENT_MOVED)
        word = incident_state_name(event->incident_moved.to);
    else if (event->kind == EVENT_SURVEY_ANSWERED)
        word = "rated";
    else if (event->kind == EVENT_INCIDENT_URGED && event->incident_urged.citizen)
        word = "urged";
    else if (event->kind == EVENT_CITIZEN_VISITED && event->citizen_visited.act == VISIT_ACT_ADD)
        word = "added";
    else if (event->kind == EVENT_PETITION_ASKED &&
             event->petition_asked.kind == PETITION_KIND_WITHDRAWAL)
        word = "withdrawal_asked";
    (void)snprintf(key, 40, "step.%s", word ? word : "");
    return word != NULL;
}

static void add_steps(struct console *console, struct text *page, uint64_t incident,
                      uint64_t offset_min, const struct taste *taste)
{
    struct query query = { .kind = QUERY_EVENTS, .events = { .incident = incident } };
    unsigned steps = 0;
    for (bool more = true; more && steps < STEPS_MAX;) {
        replica_query(console->replica, &query, clock_wall_ms(), &console->answer);
        const struct events *events = &console->answer.events;
        if (console->answer.kind != ANSWER_EVENTS || events->rows_count == 0)
            return;
        for (uint32_t i = 0; i < events->rows_count && steps < STEPS_MAX; i++) {
            char key[40], time[20];
            const struct event *event = replica_event(console->replica, &events->rows[i]);
            if (!event || !step_key(event, key) || !words(console, key, taste))
                continue;
            write_time(time, event->at_ms, offset_min);
            const struct leaflet_value values[] = { { "time", time },
                                                    { "step", words(console, key, taste) },
                                                    { NULL, NULL } };
            add(console, page, "step", taste, values);
            steps++;
        }
        query.events.after = events->rows[events->rows_count - 1].seq;
        more = console->answer.more;
    }
}

static uint64_t promised_ms(const struct incident_detail *detail)
{
    for (uint32_t i = 0; i < detail->tasks_count; i++)
        if (detail->tasks[i].kind == TASK_KIND_LEAD &&
            detail->tasks[i].round == detail->row.round && detail->tasks[i].reply_due_ms)
            return detail->tasks[i].reply_due_ms;
    return 0;
}

static void add_missing(const struct console *console, struct text *page, uint32_t missing,
                        const struct taste *taste)
{
    if (missing == 0)
        return;
    add(console, page, "missing", taste, NULL);
    for (enum fact fact = FACT_NONE + 1; fact < FACT_COUNT; fact++) {
        char key[40];
        (void)snprintf(key, sizeof key, "fact.%s", fact_name(fact));
        const struct leaflet_value values[] = { { "fact", words(console, key, taste) },
                                                { NULL, NULL } };
        if (missing & 1U << fact)
            add(console, page, "fact", taste, values);
    }
    add(console, page, "missing_end", taste, NULL);
}

static void add_order(struct console *console, struct text *page,
                      const struct incident_detail *detail, uint64_t offset_min,
                      const struct taste *taste)
{
    char number[24], registered[20], promised[20], moved[20], key[40], category[200], lead[200];
    const struct incident_row *row = &detail->row;
    (void)snprintf(number, sizeof number, "%" PRIu64, row->number);
    (void)snprintf(key, sizeof key, "state.%s", incident_state_name(row->state));
    write_time(registered, row->registered_ms, offset_min);
    write_time(moved, row->moved_ms, offset_min);
    write_time(promised, promised_ms(detail), offset_min);
    (void)text_copy(category, sizeof category,
                    category_name(console, row->category, taste->english));
    (void)text_copy(lead, sizeof lead, department_name(console, row->lead, taste->english));
    const char *state = words(console, key, taste);
    const struct leaflet_value values[] = {
        { "number", number },
        { "state", state ? state : words(console, "state.handling", taste) },
        { "category", category },
        { "lead", lead[0] ? lead : words(console, "lead.none", taste) },
        { "registered", registered },
        { "moved", moved },
        { "promised", promised[0] ? promised : words(console, "promised.none", taste) },
        { NULL, NULL },
    };
    add(console, page, "order", taste, values);
    add_missing(console, page, row->missing, taste);
}

static bool is_over(enum incident_state state)
{
    return state == INCIDENT_STATE_CLOSED || state == INCIDENT_STATE_DIRECT ||
           state == INCIDENT_STATE_ARCHIVED || state == INCIDENT_STATE_VOID ||
           state == INCIDENT_STATE_WITHDRAWN || state == INCIDENT_STATE_NOT_ACCEPTED ||
           state == INCIDENT_STATE_TRANSFERRED;
}

/* Only what can succeed is offered; whether it does, the dispatcher decides. */
static bool offers(const struct incident_row *row, enum visit_act act)
{
    enum incident_state state = row->state;
    bool answered = state == INCIDENT_STATE_TOLD || state == INCIDENT_STATE_REVISIT;
    switch (act) {
    case VISIT_ACT_ADD:
        return !is_over(state) && state != INCIDENT_STATE_REPLIED && state != INCIDENT_STATE_MERGED;
    case VISIT_ACT_RATE:
        return answered;
    case VISIT_ACT_REOPEN:
        return state == INCIDENT_STATE_CLOSED || state == INCIDENT_STATE_DIRECT;
    case VISIT_ACT_URGE:
        return state == INCIDENT_STATE_DISPATCHED || state == INCIDENT_STATE_HANDLING;
    case VISIT_ACT_WITHDRAW:
        return !is_over(state) && !answered && row->petition != PETITION_KIND_WITHDRAWAL;
    case VISIT_ACT_NONE:
    case VISIT_ACT_LOOK:
    case VISIT_ACT_COUNT:
        break;
    }
    return false;
}

static void add_acts(const struct console *console, struct text *page, const struct visit *visit,
                     const struct incident_row *row, const struct taste *taste)
{
    char place[PLACE_BYTES], receipt[PLACE_BYTES], leave[PLACE_BYTES];
    write_place(place, "/q/case", taste, NULL);
    write_place(receipt, "/q/receipt", taste, NULL);
    write_place(leave, "/q/leave", taste, NULL);
    const struct leaflet_value values[] = { { "place", place },
                                            { "token", visit->token },
                                            { "receipt", receipt },
                                            { "leave", leave },
                                            { NULL, NULL } };
    for (enum visit_act act = VISIT_ACT_ADD; act < VISIT_ACT_COUNT; act++)
        if (offers(row, act))
            add(console, page, visit_act_name(act), taste, values);
    add(console, page, "links", taste, values);
}

static void answer_case(struct console *console, struct exchange *exchange,
                        const struct request *request, const struct visit *visit, bool receipt)
{
    static char bytes[CITIZEN_PAGE_MAX];
    static struct incident_detail detail;
    struct text page = text_into(bytes, sizeof bytes);
    struct taste taste = taste_of(request);
    const char *path = receipt ? "/q/receipt" : "/q/case";
    if (!replica_incident(console->replica, visit->incident, &detail)) {
        send_to(exchange, "/q", "busy", NULL); /* this server is behind */
        return;
    }
    uint64_t offset_min = offset_of(console);
    char now[20], back[PLACE_BYTES];
    write_time(now, clock_wall_ms(), offset_min);
    write_place(back, "/q/case", &taste, NULL);
    const struct leaflet_value values[] = { { "now", now }, { "back", back }, { NULL, NULL } };
    add_head(console, &page, path, &taste);
    add_said(console, &page, request, &taste);
    if (receipt)
        add(console, &page, "receipt", &taste, values);
    add_order(console, &page, &detail, offset_min, &taste);
    add(console, &page, "steps", &taste, NULL);
    add_steps(console, &page, visit->incident, offset_min, &taste);
    add(console, &page, "steps_end", &taste, NULL);
    if (receipt)
        add(console, &page, "receipt_end", &taste, values);
    else
        add_acts(console, &page, visit, &detail.row, &taste);
    add(console, &page, "foot", &taste, NULL);
    answer(console, exchange, 200, &page);
}

/* ------------------------------------------------------------------------------------- asking */

/* People write numbers and codes with blanks, dashes and in full width. False: no digits, or too many. */
static bool read_digits(const char *said, char *digits, size_t room)
{
    size_t used = 0;
    for (const unsigned char *at = (const unsigned char *)said; *at; at++) {
        unsigned char c = *at;
        if (c == 0xef && at[1] == 0xbc && at[2] >= 0x90 && at[2] <= 0x99) {
            c = (unsigned char)(at[2] - 0x90 + '0');
            at += 2;
        }
        if (c == ' ' || c == '-' || c == '\n' || c == '\t')
            continue;
        if (c < '0' || c > '9' || used + 1 >= room)
            return false;
        digits[used++] = (char)c;
    }
    digits[used] = 0;
    return used > 0;
}

static const char *submit(struct console *console, struct exchange *exchange,
                          const struct visit *visit, struct command *command, const char *said)
{
    static struct personal personal;
    struct waiter waiter = { .wait = WAIT_VISIT,
                             .exchange = exchange,
                             .visit = visit->serial,
                             .act = command->citizen_visit.act,
                             .until_ms = clock_mono_ms() + WAITING_MS };
    uint8_t key[16];
    command->kind = COMMAND_CITIZEN_VISIT;
    command->citizen_visit.number = visit->number;
    (void)text_copy(command->citizen_visit.code, sizeof command->citizen_visit.code, visit->code);
    randombytes_buf(key, sizeof key);
    hex_write(key, sizeof key, command->key);
    schema_clear(SCHEMA_PERSONAL, &personal);
    bool whole = text_copy(personal.text, sizeof personal.text, said);
    int status = -1;
    if (whole && !waiting_is_full(&console->waiting) && console_is_up(console))
        status =
            link_submit(console->link, command, said[0] ? &personal : NULL, NULL, 0, &waiter.id);
    sodium_memzero(&personal, sizeof personal);
    sodium_memzero(&command->citizen_visit, sizeof command->citizen_visit);
    if (status < 0)
        return whole ? "busy" : "empty";
    waiting_add(&console->waiting, &waiter);
    return NULL;
}

static void take_ask(struct console *console, struct exchange *exchange,
                     const struct request *request, const struct form *form)
{
    struct citizens *citizens = console->citizens;
    char number[NUMBER_DIGITS_MAX + 1], code[VISIT_CODE_BYTES];
    uint64_t now_ms = clock_mono_ms();
    if (!read_digits(form_field(form, "number"), number, sizeof number) ||
        !read_digits(form_field(form, "code"), code, sizeof code)) {
        send_to(exchange, "/q", "wrong", NULL);
        return;
    }
    if (!throttle_take(&citizens->addresses, request->address, now_ms) ||
        !throttle_take(&citizens->numbers, number, now_ms)) {
        citizens->counts.throttled++;
        send_to(exchange, "/q", "too_many", NULL);
        return;
    }
    struct command command = { .citizen_visit = { .act = VISIT_ACT_LOOK } };
    struct visit *visit = visits_begin(&citizens->visits, strtoull(number, NULL, 10), code, now_ms);
    sodium_memzero(code, sizeof code);
    const char *failed = submit(console, exchange, visit, &command, "");
    if (!failed)
        return;
    visit_close(visit);
    send_to(exchange, "/q", failed, NULL);
}

static enum degree degree_of(const struct form *form, const char *name)
{
    for (enum degree degree = DEGREE_NONE + 1; degree < DEGREE_COUNT; degree++)
        if (strcmp(form_field(form, name), degree_name(degree)) == 0)
            return degree;
    return DEGREE_NONE;
}

static void take_act(struct console *console, struct exchange *exchange, const struct visit *visit,
                     const struct form *form)
{
    struct citizens *citizens = console->citizens;
    struct command command = { .citizen_visit = { .act = VISIT_ACT_NONE } };
    struct citizen_visit *asked = &command.citizen_visit;
    const char *said = form_field(form, "text");
    const char *failed = NULL;
    char number[24];
    for (enum visit_act act = VISIT_ACT_ADD; act < VISIT_ACT_COUNT; act++)
        if (strcmp(form_field(form, "act"), visit_act_name(act)) == 0)
            asked->act = act;
    asked->contacted = degree_of(form, "contacted");
    asked->solved = degree_of(form, "solved");
    asked->satisfied = degree_of(form, "satisfied");
    (void)snprintf(number, sizeof number, "%" PRIu64, visit->number);
    if (asked->act == VISIT_ACT_ADD && strspn(said, " \n\t") == strlen(said))
        failed = "empty";
    else if (asked->act == VISIT_ACT_RATE &&
             (!asked->contacted || !asked->solved || !asked->satisfied))
        failed = "choose";
    else if (!throttle_take(&citizens->acts, number, clock_mono_ms()))
        failed = "too_many";
    else
        failed = submit(console, exchange, visit, &command, said);
    if (failed)
        send_to(exchange, "/q/case", failed, NULL);
}

static const char *said_of(enum refusal refusal, enum visit_act act)
{
    if (refusal == REFUSAL_NONE)
        return visit_act_name(act);
    if (refusal == REFUSAL_BUSY)
        return "busy";
    return refusal == REFUSAL_ALREADY ? "already" : "not_now";
}

void citizen_seen(const struct waiter *waiter)
{
    send_to(waiter->exchange, "/q/case", visit_act_name(waiter->act), NULL);
}

/* The tables of this server follow the journal: a page drawn at once may lack what was done a moment ago. */
static bool waits_to_see(struct console *console, const struct waiter *waiter,
                         const struct outcome *outcome)
{
    struct waiter seen = *waiter;
    if (outcome->refusal != REFUSAL_NONE || outcome->event_seq <= replica_seq(console->replica) ||
        waiting_is_full(&console->waiting))
        return false;
    seen.wait = WAIT_SEEN;
    seen.id = outcome->event_seq;
    seen.until_ms = clock_mono_ms() + CITIZEN_SEEN_MS;
    waiting_add(&console->waiting, &seen);
    return true;
}

void citizen_outcome(struct console *console, const struct waiter *waiter,
                     const struct outcome *outcome)
{
    struct citizens *citizens = console->citizens;
    struct visit *visit = visits_of(&citizens->visits, waiter->visit);
    char secret[SESSION_SECRET_BYTES], number[24];
    if (!visit) { /* a thousand others came since */
        send_to(waiter->exchange, "/q", "over", NULL);
        return;
    }
    if (waiter->act != VISIT_ACT_LOOK) {
        citizens->counts.acts += outcome->refusal == REFUSAL_NONE;
        if (waits_to_see(console, waiter, outcome))
            return;
        send_to(waiter->exchange, "/q/case", said_of(outcome->refusal, waiter->act), NULL);
        return;
    }
    if (outcome->refusal != REFUSAL_NONE) {
        bool busy = outcome->refusal == REFUSAL_BUSY;
        citizens->counts.wrong += !busy;
        visit_close(visit);
        send_to(waiter->exchange, "/q", busy ? "busy" : "wrong", NULL);
        return;
    }
    citizens->counts.sign_ins++;
    (void)snprintf(number, sizeof number, "%" PRIu64, visit->number);
    throttle_give(&citizens->numbers, number, clock_mono_ms());
    visit_open(visit, outcome->incident, clock_mono_ms(), secret);
    send_to(waiter->exchange, "/q/case", NULL, secret);
    sodium_memzero(secret, sizeof secret);
}

/* -------------------------------------------------------------------------------------- paths */

static void take_post(struct console *console, struct exchange *exchange,
                      const struct request *request, struct visit *visit)
{
    static struct form form;
    bool ask = strcmp(request->path, "/q") == 0;
    bool sound = request->form && form_read(&form, request->body, request->body_size);
    if (!sound)
        send_to(exchange, "/q", "wrong", NULL);
    else if (ask)
        take_ask(console, exchange, request, &form);
    else if (!visit || !visit_has_token(visit, form_field(&form, "token")))
        send_to(exchange, "/q", "over", NULL);
    else if (strcmp(request->path, "/q/leave") == 0) {
        visit_close(visit);
        send_to(exchange, "/q", "bye", "");
    } else if (strcmp(request->path, "/q/case") == 0)
        take_act(console, exchange, visit, &form);
    else
        send_to(exchange, "/q", NULL, NULL);
    sodium_memzero(&form, sizeof form);
}

void citizen_request(struct console *console, struct exchange *exchange,
                     const struct request *request)
{
    struct visit *visit = visits_find(&console->citizens->visits, request->visit, clock_mono_ms());
    bool receipt = strcmp(request->path, "/q/receipt") == 0;
    if (request->method == METHOD_POST)
        take_post(console, exchange, request, visit);
    else if (strcmp(request->path, "/q") == 0)
        answer_ask(console, exchange, request);
    else if (!receipt && strcmp(request->path, "/q/case") != 0)
        send_to(exchange, "/q", NULL, NULL);
    else if (!visit)
        send_to(exchange, "/q", "over", NULL);
    else
        answer_case(console, exchange, request, visit, receipt);
}
