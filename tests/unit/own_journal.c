/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/own_journal.h"

#include <errno.h>
#include <stdio.h>

#include <sodium.h>

#include "base/require.h"
#include "tests/unit/which_suite.h"

int own_journal_open(struct journal **journal, char folder[FOLDER_BYTES])
{
    char path[FOLDER_BYTES + 16];
    struct journal_settings settings = { .folder = path };
    uint8_t seed[32] = { 1 };
    if (sodium_init() < 0)
        return -EIO;
    folder_make(folder);
    (void)snprintf(path, sizeof path, "%s/journal", folder);
    which_keys(&settings, seed);
    return journal_open(journal, &settings);
}

void own_journal_enter(struct journal *journal, const struct event *events, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct stored_event *row;
        REQUIRE(journal_begin(journal) == 0);
        REQUIRE(journal_append(journal, &events[i], NULL, &row) == 0);
        REQUIRE(journal_commit(journal, events[i].at_ms) == 0);
    }
}
