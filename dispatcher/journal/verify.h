/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * verify: a whole journal, record by record: chain, tree and every checkpoint. Names the first wrong
 * record. Fed with rows from anywhere, or with a journal's folder (which may be in use). */
#ifndef DISPATCHER_JOURNAL_VERIFY_H
#define DISPATCHER_JOURNAL_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "dispatcher/journal/chain.h"
#include "dispatcher/journal/succession.h"
#include "dispatcher/journal/tree.h"
#include "proto/message.h"

enum {
    VERIFY_REASON_BYTES = 96
};

struct verify_report {
    bool ok;
    uint64_t record; /* the first wrong one; with a wrong checkpoint, the last it covers */
    char reason[VERIFY_REASON_BYTES];
    const struct suite *suite; /* NULL: no record told */
    uint64_t records;
    uint64_t checkpoints;
    uint64_t successions;   /* of the key */
    uint64_t covered;       /* the last record under a signature */
    uint64_t fixed;         /* the last one that the present key cannot change any more */
    uint8_t public_key[32]; /* the first of the line */
};

struct verify {
    struct verify_report report;
    struct chain chain;
    struct tree tree;
    struct lineage lineage;
    bool has_key;
};

/* trusted: the key that must have signed, or with which the line of keys begins; NULL: the first
 * checkpoint's. */
void verify_init(struct verify *verify, const uint8_t trusted[32]);

/* Rows in order from 1; checkpoints and successions when the last row they cover was taken. Return false
 * after the first fault. */
bool verify_row(struct verify *verify, const struct stored_event *row);
bool verify_succession(struct verify *verify, const struct succession *succession);
bool verify_checkpoint(struct verify *verify, const struct checkpoint *checkpoint);

/* A journal's folder, as far as its tables go: a crash may have left the last turns in the redo file, until
 * the journal was opened once. Returns 0 and the report, or a negative errno when it cannot be read. */
int journal_verify(const char *folder, const uint8_t trusted[32], struct verify_report *report);

/* The same, and tells every 10,000 records how far it is; `told` may be NULL. */
typedef void verify_told(void *owner, const struct verify_report *so_far);
int journal_verify_telling(const char *folder, const uint8_t trusted[32],
                           struct verify_report *report, verify_told *told, void *owner);

/* The same in a process of its own. LMDB follows what stands on the disk: a page that rotted, or that
 * somebody wrote, can end the process that reads it, or keep it busy for ever. That is a report, too: not
 * ok, and behind which record. A child that says nothing for VERIFY_SILENT_MS is ended. */
enum {
    VERIFY_SILENT_MS = 20 * 1000
};
int journal_verify_apart(const char *folder, const uint8_t trusted[32],
                         struct verify_report *report);

#endif
