/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A body of any content type, multipart or not: its first line is the type. Each part lies within the body, and behind
 * the one before it; there are no more than the levels may have. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/require.h"
#include "gateways/trunk/body.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum {
    PARTS_MAX = BODY_PARTS_MAX * BODY_PARTS_MAX * BODY_PARTS_MAX,
    TYPE_BYTES = 256
};

struct walk {
    const char *from, *end; /* what is left */
    unsigned parts;
    struct body_part sdp;
};

static void on_part(void *owner, const char *type, struct body_part part)
{
    struct walk *walk = owner;
    REQUIRE(part.bytes >= walk->from && part.length <= (size_t)(walk->end - part.bytes));
    REQUIRE(memchr(type, 0, TYPE_BYTES));
    REQUIRE(++walk->parts <= PARTS_MAX);
    walk->from = part.bytes + part.length;
    if (!walk->sdp.bytes && strncasecmp(type, "application/sdp", 15) == 0)
        walk->sdp = part;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char type[TYPE_BYTES];
    const uint8_t *line = size ? memchr(bytes, '\n', size) : NULL;
    size_t length = line ? (size_t)(line - bytes) : 0;
    if (length >= sizeof type)
        return 0;
    memcpy(type, bytes, length);
    type[length] = 0;
    size -= line ? length + 1 : 0;
    char *copy = malloc(size ? size : 1); /* its own block, so that a byte too far is seen */
    REQUIRE(copy);
    memcpy(copy, bytes + (line ? length + 1 : 0), size);
    struct walk walk = { .from = copy, .end = copy + size };
    body_walk(type, copy, size, on_part, &walk);
    struct body_part sdp = body_find_sdp(type, copy, size);
    REQUIRE(!walk.sdp.bytes || (sdp.bytes && sdp.bytes <= walk.sdp.bytes));
    free(copy);
    return 0;
}
