/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What comes with a call: a multipart body is walked, places and Additional Data in it are read. */
#include <math.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/require.h"
#include "gateways/trunk/body.h"
#include "gateways/trunk/call_data.h"
#include "gateways/trunk/pidf.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void on_part(void *owner, const char *type, struct body_part part)
{
    struct text *text = owner;
    struct pidf pidf;
    if (pidf_read(&pidf, part.bytes, part.length) == 0) {
        REQUIRE(pidf.place.placed || pidf.address[0]);
        REQUIRE(!pidf.place.placed || pidf.place.latitude_e7 <= 900000000);
        REQUIRE(!pidf.place.placed || pidf.place.latitude_e7 >= -900000000);
        REQUIRE(memchr(pidf.address, 0, sizeof pidf.address));
    }
    if (call_data_is(type))
        (void)call_data_add(text, part.bytes, part.length);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char words[1024];
    struct text text = text_into(words, sizeof words);
    body_walk("multipart/mixed;boundary=x", (const char *)bytes, size, on_part, &text);
    on_part(&text, "application/EmergencyCallData.Comment+xml",
            (struct body_part){ (const char *)bytes, size });
    REQUIRE(strlen(words) < sizeof words);
    return 0;
}
