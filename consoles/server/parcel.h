/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * parcel: one written answer on its way to one reader, with room in front for the frame header
 * that the transport writes there. */
#ifndef CONSOLES_SERVER_PARCEL_H
#define CONSOLES_SERVER_PARCEL_H

#include <stddef.h>

#include "proto/json.h"

enum {
    PARCEL_HEADROOM = 32,
    PARCEL_MAX_BYTES = 4 * 1024 * 1024
};

struct parcel {
    struct parcel *next;
    size_t size;
    char headroom[PARCEL_HEADROOM];
    char bytes[];
};

/* Takes over the object (NULL is accepted). NULL when memory is short or the text too long. */
struct parcel *parcel_from_json(json_t *object);
/* A copy of these bytes; NULL when memory is short. */
struct parcel *parcel_from_text(const char *bytes, size_t size);
void parcel_close(struct parcel *parcel);

#endif
