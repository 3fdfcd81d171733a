/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * pidf: a place as it comes with a call (PIDF-LO, RFC 4119; shapes of RFC 5491, addresses of RFC 5139).
 * A shape becomes its middle and the radius of the circle around it. Whatever is no place on the earth,
 * or in a reference system that is not WGS 84, is none. No entity is ever expanded and nothing is
 * fetched. The only reader of XML together with call_data. Pure. */
#ifndef GATEWAYS_TRUNK_PIDF_H
#define GATEWAYS_TRUNK_PIDF_H

#include <stddef.h>

#include "proto/aml.h"

enum {
    PIDF_ADDRESS_BYTES = 384, /* struct personal's */
    PIDF_POINTS_MAX = 64,     /* of a polygon */
    PIDF_DEPTH_MAX = 32
};

struct pidf {
    struct aml place; /* `placed` when there was a shape */
    char address[PIDF_ADDRESS_BYTES];
};

/* Returns 0, or -EBADMSG when it is no PIDF-LO or says neither a shape nor an address. */
int pidf_read(struct pidf *pidf, const char *xml, size_t length);

#endif
