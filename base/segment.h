/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * segment: how many short messages a text costs, counted as operators count (3GPP TS 23.038, TS 23.040
 * §9.2.3.24.1): in the GSM 7-bit default alphabet 160 septets are one message and 153 each of several,
 * a character of the extension table being two; with any other character 70 and 67 units of UTF-16.
 * Nothing is cut inside a character. */
#ifndef BASE_SEGMENT_H
#define BASE_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>

/* All characters are in the default alphabet. words must be valid UTF-8. */
bool segment_is_gsm7(const char *words, size_t length);

/* Septets, or UTF-16 units. */
size_t segment_units(const char *words, size_t length);

/* Messages; 1 for an empty text. */
unsigned segment_count(const char *words, size_t length);

#endif
