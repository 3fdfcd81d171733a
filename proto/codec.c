/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/codec.h"

#include <errno.h>
#include <stdlib.h>

#include "proto/packer.h"
#include "proto/unpacker.h"

struct codec {
    struct layouts *layouts;
};

struct codec *codec_open(void)
{
    struct codec *codec = malloc(sizeof *codec);
    if (!codec)
        return NULL;
    codec->layouts = layouts_open();
    if (codec->layouts)
        return codec;
    free(codec);
    return NULL;
}

void codec_close(struct codec *codec)
{
    if (codec)
        layouts_close(codec->layouts);
    free(codec);
}

int codec_unpack(struct codec *codec, enum schema_id id, const uint8_t *bytes, size_t size,
                 void *message)
{
    return size > FRAME_MAX_BYTES ? -EMSGSIZE
                                  : unpacker_read(codec->layouts, id, bytes, size, message);
}

int codec_pack(struct codec *codec, enum schema_id id, const void *message, uint8_t *bytes,
               size_t room)
{
    return packer_pack(codec->layouts, id, message, bytes,
                       room < FRAME_MAX_BYTES ? room : FRAME_MAX_BYTES);
}
