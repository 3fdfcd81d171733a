/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * teletype: the text telephone of deaf people inside a telephone line: five-bit Baudot characters as two tones,
 * 1400 Hz for a mark and 1800 Hz for a space, 45.45 or 50 bit/s, one side at a time (TIA-825-A, ITU-T V.18
 * annex A). Which speed is theirs is seen from the length of their bits, and answered in.
 *
 * Voices are not mistaken for it: before anything is read the two tones alone have to fill the line for a sixth
 * of a second. Pure; it allocates nothing and is bounded: what does not fit any more is left out. */
#ifndef GATEWAYS_TRUNK_TELETYPE_H
#define GATEWAYS_TRUNK_TELETYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateways/trunk/g711.h"

enum {
    TELETYPE_WAITING_MAX = 2048, /* characters to be said: a message of some minutes */
    TELETYPE_HEARD_MAX = 8,      /* that one turn can end, when it opens the gate */
    TELETYPE_WINDOW = 88,        /* samples: 11 ms, half a bit */
    TELETYPE_GATE_TURNS = 8
};

enum teletype_speed {
    TELETYPE_45, /* 45.45 bit/s */
    TELETYPE_50,
    TELETYPE_SPEEDS
};

/* One tone's share of the last samples. */
struct teletype_tone {
    float real[TELETYPE_WINDOW], imaginary[TELETYPE_WINDOW];
    float sum_real, sum_imaginary;
};

struct teletype {
    /* the gate */
    int16_t kept[TELETYPE_GATE_TURNS][G711_FRAME]; /* what was before it opened */
    float shares[TELETYPE_GATE_TURNS];             /* of the two tones in each turn */
    unsigned turn;
    bool open;
    unsigned quiet_turns;

    /* the ear */
    struct teletype_tone mark, space;
    unsigned phase, at;
    bool level; /* mark */
    bool in_character;
    unsigned since;               /* samples since its start bit began */
    float error[TELETYPE_SPEEDS]; /* how far its edges are from where each speed has them; fades */
    uint8_t bits[TELETYPE_SPEEDS];
    bool stops[TELETYPE_SPEEDS];
    bool figures_in;
    unsigned characters; /* read in all */

    /* the mouth */
    uint8_t waiting[TELETYPE_WAITING_MAX];
    uint16_t said, count;
    bool figures_out;
    unsigned column; /* since the last change of shift was said anew */
    uint16_t code;   /* being said, bits from below; 0: none */
    unsigned code_bits;
    double bit_left, angle;
    unsigned lead, tail; /* samples of mark before and after */
    unsigned deaf_turns; /* after our own tones, which come back as an echo */
};

/* The turn's 20 ms, linear at 8 kHz. Writes what was read, ASCII, and returns how many characters. */
unsigned teletype_hear(struct teletype *teletype, const int16_t samples[G711_FRAME],
                       char text[TELETYPE_HEARD_MAX]);
/* Has anything ever been read? At which speed. */
bool teletype_knows(const struct teletype *teletype, enum teletype_speed *speed);

/* Until it is known: they have this speed. */
void teletype_suppose(struct teletype *teletype, enum teletype_speed speed);

/* To be said after what waits: UTF-8; what the code does not have becomes '?', small letters capital ones. Returns the
 * characters that found no room. */
size_t teletype_add(struct teletype *teletype, const char *words);
bool teletype_speaks(const struct teletype *teletype);
/* The turn's sound in A-law; only while it speaks. */
void teletype_say(struct teletype *teletype, uint8_t frame[G711_FRAME]);

#endif
