/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `yihao cluster hand-over`: between two turns the leader asks its standby to lead (turns.h), or lays the annals'
 * epoch down and waits until another one has it (annalist.h), sends the programs there, and ends. */
#include <stdio.h>
#include <unistd.h>

#include "dispatcher/io/claim.h"
#include "dispatcher/io/dispatcher.h"

/* The word is taken away with the look. */
static bool is_told(const struct dispatcher *dispatcher)
{
    char path[SETTINGS_PATH_BYTES + 32];
    (void)snprintf(path, sizeof path, "%s/run/hand-over", dispatcher->settings->home);
    return unlink(path) == 0;
}

static bool resign(struct dispatcher *dispatcher)
{
    return dispatcher->turns ? turns_resign(dispatcher->turns)
                             : annalist_resign(dispatcher->annalist);
}

/* Looked for twice a second; by the turns it stands for a while, for a turn that is under way. */
static bool is_wanted(struct dispatcher *dispatcher)
{
    if (dispatcher->mono_ms - dispatcher->told_ms >= TOLD_MS) {
        dispatcher->told_ms = dispatcher->mono_ms;
        if (is_told(dispatcher))
            dispatcher->resign_until_ms =
                dispatcher->mono_ms + (dispatcher->turns ? RESIGN_PATIENCE_MS : 0);
    }
    return dispatcher->resign_until_ms > 0;
}

void resign_when_told(struct dispatcher *dispatcher)
{
    if ((!dispatcher->turns && !dispatcher->annalist) || !is_wanted(dispatcher))
        return;
    if (!resign(dispatcher)) {
        if (dispatcher->mono_ms < dispatcher->resign_until_ms)
            return;
        dispatcher->resign_until_ms = 0;
        log_warn("cannot hand over: %s",
                 dispatcher->turns ? "the standby is not in step, or the arbiter has not said so"
                                   : "nobody follows by the annals");
        return;
    }
    speech_farewell(dispatcher);
    log_info("handed over seq=%llu: the twin leads",
             (unsigned long long)journal_seq(dispatcher->journal));
    claim_drop(dispatcher->settings->home); /* it may follow from where it stands */
    dispatcher->resigned = dispatcher->stopping = true;
}
