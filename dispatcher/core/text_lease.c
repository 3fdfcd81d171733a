/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/text_lease.h"

#include "base/require.h"

static bool sends(const struct gateway *gateway)
{
    return gateway->row.kind == GATEWAY_KIND_SMS && !gateway->row.retired;
}

static bool is_up(const struct gateway *gateway)
{
    return gateway->epoch != 0 && gateway->fell_ms == 0;
}

uint32_t text_lease_choose(const struct core *core, const struct gateway *other)
{
    const struct gateway *best = NULL;
    for (uint32_t i = 0; i < core->gateways.reached; i++) {
        const struct gateway *gateway = pool_at(&core->gateways, i);
        if (!sends(gateway) || gateway == other || (other && !is_up(gateway)))
            continue;
        if (!best || is_up(gateway) > is_up(best) ||
            (is_up(gateway) == is_up(best) && gateway->text_count < best->text_count))
            best = gateway;
    }
    return best ? best->row.gateway : 0;
}

bool text_lease_is_with(const struct citizen_text *text, const struct gateway *gateway)
{
    return !gateway || !text->gateway || text->gateway == gateway;
}

/* Somebody may be in danger: a text that comes twice is better than none. */
static bool is_pressing(const struct citizen_text *text)
{
    return text->template == TEMPLATE_EMERGENCY_RECEIVED || text->template == TEMPLATE_DURESS ||
           text->template == TEMPLATE_CALLED_BACK;
}

static uint64_t doubt_ends_ms(const struct core *core, const struct gateway *gateway)
{
    return gateway->fell_ms + core->parameters[PARAMETER_TEXT_DOUBT_MS];
}

/* The next text that another gateway is to send now. */
static struct citizen_text *next_text(const struct core *core, const struct gateway *gateway,
                                      uint64_t at_ms)
{
    struct citizen_text *text = list_first(&gateway->texts);
    if (text)
        return text;
    text = list_first(&gateway->sending);
    while (text && !is_pressing(text) && at_ms < doubt_ends_ms(core, gateway))
        text = list_next(&gateway->sending, &text->of_gateway);
    return text;
}

void text_lease_due(struct decision *decision, const struct gateway *gateway)
{
    const struct citizen_text *text = next_text(decision->core, gateway, decision->at_ms);
    REQUIRE(text);
    struct event *event = decision_event(decision, EVENT_TEXT_LEASED);
    event->contact = text->contact;
    event->incident = text->incident;
    event->text_leased.text = text->id;
    event->text_leased.gateway = text_lease_choose(decision->core, gateway);
    event->text_leased.from = gateway->row.gateway;
    event->text_leased.doubtful = text->doubtful || text->state == TEXT_STATE_SENDING;
    event->text_leased.template = text->template;
    event->text_leased.answer_of = text->answer_of;
    event->text_leased.words = text->seq;
}

static void refile(struct core *core, struct gateway *gateway)
{
    uint64_t due_ms = NEVER;
    if (gateway->fell_ms && text_lease_choose(core, gateway)) {
        if (next_text(core, gateway, core->at_ms))
            due_ms = core->at_ms;
        else if (list_first(&gateway->sending))
            due_ms = doubt_ends_ms(core, gateway);
    }
    deadline_set(core, &gateway->text_deadline, due_ms, gateway->row.gateway);
}

void text_lease_refile(struct core *core)
{
    for (uint32_t i = 0; i < core->gateways.reached; i++) {
        struct gateway *gateway = pool_at(&core->gateways, i);
        if (gateway->text_count > 0)
            refile(core, gateway);
    }
}

enum refusal decide_text_send(struct decision *decision)
{
    const struct text_send *asked = &decision->command->text_send;
    uint64_t fresh[sizeof asked->texts / sizeof asked->texts[0]];
    uint32_t count = 0;
    if (!decision->gateway || asked->texts_count == 0)
        return REFUSAL_MALFORMED;
    for (uint32_t i = 0; i < asked->texts_count; i++) {
        const struct citizen_text *text = core_text(decision->core, asked->texts[i]);
        if (!text)
            return REFUSAL_NO_SUCH_TEXT;
        if (!text_lease_is_with(text, decision->gateway) ||
            (text->state != TEXT_STATE_ORDERED && text->state != TEXT_STATE_SENDING))
            return REFUSAL_NOT_LEASED;
        if (text->state == TEXT_STATE_ORDERED)
            fresh[count++] = text->id;
    }
    if (count == 0)
        return REFUSAL_NONE; /* asked again after a restart */
    struct event *event = decision_event(decision, EVENT_TEXT_SENDING);
    event->text_sending.gateway = decision->gateway->row.gateway;
    event->text_sending.texts_count = count;
    for (uint32_t i = 0; i < count; i++)
        event->text_sending.texts[i] = fresh[i];
    return REFUSAL_NONE;
}

/* ---- applying --------------------------------------------------------------------------------- */

void text_lease_end(struct core *core, struct citizen_text *text)
{
    struct gateway *gateway = text->gateway;
    text->gateway = NULL;
    if (!gateway || !link_held(&text->of_gateway))
        return;
    link_leave(&text->of_gateway);
    gateway->text_count--;
    refile(core, gateway);
}

void text_lease_begin(struct core *core, struct citizen_text *text, struct gateway *gateway)
{
    text_lease_end(core, text);
    text->gateway = gateway;
    if (!gateway)
        return; /* of a journal that did not say so */
    list_append(&gateway->texts, &text->of_gateway, text);
    gateway->text_count++;
    refile(core, gateway);
}

void apply_text_leased(struct core *core, const struct event *event)
{
    const struct text_leased *leased = &event->text_leased;
    struct citizen_text *text = core_text(core, leased->text);
    struct gateway *gateway = core_gateway(core, leased->gateway);
    REQUIRE(text && gateway);
    text->state = TEXT_STATE_ORDERED;
    text->doubtful = leased->doubtful;
    text_lease_begin(core, text, gateway);
}

void apply_text_sending(struct core *core, const struct event *event)
{
    const struct text_sending *sending = &event->text_sending;
    struct gateway *gateway = core_gateway(core, sending->gateway);
    REQUIRE(gateway);
    for (uint32_t i = 0; i < sending->texts_count; i++) {
        struct citizen_text *text = core_text(core, sending->texts[i]);
        REQUIRE(text && text->state == TEXT_STATE_ORDERED);
        text_lease_begin(core, text, gateway);
        text->state = TEXT_STATE_SENDING;
        link_leave(&text->of_gateway);
        list_append(&gateway->sending, &text->of_gateway, text);
    }
    refile(core, gateway);
}
