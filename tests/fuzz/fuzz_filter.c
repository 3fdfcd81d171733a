/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The filter and framer alone: what passes lies within what came, its head ends with an empty line and is copied without
 * its length, and a stream is cut into the same messages however its octets arrive. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "gateways/trunk/filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_head(const char *head, const struct filtered *filtered)
{
    static char
        copy[FILTER_FRAME_BYTES + FILTER_LINES_MAX + 3]; /* a line may have ended with LF alone */
    REQUIRE(filtered->head >= 4 && filtered->head <= FILTER_FRAME_BYTES);
    REQUIRE(head[filtered->head - 1] == '\n');
    size_t length = filter_copy_head(head, filtered->head, copy, sizeof copy);
    REQUIRE(length >= 4 && memcmp(copy + length - 4, "\r\n\r\n", 4) == 0);
    REQUIRE(!memmem(copy, length, "\nContent-Length:", 16));
}

/* Half of a message is more to come, or the same refusal: nothing else is read into it. */
static void check_half(const char *bytes, size_t length, const struct filtered *whole)
{
    struct filtered half;
    if (length < 2)
        return;
    enum filter_cause cause = filter_stream(bytes, length - 1, &half);
    REQUIRE(cause == FILTER_MORE || cause == FILTER_KEEP_ALIVE || whole->skip > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct filtered filtered;
    char *copy = malloc(size ? size : 1); /* its own block, so that a byte too far is seen */
    REQUIRE(copy);
    memcpy(copy, bytes, size);
    if (filter_datagram(copy, size, &filtered) == FILTER_PASS) {
        REQUIRE(filtered.skip + filtered.head + filtered.body <= size);
        check_head(copy + filtered.skip, &filtered);
    }
    for (size_t at = 0; at < size;) {
        enum filter_cause cause = filter_stream(copy + at, size - at, &filtered);
        size_t taken = filtered.skip + filtered.head + filtered.body;
        if (cause == FILTER_KEEP_ALIVE)
            taken = filtered.skip;
        else if (cause != FILTER_PASS)
            break;
        REQUIRE(taken > 0 && taken <= size - at);
        if (cause == FILTER_PASS) {
            check_head(copy + at + filtered.skip, &filtered);
            check_half(copy + at, taken, &filtered);
        }
        at += taken;
    }
    free(copy);
    return 0;
}
