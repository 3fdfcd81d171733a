/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/refer_terms.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* Copies a stretch of printable text; false when it is empty, does not fit, or is no text. */
static bool take(char *field, size_t size, const char *from, size_t length)
{
    if (length == 0 || length >= size)
        return false;
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)from[i] <= ' ' || from[i] == 0x7f)
            return false;
    memcpy(field, from, length);
    field[length] = 0;
    return true;
}

static bool is_word(const char *at, size_t length, const char *word)
{
    return strlen(word) == length && strncasecmp(at, word, length) == 0;
}

/* One parameter of Replaces. Twice the same is a trick (RFC 3891 §6.1 wants exactly one of each tag). */
static bool take_parameter(struct replaces *replaces, const char *at, size_t length)
{
    const char *equals = memchr(at, '=', length);
    size_t name = equals ? (size_t)(equals - at) : length;
    size_t value = equals ? length - name - 1 : 0;
    if (is_word(at, name, "early-only")) {
        replaces->early_only = true;
        return true;
    }
    if (is_word(at, name, "to-tag"))
        return !replaces->to_tag[0] &&
               take(replaces->to_tag, sizeof replaces->to_tag, at + name + 1, value);
    if (is_word(at, name, "from-tag"))
        return !replaces->from_tag[0] &&
               take(replaces->from_tag, sizeof replaces->from_tag, at + name + 1, value);
    return true;
}

static bool read_all(struct replaces *replaces, const char *value)
{
    value += strspn(value, " \t");
    size_t length = strcspn(value, "; \t\r\n,");
    if (!take(replaces->call_id, sizeof replaces->call_id, value, length))
        return false;
    value += length;
    for (;;) {
        value += strspn(value, " \t\r\n");
        if (!*value)
            return replaces->to_tag[0] && replaces->from_tag[0];
        if (*value++ != ';')
            return false;
        value += strspn(value, " \t");
        length = strcspn(value, "; \t\r\n,");
        if (!take_parameter(replaces, value, length))
            return false;
        value += length;
    }
}

bool replaces_read(struct replaces *replaces, const char *value)
{
    memset(replaces, 0, sizeof *replaces);
    if (read_all(replaces, value))
        return true;
    memset(replaces, 0, sizeof *replaces);
    return false;
}

/* ---- Refer-To ---------------------------------------------------------------------------------- */

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Undoes %xx; false when it does not fit or hides something that is no text. */
static bool unescape(char *field, size_t size, const char *at, size_t length)
{
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        char c = at[i];
        if (c == '%') {
            int high = i + 2 < length ? digit_of(at[i + 1]) : -1;
            int low = high < 0 ? -1 : digit_of(at[i + 2]);
            if (low < 0)
                return false;
            c = (char)(high << 4 | low);
            i += 2;
        }
        if ((unsigned char)c < ' ' || c == 0x7f || used + 1 >= size)
            return false;
        field[used++] = c;
    }
    field[used] = 0;
    return true;
}

/* What stands behind "?": only one Replaces is heeded. */
static bool read_headers(struct refer_to *refer_to, const char *at, size_t length)
{
    enum {
        ROOM = REFER_CALL_ID_BYTES + 2 * REFER_TAG_BYTES + 64
    };
    while (length > 0) {
        char words[ROOM];
        const char *and = memchr(at, '&', length);
        size_t one = and? (size_t)(and-at) : length;
        const char *equals = memchr(at, '=', one);
        size_t name = equals ? (size_t)(equals - at) : one;
        if (is_word(at, name, "replaces")) {
            if (!equals || refer_to->replaces.call_id[0] ||
                !unescape(words, sizeof words, equals + 1, one - name - 1) ||
                !replaces_read(&refer_to->replaces, words))
                return false;
        }
        at += one + (and != NULL);
        length -= one + (and != NULL);
    }
    return true;
}

/* Only a call is understood: another method is another wish. */
static bool invites(const char *at, size_t length)
{
    static const char method[] = ";method=";
    for (size_t i = 0; i + sizeof method - 1 <= length; i++)
        if (strncasecmp(at + i, method, sizeof method - 1) == 0) {
            const char *value = at + i + sizeof method - 1;
            size_t left = length - i - (sizeof method - 1), end = 0;
            while (end < left && value[end] != ';' && value[end] != '?')
                end++;
            return is_word(value, end, "INVITE");
        }
    return true;
}

static bool read_uri(struct refer_to *refer_to, const char *at, size_t length)
{
    const char *colon = memchr(at, ':', length);
    size_t scheme = colon ? (size_t)(colon - at) : 0;
    if (!colon || !take(refer_to->scheme, sizeof refer_to->scheme, at, scheme))
        return false;
    bool tel = strcasecmp(refer_to->scheme, "tel") == 0;
    if (!tel && strcasecmp(refer_to->scheme, "sip") != 0 &&
        strcasecmp(refer_to->scheme, "sips") != 0)
        return false;
    at = colon + 1;
    length -= scheme + 1;
    const char *end = memchr(at, '?', length);
    size_t uri = end ? (size_t)(end - at) : length;
    const char *host = tel ? NULL : memchr(at, '@', uri);
    if (!tel && !host)
        return false;
    size_t user = 0, room = host ? (size_t)(host - at) : uri;
    while (user < room && at[user] != ';' && at[user] != ':')
        user++;
    if (user == 0 || !unescape(refer_to->user, sizeof refer_to->user, at, user) ||
        strpbrk(refer_to->user, " <>\""))
        return false;
    if (!invites(at, uri))
        return false;
    return !end || read_headers(refer_to, end + 1, length - uri - 1);
}

bool refer_to_read(struct refer_to *refer_to, const char *value)
{
    memset(refer_to, 0, sizeof *refer_to);
    value += strspn(value, " \t");
    const char *open = strrchr(value, '<');
    size_t length = open ? strcspn(open + 1, ">") : strcspn(value, "; \t\r\n,");
    if (open && open[1 + length] != '>')
        return false;
    if (read_uri(refer_to, open ? open + 1 : value, length))
        return true;
    memset(refer_to, 0, sizeof *refer_to);
    return false;
}

/* ---- message/sipfrag --------------------------------------------------------------------------- */

int sipfrag_read(const char *body, size_t length)
{
    static const char version[] = "SIP/2.0 ";
    int status = 0;
    if (length < sizeof version + 2 || strncasecmp(body, version, sizeof version - 1) != 0)
        return 0;
    for (size_t i = sizeof version - 1; i < sizeof version + 2; i++) {
        if (body[i] < '0' || body[i] > '9')
            return 0;
        status = status * 10 + (body[i] - '0');
    }
    bool ends = length == sizeof version + 2 || strchr(" \r\n", body[sizeof version + 2]);
    return ends && status >= 100 && status < 700 ? status : 0;
}
