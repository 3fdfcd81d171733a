/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/cbor.h"

enum major {
    MAJOR_POSITIVE,
    MAJOR_NEGATIVE,
    MAJOR_BYTES,
    MAJOR_TEXT,
    MAJOR_LIST,
    MAJOR_MAP,
    MAJOR_TAG,
    MAJOR_SIMPLE
};

static bool head(struct cbor *cbor, enum major *major, uint64_t *argument)
{
    if (cbor->left == 0)
        return false;
    uint8_t first = *cbor->at & 0x1f;
    *major = *cbor->at >> 5;
    cbor->at++;
    cbor->left--;
    *argument = first;
    if (first < 24)
        return true;
    size_t length = (size_t)1 << (first - 24);
    if (first > 27 || length > cbor->left)
        return false;
    *argument = 0;
    for (size_t i = 0; i < length; i++)
        *argument = *argument << 8 | cbor->at[i];
    cbor->at += length;
    cbor->left -= length;
    return length == 1 ? *argument >= 24
                       : *argument >> (length * 4) != 0; /* else it were shorter */
}

static bool run(struct cbor *cbor, uint64_t size)
{
    if (size > cbor->left)
        return false;
    cbor->at += size;
    cbor->left -= (size_t)size;
    return true;
}

bool cbor_integer(struct cbor *cbor, int64_t *value)
{
    enum major major;
    uint64_t argument;
    if (!head(cbor, &major, &argument) || major > MAJOR_NEGATIVE || argument > INT64_MAX)
        return false;
    *value = major == MAJOR_POSITIVE ? (int64_t)argument : -1 - (int64_t)argument;
    return true;
}

bool cbor_bytes(struct cbor *cbor, const uint8_t **bytes, size_t *size)
{
    enum major major;
    uint64_t argument;
    if (!head(cbor, &major, &argument) || major != MAJOR_BYTES)
        return false;
    *bytes = cbor->at;
    *size = (size_t)argument;
    return run(cbor, argument);
}

bool cbor_map(struct cbor *cbor, uint64_t *pairs)
{
    enum major major;
    return head(cbor, &major, pairs) && major == MAJOR_MAP;
}

bool cbor_skip(struct cbor *cbor)
{
    uint64_t open[CBOR_DEPTH_MAX + 1] = { 1 }; /* how many items each level still wants */
    for (uint32_t depth = 0;;) {
        enum major major;
        uint64_t argument;
        while (depth > 0 && open[depth] == 0)
            depth--;
        if (open[depth] == 0)
            return true;
        open[depth]--;
        if (!head(cbor, &major, &argument) || major == MAJOR_TAG)
            return false;
        if (major == MAJOR_SIMPLE && (argument < 20 || argument > 22)) /* false, true, null */
            return false;
        if ((major == MAJOR_BYTES || major == MAJOR_TEXT) && !run(cbor, argument))
            return false;
        if (major != MAJOR_LIST && major != MAJOR_MAP)
            continue;
        if (depth == CBOR_DEPTH_MAX || argument > cbor->left)
            return false;
        open[++depth] = major == MAJOR_MAP ? 2 * argument : argument;
    }
}
