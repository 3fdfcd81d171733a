/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/views/row.h"

#include <errno.h>

enum {
    ROW_BYTES_MAX = 2048
};

int row_get(struct views *views, struct transaction *transaction, struct key key,
            enum schema_id schema, void *row)
{
    struct slice value;
    int status = transaction_get(transaction, TABLE_VIEWS, key_slice(&key), &value);
    return status < 0 ? status : codec_unpack(views->codec, schema, value.data, value.size, row);
}

int row_put(const struct change *change, struct key key, enum schema_id schema, const void *row)
{
    uint8_t bytes[ROW_BYTES_MAX];
    int size = codec_pack(change->views->codec, schema, row, bytes, sizeof bytes);
    if (size < 0)
        return size;
    return transaction_put(change->write, TABLE_VIEWS, key_slice(&key),
                           (struct slice){ bytes, (size_t)size });
}

int row_remove(const struct change *change, struct key key)
{
    return transaction_remove(change->write, TABLE_VIEWS, key_slice(&key));
}

int mark_put(const struct change *change, struct key key)
{
    return transaction_put(change->write, TABLE_VIEWS, key_slice(&key), (struct slice){ NULL, 0 });
}

int number_get(struct transaction *transaction, struct key key, uint64_t *number)
{
    struct slice value;
    int status = transaction_get(transaction, TABLE_VIEWS, key_slice(&key), &value);
    *number = status == 0 ? slice_u64(value, 0) : 0;
    return status == -ENOENT ? 0 : status;
}

int number_put(const struct change *change, struct key key, uint64_t number)
{
    number = htobe64(number);
    return transaction_put(change->write, TABLE_VIEWS, key_slice(&key),
                           (struct slice){ &number, sizeof number });
}

int number_add(const struct change *change, struct key key, int64_t difference)
{
    uint64_t number;
    int status = number_get(change->write, key, &number);
    return status < 0 ? status : number_put(change, key, number + (uint64_t)difference);
}

static int entry_take(int status, struct slice key, const struct key *prefix, uint64_t *last)
{
    if (status < 0)
        return status;
    if (!slice_starts_with(key, prefix))
        return -ENOENT;
    *last = slice_u64(key, key.size - sizeof *last);
    return 0;
}

int view_next(struct transaction *transaction, const struct key *prefix, const struct key *from,
              uint64_t *last, struct slice *value)
{
    struct slice key;
    int status = transaction_from(transaction, TABLE_VIEWS, key_slice(from), &key, value);
    return entry_take(status, key, prefix, last);
}

int view_previous(struct transaction *transaction, const struct key *prefix,
                  const struct key *limit, uint64_t *last, struct slice *value)
{
    struct slice key;
    int status = transaction_below(transaction, TABLE_VIEWS, key_slice(limit), &key, value);
    return entry_take(status, key, prefix, last);
}

/* Days since 1970-01-01 to a Gregorian date, counting from March so that the leap day comes last. */
uint32_t day_of(const struct views *views, uint64_t at_ms)
{
    uint64_t days = (at_ms + views->offset_min * 60 * 1000) / (24 * 3600 * 1000) + 719468;
    uint64_t era = days / 146097, of_era = days % 146097;
    uint64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    uint64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    uint64_t march = (5 * of_year + 2) / 153;
    uint64_t day = of_year - (153 * march + 2) / 5 + 1;
    uint64_t month = march < 10 ? march + 3 : march - 9;
    year += era * 400 + (month <= 2 ? 1 : 0);
    return (uint32_t)(year * 10000 + month * 100 + day);
}
