/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/folder.h"
#include "base/heap.h"
#include "base/hex.h"
#include "base/prng.h"
#include "base/signals.h"
#include "base/text.h"
#include "base/utf8.h"

static void a_chinese_name_is_cut_between_characters(void **state)
{
    (void)state;
    char name[8];
    assert_false(text_copy(name, sizeof name, "消防支队"));
    assert_string_equal(name, "消防");
    assert_true(text_copy(name, sizeof name, "ab"));
    assert_string_equal(name, "ab");
}

static void utf8_takes_the_shortest_form_only(void **state)
{
    (void)state;
    uint32_t character = 0;
    assert_int_equal(utf8_decode("\xC0\xAF", 2, &character), 0);
    assert_int_equal(utf8_decode("\xE0\x80\xAF", 3, &character), 0);
    assert_int_equal(utf8_decode("\xF4\x90\x80\x80", 4, &character), 0);
    assert_int_equal(utf8_decode("\xE6\xB6\x88", 3, &character), 3);
    assert_int_equal(character, 0x6D88);
    assert_int_equal(utf8_decode("\xE6\xB6", 2, &character), 0);
    assert_true(utf8_is_text("line\n\ttab", 9));
    assert_false(utf8_is_text("\x1B[2J", 4));
}

static void every_character_survives_the_round_trip(void **state)
{
    (void)state;
    for (uint32_t c = 1; c <= 0x10FFFF; c += c < 0x3000 ? 1 : 97) {
        char bytes[4];
        uint32_t back = 0;
        size_t size = utf8_encode(c, bytes);
        if (c >= 0xD800 && c <= 0xDFFF) {
            assert_int_equal(size, 0);
            continue;
        }
        assert_int_equal(utf8_decode(bytes, size, &back), size);
        assert_int_equal(back, c);
    }
}

static void hex_reads_what_it_wrote_and_nothing_else(void **state)
{
    (void)state;
    uint8_t bytes[4] = { 0, 1, 0xAB, 0xFF }, back[4];
    char text[9];
    hex_write(bytes, 4, text);
    assert_string_equal(text, "0001abff");
    assert_true(hex_read("0001ABff", back, 4));
    assert_memory_equal(bytes, back, 4);
    assert_false(hex_read("0001abf", back, 4));
    assert_false(hex_read("0001abff0", back, 4));
    assert_false(hex_read("0001abfg", back, 4));
}

enum {
    NODES = 300
};

static void the_heap_gives_the_earliest_first_under_any_changes(void **state)
{
    (void)state;
    static struct heap_node nodes[NODES];
    static struct heap_place places[NODES];
    struct heap heap;
    struct prng prng;
    heap_init(&heap, places, NODES);
    prng_seed(&prng, 110);
    for (int round = 0; round < 20000; round++) {
        uint64_t which = prng_below(&prng, NODES);
        if (prng_below(&prng, 3) == 0)
            heap_remove(&heap, &nodes[which]);
        else
            heap_set(&heap, &nodes[which], prng_below(&prng, 50), which);
        const struct heap_node *first = heap_first(&heap);
        if (round % 97 != 0 || !first)
            continue;
        for (int i = 0; i < NODES; i++)
            if (heap_has(&nodes[i]) && &nodes[i] != first)
                assert_true(first->key < nodes[i].key ||
                            (first->key == nodes[i].key && first->order < nodes[i].order));
    }
}

static void the_same_seed_gives_the_same_numbers(void **state)
{
    (void)state;
    struct prng a, b;
    prng_seed(&a, 42);
    prng_seed(&b, 42);
    for (int i = 0; i < 100; i++)
        assert_true(prng_next(&a) == prng_next(&b));
    assert_true(prng_below(&a, 1) == 0);
}

static void a_name_is_durable_by_the_folder_it_stands_in(void **state)
{
    char path[] = "/tmp/yihao-folder-XXXXXX", below[sizeof path + 16];
    (void)state;
    assert_non_null(mkdtemp(path));
    (void)snprintf(below, sizeof below, "%s/name", path);
    assert_int_equal(folder_sync(path), 0);
    assert_int_equal(folder_sync_above(below), 0); /* need not be there itself */
    (void)snprintf(below, sizeof below, "%s/name//", path);
    assert_int_equal(folder_sync_above(below), 0);
    assert_int_equal(folder_sync_above("name"), 0);
    assert_int_equal(folder_sync_above("/name"), 0);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(folder_sync(path), -ENOENT);
    assert_int_equal(folder_sync_above(below), -ENOENT);
    assert_int_equal(folder_sync_above(""), -EINVAL);
}

static void a_peer_that_is_gone_is_an_errno_and_a_signal_is_heard_in_its_turn(void **state)
{
    (void)state;
    int ends[2];
    int signals = signals_open(signals_ends);
    assert_true(signals >= 0);
    assert_int_equal(signals_take(signals), 0);
    assert_int_equal(pipe(ends), 0);
    (void)close(ends[0]);
    assert_int_equal(write(ends[1], "x", 1), -1);
    assert_int_equal(errno, EPIPE);
    assert_int_equal(kill(getpid(), SIGTERM), 0);
    assert_int_equal(signals_take(signals), SIGTERM);
    assert_int_equal(signals_take(signals), 0);
    (void)close(ends[1]);
    (void)close(signals);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chinese_name_is_cut_between_characters),
        cmocka_unit_test(utf8_takes_the_shortest_form_only),
        cmocka_unit_test(every_character_survives_the_round_trip),
        cmocka_unit_test(hex_reads_what_it_wrote_and_nothing_else),
        cmocka_unit_test(the_heap_gives_the_earliest_first_under_any_changes),
        cmocka_unit_test(the_same_seed_gives_the_same_numbers),
        cmocka_unit_test(a_name_is_durable_by_the_folder_it_stands_in),
        cmocka_unit_test(a_peer_that_is_gone_is_an_errno_and_a_signal_is_heard_in_its_turn),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
