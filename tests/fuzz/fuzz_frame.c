/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as a bus frame: refused, or a struct that packs into a frame which reads back the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "proto/codec.h"
#include "proto/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct codec *codec;
    static struct frame frame, again;
    static uint8_t first[FRAME_MAX_BYTES], second[FRAME_MAX_BYTES];
    static char line[8192];
    if (!codec)
        codec = codec_open();
    if (codec_unpack(codec, SCHEMA_FRAME, bytes, size, &frame) < 0)
        return 0;
    struct text text = text_into(line, sizeof line);
    format_message(&text, SCHEMA_FRAME, &frame);
    int length = codec_pack(codec, SCHEMA_FRAME, &frame, first, sizeof first);
    if (length < 0)
        return 0;
    REQUIRE(codec_unpack(codec, SCHEMA_FRAME, first, (size_t)length, &again) == 0);
    REQUIRE(codec_pack(codec, SCHEMA_FRAME, &again, second, sizeof second) == length);
    REQUIRE(memcmp(first, second, (size_t)length) == 0);
    return 0;
}
