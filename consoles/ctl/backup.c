/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `yihao backup`, `yihao restore` and the pair of keys they need. */
#include "dispatcher/journal/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "base/hex.h"
#include "consoles/ctl/field.h"
#include "consoles/ctl/request.h"
#include "consoles/ctl/rows.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"
#include "dispatcher/journal/backup_files.h"
#include "dispatcher/journal/verify.h"
#include "proto/keys.h"
#include "proto/settings.h"

enum {
    DIGITS_BYTES = 2 * ARCHIVE_KEY_BYTES + 2,
    PROGRESS_EVERY = 60 /* tellings of one second, where nobody looks on */
};

/* ---- keys backup ----------------------------------------------------------------------------- */

/* A key is never written over. */
static bool key_write(const char *path, const uint8_t key[ARCHIVE_KEY_BYTES])
{
    char digits[DIGITS_BYTES];
    hex_write(key, ARCHIVE_KEY_BYTES, digits);
    digits[DIGITS_BYTES - 2] = '\n';
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool good =
        fd >= 0 && write(fd, digits, DIGITS_BYTES - 1) == DIGITS_BYTES - 1 && fsync(fd) == 0;
    if (!good)
        complain(words("cannot write %s: %s", "无法写入 %s: %s"), path, strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    sodium_memzero(digits, sizeof digits);
    return good;
}

int run_keys_backup(struct request *request)
{
    char path[PATH_MAX];
    uint8_t public_key[ARCHIVE_KEY_BYTES], secret[ARCHIVE_KEY_BYTES];
    if (sodium_init() < 0)
        return EXIT_FAILED;
    (void)snprintf(path, sizeof path, "%s/keys/backup.public", request->home);
    if (access(path, F_OK) == 0) {
        complain(words("%s is there already; take it away to change the key",
                       "%s 已存在;如需更换密钥请先移走"),
                 path);
        return EXIT_CONFLICT;
    }
    archive_keys(public_key, secret);
    bool good = key_write(request->arguments[0], secret) && key_write(path, public_key);
    sodium_memzero(secret, sizeof secret);
    if (good)
        (void)printf(words("%s opens every backup: take it off this machine, to two safe places\n",
                           "%s 可打开所有备份:请移出本机,存放于两处安全地点\n"),
                     request->arguments[0]);
    return good ? EXIT_DONE : EXIT_FAILED;
}

/* ---- backup ---------------------------------------------------------------------------------- */

static void tell_size(const char *file, const struct backup_report *report)
{
    double mib = (double)report->bytes / (1 << 20);
    (void)printf(words("%s: %" PRIu64 " files, %.1f MiB in %.1f s\n",
                       "%s: %" PRIu64 " 个文件,%.1f MiB,用时 %.1f 秒\n"),
                 file, report->files, mib, (double)report->ms / 1000);
}

/* The age of HOME/run/backup is the age of the newest backup: metrics and doctor tell it. */
static void stamp(const char *home)
{
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/run/backup", home);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0 || futimens(fd, NULL) < 0)
        complain("%s: %s", path, strerror(errno));
    if (fd >= 0)
        (void)close(fd);
}

/* At a terminal each second; elsewhere, as in the nightly unit's log, once a minute. */
static void tell_progress(void *owner, uint64_t bytes, uint64_t bytes_at_most)
{
    unsigned *seconds = owner;
    bool terminal = isatty(STDERR_FILENO) == 1;
    if (!terminal && ++*seconds % PROGRESS_EVERY != 0)
        return;
    if (bytes_at_most)
        (void)fprintf(stderr,
                      words("%s%" PRIu64 " of at most %" PRIu64 " MiB%s",
                            "%s已完成 %" PRIu64 " MiB,至多 %" PRIu64 " MiB%s"),
                      terminal ? "\r" : "", bytes >> 20, bytes_at_most >> 20, terminal ? "" : "\n");
    else
        (void)fprintf(stderr,
                      words("%s%" PRIu64 " MiB looked through%s", "%s已查看 %" PRIu64 " MiB%s"),
                      terminal ? "\r" : "", bytes >> 20, terminal ? "" : "\n");
}

static void end_progress(const struct pace *pace)
{
    if (pace->bytes && isatty(STDERR_FILENO) == 1)
        (void)fprintf(stderr, "\r\033[K");
}

/* False: --rate is none, and that was told. */
static bool pace_asked(const struct request *request, struct pace *pace, unsigned *seconds)
{
    const char *asked = request_option(request, "rate");
    uint64_t mb = PACE_MB_PER_S;
    if (asked && (!number_read(asked, &mb) || mb == 0 || mb > PACE_MB_PER_S_MAX)) {
        complain(words("--rate wants MB a second, 1 to %d", "--rate 为每秒 MB 数,1 至 %d"),
                 PACE_MB_PER_S_MAX);
        return false;
    }
    pace_init(pace, mb * 1000000, NULL);
    pace->tell = tell_progress;
    pace->owner = seconds;
    return true;
}

static int tell_files(const char *folder, int status, const struct backup_files_report *report)
{
    double mib = (double)report->bytes / (1 << 20);
    if (status < 0) {
        complain(words("cannot keep recordings and attachments in %s: %s",
                       "无法备份录音与附件到 %s: %s"),
                 folder, strerror(-status));
        return EXIT_FAILED;
    }
    (void)printf(words("%s: %" PRIu64 " recordings and attachments more, %.1f MiB in %.1f s\n",
                       "%s: 新增录音与附件 %" PRIu64 " 个,%.1f MiB,用时 %.1f 秒\n"),
                 folder, report->files, mib, (double)report->ms / 1000);
    if (report->missing)
        (void)printf(words("%" PRIu64 " are not on this machine; looked for again next time\n",
                           "%" PRIu64 " 个不在本机,下次再查\n"),
                     report->missing);
    if (report->wrong) {
        complain(words("%" PRIu64 " are not what the trail says: changed, or rotten",
                       "%" PRIu64 " 个与留痕不符:被改动或已损坏"),
                 report->wrong);
        return EXIT_TAMPERED;
    }
    return EXIT_DONE;
}

/* Every gateway's and console server's folder of this home. */
static int keep_files(const struct request *request, const struct settings *settings,
                      const uint8_t public_key[ARCHIVE_KEY_BYTES], struct pace *pace)
{
    const char *programs[2 * SETTINGS_PROGRAMS_MAX + 1] = { NULL };
    const char *folder = request_option(request, "files");
    struct backup_files_report report = { .files = 0 };
    size_t count = 0;
    for (uint32_t i = 0; i < settings->trunk_count; i++)
        programs[count++] = settings->trunks[i].name;
    for (uint32_t i = 0; i < settings->console_count; i++)
        programs[count++] = settings->consoles[i].name;
    if (mkdir(folder, 0700) < 0 && errno != EEXIST)
        return tell_files(folder, -errno, &report);
    pace->bytes = pace->bytes_at_most = 0; /* nobody knows how many are new */
    int status = backup_files_write(request->home, programs, folder, public_key, pace, &report);
    end_progress(pace);
    return tell_files(folder, status, &report);
}

int run_backup(struct request *request)
{
    static struct settings settings;
    struct backup_report report;
    struct pace pace;
    unsigned seconds = 0;
    uint8_t public_key[ARCHIVE_KEY_BYTES];
    const char *file = request->arguments[0];
    if (!pace_asked(request, &pace, &seconds))
        return EXIT_USAGE;
    if (settings_read(&settings, request->home, complain_sentence, NULL) < 0)
        return EXIT_FAILED;
    int status = keys_read_bytes(request->home, "backup.public", public_key, sizeof public_key);
    if (status < 0) {
        complain(words("there is no key for backups: yihao keys backup FILE makes one",
                       "尚无备份密钥;请先运行 yihao keys backup 文件"));
        return EXIT_NOT_FOUND;
    }
    pace_step_aside();
    status = backup_write(request->home, settings.city, file, public_key, &pace, &report);
    end_progress(&pace);
    if (status == -EEXIST)
        complain(words("%s exists", "%s 已存在"), file);
    else if (status < 0)
        complain(words("cannot back up to %s: %s", "无法备份到 %s: %s"), file, strerror(-status));
    else
        tell_size(file, &report);
    int code = EXIT_DONE;
    if (status == 0 && request_option(request, "files"))
        code = keep_files(request, &settings, public_key, &pace);
    if (status == 0 && code == EXIT_DONE)
        stamp(request->home);
    return status == -EEXIST ? EXIT_CONFLICT : status < 0 ? EXIT_FAILED : code;
}

/* ---- restore --------------------------------------------------------------------------------- */

static int read_secret(const char *path, uint8_t secret[ARCHIVE_KEY_BYTES])
{
    char digits[DIGITS_BYTES] = "";
    FILE *file = fopen(path, "re");
    bool good = file && fgets(digits, sizeof digits, file);
    if (file)
        (void)fclose(file);
    digits[strcspn(digits, "\r\n")] = '\0';
    good = good && hex_read(digits, secret, ARCHIVE_KEY_BYTES);
    sodium_memzero(digits, sizeof digits);
    if (!good)
        complain(words("%s holds no key of a backup", "%s 中没有备份密钥"), path);
    return good ? EXIT_DONE : EXIT_USAGE;
}

/* "2026-11-22 08:00" or with seconds, in local time; with a Z behind it in UTC. */
static bool read_time(const char *written, uint64_t *at_ms)
{
    static const char *const shapes[] = { "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S",
                                          "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M" };
    for (unsigned i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        struct tm civil = { .tm_isdst = -1 };
        const char *rest = strptime(written, shapes[i], &civil);
        if (!rest || (rest[0] && strcmp(rest, "Z") != 0))
            continue;
        time_t seconds = rest[0] ? timegm(&civil) : mktime(&civil);
        *at_ms = (uint64_t)seconds * 1000;
        return seconds > 0;
    }
    return false;
}

static int tell_restore(int status, const char *file, const char *home)
{
    if (status == 0)
        return EXIT_DONE;
    if (status == -EEXIST)
        complain(
            words("%s exists; a backup is restored to a new folder", "%s 已存在;请恢复到新目录"),
            home);
    else if (status == -EKEYREJECTED)
        complain(words("%s was not made for this key", "%s 与此密钥不匹配"), file);
    else if (status == -EBADMSG)
        complain(words("%s is no whole backup: it was changed, or cut off", "%s 不完整或已被改动"),
                 file);
    else
        complain(words("cannot restore %s: %s", "无法恢复 %s: %s"), file, strerror(-status));
    return status == -EEXIST                               ? EXIT_CONFLICT
           : status == -EKEYREJECTED || status == -EBADMSG ? EXIT_TAMPERED
                                                           : EXIT_FAILED;
}

/* Every record, against the restored home's own key. */
static int verify_journal(const char *home)
{
    static struct verify_report report;
    char path[PATH_MAX];
    uint8_t key[32];
    (void)snprintf(path, sizeof path, "%s/journal", home);
    int status = keys_read_bytes(home, "sign.public", key, sizeof key);
    if (status == 0)
        status = journal_verify_apart(path, key, &report);
    if (status < 0) {
        complain(words("cannot read the journal %s: %s", "无法读取日志 %s: %s"), path,
                 strerror(-status));
        return EXIT_FAILED;
    }
    if (!report.ok) {
        complain(words("the restored journal does not verify at record %" PRIu64 ": %s",
                       "恢复的日志在记录 %" PRIu64 " 处校验失败: %s"),
                 report.record, report.reason);
        return EXIT_TAMPERED;
    }
    (void)printf(words("journal: %" PRIu64 " records and %" PRIu64 " checkpoints verified\n",
                       "日志: 已验证 %" PRIu64 " 条记录、%" PRIu64 " 个检查点\n"),
                 report.records, report.checkpoints);
    return EXIT_DONE;
}

static int rewind_to(const char *home, uint64_t until_ms)
{
    char at[TIME_BYTES];
    uint64_t seq = 0;
    int status = backup_rewind(home, until_ms, &seq);
    if (status < 0) {
        complain(words("cannot bring the journal back: %s", "无法回退日志: %s"), strerror(-status));
        return EXIT_FAILED;
    }
    time_write(at, until_ms);
    (void)printf(words("brought back to %s: %" PRIu64 " records (all of them are kept in "
                       "%s/journal.before)\n",
                       "已回退至 %s: %" PRIu64 " 条记录(全部记录保留于 %s/journal.before)\n"),
                 at, seq, home);
    return EXIT_DONE;
}

/* One number a line. Returns how many, or a negative errno. */
static ssize_t subjects_read(const char *path, uint64_t **subjects)
{
    char line[64];
    size_t count = 0, room = 0;
    FILE *file = fopen(path, "re");
    if (!file)
        return -errno;
    int status = 0;
    while (status == 0 && fgets(line, (int)sizeof line, file)) {
        line[strcspn(line, "\r\n")] = 0;
        if (count == room) {
            room = room ? 2 * room : 256;
            uint64_t *more = realloc(*subjects, room * sizeof *more);
            status = more ? 0 : -ENOMEM;
            *subjects = more ? more : *subjects;
        }
        if (status == 0 && (!number_read(line, &(*subjects)[count]) || (*subjects)[count] == 0))
            status = -EBADMSG;
        count += status == 0;
    }
    (void)fclose(file);
    return status < 0 ? status : (ssize_t)count;
}

static int erase_in(const char *home, const char *list)
{
    uint64_t *subjects = NULL;
    ssize_t count = subjects_read(list, &subjects);
    int status = count < 0 ? (int)count : backup_erase(home, subjects, (size_t)count);
    free(subjects);
    if (status < 0) {
        complain(words("cannot erase what %s lists: %s", "无法删除 %s 所列内容: %s"), list,
                 strerror(-status));
        return EXIT_FAILED;
    }
    (void)printf(words("erased again: %zd subjects\n", "已重新删除: %zd 个对象\n"), count);
    return EXIT_DONE;
}

static int bring_files(const char *folder, const uint8_t secret[ARCHIVE_KEY_BYTES],
                       const char *home)
{
    struct backup_files_report report;
    int status = backup_files_restore(folder, secret, home, &report);
    if (status < 0)
        return tell_restore(status, folder, home);
    (void)printf(
        words("recordings and attachments: %" PRIu64 " restored, each as the trail says; %" PRIu64
              " of other or later records left out\n",
              "录音与附件:已恢复并逐一核对 %" PRIu64 " 个;非本日志记录 %" PRIu64 " 个未恢复\n"),
        report.files, report.strange);
    if (report.wrong == 0)
        return EXIT_DONE;
    complain(words("%" PRIu64 " are not what the trail says and were left out",
                   "%" PRIu64 " 个与留痕不符,未恢复"),
             report.wrong);
    return EXIT_TAMPERED;
}

int run_restore(struct request *request)
{
    struct backup_report report;
    uint8_t secret[ARCHIVE_KEY_BYTES];
    uint64_t until_ms = 0;
    const char *file = request->arguments[0];
    const char *home = request_option(request, "to");
    const char *until = request_option(request, "until");
    if (until && !read_time(until, &until_ms)) {
        complain(words("--until wants a time such as \"2026-11-22 08:00\"",
                       "--until 需要时间,如 \"2026-11-22 08:00\""));
        return EXIT_USAGE;
    }
    int code = read_secret(request_option(request, "key"), secret);
    if (code != EXIT_DONE)
        return code;
    code = tell_restore(backup_restore(file, secret, home, &report), file, home);
    if (code == EXIT_DONE)
        tell_size(home, &report);
    if (code == EXIT_DONE)
        code = verify_journal(home);
    const char *files = request_option(request, "files");
    if (code == EXIT_DONE && files)
        code = bring_files(files, secret, home);
    sodium_memzero(secret, sizeof secret);
    if (code == EXIT_DONE && until)
        code = rewind_to(home, until_ms);
    const char *erased = request_option(request, "erased");
    if (code == EXIT_DONE && erased)
        code = erase_in(home, erased);
    if (code == EXIT_DONE && (until || erased))
        code = verify_journal(home);
    return code;
}
