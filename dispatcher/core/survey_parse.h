/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * survey_parse: reads a citizen's reply to the survey text: three answers, contacted → solved →
 * satisfied (docs: hotline practice "三率"). Pure; the dispatcher calls it on every text that comes
 * in, before it becomes a command. What does not parse is an ordinary text for a person. */
#ifndef DISPATCHER_CORE_SURVEY_PARSE_H
#define DISPATCHER_CORE_SURVEY_PARSE_H

#include <stdbool.h>

#include "proto/message.h"

/* Three digits 1–3 ("111", "1 1 1", "1，2，3。", full-width, 一二三, ①②③): contacted 1 yes 2 no;
 * solved and satisfied 1 yes 2 mostly 3 no. Or one word for all three: 满意, 基本满意, 不满意, 已解决,
 * 未解决 … Returns false and leaves out alone for anything else. text is valid UTF-8. */
bool survey_parse(const char *text, enum degree out[3]);

#endif
