/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * alphabet: the septets of 3GPP TS 23.038: the default alphabet and its extension (§6.2.1), and the
 * national tables (Annex A) a text's header may choose: one instead of the default alphabet (locking
 * shift), one instead of the extension (single shift). Numbers are those of TS 23.040 §9.2.3.24.15.
 * A table that is not here reads as the default one, as §6.2.1.2.4 wants it. */
#ifndef GATEWAYS_SMS_ALPHABET_H
#define GATEWAYS_SMS_ALPHABET_H

#include <stddef.h>
#include <stdint.h>

enum {
    ALPHABET_DEFAULT = 0,
    ALPHABET_TURKISH = 1,
    ALPHABET_SPANISH = 2, /* single shift only */
    ALPHABET_PORTUGUESE = 3,
    ALPHABET_ESCAPE = 0x1B
};

/* septet: 0 … 127. The escape reads as itself. */
uint32_t alphabet_character(uint8_t septet, uint8_t locking);

/* Behind the escape; an unknown one shows the locking table's character (§6.2.1.1). */
uint32_t alphabet_shifted(uint8_t septet, uint8_t locking, uint8_t single);

/* Writes with these tables. Returns septets written (1, or 2 with the escape), 0 when they do not have the
 * character. */
size_t alphabet_write(uint32_t character, uint8_t locking, uint8_t single, uint8_t septets[2]);

#endif
