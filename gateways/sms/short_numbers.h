/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * short_numbers: which line a short number belongs to. The dispatcher tells it (Setup); it is kept in a
 * file, so that texts can be taken in while no dispatcher answers, after a restart too. */
#ifndef GATEWAYS_SMS_SHORT_NUMBERS_H
#define GATEWAYS_SMS_SHORT_NUMBERS_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/message.h"

enum {
    SHORT_NUMBERS_MAX = 32
};

struct short_numbers {
    uint32_t count;
    struct {
        uint32_t line;
        char short_number[33];
    } rows[SHORT_NUMBERS_MAX];
};

/* What the dispatcher said last; retired lines and lines without a short number are left out. */
void short_numbers_set(struct short_numbers *numbers, const struct setup *setup);

/* The line of a number as the centre gives it, a leading + left out; 0: none. */
uint32_t short_numbers_find(const struct short_numbers *numbers, const char *number);

bool short_numbers_same(const struct short_numbers *one, const struct short_numbers *other);

/* The file: "SHORT-NUMBER LINE" a row. Return a negative errno; reading gives 0, or -ENOENT before the dispatcher was
 * heard for the first time, writing the descriptor of a fresh file, to be synced (unsynced.h) and closed. */
int short_numbers_read(struct short_numbers *numbers, const char *path);
int short_numbers_write(const struct short_numbers *numbers, const char *path);

#endif
