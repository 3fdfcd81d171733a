/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * figures: a whole run's figures, kept and counted again. */
#ifndef TESTS_SIM_FIGURES_H
#define TESTS_SIM_FIGURES_H

#include "dispatcher/journal/journal.h"

/* Ends the process when one differs: of the city, of each line, of departments 1 … `departments`. */
void figures_prove(struct journal *journal, const uint32_t *lines, uint32_t line_count,
                   uint32_t departments);

#endif
