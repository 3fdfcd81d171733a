/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bundle: texts of a notice, all with the same words, that go to a centre in one PDU (SMPP submit_multi). Above the
 * session each of them is a text like any other: its own answer, receipt, failure and recall. One that the centre
 * did not take goes on alone.
 *
 * A bundle is out from when it was gathered until the centre answered or the connection ended; at most one of each
 * connection, so that no more texts are in doubt at once. */
#ifndef GATEWAYS_SMS_BUNDLE_H
#define GATEWAYS_SMS_BUNDLE_H

#include "gateways/sms/piece.h"

enum {
    BUNDLE_MAX = 254, /* SMPP v3.4 §4.5.1: number_of_dests */
    BUNDLES_MAX = PIECE_BINDS_MAX
};

struct bundle {
    uint32_t count; /* 0: free */
    struct parcel parcels[BUNDLE_MAX];
    char numbers[BUNDLE_MAX][PIECE_ADDRESS_BYTES];
};

struct bundles {
    struct bundle bundles[BUNDLES_MAX];
};

/* NULL when all are out. It stays free until it has texts. */
struct bundle *bundles_free(struct bundles *bundles);
void bundle_add(struct bundle *bundle, struct parcel parcel, const char *number);

/* What the session knows it by, and back. */
struct parcel bundle_parcel(const struct bundles *bundles, const struct bundle *bundle);
struct bundle *bundle_of(struct bundles *bundles,
                         struct parcel parcel); /* NULL: a piece by itself */

/* Those the centre did not take, by their numbers however it writes them. */
bool bundle_failed(const struct piece_failures *failures, const char *number, uint32_t *status);

#endif
