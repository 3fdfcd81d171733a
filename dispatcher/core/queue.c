/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/queue.h"

#include "base/require.h"
#include "dispatcher/core/estimate.h"
#include "dispatcher/core/queued_callback.h"
#include "dispatcher/core/silence.h"
#include "dispatcher/core/taker.h"

#define BAND_SHIFT 60 /* above any due time in milliseconds */

/* A contact whose gateway is silent keeps its place but cannot be connected: no taker waits for it. */
static bool is_offerable(const struct contact *contact)
{
    if (contact->state != CONTACT_STATE_WAITING)
        return false;
    if (contact->dial)
        return queued_callback_is_ripe(contact);
    return contact->channel == CHANNEL_SMS ||
           (contact->gateway->fell_ms == 0 && contact->epoch == contact->gateway->epoch);
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t contact_due(const struct contact *contact)
{
    bool stands =
        contact->state == CONTACT_STATE_WAITING || contact->state == CONTACT_STATE_OFFERED;
    uint64_t due_ms = stands && !contact->late ? contact->due_ms : NEVER;
    if (contact->state == CONTACT_STATE_OFFERED && contact->offer_until_ms < due_ms)
        due_ms = contact->offer_until_ms;
    due_ms = least(due_ms, contact->tell_ms ? contact->tell_ms : NEVER);
    return least(due_ms, least(queued_callback_due(contact), silence_due(contact)));
}

void queue_file(struct core *core, struct contact *contact)
{
    struct heap *waiting = &contact->line->waiting[contact->channel];
    uint64_t tell_ms = estimate_due(core, contact);
    contact->tell_ms = tell_ms == NEVER ? 0 : tell_ms;
    contact->place.contact = contact;
    if (is_offerable(contact))
        heap_set(waiting, &contact->place.node,
                 (uint64_t)contact->band << BAND_SHIFT | contact->due_ms, contact->id);
    else
        heap_remove(waiting, &contact->place.node);
    deadline_set(core, &contact->deadline, contact_due(contact), contact->id);
}

uint32_t queue_reserve(const struct core *core)
{
    return (uint32_t)((core->emergency_on * core->parameters[PARAMETER_RESERVE_PERMILLE] + 500) /
                      1000);
}

static const struct user *seat_taker(const struct heap_node *node)
{
    return ((const struct seat *)node)->taker;
}

static bool is_before(const struct heap_node *a, const struct heap_node *b)
{
    return a->key != b->key ? a->key < b->key : a->order < b->order;
}

/* Who has a phone may take a text, too. */
static const struct heap_node *first_idle(const struct line *line, enum channel channel)
{
    const struct heap_node *with = heap_first(&line->idle[CHANNEL_VOICE]);
    const struct heap_node *without =
        channel == CHANNEL_SMS ? heap_first(&line->idle[CHANNEL_SMS]) : NULL;
    return !with || (without && is_before(without, with)) ? without : with;
}

/* The best idle taker who has no emergency skill. Only walked while the reserve is touched. */
static const struct user *best_outside_reserve(const struct line *line, enum channel channel)
{
    const struct heap_node *best = NULL;
    for (enum channel of = CHANNEL_VOICE; of <= channel; of++)
        for (uint32_t i = 0; i < line->idle[of].count; i++) {
            const struct heap_node *node = line->idle[of].places[i].node;
            const struct user *taker = seat_taker(node);
            if (taker->emergency || taker->wrap_up_ms)
                continue;
            if (!best || is_before(node, best))
                best = node;
        }
    return best ? seat_taker(best) : NULL;
}

static const struct user *best_taker(const struct core *core, const struct line *line,
                                     enum channel channel)
{
    const struct heap_node *node = first_idle(line, channel);
    if (!node)
        return NULL;
    const struct user *taker = seat_taker(node);
    if (line->row.emergency)
        return taker;
    if (taker->wrap_up_ms)
        return NULL;
    if (taker->emergency && core->emergency_ready <= queue_reserve(core))
        return best_outside_reserve(line, channel);
    return taker;
}

bool queue_next(const struct core *core, const struct contact **contact, const struct user **taker)
{
    const struct heap_node *first = NULL;
    if (core->contacts_in[CONTACT_STATE_WAITING] == 0)
        return false;
    for (uint32_t i = 0; i < pool_used(&core->lines); i++) {
        const struct line *line = pool_at(&core->lines, i);
        for (enum channel channel = CHANNEL_VOICE; channel <= CHANNEL_SMS; channel++) {
            const struct heap_node *head = heap_first(&line->waiting[channel]);
            if (!head || (first && is_before(first, head)))
                continue;
            const struct user *best = best_taker(core, line, channel);
            if (!best)
                continue;
            first = head;
            *taker = best;
        }
    }
    if (first)
        *contact = ((const struct place *)first)->contact;
    return first != NULL;
}
