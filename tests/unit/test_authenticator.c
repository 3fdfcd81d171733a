/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a person's security key signed, and what anybody else made of it afterwards. */
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
#include "proto/cbor.h"
#include "tests/unit/authenticator_key.h"

enum {
    MUTATIONS = 100000,
    OFFICER = 2002
};

static const uint8_t credential[] = "a credential of forty-eight bytes, as many have";

static struct signature_city city = {
    .authenticators = { .origin = TEST_ORIGIN, .party = TEST_PARTY },
};
static struct authenticator_device devices[2]; /* ES256, Ed25519 */

static int make_devices(void **state)
{
    (void)state;
    memset(city.key, 0xc1, sizeof city.key);
    if (sodium_init() < 0)
        return -1;
    device_open(&devices[0], AUTHENTICATOR_ES256);
    device_open(&devices[1], AUTHENTICATOR_ED25519);
    return 0;
}

static int throw_devices_away(void **state)
{
    (void)state;
    device_close(&devices[0]);
    device_close(&devices[1]);
    return 0;
}

/* What the officer signed: a reply in their words. */
struct said {
    struct command command;
    struct personal personal;
};

static void touch_it(struct said *said, struct authenticator_device *device)
{
    struct acknowledged acknowledged;
    struct acknowledgement *mine = &said->command.task_reply.acknowledgement;
    (void)acknowledgement_of_command(&said->command, &acknowledged);
    memcpy(acknowledged.city, city.key, sizeof city.key);
    struct statement statement = acknowledgement_statement(mine, &acknowledged);
    device_touch(device, &statement, &mine->touch, mine->signature);
}

static struct said replied(struct authenticator_device *device)
{
    struct said said = { .command = { .kind = COMMAND_TASK_REPLY, .actor = OFFICER } };
    struct task_reply *reply = &said.command.task_reply;
    struct acknowledgement *mine = &reply->acknowledgement;
    reply->task = 9;
    reply->solved = DEGREE_YES;
    reply->has_acknowledgement = true;
    mine->algorithm = device->public.algorithm;
    mine->signet = 77;
    mine->incident = 41;
    mine->version = 1234;
    mine->at_ms = 1772413200000;
    mine->has_touch = true;
    memcpy(mine->key, device->public.key, sizeof mine->key);
    memcpy(mine->ordinate, device->public.ordinate, sizeof mine->ordinate);
    said.personal.blind_size = ACKNOWLEDGEMENT_BLIND_BYTES;
    memset(said.personal.blind, 0xb1, sizeof said.personal.blind);
    (void)snprintf(said.personal.text, sizeof said.personal.text,
                   "The pipe is mended. 管道已修复。");
    acknowledgement_digest(&said.personal, mine->words);
    touch_it(&said, device);
    return said;
}

static enum refusal check(const struct said *said)
{
    return signature_check(&city, &said->command, &said->personal);
}

static void what_was_touched_for_is_taken(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct said good = replied(&devices[i]);
        assert_int_equal(check(&good), REFUSAL_NONE);
        struct said other = good;
        other.command.actor++;
        assert_int_equal(check(&other), REFUSAL_SIGNATURE_WRONG);
        other = good;
        other.command.task_reply.acknowledgement.version++;
        assert_int_equal(check(&other), REFUSAL_SIGNATURE_WRONG);
        other = good;
        other.command.task_reply.acknowledgement.has_touch = false;
        assert_int_equal(check(&other), REFUSAL_SIGNATURE_WRONG);
        other = good;
        other.command.task_reply.acknowledgement.algorithm = ACKNOWLEDGEMENT_ALGORITHM;
        assert_int_equal(check(&other), REFUSAL_SIGNATURE_WRONG);
    }
}

/* A touch that nobody looked at; a finger that nobody wanted to know. */
static void it_takes_a_touch_and_where_demanded_a_person_known_to_the_key(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        devices[i].flags = 0x01;
        struct said said = replied(&devices[i]);
        assert_int_equal(check(&said), REFUSAL_NONE);
        city.authenticators.verified = true;
        assert_int_equal(check(&said), REFUSAL_SIGNATURE_WRONG);
        devices[i].flags = 0x04;
        city.authenticators.verified = false;
        said = replied(&devices[i]);
        assert_int_equal(check(&said), REFUSAL_SIGNATURE_WRONG);
        devices[i].flags = 0x05;
        city.authenticators.verified = true;
        said = replied(&devices[i]);
        assert_int_equal(check(&said), REFUSAL_NONE);
        city.authenticators.verified = false;
    }
}

/* A page beside the city's that asks the same key for the same statement. */
static void another_page_s_touch_counts_nothing(void **state)
{
    static const char *const origins[] = {
        "https://desk.yihao.city.evil.example",
        "https://evil.example",
        "http://desk.yihao.city",
        "https://desk.yihao.city:8443",
        "https://other.yihao.city",
        "https://desk.yihao.city\",\"crossOrigin\":true,\"x\":\""
    };
    (void)state;
    for (size_t i = 0; i < sizeof origins / sizeof origins[0]; i++) {
        devices[0].origin = origins[i];
        struct said said = replied(&devices[0]);
        assert_int_equal(check(&said), REFUSAL_SIGNATURE_WRONG);
    }
    devices[0].origin = TEST_ORIGIN;
    struct said said = replied(&devices[0]);
    city.authenticators.party = "desk.yihao.city"; /* the key was made for another name */
    assert_int_equal(check(&said), REFUSAL_SIGNATURE_WRONG);
    city.authenticators.party = TEST_PARTY;
    city.authenticators.origin = "";
    assert_int_equal(check(&said), REFUSAL_SIGNATURE_WRONG);
    city.authenticators.origin = TEST_ORIGIN;
    assert_int_equal(check(&said), REFUSAL_NONE);
}

/* Whoever knows the city by its trail alone sees that the page was one of the key's party. */
static void an_auditor_sees_without_the_settings_what_can_be_seen(void **state)
{
    static const struct {
        const char *origin;
        bool holds;
    } rows[] = { { TEST_ORIGIN, true },
                 { "https://other.yihao.city", true },
                 { "https://yihao.city:8443", true },
                 { "https://yihao.city.evil.example", false },
                 { "https://notyihao.city", false },
                 { "http://yihao.city", false },
                 { "https://", false } };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct acknowledged acknowledged;
        devices[1].origin = rows[i].origin;
        struct said said = replied(&devices[1]);
        const struct acknowledgement *mine =
            acknowledgement_of_command(&said.command, &acknowledged);
        memcpy(acknowledged.city, city.key, sizeof city.key);
        assert_int_equal(acknowledgement_holds(mine, &acknowledged, NULL), rows[i].holds);
    }
    devices[1].origin = TEST_ORIGIN;
}

/* ECDSA has two signatures for each one; one of them counts. */
static void nobody_makes_a_second_signature_of_a_first(void **state)
{
    (void)state;
    struct said said = replied(&devices[0]);
    device_turn_over(said.command.task_reply.acknowledgement.signature);
    assert_int_equal(check(&said), REFUSAL_SIGNATURE_WRONG);
    device_turn_over(said.command.task_reply.acknowledgement.signature);
    assert_int_equal(check(&said), REFUSAL_NONE);
}

/* ---- mutations --------------------------------------------------------------------------------- */

struct part {
    void *bytes;
    size_t size;
};

static struct part part_of(struct said *said, uint32_t number)
{
    struct acknowledgement *a = &said->command.task_reply.acknowledgement;
    struct part parts[] = {
        { &a->algorithm, sizeof a->algorithm },
        { &a->signet, sizeof a->signet },
        { a->key, sizeof a->key },
        { a->ordinate, sizeof a->ordinate },
        { &a->incident, sizeof a->incident },
        { &a->version, sizeof a->version },
        { &a->at_ms, sizeof a->at_ms },
        { a->words, sizeof a->words },
        { a->signature, sizeof a->signature },
        { a->touch.client, a->touch.client_size },
        { a->touch.authenticator, a->touch.authenticator_size },
        { &a->touch.client_size, 1 },
        { &a->touch.authenticator_size, 1 },
        { &said->command.actor, sizeof said->command.actor },
        { &said->command.task_reply.task, sizeof said->command.task_reply.task },
        { &said->command.task_reply.solved, sizeof said->command.task_reply.solved },
        { said->personal.blind, sizeof said->personal.blind },
        { said->personal.text, strlen(said->personal.text) },
    };
    return parts[number % (sizeof parts / sizeof parts[0])];
}

/* One to eight bits anywhere in any field. */
static void of_100000_mutated_touches_none_is_taken(void **state)
{
    (void)state;
    const struct said good[] = { replied(&devices[0]), replied(&devices[1]) };
    static struct said bad;
    struct prng prng;
    prng_seed(&prng, 20261123);
    uint32_t taken = 0;
    for (uint32_t i = 0; i < MUTATIONS; i++) {
        bad = good[i / 2 % 2];
        struct part part = part_of(&bad, i);
        for (uint64_t flips = 1 + prng_below(&prng, 8); flips > 0; flips--) {
            uint64_t bit = prng_below(&prng, 8 * part.size);
            ((uint8_t *)part.bytes)[bit / 8] ^= (uint8_t)(1U << bit % 8);
        }
        struct touch *touch = &bad.command.task_reply.acknowledgement.touch;
        if (touch->authenticator_size > sizeof touch->authenticator)
            touch->authenticator_size = sizeof touch->authenticator; /* as the codec sees to */
        if (touch->client_size > sizeof touch->client)
            touch->client_size = sizeof touch->client;
        if (memcmp(&bad, &good[i / 2 % 2], sizeof bad) != 0)
            taken += check(&bad) == REFUSAL_NONE;
    }
    assert_int_equal(taken, 0);
}

/* ---- enrolment --------------------------------------------------------------------------------- */

static struct command enrolment(struct authenticator_device *device)
{
    struct command command = { .kind = COMMAND_SIGNET_ENROL, .actor = OFFICER };
    struct signet_enrol *enrol = &command.signet_enrol;
    enrol->algorithm = device->public.algorithm;
    memcpy(enrol->key, device->public.key, sizeof enrol->key);
    memcpy(enrol->ordinate, device->public.ordinate, sizeof enrol->ordinate);
    enrol->credential_size = sizeof credential;
    memcpy(enrol->credential, credential, sizeof credential);
    enrol->attested_size =
        (uint32_t)device_attest(device, credential, sizeof credential, enrol->attested);
    struct statement statement =
        acknowledgement_enrolment(enrol->algorithm, enrol->key, enrol->ordinate, city.key, OFFICER);
    enrol->has_touch = true;
    device_touch(device, &statement, &enrol->touch, enrol->proof);
    return command;
}

static void a_key_is_enrolled_by_who_touches_it(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct command good = enrolment(&devices[i]), other = good;
        assert_int_equal(signature_check(&city, &good, NULL), REFUSAL_NONE);
        other.actor++;
        assert_int_equal(signature_check(&city, &other, NULL), REFUSAL_SIGNATURE_WRONG);
        other = good;
        other.signet_enrol.credential[3] ^= 1;
        assert_int_equal(signature_check(&city, &other, NULL), REFUSAL_SIGNATURE_WRONG);
        other = good;
        other.signet_enrol.attested_size--;
        assert_int_equal(signature_check(&city, &other, NULL), REFUSAL_SIGNATURE_WRONG);
        other = good; /* the key another one made, the proof one's own */
        other.signet_enrol.attested_size = (uint32_t)device_attest(
            &devices[1 - i], credential, sizeof credential, other.signet_enrol.attested);
        assert_int_equal(signature_check(&city, &other, NULL), REFUSAL_SIGNATURE_WRONG);
        other = good;
        other.signet_enrol.has_touch = false;
        assert_int_equal(signature_check(&city, &other, NULL), REFUSAL_SIGNATURE_WRONG);
    }
}

/* Every byte of an attestation counts, or the reader sees that it is none. */
static void a_cut_attestation_is_none(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        uint8_t bytes[512];
        struct authenticator_words words;
        size_t size = device_attest(&devices[i], credential, sizeof credential, bytes);
        assert_true(authenticator_read(bytes, size, &words));
        assert_memory_equal(&words.key, &devices[i].public, sizeof words.key);
        for (size_t cut = 0; cut < size; cut++)
            assert_false(authenticator_read(bytes, cut, &words));
        bytes[size] = 0;
        assert_false(authenticator_read(bytes, size + 1, &words));
        bytes[32] |= 0x80; /* extensions: an empty map, then one of which a part is missing */
        bytes[size] = 0xa0;
        assert_true(authenticator_read(bytes, size + 1, &words));
        bytes[size] = 0xa1;
        assert_false(authenticator_read(bytes, size + 1, &words));
    }
}

static void cbor_is_read_in_one_form_alone(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        bool whole;
    } rows[] = { { "\x00", 1, true },
                 { "\x18\x18", 2, true },
                 { "\x18\x17", 2, false }, /* shorter it is 0x17 */
                 { "\x19\x00\xff", 3, false },
                 { "\x1a\x00\x00\xff\xff", 5, false },
                 { "\x1b\x00\x00\x00\x01\x00\x00\x00\x00", 9, true },
                 { "\x43xyz", 4, true },
                 { "\x44xyz", 4, false },
                 { "\x5f\x41x\xff", 4, false }, /* without an end */
                 { "\xa1\x01\xf5", 3, true },
                 { "\xa1\x01", 2, false },
                 { "\x81\x81\x81\x80", 4, true },
                 { "\x81\x81\x81\x81\x80", 5, false }, /* too deep */
                 { "\xc0\x00", 2, false },
                 { "\xf9\x00\x00", 3, false },
                 { "\xbb\xff\xff\xff\xff\xff\xff\xff\xff", 9, false },
                 { "", 0, false } };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cbor cbor = { .at = (const uint8_t *)rows[i].bytes, .left = rows[i].size };
        assert_int_equal(cbor_skip(&cbor) && cbor.left == 0, rows[i].whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_touched_for_is_taken),
        cmocka_unit_test(it_takes_a_touch_and_where_demanded_a_person_known_to_the_key),
        cmocka_unit_test(another_page_s_touch_counts_nothing),
        cmocka_unit_test(an_auditor_sees_without_the_settings_what_can_be_seen),
        cmocka_unit_test(nobody_makes_a_second_signature_of_a_first),
        cmocka_unit_test(of_100000_mutated_touches_none_is_taken),
        cmocka_unit_test(a_key_is_enrolled_by_who_touches_it),
        cmocka_unit_test(a_cut_attestation_is_none),
        cmocka_unit_test(cbor_is_read_in_one_form_alone),
    };
    return cmocka_run_group_tests(tests, make_devices, throw_devices_away);
}
