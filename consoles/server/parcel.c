/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/server/parcel.h"

#include <stdlib.h>
#include <string.h>

struct parcel *parcel_from_json(json_t *object)
{
    struct parcel *parcel = NULL;
    size_t size = object ? json_dumpb(object, NULL, 0, JSON_COMPACT) : 0;
    if (size > 0 && size <= PARCEL_MAX_BYTES)
        parcel = malloc(sizeof *parcel + size);
    if (parcel) {
        parcel->next = NULL;
        parcel->size = json_dumpb(object, parcel->bytes, size, JSON_COMPACT);
    }
    json_decref(object);
    if (!json_lacked_memory())
        return parcel;
    parcel_close(parcel); /* it may lack what was asked for */
    return NULL;
}

struct parcel *parcel_from_text(const char *bytes, size_t size)
{
    struct parcel *parcel = malloc(sizeof *parcel + size);
    if (!parcel)
        return NULL;
    parcel->next = NULL;
    parcel->size = size;
    memcpy(parcel->bytes, bytes, size);
    return parcel;
}

void parcel_close(struct parcel *parcel)
{
    free(parcel);
}
