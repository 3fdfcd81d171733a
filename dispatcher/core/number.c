/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/number.h"

#include "base/require.h"

const struct contact *number_newest(const struct core *core, uint64_t caller)
{
    return caller ? index_find(&core->index, ENTRY_CALLER_LIVE, caller, 0) : NULL;
}

uint64_t number_live(const struct core *core, uint64_t caller)
{
    const struct contact *newest = number_newest(core, caller);
    return newest ? newest->id : 0;
}

const struct contact *number_last(const struct core *core, uint64_t caller)
{
    return caller ? index_find(&core->index, ENTRY_CALLER_LAST, caller, 0) : NULL;
}

void number_enter(struct core *core, struct contact *contact)
{
    if (!contact->caller)
        return;
    struct contact *older = index_find(&core->index, ENTRY_CALLER_LIVE, contact->caller, 0);
    if (older) {
        older->same_newer = contact;
        contact->same_older = older;
        index_remove(&core->index, ENTRY_CALLER_LIVE, contact->caller, 0);
    }
    index_put(&core->index, ENTRY_CALLER_LIVE, contact->caller, 0, contact);
}

void number_leave(struct core *core, struct contact *contact)
{
    if (!contact->caller || contact->test)
        return;
    struct contact *older = contact->same_older;
    if (older)
        older->same_newer = contact->same_newer;
    if (contact->same_newer) {
        contact->same_newer->same_older = older;
    } else {
        index_remove(&core->index, ENTRY_CALLER_LIVE, contact->caller, 0);
        if (older)
            index_put(&core->index, ENTRY_CALLER_LIVE, contact->caller, 0, older);
    }
    contact->same_older = contact->same_newer = NULL;
    number_forget(core, index_find(&core->index, ENTRY_CALLER_LAST, contact->caller, 0));
    index_put(&core->index, ENTRY_CALLER_LAST, contact->caller, 0, contact);
}

void number_forget(struct core *core, struct contact *contact)
{
    if (contact && contact->caller && number_last(core, contact->caller) == contact)
        index_remove(&core->index, ENTRY_CALLER_LAST, contact->caller, 0);
}

void number_check(const struct core *core, const struct contact *contact, bool live)
{
    bool stands = false;
    for (const struct contact *one = number_newest(core, contact->caller); one;
         one = one->same_older) {
        REQUIRE(one->caller == contact->caller);
        REQUIRE(!one->same_older || one->same_older->same_newer == one);
        stands |= one == contact;
    }
    REQUIRE(stands == (live && contact->caller && !contact->test));
}
