/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What becomes of an ordered text, against a real journal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/text.h"
#include "dispatcher/io/dispatcher.h"
#include "tests/unit/folder.h"

enum {
    CONTACT = 5,
    INCIDENT = 7,
    TEXT = 9
};

static char folder[FOLDER_BYTES];
static struct order order;

static int set_up(void **state)
{
    char path[FOLDER_BYTES + 16];
    uint8_t seed[32] = { 1 };
    struct journal_settings settings = { .folder = path };
    struct dispatcher *dispatcher = calloc(1, sizeof *dispatcher);
    if (!dispatcher || sodium_init() < 0)
        return -1;
    folder_make(folder);
    (void)snprintf(path, sizeof path, "%s/journal", folder);
    (void)crypto_sign_seed_keypair(settings.sign_public, settings.sign_secret, seed);
    assert_int_equal(roster_open(&dispatcher->roster), 0);
    struct event event = { .kind = EVENT_TEMPLATE_DEFINED };
    event.template_defined.row = (struct template_row){ .template = TEMPLATE_EMERGENCY_RECEIVED,
                                                        .text_zh = "已收到",
                                                        .text_en = "Received",
                                                        .valid_ms = 3600 * 1000 };
    roster_apply(&dispatcher->roster, &event);
    *state = dispatcher;
    return journal_open(&dispatcher->journal, &settings);
}

static int tear_down(void **state)
{
    struct dispatcher *dispatcher = *state;
    journal_close(dispatcher->journal);
    roster_close(&dispatcher->roster);
    free(dispatcher);
    folder_remove(folder);
    return 0;
}

static void define_gateway(struct dispatcher *dispatcher)
{
    struct event event = { .kind = EVENT_GATEWAY_DEFINED };
    event.gateway_defined.row = (struct gateway_row){ .gateway = 3, .kind = GATEWAY_KIND_SMS };
    roster_apply(&dispatcher->roster, &event);
}

/* A text came in; number may be empty. */
static void arrive(struct dispatcher *dispatcher, const char *number, const char *words)
{
    static struct personal personal;
    const struct stored_event *row;
    struct event event = { .kind = EVENT_CONTACT_ARRIVED,
                           .seq = journal_seq(dispatcher->journal) + 1,
                           .at_ms = 1000,
                           .contact = CONTACT,
                           .line = 110,
                           .has_personal = true };
    event.contact_arrived = (struct contact_arrived){ .gateway = 3, .channel = CHANNEL_SMS };
    memset(&personal, 0, sizeof personal);
    (void)text_copy(personal.number, sizeof personal.number, number);
    (void)text_copy(personal.text, sizeof personal.text, words);
    assert_int_equal(journal_begin(dispatcher->journal), 0);
    assert_int_equal(journal_append(dispatcher->journal, &event, &personal, &row), 0);
    assert_int_equal(journal_commit(dispatcher->journal, 1000), 0);
}

static uint32_t order_text(struct dispatcher *dispatcher)
{
    struct event event = { .kind = EVENT_TEXT_ORDERED, .contact = CONTACT, .line = 110 };
    event.text_ordered =
        (struct text_ordered){ .text = TEXT, .template = TEMPLATE_EMERGENCY_RECEIVED };
    return text_order(dispatcher, &event, NULL, &order);
}

static void a_text_is_worded_in_the_citizens_language(void **state)
{
    struct dispatcher *dispatcher = *state;
    define_gateway(dispatcher);
    arrive(dispatcher, "13800001111", "着火了");
    assert_int_equal(order_text(dispatcher), 3);
    assert_string_equal(order.text.words, "已收到");
    assert_string_equal(order.text.number, "13800001111");
    arrive(dispatcher, "13800001111", "Fire!");
    assert_int_equal(order_text(dispatcher), 3);
    assert_string_equal(order.text.words, "Received");
    assert_int_equal(dispatcher->failed_text_count, 0);
}

static void a_text_without_a_number_has_failed(void **state)
{
    struct dispatcher *dispatcher = *state;
    define_gateway(dispatcher);
    arrive(dispatcher, "", "help");
    assert_int_equal(order_text(dispatcher), 0);
    assert_int_equal(dispatcher->failed_text_count, 1);
    assert_int_equal(dispatcher->failed_texts[0].text, TEXT);
}

static void a_text_of_an_erased_citizen_has_failed(void **state)
{
    struct dispatcher *dispatcher = *state;
    define_gateway(dispatcher);
    arrive(dispatcher, "13800001111", "help");
    assert_int_equal(journal_begin(dispatcher->journal), 0);
    assert_int_equal(journal_erase(dispatcher->journal, CONTACT), 0);
    assert_int_equal(journal_commit(dispatcher->journal, 1000), 0);
    assert_int_equal(order_text(dispatcher), 0);
    assert_int_equal(dispatcher->failed_text_count, 1);
}

static void a_text_without_a_gateway_has_failed(void **state)
{
    struct dispatcher *dispatcher = *state;
    arrive(dispatcher, "13800001111", "help");
    assert_int_equal(order_text(dispatcher), 0);
    assert_int_equal(dispatcher->failed_text_count, 1);
}

static uint32_t order_words(struct dispatcher *dispatcher, const char *words)
{
    static struct personal said;
    struct event event = { .kind = EVENT_TEXT_ORDERED, .contact = CONTACT, .line = 110 };
    event.text_ordered = (struct text_ordered){ .text = TEXT, .template = TEMPLATE_WORDS };
    memset(&said, 0, sizeof said);
    (void)text_copy(said.text, sizeof said.text, words);
    return text_order(dispatcher, &event, &said, &order);
}

static void a_taker_writes_in_words_of_their_own(void **state)
{
    struct dispatcher *dispatcher = *state;
    define_gateway(dispatcher);
    arrive(dispatcher, "13800001111", "help");
    assert_int_equal(order_words(dispatcher, "您在几楼？Which floor?"), 3);
    assert_string_equal(order.text.words, "您在几楼？Which floor?");
    assert_string_equal(order.text.number, "13800001111");
    assert_int_equal(order_words(dispatcher, ""), 0); /* nothing to send */
    assert_int_equal(dispatcher->failed_text_count, 1);
}

static void append(struct dispatcher *dispatcher, struct event *event, const char *words)
{
    static struct personal personal;
    const struct stored_event *row;
    event->seq = journal_seq(dispatcher->journal) + 1;
    event->at_ms = 2000;
    event->incident = INCIDENT;
    event->contact = CONTACT;
    event->line = 12345;
    event->has_personal = true;
    memset(&personal, 0, sizeof personal);
    (void)text_copy(personal.number, sizeof personal.number, "13800001111");
    (void)text_copy(personal.text, sizeof personal.text, words);
    assert_int_equal(journal_begin(dispatcher->journal), 0);
    assert_int_equal(journal_append(dispatcher->journal, event, &personal, &row), 0);
    assert_int_equal(journal_commit(dispatcher->journal, 2000), 0);
}

static void reply(struct dispatcher *dispatcher, enum task_kind kind, const char *words)
{
    struct event event = { .kind = EVENT_TASK_MOVED, .task = 8, .department = 2 };
    event.task_moved = (struct task_moved){ .step = TASK_STEP_REPLY, .kind = kind };
    append(dispatcher, &event, words);
}

static void note(struct dispatcher *dispatcher, const char *words)
{
    struct event event = { .kind = EVENT_INCIDENT_NOTED };
    append(dispatcher, &event, words);
}

static void a_citizen_is_told_the_reply_and_never_what_was_noted_beside_it(void **state)
{
    struct dispatcher *dispatcher = *state;
    define_gateway(dispatcher);
    struct event event = { .kind = EVENT_TEMPLATE_DEFINED };
    event.template_defined.row =
        (struct template_row){ .template = TEMPLATE_RESULT, .text_zh = "答复：{text}" };
    roster_apply(&dispatcher->roster, &event);
    arrive(dispatcher, "13800001111", "没水了");
    struct event registered = { .kind = EVENT_INCIDENT_REGISTERED };
    registered.incident_registered.number = 202603020001;
    append(dispatcher, &registered, "三号楼停水");
    struct event told = { .kind = EVENT_TEXT_ORDERED, .incident = INCIDENT, .line = 12345 };
    told.text_ordered = (struct text_ordered){ .text = TEXT, .template = TEMPLATE_RESULT };
    assert_int_equal(text_order(dispatcher, &told, NULL, &order), 3);
    assert_string_equal(order.text.words, "答复："); /* not what the citizen said */
    reply(dispatcher, TASK_KIND_LEAD, "管道已修好");
    reply(dispatcher, TASK_KIND_ASSIST, "路面已恢复");
    note(dispatcher, "此人多次投诉，注意");
    assert_int_equal(text_order(dispatcher, &told, NULL, &order), 3);
    assert_string_equal(order.text.words, "答复：管道已修好");
    reply(dispatcher, TASK_KIND_LEAD, "阀门也已更换"); /* the first was given back */
    note(dispatcher, "已核实");
    assert_int_equal(text_order(dispatcher, &told, NULL, &order), 3);
    assert_string_equal(order.text.words, "答复：阀门也已更换");
}

static void a_text_is_valid_as_long_as_its_template_says(void **state)
{
    struct dispatcher *dispatcher = *state;
    define_gateway(dispatcher);
    arrive(dispatcher, "13800001111", "help");
    struct event event = { .kind = EVENT_TEXT_ORDERED, .contact = CONTACT, .line = 110 };
    event.at_ms = 5000;
    event.text_ordered =
        (struct text_ordered){ .text = TEXT, .template = TEMPLATE_EMERGENCY_RECEIVED };
    assert_int_equal(text_order(dispatcher, &event, NULL, &order), 3);
    assert_int_equal(order.text.until_ms, 5000 + 3600 * 1000);
    event.text_ordered.template = TEMPLATE_WORDS;
    static const struct personal said = { .text = "door open" };
    assert_int_equal(text_order(dispatcher, &event, &said, &order), 3);
    assert_int_equal(order.text.until_ms, 0);
}

#define TEXT_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEXT_TEST(a_text_is_worded_in_the_citizens_language),
        TEXT_TEST(a_taker_writes_in_words_of_their_own),
        TEXT_TEST(a_citizen_is_told_the_reply_and_never_what_was_noted_beside_it),
        TEXT_TEST(a_text_is_valid_as_long_as_its_template_says),
        TEXT_TEST(a_text_without_a_number_has_failed),
        TEXT_TEST(a_text_of_an_erased_citizen_has_failed),
        TEXT_TEST(a_text_without_a_gateway_has_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
