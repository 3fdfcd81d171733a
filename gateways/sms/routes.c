/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/routes.h"

#include <string.h>

#include "gateways/sms/domestic.h"

static uint32_t refused_by(const struct routes *routes, uint64_t text)
{
    for (uint32_t i = 0; i < ROUTES_REFUSED_MAX; i++)
        if (routes->refused[i].text == text && routes->refused[i].centres != 0)
            return routes->refused[i].centres;
    return 0;
}

/* How well the centre serves the number: digits of the prefix and one, 1 for all numbers, 0 for one
 * that serves others. */
static size_t fitness(const struct centre_settings *centre, const char *number)
{
    size_t best = centre->serves_count == 0 ? 1 : 0;

    for (uint32_t i = 0; i < centre->serves_count; i++) {
        size_t length = strlen(centre->serves[i]);

        if (strncmp(centre->serves[i], number, length) == 0 && length + 1 > best)
            best = length + 1;
    }
    return best;
}

uint8_t routes_pick(const struct routes *routes, const struct centres *centres,
                    const struct piece_out *piece)
{
    char number[PIECE_ADDRESS_BYTES];
    uint32_t refused = refused_by(routes, piece->parcel.text);
    size_t best = 0;
    uint8_t found = PIECE_CENTRES_MAX;

    if (!domestic_number(number, piece->dest))
        return PIECE_CENTRES_MAX;
    for (uint32_t i = 0; i < centres_count(centres); i++) {
        if (refused >> i & 1 || !centres_is_up(centres, i))
            continue;
        size_t one = fitness(centres_centre(centres, i), number) + 1;

        if (one < best || (one == best && (centres_room(centres, found, piece->urgent) ||
                                           !centres_room(centres, i, piece->urgent))))
            continue;
        best = one;
        found = (uint8_t)i;
    }
    return found;
}

enum piece_verdict routes_refuse(struct routes *routes, const struct centres *centres,
                                 uint64_t text, uint8_t centre)
{
    uint32_t all = (1U << centres_count(centres)) - 1;
    uint32_t refused = refused_by(routes, text) | 1U << centre;
    uint32_t slot = 0;

    while (slot < ROUTES_REFUSED_MAX && routes->refused[slot].text != text)
        slot++;
    if (slot == ROUTES_REFUSED_MAX)
        slot = routes->next++ % ROUTES_REFUSED_MAX;
    routes->refused[slot].text = text;
    routes->refused[slot].centres = refused;
    return refused == all ? PIECE_REFUSED : PIECE_LATER;
}
