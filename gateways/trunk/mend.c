/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/mend.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/fnv.h"
#include "base/text.h"

enum {
    LINES_MAX = 192,
    METHOD_BYTES = 64,
    URI_BYTES = 200,
    WORD_BYTES = 120,
    CSEQ_DIGITS = 9
};

struct span {
    const char *bytes;
    size_t length;
};

/* The lines that count, as they stood; length 0: not there. */
struct letter {
    struct span start;
    struct span vias[MEND_VIAS_MAX];
    unsigned via_count;
    struct span from, to, call_id, cseq, contact, type;
};

static struct span trim(struct span span)
{
    while (span.length > 0 && isspace((unsigned char)span.bytes[0]))
        span.bytes++, span.length--;
    while (span.length > 0 && isspace((unsigned char)span.bytes[span.length - 1]))
        span.length--;
    return span;
}

/* The line at the beginning, those folded into it included; *next: where the next one begins. */
static struct span take_line(const char *bytes, size_t length, size_t *next)
{
    size_t at = 0;
    for (;;) {
        const char *end = memchr(bytes + at, '\n', length - at);
        if (!end) {
            *next = length;
            return (struct span){ bytes, length };
        }
        at = (size_t)(end - bytes) + 1;
        bool empty = at == 1 || (at == 2 && bytes[0] == '\r');
        bool folded = at < length && (bytes[at] == ' ' || bytes[at] == '\t');
        if (empty || !folded) {
            *next = at;
            return (struct span){ bytes, at };
        }
    }
}

static bool is_named(struct span name, const char *full, const char *brief)
{
    return (name.length == strlen(full) && strncasecmp(name.bytes, full, name.length) == 0) ||
           (name.length == strlen(brief) && strncasecmp(name.bytes, brief, name.length) == 0);
}

static void take_header(struct letter *letter, struct span line)
{
    const struct {
        const char *full, *brief;
        struct span *field;
    } once[] = { { "from", "f", &letter->from },       { "to", "t", &letter->to },
                 { "call-id", "i", &letter->call_id }, { "cseq", "cseq", &letter->cseq },
                 { "contact", "m", &letter->contact }, { "content-type", "c", &letter->type } };
    const char *colon = memchr(line.bytes, ':', line.length);
    if (!colon)
        return;
    struct span name = trim((struct span){ line.bytes, (size_t)(colon - line.bytes) });
    struct span value =
        trim((struct span){ colon + 1, (size_t)(line.bytes + line.length - colon - 1) });
    if (is_named(name, "via", "v") && letter->via_count < MEND_VIAS_MAX)
        letter->vias[letter->via_count++] = value;
    for (size_t i = 0; i < sizeof once / sizeof once[0]; i++)
        if (is_named(name, once[i].full, once[i].brief) && once[i].field->length == 0)
            *once[i].field = value;
}

/* Returns where the body begins. */
static size_t open_letter(struct letter *letter, const char *bytes, size_t length)
{
    size_t at = 0, next;
    memset(letter, 0, sizeof *letter);
    for (unsigned i = 0; i < LINES_MAX && at < length; i++) {
        struct span line = take_line(bytes + at, length - at, &next);
        at += next;
        line = trim(line);
        if (line.length == 0 && letter->start.length > 0)
            return at;
        if (line.length > 0 && letter->start.length == 0)
            letter->start = line;
        else if (line.length > 0)
            take_header(letter, line);
    }
    return length;
}

static bool is_word(char c)
{
    return c > ' ' && c < 0x7f && !strchr("<>\",;()[]{}?", c);
}

/* The longest run of characters that stand in any SIP word. */
static void add_word(struct text *text, struct span span, size_t most)
{
    span = trim(span);
    for (size_t i = 0; i < span.length && i < most && is_word(span.bytes[i]); i++)
        text_add_char(text, span.bytes[i]);
}

/* Where a URI of a scheme we know begins, or NULL. */
static const char *find_uri(struct span span)
{
    static const char *const schemes[] = { "sip:", "sips:", "tel:", "urn:" };
    for (size_t i = 0; i < span.length; i++)
        for (size_t k = 0; k < sizeof schemes / sizeof schemes[0]; k++) {
            size_t size = strlen(schemes[k]);
            bool begins = i == 0 || !isalnum((unsigned char)span.bytes[i - 1]);
            if (begins && span.length - i > size &&
                strncasecmp(span.bytes + i, schemes[k], size) == 0)
                return span.bytes + i;
        }
    return NULL;
}

/* The URI up to what cannot belong to it; its parameters only inside <>. */
static bool add_uri(struct text *text, struct span span)
{
    const char *at = find_uri(span);
    size_t length = 0;
    if (!at)
        return false;
    const char *end = span.bytes + span.length;
    while (at + length < end && length < URI_BYTES && (unsigned char)at[length] > ' ' &&
           (unsigned char)at[length] < 0x7f && !strchr("<>\",;?\\^`{|}", at[length]))
        text_add_char(text, at[length++]);
    return length > 0;
}

static uint64_t hash_of(const struct letter *letter)
{
    uint64_t hash = FNV_BASIS;
    const struct span parts[] = { letter->start, letter->vias[0], letter->from, letter->call_id };
    for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++)
        hash = fnv_add(hash, parts[k].bytes, parts[k].length);
    return hash;
}

/* "<uri>", and the tag it had; who called is told apart by `hash` when it had none. */
static void add_party(struct text *text, const char *name, struct span value, const char *other,
                      uint64_t hash)
{
    const char *tag = NULL;
    text_print(text, "%s: <", name);
    if (!add_uri(text, value))
        text_add(text, other);
    text_add_char(text, '>');
    for (size_t i = 0; i + 4 < value.length; i++)
        if (value.bytes[i] == ';') {
            struct span rest = trim((struct span){ value.bytes + i + 1, value.length - i - 1 });
            if (rest.length > 4 && strncasecmp(rest.bytes, "tag", 3) == 0)
                tag = memchr(rest.bytes, '=', rest.length);
        }
    if (tag) {
        text_add(text, ";tag=");
        add_word(text, (struct span){ tag + 1, (size_t)(value.bytes + value.length - tag - 1) },
                 WORD_BYTES);
    } else if (hash != 0) {
        text_print(text, ";tag=%016" PRIx64, hash);
    }
    text_add(text, "\r\n");
}

static bool is_parameter(char c)
{
    return isalnum((unsigned char)c) || (c && strchr("=.-_:[]/!%*+'~", c));
}

/* One Via value: transport, host and the parameters that can be read. */
static bool add_via(struct text *text, struct span value)
{
    const char *slash = memchr(value.bytes, '/', value.length);
    const char *end = value.bytes + value.length;
    if (!slash || value.length < 9 || strncasecmp(value.bytes, "SIP", 3) != 0)
        return false;
    slash = memchr(slash + 1, '/', (size_t)(end - slash - 1));
    if (!slash)
        return false;
    struct span rest = trim((struct span){ slash + 1, (size_t)(end - slash - 1) });
    text_add(text, "Via: SIP/2.0/");
    size_t at = 0;
    while (at < rest.length && isalnum((unsigned char)rest.bytes[at]) && at < 10)
        text_add_char(text, rest.bytes[at++]);
    if (at == 0)
        return false;
    text_add_char(text, ' ');
    bool host = false, wants_mark = false;
    for (; at < rest.length && rest.bytes[at] != ','; at++) {
        char c = rest.bytes[at];
        if (c == ';' && host)
            wants_mark = true; /* written only when a parameter follows */
        if (!is_parameter(c))
            continue;
        if (wants_mark)
            text_add_char(text, ';');
        wants_mark = false;
        host = true;
        text_add_char(text, c);
    }
    text_add(text, "\r\n");
    return host;
}

/* False without the topmost, by which the answer goes. */
static bool add_vias(struct text *text, const struct letter *letter)
{
    unsigned seen = 0;
    for (unsigned i = 0; i < letter->via_count; i++) {
        struct span rest = letter->vias[i];
        while (rest.length > 0) {
            const char *comma = memchr(rest.bytes, ',', rest.length);
            size_t length = comma ? (size_t)(comma - rest.bytes) : rest.length;
            struct span one = trim((struct span){ rest.bytes, length });
            size_t before = text->length;
            if (!add_via(text, one)) {
                text->length = before;
                text->bytes[before] = 0;
                if (seen == 0)
                    return false;
            }
            seen++;
            length += comma != NULL;
            rest.bytes += length;
            rest.length -= length;
        }
    }
    return seen > 0;
}

static void add_cseq(struct text *text, struct span value, const char *method)
{
    unsigned digits = 0;
    value = trim(value);
    text_add(text, "CSeq: ");
    for (size_t i = 0; i < value.length && isdigit((unsigned char)value.bytes[i]); i++)
        if (digits < CSEQ_DIGITS) {
            text_add_char(text, value.bytes[i]);
            digits++;
        }
    text_print(text, "%s %s\r\n", digits > 0 ? "" : "1", method);
}

static bool add_start(struct text *text, struct span start, char method[METHOD_BYTES],
                      struct mended *mended)
{
    struct text word = text_into(method, METHOD_BYTES);
    size_t at = 0;
    while (at < start.length && !isspace((unsigned char)start.bytes[at]))
        at++;
    add_word(&word, (struct span){ start.bytes, at }, METHOD_BYTES);
    if (word.cut || word.length == 0 || strncasecmp(method, "SIP/", 4) == 0)
        return false;
    struct span rest = { start.bytes + at, start.length - at };
    const char *version = NULL;
    for (size_t i = 0; i + 4 < rest.length; i++)
        if (strncasecmp(rest.bytes + i, "SIP/", 4) == 0)
            version = rest.bytes + i;
    size_t left = version ? (size_t)(rest.bytes + rest.length - version) : 0;
    mended->other_version = left > 0 && (left < 7 || strncasecmp(version, "SIP/2.0", 7) != 0);
    text_print(text, "%s ", method);
    if (!version)
        return false;
    mended->other_scheme = !add_uri(text, rest);
    text_add(text, mended->other_scheme ? "sip:unknown.invalid SIP/2.0\r\n" : " SIP/2.0\r\n");
    return true;
}

bool mend_request(struct mended *mended, char head[MEND_HEAD_BYTES], const char *bytes,
                  size_t length)
{
    struct letter letter;
    char method[METHOD_BYTES];
    struct text text = text_into(head, MEND_HEAD_BYTES);
    size_t body = open_letter(&letter, bytes, length);
    memset(mended, 0, sizeof *mended);
    if (!add_start(&text, letter.start, method, mended) || !add_vias(&text, &letter))
        return false;
    uint64_t hash = hash_of(&letter);
    add_party(&text, "From", letter.from, "sip:anonymous@anonymous.invalid", hash);
    add_party(&text, "To", letter.to, "sip:unknown@unknown.invalid", 0);
    text_add(&text, "Call-ID: ");
    size_t before = text.length;
    add_word(&text, letter.call_id, WORD_BYTES);
    if (text.length == before)
        text_print(&text, "%016" PRIx64, hash);
    text_add(&text, "\r\n");
    add_cseq(&text, letter.cseq, method);
    if (find_uri(letter.contact)) {
        text_add(&text, "Contact: <");
        (void)add_uri(&text, letter.contact);
        text_add(&text, ">\r\n");
    }
    if (letter.type.length > 0 && letter.type.length < WORD_BYTES &&
        !memchr(letter.type.bytes, '\n', letter.type.length))
        text_print(&text, "Content-Type: %.*s\r\n", (int)letter.type.length, letter.type.bytes);
    text_add(&text, "\r\n");
    mended->length = text.length;
    mended->invite = strcmp(method, "INVITE") == 0;
    mended->body = bytes + body;
    mended->body_length = length - body;
    return !text.cut;
}
