/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Incidents are found by every condition and by all at once, as they are now. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/own_views.h"

#define DAY_MS 86400000ULL

static struct answer said;

static void registered(uint64_t incident, uint32_t category, uint32_t district, uint32_t taker)
{
    struct event event = { .kind = EVENT_INCIDENT_REGISTERED, .incident = incident, .line = 12345 };
    event.taker = taker;
    event.incident_registered.number = incident;
    event.incident_registered.category = category;
    event.incident_registered.district = district;
    own_views_happen(event);
}

static void drafted(uint64_t incident, uint32_t category)
{
    struct event event = { .kind = EVENT_INCIDENT_DRAFTED, .incident = incident, .line = 12345 };
    event.taker = 1001;
    event.incident_drafted.number = incident;
    event.incident_drafted.category = category;
    own_views_happen(event);
}

static const struct incidents *find(struct incidents_query asked)
{
    struct query query = { .kind = QUERY_INCIDENTS, .incidents = asked };
    journal_query(own_views_journal, &query, own_views_now_ms, &said);
    assert_int_equal(said.refusal, REFUSAL_NONE);
    return &said.incidents;
}

/* The newest found, 0: none; `count` were. */
static uint64_t newest(struct incidents_query asked, uint32_t count)
{
    const struct incidents *found = find(asked);
    assert_int_equal(found->rows_count, count);
    return count ? found->rows[0].incident : 0;
}

static void incidents_are_found_by_category_district_and_taker(void **state)
{
    (void)state;
    registered(1, 20100, 320901, 1001);
    registered(2, 20200, 320901, 1002);
    registered(3, 20100, 320902, 1002);
    assert_int_equal(newest((struct incidents_query){ .category = 20100 }, 2), 3);
    assert_int_equal(newest((struct incidents_query){ .district = 320901 }, 2), 2);
    assert_int_equal(newest((struct incidents_query){ .taker = 1002 }, 2), 3);
    assert_int_equal(newest((struct incidents_query){ .category = 20100, .taker = 1001 }, 1), 1);
    (void)newest((struct incidents_query){ .category = 20200, .taker = 1001 }, 0);
}

static void days_bound_a_search_on_both_sides(void **state)
{
    (void)state;
    for (uint64_t incident = 1; incident <= 5; incident++) {
        registered(incident, 20100, 320901, 1001);
        own_views_now_ms += DAY_MS;
    }
    const struct incidents *all = find((struct incidents_query){ .from_day = 19700103 });
    assert_int_equal(all->rows_count, 4); /* the first was on the 2nd */
    assert_int_equal(newest((struct incidents_query){ .until_day = 19700103 }, 2), 2);
    assert_int_equal(
        newest((struct incidents_query){ .from_day = 19700103, .until_day = 19700104 }, 2), 3);
    (void)newest((struct incidents_query){ .from_day = 19700103, .until_day = 19700102 }, 0);
    (void)newest((struct incidents_query){ .from_day = 20300101 }, 0);
    (void)newest((struct incidents_query){ .until_day = 19600101 }, 0);
    assert_int_equal(
        newest((struct incidents_query){ .from_day = 19700102, .until_day = 19700106, .before = 3 },
               2),
        2);
}

static void a_draft_is_found_where_it_stands_now(void **state)
{
    (void)state;
    drafted(1, 20200);
    registered(2, 20100, 320901, 1001);
    own_views_now_ms += 3 * DAY_MS;
    registered(1, 20100, 320901, 1001); /* is complete, and of another category */
    (void)newest((struct incidents_query){ .category = 20200 }, 0);
    assert_int_equal(newest((struct incidents_query){ .category = 20100 }, 2), 2);
    assert_int_equal(newest((struct incidents_query){ .from_day = 19700105 }, 1), 1);
    assert_int_equal(newest((struct incidents_query){ .until_day = 19700104 }, 1), 2);
    assert_int_equal(newest((struct incidents_query){ .day = 19700105 }, 1), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define SEARCH(name) cmocka_unit_test_setup_teardown(name, own_views_set_up, own_views_tear_down)
        SEARCH(incidents_are_found_by_category_district_and_taker),
        SEARCH(days_bound_a_search_on_both_sides),
        SEARCH(a_draft_is_found_where_it_stands_now),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
