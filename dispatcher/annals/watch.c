/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/annals/watch.h"

#include <string.h>

void watch_begin(struct watch *watch, uint64_t now_ms)
{
    *watch = (struct watch){ .seen_ms = now_ms };
}

void watch_blind(struct watch *watch, uint64_t now_ms)
{
    watch->seen_ms = now_ms;
}

bool watch_may_rise(struct watch *watch, const struct annals_stand *stand, const char *own,
                    uint64_t now_ms)
{
    const struct annals_stand *seen = &watch->seen;
    if (stand->epoch == 0 || stand->holder[0] == '\0' || strcmp(stand->holder, own) == 0)
        return true;
    if (seen->epoch != stand->epoch || seen->beat != stand->beat ||
        seen->last.turn != stand->last.turn) {
        watch->seen = *stand;
        watch->seen_ms = now_ms;
    }
    return now_ms - watch->seen_ms >= WATCH_SILENT_MS;
}
