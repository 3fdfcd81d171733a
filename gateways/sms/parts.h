/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * parts: long texts in pieces. Reading tells which part of which text a piece is, by any of the three
 * ways in use: the user data header with an 8- or 16-bit reference (3GPP TS 23.040 §9.2.3.24.1 and
 * .8), the sar_* parameters (SMPP v3.4 §5.3.2.22 …), or none when the text is whole. Splitting cuts
 * a text into pieces the air carries, never inside a character, an escape pair or a surrogate pair. */
#ifndef GATEWAYS_SMS_PARTS_H
#define GATEWAYS_SMS_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateways/sms/letters.h"
#include "gateways/sms/piece.h"

enum {
    PARTS_MAX = 255,
    PARTS_HEADER_MAX = 13,        /* octets of our own: 16-bit reference, two national tables */
    PARTS_PIECE_BYTES = 13 + 160, /* a header and letters */
    PARTS_OUT_MAX = 32,           /* of an outgoing text: 3,000 octets of UTF-8 need fewer */
    PARTS_AIR_OCTETS = 140,       /* a text on the air */
    PARTS_AIR_SEPTETS = 160
};

enum parts_means {
    PARTS_WHOLE,
    PARTS_HEADER_8,
    PARTS_HEADER_16,
    PARTS_SAR
};

struct part {
    enum parts_means means;
    uint16_t reference;
    uint8_t total; /* 1 … PARTS_MAX; 1 for a whole text */
    uint8_t index; /* 1 … total */
    struct letters_reading reading;
    struct octets octets; /* the letters, without header; borrowed from the piece */
};

/* Reads what came in. A header that is broken, or says part 0 or part 4 of 3, is no header of parts:
 * the text counts as whole then (its letters behind the header, when its length is right). */
void part_read(struct part *part, const struct piece_in *in);

/* One outgoing piece: its octets with the header in front when there is one. */
struct part_out {
    bool has_header;
    uint8_t index;
    uint8_t octets[PARTS_PIECE_BYTES];
    uint8_t count;
};

struct parts_out {
    enum letters letters;
    enum parts_means means; /* PARTS_WHOLE when one piece is enough */
    uint16_t reference;
    uint8_t total;
    struct part_out parts[PARTS_OUT_MAX];
};

/* Splits words (valid UTF-8). means: PARTS_HEADER_8, PARTS_HEADER_16 or PARTS_SAR. Returns 0, or
 * -E2BIG when PARTS_OUT_MAX pieces do not hold it. */
int parts_split(struct parts_out *out, const char *words, size_t length, enum parts_means means,
                uint16_t reference);

/* The same in these letters, which must have all of the words' characters. */
int parts_split_in(struct parts_out *out, enum letters letters, const char *words, size_t length,
                   enum parts_means means, uint16_t reference);

/* Puts part `index` (1 …) into a piece: octets, coding, header and place as the means demands. The
 * octets are borrowed from `out`. */
void parts_dress(const struct parts_out *out, uint8_t index, struct piece_out *piece);

/* Says by other means which piece of which text it is, as its centre wants it; a piece that is full, or of no long
 * text, stays as it is. octets holds the piece's then. */
void parts_redress(struct piece_out *piece, enum parts_means means,
                   uint8_t octets[PARTS_PIECE_BYTES]);

#endif
