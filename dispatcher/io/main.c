/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * yihao-dispatcher: the one decider. See DESIGN for its place; docs/operating.md for its settings. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "dispatcher/io/annalist.h"
#include "dispatcher/io/claim.h"
#include "dispatcher/io/follower.h"
#include "dispatcher/io/loop.h"
#include "dispatcher/io/turns.h"

static void complain(void *owner, const char *sentence)
{
    (void)owner;
    log_error("%s", sentence);
}

static int usage(FILE *out)
{
    (void)fputs("yihao-dispatcher --home DIR [--name dispatcher] [--standby]\n"
                "Decides for the city of this home: journal, bus, deadlines.\n"
                "--standby: follows its twin until it is told to lead (docs/cluster.md).\n"
                "SIGHUP reads keys and the city's tables anew; SIGTERM stops.\n",
                out);
    return out == stdout ? 0 : 2;
}

static void block_signals(void)
{
    sigset_t signals;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGHUP);
    (void)sigprocmask(SIG_BLOCK, &signals, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

/* Returns true when this process is to lead; else *code is how it ends. */
static bool may_lead(const struct settings *settings, bool standby, struct dispatcher_start *start,
                     int *code)
{
    const char *twin = settings->dispatcher.twin_turns;
    if (standby && settings->dispatcher.annals[0]) {
        log_error(
            "by the annals every dispatcher follows while another one leads: leave --standby out");
        *code = 1;
        return false;
    }
    if (standby && !twin[0]) {
        log_error("settings.conf names no twin_turns to follow");
        *code = 1;
        return false;
    }
    if (standby && !claim_is_made(settings->home)) {
        enum follower_end end = follower_run(settings, &start->understudy);
        *code = end == FOLLOWER_STOPPED ? 0 : 1;
        start->takes_over = true;
        return end == FOLLOWER_LEADS;
    }
    if (twin[0] && follower_twin_leads(twin)) {
        log_error("the twin leads turns=%s: restore a backup of it here and start with --standby",
                  twin);
        *code = EXIT_TWIN_LEADS;
        return false;
    }
    if (!settings->dispatcher.annals[0])
        return true;
    int status = annalist_open(&start->annalist, settings, &start->understudy);
    *code = status == -ECANCELED ? 0 : 1;
    return status == 0;
}

int main(int argc, char **argv)
{
    static const struct option options[] = { { "home", required_argument, NULL, 'h' },
                                             { "name", required_argument, NULL, 'n' },
                                             { "standby", no_argument, NULL, 's' },
                                             { "help", no_argument, NULL, '?' },
                                             { NULL, 0, NULL, 0 } };
    static struct settings settings;
    const char *home = NULL, *name = "dispatcher";
    bool standby = false;
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'h')
            home = optarg;
        else if (option == 'n')
            name = optarg;
        else if (option == 's')
            standby = true;
        else
            return usage(argc == 2 && strcmp(argv[1], "--help") == 0 ? stdout : stderr);
    }
    if (!home || optind < argc)
        return usage(stderr);
    log_open(name, LOG_INFO);
    int status = settings_read(&settings, home, complain, NULL);
    if (status < 0) {
        log_error("cannot read the settings home=%s error=%s", home, strerror(-status));
        return 1;
    }
    block_signals();
    int code = 0;
    struct dispatcher_start start = { .takes_over = false };
    if (!may_lead(&settings, standby, &start, &code))
        return code;
    struct dispatcher *dispatcher = NULL;
    status = dispatcher_open(&dispatcher, &settings, name, &start);
    if (status < 0) {
        log_error("did not start home=%s error=%s", home, strerror(-status));
        return 1;
    }
    dispatcher_run(dispatcher);
    /* By the annals it follows in its next life; a standby wants --standby first. */
    code = dispatcher_resigned(dispatcher) && !settings.dispatcher.annals[0] ? EXIT_TWIN_LEADS : 0;
    dispatcher_close(dispatcher);
    return code;
}
