/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "gateways/sms/routes.h"

/* Three operators: mobile has 134 and 1703, unicom 130, the third serves everybody. */
static const struct sms_settings sms = { .centre_count = 3,
                                         .centres = { { .protocol = "smpp",
                                                        .bind = "transceiver",
                                                        .binds = 1,
                                                        .window = 1,
                                                        .send_with = "submit_sm",
                                                        .serves_count = 2,
                                                        .serves = { "134", "1703" } },
                                                      { .protocol = "smpp",
                                                        .bind = "transceiver",
                                                        .binds = 1,
                                                        .window = 1,
                                                        .send_with = "submit_sm",
                                                        .serves_count = 2,
                                                        .serves = { "130", "17" } },
                                                      { .protocol = "smpp",
                                                        .bind = "transceiver",
                                                        .binds = 1,
                                                        .window = 1,
                                                        .send_with = "submit_sm" } } };

static struct centres *centres;
static struct routes routes;

static void word(void *owner, uint16_t bind)
{
    (void)owner;
    (void)bind;
}

static void octets(void *owner, uint16_t bind, const uint8_t *bytes, size_t length)
{
    (void)owner;
    (void)bind;
    (void)bytes;
    (void)length;
}

static void unknown(void *owner, struct parcel parcel)
{
    (void)owner;
    (void)parcel;
}

static const struct session_handlers handlers = { .connect = word,
                                                  .close = word,
                                                  .write = octets,
                                                  .bound = word,
                                                  .ended = word,
                                                  .unknown = unknown };

static void come_up(uint16_t bind)
{
    /* bind_transceiver_resp under the session's first sequence number */
    const uint8_t answer[] = { 0, 0, 0, 17, 0x80, 0, 0, 9, 0, 0, 0, 0, (uint8_t)(bind << 2),
                               0, 0, 1, 0 };

    centres_connected(centres, bind);
    assert_int_equal(centres_bytes(centres, bind, answer, sizeof answer), sizeof answer);
}

static int begin(void **state)
{
    (void)state;
    memset(&routes, 0, sizeof routes);
    assert_int_equal(centres_open(&centres, &sms, &handlers, NULL, 1, 0), 0);
    centres_clock(centres, 0, 0);
    centres_tick(centres);
    for (uint16_t i = 0; i < 3; i++)
        come_up(i);
    return 0;
}

static int end(void **state)
{
    (void)state;
    centres_close(centres);
    return 0;
}

static uint8_t pick(const char *number, uint64_t text)
{
    struct piece_out piece = { .parcel.text = text };

    (void)text_copy(piece.dest, sizeof piece.dest, number);
    return routes_pick(&routes, centres, &piece);
}

static void the_longest_prefix_wins(void **state)
{
    (void)state;
    assert_int_equal(pick("13400000000", 1), 0);
    assert_int_equal(pick("+8617030000000", 1), 0);
    assert_int_equal(pick("17100000000", 1), 1);
    assert_int_equal(pick("19900000000", 1), 2);
}

static void a_centre_that_is_gone_is_stood_in_for(void **state)
{
    (void)state;
    centres_lost(centres, 0);
    assert_int_equal(pick("13400000000", 1), 2);
    centres_lost(centres, 2);
    assert_int_equal(pick("13400000000", 1), 1);
    centres_lost(centres, 1);
    assert_int_equal(pick("13400000000", 1), PIECE_CENTRES_MAX);
}

static void a_centre_without_room_is_waited_for(void **state)
{
    (void)state;
    struct piece_out piece = { .dest = "13400000000" };

    char own_id[PIECE_ID_BYTES];
    assert_int_equal(centres_submit(centres, 0, &piece, own_id), 0);
    assert_int_equal(pick("13400000000", 1), 0);
    assert_false(centres_room(centres, 0, false));
    assert_int_equal(pick("13000000000", 1), 1);
}

static void a_number_taken_along_goes_by_another_centre(void **state)
{
    (void)state;
    assert_int_equal(routes_refuse(&routes, centres, 7, 0), PIECE_LATER);
    assert_int_equal(pick("13400000000", 7), 2);
    assert_int_equal(pick("13400000000", 8), 0);
    assert_int_equal(routes_refuse(&routes, centres, 7, 2), PIECE_LATER);
    assert_int_equal(pick("13400000000", 7), 1);
    assert_int_equal(routes_refuse(&routes, centres, 7, 1), PIECE_REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_longest_prefix_wins, begin, end),
        cmocka_unit_test_setup_teardown(a_centre_that_is_gone_is_stood_in_for, begin, end),
        cmocka_unit_test_setup_teardown(a_centre_without_room_is_waited_for, begin, end),
        cmocka_unit_test_setup_teardown(a_number_taken_along_goes_by_another_centre, begin, end),
    };
    return cmocka_run_group_tests_name("routes", tests, NULL, NULL);
}
