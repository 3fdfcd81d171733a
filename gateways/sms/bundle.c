/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/bundle.h"

#include "base/require.h"
#include "base/text.h"
#include "gateways/sms/doubts.h"

struct bundle *bundles_free(struct bundles *bundles)
{
    uint32_t i = 0;

    while (i < BUNDLES_MAX && bundles->bundles[i].count > 0)
        i++;
    return i < BUNDLES_MAX ? &bundles->bundles[i] : NULL;
}

void bundle_add(struct bundle *bundle, struct parcel parcel, const char *number)
{
    REQUIRE(bundle->count < BUNDLE_MAX);
    bundle->parcels[bundle->count] = parcel;
    (void)text_copy(bundle->numbers[bundle->count], PIECE_ADDRESS_BYTES, number);
    bundle->count++;
}

struct parcel bundle_parcel(const struct bundles *bundles, const struct bundle *bundle)
{
    return (struct parcel){ (uint64_t)(bundle - bundles->bundles), PARCEL_BUNDLE };
}

struct bundle *bundle_of(struct bundles *bundles, struct parcel parcel)
{
    if (parcel.part != PARCEL_BUNDLE)
        return NULL;
    REQUIRE(parcel.text < BUNDLES_MAX);
    return &bundles->bundles[parcel.text];
}

bool bundle_failed(const struct piece_failures *failures, const char *number, uint32_t *status)
{
    for (uint32_t i = 0; failures && i < failures->count; i++) {
        if (doubts_number(failures->items[i].number) != doubts_number(number))
            continue;
        *status = failures->items[i].status;
        return true;
    }
    return false;
}
