/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What people look up is what happened: each answer is compared with a count over the events. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "dispatcher/views/views.h"
#include "proto/codec.h"
#include "tests/unit/own_journal.h"
#include "tests/unit/town.h"

enum {
    EVENTS = 5000,
    IDS_MAX = 4096
};

static char folder[FOLDER_BYTES];
static struct journal *journal;
static struct codec *codec;
static struct town town;
static struct event events[EVENTS];
static struct query query;
static struct answer answer;

static void append(const struct event *event, const struct personal *personal)
{
    const struct stored_event *row;
    assert_int_equal(journal_append(journal, event, personal, &row), 0);
}

static int set_up(void **state)
{
    (void)state;
    codec = codec_open();
    return own_journal_open(&journal, folder);
}

static int set_up_town(void **state)
{
    if (set_up(state) < 0)
        return -1;
    town_init(&town, 3);
    for (int i = 0; i < EVENTS;) {
        assert_int_equal(journal_begin(journal), 0);
        for (int k = 0; k < 250; k++, i++) {
            const struct personal *personal;
            town_next(&town, &events[i], &personal);
            append(&events[i], personal);
        }
        assert_int_equal(journal_commit(journal, town.at_ms), 0);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    journal_close(journal);
    codec_close(codec);
    folder_remove(folder);
    return 0;
}

/* Asks, and holds that the answer fits a frame. */
static void ask(void)
{
    static struct frame frame;
    static uint8_t bytes[FRAME_MAX_BYTES];
    journal_query(journal, &query, town.at_ms, &answer);
    frame.kind = FRAME_REPLY;
    frame.reply.id = 1;
    frame.reply.has_answer = true;
    frame.reply.answer = answer;
    assert_true(codec_pack(codec, SCHEMA_FRAME, &frame, bytes, sizeof bytes) > 0);
}

static void one_turn(const struct event *list, int count)
{
    assert_int_equal(journal_begin(journal), 0);
    for (int i = 0; i < count; i++)
        append(&list[i], NULL);
    assert_int_equal(journal_commit(journal, list[count - 1].at_ms), 0);
    town.at_ms = list[count - 1].at_ms;
}

/* ---- the queue ----------------------------------------------------------------------------- */

static struct event arrival(uint64_t seq, uint64_t contact, enum band band, uint64_t due_ms)
{
    struct event event = { .seq = seq,
                           .at_ms = 1000,
                           .contact = contact,
                           .line = band == BAND_ORDINARY ? 12345 : 110,
                           .kind = EVENT_CONTACT_ARRIVED };
    event.contact_arrived.band = band;
    event.contact_arrived.due_ms = due_ms;
    event.contact_arrived.arrived_ms = 900 + seq;
    return event;
}

static void contacts_stand_in_the_queues_order(void **state)
{
    (void)state;
    struct event list[] = {
        arrival(1, 11, BAND_ORDINARY, 5000),
        arrival(2, 12, BAND_EMERGENCY, 9000),
        arrival(3, 13, BAND_ORDINARY, 4000),
        arrival(4, 14, BAND_EMERGENCY, 9000),
        arrival(5, 15, BAND_LIFE, 99000),
        { .seq = 6,
          .at_ms = 2000,
          .contact = 12,
          .offer = 20,
          .taker = 1001,
          .kind = EVENT_OFFER_MADE },
        { .seq = 7,
          .at_ms = 2000,
          .contact = 15,
          .offer = 21,
          .taker = 1002,
          .kind = EVENT_CONTACT_CONNECTED },
    };
    one_turn(list, 7);
    static const uint64_t order[] = { 12, 14, 13, 11, 15 }; /* the one in conversation last */
    query = (struct query){ .kind = QUERY_CONTACTS };
    ask();
    assert_int_equal(answer.contacts.rows_count, 5);
    for (int i = 0; i < 5; i++)
        assert_true(answer.contacts.rows[i].contact == order[i]);
    assert_int_equal(answer.contacts.rows[0].state, CONTACT_STATE_OFFERED);
    query.contacts.after = 13;
    ask();
    assert_int_equal(answer.contacts.rows_count, 2);
    assert_true(answer.contacts.rows[0].contact == 11);

    struct event late[] = {
        { .seq = 8,
          .at_ms = 2500,
          .contact = 12,
          .offer = 20,
          .taker = 1001,
          .kind = EVENT_OFFER_ENDED,
          .offer_ended = { .cause = OFFER_END_UNANSWERED } },
        { .seq = 9,
          .at_ms = 2600,
          .contact = 11,
          .line = 110,
          .kind = EVENT_CONTACT_RELINED,
          .contact_relined = { 12345, 110, BAND_LIFE, 3000 } },
        { .seq = 10,
          .at_ms = 2700,
          .contact = 14,
          .kind = EVENT_CONTACT_ENDED,
          .contact_ended = { .abandoned = true } },
    };
    one_turn(late, 3);
    static const uint64_t then[] = { 11, 12, 13, 15 };
    query = (struct query){ .kind = QUERY_CONTACTS };
    ask();
    assert_int_equal(answer.contacts.rows_count, 4);
    for (int i = 0; i < 4; i++)
        assert_true(answer.contacts.rows[i].contact == then[i]);
    assert_int_equal(answer.contacts.rows[1].state, CONTACT_STATE_WAITING);
    query.contacts.ended = true;
    ask();
    assert_int_equal(answer.contacts.rows_count, 1);
    assert_int_equal(answer.contacts.rows[0].state, CONTACT_STATE_ABANDONED);
}

static void a_takers_state_follows_from_what_happened(void **state)
{
    (void)state;
    static const struct {
        enum event_kind kind;
        enum taker_state state;
    } story[] = {
        { EVENT_TAKER_SIGNED_ON, TAKER_STATE_AWAY },
        { EVENT_TAKER_BECAME_READY, TAKER_STATE_READY },
        { EVENT_OFFER_MADE, TAKER_STATE_OFFERED },
        { EVENT_OFFER_ENDED, TAKER_STATE_READY },
        { EVENT_OFFER_MADE, TAKER_STATE_OFFERED },
        { EVENT_CONTACT_CONNECTED, TAKER_STATE_TALKING },
        { EVENT_TAKER_WENT_AWAY, TAKER_STATE_TALKING }, /* a wish for later */
        { EVENT_CONTACT_ENDED, TAKER_STATE_AWAY },
        { EVENT_TAKER_BECAME_READY, TAKER_STATE_READY },
        { EVENT_WRAP_UP_STARTED, TAKER_STATE_WRAP_UP },
        { EVENT_WRAP_UP_ENDED, TAKER_STATE_READY },
        { EVENT_TAKER_SIGNED_OFF, TAKER_STATE_SIGNED_OFF },
    };
    for (uint64_t i = 0; i < sizeof story / sizeof story[0]; i++) {
        struct event event = { .seq = i + 1,
                               .at_ms = 1000 + i,
                               .taker = 1001,
                               .contact = 4,
                               .offer = 5,
                               .kind = story[i].kind };
        if (event.kind == EVENT_TAKER_WENT_AWAY)
            event.taker_went_away.reason = AWAY_REASON_MEAL;
        if (event.kind == EVENT_WRAP_UP_STARTED)
            event.wrap_up_started.until_ms = 9000;
        one_turn(&event, 1);
        query = (struct query){ .kind = QUERY_TAKERS };
        ask();
        assert_int_equal(answer.takers.rows_count, 1);
        assert_int_equal(answer.takers.rows[0].state, story[i].state);
    }
    query = (struct query){ .kind = QUERY_STATUS };
    ask();
    assert_int_equal(answer.status.signed_on, 0);
    assert_int_equal(answer.status.ready, 0);
}

/* ---- against a count over the events ------------------------------------------------------- */

static bool same_day(uint64_t at_ms)
{
    const uint64_t day = 24 * 3600 * 1000, offset = TOWN_OFFSET_MIN * 60 * 1000;
    return (at_ms + offset) / day == (town.at_ms + offset) / day;
}

static void todays_counts_are_those_of_the_events(void **state)
{
    (void)state;
    uint32_t arrived = 0, answered = 0, abandoned = 0, ended = 0, all = 0, connected = 0, open = 0;
    for (int i = 0; i < EVENTS; i++) {
        enum event_kind kind = events[i].kind;
        bool today = same_day(events[i].at_ms);
        arrived += today && kind == EVENT_CONTACT_ARRIVED;
        answered += today && kind == EVENT_CONTACT_CONNECTED;
        abandoned += today && kind == EVENT_CONTACT_ENDED && events[i].contact_ended.abandoned;
        all += kind == EVENT_CONTACT_ARRIVED;
        ended += kind == EVENT_CONTACT_ENDED;
        connected += kind == EVENT_CONTACT_CONNECTED;
        connected -= kind == EVENT_CONTACT_ENDED && !events[i].contact_ended.abandoned;
        open += kind == EVENT_INCIDENT_REGISTERED;
        open -=
            kind == EVENT_INCIDENT_MOVED && events[i].incident_moved.to == INCIDENT_STATE_CLOSED;
    }
    query = (struct query){ .kind = QUERY_STATUS };
    ask();
    const struct status *status = &answer.status;
    assert_int_equal(status->lines_count, 3);
    uint32_t sum[4] = { 0 };
    for (int i = 0; i < 3; i++) {
        sum[0] += status->lines[i].arrived;
        sum[1] += status->lines[i].answered;
        sum[2] += status->lines[i].abandoned;
        sum[3] += status->lines[i].waiting;
    }
    assert_int_equal(sum[0], arrived);
    assert_int_equal(sum[1], answered);
    assert_int_equal(sum[2], abandoned);
    assert_int_equal(sum[3], all - ended - connected);
    assert_int_equal(status->waiting, all - ended - connected);
    assert_int_equal(status->talking, connected);
    assert_int_equal(status->open_incidents, open);
    assert_int_equal(status->signed_on, TOWN_TAKERS);
    assert_true(status->epoch == 1 && status->started_ms > 0);
    assert_int_equal(status->gateways_count, 1);
    assert_true(status->gateways[0].up);
    assert_string_equal(status->gateways[0].name, "trunk-1");
}

struct kept {
    enum incident_state state;
    uint32_t line;
    uint32_t departments; /* bits, from 7 */
    uint64_t number;
};
static struct kept incidents[IDS_MAX];

static void incidents_count(void)
{
    memset(incidents, 0, sizeof incidents);
    for (int i = 0; i < EVENTS; i++) {
        const struct event *event = &events[i];
        struct kept *kept = &incidents[event->incident % IDS_MAX];
        if (event->kind == EVENT_INCIDENT_REGISTERED)
            *kept = (struct kept){ INCIDENT_STATE_REGISTERED, event->line, 0,
                                   event->incident_registered.number };
        if (event->kind == EVENT_INCIDENT_MOVED)
            kept->state = event->incident_moved.to;
        if (event->kind == EVENT_TASK_OPENED)
            kept->departments |= 1U << (event->department - 7);
    }
}

/* Walks all pages of the question and holds each row against the events. */
static void incidents_check(const struct incidents_query *asked)
{
    uint64_t below = IDS_MAX;
    query = (struct query){ .kind = QUERY_INCIDENTS, .incidents = *asked };
    for (;;) {
        ask();
        for (uint32_t i = 0; i < answer.incidents.rows_count; i++) {
            const struct incident_row *row = &answer.incidents.rows[i];
            uint64_t expected = below - 1;
            while (expected > 0 &&
                   (!incidents[expected].number ||
                    (asked->state && incidents[expected].state != asked->state) ||
                    (asked->line && incidents[expected].line != asked->line) ||
                    (asked->department &&
                     !(incidents[expected].departments >> (asked->department - 7) & 1)) ||
                    (asked->open && incidents[expected].state == INCIDENT_STATE_CLOSED)))
                expected--;
            assert_true(row->incident == expected);
            assert_int_equal(row->state, incidents[expected].state);
            assert_true(row->number == incidents[expected].number);
            below = expected;
        }
        if (!answer.more)
            break;
        assert_true(answer.next > 0);
        query.incidents.before = answer.next;
    }
}

static void incidents_are_found_by_every_filter(void **state)
{
    (void)state;
    incidents_count();
    for (uint32_t state_asked = 0; state_asked < INCIDENT_STATE_COUNT; state_asked++)
        for (uint32_t department = 6; department < 10; department++)
            for (uint32_t open = 0; open < 2; open++) {
                struct incidents_query asked = { .state = (enum incident_state)state_asked,
                                                 .department = department > 6 ? department : 0,
                                                 .open = open == 1 };
                incidents_check(&asked);
                asked.line = 110;
                incidents_check(&asked);
            }
    query = (struct query){ .kind = QUERY_INCIDENTS, .incidents = { .day = 20260813 } };
    ask();
    assert_true(answer.incidents.rows_count > 0);
    query.incidents.day = 20250813;
    ask();
    assert_int_equal(answer.incidents.rows_count, 0);
}

static void an_incident_brings_its_contacts_earlier_events(void **state)
{
    (void)state;
    incidents_count();
    uint64_t incident = 0, contact = 0, seqs[64];
    uint32_t count = 0, found = 0;
    for (int i = EVENTS / 2; !incident; i++)
        if (events[i].kind == EVENT_CONTACT_ATTACHED) {
            incident = events[i].incident;
            contact = events[i].contact;
        }
    for (int i = 0; i < EVENTS; i++)
        if (events[i].incident == incident || events[i].contact == contact)
            seqs[count++] = events[i].seq;
    query = (struct query){ .kind = QUERY_EVENTS, .events = { .incident = incident } };
    do {
        ask();
        for (uint32_t i = 0; i < answer.events.rows_count; i++)
            assert_true(answer.events.rows[i].seq == seqs[found++]);
        query.events.after = answer.next;
    } while (answer.more);
    assert_int_equal(found, count);

    query = (struct query){ .kind = QUERY_INCIDENT,
                            .incident = { .number = incidents[incident].number } };
    ask();
    assert_int_equal(answer.kind, ANSWER_INCIDENT_DETAIL);
    assert_true(answer.incident_detail.row.incident == incident);
    assert_true(answer.incident_detail.contacts[0] == contact);
    query = (struct query){ .kind = QUERY_RECORDINGS, .recordings = { contact } };
    ask();
    assert_int_equal(answer.recordings.rows_count, 1);
    query = (struct query){ .kind = QUERY_INCIDENT, .incident = { .number = 1 } };
    ask();
    assert_int_equal(answer.refusal, REFUSAL_NO_SUCH_INCIDENT);
}

static void a_departments_open_tasks_are_those_not_ended(void **state)
{
    (void)state;
    uint32_t expected[3] = { 0 }, all = 0;
    static uint32_t department_of[IDS_MAX];
    for (int i = 0; i < EVENTS; i++) {
        if (events[i].kind == EVENT_TASK_OPENED) {
            department_of[events[i].task % IDS_MAX] = events[i].department;
            expected[events[i].department - 7]++;
        }
        if (events[i].kind == EVENT_TASK_MOVED && events[i].task_moved.to == TASK_STATE_REPLIED)
            expected[department_of[events[i].task % IDS_MAX] - 7]--;
    }
    for (uint32_t department = 7; department < 10; department++) {
        query = (struct query){ .kind = QUERY_TASKS,
                                .tasks = { .department = department, .open = true } };
        ask();
        assert_int_equal(answer.tasks.rows_count, expected[department - 7]);
        all += expected[department - 7];
    }
    query.tasks.department = 0;
    ask();
    assert_int_equal(answer.tasks.rows_count, all);
}

static void the_largest_rows_still_fit_a_frame(void **state)
{
    (void)state;
    static struct personal large;
    memset(large.text, 'x', sizeof large.text - 1);
    memset(large.address, 'y', sizeof large.address - 1);
    memset(large.name, 'z', sizeof large.name - 1);
    for (uint64_t seq = 1; seq <= 40; seq++) {
        struct event event = arrival(seq, 11, BAND_ORDINARY, 5000);
        if (seq > 1)
            event.kind = EVENT_OFFER_RANG;
        assert_int_equal(journal_begin(journal), 0);
        append(&event, &large);
        assert_int_equal(journal_commit(journal, 1000), 0);
    }
    uint32_t found = 0;
    query = (struct query){ .kind = QUERY_EVENTS };
    do {
        ask();
        found += answer.events.rows_count;
        query.events.after = answer.next;
    } while (answer.more);
    assert_int_equal(found, 40);
    query = (struct query){ .kind = QUERY_CITY };
    ask();
    assert_int_equal(answer.refusal, REFUSAL_UNKNOWN_KIND);
}

int main(void)
{
#define TEST(set_up, name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(set_up, contacts_stand_in_the_queues_order),
        TEST(set_up, a_takers_state_follows_from_what_happened),
        TEST(set_up_town, todays_counts_are_those_of_the_events),
        TEST(set_up_town, incidents_are_found_by_every_filter),
        TEST(set_up_town, an_incident_brings_its_contacts_earlier_events),
        TEST(set_up_town, a_departments_open_tasks_are_those_not_ended),
        TEST(set_up, the_largest_rows_still_fit_a_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
