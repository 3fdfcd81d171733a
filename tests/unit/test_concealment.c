/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is heard of a side whose packets get lost, or that goes still: real packets through a voice, turn by turn. */
#include <arpa/inet.h>
#include <malloc.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateways/trunk/voice.h"

enum {
    TURNS = 150,
    SETTLED = 10, /* turns in which the jitter buffer fills */
    LOUD = 8000,
    HERTZ = 400,
    OTHER = 900,
    STILL = 13, /* payload type of RFC 3389 */
    OPUS = 107
};

struct line {
    int ends[2][2];
    struct voice *voice;
    struct transcoder *theirs;
    struct media_speech speech;
    uint32_t turn; /* of what is said */
    int16_t heard[TURNS][G711_FRAME];
    bool made[TURNS];
    unsigned turns;
};

static void line_open(struct line *line, enum media_codec codec, uint8_t payload)
{
    struct transcoder *ours = NULL;
    memset(line, 0, sizeof *line);
    assert_int_equal(voice_library_open(), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, line->ends[i]), 0);
    assert_int_equal(voice_open(&line->voice, line->ends[0][0], line->ends[1][0]), 0);
    line->speech = (struct media_speech){ .codec = codec, .law = MEDIA_PCMA, .payload = payload };
    if (codec != MEDIA_G711) {
        assert_int_equal(transcoder_open(&ours, codec), 0);
        assert_int_equal(transcoder_open(&line->theirs, codec), 0);
    }
    voice_connect(line->voice, &line->speech, ours);
}

static void line_close(struct line *line)
{
    voice_close(line->voice);
    transcoder_close(line->theirs);
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++)
            (void)close(line->ends[i][j]);
}

static void send_packet_numbered(struct line *line, uint16_t number, uint8_t type,
                                 const uint8_t *payload, size_t size)
{
    uint8_t packet[1500] = { 0x80, type };
    uint16_t sequence = htons(number);
    uint32_t stamp = htonl(line->turn * G711_FRAME * (line->speech.codec == MEDIA_OPUS ? 6U : 1U));
    memcpy(packet + 2, &sequence, 2);
    memcpy(packet + 4, &stamp, 4);
    memcpy(packet + 12, payload, size);
    assert_int_equal(send(line->ends[0][1], packet, 12 + size, 0), 12 + size);
}

static void send_packet(struct line *line, uint8_t type, const uint8_t *payload, size_t size)
{
    send_packet_numbered(line, (uint16_t)line->turn, type, payload, size);
}

static void hear(struct line *line)
{
    struct voice_heard heard;
    voice_hear(line->voice, false, &heard);
    assert_true(line->turns < TURNS);
    for (unsigned i = 0; i < G711_FRAME; i++)
        line->heard[line->turns][i] = g711_sample(MEDIA_PCMA, heard.frame[i]);
    line->made[line->turns++] = heard.made;
    line->turn++;
}

/* 20 ms of a tone; lost: it never arrives. */
static void say(struct line *line, double hertz, bool lost)
{
    uint8_t frame[G711_FRAME], made[TRANSCODER_PACKET_BYTES];
    for (unsigned i = 0; i < G711_FRAME; i++)
        frame[i] = g711_byte(
            MEDIA_PCMA,
            (int16_t)(LOUD * sin(2 * M_PI * hertz * (line->turn * G711_FRAME + i) / 8000)));
    size_t size = line->theirs ? transcoder_say(line->theirs, frame, made) : G711_FRAME;
    if (!lost)
        send_packet(line, line->theirs ? line->speech.payload : MEDIA_PCMA,
                    line->theirs ? made : frame, size);
    hear(line);
}

static double mean(const int16_t *samples)
{
    double power = 0;
    for (unsigned i = 0; i < G711_FRAME; i++)
        power += (double)samples[i] * samples[i];
    return sqrt(power / G711_FRAME);
}

/* The share of a tone in a frame's power. */
static double share(const int16_t *samples, double hertz)
{
    double in = 0, across = 0, power = 0;
    for (unsigned i = 0; i < G711_FRAME; i++) {
        in += samples[i] * cos(2 * M_PI * hertz * i / 8000);
        across += samples[i] * sin(2 * M_PI * hertz * i / 8000);
        power += (double)samples[i] * samples[i];
    }
    return power < 1 ? 0 : 2 * (in * in + across * across) / (G711_FRAME * power);
}

static unsigned made_turns(const struct line *line)
{
    unsigned count = 0;
    for (unsigned i = SETTLED; i < line->turns; i++)
        count += line->made[i];
    return count;
}

/* Each tenth packet is lost: what stands for it is the same tone, at most so many times as quiet. */
static void lose_each_tenth(enum media_codec codec, uint8_t payload, double times)
{
    struct line line;
    line_open(&line, codec, payload);
    for (unsigned i = 0; i < TURNS; i++)
        say(&line, HERTZ, i % 10 == 9);
    assert_in_range(made_turns(&line), 12, 16);
    for (unsigned i = SETTLED; i < TURNS; i++) {
        if (!line.made[i])
            continue;
        assert_true(mean(line.heard[i]) > LOUD / sqrt(2) / times);
        assert_true(share(line.heard[i], HERTZ) > 0.5);
    }
    line_close(&line);
}

static void a_packet_that_is_lost_is_not_missed(void **state)
{
    (void)state;
    lose_each_tenth(MEDIA_G711, 8, 1.5);
}

static void nor_is_one_of_g722(void **state)
{
    (void)state;
    lose_each_tenth(MEDIA_G722, 9, 1.5);
}

static void nor_one_of_opus(void **state)
{
    (void)state;
    lose_each_tenth(MEDIA_OPUS, OPUS, 3);
}

/* The word that was lost, not the one before it for longer: the packet behind repeats it. */
static void what_opus_repeats_is_heard(void **state)
{
    struct line line;
    (void)state;
    line_open(&line, MEDIA_OPUS, OPUS);
    for (unsigned i = 0; i < 60; i++)
        say(&line, HERTZ, false);
    say(&line, OTHER, true);
    for (unsigned i = 0; i < 10; i++)
        say(&line, OTHER, false);
    assert_int_equal(made_turns(&line), 1);
    for (unsigned i = SETTLED; i < line.turns; i++)
        if (line.made[i])
            assert_true(share(line.heard[i], OTHER) > share(line.heard[i], HERTZ));
    line_close(&line);
}

static void who_is_gone_fades_into_silence(void **state)
{
    struct line line;
    (void)state;
    line_open(&line, MEDIA_G711, 8);
    for (unsigned i = 0; i < 30; i++)
        say(&line, HERTZ, false);
    for (unsigned i = 0; i < 20; i++)
        hear(&line);
    unsigned first = SETTLED;
    while (!line.made[first])
        first++;
    assert_true(mean(line.heard[first]) > LOUD / 4.0);
    assert_true(mean(line.heard[first + 1]) < mean(line.heard[first]));
    for (unsigned i = first + 3; i < line.turns; i++)
        assert_true(mean(line.heard[i]) <= 8); /* the law's quietest */
    for (unsigned i = 0; i < 20; i++)          /* and back without a gap of ours */
        say(&line, HERTZ, false);
    assert_false(line.made[line.turns - 1]);
    assert_true(mean(line.heard[line.turns - 1]) > LOUD / 2.0);
    line_close(&line);
}

/* dB below overload. */
static double below(const int16_t *samples)
{
    return -20 * log10(mean(samples) / 32767);
}

static void who_goes_still_is_heard_as_described(void **state)
{
    static const uint8_t levels[] = { 50, 10 }; /* the second one as loud as a shout */
    (void)state;
    for (unsigned n = 0; n < 2; n++) {
        struct line line;
        line_open(&line, MEDIA_G711, 8);
        for (unsigned i = 0; i < 30; i++)
            say(&line, HERTZ, false);
        send_packet(&line, STILL, &levels[n], 1);
        for (unsigned i = 0; i < 40; i++)
            hear(&line);
        double level = below(line.heard[line.turns - 1]);
        assert_true(fabs(level - (n ? 36 : 50)) < 2);
        assert_true(share(line.heard[line.turns - 1], HERTZ) < 0.2);
        assert_true(line.made[line.turns - 1]);
        for (unsigned i = 0; i < 20; i++)
            say(&line, HERTZ, false);
        assert_true(mean(line.heard[line.turns - 1]) > LOUD / 2.0);
        line_close(&line);
    }
}

/* A carrier that begins with 20 ms a packet and goes on with 60. */
static void a_packet_longer_than_all_before_is_heard_whole(void **state)
{
    struct line line;
    uint8_t sound[3 * G711_FRAME];
    (void)state;
    line_open(&line, MEDIA_G711, 8);
    for (unsigned i = 0; i < 20; i++)
        say(&line, HERTZ, false);
    for (unsigned packet = 0; packet < 20; packet++) {
        uint32_t first = line.turn * G711_FRAME;
        for (unsigned i = 0; i < sizeof sound; i++)
            sound[i] =
                g711_byte(MEDIA_PCMA, (int16_t)(LOUD * sin(2 * M_PI * OTHER * (first + i) / 8000)));
        send_packet_numbered(&line, (uint16_t)(20 + packet), MEDIA_PCMA, sound, sizeof sound);
        for (unsigned i = 0; i < 3; i++)
            hear(&line);
    }
    for (unsigned i = 40; i < line.turns; i++) {
        assert_false(line.made[i]);
        assert_true(share(line.heard[i], OTHER) > 0.95);
    }
    line_close(&line);
}

static size_t heap_bytes(void)
{
    return mallinfo2().uordblks;
}

/* Sound that is due in an hour waits for nobody: a peer cannot fill the gateway with it. */
static void what_is_sent_far_ahead_costs_a_bounded_memory(void **state)
{
    static const uint8_t sound[8 * G711_FRAME];
    struct line line;
    (void)state;
    line_open(&line, MEDIA_G711, 8);
    for (unsigned i = 0; i < 20; i++)
        say(&line, HERTZ, false);
    size_t before = heap_bytes();
    for (unsigned round = 0; round < 50; round++) {
        for (unsigned i = 0; i < VOICE_INBOX; i++) {
            line.turn += 50 * 60;
            send_packet(&line, MEDIA_PCMA, sound, sizeof sound);
        }
        hear(&line);
    }
    size_t after = heap_bytes();
    assert_true(after - before < (VOICE_QUEUE_PACKETS + VOICE_INBOX) * (size_t)2048);
    line_close(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packet_that_is_lost_is_not_missed),
        cmocka_unit_test(nor_is_one_of_g722),
        cmocka_unit_test(nor_one_of_opus),
        cmocka_unit_test(what_opus_repeats_is_heard),
        cmocka_unit_test(who_is_gone_fades_into_silence),
        cmocka_unit_test(who_goes_still_is_heard_as_described),
        cmocka_unit_test(a_packet_longer_than_all_before_is_heard_whole),
        cmocka_unit_test(what_is_sent_far_ahead_costs_a_bounded_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
