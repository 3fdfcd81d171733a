/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"

#include <errno.h>
#include <string.h>

#include <sodium.h>

#include "base/segment.h"
#include "dispatcher/io/dispatcher.h"
#include "dispatcher/io/orders.h"
#include "proto/schema.h"

enum {
    ORIGIN_HOPS_MAX = 8
};

/* What a text needs beyond its event. */
struct subject {
    uint64_t number; /* the incident's order number */
    uint64_t contact;
    uint64_t origin; /* the incident it grew out of: its number is this one's too */
    uint32_t line;
    enum incident_state state;
};

/* The incident may have been registered in this very step, or long ago. */
static void find_incident(struct dispatcher *dispatcher, uint64_t incident, struct subject *subject)
{
    static struct answer answer;
    static struct query query;
    for (uint32_t i = 0; i < dispatcher->verdict.count; i++) {
        const struct event *event = &dispatcher->verdict.events[i];
        if (event->kind == EVENT_INCIDENT_REGISTERED && event->incident == incident) {
            *subject = (struct subject){ event->incident_registered.number, event->contact,
                                         event->incident_registered.origin, event->line,
                                         INCIDENT_STATE_REGISTERED };
            return;
        }
    }
    schema_clear(SCHEMA_QUERY, &query);
    query.kind = QUERY_INCIDENT;
    query.incident.incident = incident;
    query.incident.number = 0;
    journal_query(dispatcher->journal, &query, dispatcher->now_ms, &answer);
    if (answer.refusal != REFUSAL_NONE || answer.kind != ANSWER_INCIDENT_DETAIL)
        return;
    subject->number = answer.incident_detail.row.number;
    subject->line = answer.incident_detail.row.line;
    subject->state = answer.incident_detail.row.state;
    subject->origin = answer.incident_detail.row.origin;
    if (answer.incident_detail.contacts_count > 0)
        subject->contact = answer.incident_detail.contacts[0];
}

/* The newest words and number of the incident; its first contact's number when it has none. english:
 * the citizen wrote the first text so. */
static bool unseal(struct dispatcher *dispatcher, uint64_t incident, uint64_t contact,
                   struct personal *personal, bool *english)
{
    static struct personal of_contact;
    schema_clear(SCHEMA_PERSONAL, personal);
    int status = incident ? journal_personal(dispatcher->journal, incident, personal) : -ENOENT;
    if (status < 0)
        schema_clear(SCHEMA_PERSONAL, personal);
    *english = false;
    if (contact && journal_personal(dispatcher->journal, contact, &of_contact) == 0) {
        *english = orders_speak_english(of_contact.text);
        if (!personal->number[0])
            (void)text_copy(personal->number, sizeof personal->number, of_contact.number);
    }
    sodium_memzero(&of_contact, sizeof of_contact);
    return personal->number[0] != 0;
}

/* Whoever it grew out of knows the number; the ways back are short. */
static bool unseal_origin(struct dispatcher *dispatcher, uint64_t origin, struct personal *personal,
                          bool *english)
{
    char words[sizeof personal->text];
    memcpy(words, personal->text, sizeof words);
    for (int hops = 0; origin && !personal->number[0] && hops < ORIGIN_HOPS_MAX; hops++) {
        struct subject subject = { .number = 0 };
        find_incident(dispatcher, origin, &subject);
        (void)unseal(dispatcher, origin, subject.contact, personal, english);
        origin = subject.origin;
    }
    memcpy(personal->text, words, sizeof words); /* what is said is its own */
    sodium_memzero(words, sizeof words);
    return personal->number[0] != 0;
}

static bool take_missing(char *field, size_t size, const char *words)
{
    if (field[0] || !words[0])
        return false;
    (void)text_copy(field, size, words);
    return true;
}

bool text_inherit(struct dispatcher *dispatcher, uint64_t incident, struct personal *personal)
{
    static struct personal older;
    bool taken = false;
    bool english;
    struct subject subject = { .number = 0 };
    find_incident(dispatcher, incident, &subject);
    for (int hops = 0; subject.origin && hops < ORIGIN_HOPS_MAX; hops++) {
        uint64_t origin = subject.origin;
        subject = (struct subject){ .number = 0 };
        find_incident(dispatcher, origin, &subject);
        (void)unseal(dispatcher, origin, subject.contact, &older, &english);
        taken |= take_missing(personal->number, sizeof personal->number, older.number);
        taken |= take_missing(personal->name, sizeof personal->name, older.name);
        taken |= take_missing(personal->address, sizeof personal->address, older.address);
        taken |= take_missing(personal->text, sizeof personal->text, older.text);
    }
    sodium_memzero(&older, sizeof older);
    return taken;
}

static bool is_reply(const struct event *event)
{
    return event->kind == EVENT_TASK_MOVED && event->task_moved.step == TASK_STEP_REPLY &&
           event->task_moved.kind == TASK_KIND_LEAD;
}

static bool is_question(const struct event *event)
{
    return event->kind == EVENT_INFO_ASKED;
}

static bool is_rejection(const struct event *event)
{
    return event->kind == EVENT_PETITION_ASKED &&
           event->petition_asked.kind == PETITION_KIND_NOT_ACCEPTED;
}

/* What {text} says in each template: never what somebody noted beside it. */
static journal_meant *const said_by[TEMPLATE_COUNT] = {
    [TEMPLATE_RESULT] = is_reply, /* a follower is told what its parent's lead replied */
    [TEMPLATE_INFO] = is_question,
    [TEMPLATE_NOT_ACCEPTED] = is_rejection,
};

static void take_words(struct dispatcher *dispatcher, enum template template, uint64_t incident,
                       struct personal *personal)
{
    static struct personal words;
    memset(personal->text, 0, sizeof personal->text);
    if (said_by[template] &&
        journal_personal_of(dispatcher->journal, incident, said_by[template], &words) == 0)
        (void)text_copy(personal->text, sizeof personal->text, words.text);
    sodium_memzero(&words, sizeof words);
}

const char *text_short_number(const struct roster *roster, uint32_t line)
{
    const struct line_row *row = roster_line(roster, line);
    if (row && row->short_number[0])
        return row->short_number;
    for (uint32_t i = 0; i < roster->line_count; i++)
        if (roster->lines[i].short_number[0])
            return roster->lines[i].short_number;
    return "";
}

void text_fails(struct dispatcher *dispatcher, uint64_t text, enum text_state state)
{
    if (dispatcher->failed_text_count == FAILED_TEXTS_MAX)
        return;
    dispatcher->failed_texts[dispatcher->failed_text_count].text = text;
    dispatcher->failed_texts[dispatcher->failed_text_count++].state = state;
}

static void cannot(struct dispatcher *dispatcher, const struct event *event, const char *why)
{
    if (log_allowed(&dispatcher->log_texts))
        log_warn("text=%llu incident=%llu not ordered: %s",
                 (unsigned long long)event->text_ordered.text, (unsigned long long)event->incident,
                 why);
    text_fails(dispatcher, event->text_ordered.text, TEXT_STATE_FAILED);
}

/* The order's words: the template's, or the taker's own. False when there are none. */
static bool word(const struct dispatcher *dispatcher, const struct event *event,
                 const struct wording *wording, const struct personal *said, bool english,
                 char *words)
{
    const struct roster *roster = &dispatcher->roster;
    const struct template_row *template = &roster->templates[event->text_ordered.template];
    if (event->text_ordered.template == TEMPLATE_WORDS)
        (void)text_copy(words, sizeof((struct order_text *)0)->words, said ? said->text : "");
    else
        orders_word(roster, english ? template->text_en : template->text_zh, wording, words);
    return words[0] != 0;
}

bool text_number_of(struct dispatcher *dispatcher, uint64_t incident, char *number, size_t size)
{
    static struct personal personal;
    bool english;
    struct subject subject = { .number = 0 };
    find_incident(dispatcher, incident, &subject);
    bool found = unseal(dispatcher, incident, subject.contact, &personal, &english) ||
                 unseal_origin(dispatcher, subject.origin, &personal, &english);
    if (found)
        (void)text_copy(number, size, personal.number);
    sodium_memzero(&personal, sizeof personal);
    return found;
}

void text_preview(struct dispatcher *dispatcher, const struct text_preview_query *asked,
                  struct answer *answer)
{
    static struct personal personal;
    struct text_preview *preview = &answer->text_preview;
    struct subject subject = { .number = 0 };
    find_incident(dispatcher, asked->incident, &subject);
    if (!subject.number) {
        answer->refusal = REFUSAL_NO_SUCH_INCIDENT;
        return;
    }
    schema_clear(SCHEMA_TEXT_PREVIEW, preview);
    answer->kind = ANSWER_TEXT_PREVIEW;
    answer->seq = core_seq(dispatcher->core);
    preview->excuse = core_text_outlook(dispatcher->core, asked->incident, TEMPLATE_RESULT,
                                        dispatcher->now_ms, &preview->until_ms);
    bool reached =
        unseal(dispatcher, asked->incident, subject.contact, &personal, &preview->english) ||
        unseal_origin(dispatcher, subject.origin, &personal, &preview->english);
    sodium_memzero(&personal, sizeof personal);
    if (!reached && !preview->excuse)
        preview->excuse = TEXT_EXCUSE_NO_NUMBER;
    char code[CODE_BYTES];
    code_make(dispatcher->code_key, subject.number, code);
    const struct wording wording = { subject.number, asked->text, dispatcher->now_ms,
                                     orders_state_word(subject.state, preview->english), code };
    const struct template_row *result = &dispatcher->roster.templates[TEMPLATE_RESULT];
    orders_word(&dispatcher->roster, preview->english ? result->text_en : result->text_zh, &wording,
                preview->words);
    sodium_memzero(code, sizeof code);
    size_t length = strlen(preview->words);
    preview->gsm7 = segment_is_gsm7(preview->words, length);
    preview->units = (uint32_t)segment_units(preview->words, length);
    preview->parts = segment_count(preview->words, length);
    preview->cut = !strstr(preview->words, asked->text);
}

/* What another gateway is to send is ordered as it was before; a taker's own words are sealed. */
static const struct event *as_ordered(struct dispatcher *dispatcher, const struct event *event,
                                      const struct personal **said)
{
    static struct event ordered;
    static struct personal words;
    if (event->kind != EVENT_TEXT_LEASED)
        return event;
    const struct text_leased *leased = &event->text_leased;
    memset(&ordered, 0, event_sizes[EVENT_TEXT_ORDERED]);
    ordered.kind = EVENT_TEXT_ORDERED;
    ordered.at_ms = event->at_ms;
    ordered.contact = event->contact;
    ordered.incident = event->incident;
    ordered.text_ordered.text = leased->text;
    ordered.text_ordered.template = leased->template;
    ordered.text_ordered.gateway = leased->gateway;
    ordered.text_ordered.answer_of = leased->answer_of;
    *said = NULL;
    if (leased->template == TEMPLATE_WORDS &&
        journal_personal_at(dispatcher->journal, event->contact, leased->words, &words) == 0)
        *said = &words;
    return &ordered;
}

static bool is_pressing(enum template template)
{
    return template == TEMPLATE_EMERGENCY_RECEIVED || template == TEMPLATE_DURESS ||
           template == TEMPLATE_CALLED_BACK || template == TEMPLATE_WORDS;
}

uint32_t text_order(struct dispatcher *dispatcher, const struct event *event,
                    const struct personal *said, struct order *order)
{
    const struct roster *roster = &dispatcher->roster;
    bool doubtful = event->kind == EVENT_TEXT_LEASED && event->text_leased.doubtful;
    event = as_ordered(dispatcher, event, &said);
    const struct text_ordered *ordered = &event->text_ordered;
    struct subject subject = { .contact = event->contact, .line = event->line };
    if (event->incident)
        find_incident(dispatcher, event->incident, &subject);
    uint32_t gateway = orders_text_gateway(roster, ordered->gateway, 0);
    if (!gateway) {
        cannot(dispatcher, event, "the city has no message gateway");
        return 0;
    }
    static struct personal personal;
    bool english;
    if (!unseal(dispatcher, event->incident, subject.contact, &personal, &english) &&
        !unseal_origin(dispatcher, subject.origin, &personal, &english)) {
        cannot(dispatcher, event, "no number to send it to");
        return 0;
    }
    take_words(dispatcher, ordered->template,
               ordered->answer_of ? ordered->answer_of : event->incident, &personal);
    char code[CODE_BYTES];
    code_make(dispatcher->code_key, subject.number, code);
    struct wording wording = { subject.number, personal.text, event->at_ms,
                               orders_state_word(subject.state, english), code };
    schema_clear(SCHEMA_ORDER, order);
    schema_clear(SCHEMA_ORDER_TEXT, &order->text);
    order->kind = ORDER_TEXT;
    order->text.text = ordered->text;
    order->text.receipt = true;
    order->text.fenced = ordered->gateway != 0;
    order->text.doubtful = doubtful;
    order->text.urgent = is_pressing(ordered->template);
    uint64_t valid_ms = roster->templates[ordered->template].valid_ms;
    order->text.until_ms = valid_ms ? event->at_ms + valid_ms : 0;
    (void)text_copy(order->text.number, sizeof order->text.number, personal.number);
    (void)text_copy(order->text.from, sizeof order->text.from,
                    text_short_number(roster, subject.line));
    bool worded = word(dispatcher, event, &wording, said, english, order->text.words);
    sodium_memzero(&personal, sizeof personal);
    sodium_memzero(code, sizeof code);
    if (!worded)
        cannot(dispatcher, event, "it has no words");
    return worded ? gateway : 0;
}

uint32_t text_type(const struct event *event, const struct personal *said, struct order *order)
{
    const struct text_typed *typed = &event->text_typed;
    if (!said || !said->text[0])
        return 0;
    schema_clear(SCHEMA_ORDER, order);
    schema_clear(SCHEMA_ORDER_TYPE, &order->type);
    order->kind = ORDER_TYPE;
    order->type.call = typed->call;
    order->type.typing = typed->typing;
    (void)text_copy(order->type.words, sizeof order->type.words, said->text);
    return typed->gateway;
}
