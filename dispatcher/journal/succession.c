/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/journal/succession.h"

#include <string.h>

#include "proto/statement.h"

static struct statement succession_statement(const struct succession *succession)
{
    struct statement statement = statement_of("yihao succession 1");
    statement_add_number(&statement, succession->algorithm);
    statement_add_number(&statement, succession->number);
    statement_add_number(&statement, succession->by_spare);
    statement_add_number(&statement, succession->at_ms);
    statement_add_number(&statement, succession->size);
    statement_add(&statement, succession->root, sizeof succession->root);
    statement_add(&statement, succession->key, sizeof succession->key);
    statement_add(&statement, succession->spare, sizeof succession->spare);
    return statement;
}

void succession_sign(struct succession *succession, const struct signer *signer)
{
    succession->algorithm = signer->suite->id;
    struct statement statement = succession_statement(succession);
    signer->suite->sign(signer->secret, statement.bytes, statement.size, succession->signature);
}

bool succession_holds(const struct succession *succession, const uint8_t public_key[32])
{
    struct statement statement = succession_statement(succession);
    const struct suite *suite = suite_of(succession->algorithm);
    return suite &&
           suite->holds(public_key, statement.bytes, statement.size, succession->signature);
}

uint32_t succession_over(const struct succession *successions, uint32_t count, uint64_t seq)
{
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (successions[middle].size < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void lineage_init(struct lineage *lineage, const uint8_t first_key[32])
{
    *lineage = (struct lineage){ .number = 0 };
    memcpy(lineage->key, first_key, sizeof lineage->key);
}

void lineage_resume(struct lineage *lineage, const struct succession *followed)
{
    lineage->suite = suite_of(followed->algorithm);
    lineage->number = followed->number;
    memcpy(lineage->key, followed->key, sizeof lineage->key);
    memcpy(lineage->spare, followed->spare, sizeof lineage->spare);
    lineage->since_size = lineage->seen_size = followed->size;
    lineage->since_ms = lineage->seen_ms = followed->at_ms;
}

/* One line of keys is of one suite. */
static bool is_of_suite(const struct lineage *lineage, uint64_t algorithm)
{
    return !lineage->suite || lineage->suite->id == algorithm;
}

bool lineage_follow(struct lineage *lineage, const struct succession *succession)
{
    if (!is_of_suite(lineage, succession->algorithm) || succession->number != lineage->number + 1 ||
        succession->number > SUCCESSIONS_MAX || succession->size < lineage->seen_size ||
        succession->at_ms < lineage->seen_ms || (succession->by_spare && lineage->number == 0) ||
        !succession_holds(succession, succession->by_spare ? lineage->spare : lineage->key))
        return false;
    lineage_resume(lineage, succession);
    return true;
}

static bool is_of_line(const struct lineage *lineage, const struct checkpoint *checkpoint)
{
    return is_of_suite(lineage, checkpoint->algorithm) &&
           memcmp(checkpoint->key, lineage->key, sizeof lineage->key) == 0 &&
           checkpoint->seq >= lineage->since_size && checkpoint->at_ms >= lineage->since_ms;
}

bool lineage_take(struct lineage *lineage, const struct checkpoint *checkpoint)
{
    return is_of_line(lineage, checkpoint) && checkpoint_holds(checkpoint) &&
           lineage_take_held(lineage, checkpoint);
}

bool lineage_take_held(struct lineage *lineage, const struct checkpoint *checkpoint)
{
    if (!is_of_line(lineage, checkpoint))
        return false;
    lineage->suite = suite_of(checkpoint->algorithm);
    if (checkpoint->seq > lineage->seen_size)
        lineage->seen_size = checkpoint->seq;
    if (checkpoint->at_ms > lineage->seen_ms)
        lineage->seen_ms = checkpoint->at_ms;
    return true;
}
