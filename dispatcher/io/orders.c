/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/io/orders.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/segment.h"
#include "base/text.h"
#include "base/utf8.h"
#include "proto/schema.h"

static bool is_trunk(const struct roster *roster, uint32_t number)
{
    const struct roster_gateway *gateway = roster_gateway(roster, number);
    return gateway && gateway->row.kind == GATEWAY_KIND_TRUNK;
}

static bool offer_of(const struct event *event, struct order *order, uint32_t *gateway)
{
    const struct offer_made *made = &event->offer_made;
    if (!made->phone[0])
        return false; /* the console alone rings */
    order->kind = ORDER_OFFER;
    order->offer = (struct order_offer){
        .offer = event->offer,
        .call = made->call,
        .taker = event->taker,
        .auto_answer = made->auto_answer,
        .until_ms = made->until_ms,
        .kind = made->kind,
    };
    (void)text_copy(order->offer.phone, sizeof order->offer.phone, made->phone);
    *gateway = made->gateway;
    return true;
}

static bool answer_of(const struct event *event, struct order *order, uint32_t *gateway)
{
    order->kind = ORDER_ANSWER;
    order->answer = (struct order_answer){ .offer = event->offer };
    *gateway = event->offer_accepted.gateway;
    return true;
}

static bool withdraw_of(const struct event *event, struct order *order, uint32_t *gateway)
{
    enum offer_end cause = event->offer_ended.cause;
    bool by_phone = event->actor_kind == ACTOR_KIND_GATEWAY &&
                    (cause == OFFER_END_PHONE_FAILED || cause == OFFER_END_DECLINED);
    if (cause == OFFER_END_CONNECTED || cause == OFFER_END_GATEWAY_LOST || by_phone)
        return false;
    order->kind = ORDER_WITHDRAW;
    order->withdraw = (struct order_withdraw){ .offer = event->offer };
    *gateway = event->offer_ended.gateway;
    return true;
}

static bool release_of(const struct event *event, struct order *order, uint32_t *gateway)
{
    enum end_cause cause = event->contact_ended.cause;
    if (event->actor_kind == ACTOR_KIND_GATEWAY || cause == END_CAUSE_GATEWAY_LOST)
        return false;
    order->kind = ORDER_RELEASE;
    order->release = (struct order_release){ .call = event->contact_ended.call, .cause = cause };
    *gateway = event->contact_ended.gateway;
    return true;
}

static bool announce_of(const struct event *event, struct order *order, uint32_t *gateway)
{
    bool estimate = event->kind == EVENT_WAIT_ESTIMATED;
    enum announcement announcement =
        estimate ? event->wait_estimated.announcement : event->contact_announced.announcement;
    if (announcement == ANNOUNCEMENT_NONE)
        return false;
    order->kind = ORDER_ANNOUNCE;
    order->announce = (struct order_announce){
        .call = estimate ? event->wait_estimated.call : event->contact_announced.call,
        .announcement = announcement,
        .minutes = estimate ? event->wait_estimated.minutes : 0,
    };
    *gateway = estimate ? event->wait_estimated.gateway : event->contact_announced.gateway;
    return true;
}

/* The citizen will be called: a last word, and the leg ends. */
static bool farewell_of(const struct event *event, struct order *order, uint32_t *gateway)
{
    order->kind = ORDER_RELEASE;
    order->release = (struct order_release){ .call = event->callback_queued.call,
                                             .last = ANNOUNCEMENT_CALLBACK_KEPT };
    *gateway = event->callback_queued.gateway;
    return true;
}

/* The gateway lets sender and receiver speak until it hears this; what its own phones did comes back to
 * it as well, and changes nothing there. */
static bool transfer_of(const struct event *event, struct order *order, uint32_t *gateway)
{
    const struct transfer_ended *ended = &event->transfer_ended;
    if (ended->outcome == TRANSFER_OUTCOME_CALLER_GONE || (!ended->answered_ms && !ended->returned))
        return false;
    *gateway = ended->gateway;
    if (!ended->answered_ms) {
        order->kind = ORDER_TRANSFER;
        order->transfer = (struct order_transfer){ .call = ended->call, .outcome = ended->outcome };
        return ended->call != 0;
    }
    if (ended->outcome == TRANSFER_OUTCOME_TAKEN) {
        order->kind = ORDER_HAND_OVER;
        order->hand_over.call = ended->call;
        order->hand_over.offer = ended->offer;
    } else {
        order->kind = ORDER_WITHDRAW;
        order->withdraw.offer = ended->offer;
    }
    return true;
}

static bool hold_of(const struct event *event, struct order *order, uint32_t *gateway)
{
    bool on = event->kind == EVENT_CONTACT_HELD;
    order->kind = ORDER_HOLD;
    order->hold =
        (struct order_hold){ .call = on ? event->contact_held.call : event->contact_resumed.call,
                             .on = on,
                             .language = on ? event->contact_held.language : LANGUAGE_NONE };
    *gateway = on ? event->contact_held.gateway : event->contact_resumed.gateway;
    return true;
}

static bool mute_of(const struct event *event, struct order *order, uint32_t *gateway)
{
    bool on = event->kind == EVENT_CONTACT_MUTED;
    order->kind = ORDER_MUTE;
    order->mute =
        (struct order_mute){ .call = on ? event->contact_muted.call : event->contact_unmuted.call,
                             .on = on };
    *gateway = on ? event->contact_muted.gateway : event->contact_unmuted.gateway;
    return true;
}

static bool park_of(const struct event *event, struct order *order, uint32_t *gateway)
{
    order->kind = ORDER_PARK;
    order->park = (struct order_park){ .call = event->contact_parked.call,
                                       .language = event->contact_parked.language };
    *gateway = event->contact_parked.gateway;
    return true;
}

static bool party_of(const struct event *event, struct order *order, uint32_t *gateway)
{
    const struct party_invited *invited = &event->party_invited;
    const struct party_changed *changed = &event->party_changed;
    order->kind = ORDER_PARTY;
    if (event->kind == EVENT_PARTY_INVITED) {
        order->party = (struct order_party){ .party = invited->party,
                                             .call = invited->call,
                                             .role = invited->role,
                                             .auto_answer = invited->auto_answer };
        (void)text_copy(order->party.phone, sizeof order->party.phone, invited->phone);
        *gateway = invited->gateway;
        return true;
    }
    order->party = (struct order_party){ .party = changed->party,
                                         .call = changed->call,
                                         .role = changed->role };
    *gateway = changed->gateway;
    return true;
}

static bool press_of(const struct event *event, struct order *order, uint32_t *gateway)
{
    const struct keys_pressed *pressed = &event->keys_pressed;
    order->kind = ORDER_PRESS;
    order->press = (struct order_press){ .call = pressed->call, .party = pressed->party };
    (void)text_copy(order->press.keys, sizeof order->press.keys, pressed->keys);
    *gateway = pressed->gateway;
    return true;
}

/* With the conversation's end the gateway drops every telephone by itself. */
static bool party_out_of(const struct event *event, struct order *order, uint32_t *gateway)
{
    if (event->party_left.cause != PARTY_OUT_DROPPED)
        return false;
    order->kind = ORDER_WITHDRAW;
    order->withdraw.offer = event->party_left.party;
    *gateway = event->party_left.gateway;
    return true;
}

static bool take_over_of(const struct event *event, struct order *order, uint32_t *gateway)
{
    order->kind = ORDER_HAND_OVER;
    order->hand_over.call = event->contact_taken_over.call;
    order->hand_over.offer = event->contact_taken_over.party;
    *gateway = event->contact_taken_over.gateway;
    return true;
}

static bool asked_of(const struct event *event, struct order *order, uint32_t *gateway)
{
    order->kind = ORDER_TRANSFER;
    order->transfer = (struct order_transfer){ .call = event->transfer_asked.call };
    memcpy(order->transfer.phone, event->transfer_asked.phone, sizeof order->transfer.phone);
    *gateway = event->transfer_asked.gateway;
    return event->transfer_asked.call != 0;
}

bool orders_of_call(const struct roster *roster, const struct event *event, struct order *order,
                    uint32_t *gateway)
{
    static bool (*const kinds[EVENT_KIND_COUNT])(const struct event *, struct order *,
                                                 uint32_t *) = {
        [EVENT_OFFER_MADE] = offer_of,
        [EVENT_OFFER_ACCEPTED] = answer_of,
        [EVENT_OFFER_ENDED] = withdraw_of,
        [EVENT_TRANSFER_ASKED] = asked_of,
        [EVENT_TRANSFER_ENDED] = transfer_of,
        [EVENT_CONTACT_ENDED] = release_of,
        [EVENT_WAIT_ESTIMATED] = announce_of,
        [EVENT_CONTACT_ANNOUNCED] = announce_of,
        [EVENT_CALLBACK_QUEUED] = farewell_of,
        [EVENT_CONTACT_HELD] = hold_of,
        [EVENT_CONTACT_RESUMED] = hold_of,
        [EVENT_KEYS_PRESSED] = press_of,
        [EVENT_CONTACT_MUTED] = mute_of,
        [EVENT_CONTACT_UNMUTED] = mute_of,
        [EVENT_CONTACT_PARKED] = park_of,
        [EVENT_PARTY_INVITED] = party_of,
        [EVENT_PARTY_CHANGED] = party_of,
        [EVENT_PARTY_LEFT] = party_out_of,
        [EVENT_CONTACT_TAKEN_OVER] = take_over_of,
    };
    schema_clear(SCHEMA_ORDER, order); /* leaves the body as it was: each sets all of its own */
    return kinds[event->kind] && kinds[event->kind](event, order, gateway) &&
           is_trunk(roster, *gateway);
}

static bool sends_texts(const struct roster_gateway *gateway)
{
    return gateway && gateway->row.kind == GATEWAY_KIND_SMS && !gateway->row.retired;
}

uint32_t orders_text_gateway(const struct roster *roster, uint32_t named, uint32_t came_by)
{
    if (sends_texts(roster_gateway(roster, named)))
        return named;
    const struct roster_gateway *wished = roster_gateway(roster, came_by);
    if (sends_texts(wished) && wished->up)
        return came_by;
    uint32_t any = 0;
    for (uint32_t i = 0; i < roster->gateway_count; i++) {
        const struct roster_gateway *gateway = &roster->gateways[i];
        if (sends_texts(gateway) && gateway->up)
            return gateway->row.gateway;
        if (sends_texts(gateway) && !any)
            any = gateway->row.gateway;
    }
    return any;
}

/* Ideographs, their radicals and extensions, kana and full-width forms; not emoji. */
static bool is_chinese(uint32_t character)
{
    return (character >= 0x2e80 && character <= 0x9fff) ||
           (character >= 0xf900 && character <= 0xfaff) ||
           (character >= 0xff00 && character <= 0xffef) ||
           (character >= 0x20000 && character <= 0x3ffff);
}

bool orders_speak_english(const char *words)
{
    uint32_t letters = 0;
    for (size_t left = strlen(words); left > 0;) {
        uint32_t character;
        size_t size = utf8_decode(words, left, &character);
        if (size == 0 || is_chinese(character))
            return false;
        uint32_t small = character | 0x20;
        letters += small >= 'a' && small <= 'z';
        words += size;
        left -= size;
    }
    return letters > 2;
}

static void add_date(struct text *text, uint64_t at_ms, uint32_t utc_offset_min)
{
    time_t seconds = (time_t)(at_ms / 1000 + (uint64_t)utc_offset_min * 60);
    struct tm parts;
    char date[16];
    if (gmtime_r(&seconds, &parts) && strftime(date, sizeof date, "%Y-%m-%d", &parts) > 0)
        text_add(text, date);
}

const char *orders_state_word(enum incident_state state, bool english)
{
    static const char *const words[INCIDENT_STATE_COUNT][2] = {
        [INCIDENT_STATE_REGISTERED] = { "已受理，待派单", "received" },
        [INCIDENT_STATE_DRAFT] = { "登记中", "being recorded" },
        [INCIDENT_STATE_PENDING_DISPATCH] = { "已受理，待派单", "received" },
        [INCIDENT_STATE_PENDING_INFO] = { "待您补充情况", "we need more from you" },
        [INCIDENT_STATE_DISPATCHED] = { "已派往承办部门", "sent to the department" },
        [INCIDENT_STATE_HANDLING] = { "办理中", "being handled" },
        [INCIDENT_STATE_DISPUTE] = { "正在确定承办部门", "the department is being decided" },
        [INCIDENT_STATE_SUSPENDED] = { "暂缓办理", "suspended" },
        [INCIDENT_STATE_REPLIED] = { "已办理，即将答复", "handled, the answer follows" },
        [INCIDENT_STATE_TOLD] = { "已答复", "answered" },
        [INCIDENT_STATE_REVISIT] = { "已答复，待回访", "answered, we shall ask you" },
        [INCIDENT_STATE_REDO] = { "重新办理中", "being handled again" },
        [INCIDENT_STATE_PENDING_CLOSE] = { "待结案", "about to be closed" },
        [INCIDENT_STATE_CLOSED] = { "已办结", "closed" },
        [INCIDENT_STATE_DIRECT] = { "已答复办结", "answered and closed" },
        [INCIDENT_STATE_ARCHIVED] = { "已办结", "closed" },
        [INCIDENT_STATE_WITHDRAWN] = { "已撤单", "withdrawn" },
        [INCIDENT_STATE_NOT_ACCEPTED] = { "不予受理", "not accepted" },
        [INCIDENT_STATE_MERGED] = { "与同类诉求合并办理中",
                                    "handled with the same request of others" },
        [INCIDENT_STATE_TRANSFERRED] = { "已转其他单位", "passed on" },
    };
    const char *word = words[state][english];
    return word ? word : english ? "being handled" : "办理中";
}

/* Returns the length of the placeholder at `at` after adding what it stands for, 0: none. */
static size_t add_placeholder(const struct roster *roster, const char *at,
                              const struct wording *wording, struct text *text)
{
    if (strncmp(at, "{number}", 8) == 0) {
        text_print(text, "%" PRIu64, wording->number);
        return 8;
    }
    if (strncmp(at, "{text}", 6) == 0) {
        text_add(text, wording->text);
        return 6;
    }
    if (strncmp(at, "{state}", 7) == 0 && wording->state) {
        text_add(text, wording->state);
        return 7;
    }
    if (strncmp(at, "{code}", 6) == 0 && wording->code) {
        text_add(text, wording->code);
        return 6;
    }
    if (strncmp(at, "{date}", 6) == 0) {
        add_date(text, wording->at_ms, roster->utc_offset_min);
        return 6;
    }
    return 0;
}

static void fill(const struct roster *roster, const char *template, const struct wording *wording,
                 char words[3001])
{
    struct text text = text_into(words, 3001);
    while (*template) {
        size_t plain = strcspn(template, "{");
        text_add_bytes(&text, template, plain);
        template += plain;
        if (!*template)
            return;
        size_t taken = add_placeholder(roster, template, wording, &text);
        if (taken == 0)
            text_add_char(&text, '{');
        template += taken ? taken : 1;
    }
}

static bool fits(const struct roster *roster, const char *words)
{
    return segment_count(words, strlen(words)) <= roster->text_parts;
}

/* The longest beginning of the text, at a character's border, with which the words fit. */
static void fill_cut(const struct roster *roster, const char *template,
                     const struct wording *wording, char words[3001])
{
    static char text[3001];
    struct wording cut = *wording;
    size_t least = 0;
    size_t most = strlen(wording->text);
    cut.text = text;
    while (least < most) {
        size_t middle = (least + most + 1) / 2;
        size_t end = middle;
        while (end > 0 && ((uint8_t)wording->text[end] & 0xC0) == 0x80)
            end--;
        memcpy(text, wording->text, end);
        (void)text_copy(text + end, sizeof text - end, "...");
        fill(roster, template, &cut, words);
        if (fits(roster, words))
            least = middle;
        else
            most = middle - 1;
    }
    while (least > 0 && ((uint8_t)wording->text[least] & 0xC0) == 0x80)
        least--;
    memcpy(text, wording->text, least);
    (void)text_copy(text + least, sizeof text - least, "...");
    fill(roster, template, &cut, words);
}

void orders_word(const struct roster *roster, const char *template, const struct wording *wording,
                 char words[3001])
{
    fill(roster, template, wording, words);
    if (roster->text_parts && !fits(roster, words) && strstr(template, "{text}"))
        fill_cut(roster, template, wording, words);
}
