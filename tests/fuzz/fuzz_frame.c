/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as a bus frame: refused, or a struct that packs into a frame which reads back the same, and
 * which protobuf-c reads and writes the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <protobuf-c/protobuf-c.h>

#include "base/require.h"
#include "base/text.h"
#include "proto/codec.h"
#include "proto/format.h"

/* Generated beside message.h: protobuf-c's descriptor of each schema. */
extern const ProtobufCMessageDescriptor *const codec_descriptors[SCHEMA_COUNT];

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void ask_the_witness(const uint8_t *bytes, size_t size)
{
    static uint8_t again[FRAME_MAX_BYTES];
    ProtobufCMessage *seen =
        protobuf_c_message_unpack(codec_descriptors[SCHEMA_FRAME], NULL, size, bytes);
    REQUIRE(seen && protobuf_c_message_get_packed_size(seen) == size);
    REQUIRE(protobuf_c_message_pack(seen, again) == size && memcmp(again, bytes, size) == 0);
    protobuf_c_message_free_unpacked(seen, NULL);
}

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
    ask_the_witness(first, (size_t)length);
    return 0;
}
