/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ports: the pairs of UDP ports (RTP even, RTCP the odd one above) that calls take and give back. The
 * pair given back longest ago is taken first, so that late packets of an ended call find nobody. */
#ifndef GATEWAYS_TRUNK_PORTS_H
#define GATEWAYS_TRUNK_PORTS_H

#include <stdbool.h>
#include <stdint.h>

enum {
    PORTS_PAIRS_MAX = 4096
};

struct ports {
    uint16_t queue[PORTS_PAIRS_MAX]; /* free even ports, a ring */
    uint32_t first;
    uint32_t count; /* free */
    uint32_t size;  /* all */
};

/* Every pair that lies whole in low … high, at most PORTS_PAIRS_MAX. Returns how many. */
uint32_t ports_init(struct ports *ports, uint16_t low, uint16_t high);

/* The even port of a free pair, 0 when all are taken. */
uint16_t ports_take(struct ports *ports);

/* This very pair; false when it is taken, or lies outside. */
bool ports_take_this(struct ports *ports, uint16_t port);

/* Giving back more than was taken is a bug. */
void ports_give(struct ports *ports, uint16_t port);

#endif
