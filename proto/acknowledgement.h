/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * acknowledgement: what a department's person signs with a key of their own, a signet, when they sign for
 * a task, send it back or reply: which city, who, which task in which version, what is said of it, the
 * words' digest and when. The same bytes are built from the command before it is decided, from the event
 * by whoever audits it, and by the pages (consoles/web/app/signet.js); format: docs/trail-format.md. */
#ifndef PROTO_ACKNOWLEDGEMENT_H
#define PROTO_ACKNOWLEDGEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/authenticator.h"
#include "proto/message.h"

enum {
    ACKNOWLEDGEMENT_ALGORITHM =
        1, /* Ed25519, RFC 8032; an authenticator's: proto/authenticator.h */
    ACKNOWLEDGEMENT_KEY_BYTES = 32,
    ACKNOWLEDGEMENT_SECRET_BYTES = 64,
    ACKNOWLEDGEMENT_PROOF_BYTES = 64,
    ACKNOWLEDGEMENT_BLIND_BYTES = 16
};

/* What is acknowledged. */
struct acknowledged {
    uint8_t city[ACKNOWLEDGEMENT_KEY_BYTES]; /* the first key of the city's line */
    uint32_t user;                           /* who signs */
    uint64_t task;
    enum task_step step; /* SIGN, SEND_BACK or REPLY */
    enum return_reason reason;
    uint32_t suggest;
    enum degree solved;
};

/* What a TaskSign, TaskSendBack or TaskReply, or the event of one, acknowledges, but for the city. NULL:
 * it is none, or nobody signed it. */
const struct acknowledgement *acknowledgement_of_command(const struct command *command,
                                                         struct acknowledged *acknowledged);
const struct acknowledgement *acknowledgement_of_event(const struct event *event,
                                                       struct acknowledged *acknowledged);

/* SHA-256 of the blind and the text; without a text all zero. */
void acknowledgement_digest(const struct personal *personal, uint8_t digest[32]);

/* What is signed; by an authenticator: what its challenge is the SHA-256 of. ordinate: of an authenticator's
 * key alone, else NULL. */
struct statement acknowledgement_statement(const struct acknowledgement *acknowledgement,
                                           const struct acknowledged *acknowledged);
struct statement acknowledgement_enrolment(uint32_t algorithm,
                                           const uint8_t key[ACKNOWLEDGEMENT_KEY_BYTES],
                                           const uint8_t ordinate[ACKNOWLEDGEMENT_KEY_BYTES],
                                           const uint8_t city[ACKNOWLEDGEMENT_KEY_BYTES],
                                           uint32_t user);

/* Fills key and signature; everything else stands there already. */
void acknowledgement_sign(struct acknowledgement *acknowledgement,
                          const struct acknowledged *acknowledged,
                          const uint8_t secret[ACKNOWLEDGEMENT_SECRET_BYTES]);

/* Did the key named in it sign exactly this? Whose key that is the core knows (dispatcher/core/signet.h).
 * policy: for an authenticator's; NULL: as an auditor can tell. */
bool acknowledgement_holds(const struct acknowledgement *acknowledgement,
                           const struct acknowledged *acknowledged,
                           const struct authenticator_policy *policy);

/* Enrolment: whoever brings a key has its secret half. */
void acknowledgement_prove(const uint8_t secret[ACKNOWLEDGEMENT_SECRET_BYTES],
                           const uint8_t city[ACKNOWLEDGEMENT_KEY_BYTES], uint32_t user,
                           uint8_t proof[ACKNOWLEDGEMENT_PROOF_BYTES]);
bool acknowledgement_is_proved(const struct signet_enrol *enrol,
                               const uint8_t city[ACKNOWLEDGEMENT_KEY_BYTES], uint32_t user,
                               const struct authenticator_policy *policy);

#endif
