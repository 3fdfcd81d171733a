/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * scrape: what a program of this machine serves on its loopback metrics port (base/metrics.h). */
#ifndef CONSOLES_CTL_SCRAPE_H
#define CONSOLES_CTL_SCRAPE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    SCRAPE_LABELS_BYTES = 128
};

/* Fetches "/metrics" or "/healthz". Returns the body, good until the next call; NULL after errno was
 * set: ECONNREFUSED when nothing listens there, EAGAIN when it did not answer for two seconds,
 * EBADMSG when it answered, but not with 200. */
const char *scrape(uint16_t port, const char *path);

/* The next line of this name at or behind `body`: its labels without braces, and its value. Returns
 * where to go on; NULL when there is none. */
const char *scrape_next(const char *body, const char *name, char labels[SCRAPE_LABELS_BYTES],
                        uint64_t *value);

/* The sum over all labels; 0 when there is no such line. */
uint64_t scrape_sum(const char *body, const char *name);

#endif
