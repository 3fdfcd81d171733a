/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as a stored record: the chain and the codec agree on whose it is. */
#include <stdlib.h>
#include <string.h>

#include "base/require.h"
#include "dispatcher/journal/chain.h"
#include "proto/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct codec *codec;
    static struct record record;
    static uint8_t again[FRAME_MAX_BYTES];
    if (!codec)
        codec = codec_open();
    uint64_t seq = 0, at_ms = 0;
    int head = record_head(bytes, size, &seq, &at_ms);
    if (codec_unpack(codec, SCHEMA_RECORD, bytes, size, &record) < 0 || !record.has_event)
        return 0;
    int length = codec_pack(codec, SCHEMA_RECORD, &record, again, sizeof again);
    if (length < 0 || record.event.seq == 0)
        return 0;
    /* As our own codec writes it, the head must be readable and the same. */
    uint64_t own_seq, own_at_ms;
    REQUIRE(record_head(again, (size_t)length, &own_seq, &own_at_ms) == 0);
    REQUIRE(own_seq == record.event.seq && own_at_ms == record.event.at_ms);
    if ((size_t)length == size && memcmp(bytes, again, size) == 0)
        REQUIRE(head == 0 && seq == own_seq && at_ms == own_at_ms);
    struct chain chain;
    uint8_t link[LINK_BYTES];
    chain_init(&chain, suite_default());
    chain.seq = own_seq - 1;
    REQUIRE(chain_add(&chain, again, (size_t)length, link) == 0);
    return 0;
}
