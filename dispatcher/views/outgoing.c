/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What becomes of texts before they go out: held, excused, leased, sent by another gateway. And
 * notices to many. */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "dispatcher/views/row.h"

/* ---- texts ------------------------------------------------------------------------------------ */

static int text_put(const struct change *change, struct text_row *row)
{
    row->moved_ms = change->event->at_ms;
    return row_put(change, key_of1(VIEW_TEXT, row->text), SCHEMA_TEXT_ROW, row);
}

/* A text that is not ordered yet, and perhaps never. */
static int text_begin(const struct change *change, struct text_row *row)
{
    struct text_row known;
    int status = row_take(change, key_of1(VIEW_TEXT, row->text), SCHEMA_TEXT_ROW, &known);
    if (status < 0 && status != -ENOENT)
        return status;
    row->incident = change->event->incident;
    row->ordered_ms = status == 0 ? known.ordered_ms : change->event->at_ms;
    if (status == -ENOENT)
        status = mark_put(change, key_of2(VIEW_TEXT_HAS, row->incident, row->text));
    if (status == 0 && row->phone && row->template != TEMPLATE_RESULT)
        status = mark_put(change, key_of1(VIEW_PHONE, row->text));
    return status < 0 ? status : text_put(change, row);
}

static int text_leased(const struct change *change, uint64_t text, uint32_t gateway,
                       enum text_state state, bool doubtful)
{
    struct text_row row;
    int status = row_take(change, key_of1(VIEW_TEXT, text), SCHEMA_TEXT_ROW, &row);
    if (status < 0)
        return status == -ENOENT ? 0 : status;
    row.gateway = gateway;
    row.state = state;
    row.doubtful |= doubtful;
    return text_put(change, &row);
}

static int texts_sending(const struct change *change)
{
    const struct text_sending *sending = &change->event->text_sending;
    int status = 0;
    for (uint32_t i = 0; i < sending->texts_count && status == 0; i++)
        status =
            text_leased(change, sending->texts[i], sending->gateway, TEXT_STATE_SENDING, false);
    return status;
}

static int text_failed(const struct change *change)
{
    struct text_row row;
    struct key key = key_of1(VIEW_TEXT, change->event->text_reported.text);
    int status = row_take(change, key, SCHEMA_TEXT_ROW, &row);
    if (status < 0)
        return status == -ENOENT ? 0 : status;
    row.cause = change->event->text_reported.cause;
    return text_put(change, &row);
}

static int text_phoned(const struct change *change)
{
    struct text_row row;
    uint64_t text = change->event->text_phoned.text;
    int status = row_take(change, key_of1(VIEW_TEXT, text), SCHEMA_TEXT_ROW, &row);
    if (status < 0 || row.incident != change->event->incident || !row.phone)
        return status == -ENOENT ? 0 : status;
    row.phone = false;
    status = mark_remove(change, key_of1(VIEW_PHONE, text));
    return status < 0 ? status : text_put(change, &row);
}

/* ---- notices ------------------------------------------------------------------------------------ */

static int notice_created(const struct change *change)
{
    const struct event *event = change->event;
    struct notice_row row = { .notice = event->notice,
                              .state = NOTICE_STATE_DRAFTED,
                              .created_by = event->actor,
                              .created_ms = event->at_ms,
                              .moved_ms = event->at_ms,
                              .rate = event->notice_created.rate,
                              .edition = 1,
                              .words = event->seq,
                              .line = event->line };
    (void)text_copy(row.reason, sizeof row.reason, event->notice_created.reason);
    return row_put(change, key_of1(VIEW_NOTICE, row.notice), SCHEMA_NOTICE_ROW, &row);
}

static void notice_move(const struct event *event, struct notice_row *row)
{
    const struct notice_moved *moved = &event->notice_moved;
    if (moved->text && !moved->again) {
        row->started_by = event->actor;
        row->text = moved->text;
    }
    row->state = moved->to;
    row->next_ms = moved->next_ms;
    row->moved_ms = event->at_ms;
}

static uint32_t *who_has(struct notice_row *row, enum notice_has has)
{
    return has == NOTICE_HAS_LAST    ? &row->has_last
           : has == NOTICE_HAS_OTHER ? &row->has_other
                                     : &row->has_either;
}

static void notice_has(const struct event *event, struct notice_row *row)
{
    const struct notice_reported *reported = &event->notice_reported;
    if (reported->had != NOTICE_HAS_NONE)
        --*who_has(row, reported->had);
    ++*who_has(row, reported->has == NOTICE_HAS_NONE ? NOTICE_HAS_LAST : reported->has);
}

static void notice_report(const struct event *event, struct notice_row *row)
{
    enum text_state state = event->notice_reported.state;
    row->sent += state == TEXT_STATE_SENT;
    row->delivered += state == TEXT_STATE_DELIVERED;
    row->failed += state == TEXT_STATE_FAILED;
    row->excused += state == TEXT_STATE_EXCUSED;
    if (state == TEXT_STATE_DELIVERED)
        notice_has(event, row);
}

/* Other words wait, or hold already: then what anybody has are others. */
static void notice_correct(const struct event *event, struct notice_row *row)
{
    if (event->kind == EVENT_NOTICE_REPLACED) {
        row->edition = event->notice_replaced.edition;
        row->corrected_by = 0;
        row->words = event->notice_replaced.words;
        row->waiting = 0;
        row->has_other += row->has_last + row->has_either;
        row->has_last = row->has_either = 0;
    } else if (row->state == NOTICE_STATE_DRAFTED) {
        row->created_by = event->actor;
        row->words = event->seq;
    } else {
        row->corrected_by = event->actor;
        row->waiting = event->seq;
        (void)text_copy(row->correction, sizeof row->correction, event->notice_corrected.reason);
    }
}

static void notice_step(const struct event *event, struct notice_row *row)
{
    const struct notice_stepped *stepped = &event->notice_stepped;
    bool again = stepped->text < row->text || stepped->text - row->text >= row->total;
    row->ordered += again ? 0 : stepped->count;
    row->again += again ? stepped->count : 0;
    row->next_ms = stepped->next_ms;
}

static int notice_changed(const struct change *change)
{
    const struct event *event = change->event;
    struct notice_row row;
    struct key key = key_of1(VIEW_NOTICE, event->notice);
    int status = row_take(change, key, SCHEMA_NOTICE_ROW, &row);
    if (status < 0)
        return status == -ENOENT ? 0 : status;
    if (event->kind == EVENT_NOTICE_ADDED) {
        row.total += event->notice_added.count;
    } else if (event->kind == EVENT_NOTICE_STEPPED) {
        notice_step(event, &row);
    } else if (event->kind == EVENT_NOTICE_MOVED) {
        notice_move(event, &row);
    } else if (event->kind != EVENT_NOTICE_REPORTED) {
        notice_correct(event, &row);
    } else {
        notice_report(event, &row);
    }
    return row_put(change, key, SCHEMA_NOTICE_ROW, &row);
}

/* ---- all of it ------------------------------------------------------------------------------------ */

int apply_to_outgoing(const struct change *change)
{
    const struct event *event = change->event;
    switch (event->kind) {
    case EVENT_TEXT_HELD:
        return text_begin(change, &(struct text_row){ .text = event->text_held.text,
                                                      .template = event->text_held.template,
                                                      .state = TEXT_STATE_HELD,
                                                      .until_ms = event->text_held.until_ms });
    case EVENT_TEXT_EXCUSED:
        return text_begin(change, &(struct text_row){ .text = event->text_excused.text,
                                                      .template = event->text_excused.template,
                                                      .state = TEXT_STATE_EXCUSED,
                                                      .excuse = event->text_excused.excuse,
                                                      .phone = event->text_excused.phone });
    case EVENT_TEXT_ORDERED: /* its row stands already */
        return text_leased(change, event->text_ordered.text, event->text_ordered.gateway,
                           TEXT_STATE_ORDERED, false);
    case EVENT_TEXT_LEASED:
        return text_leased(change, event->text_leased.text, event->text_leased.gateway,
                           TEXT_STATE_ORDERED, event->text_leased.doubtful);
    case EVENT_TEXT_SENDING:
        return texts_sending(change);
    case EVENT_TEXT_PHONED:
        return text_phoned(change);
    case EVENT_TEXT_REPORTED:
        return event->text_reported.cause ? text_failed(change) : 0;
    case EVENT_NOTICE_CREATED:
        return notice_created(change);
    case EVENT_NOTICE_ADDED:
    case EVENT_NOTICE_MOVED:
    case EVENT_NOTICE_STEPPED:
    case EVENT_NOTICE_REPORTED:
    case EVENT_NOTICE_CORRECTED:
    case EVENT_NOTICE_REPLACED:
        return notice_changed(change);
    default: /* nothing that goes out */
        return 0;
    }
}

int answer_notices(const struct question *question, struct answer *answer)
{
    struct notices *notices = &answer->notices;
    const struct notices_query *asked = &question->query->notices;
    uint32_t room = sizeof notices->rows / sizeof notices->rows[0];
    uint64_t at = asked->notice ? asked->notice + 1 : asked->before ? asked->before : UINT64_MAX;
    struct key prefix = key_of(VIEW_NOTICE);
    answer->kind = ANSWER_NOTICES;
    notices->rows_count = 0;
    for (;;) {
        struct key limit = key_of1(VIEW_NOTICE, at);
        struct slice value;
        int status = view_previous(question->read, &prefix, &limit, &at, &value);
        if (status == -ENOENT || (status == 0 && asked->notice && at != asked->notice))
            return 0;
        if (status == 0 && notices->rows_count == room) {
            answer->more = true;
            answer->next = notices->rows[room - 1].notice;
            return 0;
        }
        if (status == 0)
            status = row_get(question->views, question->read, key_of1(VIEW_NOTICE, at),
                             SCHEMA_NOTICE_ROW, &notices->rows[notices->rows_count]);
        if (status < 0)
            return status;
        notices->rows_count++;
    }
}
