/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/server/city_name.h"

bool city_name_read(const struct answer *answer, enum city_table table, uint32_t number,
                    const char *names[DICTIONARY_LANGUAGES])
{
#define NAMED(list, id)                                                                            \
    if (answer->list.rows_count == 0 || answer->list.rows[0].id != number)                         \
        return false;                                                                              \
    names[DICTIONARY_CHINESE] = answer->list.rows[0].name_zh;                                      \
    names[DICTIONARY_ENGLISH] = answer->list.rows[0].name_en;                                      \
    return true
    switch (table) {
    case CITY_TABLE_LINES:
        NAMED(lines, line);
    case CITY_TABLE_CATEGORIES:
        NAMED(categories, category);
    case CITY_TABLE_DEPARTMENTS:
        NAMED(departments, department);
    case CITY_TABLE_DISTRICTS:
        NAMED(districts, district);
    case CITY_TABLE_USERS:
        NAMED(users, user);
    case CITY_TABLE_DISPOSITIONS:
        NAMED(dispositions, disposition);
    default: /* tables without names that people read */
        return false;
    }
#undef NAMED
}
