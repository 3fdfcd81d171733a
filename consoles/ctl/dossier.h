/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * dossier: `yihao trail export INCIDENT --pdf`: a case on paper, as the auditor's page gives it. */
#ifndef CONSOLES_CTL_DOSSIER_H
#define CONSOLES_CTL_DOSSIER_H

#include "consoles/ctl/request.h"
#include "proto/message.h"

/* Returns an exit code after it told what became of it. */
int dossier_export(struct request *request, const struct incident_query *named);

#endif
