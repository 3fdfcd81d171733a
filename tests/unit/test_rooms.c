/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who hears whom: the table as text (tests/golden/rooms.ok; YIHAO_GOLDEN=write writes it), the sum of
 * voices, and conversations of several telephones on real sockets, each with a tone of its own. */
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "gateways/trunk/media.h"
#include "gateways/trunk/mixer.h"
#include "gateways/trunk/room.h"
#include "proto/tape.h"
#include "tests/fake/telephone.h"
#include "tests/golden/golden_text.h"

enum {
    DAY = 20260301,
    CALL = 77
};

static const double tones[ROOM_SEATS_MAX] = { 400, 600, 850, 1100, 1400, 1700, 2100, 2500 };

struct town {
    char folder[64];
    char recordings[96];
    struct media *media;
    struct telephone telephones[ROOM_SEATS_MAX];
    struct telephone *all[ROOM_SEATS_MAX];
    struct media_seat seats[ROOM_SEATS_MAX];
    unsigned count;
};

static int set_up(void **state)
{
    struct town *town = calloc(1, sizeof *town);
    assert_non_null(town);
    (void)snprintf(town->folder, sizeof town->folder, "/tmp/yihao-rooms-XXXXXX");
    assert_non_null(mkdtemp(town->folder));
    (void)snprintf(town->recordings, sizeof town->recordings, "%s/recordings", town->folder);
    const struct media_settings settings = { .address = "127.0.0.1",
                                             .port_low = 30300,
                                             .port_high = 30399,
                                             .prompts = town->folder,
                                             .recordings = town->recordings };
    assert_int_equal(media_open(&town->media, &settings), 0);
    *state = town;
    return 0;
}

static int tear_down(void **state)
{
    struct town *town = *state;
    char command[128];
    media_close(town->media);
    for (unsigned i = 0; i < town->count; i++)
        telephone_close(&town->telephones[i]);
    (void)snprintf(command, sizeof command, "rm -rf %s", town->folder);
    assert_int_equal(system(command), 0);
    free(town);
    return 0;
}

static void move_in(struct town *town, unsigned count)
{
    for (; town->count < count; town->count++) {
        unsigned i = town->count;
        struct telephone *telephone = &town->telephones[i];
        enum media_law law = i % 2 ? MEDIA_PCMU : MEDIA_PCMA;
        telephone_open(telephone, law, tones[i]);
        uint16_t port = 0;
        town->seats[i].channel = media_channel_open(town->media, i + 1, &port);
        assert_true(town->seats[i].channel > 0);
        telephone->peer_port = port;
        assert_int_equal(
            media_channel_connect(
                town->media, town->seats[i].channel, "127.0.0.1", telephone->port,
                &(struct media_speech){ .law = law, .event_payload = TELEPHONE_EVENT }),
            0);
        town->all[i] = telephone;
    }
}

static void sit(struct town *town, const enum room_role roles[], unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        town->seats[i].hears = room_mask(roles, count, i);
    media_room(town->media, town->seats, count, room_recorded(roles, count));
}

/* Lets them talk and asserts that each hears exactly whom the table says. */
static void expect_table(struct town *town, const enum room_role roles[], unsigned count)
{
    sit(town, roles, count);
    telephones_talk(town->all, town->count, 12);
    for (unsigned i = 0; i < town->count; i++)
        telephone_forget(town->all[i]);
    telephones_talk(town->all, town->count, 40);
    for (unsigned i = 0; i < count; i++)
        for (unsigned j = 0; j < count; j++) {
            double share = telephone_hears(town->all[i], tones[j], 0);
            bool hears = i != j && room_hears(roles[i], roles[j]);
            unsigned voices = (unsigned)__builtin_popcount(room_mask(roles, count, i));
            if (hears ? share < 0.8 / voices : share > 0.01)
                fail_msg("seat %u (%s) hears seat %u (%s) with a share of %.3f", i,
                         room_role_name(roles[i]), j, room_role_name(roles[j]), share);
        }
}

/* ------------------------------------------------------------------------------------------------ */

static void the_table_is_as_written(void **state)
{
    static char words[4096];
    (void)state;
    struct text text = text_into(words, sizeof words);
    for (int i = 0; i < ROOM_ROLE_COUNT; i++) {
        text_print(&text, "%-8s hears:", room_role_name((enum room_role)i));
        for (int j = 0; j < ROOM_ROLE_COUNT; j++)
            if (room_hears((enum room_role)i, (enum room_role)j))
                text_print(&text, " %s", room_role_name((enum room_role)j));
        text_add(&text, "\n");
    }
    assert_golden("tests/golden/rooms.ok", words);
}

static void a_listener_is_heard_by_nobody_and_a_coach_never_by_the_caller(void **state)
{
    (void)state;
    for (int i = 0; i < ROOM_ROLE_COUNT; i++)
        assert_false(room_hears((enum room_role)i, ROOM_LISTENER));
    assert_false(room_hears(ROOM_CALLER, ROOM_COACH));
    for (int i = 0; i < ROOM_ROLE_COUNT; i++) {
        assert_false(room_hears((enum room_role)i, ROOM_HELD));
        assert_false(room_hears(ROOM_HELD, (enum room_role)i));
    }
}

static void loud_voices_together_are_turned_down_and_come_back_slowly(void **state)
{
    struct mix mix;
    struct limiter limiter = { 0 };
    int16_t loud[G711_FRAME], soft[G711_FRAME];
    uint8_t frame[G711_FRAME];
    (void)state;
    mixer_open();
    for (int i = 0; i < G711_FRAME; i++) {
        loud[i] = (int16_t)(28000 * sin(i * 0.7));
        soft[i] = (int16_t)(4000 * sin(i * 0.7));
    }
    mix_clear(&mix);
    for (int i = 0; i < 7; i++)
        mix_add(&mix, loud);
    mix_encode(&mix, &limiter, frame);
    for (int i = 0; i < G711_FRAME; i++) /* no clipping: the shape is the same */
        assert_in_range(g711_sample(MEDIA_PCMA, frame[i]) + 32768, 32768 - 31000, 32768 + 31000);
    int16_t first = 0, later = 0;
    for (int turn = 0; turn < 200; turn++) {
        mix_clear(&mix);
        mix_add(&mix, soft);
        mix_encode(&mix, &limiter, frame);
        later = g711_sample(MEDIA_PCMA, frame[2]);
        first = turn == 0 ? later : first;
    }
    assert_true(first < 1500 && later > 3500); /* soft[2] is 3942 */
    assert_int_equal(limiter.turned_down, 0);
}

static void three_hear_two_tones_each(void **state)
{
    static const enum room_role roles[] = { ROOM_CALLER, ROOM_TAKER, ROOM_GUEST };
    move_in(*state, 3);
    expect_table(*state, roles, 3);
}

static void a_transfer_goes_through_all_its_rooms(void **state)
{
    static const enum room_role talk[] = { ROOM_CALLER, ROOM_TAKER },
                                consult[] = { ROOM_HELD, ROOM_TAKER, ROOM_RECEIVER },
                                three[] = { ROOM_CALLER, ROOM_TAKER, ROOM_RECEIVER };
    struct town *town = *state;
    move_in(town, 3);
    expect_table(town, talk, 2);
    expect_table(town, consult, 3);
    expect_table(town, three, 3);
    media_channel_close(town->media, town->seats[1].channel); /* the sender leaves */
    town->seats[1] = town->seats[2];
    town->all[1] = town->all[2];
    town->count = 2;
    sit(town, talk, 2);
    telephones_talk(town->all, 2, 12);
    telephone_forget(town->all[0]);
    telephones_talk(town->all, 2, 40);
    assert_true(telephone_hears(town->all[0], tones[2], 0) > 0.9);
    telephone_close(&town->telephones[1]);
    town->count = 1; /* tear_down closes the first … */
    telephone_close(&town->telephones[2]);
}

static void whispering_and_listening_are_as_the_table_says(void **state)
{
    static const enum room_role roles[] = { ROOM_CALLER, ROOM_TAKER, ROOM_LISTENER, ROOM_COACH,
                                            ROOM_GUEST };
    move_in(*state, 5);
    expect_table(*state, roles, 5);
}

static void eight_are_one_conversation(void **state)
{
    static const enum room_role roles[ROOM_SEATS_MAX] = { ROOM_CALLER, ROOM_TAKER, ROOM_RECEIVER,
                                                          ROOM_GUEST,  ROOM_GUEST, ROOM_GUEST,
                                                          ROOM_GUEST,  ROOM_GUEST };
    move_in(*state, ROOM_SEATS_MAX);
    expect_table(*state, roles, ROOM_SEATS_MAX);
}

/* Left the caller, right everybody else; the talk about a caller who is held is there, too. */
static void a_recording_goes_on_through_hold(void **state)
{
    static const enum room_role talk[] = { ROOM_CALLER, ROOM_TAKER },
                                consult[] = { ROOM_HELD, ROOM_TAKER, ROOM_RECEIVER };
    static int16_t left[64000], right[64000];
    static uint8_t bytes[256 * 1024];
    struct town *town = *state;
    char path[300];
    move_in(town, 3);
    sit(town, talk, 2);
    media_record(town->media, town->seats[0].channel, CALL, DAY, "held");
    telephones_talk(town->all, 3, 30);
    sit(town, consult, 3);
    telephones_talk(town->all, 3, 50);
    media_channel_close(town->media, town->seats[0].channel);
    struct media_event event = { 0 };
    for (int i = 0; i < 200 && event.kind != MEDIA_RECORDED; i++) {
        telephones_talk(town->all, 3, 1);
        (void)(media_next(town->media, &event) || media_next_recorded(town->media, &event));
    }
    assert_int_equal(event.kind, MEDIA_RECORDED);
    (void)snprintf(path, sizeof path, "%s/%s", town->recordings, event.file);
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    size_t size = tape_sound(event.size);
    assert_int_equal(tape_read(fd, event.key, TAPE_WAV_HEADER, bytes, size), 0);
    assert_int_equal(close(fd), 0);
    uint32_t count = 0;
    for (size_t at = size - 40 * 2 * G711_FRAME; at + 1 < size; at += 2) {
        left[count] = g711_sample(MEDIA_PCMA, bytes[at]);
        right[count++] = g711_sample(MEDIA_PCMA, bytes[at + 1]);
    }
    assert_true(tone_share(left, count, tones[0]) > 0.9);
    assert_true(tone_share(right, count, tones[1]) > 0.4);
    assert_true(tone_share(right, count, tones[2]) > 0.4);
}

#define ROOM_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_as_written),
        cmocka_unit_test(a_listener_is_heard_by_nobody_and_a_coach_never_by_the_caller),
        cmocka_unit_test(loud_voices_together_are_turned_down_and_come_back_slowly),
        ROOM_TEST(three_hear_two_tones_each),
        ROOM_TEST(a_transfer_goes_through_all_its_rooms),
        ROOM_TEST(whispering_and_listening_are_as_the_table_says),
        ROOM_TEST(eight_are_one_conversation),
        ROOM_TEST(a_recording_goes_on_through_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
