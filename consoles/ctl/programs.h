/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * programs: those of a home, in the order in which they start, and where each serves its figures. */
#ifndef CONSOLES_CTL_PROGRAMS_H
#define CONSOLES_CTL_PROGRAMS_H

#include "proto/settings.h"

struct program {
    const char *kind; /* "trunk": the process is yihao-trunk */
    const char *name; /* borrowed from the settings */
    uint16_t port;    /* loopback, /metrics and /healthz */
};

/* Shows each; `owner` is passed on. */
typedef void programs_each(void *owner, const struct program *program);
void programs_of(const struct settings *settings, programs_each *each, void *owner);

#endif
