/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as a file of pending submissions: whole records are told once, and there is room for as many
 * as ever. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "base/require.h"
#include "gateways/link/pending.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void count(void *owner, const uint8_t *bytes, size_t size)
{
    REQUIRE(bytes && size > 0 && size <= PENDING_BYTES);
    ++*(unsigned *)owner;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char path[64];
    unsigned told = 0;
    struct pending *pending = NULL;
    (void)snprintf(path, sizeof path, "/tmp/yihao-fuzz-pending-%d", (int)getpid());
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    REQUIRE(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
    (void)close(fd);
    REQUIRE(pending_open(&pending, path, count, &told) == 0 && told <= PENDING_PLACES);
    for (int i = 0; i < PENDING_PLACES; i++)
        REQUIRE(pending_put(pending, (const uint8_t *)"x", 1) != 0);
    pending_close(pending);
    (void)unlink(path);
    return 0;
}
