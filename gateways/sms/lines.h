/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * lines: which line a short number belongs to. The dispatcher tells it (Setup); it is kept in a
 * file, so that texts can be taken in while no dispatcher answers, after a restart too. */
#ifndef GATEWAYS_SMS_LINES_H
#define GATEWAYS_SMS_LINES_H

#include <stdint.h>

#include "proto/message.h"

enum {
    LINES_MAX = 32
};

struct lines {
    uint32_t count;
    struct {
        uint32_t line;
        char short_number[33];
    } rows[LINES_MAX];
};

/* What the dispatcher said last; retired lines and lines without a short number are left out. */
void lines_set(struct lines *lines, const struct setup *setup);

/* The line of a number as the centre gives it, a leading + left out; 0: none. */
uint32_t lines_find(const struct lines *lines, const char *number);

/* The file: "SHORT-NUMBER LINE" a row, replaced as a whole. Return 0 or a negative errno; reading
 * gives -ENOENT before the dispatcher was heard for the first time. */
int lines_read(struct lines *lines, const char *path);
int lines_write(const struct lines *lines, const char *path);

#endif
