/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * program: what each kind of program on the bus may send. ONE table of kind × frame and one of kind × command
 * that it gives by its own right; the dispatcher judges every frame by them, docs/access.md is printed from
 * them. Which key is which program the dispatcher's authenticator knows (dispatcher/io/zap.h), which program is of
 * which kind the city's gateways.csv. Pure. */
#ifndef PROTO_PROGRAM_H
#define PROTO_PROGRAM_H

#include <stdbool.h>

#include "proto/message.h"

bool program_may_send(enum gateway_kind kind, enum frame_kind frame);

/* Does any program? */
bool program_sends(enum frame_kind frame);

/* By its own right, nobody signed in. */
bool program_may_command(enum gateway_kind kind, enum command_kind command);

/* Do persons sign in by it, so that it may pass on their orders and questions? */
bool program_brings_persons(enum gateway_kind kind);

/* A person's own client is called so on the bus, and signs in nobody but that login. */
#define PROGRAM_PERSON_PREFIX "person."

/* The login that a person's client of this name may sign in, NULL: it is another program. */
const char *program_person(const char *name);

#endif
