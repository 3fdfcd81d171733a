/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bundle: an exported trail in one text file: the records of an incident or of a range, how each
 * hangs in the chain and in the tree, one signed checkpoint, and the signed list of what belongs to
 * it. Anybody verifies it offline, without database or server; every byte of it is covered by a hash
 * or a signature, so that any change, loss, insertion or reordering is found.
 * format: docs/trail-format.md. */
#ifndef DISPATCHER_JOURNAL_BUNDLE_H
#define DISPATCHER_JOURNAL_BUNDLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "proto/message.h"
#include "proto/suite.h"

enum {
    BUNDLE_RECORDS_MAX = 10000000,
    BUNDLE_RUNS_MAX = 1000000, /* of records that follow each other */
    BUNDLE_REASON_BYTES = 96,
    BUNDLE_WITNESSES_MAX = 4,
    BUNDLE_ORIGINS_MAX = 4,
    BUNDLE_ORIGIN_BYTES = 128
};

struct bundle_wish {
    uint64_t incident; /* 0: the range */
    uint64_t first;
    uint64_t last; /* 0: as far as the newest checkpoint */
    bool
        witnessed; /* wait (-EAGAIN) for a checkpoint that a witness signed, in a city with witnesses */
};

/* Brings the dispatcher's answer to a question (over the bus, or straight from journal_query()).
 * Returns 0 or a negative errno. */
typedef int bundle_ask(void *owner, const struct query *query, struct answer *answer);

/* Fetches all that is needed and writes the file, which must not exist. Returns 0; -EAGAIN when the
 * newest records are not signed yet (try again after a second); -ENOENT when there is nothing;
 * -EEXIST; what ask() returned; or another errno. Nothing is left behind then. */
int bundle_write(const char *path, const struct bundle_wish *wish, bundle_ask *ask, void *owner);

struct bundle_report {
    bool ok;
    uint64_t record; /* seq of the first wrong record; 0 with !ok: the statements in front */
    uint64_t line;   /* of the file, where it was found */
    char reason[BUNDLE_REASON_BYTES];
    uint64_t incident;
    uint64_t first; /* seq of the first and last record */
    uint64_t last;
    uint64_t records;    /* verified */
    uint64_t gaps;       /* between them: seqs that belong to other trails */
    uint64_t recordings; /* whose digests the records hold */
    uint64_t
        acknowledgements;  /* that hold under the keys they name: whose those are the trail says */
    uint64_t touches;      /* of these, made by an authenticator */
    uint32_t origin_count; /* the pages where they were made: compare them with the city's */
    char origins[BUNDLE_ORIGINS_MAX][BUNDLE_ORIGIN_BYTES];
    const struct suite *suite; /* by which all of it is made; NULL: it was not read so far */
    uint64_t size;             /* the journal's, at the checkpoint */
    uint64_t epoch;
    uint64_t at_ms;       /* the checkpoint's */
    uint64_t successions; /* of the key, up to the one that signed */
    uint8_t
        public_key[32]; /* with which the line began: compare it with the city's published key */
    uint32_t witness_count; /* who signed the checkpoint, too: compare with the witnesses' keys */
    struct cosignature witnesses[BUNDLE_WITNESSES_MAX];
};

/* Verifies a file. trusted: the key that must have signed; NULL: any key, and the reader judges
 * report->public_key. Returns 0 and the report, or a negative errno when the file cannot be read. */
int bundle_verify(const char *path, const uint8_t trusted[32], struct bundle_report *report);

/* The same, and gives each record's event away, as soon as it hashes to its link: judge by the report
 * what they are worth. */
typedef void bundle_event(void *owner, const struct event *event);
int bundle_read(const char *path, const uint8_t trusted[32], struct bundle_report *report,
                bundle_event *each, void *owner);

int bundle_verify_stream(FILE *file, const uint8_t trusted[32], struct bundle_report *report);

#endif
