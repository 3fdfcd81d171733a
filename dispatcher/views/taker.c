/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>

#include "dispatcher/views/row.h"

/* What follows from the row: reason is the wish to be away, offer and contact what he has, until the
 * end of the offer or, without a contact, of the wrap-up. */
static enum taker_state state_of(const struct taker_row *row, bool signed_on)
{
    if (!signed_on)
        return TAKER_STATE_SIGNED_OFF;
    if (row->contact)
        return row->offer ? TAKER_STATE_OFFERED : TAKER_STATE_TALKING;
    if (row->until_ms)
        return TAKER_STATE_WRAP_UP;
    return row->reason ? TAKER_STATE_AWAY : TAKER_STATE_READY;
}

static void contact_clear(struct taker_row *row)
{
    row->contact = row->offer = row->until_ms = 0;
}

/* Returns whether the taker is signed on after the event. */
static bool row_change(const struct event *event, struct taker_row *row)
{
    bool signed_on = row->state != TAKER_STATE_NONE && row->state != TAKER_STATE_SIGNED_OFF;
    switch (event->kind) {
    case EVENT_TAKER_SIGNED_ON:
        row->reason = AWAY_REASON_SIGNED_ON;
        return true;
    case EVENT_TAKER_SIGNED_OFF:
        contact_clear(row);
        row->reason = AWAY_REASON_NONE;
        return false;
    case EVENT_TAKER_BECAME_READY:
        row->reason = AWAY_REASON_NONE;
        return signed_on;
    case EVENT_TAKER_WENT_AWAY:
        row->reason = event->taker_went_away.reason;
        return signed_on;
    case EVENT_TRANSFER_ANSWERED:
        row->offer = row->until_ms = 0;
        return signed_on;
    case EVENT_TRANSFER_ENDED:
        if (event->taker == row->taker)
            row->offer = row->until_ms = 0;
        else
            contact_clear(row);
        return signed_on;
    case EVENT_CONTACT_REQUEUED:
    case EVENT_CONTACT_PARKED:
        contact_clear(row);
        return signed_on;
    case EVENT_CONTACT_TAKEN_OVER:
        if (event->taker != row->taker) {
            contact_clear(row);
            return signed_on;
        }
        row->contact = event->contact;
        if (row->reason == AWAY_REASON_CONFERENCE)
            row->reason = AWAY_REASON_NONE;
        return signed_on;
    case EVENT_WRAP_UP_STARTED:
        row->until_ms = event->wrap_up_started.until_ms;
        row->last_contact = event->contact;
        return signed_on;
    case EVENT_WRAP_UP_ENDED:
        row->until_ms = 0;
        return signed_on;
    case EVENT_OFFER_MADE:
        row->contact = event->contact;
        row->offer = event->offer;
        row->until_ms = event->offer_made.until_ms;
        return signed_on;
    case EVENT_CONTACT_CONNECTED:
        row->contact = event->contact;
        row->offer = row->until_ms = 0;
        return signed_on;
    case EVENT_OFFER_ENDED:
        if (row->offer == event->offer)
            contact_clear(row);
        return signed_on;
    case EVENT_CONTACT_ENDED:
        if (row->contact == event->contact)
            contact_clear(row);
        return signed_on;
    default: /* kinds that do not touch a taker */
        return signed_on;
    }
}

static bool concerns_takers(const struct event *event)
{
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
        return event->taker != 0;
    default: /* the many other kinds */
        return false;
    }
}

static int state_count(const struct change *change, enum taker_state state, int step)
{
    int status = 0;
    if (state != TAKER_STATE_NONE && state != TAKER_STATE_SIGNED_OFF)
        status = number_add(change, key_of2(VIEW_COUNT, COUNT_SIGNED_ON, 0), step);
    if (status == 0 && state == TAKER_STATE_READY)
        status = number_add(change, key_of2(VIEW_COUNT, COUNT_READY, 0), step);
    return status;
}

static int state_move(const struct change *change, struct taker_row *row, enum taker_state state)
{
    if (state == row->state)
        return 0;
    int status = state_count(change, row->state, -1);
    if (status == 0)
        status = state_count(change, state, 1);
    if (status == 0)
        status = kpi_taker_time(change, row->state, change->event->at_ms - row->since_ms);
    row->state = state;
    row->since_ms = change->event->at_ms;
    return status;
}

static int apply_to(const struct change *change, uint32_t taker)
{
    const struct event *event = change->event;
    struct taker_row row;
    struct key key = key_of1(VIEW_TAKER, taker);
    int status = row_take(change, key, SCHEMA_TAKER_ROW, &row);
    if (status == -ENOENT) {
        row = (struct taker_row){ .taker = taker };
        status = 0;
    }
    if (status < 0)
        return status;
    if (event->kind == EVENT_TRANSFER_ENDED && row.contact != event->contact)
        return row_put(change, key, SCHEMA_TAKER_ROW, &row); /* was named and never asked */
    bool signed_on = row_change(event, &row);
    status = state_move(change, &row, state_of(&row, signed_on));
    if (status == 0)
        status = row_put(change, key, SCHEMA_TAKER_ROW, &row);
    if (status == 0 && event->kind == EVENT_CONTACT_CONNECTED)
        status = number_add(
            change, key_of2(VIEW_SERVED, day_of(change->views, event->at_ms), row.taker), 1);
    return status;
}

int apply_to_takers(const struct change *change)
{
    const struct event *event = change->event;
    if (event->kind == EVENT_TRANSFER_ENDED) {
        const struct transfer_ended *ended = &event->transfer_ended;
        int status = apply_to(change, ended->from_taker);
        return status < 0 || !ended->to_taker ? status : apply_to(change, ended->to_taker);
    }
    if (event->kind == EVENT_CONTACT_REQUEUED)
        return apply_to(change, event->contact_requeued.from_taker);
    if (event->kind == EVENT_CONTACT_PARKED)
        return apply_to(change, event->contact_parked.from_taker);
    if (event->kind == EVENT_CONTACT_TAKEN_OVER) {
        int status = apply_to(change, event->contact_taken_over.from_taker);
        return status < 0 ? status : apply_to(change, event->taker);
    }
    return concerns_takers(event) ? apply_to(change, event->taker) : 0;
}
