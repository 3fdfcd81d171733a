/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * routes: which centre a piece goes to. Among the centres that stand: those that serve the longest
 * prefix of the number, else those that serve all numbers, else any; of these the first with room. A
 * number taken along to another operator (携号转网) is refused by the centre its prefix names: that
 * centre is left out for this text from then on. */
#ifndef GATEWAYS_SMS_ROUTES_H
#define GATEWAYS_SMS_ROUTES_H

#include "gateways/sms/centres.h"

enum {
    ROUTES_REFUSED_MAX = 1024 /* texts remembered; an older one may be refused once more */
};

struct routes {
    struct {
        uint64_t text;
        uint32_t centres; /* bits */
    } refused[ROUTES_REFUSED_MAX];
    uint32_t next;
};

/* The centre that the piece goes to, which may have no room for it now; PIECE_CENTRES_MAX when no centre that
 * stands takes it. */
uint8_t routes_pick(const struct routes *routes, const struct centres *centres,
                    const struct piece_out *piece);

/* The centre takes nothing for this text's number. Returns PIECE_LATER when another one may, or
 * PIECE_REFUSED. */
enum piece_verdict routes_refuse(struct routes *routes, const struct centres *centres,
                                 uint64_t text, uint8_t centre);

#endif
