/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * format: one line of words for a message: its body's kind, then every field that is set, as
 * name=value. The same line serves story tests, logs, `yihao trail show` and auditors. */
#ifndef PROTO_FORMAT_H
#define PROTO_FORMAT_H

#include "base/text.h"
#include "proto/schema.h"

/* "contact_arrived contact=3 line=110 band=life due_ms=…". Sealed and binary fields appear as their
 * size or as hex digits. Appends to text; a line that does not fit is cut and text->cut says so. */
void format_message(struct text *text, enum schema_id id, const void *message);

#endif
