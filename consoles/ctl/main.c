/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * yihao: the command line of a city's hotline. */
#include <stdio.h>

#include "base/log.h"
#include "consoles/ctl/request.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"

int main(int count, char **line)
{
    struct request request;
    words_open();
    log_open("yihao", LOG_ERROR);
    int code = request_read(&request, count - 1, (const char *const *)line + 1);
    if (code != EXIT_DONE)
        return code;
    if (request.verb && !request.help)
        return request.verb->run(&request);
    if (request.verb)
        help_verb(request.verb);
    else
        help_all();
    return request.help ? EXIT_DONE : EXIT_USAGE;
}
