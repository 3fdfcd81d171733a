/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Of two dispatchers one leads: every row of the arbiter's table, and a swarm in which messages are lost, late and
 * repeated, dispatchers and the arbiter die and come back, and yet never two speak, and whoever leads has all that
 * was spoken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/prng.h"
#include "dispatcher/arbiter/mandate.h"
#include "dispatcher/arbiter/pleader.h"

/* ---- the table ------------------------------------------------------------------------------- */

static enum verdict_of_plea plead(struct mandate *mandate, enum plea_kind kind, const char *name,
                                  uint64_t term, uint64_t number)
{
    struct plea plea = { .kind = kind, .term = term, .epoch = 1, .number = number };
    struct ruling ruling;
    (void)snprintf(plea.name, sizeof plea.name, "%s", name);
    (void)mandate_judge(mandate, &plea, &ruling);
    assert_string_equal(ruling.plea.name, mandate->holder);
    assert_int_equal(ruling.plea.term, mandate->term);
    return ruling.verdict;
}

static void the_first_of_alone_and_lead_wins(void **state)
{
    (void)state;
    struct mandate mandate = { .term = 0 };
    assert_int_equal(plead(&mandate, PLEA_LEAD, "b", 0, 1), RULING_REFUSED); /* nobody ever led */
    assert_int_equal(plead(&mandate, PLEA_ALONE, "a", 0, 1), RULING_GRANTED);
    assert_string_equal(mandate.holder, "a");
    assert_int_equal(plead(&mandate, PLEA_LEAD, "b", 1, 2), RULING_REFUSED); /* a is alone */
    assert_int_equal(plead(&mandate, PLEA_TOGETHER, "a", 0, 2), RULING_GRANTED);
    struct mandate before = mandate;
    assert_int_equal(plead(&mandate, PLEA_LEAD, "b", 1, 3), RULING_GRANTED);
    assert_string_equal(mandate.holder, "b");
    assert_int_equal(plead(&mandate, PLEA_ALONE, "a", 0, 3), RULING_REFUSED);
    assert_int_equal(plead(&mandate, PLEA_ALONE, "b", 0, 4), RULING_GRANTED);
    assert_int_equal(plead(&mandate, PLEA_TOGETHER, "b", 0, 5), RULING_GRANTED);
    assert_int_equal(plead(&mandate, PLEA_ALONE, "a", 0, 9), RULING_REFUSED); /* b is bound: to a */
    mandate = before;
    assert_int_equal(plead(&mandate, PLEA_ALONE, "a", 0, 3), RULING_GRANTED);
    assert_int_equal(plead(&mandate, PLEA_LEAD, "b", 1, 3), RULING_REFUSED);
}

static void a_late_word_changes_nothing(void **state)
{
    (void)state;
    struct mandate mandate = { .term = 0 };
    assert_int_equal(plead(&mandate, PLEA_ALONE, "a", 0, 1), RULING_GRANTED);
    assert_int_equal(plead(&mandate, PLEA_ALONE, "a", 0, 3), RULING_GRANTED);
    assert_int_equal(plead(&mandate, PLEA_TOGETHER, "a", 0, 2), RULING_OLD);
    assert_true(mandate.alone);
    assert_int_equal(plead(&mandate, PLEA_ALONE, "a", 0, 3), RULING_GRANTED); /* said again */
    assert_int_equal(plead(&mandate, PLEA_TOGETHER, "a", 0, 4), RULING_GRANTED);
    assert_int_equal(plead(&mandate, PLEA_LEAD, "b", 9, 4), RULING_REFUSED); /* of another term */
    assert_string_equal(mandate.holder, "a");
}

static void a_person_who_switched_the_leader_off_is_believed(void **state)
{
    (void)state;
    struct mandate mandate = { .term = 0 };
    assert_int_equal(plead(&mandate, PLEA_ALONE, "a", 0, 1), RULING_GRANTED);
    assert_int_equal(plead(&mandate, PLEA_FORCE, "b", 0, 1), RULING_GRANTED);
    assert_string_equal(mandate.holder, "b");
    assert_int_equal(plead(&mandate, PLEA_ALONE, "a", 0, 2), RULING_REFUSED);
}

static void what_is_no_plea_is_dropped(void **state)
{
    (void)state;
    struct plea plea = { PLEA_LEAD, 7, 1ULL << 53, UINT64_MAX, "tcp://10.0.0.2:7112" }, read;
    struct ruling ruling = { plea, RULING_OLD, true }, heard;
    uint8_t bytes[RULING_BYTES];
    plea_write(bytes, &plea);
    assert_true(plea_read(bytes, PLEA_BYTES, &read));
    assert_memory_equal(&read.name, &plea.name, sizeof read.name);
    assert_true(read.number == UINT64_MAX && read.epoch == 1ULL << 53 && read.term == 7);
    assert_false(plea_read(bytes, PLEA_BYTES - 1, &read));
    memset(bytes + 32, 'x', MANDATE_NAME_BYTES); /* a name without end */
    assert_false(plea_read(bytes, PLEA_BYTES, &read));
    memset(bytes + 32, 0, MANDATE_NAME_BYTES);
    assert_false(plea_read(bytes, PLEA_BYTES, &read));
    ruling_write(bytes, &ruling);
    assert_true(ruling_read(bytes, RULING_BYTES, &heard) && heard.alone);
    assert_false(plea_read(bytes, PLEA_BYTES, &read)); /* the other's magic */
    bytes[PLEA_BYTES] = RULING_KINDS;
    assert_false(ruling_read(bytes, RULING_BYTES, &heard));
}

/* ---- the swarm ------------------------------------------------------------------------------- */

enum {
    WALKS = 4000,
    STEPS = 400,
    FLIGHT = 6
};

struct flight { /* a message under way to the arbiter (a plea) or back (a ruling) */
    bool used, back;
    int node;
    uint64_t life; /* of the node: a ruling reaches only the process that asked */
    struct plea plea;
    struct ruling ruling;
};

struct node {
    char name[16];
    bool leads, dead, in_step; /* in step: of a leader with the other */
    uint64_t life, epoch;      /* epoch: what its journal had at its last opening */
    uint64_t turn, spoken;     /* on its disk; spoken by it */
    uint64_t written[STEPS];   /* what each turn on its disk says: no two writings are the same */
    struct pleader pleader;
};

struct swarm {
    struct mandate mandate, durable;
    struct node nodes[2];
    struct flight flights[FLIGHT];
    uint64_t spoken;      /* the last turn anybody was told of … */
    uint64_t told[STEPS]; /* … and what they were told */
    uint64_t writings;
    uint64_t now_ms;
    uint64_t take_overs, words;
};

static void open_node(struct node *node, bool leads)
{
    node->dead = false;
    node->leads = leads;
    node->in_step = false;
    node->life++;
    if (leads)
        node->epoch += node->pleader.plea.epoch == 0 ? 1000 : 1;
    pleader_init(&node->pleader, node->name, leads ? node->epoch : 0);
}

static void send(struct swarm *swarm, struct prng *prng, const struct flight *flight)
{
    int place = (int)prng_below(prng, FLIGHT); /* whatever was there is lost */
    swarm->flights[place] = *flight;
    swarm->flights[place].used = true;
}

static void say_due(struct swarm *swarm, struct prng *prng, int i)
{
    struct node *node = &swarm->nodes[i];
    struct flight flight = { .node = i, .life = node->life };
    if (pleader_due(&node->pleader, swarm->now_ms, &flight.plea))
        send(swarm, prng, &flight);
}

static void deliver(struct swarm *swarm, struct prng *prng)
{
    struct flight *flight = &swarm->flights[prng_below(prng, FLIGHT)];
    if (!flight->used)
        return;
    if (prng_below(prng, 4) != 0)
        flight->used = false; /* else it comes once more, later */
    struct node *node = &swarm->nodes[flight->node];
    if (flight->back) {
        if (!node->dead && node->life == flight->life)
            pleader_hear(&node->pleader, &flight->ruling, swarm->now_ms);
        return;
    }
    struct flight answer = { .back = true, .node = flight->node, .life = flight->life };
    if (mandate_judge(&swarm->mandate, &flight->plea, &answer.ruling))
        swarm->durable = swarm->mandate;
    send(swarm, prng, &answer);
}

static bool may_speak(const struct node *leader, const struct node *other)
{
    bool has_it = leader->in_step && !other->dead && !other->leads && other->turn == leader->turn;
    return !leader->pleader.deposed &&
           (has_it || (!leader->in_step && pleader_is_free(&leader->pleader)));
}

static void write(struct swarm *swarm, struct node *node)
{
    node->written[++node->turn] = ++swarm->writings;
}

static void copy(const struct node *from, struct node *to)
{
    memcpy(to->written, from->written, sizeof to->written);
    to->turn = from->turn;
}

/* It has on its disk all that anybody was told, and in that order. */
static void has_all(const struct swarm *swarm, const struct node *node)
{
    assert_true(node->turn >= swarm->spoken);
    assert_memory_equal(node->written, swarm->told, (swarm->spoken + 1) * sizeof *swarm->told);
}

/* Two that spoke in turn about different things would each lack what the other said. */
static void speak(struct swarm *swarm, struct node *node)
{
    has_all(swarm, node);
    node->spoken = swarm->spoken = node->turn;
    memcpy(swarm->told, node->written, sizeof swarm->told);
    swarm->words++;
}

static void lead(struct swarm *swarm, struct prng *prng, int i)
{
    struct node *node = &swarm->nodes[i], *other = &swarm->nodes[1 - i];
    bool linked = !other->dead && !other->leads && prng_below(prng, 5) != 0;
    if (node->pleader.deposed) {
        node->dead = true; /* and a person makes a standby of it */
        return;
    }
    if (!linked && prng_below(prng, 3) == 0)
        node->in_step = false;
    if (linked && other->turn <= node->turn &&
        memcmp(other->written, node->written, (other->turn + 1) * sizeof *other->written) == 0) {
        copy(node, other); /* given and on its disk */
        node->in_step = true;
    }
    pleader_want(&node->pleader, node->in_step ? PLEA_TOGETHER : PLEA_ALONE);
    say_due(swarm, prng, i);
    if (node->turn > node->spoken) { /* it waits for a word about its newest turn */
        if (may_speak(node, other))
            speak(swarm, node);
    } else if (prng_below(prng, 2) == 0 && node->turn + 8 < STEPS) {
        write(swarm, node);
    }
}

static void follow(struct swarm *swarm, struct prng *prng, int i)
{
    struct node *node = &swarm->nodes[i];
    pleader_want(&node->pleader, prng_below(prng, 3) == 0 ? PLEA_LEAD : PLEA_ASK);
    say_due(swarm, prng, i);
    if (!pleader_leads(&node->pleader))
        return;
    has_all(swarm, node);
    swarm->take_overs++;
    open_node(node, true);
    node->spoken = node->turn;
    write(swarm, node); /* its opening */
}

static void fail_something(struct swarm *swarm, struct prng *prng)
{
    int i = (int)prng_below(prng, 2);
    struct node *node = &swarm->nodes[i], *other = &swarm->nodes[1 - i];
    if (prng_below(prng, 3) == 0) {
        swarm->mandate = swarm->durable; /* the arbiter died and came back */
    } else if (!node->dead) {
        node->dead = prng_below(prng, 2) == 0;
    } else if (node->leads && node->pleader.deposed) {
        if (other->leads && !other->dead) { /* a backup of the other, and --standby */
            copy(other, node);
            node->epoch = other->epoch;
            open_node(node, false);
        }
    } else {
        open_node(node, node->leads);
        if (node->leads)
            write(swarm, node);
    }
}

static void never_two_and_nothing_lost(void **state)
{
    (void)state;
    uint64_t take_overs = 0, words = 0;
    for (uint64_t walk = 1; walk <= WALKS; walk++) {
        static struct swarm swarm;
        struct prng prng;
        prng_seed(&prng, walk);
        swarm = (struct swarm){ .now_ms = 1 };
        for (int i = 0; i < 2; i++)
            (void)snprintf(swarm.nodes[i].name, sizeof swarm.nodes[i].name, "n%d", i);
        open_node(&swarm.nodes[0], true);
        open_node(&swarm.nodes[1], false);
        for (int step = 0; step < STEPS; step++) {
            swarm.now_ms += prng_below(&prng, 300);
            int i = (int)prng_below(&prng, 2);
            struct node *node = &swarm.nodes[i];
            uint64_t what = prng_below(&prng, 40);
            if (what == 0)
                fail_something(&swarm, &prng);
            else if (what < 20)
                deliver(&swarm, &prng);
            else if (!node->dead && node->leads)
                lead(&swarm, &prng, i);
            else if (!node->dead)
                follow(&swarm, &prng, i);
        }
        take_overs += swarm.take_overs;
        words += swarm.words;
    }
    printf("take-overs %llu, words %llu\n", (unsigned long long)take_overs,
           (unsigned long long)words);
    assert_true(take_overs > WALKS / 4 && words > WALKS * 20); /* it proves something */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_of_alone_and_lead_wins),
        cmocka_unit_test(a_late_word_changes_nothing),
        cmocka_unit_test(a_person_who_switched_the_leader_off_is_believed),
        cmocka_unit_test(what_is_no_plea_is_dropped),
        cmocka_unit_test(never_two_and_nothing_lost),
    };
    return cmocka_run_group_tests_name("mandate", tests, NULL, NULL);
}
