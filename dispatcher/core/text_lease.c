/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/text_lease.h"

#include "base/require.h"
#include "dispatcher/core/notice.h"

enum {
    TEXTS_HANDED_MAX = 32 /* at once, an event each */
};

static bool sends(const struct gateway *gateway)
{
    return gateway->row.kind == GATEWAY_KIND_SMS && !gateway->row.retired;
}

static bool is_up(const struct gateway *gateway)
{
    return gateway->epoch != 0 && gateway->fell_ms == 0;
}

/* Silent beats away: its orders wait for it, and its centres may come back any moment. Least of all one that never came. */
static unsigned worth(const struct gateway *gateway)
{
    return !is_up(gateway) ? gateway->epoch != 0 : gateway->unable ? 2 : 3;
}

static bool is_able(const struct gateway *gateway)
{
    return is_up(gateway) && !gateway->unable;
}

uint32_t text_lease_choose(const struct core *core, const struct gateway *other)
{
    const struct gateway *best = NULL;
    for (uint32_t i = 0; i < core->gateways.reached; i++) {
        const struct gateway *gateway = pool_at(&core->gateways, i);
        if (!sends(gateway) || gateway == other || (other && !is_able(gateway)))
            continue;
        if (!best || worth(gateway) > worth(best) ||
            (worth(gateway) == worth(best) && gateway->text_count < best->text_count))
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
    if (text || !gateway->fell_ms)
        return text; /* who lives knows itself what it sent */
    text = list_first(&gateway->sending);
    while (text && !is_pressing(text) && at_ms < doubt_ends_ms(core, gateway))
        text = list_next(&gateway->sending, &text->of_gateway);
    return text;
}

static void lease(struct decision *decision, const struct citizen_text *text,
                  const struct gateway *from, bool doubtful)
{
    struct event *event = decision_event(decision, EVENT_TEXT_LEASED);
    event->contact = text->contact;
    event->incident = text->incident;
    event->text_leased.text = text->id;
    event->text_leased.gateway = text_lease_choose(decision->core, from);
    event->text_leased.from = from->row.gateway;
    event->text_leased.doubtful = doubtful;
    event->text_leased.template = text->template;
    event->text_leased.answer_of = text->answer_of;
    event->text_leased.words = text->seq;
}

void text_lease_due(struct decision *decision, const struct gateway *gateway)
{
    const struct citizen_text *text = next_text(decision->core, gateway, decision->at_ms);
    REQUIRE(text);
    lease(decision, text, gateway, text->doubtful || text->state == TEXT_STATE_SENDING);
}

static void refile(struct core *core, struct gateway *gateway)
{
    uint64_t due_ms = NEVER;
    if (!is_able(gateway) && text_lease_choose(core, gateway)) {
        if (next_text(core, gateway, core->at_ms))
            due_ms = core->at_ms;
        else if (gateway->fell_ms && list_first(&gateway->sending))
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

/* Of a list that says it before? */
static bool is_among(const uint64_t *texts, uint32_t count, uint64_t text)
{
    uint32_t i = 0;
    while (i < count && texts[i] != text)
        i++;
    return i < count;
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
        if (text->state == TEXT_STATE_ORDERED && !is_among(fresh, count, text->id))
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

/* A gateway with a way out gives back what none of its centres takes; nothing of it is out. */
static void lease_returned(struct decision *decision, const struct text_returned *returned)
{
    for (uint32_t i = 0; i < returned->texts_count; i++) {
        const struct citizen_text *text = core_text(decision->core, returned->texts[i]);
        lease(decision, text, decision->gateway, text->doubtful);
    }
}

enum refusal decide_text_return(struct decision *decision)
{
    const struct text_return *asked = &decision->command->text_return;
    const struct gateway *gateway = decision->gateway;
    if (!gateway)
        return REFUSAL_MALFORMED;
    bool hands_over = asked->able && asked->texts_count > 0;
    if (hands_over && asked->texts_count > TEXTS_HANDED_MAX)
        return REFUSAL_LIMIT;
    if (asked->able == !gateway->unable &&
        (asked->texts_count == 0 || (hands_over && !text_lease_choose(decision->core, gateway))))
        return REFUSAL_ALREADY; /* or nobody is there to hand it to */
    struct event *event = decision_event(decision, EVENT_TEXT_RETURNED);
    struct text_returned *returned = &event->text_returned;
    returned->gateway = gateway->row.gateway;
    returned->able = asked->able;
    for (uint32_t i = 0; i < asked->texts_count; i++) {
        const struct citizen_text *text = core_text(decision->core, asked->texts[i]);
        if (text && text->gateway == gateway && text->state == TEXT_STATE_SENDING &&
            !is_among(returned->texts, returned->texts_count, text->id))
            returned->texts[returned->texts_count++] = text->id;
    }
    if (hands_over && text_lease_choose(decision->core, gateway))
        lease_returned(decision, returned);
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

void apply_text_returned(struct core *core, const struct event *event)
{
    const struct text_returned *returned = &event->text_returned;
    struct gateway *gateway = core_gateway(core, returned->gateway);
    REQUIRE(gateway);
    gateway->unable = !returned->able;
    for (uint32_t i = 0; i < returned->texts_count; i++) {
        struct citizen_text *text = core_text(core, returned->texts[i]);
        REQUIRE(text && text->state == TEXT_STATE_SENDING);
        text->state = TEXT_STATE_ORDERED;
        text_lease_begin(core, text, gateway);
    }
    text_lease_refile(core);
    notices_refile(core);
}
