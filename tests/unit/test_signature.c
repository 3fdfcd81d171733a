/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a person signed, and what anybody else made of it afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/prng.h"
#include "dispatcher/io/signature.h"
#include "proto/acknowledgement.h"

enum {
    MUTATIONS = 100000,
    OFFICER = 2002
};

static struct signature_city city = { .authenticators = { .origin = "", .party = "" } };
static uint8_t secret[64];

static int make_keys(void **state)
{
    static const uint8_t seed[32] = "a city of one officer";
    uint8_t key[32];
    (void)state;
    if (sodium_init() < 0)
        return -1;
    memset(city.key, 0xc1, sizeof city.key);
    return crypto_sign_seed_keypair(key, secret, seed);
}

/* What the officer signed: a reply in their words. */
struct said {
    struct command command;
    struct personal personal;
};

static struct acknowledgement *signed_part(struct said *said)
{
    switch (said->command.kind) {
    case COMMAND_TASK_SIGN:
        return &said->command.task_sign.acknowledgement;
    case COMMAND_TASK_SEND_BACK:
        return &said->command.task_send_back.acknowledgement;
    default:
        return &said->command.task_reply.acknowledgement;
    }
}

static void sign_it(struct said *said)
{
    struct acknowledged acknowledged;
    struct acknowledgement *acknowledgement = signed_part(said);
    acknowledgement->algorithm = ACKNOWLEDGEMENT_ALGORITHM;
    acknowledgement->signet = 77;
    acknowledgement->incident = 41;
    acknowledgement->version = 1234;
    acknowledgement->at_ms = 1772413200000;
    acknowledgement_digest(&said->personal, acknowledgement->words);
    assert_non_null(acknowledgement_of_command(&said->command, &acknowledged));
    memcpy(acknowledged.city, city.key, sizeof city.key);
    acknowledgement_sign(acknowledgement, &acknowledged, secret);
}

static struct said replied(void)
{
    struct said said = { .command = { .kind = COMMAND_TASK_REPLY, .actor = OFFICER } };
    said.command.task_reply.task = 9;
    said.command.task_reply.solved = DEGREE_YES;
    said.command.task_reply.has_acknowledgement = true;
    said.personal.blind_size = ACKNOWLEDGEMENT_BLIND_BYTES;
    memset(said.personal.blind, 0xb1, sizeof said.personal.blind);
    (void)snprintf(said.personal.text, sizeof said.personal.text,
                   "The pipe is mended. 管道已修复。");
    sign_it(&said);
    return said;
}

static enum refusal check(const struct said *said)
{
    return signature_check(&city, &said->command, &said->personal);
}

static void what_was_signed_is_taken_and_nothing_else_of_it_is(void **state)
{
    (void)state;
    struct said good = replied(), other = good;
    assert_int_equal(check(&good), REFUSAL_NONE);
    other.command.actor++;
    assert_int_equal(check(&other), REFUSAL_SIGNATURE_WRONG);
    other = good;
    other.command.task_reply.solved = DEGREE_NO;
    assert_int_equal(check(&other), REFUSAL_SIGNATURE_WRONG);
    other = good;
    other.personal.text[0] = 't';
    assert_int_equal(check(&other), REFUSAL_SIGNATURE_WRONG);
    other = good;
    other.personal.blind_size--;
    assert_int_equal(check(&other), REFUSAL_SIGNATURE_WRONG);
    assert_int_equal(signature_check(&city, &good.command, NULL), REFUSAL_SIGNATURE_WRONG);
    struct signature_city elsewhere = { .key = { 1 }, .authenticators = city.authenticators };
    assert_int_equal(signature_check(&elsewhere, &good.command, &good.personal),
                     REFUSAL_SIGNATURE_WRONG);
}

/* A signature of one step is none of another. */
static void a_step_is_signed_as_that_step(void **state)
{
    (void)state;
    struct said sign = { .command = { .kind = COMMAND_TASK_SIGN, .actor = OFFICER } };
    sign.command.task_sign = (struct task_sign){ .task = 9, .has_acknowledgement = true };
    sign_it(&sign);
    assert_int_equal(check(&sign), REFUSAL_NONE);
    struct said back = { .command = { .kind = COMMAND_TASK_SEND_BACK, .actor = OFFICER } };
    back.command.task_send_back = (struct task_send_back){ .task = 9,
                                                           .has_acknowledgement = true,
                                                           .acknowledgement = *signed_part(&sign) };
    assert_int_equal(check(&back), REFUSAL_SIGNATURE_WRONG);
    back.command.task_send_back.reason = RETURN_REASON_DUTY;
    back.command.task_send_back.suggest = 3;
    sign_it(&back);
    assert_int_equal(check(&back), REFUSAL_NONE);
    back.command.task_send_back.suggest = 4;
    assert_int_equal(check(&back), REFUSAL_SIGNATURE_WRONG);
    back.command.task_send_back.suggest = 3;
    back.command.task_send_back.reason = RETURN_REASON_ADDRESS;
    assert_int_equal(check(&back), REFUSAL_SIGNATURE_WRONG);
}

/* A part in which bits are turned over. */
struct part {
    void *bytes;
    size_t size;
};

static struct part part_of(struct said *said, uint32_t number)
{
    struct acknowledgement *a = signed_part(said);
    struct part parts[] = {
        { &a->algorithm, sizeof a->algorithm },
        { &a->signet, sizeof a->signet },
        { a->key, sizeof a->key },
        { &a->incident, sizeof a->incident },
        { &a->version, sizeof a->version },
        { &a->at_ms, sizeof a->at_ms },
        { a->words, sizeof a->words },
        { a->signature, sizeof a->signature },
        { &said->command.actor, sizeof said->command.actor },
        { &said->command.task_reply.task, sizeof said->command.task_reply.task },
        { &said->command.task_reply.solved, sizeof said->command.task_reply.solved },
        { said->personal.blind, sizeof said->personal.blind },
        { said->personal.text, strlen(said->personal.text) },
        { said->personal.text,
          1 }, /* the words oftener: they are what somebody would want changed */
        { said->personal.text, strlen(said->personal.text) / 2 },
        { said->personal.blind, 1 },
    };
    return parts[number % (sizeof parts / sizeof parts[0])];
}

/* One to eight bits anywhere in any field. */
static void of_100000_mutated_acknowledgements_none_is_taken(void **state)
{
    (void)state;
    const struct said good = replied();
    static struct said bad;
    struct prng prng;
    prng_seed(&prng, 20261122);
    uint32_t taken = 0;
    for (uint32_t i = 0; i < MUTATIONS; i++) {
        bad = good;
        struct part part = part_of(&bad, i);
        for (uint64_t flips = 1 + prng_below(&prng, 8); flips > 0; flips--) {
            uint64_t bit = prng_below(&prng, 8 * part.size);
            ((uint8_t *)part.bytes)[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
        if (memcmp(&bad, &good, sizeof bad) != 0)
            taken += check(&bad) == REFUSAL_NONE;
    }
    assert_int_equal(taken, 0);
}

static void an_event_says_again_what_was_signed(void **state)
{
    (void)state;
    struct said good = replied();
    struct acknowledged acknowledged;
    struct event event = { .kind = EVENT_TASK_MOVED, .actor = OFFICER, .task = 9 };
    event.task_moved = (struct task_moved){ .step = TASK_STEP_REPLY, .solved = DEGREE_YES };
    assert_null(acknowledgement_of_event(&event, &acknowledged));
    event.task_moved.has_acknowledgement = true;
    event.task_moved.acknowledgement = *signed_part(&good);
    const struct acknowledgement *acknowledgement = acknowledgement_of_event(&event, &acknowledged);
    assert_non_null(acknowledgement);
    memcpy(acknowledged.city, city.key, sizeof city.key);
    assert_true(acknowledgement_holds(acknowledgement, &acknowledged, NULL));
    event.actor++;
    acknowledgement = acknowledgement_of_event(&event, &acknowledged);
    memcpy(acknowledged.city, city.key, sizeof city.key);
    assert_false(acknowledgement_holds(acknowledgement, &acknowledged, NULL));
}

static void a_key_is_enrolled_by_who_has_it(void **state)
{
    (void)state;
    struct said said = { .command = { .kind = COMMAND_SIGNET_ENROL, .actor = OFFICER } };
    struct signet_enrol *enrol = &said.command.signet_enrol;
    enrol->algorithm = ACKNOWLEDGEMENT_ALGORITHM;
    (void)crypto_sign_ed25519_sk_to_pk(enrol->key, secret);
    acknowledgement_prove(secret, city.key, OFFICER, enrol->proof);
    assert_int_equal(check(&said), REFUSAL_NONE);
    said.command.actor++;
    assert_int_equal(check(&said), REFUSAL_SIGNATURE_WRONG);
    said.command.actor--;
    enrol->key[0] ^= 1;
    assert_int_equal(check(&said), REFUSAL_SIGNATURE_WRONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_signed_is_taken_and_nothing_else_of_it_is),
        cmocka_unit_test(a_step_is_signed_as_that_step),
        cmocka_unit_test(of_100000_mutated_acknowledgements_none_is_taken),
        cmocka_unit_test(an_event_says_again_what_was_signed),
        cmocka_unit_test(a_key_is_enrolled_by_who_has_it),
    };
    return cmocka_run_group_tests(tests, make_keys, NULL);
}
