/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * entry: one row of a city's tables with its place, and the checks that need more than the row. */
#ifndef DISPATCHER_CITY_ENTRY_H
#define DISPATCHER_CITY_ENTRY_H

#include <stdint.h>

#include "dispatcher/city/city.h"

struct entry {
    struct command command;
    const char *file;
    int line;
};

struct entries {
    struct entry *rows;
    uint32_t count;
    unsigned complaints;
    city_complain *complain;
    void *owner;
};

/* "FILE:LINE: what is wrong; what to do" about a row. */
void complain_at(struct entries *entries, const struct entry *entry, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Counts the complaint and passes it on. */
void entries_complain(struct entries *entries, const char *sentence);

/* The first row of this kind under this number (line, user, category …), or NULL. */
const struct entry *entries_find(const struct entries *entries, enum command_kind kind,
                                 uint32_t number);

/* Numbers the row by what makes it the only one of its kind. */
void forecast_number(struct forecast_row *row);

/* Every row by itself, references between tables, unique keys, completeness. */
void entries_check(struct entries *entries);

#endif
