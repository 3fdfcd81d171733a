/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/e2e/partitions.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/require.h"
#include "dispatcher/io/turns.h"
#include "tests/fake/cable.h"

enum {
    SHORT_MS = 1500, /* nobody is believed lost yet */
    LONG_MS = 6000,
    LONG_ANNALS_MS = 3300, /* a silent leader is waited for 2 s */
    CUT_MS_MIN = 200,
    BACKUP_MS = 10000, /* who does not follow by then stands where the leader never stood */
    PATIENCE_MS = 60000,
    CALM_MS = 600,
    TICK_MS = 20
};

/* From the first to the second, and the other way. */
enum {
    THERE = 1,
    BACK = 2,
    BOTH = 3
};

/* The third: the arbiter, or the database, to which both connect. */
enum edge {
    LEADER_STANDBY,
    LEADER_THIRD,
    STANDBY_THIRD,
    GATEWAY_LEADER,
    GATEWAY_STANDBY,
    EDGES
};

struct shape {
    const char *name;
    int cut[EDGES];
};

static const struct shape by_arbiter[] = {
    { "leader and standby apart", { BOTH, 0, 0, 0, 0 } },
    { "the standby does not hear the leader", { THERE, 0, 0, 0, 0 } },
    { "the leader does not hear the standby", { BACK, 0, 0, 0, 0 } },
    { "leader and arbiter apart", { 0, BOTH, 0, 0, 0 } },
    { "the arbiter does not hear the leader", { 0, THERE, 0, 0, 0 } },
    { "the leader does not hear the arbiter", { 0, BACK, 0, 0, 0 } },
    { "standby and arbiter apart", { 0, 0, BOTH, 0, 0 } },
    { "the arbiter does not hear the standby", { 0, 0, THERE, 0, 0 } },
    { "gateway and leader apart", { 0, 0, 0, BOTH, 0 } },
    { "the leader does not hear the gateway", { 0, 0, 0, THERE, 0 } },
    { "the gateway does not hear the leader", { 0, 0, 0, BACK, 0 } },
    { "gateway and standby apart", { 0, 0, 0, 0, BOTH } },
    { "the leader alone with the gateway", { BOTH, BOTH, 0, 0, 0 } },
    { "the leader alone", { BOTH, BOTH, 0, BOTH, 0 } },
    { "nobody hears the leader", { THERE, THERE, 0, BACK, 0 } },
    { "the leader hears nobody", { BACK, BACK, 0, THERE, 0 } },
    { "the standby alone", { BOTH, 0, BOTH, 0, BOTH } },
    { "the arbiter alone", { 0, BOTH, BOTH, 0, 0 } },
    { "all apart", { BOTH, BOTH, BOTH, BOTH, BOTH } },
};

/* The dispatchers never speak with each other: what they know of each other stands in the database. */
static const struct shape by_annals[] = {
    { "leader and database apart", { 0, BOTH, 0, 0, 0 } },
    { "the database does not hear the leader", { 0, THERE, 0, 0, 0 } },
    { "the leader does not hear the database", { 0, BACK, 0, 0, 0 } },
    { "the second and the database apart", { 0, 0, BOTH, 0, 0 } },
    { "the database does not hear the second", { 0, 0, THERE, 0, 0 } },
    { "the second does not hear the database", { 0, 0, BACK, 0, 0 } },
    { "the database alone", { 0, BOTH, BOTH, 0, 0 } },
    { "gateway and leader apart", { 0, 0, 0, BOTH, 0 } },
    { "the leader does not hear the gateway", { 0, 0, 0, THERE, 0 } },
    { "the gateway does not hear the leader", { 0, 0, 0, BACK, 0 } },
    { "gateway and the second apart", { 0, 0, 0, 0, BOTH } },
    { "the leader alone", { 0, BOTH, 0, BOTH, 0 } },
    { "the leader hears nobody", { 0, BACK, 0, THERE, 0 } },
    { "the leader alone with the gateway, which the second does not reach",
      { 0, BOTH, 0, 0, BOTH } },
    { "all apart", { 0, BOTH, BOTH, BOTH, BOTH } },
};

/* By machine, which one is named by its home: where its ways begin. That from twin to twin is where the twin listens. */
struct cables {
    struct home *homes[2];
    struct cable *to_third[2], *from_gateway[2];
    uint16_t third[2], gateway[2];
};

static int machine_of(const struct partitions *partitions, const struct home *home)
{
    return home == partitions->cables->homes[1];
}

static struct cut way(uint16_t port, int cut)
{
    return (struct cut){ port, (cut & THERE) != 0, (cut & BACK) != 0 };
}

static void cut(const struct partitions *partitions, const int cuts[EDGES])
{
    const struct cables *cables = partitions->cables;
    int leader = machine_of(partitions, partitions->leader), standby = !leader;
    int twins = cuts[LEADER_STANDBY];
    int turned = (twins & THERE ? BACK : 0) | (twins & BACK ? THERE : 0);
    struct cut all[] = {
        way((uint16_t)(partitions->standby->base + 3), twins),
        way((uint16_t)(partitions->leader->base + 3), turned),
        way(cables->third[leader], cuts[LEADER_THIRD]),
        way(cables->third[standby], cuts[STANDBY_THIRD]),
        way(cables->gateway[leader], cuts[GATEWAY_LEADER]),
        way(cables->gateway[standby], cuts[GATEWAY_STANDBY]),
    };
    cables_cut(all, sizeof all / sizeof all[0]);
}

/* As its keeper does, and for who heard that the twin leads as a person does. By the annals it just begins anew. */
static void keep(const struct partitions *partitions, struct home *home)
{
    char path[192];
    int status = 0;
    if (waitpid(home->dispatcher, &status, WNOHANG) == 0)
        return;
    home->dispatcher = 0;
    REQUIRE(WIFEXITED(status)); /* no signal, no abort */
    if (WEXITSTATUS(status) == EXIT_TWIN_LEADS) {
        (void)snprintf(path, sizeof path, "%s/leads", home->folder);
        (void)unlink(path);
        home->standby = true;
    }
    home->dispatcher = home_begin(home, partitions->program);
}

static void go_on(const struct partitions *partitions, uint64_t ms)
{
    for (uint64_t until_ms = clock_mono_ms() + ms; clock_mono_ms() < until_ms;) {
        partitions->run(TICK_MS, true);
        keep(partitions, partitions->leader);
        keep(partitions, partitions->standby);
    }
}

static bool leads(const struct home *home)
{
    return home_metric(home, "yihao_journal_epoch") != UINT64_MAX;
}

static bool says(const struct home *home, const char *figure)
{
    return home_metric(home, figure) == 1;
}

/* With a live core. */
static bool follows(const struct partitions *partitions)
{
    return says(partitions->standby, "yihao_standby_live") &&
           says(partitions->standby, "yihao_standby_follows") &&
           (partitions->annals || says(partitions->leader, "yihao_standby_in_step"));
}

static void swap(struct partitions *partitions)
{
    struct home *former = partitions->leader;
    partitions->leader = partitions->standby;
    partitions->standby = former;
}

/* One leads and the other follows. Returns whether it is another one than before. */
static bool heal(struct partitions *partitions)
{
    uint64_t begun_ms = clock_mono_ms();
    bool changed = false, reopened = false;
    for (;;) {
        go_on(partitions, TICK_MS);
        if (!leads(partitions->leader) && leads(partitions->standby)) {
            swap(partitions);
            changed = !changed;
        }
        if (leads(partitions->leader) && !leads(partitions->standby) && follows(partitions))
            return changed;
        uint64_t since_ms = clock_mono_ms() - begun_ms;
        REQUIRE(since_ms < PATIENCE_MS);
        if (!partitions->annals && since_ms > BACKUP_MS && !reopened && leads(partitions->leader)) {
            partitions->reopen(partitions->leader, partitions->standby, partitions->program);
            reopened = true;
        }
    }
}

static void play(struct partitions *partitions, const struct shape *shape, uint64_t ms)
{
    static const int none[EDGES];
    go_on(partitions, CALM_MS);
    (void)partitions->take_longest_wait_ms();
    cut(partitions, shape->cut);
    go_on(partitions, ms);
    cut(partitions, none);
    bool changed = heal(partitions);
    go_on(partitions, CALM_MS);
    printf("%s for %" PRIu64 " ms: %s; the gateway waited %" PRIu64 " ms\n", shape->name, ms,
           changed ? "the other one leads" : "the same one leads",
           partitions->take_longest_wait_ms());
}

void partitions_play(struct partitions *partitions, uint64_t rounds)
{
    bool annals = partitions->annals;
    const struct shape *shapes = annals ? by_annals : by_arbiter;
    size_t all =
        annals ? sizeof by_annals / sizeof by_annals[0] : sizeof by_arbiter / sizeof by_arbiter[0];
    uint64_t count = 0, longest_ms = annals ? LONG_ANNALS_MS : LONG_MS;
    size_t next = annals ? prng_below(partitions->prng, all) : 0;
    (void)heal(partitions);
    for (uint64_t round = 0; round < rounds; round++) {
        uint64_t until_ms = annals ? clock_mono_ms() + PARTITIONS_ROUND_MS : UINT64_MAX;
        for (size_t i = 0; i < all && clock_mono_ms() < until_ms; i++, next++, count++) {
            uint64_t most = (round + i) % 3 == 0 ? SHORT_MS : longest_ms;
            play(partitions, &shapes[next % all],
                 CUT_MS_MIN + prng_below(partitions->prng, most - CUT_MS_MIN));
        }
    }
    printf("partitions: %" PRIu64 " of %zu shapes\n", count, all);
}

static void begin_behind(const struct partitions *partitions, struct home *home)
{
    (void)home_stop(home, SIGTERM);
    home_write_settings(home);
    (void)home_start(home, partitions->program);
}

static uint16_t port_of(const char *endpoint)
{
    return (uint16_t)strtoul(strrchr(endpoint, ':') + 1, NULL, 10);
}

/* From its next start on the home speaks with the third by a way of its own. */
static void name_third(const struct partitions *partitions, struct home *home, uint16_t port)
{
    char annals[sizeof home->annals];
    if (!partitions->annals) {
        home->to_arbiter = port;
        return;
    }
    (void)snprintf(annals, sizeof annals, "postgresql://yihao@127.0.0.1:%u/annals?sslmode=disable",
                   port);
    home_name_annals(home, annals);
}

void partitions_open(struct partitions *partitions, struct home *gateway)
{
    struct cables *cables = calloc(1, sizeof *cables);
    REQUIRE(cables != NULL);
    partitions->cables = cables;
    cables->homes[0] = partitions->leader;
    cables->homes[1] = partitions->standby;
    for (int i = 0; i < 2; i++) {
        struct home *home = cables->homes[i];
        cables->to_third[i] = cable_lay(partitions->third, &cables->third[i]);
        cables->from_gateway[i] = cable_lay(port_of(home->commands), &cables->gateway[i]);
        name_third(partitions, home, cables->third[i]);
    }
    *gateway = *partitions->leader;
    (void)snprintf(gateway->commands, sizeof gateway->commands, "tcp://127.0.0.1:%u",
                   cables->gateway[0]);
    (void)snprintf(gateway->twin, sizeof gateway->twin, "tcp://127.0.0.1:%u", cables->gateway[1]);
    begin_behind(partitions, partitions->standby);
    begin_behind(partitions, partitions->leader);
    if (!leads(partitions->leader) && leads(partitions->standby))
        swap(partitions); /* by the annals whoever looked first */
}

void partitions_close(struct partitions *partitions)
{
    struct cables *cables = partitions->cables;
    for (int i = 0; i < 2; i++) {
        cable_remove(cables->to_third[i]);
        cable_remove(cables->from_gateway[i]);
    }
    free(cables);
}
