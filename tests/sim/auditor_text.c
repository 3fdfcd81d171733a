/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The auditor's books on texts to citizens: ordered, held until the morning, excused with a reason, asked
 * for by their gateway, reported. (I11) */
#include "tests/sim/ledger.h"
#include "tests/sim/witness.h"

#define MINUTE_MS 60000ULL
#define DAY_MS    (1440 * MINUTE_MS)

enum {
    /* What is no answer to something the citizen just did: nobody is woken by it. */
    WAITS = 1U << TEMPLATE_RESULT | 1U << TEMPLATE_SURVEY | 1U << TEMPLATE_REDO |
            1U << TEMPLATE_NOT_RATED | 1U << TEMPLATE_INFO | 1U << TEMPLATE_NOT_ACCEPTED |
            1U << TEMPLATE_EXTENDED | 1U << TEMPLATE_WITHDRAWN | 1U << TEMPLATE_LAPSED,
    /* These go out again: after a better reply or when the centre never took it; at each extension; at
     * each question. */
    AGAIN = 1U << TEMPLATE_RESULT | 1U << TEMPLATE_EXTENDED | 1U << TEMPLATE_INFO
};

static bool waits(enum template template)
{
    return (uint32_t) template <32 && WAITS & 1U << template;
}

static bool is_quiet(const struct auditor *auditor)
{
    uint64_t begin = auditor->parameters[PARAMETER_TEXT_QUIET_BEGIN_MIN];
    uint64_t end = auditor->parameters[PARAMETER_TEXT_QUIET_END_MIN];
    uint64_t offset = auditor->parameters[PARAMETER_UTC_OFFSET_MIN];
    uint64_t minute = (auditor->at_ms / MINUTE_MS + offset) % 1440;
    return begin > end ? minute >= begin || minute < end : minute >= begin && minute < end;
}

static void check_whom(const struct seen_incident *incident)
{
    PROMISE("I7",
            incident->stranger || (!incident->unsafe && incident->caller &&
                                   incident->secrecy < SECRECY_IDENTITY_HIDDEN),
            "a text that could endanger");
}

static void begin(struct auditor *auditor, const struct event *event, uint64_t id,
                  enum template template, uint64_t held_ms)
{
    struct seen_incident *incident = ledger_incident(auditor, event->incident);
    struct seen_contact *contact = ledger_contact(auditor, event->contact);
    if (contact && template == TEMPLATE_DURESS)
        contact->owes_text = false;
    if (incident) {
        check_whom(incident);
        uint64_t bit = 1ULL << template;
        PROMISE("I11", AGAIN & bit || !(incident->texts & bit), "the same text twice in a round");
        incident->texts |= bit;
    }
    ledger_put(auditor, LEDGER_TEXT, id, 0, auditor->text_count);
    *LEDGER_ADD(auditor, text) =
        (struct seen_text){ .id = id,
                            .incident = event->incident,
                            .template = template,
                            .held_ms = held_ms,
                            .ordered_ms = event->at_ms,
                            .state = held_ms ? TEXT_STATE_HELD : TEXT_STATE_ORDERED };
}

static void see_held(struct auditor *auditor, const struct event *event)
{
    const struct text_held *held = &event->text_held;
    PROMISE("I11", !ledger_text(auditor, held->text), "a text's number again");
    PROMISE("I11", waits(held->template), "whoever waits for these words waits until the morning");
    PROMISE("I11",
            is_quiet(auditor) && held->until_ms > event->at_ms &&
                held->until_ms <= event->at_ms + DAY_MS,
            "a text is held and it is no night");
    begin(auditor, event, held->text, held->template, held->until_ms);
}

static void see_ordered(struct auditor *auditor, const struct event *event)
{
    const struct text_ordered *ordered = &event->text_ordered;
    struct seen_text *text = ledger_text(auditor, ordered->text);
    if (!text) {
        PROMISE("I11", !waits(ordered->template) || !is_quiet(auditor), "somebody is woken");
        begin(auditor, event, ordered->text, ordered->template, 0);
        return;
    }
    PROMISE("I11", text->state == TEXT_STATE_HELD, "a text's number again");
    PROMISE("I11", event->at_ms >= text->held_ms, "a held text goes out before the morning");
    const struct seen_incident *incident = ledger_incident(auditor, text->incident);
    if (incident)
        check_whom(incident);
    text->state = TEXT_STATE_ORDERED;
    text->ordered_ms = event->at_ms;
}

static void may_come_again(struct auditor *auditor, const struct seen_text *text)
{
    struct seen_incident *incident = ledger_incident(auditor, text->incident);
    if (incident)
        incident->texts &= ~(1ULL << text->template);
}

static void see_excused(struct auditor *auditor, const struct event *event)
{
    struct seen_text *text = ledger_text(auditor, event->text_excused.text);
    PROMISE("I11", event->text_excused.excuse, "a text is left out without a reason");
    if (!text)
        return;
    PROMISE("I11",
            text->state == TEXT_STATE_HELD || (text->state == TEXT_STATE_ORDERED && !text->gateway),
            "what may be out is left out");
    text->state = TEXT_STATE_EXCUSED;
    may_come_again(auditor, text);
}

/* From here on no other gateway sends it. */
static void see_sending(struct auditor *auditor, const struct event *event)
{
    const struct text_sending *sending = &event->text_sending;
    for (uint32_t i = 0; i < sending->texts_count; i++) {
        struct seen_text *text = ledger_text(auditor, sending->texts[i]);
        PROMISE("I11", text && text->state == TEXT_STATE_ORDERED, "a text nobody ordered goes out");
        PROMISE("I11", !text->gateway, "two gateways send one text");
        text->gateway = sending->gateway;
    }
}

/* Another gateway is to send it: its own is gone, and may have sent it. */
static void see_lease(struct auditor *auditor, const struct event *event)
{
    const struct text_leased *leased = &event->text_leased;
    struct seen_text *text = ledger_text(auditor, leased->text);
    PROMISE("I11", text && text->state == TEXT_STATE_ORDERED, "a lease of no text");
    uint32_t from = leased->from % SEEN_GATEWAYS_MAX;
    PROMISE("I11", auditor->gateway_down[from] || auditor->gateway_unable[from],
            "a text is taken from a gateway that is there");
    PROMISE("I11", !text->gateway || leased->doubtful, "a text that may be out is sent again");
    text->doubtful |= leased->doubtful;
    text->gateway = 0;
}

/* Its gateway had leave and did not send it: it is as if it had never asked. */
static void see_returned(struct auditor *auditor, const struct event *event)
{
    const struct text_returned *returned = &event->text_returned;
    auditor->gateway_unable[returned->gateway % SEEN_GATEWAYS_MAX] = !returned->able;
    for (uint32_t i = 0; i < returned->texts_count; i++) {
        struct seen_text *text = ledger_text(auditor, returned->texts[i]);
        PROMISE("I11", text && text->gateway == returned->gateway && !text->sent,
                "what may be out is given back");
        text->gateway = 0;
    }
}

/* It may be out already: its gateway tries to take it back. */
static void see_recalled(struct auditor *auditor, const struct event *event)
{
    struct seen_text *text = ledger_text(auditor, event->text_recalled.text);
    PROMISE("I11", text && text->gateway && !text->recalled, "a text nobody sends is taken back");
    text->recalled = true;
}

static void see_report(struct auditor *auditor, const struct event *event)
{
    struct seen_text *text = ledger_text(auditor, event->text_reported.text);
    enum text_state state = event->text_reported.state;
    PROMISE("I11", text, "a report of no text");
    PROMISE("I11",
            text->state < TEXT_STATE_DELIVERED && state > text->state &&
                (state <= TEXT_STATE_FAILED || (state == TEXT_STATE_EXCUSED && text->recalled)),
            "a report that goes back");
    PROMISE("I11", state != TEXT_STATE_SENT || text->sent,
            "a text nobody sent is reported as sent");
    text->state = state;
    if (state == TEXT_STATE_SENT && !text->gateway)
        text->gateway = event->actor; /* its post had it still, when another was to send it */
    if (state == TEXT_STATE_FAILED)
        may_come_again(auditor, text);
}

bool auditor_is_notice(const struct auditor *auditor, uint64_t text)
{
    return ledger_find(auditor, LEDGER_NOTICE_TEXT, text, 0);
}

void auditor_see_step(struct auditor *auditor, const struct event *event, bool urgent)
{
    const struct notice_stepped *stepped = &event->notice_stepped;
    PROMISE("I11", urgent || !is_quiet(auditor), "a notice wakes people");
    PROMISE("I11", !auditor->gateway_down[stepped->gateway % SEEN_GATEWAYS_MAX],
            "a notice goes to a gateway that is gone");
    for (uint64_t text = stepped->text; text < stepped->text + stepped->count; text++) {
        PROMISE("I11", !auditor_is_notice(auditor, text) && !ledger_text(auditor, text),
                "a notice's text is ordered twice");
        ledger_put(auditor, LEDGER_NOTICE_TEXT, text, 0, 0);
    }
}

void auditor_sent(struct auditor *auditor, uint64_t text)
{
    if (auditor_is_notice(auditor, text)) {
        PROMISE("I11", !ledger_find(auditor, LEDGER_NOTICE_TEXT, text, 1),
                "a citizen gets a notice twice");
        ledger_put(auditor, LEDGER_NOTICE_TEXT, text, 1, 0);
        return;
    }
    struct seen_text *seen = ledger_text(auditor, text);
    PROMISE("I11", seen, "a text nobody ordered goes out");
    PROMISE("I11", !seen->sent || seen->doubtful, "a text goes out twice");
    PROMISE("I11", seen->state != TEXT_STATE_EXCUSED || seen->recalled,
            "what was left out goes out");
    seen->sent = true;
}

bool auditor_see_text(struct auditor *auditor, const struct event *event)
{
    switch ((uint32_t)event->kind) {
    case EVENT_TEXT_HELD:
        see_held(auditor, event);
        return true;
    case EVENT_TEXT_ORDERED:
        see_ordered(auditor, event);
        return true;
    case EVENT_TEXT_EXCUSED:
        see_excused(auditor, event);
        return true;
    case EVENT_TEXT_SENDING:
        see_sending(auditor, event);
        return true;
    case EVENT_TEXT_LEASED:
        see_lease(auditor, event);
        return true;
    case EVENT_TEXT_REPORTED:
        see_report(auditor, event);
        return true;
    case EVENT_TEXT_RETURNED:
        see_returned(auditor, event);
        return true;
    case EVENT_TEXT_RECALLED:
        see_recalled(auditor, event);
        return true;
    case EVENT_SUBSCRIPTION_CHANGED:
    case EVENT_TEXT_PHONED:
        return true;
    default:
        return false;
    }
}

void auditor_rest_of_texts(const struct auditor *auditor, uint64_t now_ms)
{
    for (uint32_t i = 0; i < auditor->text_count; i++) {
        const struct seen_text *text = &auditor->texts[i];
        witness_about(0, text->incident, 0);
        PROMISE("I9", text->state != TEXT_STATE_HELD || text->held_ms > now_ms,
                "a held text is forgotten");
    }
}

/* What was ordered in the last moment is still on its way. */
void auditor_finished_texts(const struct auditor *auditor)
{
    for (uint32_t i = 0; i < auditor->text_count; i++) {
        const struct seen_text *text = &auditor->texts[i];
        witness_about(0, text->incident, 0);
        PROMISE("I11",
                text->sent || text->state >= TEXT_STATE_DELIVERED ||
                    text->ordered_ms + 5 * MINUTE_MS > auditor->at_ms,
                "a text never went out");
    }
}
