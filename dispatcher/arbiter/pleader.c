/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/arbiter/pleader.h"

#include <string.h>

#include "base/require.h"
#include "base/text.h"

void pleader_init(struct pleader *pleader, const char *name, uint64_t epoch)
{
    *pleader = (struct pleader){ .plea = { .kind = PLEA_ASK, .epoch = epoch } };
    bool fits = text_copy(pleader->plea.name, sizeof pleader->plea.name, name);
    REQUIRE(fits && name[0] != 0);
}

void pleader_want(struct pleader *pleader, enum plea_kind kind)
{
    struct plea *plea = &pleader->plea;
    uint64_t term = kind == PLEA_LEAD ? pleader->term : 0;
    if (plea->kind == kind && plea->term == term)
        return;
    plea->kind = kind;
    plea->term = term;
    plea->number++;
    pleader->granted = false;
    pleader->said_ms = 0;
}

bool pleader_due(struct pleader *pleader, uint64_t mono_ms, struct plea *plea)
{
    uint64_t pause_ms = pleader->granted ? PLEADER_LOOK_MS : PLEADER_AGAIN_MS;
    if (pleader->said_ms != 0 && mono_ms < pleader->said_ms + pause_ms)
        return false;
    pleader->said_ms = mono_ms;
    *plea = pleader->plea;
    return true;
}

void pleader_hear(struct pleader *pleader, const struct ruling *ruling, uint64_t mono_ms)
{
    const struct plea *said = &ruling->plea;
    pleader->heard_ms = mono_ms;
    pleader->term = said->term;
    pleader->alone = ruling->alone;
    pleader->holds = said->term != 0 && strcmp(said->name, pleader->plea.name) == 0;
    if (said->epoch != pleader->plea.epoch || said->number != pleader->plea.number)
        return; /* of an older plea, or of an older life */
    pleader->granted = ruling->verdict == RULING_GRANTED;
    if ((said->kind == PLEA_ALONE || said->kind == PLEA_TOGETHER) &&
        ruling->verdict == RULING_REFUSED)
        pleader->deposed = true;
}

bool pleader_is_free(const struct pleader *pleader)
{
    return pleader->plea.kind == PLEA_ALONE && pleader->granted && !pleader->deposed;
}

bool pleader_leads(const struct pleader *pleader)
{
    return pleader->holds;
}
