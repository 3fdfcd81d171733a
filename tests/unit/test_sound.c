/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parts of the media plane that need no socket and no time. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateways/trunk/g711.h"
#include "gateways/trunk/keying.h"
#include "gateways/trunk/ports.h"
#include "gateways/trunk/prompts.h"
#include "gateways/trunk/quality.h"
#include "gateways/trunk/ring.h"
#include "gateways/trunk/tone.h"
#include "gateways/trunk/voice.h"

static void every_byte_of_a_law_survives_decode_and_encode(void **state)
{
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        uint8_t a = g711_byte(MEDIA_PCMA, g711_sample(MEDIA_PCMA, (uint8_t)byte));
        uint8_t mu = g711_byte(MEDIA_PCMU, g711_sample(MEDIA_PCMU, (uint8_t)byte));
        assert_int_equal(a, byte);
        assert_int_equal(mu, byte == 0x7F ? 0xFF : byte);
    }
}

/* Values of ITU-T G.711 tables 1a, 1b, 2a, 2b, scaled to 16 bits. */
static void known_samples_have_their_bytes(void **state)
{
    (void)state;
    assert_int_equal(g711_sample(MEDIA_PCMA, 0xD5), 8);
    assert_int_equal(g711_sample(MEDIA_PCMA, 0x55), -8);
    assert_int_equal(g711_sample(MEDIA_PCMA, 0xAA), 32256);
    assert_int_equal(g711_sample(MEDIA_PCMA, 0x2A), -32256);
    assert_int_equal(g711_sample(MEDIA_PCMU, 0xFF), 0);
    assert_int_equal(g711_sample(MEDIA_PCMU, 0x80), 32124);
    assert_int_equal(g711_sample(MEDIA_PCMU, 0x00), -32124);
    assert_int_equal(g711_byte(MEDIA_PCMA, 32767), 0xAA);
    assert_int_equal(g711_byte(MEDIA_PCMA, -32768), 0x2A);
    assert_int_equal(g711_byte(MEDIA_PCMU, 32767), 0x80);
    assert_int_equal(g711_byte(MEDIA_PCMU, -32768), 0x00);
}

/* A sample never moves further than the coarser of both steps at its loudness. */
static void changing_the_law_keeps_the_sound(void **state)
{
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        uint8_t changed = (uint8_t)byte;
        g711_convert(&changed, 1, MEDIA_PCMA, MEDIA_PCMU);
        int before = g711_sample(MEDIA_PCMA, (uint8_t)byte);
        int after = g711_sample(MEDIA_PCMU, changed);
        assert_true(abs(after - before) <= abs(before) / 16 + 16);

        changed = (uint8_t)byte;
        g711_convert(&changed, 1, MEDIA_PCMU, MEDIA_PCMA);
        before = g711_sample(MEDIA_PCMU, (uint8_t)byte);
        after = g711_sample(MEDIA_PCMA, changed);
        assert_true(abs(after - before) <= abs(before) / 16 + 16);
    }
}

static void the_tone_is_told_from_voices_and_hiss(void **state)
{
    int16_t tone[G711_FRAME], other[G711_FRAME], hiss[G711_FRAME], both[G711_FRAME];
    (void)state;
    for (int i = 0; i < G711_FRAME; i++) {
        tone[i] = (int16_t)(4000 * sin(2 * M_PI * TONE_HERTZ * i / 8000));
        other[i] = (int16_t)(4000 * sin(2 * M_PI * 650 * i / 8000));
        hiss[i] = (int16_t)(i * 7919 % 401 - 200);
        both[i] = (int16_t)(tone[i] + 2 * other[i]);
    }
    assert_true(tone_is_in(tone));
    assert_false(tone_is_in(other));
    assert_false(tone_is_in(hiss));
    assert_false(tone_is_in(both));
    for (int i = 0; i < G711_FRAME; i++) /* as a line carries it */
        tone[i] =
            g711_sample(MEDIA_PCMA, g711_byte(MEDIA_PCMA, (int16_t)(tone[i] / 4 + hiss[i] / 2)));
    assert_true(tone_is_in(tone));
}

static void a_port_given_back_waits_behind_all_others(void **state)
{
    (void)state;
    static struct ports ports;
    assert_int_equal(ports_init(&ports, 20001, 20007), 3); /* 20002, 20004, 20006 with their odd */
    assert_int_equal(ports_take(&ports), 20002);
    ports_give(&ports, 20002);
    assert_int_equal(ports_take(&ports), 20004);
    assert_int_equal(ports_take(&ports), 20006);
    assert_int_equal(ports_take(&ports), 20002);
    assert_int_equal(ports_take(&ports), 0);
    assert_int_equal(ports_init(&ports, 20000, 20000), 0);
    assert_int_equal(ports_init(&ports, 0, 65535), PORTS_PAIRS_MAX);
}

static void a_full_ring_says_so_and_loses_nothing(void **state)
{
    (void)state;
    struct ring ring;
    uint32_t item = 0;
    assert_int_equal(ring_init(&ring, sizeof item, 4), 0);
    for (uint32_t round = 0; round < 100; round++) {
        for (item = 0; item < 4; item++)
            assert_true(ring_put(&ring, &item));
        assert_false(ring_put(&ring, &item));
        for (uint32_t i = 0; i < 4; i++) {
            assert_true(ring_take(&ring, &item));
            assert_int_equal(item, i);
        }
        assert_false(ring_take(&ring, &item));
    }
    ring_free(&ring);
}

static const uint8_t wav[] = "RIFF\x2C\0\0\0WAVE"
                             "fmt \x10\0\0\0\1\0\1\0\x40\x1F\0\0\x80\x3E\0\0\2\0\x10\0"
                             "junk\3\0\0\0abc\0"
                             "data\4\0\0\0\0\0\0\x40";

static void an_announcement_is_read_past_chunks_it_does_not_know(void **state)
{
    (void)state;
    uint8_t *samples = NULL;
    size_t count = 0;
    assert_int_equal(prompt_from_wav(wav, sizeof wav - 1, &samples, &count), 0);
    assert_int_equal(count, 2);
    assert_int_equal(g711_sample(MEDIA_PCMA, samples[0]), 8);
    assert_in_range(g711_sample(MEDIA_PCMA, samples[1]), 16000, 17000);
    free(samples);
}

static void a_broken_or_foreign_announcement_is_refused(void **state)
{
    (void)state;
    uint8_t *samples = NULL;
    size_t count = 0;
    uint8_t copy[sizeof wav];
    for (size_t size = 0; size < 56; size++)
        assert_true(prompt_from_wav(wav, size, &samples, &count) < 0);
    memcpy(copy, wav, sizeof wav);
    copy[22] = 2; /* stereo */
    assert_int_equal(prompt_from_wav(copy, sizeof wav - 1, &samples, &count), -EMEDIUMTYPE);
    memcpy(copy, wav, sizeof wav);
    copy[24] = 0x44; /* another rate */
    assert_int_equal(prompt_from_wav(copy, sizeof wav - 1, &samples, &count), -EMEDIUMTYPE);
    assert_null(samples);
}

static void only_whole_rtp_packets_pass_the_gate(void **state)
{
    (void)state;
    uint8_t packet[64] = { 0x80, 8 };
    size_t size = 32;
    assert_int_equal(voice_packet_check(packet, &size), 12);
    packet[0] = 0x40; /* version 1 */
    assert_int_equal(voice_packet_check(packet, &size), 0);
    packet[0] = 0x8F; /* 15 contributing sources do not fit */
    assert_int_equal(voice_packet_check(packet, &size), 0);
    packet[0] = 0x90; /* an extension of 65,535 words neither */
    packet[14] = packet[15] = 0xFF;
    assert_int_equal(voice_packet_check(packet, &size), 0);
    packet[14] = 0, packet[15] = 2;
    assert_int_equal(voice_packet_check(packet, &size), 24);
    packet[0] = 0xA0; /* padding longer than the payload */
    packet[31] = 21;
    assert_int_equal(voice_packet_check(packet, &size), 0);
    packet[31] = 20;
    assert_int_equal(voice_packet_check(packet, &size), 12);
    assert_int_equal(size, 12);
    size = 11;
    packet[0] = 0x80;
    assert_int_equal(voice_packet_check(packet, &size), 0);
}

/* ---- the way ----------------------------------------------------------------------------------- */

enum {
    PACKET_US = 20000,
    SOURCE = 0xC0FFEE
};

/* Packet `i` of a stream that begins just below the turn of the counter, `late_us` behind its time. */
static void send_packet(struct quality *quality, uint32_t i, uint64_t late_us)
{
    quality_hear(quality, SOURCE, (uint16_t)(65500 + i), 77 + i * G711_FRAME,
                 5000000 + (uint64_t)i * PACKET_US + late_us);
}

static void a_clean_way_has_no_loss_and_no_jitter(void **state)
{
    struct quality quality = { 0 };
    struct media_quality sum;
    (void)state;
    for (uint32_t i = 0; i < 500; i++)
        send_packet(&quality, i, 0);
    quality_turn(&quality);
    quality_sum(&quality, &sum);
    assert_int_equal(sum.packets, 500);
    assert_int_equal(sum.lost + sum.recent_lost + sum.jitter_ms, 0);
}

static void every_tenth_packet_lost_is_a_hundred_thousandths(void **state)
{
    struct quality quality = { 0 };
    struct media_quality sum;
    (void)state;
    for (uint32_t i = 0; i < 1001; i++)
        if (i % 10 != 5)
            send_packet(&quality, i, 0);
    quality_turn(&quality);
    quality_sum(&quality, &sum);
    assert_int_equal(sum.lost, 100);
    assert_in_range(sum.recent_lost, 99, 100);
    for (uint32_t i = 1001; i < 1251; i++)
        send_packet(&quality, i, 0);
    quality_turn(&quality);
    quality_sum(&quality, &sum);
    assert_int_equal(sum.lost, 100);
    assert_int_equal(sum.recent_lost, 0);
}

static void packets_out_of_order_are_not_lost(void **state)
{
    struct quality quality = { 0 };
    struct media_quality sum;
    (void)state;
    for (uint32_t i = 0; i < 500; i++)
        send_packet(&quality, i ^ 1, 0);
    quality_sum(&quality, &sum);
    assert_int_equal(sum.packets, 500);
    assert_int_equal(sum.lost, 0);
}

/* Every second packet 30 ms late: each is 30 ms nearer or further than the one before. */
static void jitter_is_how_unevenly_they_come(void **state)
{
    struct quality quality = { 0 };
    struct media_quality sum;
    (void)state;
    for (uint32_t i = 0; i < 500; i++)
        send_packet(&quality, i, i % 2 ? 30000 : 0);
    quality_sum(&quality, &sum);
    assert_in_range(sum.jitter_ms, 28, 31);
}

static void a_new_source_begins_anew_and_forgets_no_loss(void **state)
{
    struct quality quality = { 0 };
    struct media_quality sum;
    (void)state;
    for (uint32_t i = 0; i < 100; i++)
        if (i != 50)
            send_packet(&quality, i, 0);
    quality_hear(&quality, SOURCE + 1, 9, 0, 1);
    quality_hear(&quality, SOURCE + 1, 11, 320, 40001);
    quality_sum(&quality, &sum);
    assert_int_equal(sum.packets, 101);
    assert_int_equal(sum.lost, 2);
}

static void their_report_says_what_they_lost_of_ours(void **state)
{
    uint8_t report[32] = { 0x81, 201, 0, 7, 0, 0, 0, 9, 0, 0xC0, 0xFF, 0xEE, 64 };
    struct quality quality = { 0 };
    (void)state;
    quality_learn(&quality, report, sizeof report, SOURCE);
    assert_int_equal(quality.sent_lost, 250);
    report[12] = 128;
    quality_learn(&quality, report, sizeof report, SOURCE + 1); /* somebody else's */
    quality_learn(&quality, report, sizeof report - 1, SOURCE); /* cut off */
    report[0] = 0x80;
    quality_learn(&quality, report, sizeof report, SOURCE); /* no block */
    assert_int_equal(quality.sent_lost, 250);
}

/* RFC 4733 §2.5.1.2–4: one time stamp, a growing duration, the end three times. */
static void a_key_is_pressed_for_a_tenth_of_a_second_and_rests_as_long(void **state)
{
    struct keying keying = { 0 };
    struct voice_event event;
    unsigned packets = 0, ends = 0, firsts = 0, turns = 0;
    (void)state;
    keying_add(&keying, "1x#"); /* x is no key */
    keying_add(&keying, "D");
    for (; keying_runs(&keying); keying_turn(&keying), turns++) {
        if (!keying_event(&keying, &event))
            continue;
        packets++;
        firsts += event.first;
        ends += event.flags_volume >> 7;
        assert_int_equal(event.code, turns < 10 ? 1 : turns < 20 ? 11 : 15);
        unsigned said = turns % 10 < 5 ? turns % 10 + 1 : 5;
        assert_int_equal(event.duration, said * 160);
    }
    assert_int_equal(turns, 30);
    assert_int_equal(packets, 3 * (KEYING_PRESS_TURNS + KEYING_END_TURNS));
    assert_int_equal(ends, 3 * KEYING_END_TURNS);
    assert_int_equal(firsts, 3);
    for (unsigned i = 0; i < 2 * KEYING_KEYS_MAX; i++)
        keying_add(&keying, "5");
    assert_int_equal(keying.count, KEYING_KEYS_MAX);
}

static double share_of(const int16_t *samples, unsigned count, double hertz)
{
    double turn = 2 * cos(2 * M_PI * hertz / G711_RATE), last = 0, before = 0, power = 0;
    for (unsigned i = 0; i < count; i++) {
        double now = samples[i] + turn * last - before;
        before = last;
        last = now;
        power += (double)samples[i] * samples[i];
    }
    return (last * last + before * before - turn * last * before) * 2 / (power * count);
}

static void who_takes_no_telephone_events_hears_two_tones(void **state)
{
    struct keying keying = { 0 };
    uint8_t frame[G711_FRAME];
    int16_t samples[KEYING_PRESS_TURNS * G711_FRAME];
    (void)state;
    keying_add(&keying, "7");
    for (unsigned turn = 0; turn < KEYING_PRESS_TURNS; turn++, keying_turn(&keying)) {
        keying_sound(&keying, frame);
        for (unsigned i = 0; i < G711_FRAME; i++)
            samples[turn * G711_FRAME + i] = g711_sample(MEDIA_PCMA, frame[i]);
    }
    assert_true(share_of(samples, sizeof samples / sizeof samples[0], 852) > 0.45);
    assert_true(share_of(samples, sizeof samples / sizeof samples[0], 1209) > 0.45);
    keying_sound(&keying, frame);
    for (unsigned i = 0; i < G711_FRAME; i++)
        assert_int_equal(frame[i], g711_silence(MEDIA_PCMA));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clean_way_has_no_loss_and_no_jitter),
        cmocka_unit_test(every_tenth_packet_lost_is_a_hundred_thousandths),
        cmocka_unit_test(packets_out_of_order_are_not_lost),
        cmocka_unit_test(jitter_is_how_unevenly_they_come),
        cmocka_unit_test(a_new_source_begins_anew_and_forgets_no_loss),
        cmocka_unit_test(their_report_says_what_they_lost_of_ours),
        cmocka_unit_test(every_byte_of_a_law_survives_decode_and_encode),
        cmocka_unit_test(known_samples_have_their_bytes),
        cmocka_unit_test(changing_the_law_keeps_the_sound),
        cmocka_unit_test(the_tone_is_told_from_voices_and_hiss),
        cmocka_unit_test(a_key_is_pressed_for_a_tenth_of_a_second_and_rests_as_long),
        cmocka_unit_test(who_takes_no_telephone_events_hears_two_tones),
        cmocka_unit_test(a_port_given_back_waits_behind_all_others),
        cmocka_unit_test(a_full_ring_says_so_and_loses_nothing),
        cmocka_unit_test(an_announcement_is_read_past_chunks_it_does_not_know),
        cmocka_unit_test(a_broken_or_foreign_announcement_is_refused),
        cmocka_unit_test(only_whole_rtp_packets_pass_the_gate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
