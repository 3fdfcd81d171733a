/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/store/events.h"

#include <errno.h>
#include <string.h>

#include "base/unset.h"
#include "dispatcher/store/key.h"
#include "dispatcher/store/tables.h"

enum {
    LINK_BYTES = 32
};

static struct key seq_key(uint64_t seq)
{
    struct key key = { .size = 0 };
    key_u64(&key, seq);
    return key;
}

int events_append(struct transaction *write, const struct stored_event *row)
{
    uint8_t value[LINK_BYTES + sizeof row->record] UNSET;
    struct key key = seq_key(row->seq);
    memcpy(value, row->link, LINK_BYTES);
    memcpy(value + LINK_BYTES, row->record, row->record_size);
    return transaction_append(write, TABLE_EVENTS, key_slice(&key),
                              (struct slice){ value, LINK_BYTES + row->record_size });
}

static int row_read(struct slice key, struct slice value, struct stored_event *row)
{
    if (key.size != sizeof row->seq || value.size <= LINK_BYTES ||
        value.size > LINK_BYTES + sizeof row->record)
        return -EBADMSG;
    row->seq = slice_u64(key, 0);
    row->record_size = (uint32_t)(value.size - LINK_BYTES);
    memcpy(row->link, value.data, LINK_BYTES);
    memcpy(row->record, (const uint8_t *)value.data + LINK_BYTES, row->record_size);
    return 0;
}

int events_get(struct transaction *transaction, uint64_t seq, struct stored_event *row)
{
    struct key key = seq_key(seq);
    struct slice value;
    int status = transaction_get(transaction, TABLE_EVENTS, key_slice(&key), &value);
    return status < 0 ? status : row_read(key_slice(&key), value, row);
}

int events_link(struct transaction *transaction, uint64_t seq, uint8_t link[32])
{
    struct key key = seq_key(seq);
    struct slice value;
    int status = transaction_get(transaction, TABLE_EVENTS, key_slice(&key), &value);
    if (status < 0)
        return status;
    if (value.size <= LINK_BYTES)
        return -EBADMSG;
    memcpy(link, value.data, LINK_BYTES);
    return 0;
}

int events_read(struct transaction *transaction, uint64_t after, struct stored_event *rows, int max)
{
    int count = 0;
    while (count < max && after < UINT64_MAX) {
        struct key from = seq_key(after + 1);
        struct slice key, value;
        int status = transaction_from(transaction, TABLE_EVENTS, key_slice(&from), &key, &value);
        if (status == -ENOENT)
            break;
        if (status == 0)
            status = row_read(key, value, &rows[count]);
        if (status < 0)
            return status;
        after = rows[count++].seq;
    }
    return count;
}

int events_last(struct transaction *transaction, uint64_t *seq)
{
    struct slice key, value;
    uint64_t count = 0;
    int status =
        transaction_below(transaction, TABLE_EVENTS, (struct slice){ NULL, 0 }, &key, &value);
    if (status == -ENOENT) {
        *seq = 0;
        return 0;
    }
    if (status == 0)
        status = transaction_count(transaction, TABLE_EVENTS, &count);
    if (status < 0)
        return status;
    if (key.size != sizeof *seq || slice_u64(key, 0) != count)
        return -EBADMSG;
    *seq = count;
    return 0;
}
