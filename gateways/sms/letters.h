/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * letters: the alphabets of texts (SMPP v3.4 §5.2.19 for their numbers, alphabet.h and charset.h
 * for their tables) and UTF-8.
 *
 * Reading gives text fit for every store of the system: CR LF and CR become line feed, other control
 * characters their visible picture (U+2400 …), a byte-order mark goes, a lone surrogate becomes
 * U+FFFD. What cannot be read at all is not guessed: the caller keeps the octets as they are. */
#ifndef GATEWAYS_SMS_LETTERS_H
#define GATEWAYS_SMS_LETTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum letters {
    LETTERS_NONE,        /* octets without letters, or a coding nobody defined */
    LETTERS_GSM7,        /* the default alphabet, one septet in an octet, as SMPP carries it */
    LETTERS_GSM7_PACKED, /* eight septets in seven octets, as the air carries it */
    LETTERS_ASCII,
    LETTERS_LATIN1,
    LETTERS_UCS2,    /* big endian; surrogate pairs are joined */
    LETTERS_CHARSET, /* a set of its own: charset.h */
    /* LETTERS_GSM7 with national tables, which a header before the septets names: a single shift, … */
    LETTERS_TURKISH,
    LETTERS_SPANISH,
    LETTERS_PORTUGUESE,
    LETTERS_TURKISH_LOCKING, /* … a locking shift alone, … */
    LETTERS_PORTUGUESE_LOCKING,
    LETTERS_TURKISH_BOTH, /* … or both */
    LETTERS_PORTUGUESE_BOTH
};

/* How the octets of one piece are to be read. All zero: the default alphabet. */
struct letters_reading {
    uint8_t coding;  /* as the PDU said: enum piece_coding or the wire's own */
    uint8_t locking; /* national tables its header chose (alphabet.h) */
    uint8_t single;
    uint8_t fill; /* packed septets begin so many bits in */
};

/* SMPP data_coding to alphabet; also understands the GSM message-class groups (0xC0 …). */
enum letters letters_of_coding(uint8_t data_coding);
uint8_t letters_coding(enum letters letters);

/* Appends the text. Returns false, with nothing appended, when the octets are not such letters: an
 * odd number for UCS-2, an octet above 127 in ASCII. Some centres hand the air's form through, or call
 * 8-bit data what is text: octets above 127 under the default alphabet are tried as packed septets and
 * taken so when the outcome is plain text; both they and 8-bit data are taken for UTF-8 when they are,
 * and 8-bit data for packed septets when they hold a telephone's location (AML). */
bool letters_read(const struct letters_reading *reading, const uint8_t *octets, size_t count,
                  struct text *text);

/* The same by the coding's number alone: for several pieces put together, which only their own coding
 * can tell. */
bool letters_join(const struct letters_reading *reading, const uint8_t *octets, size_t count,
                  struct text *text);

/* Septets in the octets of a packed text start `fill` bits in (a header before them moves them to a
 * septet's border). A last seventh zero septet is filling. Returns septets written, each an octet. */
size_t letters_unpack(const uint8_t *octets, size_t count, unsigned fill, uint8_t *septets,
                      size_t size);

/* GSM-7 when every character is in it, UCS-2 otherwise. words must be valid UTF-8. */
enum letters letters_choose(const char *words, size_t length);
/* Are all characters in these letters? */
bool letters_have(enum letters letters, const char *words, size_t length);
/* The national tables of these letters (alphabet.h); ALPHABET_DEFAULT: none. And the letters with these. */
uint8_t letters_single(enum letters letters);
uint8_t letters_locking(enum letters letters);
enum letters letters_national(uint8_t locking, uint8_t single);

/* Writes one character (one or two units, two or four octets). Returns octets written; 0 when the
 * alphabet does not have it. LETTERS_GSM7, with a national shift or without, and LETTERS_UCS2 only. */
size_t letters_write(enum letters letters, uint32_t character, uint8_t octets[4]);

/* The length the operator counts: septets, or 16-bit units. */
size_t letters_count(enum letters letters, const char *words, size_t length);

#endif
