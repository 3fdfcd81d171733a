/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"
#include "gateways/sms/outbox_texts.h"

static void part_prove(struct outbox *outbox, struct parcel parcel, const char *message_id,
                       uint64_t now_ms)
{
    struct piece_answer answer = { .parcel = parcel,
                                   .verdict = PIECE_TAKEN,
                                   .centre = PIECE_CENTRES_MAX };

    (void)text_copy(answer.message_id, sizeof answer.message_id, message_id);
    outbox->counts.cleared_up++;
    outbox_note_answer(outbox, &answer, now_ms);
}

/* The attempt that the receipt names, by an id that is ours or by mark and number, of a part that is still
 * unknown; NULL: it names none. */
static struct doubt_attempt *attempt_named(struct outbox *outbox, const struct receipt *receipt)
{
    uint64_t to = doubts_number(receipt->number);
    uint64_t id = doubts_id(receipt->message_id);

    for (uint32_t i = 0; i < DOUBTS_ATTEMPTS_MAX && i < outbox->doubts.attempts_next; i++) {
        struct doubt_attempt *attempt = &outbox->doubts.attempts[i];
        bool by_mark = receipt->mark != 0 && attempt->parcel.text != 0 && attempt->to == to &&
                       outbox_mark(attempt->parcel) == receipt->mark;

        if (!by_mark && attempt->own_id != id)
            continue;
        const struct outbox_part *part = outbox_part_find(outbox, attempt->parcel);
        if (part && part->doubtful && part->state <= PART_SENDING)
            return attempt;
    }
    return NULL;
}

void outbox_doubt_clear_up(struct outbox *outbox, const struct receipt *receipt, uint64_t now_ms)
{
    struct doubt_attempt *attempt = attempt_named(outbox, receipt);

    if (!attempt)
        return;
    struct parcel parcel = attempt->parcel;
    if (attempt->own_id == 0) /* else its receipt is known by its id for ever */
        *attempt = (struct doubt_attempt){ 0 };
    part_prove(outbox, parcel, receipt->message_id, now_ms);
}

/* When all that came to the number so far cannot belong to an answer on its way any more; 0: nothing came. */
static uint64_t receipts_settled_ms(const struct outbox *outbox, const struct outbox_text *text)
{
    uint64_t came_ms =
        outbox->shares_account ? 0 : doubts_youngest(&outbox->doubts, doubts_number(text->number));

    return came_ms ? came_ms + OUTBOX_DOUBT_MS : 0;
}

bool outbox_doubt_waits(struct outbox *outbox, struct outbox_text *text, uint8_t part,
                        uint64_t now_ms)
{
    if (!text->parts[part].doubtful || text->doubtful || text->urgent || !text->receipt)
        return false;
    if (text->doubt_until_ms == 0)
        text->doubt_until_ms = now_ms + OUTBOX_DOUBT_MS;
    uint64_t until_ms = text->doubt_until_ms;
    if (until_ms <= now_ms && now_ms < until_ms + OUTBOX_DOUBT_MS)
        until_ms = receipts_settled_ms(outbox, text);
    if (until_ms <= now_ms)
        return false;
    outbox_schedule(outbox, text, until_ms);
    return true;
}

/* Should the ring have forgotten one of them, a receipt may be that one's. */
static bool attempts_are_held(const struct outbox *outbox, const struct outbox_text *text)
{
    for (uint8_t i = 0; i < text->total; i++)
        if (text->parts[i].doubtful && text->parts[i].state == PART_WAITING &&
            !doubts_attempt_is_held(&outbox->doubts, (struct parcel){ text->text, i }))
            return false;
    return true;
}

/* A receipt may overtake the loss of the line, as it may overtake the answer. */
static bool is_named_already(struct outbox *outbox, const struct outbox_part *part, uint64_t now_ms)
{
    const struct receipt *receipt = doubts_receipt(&outbox->doubts, part->own_id);

    if (receipt) {
        struct receipt copy = *receipt;
        outbox_doubt_clear_up(outbox, &copy, now_ms);
    }
    return part->state >= PART_TAKEN;
}

bool outbox_doubt_ends(struct outbox *outbox, const struct outbox_text *text, uint8_t part,
                       uint64_t now_ms)
{
    struct doubt_proof proofs[DOUBTS_PROVED_MAX];
    bool is_doubtful = text->parts[part].doubtful;

    if (is_doubtful && is_named_already(outbox, &text->parts[part], now_ms))
        return true;
    bool has_waited = is_doubtful && text->doubt_until_ms != 0 && text->doubt_until_ms <= now_ms;
    if (!has_waited || outbox->shares_account || receipts_settled_ms(outbox, text) > now_ms ||
        !attempts_are_held(outbox, text))
        return false;
    uint32_t count = doubts_prove(&outbox->doubts, doubts_number(text->number), proofs);
    for (uint32_t i = 0; i < count; i++)
        part_prove(outbox, proofs[i].parcel, proofs[i].message_id, now_ms);
    return count > 0;
}
