/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/teletype.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/require.h"

enum {
    MARK_HERTZ = 1400,
    SPACE_HERTZ = 1800,
    PHASES = 40, /* samples in which both tones have whole waves: 7 and 9 */
    DATA_BITS = 5,
    LETTERS = 31,
    FIGURES = 27,
    SHIFT_AGAIN = 60,    /* characters, then the shift is said anew: who lost it reads on */
    LEAD_SAMPLES = 1200, /* 150 ms of mark wake the other side */
    TAIL_SAMPLES = 2400, /* 300 ms keep its echo away */
    DEAF_TURNS = 15,
    QUIET_TURNS_MAX = 25, /* without the tones the gate closes */
    FLOOR = 60            /* of the mean amplitude: below is no tone */
};

static const float gate_each = 0.3F, gate_mean = 0.55F;
static const float bit_samples[TELETYPE_SPEEDS] = { 8000 / 45.45F, 8000 / 50.0F };
static const double amplitude = 5000; /* -13 dBm0 */

/* ITU-T S.1 as TIA-825-A has it; 0: no character. */
static const char letters[] = "\0E\nA SIU\rDRJNFCKTZLWHYPQOBG\1MXV\2";
static const char figures[] = "\0003\n- \a87\r$4',!:(5\")2=6019?+\1./;\2";

/* ---- the gate ---------------------------------------------------------------------------------- */

static float power_at(const int16_t samples[G711_FRAME], double hertz)
{
    const float turn = (float)(2 * cos(2 * M_PI * hertz / G711_RATE));
    float last = 0, before = 0;
    for (unsigned i = 0; i < G711_FRAME; i++) {
        float now = (float)samples[i] + turn * last - before;
        before = last;
        last = now;
    }
    return last * last + before * before - turn * last * before;
}

/* How much of the turn's power the two tones are: 1 for one of them alone, 0.5 where it changes in the middle. */
static float share_of(const int16_t samples[G711_FRAME])
{
    float power = 0;
    for (unsigned i = 0; i < G711_FRAME; i++)
        power += (float)samples[i] * (float)samples[i];
    if (power < (float)G711_FRAME * FLOOR * FLOOR)
        return 0;
    float both = power_at(samples, MARK_HERTZ) + power_at(samples, SPACE_HERTZ);
    return 2 * both / (power * G711_FRAME);
}

static bool is_carrier(const struct teletype *teletype)
{
    float sum = 0;
    for (unsigned i = 0; i < TELETYPE_GATE_TURNS; i++) {
        if (teletype->shares[i] < gate_each)
            return false;
        sum += teletype->shares[i];
    }
    return sum >= gate_mean * TELETYPE_GATE_TURNS;
}

/* ---- the ear ------------------------------------------------------------------------------------- */

static float hear_tone(struct teletype_tone *tone, unsigned at, unsigned phase, unsigned hertz,
                       int16_t sample)
{
    static float cosines[PHASES];
    static bool ready;
    if (!ready) {
        for (unsigned i = 0; i < PHASES; i++)
            cosines[i] = (float)cos(2 * M_PI * i / PHASES);
        ready = true;
    }
    unsigned waves = hertz * PHASES / G711_RATE, angle = phase * waves % PHASES;
    float real = (float)sample * cosines[angle];
    float imaginary = (float)sample * cosines[(angle + PHASES / 4) % PHASES];
    tone->sum_real += real - tone->real[at];
    tone->sum_imaginary += imaginary - tone->imaginary[at];
    tone->real[at] = real;
    tone->imaginary[at] = imaginary;
    return tone->sum_real * tone->sum_real + tone->sum_imaginary * tone->sum_imaginary;
}

/* Mark or space; what is neither, as a lost packet, is what it was. */
static bool level_of(struct teletype *teletype, int16_t sample)
{
    float mark = hear_tone(&teletype->mark, teletype->at, teletype->phase, MARK_HERTZ, sample);
    float space = hear_tone(&teletype->space, teletype->at, teletype->phase, SPACE_HERTZ, sample);
    const float least = (float)FLOOR / 2 * TELETYPE_WINDOW / 2;
    teletype->at = (teletype->at + 1) % TELETYPE_WINDOW;
    teletype->phase = (teletype->phase + 1) % PHASES;
    if (mark < least * least && space < least * least)
        return teletype->level;
    return mark >= space;
}

static void start_character(struct teletype *teletype)
{
    teletype->in_character = true;
    teletype->since = 0;
    for (unsigned i = 0; i < TELETYPE_SPEEDS; i++)
        teletype->bits[i] = 0;
}

/* An edge inside a character lies at a whole number of bits from its start. */
static void hear_edge(struct teletype *teletype)
{
    for (unsigned i = 0; i < TELETYPE_SPEEDS; i++) {
        float bits = (float)teletype->since / bit_samples[i];
        teletype->error[i] = 0.9F * teletype->error[i] + fabsf(bits - roundf(bits));
    }
}

static unsigned read_code(struct teletype *teletype, unsigned code, char text[TELETYPE_HEARD_MAX],
                          unsigned count)
{
    char c = teletype->figures_in ? figures[code] : letters[code];
    teletype->characters += teletype->characters < UINT32_MAX;
    if (code == LETTERS || code == FIGURES)
        teletype->figures_in = code == FIGURES;
    else if (c && c != '\a' && c != '\r' && count < TELETYPE_HEARD_MAX)
        text[count++] = c;
    return count;
}

static unsigned best(const struct teletype *teletype)
{
    return teletype->error[TELETYPE_50] < teletype->error[TELETYPE_45] ? TELETYPE_50 : TELETYPE_45;
}

/* The middle of each bit of either speed; the stop bit must be a mark. */
static unsigned hear_bit(struct teletype *teletype, char text[TELETYPE_HEARD_MAX], unsigned count)
{
    for (unsigned i = 0; i < TELETYPE_SPEEDS; i++)
        for (unsigned bit = 1; bit <= DATA_BITS + 1; bit++) {
            if (teletype->since != (unsigned)(((float)bit + 0.5F) * bit_samples[i]))
                continue;
            if (bit <= DATA_BITS)
                teletype->bits[i] |= (uint8_t)(teletype->level << (bit - 1));
            else
                teletype->stops[i] = teletype->level;
        }
    if (teletype->since < (unsigned)((DATA_BITS + 1.5F) * bit_samples[TELETYPE_45]))
        return count;
    unsigned speed = best(teletype);
    teletype->in_character = false;
    return teletype->stops[speed] ? read_code(teletype, teletype->bits[speed], text, count) : count;
}

static unsigned hear_samples(struct teletype *teletype, const int16_t samples[G711_FRAME],
                             char text[TELETYPE_HEARD_MAX], unsigned count)
{
    for (unsigned i = 0; i < G711_FRAME; i++) {
        bool level = level_of(teletype, samples[i]);
        bool edge = level != teletype->level;
        teletype->level = level;
        if (teletype->in_character) {
            teletype->since++;
            if (edge && teletype->since > TELETYPE_WINDOW)
                hear_edge(teletype);
            count = hear_bit(teletype, text, count);
        } else if (edge && !level) {
            start_character(teletype);
        }
    }
    return count;
}

static void open_gate(struct teletype *teletype)
{
    teletype->open = true;
    teletype->level = true;
    teletype->in_character = false;
    teletype->figures_in = false;
    memset(&teletype->mark, 0, sizeof teletype->mark);
    memset(&teletype->space, 0, sizeof teletype->space);
}

unsigned teletype_hear(struct teletype *teletype, const int16_t samples[G711_FRAME],
                       char text[TELETYPE_HEARD_MAX])
{
    static const int16_t nothing[G711_FRAME]; /* a lost packet, and the hiss of the line */
    unsigned place = teletype->turn++ % TELETYPE_GATE_TURNS, count = 0;
    bool deaf = teletype->deaf_turns > 0;
    teletype->deaf_turns -= deaf;
    memcpy(teletype->kept[place], samples, sizeof teletype->kept[place]);
    teletype->shares[place] = deaf ? 0 : share_of(samples);
    if (teletype->open) {
        teletype->quiet_turns = teletype->shares[place] < gate_each ? teletype->quiet_turns + 1 : 0;
        teletype->open = !deaf && teletype->quiet_turns < QUIET_TURNS_MAX;
        const int16_t *heard = teletype->quiet_turns > 0 ? nothing : samples;
        return teletype->open ? hear_samples(teletype, heard, text, 0) : 0;
    }
    if (!is_carrier(teletype))
        return 0;
    open_gate(teletype);
    for (unsigned i = 1; i <= TELETYPE_GATE_TURNS; i++)
        count =
            hear_samples(teletype, teletype->kept[(place + i) % TELETYPE_GATE_TURNS], text, count);
    return count;
}

bool teletype_knows(const struct teletype *teletype, enum teletype_speed *speed)
{
    *speed = (enum teletype_speed)best(teletype);
    return teletype->characters > 0;
}

void teletype_suppose(struct teletype *teletype, enum teletype_speed speed)
{
    if (teletype->characters == 0)
        teletype->error[TELETYPE_SPEEDS - 1 - speed] = 0.01F;
}

/* ---- the mouth ----------------------------------------------------------------------------------- */

size_t teletype_add(struct teletype *teletype, const char *words)
{
    size_t left_out = 0;
    for (; *words; words++) {
        if (((unsigned char)*words & 0xC0) == 0x80)
            continue; /* the rest of what became '?' */
        unsigned char c = (unsigned char)*words < 0x80 ? (unsigned char)toupper(*words) : '?';
        if (teletype->count == TELETYPE_WAITING_MAX && teletype->said > 0) {
            teletype->count = (uint16_t)(teletype->count - teletype->said);
            memmove(teletype->waiting, teletype->waiting + teletype->said, teletype->count);
            teletype->said = 0;
        }
        if (teletype->count == TELETYPE_WAITING_MAX)
            left_out++;
        else
            teletype->waiting[teletype->count++] = c;
    }
    if (!teletype->code_bits && teletype->tail == 0)
        teletype->lead = LEAD_SAMPLES;
    return left_out;
}

bool teletype_speaks(const struct teletype *teletype)
{
    return teletype->said < teletype->count || teletype->code_bits > 0 || teletype->tail > 0;
}

/* The place of c in the table; 0: it is not there. */
static unsigned code_in(const char table[32], char c)
{
    for (unsigned i = 1; i < 32; i++)
        if (table[i] == c && c > 2)
            return i;
    return 0;
}

/* Start bit, five of data, one and a half to stop: half bits, from below. */
static void begin_code(struct teletype *teletype, unsigned code)
{
    uint16_t halves = 0;
    for (unsigned i = 0; i < DATA_BITS; i++)
        if (code >> i & 1)
            halves |= (uint16_t)(3U << (2 + 2 * i));
    teletype->code = (uint16_t)(halves | 7U << (2 + 2 * DATA_BITS));
    teletype->code_bits = 2 + 2 * DATA_BITS + 3;
}

/* The next character, or the shift it needs before it. */
static void next_code(struct teletype *teletype)
{
    char c = (char)teletype->waiting[teletype->said];
    unsigned letter = code_in(letters, c), figure = code_in(figures, c);
    bool wants_figures = letter ? figure && teletype->figures_out : true;
    if (!letter && !figure)
        figure = code_in(figures, '?');
    if (wants_figures != teletype->figures_out || teletype->column == 0) {
        teletype->figures_out = wants_figures;
        teletype->column = SHIFT_AGAIN;
        begin_code(teletype, wants_figures ? FIGURES : LETTERS);
        return;
    }
    teletype->column--;
    teletype->said++;
    begin_code(teletype, wants_figures ? figure : letter);
    if (teletype->said == teletype->count) {
        teletype->said = teletype->count = 0;
        teletype->tail = TAIL_SAMPLES;
    }
}

/* What the next sample is part of: mark, but for the spaces of a character. */
static bool next_level(struct teletype *teletype)
{
    enum teletype_speed speed;
    (void)teletype_knows(teletype, &speed);
    if (teletype->lead > 0) {
        teletype->lead--;
        return true;
    }
    if (teletype->bit_left <= 0 && teletype->code_bits > 0) {
        teletype->code >>= 1;
        if (--teletype->code_bits > 0)
            teletype->bit_left += bit_samples[speed] / 2;
    }
    if (teletype->code_bits == 0 && teletype->said < teletype->count) {
        next_code(teletype);
        teletype->bit_left += bit_samples[speed] / 2;
    }
    if (teletype->code_bits > 0) {
        teletype->bit_left -= 1;
        return teletype->code & 1;
    }
    teletype->bit_left = 0;
    teletype->tail -= teletype->tail > 0;
    return true;
}

void teletype_say(struct teletype *teletype, uint8_t frame[G711_FRAME])
{
    REQUIRE(teletype_speaks(teletype));
    for (unsigned i = 0; i < G711_FRAME; i++) {
        teletype->angle += 2 * M_PI * (next_level(teletype) ? MARK_HERTZ : SPACE_HERTZ) / G711_RATE;
        teletype->angle -= teletype->angle > 2 * M_PI ? 2 * M_PI : 0;
        frame[i] = g711_byte(MEDIA_PCMA, (int16_t)(amplitude * sin(teletype->angle)));
    }
    teletype->deaf_turns = DEAF_TURNS;
}
