/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fake_wire: wire.h without sockets: what is sent is forgotten, what a test says is heard. */
#ifndef TESTS_FAKE_FAKE_WIRE_H
#define TESTS_FAKE_FAKE_WIRE_H

#include <stddef.h>

#include "gateways/trunk/wire.h"

/* The bytes pass the filter first, as in the field. */
void fake_wire_hear_datagram(const char *bytes, size_t length);
void fake_wire_hear_stream(const char *bytes, size_t length);

#endif
