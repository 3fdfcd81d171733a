/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * standby: who carries the calls of a gateway that stands on two machines: whoever has the service address. It is moved
 * by what moves addresses (VRRP); we only look. */
#ifndef GATEWAYS_TRUNK_STANDBY_H
#define GATEWAYS_TRUNK_STANDBY_H

#include <stdbool.h>
#include <stdint.h>

#include "gateways/trunk/kept.h"
#include "gateways/trunk/mirror.h"
#include "proto/settings.h"

enum {
    STANDBY_LOOK_MS = 50, /* how often who waits looks whether the address is here */
    STANDBY_GONE_MS = 250 /* how often who has it looks whether it still is */
};

/* This machine has this numeric address. */
bool standby_has(const char *address);

/* Follows the twin, into `kept`, until the address is here (1) or the program is to end (0); a negative errno when it
 * cannot follow. signals: as of signals_open(). settings: its endpoint is the twin's. */
int standby_wait(const struct trunk_settings *own, const struct mirror_settings *settings,
                 int signals);

#endif
