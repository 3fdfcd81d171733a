/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/journal/chain.h"

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <sodium.h>

#include "base/require.h"

/* Protobuf wire tags (field << 3 | type) at the front of a packed Record. */
enum {
    TAG_RECORD_EVENT = 1 << 3 | 2,
    TAG_EVENT_SEQ = 1 << 3 | 0,
    TAG_EVENT_AT_MS = 2 << 3 | 0
};

void chain_init(struct chain *chain)
{
    static const char domain[] = "yihao trail 1";
    *chain = (struct chain){ .seq = 0 };
    (void)crypto_generichash(chain->link, LINK_BYTES, (const uint8_t *)domain, sizeof domain - 1,
                             NULL, 0);
}

/* A protobuf varint in its shortest form. */
static bool varint_take(const uint8_t **at, const uint8_t *end, uint64_t *number)
{
    *number = 0;
    for (unsigned shift = 0; *at < end && shift < 64; shift += 7) {
        uint8_t byte = *(*at)++;
        if (shift == 63 && byte > 1)
            return false;
        *number |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return byte != 0 || shift == 0;
    }
    return false;
}

static bool tag_take(const uint8_t **at, const uint8_t *end, uint8_t tag)
{
    if (*at == end || **at != tag)
        return false;
    (*at)++;
    return true;
}

int record_head(const uint8_t *record, size_t size, uint64_t *seq, uint64_t *at_ms)
{
    const uint8_t *at = record, *end = record + size;
    uint64_t length;
    if (!tag_take(&at, end, TAG_RECORD_EVENT) || !varint_take(&at, end, &length) ||
        length > (uint64_t)(end - at))
        return -EBADMSG;
    end = at + length;
    if (!tag_take(&at, end, TAG_EVENT_SEQ) || !varint_take(&at, end, seq) || *seq == 0)
        return -EBADMSG;
    *at_ms = 0;
    if (tag_take(&at, end, TAG_EVENT_AT_MS) && !varint_take(&at, end, at_ms))
        return -EBADMSG;
    return 0;
}

static void link_next(const uint8_t before[LINK_BYTES], uint64_t seq, uint64_t at_ms,
                      const uint8_t *record, size_t size, uint8_t link[LINK_BYTES])
{
    uint64_t numbers[2] = { htobe64(seq), htobe64(at_ms) };
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, NULL, 0, LINK_BYTES);
    (void)crypto_generichash_update(&state, before, LINK_BYTES);
    (void)crypto_generichash_update(&state, (const uint8_t *)numbers, sizeof numbers);
    (void)crypto_generichash_update(&state, record, size);
    (void)crypto_generichash_final(&state, link, LINK_BYTES);
}

int chain_add(struct chain *chain, const uint8_t *record, size_t size, uint8_t link[LINK_BYTES])
{
    uint64_t seq, at_ms;
    int status = record_head(record, size, &seq, &at_ms);
    if (status < 0 || seq != chain->seq + 1 || at_ms < chain->at_ms)
        return -EBADMSG;
    uint8_t next[LINK_BYTES];
    link_next(chain->link, seq, at_ms, record, size, next);
    memcpy(chain->link, next, LINK_BYTES);
    memcpy(link, next, LINK_BYTES);
    chain->seq = seq;
    chain->at_ms = at_ms;
    return 0;
}

int chain_follow(struct chain *chain, const struct stored_event *row)
{
    struct chain next = *chain;
    uint8_t link[LINK_BYTES];
    if (row->seq != chain->seq + 1 || row->record_size > sizeof row->record ||
        chain_add(&next, row->record, row->record_size, link) < 0 ||
        memcmp(link, row->link, LINK_BYTES) != 0)
        return -EBADMSG;
    *chain = next;
    return 0;
}
