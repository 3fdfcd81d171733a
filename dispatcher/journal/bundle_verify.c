/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/require.h"
#include "dispatcher/journal/bundle.h"
#include "dispatcher/journal/chain.h"
#include "dispatcher/journal/checkpoint.h"
#include "dispatcher/journal/succession.h"
#include "dispatcher/journal/tree.h"
#include "proto/acknowledgement.h"
#include "proto/codec.h"

enum {
    LINE_BYTES_MAX = 16384, /* the longest: a record of 4,000 bytes in hex digits */
    TREE_PATH_MAX = 40
};

struct path {
    uint32_t count;
    uint8_t (*hashes)[TREE_HASH_BYTES];
};

/* A run of records that follow each other: from the link before it to the path of its last. */
struct run {
    uint64_t first;
    uint64_t last;
    uint8_t before[LINK_BYTES];
    struct path path;  /* to the checkpoint */
    struct path under; /* to the succession that covers it, where one does */
    uint32_t heir;
};

struct reading {
    FILE *file;
    struct codec *codec;
    struct bundle_report *report;
    bundle_event *each; /* may be NULL */
    void *owner;
    struct checkpoint checkpoint;
    struct manifest manifest;
    struct lineage lineage;
    struct succession *successions; /* in front of the checkpoint */
    uint32_t succession_count;
    uint32_t succession_room;
    struct run *runs;
    uint32_t run_count;
    uint32_t run_room;
    char line[LINE_BYTES_MAX];
    bool ahead;     /* it is read and not taken */
    const char *at; /* what of the line is not read yet */
    uint8_t bytes[LINE_BYTES_MAX / 2];
    struct record record;
};

static int wrong(struct reading *reading, uint64_t record, const char *reason)
{
    struct bundle_report *report = reading->report;
    report->ok = false;
    report->record = record;
    (void)snprintf(report->reason, sizeof report->reason, "%s", reason);
    return -EBADMSG;
}

/* ---- one line, strictly as it is written --------------------------------------------------- */

/* Reads the next line; ahead: it is not taken yet. */
static bool line_read(struct reading *reading)
{
    size_t size = 0;
    int byte;
    reading->report->line++;
    while ((byte = getc(reading->file)) != '\n') {
        if (byte == EOF || byte == 0 || size == sizeof reading->line - 1)
            return false;
        reading->line[size++] = (char)byte;
    }
    reading->line[size] = 0;
    reading->ahead = true;
    return true;
}

/* Takes the next line if it begins with `word`. */
static bool line_take(struct reading *reading, const char *word)
{
    size_t length = strlen(word);
    if ((!reading->ahead && !line_read(reading)) || strncmp(reading->line, word, length) != 0)
        return false;
    reading->ahead = false;
    reading->at = reading->line + length;
    return true;
}

static bool line_ends(const struct reading *reading)
{
    return *reading->at == 0;
}

/* " 123": no sign, no leading zero. */
static bool number_take(struct reading *reading, uint64_t *number)
{
    const char *at = reading->at;
    if (*at++ != ' ' || *at < '0' || *at > '9' || (at[0] == '0' && at[1] >= '0' && at[1] <= '9'))
        return false;
    for (*number = 0; *at >= '0' && *at <= '9'; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (*number > (UINT64_MAX - digit) / 10)
            return false;
        *number = *number * 10 + digit;
    }
    reading->at = at;
    return true;
}

/* " 0aff…": lower case, `size` bytes. */
static bool bytes_take(struct reading *reading, uint8_t *bytes, size_t size)
{
    const char *at = reading->at;
    if (*at++ != ' ')
        return false;
    for (size_t i = 0; i < size; i++) {
        uint32_t byte = 0;
        for (int half = 0; half < 2; half++) {
            char c = *at++;
            if (c >= '0' && c <= '9')
                byte = byte << 4 | (uint32_t)(c - '0');
            else if (c >= 'a' && c <= 'f')
                byte = byte << 4 | (uint32_t)(c - 'a' + 10);
            else
                return false;
        }
        bytes[i] = (uint8_t)byte;
    }
    reading->at = at;
    return true;
}

/* ---- the statements in front --------------------------------------------------------------- */

/* Format 1 has one key for ever, format 2 a line of keys. */
static bool head_take(struct reading *reading, bool *has_line)
{
    if (!line_take(reading, "yihao trail ") ||
        (strcmp(reading->at, "1") != 0 && strcmp(reading->at, "2") != 0))
        return false;
    *has_line = *reading->at == '2';
    return line_take(reading, "key") && bytes_take(reading, reading->report->public_key, 32) &&
           line_ends(reading);
}

static bool succession_take(struct reading *reading, struct succession *succession)
{
    uint64_t algorithm = 0, by_spare = 0;
    bool taken = number_take(reading, &algorithm) && number_take(reading, &succession->number) &&
                 number_take(reading, &by_spare) && number_take(reading, &succession->at_ms) &&
                 number_take(reading, &succession->size) &&
                 bytes_take(reading, succession->root, sizeof succession->root) &&
                 bytes_take(reading, succession->key, sizeof succession->key) &&
                 bytes_take(reading, succession->spare, sizeof succession->spare) &&
                 bytes_take(reading, succession->signature, sizeof succession->signature) &&
                 line_ends(reading) && algorithm <= UINT32_MAX && by_spare <= 1;
    succession->algorithm = (uint32_t)algorithm;
    succession->by_spare = by_spare == 1;
    return taken;
}

static bool succession_keep(struct reading *reading, const struct succession *succession)
{
    if (reading->succession_count == reading->succession_room) {
        uint32_t room = reading->succession_room ? reading->succession_room * 2 : 64;
        struct succession *rows = realloc(reading->successions, room * sizeof *rows);
        if (!rows)
            return false;
        reading->successions = rows;
        reading->succession_room = room;
    }
    REQUIRE(reading->successions != NULL);
    reading->successions[reading->succession_count++] = *succession;
    return true;
}

/* One that this program knows, and the same in all statements. */
static int suite_check(struct reading *reading, uint32_t algorithm)
{
    const struct suite *suite = suite_of(algorithm), *first = reading->lineage.suite;
    if (!suite)
        return wrong(reading, 0, "made with algorithms that this program does not know");
    return first && first != suite ? wrong(reading, 0, "made with two sets of algorithms") : 0;
}

/* Those in front of the checkpoint are kept, for they cover records. */
static int successions_read(struct reading *reading, bool keep)
{
    while (line_take(reading, "succession")) {
        struct succession succession = { .number = 0 };
        if (!succession_take(reading, &succession))
            return wrong(reading, 0, "a succession's line is not as it is written");
        if (suite_check(reading, succession.algorithm) < 0)
            return -EBADMSG;
        if (!lineage_follow(&reading->lineage, &succession))
            return wrong(reading, 0, "a succession of the key does not follow");
        if (keep && !succession_keep(reading, &succession))
            return -ENOMEM;
    }
    reading->report->successions = reading->lineage.number;
    return 0;
}

static bool checkpoint_take(struct reading *reading)
{
    struct checkpoint *checkpoint = &reading->checkpoint;
    uint64_t algorithm;
    memcpy(checkpoint->key, reading->lineage.key, sizeof checkpoint->key);
    if (!line_take(reading, "checkpoint") || !number_take(reading, &algorithm) ||
        !number_take(reading, &checkpoint->epoch) || !number_take(reading, &checkpoint->seq) ||
        !number_take(reading, &checkpoint->at_ms) ||
        !bytes_take(reading, checkpoint->link, sizeof checkpoint->link) ||
        !bytes_take(reading, checkpoint->root, sizeof checkpoint->root) ||
        !bytes_take(reading, checkpoint->signature, sizeof checkpoint->signature) ||
        !line_ends(reading) || algorithm > UINT32_MAX)
        return false;
    checkpoint->algorithm = (uint32_t)algorithm;
    return true;
}

static int witnesses_read(struct reading *reading)
{
    struct bundle_report *report = reading->report;
    while (line_take(reading, "witness")) {
        struct cosignature *witness = &report->witnesses[report->witness_count];
        if (report->witness_count == BUNDLE_WITNESSES_MAX ||
            !bytes_take(reading, witness->key, sizeof witness->key) ||
            !number_take(reading, &witness->at_ms) ||
            !bytes_take(reading, witness->signature, sizeof witness->signature) ||
            !line_ends(reading))
            return wrong(reading, 0, "a witness's line is not as it is written");
        if (!cosignature_holds(witness, &reading->checkpoint))
            return wrong(reading, 0, "a witness's signature is wrong");
        for (uint32_t i = 0; i < report->witness_count; i++)
            if (memcmp(report->witnesses[i].key, witness->key, sizeof witness->key) == 0)
                return wrong(reading, 0, "a witness stands there twice");
        report->witness_count++;
    }
    return 0;
}

static bool manifest_take(struct reading *reading)
{
    struct manifest *manifest = &reading->manifest;
    manifest->size = reading->checkpoint.seq;
    return line_take(reading, "manifest") && number_take(reading, &manifest->incident) &&
           number_take(reading, &manifest->first) && number_take(reading, &manifest->last) &&
           number_take(reading, &manifest->count) &&
           bytes_take(reading, manifest->signature, sizeof manifest->signature) &&
           line_ends(reading) && manifest->count > 0 && manifest->count <= BUNDLE_RECORDS_MAX;
}

static bool run_take(struct reading *reading, struct run *run)
{
    return line_take(reading, "run") && number_take(reading, &run->first) &&
           number_take(reading, &run->last) && line_ends(reading);
}

static struct run *run_place(struct reading *reading)
{
    if (reading->run_count == reading->run_room) {
        uint32_t room = reading->run_room ? reading->run_room * 2 : 64;
        struct run *runs = realloc(reading->runs, room * sizeof *runs);
        if (!runs)
            return NULL;
        reading->runs = runs;
        reading->run_room = room;
    }
    struct run *run = &reading->runs[reading->run_count++];
    *run = (struct run){ .first = 0 };
    return run;
}

/* A run does not reach over the end of a key's time. */
static uint32_t over(const struct reading *reading, uint64_t seq)
{
    return succession_over(reading->successions, reading->succession_count, seq);
}

static int runs_take(struct reading *reading, struct seq_list *list)
{
    const struct manifest *manifest = &reading->manifest;
    for (uint64_t left = manifest->count, last = 0; left > 0;) {
        struct run *run = reading->run_count < BUNDLE_RUNS_MAX ? run_place(reading) : NULL;
        if (!run)
            return -ENOMEM;
        if (!run_take(reading, run) || run->first <= last || run->last < run->first ||
            run->last - run->first >= left || run->last > manifest->size ||
            (last > 0 && run->first == last + 1 &&
             over(reading, run->first) == over(reading, last)) ||
            over(reading, run->first) != over(reading, run->last))
            return wrong(reading, 0, "the list of records is not in order");
        for (uint64_t seq = run->first; seq <= run->last; seq++)
            seq_list_add(list, seq);
        left -= run->last - run->first + 1;
        last = run->last;
        run->heir = over(reading, last);
    }
    return 0;
}

/* The runs, and over all their numbers the manifest's signature. */
static int runs_read(struct reading *reading)
{
    struct manifest *manifest = &reading->manifest;
    struct seq_list list;
    seq_list_init(&list, reading->lineage.suite);
    int status = runs_take(reading, &list);
    seq_list_done(&list, manifest->digest);
    if (status < 0)
        return status;
    if (!manifest_holds(reading->lineage.suite, manifest, reading->lineage.key))
        return wrong(reading, 0, "the signature under the list of records is wrong");
    return 0;
}

static int keys_read(struct reading *reading, const uint8_t trusted[32], bool *has_line)
{
    struct bundle_report *report = reading->report;
    if (!head_take(reading, has_line))
        return wrong(reading, 0, "the file does not begin as a trail does");
    if (trusted && memcmp(trusted, report->public_key, sizeof report->public_key) != 0)
        return wrong(reading, 0, "signed by another key than the trusted one");
    lineage_init(&reading->lineage, report->public_key);
    return *has_line ? successions_read(reading, true) : 0;
}

static int checkpoint_read(struct reading *reading)
{
    struct bundle_report *report = reading->report;
    const struct checkpoint *checkpoint = &reading->checkpoint;
    if (!checkpoint_take(reading))
        return wrong(reading, 0, "the checkpoint is not as it is written");
    if (suite_check(reading, checkpoint->algorithm) < 0)
        return -EBADMSG;
    if (!lineage_take(&reading->lineage, checkpoint))
        return wrong(reading, 0, "the checkpoint's signature is wrong, or not of its key's time");
    report->suite = reading->lineage.suite;
    report->size = checkpoint->seq;
    report->epoch = checkpoint->epoch;
    report->at_ms = checkpoint->at_ms;
    return witnesses_read(reading);
}

static int front_read(struct reading *reading, const uint8_t trusted[32])
{
    struct bundle_report *report = reading->report;
    bool has_line = false;
    int status = keys_read(reading, trusted, &has_line);
    if (status == 0)
        status = checkpoint_read(reading);
    if (status == 0 && has_line)
        status = successions_read(reading, false);
    if (status < 0)
        return status;
    if (has_line && reading->lineage.number == 0)
        return wrong(reading, 0, "the file does not begin as a trail does");
    if (!manifest_take(reading))
        return wrong(reading, 0, "the manifest is not as it is written");
    report->incident = reading->manifest.incident;
    status = runs_read(reading);
    if (status < 0)
        return status;
    report->first = reading->runs[0].first;
    report->last = reading->runs[reading->run_count - 1].last;
    for (uint32_t i = 1; i < reading->run_count; i++)
        report->gaps += reading->runs[i].first != reading->runs[i - 1].last + 1;
    return 0;
}

/* ---- the runs' ends ------------------------------------------------------------------------ */

static int path_read(struct reading *reading, const struct run *run, const char *word,
                     struct path *path)
{
    if (!line_take(reading, word))
        return wrong(reading, run->last, "its path is missing");
    size_t digits = strlen(reading->at);
    if (strcmp(reading->at, " -") == 0)
        return 0;
    if (digits < 1 + 2 * TREE_HASH_BYTES || (digits - 1) % (2 * TREE_HASH_BYTES) != 0 ||
        (digits - 1) / (2 * TREE_HASH_BYTES) > TREE_PATH_MAX)
        return wrong(reading, run->last, "its path is not as it is written");
    path->count = (uint32_t)((digits - 1) / (2 * TREE_HASH_BYTES));
    path->hashes = malloc(path->count * sizeof *path->hashes);
    if (!path->hashes)
        return -ENOMEM;
    if (!bytes_take(reading, (uint8_t *)path->hashes, path->count * sizeof *path->hashes))
        return wrong(reading, run->last, "its path is not as it is written");
    return 0;
}

static int end_read(struct reading *reading, struct run *run)
{
    if (!line_take(reading, "before") || !bytes_take(reading, run->before, LINK_BYTES) ||
        !line_ends(reading))
        return wrong(reading, run->first, "the link before it is missing");
    int status = path_read(reading, run, "path", &run->path);
    return status == 0 && run->heir < reading->succession_count
               ? path_read(reading, run, "under", &run->under)
               : status;
}

/* ---- records ------------------------------------------------------------------------------- */

/* On which pages its authenticator was touched: the reader judges whether they are the city's. */
static bool origin_keep(struct bundle_report *report, const struct acknowledgement *acknowledgement)
{
    struct client_words client;
    if (!acknowledgement->has_touch)
        return true;
    if (!client_read(acknowledgement->touch.client, acknowledgement->touch.client_size, &client) ||
        client.origin_size >= sizeof report->origins[0])
        return false;
    report->touches++;
    for (uint32_t i = 0; i < report->origin_count; i++)
        if (strlen(report->origins[i]) == client.origin_size &&
            memcmp(report->origins[i], client.origin, client.origin_size) == 0)
            return true;
    if (report->origin_count == BUNDLE_ORIGINS_MAX)
        return false;
    memcpy(report->origins[report->origin_count], client.origin, client.origin_size);
    report->origins[report->origin_count++][client.origin_size] = '\0';
    return true;
}

/* What a person signed stands in the event once more (docs/trail-format.md). */
static bool acknowledgement_stands(struct reading *reading)
{
    struct acknowledged acknowledged;
    const struct acknowledgement *acknowledgement =
        acknowledgement_of_event(&reading->record.event, &acknowledged);
    if (!acknowledgement)
        return true;
    memcpy(acknowledged.city, reading->report->public_key, sizeof acknowledged.city);
    reading->report->acknowledgements++;
    return acknowledgement->incident == reading->record.event.incident &&
           acknowledgement_holds(acknowledgement, &acknowledged, NULL) &&
           origin_keep(reading->report, acknowledgement);
}

static int record_read(struct reading *reading, struct chain *chain, uint64_t seq)
{
    uint64_t stated;
    uint8_t link[LINK_BYTES], computed[LINK_BYTES];
    if (!line_take(reading, "record") || !number_take(reading, &stated) || stated != seq)
        return wrong(reading, seq, "the record is missing or out of place");
    if (!bytes_take(reading, link, sizeof link))
        return wrong(reading, seq, "the record's line is not as it is written");
    size_t digits = strlen(reading->at);
    if (digits < 3 || digits % 2 == 0 || !bytes_take(reading, reading->bytes, digits / 2))
        return wrong(reading, seq, "the record's line is not as it is written");
    if (chain_add(chain, reading->bytes, digits / 2, computed) < 0)
        return wrong(reading, seq, "the record is of another place or time");
    if (memcmp(link, computed, sizeof link) != 0)
        return wrong(reading, seq, "the record does not hash to its link");
    if (codec_unpack(reading->codec, SCHEMA_RECORD, reading->bytes, digits / 2, &reading->record) <
        0)
        return wrong(reading, seq, "the record is of a kind this program does not know");
    if (!acknowledgement_stands(reading))
        return wrong(reading, seq, "its acknowledgement is not what a person's key signed");
    reading->report->records++;
    if (reading->record.event.kind == EVENT_RECORDING_STORED)
        reading->report->recordings++;
    if (reading->each)
        reading->each(reading->owner, &reading->record.event);
    return 0;
}

static bool leads(const struct suite *suite, const struct path *path, uint64_t seq,
                  const uint8_t link[LINK_BYTES], uint64_t size,
                  const uint8_t root[TREE_HASH_BYTES])
{
    return tree_proves(suite, seq - 1, size, link, (const uint8_t(*)[TREE_HASH_BYTES])path->hashes,
                       path->count, root);
}

static int run_read(struct reading *reading, const struct run *run)
{
    struct chain chain = { .suite = reading->lineage.suite, .seq = run->first - 1 };
    memcpy(chain.link, run->before, LINK_BYTES);
    for (uint64_t seq = run->first; seq <= run->last; seq++) {
        int status = record_read(reading, &chain, seq);
        if (status < 0)
            return status;
    }
    const struct succession *heir =
        run->heir < reading->succession_count ? &reading->successions[run->heir] : NULL;
    if (!leads(chain.suite, &run->path, run->last, chain.link, reading->checkpoint.seq,
               reading->checkpoint.root))
        return wrong(reading, run->last, "the record is not in the signed journal");
    if (heir && !leads(chain.suite, &run->under, run->last, chain.link, heir->size, heir->root))
        return wrong(reading, run->last, "the record is not the one that a former key signed");
    return 0;
}

static int file_read(struct reading *reading, const uint8_t trusted[32])
{
    int status = front_read(reading, trusted);
    for (uint32_t i = 0; status == 0 && i < reading->run_count; i++)
        status = end_read(reading, &reading->runs[i]);
    for (uint32_t i = 0; status == 0 && i < reading->run_count; i++)
        status = run_read(reading, &reading->runs[i]);
    if (status == 0 &&
        (!line_take(reading, "end") || !line_ends(reading) || getc(reading->file) != EOF))
        status = wrong(reading, reading->report->last, "something stands where the end should");
    return status;
}

static int stream_read(FILE *file, const uint8_t trusted[32], struct bundle_report *report,
                       bundle_event *each, void *owner)
{
    struct reading *reading = calloc(1, sizeof *reading);
    struct codec *codec = codec_open();
    int status = reading && codec ? 0 : -ENOMEM;
    memset(report, 0, sizeof *report);
    if (status == 0) {
        reading->file = file;
        reading->codec = codec;
        reading->report = report;
        reading->each = each;
        reading->owner = owner;
        report->ok = true;
        status = file_read(reading, trusted);
        for (uint32_t i = 0; i < reading->run_count; i++) {
            free(reading->runs[i].path.hashes);
            free(reading->runs[i].under.hashes);
        }
        free(reading->runs);
        free(reading->successions);
    }
    codec_close(codec);
    free(reading);
    if (ferror(file))
        return -EIO;
    return status == -EBADMSG ? 0 : status;
}

int bundle_verify_stream(FILE *file, const uint8_t trusted[32], struct bundle_report *report)
{
    return stream_read(file, trusted, report, NULL, NULL);
}

int bundle_read(const char *path, const uint8_t trusted[32], struct bundle_report *report,
                bundle_event *each, void *owner)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return -errno;
    int status = stream_read(file, trusted, report, each, owner);
    (void)fclose(file);
    return status;
}

int bundle_verify(const char *path, const uint8_t trusted[32], struct bundle_report *report)
{
    return bundle_read(path, trusted, report, NULL, NULL);
}
