/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/body.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

enum {
    BOUNDARY_BYTES = 72, /* RFC 2046: at most 70 */
    TYPE_BYTES = 256
};

static bool begins(const char *type, const char *words)
{
    return strncasecmp(type, words, strlen(words)) == 0;
}

/* "--" + boundary; empty when the type names none. */
static void read_boundary(const char *type, char *mark, size_t size)
{
    mark[0] = 0;
    const char *at = strcasestr(type, "boundary=");
    if (!at)
        return;
    at += strlen("boundary=");
    bool quoted = *at == '"';
    at += quoted;
    struct text text = text_into(mark, size);
    text_add(&text, "--");
    while (*at && (quoted ? *at != '"' : *at != ';' && *at != ' '))
        text_add_char(&text, *at++);
    if (text.cut || text.length == 2)
        mark[0] = 0;
}

/* Splits a part into its headers and content; the type is left as it is without a header. */
static struct body_part open_part(struct body_part part, char type[TYPE_BYTES])
{
    const char *at = part.bytes, *end = part.bytes + part.length;
    type[0] = 0;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (!stop)
            break;
        size_t line = (size_t)(stop - at);
        if (line > 0 && at[line - 1] == '\r')
            line--;
        if (line == 0) {
            struct body_part content = { stop + 1, (size_t)(end - stop - 1) };
            return content;
        }
        if (line > 13 && line < TYPE_BYTES && begins(at, "content-type:")) {
            size_t skip = 13;
            while (skip < line && at[skip] == ' ')
                skip++;
            memcpy(type, at + skip, line - skip);
            type[line - skip] = 0;
        }
        at = stop + 1;
    }
    struct body_part none = { NULL, 0 };
    return none;
}

/* The next part behind a boundary line, from *at on; *at moves behind it. */
static struct body_part next_part(const char *mark, const char **at, const char *end)
{
    size_t size = strlen(mark);
    struct body_part part = { NULL, 0 };
    const char *start = memmem(*at, (size_t)(end - *at), mark, size);
    if (!start)
        return part;
    start += size;
    const char *line = memchr(start, '\n', (size_t)(end - start));
    if (!line || (end - start >= 2 && start[0] == '-' && start[1] == '-'))
        return part;
    const char *stop = memmem(line + 1, (size_t)(end - line - 1), mark, size);
    if (!stop)
        return part;
    part.bytes = line + 1;
    part.length = (size_t)(stop - part.bytes);
    *at = stop;
    return part;
}

/* One level is searched at a time, deeper ones through this list: no recursion on input. */
struct level {
    struct body_part rest;
    char mark[BOUNDARY_BYTES + 2];
    unsigned parts;
};

static void walk_levels(struct level levels[BODY_DEPTH_MAX], body_visit *visit, void *owner)
{
    char inner[TYPE_BYTES];
    unsigned depth = 1;
    while (depth > 0) {
        struct level *level = &levels[depth - 1];
        const char *at = level->rest.bytes, *end = at + level->rest.length;
        struct body_part part = { NULL, 0 };
        if (level->mark[0] && level->parts++ < BODY_PARTS_MAX)
            part = next_part(level->mark, &at, end);
        if (!part.bytes) {
            depth--;
            continue;
        }
        level->rest.bytes = at;
        level->rest.length = (size_t)(end - at);
        struct body_part content = open_part(part, inner);
        if (!content.bytes)
            continue;
        if (!begins(inner, "multipart/")) {
            visit(owner, inner, content);
        } else if (depth < BODY_DEPTH_MAX) {
            levels[depth].rest = content;
            levels[depth].parts = 0;
            read_boundary(inner, levels[depth].mark, sizeof levels[depth].mark);
            depth++;
        }
    }
}

void body_walk(const char *type, const char *bytes, size_t length, body_visit *visit, void *owner)
{
    struct body_part whole = { bytes, length };
    struct level levels[BODY_DEPTH_MAX];
    if (length == 0)
        return;
    if (!begins(type, "multipart/")) {
        visit(owner, type, whole);
        return;
    }
    levels[0].rest = whole;
    levels[0].parts = 0;
    read_boundary(type, levels[0].mark, sizeof levels[0].mark);
    walk_levels(levels, visit, owner);
}

static void take_sdp(void *owner, const char *type, struct body_part part)
{
    struct body_part *found = owner;
    bool sdp = begins(type, "application/sdp") ||
               (type[0] == 0 && part.length > 3 && memcmp(part.bytes, "v=0", 3) == 0);
    if (!found->bytes && sdp)
        *found = part;
}

struct body_part body_find_sdp(const char *type, const char *bytes, size_t length)
{
    struct body_part found = { NULL, 0 };
    body_walk(type, bytes, length, take_sdp, &found);
    return found;
}
