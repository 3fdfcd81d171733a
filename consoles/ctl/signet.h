/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * signet: a person's key in a file of theirs, 128 hex digits, readable by nobody else, with which what a
 * department acknowledges is signed. The page keeps its keys in the browser (consoles/web/app/signet.js). */
#ifndef CONSOLES_CTL_SIGNET_H
#define CONSOLES_CTL_SIGNET_H

#include "consoles/ctl/request.h"
#include "consoles/ctl/session.h"

/* Signs the command, a TaskSign, TaskSendBack or TaskReply, with the key in this file: for the task as it
 * stands now, and with the words in `personal`, beside which the blind of their digest is put. Returns an
 * exit code; the reason of a bad one was told. */
int signet_sign(struct session *session, const char *file, struct command *command,
                struct personal *personal);

#endif
