/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * yihao-console: the web consoles' server. `yihao-console --home DIR [--name console] [--web DIR]
 * [--check]`. With HOME/keys/NAME.crt and NAME.key (PEM) it speaks TLS. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "base/log.h"
#include "base/text.h"
#include "consoles/server/console.h"
#include "proto/keys.h"
#include "proto/settings.h"

struct arguments {
    const char *home;
    const char *name;
    const char *web;
    bool check;
    bool help;
};

static const char usage[] =
    "yihao-console --home DIR [--name console] [--web DIR] [--check]\n"
    "  --home DIR   the installation's folder (settings.conf, keys/ …)\n"
    "  --name NAME  the console section of settings.conf and the name on the bus\n"
    "  --web DIR    the pages' folder, instead of the one it was built with\n"
    "  --check      check settings, keys and certificate, then end\n";

static bool read_arguments(struct arguments *arguments, int count, char **words)
{
    static const struct option options[] = {
        { "home", required_argument, NULL, 'h' }, { "name", required_argument, NULL, 'n' },
        { "web", required_argument, NULL, 'w' },  { "check", no_argument, NULL, 'c' },
        { "help", no_argument, NULL, 'u' },       { 0 },
    };
    *arguments = (struct arguments){ .name = "console" };
    for (int option; (option = getopt_long(count, words, "", options, NULL)) != -1;) {
        if (option == 'h')
            arguments->home = optarg;
        else if (option == 'n')
            arguments->name = optarg;
        else if (option == 'w')
            arguments->web = optarg;
        else if (option == 'c')
            arguments->check = true;
        else if (option == 'u')
            arguments->help = true;
        else
            return false;
    }
    return (arguments->home || arguments->help) && optind == count;
}

static void complain(void *owner, const char *sentence)
{
    (void)owner;
    log_error("%s", sentence);
}

static int read_keys(struct link_settings *link, const struct arguments *arguments)
{
    struct curve_keys keys;
    int status = keys_read_curve(arguments->home, arguments->name, &keys);
    if (status == 0)
        status = keys_read_public(arguments->home, "dispatcher", link->server_public);
    if (status < 0) {
        log_error("read keys failed folder=%s/keys program=%s error=%s; run `yihao keys make`",
                  arguments->home, arguments->name, strerror(-status));
        return status;
    }
    link->home = arguments->home;
    (void)text_copy(link->public_key, sizeof link->public_key, keys.public_key);
    (void)text_copy(link->secret_key, sizeof link->secret_key, keys.secret_key);
    sodium_memzero(&keys, sizeof keys);
    return 0;
}

/* Both files there: TLS; none: plain HTTP, for a proxy in front or the loopback. */
static int find_certificate(struct console_options *options, char *certificate, char *key,
                            size_t room)
{
    (void)snprintf(certificate, room, "%s/keys/%s.crt", options->home, options->name);
    (void)snprintf(key, room, "%s/keys/%s.key", options->home, options->name);
    bool first = access(certificate, R_OK) == 0, second = access(key, R_OK) == 0;
    if (first != second) {
        log_error("%s without %s; TLS needs both", first ? certificate : key,
                  first ? key : certificate);
        return -EINVAL;
    }
    options->certificate = first ? certificate : NULL;
    options->key = first ? key : NULL;
    return 0;
}

static int serve(const struct console_options *options)
{
    struct console *console = calloc(1, sizeof *console);
    if (!console)
        return -ENOMEM;
    int status = console_open(console, options);
    if (status == 0)
        status = console_run(console);
    console_close(console);
    free(console);
    return status;
}

int main(int count, char **words)
{
    static struct settings settings;
    static char certificate[CONSOLE_PATH_BYTES], key[CONSOLE_PATH_BYTES];
    struct arguments arguments;
    if (!read_arguments(&arguments, count, words)) {
        (void)fputs(usage, stderr);
        return 2;
    }
    if (arguments.help) {
        (void)fputs(usage, stdout);
        return EXIT_SUCCESS;
    }
    log_open("console", LOG_INFO);
    if (sodium_init() < 0) {
        log_error("start libsodium failed");
        return EXIT_FAILURE;
    }
    int status = settings_read(&settings, arguments.home, complain, NULL);
    if (status == -ENOENT)
        log_error("%s/settings.conf is missing", arguments.home);
    const struct console_settings *own =
        status == 0 ? settings_console(&settings, arguments.name) : NULL;
    if (status == 0 && !own)
        log_error("settings.conf has no console \"%s\"", arguments.name);
    if (!own)
        return EXIT_FAILURE;
    struct console_options options = {
        .home = arguments.home,
        .name = arguments.name,
        .web = arguments.web ? arguments.web : pages_standard(),
        .address = own->address,
        .port = own->port,
        .metrics_port = own->metrics_port,
        .link = { .name = arguments.name,
                  .endpoint = settings.dispatcher.commands,
                  .twin = settings.dispatcher.twin_commands },
        .suite = suite_named(settings.suite),
        .oidc = settings.oidc.issuer[0] ? &settings.oidc : NULL,
    };
    if (read_keys(&options.link, &arguments) < 0 ||
        find_certificate(&options, certificate, key, sizeof certificate) < 0)
        return EXIT_FAILURE;
    if (arguments.check)
        return EXIT_SUCCESS;
    return serve(&options) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
