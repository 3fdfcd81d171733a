/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fake_wire: wire.h without sockets: the last message sent is kept, what a test says is heard. */
#ifndef TESTS_FAKE_FAKE_WIRE_H
#define TESTS_FAKE_FAKE_WIRE_H

#include <stddef.h>

#include "gateways/trunk/wire.h"

/* The bytes pass the filter first, as in the field. */
void fake_wire_hear_datagram(const char *bytes, size_t length);
void fake_wire_hear_stream(const char *bytes, size_t length);

/* The last message that was sent; "" after fake_wire_forget(). */
const char *fake_wire_said(void);
void fake_wire_forget(void);

#endif
