/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who follows believes what comes in order, of the newest generation, from a process of the same build; and what the
 * leader does not name is gone. Then both sides over a real way, and one with another key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zmq.h>

#include "base/clock.h"
#include "gateways/trunk/mirror.h"

static const struct kept_shape shapes[KEPT_KIND_COUNT] = { [KEPT_CALL] = { 8, 64, 1 },
                                                           [KEPT_PHONE] = { 8, 64, 2 },
                                                           [KEPT_INVITE] = { 8, 64, 3 },
                                                           [KEPT_GONE] = { 8, 64, 4 } };

struct pair {
    struct kept *left, *right;
    char paths[2][64];
};

static int set_up(void **state)
{
    struct pair *pair = calloc(1, sizeof *pair);
    for (int i = 0; i < 2; i++) {
        (void)snprintf(pair->paths[i], sizeof pair->paths[i], "/tmp/mirror-%d-%d", (int)getpid(),
                       i);
        assert_int_equal(kept_open(i ? &pair->right : &pair->left, pair->paths[i], shapes), 0);
    }
    *state = pair;
    return 0;
}

static int tear_down(void **state)
{
    struct pair *pair = *state;
    kept_close(pair->left);
    kept_close(pair->right);
    for (int i = 0; i < 2; i++)
        (void)unlink(pair->paths[i]);
    free(pair);
    return 0;
}

static size_t message(uint8_t *bytes, char what, uint64_t number, uint64_t generation,
                      const char *rest, size_t length)
{
    memset(bytes, 0, 256);
    bytes[0] = (uint8_t)what;
    bytes[1] = (uint8_t)number;
    bytes[9] = (uint8_t)generation;
    memcpy(bytes + 17, rest, length);
    return 17 + length;
}

/* Of shapes[], little-endian. */
static const char layouts[8 * KEPT_KIND_COUNT] = { [0] = 1, [8] = 2, [16] = 3, [24] = 4 };

static bool hear(struct mirror *mirror, char what, uint64_t number, uint64_t generation,
                 const char *rest, size_t length)
{
    uint8_t bytes[256];
    size_t size = message(bytes, what, number, generation, rest, length);
    return mirror_hear(mirror, bytes, size, 1000);
}

static bool is_whole(const struct mirror *mirror)
{
    struct mirror_counts counts;
    mirror_count(mirror, 1000, &counts);
    return counts.whole;
}

static void what_comes_in_order_is_believed(void **state)
{
    struct pair *pair = *state;
    struct mirror *mirror = mirror_alone(pair->right);
    uint8_t body[KEPT_BODY_MAX];
    struct kept_origin origin;
    kept_write(pair->right, KEPT_CALL, 5, (const uint8_t *)"old", 3);
    assert_false(hear(mirror, 'R', 1, 7, "\0\2\0\0\0abc", 8)); /* nothing has begun */
    assert_true(hear(mirror, 'S', 4, 7, layouts, sizeof layouts));
    assert_true(hear(mirror, 'R', 5, 7, "\0\2\0\0\0abc", 8));
    assert_int_equal(kept_read(pair->right, KEPT_CALL, 5, body), 3); /* until all is here */
    assert_true(hear(mirror, 'E', 6, 7, "", 0));
    assert_true(is_whole(mirror));
    assert_int_equal(kept_read(pair->right, KEPT_CALL, 5, body), 0); /* ended meanwhile */
    assert_int_equal(kept_read(pair->right, KEPT_CALL, 2, body), 3);
    assert_memory_equal(body, "abc", 3);
    assert_true(hear(mirror, 'C', 7, 7, "\0\2\0\0\0", 5));
    assert_int_equal(kept_read(pair->right, KEPT_CALL, 2, body), 0);
    assert_true(hear(mirror, 'B', 8, 7, "\1\0\0\0\0\0\0\0\350\1\0\0\0\0\0\0\11\0\0\0\0\0\0\0", 24));
    kept_origin_of(pair->right, &origin);
    assert_int_equal(origin.generation, 7);
    assert_int_equal(origin.link_epoch, 9);
    assert_int_equal(origin.skew_ms, 1000 - 0x1e8);
    mirror_close(mirror);
}

static void gaps_and_old_owners_are_not_believed(void **state)
{
    struct pair *pair = *state;
    struct mirror *mirror = mirror_alone(pair->right);
    uint8_t body[KEPT_BODY_MAX];
    assert_true(hear(mirror, 'S', 1, 7, layouts, sizeof layouts));
    assert_true(hear(mirror, 'E', 2, 7, "", 0));
    assert_false(hear(mirror, 'R', 4, 7, "\0\2\0\0\0abc", 8)); /* 3 is missing */
    assert_false(is_whole(mirror));
    assert_int_equal(kept_read(pair->right, KEPT_CALL, 2, body), 0);
    assert_true(hear(mirror, 'S', 9, 8, layouts, sizeof layouts)); /* the twin began anew */
    assert_true(hear(mirror, 'E', 10, 8, "", 0));
    assert_false(hear(mirror, 'S', 1, 7, layouts, sizeof layouts)); /* who led before is back */
    assert_false(hear(mirror, 'R', 11, 7, "\0\2\0\0\0abc", 8));
    assert_int_equal(kept_read(pair->right, KEPT_CALL, 2, body), 0);
    mirror_close(mirror);
}

static void another_build_and_nonsense_are_refused(void **state)
{
    static const struct {
        char what;
        const char *rest;
        size_t length;
    } rows[] = {
        { 'R', "\4\2\0\0\0abc", 8 },  /* no such kind */
        { 'R', "\0\10\0\0\0abc", 8 }, /* no such place */
        { 'R', "\0\2\0\0\0", 5 },     /* without a body */
        { 'C', "\0\2\0\0\0x", 6 },    /* with one */
        { 'R', "\0\2", 2 },           /* cut */
        { 'R', "", 0 },
        { 'B', "x", 1 }, /* short */
        { '?', "", 0 },
        { 'S', layouts, 8 },
    };
    struct pair *pair = *state;
    char other[sizeof layouts];
    memcpy(other, layouts, sizeof other);
    other[8]++;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mirror *mirror = mirror_alone(pair->right);
        assert_true(hear(mirror, 'S', 1, 1, layouts, sizeof layouts));
        assert_true(hear(mirror, 'E', 2, 1, "", 0));
        assert_false(hear(mirror, rows[i].what, 3, 1, rows[i].rest, rows[i].length));
        assert_false(is_whole(mirror));
        assert_false(hear(mirror, 'S', 1, 1, other, sizeof other));
        mirror_close(mirror);
    }
}

/* ---- over a real way --------------------------------------------------------------------------- */

static bool turn_until_whole(struct mirror *left, struct mirror *right, unsigned ms)
{
    uint64_t until = clock_mono_ms() + ms;
    while (clock_mono_ms() < until) {
        mirror_turn(left, clock_mono_ms(), 5, 9);
        mirror_turn(right, clock_mono_ms(), 0, 0);
        if (is_whole(right))
            return true;
    }
    return false;
}

static void two_processes_with_the_same_key_are_one_gateway(void **state)
{
    struct pair *pair = *state;
    struct mirror *left = NULL, *right = NULL;
    char endpoint[64], public_key[41], secret_key[41], others[2][41];
    uint8_t body[KEPT_BODY_MAX];
    assert_int_equal(zmq_curve_keypair(public_key, secret_key), 0);
    assert_int_equal(zmq_curve_keypair(others[0], others[1]), 0);
    (void)snprintf(endpoint, sizeof endpoint, "ipc:///tmp/mirror-%d", (int)getpid());
    struct mirror_settings lead = { endpoint, public_key, secret_key, pair->left };
    struct mirror_settings follow = { endpoint, public_key, secret_key, pair->right };
    struct mirror_settings spy = { endpoint, others[0], others[1], pair->right };
    kept_write(pair->left, KEPT_PHONE, 3, (const uint8_t *)"rings", 5);
    assert_int_equal(mirror_lead(&left, &lead, 100), 0);
    assert_int_equal(mirror_follow(&right, &spy), 0);
    assert_false(turn_until_whole(left, right, 300));
    mirror_close(right);
    assert_int_equal(mirror_follow(&right, &follow), 0);
    assert_true(turn_until_whole(left, right, 5000));
    assert_int_equal(kept_read(pair->right, KEPT_PHONE, 3, body), 5);
    kept_clear(pair->left, KEPT_PHONE, 3);
    kept_write(pair->left, KEPT_CALL, 1, (const uint8_t *)"talks", 5);
    for (uint64_t until = clock_mono_ms() + 5000;
         kept_read(pair->right, KEPT_CALL, 1, body) == 0 && clock_mono_ms() < until;) {
        mirror_turn(left, clock_mono_ms(), 5, 9);
        mirror_turn(right, clock_mono_ms(), 0, 0);
    }
    assert_int_equal(kept_read(pair->right, KEPT_CALL, 1, body), 5);
    assert_int_equal(kept_read(pair->right, KEPT_PHONE, 3, body), 0);
    mirror_close(right);
    mirror_close(left);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_comes_in_order_is_believed),
        TEST(gaps_and_old_owners_are_not_believed),
        TEST(another_build_and_nonsense_are_refused),
        TEST(two_processes_with_the_same_key_are_one_gateway),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
