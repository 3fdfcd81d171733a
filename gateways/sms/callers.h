/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * callers: centres that call us (SGIP's SMG, SMPP's outbind) over TLS, from the TCP connection until they have
 * proved their name. Only then do they take one of the gateway's binds: whoever knocks without the
 * certificate holds up nobody. Each has CALLERS_MS to prove itself; of more than CALLERS_MAX at once the
 * oldest goes. */
#ifndef GATEWAYS_SMS_CALLERS_H
#define GATEWAYS_SMS_CALLERS_H

#include <stdbool.h>
#include <stdint.h>

#include "gateways/sms/piece.h"
#include "proto/settings.h"

enum {
    CALLERS_MAX = 16,
    CALLERS_MS = 5000
};

struct tls_stream;
struct callers;

/* Reads HOME/keys/sms.crt and sms.key when one of the centres wants them; settings are borrowed. What cannot be
 * used is logged: that centre is not listened for, the others are not held up. Returns 0 or -ENOMEM. */
int callers_open(struct callers **callers, const struct sms_settings *settings, const char *home);
void callers_close(struct callers *callers);

/* Who calls as this centre has to be greeted first. */
bool callers_greet(const struct callers *callers, uint32_t centre);
/* Nobody can call as this centre: it would have to be greeted, and cannot be. */
bool callers_refuse(const struct callers *callers, uint32_t centre);

/* Begins to greet who called; the descriptor is the callers' from now on. */
void callers_add(struct callers *callers, uint32_t centre, int fd, uint64_t now_ms);

enum caller_state {
    CALLER_NONE, /* no caller has this descriptor */
    CALLER_GREETS,
    CALLER_PROVED, /* *stream and *centre: the descriptor and the stream are the owner's from now on */
    CALLER_GONE    /* closed, and logged why */
};
/* After the descriptor became ready. *wants_write: what to wait for while it greets. */
enum caller_state callers_turn(struct callers *callers, int fd, uint32_t *centre,
                               struct tls_stream **stream, bool *wants_write);

/* Hangs up on who takes too long. Returns in how many milliseconds to come again; UINT64_MAX: nobody greets. */
uint64_t callers_tick(struct callers *callers, uint64_t now_ms);

#endif
