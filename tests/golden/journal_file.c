/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/golden/journal_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "proto/codec.h"

struct journal_file {
    FILE *file;
    struct codec *codec;
    uint8_t bytes[FRAME_MAX_BYTES], again[FRAME_MAX_BYTES];
};

static struct journal_file *open_as(const char *path, const char *mode)
{
    struct journal_file *file = calloc(1, sizeof *file);
    REQUIRE(file);
    file->file = fopen(path, mode);
    file->codec = codec_open();
    REQUIRE(file->file && file->codec);
    return file;
}

struct journal_file *journal_file_open(const char *path)
{
    return open_as(path, "rb");
}

void journal_file_close(struct journal_file *file)
{
    REQUIRE(fclose(file->file) == 0);
    codec_close(file->codec);
    free(file);
}

static void write_as(const char *path, const char *mode, const struct event *events, uint32_t count)
{
    struct journal_file *file = open_as(path, mode);
    for (uint32_t i = 0; i < count; i++) {
        int size = codec_pack(file->codec, SCHEMA_EVENT, &events[i], file->bytes + 4,
                              sizeof file->bytes - 4);
        REQUIRE(size > 0);
        for (int j = 0; j < 4; j++)
            file->bytes[j] = (uint8_t)((uint32_t)size >> 8 * j);
        REQUIRE(fwrite(file->bytes, (size_t)size + 4, 1, file->file) == 1);
    }
    journal_file_close(file);
}

void journal_file_write(const char *path, const struct event *events, uint32_t count)
{
    write_as(path, "wb", events, count);
}

void journal_file_append(const char *path, const struct event *events, uint32_t count)
{
    write_as(path, "ab", events, count);
}

bool journal_file_next(struct journal_file *file, struct event *event)
{
    uint8_t head[4];
    size_t read = fread(head, 1, sizeof head, file->file);
    if (read == 0 && feof(file->file))
        return false;
    REQUIRE(read == sizeof head);
    size_t size =
        head[0] | (uint32_t)head[1] << 8 | (uint32_t)head[2] << 16 | (uint32_t)head[3] << 24;
    REQUIRE(size <= sizeof file->bytes && fread(file->bytes, size, 1, file->file) == 1);
    REQUIRE(codec_unpack(file->codec, SCHEMA_EVENT, file->bytes, size, event) == 0);
    int again = codec_pack(file->codec, SCHEMA_EVENT, event, file->again, sizeof file->again);
    REQUIRE(again == (int)size && memcmp(file->again, file->bytes, size) == 0);
    return true;
}
