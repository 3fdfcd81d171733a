/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any words as the place of annals: hosts and parameters that fit, or none, never a crash. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/require.h"
#include "consoles/ctl/places.h"

enum {
    URI_BYTES = 1024
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const names[] = { "sslcert", "sslkey", "a" };
    struct place places[PLACES_MAX];
    char uri[URI_BYTES], value[PLACE_VALUE_BYTES];
    size = size < sizeof uri - 1 ? size : sizeof uri - 1;
    memcpy(uri, bytes, size);
    uri[size] = '\0';
    int count = places_of(uri, places);
    REQUIRE(count == -1 || (count > 0 && count <= PLACES_MAX));
    for (int i = 0; i < count; i++) {
        REQUIRE(strlen(places[i].host) > 0 && strlen(places[i].host) < PLACE_HOST_BYTES);
        REQUIRE(strlen(places[i].port) > 0 && strlen(places[i].port) < PLACE_PORT_BYTES);
    }
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        if (place_value(uri, names[i], value))
            REQUIRE(strlen(value) < PLACE_VALUE_BYTES);
    return 0;
}
