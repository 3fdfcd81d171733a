/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One browser window: hello, resume, commands, gaps that can be seen, and ends that say why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "consoles/server/screen.h"

static const struct audience everybody = { .roles = ROLES_ALL };
static const struct audience auditors = { .roles = ROLES_AUDITOR };
static const struct user_row taker = { .user = 1001, .roles = ROLES_TAKER };
static const struct standing standing = { .server = "console",
                                          .epoch = 7,
                                          .up = true,
                                          .age_ms = 3,
                                          .wall_ms = 1795300000000,
                                          .mono_ms = 1000 };

static struct feed *feed;
static struct screen *screen;
static char said[256]; /* the last command or query, as the owner heard it */
static char scratch[PARCEL_HEADROOM + SCREEN_EVENT_ROOM];

static void hear(void *owner, struct screen *from, const char *name, const json_t *body)
{
    (void)owner;
    char *words = json_dumps(body, JSON_COMPACT);
    (void)snprintf(said, sizeof said, "%s %s", name, words);
    free(words);
    screen_send(from, parcel_from_json(json_pack("{s:s, s:b}", "ack", name, "ok", 1)));
}

static void wake(void *owner, struct screen *from)
{
    (void)owner, (void)from;
}

static const struct screen_handlers handlers = { hear, hear, wake };

static int open_screen(void **state)
{
    (void)state;
    said[0] = 0;
    feed = feed_create(100);
    screen = screen_open(&handlers, NULL, feed, &taker, 1000);
    return feed && screen ? 0 : -1;
}

static int close_screen(void **state)
{
    (void)state;
    screen_close(screen);
    feed_destroy(feed);
    return 0;
}

static void add(uint64_t seq, const struct audience *audience)
{
    char words[32];
    int size = snprintf(words, sizeof words, "{\"seq\":%llu", (unsigned long long)seq);
    assert_true(feed_add(feed, seq, audience, words, (size_t)size));
}

static void take(const char *frame)
{
    screen_take(screen, &standing, frame, strlen(frame));
}

static void expect(const char *frame)
{
    size_t size = 0;
    char *next = screen_next(screen, &standing, scratch + PARCEL_HEADROOM, &size);
    if (!frame) {
        assert_null(next);
        return;
    }
    assert_non_null(next);
    assert_int_equal(size, strlen(frame));
    assert_memory_equal(next, frame, size);
}

static void expect_welcome(bool resume)
{
    char frame[256];
    (void)snprintf(
        frame, sizeof frame,
        "{\"welcome\":{\"epoch\":\"7\",\"seq\":%llu,\"resume\":%s,\"up\":true,\"locked\":false,"
        "\"ms\":1795300000000,\"user\":{\"user\":1001,\"roles\":2},"
        "\"server\":\"console\"}}",
        (unsigned long long)feed_last(feed), resume ? "true" : "false");
    expect(frame);
}

static void a_new_window_starts_behind_its_welcome(void **state)
{
    (void)state;
    add(101, &everybody);
    expect(NULL); /* nothing before hello */
    take("{\"hello\":{}}");
    add(102, &everybody);
    add(103, &auditors);
    add(104, &everybody);
    expect(
        "{\"welcome\":{\"epoch\":\"7\",\"seq\":101,\"resume\":false,\"up\":true,\"locked\":false,"
        "\"ms\":1795300000000,\"user\":{\"user\":1001,\"roles\":2},\"server\":\"console\"}}");
    expect("{\"seq\":102,\"prev\":101}");
    expect("{\"seq\":104,\"prev\":102}");
    expect(NULL);
    screen_notice(screen, 2000, true);
    expect("{\"beat\":{\"epoch\":\"7\",\"seq\":104,\"ms\":1795300000000,\"up\":true,"
           "\"age_ms\":3}}");
    expect(NULL);
}

static void a_doubted_history_is_told_with_welcome_and_beat(void **state)
{
    (void)state;
    struct standing doubting = standing;
    size_t size;
    doubting.doubted = true;
    screen_take(screen, &doubting, "{\"hello\":{}}", strlen("{\"hello\":{}}"));
    const char *frame = screen_next(screen, &doubting, scratch + PARCEL_HEADROOM, &size);
    assert_non_null(memmem(frame, size, "\"doubted\":true}}", strlen("\"doubted\":true}}")));
    screen_notice(screen, 2000, true);
    frame = screen_next(screen, &doubting, scratch + PARCEL_HEADROOM, &size);
    assert_non_null(memmem(frame, size, "\"age_ms\":3,\"doubted\":true}}",
                           strlen("\"age_ms\":3,\"doubted\":true}}")));
}

static void a_locked_window_hears_of_calls_alone(void **state)
{
    (void)state;
    static const struct audience calls = { .roles = ROLES_CENTRE, .locked = true };
    take("{\"hello\":{}}");
    expect_welcome(false);
    screen_lock(screen, true);
    add(101, &everybody);
    add(102, &calls);
    expect("{\"locked\":true}");
    expect("{\"seq\":102,\"prev\":100}");
    expect(NULL);
    screen_lock(screen, false);
    add(103, &everybody);
    expect("{\"locked\":false}");
    expect("{\"seq\":103,\"prev\":102}");
}

static void a_window_comes_back_where_it_was(void **state)
{
    (void)state;
    for (uint64_t seq = 101; seq <= 110; seq++)
        add(seq, &everybody);
    take("{\"hello\":{\"epoch\":\"7\",\"last\":108}}");
    expect_welcome(true);
    expect("{\"seq\":109,\"prev\":108}");
    expect("{\"seq\":110,\"prev\":109}");
    expect(NULL);
}

static void another_epoch_does_not_resume(void **state)
{
    (void)state;
    add(101, &everybody);
    take("{\"hello\":{\"epoch\":\"6\",\"last\":100}}");
    expect_welcome(false);
    expect(NULL);
}

static void a_window_from_before_the_ring_asks_anew(void **state)
{
    (void)state;
    take("{\"hello\":{\"epoch\":\"7\",\"last\":99}}");
    expect_welcome(false);
}

static void commands_and_queries_reach_the_owner_after_hello(void **state)
{
    (void)state;
    take("{\"cid\":\"a\",\"command\":{}}");
    expect("{\"malformed\":\"hello comes first\"}");
    take("{\"hello\":{}}");
    expect_welcome(false);
    take("{\"cid\":\"a1\",\"command\":{\"taker_ready\":{}}}");
    assert_string_equal(said, "a1 {\"taker_ready\":{}}");
    expect("{\"ack\":\"a1\",\"ok\":true}");
    take("{\"qid\":\"q1\",\"query\":{\"status\":{}}}");
    assert_string_equal(said, "q1 {\"status\":{}}");
}

static void a_malformed_frame_is_answered_and_many_end_it(void **state)
{
    (void)state;
    take("{\"hello\":{}}");
    expect_welcome(false);
    static const char *const frames[] = {
        "",
        "[1]",
        "{\"hello\":{}}",
        "{\"cid\":\"\",\"command\":{}}",
        "{\"cid\":7,\"command\":{}}",
        "{\"qid\":\"a\",\"command\":{}}",
        "{\"cid\":\"a\",\"command\":{},\"query\":{}}",
        "{\"hello\":{},\"cid\":\"a\"}",
        "\xff",
    };
    size_t count = sizeof frames / sizeof frames[0];
    for (size_t i = 0; i < SCREEN_MALFORMED_MAX; i++) {
        assert_int_equal(screen_ended(screen), SCREEN_CLOSE_NONE);
        take(frames[i % count]);
    }
    assert_int_equal(screen_ended(screen), SCREEN_CLOSE_POLICY);
    assert_int_equal(screen_malformed(screen), SCREEN_MALFORMED_MAX);
    assert_string_equal(said, "");
    take("{\"cid\":\"a\",\"command\":{}}"); /* an ended screen hears nothing */
    assert_string_equal(said, "");
    expect(NULL);
}

static void who_never_says_hello_is_sent_away(void **state)
{
    (void)state;
    screen_notice(screen, 1000 + SCREEN_HELLO_MS, true);
    assert_int_equal(screen_ended(screen), SCREEN_CLOSE_NONE);
    screen_notice(screen, 1001 + SCREEN_HELLO_MS, true);
    assert_int_equal(screen_ended(screen), SCREEN_CLOSE_POLICY);
}

static void a_reader_too_slow_is_told_to_come_again(void **state)
{
    (void)state;
    take("{\"hello\":{}}");
    expect_welcome(false);
    for (uint64_t seq = 101; seq <= 100 + FEED_EVENTS; seq++)
        add(seq, &everybody);
    screen_notice(screen, 1000, false);
    assert_int_equal(screen_ended(screen), SCREEN_CLOSE_NONE);
    add(101 + FEED_EVENTS, &everybody);
    screen_notice(screen, 1000, false);
    assert_int_equal(screen_ended(screen), SCREEN_CLOSE_COME_AGAIN);
}

static void answers_nobody_reads_are_bounded(void **state)
{
    (void)state;
    for (int i = 0; i < SCREEN_PARCELS_MAX; i++)
        screen_send(screen, parcel_from_json(json_object()));
    assert_int_equal(screen_ended(screen), SCREEN_CLOSE_NONE);
    screen_send(screen, parcel_from_json(json_object()));
    assert_int_equal(screen_ended(screen), SCREEN_CLOSE_COME_AGAIN);
}

static void an_oversized_frame_ends_it(void **state)
{
    (void)state;
    char *frame = calloc(1, SCREEN_FRAME_MAX + 1);
    screen_take(screen, &standing, frame, SCREEN_FRAME_MAX + 1);
    free(frame);
    assert_int_equal(screen_ended(screen), SCREEN_CLOSE_TOO_BIG);
    screen_end(screen, SCREEN_CLOSE_TAKEN_OVER);
    assert_int_equal(screen_ended(screen), SCREEN_CLOSE_TOO_BIG); /* the first code stands */
}

#define story(test) cmocka_unit_test_setup_teardown(test, open_screen, close_screen)

int main(void)
{
    const struct CMUnitTest tests[] = {
        story(a_new_window_starts_behind_its_welcome),
        story(a_doubted_history_is_told_with_welcome_and_beat),
        story(a_locked_window_hears_of_calls_alone),
        story(a_window_comes_back_where_it_was),
        story(another_epoch_does_not_resume),
        story(a_window_from_before_the_ring_asks_anew),
        story(commands_and_queries_reach_the_owner_after_hello),
        story(a_malformed_frame_is_answered_and_many_end_it),
        story(who_never_says_hello_is_sent_away),
        story(a_reader_too_slow_is_told_to_come_again),
        story(answers_nobody_reads_are_bounded),
        story(an_oversized_frame_ends_it),
    };
    return cmocka_run_group_tests_name("screen", tests, NULL, NULL);
}
