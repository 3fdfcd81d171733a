/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * code: the digits that, beside the order number, show that somebody is the order's citizen. They follow
 * from the number under a key of the home and are kept nowhere (docs/decisions/0014-code.md). Pure. */
#ifndef DISPATCHER_IO_CODE_H
#define DISPATCHER_IO_CODE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    CODE_KEY_BYTES = 32,
    CODE_DIGITS = 8,
    CODE_BYTES = CODE_DIGITS + 1
};

/* From the home's blind key, which no other purpose ever shows. */
void code_key(const uint8_t blind_key[32], uint8_t key[CODE_KEY_BYTES]);

void code_make(const uint8_t key[CODE_KEY_BYTES], uint64_t number, char code[CODE_BYTES]);

/* Takes the same time whatever was said. */
bool code_is(const uint8_t key[CODE_KEY_BYTES], uint64_t number, const char *said);

#endif
