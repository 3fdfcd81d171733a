/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * caller: what the dispatcher reads off a citizen's number and words before the core decides, so
 * that the core never sees either (DESIGN §6). */
#ifndef DISPATCHER_IO_CALLER_H
#define DISPATCHER_IO_CALLER_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/message.h"

enum {
    CALLER_KEY_BYTES = 32
};

/* The blind index of a telephone number: the first 8 bytes of keyed BLAKE2b-256 over its national
 * form (digits only, without 0086, +86 or 86 before a mobile or area number). The same number gives
 * the same index in every spelling; without the key nobody can go back or try numbers. 0 for a number
 * without digits, and never 0 otherwise. */
uint64_t caller_index(const uint8_t key[CALLER_KEY_BYTES], const char *number);

/* Reads "111"-style survey replies: three digits (ASCII or full width), spaces and commas between
 * them allowed, nothing else; contacted 1 or 2 (yes, no), solved and satisfied 1 to 3. Sets the three
 * degrees of the command and returns true, or leaves them. */
bool caller_reads_survey(const char *words, struct contact_arrive *arrive);

#endif
