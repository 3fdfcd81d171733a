/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "base/utf8.h"
#include "gateways/sms/outbox_texts.h"
#include "gateways/sms/smpp_pdu.h"

/* The file's records; numbers are for ever. */
enum outbox_record {
    RECORD_TEXT = 1,
    RECORD_SENDING = 2,
    RECORD_ANSWER = 3,
    RECORD_RECEIPT = 4,
    RECORD_REPORTED = 5,
    RECORD_FINISHED = 6, /* only in a rewritten file: the id of a text that is over */
    RECORD_GIVEN_UP = 7,
    RECORD_FORGOTTEN = 8,
    RECORD_DROPPED = 9,
    RECORD_RECALLED = 10,
    RECORD_OWN_ID = 11, /* of the sending before it */
    RECORD_KEPT = 12,   /* of its PDUs so far */
    RECORD_BUNDLED = 13 /* before the sending it is about */
};

/* A text's flags in its record; the first was alone once. */
enum {
    FLAG_RECEIPT = 1,
    FLAG_FENCED = 2,
    FLAG_DOUBTFUL = 4,
    FLAG_URGENT = 8,
    FLAG_WIDE = 16,
    FLAG_ROOMY = 32,
    FLAG_NATIONAL = 64, /* and 128 */
    FLAG_LOCKING = 256,
    FLAG_UNSHIFTED = 512,
    FLAG_UNSURE = 1024
};

/* ----------------------------------------------------------------------------------- records */

static void record_text(struct entry *entry, const struct outbox_text *text)
{
    entry_begin(entry, RECORD_TEXT);
    entry_put(entry, text->text);
    entry_put(entry, text->ordered_ms);
    entry_put(entry, (text->receipt ? FLAG_RECEIPT : 0U) | (text->fenced ? FLAG_FENCED : 0U) |
                         (text->doubtful ? FLAG_DOUBTFUL : 0U) | (text->urgent ? FLAG_URGENT : 0U) |
                         (text->cut & CUT_WIDE ? FLAG_WIDE : 0U) |
                         (text->cut & CUT_ROOMY ? FLAG_ROOMY : 0U) |
                         (text->cut & CUT_LOCKING ? FLAG_LOCKING : 0U) |
                         (text->cut & CUT_UNSHIFTED ? FLAG_UNSHIFTED : 0U) |
                         (text->unsure ? FLAG_UNSURE : 0U) |
                         ((unsigned)text->cut / CUT_NATIONAL & CUT_TABLES) * FLAG_NATIONAL);
    entry_put_words(entry, text->from);
    entry_put_words(entry, text->number);
    entry_put_words(entry, text->words);
    if (text->until_ms != 0 || text->edition > 1)
        entry_put(entry, text->until_ms);
    if (text->edition > 1)
        entry_put(entry, text->edition);
}

static void record_parcel(struct entry *entry, enum outbox_record kind, struct parcel parcel)
{
    entry_begin(entry, (uint8_t)kind);
    entry_put(entry, parcel.text);
    entry_put(entry, parcel.part);
}

static void record_sending(struct entry *entry, struct parcel parcel, uint64_t now_ms)
{
    record_parcel(entry, RECORD_SENDING, parcel);
    entry_put(entry, now_ms);
}

static void record_answer(struct entry *entry, const struct piece_answer *answer, uint64_t now_ms)
{
    record_parcel(entry, RECORD_ANSWER, answer->parcel);
    entry_put(entry, answer->status);
    entry_put_words(entry, answer->message_id);
    entry_put(entry, now_ms);
    entry_put(entry, answer->verdict);
    entry_put(entry, answer->centre);
}

static void record_receipt(struct entry *entry, const struct receipt *receipt, uint64_t now_ms)
{
    entry_begin(entry, RECORD_RECEIPT);
    entry_put(entry, receipt->state);
    entry_put(entry, receipt->error);
    entry_put_words(entry, receipt->message_id);
    entry_put_words(entry, receipt->mark ? "" : receipt->number); /* a bundle's have no mark */
    entry_put(entry, now_ms);
}

static void record_kept(struct entry *entry, uint64_t text, const uint8_t digest[OUTBOX_KEPT_BYTES])
{
    entry_begin(entry, RECORD_KEPT);
    entry_put(entry, text);
    entry_put_octets(entry, digest, OUTBOX_KEPT_BYTES);
}

static void record_pair(struct entry *entry, enum outbox_record kind, uint64_t text, uint64_t value)
{
    entry_begin(entry, (uint8_t)kind);
    entry_put(entry, text);
    entry_put(entry, value);
}

static void replay_text(struct outbox *outbox, struct entry *entry)
{
    struct order_text order = { .text = entry_get(entry) };
    uint64_t ordered_ms = entry_get(entry);

    uint64_t flags = entry_get(entry);

    order.receipt = (flags & FLAG_RECEIPT) != 0;
    order.fenced = (flags & FLAG_FENCED) != 0;
    order.doubtful = (flags & FLAG_DOUBTFUL) != 0;
    order.urgent = (flags & FLAG_URGENT) != 0;
    entry_get_words(entry, order.from, sizeof order.from);
    entry_get_words(entry, order.number, sizeof order.number);
    entry_get_words(entry, order.words, sizeof order.words);
    if (entry->at < entry->size)
        order.until_ms = entry_get(entry);
    if (entry->at < entry->size)
        order.edition = (uint32_t)entry_get(entry);
    unsigned cut = (flags & FLAG_WIDE ? CUT_WIDE : 0U) | (flags & FLAG_ROOMY ? CUT_ROOMY : 0U) |
                   (flags & FLAG_LOCKING ? CUT_LOCKING : 0U) |
                   (flags & FLAG_UNSHIFTED ? CUT_UNSHIFTED : 0U) |
                   (unsigned)(flags / FLAG_NATIONAL & CUT_TABLES) * CUT_NATIONAL;
    if (entry->broken || outbox_apply_text(outbox, &order, (uint8_t)cut, ordered_ms) != 0)
        return;
    outbox->counts.ordered++;
    outbox_text_find(outbox, order.text)->unsure = (flags & FLAG_UNSURE) != 0;
}

/* Files of before there were other protocols know SMPP's status alone. */
static enum piece_verdict verdict_of_smpp(uint32_t status)
{
    if (status == SMPP_ROK)
        return PIECE_TAKEN;
    return status == SMPP_RTHROTTLED || status == SMPP_RMSGQFUL || status == SMPP_RSYSERR ||
                   status == SMPP_RX_T_APPN
               ? PIECE_LATER
               : PIECE_REFUSED;
}

static void replay_answer(struct outbox *outbox, struct entry *entry)
{
    struct piece_answer answer = { .parcel.text = entry_get(entry) };

    answer.parcel.part = (uint32_t)entry_get(entry);
    answer.status = (uint32_t)entry_get(entry);
    entry_get_words(entry, answer.message_id, sizeof answer.message_id);
    uint64_t now_ms = entry_get(entry);
    answer.verdict = verdict_of_smpp(answer.status);
    answer.centre = PIECE_CENTRES_MAX;
    if (entry->at < entry->size) {
        answer.verdict = (enum piece_verdict)entry_get(entry);
        answer.centre = (uint8_t)entry_get(entry);
    }
    outbox_apply_answer(outbox, &answer, now_ms);
}

static void replay_receipt(struct outbox *outbox, struct entry *entry)
{
    struct receipt receipt = { .state = (enum receipt_state)entry_get(entry) };

    receipt.error = (uint32_t)entry_get(entry);
    entry_get_words(entry, receipt.message_id, sizeof receipt.message_id);
    uint64_t now_ms = 0; /* older files do not say */
    if (entry->at < entry->size) {
        entry_get_words(entry, receipt.number, sizeof receipt.number);
        now_ms = entry_get(entry);
    }
    outbox_apply_receipt(outbox, &receipt, now_ms);
}

static void replay_sending(struct outbox *outbox, struct entry *entry, struct parcel parcel)
{
    struct outbox_part *part = outbox_part_find(outbox, parcel);
    uint64_t now_ms = entry->at < entry->size ? entry_get(entry) : 0;

    if (part)
        outbox_apply_sending(outbox, part, now_ms);
}

static void replay_own_id(struct outbox *outbox, struct entry *entry, struct parcel parcel)
{
    struct outbox_part *part = outbox_part_find(outbox, parcel);

    if (part)
        part->own_id = entry_get(entry);
}

static void replay_bundled(struct outbox *outbox, struct parcel parcel)
{
    struct outbox_part *part = outbox_part_find(outbox, parcel);

    if (part)
        outbox_apply_bundled(part);
}

static void replay_kept(struct outbox *outbox, struct entry *entry)
{
    uint8_t digest[OUTBOX_KEPT_BYTES];
    struct outbox_text *text = outbox_text_find(outbox, entry_get(entry));

    if (text && entry_get_octets(entry, digest, sizeof digest) == sizeof digest)
        memcpy(text->kept, digest, sizeof digest);
}

static void replay_record(void *owner, struct entry *entry)
{
    struct outbox *outbox = owner;
    struct parcel parcel;

    switch (entry->kind) {
    case RECORD_TEXT:
        replay_text(outbox, entry);
        return;
    case RECORD_ANSWER:
        replay_answer(outbox, entry);
        return;
    case RECORD_RECEIPT:
        replay_receipt(outbox, entry);
        return;
    case RECORD_KEPT:
        replay_kept(outbox, entry);
        return;
    case RECORD_CORRECTION:
        outbox_replay_correction(outbox, entry);
        return;
    }
    parcel.text = entry_get(entry);
    parcel.part = (uint32_t)entry_get(entry);
    switch (entry->kind) {
    case RECORD_SENDING:
        replay_sending(outbox, entry, parcel);
        return;
    case RECORD_OWN_ID:
        replay_own_id(outbox, entry, parcel);
        return;
    case RECORD_CORRECTING:
        outbox_apply_correcting(outbox, parcel.text);
        return;
    case RECORD_CORRECTED:
        outbox_apply_corrected(outbox, parcel.text, (enum piece_verdict)parcel.part,
                               entry_get(entry));
        return;
    case RECORD_BUNDLED:
        replay_bundled(outbox, parcel);
        return;
    case RECORD_REPORTED:
        outbox_apply_reported(outbox, parcel.text, (enum text_state)parcel.part);
        return;
    case RECORD_GIVEN_UP:
        outbox_apply_given_up(outbox, parcel.text, parcel.part);
        return;
    case RECORD_FORGOTTEN:
        outbox_apply_forgotten(outbox, parcel.text);
        return;
    case RECORD_DROPPED:
        outbox_apply_dropped(outbox, parcel.text);
        return;
    case RECORD_RECALLED:
        outbox_apply_recalled(outbox, parcel.text);
        return;
    case RECORD_FINISHED:
        outbox->finished[outbox->finished_next++ % OUTBOX_FINISHED_MAX] = parcel.text;
        return;
    }
}

/* ---------------------------------------------------------------------------------- the owner */

int outbox_open(struct outbox **outbox, const char *path)
{
    struct outbox *fresh = calloc(1, sizeof *fresh);

    if (!fresh)
        return -ENOMEM;
    for (uint32_t i = 0; i < 2 * OUTBOX_LANES; i++)
        heap_init(&fresh->lanes[i], fresh->places[i], OUTBOX_TEXTS_MAX + OUTBOX_REFUSED_MAX);
    int status = ledger_open(&fresh->ledger, path, replay_record, fresh);
    if (status != 0) {
        outbox_close(fresh);
        return status;
    }
    for (uint32_t i = 0; i < OUTBOX_BUCKETS; i++)
        for (struct outbox_text *text = fresh->texts[i]; text; text = text->next) {
            outbox_correction_lost(fresh, text);
            for (uint8_t part = 0; part < text->total; part++)
                if (text->parts[part].state == PART_SENDING)
                    outbox_apply_unknown(fresh, &text->parts[part]);
        }
    *outbox = fresh;
    return 0;
}

void outbox_close(struct outbox *outbox)
{
    if (!outbox)
        return;
    for (uint32_t i = 0; i < OUTBOX_BUCKETS; i++) {
        while (outbox->texts[i]) {
            struct outbox_text *text = outbox->texts[i];

            outbox->texts[i] = text->next;
            outbox_text_free(text);
        }
    }
    ledger_close(outbox->ledger);
    free(outbox);
}

void outbox_share_account(struct outbox *outbox)
{
    outbox->shares_account = true;
}

int outbox_put(struct outbox *outbox, const struct order_text *order, uint64_t now_ms)
{
    const char *digits = order->number[0] == '+' ? order->number + 1 : order->number;
    size_t length = strlen(digits);

    if (length == 0 || length >= PIECE_ADDRESS_BYTES ||
        strlen(order->from) >= PIECE_ADDRESS_BYTES ||
        !utf8_is_text(order->words, strlen(order->words)))
        return -EINVAL;
    uint8_t cut = outbox_cut(outbox, order->words);
    int status = outbox->counts.held >= OUTBOX_TEXTS_MAX && !outbox_text_find(outbox, order->text)
                     ? -ENOBUFS
                     : outbox_apply_text(outbox, order, cut, now_ms);
    outbox->counts.repeated += status == -EEXIST;
    if (status != 0)
        return status;
    outbox->counts.ordered++;
    record_text(&outbox->entry, outbox_text_find(outbox, order->text));
    ledger_add(outbox->ledger, &outbox->entry);
    return 0;
}

void outbox_refuse(struct outbox *outbox, const struct order_text *order, uint32_t cause,
                   uint64_t now_ms)
{
    struct order_text bare = { .text = order->text };

    if (outbox_apply_text(outbox, &bare, 0, now_ms) != 0)
        return;
    record_text(&outbox->entry, outbox_text_find(outbox, order->text));
    ledger_add(outbox->ledger, &outbox->entry);
    record_pair(&outbox->entry, RECORD_GIVEN_UP, order->text, cause);
    ledger_add(outbox->ledger, &outbox->entry);
    outbox_apply_given_up(outbox, order->text, cause);
}

/* Texts with leave and something to send. */
static uint32_t ready_count(const struct outbox *outbox)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < 2 * OUTBOX_LANES; i++)
        count += outbox->lanes[i].count;
    return count;
}

uint32_t outbox_next_asks(struct outbox *outbox, uint64_t texts[OUTBOX_ASKS_MAX])
{
    uint32_t count = 0;

    if (ready_count(outbox) >= OUTBOX_READY_MAX && outbox->first_ask && !outbox->first_ask->urgent)
        return 0; /* should the centres be lost now, a twin could still send the rest */
    while (outbox->first_ask && count < OUTBOX_ASKS_MAX) {
        struct outbox_text *text = outbox->first_ask;

        if (text->alone && count > 0)
            break;
        outbox->first_ask = text->next_ask;
        if (!outbox->first_ask)
            outbox->last_ask = NULL;
        text->in_asks = false;
        text->leave = LEAVE_ASKED;
        texts[count++] = text->text;
        if (text->alone)
            break;
    }
    return count;
}

void outbox_ask_again(struct outbox *outbox, uint64_t id, bool alone)
{
    struct outbox_text *text = outbox_text_find(outbox, id);

    if (!text || text->leave != LEAVE_ASKED)
        return;
    text->alone = alone;
    outbox_ask_queue(outbox, text);
}

void outbox_leave(struct outbox *outbox, uint64_t id, bool given, uint64_t now_ms)
{
    struct outbox_text *text = outbox_text_find(outbox, id);

    if (!text || text->leave == LEAVE_GIVEN)
        return;
    if (given) {
        text->leave = LEAVE_GIVEN;
        outbox->counts.fenced--;
        outbox_schedule(outbox, text, now_ms);
        return;
    }
    record_pair(&outbox->entry, RECORD_DROPPED, id, 0);
    ledger_add(outbox->ledger, &outbox->entry);
    outbox_apply_dropped(outbox, id);
}

void outbox_note_sending(struct outbox *outbox, struct parcel parcel, uint64_t now_ms)
{
    struct outbox_part *part = outbox_part_find(outbox, parcel);

    REQUIRE(part && part->state == PART_WAITING);
    outbox->counts.possible_duplicates += part->doubtful;
    outbox_apply_sending(outbox, part, now_ms);
    record_sending(&outbox->entry, parcel, now_ms);
    ledger_add(outbox->ledger, &outbox->entry);
}

void outbox_note_bundle(struct outbox *outbox, const struct bundle *bundle, uint64_t now_ms)
{
    for (uint32_t i = 0; i < bundle->count; i++) {
        struct outbox_part *part = outbox_part_find(outbox, bundle->parcels[i]);

        REQUIRE(part);
        if (!part->bundled) {
            record_parcel(&outbox->entry, RECORD_BUNDLED, bundle->parcels[i]);
            ledger_add(outbox->ledger, &outbox->entry);
            outbox_apply_bundled(part);
        }
        outbox_note_sending(outbox, bundle->parcels[i], now_ms);
    }
}

static void record_own_id(struct entry *entry, struct parcel parcel, uint64_t own_id)
{
    record_parcel(entry, RECORD_OWN_ID, parcel);
    entry_put(entry, own_id);
}

void outbox_note_own_id(struct outbox *outbox, struct parcel parcel, const char *id)
{
    struct outbox_part *part = outbox_part_find(outbox, parcel);

    REQUIRE(part && part->state == PART_SENDING);
    part->own_id = doubts_id(id);
    record_own_id(&outbox->entry, parcel, part->own_id);
    ledger_add(outbox->ledger, &outbox->entry);
}

void outbox_note_answer(struct outbox *outbox, const struct piece_answer *answer, uint64_t now_ms)
{
    record_answer(&outbox->entry, answer, now_ms);
    ledger_add(outbox->ledger, &outbox->entry);
    outbox_apply_answer(outbox, answer, now_ms);
}

void outbox_note_unknown(struct outbox *outbox, struct parcel parcel)
{
    struct outbox_part *part = outbox_part_find(outbox, parcel);

    if (part)
        outbox_apply_unknown(outbox, part);
}

void outbox_note_receipt(struct outbox *outbox, const struct receipt *receipt, uint64_t now_ms)
{
    outbox_doubt_clear_up(outbox, receipt, now_ms);
    if (receipt->state == RECEIPT_UNDER_WAY)
        return;
    record_receipt(&outbox->entry, receipt, now_ms);
    ledger_add(outbox->ledger, &outbox->entry);
    outbox_apply_receipt(outbox, receipt, now_ms);
}

bool outbox_kept(const struct outbox *outbox, uint64_t text, uint8_t digest[OUTBOX_KEPT_BYTES])
{
    const struct outbox_text *held = outbox_text_find(outbox, text);

    if (held)
        memcpy(digest, held->kept, sizeof held->kept);
    return held != NULL;
}

void outbox_note_kept(struct outbox *outbox, uint64_t text, const uint8_t digest[OUTBOX_KEPT_BYTES])
{
    struct outbox_text *held = outbox_text_find(outbox, text);

    REQUIRE(held);
    memcpy(held->kept, digest, sizeof held->kept);
    record_kept(&outbox->entry, text, digest);
    ledger_add(outbox->ledger, &outbox->entry);
}

bool outbox_next_report(const struct outbox *outbox, struct outbox_report *report)
{
    const struct outbox_text *text = outbox->first_report;

    if (!text)
        return false;
    *report = (struct outbox_report){ .text = text->text, .state = outbox_report_due(text) };
    if (report->state == TEXT_STATE_FAILED)
        report->cause = text->cause;
    if (report->state == TEXT_STATE_DELIVERED)
        report->edition = outbox_edition_of(text);
    memcpy(report->kept, text->kept, sizeof report->kept);
    if (text->parts[0].message_id)
        (void)text_copy(report->reference, sizeof report->reference, text->parts[0].message_id);
    return true;
}

void outbox_report_is_out(struct outbox *outbox)
{
    struct outbox_text *text = outbox->first_report;

    REQUIRE(text);
    outbox_report_unqueue(outbox, text);
    text->report_is_out = true;
}

void outbox_reported(struct outbox *outbox, uint64_t text, enum text_state state)
{
    record_pair(&outbox->entry, RECORD_REPORTED, text, state);
    ledger_add(outbox->ledger, &outbox->entry);
    outbox_apply_reported(outbox, text, state);
}

/* The records that bring a text to where it stands. */
static void emit_text(struct outbox *outbox, struct ledger *ledger, const struct outbox_text *text)
{
    struct entry *entry = &outbox->entry;

    record_text(entry, text);
    ledger_add(ledger, entry);
    for (uint8_t i = 0; i < text->total; i++) {
        const struct outbox_part *part = &text->parts[i];
        struct parcel parcel = { text->text, i };
        struct receipt receipt = { .state = RECEIPT_DELIVERED };

        if (part->bundled) {
            record_parcel(entry, RECORD_BUNDLED, parcel);
            ledger_add(ledger, entry);
        }

        uint8_t attempts =
            part->doubtful ? (part->state != PART_WAITING) + 1 : part->state == PART_SENDING;

        for (uint8_t attempt = 0; attempt < attempts; attempt++) {
            record_sending(entry, parcel, (uint64_t)part->sent_s * 1000);
            ledger_add(ledger, entry);
        }
        if (attempts > 0 && part->own_id) {
            record_own_id(entry, parcel, part->own_id);
            ledger_add(ledger, entry);
        }
        if (part->state < PART_TAKEN)
            continue;
        struct piece_answer answer = { .parcel = parcel,
                                       .verdict = PIECE_TAKEN,
                                       .centre = part->centre };
        (void)text_copy(answer.message_id, sizeof answer.message_id, part->message_id);
        record_answer(entry, &answer, text->ordered_ms);
        ledger_add(ledger, entry);
        if (part->state < PART_DELIVERED)
            continue;
        (void)text_copy(receipt.message_id, sizeof receipt.message_id, part->message_id);
        (void)text_copy(receipt.number, sizeof receipt.number, part->bundled ? text->number : "");
        record_receipt(entry, &receipt, text->ordered_ms);
        ledger_add(ledger, entry);
    }
    record_kept(entry, text->text, text->kept);
    ledger_add(ledger, entry);
    outbox_correction_emit(outbox, ledger, text);
    if (text->recalled) {
        record_pair(entry, RECORD_RECALLED, text->text, 0);
        ledger_add(ledger, entry);
    }
    if (text->reached == TEXT_STATE_FAILED) {
        record_pair(entry, RECORD_GIVEN_UP, text->text, text->cause);
        ledger_add(ledger, entry);
    }
    if (text->reported > TEXT_STATE_ORDERED) {
        record_pair(entry, RECORD_REPORTED, text->text, text->reported);
        ledger_add(ledger, entry);
    }
}

static int by_order(const void *a, const void *b)
{
    const struct outbox_text *const *left = a;
    const struct outbox_text *const *right = b;

    return (*left)->order < (*right)->order ? -1 : (*left)->order > (*right)->order;
}

/* In the order of the orders, which is the order of sending. */
static void emit_texts(struct outbox *outbox, struct ledger *ledger)
{
    struct outbox_text **texts = calloc(outbox->counts.held + 1, sizeof *texts);
    uint32_t count = 0;

    REQUIRE(texts);
    for (uint32_t i = 0; i < OUTBOX_BUCKETS; i++)
        for (struct outbox_text *text = outbox->texts[i]; text; text = text->next)
            texts[count++] = text;
    qsort(texts, count, sizeof *texts, by_order);
    for (uint32_t i = 0; i < count; i++)
        emit_text(outbox, ledger, texts[i]);
    free(texts);
}

static void emit_all(void *owner, struct ledger *ledger)
{
    struct outbox *outbox = owner;

    for (uint32_t i = 0; i < OUTBOX_FINISHED_MAX; i++) {
        uint64_t id = outbox->finished[(outbox->finished_next + i) % OUTBOX_FINISHED_MAX];

        if (id == 0)
            continue;
        record_pair(&outbox->entry, RECORD_FINISHED, id, 0);
        ledger_add(ledger, &outbox->entry);
    }
    for (uint32_t i = 0; i < DOUBTS_STRAYS_MAX; i++) {
        const struct doubt_stray *stray = &outbox->doubts.strays[i];

        if (stray->receipt.state == RECEIPT_NONE)
            continue;
        record_receipt(&outbox->entry, &stray->receipt, stray->came_ms);
        ledger_add(ledger, &outbox->entry);
    }
    emit_texts(outbox, ledger);
}

static void give_up(struct outbox *outbox, const struct outbox_text *text, uint32_t cause)
{
    record_pair(&outbox->entry, RECORD_GIVEN_UP, text->text, cause);
    ledger_add(outbox->ledger, &outbox->entry);
    outbox_apply_given_up(outbox, text->text, cause);
}

/* A text whose receipt is waited for. */
static void receipt_tidy(struct outbox *outbox, struct outbox_text *text,
                         const struct outbox_patience *patience, uint64_t age_ms, uint64_t now_ms)
{
    uint64_t asked_age_ms =
        text->asked_ms > text->ordered_ms ? text->asked_ms - text->ordered_ms : 0;

    if (patience->wait_ms == 0 && age_ms > OUTBOX_GIVE_UP_MS) {
        record_pair(&outbox->entry, RECORD_FORGOTTEN, text->text, 0);
        ledger_add(outbox->ledger, &outbox->entry);
        outbox_apply_forgotten(outbox, text->text);
    } else if (patience->wait_ms != 0 &&
               (age_ms > patience->wait_ms ||
                (text->until_ms != 0 && now_ms > text->until_ms + OUTBOX_LAST_WORD_MS))) {
        give_up(outbox, text, OUTBOX_NO_RECEIPT);
    } else if (text->recalled ? now_ms > text->asked_ms + OUTBOX_RECALLED_MS
                              : patience->ask_ms != 0 && age_ms >= patience->ask_ms &&
                                    age_ms >= 2 * asked_age_ms) {
        outbox_question_queue(outbox, text);
    }
}

static void text_tidy(struct outbox *outbox, struct outbox_text *text,
                      const struct outbox_patience *patience, uint64_t now_ms)
{
    uint64_t age_ms = now_ms > text->ordered_ms ? now_ms - text->ordered_ms : 0;

    if (text->reached == TEXT_STATE_ORDERED && text->until_ms != 0 && now_ms >= text->until_ms)
        give_up(outbox, text, OUTBOX_TOO_LATE);
    else if (text->reached == TEXT_STATE_ORDERED && age_ms > OUTBOX_GIVE_UP_MS)
        give_up(outbox, text, text->cause ? text->cause : SMPP_RDELIVERYFAILURE);
    else if (text->reported == TEXT_STATE_SENT && text->reached == TEXT_STATE_SENT)
        receipt_tidy(outbox, text, &patience[text->parts[0].centre], age_ms, now_ms);
}

void outbox_recall(struct outbox *outbox, uint64_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!outbox_text_find(outbox, first + i))
            continue;
        record_pair(&outbox->entry, RECORD_RECALLED, first + i, 0);
        ledger_add(outbox->ledger, &outbox->entry);
        outbox_apply_recalled(outbox, first + i);
    }
}

/* Of a bundle's text the centre can take back what it has for the number; what became of it, it would say of all. */
static bool can_be_asked_about(const struct outbox_text *text, const struct outbox_part *part)
{
    bool to_cancel = text->recalled && text->asked_ms == 0;

    return part->state == PART_TAKEN && part->centre != PIECE_CENTRES_MAX &&
           (to_cancel || !part->bundled);
}

bool outbox_next_question(struct outbox *outbox, struct outbox_question *question)
{
    struct outbox_text *text;

    while ((text = outbox->first_question) != NULL) {
        while (outbox->question_part < text->total &&
               !can_be_asked_about(text, &text->parts[outbox->question_part]))
            outbox->question_part++;
        if (outbox->question_part < text->total)
            break;
        outbox_question_unqueue(outbox, text);
    }
    if (!text)
        return false;
    const struct outbox_part *part = &text->parts[outbox->question_part];
    *question = (struct outbox_question){ .centre = part->centre,
                                          .cancel = text->recalled && text->asked_ms == 0,
                                          .message_id = part->message_id,
                                          .from = text->from,
                                          .number = text->number };
    return true;
}

void outbox_question_done(struct outbox *outbox, uint64_t now_ms)
{
    struct outbox_text *text = outbox->first_question;

    REQUIRE(text);
    outbox->counts.questions++;
    outbox->question_part++;
    if (outbox->question_part < text->total)
        return;
    text->asked_ms = now_ms;
    outbox_question_unqueue(outbox, text);
}

void outbox_tidy(struct outbox *outbox, const struct outbox_patience *patience, uint64_t now_ms)
{
    for (uint32_t i = 0; i < OUTBOX_BUCKETS; i++) {
        for (struct outbox_text *text = outbox->texts[i], *next; text; text = next) {
            next = text->next;
            text_tidy(outbox, text, patience, now_ms);
        }
    }
    uint64_t size = ledger_size(outbox->ledger);
    if (size >= OUTBOX_REWRITE_BYTES && size >= 2 * outbox->rewritten_bytes)
        outbox_rewrite(outbox);
}

void outbox_rewrite(struct outbox *outbox)
{
    ledger_rewrite(outbox->ledger, emit_all, outbox);
    outbox->rewritten_bytes = ledger_size(outbox->ledger);
}

void outbox_erase(struct outbox *outbox, const uint64_t *texts, uint32_t count, uint64_t now_ms)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!outbox_text_find(outbox, texts[i]))
            continue;
        record_pair(&outbox->entry, RECORD_FORGOTTEN, texts[i], 0);
        ledger_add(outbox->ledger, &outbox->entry);
        outbox_apply_forgotten(outbox, texts[i]);
    }
    doubts_forget(&outbox->doubts, now_ms - 2 * (uint64_t)OUTBOX_DOUBT_MS);
}

void outbox_flush(struct outbox *outbox)
{
    ledger_flush(outbox->ledger);
}

int outbox_unsynced(struct outbox *outbox, struct unsynced *file)
{
    return ledger_unsynced(outbox->ledger, file);
}

void outbox_count(const struct outbox *outbox, struct outbox_counts *counts)
{
    *counts = outbox->counts;
    counts->waiting = ready_count(outbox);
}
