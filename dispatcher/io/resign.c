/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `yihao cluster hand-over`: between two turns the leader asks its standby to lead and ends (turns.h). */
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

void resign_when_told(struct dispatcher *dispatcher)
{
    if (!dispatcher->turns || !is_told(dispatcher))
        return;
    if (!turns_resign(dispatcher->turns)) {
        log_warn("cannot hand over: the standby is not in step");
        return;
    }
    log_info("handed over seq=%llu: the twin leads",
             (unsigned long long)journal_seq(dispatcher->journal));
    claim_drop(dispatcher->settings->home); /* it may follow from where it stands */
    dispatcher->resigned = dispatcher->stopping = true;
}
