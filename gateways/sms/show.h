/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * show: prints the original PDUs of one call of a message gateway, for whoever checks the trail. */
#ifndef GATEWAYS_SMS_SHOW_H
#define GATEWAYS_SMS_SHOW_H

/* The process's answer: 0; 1 when there is none or the key does not open them. */
int show_originals(const char *home, const char *name, const char *call);

#endif
