/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `yihao trunk show|drain|resume`: a gateway's carriers, and their maintenance. Who is drained stands in
 * a file of the gateway, which looks at it every second; it holds through restarts. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "consoles/ctl/request.h"
#include "consoles/ctl/scrape.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"
#include "proto/settings.h"

enum {
    DRAINED_BYTES = 1024,
    PATH_BYTES = SETTINGS_PATH_BYTES + 64
};

static struct settings settings;

/* The gateway that the first argument names; NULL, told, when there is none. */
static const struct trunk_settings *gateway_of(const struct request *request)
{
    const char *name = request_argument(request, 0);
    if (settings_read(&settings, request->home, complain_sentence, NULL) < 0) {
        complain(
            words("there is no home at %s; say --home DIR", "%s 不是安装目录;请用 --home 指定"),
            request->home);
        return NULL;
    }
    const struct trunk_settings *trunk = name ? settings_trunk(&settings, name) : NULL;
    if (!trunk)
        complain(words("there is no gateway %s in the settings", "配置中没有网关 %s"),
                 name ? name : "");
    return trunk;
}

/* carrier NULL: the gateway's own. */
static uint64_t figure(const char *body, const char *name, const char *carrier)
{
    char wanted[64] = "", labels[SCRAPE_LABELS_BYTES];
    uint64_t value;
    if (carrier)
        (void)snprintf(wanted, sizeof wanted, "carrier=\"%s\"", carrier);
    for (const char *at = body; (at = scrape_next(at, name, labels, &value));)
        if (strcmp(labels, wanted) == 0)
            return value;
    return 0;
}

/* Who decides on its calls. */
static void show_mode(const char *body)
{
    uint64_t calls = figure(body, "yihao_trunk_calls", NULL);
    uint64_t answered = figure(body, "yihao_trunk_alone_answered_total", NULL);
    if (figure(body, "yihao_trunk_alone", NULL))
        (void)printf(
            words("SURVIVABLE: no dispatcher, callers are put through by their lines' plans; "
                  "calls %" PRIu64 "\n",
                  "应急自治:无调度程序,按线路预案接通;通话 %" PRIu64 "\n"),
            calls);
    else
        (void)printf(words("led by the dispatcher; calls %" PRIu64 "\n",
                           "由调度程序指挥;通话 %" PRIu64 "\n"),
                     calls);
    if (answered)
        (void)printf(words("answered without a dispatcher since its start: %" PRIu64 "\n",
                           "启动以来无调度接通: %" PRIu64 "\n"),
                     answered);
}

int run_trunk_show(struct request *request)
{
    const struct trunk_settings *trunk = gateway_of(request);
    if (!trunk)
        return EXIT_NOT_FOUND;
    const char *body = scrape(trunk->metrics_port, "/metrics");
    if (!body) {
        complain(words("%s does not answer on port %u: %s", "%s 在端口 %u 没有应答: %s"),
                 trunk->name, (unsigned)trunk->metrics_port, strerror(errno));
        return EXIT_UNREACHABLE;
    }
    show_mode(body);
    (void)printf("%s\n", words("CARRIER          STATE     CALLS  CAPACITY  REFUSED  DOWNS",
                               "运营商           状态      通话   容量      已拒     中断"));
    for (uint32_t i = 0; i < trunk->carrier_count; i++) {
        const struct carrier_settings *carrier = &trunk->carriers[i];
        const char *name = carrier->name;
        bool up = figure(body, "yihao_trunk_carrier_up", name) != 0;
        bool drained = figure(body, "yihao_trunk_carrier_drained", name) != 0;
        const char *state = drained ? words("drained", "维护")
                            : up    ? words("up", "正常")
                                    : words("down", "中断");
        (void)printf("%-16s %-9s %5" PRIu64 "  %8" PRIu32 "  %7" PRIu64 "  %5" PRIu64 "\n", name,
                     state, figure(body, "yihao_trunk_carrier_calls", name), carrier->capacity,
                     figure(body, "yihao_trunk_carrier_full_total", name),
                     figure(body, "yihao_trunk_carrier_downs_total", name));
    }
    return EXIT_DONE;
}

static bool has_line(const char *words_of_file, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = words_of_file; *at; at += strspn(at, "\n")) {
        size_t line = strcspn(at, "\n");
        if (line == length && strncmp(at, name, length) == 0)
            return true;
        at += line;
    }
    return false;
}

/* Writes the names that stand in the file, and of all carriers those that `name` means as `drained`
 * says. */
static int write_drained(const char *path, const struct trunk_settings *trunk, const char *name,
                         bool drain)
{
    char before[DRAINED_BYTES] = "", fresh[PATH_BYTES + 8];
    FILE *file = fopen(path, "re");
    if (file) {
        before[fread(before, 1, sizeof before - 1, file)] = 0;
        (void)fclose(file);
    }
    (void)snprintf(fresh, sizeof fresh, "%s.new", path);
    file = fopen(fresh, "we");
    if (!file)
        return -errno;
    for (uint32_t i = 0; i < trunk->carrier_count; i++) {
        const char *carrier = trunk->carriers[i].name;
        bool meant = !name || strcmp(name, carrier) == 0;
        if (meant ? drain : has_line(before, carrier))
            (void)fprintf(file, "%s\n", carrier);
    }
    bool good = fflush(file) == 0 && fsync(fileno(file)) == 0;
    good = fclose(file) == 0 && good;
    return good && rename(fresh, path) == 0 ? 0 : -errno;
}

static int change(struct request *request, bool drain)
{
    char path[PATH_BYTES];
    const struct trunk_settings *trunk = gateway_of(request);
    const char *name = request_argument(request, 1);
    if (!trunk)
        return EXIT_NOT_FOUND;
    bool known = !name;
    for (uint32_t i = 0; i < trunk->carrier_count && name; i++)
        known = known || strcmp(trunk->carriers[i].name, name) == 0;
    if (!known || trunk->carrier_count == 0) {
        complain(words("%s has no carrier %s", "%s 没有运营商 %s"), trunk->name, name ? name : "");
        return EXIT_NOT_FOUND;
    }
    (void)snprintf(path, sizeof path, "%s/%s/drained", request->home, trunk->name);
    int status = write_drained(path, trunk, name, drain);
    if (status < 0) {
        complain("%s: %s", path, strerror(-status));
        return EXIT_FAILED;
    }
    return EXIT_DONE;
}

int run_trunk_drain(struct request *request)
{
    return change(request, true);
}

int run_trunk_resume(struct request *request)
{
    return change(request, false);
}
