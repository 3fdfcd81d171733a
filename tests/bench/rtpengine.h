/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * rtpengine: the relay of that name as a peer of the media plane: in user space, recording, asked by its own protocol
 * (ng: bencoded words in datagrams). Errors end the bench. */
#ifndef TESTS_BENCH_RTPENGINE_H
#define TESTS_BENCH_RTPENGINE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct rtpengine;

/* False: it is not installed. It writes below folder and talks on 127.0.0.1 from port_low on. */
bool rtpengine_open(struct rtpengine **rtpengine, const char *folder, uint16_t port_low,
                    uint16_t port_high);
void rtpengine_close(struct rtpengine *rtpengine);

/* A recorded call of two ends, by the ports they hear at; the ports that they shall send to. */
void rtpengine_call(struct rtpengine *rtpengine, unsigned number, const uint16_t own[2],
                    uint16_t theirs[2]);

/* What all its threads have run, in seconds. */
double rtpengine_cpu(const struct rtpengine *rtpengine);
pid_t rtpengine_pid(const struct rtpengine *rtpengine);

#endif
