/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * yihao-arbiter --home DIR --name NAME [--check]: says which of two dispatchers leads, from a third machine. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arguments.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/minder.h"
#include "base/signals.h"
#include "base/text.h"
#include "dispatcher/arbiter/arbiter.h"
#include "proto/keys.h"
#include "proto/settings.h"

enum {
    LOOK_MS = 250, /* libzmq's descriptor is edge-triggered: it is looked at now and then, too */
    POLLED = 3
};

static struct {
    struct settings settings;
    char folder[SETTINGS_PATH_BYTES + 64];
    struct arbiter *arbiter;
    struct metrics *metrics;
    int signals;
} program;

static const char usage[] =
    "yihao-arbiter --home DIR --name NAME [--check]\n"
    "Says which of two dispatchers leads, from a third machine (docs/cluster.md).\n"
    "  --home DIR   the installation's folder (settings.conf, keys/ …)\n"
    "  --name NAME  the arbiter section of settings.conf\n"
    "  --check      check settings, then end\n";

static void complain(void *owner, const char *sentence)
{
    (void)owner;
    (void)fprintf(stderr, "%s\n", sentence);
}

static void figures(void *owner, struct text *text)
{
    (void)owner;
    arbiter_figures(program.arbiter, text);
}

static int begin(const char *home, const struct arbiter_settings *settings)
{
    struct curve_keys keys;
    const char *endpoint = program.settings.dispatcher.arbiter;
    struct text folder = text_into(program.folder, sizeof program.folder);
    text_print(&folder, "%s/%s", home, settings->name);
    if (!endpoint[0]) {
        log_error("settings.conf: dispatcher names no arbiter; write arbiter = \"tcp://…\" there");
        return -EINVAL;
    }
    if (mkdir(program.folder, 0700) < 0 && errno != EEXIST)
        return -errno;
    int status = keys_read_curve(home, "arbiter", &keys);
    if (status == 0)
        status = arbiter_open(&program.arbiter, home, program.folder, endpoint, &keys);
    if (status == 0)
        status = program.signals = signals_open(signals_ends);
    return status < 0 ? status
                      : metrics_open(&program.metrics, settings->metrics_port, figures, NULL);
}

static int serve(void)
{
    struct pollfd polled[POLLED] = { { .fd = program.signals, .events = POLLIN },
                                     { .fd = arbiter_fd(program.arbiter), .events = POLLIN },
                                     { .fd = metrics_fd(program.metrics), .events = POLLIN } };
    int status = 0;
    minder_ready();
    while (status == 0 && !(polled[0].revents & POLLIN)) {
        if (poll(polled, POLLED, LOOK_MS) < 0 && errno != EINTR)
            return -errno;
        minder_alive(clock_mono_ms());
        status = arbiter_turn(program.arbiter);
        if (polled[2].revents)
            metrics_turn(program.metrics);
    }
    return status;
}

int main(int argc, char **argv)
{
    struct arguments arguments;
    int code;
    if (!arguments_read(&arguments, argc, argv, NULL, usage, &code))
        return code;
    log_open(arguments.name, LOG_INFO);
    if (settings_read(&program.settings, arguments.home, complain, NULL) != 0) {
        log_error("%s/settings.conf cannot be used", arguments.home);
        return 1;
    }
    const struct arbiter_settings *settings = settings_arbiter(&program.settings, arguments.name);
    if (!settings || arguments.check) {
        if (!settings)
            log_error("%s/settings.conf has no section arbiter \"%s\"", arguments.home,
                      arguments.name);
        return settings ? 0 : 1;
    }
    int status = begin(arguments.home, settings);
    if (status < 0)
        log_error("cannot start: %s", strerror(-status));
    else
        status = serve();
    metrics_close(program.metrics);
    arbiter_close(program.arbiter);
    return status == 0 ? 0 : 1;
}
