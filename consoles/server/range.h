/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * range: which bytes of a file an HTTP request wants (RFC 9110 §14). One range only; anything that
 * cannot be read counts as no range at all, as the RFC allows. */
#ifndef CONSOLES_SERVER_RANGE_H
#define CONSOLES_SERVER_RANGE_H

#include <stdbool.h>
#include <stdint.h>

enum range_kind {
    RANGE_WHOLE,
    RANGE_PART,
    RANGE_UNSATISFIABLE
};

struct range {
    enum range_kind kind;
    uint64_t offset;
    uint64_t size;
};

/* header: "bytes=0-499", "bytes=500-", "bytes=-500" or empty. size: of the file. */
struct range range_read(const char *header, uint64_t size);

/* A path that stays below its folder: relative, no "..", no empty part, no control character. */
bool range_path_is_plain(const char *path);

#endif
