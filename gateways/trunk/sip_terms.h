/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * sip_terms: the fields of struct sip_message that extensions of SIP fill. Part of sip_message_read(). */
#ifndef GATEWAYS_TRUNK_SIP_TERMS_H
#define GATEWAYS_TRUNK_SIP_TERMS_H

#include "gateways/trunk/sip_message.h"

struct osip_message;

void sip_terms_read(struct sip_message *message, const struct osip_message *head);

#endif
