/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attachment: a picture or document beside a task, as it lies on disk: sealed as a whole under a key of its own,
 *     "yihao-attachment-1\n", a zero · nonce, 24 bytes · ciphertext · tag, 16 bytes      XChaCha20-Poly1305
 * The key is with the dispatcher alone (struct personal, file_key), sealed under the incident: when that is erased, this
 * is noise. What it is, is read from its first bytes, never believed from a name. */
#ifndef PROTO_ATTACHMENT_H
#define PROTO_ATTACHMENT_H

#include <stddef.h>
#include <stdint.h>

#include "proto/message.h"
#include "proto/suite.h"

enum {
    ATTACHMENT_BYTES_MAX = 8 * 1024 * 1024,
    ATTACHMENT_KEY = 32,
    ATTACHMENT_DIGEST = 32,
    ATTACHMENT_NAME_BYTES = 65
};

/* NONE: of no kind that is taken. */
enum attachment_kind attachment_read_kind(const uint8_t *bytes, size_t size);
/* "image/jpeg", "jpg"; of NONE "application/octet-stream", "bin". */
const char *attachment_type(enum attachment_kind kind);
const char *attachment_ending(enum attachment_kind kind);

struct attachment {
    char file[ATTACHMENT_NAME_BYTES]; /* below the folder: DAY/RANDOM.sealed */
    uint8_t key[ATTACHMENT_KEY];
    uint8_t digest[ATTACHMENT_DIGEST]; /* of the sealed file, … */
    uint32_t algorithm;                /* … by this suite */
};

/* Seals the bytes into folder/DAY/…, durable on return, their digest by the suite. day: yyyymmdd. Returns 0 and *attachment, or a negative
 * errno (-EFBIG above the limit), and then there is no file. */
int attachment_write(const char *folder, uint32_t day, const struct suite *suite,
                     const uint8_t *bytes, size_t size, struct attachment *attachment);

/* Opens a sealed file. Returns 0, *bytes (free it) and *size; -EBADMSG: another key, or changed; or a negative errno. */
int attachment_read(const char *path, const uint8_t key[ATTACHMENT_KEY], uint8_t **bytes,
                    size_t *size);

/* The same of a file's bytes; opened: room for size bytes. Returns 0 and *opened_size, or -EBADMSG. */
int attachment_open(const uint8_t key[ATTACHMENT_KEY], const uint8_t *sealed, size_t size,
                    uint8_t *opened, size_t *opened_size);

#endif
