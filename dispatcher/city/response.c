/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/city/response.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    LEVELS = 10, /* run_card is card × 10 + level (dispatcher/core/run_card.h) */
    PICKS_MAX = sizeof(((struct plan_activated *)0)->picks) / sizeof(struct plan_pick)
};

static bool has_kind(const struct entries *entries, const char *kind)
{
    for (uint32_t i = 0; i < entries->count; i++) {
        const struct command *command = &entries->rows[i].command;
        if (command->kind == COMMAND_UNIT_DEFINE &&
            strcmp(command->unit_define.row.kind, kind) == 0)
            return true;
    }
    return false;
}

static bool has_category(const struct entries *entries, uint32_t wanted)
{
    uint32_t part = wanted < 100 ? 10000 : wanted < 10000 ? 100 : 1;
    for (uint32_t i = 0; i < entries->count; i++) {
        const struct command *command = &entries->rows[i].command;
        if (command->kind == COMMAND_CATEGORY_DEFINE &&
            command->category_define.row.category / part == wanted)
            return true;
    }
    return false;
}

static void check_needs(struct entries *entries, const struct entry *entry)
{
    const struct run_card_row *row = &entry->command.run_card_define.row;
    uint32_t sum = 0;
    for (uint32_t i = 0; i < row->needs_count; i++) {
        sum += row->needs[i].count;
        if (!has_kind(entries, row->needs[i].kind))
            complain_at(entries, entry, "no unit of units.csv is of kind \"%s\"; correct it",
                        row->needs[i].kind);
        for (uint32_t j = 0; j < i; j++)
            if (strcmp(row->needs[i].kind, row->needs[j].kind) == 0)
                complain_at(entries, entry, "kind \"%s\" stands twice; write the sum",
                            row->needs[i].kind);
    }
    if (sum == 0 || sum > PICKS_MAX)
        complain_at(entries, entry, "a level sends 1 to %d units; split it into levels", PICKS_MAX);
}

static bool is_time(uint32_t time)
{
    return time / 100 < 24 && time % 100 < 60;
}

/* For which incidents the card is: its first level says so. */
static void check_trigger(struct entries *entries, const struct entry *entry)
{
    const struct run_card_row *row = &entry->command.run_card_define.row;
    if (row->category != 0 && !has_category(entries, row->category))
        complain_at(entries, entry,
                    "category %" PRIu32 " is neither in categories.csv nor the beginning of one; "
                    "correct it",
                    row->category);
    if (row->district != 0 && !entries_find(entries, COMMAND_DISTRICT_DEFINE, row->district))
        complain_at(entries, entry, "district %" PRIu32 " is not in districts.csv; correct it",
                    row->district);
    if ((row->east_cell == 0) != (row->north_cell == 0) ||
        (row->east_cell == 0) != (row->within_m == 0))
        complain_at(entries, entry,
                    "a premise needs east_cell, north_cell and within_m; fill all or none");
    if (!is_time(row->from_time) || !is_time(row->until_time))
        complain_at(entries, entry, "from_time and until_time are hhmm, e.g. 2200 and 600");
}

/* A level that begins nothing: what the first one says holds for it. */
static void check_further(struct entries *entries, const struct entry *entry)
{
    const struct run_card_row *row = &entry->command.run_card_define.row;
    if (!entries_find(entries, COMMAND_RUN_CARD_DEFINE, row->run_card - 1))
        complain_at(entries, entry, "level %" PRIu32 " has no level below it; add %" PRIu32,
                    row->run_card % LEVELS, row->run_card - 1);
    if (row->category || row->district || row->east_cell || row->priority || row->flags_count ||
        row->from_time != row->until_time || row->automatic)
        complain_at(entries, entry,
                    "the first level says for which incidents and whether by itself; "
                    "leave those columns empty here");
}

void check_run_card(struct entries *entries, const struct entry *entry)
{
    const struct run_card_row *row = &entry->command.run_card_define.row;
    if (row->run_card <= LEVELS || row->run_card % LEVELS == 0 || !*row->name_zh || !*row->name_en)
        complain_at(entries, entry,
                    "a run card needs both names and its number: card × 10 + level, e.g. 101");
    else if (row->run_card % LEVELS == 1)
        check_trigger(entries, entry);
    else
        check_further(entries, entry);
    check_needs(entries, entry);
}

void check_coverage(struct entries *entries, const struct entry *entry)
{
    const struct coverage_row *row = &entry->command.coverage_define.row;
    if (row->coverage == 0 || row->minimum == 0)
        complain_at(entries, entry, "coverage needs its number and a minimum from 1");
    if (!has_kind(entries, row->kind))
        complain_at(entries, entry, "no unit of units.csv is of kind \"%s\"; correct it",
                    row->kind);
    if (row->district != 0 && !entries_find(entries, COMMAND_DISTRICT_DEFINE, row->district))
        complain_at(entries, entry, "district %" PRIu32 " is not in districts.csv; correct it",
                    row->district);
}
