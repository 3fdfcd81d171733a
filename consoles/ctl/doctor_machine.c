/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The doctor on a machine: disk, the journal's room, clock, limits of the system. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <time.h>

#include "consoles/ctl/doctor.h"
#include "consoles/ctl/words.h"

enum {
    PATH_BYTES = SETTINGS_PATH_BYTES + 64,
    MIB = 1024 * 1024,
    DISK_LOOK_PERCENT = 15,
    DISK_ILL_MIB = 512, /* a busy day's events and recordings */
    INODES_LOOK = 10000,
    MAP_LOOK_PERCENT = 80,
    CLOCK_LOOK_MS = 100,
    SECONDS_OF_HOUR = 3600,
    BACKUP_LOOK_HOURS = 26,
    FILES_WANTED = 4096 /* a trunk with a thousand calls */
};

static void disk_room(struct examination *examination)
{
    struct statvfs disk;
    if (statvfs(examination->home, &disk) < 0) {
        examination_tell(examination, FINDING_ILL, NULL, "%s: %s", examination->home,
                         strerror(errno));
        return;
    }
    uint64_t free_mib = (uint64_t)disk.f_bavail * disk.f_frsize / MIB;
    uint64_t percent = disk.f_blocks ? 100 * (uint64_t)disk.f_bavail / disk.f_blocks : 0;
    bool few_names = disk.f_files > 0 && disk.f_favail < INODES_LOOK;
    enum finding finding = free_mib < DISK_ILL_MIB                    ? FINDING_ILL
                           : percent < DISK_LOOK_PERCENT || few_names ? FINDING_LOOK
                                                                      : FINDING_WELL;
    examination_tell(
        examination, finding,
        finding == FINDING_WELL
            ? NULL
            : words("move old recordings away or give the volume more room; without room nothing "
                    "more can be written down",
                    "迁走旧录音或扩容;磁盘写满后无法再记录"),
        words("%" PRIu64 " MiB (%" PRIu64 " %%) and %" PRIu64 " file names free in %s",
              "%" PRIu64 " MiB(%" PRIu64 "%%)、%" PRIu64 " 个文件名可用,位于 %s"),
        free_mib, percent, (uint64_t)disk.f_favail, examination->home);
}

/* LMDB cannot grow past its map: then every commit fails. */
static void journal_room(struct examination *examination)
{
    char path[PATH_BYTES];
    struct stat found;
    (void)snprintf(path, sizeof path, "%s/journal/data.mdb", examination->home);
    if (stat(path, &found) < 0) {
        examination_tell(
            examination, FINDING_LOOK,
            words("it is made when the dispatcher first starts", "调度程序首次启动时建立"),
            words("there is no journal yet: %s", "尚无日志库: %s"), path);
        return;
    }
    uint64_t map_mib = (uint64_t)examination->settings.dispatcher.map_gib * 1024;
    uint64_t used_mib = (uint64_t)found.st_blocks * 512 / MIB;
    bool tight = used_mib * 100 > map_mib * MAP_LOOK_PERCENT;
    examination_tell(examination, tight ? FINDING_LOOK : FINDING_WELL,
                     tight ? words("raise map_gib in settings.conf and start the dispatcher again",
                                   "调大 settings.conf 中的 map_gib 并重启调度程序")
                           : NULL,
                     words("the journal uses %" PRIu64 " of %" PRIu64 " MiB",
                           "日志库已用 %" PRIu64 " / %" PRIu64 " MiB"),
                     used_mib, map_mib);
}

void check_disk(struct examination *examination)
{
    disk_room(examination);
    journal_room(examination);
}

void check_backup(struct examination *examination)
{
    char path[PATH_BYTES];
    struct stat found;
    (void)snprintf(path, sizeof path, "%s/keys/backup.public", examination->home);
    bool has_key = stat(path, &found) == 0;
    (void)snprintf(path, sizeof path, "%s/run/backup", examination->home);
    bool made = stat(path, &found) == 0;
    int64_t hours = made ? (time(NULL) - found.st_mtime) / SECONDS_OF_HOUR : 0;
    if (made)
        examination_tell(
            examination, hours > BACKUP_LOOK_HOURS ? FINDING_LOOK : FINDING_WELL,
            hours > BACKUP_LOOK_HOURS ? words("yihao backup FILE, each night (yihao-backup.timer)",
                                              "每晚运行 yihao backup(yihao-backup.timer)")
                                      : NULL,
            words("the newest is %" PRId64 " hours old", "最近一次在 %" PRId64 " 小时前"), hours);
    else
        examination_tell(examination, FINDING_LOOK,
                         has_key
                             ? words("yihao backup FILE, each night (yihao-backup.timer)",
                                     "每晚运行 yihao backup(yihao-backup.timer)")
                             : words("yihao keys backup FILE, then yihao backup FILE each night",
                                     "先运行 yihao keys backup,再每晚运行 yihao backup"),
                         words("there is none", "尚无备份"));
}

/* Limits of law are reckoned from this clock, and texts of the law of evidence carry it. */
void check_clock(struct examination *examination)
{
    struct timex now = { .modes = 0 };
    int state = adjtimex(&now);
    long error_ms = now.maxerror / 1000;
    if (state < 0 || state == TIME_ERROR || now.status & STA_UNSYNC)
        examination_tell(examination, FINDING_LOOK,
                         words("install chrony and give it the city's time servers",
                               "安装 chrony 并配置时间服务器"),
                         words("the clock follows no time server", "系统时钟未与时间服务器同步"));
    else
        examination_tell(examination, error_ms > CLOCK_LOOK_MS ? FINDING_LOOK : FINDING_WELL,
                         error_ms > CLOCK_LOOK_MS
                             ? words("look at chronyc sources", "查看 chronyc sources")
                             : NULL,
                         words("right within %ld ms", "误差不超过 %ld 毫秒"), error_ms);
}

void check_limits(struct examination *examination)
{
    struct rlimit files = { 0 };
    (void)getrlimit(RLIMIT_NOFILE, &files);
    bool few = files.rlim_max < FILES_WANTED;
    examination_tell(
        examination, few ? FINDING_LOOK : FINDING_WELL,
        few ? words("LimitNOFILE= in the unit, or nofile in /etc/security/limits.conf",
                    "在服务单元设置 LimitNOFILE=,或在 limits.conf 设置 nofile")
            : NULL,
        words("%" PRIu64 " files a program may open", "每个程序可打开 %" PRIu64 " 个文件"),
        (uint64_t)files.rlim_max);
}
