/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/server/range.h"

#include <string.h>

/* Reads decimal digits and moves *at behind them. False when there is none, or too many. */
static bool read_number(const char **at, uint64_t *number)
{
    const char *start = *at;
    *number = 0;
    for (; **at >= '0' && **at <= '9'; ++*at) {
        if (*at - start >= 18)
            return false;
        *number = *number * 10 + (uint64_t)(**at - '0');
    }
    return *at > start;
}

struct range range_read(const char *header, uint64_t size)
{
    const struct range whole = { RANGE_WHOLE, 0, size };
    uint64_t first = 0, last = 0;
    const char *at = header + 6;
    if (strncmp(header, "bytes=", 6) != 0)
        return whole;
    bool has_first = read_number(&at, &first);
    if (*at++ != '-')
        return whole;
    bool has_last = read_number(&at, &last);
    if (*at != 0 || (!has_first && !has_last) || (has_first && has_last && last < first))
        return whole;
    if (!has_first) { /* the last bytes */
        first = last < size ? size - last : 0;
        last = size;
    } else if (!has_last) {
        last = size;
    }
    if (first >= size)
        return (struct range){ RANGE_UNSATISFIABLE, 0, 0 };
    if (last >= size)
        last = size - 1;
    return (struct range){ RANGE_PART, first, last - first + 1 };
}

bool range_path_is_plain(const char *path)
{
    if (*path == 0)
        return false;
    for (const char *part = path;;) {
        size_t length = strcspn(part, "/");
        if (length == 0 || part[0] == '.')
            return false;
        for (size_t i = 0; i < length; i++)
            if ((unsigned char)part[i] < 0x20 || part[i] == 0x7F)
                return false;
        if (part[length] == 0)
            return true;
        part += length + 1;
    }
}
