/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/precedence.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

const char precedence_known[] =
    "dsn.routine, dsn.priority, dsn.immediate, dsn.flash, dsn.flash-override, "
    "drsn.routine, drsn.priority, drsn.immediate, drsn.flash, drsn.flash-override, "
    "drsn.flash-override-override, q735.0, q735.1, q735.2, q735.3, q735.4, "
    "ets.0, ets.1, ets.2, ets.3, ets.4, wps.0, wps.1, wps.2, wps.3, wps.4, "
    "esnet.0, esnet.1, esnet.2, esnet.3, esnet.4";

/* The next entry of a list with commas, without the blanks around it; NULL behind the last. */
static const char *next_entry(const char **at, size_t *length)
{
    *at += strspn(*at, " \t\r\n,");
    const char *entry = *at;
    *length = strcspn(entry, ",");
    *at += *length;
    while (*length > 0 && strchr(" \t\r\n", entry[*length - 1]))
        (*length)--;
    return *length > 0 ? entry : NULL;
}

static const char *find(const char *entry, size_t length)
{
    size_t size;
    for (const char *at = precedence_known, *one; (one = next_entry(&at, &size));)
        if (size == length && strncasecmp(one, entry, size) == 0)
            return one;
    return NULL;
}

static bool has_namespace(const char *list, const char *value)
{
    size_t size, part = strcspn(value, ".") + 1;
    for (const char *at = list, *one; (one = next_entry(&at, &size));)
        if (strncmp(one, value, part) == 0)
            return true;
    return false;
}

bool precedence_read(char known[PRECEDENCE_BYTES], const char *value)
{
    size_t length, had = strlen(known);
    struct text text = text_into(known + had, PRECEDENCE_BYTES - had);
    for (const char *at = value, *entry; (entry = next_entry(&at, &length));) {
        const char *spelt = find(entry, length);
        if (!spelt || has_namespace(known, spelt))
            continue;
        text_add(&text, known[0] ? ", " : "");
        text_add_bytes(&text, spelt, length);
    }
    return known[0] != 0;
}
