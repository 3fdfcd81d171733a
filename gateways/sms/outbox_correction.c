/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Other words for texts that were ordered already. SMPP's replace_sm keeps the message id, so no receipt tells old words
 * from new ones: the centre's answer does. Where none comes the same words are sent again, which does no harm; a receipt
 * that comes meanwhile leaves open which words the telephone has, and that is what is said. */
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "base/utf8.h"
#include "gateways/sms/outbox_texts.h"

enum {
    AGAIN_MS = 5000 /* no answer came, or the centre is away or busy */
};

bool outbox_text_is_out(const struct outbox_text *text)
{
    bool is_out = false;

    for (uint8_t i = 0; i < text->total; i++)
        is_out |= text->parts[i].state != PART_WAITING || text->parts[i].doubtful;
    return is_out;
}

/* ---- the queue ------------------------------------------------------------------------------------ */

static void unqueue(struct outbox *outbox, struct outbox_correction *correction)
{
    if (correction->state != CORRECTION_WANTED)
        return;
    *(correction->before ? &correction->before->behind : &outbox->first_correction) =
        correction->behind;
    *(correction->behind ? &correction->behind->before : &outbox->last_correction) =
        correction->before;
    correction->before = correction->behind = NULL;
}

static void state_set(struct outbox *outbox, struct outbox_correction *correction,
                      enum correction_state state)
{
    unqueue(outbox, correction);
    correction->state = (uint8_t)state;
    if (state != CORRECTION_WANTED)
        return;
    correction->before = outbox->last_correction;
    *(outbox->last_correction ? &outbox->last_correction->behind : &outbox->first_correction) =
        correction;
    outbox->last_correction = correction;
}

void outbox_correction_drop(struct outbox *outbox, struct outbox_text *text)
{
    if (!text->correction)
        return;
    unqueue(outbox, text->correction);
    free(text->correction);
    text->correction = NULL;
}

/* ---- what happened -------------------------------------------------------------------------------- */

/* As if it had been ordered with these words, in its place. */
static void text_reorder(struct outbox *outbox, struct outbox_text *text, uint32_t edition,
                         uint8_t cut, const char *words)
{
    struct order_text order = { .text = text->text,
                                .receipt = text->receipt,
                                .fenced = text->fenced,
                                .urgent = text->urgent,
                                .until_ms = text->until_ms,
                                .edition = edition };
    uint64_t ordered_ms = text->ordered_ms, place = text->order;
    uint8_t kept[OUTBOX_KEPT_BYTES], leave = text->leave;
    bool single = text->single;

    (void)text_copy(order.from, sizeof order.from, text->from);
    (void)text_copy(order.number, sizeof order.number, text->number);
    (void)text_copy(order.words, sizeof order.words, words);
    memcpy(kept, text->kept, sizeof kept);
    outbox_text_remove(outbox, text);
    int status = outbox_apply_text(outbox, &order, cut, ordered_ms);
    REQUIRE(status == 0); /* it was split before */
    text = outbox_text_find(outbox, order.text);
    text->order = place;
    text->single = single;
    memcpy(text->kept, kept, sizeof kept);
    if (leave == LEAVE_GIVEN && text->leave != LEAVE_GIVEN)
        outbox_leave(outbox, order.text, true, ordered_ms);
    else
        outbox_schedule(outbox, text, ordered_ms);
}

void outbox_apply_correction(struct outbox *outbox, uint64_t id, uint32_t edition, uint8_t cut,
                             const char *words)
{
    struct outbox_text *text = outbox_text_find(outbox, id);
    const struct outbox_correction *old = text ? text->correction : NULL;
    size_t size = strlen(words) + 1;

    if (!text || text->reached >= TEXT_STATE_DELIVERED || text->recalled ||
        edition <= text->edition)
        return;
    if (!outbox_text_is_out(text)) {
        text_reorder(outbox, text, edition, cut, words);
        return;
    }
    if (old && edition <= old->edition)
        return;
    if (old && old->state == CORRECTION_DONE)
        text->edition = old->edition;
    text->unsure |= old && (old->doubtful || old->state == CORRECTION_OUT);
    outbox_correction_drop(outbox, text);
    struct outbox_correction *correction = calloc(1, sizeof *correction + size);
    REQUIRE(correction);
    correction->text = text;
    correction->edition = edition;
    correction->cut = cut;
    memcpy(correction->words, words, size);
    text->correction = correction;
    outbox_correction_ready(outbox, text);
}

void outbox_correction_ready(struct outbox *outbox, struct outbox_text *text)
{
    if (text->correction && text->correction->state == CORRECTION_WAITS && text->total == 1 &&
        text->parts[0].state == PART_TAKEN)
        state_set(outbox, text->correction, CORRECTION_WANTED);
}

void outbox_apply_correcting(struct outbox *outbox, uint64_t id)
{
    struct outbox_text *text = outbox_text_find(outbox, id);

    if (text && text->correction)
        state_set(outbox, text->correction, CORRECTION_OUT);
}

void outbox_apply_corrected(struct outbox *outbox, uint64_t id, enum piece_verdict verdict,
                            uint64_t now_ms)
{
    static const enum correction_state states[PIECE_VERDICT_COUNT] = {
        [PIECE_NONE] = CORRECTION_WANTED,       [PIECE_TAKEN] = CORRECTION_DONE,
        [PIECE_LATER] = CORRECTION_WANTED,      [PIECE_FULL] = CORRECTION_WANTED,
        [PIECE_NO_NUMBER] = CORRECTION_REFUSED, [PIECE_REFUSED] = CORRECTION_REFUSED,
        [PIECE_ELSEWHERE] = CORRECTION_REFUSED,
    };
    struct outbox_text *text = outbox_text_find(outbox, id);

    if (!text || !text->correction || text->reached >= TEXT_STATE_DELIVERED ||
        verdict >= PIECE_VERDICT_COUNT)
        return;
    text->correction->doubtful |= verdict == PIECE_NONE;
    text->correction->due_ms = now_ms + AGAIN_MS;
    state_set(outbox, text->correction, states[verdict]);
}

void outbox_correction_lost(struct outbox *outbox, struct outbox_text *text)
{
    if (text->correction && text->correction->state == CORRECTION_OUT)
        outbox_apply_corrected(outbox, text->text, PIECE_NONE, 0);
}

/* Several numbers had one id: one of them may have been delivered before the centre replaced the words of all. */
uint32_t outbox_edition_of(const struct outbox_text *text)
{
    const struct outbox_correction *correction = text->correction;

    if (correction && correction->state == CORRECTION_DONE)
        return text->parts[0].bundled ? 0 : correction->edition;
    if (text->unsure ||
        (correction && (correction->doubtful || correction->state == CORRECTION_OUT)))
        return 0;
    return text->edition;
}

/* ---- what is noted ---------------------------------------------------------------------------------- */

static void record(struct outbox *outbox, struct ledger *ledger, uint64_t id, uint32_t edition,
                   uint8_t cut, const char *words)
{
    entry_begin(&outbox->entry, RECORD_CORRECTION);
    entry_put(&outbox->entry, id);
    entry_put(&outbox->entry, edition);
    entry_put(&outbox->entry, cut);
    entry_put_words(&outbox->entry, words);
    ledger_add(ledger, &outbox->entry);
}

void outbox_replay_correction(struct outbox *outbox, struct entry *entry)
{
    static char words[sizeof((struct order_text *)0)->words];
    uint64_t id = entry_get(entry);
    uint32_t edition = (uint32_t)entry_get(entry);
    uint8_t cut = (uint8_t)entry_get(entry);

    entry_get_words(entry, words, sizeof words);
    if (!entry->broken)
        outbox_apply_correction(outbox, id, edition, cut, words);
}

static void record_state(struct outbox *outbox, struct ledger *ledger, uint8_t kind, uint64_t id,
                         enum piece_verdict verdict, uint64_t now_ms)
{
    entry_begin(&outbox->entry, kind);
    entry_put(&outbox->entry, id);
    entry_put(&outbox->entry, verdict);
    entry_put(&outbox->entry, now_ms);
    ledger_add(ledger, &outbox->entry);
}

void outbox_correct(struct outbox *outbox, const struct order_correct *order, uint64_t now_ms)
{
    (void)now_ms;
    if (!utf8_is_text(order->words, strlen(order->words)))
        return;
    uint8_t cut = outbox_cut(outbox, order->words);
    if (outbox_split(outbox, order->words, order->text, cut) != 0)
        return; /* too long to be sent: what was ordered stays */
    for (uint32_t i = 0; i < order->count; i++) {
        if (!outbox_text_find(outbox, order->text + i))
            continue;
        record(outbox, outbox->ledger, order->text + i, order->edition, cut, order->words);
        outbox_apply_correction(outbox, order->text + i, order->edition, cut, order->words);
    }
}

bool outbox_correction_takes(struct outbox *outbox, const struct outbox_text *text)
{
    const struct outbox_correction *correction = text->correction;

    if (!correction || outbox_text_is_out(text))
        return false;
    struct outbox_correction *held = text->correction;
    uint64_t id = text->text;
    size_t size = sizeof *held + strlen(held->words) + 1;
    struct outbox_correction *copy = malloc(size);
    REQUIRE(copy);
    memcpy(copy, held, size);
    record(outbox, outbox->ledger, id, copy->edition, copy->cut, copy->words);
    outbox_apply_correction(outbox, id, copy->edition, copy->cut, copy->words);
    free(copy);
    return true;
}

/* A single piece without header, in the letters that the centre was told of the first words. */
static bool piece_of(struct outbox *outbox, const struct outbox_text *text, uint64_t now_ms,
                     struct piece_out *piece)
{
    enum letters letters;

    if (outbox_split(outbox, text->words, text->text, text->cut) != 0)
        return false;
    letters = outbox->split.letters;
    if (outbox_split(outbox, text->correction->words, text->text, text->correction->cut) != 0 ||
        outbox->split.total != 1 || outbox->split.letters != letters)
        return false;
    outbox_piece(outbox, text, 0, now_ms, piece);
    return !piece->has_header;
}

bool outbox_next_correction(struct outbox *outbox, uint64_t now_ms, struct outbox_correcting *next)
{
    struct outbox_correction *correction;

    while ((correction = outbox->first_correction) != NULL && correction->due_ms <= now_ms) {
        const struct outbox_text *text = correction->text;

        if (text->reached == TEXT_STATE_SENT && !text->recalled &&
            piece_of(outbox, text, now_ms, &next->piece)) {
            next->centre = text->parts[0].centre;
            next->message_id = text->parts[0].message_id;
            return true;
        }
        outbox_note_corrected(outbox, (struct parcel){ text->text, 0 }, PIECE_REFUSED, now_ms);
        if (outbox->first_correction == correction) /* it is over already */
            state_set(outbox, correction, CORRECTION_REFUSED);
    }
    return false;
}

uint64_t outbox_correction_due(const struct outbox *outbox)
{
    return outbox->first_correction ? outbox->first_correction->due_ms : UINT64_MAX;
}

void outbox_note_correcting(struct outbox *outbox, struct parcel parcel)
{
    record_state(outbox, outbox->ledger, RECORD_CORRECTING, parcel.text, PIECE_NONE, 0);
    outbox_apply_correcting(outbox, parcel.text);
}

void outbox_note_corrected(struct outbox *outbox, struct parcel parcel, enum piece_verdict verdict,
                           uint64_t now_ms)
{
    const struct outbox_text *text = outbox_text_find(outbox, parcel.text);
    bool was_put = text && text->correction && text->correction->state == CORRECTION_OUT;

    if (was_put || verdict == PIECE_REFUSED) /* else the file says so already */
        record_state(outbox, outbox->ledger, RECORD_CORRECTED, parcel.text, verdict, now_ms);
    outbox_apply_corrected(outbox, parcel.text, verdict, now_ms);
}

void outbox_correction_emit(struct outbox *outbox, struct ledger *ledger,
                            const struct outbox_text *text)
{
    const struct outbox_correction *correction = text->correction;

    if (!correction)
        return;
    record(outbox, ledger, text->text, correction->edition, correction->cut, correction->words);
    if (correction->doubtful || correction->state == CORRECTION_OUT)
        record_state(outbox, ledger, RECORD_CORRECTING, text->text, PIECE_NONE, 0);
    if (correction->doubtful)
        record_state(outbox, ledger, RECORD_CORRECTED, text->text, PIECE_NONE, 0);
    if (correction->doubtful && correction->state == CORRECTION_OUT)
        record_state(outbox, ledger, RECORD_CORRECTING, text->text, PIECE_NONE, 0);
    if (correction->state == CORRECTION_DONE || correction->state == CORRECTION_REFUSED)
        record_state(outbox, ledger, RECORD_CORRECTED, text->text,
                     correction->state == CORRECTION_DONE ? PIECE_TAKEN : PIECE_REFUSED, 0);
}
