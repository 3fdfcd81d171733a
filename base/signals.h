/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * signals: what an operator says to a program, as a descriptor its loop waits for. */
#ifndef BASE_SIGNALS_H
#define BASE_SIGNALS_H

/* Blocks the signals, a list with 0 behind it, and returns a descriptor that is readable when one came; the
 * caller closes it. Threads begun before take them as ever. From then on a write to a peer that is gone is an
 * errno and no death (SIGPIPE), also inside of libraries. Returns negative errno. */
int signals_open(const int *numbers);

/* Takes one. Returns its number, 0 when none is there. */
int signals_take(int fd);

/* SIGTERM and SIGINT: end. */
extern const int signals_ends[];

#endif
