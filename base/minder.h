/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * minder: the service manager that started this program and watches it (systemd: sd_notify(3)). Without
 * one (no $NOTIFY_SOCKET) nothing happens. Whoever does not say that it lives for $WATCHDOG_USEC is
 * killed and started again; so say it in the loop that does the work, and nowhere else. */
#ifndef BASE_MINDER_H
#define BASE_MINDER_H

#include <stdint.h>

/* The work begins: who waits for this program may go on. */
void minder_ready(void);

/* The loop turns. Call it in every turn: it says so at most four times in the time that was granted. */
void minder_alive(uint64_t mono_ms);

/* No more work is taken; the end may take its time. */
void minder_stopping(void);

#endif
