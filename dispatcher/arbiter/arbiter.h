/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * arbiter: the third voice (docs/cluster.md). It hears the pleas of two dispatchers, keeps the mandate in one small
 * file, and tells nobody a change before that is on the disk. CURVE and ZAP as on the bus; only the keys "dispatcher"
 * and "standby" are heard. */
#ifndef DISPATCHER_ARBITER_ARBITER_H
#define DISPATCHER_ARBITER_ARBITER_H

#include <stdint.h>

#include "base/text.h"
#include "dispatcher/arbiter/mandate.h"
#include "proto/keys.h"

struct arbiter;

/* folder: holds the file "mandate"; a file that is no mandate is -EBADMSG: a person looks before anybody leads by
 * it. Returns 0 and *arbiter (close with arbiter_close(), which accepts NULL), or a negative errno. */
int arbiter_open(struct arbiter **arbiter, const char *home, const char *folder,
                 const char *endpoint, const struct curve_keys *keys);
void arbiter_close(struct arbiter *arbiter);

/* Readable (edge-triggered, as libzmq's are) when arbiter_turn() may have something to do. */
int arbiter_fd(const struct arbiter *arbiter);

/* Answers what waits. Returns 0, or a negative errno when the mandate cannot be kept: then it must end, for what it
 * would say next is not on its disk. */
int arbiter_turn(struct arbiter *arbiter);

void arbiter_figures(const struct arbiter *arbiter, struct text *text);

#endif
