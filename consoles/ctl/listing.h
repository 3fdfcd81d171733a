/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * listing: an answer that is a list, asked for page after page and printed as one: a table, CSV or JSON. */
#ifndef CONSOLES_CTL_LISTING_H
#define CONSOLES_CTL_LISTING_H

#include <stdint.h>

#include "consoles/ctl/request.h"
#include "consoles/ctl/rows.h"
#include "proto/message.h"

enum {
    LISTING_PAGES_MAX = 200 /* then it ends, whatever else there is */
};

/* Where the rows of an answer lie (which may be changed before they are shown), and where the next page begins. */
struct listing {
    enum schema_id schema;
    const struct column *columns;
    uint32_t column_count;
    const void *(*rows)(struct answer *answer, uint32_t *count);
    uint64_t *after; /* of the query */
};

/* Returns an exit code, after a complaint where it is not EXIT_DONE. */
int listing_print(struct request *request, struct query *query, const struct listing *listing);

#endif
