/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * arguments: how a program of a home is started: --home DIR --name NAME [--check], and at most one
 * option of its own that has a value. */
#ifndef BASE_ARGUMENTS_H
#define BASE_ARGUMENTS_H

#include <stdbool.h>

struct arguments {
    const char *home;
    const char *name;
    const char *own; /* NULL: its own option was not given */
    bool check;
};

/* own: the name of its own option, NULL: it has none. usage: what --help prints. Returns false when the program
 * is to end with *code: 0 after --help, 2 after words that are wrong, with the usage on stderr. */
bool arguments_read(struct arguments *arguments, int count, char **words, const char *own,
                    const char *usage, int *code);

#endif
