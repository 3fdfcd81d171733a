/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as what the sealer and the dispatcher say to each other, or keep: a message or none, never a
 * crash; and no succession follows that the key did not sign. */
#include <string.h>

#include <sodium.h>

#include "base/require.h"
#include "dispatcher/journal/succession.h"
#include "proto/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void follow(const struct succession *succession)
{
    static const uint8_t key[32] = { 1 };
    struct lineage lineage;
    lineage_init(&lineage, key);
    REQUIRE(!lineage_follow(&lineage, succession));
    REQUIRE(lineage.number == 0 && memcmp(lineage.key, key, sizeof key) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct sealer_call call;
    static struct sealer_word word;
    static struct sealer_memory memory;
    static struct codec *codec;
    static uint8_t again[FRAME_MAX_BYTES];
    struct succession succession;
    REQUIRE(sodium_init() >= 0);
    codec = codec ? codec : codec_open();
    REQUIRE(codec != NULL);
    if (codec_unpack(codec, SCHEMA_SEALER_CALL, bytes, size, &call) == 0)
        REQUIRE(codec_pack(codec, SCHEMA_SEALER_CALL, &call, again, sizeof again) >= 0);
    if (codec_unpack(codec, SCHEMA_SEALER_WORD, bytes, size, &word) == 0 && word.has_succession)
        follow(&word.succession);
    if (codec_unpack(codec, SCHEMA_SUCCESSION, bytes, size, &succession) == 0)
        follow(&succession);
    (void)codec_unpack(codec, SCHEMA_SEALER_MEMORY, bytes, size, &memory);
    return 0;
}
