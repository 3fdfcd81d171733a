/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * loop: the one epoll loop of yihao-sms: the centres' connections, the link, signals, metrics. */
#ifndef GATEWAYS_SMS_LOOP_H
#define GATEWAYS_SMS_LOOP_H

#include "gateways/link/link.h"
#include "gateways/sms/exchange.h"
#include "proto/settings.h"

struct loop_settings {
    const char *home;
    struct sms_settings sms;
    struct exchange_settings exchange;
    struct link_settings link;
};

/* Runs until SIGTERM or SIGINT, then unbinds. Returns 0, or a negative errno after one log line that
 * says what could not be opened or written. */
int loop_run(const struct loop_settings *settings);

#endif
