/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `yihao rehearse PROGRAM`: one program of this machine is killed on purpose, as a crash would, and what
 * follows is measured: is it started again, is it heard again, did the others go on, were calls lost? What
 * is never rehearsed works until the night it is needed. The trail has the fall and the return of the program,
 * as of any other; HOME/log/rehearsals.log has who rehearsed what, and how it went. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "consoles/ctl/programs.h"
#include "consoles/ctl/request.h"
#include "consoles/ctl/scrape.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"

enum {
    PROGRAMS_MAX = 32,
    BACK_MS = 60000, /* systemd and ops/keep wait 5 s at most between two starts */
    LOOK_MS = 20,
    LINE_BYTES = 4096
};

/* A program under watch. */
struct watched {
    struct program program;
    uint64_t heard_ms;  /* its last good answer; 0: none */
    uint64_t silent_ms; /* the longest time between two */
};

static struct settings settings;
static struct watched watched[PROGRAMS_MAX];
static unsigned count;

/* What became of it; times since the kill. */
static struct rehearsal {
    pid_t killed;
    uint64_t calls_before;
    uint64_t back_ms, linked_ms; /* 0: not within BACK_MS */
    uint64_t taken_up, cut_off;
} seen;

/* ---- the programs of the home ------------------------------------------------------------------ */

static void add(void *owner, const struct program *program)
{
    (void)owner;
    if (count < PROGRAMS_MAX)
        watched[count++] = (struct watched){ .program = *program };
}

static const struct program *named(const char *name)
{
    for (unsigned i = 0; i < count; i++)
        if (strcmp(watched[i].program.name, name) == 0)
            return &watched[i].program;
    return NULL;
}

static bool is_folder(const char *path, const char *resolved)
{
    char full[PATH_MAX];
    return realpath(path, full) && strcmp(full, resolved) == 0;
}

/* Is this the command line of `program` of this home? Its words end with a NUL each. */
static bool is_line_of(const struct program *program, const char *home, const char *line,
                       size_t size)
{
    char wanted[48];
    bool has_home = false, has_name = false;
    (void)snprintf(wanted, sizeof wanted, "yihao-%s", program->kind);
    const char *base = strrchr(line, '/');
    if (strcmp(base ? base + 1 : line, wanted) != 0)
        return false;
    for (const char *word = line; word < line + size; word += strlen(word) + 1) {
        const char *value = word + strlen(word) + 1;
        if (value >= line + size)
            break;
        has_home |= strcmp(word, "--home") == 0 && is_folder(value, home);
        has_name |= strcmp(word, "--name") == 0 && strcmp(value, program->name) == 0;
    }
    return has_home && has_name;
}

/* The process of a program, 0: none. */
static pid_t pid_of(const struct program *program, const char *home)
{
    pid_t found = 0;
    char resolved[PATH_MAX];
    DIR *folder = realpath(home, resolved) ? opendir("/proc") : NULL;
    for (const struct dirent *entry; folder && !found && (entry = readdir(folder));) {
        char path[PATH_MAX], line[LINE_BYTES + 1];
        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        (void)snprintf(path, sizeof path, "/proc/%s/cmdline", entry->d_name);
        FILE *file = fopen(path, "re");
        size_t size = file ? fread(line, 1, LINE_BYTES, file) : 0;
        if (file)
            (void)fclose(file);
        line[size] = '\0';
        if (size > 0 && is_line_of(program, resolved, line, size))
            found = (pid_t)strtol(entry->d_name, NULL, 10);
    }
    if (folder)
        (void)closedir(folder);
    return found;
}

/* ---- before ------------------------------------------------------------------------------------ */

/* Gateways come in twins; of the others there is one, and the city waits for it. */
static bool lacks_twin(const struct program *victim)
{
    if (strcmp(victim->kind, "trunk") != 0 && strcmp(victim->kind, "sms") != 0)
        return false;
    for (unsigned i = 0; i < count; i++)
        if (&watched[i].program != victim && strcmp(watched[i].program.kind, victim->kind) == 0)
            return false;
    return true;
}

/* A rehearsal on top of a trouble would be a trouble. */
static int check_before(const struct program *victim, bool force)
{
    for (unsigned i = 0; i < count; i++)
        if (!scrape(watched[i].program.port, "/healthz")) {
            complain(words("%s does not do its work: mend that first (yihao doctor)",
                           "%s 工作不正常: 请先排除故障(yihao doctor)"),
                     watched[i].program.name);
            return EXIT_CONFLICT;
        }
    if (!force && lacks_twin(victim)) {
        complain(words("%s has no twin that takes its place; say --force to rehearse all the same",
                       "%s 没有可替代的对等程序;若仍要演练请用 --force"),
                 victim->name);
        return EXIT_CONFLICT;
    }
    return EXIT_DONE;
}

static uint64_t calls_of(const struct program *victim)
{
    bool trunk = strcmp(victim->kind, "trunk") == 0;
    const char *body = scrape(trunk ? victim->port : settings.dispatcher.metrics_port, "/metrics");
    return body ? scrape_sum(body, trunk ? "yihao_trunk_calls" : "yihao_contacts") : 0;
}

/* ---- the kill, and what follows ------------------------------------------------------------------ */

static void look_at_others(const struct program *victim)
{
    for (unsigned i = 0; i < count; i++) {
        struct watched *other = &watched[i];
        if (&other->program == victim || !scrape(other->program.port, "/healthz"))
            continue;
        uint64_t now_ms = clock_mono_ms();
        uint64_t silent_ms = other->heard_ms ? now_ms - other->heard_ms : 0;
        if (silent_ms > other->silent_ms)
            other->silent_ms = silent_ms;
        other->heard_ms = now_ms;
    }
}

/* Do all that talk to the dispatcher hear it? */
static bool all_linked(void)
{
    char labels[SCRAPE_LABELS_BYTES];
    uint64_t up;
    for (unsigned i = 0; i < count; i++) {
        const char *body = scrape(watched[i].program.port, "/metrics");
        if (!body || (scrape_next(body, "yihao_link_up", labels, &up) && !up))
            return false;
    }
    return true;
}

/* Does another process do its work? */
static bool has_begun(const struct program *victim, const char *home)
{
    pid_t pid = pid_of(victim, home);
    return pid && pid != seen.killed && scrape(victim->port, "/healthz");
}

static int rehearse(const struct program *victim, const char *home)
{
    seen = (struct rehearsal){ .killed = pid_of(victim, home), .calls_before = calls_of(victim) };
    look_at_others(victim);
    uint64_t begun_ms = clock_mono_ms();
    if (!seen.killed || kill(seen.killed, SIGKILL) < 0) {
        complain(words("%s cannot be killed: %s", "无法终止 %s: %s"), victim->name,
                 seen.killed ? strerror(errno)
                             : words("it runs on another machine", "它运行在另一台机器上"));
        return seen.killed ? EXIT_DENIED : EXIT_NOT_FOUND;
    }
    while (seen.linked_ms == 0 && clock_mono_ms() - begun_ms < BACK_MS) {
        (void)poll(NULL, 0, LOOK_MS);
        look_at_others(victim);
        if (seen.back_ms == 0 && has_begun(victim, home))
            seen.back_ms = clock_mono_ms() - begun_ms;
        if (seen.back_ms && all_linked())
            seen.linked_ms = clock_mono_ms() - begun_ms;
    }
    const char *body = scrape(victim->port, "/metrics");
    seen.taken_up = body ? scrape_sum(body, "yihao_trunk_kept_total") : 0;
    seen.cut_off = body ? scrape_sum(body, "yihao_trunk_kept_lost_total") : 0;
    return EXIT_DONE;
}

/* ---- what is told ------------------------------------------------------------------------------- */

static void tell_step(const char *english, const char *chinese, uint64_t ms)
{
    if (ms)
        (void)printf(words("%s after %" PRIu64 " ms\n", "%s: %" PRIu64 " 毫秒后\n"),
                     words(english, chinese), ms);
    else
        (void)printf(words("%s: NOT within %d s\n", "%s: %d 秒内未实现\n"), words(english, chinese),
                     BACK_MS / 1000);
}

static bool tell(const struct program *victim)
{
    bool well = seen.back_ms && seen.linked_ms && seen.cut_off == 0;
    (void)printf(words("killed %s, process %d\n", "已终止 %s,进程 %d\n"), victim->name,
                 (int)seen.killed);
    tell_step("started again and at work", "重新启动并工作", seen.back_ms);
    tell_step("all programs hear the dispatcher", "各程序均与调度连通", seen.linked_ms);
    for (unsigned i = 0; i < count; i++) {
        const struct watched *other = &watched[i];
        if (&other->program == victim || !other->heard_ms)
            continue;
        (void)printf(words("%s went on; the longest silence %" PRIu64 " ms\n",
                           "%s 未中断;最长无应答 %" PRIu64 " 毫秒\n"),
                     other->program.name, other->silent_ms);
    }
    if (strcmp(victim->kind, "trunk") == 0)
        (void)printf(words("calls: %" PRIu64 " before, %" PRIu64 " taken up, %" PRIu64 " cut off\n",
                           "来电: 之前 %" PRIu64 ",接续 %" PRIu64 ",中断 %" PRIu64 "\n"),
                     seen.calls_before, seen.taken_up, seen.cut_off);
    else
        (void)printf(words("contacts: %" PRIu64 " before, %" PRIu64 " after\n",
                           "来话: 之前 %" PRIu64 ",之后 %" PRIu64 "\n"),
                     seen.calls_before, calls_of(victim));
    (void)puts(well ? words("the rehearsal went well", "演练成功")
                    : words("the rehearsal FAILED: see ops/runbooks/program-down.md",
                            "演练失败: 见 ops/runbooks/program-down.md"));
    return well;
}

/* One line: when, who, what, how it went. */
static void write_down(const char *home, const struct program *victim, bool well)
{
    char path[PATH_MAX], when[32];
    struct tm parts;
    time_t now = time(NULL);
    const struct passwd *who = getpwuid(getuid());
    (void)snprintf(path, sizeof path, "%s/log/rehearsals.log", home);
    FILE *file = fopen(path, "ae");
    if (!file || !gmtime_r(&now, &parts)) {
        complain("%s: %s", path, strerror(errno));
        return;
    }
    (void)strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &parts);
    (void)fprintf(file,
                  "%s by=%s killed=%s back_ms=%" PRIu64 " linked_ms=%" PRIu64 " calls=%" PRIu64
                  " taken_up=%" PRIu64 " cut_off=%" PRIu64 " %s\n",
                  when, who ? who->pw_name : "?", victim->name, seen.back_ms, seen.linked_ms,
                  seen.calls_before, seen.taken_up, seen.cut_off, well ? "well" : "FAILED");
    (void)fclose(file);
}

int run_rehearse(struct request *request)
{
    const char *name = request_argument(request, 0);
    if (settings_read(&settings, request->home, complain_sentence, NULL) < 0)
        return EXIT_FAILED;
    count = 0;
    programs_of(&settings, add, NULL);
    const struct program *victim = named(name);
    if (!victim) {
        complain(words("there is no program %s in the settings", "配置中没有程序 %s"), name);
        return EXIT_NOT_FOUND;
    }
    int code = check_before(victim, request_option(request, "force"));
    if (code != EXIT_DONE)
        return code;
    if (!request_option(request, "yes")) {
        (void)printf(words("%s would be killed now, with %" PRIu64
                           " calls in progress; say --yes to do it\n",
                           "将立即终止 %s,当前进行中来话 %" PRIu64 ";确认请加 --yes\n"),
                     name, calls_of(victim));
        return EXIT_DONE;
    }
    code = rehearse(victim, request->home);
    if (code != EXIT_DONE)
        return code;
    bool well = tell(victim);
    write_down(request->home, victim, well);
    return well ? EXIT_DONE : EXIT_FAILED;
}
