/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/filter.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

/* Headers that are looked at here; a set bit in `seen` says that one stood in the message. */
enum header {
    HEADER_OTHER,
    HEADER_VIA,
    HEADER_FROM,
    HEADER_TO,
    HEADER_CALL_ID,
    HEADER_CSEQ,
    HEADER_LENGTH,
    HEADER_ENCODING,
    HEADER_TYPE,
    HEADER_ACCEPT,
    HEADER_ACCEPT_LANGUAGE,
    HEADER_ACCEPT_ENCODING,
    HEADER_ALLOW
};

static const struct {
    const char *name;
    char compact; /* RFC 3261 §7.3.3 */
    enum header header;
} headers[] = {
    { "via", 'v', HEADER_VIA },
    { "from", 'f', HEADER_FROM },
    { "to", 't', HEADER_TO },
    { "call-id", 'i', HEADER_CALL_ID },
    { "cseq", 0, HEADER_CSEQ },
    { "content-length", 'l', HEADER_LENGTH },
    { "content-encoding", 'e', HEADER_ENCODING },
    { "content-type", 'c', HEADER_TYPE },
    { "accept", 0, HEADER_ACCEPT },
    { "accept-language", 0, HEADER_ACCEPT_LANGUAGE },
    { "accept-encoding", 0, HEADER_ACCEPT_ENCODING },
    { "allow", 0, HEADER_ALLOW },
};

static const uint32_t needed = 1U << HEADER_VIA | 1U << HEADER_FROM | 1U << HEADER_TO |
                               1U << HEADER_CALL_ID | 1U << HEADER_CSEQ;

struct scan {
    uint32_t seen;
    unsigned lines;
    unsigned vias;
    bool has_length;
    size_t content_length;
};

static enum header header_of(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        if (length == 1 && headers[i].compact != 0 && (name[0] | 0x20) == headers[i].compact)
            return headers[i].header;
        if (strlen(headers[i].name) == length && strncasecmp(headers[i].name, name, length) == 0)
            return headers[i].header;
    }
    return HEADER_OTHER;
}

/* The length of the line at `at` without its end; *next is where the next one begins. 0 < *next
 * always; *next == 0 when the line has no end. */
static size_t line_length(const char *at, size_t left, size_t *next)
{
    const char *end = memchr(at, '\n', left);
    *next = end ? (size_t)(end - at) + 1 : 0;
    size_t length = end ? (size_t)(end - at) : left;
    if (end && length > 0 && at[length - 1] == '\r')
        length--;
    return length;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static enum filter_cause check_bytes(const char *line, size_t length, size_t limit)
{
    unsigned commas = 0, parameters = 0;
    if (length > limit)
        return FILTER_LONG_LINE;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)line[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return FILTER_CONTROL_BYTE;
        commas += c == ',';
        parameters += c == ';';
    }
    if (commas > FILTER_COMMAS_MAX)
        return FILTER_MANY_COMMAS;
    return parameters > FILTER_PARAMETERS_MAX ? FILTER_MANY_PARAMETERS : FILTER_PASS;
}

/* "METHOD uri SIP/2.0" or "SIP/2.0 200 words". */
static enum filter_cause check_start(const char *line, size_t length)
{
    static const char version[] = "SIP/2.0";
    const size_t size = sizeof version - 1;
    enum filter_cause cause = check_bytes(line, length, FILTER_START_BYTES);
    if (cause != FILTER_PASS)
        return cause;
    if (length > size + 4 && strncasecmp(line, version, size) == 0 && line[size] == ' ') {
        const char *digits = line + size + 1;
        bool good = digits[0] >= '1' && digits[0] <= '6' && digits[1] >= '0' && digits[1] <= '9' &&
                    digits[2] >= '0' && digits[2] <= '9';
        return good ? FILTER_PASS : FILTER_START_LINE;
    }
    if (length < size + 4 || strncasecmp(line + length - size, version, size) != 0 ||
        line[length - size - 1] != ' ')
        return FILTER_START_LINE;
    const char *space = memchr(line, ' ', length);
    size_t method = (size_t)(space - line);
    bool good = method > 0 && method <= 16 && method + 1 < length - size - 1;
    for (size_t i = 0; i < method && good; i++)
        good = (line[i] >= 'A' && line[i] <= 'Z') || (line[i] >= 'a' && line[i] <= 'z');
    if (good && memchr(line + method + 1, ' ', length - size - 1 - (method + 1)))
        good = false; /* a blank inside the URI */
    return good ? FILTER_PASS : FILTER_START_LINE;
}

/* Strict decimal: "3", not "+3", "3 4", "0x3" or a number that wraps. */
static bool read_length(const char *value, size_t length, size_t *number)
{
    while (length > 0 && is_blank(value[0])) {
        value++;
        length--;
    }
    while (length > 0 && is_blank(value[length - 1]))
        length--;
    if (length == 0 || length > 5)
        return false;
    *number = 0;
    for (size_t i = 0; i < length; i++) {
        if (value[i] < '0' || value[i] > '9')
            return false;
        *number = *number * 10 + (size_t)(value[i] - '0');
    }
    return *number <= FILTER_BODY_BYTES;
}

static enum filter_cause check_header(struct scan *scan, const char *line, size_t length)
{
    enum filter_cause cause = check_bytes(line, length, FILTER_LINE_BYTES);
    if (cause != FILTER_PASS)
        return cause;
    if (++scan->lines > FILTER_LINES_MAX)
        return FILTER_MANY_LINES;
    if (is_blank(line[0])) /* folded; never in what is framed by: a second reading would differ */
        return scan->lines > 1 ? FILTER_PASS : FILTER_BAD_LINE;
    const char *colon = memchr(line, ':', length);
    size_t name = colon ? (size_t)(colon - line) : 0;
    size_t value = name + 1;
    while (name > 0 && is_blank(line[name - 1]))
        name--;
    if (name == 0 || memchr(line, ' ', name))
        return FILTER_BAD_LINE;
    enum header header = header_of(line, name);
    if (header == HEADER_VIA) {
        scan->vias++;
        for (size_t i = value; i < length; i++)
            scan->vias += line[i] == ',';
        scan->seen |= 1U << HEADER_VIA;
        return scan->vias > FILTER_VIAS_MAX ? FILTER_MANY_VIAS : FILTER_PASS;
    }
    if (header == HEADER_OTHER)
        return FILTER_PASS;
    if (scan->seen & 1U << header)
        return FILTER_REPEATED;
    scan->seen |= 1U << header;
    if (header == HEADER_LENGTH) {
        scan->has_length = true;
        if (!read_length(line + value, length - value, &scan->content_length))
            return FILTER_BAD_LENGTH;
    }
    return FILTER_PASS;
}

/* Reads the head. FILTER_MORE when its empty line has not come. */
static enum filter_cause scan_head(struct scan *scan, const char *bytes, size_t length,
                                   size_t *head)
{
    size_t at = 0, next;
    bool first = true, length_line = false;
    for (;;) {
        size_t line = line_length(bytes + at, length - at, &next);
        if (next == 0)
            return line > FILTER_LINE_BYTES ? FILTER_LONG_LINE : FILTER_MORE;
        if (line == 0)
            break;
        bool had = scan->has_length;
        enum filter_cause cause =
            first ? check_start(bytes + at, line) : check_header(scan, bytes + at, line);
        if (cause == FILTER_PASS && length_line && is_blank(bytes[at]))
            cause = FILTER_BAD_LENGTH; /* Content-Length folded over two lines */
        if (cause != FILTER_PASS)
            return cause;
        length_line = scan->has_length && !had;
        first = false;
        at += next;
    }
    if ((scan->seen & needed) != needed)
        return FILTER_MISSING;
    *head = at + next;
    return FILTER_PASS;
}

static size_t empty_lines(const char *bytes, size_t length)
{
    size_t at = 0;
    while (at < length && (bytes[at] == '\r' || bytes[at] == '\n'))
        at++;
    return at;
}

/* ------------------------------------------------------------------------------------------------ */

enum filter_cause filter_datagram(const char *bytes, size_t length, struct filtered *filtered)
{
    struct scan scan = { 0 };
    if (length > FILTER_DATAGRAM_BYTES)
        return FILTER_TOO_LONG;
    size_t skip = empty_lines(bytes, length), head;
    if (skip == length)
        return FILTER_KEEP_ALIVE;
    enum filter_cause cause = scan_head(&scan, bytes + skip, length - skip, &head);
    if (cause == FILTER_MORE)
        return FILTER_CUT;
    if (cause != FILTER_PASS)
        return cause;
    size_t rest = length - skip - head;
    if (scan.has_length && scan.content_length > rest)
        return FILTER_CUT;
    filtered->skip = skip;
    filtered->head = head;
    filtered->body = scan.has_length ? scan.content_length : rest;
    return FILTER_PASS;
}

enum filter_cause filter_stream(const char *bytes, size_t length, struct filtered *filtered)
{
    struct scan scan = { 0 };
    size_t skip = empty_lines(bytes, length), head;
    filtered->skip = skip;
    if (skip == length)
        return length > 0 ? FILTER_KEEP_ALIVE : FILTER_MORE;
    enum filter_cause cause = scan_head(&scan, bytes + skip, length - skip, &head);
    if (cause == FILTER_MORE)
        return length - skip >= FILTER_FRAME_BYTES ? FILTER_TOO_LONG : FILTER_MORE;
    if (cause != FILTER_PASS)
        return cause;
    if (!scan.has_length) /* RFC 3261 §18.3: over a stream it must be there */
        return FILTER_BAD_LENGTH;
    if (head + scan.content_length > FILTER_FRAME_BYTES)
        return FILTER_TOO_LONG;
    if (length - skip - head < scan.content_length)
        return FILTER_MORE;
    filtered->head = head;
    filtered->body = scan.content_length;
    return FILTER_PASS;
}

size_t filter_copy_head(const char *head, size_t length, char *copy, size_t size)
{
    size_t at = 0, used = 0, next;
    bool left_out = false;
    while (at < length) {
        size_t line = line_length(head + at, length - at, &next);
        if (next == 0)
            next = length - at;
        const char *colon = memchr(head + at, ':', line);
        size_t name = colon ? (size_t)(colon - (head + at)) : 0;
        while (name > 0 && is_blank(head[at + name - 1]))
            name--;
        enum header header = name > 0 ? header_of(head + at, name) : HEADER_OTHER;
        bool folded = line > 0 && is_blank(head[at]);
        if (!folded)
            left_out = header == HEADER_LENGTH || header == HEADER_ENCODING;
        if (!left_out || line == 0) {
            if (used + line + 2 >= size)
                return 0;
            memcpy(copy + used, head + at, line);
            memcpy(copy + used + line, "\r\n", 2);
            used += line + 2;
        }
        at += next;
    }
    copy[used] = 0;
    return used;
}

const char *filter_cause_name(enum filter_cause cause)
{
    static const char *const names[FILTER_CAUSE_COUNT] = {
        [FILTER_PASS] = "pass",
        [FILTER_KEEP_ALIVE] = "keep_alive",
        [FILTER_MORE] = "more",
        [FILTER_TOO_LONG] = "too_long",
        [FILTER_START_LINE] = "start_line",
        [FILTER_CONTROL_BYTE] = "control_byte",
        [FILTER_LONG_LINE] = "long_line",
        [FILTER_MANY_LINES] = "many_lines",
        [FILTER_BAD_LINE] = "bad_line",
        [FILTER_MANY_VIAS] = "many_vias",
        [FILTER_MANY_PARAMETERS] = "many_parameters",
        [FILTER_MANY_COMMAS] = "many_commas",
        [FILTER_REPEATED] = "repeated",
        [FILTER_MISSING] = "missing",
        [FILTER_BAD_LENGTH] = "bad_length",
        [FILTER_CUT] = "cut",
    };
    return names[cause];
}
