/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * figures: what the trunk counts, as Prometheus lines. */
#ifndef GATEWAYS_TRUNK_FIGURES_H
#define GATEWAYS_TRUNK_FIGURES_H

#include "base/text.h"
#include "gateways/trunk/exchange.h"

void figures_write(struct text *text, const struct exchange *exchange, const struct stack *stack,
                   const struct link *link, const struct media *media);

#endif
