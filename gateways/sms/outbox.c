/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/heap.h"
#include "base/require.h"
#include "base/text.h"
#include "base/utf8.h"
#include "gateways/sms/ledger.h"
#include "gateways/sms/parts.h"

enum {
    BUCKETS = 8192 /* a power of two */
};

/* The file's records; numbers are for ever. */
enum outbox_record {
    RECORD_TEXT = 1,
    RECORD_SENDING = 2,
    RECORD_ANSWER = 3,
    RECORD_RECEIPT = 4,
    RECORD_REPORTED = 5,
    RECORD_FINISHED = 6, /* only in a rewritten file: the id of a text that is over */
    RECORD_GIVEN_UP = 7,
    RECORD_FORGOTTEN = 8
};

enum part_state {
    PART_WAITING,
    PART_SENDING,
    PART_TAKEN,
    PART_DELIVERED
};

struct outbox_part {
    enum part_state state;
    bool doubtful; /* sent before, its answer unknown */
    char *message_id;
    struct outbox_part *next; /* with the same hash of the id */
    struct outbox_text *text;
};

struct outbox_text {
    struct heap_node node; /* first: the heap's elements are texts with a part to send */
    struct outbox_text *next;
    struct outbox_text *next_report;
    uint64_t text;
    uint64_t order;
    uint64_t ordered_ms;
    char from[33];
    char number[33];
    char *words;
    bool receipt;
    bool was_sent;
    bool in_reports;
    enum text_state reached;
    enum text_state reported;
    uint32_t cause;
    uint32_t retry_ms;
    uint8_t total;
    struct outbox_part parts[];
};

struct outbox {
    struct ledger *ledger;
    uint64_t rewritten_bytes; /* the file's size when it was rewritten last */
    struct heap heap;
    struct heap_node *nodes[OUTBOX_TEXTS_MAX + OUTBOX_REFUSED_MAX];
    struct outbox_text *texts[BUCKETS];
    struct outbox_part *ids[BUCKETS];
    struct outbox_text *first_report;
    struct outbox_text *last_report;
    uint64_t next_order;
    uint64_t finished[OUTBOX_FINISHED_MAX];
    uint32_t finished_next;
    struct receipt strays[OUTBOX_STRAYS_MAX];
    uint32_t strays_next;
    struct parts_out split; /* of the text sent last */
    uint8_t scratch[6];
    struct entry entry;
    struct outbox_counts counts;
};

/* ----------------------------------------------------------------------------------- finding */

static uint32_t bucket_of(uint64_t text)
{
    return (uint32_t)(text * 0x9E3779B97F4A7C15u >> 32) & (BUCKETS - 1);
}

static uint32_t bucket_of_id(const char *id)
{
    uint32_t hash = 2166136261u; /* FNV-1a */

    for (; *id != '\0'; id++)
        hash = (hash ^ (uint8_t)*id) * 16777619u;
    return (hash ^ hash >> 16) & (BUCKETS - 1);
}

static struct outbox_text *text_find(const struct outbox *outbox, uint64_t text)
{
    struct outbox_text *found = outbox->texts[bucket_of(text)];

    while (found && found->text != text)
        found = found->next;
    return found;
}

static struct outbox_part *part_find(const struct outbox *outbox, struct smpp_parcel parcel)
{
    struct outbox_text *text = text_find(outbox, parcel.text);

    return text && parcel.part < text->total ? &text->parts[parcel.part] : NULL;
}

static struct outbox_part *part_by_id(const struct outbox *outbox, const char *id)
{
    struct outbox_part *part = outbox->ids[bucket_of_id(id)];

    while (part && strcmp(part->message_id, id) != 0)
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
    if (text->in_reports)
        return;
    text->in_reports = true;
    text->next_report = NULL;
    if (outbox->last_report)
        outbox->last_report->next_report = text;
    else
        outbox->first_report = text;
    outbox->last_report = text;
}

static void report_unqueue(struct outbox *outbox, struct outbox_text *text)
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

static void text_free(struct outbox_text *text)
{
    for (uint8_t i = 0; i < text->total; i++)
        free(text->parts[i].message_id);
    free(text->words);
    free(text);
}

static void text_remove(struct outbox *outbox, struct outbox_text *text)
{
    struct outbox_text **link = &outbox->texts[bucket_of(text->text)];

    while (*link != text)
        link = &(*link)->next;
    *link = text->next;
    for (uint8_t i = 0; i < text->total; i++) {
        struct outbox_part *part = &text->parts[i];

        if (!part->message_id)
            continue;
        struct outbox_part **id = &outbox->ids[bucket_of_id(part->message_id)];
        while (*id != part)
            id = &(*id)->next;
        *id = part->next;
    }
    heap_remove(&outbox->heap, &text->node);
    report_unqueue(outbox, text);
    outbox->finished[outbox->finished_next++ % OUTBOX_FINISHED_MAX] = text->text;
    outbox->counts.held--;
    text_free(text);
}

/* Puts the text among those with something to send, or takes it out. */
static void text_schedule(struct outbox *outbox, struct outbox_text *text, uint64_t due_ms)
{
    for (uint8_t i = 0; i < text->total && text->reached != TEXT_STATE_FAILED; i++) {
        if (text->parts[i].state != PART_WAITING)
            continue;
        heap_set(&outbox->heap, &text->node, due_ms, text->order);
        return;
    }
    heap_remove(&outbox->heap, &text->node);
}

static void text_fail(struct outbox *outbox, struct outbox_text *text, uint32_t cause)
{
    if (text->reached == TEXT_STATE_FAILED || text->reached == TEXT_STATE_DELIVERED)
        return;
    text->reached = TEXT_STATE_FAILED;
    text->cause = cause;
    outbox->counts.failed++;
    heap_remove(&outbox->heap, &text->node);
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

static struct outbox_part *part_of_receipt(const struct outbox *outbox, const char *id)
{
    char other[SMPP_MESSAGE_ID_BYTES];
    struct outbox_part *part = part_by_id(outbox, id);

    for (unsigned variant = 0; !part && variant < RECEIPT_VARIANTS; variant++)
        if (receipt_variant(id, variant, other))
            part = part_by_id(outbox, other);
    return part;
}

static void apply_receipt(struct outbox *outbox, const struct receipt *receipt)
{
    struct outbox_part *part = part_of_receipt(outbox, receipt->message_id);

    if (part) {
        part_settle(outbox, part, receipt);
        return;
    }
    outbox->counts.stray_receipts++;
    outbox->strays[outbox->strays_next++ % OUTBOX_STRAYS_MAX] = *receipt;
}

/* A receipt can overtake the answer to its submit_sm. */
static void strays_settle(struct outbox *outbox, struct outbox_part *part)
{
    for (uint32_t i = 0; i < OUTBOX_STRAYS_MAX; i++) {
        struct receipt *stray = &outbox->strays[i];

        if (stray->state == RECEIPT_NONE || part_of_receipt(outbox, stray->message_id) != part)
            continue;
        part_settle(outbox, part, stray);
        stray->state = RECEIPT_NONE;
    }
}

static bool is_temporary(uint32_t status)
{
    return status == SMPP_RTHROTTLED || status == SMPP_RMSGQFUL || status == SMPP_RSYSERR ||
           status == SMPP_RX_T_APPN;
}

static void part_taken(struct outbox *outbox, struct outbox_part *part, const char *message_id)
{
    struct outbox_text *text = part->text;
    uint32_t bucket = bucket_of_id(message_id);

    part->state = PART_TAKEN;
    outbox->counts.parts_taken++;
    part->message_id = strdup(message_id);
    REQUIRE(part->message_id);
    part->next = outbox->ids[bucket];
    outbox->ids[bucket] = part;
    if (all_parts_are(text, PART_TAKEN) && text->reached == TEXT_STATE_ORDERED) {
        text->reached = TEXT_STATE_SENT;
        text->was_sent = true;
        report_queue(outbox, text);
    }
    strays_settle(outbox, part);
}

static void apply_answer(struct outbox *outbox, struct smpp_parcel parcel, uint32_t status,
                         const char *message_id, uint64_t now_ms)
{
    struct outbox_part *part = part_find(outbox, parcel);

    if (!part || part->state == PART_TAKEN || part->state == PART_DELIVERED)
        return;
    struct outbox_text *text = part->text;
    if (status == SMPP_ROK) {
        text->retry_ms = OUTBOX_RETRY_FIRST_MS;
        part_taken(outbox, part, message_id);
        text_schedule(outbox, text, text->ordered_ms);
        return;
    }
    part->state = PART_WAITING;
    part->doubtful = false;
    if (!is_temporary(status)) {
        text_fail(outbox, text, status);
        return;
    }
    text->cause = status;
    text_schedule(outbox, text, now_ms + text->retry_ms);
    text->retry_ms *= 2;
    if (text->retry_ms > OUTBOX_RETRY_LAST_MS)
        text->retry_ms = OUTBOX_RETRY_LAST_MS;
}

static void apply_unknown(struct outbox *outbox, struct outbox_part *part)
{
    if (part->state != PART_SENDING)
        return;
    part->state = PART_WAITING;
    part->doubtful = true;
    text_schedule(outbox, part->text, part->text->ordered_ms);
}

static void apply_sending(struct outbox *outbox, struct outbox_part *part)
{
    if (part->state != PART_WAITING)
        return;
    part->state = PART_SENDING;
    text_schedule(outbox, part->text, part->text->node.key);
}

static enum text_state report_due(const struct outbox_text *text)
{
    if (text->was_sent && text->reported < TEXT_STATE_SENT)
        return TEXT_STATE_SENT;
    return text->reached > text->reported ? text->reached : TEXT_STATE_NONE;
}

static bool text_is_over(const struct outbox_text *text)
{
    if (text->reported == TEXT_STATE_SENT)
        return !text->receipt;
    return text->reported > TEXT_STATE_SENT;
}

static void apply_reported(struct outbox *outbox, uint64_t id, enum text_state state)
{
    struct outbox_text *text = text_find(outbox, id);

    if (!text || state <= text->reported)
        return;
    text->reported = state;
    if (text_is_over(text))
        text_remove(outbox, text);
    else if (report_due(text) != TEXT_STATE_NONE)
        report_queue(outbox, text);
}

static int apply_text(struct outbox *outbox, const struct order_text *order, uint64_t now_ms)
{
    size_t length = strlen(order->words);

    if (text_find(outbox, order->text) || was_finished(outbox, order->text))
        return -EEXIST;
    if (outbox->counts.held == OUTBOX_TEXTS_MAX + OUTBOX_REFUSED_MAX)
        return -ENOBUFS;
    int status = parts_split(&outbox->split, order->words, length, PARTS_HEADER_8,
                             (uint16_t)(order->text & 0xFF));
    if (status != 0)
        return status;
    uint8_t total = outbox->split.total;
    struct outbox_text *text = calloc(1, sizeof *text + total * sizeof text->parts[0]);
    REQUIRE(text);
    text->words = strdup(order->words);
    REQUIRE(text->words);
    text->text = order->text;
    text->order = ++outbox->next_order;
    text->ordered_ms = now_ms;
    (void)text_copy(text->from, sizeof text->from, order->from);
    (void)text_copy(text->number, sizeof text->number, order->number);
    text->receipt = order->receipt;
    text->reached = TEXT_STATE_ORDERED;
    text->reported = TEXT_STATE_ORDERED;
    text->retry_ms = OUTBOX_RETRY_FIRST_MS;
    text->total = total;
    for (uint8_t i = 0; i < total; i++)
        text->parts[i].text = text;
    text->next = outbox->texts[bucket_of(text->text)];
    outbox->texts[bucket_of(text->text)] = text;
    outbox->counts.held++;
    text_schedule(outbox, text, now_ms);
    return 0;
}

/* ----------------------------------------------------------------------------------- records */

static void record_text(struct entry *entry, const struct outbox_text *text)
{
    entry_begin(entry, RECORD_TEXT);
    entry_put(entry, text->text);
    entry_put(entry, text->ordered_ms);
    entry_put(entry, text->receipt);
    entry_put_words(entry, text->from);
    entry_put_words(entry, text->number);
    entry_put_words(entry, text->words);
}

static void record_parcel(struct entry *entry, enum outbox_record kind, struct smpp_parcel parcel)
{
    entry_begin(entry, (uint8_t)kind);
    entry_put(entry, parcel.text);
    entry_put(entry, parcel.part);
}

static void record_answer(struct entry *entry, struct smpp_parcel parcel, uint32_t status,
                          const char *message_id, uint64_t now_ms)
{
    record_parcel(entry, RECORD_ANSWER, parcel);
    entry_put(entry, status);
    entry_put_words(entry, message_id);
    entry_put(entry, now_ms);
}

static void record_receipt(struct entry *entry, const struct receipt *receipt)
{
    entry_begin(entry, RECORD_RECEIPT);
    entry_put(entry, receipt->state);
    entry_put(entry, receipt->error);
    entry_put_words(entry, receipt->message_id);
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

    order.receipt = entry_get(entry) != 0;
    entry_get_words(entry, order.from, sizeof order.from);
    entry_get_words(entry, order.number, sizeof order.number);
    entry_get_words(entry, order.words, sizeof order.words);
    if (!entry->broken && apply_text(outbox, &order, ordered_ms) == 0)
        outbox->counts.ordered++;
}

static void replay_answer(struct outbox *outbox, struct entry *entry)
{
    struct smpp_parcel parcel = { .text = entry_get(entry) };
    char message_id[SMPP_MESSAGE_ID_BYTES];

    parcel.part = (uint32_t)entry_get(entry);
    uint32_t status = (uint32_t)entry_get(entry);
    entry_get_words(entry, message_id, sizeof message_id);
    apply_answer(outbox, parcel, status, message_id, entry_get(entry));
}

static void replay_receipt(struct outbox *outbox, struct entry *entry)
{
    struct receipt receipt = { .state = (enum receipt_state)entry_get(entry) };

    receipt.error = (uint32_t)entry_get(entry);
    entry_get_words(entry, receipt.message_id, sizeof receipt.message_id);
    apply_receipt(outbox, &receipt);
}

static void apply_given_up(struct outbox *outbox, uint64_t id, uint32_t cause)
{
    struct outbox_text *text = text_find(outbox, id);

    if (text)
        text_fail(outbox, text, cause);
}

static void apply_forgotten(struct outbox *outbox, uint64_t id)
{
    struct outbox_text *text = text_find(outbox, id);

    if (!text)
        return;
    outbox->counts.forgotten++;
    text_remove(outbox, text);
}

static void replay_record(void *owner, struct entry *entry)
{
    struct outbox *outbox = owner;
    struct smpp_parcel parcel;

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
    }
    parcel.text = entry_get(entry);
    parcel.part = (uint32_t)entry_get(entry);
    switch (entry->kind) {
    case RECORD_SENDING:
        if (part_find(outbox, parcel))
            apply_sending(outbox, part_find(outbox, parcel));
        return;
    case RECORD_REPORTED:
        apply_reported(outbox, parcel.text, (enum text_state)parcel.part);
        return;
    case RECORD_GIVEN_UP:
        apply_given_up(outbox, parcel.text, parcel.part);
        return;
    case RECORD_FORGOTTEN:
        apply_forgotten(outbox, parcel.text);
        return;
    case RECORD_FINISHED:
        outbox->finished[outbox->finished_next++ % OUTBOX_FINISHED_MAX] = parcel.text;
        return;
    }
}

/* ---------------------------------------------------------------------------------- the owner */

int outbox_open(struct outbox **outbox, const char *path, uint64_t now_ms)
{
    struct outbox *fresh = calloc(1, sizeof *fresh);

    if (!fresh)
        return -ENOMEM;
    heap_init(&fresh->heap, fresh->nodes, OUTBOX_TEXTS_MAX + OUTBOX_REFUSED_MAX);
    int status = ledger_open(&fresh->ledger, path, replay_record, fresh);
    if (status != 0) {
        outbox_close(fresh);
        return status;
    }
    for (uint32_t i = 0; i < BUCKETS; i++)
        for (struct outbox_text *text = fresh->texts[i]; text; text = text->next)
            for (uint8_t part = 0; part < text->total; part++)
                apply_unknown(fresh, &text->parts[part]);
    outbox_tidy(fresh, now_ms);
    *outbox = fresh;
    return 0;
}

void outbox_close(struct outbox *outbox)
{
    if (!outbox)
        return;
    for (uint32_t i = 0; i < BUCKETS; i++) {
        while (outbox->texts[i]) {
            struct outbox_text *text = outbox->texts[i];

            outbox->texts[i] = text->next;
            text_free(text);
        }
    }
    ledger_close(outbox->ledger);
    free(outbox);
}

int outbox_put(struct outbox *outbox, const struct order_text *order, uint64_t now_ms)
{
    const char *digits = order->number[0] == '+' ? order->number + 1 : order->number;
    size_t length = strlen(digits);

    if (length == 0 || length >= SMPP_ADDRESS_BYTES || strlen(order->from) >= SMPP_ADDRESS_BYTES ||
        !utf8_is_text(order->words, strlen(order->words)))
        return -EINVAL;
    int status = outbox->counts.held >= OUTBOX_TEXTS_MAX && !text_find(outbox, order->text)
                     ? -ENOBUFS
                     : apply_text(outbox, order, now_ms);
    outbox->counts.repeated += status == -EEXIST;
    if (status != 0)
        return status;
    outbox->counts.ordered++;
    record_text(&outbox->entry, text_find(outbox, order->text));
    ledger_add(outbox->ledger, &outbox->entry);
    return 0;
}

void outbox_refuse(struct outbox *outbox, const struct order_text *order, uint32_t cause,
                   uint64_t now_ms)
{
    struct order_text bare = { .text = order->text };

    if (apply_text(outbox, &bare, now_ms) != 0)
        return;
    record_text(&outbox->entry, text_find(outbox, order->text));
    ledger_add(outbox->ledger, &outbox->entry);
    record_pair(&outbox->entry, RECORD_GIVEN_UP, order->text, cause);
    ledger_add(outbox->ledger, &outbox->entry);
    apply_given_up(outbox, order->text, cause);
}

static void address_set(uint8_t *ton, uint8_t *npi, char address[SMPP_ADDRESS_BYTES],
                        const char *number)
{
    *ton = number[0] == '+' ? 1 : 0; /* international, or as the centre knows it */
    *npi = 1;                        /* E.164 */
    (void)text_copy(address, SMPP_ADDRESS_BYTES, number[0] == '+' ? number + 1 : number);
}

bool outbox_next(struct outbox *outbox, uint64_t now_ms, struct smpp_parcel *parcel,
                 struct smpp_pdu *pdu)
{
    struct heap_node *node = heap_first(&outbox->heap);
    uint8_t part = 0;

    if (!node || node->key > now_ms)
        return false;
    struct outbox_text *text = (struct outbox_text *)(void *)node;
    while (text->parts[part].state != PART_WAITING)
        part++;
    REQUIRE(part < text->total);
    int status = parts_split(&outbox->split, text->words, strlen(text->words), PARTS_HEADER_8,
                             (uint16_t)(text->text & 0xFF));
    REQUIRE(status == 0);
    *parcel = (struct smpp_parcel){ text->text, part };
    memset(pdu, 0, sizeof *pdu);
    address_set(&pdu->source_ton, &pdu->source_npi, pdu->source, text->from);
    address_set(&pdu->dest_ton, &pdu->dest_npi, pdu->dest, text->number);
    pdu->registered_delivery = text->receipt;
    parts_dress(&outbox->split, (uint8_t)(part + 1), pdu, outbox->scratch);
    outbox->scratch[4] = (uint8_t)(text->text >> 8);
    outbox->scratch[5] = (uint8_t)text->text;
    (void)smpp_pdu_add(pdu, SMPP_TAG_USER_MESSAGE_REFERENCE, outbox->scratch + 4, 2);
    return true;
}

uint64_t outbox_due(const struct outbox *outbox)
{
    const struct heap_node *node = heap_first(&outbox->heap);

    return node ? node->key : UINT64_MAX;
}

void outbox_note_sending(struct outbox *outbox, struct smpp_parcel parcel)
{
    struct outbox_part *part = part_find(outbox, parcel);

    REQUIRE(part && part->state == PART_WAITING);
    outbox->counts.possible_duplicates += part->doubtful;
    apply_sending(outbox, part);
    record_parcel(&outbox->entry, RECORD_SENDING, parcel);
    ledger_add(outbox->ledger, &outbox->entry);
}

void outbox_note_answer(struct outbox *outbox, struct smpp_parcel parcel, uint32_t status,
                        const char *message_id, uint64_t now_ms)
{
    record_answer(&outbox->entry, parcel, status, message_id, now_ms);
    ledger_add(outbox->ledger, &outbox->entry);
    apply_answer(outbox, parcel, status, message_id, now_ms);
}

void outbox_note_unknown(struct outbox *outbox, struct smpp_parcel parcel)
{
    struct outbox_part *part = part_find(outbox, parcel);

    if (part)
        apply_unknown(outbox, part);
}

void outbox_note_receipt(struct outbox *outbox, const struct receipt *receipt)
{
    if (receipt->state == RECEIPT_UNDER_WAY)
        return;
    record_receipt(&outbox->entry, receipt);
    ledger_add(outbox->ledger, &outbox->entry);
    apply_receipt(outbox, receipt);
}

bool outbox_next_report(const struct outbox *outbox, struct outbox_report *report)
{
    const struct outbox_text *text = outbox->first_report;

    if (!text)
        return false;
    *report = (struct outbox_report){ .text = text->text, .state = report_due(text) };
    if (report->state == TEXT_STATE_FAILED)
        report->cause = text->cause;
    if (text->parts[0].message_id)
        (void)text_copy(report->reference, sizeof report->reference, text->parts[0].message_id);
    return true;
}

void outbox_report_is_out(struct outbox *outbox)
{
    REQUIRE(outbox->first_report);
    report_unqueue(outbox, outbox->first_report);
}

void outbox_reported(struct outbox *outbox, uint64_t text, enum text_state state)
{
    record_pair(&outbox->entry, RECORD_REPORTED, text, state);
    ledger_add(outbox->ledger, &outbox->entry);
    apply_reported(outbox, text, state);
}

/* The records that bring a text to where it stands. */
static void emit_text(struct outbox *outbox, struct ledger *ledger, const struct outbox_text *text)
{
    struct entry *entry = &outbox->entry;

    record_text(entry, text);
    ledger_add(ledger, entry);
    for (uint8_t i = 0; i < text->total; i++) {
        const struct outbox_part *part = &text->parts[i];
        struct smpp_parcel parcel = { text->text, i };
        struct receipt receipt = { .state = RECEIPT_DELIVERED };

        if (part->state == PART_SENDING || part->doubtful) {
            record_parcel(entry, RECORD_SENDING, parcel);
            ledger_add(ledger, entry);
        }
        if (part->state < PART_TAKEN)
            continue;
        record_answer(entry, parcel, SMPP_ROK, part->message_id, text->ordered_ms);
        ledger_add(ledger, entry);
        if (part->state < PART_DELIVERED)
            continue;
        (void)text_copy(receipt.message_id, sizeof receipt.message_id, part->message_id);
        record_receipt(entry, &receipt);
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
    for (uint32_t i = 0; i < BUCKETS; i++)
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
    emit_texts(outbox, ledger);
}

static void text_tidy(struct outbox *outbox, struct outbox_text *text, uint64_t now_ms)
{
    uint64_t age = now_ms > text->ordered_ms ? now_ms - text->ordered_ms : 0;

    if (text->reached == TEXT_STATE_ORDERED && age > OUTBOX_GIVE_UP_MS) {
        uint32_t cause = text->cause ? text->cause : SMPP_RDELIVERYFAILURE;

        record_pair(&outbox->entry, RECORD_GIVEN_UP, text->text, cause);
        ledger_add(outbox->ledger, &outbox->entry);
        text_fail(outbox, text, cause);
    } else if (text->reported == TEXT_STATE_SENT && text->reached == TEXT_STATE_SENT &&
               age > OUTBOX_RECEIPT_MS) {
        record_pair(&outbox->entry, RECORD_FORGOTTEN, text->text, 0);
        ledger_add(outbox->ledger, &outbox->entry);
        apply_forgotten(outbox, text->text);
    }
}

void outbox_tidy(struct outbox *outbox, uint64_t now_ms)
{
    for (uint32_t i = 0; i < BUCKETS; i++) {
        for (struct outbox_text *text = outbox->texts[i], *next; text; text = next) {
            next = text->next;
            text_tidy(outbox, text, now_ms);
        }
    }
    uint64_t size = ledger_size(outbox->ledger);
    if (size < OUTBOX_REWRITE_BYTES || size < 2 * outbox->rewritten_bytes)
        return;
    ledger_rewrite(outbox->ledger, emit_all, outbox);
    outbox->rewritten_bytes = ledger_size(outbox->ledger);
}

int outbox_sync(struct outbox *outbox)
{
    return ledger_sync(outbox->ledger);
}

void outbox_count(const struct outbox *outbox, struct outbox_counts *counts)
{
    *counts = outbox->counts;
    counts->waiting = outbox->heap.count;
}
