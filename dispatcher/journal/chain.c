/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/journal/chain.h"

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/require.h"

/* Protobuf wire tags (field << 3 | type) at the front of a packed Record. */
enum {
    TAG_RECORD_EVENT = 1 << 3 | 2,
    TAG_EVENT_SEQ = 1 << 3 | 0,
    TAG_EVENT_AT_MS = 2 << 3 | 0
};

void chain_init(struct chain *chain, const struct suite *suite)
{
    static const char domain[] = "yihao trail 1";
    *chain = (struct chain){ .suite = suite };
    if (suite)
        suite_digest(suite, domain, sizeof domain - 1, chain->link);
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

static void link_next(const struct chain *chain, uint64_t seq, uint64_t at_ms,
                      const uint8_t *record, size_t size, uint8_t link[LINK_BYTES])
{
    uint64_t numbers[2] = { htobe64(seq), htobe64(at_ms) };
    struct digesting digesting;
    suite_begin(chain->suite, &digesting);
    suite_add(&digesting, chain->link, LINK_BYTES);
    suite_add(&digesting, numbers, sizeof numbers);
    suite_add(&digesting, record, size);
    suite_end(&digesting, link);
}

int chain_add(struct chain *chain, const uint8_t *record, size_t size, uint8_t link[LINK_BYTES])
{
    uint64_t seq, at_ms;
    REQUIRE(chain->suite);
    int status = record_head(record, size, &seq, &at_ms);
    if (status < 0 || seq != chain->seq + 1 || at_ms < chain->at_ms)
        return -EBADMSG;
    uint8_t next[LINK_BYTES];
    link_next(chain, seq, at_ms, record, size, next);
    memcpy(chain->link, next, LINK_BYTES);
    memcpy(link, next, LINK_BYTES);
    chain->seq = seq;
    chain->at_ms = at_ms;
    return 0;
}

/* The suite under which the row follows, where the chain knows none; NULL: it does not. */
static const struct suite *suite_by(const struct chain *chain, const struct stored_event *row)
{
    const struct suite *suite;
    for (unsigned i = 0; (suite = suite_at(i)); i++) {
        struct chain start, *next = &start;
        chain_init(&start, suite);
        if (chain->seq > 0) {
            start = *chain;
            start.suite = suite;
        }
        if (chain_follow(next, row) == 0)
            return suite;
    }
    return NULL;
}

int chain_follow(struct chain *chain, const struct stored_event *row)
{
    struct chain next = *chain;
    uint8_t link[LINK_BYTES];
    if (!chain->suite) {
        const struct suite *suite = suite_by(chain, row);
        if (!suite)
            return -EBADMSG;
        if (chain->seq == 0)
            chain_init(&next, suite);
        next.suite = suite;
    }
    if (row->seq != next.seq + 1 || row->record_size > sizeof row->record ||
        chain_add(&next, row->record, row->record_size, link) < 0 ||
        memcmp(link, row->link, LINK_BYTES) != 0)
        return -EBADMSG;
    *chain = next;
    return 0;
}
