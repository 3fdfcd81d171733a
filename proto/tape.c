/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/tape.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

enum {
    NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    OWNER_AT = 16,
    KEY_AT = 24
};

_Static_assert(TAPE_OVERHEAD == NONCE_BYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES, "frame");
_Static_assert(TAPE_KEY == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key");

static const uint8_t magic[OWNER_AT] = "yihao-tape-1\n";

static void put_little(uint8_t *at, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

/* ---- header and frames ---------------------------------------------------------------------- */

void tape_header_write(uint8_t header[TAPE_HEADER], uint64_t owner, const uint8_t *key)
{
    memset(header, 0, TAPE_HEADER);
    memcpy(header, magic, sizeof magic);
    put_little(header + OWNER_AT, owner, 8);
    if (key)
        memcpy(header + KEY_AT, key, TAPE_KEY);
}

int tape_header_read(const uint8_t header[TAPE_HEADER], uint64_t *owner, uint8_t key[TAPE_KEY])
{
    if (memcmp(header, magic, sizeof magic) != 0)
        return -EBADMSG;
    *owner = 0;
    for (unsigned i = 8; i > 0; i--)
        *owner = *owner << 8 | header[OWNER_AT + i - 1];
    memcpy(key, header + KEY_AT, TAPE_KEY);
    return 0;
}

size_t tape_seal(const uint8_t key[TAPE_KEY], uint64_t place, const uint8_t *sound, size_t size,
                 uint8_t frame[TAPE_FRAME])
{
    uint8_t bound[8];
    put_little(bound, place, sizeof bound);
    randombytes_buf(frame, NONCE_BYTES);
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(frame + NONCE_BYTES, NULL, sound, size, bound,
                                                     sizeof bound, NULL, frame, key);
    return size + TAPE_OVERHEAD;
}

int tape_open(const uint8_t key[TAPE_KEY], uint64_t place, const uint8_t *frame, size_t size,
              uint8_t sound[TAPE_SOUND])
{
    uint8_t bound[8];
    put_little(bound, place, sizeof bound);
    if (size < TAPE_OVERHEAD || size > TAPE_FRAME ||
        crypto_aead_xchacha20poly1305_ietf_decrypt(sound, NULL, NULL, frame + NONCE_BYTES,
                                                   size - NONCE_BYTES, bound, sizeof bound, frame,
                                                   key) != 0)
        return -EBADMSG;
    return (int)(size - TAPE_OVERHEAD);
}

/* ---- places --------------------------------------------------------------------------------- */

uint64_t tape_sound(uint64_t file_size)
{
    if (file_size <= TAPE_HEADER)
        return 0;
    uint64_t frames = (file_size - TAPE_HEADER) / TAPE_FRAME;
    uint64_t rest = (file_size - TAPE_HEADER) % TAPE_FRAME;
    return frames * TAPE_SOUND + (rest > TAPE_OVERHEAD ? rest - TAPE_OVERHEAD : 0);
}

uint64_t tape_at(uint64_t place)
{
    return TAPE_HEADER + place * TAPE_FRAME;
}

bool tape_is(const char *file)
{
    static const char end[] = ".tape";
    size_t length = strlen(file);
    return length > sizeof end - 1 && strcmp(file + length - (sizeof end - 1), end) == 0;
}

/* ---- the WAV -------------------------------------------------------------------------------- */

/* fmt of 18 bytes and fact, as formats other than PCM need. */
void tape_wav_header(uint8_t header[TAPE_WAV_HEADER], uint64_t sound_bytes)
{
    memset(header, 0, TAPE_WAV_HEADER);
    memcpy(header, "RIFF", 4);
    put_little(header + 4, TAPE_WAV_HEADER - 8 + sound_bytes, 4);
    memcpy(header + 8, "WAVEfmt ", 8);
    put_little(header + 16, 18, 4);
    put_little(header + 20, 6, 2);
    put_little(header + 22, 2, 2);
    put_little(header + 24, TAPE_SECOND / 2, 4);
    put_little(header + 28, TAPE_SECOND, 4);
    put_little(header + 32, 2, 2);
    put_little(header + 34, 8, 2);
    memcpy(header + 38, "fact", 4);
    put_little(header + 42, 4, 4);
    put_little(header + 46, sound_bytes / 2, 4);
    memcpy(header + 50, "data", 4);
    put_little(header + 54, sound_bytes, 4);
}

uint64_t tape_wav_size(uint64_t file_size)
{
    return TAPE_WAV_HEADER + tape_sound(file_size);
}

static int frame_read(int fd, const uint8_t key[TAPE_KEY], uint64_t place,
                      uint8_t sound[TAPE_SOUND])
{
    uint8_t frame[TAPE_FRAME];
    size_t have = 0;
    while (have < sizeof frame) {
        ssize_t got = pread(fd, frame + have, sizeof frame - have, (off_t)(tape_at(place) + have));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        have += (size_t)got;
    }
    return have == 0 ? -ENODATA : tape_open(key, place, frame, have, sound);
}

int tape_read(int fd, const uint8_t key[TAPE_KEY], uint64_t offset, uint8_t *bytes, size_t size)
{
    uint8_t header[TAPE_WAV_HEADER], sound[TAPE_SOUND];
    struct stat about;
    if (fstat(fd, &about) < 0)
        return -errno;
    tape_wav_header(header, tape_sound((uint64_t)about.st_size));
    for (; size > 0 && offset < sizeof header; size--)
        *bytes++ = header[offset++];
    int status = 0;
    while (size > 0) {
        uint64_t at = offset - sizeof header;
        size_t from = (size_t)(at % TAPE_SOUND);
        int have = frame_read(fd, key, at / TAPE_SOUND, sound);
        status = have < 0 ? have : (size_t)have <= from ? -ENODATA : 0;
        if (status < 0)
            break;
        size_t part = (size_t)have - from < size ? (size_t)have - from : size;
        memcpy(bytes, sound + from, part);
        bytes += part;
        offset += part;
        size -= part;
    }
    sodium_memzero(sound, sizeof sound);
    return status;
}
