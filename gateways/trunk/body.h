/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * body: finds the session description in a SIP body that may be multipart (RFC 2046 §5.1; emergency
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

/* The first application/sdp of a body of this content type ("application/sdp",
 * "multipart/mixed;boundary=x"). An empty type counts as SDP when it begins like one. */
struct body_part body_find_sdp(const char *type, const char *bytes, size_t length);

#endif
