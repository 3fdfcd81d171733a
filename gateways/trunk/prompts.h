/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * prompts: the announcements, read once at start into memory as A-law. They are copied rather than
 * mapped, because a city may replace a file while calls hear it (a cut mapped file kills its reader). */
#ifndef GATEWAYS_TRUNK_PROMPTS_H
#define GATEWAYS_TRUNK_PROMPTS_H

#include <stddef.h>
#include <stdint.h>

#include "gateways/trunk/media.h"

enum {
    PROMPT_NAME_BYTES = 64,
    PROMPT_SECONDS_MAX = 300
};

struct prompt {
    char name[PROMPT_NAME_BYTES];
    uint8_t *samples; /* A-law */
    size_t count;
};

struct prompts {
    struct prompt items[MEDIA_PROMPTS_MAX];
    uint32_t count;
};

/* Reads every NAME.wav of the folder (RIFF, 8 kHz, mono, PCM16 or A-law). A file that cannot be used
 * is logged and left out. Returns 0, -ENOENT when none is left, -ENOMEM, or the folder's error. */
int prompts_read(struct prompts *prompts, const char *folder);
void prompts_free(struct prompts *prompts);

/* The index of a name, -1 when there is none. */
int prompts_find(const struct prompts *prompts, const char *name);

/* Reads a WAV file's bytes into a new A-law block that the caller frees. Returns 0, -EBADMSG for what
 * is no such file, -EMEDIUMTYPE for another rate, width or number of channels, or -ENOMEM. */
int prompt_from_wav(const uint8_t *bytes, size_t size, uint8_t **samples, size_t *count);

#endif
