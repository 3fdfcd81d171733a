/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * yihao-trunk: SIP trunks, seats' phones, waiting callers, recording. */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "gateways/trunk/trunk.h"

static const char usage[] =
    "yihao-trunk --home DIR --name NAME [--check]\n"
    "  --home DIR   the installation's folder (settings.conf, keys/ …)\n"
    "  --name NAME  the trunk section of settings.conf and the name on the bus\n"
    "  --check      check settings, networks, phones and keys, then end\n";

static void complain(void *owner, const char *sentence)
{
    (void)owner;
    (void)fprintf(stderr, "%s\n", sentence);
}

int main(int count, char **words)
{
    static const struct option options[] = { { "home", required_argument, NULL, 'h' },
                                             { "name", required_argument, NULL, 'n' },
                                             { "check", no_argument, NULL, 'c' },
                                             { "help", no_argument, NULL, 'u' },
                                             { NULL, 0, NULL, 0 } };
    static struct settings settings;
    const char *home = NULL, *name = NULL;
    bool check = false;
    int option;
    while ((option = getopt_long(count, words, "", options, NULL)) != -1) {
        switch (option) {
        case 'h':
            home = optarg;
            break;
        case 'n':
            name = optarg;
            break;
        case 'c':
            check = true;
            break;
        case 'u':
            (void)fputs(usage, stdout);
            return 0;
        default:
            (void)fputs(usage, stderr);
            return 2;
        }
    }
    if (!home || !name) {
        (void)fputs(usage, stderr);
        return 2;
    }
    log_open(name, LOG_INFO);
    int status = settings_read(&settings, home, complain, NULL);
    if (status < 0) {
        log_error("cannot read settings home=%s: %s", home, strerror(-status));
        return 1;
    }
    const struct trunk_settings *trunk = settings_trunk(&settings, name);
    if (!trunk) {
        log_error("no trunk section name=%s in %s/settings.conf; add one", name, home);
        return 1;
    }
    if (check)
        return trunk_check(&settings, trunk) < 0 ? 1 : 0;
    status = trunk_run(&settings, trunk);
    if (status < 0)
        log_error("ended: %s", strerror(-status));
    return status < 0 ? 1 : 0;
}
