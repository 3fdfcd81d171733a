/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as JSON of any message: refused with a sentence, or a struct that writes JSON which
 * reads back the same. The first byte chooses the message. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "proto/codec.h"
#include "proto/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const enum schema_id wanted[] = { SCHEMA_COMMAND, SCHEMA_QUERY, SCHEMA_EVENT,
                                             SCHEMA_ANSWER,  SCHEMA_FRAME, SCHEMA_PERSONAL };
    static struct codec *codec;
    static union {
        struct command command;
        struct answer answer;
        struct frame frame;
    } one, two;
    static uint8_t first[FRAME_MAX_BYTES], second[FRAME_MAX_BYTES];
    char complaint[JSON_COMPLAINT_BYTES] = "";
    if (size < 1)
        return 0;
    if (!codec)
        codec = codec_open();
    enum schema_id id = wanted[bytes[0] % (sizeof wanted / sizeof wanted[0])];
    json_t *object =
        json_read_object((const char *)bytes + 1, size - 1, complaint, sizeof complaint);
    int status = object ? json_to_message(id, object, &one, complaint, sizeof complaint) : -1;
    json_decref(object);
    REQUIRE(status == 0 || complaint[0] != 0);
    if (status < 0)
        return 0;
    json_t *written = json_from_message(id, &one);
    REQUIRE(written);
    REQUIRE(json_to_message(id, written, &two, complaint, sizeof complaint) == 0);
    json_decref(written);
    int length = codec_pack(codec, id, &one, first, sizeof first);
    if (length < 0)
        return 0;
    REQUIRE(codec_pack(codec, id, &two, second, sizeof second) == length);
    REQUIRE(memcmp(first, second, (size_t)length) == 0);
    return 0;
}
