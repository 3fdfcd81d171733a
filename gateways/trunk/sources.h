/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * sources: the networks that may call in, "192.0.2.0/24" or "2001:db8::/32" or one address. Pure. */
#ifndef GATEWAYS_TRUNK_SOURCES_H
#define GATEWAYS_TRUNK_SOURCES_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/settings.h"

struct source_net {
    bool ipv6;
    uint8_t address[16];
    uint8_t bits;
    char words[50];
};

struct sources {
    uint32_t count;
    struct source_net nets[SETTINGS_SOURCES_MAX];
};

/* False when the words are no network; sources is unchanged then, or when it is full. */
bool sources_add(struct sources *sources, const char *words);

/* The words of the network that holds ip, or NULL. */
const char *sources_find(const struct sources *sources, const char *ip);

#endif
