/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keys in the sound itself: made by keying.c, which shares nothing with what hears them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/prng.h"
#include "gateways/trunk/keying.h"
#include "gateways/trunk/keypad.h"
#include "gateways/trunk/prompts.h"

static const char all[] = "0123456789*#ABCD";

struct world {
    struct keypad *keypad;
    struct prng prng;
    double noise;     /* amplitude */
    double gain;      /* of the keys */
    unsigned lose;    /* each so many-th turn is silence; 0: none */
    char heard[4096]; /* keys in order */
    unsigned count;
};

static int set_up(void **state)
{
    static struct world world;
    memset(&world, 0, sizeof world);
    world.gain = 1;
    prng_seed(&world.prng, 7);
    *state = &world;
    return keypad_open(&world.keypad);
}

static int tear_down(void **state)
{
    struct world *w = *state;
    keypad_close(w->keypad);
    return 0;
}

static void hear(struct world *w, const int16_t samples[G711_FRAME])
{
    char keys[KEYPAD_KEYS_MAX];
    unsigned count = keypad_hear(w->keypad, samples, keys);
    for (unsigned i = 0; i < count && w->count + 1 < sizeof w->heard; i++)
        w->heard[w->count++] = keys[i];
    w->heard[w->count] = 0;
}

static void press(struct world *w, const char *keys, unsigned shift)
{
    struct keying keying = { 0 };
    uint8_t frame[G711_FRAME];
    int16_t line[2 * G711_FRAME] = { 0 };
    keying_add(&keying, keys);
    for (unsigned turn = 1; keying_runs(&keying); keying_turn(&keying), turn++) {
        keying_sound(&keying, frame);
        for (unsigned i = 0; i < G711_FRAME; i++) {
            double noise = w->noise * ((double)prng_below(&w->prng, 2001) / 1000 - 1);
            bool lost = w->lose && turn % w->lose == 0;
            double sample = lost ? 0 : w->gain * g711_sample(MEDIA_PCMA, frame[i]) + noise;
            line[G711_FRAME + i] = (int16_t)sample;
        }
        hear(w, line + G711_FRAME - shift); /* the line's frames are not the generator's */
        memmove(line, line + G711_FRAME, G711_FRAME * sizeof line[0]);
    }
}

static void every_key_is_heard_once_wherever_a_frame_begins(void **state)
{
    struct world *w = *state;
    for (unsigned shift = 0; shift < G711_FRAME; shift += 16) {
        w->count = 0;
        press(w, all, shift);
        assert_string_equal(w->heard, all);
    }
    w->count = 0;
    press(w, "1155", 0);
    assert_string_equal(w->heard, "1155");
}

static void a_quiet_key_on_a_noisy_line_is_heard(void **state)
{
    struct world *w = *state;
    w->gain = 0.1; /* 20 dB less */
    w->noise = 60;
    press(w, all, 40);
    assert_string_equal(w->heard, all);
}

/* A hole of a packet never makes two presses of one; it may cost a short one. */
static void a_lost_packet_doubles_no_key(void **state)
{
    struct world *w = *state;
    w->lose = KEYING_CYCLE_TURNS; /* turns 9, 19 … : in the rests */
    press(w, all, 0);
    assert_string_equal(w->heard, all);
    for (unsigned lose = 3; lose < 9; lose++) {
        w->lose = lose;
        w->count = 0;
        press(w, "1234567890", 0);
        assert_in_range(w->count, 5, 10);
        for (unsigned i = 1; i < w->count; i++)
            assert_int_not_equal(w->heard[i], w->heard[i - 1]);
    }
}

/* What espeak-ng says in Chinese and English, over and over at four speeds: some hours of voice. */
static void speech_presses_no_key(void **state)
{
    struct world *w = *state;
    struct prompts prompts;
    static const unsigned steps[] = { 1000, 1190, 880, 1310 };
    uint64_t turns = 0;
    if (prompts_read(&prompts, YIHAO_PROMPTS) < 0)
        skip();
    for (unsigned s = 0; s < sizeof steps / sizeof steps[0]; s++)
        for (unsigned p = 0; p < prompts.count; p++) {
            const struct prompt *prompt = &prompts.items[p];
            int16_t frame[G711_FRAME];
            if (strstr(prompt->name, "music") || strstr(prompt->name, "tone"))
                continue;
            for (uint64_t at = 0; at * steps[s] / 1000 + 1 < prompt->count; at++) {
                frame[at % G711_FRAME] =
                    g711_sample(MEDIA_PCMA, prompt->samples[at * steps[s] / 1000]);
                if (at % G711_FRAME == G711_FRAME - 1) {
                    hear(w, frame);
                    turns++;
                }
            }
        }
    prompts_free(&prompts);
    print_message("keys heard in %u s of speech: %u\n", (unsigned)(turns / 50), w->count);
    assert_true(turns > 0);
    assert_int_equal(w->count, 0);
}

static void listening_costs_little(void **state)
{
    struct world *w = *state;
    int16_t frame[G711_FRAME];
    struct timespec from, to;
    for (unsigned i = 0; i < G711_FRAME; i++)
        frame[i] = (int16_t)((int)prng_below(&w->prng, 4001) - 2000);
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    for (unsigned turn = 0; turn < 5000; turn++)
        hear(w, frame);
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    int64_t ns = (to.tv_sec - from.tv_sec) * 1000000000LL + to.tv_nsec - from.tv_nsec;
    print_message("a turn of one listener: %d ns of 20000000\n", (int)(ns / 5000));
    assert_true(ns / 5000 < 200000); /* a hundredth of a turn */
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = { CASE(every_key_is_heard_once_wherever_a_frame_begins),
                                        CASE(a_quiet_key_on_a_noisy_line_is_heard),
                                        CASE(a_lost_packet_doubles_no_key),
                                        CASE(speech_presses_no_key), CASE(listening_costs_little) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
