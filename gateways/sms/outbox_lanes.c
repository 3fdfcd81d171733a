/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which text goes out next. */
#include <string.h>

#include "base/require.h"
#include "gateways/sms/outbox_texts.h"

static uint32_t first_lane(bool urgent)
{
    return urgent ? OUTBOX_LANES : 0;
}

/* The first of all open lanes, from this one on. */
static struct heap_node *first_from(const struct outbox *outbox, uint32_t lane, uint32_t open)
{
    struct heap_node *first = heap_first(&outbox->lanes[lane]);

    for (uint32_t i = 1; i < OUTBOX_LANES; i++) {
        struct heap_node *node = open >> (i - 1) & 1 ? heap_first(&outbox->lanes[lane + i]) : NULL;

        if (node && (!first || node->key < first->key ||
                     (node->key == first->key && node->order < first->order)))
            first = node;
    }
    return first;
}

/* First come first served, and whoever is in danger before all. NULL when none is due. */
static struct heap_node *first_due(const struct outbox *outbox, uint32_t open, uint64_t now_ms)
{
    struct heap_node *node = first_from(outbox, first_lane(true), open);

    if (!node || node->key > now_ms)
        node = first_from(outbox, first_lane(false), open);
    return node && node->key <= now_ms ? node : NULL;
}

/* The first waiting part of the text at the head; NULL when none is due. */
static struct outbox_text *head(struct outbox *outbox, uint32_t open, uint64_t now_ms,
                                uint8_t *part)
{
    for (;;) {
        struct heap_node *node = first_due(outbox, open, now_ms);

        if (!node)
            return NULL;
        struct outbox_text *text = (struct outbox_text *)(void *)node;
        if (outbox_correction_takes(outbox, text))
            continue;
        *part = 0;
        while (text->parts[*part].state != PART_WAITING)
            ++*part;
        REQUIRE(*part < text->total);
        if (!outbox_doubt_ends(outbox, text, *part, now_ms) &&
            !outbox_doubt_waits(outbox, text, *part, now_ms))
            return text;
    }
}

static uint32_t validity_s(const struct outbox_text *text, uint64_t now_ms)
{
    uint64_t left_s = text->until_ms > now_ms ? (text->until_ms - now_ms) / 1000 : 0;

    if (text->until_ms == 0)
        return 0;
    return left_s > OUTBOX_VALIDITY_LEAST_S ? (uint32_t)left_s : OUTBOX_VALIDITY_LEAST_S;
}

void outbox_piece(struct outbox *outbox, const struct outbox_text *text, uint8_t part,
                  uint64_t now_ms, struct piece_out *piece)
{
    *piece = (struct piece_out){ .parcel = { text->text, part },
                                 .receipt = text->receipt,
                                 .urgent = text->urgent };
    piece->mark = outbox_mark(piece->parcel);
    piece->validity_s = validity_s(text, now_ms);
    (void)text_copy(piece->source, sizeof piece->source, text->from);
    (void)text_copy(piece->dest, sizeof piece->dest, text->number);
    parts_dress(&outbox->split, (uint8_t)(part + 1), piece);
}

bool outbox_next(struct outbox *outbox, uint32_t open, uint64_t now_ms, struct piece_out *piece)
{
    uint8_t part;
    struct outbox_text *text = head(outbox, open, now_ms, &part);

    if (!text)
        return false;
    int status = outbox_split(outbox, text->words, text->text, text->cut);
    REQUIRE(status == 0);
    outbox_piece(outbox, text, part, now_ms, piece);
    return true;
}

void outbox_park(struct outbox *outbox, struct parcel parcel, uint8_t centre)
{
    struct outbox_text *text = outbox_text_find(outbox, parcel.text);

    REQUIRE(text && centre < PIECE_CENTRES_MAX);
    text->stuck_ms = 0;
    outbox_lane_change(outbox, text, (uint8_t)(1 + centre));
}

bool outbox_is_parked(const struct outbox *outbox, bool urgent, uint8_t centre)
{
    return outbox->lanes[first_lane(urgent) + 1 + centre].count > 0;
}

void outbox_postpone(struct outbox *outbox, struct parcel parcel, uint64_t now_ms,
                     uint64_t until_ms)
{
    struct outbox_text *text = outbox_text_find(outbox, parcel.text);

    REQUIRE(text);
    if (text->stuck_ms == 0)
        text->stuck_ms = now_ms;
    outbox_schedule(outbox, text, until_ms);
}

uint64_t outbox_due(const struct outbox *outbox, bool urgent, uint32_t open)
{
    const struct heap_node *node = first_from(outbox, first_lane(urgent), open);

    return node ? node->key : UINT64_MAX;
}

bool outbox_urgent_waits(const struct outbox *outbox)
{
    bool waits = outbox->first_ask && outbox->first_ask->urgent;

    for (uint32_t lane = first_lane(true); lane < 2 * OUTBOX_LANES && !waits; lane++)
        waits = outbox->lanes[lane].count > 0;
    return waits;
}

bool outbox_urgent_is_due(const struct outbox *outbox, uint32_t open, uint64_t now_ms)
{
    return outbox_due(outbox, true, open) <= now_ms;
}

/* ------------------------------------------------------------------------------------ bundles */

/* Of a notice: nobody else ever sends it, and it is nobody's in danger. */
static bool may_be_bundled(const struct outbox_text *text)
{
    return !text->fenced && !text->urgent && !text->single && !text->recalled && text->total == 1 &&
           !text->correction && text->receipt && text->parts[0].state == PART_WAITING &&
           !text->parts[0].doubtful;
}

static bool is_alike(const struct outbox_text *text, const struct outbox_text *first)
{
    return may_be_bundled(text) && text->cut == first->cut && text->until_ms == first->until_ms &&
           strcmp(text->from, first->from) == 0 && strcmp(text->words, first->words) == 0;
}

static void gather_lane(const struct heap *lane, const struct outbox_text *first, uint32_t most,
                        uint64_t now_ms, struct bundle *bundle)
{
    for (uint32_t i = 0; i < lane->count && bundle->count < most; i++) {
        const struct outbox_text *text = (const struct outbox_text *)(void *)lane->places[i].node;

        if (text != first && text->node.key <= now_ms && is_alike(text, first))
            bundle_add(bundle, (struct parcel){ text->text, 0 }, text->number);
    }
}

void outbox_gather(const struct outbox *outbox, struct parcel first, uint8_t centre, uint32_t most,
                   uint64_t now_ms, struct bundle *bundle)
{
    const struct outbox_text *text = outbox_text_find(outbox, first.text);

    REQUIRE(text && most <= BUNDLE_MAX);
    if (most < 2 || !may_be_bundled(text))
        return;
    bundle_add(bundle, first, text->number);
    gather_lane(&outbox->lanes[first_lane(false)], text, most, now_ms, bundle);
    gather_lane(&outbox->lanes[first_lane(false) + 1 + centre], text, most, now_ms, bundle);
    if (bundle->count == 1)
        bundle->count = 0;
}
