/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tongue: the language that an Accept-Language header asks for (RFC 3261 §20.3, RFC 5646 tags), as one
 * of the city's. Pure. */
#ifndef GATEWAYS_TRUNK_TONGUE_H
#define GATEWAYS_TRUNK_TONGUE_H

#include "proto/message.h"

/* Of the first tag alone; NONE for the common language, for one the city does not know, and for what is
 * no tag. */
enum language tongue_of(const char *accept_language);

#endif
