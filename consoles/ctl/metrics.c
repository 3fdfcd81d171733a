/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `yihao metrics`: what each program of the home counts, fetched from its loopback port. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "consoles/ctl/programs.h"
#include "consoles/ctl/request.h"
#include "consoles/ctl/scrape.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"

struct collection {
    const char *only;
    unsigned asked;
    unsigned silent;
};

static void collect(void *owner, const struct program *program)
{
    struct collection *collection = owner;
    if (collection->only && strcmp(collection->only, program->name) != 0)
        return;
    collection->asked++;
    const char *body = scrape(program->port, "/metrics");
    (void)printf("# program %s port %u\n", program->name, program->port);
    if (body) {
        (void)fputs(body, stdout);
        return;
    }
    complain(words("%s does not answer on port %u: %s", "%s 在端口 %u 没有应答: %s"), program->name,
             program->port, strerror(errno));
    collection->silent++;
}

int run_metrics(struct request *request)
{
    static struct settings settings;
    struct collection collection = { .only = request_argument(request, 0) };
    if (settings_read(&settings, request->home, complain_sentence, NULL) < 0) {
        complain(
            words("there is no home at %s; say --home DIR", "%s 不是安装目录;请用 --home 指定"),
            request->home);
        return EXIT_FAILED;
    }
    programs_of(&settings, collect, &collection);
    if (collection.asked == 0) {
        complain(words("there is no program %s in the settings", "配置中没有程序 %s"),
                 collection.only);
        return EXIT_NOT_FOUND;
    }
    return collection.silent > 0 ? EXIT_UNREACHABLE : EXIT_DONE;
}
