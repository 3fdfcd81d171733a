/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * network: the wires of a whole simulation, linked in the place of ZeroMQ: dispatcher/io/bus.h at one
 * end, gateways/link/link_socket.h at the other. Frames are lost, late, repeated, overtaken; a cut
 * lets nothing pass; a process that dies takes its connections along. */
#ifndef TESTS_SIM_NETWORK_H
#define TESTS_SIM_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

struct sim;
struct port;

void network_open(struct sim *sim);
void network_close(void);

/* The process of this port is the one that opens the next link_socket. */
void network_opens(struct port *port);

/* The dispatcher's process died: what it had read is lost, and every connection is new. */
void network_node_died(void);

/* What was sent until now leaves the machine so much later: the commit took its time. */
void network_commit_took(uint64_t ms);

#endif
