/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `yihao metrics`: what each program of the home counts, fetched from its loopback port. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "consoles/ctl/request.h"
#include "consoles/ctl/scrape.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"
#include "proto/settings.h"

struct collection {
    const char *only;
    unsigned asked;
    unsigned silent;
};

static void collect(struct collection *collection, const char *program, uint16_t port)
{
    if (collection->only && strcmp(collection->only, program) != 0)
        return;
    collection->asked++;
    const char *body = scrape(port, "/metrics");
    (void)printf("# program %s port %u\n", program, port);
    if (body) {
        (void)fputs(body, stdout);
        return;
    }
    complain(words("%s does not answer on port %u: %s", "%s 在端口 %u 没有应答: %s"), program, port,
             strerror(errno));
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
    collect(&collection, "dispatcher", settings.dispatcher.metrics_port);
    for (uint32_t i = 0; i < settings.trunk_count; i++)
        collect(&collection, settings.trunks[i].name, settings.trunks[i].metrics_port);
    for (uint32_t i = 0; i < settings.sms_count; i++)
        collect(&collection, settings.sms[i].name, settings.sms[i].metrics_port);
    for (uint32_t i = 0; i < settings.console_count; i++)
        collect(&collection, settings.consoles[i].name, settings.consoles[i].metrics_port);
    for (uint32_t i = 0; i < settings.witness_count; i++)
        collect(&collection, settings.witnesses[i].name, settings.witnesses[i].metrics_port);
    if (collection.asked == 0) {
        complain(words("there is no program %s in the settings", "配置中没有程序 %s"),
                 collection.only);
        return EXIT_NOT_FOUND;
    }
    return collection.silent > 0 ? EXIT_UNREACHABLE : EXIT_DONE;
}
