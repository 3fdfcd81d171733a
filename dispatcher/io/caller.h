/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * caller: what the dispatcher makes of a citizen's number before the core decides, so that the core
 * never sees it (docs/decisions/0005-journal.md). */
#ifndef DISPATCHER_IO_CALLER_H
#define DISPATCHER_IO_CALLER_H

#include <stdbool.h>
#include <stdint.h>

enum {
    CALLER_KEY_BYTES = 32
};

/* The blind index of a telephone number: the first 8 bytes of keyed BLAKE2b-256 over its national
 * form (digits only, without 0086, +86 or 86 before a mobile or area number). The same number gives
 * the same index in every spelling; without the key nobody can go back or try numbers. 0 for a number
 * without digits, and never 0 otherwise. */
uint64_t caller_index(const uint8_t key[CALLER_KEY_BYTES], const char *number);

/* Could somebody be reached there? A telephone without a SIM shows a pseudo-number, a row of zeros or its
 * own serial: whoever dials it disturbs a stranger or nobody. */
bool caller_is_diallable(const char *number);

#endif
