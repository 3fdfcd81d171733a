/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A journal of each event version must replay to its digest and its summary for ever
 * (tests/golden/README.md).
 *     build/dev/tests/test_golden_journals --print 1 > tests/golden/journal-1.txt */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/returning.h"
#include "dispatcher/core/state.h"
#include "tests/golden/journal_file.h"

enum {
    VERSIONS_MAX = 100
};

/* Large enough that nothing is evicted: what a version forgets when is its own affair. */
static const struct core_limits limits = { .lines = 16,
                                           .departments = 64,
                                           .users = 256,
                                           .categories = 64,
                                           .gateways = 16,
                                           .contacts = 16384,
                                           .incidents = 8192,
                                           .tasks = 32768,
                                           .callbacks = 4096,
                                           .texts = 16384,
                                           .petitions = 64 };

static uint64_t seen[EVENT_KIND_COUNT];

static struct core *core_make(void)
{
    void *memory = calloc(1, core_size(&limits));
    assert_non_null(memory);
    return core_init(memory, core_size(&limits), &limits);
}

/* Shows each history of the file, as it stands at its end. */
static void replay(const char *path, void (*see)(struct core *core, void *owner), void *owner)
{
    static struct event event;
    struct journal_file *file = journal_file_open(path);
    struct core *core = core_make();
    memset(seen, 0, sizeof seen);
    while (journal_file_next(file, &event)) {
        if (event.seq == 1 && core_seq(core) > 0) {
            see(core, owner);
            free(core); /* the start of its block */
            core = core_make();
        }
        core_apply(core, &event);
        seen[event.kind]++;
    }
    see(core, owner);
    free(core);
    journal_file_close(file);
}

/* The earliest promise to a citizen that runs and was not broken yet. */
static uint64_t first_promise(const struct core *core)
{
    uint64_t first = UINT64_MAX;
    for (uint32_t i = 0; i < core->incidents.reached; i++) {
        const struct promise *promise = &((struct incident *)pool_at(&core->incidents, i))->promise;
        if (promise->due_ms && !promise->reported && promise->due_ms < first)
            first = promise->due_ms;
    }
    return first;
}

static void show(struct core *core, void *owner)
{
    struct text *out = owner;
    core_check(core);
    text_print(out, "digest %016llx\n", (unsigned long long)core_digest(core));
    text_print(out, "seq %llu, at %llu ms\n", (unsigned long long)core_seq(core),
               (unsigned long long)core->at_ms);
    text_print(out, "next id %llu\n", (unsigned long long)core->next_id);
    text_print(out, "first promise %llu ms\n", (unsigned long long)first_promise(core));
    text_print(out, "callbacks %u\n", pool_used(&core->callbacks));
    for (enum contact_state state = 1; state < CONTACT_STATE_COUNT; state++)
        if (core->contacts_in[state])
            text_print(out, "contacts %s %u\n", contact_state_name(state),
                       core->contacts_in[state]);
    for (enum incident_state state = 1; state < INCIDENT_STATE_COUNT; state++)
        if (core->incidents_in[state])
            text_print(out, "incidents %s %u\n", incident_state_name(state),
                       core->incidents_in[state]);
    for (enum task_state state = 1; state < TASK_STATE_COUNT; state++)
        if (core->tasks_in[state])
            text_print(out, "tasks %s %u\n", task_state_name(state), core->tasks_in[state]);
}

static void summarise_file(int version, char *written, size_t room)
{
    char path[64];
    struct text out = text_into(written, room);
    (void)snprintf(path, sizeof path, "tests/golden/journal-%d.bin", version);
    replay(path, show, &out);
    for (enum event_kind kind = 1; kind < EVENT_KIND_COUNT; kind++)
        if (seen[kind])
            text_print(&out, "events %s %llu\n", event_kind_name(kind),
                       (unsigned long long)seen[kind]);
    assert_false(out.cut);
}

static void every_journal_replays_to_what_it_was(void **state)
{
    static char written[262144];
    static char signed_text[sizeof written];
    char path[64];
    int version = 1;
    (void)state;
    for (; version < VERSIONS_MAX; version++) {
        (void)snprintf(path, sizeof path, "tests/golden/journal-%d.txt", version);
        FILE *file = fopen(path, "r");
        if (!file)
            break;
        size_t size = fread(signed_text, 1, sizeof signed_text - 1, file);
        (void)fclose(file);
        signed_text[size] = 0;
        summarise_file(version, written, sizeof written);
        assert_string_equal(written, signed_text);
    }
    assert_true(version > 1);
}

/* Every kind that this version can write stands in the newest journal: whoever adds one records it
 * (tests/golden/README.md). */
static void the_newest_journal_holds_every_kind_of_event(void **state)
{
    static char written[262144];
    char path[64];
    int version = 1;
    uint32_t missing = 0;
    (void)state;
    for (; version < VERSIONS_MAX; version++) {
        (void)snprintf(path, sizeof path, "tests/golden/journal-%d.bin", version);
        if (access(path, R_OK) != 0)
            break;
    }
    summarise_file(version - 1, written, sizeof written);
    for (enum event_kind kind = 1; kind < EVENT_KIND_COUNT; kind++) {
        if (seen[kind] || event_kind_name(kind)[0] == '?')
            continue;
        print_error("journal-%d.bin has no %s\n", version - 1, event_kind_name(kind));
        missing++;
    }
    assert_int_equal(missing, 0);
}

static void leave_and_return(struct core *core, uint64_t id)
{
    static struct event left = { .kind = EVENT_INCIDENT_LEFT };
    static struct event returned = { .kind = EVENT_INCIDENT_RETURNED };
    left.incident = returned.incident = id;
    left.incident_left.has_row = returned.incident_returned.has_row = true;
    returning_row(core_incident(core, id), &left.incident_left.row);
    returned.incident_returned.row = left.incident_left.row;
    struct ledger ledger = core_incident(core, id)->ledger; /* no part of the digest */
    apply_incident_left(core, &left);
    assert_null(core_incident(core, id));
    apply_incident_returned(core, &returned);
    const struct ledger *again = &core_incident(core, id)->ledger;
    assert_memory_equal(again->booked_ms, ledger.booked_ms, sizeof ledger.booked_ms);
    assert_true(again->since_ms == ledger.since_ms && again->owner == ledger.owner);
}

static void let_closed_return(struct core *core, void *owner)
{
    uint32_t *closed = owner;
    for (uint64_t id = 1; id < core->next_id; id++) {
        const struct incident *incident = core_incident(core, id);
        if (!incident || !incident_is_closed(incident->state) || returning_is_held(incident))
            continue;
        uint64_t digest = core_digest(core);
        leave_and_return(core, id);
        assert_true(core_digest(core) == digest);
        (*closed)++;
    }
    core_check(core);
}

static void every_closed_incident_returns_as_it_left(void **state)
{
    uint32_t closed = 0;
    (void)state;
    for (int version = 1; version < VERSIONS_MAX; version++) {
        char path[64];
        (void)snprintf(path, sizeof path, "tests/golden/journal-%d.bin", version);
        if (access(path, R_OK) != 0)
            break;
        replay(path, let_closed_return, &closed);
    }
    assert_true(closed > 30);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_journal_replays_to_what_it_was),
        cmocka_unit_test(the_newest_journal_holds_every_kind_of_event),
        cmocka_unit_test(every_closed_incident_returns_as_it_left),
    };
    if (argc > 2 && strcmp(argv[1], "--print") == 0) {
        static char written[262144];
        summarise_file(atoi(argv[2]), written, sizeof written);
        return fputs(written, stdout) < 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
