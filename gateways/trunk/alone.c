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
    struct call_talk *talk = &phone->call->talk;
    *talk = (struct call_talk){ .user = phone->user, .answered_ms = phone->answered_ms };
    (void)text_copy(talk->phone, sizeof talk->phone, phone->uri);
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

static struct plan_caller in_plan(const struct call *call)
{
    return (struct plan_caller){ call->line.emergency, call->arrived_ms, call->number };
}

static bool comes_before(const struct call *a, const struct call *b)
{
    struct plan_caller one = in_plan(a), other = in_plan(b);
    return plan_comes_before(&one, &other);
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
        struct plan_leg leg = { .talks = phone->state == PHONE_TALKING,
                                .rings = rings(phone),
                                .by_plan = rings_by_plan(phone) && phone->call,
                                .for_emergency = phone->call && phone->call->line.emergency };
        enum plan_use use = plan_use_of(&leg, emergency);
        if (use == PLAN_ENGAGED)
            return true;
        if (use == PLAN_GIVES_WAY)
            phone_step(exchange, phone, PHONE_WITHDRAW);
    }
    return false;
}

static uint64_t plan_offer(const struct exchange *exchange, const struct phone *phone)
{
    return PLAN_OFFER | exchange->wall_ms << 16 | (phone->token & TOKEN_PLACE);
}

static void ring(struct exchange *exchange, struct call *call, const struct survival_target *target)
{
    const char *uri = dial_plan_uri(&exchange->plan, target);
    if (!uri || is_engaged(exchange, uri, call->line.emergency))
        return;
    struct phone *phone = phone_ring(exchange, call, PLAN_OFFER, uri);
    if (!phone)
        return;
    phone->offer = plan_offer(exchange, phone);
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
    struct survival_target targets[SURVIVAL_TARGETS_MAX];
    uint32_t count = plan_take_step(plan_of(exchange, call), &call->plan_step, targets);
    call->plan_ms = exchange->mono_ms + PLAN_PAUSE_MS;
    for (uint32_t i = 0; i < count; i++)
        ring(exchange, call, &targets[i]);
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
    if (exchange->was_up)
        exchange->silent_ms = exchange->wall_ms - link_silent_ms(exchange->link, exchange->mono_ms);
    exchange->counts.alone_times++;
    link_was_alone(exchange->link, true);
    log_error(
        "no dispatcher for %d ms: callers are put through by their lines' plans calls=%" PRIu32,
        ALONE_AFTER_MS, exchange->call_count);
    tell_ordinary(exchange);
}

static void keep_talking(struct exchange *exchange, struct phone *phone)
{
    phone->offer = plan_offer(exchange, phone);
    phone_touch(exchange, phone);
}

/* An offer's telephone answered in the silence: the dispatcher knows of no answer, has perhaps given the offer up, and
 * would take the telephone away. Who talks keeps the caller, as if the plan had rung them. */
static void keep_answered(struct exchange *exchange)
{
    for (uint32_t i = 0; i < EXCHANGE_PHONES_MAX; i++) {
        struct phone *phone = &exchange->phones[i];
        bool talks = phone->token != 0 && phone->state == PHONE_TALKING && phone->call &&
                     phone->call->phone == phone && phone->role == ROOM_TAKER;
        if (talks && !phone_is_planned(phone) && phone->answered_ms >= exchange->silent_ms)
            keep_talking(exchange, phone);
    }
}

void alone_over(struct exchange *exchange)
{
    bool was_alone = exchange->alone;
    exchange->was_up = true;
    if (was_alone)
        keep_answered(exchange);
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
