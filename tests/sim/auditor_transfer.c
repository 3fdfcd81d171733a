/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The auditor's books on transfers. Whoever is handed over is always with somebody: with the sender
 * until a receiver has them, then with the receiver, or in the queue at the old place. (I26) */
#include "dispatcher/core/transfer.h"
#include "tests/sim/ledger.h"

static struct seen_contact *transferred(struct auditor *auditor, const struct event *event)
{
    struct seen_contact *contact = ledger_contact(auditor, event->contact);
    PROMISE("I26", contact, "a transfer of nobody");
    PROMISE("I26", contact->stranger || contact->state == CONTACT_STATE_CONNECTED,
            "a transfer of whom nobody talks with");
    return contact;
}

static void see_asked(struct auditor *auditor, const struct event *event)
{
    const struct transfer_asked *asked = &event->transfer_asked;
    struct seen_contact *contact = transferred(auditor, event);
    bool emergency = auditor_line(auditor, contact->line)->emergency ||
                     auditor_line(auditor, asked->to_line)->emergency;
    bool outside = asked->kind == TRANSFER_KIND_CARRIER;
    uint64_t length_ms =
        outside ? TRANSFER_CARRIER_MS
                : auditor->parameters[asked->to_line == contact->line ? PARAMETER_TRANSFER_MS
                                                                      : PARAMETER_TRANSFER_LINE_MS];
    if (!contact->stranger) {
        PROMISE("I26", !contact->transfer.kind, "two transfers at once");
        PROMISE("I26", event->taker == contact->taker, "another sender than who has them");
        PROMISE("I26", asked->kind == TRANSFER_KIND_WARM || !emergency,
                "an emergency is handed over blindly, or outside");
        PROMISE("I26",
                outside == (asked->to_department != 0) && outside == (asked->phone[0] != 0) &&
                    (!outside || (asked->to_line == contact->line && !asked->to_taker)),
                "put through outside to nobody");
        PROMISE("I26", !contact->bounced || asked->to_line == contact->line,
                "who was handed to and fro goes on between the lines");
        PROMISE("I26", asked->until_ms == event->at_ms + length_ms, "a transfer of another length");
    }
    contact->transfer = (struct seen_transfer){ .kind = asked->kind,
                                                .named = asked->to_taker,
                                                .line = asked->to_line,
                                                .asked_ms = event->at_ms,
                                                .until_ms = asked->until_ms };
}

static void see_answered(struct auditor *auditor, const struct event *event)
{
    struct seen_offer *offer;
    struct seen_contact *contact = transferred(auditor, event);
    (void)auditor_offered(auditor, event, &offer);
    PROMISE("I26", contact->stranger || contact->transfer.kind == TRANSFER_KIND_WARM,
            "an answer to no transfer");
    auditor_drop(contact, offer);
    contact->transfer.receiver = event->taker;
    contact->transfer.offer = event->offer;
    contact->transfer.answered_ms = event->at_ms;
    auditor_taker(auditor, event->taker)->unanswered = 0;
}

static void let_go(struct auditor *auditor, uint32_t user)
{
    struct seen_taker *taker = auditor_taker(auditor, user);
    taker->contact = 0;
    taker->idle_ms = auditor->at_ms;
}

/* Who may have it now: the receiver who answered, or whose offer this is; else whoever had it. */
static void check_end(const struct auditor *auditor, const struct seen_contact *contact,
                      const struct event *event)
{
    const struct transfer_ended *ended = &event->transfer_ended;
    const struct seen_transfer *transfer = &contact->transfer;
    PROMISE("I26", transfer->kind && ended->asked_ms == transfer->asked_ms,
            "the end of no transfer");
    PROMISE("I26", ended->from_taker == contact->taker, "handed over by another");
    PROMISE("I26", ended->to_line == transfer->line, "handed to another line");
    switch ((uint32_t)ended->outcome) {
    case TRANSFER_OUTCOME_TAKEN:
        PROMISE("I26",
                ended->to_taker && event->taker == ended->to_taker && !ended->returned &&
                    (transfer->receiver == ended->to_taker ||
                     (contact->offers[0].id && contact->offers[0].taker == ended->to_taker &&
                      contact->offers[0].id == ended->offer)),
                "handed to whom nobody asked");
        break;
    case TRANSFER_OUTCOME_SENDER_LEFT:
        PROMISE("I26", !event->taker && !transfer->receiver && !contact->offers[0].id,
                "lost between two takers");
        break;
    case TRANSFER_OUTCOME_REFERRED:
        PROMISE("I26", transfer->kind == TRANSFER_KIND_CARRIER, "put through outside by nobody");
        break;
    case TRANSFER_OUTCOME_CALLER_GONE:
        break;
    default:
        PROMISE("I26", event->taker == contact->taker && ended->returned && !contact->offers[0].id,
                "who nobody took over is not with the sender");
        break;
    }
    if (ended->outcome == TRANSFER_OUTCOME_UNANSWERED)
        PROMISE("I26",
                !transfer->receiver && (transfer->named || auditor->at_ms >= transfer->until_ms),
                "unanswered before its time");
}

static void see_ended(struct auditor *auditor, const struct event *event)
{
    const struct transfer_ended *ended = &event->transfer_ended;
    struct seen_contact *contact = transferred(auditor, event);
    if (!contact->stranger)
        check_end(auditor, contact, event);
    uint32_t receiver = contact->transfer.receiver;
    uint32_t line = contact->transfer.line;
    bool taken = ended->outcome == TRANSFER_OUTCOME_TAKEN;
    contact->transfer = (struct seen_transfer){ 0 };
    if (!taken && ended->outcome != TRANSFER_OUTCOME_SENDER_LEFT) {
        if (receiver)
            let_go(auditor, receiver);
        return;
    }
    PROMISE("I26", !contact->muted_ms, "who comes for a muted taker is not heard");
    let_go(auditor, contact->taker);
    contact->taker = taken ? ended->to_taker : 0;
    if (!taken)
        contact->state = CONTACT_STATE_WAITING;
    contact->offers[0] = (struct seen_offer){ 0 };
    if (taken)
        auditor_taker(auditor, ended->to_taker)->unanswered = 0;
    if (line == contact->line)
        return;
    PROMISE("I5", contact->stranger || ended->band == auditor_line(auditor, line)->band,
            "handed over into a foreign band");
    contact->owes_bounce = taken && line == contact->came_from && !contact->bounced;
    contact->came_from = contact->line;
    contact->line = line;
    contact->band = ended->band;
    contact->level = 0; /* another line, other rings; its takers are asked at once */
    contact->widen_ms = 0;
}

static void see_bounced(struct auditor *auditor, const struct event *event)
{
    struct seen_contact *contact = ledger_contact(auditor, event->contact);
    PROMISE("I26",
            contact &&
                (contact->stranger ||
                 (contact->owes_bounce && event->transfer_bounced.from_line == contact->came_from &&
                  event->transfer_bounced.to_line == contact->line)),
            "back on a line it did not come from");
    contact->owes_bounce = false;
    contact->bounced = true;
}

bool auditor_see_transfer(struct auditor *auditor, const struct event *event)
{
    switch ((uint32_t)event->kind) {
    case EVENT_TRANSFER_ASKED:
        see_asked(auditor, event);
        return true;
    case EVENT_TRANSFER_ANSWERED:
        see_answered(auditor, event);
        return true;
    case EVENT_TRANSFER_ENDED:
        see_ended(auditor, event);
        return true;
    case EVENT_TRANSFER_BOUNCED:
        see_bounced(auditor, event);
        return true;
    default:
        return false;
    }
}

void auditor_rest_of_transfer(const struct auditor *auditor, const struct seen_contact *contact,
                              uint64_t now_ms)
{
    const struct seen_transfer *transfer = &contact->transfer;
    PROMISE("I26", !contact->owes_bounce, "back on its line, and nobody was called in");
    if (contact->state != CONTACT_STATE_CONNECTED)
        return;
    for (uint32_t i = 0; i < auditor->taker_count; i++)
        if (auditor->takers[i].row.user == contact->taker)
            PROMISE("I2", auditor->takers[i].stranger || auditor->takers[i].contact == contact->id,
                    "a conversation that its taker does not have");
    if (!transfer->kind)
        return;
    PROMISE("I26", transfer->receiver || transfer->until_ms > now_ms,
            "a transfer that nobody answers does not end");
    PROMISE("I26", !transfer->named || transfer->receiver || contact->offers[0].id,
            "who was named is not asked");
}
