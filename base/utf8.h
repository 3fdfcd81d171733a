/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * utf8: the one gate for text from outside (RFC 3629: shortest form, no surrogates, ≤ U+10FFFF). */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes one character at *at (length bytes are there). Returns how many bytes it takes and sets
 * *character, or 0 when the bytes are not valid. length 0 is not valid. */
size_t utf8_decode(const char *at, size_t length, uint32_t *character);

/* Writes the character's 1 … 4 bytes to out and returns their number; 0 for a surrogate or a value
 * above U+10FFFF. */
size_t utf8_encode(uint32_t character, char out[4]);

/* Valid UTF-8 without control characters; line feed and tab are allowed. */
bool utf8_is_text(const char *bytes, size_t length);

#endif
