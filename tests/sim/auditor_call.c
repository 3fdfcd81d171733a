/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The auditor's books on contacts, offers and takers. */
#include <stdio.h>

#include "tests/sim/ledger.h"

/* Whoever is handed over asks the takers of the line it goes to. */
uint32_t auditor_asked_line(const struct seen_contact *contact)
{
    return contact->transfer.kind ? contact->transfer.line : contact->line;
}

static bool is_urgent(const struct auditor *auditor, const struct seen_contact *contact)
{
    return auditor_line(auditor, auditor_asked_line(contact))->emergency ||
           contact->band <= BAND_EMERGENCY;
}

static uint32_t level_of(const struct seen_taker *taker, uint32_t line)
{
    for (uint32_t i = 0; i < taker->row.skills_count; i++)
        if (taker->row.skills[i].line == line)
            return taker->row.skills[i].level;
    return 0;
}

static bool has_phone(const struct seen_taker *taker)
{
    return taker->phone[0] || taker->row.phone[0];
}

static bool is_ready(const struct seen_taker *taker)
{
    return taker->on && !taker->away && !taker->contact && !taker->guest_of && !taker->wrap_up_ms &&
           !taker->rest_ms;
}

static bool speaks(const struct seen_taker *taker, const struct seen_contact *contact)
{
    return !contact->language || taker->row.languages & 1U << contact->language;
}

/* Rings are for those who wait on an ordinary line. */
static bool ring_is_open(const struct auditor *auditor, const struct seen_contact *contact,
                         uint32_t level)
{
    return !contact->level || contact->transfer.kind || level <= contact->level ||
           auditor_line(auditor, contact->line)->emergency;
}

static bool may_take(const struct auditor *auditor, const struct seen_taker *taker,
                     const struct seen_contact *contact)
{
    uint32_t level = level_of(taker, auditor_asked_line(contact));
    return level > 0 && ring_is_open(auditor, contact, level) &&
           (contact->any_language || speaks(taker, contact)) &&
           (contact->channel == CHANNEL_SMS || has_phone(taker));
}

/* Is there anybody at the other end, or may they be dialled now? */
static bool is_reachable(const struct auditor *auditor, const struct seen_contact *contact)
{
    if (contact->dial)
        return !contact->next_ms;
    return contact->channel == CHANNEL_SMS ||
           (!contact->stranded && !auditor->gateway_down[contact->gateway] &&
            !auditor->gateway_hold_ms[contact->gateway]);
}

/* The least, or the share of those who are there; more when the service level asked for it; never more
 * than a cap, which a handful of takers does not reach. */
uint32_t auditor_reserve(const struct auditor *auditor)
{
    const uint64_t *parameters = auditor->parameters;
    uint64_t share = parameters[PARAMETER_RESERVE_PERMILLE];
    uint64_t cap = parameters[PARAMETER_RESERVE_MOST_PERMILLE];
    uint64_t on = 0;
    for (uint32_t i = 0; i < auditor->taker_count; i++)
        on += auditor->takers[i].emergency && auditor->takers[i].on;
    uint64_t wanted = (on * share + 999) / 1000;
    if (wanted < parameters[PARAMETER_RESERVE_LEAST])
        wanted = parameters[PARAMETER_RESERVE_LEAST];
    wanted = on ? wanted + auditor->reserve_extra : auditor->reserve_extra;
    uint64_t most = on * (share > cap ? share : cap) / 1000;
    return (uint32_t)(wanted < most ? wanted : most);
}

static bool reserve_is_touched(const struct auditor *auditor)
{
    uint64_t ready = 0;
    for (uint32_t i = 0; i < auditor->taker_count; i++)
        ready += auditor->takers[i].emergency && is_ready(&auditor->takers[i]);
    return ready <= auditor->reserve;
}

static void see_reserve(struct auditor *auditor, const struct event *event)
{
    const struct reserve_changed *changed = &event->reserve_changed;
    PROMISE("I6",
            changed->extra <= auditor->reserve_extra + 1 &&
                changed->extra + 1 >= auditor->reserve_extra,
            "the reserve jumps");
    auditor->reserve = changed->reserve;
    auditor->reserve_extra = changed->extra;
    PROMISE("I6", auditor->strangers || changed->reserve == auditor_reserve(auditor),
            "another reserve than the rule's");
}

/* An emergency that nobody answered often enough asks two at once. */
static bool asks_two(const struct auditor *auditor, const struct seen_contact *contact)
{
    uint64_t after = auditor->parameters[PARAMETER_PARALLEL_AFTER];
    return contact->state == CONTACT_STATE_OFFERED && !contact->offers[1].id && after &&
           contact->unanswered >= after && contact->channel == CHANNEL_VOICE && !contact->dial &&
           is_urgent(auditor, contact);
}

/* Handed to a line or desk, and nobody of it is asked yet. */
static bool asks_line(const struct seen_contact *contact)
{
    const struct seen_transfer *transfer = &contact->transfer;
    return contact->state == CONTACT_STATE_CONNECTED && transfer->kind &&
           transfer->kind != TRANSFER_KIND_CARRIER && !transfer->named && !transfer->receiver &&
           !contact->offers[0].id;
}

bool auditor_fits(const struct auditor *auditor, const struct seen_taker *taker,
                  const struct seen_contact *contact)
{
    bool waits = contact->state == CONTACT_STATE_WAITING && !contact->parked_ms;
    bool asks = waits || asks_two(auditor, contact) || asks_line(contact);
    if (!asks || taker->away || !taker->on || taker->contact || taker->guest_of ||
        taker->stranger || contact->stranger || !may_take(auditor, taker, contact) ||
        !is_reachable(auditor, contact))
        return false;
    if (is_urgent(auditor, contact))
        return !taker->rest_ms || taker->ordinary_rest;
    return !taker->wrap_up_ms && !taker->rest_ms &&
           !(taker->emergency && reserve_is_touched(auditor));
}

/* A second offer stands behind every emergency that has none. */
static uint32_t rank(const struct auditor *auditor, const struct seen_contact *contact)
{
    if (contact->state == CONTACT_STATE_OFFERED)
        return 2U * BAND_EMERGENCY + 1;
    return 2U * (contact->transfer.kind ? auditor_line(auditor, contact->transfer.line)->band
                                        : contact->band);
}

static bool comes_before(const struct auditor *auditor, const struct seen_contact *a,
                         const struct seen_contact *b)
{
    if (rank(auditor, a) != rank(auditor, b))
        return rank(auditor, a) < rank(auditor, b);
    return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->id < b->id;
}

static bool better_taker(const struct seen_taker *a, const struct seen_taker *b,
                         const struct seen_contact *contact)
{
    uint32_t line = auditor_asked_line(contact);
    bool a_busy = a->wrap_up_ms || a->rest_ms, b_busy = b->wrap_up_ms || b->rest_ms;
    if (a_busy != b_busy)
        return b_busy;
    if (speaks(a, contact) != speaks(b, contact))
        return speaks(a, contact);
    if (level_of(a, line) != level_of(b, line))
        return level_of(a, line) < level_of(b, line);
    return a->idle_ms < b->idle_ms;
}

/* ---- offers ---------------------------------------------------------------------------------- */

static void check_choice(const struct auditor *auditor, const struct seen_contact *contact,
                         const struct seen_taker *taker)
{
    PROMISE("I4", auditor_fits(auditor, taker, contact), "an offer that does not fit");
    for (uint32_t i = 0; i < auditor->live_contact_count; i++) {
        const struct seen_contact *other = &auditor->contacts[auditor->live_contacts[i]];
        bool barred = taker->cut_short && !is_urgent(auditor, other); /* no pause ends for them */
        if (other != contact && !barred && comes_before(auditor, other, contact))
            PROMISE("I5", !auditor_fits(auditor, taker, other), "somebody was passed over");
    }
    for (uint32_t i = 0; i < auditor->taker_count; i++) {
        const struct seen_taker *other = &auditor->takers[i];
        if (other != taker && other->on && better_taker(other, taker, contact))
            PROMISE("I5", !auditor_fits(auditor, other, contact), "a better taker was idle");
    }
}

static uint64_t lease_ms(const struct auditor *auditor, const struct seen_contact *contact)
{
    uint64_t own_ms = auditor_line(auditor, auditor_asked_line(contact))->lease_ms;
    return own_ms ? own_ms : auditor->parameters[PARAMETER_OFFER_LEASE_MS];
}

/* Never longer than the transfer it is part of. */
static uint64_t lease_end(const struct auditor *auditor, const struct seen_contact *contact)
{
    uint64_t until_ms = auditor->at_ms + lease_ms(auditor, contact);
    const struct seen_transfer *transfer = &contact->transfer;
    return transfer->kind && transfer->until_ms < until_ms ? transfer->until_ms : until_ms;
}

static void see_offer(struct auditor *auditor, const struct event *event)
{
    struct seen_contact *contact = ledger_contact(auditor, event->contact);
    struct seen_taker *taker = auditor_taker(auditor, event->taker);
    PROMISE("I2", contact, "an offer of nobody");
    if (!contact->stranger && !taker->stranger) {
        PROMISE("I35", !contact->dial || contact->state == CONTACT_STATE_WAITING,
                "two shall call the same citizen");
        PROMISE("I9", !taker->cut_short || is_urgent(auditor, contact),
                "a pause is cut short for no emergency");
        if (contact->transfer.named)
            PROMISE("I26",
                    taker->row.user == contact->transfer.named && taker->on && !taker->away &&
                        !taker->contact && !taker->wrap_up_ms && !taker->rest_ms,
                    "another taker is asked than who was named");
        else if (!auditor_unparked(contact, event))
            check_choice(auditor, contact, taker);
        PROMISE("I9", event->offer_made.until_ms == lease_end(auditor, contact),
                "a lease of another length");
    }
    struct seen_offer *offer = &contact->offers[contact->offers[0].id != 0];
    PROMISE("I4", contact->stranger || !offer->id, "more offers than two");
    PROMISE("I35", contact->stranger || event->offer_made.dial == contact->dial,
            "nobody is told to call");
    PROMISE("I4",
            contact->stranger || (event->offer_made.kind == OFFER_KIND_PARALLEL) ==
                                     (contact->state == CONTACT_STATE_OFFERED),
            "an offer of another kind");
    PROMISE("I26",
            contact->stranger || (event->offer_made.kind == OFFER_KIND_TRANSFER) ==
                                     (contact->transfer.kind != TRANSFER_KIND_NONE),
            "an offer of a transfer that does not run");
    if (!contact->transfer.kind)
        contact->state = CONTACT_STATE_OFFERED;
    taker->cut_short = false;
    *offer = (struct seen_offer){ .id = event->offer,
                                  .made_ms = event->at_ms,
                                  .until_ms = event->offer_made.until_ms,
                                  .taker = taker->row.user,
                                  .kind = event->offer_made.kind };
    taker->contact = contact->id;
}

struct seen_contact *auditor_offered(struct auditor *auditor, const struct event *event,
                                     struct seen_offer **offer)
{
    struct seen_contact *contact = ledger_contact(auditor, event->contact);
    PROMISE("I2", contact, "an offer of nobody");
    *offer = &contact->offers[contact->offers[0].id != event->offer];
    bool asked = contact->state == CONTACT_STATE_OFFERED || contact->transfer.kind;
    PROMISE("I4",
            contact->stranger ||
                (asked && (*offer)->id == event->offer && (*offer)->taker == event->taker),
            "an offer nobody has");
    return contact;
}

void auditor_drop(struct seen_contact *contact, const struct seen_offer *offer)
{
    if (offer == &contact->offers[0])
        contact->offers[0] = contact->offers[1];
    contact->offers[1] = (struct seen_offer){ 0 };
}

static void see_accept(struct auditor *auditor, const struct event *event)
{
    struct seen_offer *offer;
    struct seen_contact *contact = auditor_offered(auditor, event, &offer);
    PROMISE("I4", !offer->accepted, "accepted twice");
    PROMISE("I9",
            contact->stranger ||
                event->offer_accepted.until_ms ==
                    event->at_ms + (contact->dial ? auditor->parameters[PARAMETER_DIAL_LEASE_MS]
                                                  : lease_ms(auditor, contact)),
            "an accepted lease of another length");
    offer->accepted = true;
    offer->until_ms = event->offer_accepted.until_ms;
}

static void see_offer_end(struct auditor *auditor, const struct event *event)
{
    struct seen_offer *offer;
    struct seen_contact *contact = auditor_offered(auditor, event, &offer);
    struct seen_taker *taker = auditor_taker(auditor, event->taker);
    uint64_t rest_ms = offer->made_ms + auditor->parameters[PARAMETER_OFFER_PAUSE_MS];
    enum offer_end cause = event->offer_ended.cause;
    bool rests = rest_ms > event->at_ms && cause != OFFER_END_NOT_REACHED;
    if (cause == OFFER_END_UNANSWERED && event->actor_kind == ACTOR_KIND_SYSTEM &&
        !contact->stranger)
        PROMISE("I9", event->at_ms >= offer->until_ms, "a lease ends before its time");
    PROMISE("I9", contact->stranger || event->offer_ended.rest_until_ms == (rests ? rest_ms : 0),
            "another pause after an offer");
    bool refused = cause == OFFER_END_DECLINED || cause == OFFER_END_UNANSWERED;
    PROMISE("I9",
            contact->stranger || event->offer_ended.ordinary_only ==
                                     (rests && !(refused && is_urgent(auditor, contact))),
            "an emergency waits for a pause");
    contact->unanswered += cause == OFFER_END_UNANSWERED && offer->kind != OFFER_KIND_TRANSFER;
    PROMISE("I4", contact->stranger || event->offer_ended.unanswered == contact->unanswered,
            "another count of offers nobody answered");
    auditor_drop(contact, offer);
    if (contact->state == CONTACT_STATE_OFFERED && !contact->offers[0].id)
        contact->state = CONTACT_STATE_WAITING;
    taker->contact = 0;
    taker->rest_ms = event->offer_ended.rest_until_ms;
    taker->ordinary_rest = event->offer_ended.ordinary_only;
    if (cause == OFFER_END_UNANSWERED || cause == OFFER_END_DECLINED)
        taker->idle_ms = event->at_ms;
    if (cause == OFFER_END_PHONE_FAILED)
        taker->must_go_away = true;
    if (cause == OFFER_END_UNANSWERED &&
        ++taker->unanswered >= auditor->parameters[PARAMETER_UNANSWERED_AWAY])
        taker->must_go_away = true;
}

/* ---- contacts -------------------------------------------------------------------------------- */

/* Who waits to be called and calls again takes the older place; a nuisance stands further back, but on
 * no emergency line. */
static uint64_t due_of(const struct auditor *auditor, const struct line_row *line,
                       const struct contact_arrived *arrived)
{
    const struct seen_contact *queued = auditor_queued(auditor, arrived->caller);
    if (queued && queued->line == line->line && arrived->channel == CHANNEL_VOICE && !arrived->test)
        return queued->due_ms;
    bool nuisance = !line->emergency && arrived->marks & 1U << MARK_KIND_NUISANCE;
    return arrived->arrived_ms + line->answer_target_ms +
           (nuisance ? auditor->parameters[PARAMETER_MARK_DELAY_MS] : 0);
}

static void see_arrival(struct auditor *auditor, const struct event *event)
{
    const struct contact_arrived *arrived = &event->contact_arrived;
    const struct line_row *line = auditor_line(auditor, event->line);
    uint32_t place = auditor->contact_count;
    PROMISE("I19", !ledger_find(auditor, LEDGER_CALL, arrived->call, arrived->gateway),
            "one call arrives twice");
    PROMISE("I17", arrived->arrived_ms <= event->at_ms, "an arrival in the future");
    auditor->storm.stirred_ms = event->at_ms;
    PROMISE("I33", arrived->test || arrived->marks == auditor_marks(auditor, arrived->caller),
            "something else is known of a number");
    PROMISE("I6", arrived->due_ms == due_of(auditor, line, arrived),
            "an answer is due at another time");
    PROMISE("I5", arrived->band == line->band, "a contact in a foreign band");
    *LEDGER_ADD(auditor, contact) = (struct seen_contact){ .id = event->contact,
                                                           .call = arrived->call,
                                                           .caller = arrived->caller,
                                                           .arrived_ms = arrived->arrived_ms,
                                                           .due_ms = arrived->due_ms,
                                                           .line = event->line,
                                                           .dialled = event->line,
                                                           .gateway = arrived->gateway,
                                                           .band = arrived->band,
                                                           .channel = arrived->channel,
                                                           .language = arrived->language,
                                                           .level = arrived->level,
                                                           .needed_ms = event->at_ms,
                                                           .widen_ms = arrived->widen_ms,
                                                           .undiallable = arrived->undiallable,
                                                           .incident = event->incident,
                                                           .state = CONTACT_STATE_WAITING };
    ledger_put(auditor, LEDGER_CONTACT, event->contact, 0, place);
    ledger_put(auditor, LEDGER_CALL, arrived->call, arrived->gateway, place);
    LEDGER_ENTER(auditor, live_contact, contacts, place, live_at);
    auditor_check_ring(auditor, &auditor->contacts[place]);
}

static bool is_emergency(const struct auditor *auditor, const struct seen_contact *contact)
{
    return auditor_line(auditor, contact->line)->emergency;
}

/* A call ends with its gateway only after a silence long enough, or in another life of it. */
static void check_lost(const struct auditor *auditor, const struct seen_contact *contact)
{
    uint32_t gateway = contact->gateway;
    PROMISE("I2",
            contact->stranger ||
                (contact->stranded && auditor->at_ms >= auditor->gateway_keep_ms[gateway]) ||
                (auditor->gateway_down[gateway] &&
                 auditor->at_ms >= auditor->gateway_fell_ms[gateway] +
                                       auditor->parameters[PARAMETER_GATEWAY_LOST_MS]),
            "a call is given up while its gateway may still come back");
}

static void see_contact_end(struct auditor *auditor, const struct event *event)
{
    const struct contact_ended *ended = &event->contact_ended;
    struct seen_contact *contact = ledger_contact(auditor, event->contact);
    PROMISE("I2", contact, "an end of nobody");
    PROMISE("I8",
            contact->stranger || contact->state == CONTACT_STATE_WAITING ||
                contact->state == CONTACT_STATE_CONNECTED,
            "an end without a contact");
    PROMISE("I26", contact->stranger || !contact->transfer.kind,
            "an end in the middle of a transfer");
    bool talks = contact->state == CONTACT_STATE_CONNECTED;
    bool talked = talks || contact->parker;
    bool by_rule = ended->cause == END_CAUSE_ANSWERED_BY_RULE || ended->cause >= END_CAUSE_TEST;
    PROMISE("I8", contact->stranger || ended->abandoned == (!talked && !by_rule),
            "abandoned or not");
    PROMISE("I7",
            !is_emergency(auditor, contact) || event->actor_kind != ACTOR_KIND_SYSTEM ||
                ended->cause == END_CAUSE_GATEWAY_LOST || contact->dial || contact->stranger,
            "an emergency is ended by no person");
    if (ended->cause == END_CAUSE_GATEWAY_LOST && event->actor_kind == ACTOR_KIND_SYSTEM)
        check_lost(auditor, contact);
    if (talks && contact->taker) {
        struct seen_taker *taker = auditor_taker(auditor, contact->taker);
        taker->contact = 0;
        taker->idle_ms = event->at_ms;
    }
    contact->lost = ended->abandoned || ended->cause == END_CAUSE_MEDIA_LOST ||
                    ended->cause == END_CAUSE_GATEWAY_LOST ||
                    ended->cause == END_CAUSE_PHONE_FAILED;
    contact->state = talked || by_rule ? CONTACT_STATE_ENDED : CONTACT_STATE_ABANDONED;
    LEDGER_LEAVE(auditor, live_contact, contacts, contact->live_at, live_at);
    uint32_t callback = ledger_find(auditor, LEDGER_CALLER_CALLBACK, contact->caller, 0);
    bool waits = contact->caller && callback && !auditor->callbacks[callback - 1].ended;
    bool unheard = auditor_is_unheard(contact);
    PROMISE("I32",
            contact->stranger || !unheard || contact->silence == SILENCE_STATE_DURESS ||
                contact->silence == SILENCE_STATE_CHECKLIST,
            "a silent call ends, and nobody looks after it");
    PROMISE("I35",
            ended->cause != END_CAUSE_CALLBACK_LAPSED ||
                (contact->dial && event->at_ms >= contact->lapse_ms),
            "a promised call is given up");
    PROMISE("I35",
            ended->cause != END_CAUSE_NOT_REACHED ||
                (contact->dial && contact->tries >= auditor->parameters[PARAMETER_RETRIES]),
            "a promised call is given up");
    bool left = !talks && contact->parker; /* gone while nobody spoke with them */
    bool cut_off = (contact->lost && !by_rule) || ended->abandoned || left || unheard;
    bool full = auditor->callbacks_most && auditor->open_callbacks >= auditor->callbacks_most;
    contact->owed = is_emergency(auditor, contact) && cut_off && !waits && !full;
    auditor->owed_callbacks += contact->owed;
}

static void see_connect(struct auditor *auditor, const struct event *event)
{
    struct seen_offer *offer;
    if (!event->offer) {
        auditor_see_survived_connect(auditor, event);
        return;
    }
    struct seen_contact *contact = auditor_offered(auditor, event, &offer);
    auditor_drop(contact, offer);
    PROMISE("I4", contact->stranger || !contact->offers[0].id, "another taker is still asked");
    contact->state = CONTACT_STATE_CONNECTED;
    contact->taker = contact->answered_by = event->taker;
    contact->widen_ms = 0;
    PROMISE("I26", contact->stranger || !event->contact_connected.emergency || !contact->parker,
            "who was parked counts as answered twice");
    auditor_taker(auditor, event->taker)->unanswered = 0;
    PROMISE("I17",
            contact->stranger ||
                event->contact_connected.waited_ms == event->at_ms - contact->arrived_ms,
            "a wait of another length");
    PROMISE("I26", contact->stranger || !contact->transfer.kind,
            "who is handed over was talked with already");
}

static void see_reline(struct auditor *auditor, const struct event *event)
{
    struct seen_contact *contact = ledger_contact(auditor, event->contact);
    PROMISE("I2", contact, "nobody changes lines");
    contact->line = event->contact_relined.to;
    contact->band = event->contact_relined.band;
    contact->due_ms = event->contact_relined.due_ms;
    contact->level = event->contact_relined.level;
    contact->widen_ms = event->contact_relined.widen_ms;
    auditor_check_ring(auditor, contact);
    PROMISE("I35",
            contact->stranger || !auditor_line(auditor, contact->line)->emergency ||
                !contact->next_ms,
            "an emergency is not called at once");
    PROMISE("I6",
            contact->stranger ||
                contact->due_ms ==
                    contact->arrived_ms + auditor_line(auditor, contact->line)->answer_target_ms,
            "another line forgets how long they waited");
}

/* The taker's phone is gone in the middle of a transfer: back to the place they had. */
static void see_requeue(struct auditor *auditor, const struct event *event)
{
    struct seen_contact *contact = ledger_contact(auditor, event->contact);
    PROMISE("I26", contact, "nobody waits again");
    PROMISE("I26",
            contact->stranger || (contact->state == CONTACT_STATE_CONNECTED &&
                                  contact->taker == event->contact_requeued.from_taker),
            "waits again, and nobody had them");
    contact->taker = 0;
    contact->state = CONTACT_STATE_WAITING;
    if (!event->contact_requeued.from_taker)
        return; /* nobody's seat had them */
    struct seen_taker *taker = auditor_taker(auditor, event->contact_requeued.from_taker);
    taker->contact = 0;
    taker->idle_ms = event->at_ms;
}

/* ---- takers ---------------------------------------------------------------------------------- */

static void see_taker(struct auditor *auditor, const struct event *event)
{
    struct seen_taker *taker = auditor_taker(auditor, event->taker);
    bool known = !taker->stranger;
    switch ((uint32_t)event->kind) {
    case EVENT_TAKER_SIGNED_ON:
        PROMISE("I8", !known || !taker->on, "signed on twice");
        taker->on = taker->away = true;
        taker->reason = AWAY_REASON_NONE;
        taker->idle_ms = event->at_ms;
        taker->unanswered = 0;
        break;
    case EVENT_TAKER_SIGNED_OFF:
        PROMISE("I2", !known || (taker->on && !taker->contact), "signed off out of a contact");
        taker->on = taker->away = taker->must_go_away = false;
        taker->wrap_up_ms = taker->rest_ms = 0;
        break;
    case EVENT_TAKER_RESTED:
        PROMISE("I9",
                !known ||
                    (taker->rest_ms && (taker->rest_ms <= event->at_ms || taker->ordinary_rest ||
                                        event->actor_kind == ACTOR_KIND_GATEWAY)),
                "a pause ends before its time");
        taker->cut_in = known && taker->rest_ms > event->at_ms && !taker->ordinary_rest;
        taker->cut_short = known && taker->rest_ms > event->at_ms;
        taker->rest_ms = 0;
        break;
    case EVENT_TAKER_BECAME_READY:
        PROMISE("I8", !known || taker->on, "ready and not there");
        taker->away = taker->must_go_away = false;
        taker->idle_ms = event->at_ms;
        taker->unanswered = 0;
        break;
    case EVENT_TAKER_WENT_AWAY:
        taker->reason = event->taker_went_away.reason;
        PROMISE("I8",
                !known || event->taker_went_away.reason != AWAY_REASON_UNANSWERED ||
                    event->actor_kind == ACTOR_KIND_USER || taker->must_go_away,
                "sent away before they missed enough");
        taker->away = true;
        taker->must_go_away = false;
        break;
    case EVENT_WRAP_UP_STARTED:
        PROMISE("I8", !known || !taker->contact, "wrap-up in a contact");
        auditor_check_wrap_up(auditor, event);
        taker->wrap_up_ms = event->wrap_up_started.until_ms;
        break;
    case EVENT_WRAP_UP_ENDED:
        PROMISE("I8", !known || taker->wrap_up_ms, "no wrap-up to end");
        taker->cut_short |=
            known && taker->wrap_up_ms > event->at_ms && event->actor_kind == ACTOR_KIND_SYSTEM;
        taker->wrap_up_ms = 0;
        taker->idle_ms = event->at_ms;
        break;
    default:
        (void)snprintf(taker->phone, sizeof taker->phone, "%s", event->phone_registered.phone);
        break;
    }
}

bool auditor_see_call(struct auditor *auditor, const struct event *event)
{
    switch ((uint32_t)event->kind) {
    case EVENT_CONTACT_ARRIVED:
        see_arrival(auditor, event);
        return true;
    case EVENT_CONTACT_ENDED:
        see_contact_end(auditor, event);
        return true;
    case EVENT_CONTACT_CONNECTED:
        see_connect(auditor, event);
        return true;
    case EVENT_CONTACT_RELINED:
        see_reline(auditor, event);
        return true;
    case EVENT_CONTACT_REQUEUED:
        see_requeue(auditor, event);
        return true;
    case EVENT_OFFER_MADE:
        see_offer(auditor, event);
        return true;
    case EVENT_OFFER_RANG:
        (void)auditor_offered(auditor, event, &(struct seen_offer *){ NULL });
        return true;
    case EVENT_RESERVE_CHANGED:
        see_reserve(auditor, event);
        return true;
    case EVENT_OFFER_ACCEPTED:
        see_accept(auditor, event);
        return true;
    case EVENT_OFFER_ENDED:
        see_offer_end(auditor, event);
        return true;
    case EVENT_TAKER_SIGNED_ON:
    case EVENT_TAKER_SIGNED_OFF:
    case EVENT_TAKER_BECAME_READY:
    case EVENT_TAKER_WENT_AWAY:
    case EVENT_WRAP_UP_STARTED:
    case EVENT_WRAP_UP_ENDED:
    case EVENT_PHONE_REGISTERED:
    case EVENT_TAKER_RESTED:
        see_taker(auditor, event);
        return true;
    case EVENT_RECORDING_STORED:
    case EVENT_SOUND_REPORTED:
        return true;
    default:
        return auditor_see_transfer(auditor, event) || auditor_see_park(auditor, event) ||
               auditor_see_storm(auditor, event);
    }
}
