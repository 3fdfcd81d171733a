/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * guide: a tree of questions as text that a duty officer can read from top to bottom and sign. */
#ifndef CONSOLES_CTL_GUIDE_H
#define CONSOLES_CTL_GUIDE_H

#include <stdbool.h>
#include <stdio.h>

#include "dispatcher/city/city.h"

/* Every question with its answers: what each does, what the caller is told, where it leads. Returns
 * false when the city has no such tree. */
bool guide_write(FILE *out, const struct city *city, uint32_t tree, bool chinese);

#endif
