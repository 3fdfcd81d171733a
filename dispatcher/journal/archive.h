/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * archive: named files in one sealed stream, for backups. Who writes needs only a public key; only the
 * holder of its secret can read, or notice that a byte was changed, moved or cut off:
 *
 *   "YIHAOBK1" ‖ the stream's key in a box sealed to the public key (crypto_box_seal) ‖ the stream's head
 *   then parts: le32 size ‖ part (crypto_secretstream_xchacha20poly1305), the last one tagged final.
 *
 * A part's first byte tells what it is: ARCHIVE_NAME begins a file, ARCHIVE_BYTES goes on with it,
 * ARCHIVE_END comes last. */
#ifndef DISPATCHER_JOURNAL_ARCHIVE_H
#define DISPATCHER_JOURNAL_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
    ARCHIVE_KEY_BYTES = 32,
    ARCHIVE_PART_BYTES = 256 * 1024, /* of a file in one part */
    ARCHIVE_NAME_BYTES = 128         /* "settings.conf", "city/lines.csv": at most one folder */
};

enum archive_part {
    ARCHIVE_NAME = 1,
    ARCHIVE_BYTES,
    ARCHIVE_END
};

struct archive;

/* A pair of keys; the secret one opens every archive made for the public one. */
void archive_keys(uint8_t public_key[ARCHIVE_KEY_BYTES], uint8_t secret[ARCHIVE_KEY_BYTES]);

/* Begins an archive in `to`, which is borrowed and goes to the disk as it is written (trickle.h); after
 * archive_finish() all of it is there. Returns 0 or a negative errno; archive_close() accepts
 * NULL. An archive that was not finished does not open to its end. */
int archive_open(struct archive **archive, FILE *to, const uint8_t public_key[ARCHIVE_KEY_BYTES]);
int archive_name(struct archive *archive, const char *name);
int archive_bytes(struct archive *archive, const uint8_t *bytes, size_t size);
int archive_finish(struct archive *archive);
void archive_close(struct archive *archive);

/* Each file's name with size 0 first, then its bytes; a negative errno of the taker's ends it. */
typedef int archive_take(void *owner, const char *name, const uint8_t *bytes, size_t size);

/* Returns 0 after the whole archive; -EKEYREJECTED for another key, -EBADMSG for bytes that are not as
 * they were written or a name that leaves its folder, -EIO, or the taker's error. */
int archive_read(FILE *from, const uint8_t secret[ARCHIVE_KEY_BYTES], archive_take *take,
                 void *owner);

/* Whether a name may be written below a folder: one or two words of letters, digits, '-', '_' and '.',
 * neither of which begins with '.', with one '/' between them. */
bool archive_name_is_good(const char *name, size_t size);

#endif
