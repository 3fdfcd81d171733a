/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "dispatcher/views/row.h"

enum {
    DISPOSED_READ_MAX = 2048
};

/* ---- status -------------------------------------------------------------------------------- */

static int count_read(const struct question *question, enum counter counter, uint64_t which,
                      uint32_t *count)
{
    uint64_t number;
    int status = number_get(question->read, key_of2(VIEW_COUNT, counter, which), &number);
    *count = (uint32_t)number;
    return status;
}

static int line_status(const struct question *question, uint32_t line, struct line_status *row)
{
    struct key prefix = key_of1(VIEW_LINE_QUEUE, line);
    struct slice key, value;
    struct key today = key_of2(VIEW_DAY, day_of(question->views, question->now_ms), line);
    int status = row_get(question->views, question->read, today, SCHEMA_LINE_STATUS, row);
    if (status == -ENOENT) {
        *row = (struct line_status){ .line = line };
        status = 0;
    }
    if (status == 0)
        status = count_read(question, COUNT_WAITING, line, &row->waiting);
    if (status < 0 || row->waiting == 0)
        return status;
    status = transaction_from(question->read, TABLE_VIEWS, key_slice(&prefix), &key, &value);
    if (status == 0 && slice_starts_with(key, &prefix))
        row->oldest_ms = slice_u64(key, prefix.size);
    return status == -ENOENT ? 0 : status;
}

static int lines_status(const struct question *question, struct status *answer)
{
    struct key prefix = key_of1(VIEW_CITY, CITY_TABLE_LINES), from = prefix;
    uint32_t room = sizeof answer->lines / sizeof answer->lines[0];
    uint64_t line;
    struct slice value;
    int status = 0;
    while (answer->lines_count < room &&
           (status = view_next(question->read, &prefix, &from, &line, &value)) == 0) {
        struct line_status *row = &answer->lines[answer->lines_count++];
        status = line_status(question, (uint32_t)line, row);
        if (status < 0)
            return status;
        answer->waiting += row->waiting;
        from = key_of2(VIEW_CITY, CITY_TABLE_LINES, line + 1);
    }
    return status == -ENOENT ? 0 : status;
}

static int gateways_status(const struct question *question, struct status *answer)
{
    struct key prefix = key_of1(VIEW_CITY, CITY_TABLE_GATEWAYS), from = prefix;
    uint32_t room = sizeof answer->gateways / sizeof answer->gateways[0];
    uint64_t gateway;
    struct slice value;
    int status = 0;
    while (answer->gateways_count < room &&
           (status = view_next(question->read, &prefix, &from, &gateway, &value)) == 0) {
        struct gateway_row row;
        status =
            codec_unpack(question->views->codec, SCHEMA_GATEWAY_ROW, value.data, value.size, &row);
        if (status < 0)
            return status;
        from = key_of2(VIEW_CITY, CITY_TABLE_GATEWAYS, gateway + 1);
        if (row.retired)
            continue;
        struct gateway_status *place = &answer->gateways[answer->gateways_count++];
        status = row_get(question->views, question->read, key_of1(VIEW_GATEWAY, gateway),
                         SCHEMA_GATEWAY_STATUS, place);
        if (status == -ENOENT)
            *place = (struct gateway_status){ .gateway = (uint32_t)gateway };
        else if (status < 0)
            return status;
        memcpy(place->name, row.name, sizeof place->name);
        place->kind = row.kind;
    }
    return status == -ENOENT ? 0 : status;
}

int answer_status(const struct question *question, struct answer *answer)
{
    struct status *row = &answer->status;
    struct city_loaded city;
    answer->kind = ANSWER_STATUS;
    memset(row, 0, sizeof *row);
    row->epoch = question->views->epoch;
    row->now_ms = question->now_ms;
    row->utc_offset_min = (uint32_t)question->views->offset_min;
    int status = number_get(question->read, key_of1(VIEW_PARAMETER, PARAMETER_LOCK_IDLE_MS),
                            &row->lock_idle_ms);
    if (status < 0 && status != -ENOENT)
        return status;
    status = row_get(question->views, question->read, key_of2(VIEW_CITY, CITY_ITSELF, 0),
                     SCHEMA_CITY_LOADED, &city);
    if (status == 0) {
        memcpy(row->city_zh, city.name_zh, sizeof row->city_zh);
        memcpy(row->city_en, city.name_en, sizeof row->city_en);
        memcpy(row->south, city.south, sizeof row->south);
        memcpy(row->west, city.west, sizeof row->west);
    } else if (status != -ENOENT)
        return status;
    status = count_read(question, COUNT_TALKING, 0, &row->talking);
    if (status == 0)
        status = count_read(question, COUNT_READY, 0, &row->ready);
    if (status == 0)
        status = count_read(question, COUNT_SIGNED_ON, 0, &row->signed_on);
    if (status == 0)
        status = count_read(question, COUNT_OPEN, 0, &row->open_incidents);
    if (status == 0)
        status = count_read(question, COUNT_OVERDUE, 0, &row->overdue);
    if (status == 0)
        status = count_read(question, COUNT_CALLBACKS, 0, &row->callbacks);
    if (status == 0)
        status = lines_status(question, row);
    return status < 0 ? status : gateways_status(question, row);
}

/* ---- contacts ------------------------------------------------------------------------------ */

static int contact_read(const struct question *question, uint64_t contact, struct contact_row *row)
{
    return row_get(question->views, question->read, key_of1(VIEW_CONTACT, contact),
                   SCHEMA_CONTACT_ROW, row);
}

/* Takes the contacts of a list from `from` on, until the answer is full: then *full. */
static int contacts_take(const struct question *question, const struct key *prefix,
                         const struct key *from, struct contacts *contacts, bool *full)
{
    uint32_t room = sizeof contacts->rows / sizeof contacts->rows[0];
    struct key at = *from;
    for (;;) {
        struct slice key, value;
        int status = transaction_from(question->read, TABLE_VIEWS, key_slice(&at), &key, &value);
        if (status == -ENOENT || (status == 0 && !slice_starts_with(key, prefix)))
            return 0;
        if (status == 0 && contacts->rows_count == room) {
            *full = true;
            return 0;
        }
        uint64_t contact = status == 0 ? slice_u64(key, key.size - sizeof contact) : 0;
        at.size = 0;
        if (status == 0)
            key_bytes(&at, key.data, key.size);
        key_u8(&at, 0);
        if (status == 0)
            status = contact_read(question, contact, &contacts->rows[contacts->rows_count]);
        if (status < 0)
            return status;
        contacts->rows_count++;
    }
}

static int ended_take(const struct question *question, struct contacts *contacts, bool *full)
{
    uint32_t room = sizeof contacts->rows / sizeof contacts->rows[0];
    struct key prefix = key_of(VIEW_ENDED), limit = key_of(VIEW_ENDED + 1);
    struct contact_row row;
    int status = contact_read(question, question->query->contacts.after, &row);
    if (status == 0)
        limit = key_of2(VIEW_ENDED, row.ended_ms, row.contact);
    for (;;) {
        uint64_t contact;
        struct slice value;
        status = view_previous(question->read, &prefix, &limit, &contact, &value);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        if (contacts->rows_count == room) {
            *full = true;
            return 0;
        }
        struct contact_row *place = &contacts->rows[contacts->rows_count++];
        status = contact_read(question, contact, place);
        if (status < 0)
            return status;
        limit = key_of2(VIEW_ENDED, place->ended_ms, contact);
    }
}

static bool is_asked_for(const struct question *question, const struct contact_row *row)
{
    const struct contacts_query *asked = &question->query->contacts;
    uint32_t day = day_of(question->views, row->arrived_ms);
    return (!asked->line || row->line == asked->line) &&
           (!asked->taker || row->taker == asked->taker) &&
           (!asked->from_day || day >= asked->from_day) &&
           (!asked->until_day || day <= asked->until_day);
}

/* At most DISPOSED_READ_MAX are looked at: an answer may say "more" with few rows, or none. */
static int disposed_take(const struct question *question, struct contacts *contacts,
                         struct answer *answer)
{
    const struct contacts_query *asked = &question->query->contacts;
    struct key prefix = key_of1(VIEW_DISPOSED, asked->disposition);
    uint64_t before = asked->after ? asked->after : UINT64_MAX;
    for (unsigned read = 0;; read++) {
        struct key limit = key_of2(VIEW_DISPOSED, asked->disposition, before);
        struct slice value;
        uint64_t last = before;
        int status = view_previous(question->read, &prefix, &limit, &before, &value);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        if (contacts->rows_count == sizeof contacts->rows / sizeof contacts->rows[0] ||
            read == DISPOSED_READ_MAX) {
            answer->more = true;
            answer->next = last;
            return 0;
        }
        struct contact_row *place = &contacts->rows[contacts->rows_count];
        status = contact_read(question, before, place);
        if (status < 0)
            return status;
        contacts->rows_count += is_asked_for(question, place);
    }
}

/* Where the queue continues behind a contact; a connected one: the queue is through. */
static int live_take(const struct question *question, struct contacts *contacts, bool *full)
{
    struct key queue = key_of(VIEW_QUEUE), talking = key_of(VIEW_TALKING);
    struct key from = queue, from_talking = talking;
    struct contact_row row;
    bool queue_done = false;
    if (question->query->contacts.after) {
        int status = contact_read(question, question->query->contacts.after, &row);
        if (status < 0 && status != -ENOENT)
            return status;
        if (status == 0 &&
            (row.state == CONTACT_STATE_WAITING || row.state == CONTACT_STATE_OFFERED))
            from = key_of3(VIEW_QUEUE, row.band, row.due_ms, row.contact + 1);
        else {
            queue_done = true;
            from_talking = key_of1(VIEW_TALKING, question->query->contacts.after + 1);
        }
    }
    int status = queue_done ? 0 : contacts_take(question, &queue, &from, contacts, full);
    if (status == 0 && !*full)
        status = contacts_take(question, &talking, &from_talking, contacts, full);
    return status;
}

int answer_contacts(const struct question *question, struct answer *answer)
{
    struct contacts *contacts = &answer->contacts;
    answer->kind = ANSWER_CONTACTS;
    contacts->rows_count = 0;
    if (question->query->contacts.contact) {
        contacts->rows_count = 1;
        return row_get(question->views, question->read,
                       key_of1(VIEW_CONTACT, question->query->contacts.contact), SCHEMA_CONTACT_ROW,
                       &contacts->rows[0]);
    }
    const struct contacts_query *asked = &question->query->contacts;
    if (asked->disposition)
        return disposed_take(question, contacts, answer);
    int status = asked->ended ? ended_take(question, contacts, &answer->more)
                              : live_take(question, contacts, &answer->more);
    if (answer->more)
        answer->next = contacts->rows[contacts->rows_count - 1].contact;
    return status;
}

/* ---- takers, callbacks --------------------------------------------------------------------- */

int answer_takers(const struct question *question, struct answer *answer)
{
    struct takers *takers = &answer->takers;
    uint32_t room = sizeof takers->rows / sizeof takers->rows[0];
    uint64_t after = question->query->takers.after;
    struct key prefix = key_of(VIEW_TAKER);
    answer->kind = ANSWER_TAKERS;
    takers->rows_count = 0;
    for (;;) {
        struct key from = key_of1(VIEW_TAKER, after + 1);
        struct slice value;
        uint64_t taker, served = 0;
        int status = view_next(question->read, &prefix, &from, &taker, &value);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        if (takers->rows_count == room) {
            answer->more = true;
            answer->next = after;
            return 0;
        }
        struct taker_row *row = &takers->rows[takers->rows_count++];
        status =
            codec_unpack(question->views->codec, SCHEMA_TAKER_ROW, value.data, value.size, row);
        if (status == 0)
            status = number_get(
                question->read,
                key_of2(VIEW_SERVED, day_of(question->views, question->now_ms), taker), &served);
        if (status < 0)
            return status;
        row->served = (uint32_t)served;
        after = taker;
    }
}

int answer_callbacks(const struct question *question, struct answer *answer)
{
    struct callbacks *callbacks = &answer->callbacks;
    uint32_t room = sizeof callbacks->rows / sizeof callbacks->rows[0];
    uint64_t after = question->query->callbacks.after;
    struct key prefix = key_of(VIEW_CALLBACK);
    answer->kind = ANSWER_CALLBACKS;
    callbacks->rows_count = 0;
    for (;;) {
        struct key from = key_of1(VIEW_CALLBACK, after + 1);
        struct slice value;
        uint64_t callback;
        int status = view_next(question->read, &prefix, &from, &callback, &value);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        if (callbacks->rows_count == room) {
            answer->more = true;
            answer->next = after;
            return 0;
        }
        status = codec_unpack(question->views->codec, SCHEMA_CALLBACK_ROW, value.data, value.size,
                              &callbacks->rows[callbacks->rows_count++]);
        if (status < 0)
            return status;
        after = callback;
    }
}
