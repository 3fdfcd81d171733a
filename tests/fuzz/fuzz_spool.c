/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as a spool file: refused, or read as far as it checks and usable from there on. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "base/require.h"
#include "gateways/link/spool.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void count(void *owner, const uint8_t *bytes, size_t size)
{
    (void)bytes;
    REQUIRE(size > 0 && size <= SPOOL_RECORD_MAX);
    ++*(unsigned *)owner;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/tmp/yihao-fuzz-spool-%d", (int)getpid());
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    REQUIRE(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
    (void)close(fd);
    struct spool *spool = NULL;
    unsigned first = 0, again = 0;
    int status = spool_open(&spool, path, 1, count, &first);
    REQUIRE(status == 0 || status == -EBADMSG);
    if (status == 0) {
        REQUIRE(spool_append(spool, (const uint8_t *)"more", 4) == 0);
        spool_close(spool);
        REQUIRE(spool_open(&spool, path, 1, count, &again) == 0 && again == first + 1);
        spool_close(spool);
    }
    (void)unlink(path);
    return 0;
}
