/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * places: what stands in the setting annals = "postgresql://…", as far as the doctor looks at it: libpq's URI form
 * (PostgreSQL 15 documentation, 34.1.1.2), several hosts among it. */
#ifndef CONSOLES_CTL_PLACES_H
#define CONSOLES_CTL_PLACES_H

#include <stdbool.h>

enum {
    PLACES_MAX = 8,
    PLACE_HOST_BYTES = 128,
    PLACE_PORT_BYTES = 8,
    PLACE_VALUE_BYTES = 256
};

struct place {
    char host[PLACE_HOST_BYTES]; /* an IPv6 address stands without its brackets */
    char port[PLACE_PORT_BYTES]; /* "5432" where none is said */
};

/* Returns how many hosts, the first PLACES_MAX of them; -1: none by name, so a socket of this machine. */
int places_of(const char *uri, struct place places[PLACES_MAX]);

/* The value of a parameter behind the '?', %-signs undone. False: it is not there, or too long. */
bool place_value(const char *uri, const char *name, char value[PLACE_VALUE_BYTES]);

#endif
