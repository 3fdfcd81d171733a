/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * session: who came in, who was turned away, who proved once more who they are, who read or took out
 * what of a citizen's data and why, and what a witness of the trail has to say. Only events: the core keeps nothing of them. */
#ifndef DISPATCHER_CORE_SESSION_H
#define DISPATCHER_CORE_SESSION_H

#include "dispatcher/core/decision.h"

enum refusal decide_words_search(struct decision *decision);
enum refusal decide_personal_read(struct decision *decision);
enum refusal decide_session_open(struct decision *decision);
enum refusal decide_session_close(struct decision *decision);
enum refusal decide_session_refuse(struct decision *decision);
enum refusal decide_session_prove(struct decision *decision);
enum refusal decide_export_begin(struct decision *decision);
enum refusal decide_history_doubt(struct decision *decision);

#endif
