/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/server/form.h"

#include <string.h>

#include "base/utf8.h"

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Decodes up to `end` into *to. Returns the decoded length, or -1. */
static long decode(const char *at, const char *end, char *to, size_t room)
{
    size_t used = 0;
    while (at < end) {
        int byte = (unsigned char)*at++;
        if (byte == '+') {
            byte = ' ';
        } else if (byte == '%') {
            int high = end - at >= 2 ? digit_of(at[0]) : -1;
            int low = high >= 0 ? digit_of(at[1]) : -1;
            if (low < 0)
                return -1;
            byte = high << 4 | low;
            at += 2;
        }
        if (byte == '\r')
            continue;
        if (used + 1 >= room)
            return -1;
        to[used++] = (char)byte;
    }
    to[used] = 0;
    return utf8_is_text(to, used) ? (long)used : -1;
}

static bool take_field(struct form *form, const char *at, const char *end)
{
    const char *sign = memchr(at, '=', (size_t)(end - at));
    if (form->count == FORM_FIELDS_MAX)
        return false;
    char *value = form->bytes + form->used;
    long name = decode(at, sign ? sign : end, form->fields[form->count].name, FORM_NAME_BYTES);
    long length = decode(sign ? sign + 1 : end, end, value, sizeof form->bytes - form->used);
    if (name <= 0 || length < 0)
        return false;
    form->fields[form->count++].value = value;
    form->used += (size_t)length + 1;
    return true;
}

bool form_read(struct form *form, const char *body, size_t size)
{
    const char *end = body + size;
    form->count = 0;
    form->used = 0;
    for (const char *at = body; at < end;) {
        const char *stop = memchr(at, '&', (size_t)(end - at));
        if (!stop)
            stop = end;
        if (stop > at && !take_field(form, at, stop)) {
            form->count = 0;
            return false;
        }
        at = stop + 1;
    }
    return true;
}

const char *form_field(const struct form *form, const char *name)
{
    for (unsigned i = 0; i < form->count; i++)
        if (strcmp(form->fields[i].name, name) == 0)
            return form->fields[i].value;
    return "";
}
