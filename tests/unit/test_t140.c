/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Real-time text: packets as other programs make them, written down here octet by octet, and ours over a way that
 * loses some. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/prng.h"
#include "base/text.h"
#include "gateways/trunk/t140.h"

#define HEAD(type, sequence) "\x80" type "\x00" sequence "\0\0\1\0\1\2\3\4"

static const char *hear(struct t140 *t140, const char *packet, size_t size)
{
    static char text[T140_HEARD_BYTES];
    size_t length = t140_hear(t140, (const uint8_t *)packet, size, text);
    assert_int_equal(length, strlen(text));
    return text;
}

#define HEAR(t140, packet) hear(t140, packet, sizeof(packet) - 1)

static void text_is_read_as_it_comes(void **state)
{
    struct t140 t140 = { .payload = 98, .red = 100 };
    (void)state;
    assert_string_equal(HEAR(&t140, HEAD("\xE2", "\x01") "\xEF\xBB\xBFhi"), "hi");
    assert_string_equal(HEAR(&t140, HEAD("\x62", "\x02") "\xE2\x80\xA8\xE4\xBD\xA0\b\x1b"),
                        "\n\xE4\xBD\xA0\b");
    assert_string_equal(HEAR(&t140, HEAD("\x62", "\x02") "again"), "");
    assert_string_equal(HEAR(&t140, HEAD("\x08", "\x03") "sound"), "");
    assert_string_equal(HEAR(&t140, HEAD("\x62", "\x03") "\xFF\xC0\x80z"),
                        "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz");
}

/* RFC 4103 §4.2: two earlier pieces, then the new one. */
#define RED(one, two) "\xE2\0\0" one "\xE2\0\0" two "\x62"

static void what_was_lost_comes_with_the_next(void **state)
{
    struct t140 t140 = { .payload = 98, .red = 100 };
    (void)state;
    assert_string_equal(HEAR(&t140, HEAD("\x64", "\x01") RED("\0", "\0") "a"), "a");
    assert_string_equal(HEAR(&t140, HEAD("\x64", "\x04") RED("\1", "\1") "bcd"), "bcd");
    assert_string_equal(HEAR(&t140, HEAD("\x64", "\x06") RED("\1", "\1") "def"), "ef");
    assert_int_equal(t140.lost, 0);
    assert_string_equal(HEAR(&t140, HEAD("\x64", "\x0A") RED("\1", "\1") "hij"), "\xEF\xBF\xBDhij");
    assert_int_equal(t140.lost, 1);
    assert_string_equal(HEAR(&t140, HEAD("\x64", "\x09") RED("\1", "\1") "ghi"), ""); /* late */
}

static void a_broken_packet_says_nothing(void **state)
{
    struct t140 t140 = { .payload = 98, .red = 100 };
    (void)state;
    assert_string_equal(HEAR(&t140, HEAD("\x64", "\x01") "\xE2\0\3\xFF\x62"), "");
    assert_string_equal(HEAR(&t140, HEAD("\x64", "\x01") "\xE2\0\0"), "");
    assert_string_equal(HEAR(&t140, HEAD("\x64", "\x01") "\x88\0\0\1\x62x"), "");
    assert_string_equal(HEAR(&t140, HEAD("\x64", "\x01")), "");
    assert_string_equal(hear(&t140, "\x80\x62", 2), "");
    assert_false(t140.begun);
}

/* Everything we say, through a way that loses packets. */
static unsigned converse(const char *words, unsigned in_thousand, uint8_t red, struct text *read)
{
    struct t140 mouth = { .payload = 98, .red = red, .own_source = 9 }, ear = mouth;
    struct prng prng;
    uint8_t packet[T140_PACKET_BYTES];
    char text[T140_HEARD_BYTES];
    prng_seed(&prng, 11);
    assert_int_equal(t140_add(&mouth, words), 0);
    for (uint64_t now_ms = 5000; now_ms < 400000; now_ms += 100) {
        size_t size = t140_say(&mouth, now_ms, packet);
        if (size == 0 || prng_below(&prng, 1000) < in_thousand)
            continue;
        (void)t140_hear(&ear, packet, size, text);
        text_add(read, text);
    }
    return ear.lost;
}

static const char words[] =
    "\xE5\x93\xAA\xE9\x87\x8C\xE7\x9D\x80\xE7\x81\xAB\xEF\xBC\x9F Where is the fire? Which floor, "
    "how many people, is anybody hurt? Close the door behind you and wait at the window. "
    "\xE6\xB6\x88\xE9\x98\xB2\xE5\xB7\xB2\xE5\x87\xBA\xE5\x8F\x91\xE3\x80\x82";

static void one_packet_in_twenty_lost_costs_no_character(void **state)
{
    char buffer[1024];
    struct text read = text_into(buffer, sizeof buffer);
    (void)state;
    assert_int_equal(converse(words, 50, 100, &read), 0);
    assert_string_equal(buffer, words);
}

static void without_redundancy_a_loss_is_seen(void **state)
{
    char buffer[1024];
    struct text read = text_into(buffer, sizeof buffer);
    (void)state;
    assert_int_equal(converse(words, 0, 0, &read), 0);
    assert_string_equal(buffer, words);
    read = text_into(buffer, sizeof buffer);
    assert_true(converse(words, 200, 0, &read) > 0);
    assert_non_null(strstr(buffer, "\xEF\xBF\xBD"));
}

static void more_than_fits_is_counted(void **state)
{
    struct t140 t140 = { .payload = 98 };
    char many[T140_WAITING_BYTES + 2];
    (void)state;
    memset(many, 'x', sizeof many - 1);
    many[sizeof many - 1] = 0;
    assert_int_equal(t140_add(&t140, many), 1);
    assert_int_equal(t140_add(&t140, "\xE4\xBD\xA0"), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_read_as_it_comes),
        cmocka_unit_test(what_was_lost_comes_with_the_next),
        cmocka_unit_test(a_broken_packet_says_nothing),
        cmocka_unit_test(one_packet_in_twenty_lost_costs_no_character),
        cmocka_unit_test(without_redundancy_a_loss_is_seen),
        cmocka_unit_test(more_than_fits_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
