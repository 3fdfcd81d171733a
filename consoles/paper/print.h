/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * print: a paper becomes a PDF, by yihao-press, which stands beside the program that asks. Waits for it, PRINT_MS at
 * most: whoever has a loop calls this on a thread. */
#ifndef CONSOLES_PAPER_PRINT_H
#define CONSOLES_PAPER_PRINT_H

#include <stddef.h>
#include <stdint.h>

#include "consoles/paper/paper.h"

enum {
    PRINT_MS = 15000,
    PRINT_BYTES_MAX = 3000000 /* in base64 it is still an answer (consoles/server/parcel.h) */
};

/* On success the caller owns *pdf, to be freed. Returns 0; -EFBIG: the paper or its pages are too many;
 * -ENOENT: there is no yihao-press; -ETIMEDOUT; -EIO: it failed. */
int paper_print(const struct paper *paper, uint8_t **pdf, size_t *size);

#endif
