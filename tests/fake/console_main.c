/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The console server over a bus in the same process: `console_fake PORT WEB HOME`. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <sodium.h>

#include "base/log.h"
#include "consoles/server/console.h"

int main(int count, char **words)
{
    static struct console console;
    if (count != 4 || sodium_init() < 0) {
        (void)fputs("usage: console_fake PORT WEB HOME\n", stderr);
        return EXIT_FAILURE;
    }
    log_open("console", LOG_INFO);
    static const struct oidc_settings oidc = { .issuer = "https://sso.city.example",
                                               .client = "yihao",
                                               .authorize = "https://sso.city.example/auth",
                                               .back = "https://console.city.example/oidc/back",
                                               .scope = "openid" };
    struct console_options options = {
        .oidc = &oidc,
        .home = words[3],
        .name = "console",
        .web = words[2],
        .address = "127.0.0.1",
        .port = (uint16_t)strtoul(words[1], NULL, 10),
    };
    int status = console_open(&console, &options);
    if (status == 0)
        status = console_run(&console);
    console_close(&console);
    return status == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
