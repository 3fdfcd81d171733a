/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/journal/backup_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/folder.h"
#include "dispatcher/store/events.h"
#include "dispatcher/store/store.h"
#include "dispatcher/store/tables.h"
#include "proto/codec.h"
#include "proto/suite.h"

enum {
    DIGEST_BYTES = 32,
    FILE_BYTES = 129, /* a file's name in the trail */
    BATCH = 10000,    /* records of one look at the journal */
    READ_BYTES = ARCHIVE_PART_BYTES,
    MISSING_MAX = 1 << 20, /* more than these are a machine that is not here at all */
    ATTEMPTS_MAX = 1000
};

static const char until_name[] = "until";
static const char until_head[] = "yihao files 1\n";

/* What a record says of its sealed file. */
struct sealed_file {
    uint64_t seq;
    const char *kind; /* the folder below the program's; NULL: the record has no file */
    char program[64]; /* empty: any */
    char file[FILE_BYTES];
    uint8_t digest[DIGEST_BYTES];
    const struct suite *suite; /* by which; NULL: this program does not know it */
};

/* ---- the trail ----------------------------------------------------------------------------------- */

struct trail {
    struct store *store;
    struct codec *codec;
    struct stored_event row;
    struct record record;
};

static int trail_open(struct trail **trail, const char *home)
{
    static const char *const names[TABLE_COUNT] = TABLE_NAMES;
    char folder[PATH_MAX];
    struct store_settings settings = {
        .folder = folder, .tables = names, .table_count = TABLE_COUNT, .read_only = true
    };
    if (sodium_init() < 0 || snprintf(folder, sizeof folder, "%s/journal", home) >= PATH_MAX)
        return -ENAMETOOLONG;
    struct trail *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->codec = codec_open();
    int status = fresh->codec ? store_open(&fresh->store, &settings) : -ENOMEM;
    *trail = fresh;
    return status;
}

static void trail_close(struct trail *trail)
{
    if (!trail)
        return;
    store_close(trail->store);
    codec_close(trail->codec);
    sodium_memzero(&trail->record, sizeof trail->record);
    free(trail);
}

/* A name of the trail leads nowhere but below its folder: at most one day's folder deep. */
static bool is_below(const char *name)
{
    const char *slash = strchr(name, '/');
    return name[0] && name[0] != '.' && name[0] != '/' && !strstr(name, "..") &&
           (!slash || (slash[1] && slash[1] != '.' && !strchr(slash + 1, '/')));
}

/* The row in trail->row. */
static int row_read(struct trail *trail, struct sealed_file *file)
{
    *file = (struct sealed_file){ .seq = trail->row.seq };
    if (codec_unpack(trail->codec, SCHEMA_RECORD, trail->row.record, trail->row.record_size,
                     &trail->record) < 0)
        return -EBADMSG;
    const struct event *event = &trail->record.event;
    const struct recording_stored *recording = &event->recording_stored;
    const struct attachment_stored *attachment = &event->attachment_stored;
    if (event->kind == EVENT_RECORDING_STORED && is_below(recording->file)) {
        file->kind = "recordings";
        (void)snprintf(file->file, sizeof file->file, "%s", recording->file);
        memcpy(file->digest, recording->digest, DIGEST_BYTES);
        file->suite = suite_of_digest(recording->algorithm);
    } else if (event->kind == EVENT_ATTACHMENT_STORED && is_below(attachment->file)) {
        file->kind = "attachments";
        (void)snprintf(file->program, sizeof file->program, "%s", attachment->server);
        (void)snprintf(file->file, sizeof file->file, "%s", attachment->file);
        memcpy(file->digest, attachment->digest, DIGEST_BYTES);
        file->suite = suite_of_digest(attachment->algorithm);
    }
    return 0;
}

static int trail_get(struct trail *trail, uint64_t seq, struct sealed_file *file)
{
    struct transaction *read;
    int status = store_begin_read(trail->store, &read);
    if (status < 0)
        return status;
    status = events_get(read, seq, &trail->row);
    transaction_end(read);
    return status < 0 ? status : row_read(trail, file);
}

/* ---- writing ------------------------------------------------------------------------------------- */

struct writing {
    const char *home;
    const char *const *programs;
    const char *folder;
    const uint8_t *public_key;
    struct backup_files_report *report;
    struct pace *pace;
    struct trail *trail;
    FILE *to; /* of the archive, opened with its first file */
    struct archive *archive;
    char partial[PATH_MAX];
    uint64_t until;    /* the record looked at last */
    uint64_t *missing; /* records to look for again next time */
    size_t missing_count, missing_room;
    uint8_t bytes[READ_BYTES];
};

static int missing_add(struct writing *writing, uint64_t seq)
{
    if (writing->missing_count == MISSING_MAX)
        return -EOVERFLOW;
    if (writing->missing_count == writing->missing_room) {
        size_t room = writing->missing_room ? 2 * writing->missing_room : 1024;
        uint64_t *more = realloc(writing->missing, room * sizeof *more);
        if (!more)
            return -ENOMEM;
        writing->missing = more;
        writing->missing_room = room;
    }
    writing->missing[writing->missing_count++] = seq;
    return 0;
}

/* Returns 0, 1 where the digest is another (or by a suite of after this version: a later one looks again), or a
 * negative errno; the file then stands at its beginning. */
static int held_against(struct writing *writing, int fd, const struct sealed_file *file)
{
    struct digesting digesting;
    uint8_t computed[DIGEST_BYTES];
    ssize_t got;
    if (!file->suite)
        return 1;
    suite_begin(file->suite, &digesting);
    while ((got = read(fd, writing->bytes, sizeof writing->bytes)) > 0) {
        suite_add(&digesting, writing->bytes, (size_t)got);
        pace_go(writing->pace, (uint64_t)got);
    }
    suite_end(&digesting, computed);
    if (got < 0 || lseek(fd, 0, SEEK_SET) < 0)
        return -errno;
    return memcmp(computed, file->digest, sizeof computed) != 0;
}

static int archive_begin(struct writing *writing)
{
    int length = snprintf(writing->partial, sizeof writing->partial, "%s/partial", writing->folder);
    if (writing->to || length < 0 || (size_t)length >= sizeof writing->partial)
        return writing->to ? 0 : -ENAMETOOLONG;
    int fd = open(writing->partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    writing->to = fd < 0 ? NULL : fdopen(fd, "w");
    return writing->to ? archive_open(&writing->archive, writing->to, writing->public_key) : -errno;
}

static int file_add(struct writing *writing, const char *program, const struct sealed_file *file,
                    int fd)
{
    char name[ARCHIVE_NAME_BYTES];
    ssize_t got = 0;
    int status = archive_begin(writing);
    (void)snprintf(name, sizeof name, "%s/%" PRIu64, program, file->seq);
    if (status == 0)
        status = archive_name(writing->archive, name);
    while (status == 0 && (got = read(fd, writing->bytes, sizeof writing->bytes)) > 0) {
        status = archive_bytes(writing->archive, writing->bytes, (size_t)got);
        writing->report->bytes += (uint64_t)got;
    }
    writing->report->files++;
    return status < 0 ? status : got < 0 ? -errno : 0;
}

/* The program in whose folder it lies; the digest says whether it is this one. */
static int file_take(struct writing *writing, const struct sealed_file *file)
{
    bool there = false;
    for (const char *const *program = writing->programs; *program; program++) {
        char path[PATH_MAX];
        if (file->program[0] && strcmp(file->program, *program) != 0)
            continue;
        int length = snprintf(path, sizeof path, "%s/%s/%s/%s", writing->home, *program, file->kind,
                              file->file);
        int fd = length < PATH_MAX ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
        if (fd < 0)
            continue;
        there = true;
        int status = held_against(writing, fd, file);
        bool same = status == 0;
        if (same)
            status = file_add(writing, *program, file, fd);
        (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED); /* nobody hears it soon */
        (void)close(fd);
        if (same || status < 0)
            return status;
    }
    writing->report->wrong += there;
    writing->report->missing += !there;
    return missing_add(writing, file->seq);
}

/* Those behind `until`, as far as the journal goes. */
static int look_through(struct writing *writing)
{
    static struct sealed_file file;
    int count = 1, status = 0;
    while (status == 0 && count > 0) {
        struct transaction *read;
        status = store_begin_read(writing->trail->store, &read);
        if (status < 0)
            return status;
        uint64_t from = writing->until;
        file.kind = NULL;
        while (status == 0 && !file.kind && writing->until - from < BATCH &&
               (count = events_read(read, writing->until, &writing->trail->row, 1)) > 0) {
            status = row_read(writing->trail, &file);
            writing->until = writing->trail->row.seq;
        }
        transaction_end(read); /* no page waits while a file is read */
        if (count < 0)
            return count;
        if (status == 0 && file.kind)
            status = file_take(writing, &file);
    }
    return status;
}

/* Those that were not there before. */
static int look_again(struct writing *writing, const uint64_t *seqs, size_t count)
{
    struct sealed_file file;
    int status = 0;
    for (size_t i = 0; status == 0 && i < count; i++) {
        status = trail_get(writing->trail, seqs[i], &file);
        if (status == 0 && file.kind)
            status = file_take(writing, &file);
    }
    return status;
}

static int until_read(struct writing *writing)
{
    char path[PATH_MAX], line[64];
    (void)snprintf(path, sizeof path, "%s/%s", writing->folder, until_name);
    FILE *from = fopen(path, "re");
    if (!from)
        return errno == ENOENT ? 0 : -errno;
    int status = fgets(line, sizeof line, from) && strcmp(line, until_head) == 0 &&
                         fgets(line, sizeof line, from) &&
                         sscanf(line, "until %" SCNu64, &writing->until) == 1
                     ? 0
                     : -EBADMSG;
    for (uint64_t seq; status == 0 && fgets(line, sizeof line, from);)
        status = sscanf(line, "missing %" SCNu64, &seq) == 1 ? missing_add(writing, seq) : -EBADMSG;
    (void)fclose(from);
    return status;
}

static int until_write(const struct writing *writing)
{
    char path[PATH_MAX], fresh[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/%s", writing->folder, until_name);
    if (snprintf(fresh, sizeof fresh, "%s/%s.new", writing->folder, until_name) >= PATH_MAX)
        return -ENAMETOOLONG;
    FILE *to = fopen(fresh, "we");
    if (!to)
        return -errno;
    (void)fprintf(to, "%suntil %" PRIu64 "\n", until_head, writing->until);
    for (size_t i = 0; i < writing->missing_count; i++)
        (void)fprintf(to, "missing %" PRIu64 "\n", writing->missing[i]);
    int status = fflush(to) == 0 && fsync(fileno(to)) == 0 ? 0 : -EIO;
    if (fclose(to) != 0 && status == 0)
        status = -EIO;
    if (status == 0 && rename(fresh, path) < 0)
        status = -errno;
    return status < 0 ? status : folder_sync(writing->folder);
}

/* The archive first, then how far it goes: a crash between makes a file come twice, never not at all. */
static int archive_end(struct writing *writing)
{
    char name[PATH_MAX], day[32];
    time_t now = (time_t)(clock_wall_ms() / 1000);
    struct tm utc;
    struct stat facts;
    if (!writing->archive)
        return 0;
    int status = archive_finish(writing->archive);
    (void)strftime(day, sizeof day, "%Y%m%dT%H%M%SZ", gmtime_r(&now, &utc));
    for (int i = 0; status == 0; i++) {
        if (snprintf(name, sizeof name, "%s/files-%s-%d.backup", writing->folder, day, i) >=
                PATH_MAX ||
            i == ATTEMPTS_MAX)
            return -ENAMETOOLONG;
        if (stat(name, &facts) < 0)
            return rename(writing->partial, name) < 0 ? -errno : 0;
    }
    return status;
}

static int write_all(struct writing *writing)
{
    int status = until_read(writing);
    uint64_t *again = writing->missing;
    size_t count = writing->missing_count;
    writing->missing = NULL;
    writing->missing_count = writing->missing_room = 0;
    if (status == 0)
        status = trail_open(&writing->trail, writing->home);
    if (status == 0)
        status = look_again(writing, again, count);
    if (status == 0)
        status = look_through(writing);
    free(again);
    if (status == 0)
        status = archive_end(writing);
    return status < 0 ? status : until_write(writing);
}

int backup_files_write(const char *home, const char *const *programs, const char *folder,
                       const uint8_t public_key[ARCHIVE_KEY_BYTES], struct pace *pace,
                       struct backup_files_report *report)
{
    uint64_t begun_ms = clock_mono_ms();
    struct writing *writing = calloc(1, sizeof *writing);
    *report = (struct backup_files_report){ .files = 0 };
    if (!writing)
        return -ENOMEM;
    writing->home = home;
    writing->programs = programs;
    writing->folder = folder;
    writing->public_key = public_key;
    writing->report = report;
    writing->pace = pace;
    int status = write_all(writing);
    archive_close(writing->archive);
    if (writing->to && fclose(writing->to) != 0 && status == 0)
        status = -errno;
    if (status < 0 && writing->partial[0])
        (void)unlink(writing->partial);
    trail_close(writing->trail);
    free(writing->missing);
    free(writing);
    report->ms = clock_mono_ms() - begun_ms;
    return status;
}

/* ---- restoring ----------------------------------------------------------------------------------- */

struct restoring {
    const char *home;
    struct backup_files_report *report;
    struct trail *trail;
    struct sealed_file file; /* being written */
    char partial[PATH_MAX], path[PATH_MAX];
    int fd; /* -1: none, or not wanted */
    struct digesting digesting;
};

/* "A/B/C": makes the folders of `path` below `home`. */
static int folders_make(const char *home, char *path)
{
    for (char *slash = path + strlen(home) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        int status = mkdir(path, 0700) < 0 && errno != EEXIST ? -errno : 0;
        *slash = '/';
        if (status < 0)
            return status;
    }
    return 0;
}

/* What was written is what the trail says, or it is taken away again. */
static int file_end(struct restoring *restoring)
{
    uint8_t digest[DIGEST_BYTES];
    if (restoring->fd < 0)
        return 0;
    int status = fsync(restoring->fd) < 0 ? -errno : 0;
    (void)close(restoring->fd);
    restoring->fd = -1;
    suite_end(&restoring->digesting, digest);
    bool same = memcmp(digest, restoring->file.digest, sizeof digest) == 0;
    if (status == 0 && same && rename(restoring->partial, restoring->path) < 0)
        status = -errno;
    if (status < 0 || !same)
        (void)unlink(restoring->partial);
    restoring->report->files += status == 0 && same;
    restoring->report->wrong += !same;
    return status;
}

static int file_begin(struct restoring *restoring, const char *name)
{
    struct sealed_file *file = &restoring->file;
    const char *slash = strchr(name, '/');
    uint64_t seq = slash ? strtoull(slash + 1, NULL, 10) : 0;
    int status = file_end(restoring);
    if (status < 0)
        return status;
    status = seq ? trail_get(restoring->trail, seq, file) : -ENOENT;
    if (status == -ENOENT || (status == 0 && !file->kind)) {
        restoring->report->strange++;
        return 0;
    }
    if (status == 0 && !file->suite) { /* nobody can say here whether it is what it should be */
        restoring->report->wrong++;
        return 0;
    }
    if (status < 0)
        return status;
    int length = snprintf(restoring->path, PATH_MAX, "%s/%.*s/%s/%s", restoring->home,
                          (int)(slash - name), name, file->kind, file->file);
    int longer = snprintf(restoring->partial, PATH_MAX, "%s/partial", restoring->home);
    if (length >= PATH_MAX || longer >= PATH_MAX)
        return -ENAMETOOLONG;
    status = folders_make(restoring->home, restoring->path);
    if (status < 0)
        return status;
    restoring->fd = open(restoring->partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (restoring->fd < 0)
        return -errno;
    suite_begin(file->suite, &restoring->digesting); /* file_end() ends it */
    return 0;
}

static int take(void *owner, const char *name, const uint8_t *bytes, size_t size)
{
    struct restoring *restoring = owner;
    if (size == 0)
        return file_begin(restoring, name);
    if (restoring->fd < 0)
        return 0;
    suite_add(&restoring->digesting, bytes, size);
    restoring->report->bytes += size;
    return write(restoring->fd, bytes, size) == (ssize_t)size ? 0 : -EIO;
}

static int archive_restore(struct restoring *restoring, const char *folder, const char *name,
                           const uint8_t secret[ARCHIVE_KEY_BYTES])
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= PATH_MAX)
        return -ENAMETOOLONG;
    FILE *from = fopen(path, "re");
    if (!from)
        return -errno;
    int status = archive_read(from, secret, take, restoring);
    (void)fclose(from);
    int ended = file_end(restoring);
    return status < 0 ? status : ended;
}

static bool is_archive(const char *name)
{
    size_t length = strlen(name);
    return strncmp(name, "files-", 6) == 0 && length > 7 &&
           strcmp(name + length - 7, ".backup") == 0;
}

int backup_files_restore(const char *folder, const uint8_t secret[ARCHIVE_KEY_BYTES],
                         const char *home, struct backup_files_report *report)
{
    uint64_t begun_ms = clock_mono_ms();
    struct restoring restoring = { .home = home, .report = report, .fd = -1 };
    *report = (struct backup_files_report){ .files = 0 };
    DIR *listing = opendir(folder);
    int status = listing ? trail_open(&restoring.trail, home) : -errno;
    for (struct dirent *entry; status == 0 && listing && (entry = readdir(listing));)
        if (is_archive(entry->d_name))
            status = archive_restore(&restoring, folder, entry->d_name, secret);
    if (listing)
        (void)closedir(listing);
    trail_close(restoring.trail);
    report->ms = clock_mono_ms() - begun_ms;
    return status;
}
