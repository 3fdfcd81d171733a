/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A recording's file, perhaps broken, cut, or another's. The key is 32 times 'k'. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <sodium.h>

#include "base/require.h"
#include "proto/tape.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static int file_of(const uint8_t *bytes, size_t size)
{
    static int fd = -1;
    if (fd < 0)
        fd = memfd_create("tape", MFD_CLOEXEC);
    REQUIRE(fd >= 0 && ftruncate(fd, 0) == 0);
    REQUIRE(pwrite(fd, bytes, size, 0) == (ssize_t)size);
    return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    uint8_t key[TAPE_KEY], header[TAPE_HEADER], again[TAPE_HEADER], found[TAPE_KEY];
    uint8_t piece[256];
    uint64_t owner;
    REQUIRE(sodium_init() >= 0);
    memset(key, 'k', sizeof key);
    int fd = file_of(bytes, size);
    REQUIRE(tape_sound(size) <= size);
    uint64_t whole = tape_wav_size(size);
    for (uint64_t at = 0; at + sizeof piece <= whole; at += whole / 4 + 1)
        (void)tape_read(fd, key, at, piece, sizeof piece);
    REQUIRE(tape_read(fd, key, whole, piece, 1) < 0);
    if (size >= sizeof header) {
        memcpy(header, bytes, sizeof header);
        if (tape_header_read(header, &owner, found) == 0) {
            tape_header_write(again, owner, found);
            REQUIRE(memcmp(again, header, TAPE_HEADER - 8) == 0);
        }
    }
    return 0;
}
