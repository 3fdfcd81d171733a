/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/ctl/programs.h"

static void show(programs_each *each, void *owner, const char *kind, const char *name,
                 uint16_t port)
{
    each(owner, &(struct program){ .kind = kind, .name = name, .port = port });
}

void programs_of(const struct settings *settings, programs_each *each, void *owner)
{
    show(each, owner, "dispatcher", "dispatcher", settings->dispatcher.metrics_port);
    for (uint32_t i = 0; i < settings->trunk_count; i++)
        show(each, owner, "trunk", settings->trunks[i].name, settings->trunks[i].metrics_port);
    for (uint32_t i = 0; i < settings->sms_count; i++)
        show(each, owner, "sms", settings->sms[i].name, settings->sms[i].metrics_port);
    for (uint32_t i = 0; i < settings->console_count; i++)
        show(each, owner, "console", settings->consoles[i].name,
             settings->consoles[i].metrics_port);
    for (uint32_t i = 0; i < settings->witness_count; i++)
        show(each, owner, "witness", settings->witnesses[i].name,
             settings->witnesses[i].metrics_port);
    for (uint32_t i = 0; i < settings->arbiter_count; i++)
        show(each, owner, "arbiter", settings->arbiters[i].name,
             settings->arbiters[i].metrics_port);
}
