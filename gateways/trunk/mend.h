/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mend: reads a request that does not follow SIP the way a helpful person reads a smudged letter. What
 * the filter or the parser refused is searched for the few things a call needs: a method, whom it is
 * for, the way back, and which call it is. From these a clean head is written anew. Nobody but a
 * caller of an emergency line is ever let in by it (exchange.h); everybody else gets a proper refusal.
 *
 * Pure; its time grows with the length of the request alone. */
#ifndef GATEWAYS_TRUNK_MEND_H
#define GATEWAYS_TRUNK_MEND_H

#include <stdbool.h>
#include <stddef.h>

enum {
    MEND_HEAD_BYTES = 8192,
    MEND_VIAS_MAX = 48 /* the answer must go all the way back */
};

struct mended {
    size_t length; /* of the head, its empty line included */
    bool invite;
    bool other_version; /* it says that it is not SIP/2.0 */
    bool other_scheme;  /* whom it is for is no URI that we know */
    const char *body;   /* what stands behind the empty line, borrowed */
    size_t body_length;
};

/* False when it is no request, or says neither whom it is for nor how to answer. */
bool mend_request(struct mended *mended, char head[MEND_HEAD_BYTES], const char *bytes,
                  size_t length);

#endif
