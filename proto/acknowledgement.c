/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/acknowledgement.h"

#include <string.h>

#include <sodium.h>

#include "proto/statement.h"

const struct acknowledgement *acknowledgement_of_command(const struct command *command,
                                                         struct acknowledged *acknowledged)
{
    const struct task_sign *sign = &command->task_sign;
    const struct task_send_back *back = &command->task_send_back;
    const struct task_reply *reply = &command->task_reply;
    *acknowledged = (struct acknowledged){ .user = command->actor };
    switch (command->kind) {
    case COMMAND_TASK_SIGN:
        acknowledged->task = sign->task;
        acknowledged->step = TASK_STEP_SIGN;
        return sign->has_acknowledgement ? &sign->acknowledgement : NULL;
    case COMMAND_TASK_SEND_BACK:
        acknowledged->task = back->task;
        acknowledged->step = TASK_STEP_SEND_BACK;
        acknowledged->reason = back->reason;
        acknowledged->suggest = back->suggest;
        return back->has_acknowledgement ? &back->acknowledgement : NULL;
    case COMMAND_TASK_REPLY:
        acknowledged->task = reply->task;
        acknowledged->step = TASK_STEP_REPLY;
        acknowledged->solved = reply->solved;
        return reply->has_acknowledgement ? &reply->acknowledgement : NULL;
    default:
        return NULL;
    }
}

const struct acknowledgement *acknowledgement_of_event(const struct event *event,
                                                       struct acknowledged *acknowledged)
{
    if (event->kind != EVENT_TASK_MOVED || !event->task_moved.has_acknowledgement)
        return NULL;
    const struct task_moved *moved = &event->task_moved;
    *acknowledged = (struct acknowledged){ .user = event->actor,
                                           .task = event->task,
                                           .step = moved->step,
                                           .reason = moved->reason,
                                           .suggest = moved->suggest,
                                           .solved = moved->solved };
    return &moved->acknowledgement;
}

void acknowledgement_digest(const struct personal *personal, uint8_t digest[32])
{
    crypto_hash_sha256_state state;
    memset(digest, 0, crypto_hash_sha256_BYTES);
    if (!personal || !personal->text[0])
        return;
    (void)crypto_hash_sha256_init(&state);
    (void)crypto_hash_sha256_update(&state, personal->blind, personal->blind_size);
    (void)crypto_hash_sha256_update(&state, (const uint8_t *)personal->text,
                                    strlen(personal->text));
    (void)crypto_hash_sha256_final(&state, digest);
}

static bool is_authenticator(uint32_t algorithm)
{
    return algorithm == AUTHENTICATOR_ES256 || algorithm == AUTHENTICATOR_ED25519;
}

static void add_key(struct statement *statement, uint32_t algorithm, const uint8_t *key,
                    const uint8_t *ordinate)
{
    statement_add(statement, key, ACKNOWLEDGEMENT_KEY_BYTES);
    if (is_authenticator(algorithm))
        statement_add(statement, ordinate, ACKNOWLEDGEMENT_KEY_BYTES);
}

static struct authenticator_key key_of(uint32_t algorithm, const uint8_t *key,
                                       const uint8_t *ordinate)
{
    struct authenticator_key whole = { .algorithm = algorithm };
    memcpy(whole.key, key, sizeof whole.key);
    memcpy(whole.ordinate, ordinate, sizeof whole.ordinate);
    return whole;
}

struct statement acknowledgement_statement(const struct acknowledgement *acknowledgement,
                                           const struct acknowledged *acknowledged)
{
    struct statement statement = statement_of("yihao acknowledgement 1");
    statement_add_number(&statement, acknowledgement->algorithm);
    statement_add_number(&statement, acknowledgement->signet);
    statement_add_number(&statement, acknowledged->user);
    statement_add_number(&statement, acknowledgement->incident);
    statement_add_number(&statement, acknowledged->task);
    statement_add_number(&statement, acknowledgement->version);
    statement_add_number(&statement, acknowledged->step);
    statement_add_number(&statement, acknowledged->reason);
    statement_add_number(&statement, acknowledged->suggest);
    statement_add_number(&statement, acknowledged->solved);
    statement_add_number(&statement, acknowledgement->at_ms);
    statement_add(&statement, acknowledgement->words, sizeof acknowledgement->words);
    statement_add(&statement, acknowledged->city, sizeof acknowledged->city);
    add_key(&statement, acknowledgement->algorithm, acknowledgement->key,
            acknowledgement->ordinate);
    return statement;
}

void acknowledgement_sign(struct acknowledgement *acknowledgement,
                          const struct acknowledged *acknowledged,
                          const uint8_t secret[ACKNOWLEDGEMENT_SECRET_BYTES])
{
    (void)crypto_sign_ed25519_sk_to_pk(acknowledgement->key, secret);
    struct statement statement = acknowledgement_statement(acknowledgement, acknowledged);
    (void)crypto_sign_detached(acknowledgement->signature, NULL, statement.bytes, statement.size,
                               secret);
}

bool acknowledgement_holds(const struct acknowledgement *acknowledgement,
                           const struct acknowledged *acknowledged,
                           const struct authenticator_policy *policy)
{
    struct statement statement = acknowledgement_statement(acknowledgement, acknowledged);
    if (!is_authenticator(acknowledgement->algorithm))
        return acknowledgement->algorithm == ACKNOWLEDGEMENT_ALGORITHM &&
               !acknowledgement->has_touch &&
               sodium_is_zero(acknowledgement->ordinate, sizeof acknowledgement->ordinate) &&
               crypto_sign_verify_detached(acknowledgement->signature, statement.bytes,
                                           statement.size, acknowledgement->key) == 0;
    struct authenticator_key key =
        key_of(acknowledgement->algorithm, acknowledgement->key, acknowledgement->ordinate);
    return acknowledgement->has_touch &&
           authenticator_signed(&key, &acknowledgement->touch, acknowledgement->signature,
                                &statement, policy);
}

struct statement acknowledgement_enrolment(uint32_t algorithm,
                                           const uint8_t key[ACKNOWLEDGEMENT_KEY_BYTES],
                                           const uint8_t ordinate[ACKNOWLEDGEMENT_KEY_BYTES],
                                           const uint8_t city[ACKNOWLEDGEMENT_KEY_BYTES],
                                           uint32_t user)
{
    struct statement statement = statement_of("yihao signet 1");
    statement_add_number(&statement, algorithm);
    statement_add_number(&statement, user);
    statement_add(&statement, city, ACKNOWLEDGEMENT_KEY_BYTES);
    add_key(&statement, algorithm, key, ordinate);
    return statement;
}

void acknowledgement_prove(const uint8_t secret[ACKNOWLEDGEMENT_SECRET_BYTES],
                           const uint8_t city[ACKNOWLEDGEMENT_KEY_BYTES], uint32_t user,
                           uint8_t proof[ACKNOWLEDGEMENT_PROOF_BYTES])
{
    uint8_t key[ACKNOWLEDGEMENT_KEY_BYTES];
    (void)crypto_sign_ed25519_sk_to_pk(key, secret);
    struct statement statement =
        acknowledgement_enrolment(ACKNOWLEDGEMENT_ALGORITHM, key, NULL, city, user);
    (void)crypto_sign_detached(proof, NULL, statement.bytes, statement.size, secret);
}

bool acknowledgement_is_proved(const struct signet_enrol *enrol,
                               const uint8_t city[ACKNOWLEDGEMENT_KEY_BYTES], uint32_t user,
                               const struct authenticator_policy *policy)
{
    struct statement statement =
        acknowledgement_enrolment(enrol->algorithm, enrol->key, enrol->ordinate, city, user);
    if (!is_authenticator(enrol->algorithm))
        return enrol->algorithm == ACKNOWLEDGEMENT_ALGORITHM && !enrol->has_touch &&
               enrol->credential_size == 0 && enrol->attested_size == 0 &&
               sodium_is_zero(enrol->ordinate, sizeof enrol->ordinate) &&
               crypto_sign_verify_detached(enrol->proof, statement.bytes, statement.size,
                                           enrol->key) == 0;
    struct authenticator_key key = key_of(enrol->algorithm, enrol->key, enrol->ordinate);
    return enrol->has_touch &&
           authenticator_attests(enrol->attested, enrol->attested_size, &key, enrol->credential,
                                 enrol->credential_size, policy) &&
           authenticator_signed(&key, &enrol->touch, enrol->proof, &statement, policy);
}
