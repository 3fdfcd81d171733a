/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * CPU time of a sealed read (journal_personal_at: record, key, words) and of an erasure, over a home of
 * SUBJECTS contacts: `bench_vault SUBJECTS`. As a test: 20,000, reads at most 20 us. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/require.h"
#include "dispatcher/journal/journal.h"
#include "tests/bench/cpu.h"

enum {
    READS = 20000,
    ERASURES = 50,
    TURN = 2000,
    READ_US_MAX = 20
};

static double cpu_us(void)
{
    return (double)process_cpu_ns() / 1e3;
}

static void fill(struct journal *journal, uint64_t subjects)
{
    static struct personal personal = { .number = "13800001111", .address = "南湖路12号" };
    memset(personal.text, 'w', 600);
    for (uint64_t seq = 1; seq <= subjects; seq++) {
        struct event event = { .seq = seq, .at_ms = seq, .contact = seq, .kind = EVENT_OFFER_RANG };
        const struct stored_event *row;
        if (seq % TURN == 1)
            REQUIRE(journal_begin(journal) == 0);
        REQUIRE(journal_append(journal, &event, &personal, &row) == 0);
        if (seq % TURN == 0 || seq == subjects)
            REQUIRE(journal_commit(journal, seq) == 0);
    }
}

int main(int count, char **words)
{
    uint64_t subjects = count > 1 ? strtoull(words[1], NULL, 10) : 20000;
    char folder[] = "/tmp/yihao-bench-XXXXXX", path[64], command[64];
    struct journal_settings settings = { .folder = path };
    struct journal *journal = NULL;
    static struct personal found;
    uint8_t seed[32] = { 1 };
    REQUIRE(sodium_init() >= 0 && mkdtemp(folder) && subjects > 0);
    (void)snprintf(path, sizeof path, "%s/journal", folder);
    (void)crypto_sign_seed_keypair(settings.sign_public, settings.sign_secret, seed);
    REQUIRE(journal_open(&journal, &settings) == 0);
    fill(journal, subjects);

    double before = cpu_us();
    for (int i = 0; i < READS; i++) {
        uint64_t subject = 1 + randombytes_uniform((uint32_t)subjects);
        REQUIRE(journal_personal_at(journal, subject, subject, &found) == 0);
    }
    double read_us = (cpu_us() - before) / READS;
    before = cpu_us();
    for (int i = 0; i < ERASURES; i++) {
        REQUIRE(journal_begin(journal) == 0);
        REQUIRE(journal_erase(journal, 1 + randombytes_uniform((uint32_t)subjects)) == 0);
        REQUIRE(journal_commit(journal, subjects) == 0);
    }
    double erase_ms = (cpu_us() - before) / ERASURES / 1e3;
    (void)printf("%llu subjects: a sealed read %.2f us, an erasure %.2f ms of CPU\n",
                 (unsigned long long)subjects, read_us, erase_ms);
    journal_close(journal);
    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) == 0 && read_us <= READ_US_MAX ? 0 : 1;
}
