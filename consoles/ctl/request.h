/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * request: a command line, taken apart and checked against its verb. */
#ifndef CONSOLES_CTL_REQUEST_H
#define CONSOLES_CTL_REQUEST_H

#include <stdbool.h>

#include "consoles/ctl/verb.h"

enum {
    REQUEST_ARGUMENTS_MAX = 8,
    REQUEST_OPTIONS_MAX = 16
};

struct request_option {
    struct verb_word word;
    const char *value; /* "yes" for a switch */
};

struct request {
    const struct verb *verb;
    const char *home;
    const char *as; /* NULL: not said */
    bool json;
    bool csv; /* only where the verb's answer is one list */
    bool help;
    const char *arguments[REQUEST_ARGUMENTS_MAX];
    unsigned argument_count;
    struct request_option options[REQUEST_OPTIONS_MAX];
    unsigned option_count;
};

/* Reads the words behind the program's name, borrowing them. Returns EXIT_DONE, or EXIT_USAGE after
 * a complaint. request->verb is NULL when only help is wanted. */
int request_read(struct request *request, int count, const char *const *line);

/* The option's value, NULL when it was not given. */
const char *request_option(const struct request *request, const char *name);

/* The numbered argument, NULL when it was left out. */
const char *request_argument(const struct request *request, unsigned index);

#endif
