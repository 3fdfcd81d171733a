/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/gone.h"

#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "gateways/trunk/call.h"
#include "gateways/trunk/kept_table.h"

static struct gone *gone_of(struct exchange *exchange, uint64_t call)
{
    for (uint32_t i = 0; i < GONE_MAX; i++)
        if (exchange->gone[i].call == call)
            return &exchange->gone[i];
    return NULL;
}

static uint32_t place_of(const struct exchange *exchange, const struct gone *gone)
{
    return (uint32_t)(gone - exchange->gone);
}

static void keep(struct exchange *exchange, const struct gone *gone)
{
    uint8_t body[KEPT_BODY_MAX];
    if (exchange->kept)
        kept_write(exchange->kept, KEPT_GONE, place_of(exchange, gone), body,
                   kept_pack(kept_gone_fields, gone, body));
}

static void forget(struct exchange *exchange, struct gone *gone)
{
    if (exchange->kept)
        kept_clear(exchange->kept, KEPT_GONE, place_of(exchange, gone));
    memset(gone, 0, sizeof *gone);
}

static void turn_away(struct exchange *exchange, struct gone *gone)
{
    turned_away_count(exchange, gone->line);
    forget(exchange, gone);
}

/* They must be known, whatever it takes. */
static bool matters(const struct gone *gone)
{
    return gone->emergency || gone->answered_ms != 0;
}

/* A free place; else that of somebody who is only counted. NULL: all are taken by who matters. */
static struct gone *take_place(struct exchange *exchange)
{
    struct gone *place = gone_of(exchange, 0);
    for (uint32_t i = 0; i < GONE_MAX && !place; i++)
        if (!matters(&exchange->gone[i])) {
            place = &exchange->gone[i];
            turn_away(exchange, place);
        }
    return place;
}

static struct gone *begin(struct exchange *exchange, const struct contact_arrive *said,
                          const struct personal *personal)
{
    const struct line *line = dial_plan_line(&exchange->plan, said->line);
    struct gone *gone = take_place(exchange);
    if (!gone) {
        exchange->counts.reports_lost++;
        turned_away_count(exchange, said->line);
        log_error("call=%" PRIu64 " line=%" PRIu32 " is gone and cannot be told of: too many are",
                  said->call, said->line);
        return NULL;
    }
    gone->call = said->call;
    gone->line = said->line;
    gone->emergency = line && line->emergency;
    gone->language = said->language;
    gone->arrived_ms = said->arrived_ms;
    gone->cause = END_CAUSE_CALLER;
    (void)text_copy(gone->trunk, sizeof gone->trunk, said->trunk);
    (void)text_copy(gone->called, sizeof gone->called, said->called);
    if (personal) {
        (void)text_copy(gone->number, sizeof gone->number, personal->number);
        (void)text_copy(gone->position, sizeof gone->position, personal->position);
        (void)text_copy(gone->address, sizeof gone->address, personal->address);
        (void)text_copy(gone->text, sizeof gone->text, personal->text);
    }
    gone->retry_ms = exchange->mono_ms + EXCHANGE_RETRY_MS;
    exchange->counts.gone_untaken += gone->emergency;
    return gone;
}

static void note_talk(struct gone *gone, uint32_t user, uint64_t answered_ms, const char *phone)
{
    gone->user = user;
    gone->answered_ms = answered_ms;
    (void)text_copy(gone->phone, sizeof gone->phone, phone);
}

void gone_take(struct exchange *exchange, const struct call *call)
{
    struct command command = { .kind = COMMAND_CONTACT_ARRIVE };
    struct personal personal = { 0 };
    caller_describe(call, &command, &personal);
    struct gone *gone = begin(exchange, &command.contact_arrive, &personal);
    if (!gone)
        return;
    gone->cause = call->cause;
    gone->retry_ms = exchange->mono_ms;
    note_talk(gone, call->talk.user, call->talk.answered_ms, call->talk.phone);
    keep(exchange, gone);
}

static void hear_arrival(struct exchange *exchange, const struct submit *submit)
{
    struct contact_arrive said = submit->command.contact_arrive; /* who gives way is told of */
    struct personal personal = submit->personal;
    struct gone *gone = said.call ? gone_of(exchange, said.call) : NULL;
    if (said.test || gone || call_of_number(exchange, said.call))
        return; /* it is said again anyway */
    gone = begin(exchange, &said, submit->has_personal ? &personal : NULL);
    if (gone)
        keep(exchange, gone);
}

void gone_hear_refused(void *owner, const struct submit *submit, enum refusal refusal)
{
    struct exchange *exchange = owner;
    const struct command *said = &submit->command;
    struct gone *gone;
    (void)refusal;
    switch (said->kind) {
    case COMMAND_CONTACT_ARRIVE:
        hear_arrival(exchange, submit);
        return;
    case COMMAND_CONTACT_SURVIVE:
        gone = said->contact_survive.call ? gone_of(exchange, said->contact_survive.call) : NULL;
        if (!gone)
            return;
        note_talk(gone, said->contact_survive.user, said->contact_survive.answered_ms,
                  said->contact_survive.phone);
        keep(exchange, gone);
        return;
    case COMMAND_CONTACT_END:
        gone = said->contact_end.call ? gone_of(exchange, said->contact_end.call) : NULL;
        if (!gone)
            return;
        gone->cause = said->contact_end.cause;
        keep(exchange, gone);
        return;
    default:
        return;
    }
}

bool gone_hear_outcome(struct exchange *exchange, uint64_t ticket, enum refusal refusal)
{
    for (uint32_t i = 0; i < GONE_MAX; i++) {
        struct gone *gone = &exchange->gone[i];
        if (gone->call == 0 || gone->ticket != ticket)
            continue;
        uint32_t doubled = gone->tries < GONE_PAUSE_MAX ? gone->tries : GONE_PAUSE_MAX;
        gone->ticket = 0;
        gone->retry_ms = exchange->mono_ms + ((uint64_t)EXCHANGE_RETRY_MS << doubled);
        if (refusal == REFUSAL_NONE || refusal == REFUSAL_ALREADY) {
            log_info("call=%" PRIu64 ", who is gone, is known now", gone->call);
            forget(exchange, gone);
        }
        return true;
    }
    return false;
}

static int say_arrival(struct exchange *exchange, const struct gone *gone)
{
    struct command command = { .kind = COMMAND_CONTACT_ARRIVE };
    struct contact_arrive *arrive = &command.contact_arrive;
    struct personal personal = { 0 };
    uint64_t ticket;
    arrive->call = gone->call;
    arrive->line = gone->line;
    arrive->channel = CHANNEL_VOICE;
    arrive->arrived_ms = gone->arrived_ms;
    arrive->language = gone->language;
    (void)text_copy(arrive->trunk, sizeof arrive->trunk, gone->trunk);
    (void)text_copy(arrive->called, sizeof arrive->called, gone->called);
    (void)text_copy(personal.number, sizeof personal.number, gone->number);
    (void)text_copy(personal.position, sizeof personal.position, gone->position);
    (void)text_copy(personal.address, sizeof personal.address, gone->address);
    (void)text_copy(personal.text, sizeof personal.text, gone->text);
    bool known = gone->number[0] || gone->position[0] || gone->address[0] || gone->text[0];
    return exchange_report(exchange, &command, known ? &personal : NULL, &ticket);
}

static int say_talk(struct exchange *exchange, const struct gone *gone)
{
    struct command command = { .kind = COMMAND_CONTACT_SURVIVE };
    uint64_t ticket;
    command.contact_survive.call = gone->call;
    command.contact_survive.user = gone->user;
    command.contact_survive.answered_ms = gone->answered_ms;
    (void)text_copy(command.contact_survive.phone, sizeof command.contact_survive.phone,
                    gone->phone);
    return gone->answered_ms ? exchange_report(exchange, &command, NULL, &ticket) : 0;
}

static int say_end(struct exchange *exchange, struct gone *gone)
{
    struct command command = { .kind = COMMAND_CONTACT_END };
    command.contact_end.call = gone->call;
    command.contact_end.cause = gone->cause;
    return exchange_report(exchange, &command, NULL, &gone->ticket);
}

/* All of it behind each other on the same way: nobody is offered a caller who is not there. */
static void say(struct exchange *exchange, struct gone *gone)
{
    gone->tries++;
    gone->retry_ms = 0;
    if (say_arrival(exchange, gone) == 0 && say_talk(exchange, gone) == 0 &&
        say_end(exchange, gone) == 0)
        return;
    gone->ticket = 0;
    gone->retry_ms = exchange->mono_ms + EXCHANGE_RETRY_MS;
}

void gone_tick(struct exchange *exchange)
{
    for (uint32_t i = 0; i < GONE_MAX; i++) {
        struct gone *gone = &exchange->gone[i];
        if (gone->call == 0 || gone->retry_ms == 0 || gone->retry_ms > exchange->mono_ms)
            continue;
        if (matters(gone))
            say(exchange, gone);
        else
            turn_away(exchange, gone);
    }
}

void gone_take_up(struct exchange *exchange)
{
    uint8_t body[KEPT_BODY_MAX];
    for (uint32_t i = 0; i < GONE_MAX; i++) {
        struct gone *gone = &exchange->gone[i];
        size_t size = kept_read(exchange->kept, KEPT_GONE, i, body);
        memset(gone, 0, sizeof *gone);
        if (size == 0 || !kept_unpack(kept_gone_fields, gone, body, size)) {
            forget(exchange, gone);
            continue;
        }
        gone->retry_ms = exchange->mono_ms + EXCHANGE_RETRY_MS;
    }
}
