/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * act: submits a command and prints its outcome; a refusal becomes its exit code. */
#ifndef CONSOLES_CTL_ACT_H
#define CONSOLES_CTL_ACT_H

#include "consoles/ctl/request.h"
#include "consoles/ctl/session.h"

int act_submit(struct session *session, const struct request *request,
               const struct command *command, const struct personal *personal);

#endif
