/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parts of the citizen's page: forms, words, tries, visits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "consoles/server/form.h"
#include "consoles/server/leaflet.h"
#include "consoles/server/throttle.h"
#include "consoles/server/visit.h"
#include "consoles/server/waiting.h"
#include "proto/message.h"

static struct form form;

static bool reads(const char *body)
{
    return form_read(&form, body, strlen(body));
}

static void a_form_is_read_as_browsers_send_it(void **state)
{
    (void)state;
    assert_true(reads("number=2026+1122&code=%34%32&text=%E8%B7%AF%E7%81%AF%0D%0A%26&empty=&bare"));
    assert_string_equal(form_field(&form, "number"), "2026 1122");
    assert_string_equal(form_field(&form, "code"), "42");
    assert_string_equal(form_field(&form, "text"), "路灯\n&");
    assert_string_equal(form_field(&form, "empty"), "");
    assert_string_equal(form_field(&form, "nothing"), "");
    assert_true(reads(""));
    assert_true(reads("&&a=1&&"));
    assert_int_equal(form.count, 1);
}

static void what_is_no_text_or_too_much_is_no_form(void **state)
{
    (void)state;
    static char body[FORM_BYTES + 16];
    assert_false(reads("a=%4"));
    assert_false(reads("a=%zz"));
    assert_false(reads("a=%00"));
    assert_false(reads("a=%ff"));
    assert_false(reads("a=%E8%B7"));
    assert_false(reads("=1"));
    assert_false(reads("abcdefghijklmnopqrstuvwxyz=1"));
    assert_int_equal(form.count, 0);
    memset(body, 'x', sizeof body - 1);
    memcpy(body, "a=", 2);
    assert_false(reads(body));
    body[0] = 0;
    for (int i = 0; i <= FORM_FIELDS_MAX; i++)
        strcat(body, "a=1&");
    assert_false(reads(body));
}

static void every_state_and_fact_has_its_words(void **state)
{
    struct leaflet *leaflet = NULL;
    char key[64];
    (void)state;
    assert_int_equal(leaflet_open(&leaflet, "consoles/web/citizen"), 0);
    for (int english = 0; english < 2; english++) {
        for (enum incident_state one = INCIDENT_STATE_NONE + 1; one < INCIDENT_STATE_COUNT; one++) {
            (void)snprintf(key, sizeof key, "state.%s", incident_state_name(one));
            assert_non_null(leaflet_words(leaflet, key, english));
        }
        for (enum fact one = FACT_NONE + 1; one < FACT_COUNT; one++) {
            (void)snprintf(key, sizeof key, "fact.%s", fact_name(one));
            assert_non_null(leaflet_words(leaflet, key, english));
        }
        for (enum visit_act one = VISIT_ACT_ADD; one < VISIT_ACT_COUNT; one++) {
            char bytes[4096];
            struct text page = text_into(bytes, sizeof bytes);
            (void)snprintf(key, sizeof key, "said.%s", visit_act_name(one));
            assert_non_null(leaflet_words(leaflet, key, english));
            leaflet_add(leaflet, &page, visit_act_name(one), english, NULL);
            assert_non_null(strstr(bytes, "name=\"token\""));
        }
    }
    leaflet_close(leaflet);
}

static void what_came_from_outside_stays_text(void **state)
{
    struct leaflet *leaflet = NULL;
    char bytes[4096];
    struct text page = text_into(bytes, sizeof bytes);
    const struct leaflet_value values[] = { { "said", "<b>{=title}\"'&" }, { NULL, NULL } };
    (void)state;
    assert_int_equal(leaflet_open(&leaflet, "consoles/web/citizen"), 0);
    leaflet_add(leaflet, &page, "said", true, values);
    assert_non_null(strstr(bytes, ">&lt;b&gt;{=title}&quot;&#39;&amp;<"));
    leaflet_close(leaflet);
}

static void tries_end_and_come_back_one_by_one(void **state)
{
    static struct throttle throttle;
    (void)state;
    throttle_begin(&throttle, 3, 1000);
    for (int i = 0; i < 3; i++)
        assert_true(throttle_take(&throttle, "a", 5000));
    assert_false(throttle_take(&throttle, "a", 5000));
    assert_true(throttle_take(&throttle, "b", 5000));
    assert_false(throttle_take(&throttle, "a", 5999));
    assert_true(throttle_take(&throttle, "a", 6000));
    assert_false(throttle_take(&throttle, "a", 6000));
    throttle_give(&throttle, "a", 6000);
    assert_true(throttle_take(&throttle, "a", 6000));
    assert_false(throttle_take(&throttle, "a", 6000));
    assert_true(throttle_take(&throttle, "a", 100000));
}

static void a_crowd_of_strangers_does_not_free_who_tried_too_often(void **state)
{
    static struct throttle throttle;
    char key[16];
    unsigned freed = 0;
    (void)state;
    throttle_begin(&throttle, 3, 1000000);
    for (int i = 0; i < 3; i++)
        assert_true(throttle_take(&throttle, "a", 5000));
    for (int i = 0; i < THROTTLE_KEYS_MAX; i++) {
        (void)snprintf(key, sizeof key, "%d", i);
        (void)throttle_take(&throttle, key, 5000);
        freed += throttle_take(&throttle, "a", 5000);
    }
    assert_int_equal(freed, 0);
}

static struct visits visits;

static void a_visit_opens_when_the_code_was_right_and_ends_after_its_time(void **state)
{
    char secret[SESSION_SECRET_BYTES];
    (void)state;
    struct visit *visit = visits_begin(&visits, 20261122000001, "12345678", 1000);
    uint64_t serial = visit->serial;
    assert_ptr_equal(visits_of(&visits, serial), visit);
    assert_null(visits_of(&visits, 0));
    visit_open(visit, 7, 1000, secret);
    assert_ptr_equal(visits_find(&visits, secret, 1000), visit);
    assert_true(visit_has_token(visit, visit->token));
    assert_false(visit_has_token(visit, ""));
    assert_false(visit_has_token(visit, "00000000000000000000000000000000"));
    secret[0] = secret[0] == '0' ? '1' : '0';
    assert_null(visits_find(&visits, secret, 1000));
    secret[0] = secret[0] == '0' ? '1' : '0';
    (void)visits_find(&visits, secret, 1000);
    assert_null(visits_find(&visits, "", 1000));
    assert_null(visits_find(&visits, "zz", 1000));
}

static void a_full_table_lets_the_oldest_visit_go(void **state)
{
    (void)state;
    uint64_t first = visits_begin(&visits, 1, "1", 5)->serial;
    for (int i = 0; i < VISITS_MAX; i++)
        (void)visits_begin(&visits, 2, "2", 1000 + (uint64_t)i);
    assert_null(visits_of(&visits, first));
}

/* Their page behind an act is drawn when the tables show the act, and no earlier. */
static void who_did_something_waits_until_the_page_shows_it(void **state)
{
    static struct waiting waiting;
    struct waiter waiter = { .wait = WAIT_SEEN, .id = 40, .until_ms = 2000, .visit = 1 };
    (void)state;
    waiting_add(&waiting, &waiter);
    waiter = (struct waiter){ .wait = WAIT_VISIT, .id = 7, .until_ms = 3000, .visit = 2 };
    waiting_add(&waiting, &waiter);
    assert_false(waiting_take_seen(&waiting, 39, &waiter));
    assert_true(waiting_take_seen(&waiting, 41, &waiter));
    assert_int_equal(waiter.visit, 1);
    assert_false(waiting_take_seen(&waiting, 100,
                                   &waiter)); /* the other waits for a word, not for an event */
    assert_int_equal(waiting.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_form_is_read_as_browsers_send_it),
        cmocka_unit_test(what_is_no_text_or_too_much_is_no_form),
        cmocka_unit_test(every_state_and_fact_has_its_words),
        cmocka_unit_test(what_came_from_outside_stays_text),
        cmocka_unit_test(tries_end_and_come_back_one_by_one),
        cmocka_unit_test(a_crowd_of_strangers_does_not_free_who_tried_too_often),
        cmocka_unit_test(a_visit_opens_when_the_code_was_right_and_ends_after_its_time),
        cmocka_unit_test(a_full_table_lets_the_oldest_visit_go),
        cmocka_unit_test(who_did_something_waits_until_the_page_shows_it),
    };
    if (sodium_init() < 0)
        return EXIT_FAILURE;
    return cmocka_run_group_tests_name("citizen", tests, NULL, NULL);
}
