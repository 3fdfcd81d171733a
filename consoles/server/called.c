/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/server/called.h"

#include "base/clock.h"
#include "base/text.h"
#include "consoles/server/city_name.h"
#include "consoles/server/console.h"

enum {
    NAMES_CACHED = 1024,
    NAME_BYTES = 193
};

/* Asked of the replica once in a while: the same few names fill a table. */
const char *called(struct console *console, enum dictionary_language language,
                   enum city_table table, uint32_t number)
{
    static struct {
        enum city_table table;
        uint32_t number;
        enum dictionary_language language;
        uint64_t seq; /* names change with the city */
        char name[NAME_BYTES];
    } cache[NAMES_CACHED];
    static struct answer answer; /* the console's own holds the rows that are being written */
    uint64_t seq = replica_seq(console->replica);
    uint32_t place = (number * 31U + (uint32_t)table) % NAMES_CACHED;
    if (number == 0)
        return "";
    if (cache[place].table == table && cache[place].number == number &&
        cache[place].language == language && cache[place].seq == seq)
        return cache[place].name;
    const char *names[DICTIONARY_LANGUAGES] = { "", "" };
    struct query query = { .kind = QUERY_CITY, .city = { .table = table, .after = number - 1U } };
    replica_query(console->replica, &query, clock_wall_ms(), &answer);
    if (answer.refusal != REFUSAL_NONE || !city_name_read(&answer, table, number, names))
        names[language] = "";
    cache[place].table = table;
    cache[place].number = number;
    cache[place].language = language;
    cache[place].seq = seq;
    (void)text_copy(cache[place].name, NAME_BYTES, names[language]);
    return cache[place].name;
}

uint64_t city_offset_min(struct console *console)
{
    struct query query = { .kind = QUERY_STATUS };
    replica_query(console->replica, &query, clock_wall_ms(), &console->answer);
    return console->answer.kind == ANSWER_STATUS ? console->answer.status.utc_offset_min : 0;
}
