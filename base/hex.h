/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * hex: bytes as lower-case hexadecimal text and back. */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* out holds 2 * size + 1 bytes. */
void hex_write(const uint8_t *bytes, size_t size, char *out);

/* Reads exactly 2 * size hexadecimal digits, either case, and nothing behind them. Returns false
 * and leaves bytes undefined otherwise. */
bool hex_read(const char *text, uint8_t *bytes, size_t size);

#endif
