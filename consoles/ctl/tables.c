/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/ctl/tables.h"

#include <string.h>

#include "consoles/ctl/verb.h"
#include "consoles/ctl/words.h"
#include "dispatcher/city/city.h"
#include "proto/settings.h"

int tables_open(const char *home, struct city **city)
{
    static struct settings settings;
    int status = settings_read(&settings, home, complain_sentence, NULL);
    if (status == 0)
        status = city_open(city, settings.city, complain_sentence, NULL);
    if (status < 0)
        complain(words("the tables of %s cannot be used: %s", "%s 的表格不可用: %s"), home,
                 strerror(-status));
    return status < 0 ? EXIT_FAILED : EXIT_DONE;
}
