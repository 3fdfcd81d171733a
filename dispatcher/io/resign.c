/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `yihao cluster hand-over`: between two turns the leader asks its standby to lead and ends (turns.h). */
#include <stdio.h>
#include <unistd.h>

#include "dispatcher/io/dispatcher.h"

static bool is_there(const struct dispatcher *dispatcher, const char *name, bool remove)
{
    char path[SETTINGS_PATH_BYTES + 32];
    (void)snprintf(path, sizeof path, "%s/%s", dispatcher->settings->home, name);
    return remove ? unlink(path) == 0 : access(path, F_OK) == 0;
}

void resign_when_told(struct dispatcher *dispatcher)
{
    if (!dispatcher->turns || !is_there(dispatcher, "run/hand-over", true))
        return;
    if (!turns_resign(dispatcher->turns)) {
        log_warn("cannot hand over: the standby is not in step");
        return;
    }
    log_info("handed over seq=%llu: the twin leads",
             (unsigned long long)journal_seq(dispatcher->journal));
    (void)is_there(dispatcher, "leads", true); /* it may follow from where it stands */
    dispatcher->resigned = dispatcher->stopping = true;
}
