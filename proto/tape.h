/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tape: a recording as it lies on disk: stereo A-law (caller left, city right) in sealed frames of half a second,
 * so that each can be opened alone, and what is killed loses at most one:
 *     header  "yihao-tape-1\n" and three zeros · owner, 8 bytes little endian · key, 32 bytes · 8 zeros
 *     frame   nonce, 24 bytes · ciphertext, TAPE_SOUND (the last: fewer) · tag, 16 bytes
 * XChaCha20-Poly1305 (libsodium), bound to the frame's place (8 bytes little endian, from 0). A frame carries its own random nonce,
 * since one that a crash tore is written once more.
 *
 * The key is drawn for this recording alone. It stands in the header only while the recording grows; then the
 * header's key is zeros, and whoever has the file needs the dispatcher for it (struct personal, tape_key).
 * Format: docs/trail-format.md. */
#ifndef PROTO_TAPE_H
#define PROTO_TAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TAPE_HEADER = 64,
    TAPE_KEY = 32,
    TAPE_SOUND = 8000, /* bytes of sound in a frame */
    TAPE_OVERHEAD = 24 + 16,
    TAPE_FRAME = TAPE_SOUND + TAPE_OVERHEAD,
    TAPE_SECOND = 16000, /* bytes of sound */
    TAPE_WAV_HEADER = 58 /* before the sound of the WAV it stands for */
};

/* key: NULL when the recording is finished. */
void tape_header_write(uint8_t header[TAPE_HEADER], uint64_t owner, const uint8_t *key);

/* Returns 0 or -EBADMSG. key: zeros when the recording is finished. */
int tape_header_read(const uint8_t header[TAPE_HEADER], uint64_t *owner, uint8_t key[TAPE_KEY]);

/* Returns the frame's size, size + TAPE_OVERHEAD; size ≤ TAPE_SOUND. */
size_t tape_seal(const uint8_t key[TAPE_KEY], uint64_t place, const uint8_t *sound, size_t size,
                 uint8_t frame[TAPE_FRAME]);

/* Returns the size of the sound, or -EBADMSG: another key, another place, or changed. */
int tape_open(const uint8_t key[TAPE_KEY], uint64_t place, const uint8_t *frame, size_t size,
              uint8_t sound[TAPE_SOUND]);

/* Of a file of so many bytes: how much sound it has, and where its frame `place` begins. */
uint64_t tape_sound(uint64_t file_size);
uint64_t tape_at(uint64_t place);

/* Does a recording of this name lie in frames? Older ones are plain WAV. */
bool tape_is(const char *file);

/* The WAV that a tape stands for: RIFF WAVE, format 6 (A-law), stereo, 8 kHz. */
void tape_wav_header(uint8_t header[TAPE_WAV_HEADER], uint64_t sound_bytes);
uint64_t tape_wav_size(uint64_t file_size);

/* Reads `size` bytes of that WAV from `offset` on, opening in memory the frames they lie in. Returns 0, -EBADMSG,
 * -ENODATA behind its end, or another negative errno. */
int tape_read(int fd, const uint8_t key[TAPE_KEY], uint64_t offset, uint8_t *bytes, size_t size);

#endif
