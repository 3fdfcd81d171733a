/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * soundness: may a tree of questions be asked at all? Every next question exists, no way leads round
 * in a circle or is longer than TREE_PATH_MAX, every question can be reached, and whatever the caller
 * says has an answer row. */
#ifndef DISPATCHER_CORE_SOUNDNESS_H
#define DISPATCHER_CORE_SOUNDNESS_H

#include "dispatcher/core/tree.h"

/* The edition with one more answer. */
bool edition_is_sound(const struct edition *edition, const struct answer_row *last);

#endif
