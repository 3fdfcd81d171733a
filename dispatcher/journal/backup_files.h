/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * backup_files: recordings and attachments in backups. Both are sealed files that never change once the trail
 * holds their digest, so each goes into one archive (archive.h) of a folder of them, and never again:
 *
 *   FOLDER/until                  text: how far the trail was looked through, and whose files were not there
 *   FOLDER/files-YYYYMMDDTHHMMSSZ-N.backup   PROGRAM/SEQ: the sealed file of the record of this number
 *
 * Every file is held against its record's digest, when it goes and when it comes back. Their keys are not here:
 * they are in the journal's vault, and where one was destroyed its file opens nowhere. */
#ifndef DISPATCHER_JOURNAL_BACKUP_FILES_H
#define DISPATCHER_JOURNAL_BACKUP_FILES_H

#include <stdint.h>

#include "dispatcher/journal/archive.h"
#include "dispatcher/journal/pace.h"

struct backup_files_report {
    uint64_t files;
    uint64_t bytes;
    uint64_t
        missing; /* written: records whose file is not on this machine, or not yet; looked for again each time */
    uint64_t
        wrong; /* the bytes are not what the trail says; as missing ones they are looked for again */
    uint64_t strange; /* restored: of records that the restored journal does not hold; left out */
    uint64_t ms;
};

/* Adds to FOLDER, which must exist, what it does not hold. programs: the folders of the home to look in, NULL
 * behind the last. The dispatcher may run; `pace` sets the speed and goes on from where it is. Returns 0 or a negative errno; then FOLDER is as before. */
int backup_files_write(const char *home, const char *const *programs, const char *folder,
                       const uint8_t public_key[ARCHIVE_KEY_BYTES], struct pace *pace,
                       struct backup_files_report *report);

/* Puts what FOLDER holds where the restored journal of `home` says. The dispatcher must not run. Returns 0, also
 * with wrong ones, which are not put there; archive_read()'s errors, or another negative errno. */
int backup_files_restore(const char *folder, const uint8_t secret[ARCHIVE_KEY_BYTES],
                         const char *home, struct backup_files_report *report);

#endif
