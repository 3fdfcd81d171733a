/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * city_name: what people call a row of the city's tables, in both languages. */
#ifndef CONSOLES_SERVER_CITY_NAME_H
#define CONSOLES_SERVER_CITY_NAME_H

#include <stdbool.h>
#include <stdint.h>

#include "consoles/server/dictionary.h"
#include "proto/message.h"

/* answer: to QUERY_CITY for this table behind number - 1. Returns true and the two names, which lie in the answer;
 * false when its first row is another, or people read no names of this table. */
bool city_name_read(const struct answer *answer, enum city_table table, uint32_t number,
                    const char *names[DICTIONARY_LANGUAGES]);

#endif
