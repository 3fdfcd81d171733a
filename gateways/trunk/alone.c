/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Without a dispatcher (docs/decisions/0019-survival.md): a caller's line has a plan, and its telephones are rung
 * step by step until one answers. Emergencies come first, then who came first. What happened is told when a
 * dispatcher is back; what the plan makes ring then rings on until the dispatcher wants the caller or the
 * telephone. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "gateways/trunk/call.h"

bool phone_is_planned(const struct phone *phone)
{
    return phone->offer & PLAN_OFFER;
}

static bool rings(const struct phone *phone)
{
    return phone->token != 0 && (phone->state == PHONE_CALLING || phone->state == PHONE_RINGING ||
                                 phone->state == PHONE_TURNING);
}

static bool rings_by_plan(const struct phone *phone)
{
    return rings(phone) && phone_is_planned(phone);
}

/* ---- what is shown and told -------------------------------------------------------------------- */

/* No console shows who calls, so the telephone does; a number is all that a stranger may write there. */
void alone_display(const struct phone *phone, char *words, size_t size)
{
    char number[sizeof phone->call->caller] = "";
    size_t length = 0;
    for (const char *c = phone->call ? phone->call->caller : ""; *c; c++)
        if (strchr("+*#0123456789", *c))
            number[length++] = *c;
    (void)snprintf(words, size, "应急 %" PRIu32 "%s%s · no dispatcher", phone->line,
                   length ? " " : "", number);
}

void alone_report(struct exchange *exchange, const struct phone *phone)
{
    struct command command = { .kind = COMMAND_CONTACT_SURVIVE };
    uint64_t ticket;
    command.contact_survive.call = phone->call->number;
    command.contact_survive.user = phone->user;
    command.contact_survive.answered_ms = phone->answered_ms;
    (void)text_copy(command.contact_survive.phone, sizeof command.contact_survive.phone,
                    phone->uri);
    (void)exchange_report(exchange, &command, NULL, &ticket);
}

/* ---- ringing ----------------------------------------------------------------------------------- */

static bool waits(const struct call *call)
{
    bool here = call->state == CALLER_WAITING || call->state == CALLER_ANSWERED ||
                call->state == CALLER_TALKING;
    bool talks = call->phone && call->phone->state == PHONE_TALKING;
    return call->token != 0 && here && !talks && !call->test && call->leave_ms == 0;
}

static bool has_planned(const struct exchange *exchange, const struct call *call)
{
    for (uint32_t i = 0; i < EXCHANGE_PHONES_MAX; i++)
        if (exchange->phones[i].call == call && rings_by_plan(&exchange->phones[i]))
            return true;
    return false;
}

/* Empty: none. */
static const char *plan_of(const struct exchange *exchange, const struct call *call)
{
    const struct line *line = dial_plan_line(&exchange->plan, call->line.number);
    return line ? line->survival : "";
}

static bool comes_before(const struct call *a, const struct call *b)
{
    if (a->line.emergency != b->line.emergency)
        return a->line.emergency;
    return a->arrived_ms != b->arrived_ms ? a->arrived_ms < b->arrived_ms : a->number < b->number;
}

static struct call *next_call(struct exchange *exchange)
{
    struct call *best = NULL;
    for (uint32_t i = 0; i < EXCHANGE_CALLS_MAX; i++) {
        struct call *call = &exchange->calls[i];
        if (waits(call) && call->plan_ms <= exchange->mono_ms && plan_of(exchange, call)[0] &&
            (!best || comes_before(call, best)) && !has_planned(exchange, call))
            best = call;
    }
    return best;
}

/* The telephone is in use; one that rings for an ordinary caller stops doing so for an emergency. */
static bool is_engaged(struct exchange *exchange, const char *uri, bool emergency)
{
    for (uint32_t i = 0; i < EXCHANGE_PHONES_MAX; i++) {
        struct phone *phone = &exchange->phones[i];
        if (phone->token == 0 || strcmp(phone->uri, uri) != 0)
            continue;
        if (emergency && rings_by_plan(phone) && phone->call && !phone->call->line.emergency)
            phone_step(exchange, phone, PHONE_WITHDRAW);
        else if (phone->state == PHONE_TALKING || rings(phone))
            return true;
    }
    return false;
}

static void ring(struct exchange *exchange, struct call *call, const struct survival_target *target)
{
    const char *uri = dial_plan_uri(&exchange->plan, target);
    if (!uri || is_engaged(exchange, uri, call->line.emergency))
        return;
    struct phone *phone = phone_ring(exchange, call, PLAN_OFFER, uri);
    if (!phone)
        return;
    phone->offer = PLAN_OFFER | exchange->wall_ms << 16 | (phone->token & TOKEN_PLACE);
    phone->role = ROOM_TAKER;
    phone->user = target->user;
    phone->give_up_ms = exchange->mono_ms + PLAN_RING_MS;
    if (!call->phone)
        call->phone = phone;
    exchange->counts.alone_rung++;
    log_info("ring by plan call=%" PRIu64 " step=%" PRIu32 " uri=%s", call->number,
             target->step + 1, uri);
    phone_step(exchange, phone, PHONE_OFFER);
}

static void ring_step(struct exchange *exchange, struct call *call)
{
    const char *words = plan_of(exchange, call);
    uint32_t wanted = call->plan_step % survival_steps(words);
    struct survival_target target;
    call->plan_step = wanted + 1;
    call->plan_ms = exchange->mono_ms + PLAN_PAUSE_MS;
    for (uint32_t step = 0; survival_next(&words, &step, &target);)
        if (target.step == wanted)
            ring(exchange, call, &target);
}

struct phone *alone_yield(struct exchange *exchange, const struct call *call, const char *uri)
{
    struct phone *same = NULL;
    size_t length = strcspn(uri + (uri[0] == '<'), "> \t\r\n");
    for (uint32_t i = 0; i < EXCHANGE_PHONES_MAX; i++) {
        struct phone *phone = &exchange->phones[i];
        if (!rings_by_plan(phone))
            continue;
        bool wanted =
            strlen(phone->uri) == length && strncmp(phone->uri, uri + (uri[0] == '<'), length) == 0;
        if (wanted && phone->call == call)
            same = phone;
        else if (wanted || phone->call == call)
            phone_step(exchange, phone, PHONE_WITHDRAW);
    }
    return same;
}

/* ---- the time without one ---------------------------------------------------------------------- */

/* Ordinary callers hear what is the matter, or no longer. */
static void tell_ordinary(struct exchange *exchange)
{
    for (uint32_t i = 0; i < EXCHANGE_CALLS_MAX; i++) {
        struct call *call = &exchange->calls[i];
        if (waits(call) && !call->line.emergency)
            call->resume_ms = exchange->mono_ms; /* the waiting announcement anew */
    }
}

static void begin(struct exchange *exchange)
{
    exchange->alone = true;
    exchange->counts.alone_times++;
    link_was_alone(exchange->link, true);
    log_error(
        "no dispatcher for %d ms: callers are put through by their lines' plans calls=%" PRIu32,
        ALONE_AFTER_MS, exchange->call_count);
    tell_ordinary(exchange);
}

void alone_over(struct exchange *exchange)
{
    bool was_alone = exchange->alone;
    exchange->alone = false;
    link_was_alone(exchange->link, false);
    exchange_name_kept(exchange, was_alone);
    if (!was_alone)
        return;
    log_info("a dispatcher is back calls=%" PRIu32, exchange->call_count);
    tell_ordinary(exchange);
}

void alone_tick(struct exchange *exchange)
{
    struct call *call;
    bool silent = link_silent_ms(exchange->link, exchange->mono_ms) >= ALONE_AFTER_MS;
    if (silent && !exchange->alone)
        begin(exchange);
    else if (!silent && exchange->alone && link_is_up(exchange->link))
        alone_over(exchange);
    while (exchange->alone && (call = next_call(exchange)) != NULL)
        ring_step(exchange, call);
}
