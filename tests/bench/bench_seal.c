/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What signatures cost, in CPU: a thousand events and then their checkpoint, in alternation; of that the
 * dispatcher's side (its loop, and the thread beside it that looks at the signature), and the sealer's; and a proof.
 *     bench_seal [FOLDER [ROUNDS]] */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/hex.h"
#include "base/log.h"
#include "base/require.h"
#include "dispatcher/journal/checkpoint.h"
#include "dispatcher/journal/journal.h"
#include "dispatcher/sealer/sealer.h"
#include "dispatcher/store/mate.h"
#include "proto/codec.h"
#include "tests/bench/cpu.h"
#include "tests/unit/folder.h"
#include "tests/unit/town_turn.h"
#include "tests/unit/which_suite.h"

enum {
    BATCH = 50, /* events of a commit: a busy dispatcher's */
    ROUND_EVENTS = JOURNAL_CHECKPOINT_EVENTS,
    ROUNDS = 200,
    PROOFS = 2000,
    PATH_BYTES = FOLDER_BYTES + 32
};

static char folder[FOLDER_BYTES];
static struct journal *journal;
static struct sealer *sealer;
static struct codec *codec;
static struct town town;
static struct sealer_call call, heard;
static struct sealer_word word, answer;
static uint8_t bytes[FRAME_MAX_BYTES];
static struct mate *mate;
static bool holds;
static uint64_t looked_ns;

static void live(void)
{
    for (int i = 0; i < ROUND_EVENTS; i += BATCH)
        REQUIRE(town_turn(&town, journal, BATCH) == 0);
}

/* In the mate's thread, as dispatcher/io/sealing.c has it. */
static uint64_t look(void *owner, uint64_t done, uint64_t given)
{
    (void)owner;
    (void)done;
    uint64_t begun_ns = thread_cpu_ns();
    holds = checkpoint_holds(&word.checkpoint);
    looked_ns += thread_cpu_ns() - begun_ns;
    return given;
}

/* What was signed a round ago, and looked at beside the thousand events since. */
static void keep(void)
{
    mate_wait(mate, 0);
    if (word.seq == 0)
        return;
    REQUIRE(journal_begin(journal) == 0); /* it is kept with a turn that is open anyway */
    REQUIRE(journal_seal(journal, &word.checkpoint, holds) == 0);
    REQUIRE(journal_commit(journal, town.at_ms) == 0);
}

/* As dispatcher/io/sealing.c does, over memory instead of a socket. Returns the sealer's share. */
static uint64_t seal(void)
{
    keep();
    memset(&call, 0, sizeof call);
    journal_state(journal, town.at_ms > word.at_ms ? town.at_ms : word.at_ms, &call.checkpoint);
    call.has_checkpoint = true;
    call.has_proof =
        word.seq > 0 && journal_prove(journal, word.seq, call.checkpoint.seq, &call.proof) == 0;
    int size = codec_pack(codec, SCHEMA_SEALER_CALL, &call, bytes, sizeof bytes);
    REQUIRE(codec_unpack(codec, SCHEMA_SEALER_CALL, bytes, (size_t)size, &heard) == 0);
    uint64_t begun_ns = thread_cpu_ns();
    REQUIRE(sealer_answer(sealer, &heard, 1, &answer) == 0 && answer.has_checkpoint);
    uint64_t took_ns = thread_cpu_ns() - begun_ns;
    size = codec_pack(codec, SCHEMA_SEALER_WORD, &answer, bytes, sizeof bytes);
    REQUIRE(codec_unpack(codec, SCHEMA_SEALER_WORD, bytes, (size_t)size, &word) == 0);
    REQUIRE(mate_is_there(mate));
    mate_give(mate, 1);
    return took_ns;
}

static void rounds(int count)
{
    uint64_t plain_ns = 0, sealed_ns = 0, sealer_ns = 0;
    for (int i = 0; i < count; i++) {
        uint64_t begun_ns = thread_cpu_ns();
        live();
        plain_ns += thread_cpu_ns() - begun_ns;
        begun_ns = thread_cpu_ns();
        uint64_t theirs_ns = seal();
        sealed_ns += thread_cpu_ns() - begun_ns - theirs_ns;
        sealer_ns += theirs_ns;
    }
    mate_wait(mate, 0);
    (void)printf(
        "%s: events: %.2f us of the loop's CPU each; a checkpoint: %.0f us there, %.0f us beside it, "
        "%.0f us at the sealer: %.2f %% of the loop at one in %d events\n",
        which_suite()->name, (double)plain_ns / 1e3 / count / ROUND_EVENTS,
        (double)sealed_ns / 1e3 / count, (double)looked_ns / 1e3 / count,
        (double)sealer_ns / 1e3 / count, 100.0 * (double)sealed_ns / (double)plain_ns,
        ROUND_EVENTS);
}

static void proofs(void)
{
    static struct answer proof;
    struct query query = { .kind = QUERY_PROOF };
    uint64_t size = journal_checkpoint(journal)->seq, begun_ns = process_cpu_ns();
    for (uint64_t i = 0; i < PROOFS; i++) {
        query.proof.size = size;
        query.proof.seqs_count = 1;
        query.proof.seqs[0] = 1 + i * 7919 % size;
        journal_query(journal, &query, 0, &proof);
        REQUIRE(proof.kind == ANSWER_PROOFS);
    }
    (void)printf("a proof: %.1f us CPU in a journal of %" PRIu64 "\n",
                 (double)(process_cpu_ns() - begun_ns) / 1e3 / PROOFS, size);
}

int main(int count, char **words)
{
    static char path[PATH_BYTES], keys[PATH_BYTES], first[PATH_BYTES];
    struct journal_settings settings = { .folder = path, .map_gib = 8, .sealed_elsewhere = true };
    struct sealer_settings sealing = { .folder = keys, .first_secret = first, .period_ms = 1000 };
    uint8_t seed[32] = { 1 };
    char digits[129];
    REQUIRE(sodium_init() >= 0);
    log_open("bench", LOG_ERROR);
    if (count > 1)
        (void)setenv("TMPDIR", words[1], 1);
    folder_make(folder);
    (void)snprintf(path, sizeof path, "%s/journal", folder);
    (void)snprintf(keys, sizeof keys, "%s/sealer", folder);
    (void)snprintf(first, sizeof first, "%s/sign.secret", folder);
    which_keys(&settings, seed);
    sealing.suite = settings.suite;
    hex_write(settings.sign_secret, sizeof settings.sign_secret, digits);
    FILE *file = fopen(first, "we");
    REQUIRE(file && fputs(digits, file) >= 0 && fclose(file) == 0);
    codec = codec_open();
    REQUIRE(codec && journal_open(&journal, &settings) == 0);
    REQUIRE(sealer_open(&sealer, &sealing, 1) == 0 && mate_open(&mate, look, NULL) == 0);
    town_init(&town, 1);
    rounds(count > 2 ? (int)strtol(words[2], NULL, 10) : ROUNDS);
    proofs();
    mate_close(mate);
    journal_close(journal);
    sealer_close(sealer);
    codec_close(codec);
    folder_remove(folder);
    return 0;
}
