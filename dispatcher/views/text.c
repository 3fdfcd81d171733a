/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Texts to citizens, listed by incident; and conversations, both sides in the order of their numbers. The
 * contact's own number stands for its first text. */
#include <errno.h>

#include "dispatcher/views/row.h"

static int text_ordered(const struct change *change)
{
    const struct event *event = change->event;
    bool words = event->text_ordered.template == TEMPLATE_WORDS;
    struct text_row row = { .text = event->text_ordered.text,
                            .incident = event->incident,
                            .contact = event->contact,
                            .template = event->text_ordered.template,
                            .state = TEXT_STATE_ORDERED,
                            .ordered_ms = event->at_ms,
                            .moved_ms = event->at_ms,
                            .seq = words ? event->seq : 0,
                            .taker = words ? event->taker : 0 };
    int status = event->incident || !event->contact
                     ? mark_put(change, key_of2(VIEW_TEXT_HAS, row.incident, row.text))
                     : 0;
    if (status == 0 && event->contact)
        status = mark_put(change, key_of2(VIEW_SAID, row.contact, row.text));
    return status < 0 ? status
                      : row_put(change, key_of1(VIEW_TEXT, row.text), SCHEMA_TEXT_ROW, &row);
}

static int text_reported(const struct change *change)
{
    const struct event *event = change->event;
    struct text_row row;
    struct key key = key_of1(VIEW_TEXT, event->text_reported.text);
    int status = row_take(change, key, SCHEMA_TEXT_ROW, &row);
    if (status < 0)
        return status == -ENOENT ? 0 : status;
    row.state = event->text_reported.state;
    row.phone = event->text_reported.phone;
    row.moved_ms = event->at_ms;
    if (row.phone)
        status = mark_put(change, key_of1(VIEW_PHONE, row.text));
    return status < 0 ? status : row_put(change, key, SCHEMA_TEXT_ROW, &row);
}

static int text_received(const struct change *change)
{
    const struct event *event = change->event;
    struct text_row row = { .text = event->text_received.text,
                            .contact = event->contact,
                            .received = true,
                            .ordered_ms = event->text_received.arrived_ms,
                            .moved_ms = event->at_ms,
                            .seq = event->seq,
                            .typing = event->text_received.typing };
    int status = mark_put(change, key_of2(VIEW_SAID, row.contact, row.text));
    return status < 0 ? status
                      : row_put(change, key_of1(VIEW_TEXT, row.text), SCHEMA_TEXT_ROW, &row);
}

/* Nobody tells how far it came: it is heard as it is said, or the call is over. */
static int text_typed(const struct change *change)
{
    const struct event *event = change->event;
    struct text_row row = { .text = event->text_typed.text,
                            .contact = event->contact,
                            .template = TEMPLATE_WORDS,
                            .state = TEXT_STATE_SENT,
                            .ordered_ms = event->at_ms,
                            .moved_ms = event->at_ms,
                            .seq = event->seq,
                            .taker = event->taker,
                            .gateway = event->text_typed.gateway,
                            .typing = event->text_typed.typing };
    int status = mark_put(change, key_of2(VIEW_SAID, row.contact, row.text));
    return status < 0 ? status
                      : row_put(change, key_of1(VIEW_TEXT, row.text), SCHEMA_TEXT_ROW, &row);
}

int apply_to_texts(const struct change *change)
{
    switch (change->event->kind) {
    case EVENT_TEXT_ORDERED:
        return text_ordered(change);
    case EVENT_TEXT_REPORTED:
        return text_reported(change);
    case EVENT_TEXT_RECEIVED:
        return text_received(change);
    case EVENT_TEXT_TYPED:
        return text_typed(change);
    default: /* no text */
        return 0;
    }
}

/* The first words came with the contact: the oldest event of its trail. */
static int first_text(const struct question *question, uint64_t contact, struct text_row *row)
{
    struct contact_row of_contact;
    struct key prefix = key_of1(VIEW_CONTACT_TRAIL, contact);
    struct slice value;
    uint64_t seq;
    int status = row_get(question->views, question->read, key_of1(VIEW_CONTACT, contact),
                         SCHEMA_CONTACT_ROW, &of_contact);
    if (status < 0 || of_contact.channel != CHANNEL_SMS)
        return status < 0 ? status : -ENOENT;
    status = view_next(question->read, &prefix, &prefix, &seq, &value);
    if (status < 0)
        return status;
    *row = (struct text_row){ .text = contact,
                              .contact = contact,
                              .received = true,
                              .ordered_ms = of_contact.arrived_ms,
                              .moved_ms = of_contact.arrived_ms,
                              .seq = seq };
    return 0;
}

/* Texts of the list behind `after`. */
static int answer_list(const struct question *question, struct key prefix, uint64_t after,
                       struct answer *answer)
{
    struct texts *texts = &answer->texts;
    uint32_t room = sizeof texts->rows / sizeof texts->rows[0];
    for (;;) {
        struct key from = prefix;
        struct slice value;
        uint64_t text;
        key_u64(&from, after + 1);
        int status = view_next(question->read, &prefix, &from, &text, &value);
        if (status < 0)
            return status == -ENOENT ? 0 : status;
        answer->more = texts->rows_count == room;
        if (answer->more) {
            answer->next = after;
            return 0;
        }
        status = row_get(question->views, question->read, key_of1(VIEW_TEXT, text), SCHEMA_TEXT_ROW,
                         &texts->rows[texts->rows_count++]);
        if (status < 0)
            return status;
        after = text;
    }
}

int answer_texts(const struct question *question, struct answer *answer)
{
    const struct texts_query *asked = &question->query->texts;
    struct texts *texts = &answer->texts;
    answer->kind = ANSWER_TEXTS;
    texts->rows_count = 0;
    if (asked->owed)
        return answer_list(question, key_of(VIEW_PHONE), asked->after, answer);
    if (asked->incident || !asked->contact)
        return answer_list(question, key_of1(VIEW_TEXT_HAS, asked->incident), 0, answer);
    if (!asked->after) {
        int status = first_text(question, asked->contact, &texts->rows[0]);
        if (status < 0 && status != -ENOENT)
            return status;
        texts->rows_count = status == 0;
    }
    return answer_list(question, key_of1(VIEW_SAID, asked->contact), asked->after, answer);
}
