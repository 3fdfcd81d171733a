/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * signature: looks at what a person signed before the core decides the command: an acknowledgement, or a
 * new signet's proof. What is not what it says never reaches the core; whose key it is the core judges. */
#ifndef DISPATCHER_IO_SIGNATURE_H
#define DISPATCHER_IO_SIGNATURE_H

#include "proto/message.h"

/* NONE, also where nothing is signed, or SIGNATURE_WRONG. personal: what came along, NULL for nothing. */
enum refusal signature_check(const uint8_t city_key[32], const struct command *command,
                             const struct personal *personal);

#endif
