/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The shelf's promises: what is stored is stored in the order of the keys, of two marks with one key the later
 * alone; what a turn touched stays at hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/prng.h"
#include "dispatcher/views/shelf.h"

static struct shelf shelf;

static int set_up(void **state)
{
    (void)state;
    shelf_clear(&shelf);
    return 0;
}

/* A kind and up to three numbers, most of them small, as the views' are; some are the beginning of another. */
static struct key some_key(struct prng *prng)
{
    static const uint64_t numbers[] = {
        0, 1, 2, 255, 256, 12345, 20261123, UINT32_MAX, 1ULL << 53
    };
    struct key key = key_of((uint8_t)prng_below(prng, 5));
    for (uint64_t i = prng_below(prng, 4); i > 0; i--)
        key_u64(&key, numbers[prng_below(prng, sizeof numbers / sizeof numbers[0])]);
    return key;
}

static int order_of(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size)
{
    int order = memcmp(a, b, a_size < b_size ? a_size : b_size);
    return order ? order : (a_size > b_size) - (a_size < b_size);
}

/* The last word about the key. */
static const struct shelf_mark *last_mark(const struct shelf_mark *mark)
{
    const struct shelf_mark *last = mark;
    for (uint32_t i = 0; i < shelf.mark_count; i++)
        if (order_of(shelf.marks[i].key, shelf.marks[i].key_size, mark->key, mark->key_size) == 0)
            last = &shelf.marks[i];
    return last;
}

static void marks_are_stored_in_the_order_of_their_keys(void **state)
{
    (void)state;
    struct prng prng;
    prng_seed(&prng, 3);
    for (uint32_t count = 0; count < 1500; count += 1 + count / 2) {
        shelf_clear(&shelf);
        for (uint32_t i = 0; i < count; i++) {
            struct key key = some_key(&prng);
            shelf_mark(&shelf, &key, prng_below(&prng, 2));
        }
        shelf_sort(&shelf);
        assert_true(shelf.sorted_count <= count && (count == 0 || shelf.sorted_count > 0));
        for (uint32_t i = 0; i < shelf.sorted_count; i++) {
            const struct shelf_mark *mark = &shelf.marks[shelf.sorted[i]];
            assert_ptr_equal(mark, last_mark(mark));
            if (i == 0)
                continue;
            const struct shelf_mark *before = &shelf.marks[shelf.sorted[i - 1]];
            assert_true(order_of(before->key, before->key_size, mark->key, mark->key_size) < 0);
        }
    }
}

static void lay(uint64_t number)
{
    struct key key = key_of1(7, number);
    struct shelf_row *row = shelf_find(&shelf, &key);
    if (!row)
        row = shelf_add(&shelf, &key, SHELF_NUMBER);
    row->number = number * 2;
    shelf_change(&shelf, row);
}

static void rows_are_stored_in_the_order_of_their_keys(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 500; i++)
        lay(i * 7919 % 500);
    shelf_sort(&shelf);
    assert_int_equal(shelf.changed_count, 500);
    for (uint64_t i = 0; i < 500; i++)
        assert_true(shelf.rows[shelf.changed[i]].number == i * 2);
}

/* As rows_store() leaves it. */
static void turn_ends(void)
{
    for (uint32_t i = 0; i < shelf.changed_count; i++)
        shelf.rows[shelf.changed[i]].changed = false;
    shelf.changed_count = 0;
    shelf_age(&shelf);
}

static uint64_t at_hand(uint64_t number)
{
    struct key key = key_of1(7, number);
    const struct shelf_row *row = shelf_find(&shelf, &key);
    return row ? row->number : 0;
}

static void what_turns_touch_stays_at_hand_and_others_make_room(void **state)
{
    (void)state;
    uint64_t fresh = 1000;
    for (int turn = 0; turn < 40; turn++) {
        for (uint64_t i = 1; i <= 100; i++)
            lay(i);
        for (int i = 0; i < 300; i++)
            lay(fresh++);
        turn_ends();
        assert_true(shelf.count < SHELF_ROWS_MAX - 200);
        for (uint64_t i = 1; i <= 100; i++)
            assert_true(at_hand(i) == i * 2);
    }
    assert_true(at_hand(fresh - 1) == (fresh - 1) * 2);
    assert_true(at_hand(1000) == 0);
}

/* Then the next turn begins with an empty one. */
static void a_turn_that_touches_nearly_all_keeps_nothing(void **state)
{
    (void)state;
    for (uint64_t i = 1; i < SHELF_ROWS_MAX; i++)
        lay(i);
    turn_ends();
    assert_int_equal(shelf.count, 0);
    assert_true(at_hand(1) == 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, set_up)
    const struct CMUnitTest tests[] = {
        TEST(marks_are_stored_in_the_order_of_their_keys),
        TEST(rows_are_stored_in_the_order_of_their_keys),
        TEST(what_turns_touch_stays_at_hand_and_others_make_room),
        TEST(a_turn_that_touches_nearly_all_keeps_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
