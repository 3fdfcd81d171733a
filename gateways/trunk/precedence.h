/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * precedence: the namespaces of Resource-Priority (RFC 4412; esnet: RFC 7135) that are known here. A value asks networks
 * and exchanges for their care, in the order of its namespace; who comes first here is the dispatcher's word alone.
 * Pure. */
#ifndef GATEWAYS_TRUNK_PRECEDENCE_H
#define GATEWAYS_TRUNK_PRECEDENCE_H

#include <stdbool.h>

enum {
    PRECEDENCE_BYTES = 96 /* the longest value of each namespace */
};

/* "dsn.routine, dsn.priority, …": all that is known, as Accept-Resource-Priority lists it. */
extern const char precedence_known[];

/* Adds what is known of a header's value to `known` ("esnet.1, wps.0"): the first of each namespace, in the order they
 * stood. True when anything is. `known` is empty, or what was read from a header before. */
bool precedence_read(char known[PRECEDENCE_BYTES], const char *value);

#endif
