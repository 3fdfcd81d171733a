/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/ports.h"

#include "base/require.h"

uint32_t ports_init(struct ports *ports, uint16_t low, uint16_t high)
{
    ports->first = 0;
    ports->size = 0;
    uint32_t first = low < 2 ? 2 : (low + 1U) & ~1U; /* port 0 is no port */
    for (uint32_t port = first; port < high; port += 2) {
        if (ports->size == PORTS_PAIRS_MAX)
            break;
        ports->queue[ports->size++] = (uint16_t)port;
    }
    ports->count = ports->size;
    return ports->size;
}

uint16_t ports_take(struct ports *ports)
{
    if (ports->count == 0)
        return 0;
    uint16_t port = ports->queue[ports->first];
    ports->first = (ports->first + 1) % ports->size;
    ports->count--;
    return port;
}

bool ports_take_this(struct ports *ports, uint16_t port)
{
    for (uint32_t i = 0; i < ports->count; i++) {
        uint32_t at = (ports->first + i) % ports->size;
        if (ports->queue[at] != port)
            continue;
        ports->queue[at] = ports->queue[ports->first]; /* the first is taken in its place */
        (void)ports_take(ports);
        return true;
    }
    return false;
}

void ports_give(struct ports *ports, uint16_t port)
{
    REQUIRE(ports->count < ports->size && port % 2 == 0);
    ports->queue[(ports->first + ports->count) % ports->size] = port;
    ports->count++;
}
