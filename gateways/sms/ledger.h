/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ledger: an append-only file of records that outlives the process. Each record carries a BLAKE2b
 * checksum; on opening, the records are handed back in order and a torn end (the process or the
 * machine died while writing) is cut off. The file's owner syncs it, beside its work (syncer.h).
 *
 * Any error of writing is kept and returned by every ledger_unsynced() from then on: it is final for the
 * process (the kernel may have dropped the pages, a second fsync would lie), whose owner says nothing
 * more to anybody and ends. The file is readable
 * by its owner alone: it holds citizens' numbers and words for as long as they are under way. */
#ifndef GATEWAYS_SMS_LEDGER_H
#define GATEWAYS_SMS_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateways/sms/unsynced.h"

enum {
    LEDGER_RECORD_MAX = 4096 /* bytes of one record's content */
};

/* An entry being built or read: numbers little endian, octets behind their length. Reading past the
 * end gives zeros and sets `broken`, which the reader looks at once, at the end. */
struct entry {
    uint8_t kind;
    uint8_t bytes[LEDGER_RECORD_MAX];
    size_t size;
    size_t at;
    bool broken;
};

void entry_begin(struct entry *entry, uint8_t kind);
void entry_put(struct entry *entry, uint64_t number);
void entry_put_octets(struct entry *entry, const void *octets, size_t count);
void entry_put_words(struct entry *entry, const char *words);
uint64_t entry_get(struct entry *entry);
/* Copies at most `size` octets and returns their number; longer ones break the record. */
size_t entry_get_octets(struct entry *entry, void *octets, size_t size);
void entry_get_words(struct entry *entry, char *words, size_t size);

struct ledger;

/* Called for each sound record while opening. */
typedef void ledger_each(void *owner, struct entry *entry);

/* Opens or creates path. Returns 0 and *ledger (ledger_close()), or a negative errno; -EBADMSG when
 * the file is not a ledger, -EBUSY when another process has it open. */
int ledger_open(struct ledger **ledger, const char *path, ledger_each *each, void *owner);
void ledger_close(struct ledger *ledger);

/* Appends; survives the end of this process when ledger_flush() returns, of the machine when the file is synced. */
void ledger_add(struct ledger *ledger, const struct entry *entry);
void ledger_flush(struct ledger *ledger);

/* The same for what does no harm when a power cut takes it: it asks for no sync of its own and becomes
 * durable with the next one that is asked for. */
void ledger_add_lazily(struct ledger *ledger, const struct entry *entry);

/* Flushes. *file: to be synced by unsynced_sync() now, so that all that was appended lasts; its fd is -1 when nothing
 * asks for it. Not called again before that is over. A failure of it is as final as one of writing. Returns 0 or the
 * first error. */
int ledger_unsynced(struct ledger *ledger, struct unsynced *file);

/* Size of the file in bytes: when to rewrite. */
uint64_t ledger_size(const struct ledger *ledger);

/* Replaces the file by what `emit` appends (with ledger_add on this ledger), written beside it. The next sync gives it
 * its name, so that nothing here waits for the disk; until then the old file stands, and what is appended goes to
 * both. Not called while the file is synced. */
typedef void ledger_emit(void *owner, struct ledger *ledger);
void ledger_rewrite(struct ledger *ledger, ledger_emit *emit, void *owner);

#endif
