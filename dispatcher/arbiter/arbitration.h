/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * arbitration: a dispatcher's side of the arbiter: carries its pleader's words over a socket of its own (CURVE, the
 * arbiter's key is known beforehand). It never waits. */
#ifndef DISPATCHER_ARBITER_ARBITRATION_H
#define DISPATCHER_ARBITER_ARBITRATION_H

#include <stdbool.h>
#include <stdint.h>

#include "dispatcher/arbiter/pleader.h"
#include "proto/keys.h"

struct arbitration;

/* name, epoch: pleader_init(). endpoint: the arbiter's, borrowed. keys: this dispatcher's. Returns 0 and *arbitration (close
 * with arbitration_close(), which accepts NULL), or a negative errno. */
int arbitration_open(struct arbitration **arbitration, const char *home, const char *endpoint,
                     const struct curve_keys *keys, const char *name, uint64_t epoch);
void arbitration_close(struct arbitration *arbitration);

/* The socket, for zmq_poll(). */
void *arbitration_socket(const struct arbitration *arbitration);

/* Hears what was ruled and says what is due; connects anew when nothing is heard. The socket may be another one then. */
void arbitration_turn(struct arbitration *arbitration, uint64_t mono_ms);

/* Borrowed: what it knows, and where to say what is wanted. */
struct pleader *arbitration_pleader(struct arbitration *arbitration);

/* Was it heard lately? */
bool arbitration_answers(const struct arbitration *arbitration, uint64_t mono_ms);

#endif
