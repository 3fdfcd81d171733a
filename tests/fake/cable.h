/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * cable: the TCP connections of one program to another on loopback, at a port of their own, and a knife for them: packets to
 * or from a port are dropped, both ways or one way, so that who sends hears nothing, as when a real cable is pulled. It wants
 * a network of its own (cables_begin()), nft and ip. The connections are carried by a thread of each cable. */
#ifndef TESTS_FAKE_CABLE_H
#define TESTS_FAKE_CABLE_H

#include <stdbool.h>
#include <stdint.h>

struct cable;

enum {
    CABLE_PAIRS_MAX = 256, /* connections at once; one more is refused */
    CUTS_MAX = 64          /* directions cut at once */
};

/* From now on this process and its children have a network alone, loopback up. False: not permitted, or nft or ip are
 * missing. Before any thread. */
bool cables_begin(void);

/* A way of its own to this port of loopback; *port: where it begins. Remove with cable_remove(), which accepts NULL. */
struct cable *cable_lay(uint16_t to, uint16_t *port);
void cable_remove(struct cable *cable);

/* What is cut: packets to the port (there: from who connects to who listens), packets from it (back). */
struct cut {
    uint16_t port;
    bool there, back;
};

/* Exactly these from now on; count 0: all is mended. */
void cables_cut(const struct cut *cuts, unsigned count);

#endif
