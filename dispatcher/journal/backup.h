/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * backup: a home in one sealed file (archive.h), made while its dispatcher runs, and a home made of it
 * again. In it: settings.conf, city/, keys/, prompts/ and the journal's tables as they are at one moment.
 * Not in it: what is made anew (snapshot, replicas, logs), what lies with the gateways (spools), and recordings
 * and attachments, which have archives of their own (backup_files.h). */
#ifndef DISPATCHER_JOURNAL_BACKUP_H
#define DISPATCHER_JOURNAL_BACKUP_H

#include <stddef.h>
#include <stdint.h>

#include "dispatcher/journal/archive.h"
#include "dispatcher/journal/pace.h"

struct backup_report {
    uint64_t files;
    uint64_t bytes; /* of the files */
    uint64_t ms;
};

/* Writes FILE, under a temporary name until it is whole and on the disk. `city`: the folder of the tables.
 * `pace` sets its speed, is told of each byte of a file, and learns how many they are at most. Pages that the
 * dispatcher frees meanwhile are not used again until it is done: a slow backup of a busy city makes data.mdb grow.
 * Returns 0, -EEXIST when FILE exists, or a negative errno. Forks. */
int backup_write(const char *home, const char *city, const char *file,
                 const uint8_t public_key[ARCHIVE_KEY_BYTES], struct pace *pace,
                 struct backup_report *report);

/* Makes the folder `home` of FILE; it must not exist and appears only whole. Settings come as they were:
 * ports and a city's folder outside the home are to be looked at before its programs start. Returns
 * 0, -EEXIST, archive_read()'s errors, or another negative errno. */
int backup_restore(const char *file, const uint8_t secret[ARCHIVE_KEY_BYTES], const char *home,
                   struct backup_report *report);

/* Destroys these subjects' keys in a home that was restored: what was erased after the backup was made. The trail of the
 * time stays as it is. Returns 0 or a negative errno. The dispatcher must not run. */
int backup_erase(const char *home, const uint64_t *subjects, size_t count);

/* Brings the journal of a home back to what it was at until_ms: a new journal takes its events up to then
 * (the same bytes and links, checkpoints signed anew, views made of them), and replaces it. What is
 * no event and has passed (orders to gateways, answers to repeats) is not brought back; what was
 * erased since then stays erased. *seq receives the last event. Returns 0 or a negative errno; then
 * the journal is as before. The dispatcher must not run. */
int backup_rewind(const char *home, uint64_t until_ms, uint64_t *seq);

#endif
