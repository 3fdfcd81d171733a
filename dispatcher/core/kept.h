/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * kept: the core's state of what goes and what stays: erasures, preservations, rules of retention. */
#ifndef DISPATCHER_CORE_KEPT_H
#define DISPATCHER_CORE_KEPT_H

#include <stdint.h>

#include "proto/message.h"

/* What is to be erased, until it is or somebody refuses (erasure.c): a case, or what a caller told. */
struct erasure {
    uint64_t id;
    uint64_t incident;
    uint64_t caller;
    uint64_t subjects; /* whose keys are gone by now */
    enum erasure_state state;
    uint32_t asked_by;
    uint32_t ruled_by;
    uint64_t contact; /* of which no case came */
    uint32_t rule;    /* of retention, which asked */
};

/* How long something is kept (retention.c). */
struct retention_rule {
    struct retention_row row;
};

/* The erasures by rule. */
struct retention {
    uint64_t run;      /* 0: none goes on */
    uint64_t begun_ms; /* the last one; before any, when the first rule came */
    uint64_t erased;   /* by this one, so far */
};

/* What must not be erased (erasure.c). */
struct preservation {
    uint64_t id;
    uint64_t incident;
    uint64_t caller;
};

#endif
