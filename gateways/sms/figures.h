/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * figures: what the gateway counts, for Prometheus. */
#ifndef GATEWAYS_SMS_FIGURES_H
#define GATEWAYS_SMS_FIGURES_H

#include "base/text.h"
#include "gateways/sms/exchange.h"

void figures_write(const struct exchange_counts *counts, const struct centres *centres,
                   const struct link_counts *link, bool link_up, struct text *text);

#endif
