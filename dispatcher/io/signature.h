/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * signature: looks at what a person signed before the core decides the command: an acknowledgement, or a
 * new signet's proof. What is not what it says never reaches the core; whose key it is the core judges. */
#ifndef DISPATCHER_IO_SIGNATURE_H
#define DISPATCHER_IO_SIGNATURE_H

#include "proto/authenticator.h"
#include "proto/message.h"

struct signature_city {
    uint8_t key[32]; /* the first of the trail's line */
    struct authenticator_policy authenticators;
};

/* NONE, also where nothing is signed, or SIGNATURE_WRONG. personal: what came along, NULL for nothing. */
enum refusal signature_check(const struct signature_city *city, const struct command *command,
                             const struct personal *personal);

/* The host of an origin: for which its keys are made, where the settings name nothing else. */
void signature_host(const char *origin, char host[AUTHENTICATOR_PARTY_BYTES]);

#endif
