/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * body: finds what stands in a SIP body that may be multipart (RFC 2046 §5.1; emergency
 * calls carry PIDF-LO and call data beside the SDP, nested up to three deep). libosip2's own MIME
 * parser leaks memory on hostile parts and is not used.
 *
 * Pure. */
#ifndef GATEWAYS_TRUNK_BODY_H
#define GATEWAYS_TRUNK_BODY_H

#include <stddef.h>

enum {
    BODY_DEPTH_MAX = 3,
    BODY_PARTS_MAX = 8 /* per level */
};

struct body_part {
    const char *bytes; /* into the body that was given; NULL: none */
    size_t length;
};

/* One part that is no multipart itself; type is its Content-Type as it stands. */
typedef void body_visit(void *owner, const char *type, struct body_part part);

/* Visits all parts of a body of this content type, in order; a body that is no multipart is one. */
void body_walk(const char *type, const char *bytes, size_t length, body_visit *visit, void *owner);

/* The first application/sdp of a body of this content type ("application/sdp",
 * "multipart/mixed;boundary=x"). An empty type counts as SDP when it begins like one. */
struct body_part body_find_sdp(const char *type, const char *bytes, size_t length);

#endif
