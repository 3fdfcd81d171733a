/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A sealed file as somebody else wrote it: the first 32 bytes are the key, the rest the file; its kind, too. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/require.h"
#include "proto/attachment.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    enum attachment_kind kind = attachment_read_kind(bytes, size);
    REQUIRE(attachment_type(kind)[0] && attachment_ending(kind)[0]);
    if (size < ATTACHMENT_KEY)
        return 0;
    size_t opened_size = 0;
    uint8_t *opened = malloc(size);
    if (opened && attachment_open(bytes, bytes + ATTACHMENT_KEY, size - ATTACHMENT_KEY, opened,
                                  &opened_size) == 0)
        REQUIRE(opened_size < size);
    free(opened);
    return 0;
}
