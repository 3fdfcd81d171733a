/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/ctl/places.h"

#include <stdio.h>
#include <string.h>

static int digit(char sign)
{
    return sign >= '0' && sign <= '9'   ? sign - '0'
           : sign >= 'a' && sign <= 'f' ? sign - 'a' + 10
           : sign >= 'A' && sign <= 'F' ? sign - 'A' + 10
                                        : -1;
}

bool place_value(const char *uri, const char *name, char value[PLACE_VALUE_BYTES])
{
    size_t length = strlen(name), size = 0;
    const char *at = strchr(uri, '?');
    while (at && (strncmp(at + 1, name, length) != 0 || at[1 + length] != '='))
        at = strchr(at + 1, '&');
    if (!at)
        return false;
    for (at += length + 2; *at && *at != '&'; at++) {
        bool sign = at[0] == '%' && digit(at[1]) >= 0 && digit(at[2]) >= 0;
        if (size + 1 >= PLACE_VALUE_BYTES)
            return false;
        value[size++] = sign ? (char)(digit(at[1]) * 16 + digit(at[2])) : *at;
        at += sign ? 2 : 0;
    }
    value[size] = '\0';
    return true;
}

/* One "host", "host:port" or "[address]:port". False: no host, or too long. */
static bool read_place(const char *from, size_t size, struct place *place)
{
    const char *end = from + size, *port;
    bool brackets = size > 0 && *from == '[';
    const char *close = brackets ? memchr(from, ']', size) : NULL;
    if (brackets && !close)
        return false;
    from += brackets;
    port = memchr(close ? close : from, ':', (size_t)(end - (close ? close : from)));
    size_t host = (size_t)((close ? close : port ? port : end) - from);
    size_t rest = port ? (size_t)(end - port - 1) : 0;
    if (host == 0 || host >= PLACE_HOST_BYTES || rest >= PLACE_PORT_BYTES)
        return false;
    (void)snprintf(place->host, sizeof place->host, "%.*s", (int)host, from);
    (void)snprintf(place->port, sizeof place->port, "%.*s", rest ? (int)rest : 4,
                   rest ? port + 1 : "5432");
    return true;
}

int places_of(const char *uri, struct place places[PLACES_MAX])
{
    static const char scheme[] = "postgresql://";
    int count = 0;
    if (strncmp(uri, scheme, sizeof scheme - 1) != 0)
        return -1;
    const char *from = uri + sizeof scheme - 1, *end = from + strcspn(from, "/?");
    for (const char *at = from; at < end; at++)
        if (*at == '@')
            from = at + 1; /* behind who it is */
    while (from < end && count < PLACES_MAX) {
        const char *comma = memchr(from, ',', (size_t)(end - from));
        const char *until = comma ? comma : end;
        count += read_place(from, (size_t)(until - from), &places[count]);
        from = comma ? comma + 1 : end;
    }
    return count > 0 ? count : -1;
}
