/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/outbox_texts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "gateways/sms/alphabet.h"

/* ----------------------------------------------------------------------------------- finding */

static uint32_t bucket_of(uint64_t text)
{
    return (uint32_t)(text * 0x9E3779B97F4A7C15u >> 32) & (OUTBOX_BUCKETS - 1);
}

static uint32_t bucket_of_id(const char *id)
{
    uint32_t hash = 2166136261u; /* FNV-1a */

    for (; *id != '\0'; id++)
        hash = (hash ^ (uint8_t)*id) * 16777619u;
    return (hash ^ hash >> 16) & (OUTBOX_BUCKETS - 1);
}

struct outbox_text *outbox_text_find(const struct outbox *outbox, uint64_t text)
{
    struct outbox_text *found = outbox->texts[bucket_of(text)];

    while (found && found->text != text)
        found = found->next;
    return found;
}

struct outbox_part *outbox_part_find(const struct outbox *outbox, struct parcel parcel)
{
    struct outbox_text *text = outbox_text_find(outbox, parcel.text);

    return text && parcel.part < text->total ? &text->parts[parcel.part] : NULL;
}

/* A bundle's texts have one id: of them the number says which, and without it none is. */
static struct outbox_part *part_by_id(const struct outbox *outbox, const char *id, uint64_t to)
{
    struct outbox_part *part = outbox->ids[bucket_of_id(id)];

    while (part && (strcmp(part->message_id, id) != 0 ||
                    (part->bundled && (to == 0 || doubts_number(part->text->number) != to))))
        part = part->next;
    return part;
}

static bool was_finished(const struct outbox *outbox, uint64_t text)
{
    for (uint32_t i = 0; i < OUTBOX_FINISHED_MAX; i++)
        if (outbox->finished[i] == text)
            return true;
    return false;
}

/* ------------------------------------------------------------------------- what has happened */

static void report_queue(struct outbox *outbox, struct outbox_text *text)
{
    if (text->in_reports || text->report_is_out)
        return;
    text->in_reports = true;
    text->next_report = NULL;
    if (outbox->last_report)
        outbox->last_report->next_report = text;
    else
        outbox->first_report = text;
    outbox->last_report = text;
}

void outbox_report_unqueue(struct outbox *outbox, struct outbox_text *text)
{
    struct outbox_text **link = &outbox->first_report;
    struct outbox_text *before = NULL;

    if (!text->in_reports)
        return;
    while (*link != text) {
        before = *link;
        link = &(*link)->next_report;
    }
    *link = text->next_report;
    if (outbox->last_report == text)
        outbox->last_report = before;
    text->in_reports = false;
}

void outbox_text_free(struct outbox_text *text)
{
    for (uint8_t i = 0; i < text->total; i++)
        free(text->parts[i].message_id);
    free(text->words);
    free(text->correction);
    free(text);
}

static void ask_unqueue(struct outbox *outbox, struct outbox_text *text)
{
    struct outbox_text **link = &outbox->first_ask;
    struct outbox_text *before = NULL;

    if (!text->in_asks)
        return;
    while (*link != text) {
        before = *link;
        link = &(*link)->next_ask;
    }
    *link = text->next_ask;
    if (outbox->last_ask == text)
        outbox->last_ask = before;
    text->in_asks = false;
}

/* Urgent ones ask before all others, and the first of them first. */
void outbox_ask_queue(struct outbox *outbox, struct outbox_text *text)
{
    text->leave = LEAVE_WANTED;
    if (text->in_asks)
        return;
    text->in_asks = true;
    text->next_ask = NULL;
    if (!outbox->first_ask) {
        outbox->first_ask = outbox->last_ask = text;
    } else if (text->urgent) {
        struct outbox_text **link = &outbox->first_ask;

        while (*link && (*link)->urgent)
            link = &(*link)->next_ask;
        text->next_ask = *link;
        *link = text;
        if (!text->next_ask)
            outbox->last_ask = text;
    } else {
        outbox->last_ask->next_ask = text;
        outbox->last_ask = text;
    }
}

void outbox_question_queue(struct outbox *outbox, struct outbox_text *text)
{
    if (text->in_questions)
        return;
    text->in_questions = true;
    text->next_question = NULL;
    if (outbox->last_question)
        outbox->last_question->next_question = text;
    else
        outbox->first_question = text;
    outbox->last_question = text;
}

void outbox_question_unqueue(struct outbox *outbox, struct outbox_text *text)
{
    struct outbox_text **link = &outbox->first_question;
    struct outbox_text *before = NULL;

    if (!text->in_questions)
        return;
    if (*link == text)
        outbox->question_part = 0;
    while (*link != text) {
        before = *link;
        link = &(*link)->next_question;
    }
    *link = text->next_question;
    if (outbox->last_question == text)
        outbox->last_question = before;
    text->in_questions = false;
}

/* Its answer may never come, and a receipt for it then bears an id that nobody knows. */
static void attempt_note(struct outbox *outbox, const struct outbox_part *part)
{
    const struct outbox_text *text = part->text;

    doubts_attempt(&outbox->doubts, &(struct doubt_attempt){
                                        .parcel = { text->text, (uint32_t)(part - text->parts) },
                                        .to = doubts_number(text->number),
                                        .own_id = part->own_id,
                                        .sent_ms = (uint64_t)part->sent_s * 1000,
                                    });
}

void outbox_text_remove(struct outbox *outbox, struct outbox_text *text)
{
    struct outbox_text **link = &outbox->texts[bucket_of(text->text)];

    while (*link != text)
        link = &(*link)->next;
    *link = text->next;
    for (uint8_t i = 0; i < text->total; i++) {
        struct outbox_part *part = &text->parts[i];

        if (part->state == PART_SENDING)
            attempt_note(outbox, part);
        if (!part->message_id)
            continue;
        doubts_over(&outbox->doubts, part->message_id,
                    part->bundled ? doubts_number(text->number) : 0);
        struct outbox_part **id = &outbox->ids[bucket_of_id(part->message_id)];
        while (*id != part)
            id = &(*id)->next;
        *id = part->next;
    }
    heap_remove(outbox_lane_of(outbox, text), &text->node);
    outbox_report_unqueue(outbox, text);
    ask_unqueue(outbox, text);
    outbox_question_unqueue(outbox, text);
    outbox_correction_drop(outbox, text);
    outbox->counts.held--;
    outbox->counts.fenced -= text->leave != LEAVE_GIVEN;
    outbox_text_free(text);
}

static void text_finish(struct outbox *outbox, struct outbox_text *text)
{
    outbox->finished[outbox->finished_next++ % OUTBOX_FINISHED_MAX] = text->text;
    outbox_text_remove(outbox, text);
}

/* Another gateway sends it; it may come back. */
void outbox_apply_dropped(struct outbox *outbox, uint64_t id)
{
    struct outbox_text *text = outbox_text_find(outbox, id);

    if (!text)
        return;
    outbox->counts.dropped++;
    outbox_text_remove(outbox, text);
}

uint16_t outbox_mark(struct parcel parcel)
{
    uint16_t mark = (uint16_t)(parcel.text * PARTS_OUT_MAX + parcel.part);

    return mark ? mark : UINT16_MAX;
}

/* Puts the text among those with something to send, or takes it out. */
void outbox_schedule(struct outbox *outbox, struct outbox_text *text, uint64_t due_ms)
{
    bool may = text->leave == LEAVE_GIVEN && text->reached != TEXT_STATE_FAILED &&
               text->reached != TEXT_STATE_EXCUSED;

    for (uint8_t i = 0; i < text->total && may; i++) {
        if (text->parts[i].state != PART_WAITING)
            continue;
        heap_set(outbox_lane_of(outbox, text), &text->node, due_ms, text->order);
        return;
    }
    heap_remove(outbox_lane_of(outbox, text), &text->node);
}

void outbox_lane_change(struct outbox *outbox, struct outbox_text *text, uint8_t lane)
{
    uint64_t due_ms = text->node.key;

    heap_remove(outbox_lane_of(outbox, text), &text->node);
    text->lane = lane;
    outbox_schedule(outbox, text, due_ms);
}

static void text_fail(struct outbox *outbox, struct outbox_text *text, uint32_t cause)
{
    if (text->reached >= TEXT_STATE_DELIVERED)
        return;
    text->reached = TEXT_STATE_FAILED;
    text->cause = cause;
    outbox->counts.failed++;
    heap_remove(outbox_lane_of(outbox, text), &text->node);
    report_queue(outbox, text);
}

static bool all_parts_are(const struct outbox_text *text, enum part_state least)
{
    for (uint8_t i = 0; i < text->total; i++)
        if (text->parts[i].state < least)
            return false;
    return true;
}

static void part_settle(struct outbox *outbox, struct outbox_part *part,
                        const struct receipt *receipt)
{
    struct outbox_text *text = part->text;

    if (receipt->state == RECEIPT_FAILED) {
        text_fail(outbox, text, receipt->error);
        return;
    }
    if (receipt->state != RECEIPT_DELIVERED || part->state == PART_DELIVERED)
        return;
    part->state = PART_DELIVERED;
    if (text->reached != TEXT_STATE_SENT || !all_parts_are(text, PART_DELIVERED))
        return;
    text->reached = TEXT_STATE_DELIVERED;
    outbox->counts.delivered++;
    report_queue(outbox, text);
}

static struct outbox_part *part_of_receipt(const struct outbox *outbox,
                                           const struct receipt *receipt)
{
    char other[PIECE_ID_BYTES];
    uint64_t to = doubts_number(receipt->number);
    struct outbox_part *part = part_by_id(outbox, receipt->message_id, to);

    for (unsigned variant = 0; !part && variant < RECEIPT_VARIANTS; variant++)
        if (receipt_variant(receipt->message_id, variant, other))
            part = part_by_id(outbox, other, to);
    return part;
}

struct parcel outbox_parcel_of(const struct outbox *outbox, const struct receipt *receipt)
{
    const struct outbox_part *part = part_of_receipt(outbox, receipt);

    return part ? (struct parcel){ part->text->text, (uint32_t)(part - part->text->parts) }
                : (struct parcel){ 0 };
}

void outbox_apply_receipt(struct outbox *outbox, const struct receipt *receipt, uint64_t now_ms)
{
    struct outbox_part *part = part_of_receipt(outbox, receipt);

    if (part)
        part_settle(outbox, part, receipt);
    else
        outbox->counts.stray_receipts += doubts_stray(&outbox->doubts, receipt, now_ms);
}

/* A receipt can overtake the answer to its submit_sm. */
static void strays_settle(struct outbox *outbox, struct outbox_part *part)
{
    for (uint32_t i = 0; i < DOUBTS_STRAYS_MAX && i < outbox->doubts.strays_next; i++) {
        struct receipt *stray = &outbox->doubts.strays[i].receipt;

        if (stray->state == RECEIPT_NONE || part_of_receipt(outbox, stray) != part)
            continue;
        part_settle(outbox, part, stray);
        stray->state = RECEIPT_NONE;
    }
}

static bool is_temporary(enum piece_verdict verdict)
{
    return verdict == PIECE_LATER || verdict == PIECE_FULL;
}

static void part_taken(struct outbox *outbox, struct outbox_part *part, const char *message_id,
                       uint8_t centre)
{
    struct outbox_text *text = part->text;
    uint32_t bucket = bucket_of_id(message_id);

    part->state = PART_TAKEN;
    part->centre = centre;
    outbox->counts.parts_taken++;
    part->message_id = strdup(message_id);
    REQUIRE(part->message_id);
    part->next = outbox->ids[bucket];
    outbox->ids[bucket] = part;
    if (all_parts_are(text, PART_TAKEN) && text->reached == TEXT_STATE_ORDERED) {
        text->reached = TEXT_STATE_SENT;
        text->was_sent = true;
        report_queue(outbox, text);
        if (text->recalled)
            outbox_question_queue(outbox, text);
    }
    outbox_correction_ready(outbox, text);
    strays_settle(outbox, part);
}

void outbox_apply_answer(struct outbox *outbox, const struct piece_answer *answer, uint64_t now_ms)
{
    struct outbox_part *part = outbox_part_find(outbox, answer->parcel);

    if (!part || part->state == PART_TAKEN || part->state == PART_DELIVERED) {
        bool is_known = part && strcmp(part->message_id, answer->message_id) == 0;

        if (answer->verdict == PIECE_TAKEN && !is_known)
            doubts_over(&outbox->doubts, answer->message_id, 0);
        return;
    }
    struct outbox_text *text = part->text;
    if (answer->verdict == PIECE_TAKEN) {
        text->retry_ms = OUTBOX_RETRY_FIRST_MS;
        part_taken(outbox, part, answer->message_id, answer->centre);
        outbox_schedule(outbox, text, text->ordered_ms);
        return;
    }
    part->state = PART_WAITING;
    part->doubtful = false;
    text->single |= part->bundled && answer->verdict != PIECE_FULL;
    if (!is_temporary(answer->verdict)) {
        text_fail(outbox, text, answer->status);
        return;
    }
    text->cause = answer->status;
    if (text->urgent) {
        outbox_schedule(outbox, text, now_ms + OUTBOX_RETRY_URGENT_MS);
        return;
    }
    outbox_schedule(outbox, text, now_ms + text->retry_ms);
    text->retry_ms *= 2;
    if (text->retry_ms > OUTBOX_RETRY_LAST_MS)
        text->retry_ms = OUTBOX_RETRY_LAST_MS;
}

void outbox_apply_unknown(struct outbox *outbox, struct outbox_part *part)
{
    bool was_proved = part->state >= PART_TAKEN; /* while it was out again */

    attempt_note(outbox, part);
    if (was_proved)
        return;
    part->state = PART_WAITING;
    part->doubtful = true;
    part->text->doubt_until_ms = 0;
    outbox_schedule(outbox, part->text, part->text->ordered_ms);
}

void outbox_apply_bundled(struct outbox_part *part)
{
    part->bundled = true;
}

void outbox_apply_sending(struct outbox *outbox, struct outbox_part *part, uint64_t now_ms)
{
    if (part->state == PART_SENDING) /* as the file has it: in between it became unknown */
        outbox_apply_unknown(outbox, part);
    if (part->state != PART_WAITING)
        return;
    part->state = PART_SENDING;
    part->text->stuck_ms = 0;
    part->own_id = 0;
    part->sent_s = (uint32_t)(now_ms / 1000);
    outbox_schedule(outbox, part->text, part->text->node.key);
}

enum text_state outbox_report_due(const struct outbox_text *text)
{
    if (text->was_sent && text->reported < TEXT_STATE_SENT)
        return TEXT_STATE_SENT;
    return text->reached > text->reported ? (enum text_state)text->reached : TEXT_STATE_NONE;
}

static bool text_is_over(const struct outbox_text *text)
{
    if (text->reported == TEXT_STATE_SENT)
        return !text->receipt;
    return text->reported > TEXT_STATE_SENT;
}

void outbox_apply_reported(struct outbox *outbox, uint64_t id, enum text_state state)
{
    struct outbox_text *text = outbox_text_find(outbox, id);

    if (!text || state <= text->reported)
        return;
    text->report_is_out = false;
    text->reported = (uint8_t)state;
    outbox_report_unqueue(outbox, text);
    if (text_is_over(text))
        text_finish(outbox, text);
    else if (outbox_report_due(text) != TEXT_STATE_NONE)
        report_queue(outbox, text);
}

/* One block for the words and both numbers. */
static void letters_keep(struct outbox_text *text, const struct order_text *order, size_t length)
{
    size_t number = strlen(order->number) + 1;
    size_t from = strlen(order->from) + 1;

    text->words = malloc(length + 1 + number + from);
    REQUIRE(text->words);
    memcpy(text->words, order->words, length + 1);
    text->number = text->words + length + 1;
    memcpy(text->number, order->number, number);
    text->from = text->number + number;
    memcpy(text->from, order->from, from);
}

int outbox_split(struct outbox *outbox, const char *words, uint64_t text, uint8_t cut)
{
    size_t length = strlen(words);
    enum letters letters = cut & CUT_WIDE ? LETTERS_UCS2 : letters_choose(words, length);
    uint8_t national = cut / CUT_NATIONAL & CUT_TABLES;
    if (national != ALPHABET_DEFAULT)
        letters = letters_national(cut & CUT_LOCKING ? national : ALPHABET_DEFAULT,
                                   cut & CUT_UNSHIFTED ? ALPHABET_DEFAULT : national);
    enum parts_means means = cut & CUT_ROOMY ? PARTS_HEADER_16 : PARTS_HEADER_8;

    return parts_split_in(&outbox->split, letters, words, length, means, (uint16_t)text);
}

int outbox_apply_text(struct outbox *outbox, const struct order_text *order, uint8_t cut,
                      uint64_t now_ms)
{
    size_t length = strlen(order->words);

    if (outbox_text_find(outbox, order->text) || was_finished(outbox, order->text))
        return -EEXIST;
    if (outbox->counts.held == OUTBOX_TEXTS_MAX + OUTBOX_REFUSED_MAX)
        return -ENOBUFS;
    int status = outbox_split(outbox, order->words, order->text, cut);
    if (status != 0)
        return status;
    uint8_t total = outbox->split.total;
    struct outbox_text *text = calloc(1, sizeof *text + total * sizeof text->parts[0]);
    REQUIRE(text);
    letters_keep(text, order, length);
    text->text = order->text;
    text->order = ++outbox->next_order;
    text->ordered_ms = now_ms;
    text->until_ms = order->until_ms;
    text->receipt = order->receipt;
    text->edition = order->edition ? order->edition : 1;
    text->cut = cut;
    text->fenced = order->fenced;
    text->urgent = order->urgent;
    text->doubtful = order->doubtful;
    text->reached = TEXT_STATE_ORDERED;
    text->reported = TEXT_STATE_ORDERED;
    text->retry_ms = OUTBOX_RETRY_FIRST_MS;
    text->total = total;
    for (uint8_t i = 0; i < total; i++) {
        text->parts[i].text = text;
        text->parts[i].doubtful = order->doubtful;
    }
    text->next = outbox->texts[bucket_of(text->text)];
    outbox->texts[bucket_of(text->text)] = text;
    outbox->counts.held++;
    outbox->counts.fenced += text->fenced;
    if (text->fenced)
        outbox_ask_queue(outbox, text);
    outbox_schedule(outbox, text, text->ordered_ms);
    return 0;
}

void outbox_apply_given_up(struct outbox *outbox, uint64_t id, uint32_t cause)
{
    struct outbox_text *text = outbox_text_find(outbox, id);

    if (text)
        text_fail(outbox, text, cause);
}

/* A text of which a part is out is sent whole first: half a text helps nobody. */
void outbox_apply_recalled(struct outbox *outbox, uint64_t id)
{
    struct outbox_text *text = outbox_text_find(outbox, id);

    if (!text || text->recalled || text->reached >= TEXT_STATE_DELIVERED)
        return;
    text->recalled = true;
    text->asked_ms = 0;
    outbox->counts.recalled++;
    if (text->reached == TEXT_STATE_SENT)
        outbox_question_queue(outbox, text);
    if (outbox_text_is_out(text))
        return;
    text->reached = TEXT_STATE_EXCUSED;
    ask_unqueue(outbox, text);
    heap_remove(outbox_lane_of(outbox, text), &text->node);
    report_queue(outbox, text);
}

void outbox_apply_forgotten(struct outbox *outbox, uint64_t id)
{
    struct outbox_text *text = outbox_text_find(outbox, id);

    if (!text)
        return;
    outbox->counts.forgotten++;
    text_finish(outbox, text);
}
