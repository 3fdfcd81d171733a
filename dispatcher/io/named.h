/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * named: the citizens whom drafts of notices name, by their blind index (caller.h), so that nobody is
 * named twice, however often and however spelled. Of the NAMED_DRAFTS_MAX drafts written to last; whose
 * draft was put away is told again from the journal. All zero: no draft. */
#ifndef DISPATCHER_IO_NAMED_H
#define DISPATCHER_IO_NAMED_H

#include <stdbool.h>
#include <stdint.h>

enum {
    NAMED_DRAFTS_MAX = 4,
    NAMED_FRESH_MAX = 1024 /* of one NoticeAdd: 3,000 octets of numbers and their line feeds */
};

struct named_draft {
    uint64_t notice; /* 0: free */
    uint64_t used;   /* when it was written to last, by count */
    uint64_t *slots; /* open addressing; 0: free */
    uint32_t size;   /* a power of two */
    uint32_t count;
};

struct named {
    struct named_draft drafts[NAMED_DRAFTS_MAX];
    uint64_t turn;
    uint64_t fresh[NAMED_FRESH_MAX]; /* offered, and not yet taken */
    uint32_t fresh_count;
};

/* The notice's draft, with nothing offered; *empty: it is told anew, and the caller adds what the journal has. */
struct named_draft *named_open(struct named *named, uint64_t notice, bool *empty);
void named_add(struct named_draft *draft, uint64_t caller);

/* True when neither the draft nor what was offered names the caller, who is offered then. False also when
 * no more can be offered. */
bool named_offer(struct named *named, const struct named_draft *draft, uint64_t caller);
/* The notice's draft names what was offered. */
void named_take(struct named *named, uint64_t notice);

/* The notice is no draft any more. */
void named_forget(struct named *named, uint64_t notice);
void named_close(struct named *named);

#endif
