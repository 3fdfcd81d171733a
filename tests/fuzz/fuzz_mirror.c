/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Messages of a twin: each is a length octet and so many bytes; every third has the right number put in, so that what
 * lies behind it is reached. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/require.h"
#include "gateways/trunk/mirror.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct kept *file(void)
{
    static const struct kept_shape shapes[KEPT_KIND_COUNT] = { [KEPT_CALL] = { 8, 64, 1 },
                                                               [KEPT_PHONE] = { 8, 64, 2 },
                                                               [KEPT_INVITE] = { 8, 64, 3 },
                                                               [KEPT_GONE] = { 8, 64, 4 } };
    static struct kept *kept;
    char path[] = "/tmp/fuzz-mirror-XXXXXX";
    if (kept)
        return kept;
    int fd = mkstemp(path);
    REQUIRE(fd >= 0 && kept_open(&kept, path, shapes) == 0);
    (void)close(fd);
    (void)unlink(path);
    return kept;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct mirror *mirror = mirror_alone(file());
    REQUIRE(mirror);
    uint8_t number = 0;
    while (size > 0) {
        size_t length = bytes[0] < size - 1 ? bytes[0] : size - 1;
        uint8_t *one = malloc(length ? length : 1);
        REQUIRE(one);
        memcpy(one, bytes + 1, length);
        if (length >= 17 && bytes[0] % 3 != 0) {
            memset(one + 1, 0, 16);
            one[1] = ++number;
        }
        if (!mirror_hear(mirror, one, length, 1000))
            number = 0;
        free(one);
        bytes += length + 1;
        size -= length + 1;
    }
    mirror_close(mirror);
    return 0;
}
