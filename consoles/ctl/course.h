/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * course: an incident's time, printed: who had the ball, and which clocks run. */
#ifndef CONSOLES_CTL_COURSE_H
#define CONSOLES_CTL_COURSE_H

#include "proto/message.h"

void course_print(struct incident_detail *detail, uint64_t now_ms);

#endif
