/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/letters.h"

#include <string.h>

#include "base/require.h"
#include "base/utf8.h"
#include "gateways/sms/alphabet.h"
#include "gateways/sms/charset.h"
#include "gateways/sms/piece.h"

enum {
    REPLACEMENT = 0xFFFD,
    BYTE_ORDER_MARK = 0xFEFF,
    CONTROL_PICTURES = 0x2400,
    PACKED_SEPTETS_MAX = 512
};

enum letters letters_of_coding(uint8_t data_coding)
{
    switch (data_coding) {
    case 0x00:
        return LETTERS_GSM7;
    case 0x01:
        return LETTERS_ASCII;
    case 0x03:
        return LETTERS_LATIN1;
    case 0x08:
        return LETTERS_UCS2;
    }
    if (charset_of_coding(data_coding))
        return LETTERS_CHARSET;
    /* TS 23.038 §4: message waiting (C0, D0 default alphabet; E0 UCS-2), message class (F0). */
    switch (data_coding & 0xF0) {
    case 0xC0:
    case 0xD0:
        return LETTERS_GSM7;
    case 0xE0:
        return LETTERS_UCS2;
    case 0xF0:
        return data_coding & 0x04 ? LETTERS_NONE : LETTERS_GSM7;
    }
    return LETTERS_NONE;
}

uint8_t letters_coding(enum letters letters)
{
    switch (letters) {
    case LETTERS_GSM7:
    case LETTERS_GSM7_PACKED:
    case LETTERS_TURKISH:
    case LETTERS_SPANISH:
    case LETTERS_PORTUGUESE:
    case LETTERS_TURKISH_LOCKING:
    case LETTERS_PORTUGUESE_LOCKING:
    case LETTERS_TURKISH_BOTH:
    case LETTERS_PORTUGUESE_BOTH:
        return 0x00;
    case LETTERS_ASCII:
        return 0x01;
    case LETTERS_LATIN1:
        return 0x03;
    case LETTERS_UCS2:
        return 0x08;
    case LETTERS_CHARSET:
        return PIECE_CODING_GB18030;
    case LETTERS_NONE:
        return 0x04;
    }
    REQUIRE(!"unknown letters");
}

/* ---------------------------------------------------------------------------------- reading */

static void add_character(struct text *text, uint32_t character)
{
    char bytes[4];

    if (character == BYTE_ORDER_MARK)
        return;
    if (character == '\r')
        character = '\n';
    if (character < ' ' && character != '\n' && character != '\t')
        character += CONTROL_PICTURES;
    if (character >= 0x7F && character < 0xA0)
        character = character == 0x7F ? 0x2421 : REPLACEMENT;
    size_t size = utf8_encode(character, bytes);
    if (size == 0)
        size = utf8_encode(REPLACEMENT, bytes);
    text_add_bytes(text, bytes, size);
}

/* A carriage return before a line feed says nothing more. */
static bool is_half_of_line_end(uint32_t character, uint32_t next)
{
    return character == '\r' && next == '\n';
}

static bool all_below_128(const uint8_t *octets, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (octets[i] >= 0x80)
            return false;
    return true;
}

static void read_septets(const struct letters_reading *reading, const uint8_t *septets,
                         size_t count, struct text *text)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t next = i + 1 < count ? septets[i + 1] : 0;

        if (septets[i] == ALPHABET_ESCAPE && i + 1 < count)
            add_character(text, alphabet_shifted(septets[++i], reading->locking, reading->single));
        else if (!is_half_of_line_end(septets[i], next))
            add_character(text, alphabet_character(septets[i], reading->locking));
    }
}

static void read_single_octets(const uint8_t *octets, size_t count, struct text *text)
{
    for (size_t i = 0; i < count; i++)
        if (!is_half_of_line_end(octets[i], i + 1 < count ? octets[i + 1] : 0))
            add_character(text, octets[i]);
}

static uint32_t unit_at(const uint8_t *octets, size_t count, size_t i)
{
    return i + 1 < count ? (uint32_t)octets[i] << 8 | octets[i + 1] : 0;
}

static void read_ucs2(const uint8_t *octets, size_t count, struct text *text)
{
    for (size_t i = 0; i + 1 < count; i += 2) {
        uint32_t unit = unit_at(octets, count, i);
        uint32_t next = unit_at(octets, count, i + 2);

        if (unit >= 0xD800 && unit < 0xDC00 && next >= 0xDC00 && next < 0xE000) {
            add_character(text, 0x10000 + ((unit - 0xD800) << 10) + (next - 0xDC00));
            i += 2;
        } else if (!is_half_of_line_end(unit, next)) {
            add_character(text, unit);
        }
    }
}

static bool read_charset(uint8_t coding, const uint8_t *octets, size_t count, struct text *text)
{
    const uint32_t *characters;
    size_t length;

    if (charset_read(charset_of_coding(coding), octets, count, &characters, &length) != 0)
        return false;
    for (size_t i = 0; i < length; i++)
        if (!is_half_of_line_end(characters[i], i + 1 < length ? characters[i + 1] : 0))
            add_character(text, characters[i]);
    return true;
}

size_t letters_unpack(const uint8_t *octets, size_t count, unsigned fill, uint8_t *septets,
                      size_t size)
{
    size_t bits = count * 8;
    size_t written = 0;

    for (size_t at = fill; at + 7 <= bits && written < size; at += 7) {
        unsigned pair = octets[at / 8];

        if (at / 8 + 1 < count)
            pair |= (unsigned)octets[at / 8 + 1] << 8;
        septets[written++] = (uint8_t)(pair >> at % 8 & 0x7F);
    }
    /* Seven bits left at the end of an octet are filling (TS 23.038 §6.1.2.3.1). */
    if (written > 0 && written % 8 == 0 && fill == 0 && septets[written - 1] == 0)
        written--;
    return written;
}

static bool read_packed(const struct letters_reading *reading, const uint8_t *octets, size_t count,
                        struct text *text)
{
    uint8_t septets[PACKED_SEPTETS_MAX];

    if (count * 8 / 7 > sizeof septets)
        return false;
    read_septets(reading, septets,
                 letters_unpack(octets, count, reading->fill, septets, sizeof septets), text);
    return true;
}

/* As it is by its number, without second thoughts. */
static bool read_plainly(const struct letters_reading *reading, enum letters letters,
                         const uint8_t *octets, size_t count, struct text *text)
{
    switch (letters) {
    case LETTERS_GSM7:
        if (!all_below_128(octets, count))
            return false;
        read_septets(reading, octets, count, text);
        return true;
    case LETTERS_GSM7_PACKED:
        return read_packed(reading, octets, count, text);
    case LETTERS_ASCII:
        if (!all_below_128(octets, count))
            return false;
        read_single_octets(octets, count, text);
        return true;
    case LETTERS_LATIN1:
        read_single_octets(octets, count, text);
        return true;
    case LETTERS_UCS2:
        if (count % 2 != 0)
            return false;
        read_ucs2(octets, count, text);
        return true;
    case LETTERS_CHARSET:
        return read_charset(reading->coding, octets, count, text);
    case LETTERS_TURKISH: /* no coding's number: a header says so */
    case LETTERS_SPANISH:
    case LETTERS_PORTUGUESE:
    case LETTERS_TURKISH_LOCKING:
    case LETTERS_PORTUGUESE_LOCKING:
    case LETTERS_TURKISH_BOTH:
    case LETTERS_PORTUGUESE_BOTH:
    case LETTERS_NONE:
        return false;
    }
    REQUIRE(!"unknown letters");
}

bool letters_join(const struct letters_reading *reading, const uint8_t *octets, size_t count,
                  struct text *text)
{
    return read_plainly(reading, letters_of_coding(reading->coding), octets, count, text);
}

/* Whether septets are what a person or AML (ETSI TS 103 625) writes, and not noise. */
static bool is_plain(const uint8_t *septets, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (septets[i] < ' ' && septets[i] != '\n' && septets[i] != '\r' && septets[i] != 0)
            return false;
    return count > 0;
}

/* A telephone's own message about its place begins so (ETSI TS 103 625). */
static bool is_location(const uint8_t *septets, size_t count)
{
    static const uint8_t head[] = { 'A', '"', 'M', 'L', '=' };

    return count > sizeof head && memcmp(septets, head, sizeof head) == 0;
}

/* Octets said to be no letters, or letters they cannot be: what they plainly are all the same. */
static bool read_by_look(const struct letters_reading *reading, enum letters letters,
                         const uint8_t *octets, size_t count, struct text *text)
{
    uint8_t septets[PACKED_SEPTETS_MAX];
    size_t length = 0;

    if (letters != LETTERS_GSM7 && letters != LETTERS_NONE)
        return false;
    if (count * 8 / 7 <= sizeof septets)
        length = letters_unpack(octets, count, reading->fill, septets, sizeof septets);
    bool packed =
        letters == LETTERS_GSM7 ? is_plain(septets, length) : is_location(septets, length);
    if (packed)
        return read_packed(reading, octets, count, text);
    if (!utf8_is_text((const char *)octets, count))
        return false;
    text_add_bytes(text, (const char *)octets, count);
    return true;
}

bool letters_read(const struct letters_reading *reading, const uint8_t *octets, size_t count,
                  struct text *text)
{
    enum letters letters = letters_of_coding(reading->coding);

    return read_plainly(reading, letters, octets, count, text) ||
           read_by_look(reading, letters, octets, count, text);
}

/* ---------------------------------------------------------------------------------- writing */

static size_t write_ucs2(uint32_t character, uint8_t octets[4])
{
    if (character < 0x10000) {
        octets[0] = (uint8_t)(character >> 8);
        octets[1] = (uint8_t)character;
        return 2;
    }
    uint32_t high = 0xD800 + ((character - 0x10000) >> 10);
    uint32_t low = 0xDC00 + ((character - 0x10000) & 0x3FF);
    octets[0] = (uint8_t)(high >> 8);
    octets[1] = (uint8_t)high;
    octets[2] = (uint8_t)(low >> 8);
    octets[3] = (uint8_t)low;
    return 4;
}

static const struct national_shift {
    uint8_t locking, single;
} shifts[] = {
    [LETTERS_TURKISH] = { ALPHABET_DEFAULT, ALPHABET_TURKISH },
    [LETTERS_SPANISH] = { ALPHABET_DEFAULT, ALPHABET_SPANISH },
    [LETTERS_PORTUGUESE] = { ALPHABET_DEFAULT, ALPHABET_PORTUGUESE },
    [LETTERS_TURKISH_LOCKING] = { ALPHABET_TURKISH, ALPHABET_DEFAULT },
    [LETTERS_PORTUGUESE_LOCKING] = { ALPHABET_PORTUGUESE, ALPHABET_DEFAULT },
    [LETTERS_TURKISH_BOTH] = { ALPHABET_TURKISH, ALPHABET_TURKISH },
    [LETTERS_PORTUGUESE_BOTH] = { ALPHABET_PORTUGUESE, ALPHABET_PORTUGUESE },
};

uint8_t letters_single(enum letters letters)
{
    return shifts[letters].single;
}

uint8_t letters_locking(enum letters letters)
{
    return shifts[letters].locking;
}

enum letters letters_national(uint8_t locking, uint8_t single)
{
    size_t i = LETTERS_TURKISH;

    while (i < sizeof shifts / sizeof *shifts &&
           (shifts[i].locking != locking || shifts[i].single != single))
        i++;
    return i < sizeof shifts / sizeof *shifts ? (enum letters)i : LETTERS_NONE;
}

size_t letters_write(enum letters letters, uint32_t character, uint8_t octets[4])
{
    REQUIRE(letters == LETTERS_GSM7 || letters == LETTERS_UCS2 || letters >= LETTERS_TURKISH);
    if (letters == LETTERS_UCS2)
        return write_ucs2(character, octets);
    return alphabet_write(character, letters_locking(letters), letters_single(letters), octets);
}

bool letters_have(enum letters letters, const char *words, size_t length)
{
    uint32_t character = 0;
    uint8_t octets[4];

    for (size_t at = 0; at < length;) {
        size_t size = utf8_decode(words + at, length - at, &character);

        REQUIRE(size > 0);
        if (letters_write(letters, character, octets) == 0)
            return false;
        at += size;
    }
    return true;
}

enum letters letters_choose(const char *words, size_t length)
{
    return letters_have(LETTERS_GSM7, words, length) ? LETTERS_GSM7 : LETTERS_UCS2;
}

size_t letters_count(enum letters letters, const char *words, size_t length)
{
    size_t octets_count = 0;
    uint32_t character = 0;
    uint8_t octets[4];

    for (size_t at = 0; at < length;) {
        size_t size = utf8_decode(words + at, length - at, &character);

        REQUIRE(size > 0);
        octets_count += letters_write(letters, character, octets);
        at += size;
    }
    return letters == LETTERS_UCS2 ? octets_count / 2 : octets_count;
}
