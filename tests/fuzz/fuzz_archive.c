/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as a backup: refused or read, never a crash; what is read has names that stay below their
 * folder, and bytes only behind a name. */
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "base/require.h"
#include "dispatcher/journal/archive.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static int take(void *owner, const char *name, const uint8_t *bytes, size_t size)
{
    size_t *files = owner;
    REQUIRE(archive_name_is_good(name, strlen(name)));
    REQUIRE(name[0] != '/' && name[0] != '.' && strstr(name, "/.") == NULL); /* "a..b" is a name */
    REQUIRE(size <= ARCHIVE_PART_BYTES && (size == 0 || (bytes != NULL && *files > 0)));
    *files += size == 0;
    return 0;
}

/* The input as the parts of an archive that is sealed rightly: a name, bytes, a name … */
static void round_trip(const uint8_t *bytes, size_t size, const uint8_t public_key[32],
                       const uint8_t secret[32])
{
    static char room[1 << 20];
    struct archive *archive = NULL;
    size_t files = 0, named = 0;
    FILE *file = fmemopen(room, sizeof room, "w+");
    REQUIRE(file && archive_open(&archive, file, public_key) == 0);
    for (size_t at = 0; at < size;) {
        char name[ARCHIVE_NAME_BYTES];
        size_t length = strnlen((const char *)bytes + at, size - at);
        (void)snprintf(name, sizeof name, "%.*s", (int)length, (const char *)bytes + at);
        if (archive_name(archive, name) == 0) {
            named++;
            REQUIRE(archive_bytes(archive, bytes + at, size - at < 64 ? size - at : 64) == 0);
        }
        at += length + 1;
        if (named > 1000)
            break;
    }
    REQUIRE(archive_finish(archive) == 0);
    archive_close(archive);
    long end = ftell(file);
    (void)fclose(file);
    file = fmemopen(room, (size_t)end, "r");
    REQUIRE(file && archive_read(file, secret, take, &files) == 0 && files == named);
    (void)fclose(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const uint8_t seed[32] = { 1 };
    uint8_t public_key[32], secret[32];
    size_t files = 0;
    REQUIRE(sodium_init() >= 0);
    (void)crypto_box_seed_keypair(public_key, secret, seed);
    FILE *file = size > 0 ? fmemopen((void *)(uintptr_t)bytes, size, "rb") : NULL;
    if (!file)
        return 0;
    (void)archive_read(file, secret, take, &files);
    (void)fclose(file);
    round_trip(bytes, size, public_key, secret);
    return 0;
}
