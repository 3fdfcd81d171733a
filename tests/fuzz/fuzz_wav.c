/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Announcements are files of the city, perhaps broken ones. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/require.h"
#include "gateways/trunk/prompts.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    uint8_t *samples = NULL;
    size_t count = 0;
    if (prompt_from_wav(bytes, size, &samples, &count) == 0)
        REQUIRE(samples && count > 0 && count <= size);
    free(samples);
    return 0;
}
