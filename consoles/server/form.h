/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * form: the body of a POST that a page without script sends (application/x-www-form-urlencoded, WHATWG URL
 * standard §5). Strict: what is no text, too long or too much is no form at all. Pure. */
#ifndef CONSOLES_SERVER_FORM_H
#define CONSOLES_SERVER_FORM_H

#include <stdbool.h>
#include <stddef.h>

enum {
    FORM_FIELDS_MAX = 16,
    FORM_NAME_BYTES = 25,
    FORM_BYTES = 12288 /* of all values, decoded; 3000 bytes of text fit with room to spare */
};

struct form {
    unsigned count;
    size_t used;
    struct {
        char name[FORM_NAME_BYTES];
        const char *value; /* in bytes */
    } fields[FORM_FIELDS_MAX];
    char bytes[FORM_BYTES];
};

/* False: no form; *form is empty then. Carriage returns are dropped: a text area sends CR LF. */
bool form_read(struct form *form, const char *body, size_t size);

/* The first field of this name, "" when it is not there. */
const char *form_field(const struct form *form, const char *name);

#endif
