/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the dispatcher finds of a person or a case, and what it leaves alone: on a journal with views, with a core that
 * agrees to all but what is preserved. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "dispatcher/io/dispatcher.h"
#include "dispatcher/views/views.h"
#include "tests/unit/own_journal.h"

enum {
    LI = 501,
    WANG = 502,
    TURNS = 500
};

static char folder[FOLDER_BYTES];
static uint64_t preserved; /* the subject that is */
static uint64_t done;
static char heard[4096]; /* what the message gateways were told */
static struct text told;

/* ---- in place of the loop -------------------------------------------------------------------- */

static void append(struct dispatcher *dispatcher, struct event *event, const char *words)
{
    struct personal personal = { .number = "13800001111" };
    const struct stored_event *row;
    event->seq = journal_seq(dispatcher->journal) + 1;
    event->at_ms = event->seq;
    event->has_personal = words != NULL;
    strcpy(personal.text, words ? words : "");
    assert_int_equal(journal_begin(dispatcher->journal), 0);
    assert_int_equal(journal_append(dispatcher->journal, event, words ? &personal : NULL, &row), 0);
    assert_int_equal(journal_commit(dispatcher->journal, event->at_ms), 0);
}

void turn_system(struct dispatcher *dispatcher, struct command *command)
{
    const struct erasure_step *step = &command->erasure_step;
    dispatcher->verdict.refusal =
        step->subject && step->subject == preserved ? REFUSAL_PRESERVED : REFUSAL_NONE;
    if (dispatcher->verdict.refusal)
        return;
    struct event event = { .kind = step->subject ? EVENT_ERASED : EVENT_ERASURE_MOVED,
                           .contact = step->contact,
                           .incident = step->incident };
    if (step->subject) {
        event.erased = (struct erased){ .erasure = step->erasure, .subject = step->subject };
    } else {
        event.erasure_moved = (struct erasure_moved){ .erasure = step->erasure,
                                                      .to = ERASURE_STATE_DONE,
                                                      .preserved = step->preserved };
        done = step->erasure;
    }
    append(dispatcher, &event, NULL);
}

void turn_open(struct dispatcher *dispatcher)
{
    (void)dispatcher;
}

void turn_order(struct dispatcher *dispatcher, uint32_t gateway, struct order *order)
{
    (void)dispatcher;
    assert_int_equal(order->kind, ORDER_ERASE);
    for (uint32_t i = 0; i < order->erase.calls_count; i++)
        text_print(&told, "%u:call=%u ", gateway, (unsigned)order->erase.calls[i]);
    for (uint32_t i = 0; i < order->erase.texts_count; i++)
        text_print(&told, "%u:text=%u ", gateway, (unsigned)order->erase.texts[i]);
}

bool bus_waits(struct bus *bus)
{
    (void)bus;
    return false;
}

/* ---------------------------------------------------------------------------------------------- */

static int set_up(void **state)
{
    struct dispatcher *dispatcher = calloc(1, sizeof *dispatcher);
    *state = dispatcher;
    preserved = done = 0;
    told = text_into(heard, sizeof heard);
    return dispatcher ? own_journal_open(&dispatcher->journal, folder) : -1;
}

static int tear_down(void **state)
{
    struct dispatcher *dispatcher = *state;
    journal_close(dispatcher->journal);
    free(dispatcher);
    folder_remove(folder);
    return 0;
}

static void arrive(struct dispatcher *dispatcher, uint64_t contact, uint64_t caller)
{
    struct event event = { .kind = EVENT_CONTACT_ARRIVED, .contact = contact, .line = 110 };
    event.contact_arrived.caller = caller;
    append(dispatcher, &event, "help");
}

static void register_it(struct dispatcher *dispatcher, uint64_t incident, uint64_t contact,
                        uint64_t caller)
{
    struct event event = { .kind = EVENT_INCIDENT_REGISTERED,
                           .contact = contact,
                           .incident = incident };
    event.incident_registered.number = 20260301000000ULL + incident;
    event.incident_registered.caller = caller;
    append(dispatcher, &event, "a burst pipe");
}

static void attach(struct dispatcher *dispatcher, uint64_t incident, uint64_t contact)
{
    struct event event = { .kind = EVENT_CONTACT_ATTACHED,
                           .contact = contact,
                           .incident = incident };
    append(dispatcher, &event, NULL);
}

static void leave_note(struct dispatcher *dispatcher, uint64_t note, uint64_t incident)
{
    struct event event = { .kind = EVENT_HANDOVER_LEFT, .taker = 1001, .incident = incident };
    event.handover_left.handover = note;
    append(dispatcher, &event, "call her back");
}

/* Li's contact 1 and case 10 with a note 11, Wang's contact 2 about the same; Wang's case 20, to which Li's
 * contact 3 belongs; Li's contact 4 about nothing. */
static void live(struct dispatcher *dispatcher)
{
    arrive(dispatcher, 1, LI);
    arrive(dispatcher, 2, WANG);
    arrive(dispatcher, 3, LI);
    arrive(dispatcher, 4, LI);
    register_it(dispatcher, 10, 1, LI);
    attach(dispatcher, 10, 1);
    attach(dispatcher, 10, 2);
    leave_note(dispatcher, 11, 10);
    register_it(dispatcher, 20, 2, WANG);
    attach(dispatcher, 20, 2);
    attach(dispatcher, 20, 3);
}

static void erase(struct dispatcher *dispatcher, uint64_t incident, uint64_t caller)
{
    struct event event = { .kind = EVENT_ERASURE_ASKED, .incident = incident };
    event.erasure_asked = (struct erasure_asked){ .erasure = 99, .caller = caller };
    append(dispatcher, &event, NULL);
    event = (struct event){ .kind = EVENT_ERASURE_MOVED };
    event.erasure_moved = (struct erasure_moved){ .erasure = 99, .to = ERASURE_STATE_RUNNING };
    append(dispatcher, &event, NULL);
    for (int i = 0; i < TURNS && !done; i++) {
        dispatcher->mono_ms += 1000;
        erasure_turn(dispatcher);
    }
    assert_int_equal(done, 99);
}

static void write_in(struct dispatcher *dispatcher, uint64_t contact, uint64_t caller,
                     uint64_t call)
{
    struct event event = { .kind = EVENT_CONTACT_ARRIVED, .contact = contact, .line = 110 };
    event.contact_arrived.caller = caller;
    event.contact_arrived.channel = CHANNEL_SMS;
    event.contact_arrived.call = call;
    append(dispatcher, &event, "help");
    event = (struct event){ .kind = EVENT_TEXT_RECEIVED, .contact = contact, .line = 110 };
    event.text_received.call = call + 1;
    append(dispatcher, &event, "hurry");
}

static void text_out(struct dispatcher *dispatcher, uint64_t text, uint64_t contact,
                     uint64_t incident)
{
    struct event event = { .kind = EVENT_TEXT_ORDERED, .contact = contact, .incident = incident };
    event.text_ordered.text = text;
    append(dispatcher, &event, NULL);
}

static void two_gateways(struct dispatcher *dispatcher)
{
    for (uint32_t i = 0; i < 4; i++) {
        dispatcher->roster.gateways[i].row =
            (struct gateway_row){ .gateway = i + 1,
                                  .kind = i < 1 ? GATEWAY_KIND_TRUNK : GATEWAY_KIND_SMS,
                                  .retired = i == 3 };
        dispatcher->roster.gateway_count++;
    }
}

static void expect_gone(struct dispatcher *dispatcher, const uint64_t *gone)
{
    static const uint64_t all[] = { 1, 2, 3, 4, 10, 11, 20 };
    for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct personal found;
        bool is_gone = *gone == all[i];
        int status = journal_personal(dispatcher->journal, all[i], &found);
        if (status != (is_gone ? -EKEYREVOKED : 0))
            fail_msg("subject %u: %d", (unsigned)all[i], status);
        gone += is_gone;
    }
}

static void a_person_goes_and_takes_nobody_else_along(void **state)
{
    struct dispatcher *dispatcher = *state;
    live(dispatcher);
    erase(dispatcher, 0, LI);
    expect_gone(dispatcher, (const uint64_t[]){ 1, 3, 4, 10, 11, 0 });
    uint64_t after = 0, contact = 0;
    while (views_contact_of(journal_views(dispatcher->journal), LI, &after, 10, &contact) == 0)
        assert_int_equal(contact, 0); /* the number leads nowhere any more */
}

static void a_case_goes_with_everybody_in_it(void **state)
{
    struct dispatcher *dispatcher = *state;
    live(dispatcher);
    erase(dispatcher, 10, 0);
    expect_gone(dispatcher, (const uint64_t[]){ 1, 2, 10, 11, 0 });
}

static void what_is_preserved_stays_and_is_counted(void **state)
{
    struct dispatcher *dispatcher = *state;
    live(dispatcher);
    preserved = 10;
    erase(dispatcher, 0, LI);
    expect_gone(dispatcher, (const uint64_t[]){ 1, 3, 4, 11, 0 });
    static struct answer answer;
    struct query query = { .kind = QUERY_ERASURES };
    journal_query(dispatcher->journal, &query, 0, &answer);
    assert_int_equal(answer.erasures.rows_count, 1);
    assert_int_equal(answer.erasures.rows[0].state, ERASURE_STATE_DONE);
    assert_int_equal(answer.erasures.rows[0].preserved, 1);
}

static void after_a_restart_it_goes_on_where_something_is_left(void **state)
{
    struct dispatcher *dispatcher = *state;
    live(dispatcher);
    for (uint64_t subject = 1; subject <= 3; subject += 2) {
        assert_int_equal(journal_begin(dispatcher->journal), 0);
        assert_int_equal(journal_erase(dispatcher->journal, subject), 0);
        assert_int_equal(journal_commit(dispatcher->journal, 100), 0);
    }
    erase(dispatcher, 0, LI);
    expect_gone(dispatcher, (const uint64_t[]){ 1, 3, 4, 10, 11, 0 });
}

/* Li wrote contact 1 and got texts 61 (to it) and 62 (about the case 10); Wang's stay. */
static void message_gateways_are_told_what_to_destroy(void **state)
{
    struct dispatcher *dispatcher = *state;
    two_gateways(dispatcher);
    write_in(dispatcher, 1, LI, 640);
    write_in(dispatcher, 2, WANG, 1280);
    register_it(dispatcher, 10, 1, LI);
    attach(dispatcher, 10, 1);
    text_out(dispatcher, 61, 1, 0);
    text_out(dispatcher, 62, 1, 10);
    text_out(dispatcher, 63, 2, 0);
    erase(dispatcher, 0, LI);
    assert_non_null(strstr(heard, "2:call=640 2:call=641 2:text=61 "));
    assert_non_null(strstr(heard, "3:call=640 3:call=641 3:text=61 "));
    assert_non_null(strstr(heard, "2:text=62 "));
    assert_non_null(strstr(heard, "3:text=62 "));
    assert_null(strstr(heard, "1:")); /* a trunk keeps no PDU */
    assert_null(strstr(heard, "4:"));
    assert_null(strstr(heard, "128"));
    assert_null(strstr(heard, "63"));
}

static void what_is_preserved_is_not_destroyed_at_a_gateway(void **state)
{
    struct dispatcher *dispatcher = *state;
    two_gateways(dispatcher);
    write_in(dispatcher, 1, LI, 640);
    text_out(dispatcher, 61, 1, 0);
    preserved = 1;
    erase(dispatcher, 0, LI);
    assert_string_equal(heard, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_person_goes_and_takes_nobody_else_along),
        TEST(a_case_goes_with_everybody_in_it),
        TEST(what_is_preserved_stays_and_is_counted),
        TEST(after_a_restart_it_goes_on_where_something_is_left),
        TEST(message_gateways_are_told_what_to_destroy),
        TEST(what_is_preserved_is_not_destroyed_at_a_gateway),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
