/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * call_data: what a carrier, a device or a service says of a call beside it (Additional Data, RFC 7852:
 * ProviderInfo, ServiceInfo, DeviceInfo, SubscriberInfo, Comment; VEDS and other blocks of the same
 * form), as lines a person reads: "ServiceEnvironment: Residence". Nothing is fetched. Pure. */
#ifndef GATEWAYS_TRUNK_CALL_DATA_H
#define GATEWAYS_TRUNK_CALL_DATA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* The content type of such a block. */
bool call_data_is(const char *type);

/* Adds the block's lines; what is no XML adds nothing. Returns 0 or -EBADMSG. */
int call_data_add(struct text *text, const char *xml, size_t length);

#endif
