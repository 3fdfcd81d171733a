/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/own_journal.h"

#include <errno.h>
#include <stdio.h>

#include <sodium.h>

int own_journal_open(struct journal **journal, char folder[FOLDER_BYTES])
{
    char path[FOLDER_BYTES + 16];
    struct journal_settings settings = { .folder = path };
    uint8_t seed[32] = { 1 };
    if (sodium_init() < 0)
        return -EIO;
    folder_make(folder);
    (void)snprintf(path, sizeof path, "%s/journal", folder);
    (void)crypto_sign_seed_keypair(settings.sign_public, settings.sign_secret, seed);
    return journal_open(journal, &settings);
}
