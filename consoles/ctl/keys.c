/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Verbs of the keys with which programs and persons' clients come onto the bus: which there are, and how
 * one gives way to the next while everything runs (docs/operating.md). They work on the home's files; who runs
 * sees them change. */
#include "proto/keys.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "consoles/ctl/field.h"
#include "consoles/ctl/request.h"
#include "consoles/ctl/session.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"
#include "proto/program.h"

enum {
    MINUTE_MS = 60000,
    DAY_MS = 24 * 60 * MINUTE_MS,
    KEEP_MS = 10 * MINUTE_MS, /* a former key stays good so long, unless said otherwise */
    PATH_BYTES = 400
};

static uint64_t age_days(const char *home, const char *program)
{
    char path[PATH_BYTES];
    struct stat found;
    (void)snprintf(path, sizeof path, "%s/keys/%s.public", home, program);
    uint64_t now_ms = clock_wall_ms();
    uint64_t made_ms = stat(path, &found) == 0 ? (uint64_t)found.st_mtim.tv_sec * 1000 : now_ms;
    return now_ms > made_ms ? (now_ms - made_ms) / DAY_MS : 0;
}

static void print_key(void *owner, const char *program, const char *public_key, uint64_t until_ms)
{
    const char *home = owner;
    uint64_t now_ms = clock_wall_ms();
    if (until_ms == 0)
        (void)printf(words("%-20s %s  %" PRIu64 " days old\n", "%-20s %s  %" PRIu64 " 天\n"),
                     program, public_key, age_days(home, program));
    else if (until_ms > now_ms)
        (void)printf(words("%-20s %s  the former one, good for %" PRIu64 " s\n",
                           "%-20s %s  旧密钥，%" PRIu64 " 秒后失效\n"),
                     program, public_key, (until_ms - now_ms) / 1000);
    else
        (void)printf(words("%-20s %s  a former one, over\n", "%-20s %s  旧密钥，已失效\n"), program,
                     public_key);
}

static int told(const char *home, const char *name, int status)
{
    if (status == -ENOENT)
        complain(words("%s has no key in %s/keys; see yihao keys list",
                       "没有 %s 的密钥(%s/keys);见 yihao keys list"),
                 name, home);
    else if (status == -EEXIST)
        complain(words("%s has one already in %s/keys; yihao keys renew brings it",
                       "%s 的新密钥已存在(%s/keys);请用 yihao keys renew 启用"),
                 name, home);
    else if (status < 0)
        complain(words("%s: cannot write in %s/keys: %s", "%s: 无法写入 %s/keys: %s"), name, home,
                 strerror(-status));
    return status == 0 ? EXIT_DONE : status == -ENOENT ? EXIT_NOT_FOUND : EXIT_FAILED;
}

int run_keys_list(struct request *request)
{
    char home[PATH_BYTES];
    (void)snprintf(home, sizeof home, "%s", request->home);
    int status = keys_list(request->home, print_key, home);
    return told(request->home, "keys", status);
}

int run_keys_renew(struct request *request)
{
    const char *name = request->arguments[0], *keep = request_option(request, "keep");
    uint64_t minutes = KEEP_MS / MINUTE_MS;
    if (keep && (!number_read(keep, &minutes) || minutes > DAY_MS / MINUTE_MS)) {
        complain(words("--keep wants minutes, at most a day", "--keep 为分钟数,至多一天"));
        return EXIT_USAGE;
    }
    int status = keys_renew(request->home, name, clock_wall_ms() + minutes * MINUTE_MS);
    if (status == 0)
        (void)printf(words("%s has another key; its program takes it up within a second, the "
                           "former one is good for %" PRIu64 " minutes\n",
                           "%s 已启用新密钥，程序一秒内换用；旧密钥 %" PRIu64 " 分钟内仍有效\n"),
                     name, minutes);
    return told(request->home, name, status);
}

int run_keys_announce(struct request *request)
{
    int status = keys_announce(request->home, "dispatcher");
    if (status == 0)
        (void)printf(
            words("carry %s/keys/dispatcher.next.public into keys/ of every home "
                  "elsewhere, then yihao keys renew dispatcher\n",
                  "请将 %s/keys/dispatcher.next.public 复制到其他机器的 keys/，再运行 yihao keys "
                  "renew dispatcher\n"),
            request->home);
    return told(request->home, "dispatcher", status);
}

int run_keys_retire(struct request *request)
{
    const char *name = request->arguments[0];
    if (strcmp(name, "dispatcher") == 0) {
        complain(words("the dispatcher's key is renewed, never retired", "调度服务的密钥只能更换"));
        return EXIT_USAGE;
    }
    return told(request->home, name, keys_retire(request->home, name));
}

int run_keys_person(struct request *request)
{
    char name[KEYS_NAME_BYTES], path[PATH_BYTES];
    const char *login = request->arguments[0];
    int code = user_exists(request->home, login);
    int length = snprintf(name, sizeof name, PROGRAM_PERSON_PREFIX "%s", login);
    if (code != EXIT_DONE)
        return code;
    if (length >= KEYS_NAME_BYTES)
        return told(request->home, login, -ENAMETOOLONG);
    const char *const programs[] = { name };
    int status = keys_make(request->home, home_suite(request->home), programs, 1);
    (void)snprintf(path, sizeof path, "%s/keys/%s", request->home, name);
    if (status == 0)
        (void)printf(
            words("%s.secret and .public, dispatcher.public and settings.conf make a home "
                  "for that person's yihao\n",
                  "%s.secret、.public 与 dispatcher.public、settings.conf 即构成其本人 yihao "
                  "的安装目录\n"),
            path);
    return told(request->home, name, status);
}
