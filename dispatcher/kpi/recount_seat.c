/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Takers' time from the bare events: what each of them has in hand says what they do. */
#include <errno.h>
#include <stddef.h>

#include "dispatcher/kpi/records.h"

static enum taker_state doing(const struct seat_record *seat)
{
    if (!seat->on)
        return TAKER_STATE_NONE;
    if (seat->contact)
        return seat->offer ? TAKER_STATE_OFFERED : TAKER_STATE_TALKING;
    if (seat->wraps_up)
        return TAKER_STATE_WRAP_UP;
    return seat->away ? TAKER_STATE_AWAY : TAKER_STATE_READY;
}

static enum kpi_count counts_as(enum taker_state does)
{
    return does == TAKER_STATE_TALKING   ? KPI_COUNT_TALKING_MS
           : does == TAKER_STATE_WRAP_UP ? KPI_COUNT_WRAPPING_MS
           : does == TAKER_STATE_AWAY    ? KPI_COUNT_AWAY_MS
                                         : KPI_COUNT_READY_MS;
}

static struct seat_record *seat_of(struct recount *recount, uint32_t taker)
{
    struct seat_record *seats = recount->seats.rows;
    for (uint32_t i = 0; i < recount->seats.count; i++)
        if (seats[i].taker == taker)
            return &seats[i];
    struct seat_record *fresh = records_add(&recount->seats, sizeof *fresh);
    if (fresh)
        fresh->taker = taker;
    return fresh;
}

static void put_down(struct seat_record *seat)
{
    seat->contact = seat->offer = 0;
}

/* What the taker had in hand when the contact changed hands. */
static void handed_over(struct seat_record *seat, const struct event *event)
{
    if (seat->contact != event->contact)
        return; /* was named and never asked */
    if (event->taker == seat->taker)
        seat->offer = 0;
    else
        put_down(seat);
}

static void taken_over(struct seat_record *seat, const struct event *event)
{
    put_down(seat);
    if (event->taker != seat->taker)
        return;
    seat->contact = event->contact;
    if (seat->conference)
        seat->away = seat->conference = false;
}

static void change(struct seat_record *seat, const struct event *event)
{
    switch (event->kind) {
    case EVENT_TAKER_SIGNED_ON:
        seat->on = seat->away = true;
        break;
    case EVENT_TAKER_SIGNED_OFF:
        *seat = (struct seat_record){ .taker = seat->taker,
                                      .does = seat->does,
                                      .since_ms = seat->since_ms };
        break;
    case EVENT_TAKER_BECAME_READY:
        seat->away = false;
        break;
    case EVENT_TAKER_WENT_AWAY:
        seat->away = true;
        seat->conference = event->taker_went_away.reason == AWAY_REASON_CONFERENCE;
        break;
    case EVENT_WRAP_UP_STARTED:
    case EVENT_WRAP_UP_ENDED:
        seat->wraps_up = event->kind == EVENT_WRAP_UP_STARTED;
        break;
    case EVENT_OFFER_MADE:
        seat->contact = event->contact;
        seat->offer = event->offer;
        break;
    case EVENT_OFFER_ENDED:
        if (seat->offer == event->offer)
            put_down(seat);
        break;
    case EVENT_TRANSFER_ANSWERED:
    case EVENT_CONTACT_CONNECTED:
        seat->contact = event->contact;
        seat->offer = 0;
        break;
    case EVENT_CONTACT_ENDED:
        if (seat->contact == event->contact)
            put_down(seat);
        break;
    case EVENT_CONTACT_REQUEUED:
    case EVENT_CONTACT_PARKED:
        put_down(seat);
        break;
    case EVENT_TRANSFER_ENDED:
        handed_over(seat, event);
        break;
    case EVENT_CONTACT_TAKEN_OVER:
        taken_over(seat, event);
        break;
    default: /* no taker's hands are touched */
        break;
    }
}

static int see(struct recount *recount, uint32_t taker, const struct event *event)
{
    struct seat_record *seat = taker ? seat_of(recount, taker) : NULL;
    if (!seat)
        return taker ? -ENOMEM : 0;
    change(seat, event);
    enum taker_state does = doing(seat);
    if (does == seat->does)
        return 0;
    int status = seat->does ? recount_book(recount, event->at_ms, 0, counts_as(seat->does),
                                           event->at_ms - seat->since_ms)
                            : 0;
    seat->does = does;
    seat->since_ms = event->at_ms;
    return status;
}

int recount_seat(struct recount *recount, const struct event *event)
{
    int status;
    switch (event->kind) {
    case EVENT_TAKER_SIGNED_ON:
    case EVENT_TAKER_SIGNED_OFF:
    case EVENT_TAKER_BECAME_READY:
    case EVENT_TAKER_WENT_AWAY:
    case EVENT_WRAP_UP_STARTED:
    case EVENT_WRAP_UP_ENDED:
    case EVENT_OFFER_MADE:
    case EVENT_OFFER_ENDED:
    case EVENT_CONTACT_CONNECTED:
    case EVENT_CONTACT_ENDED:
    case EVENT_TRANSFER_ANSWERED:
        return see(recount, event->taker, event);
    case EVENT_CONTACT_REQUEUED:
        return see(recount, event->contact_requeued.from_taker, event);
    case EVENT_CONTACT_PARKED:
        return see(recount, event->contact_parked.from_taker, event);
    case EVENT_TRANSFER_ENDED:
        status = see(recount, event->transfer_ended.from_taker, event);
        return status < 0 ? status : see(recount, event->transfer_ended.to_taker, event);
    case EVENT_CONTACT_TAKEN_OVER:
        status = see(recount, event->contact_taken_over.from_taker, event);
        return status < 0 ? status : see(recount, event->taker, event);
    default: /* concerns no taker's time */
        return 0;
    }
}
