/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Recipients of notices: numbers, one a line, sealed beside the events that brought them. */
#include <errno.h>
#include <string.h>

#include <sodium.h>

#include "base/text.h"
#include "dispatcher/io/caller.h"
#include "dispatcher/io/dispatcher.h"
#include "dispatcher/io/orders.h"
#include "proto/schema.h"

enum {
    NUMBER_BYTES = 24, /* E.164 has 15 digits; room for a trunk prefix */
    NUMBER_LEAST = 3
};

/* The sound number at the start of the line; its length, 0: none is. */
static size_t number_at(const char *line, size_t length)
{
    size_t at = length > 0 && line[0] == '+';
    while (at < length && line[at] >= '0' && line[at] <= '9')
        at++;
    size_t rest = at;
    while (rest < length && (line[rest] == '\r' || line[rest] == ' '))
        rest++;
    return rest == length && at >= NUMBER_LEAST && at < NUMBER_BYTES ? at : 0;
}

struct adding {
    struct dispatcher *dispatcher;
    const struct named_draft *draft;
    struct text text;
    uint32_t count;
};

/* Shows each sound number of the lines, with its length. */
typedef void each_number(void *owner, const char *number, size_t length);
static void lines_read(const char *lines, each_number *each, void *owner)
{
    while (*lines) {
        size_t length = strcspn(lines, "\n");
        size_t size = number_at(lines, length);
        if (size > 0)
            each(owner, lines, size);
        lines += length + (lines[length] == '\n');
    }
}

static uint64_t index_of(const struct dispatcher *dispatcher, const char *number, size_t length)
{
    char alone[NUMBER_BYTES] = { 0 };
    memcpy(alone, number, length);
    uint64_t caller = caller_index(dispatcher->blind_key, alone);
    sodium_memzero(alone, sizeof alone);
    return caller;
}

static void add_number(void *owner, const char *number, size_t length)
{
    struct adding *adding = owner;
    struct dispatcher *dispatcher = adding->dispatcher;
    bool fits = adding->text.length + length + 1 < adding->text.size;
    if (!fits ||
        !named_offer(&dispatcher->named, adding->draft, index_of(dispatcher, number, length)))
        return;
    text_add_bytes(&adding->text, number, length);
    text_add_char(&adding->text, '\n');
    adding->count++;
}

static void add_incidents(struct adding *adding, const struct notice_add *asked)
{
    char number[NUMBER_BYTES];
    for (uint32_t i = 0; i < asked->incidents_count; i++) {
        uint64_t incident = asked->incidents[i];
        if (core_may_notify(adding->dispatcher->core, incident) &&
            text_number_of(adding->dispatcher, incident, number, sizeof number) &&
            number_at(number, strlen(number)) > 0)
            add_number(adding, number, strlen(number));
    }
    sodium_memzero(number, sizeof number);
}

/* ---- whom a draft names already ---------------------------------------------------------------- */

struct telling {
    struct dispatcher *dispatcher;
    struct named_draft *draft;
    uint64_t notice;
};

static void tell_number(void *owner, const char *number, size_t length)
{
    const struct telling *telling = owner;
    named_add(telling->draft, index_of(telling->dispatcher, number, length));
}

static void tell_chunk(void *owner, uint64_t seq)
{
    static struct personal list;
    const struct telling *telling = owner;
    if (journal_personal_at(telling->dispatcher->journal, telling->notice, seq, &list) == 0)
        lines_read(list.text, tell_number, owner);
    sodium_memzero(&list, sizeof list);
}

static struct named_draft *draft_open(struct dispatcher *dispatcher, uint64_t notice)
{
    bool empty;
    struct named_draft *draft = named_open(&dispatcher->named, notice, &empty);
    struct telling telling = { dispatcher, draft, notice };
    if (empty)
        (void)core_notice_draft(dispatcher->core, notice, tell_chunk, &telling);
    return draft;
}

void notice_added(struct dispatcher *dispatcher, uint64_t notice, enum refusal refusal)
{
    if (refusal == REFUSAL_NONE)
        named_take(&dispatcher->named, notice);
}

const struct personal *notice_recipients(struct dispatcher *dispatcher,
                                         const struct personal *personal, struct command *command)
{
    static struct personal sound;
    struct notice_add *asked = &command->notice_add;
    schema_clear(SCHEMA_PERSONAL, &sound);
    asked->count = 0;
    if (!core_notice_draft(dispatcher->core, asked->notice, NULL, NULL))
        return NULL; /* the core says why not */
    struct adding adding = { .dispatcher = dispatcher,
                             .draft = draft_open(dispatcher, asked->notice),
                             .text = text_into(sound.text, sizeof sound.text) };
    if (personal)
        lines_read(personal->text, add_number, &adding);
    add_incidents(&adding, asked);
    asked->count = adding.count;
    return adding.count > 0 ? &sound : NULL;
}

/* The number in line `which` (from 0) of the sealed list; empty when there is none. */
static void recipient(const struct personal *list, uint32_t which, char number[NUMBER_BYTES])
{
    const char *line = list->text;
    while (which > 0 && *line) {
        line += strcspn(line, "\n");
        line += *line == '\n';
        which--;
    }
    size_t length = strcspn(line, "\n");
    number[0] = 0;
    if (length < NUMBER_BYTES) {
        memcpy(number, line, length);
        number[length] = 0;
    }
}

static void order_one(struct dispatcher *dispatcher, const struct event *event, uint32_t which,
                      const char *number, const char *words)
{
    static struct order order;
    uint64_t text = event->notice_stepped.text + which;
    if (!number[0] ||
        core_is_unsubscribed(dispatcher->core, caller_index(dispatcher->blind_key, number))) {
        text_fails(dispatcher, text, TEXT_STATE_EXCUSED);
        return;
    }
    schema_clear(SCHEMA_ORDER, &order);
    schema_clear(SCHEMA_ORDER_TEXT, &order.text);
    order.kind = ORDER_TEXT;
    order.text.text = text;
    order.text.receipt = true;
    order.text.fenced = false; /* nobody else ever sends it */
    order.text.edition = event->notice_stepped.edition;
    (void)text_copy(order.text.number, sizeof order.text.number, number);
    (void)text_copy(order.text.from, sizeof order.text.from,
                    text_short_number(&dispatcher->roster, event->line));
    (void)text_copy(order.text.words, sizeof order.text.words, words);
    turn_order(dispatcher, event->notice_stepped.gateway, &order);
    sodium_memzero(&order.text, sizeof order.text);
}

void notice_order(struct dispatcher *dispatcher, const struct event *event)
{
    static struct personal list, words;
    const struct notice_stepped *stepped = &event->notice_stepped;
    char number[NUMBER_BYTES];
    int status = journal_personal_at(dispatcher->journal, event->notice, stepped->words, &words);
    if (status == 0)
        status = journal_personal_at(dispatcher->journal, event->notice, stepped->seq, &list);
    if (status < 0 && log_allowed(&dispatcher->log_texts))
        log_warn("notice=%llu cannot be read: %s", (unsigned long long)event->notice,
                 strerror(-status));
    for (uint32_t i = 0; i < stepped->count; i++) {
        if (status < 0) {
            text_fails(dispatcher, stepped->text + i, TEXT_STATE_FAILED);
            continue;
        }
        recipient(&list, stepped->offset + i, number);
        order_one(dispatcher, event, i, number, words.text);
    }
    sodium_memzero(&list, sizeof list);
    sodium_memzero(&words, sizeof words);
    sodium_memzero(number, sizeof number);
}

/* To every message gateway: who has none of the texts does nothing. */
static void order_all(struct dispatcher *dispatcher, struct order *order)
{
    const struct roster *roster = &dispatcher->roster;
    for (uint32_t i = 0; i < roster->gateway_count; i++) {
        const struct gateway_row *gateway = &roster->gateways[i].row;
        if (gateway->kind == GATEWAY_KIND_SMS && !gateway->retired)
            turn_order(dispatcher, gateway->gateway, order);
    }
}

static void recall(void *owner, uint64_t first, uint32_t count)
{
    static struct order order;
    if (count == 0)
        return;
    schema_clear(SCHEMA_ORDER, &order);
    order.kind = ORDER_RECALL;
    order.recall = (struct order_recall){ .text = first, .count = count };
    order_all(owner, &order);
}

void notice_recall(struct dispatcher *dispatcher, const struct event *event)
{
    if (event->kind == EVENT_TEXT_RECALLED) {
        recall(dispatcher, event->text_recalled.text, 1);
        return;
    }
    named_forget(&dispatcher->named, event->notice);
    if (event->notice_moved.to == NOTICE_STATE_STOPPED)
        core_notice_texts(dispatcher->core, event->notice, recall, dispatcher);
}

struct correcting {
    struct dispatcher *dispatcher;
    struct order order;
};

static void correct(void *owner, uint64_t first, uint32_t count)
{
    struct correcting *correcting = owner;
    correcting->order.correct.text = first;
    correcting->order.correct.count = count;
    if (count > 0)
        order_all(correcting->dispatcher, &correcting->order);
}

void notice_correct(struct dispatcher *dispatcher, const struct event *event)
{
    static struct correcting correcting;
    static struct personal words;
    const struct notice_replaced *replaced = &event->notice_replaced;
    int status = journal_personal_at(dispatcher->journal, event->notice, replaced->words, &words);
    if (status < 0) {
        if (log_allowed(&dispatcher->log_texts))
            log_warn("notice=%llu is not corrected at the message centres: %s",
                     (unsigned long long)event->notice, strerror(-status));
        return;
    }
    correcting.dispatcher = dispatcher;
    schema_clear(SCHEMA_ORDER, &correcting.order);
    schema_clear(SCHEMA_ORDER_CORRECT, &correcting.order.correct);
    correcting.order.kind = ORDER_CORRECT;
    correcting.order.correct.edition = replaced->edition;
    (void)text_copy(correcting.order.correct.words, sizeof correcting.order.correct.words,
                    words.text);
    core_notice_texts(dispatcher->core, event->notice, correct, &correcting);
    sodium_memzero(&words, sizeof words);
    sodium_memzero(&correcting.order.correct, sizeof correcting.order.correct);
}
