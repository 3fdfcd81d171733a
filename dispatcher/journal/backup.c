/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/journal/backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/folder.h"
#include "dispatcher/store/copy.h"
#include "dispatcher/store/store.h"
#include "dispatcher/store/tables.h"

enum {
    PIPE_BYTES = 1 << 20,
    READ_BYTES = ARCHIVE_PART_BYTES
};

/* Makes "A/B"; false: too long. */
static bool path_of(char path[PATH_MAX], const char *folder, const char *name)
{
    int length = snprintf(path, PATH_MAX, "%s/%s", folder, name);
    return length > 0 && length < PATH_MAX;
}

/* ---- writing ------------------------------------------------------------------------------- */

struct writing {
    struct archive *archive;
    struct backup_report *report;
    struct pace *pace;
    uint8_t bytes[READ_BYTES];
};

/* Everything that can be read from fd becomes a file of this name; fd is closed. */
static int add_stream(struct writing *writing, const char *name, int fd)
{
    int status = archive_name(writing->archive, name);
    while (status == 0) {
        ssize_t got = read(fd, writing->bytes, sizeof writing->bytes);
        if (got == 0)
            break;
        if (got < 0 && errno == EINTR)
            continue;
        status = got < 0 ? -errno : archive_bytes(writing->archive, writing->bytes, (size_t)got);
        writing->report->bytes += got > 0 ? (uint64_t)got : 0;
        pace_go(writing->pace, got > 0 ? (uint64_t)got : 0);
    }
    writing->report->files++;
    (void)close(fd);
    return status;
}

static int add_file(struct writing *writing, const char *folder, const char *file, const char *name)
{
    char path[PATH_MAX];
    if (!path_of(path, folder, file))
        return -ENAMETOOLONG;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -errno : add_stream(writing, name, fd);
}

static bool is_file(const char *folder, const char *name)
{
    char path[PATH_MAX];
    struct stat facts;
    return path_of(path, folder, name) && stat(path, &facts) == 0 && S_ISREG(facts.st_mode);
}

/* The files of a folder; no folder, no files. */
static int add_folder(struct writing *writing, const char *folder, const char *as)
{
    DIR *listing = opendir(folder);
    int status = listing || errno == ENOENT ? 0 : -errno;
    for (struct dirent *entry; status == 0 && listing && (entry = readdir(listing));) {
        char name[PATH_MAX];
        if (entry->d_name[0] == '.' || !is_file(folder, entry->d_name))
            continue;
        status = path_of(name, as, entry->d_name) ? add_file(writing, folder, entry->d_name, name)
                                                  : -ENAMETOOLONG;
    }
    if (listing)
        (void)closedir(listing);
    return status;
}

static int open_tables(struct store **store, const char *folder)
{
    static const char *const names[TABLE_COUNT] = TABLE_NAMES;
    struct store_settings settings = {
        .folder = folder, .tables = names, .table_count = TABLE_COUNT, .redo = true
    };
    return store_open(store, &settings);
}

/* What a crash left in the redo file belongs to the backup; a dispatcher that runs settles by itself. */
static int settle_stopped(const char *folder)
{
    struct store *store = NULL;
    struct stat facts;
    if (stat(folder, &facts) < 0)
        return -errno; /* opening would make one */
    int status = open_tables(&store, folder);
    store_close(store);
    return status == -EBUSY ? 0 : status;
}

/* Without its free pages the copy is smaller. */
static void expect_journal(struct pace *pace, const char *folder)
{
    char path[PATH_MAX];
    struct stat facts;
    if (path_of(path, folder, "data.mdb") && stat(path, &facts) == 0)
        pace->bytes_at_most = pace->bytes + (uint64_t)facts.st_size;
}

/* A child copies, as fast as the pipe is emptied, so that no process has the tables open twice. */
static int add_journal(struct writing *writing, const char *folder)
{
    int ends[2], ended = 0;
    int status = settle_stopped(folder);
    if (status < 0)
        return status;
    expect_journal(writing->pace, folder);
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    (void)fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES);
    pid_t child = fork();
    if (child == 0) {
        (void)close(ends[0]);
        _exit(-store_copy(folder, ends[1]) & 0xff);
    }
    (void)close(ends[1]);
    if (child < 0) {
        (void)close(ends[0]);
        return -EAGAIN;
    }
    status = add_stream(writing, "journal/data.mdb", ends[0]);
    if (waitpid(child, &ended, 0) != child || !WIFEXITED(ended))
        return -EIO;
    return status < 0 ? status : -WEXITSTATUS(ended);
}

static int add_home(struct writing *writing, const char *home, const char *city)
{
    char path[PATH_MAX];
    int status = add_file(writing, home, "settings.conf", "settings.conf");
    if (status == 0)
        status = add_folder(writing, city, "city");
    if (status == 0)
        status = path_of(path, home, "keys") ? add_folder(writing, path, "keys") : -ENAMETOOLONG;
    if (status == 0 && path_of(path, home, "prompts"))
        status = add_folder(writing, path, "prompts");
    if (status == 0 && path_of(path, home, "journal"))
        status = add_journal(writing, path);
    return status;
}

static int write_to(FILE *to, const char *home, const char *city,
                    const uint8_t public_key[ARCHIVE_KEY_BYTES], struct pace *pace,
                    struct backup_report *report)
{
    struct writing *writing = calloc(1, sizeof *writing);
    if (!writing)
        return -ENOMEM;
    writing->report = report;
    writing->pace = pace;
    int status = archive_open(&writing->archive, to, public_key);
    if (status == 0)
        status = add_home(writing, home, city);
    if (status == 0)
        status = archive_finish(writing->archive);
    archive_close(writing->archive);
    free(writing);
    return status;
}

int backup_write(const char *home, const char *city, const char *file,
                 const uint8_t public_key[ARCHIVE_KEY_BYTES], struct pace *pace,
                 struct backup_report *report)
{
    char partial[PATH_MAX];
    struct stat facts;
    uint64_t begun_ms = clock_mono_ms();
    *report = (struct backup_report){ .files = 0 };
    if (stat(file, &facts) == 0)
        return -EEXIST;
    int length = snprintf(partial, sizeof partial, "%s.partial", file);
    if (length < 0 || (size_t)length >= sizeof partial)
        return -ENAMETOOLONG;
    int fd = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *to = fd < 0 ? NULL : fdopen(fd, "w");
    if (!to)
        return -errno;
    int status = write_to(to, home, city, public_key, pace, report);
    if (fclose(to) != 0 && status == 0)
        status = -errno;
    if (status == 0 && rename(partial, file) < 0)
        status = -errno;
    if (status < 0)
        (void)unlink(partial);
    report->ms = clock_mono_ms() - begun_ms;
    return status < 0 ? status : folder_sync_above(file);
}

/* ---- restoring ----------------------------------------------------------------------------- */

struct restoring {
    const char *folder;
    FILE *file; /* being written */
    struct backup_report *report;
};

static int file_end(struct restoring *restoring)
{
    FILE *file = restoring->file;
    restoring->file = NULL;
    if (!file)
        return 0;
    int status = fflush(file) == 0 && fsync(fileno(file)) == 0 ? 0 : -errno;
    if (fclose(file) != 0 && status == 0)
        status = -errno;
    return status;
}

static int file_begin(struct restoring *restoring, const char *name)
{
    char path[PATH_MAX];
    int status = file_end(restoring);
    if (status < 0)
        return status;
    const char *slash = strchr(name, '/');
    int length = snprintf(path, sizeof path, "%s/%.*s", restoring->folder,
                          slash ? (int)(slash - name) : 0, name);
    if (length < 0 || (size_t)length >= sizeof path)
        return -ENAMETOOLONG;
    if (slash && mkdir(path, 0700) < 0 && errno != EEXIST)
        return -errno;
    if (!path_of(path, restoring->folder, name))
        return -ENAMETOOLONG;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    restoring->file = fd < 0 ? NULL : fdopen(fd, "w");
    restoring->report->files++;
    return restoring->file ? 0 : -errno;
}

static int take(void *owner, const char *name, const uint8_t *bytes, size_t size)
{
    struct restoring *restoring = owner;
    if (size == 0)
        return file_begin(restoring, name);
    restoring->report->bytes += size;
    return fwrite(bytes, 1, size, restoring->file) == size ? 0 : -EIO;
}

static int remove_one(const char *path, const struct stat *facts, int kind, struct FTW *place)
{
    (void)facts, (void)kind, (void)place;
    return remove(path);
}

/* What a home needs and no backup holds; then all of it on the disk. */
static int home_finish(const char *folder)
{
    static const char *const names[] = { "city", "keys", "journal" };
    static const char *const empty[] = { "run", "log" };
    char path[PATH_MAX];
    int status = 0;
    for (unsigned i = 0; status == 0 && i < sizeof empty / sizeof empty[0]; i++)
        status = !path_of(path, folder, empty[i]) ? -ENAMETOOLONG
                 : mkdir(path, 0750) < 0          ? -errno
                                                  : 0;
    for (unsigned i = 0; status == 0 && i < sizeof names / sizeof names[0]; i++)
        status = path_of(path, folder, names[i]) ? folder_sync(path) : -ENAMETOOLONG;
    return status < 0 ? status : folder_sync(folder);
}

int backup_restore(const char *file, const uint8_t secret[ARCHIVE_KEY_BYTES], const char *home,
                   struct backup_report *report)
{
    char fresh[PATH_MAX];
    struct stat facts;
    uint64_t begun_ms = clock_mono_ms();
    *report = (struct backup_report){ .files = 0 };
    if (stat(home, &facts) == 0)
        return -EEXIST;
    int length = snprintf(fresh, sizeof fresh, "%s.new-XXXXXX", home);
    if (length < 0 || (size_t)length >= sizeof fresh)
        return -ENAMETOOLONG;
    FILE *from = fopen(file, "re");
    if (!from)
        return -errno;
    if (!mkdtemp(fresh)) {
        int status = -errno;
        (void)fclose(from);
        return status;
    }
    struct restoring restoring = { .folder = fresh, .report = report };
    int status = archive_read(from, secret, take, &restoring);
    int ended = file_end(&restoring);
    (void)fclose(from);
    if (status == 0)
        status = ended < 0 ? ended : home_finish(fresh);
    if (status == 0 && rename(fresh, home) < 0)
        status = -errno;
    if (status < 0)
        (void)nftw(fresh, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    report->ms = clock_mono_ms() - begun_ms;
    return status < 0 ? status : folder_sync_above(home);
}
