/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/queue.h"

#include <string.h>

#include "base/require.h"
#include "dispatcher/core/conversation.h"
#include "dispatcher/core/estimate.h"
#include "dispatcher/core/park.h"
#include "dispatcher/core/queued_callback.h"
#include "dispatcher/core/silence.h"
#include "dispatcher/core/taker.h"

#define BAND_SHIFT 60           /* above any due time in milliseconds */
#define SECOND     (1ULL << 59) /* asks a second taker: behind the emergencies who have none */

bool queue_is_reachable(const struct contact *contact)
{
    if (contact->dial)
        return queued_callback_is_ripe(contact);
    return contact->channel == CHANNEL_SMS ||
           (contact->gateway->fell_ms == 0 && contact->gateway->hold_ms == 0 &&
            contact->epoch == contact->gateway->epoch);
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

struct line *queue_line(const struct contact *contact)
{
    return contact->transfer.kind ? contact->transfer.line : contact->line;
}

bool queue_is_urgent(const struct contact *contact)
{
    return queue_line(contact)->row.emergency || contact->band <= BAND_EMERGENCY;
}

/* After so many offers that nobody answered two takers are asked at once. */
static bool asks_two(const struct core *core, const struct contact *contact)
{
    uint64_t after = core->parameters[PARAMETER_PARALLEL_AFTER];
    return after && contact->unanswered >= after && contact->channel == CHANNEL_VOICE &&
           !contact->dial && queue_is_urgent(contact); /* two would call the same citizen */
}

static bool is_offerable(const struct core *core, const struct contact *contact)
{
    const struct transfer *transfer = &contact->transfer;
    if (!queue_is_reachable(contact))
        return false;
    if (contact->state == CONTACT_STATE_OFFERED)
        return !contact->leases[1].id && asks_two(core, contact);
    if (contact->state == CONTACT_STATE_CONNECTED)
        return transfer->kind && transfer->kind != TRANSFER_KIND_CARRIER && !transfer->named &&
               !transfer->receiver && !contact->leases[0].id;
    return contact->state == CONTACT_STATE_WAITING && !contact->parked_ms;
}

static uint64_t contact_due(const struct contact *contact)
{
    bool waits = contact->state == CONTACT_STATE_WAITING && !contact->parked_ms;
    uint64_t due_ms = park_due(contact);
    if ((waits || contact->state == CONTACT_STATE_OFFERED) && !contact->late && !contact->parker)
        due_ms = contact->due_ms;
    if (waits && contact->widen_ms)
        due_ms = least(due_ms, contact->widen_ms);
    for (uint32_t i = 0; i < OFFERS_MAX; i++)
        if (contact->leases[i].id)
            due_ms = least(due_ms, contact->leases[i].until_ms);
    if (contact->transfer.kind && !contact->transfer.receiver)
        due_ms = least(due_ms, contact->transfer.until_ms);
    due_ms = least(due_ms, contact->tell_ms ? contact->tell_ms : NEVER);
    due_ms = least(due_ms, conversation_due(contact));
    return least(due_ms, least(queued_callback_due(contact), silence_due(contact)));
}

/* ---- lanes --------------------------------------------------------------------------------- */

static uint32_t lane_number(enum channel channel, uint32_t level, enum language language, bool any)
{
    uint32_t need = language ? 2 * (uint32_t)language - 1 + any : 0;
    return ((channel == CHANNEL_SMS) * (LEVEL_MAX + 1U) + level) * NEEDS + need;
}

static uint64_t place_key(const struct contact *contact)
{
    enum band band = contact->transfer.kind ? queue_line(contact)->row.band : contact->band;
    if (contact->state == CONTACT_STATE_OFFERED)
        return (uint64_t)BAND_EMERGENCY << BAND_SHIFT | SECOND | contact->due_ms;
    return (uint64_t)band << BAND_SHIFT | contact->due_ms;
}

static void leave_lane(struct core *core, struct place *place)
{
    if (!pile_has(&place->node))
        return;
    struct pile *lane = &place->line->lanes[place->lane];
    pile_remove(lane, &place->node);
    link_leave(&place->of_line);
    if (!lane->first)
        place->line->lanes_open[place->lane / 64] &= ~(1ULL << place->lane % 64);
    core->queued--;
}

static void enter_lane(struct core *core, struct contact *contact)
{
    struct place *place = &contact->place;
    struct line *line = queue_line(contact);
    bool ringed = !line->row.emergency && !contact->transfer.kind;
    uint32_t lane = lane_number(contact->channel, ringed ? contact->level : 0, contact->language,
                                contact->any_language);
    if (pile_has(&place->node) && (place->line != line || place->lane != lane))
        leave_lane(core, place);
    core->queued += !pile_has(&place->node);
    place->line = line;
    place->lane = lane;
    line->lanes_open[lane / 64] |= 1ULL << lane % 64;
    if (!link_held(&place->of_line))
        list_append(&line->standing, &place->of_line, contact);
    pile_set(&line->lanes[lane], &place->node, place_key(contact), contact->id);
}

void queue_file(struct core *core, struct contact *contact)
{
    uint64_t tell_ms = estimate_due(core, contact);
    contact->tell_ms = tell_ms == NEVER ? 0 : tell_ms;
    contact->place.contact = contact;
    if (is_offerable(core, contact))
        enter_lane(core, contact);
    else
        leave_lane(core, &contact->place);
    deadline_set(core, &contact->deadline, contact_due(contact), contact->id);
}

void queue_refile_waits(struct core *core)
{
    for (uint32_t i = 0; i < pool_used(&core->lines); i++) {
        struct line *line = pool_at(&core->lines, i);
        for (struct contact *contact = list_first(&line->standing); contact && !line->row.emergency;
             contact = list_next(&line->standing, &contact->place.of_line))
            queue_file(core, contact);
    }
}

void queue_rebuild(struct core *core)
{
    for (uint32_t i = 0; i < pool_used(&core->lines); i++) {
        struct line *line = pool_at(&core->lines, i);
        memset(line->lanes, 0, sizeof line->lanes);
        memset(line->lanes_open, 0, sizeof line->lanes_open);
        list_init(&line->standing);
    }
    core->queued = 0;
    for (uint32_t i = 0; i < core->contacts.reached; i++) {
        struct contact *contact = pool_at(&core->contacts, i);
        if (!contact->id)
            continue;
        contact->place.node = (struct pile_node){ 0 };
        contact->place.of_line = (struct link){ 0 };
        queue_file(core, contact);
    }
}

/* ---- who is next --------------------------------------------------------------------------- */

static uint64_t accumulated(const struct place *place, uint64_t now_ms)
{
    uint64_t weight = place->line->row.weight;
    return (weight ? weight : 1) * (now_ms - place->contact->arrived_ms);
}

static bool place_before(const struct core *core, uint64_t now_ms, const struct place *a,
                         const struct place *b)
{
    uint64_t rank = a->node.key >> (BAND_SHIFT - 1);
    if (!core->weighted || rank != b->node.key >> (BAND_SHIFT - 1) || rank < 2 * BAND_URGENT)
        return pile_before(&a->node, &b->node);
    uint64_t mine = accumulated(a, now_ms);
    uint64_t theirs = accumulated(b, now_ms);
    return mine != theirs ? mine > theirs : a->node.order < b->node.order;
}

bool queue_before(const struct core *core, uint64_t now_ms, const struct contact *a,
                  const struct contact *b)
{
    return place_before(core, now_ms, &a->place, &b->place);
}

/* Whom the contacts of a lane may have. */
struct want {
    const struct line *line;
    enum channel channel;
    uint32_t level;
    bool urgent;
    bool reserved; /* the last idle takers of emergency lines are not for them */
};

/* The rows of all levels up to the one that is asked; of those in wrap-up for emergencies alone. */
static uint32_t rows_of(const struct want *want)
{
    uint32_t levels = (2U << (want->level ? want->level : LEVEL_MAX)) - 1;
    return want->urgent ? levels | levels << SEAT_WRAP_UP : levels;
}

/* Who has a phone may take a text, too. */
static const struct seat *best_seat(const struct want *want, enum language language)
{
    const struct seat *best = NULL;
    uint32_t rows = rows_of(want);
    for (enum channel channel = CHANNEL_VOICE; channel <= want->channel; channel++)
        for (uint32_t skilled = 0; skilled < 2 - (uint32_t)want->reserved; skilled++) {
            const struct seat *seat =
                rank_first(&want->line->idle[language][channel][skilled], rows);
            if (seat && (!best || seat_before(seat, best)))
                best = seat;
        }
    return best;
}

static const struct user *best_taker(const struct core *core, const struct place *place)
{
    const struct contact *contact = place->contact;
    struct want want = { .line = place->line,
                         .channel = contact->channel,
                         .level = place->lane / NEEDS % (LEVEL_MAX + 1),
                         .urgent = queue_is_urgent(contact) };
    want.reserved = !want.urgent && core->emergency_ready <= core->reserve.takers;
    const struct seat *best = best_seat(&want, contact->language);
    if (contact->language && contact->any_language) {
        const struct seat *any = best_seat(&want, LANGUAGE_NONE);
        if (!best || (best->row >= SEAT_WRAP_UP && any && any->row < SEAT_WRAP_UP))
            best = any;
    }
    return best ? best->taker : NULL;
}

bool queue_next(const struct core *core, uint64_t now_ms, const struct contact **contact,
                const struct user **taker)
{
    const struct place *first = NULL;
    for (uint32_t i = 0; core->queued && i < pool_used(&core->lines); i++) {
        const struct line *line = pool_at(&core->lines, i);
        if (!list_first(&line->standing))
            continue;
        for (uint32_t word = 0; word < LANE_WORDS; word++)
            for (uint64_t open = line->lanes_open[word]; open; open &= open - 1) {
                uint32_t lane = 64 * word + (uint32_t)__builtin_ctzll(open);
                const struct place *head = (const struct place *)line->lanes[lane].first;
                if (first && place_before(core, now_ms, first, head))
                    continue;
                const struct user *best = best_taker(core, head);
                if (!best)
                    continue;
                first = head;
                *taker = best;
            }
    }
    if (first)
        *contact = first->contact;
    return first != NULL;
}
