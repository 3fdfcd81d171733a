/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/prompts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "gateways/trunk/g711.h"

enum {
    WAV_PCM = 1,
    WAV_A_LAW = 6,
    WAV_BYTES_MAX = PROMPT_SECONDS_MAX * G711_RATE * 2 + 4096
};

struct wav {
    uint32_t format;
    uint32_t channels;
    uint32_t rate;
    uint32_t bits;
    const uint8_t *sound;
    size_t sound_size;
};

static uint32_t little(const uint8_t *bytes, unsigned size)
{
    uint32_t value = 0;
    for (unsigned i = size; i > 0; i--)
        value = value << 8 | bytes[i - 1];
    return value;
}

/* Finds the chunks; a data chunk that promises more than there is ends with the file. */
static int wav_parse(struct wav *wav, const uint8_t *bytes, size_t size)
{
    *wav = (struct wav){ 0 };
    if (size < 12 || memcmp(bytes, "RIFF", 4) != 0 || memcmp(bytes + 8, "WAVE", 4) != 0)
        return -EBADMSG;
    for (size_t at = 12; size - at >= 8;) {
        const uint8_t *chunk = bytes + at + 8;
        size_t left = size - at - 8;
        size_t length = little(bytes + at + 4, 4);
        if (length > left)
            length = left;
        if (memcmp(bytes + at, "fmt ", 4) == 0 && length >= 16) {
            wav->format = little(chunk, 2);
            wav->channels = little(chunk + 2, 2);
            wav->rate = little(chunk + 4, 4);
            wav->bits = little(chunk + 14, 2);
        } else if (memcmp(bytes + at, "data", 4) == 0) {
            wav->sound = chunk;
            wav->sound_size = length;
            break;
        }
        if (left - length < 2)
            break;
        at += 8 + length + length % 2;
    }
    return wav->sound && wav->format ? 0 : -EBADMSG;
}

int prompt_from_wav(const uint8_t *bytes, size_t size, uint8_t **samples, size_t *count)
{
    struct wav wav;
    int status = wav_parse(&wav, bytes, size);
    if (status < 0)
        return status;
    unsigned width = wav.format == WAV_PCM ? 2 : 1;
    if ((wav.format != WAV_PCM && wav.format != WAV_A_LAW) || wav.channels != 1 ||
        wav.rate != G711_RATE || wav.bits != width * 8)
        return -EMEDIUMTYPE;

    size_t length = wav.sound_size / width;
    if (length == 0)
        return -EBADMSG;
    uint8_t *block = malloc(length);
    if (!block)
        return -ENOMEM;
    for (size_t i = 0; i < length; i++)
        block[i] = width == 1 ? wav.sound[i]
                              : g711_byte(MEDIA_PCMA, (int16_t)little(wav.sound + 2 * i, 2));
    *samples = block;
    *count = length;
    return 0;
}

static int read_file(const char *path, uint8_t **bytes, size_t *size)
{
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    uint8_t *block = NULL;
    int status = fstat(fd, &about) < 0 ? -errno : 0;
    if (status == 0 && (!S_ISREG(about.st_mode) || about.st_size > WAV_BYTES_MAX))
        status = -EFBIG;
    if (status == 0 && !(block = malloc((size_t)about.st_size + 1)))
        status = -ENOMEM;
    if (status == 0) {
        ssize_t length = read(fd, block, (size_t)about.st_size);
        status = length < 0 ? -errno : 0;
        *size = length < 0 ? 0 : (size_t)length;
    }
    (void)close(fd);
    if (status < 0) {
        free(block);
        return status;
    }
    *bytes = block;
    return 0;
}

static int add_prompt(struct prompts *prompts, const char *folder, const char *file, size_t length)
{
    char path[4096];
    uint8_t *bytes = NULL;
    size_t size = 0;
    struct prompt *prompt = &prompts->items[prompts->count];

    (void)snprintf(path, sizeof path, "%s/%s", folder, file);
    int status = read_file(path, &bytes, &size);
    if (status == 0)
        status = prompt_from_wav(bytes, size, &prompt->samples, &prompt->count);
    free(bytes);
    if (status < 0) {
        log_warn("leave out announcement %s: %s; needs WAV, 8 kHz, mono, 16 bit or A-law", path,
                 strerror(-status));
        return status;
    }
    memcpy(prompt->name, file, length);
    prompt->name[length] = '\0';
    prompts->count++;
    return 0;
}

int prompts_read(struct prompts *prompts, const char *folder)
{
    *prompts = (struct prompts){ 0 };
    DIR *open_folder = opendir(folder);
    if (!open_folder)
        return -errno;
    for (struct dirent *entry; (entry = readdir(open_folder));) {
        size_t length = strlen(entry->d_name);
        if (length <= 4 || strcmp(entry->d_name + length - 4, ".wav") != 0)
            continue;
        if (length - 4 >= PROMPT_NAME_BYTES || prompts->count == MEDIA_PROMPTS_MAX) {
            log_warn("leave out announcement %s: name too long or more than %d", entry->d_name,
                     MEDIA_PROMPTS_MAX);
            continue;
        }
        (void)add_prompt(prompts, folder, entry->d_name, length - 4);
    }
    (void)closedir(open_folder);
    return prompts->count > 0 ? 0 : -ENOENT;
}

void prompts_free(struct prompts *prompts)
{
    for (uint32_t i = 0; i < prompts->count; i++)
        free(prompts->items[i].samples);
    prompts->count = 0;
}

int prompts_find(const struct prompts *prompts, const char *name)
{
    for (uint32_t i = 0; i < prompts->count; i++)
        if (strcmp(prompts->items[i].name, name) == 0)
            return (int)i;
    return -1;
}
