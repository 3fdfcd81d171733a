/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Text telephones heard and answered: their tones are made, and ours read, by spandsp's modem and by a generator
 * that shares nothing with teletype.c. */
#include <math.h>
#include <setjmp.h>
#include <spandsp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/prng.h"
#include "gateways/trunk/prompts.h"
#include "gateways/trunk/teletype.h"

enum {
    SOUND_MAX = 8000 * 120
};

struct world {
    struct teletype teletype;
    struct prng prng;
    int16_t sound[SOUND_MAX];
    unsigned size;
    double angle, left; /* of the generator */
    bool figures;
    char text[2048];
    unsigned length;
    unsigned lose; /* each so many-th packet; 0: none */
    double noise;
};

static struct world world;

static int set_up(void **state)
{
    memset(&world, 0, sizeof world);
    prng_seed(&world.prng, 3);
    *state = &world;
    return 0;
}

/* ---- a text telephone of our own --------------------------------------------------------------- */

static void tone(struct world *w, double hertz, double samples)
{
    for (w->left += samples; w->left >= 1; w->left--) {
        w->angle += hertz * 2 * M_PI / 8000;
        w->sound[w->size++] = (int16_t)(7000 * sin(w->angle));
    }
}

static void silence(struct world *w, unsigned ms)
{
    memset(w->sound + w->size, 0, ms * 8 * sizeof w->sound[0]);
    w->size += ms * 8;
}

static void character(struct world *w, unsigned code, double baud)
{
    tone(w, 1800, 8000 / baud);
    for (unsigned i = 0; i < 5; i++)
        tone(w, code >> i & 1 ? 1400 : 1800, 8000 / baud);
    tone(w, 1400, 12000 / baud);
}

/* Codes as the standard's table prints them, in alphabetical order. */
static void type(struct world *w, const char *words, double baud)
{
    static const uint8_t alphabet[] = { 3,  25, 14, 9,  1,  13, 26, 20, 6,  11, 15, 18, 28,
                                        12, 24, 22, 23, 10, 5,  16, 7,  30, 19, 29, 21, 17 };
    static const uint8_t digits[] = { 22, 23, 19, 1, 10, 16, 21, 7, 6, 24 };
    for (; *words; words++) {
        bool digit = *words >= '0' && *words <= '9';
        if (*words != ' ' && digit != w->figures) {
            character(w, digit ? 27 : 31, baud);
            w->figures = digit;
        }
        character(w,
                  *words == ' ' ? 4
                  : digit       ? digits[*words - '0']
                                : alphabet[*words - 'A'],
                  baud);
    }
}

static void burst(struct world *w, const char *words, double baud)
{
    tone(w, 1400, 1200);
    w->figures = false;
    type(w, words, baud);
    tone(w, 1400, 2400);
    silence(w, 800);
}

/* ---- a line ---------------------------------------------------------------------------------------- */

static void listen(struct world *w)
{
    int16_t frame[G711_FRAME];
    char text[TELETYPE_HEARD_MAX];
    for (unsigned at = 0; at + G711_FRAME <= w->size; at += G711_FRAME) {
        bool lost = w->lose && prng_below(&w->prng, w->lose) == 0;
        for (unsigned i = 0; i < G711_FRAME; i++) {
            double noise = w->noise * ((double)prng_below(&w->prng, 2001) / 1000 - 1);
            frame[i] = lost ? 0 : (int16_t)(w->sound[at + i] + noise);
            frame[i] = g711_sample(MEDIA_PCMA, g711_byte(MEDIA_PCMA, frame[i]));
        }
        unsigned count = teletype_hear(&w->teletype, frame, text);
        memcpy(w->text + w->length, text, count);
        w->length += count;
    }
    w->text[w->length] = 0;
    w->size = 0;
}

static void both_speeds_are_read(void **state)
{
    static const double bauds[] = { 45.45, 50 };
    struct world *w = *state;
    for (unsigned i = 0; i < 2; i++) {
        enum teletype_speed speed;
        (void)set_up(state);
        silence(w, 317);
        burst(w, "FIRE AT 27 WEST ROAD 3RD FLOOR GA", bauds[i]);
        listen(w);
        assert_string_equal(w->text, "FIRE AT 27 WEST ROAD 3RD FLOOR GA");
        assert_true(teletype_knows(&w->teletype, &speed));
        assert_int_equal(speed, i);
    }
}

/* Keys struck one by one, each on a tone of its own. */
static void who_types_slowly_is_read_at_either_speed(void **state)
{
    static const double bauds[] = { 45.45, 50 };
    struct world *w = *state;
    for (unsigned i = 0; i < 2; i++) {
        (void)set_up(state);
        silence(w, 200);
        tone(w, 1400, 1200);
        for (const char *at = "HELP ME PLEASE GA"; *at; at++) {
            const char one[] = { *at, 0 };
            type(w, one, bauds[i]);
            tone(w, 1400, 4000);
        }
        silence(w, 800);
        listen(w);
        assert_string_equal(w->text, "HELP ME PLEASE GA");
    }
}

static void spandsps_text_telephone_is_read(void **state)
{
    static const int modes[] = { V18_MODE_5BIT_45, V18_MODE_5BIT_50 };
    struct world *w = *state;
    for (unsigned i = 0; i < 2; i++) {
        (void)set_up(state);
        v18_state_t *modem = v18_init(NULL, TRUE, modes[i], NULL, NULL);
        assert_non_null(modem);
        (void)v18_put(modem, "HELLO 110 THERE IS SMOKE GA", -1);
        silence(w, 100);
        tone(w, 1400, 1600); /* its own carrier may be short */
        for (int said = 1; said > 0 && w->size < SOUND_MAX / 2; w->size += (unsigned)said)
            said = v18_tx(modem, w->sound + w->size, G711_FRAME);
        silence(w, 900);
        v18_free(modem);
        listen(w);
        assert_non_null(strstr(w->text, "HELLO 110 THERE IS SMOKE GA"));
    }
}

static void noise_leaves_every_character_and_loss_most(void **state)
{
    struct world *w = *state;
    static const char words[] = "THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG ";
    w->noise = 900; /* 20 dB below */
    silence(w, 100);
    burst(w, words, 45.45);
    listen(w);
    assert_string_equal(w->text, words);
    (void)set_up(state);
    w->lose = 50;
    unsigned right = 0, all = 0;
    for (unsigned round = 0; round < 8; round++) {
        silence(w, 100);
        burst(w, words, 45.45);
        w->length = 0;
        listen(w);
        for (unsigned i = 0; i < w->length && i < sizeof words - 1; i++)
            right += w->text[i] == words[i];
        all += sizeof words - 1;
    }
    print_message("2 %% of packets lost: %u of %u characters in place\n", right, all);
    assert_true(right * 10 > all * 6);
}

static void a_voice_types_nothing(void **state)
{
    struct world *w = *state;
    static struct prompts prompts;
    char text[TELETYPE_HEARD_MAX];
    unsigned typed = 0;
    uint64_t turns = 0;
    if (prompts_read(&prompts, YIHAO_PROMPTS) < 0)
        skip();
    for (unsigned speed = 80; speed <= 130; speed += 10)
        for (unsigned p = 0; p < prompts.count; p++) {
            const struct prompt *prompt = &prompts.items[p];
            int16_t frame[G711_FRAME];
            for (size_t at = 0; at * speed / 100 + 1 < prompt->count; at++) {
                frame[at % G711_FRAME] = g711_sample(MEDIA_PCMA, prompt->samples[at * speed / 100]);
                if (at % G711_FRAME != G711_FRAME - 1)
                    continue;
                typed += teletype_hear(&w->teletype, frame, text);
                turns++;
            }
        }
    prompts_free(&prompts);
    print_message("characters read in %u s of voice and music: %u\n", (unsigned)(turns / 50),
                  typed);
    assert_int_equal(typed, 0);
}

/* ---- what we say ----------------------------------------------------------------------------------- */

struct reader {
    char codes[512];
    unsigned count;
    bool figures;
};

static void take_code(void *owner, int code)
{
    static const char letter[] = "_E\nA SIU\rDRJNFCKTZLWHYPQOBG_MXV_";
    static const char figure[] = "_3\n- _87\r$4',!:(5\")2=6019?+_./;_";
    struct reader *reader = owner;
    if (code < 0 || reader->count + 1 >= sizeof reader->codes)
        return;
    code &= 31;
    if (code == 31 || code == 27)
        reader->figures = code == 27;
    else
        reader->codes[reader->count++] = reader->figures ? figure[code] : letter[code];
}

static void what_is_typed_is_read_by_spandsp(void **state)
{
    struct world *w = *state;
    static struct reader reader;
    int16_t samples[G711_FRAME];
    uint8_t frame[G711_FRAME];
    memset(&reader, 0, sizeof reader);
    fsk_rx_state_t *modem = fsk_rx_init(NULL, &preset_fsk_specs[FSK_WEITBRECHT],
                                        FSK_FRAME_MODE_5N1_FRAMES, take_code, &reader);
    assert_int_equal(teletype_add(&w->teletype, "Police here: floor 3? \xE4\xBD\xA0 ga"), 0);
    unsigned turns = 0;
    for (; teletype_speaks(&w->teletype); turns++) {
        teletype_say(&w->teletype, frame);
        for (unsigned i = 0; i < G711_FRAME; i++)
            samples[i] = g711_sample(MEDIA_PCMA, frame[i]);
        (void)fsk_rx(modem, samples, G711_FRAME);
    }
    memset(samples, 0, sizeof samples);
    (void)fsk_rx(modem, samples, G711_FRAME);
    fsk_rx_free(modem);
    assert_string_equal(reader.codes, "POLICE HERE: FLOOR 3? ? GA");
    assert_in_range(turns, 200, 350);
}

/* Who typed at 50 bit/s is answered so, and hears none of our echo. */
static void the_answer_has_their_speed_and_its_echo_is_not_read(void **state)
{
    struct world *w = *state;
    uint8_t frame[G711_FRAME];
    char text[TELETYPE_HEARD_MAX];
    static struct reader reader;
    memset(&reader, 0, sizeof reader);
    fsk_rx_state_t *modem = fsk_rx_init(NULL, &preset_fsk_specs[FSK_WEITBRECHT50],
                                        FSK_FRAME_MODE_5N1_FRAMES, take_code, &reader);
    burst(w, "HELP GA", 50);
    listen(w);
    (void)teletype_add(&w->teletype, "WHERE GA");
    while (teletype_speaks(&w->teletype)) {
        int16_t samples[G711_FRAME];
        teletype_say(&w->teletype, frame);
        for (unsigned i = 0; i < G711_FRAME; i++)
            samples[i] = g711_sample(MEDIA_PCMA, frame[i]);
        (void)fsk_rx(modem, samples, G711_FRAME);
        assert_int_equal(teletype_hear(&w->teletype, samples, text), 0);
    }
    fsk_rx_free(modem);
    assert_string_equal(reader.codes, "WHERE GA");
    silence(w, 400);
    burst(w, "ROOM 5", 50);
    w->length = 0;
    listen(w);
    assert_string_equal(w->text, "ROOM 5");
}

static void more_than_fits_is_left_out_and_said_so(void **state)
{
    struct world *w = *state;
    char words[TELETYPE_WAITING_MAX + 11];
    memset(words, 'A', sizeof words - 1);
    words[sizeof words - 1] = 0;
    assert_int_equal(teletype_add(&w->teletype, words), 10);
    assert_int_equal(teletype_add(&w->teletype, "B"), 1);
}

#define CASE(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(both_speeds_are_read),
        CASE(who_types_slowly_is_read_at_either_speed),
        CASE(spandsps_text_telephone_is_read),
        CASE(noise_leaves_every_character_and_loss_most),
        CASE(a_voice_types_nothing),
        CASE(what_is_typed_is_read_by_spandsp),
        CASE(the_answer_has_their_speed_and_its_echo_is_not_read),
        CASE(more_than_fits_is_left_out_and_said_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
