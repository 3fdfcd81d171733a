/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mend: whatever comes, a head that is written is whole, ends with an empty line, and is mended to
 * itself. */
#include <stdint.h>
#include <string.h>

#include "base/require.h"
#include "gateways/trunk/mend.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static char head[MEND_HEAD_BYTES], again[MEND_HEAD_BYTES];
    struct mended mended, twice;
    if (!mend_request(&mended, head, (const char *)bytes, size))
        return 0;
    REQUIRE(mended.length < sizeof head && strlen(head) == mended.length);
    REQUIRE(memcmp(head + mended.length - 4, "\r\n\r\n", 4) == 0);
    REQUIRE(strstr(head, "\r\nVia: SIP/2.0/") && strstr(head, "\r\nCall-ID: "));
    REQUIRE(mended.body_length <= size);
    REQUIRE(mend_request(&twice, again, head, mended.length));
    REQUIRE(twice.invite == mended.invite && twice.body_length == 0);
    return 0;
}
