/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * called: what the numbers of the city's tables are called, as the replica has it, in the language of a file that
 * is made here. */
#ifndef CONSOLES_SERVER_CALLED_H
#define CONSOLES_SERVER_CALLED_H

#include <stdint.h>

#include "consoles/server/dictionary.h"
#include "proto/message.h"

struct console;

/* "" when the number is nobody's. Good until many others were asked for. Leaves console->answer alone. */
const char *called(struct console *console, enum dictionary_language language,
                   enum city_table table, uint32_t number);

/* Minutes the city's clocks are ahead of UTC. Answers into console->answer. */
uint64_t city_offset_min(struct console *console);

#endif
