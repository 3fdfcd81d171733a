/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/arguments.h"

#include <getopt.h>
#include <stdio.h>

enum {
    WRONG_WORDS = 2
};

static bool end(FILE *to, const char *usage, int *code)
{
    (void)fputs(usage, to);
    *code = to == stdout ? 0 : WRONG_WORDS;
    return false;
}

bool arguments_read(struct arguments *arguments, int count, char **words, const char *own,
                    const char *usage, int *code)
{
    const struct option options[] = {
        { "home", required_argument, NULL, 'h' }, { "name", required_argument, NULL, 'n' },
        { "check", no_argument, NULL, 'c' },      { "help", no_argument, NULL, 'u' },
        { own, required_argument, NULL, 'o' },    { NULL, 0, NULL, 0 }
    };
    *arguments = (struct arguments){ 0 };
    for (int option; (option = getopt_long(count, words, "", options, NULL)) != -1;) {
        if (option == 'h')
            arguments->home = optarg;
        else if (option == 'n')
            arguments->name = optarg;
        else if (option == 'c')
            arguments->check = true;
        else if (option == 'o')
            arguments->own = optarg;
        else if (option == 'u')
            return end(stdout, usage, code);
        else
            return end(stderr, usage, code);
    }
    return (arguments->home && arguments->name && optind == count) || end(stderr, usage, code);
}
