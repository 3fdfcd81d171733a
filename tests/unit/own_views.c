/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/own_views.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct journal *own_views_journal;
uint64_t own_views_now_ms;
static char folder[FOLDER_BYTES];
static uint64_t seq;

int own_views_set_up(void **state)
{
    (void)state;
    seq = 0;
    own_views_now_ms = OWN_VIEWS_BEGIN_MS;
    return own_journal_open(&own_views_journal, folder);
}

int own_views_tear_down(void **state)
{
    (void)state;
    journal_close(own_views_journal);
    folder_remove(folder);
    return 0;
}

void own_views_happen(struct event event)
{
    const struct stored_event *row;
    event.seq = ++seq;
    event.at_ms = own_views_now_ms;
    assert_int_equal(journal_begin(own_views_journal), 0);
    assert_int_equal(journal_append(own_views_journal, &event, NULL, &row), 0);
    assert_int_equal(journal_commit(own_views_journal, own_views_now_ms), 0);
}
