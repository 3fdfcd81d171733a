/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * zap: who may come onto the bus. A thread that answers libzmq's authentication requests (ZeroMQ
 * RFC 27): a CURVE key whose NAME.public lies in HOME/keys is admitted as NAME, any other is refused
 * and counted. Without a running handler libzmq 4.3.4 admits every key, so zap_open() returns only
 * after the handler refused a probe. */
#ifndef DISPATCHER_IO_ZAP_H
#define DISPATCHER_IO_ZAP_H

#include <stdbool.h>
#include <stdint.h>

enum {
    ZAP_KEYS_MAX = 64
};

struct zap;

/* The domain of the socket that publishes the city's events. */
#define ZAP_EVENTS "yihao.events"

/* May this program read them? Asked by the handler's own thread. */
typedef bool zap_hears(const void *owner, const char *name);

/* hears: NULL: everybody who is admitted does. context: the ZeroMQ context whose sockets it guards. Returns 0, or a negative errno; *zap is set
 * either way (NULL: no memory) and closed after the context was shut down. The errno:
 * that of reading the keys, -E2BIG above ZAP_KEYS_MAX, -EPROTO when the probe was not refused. */
int zap_open(struct zap **zap, void *context, const char *home, zap_hears *hears,
             const void *owner);

/* After the context was shut down. Accepts NULL. */
void zap_close(struct zap *zap);

/* Reads the keys anew; connections that stand stay. Returns 1 when a key is admitted no more, so that who
 * holds one has to come anew; 0; or a negative errno, and keeps the old ones. */
int zap_reload(struct zap *zap);

/* Did the folder change since, or is a former key's time over? */
bool zap_is_stale(const struct zap *zap);

struct zap_counts {
    uint64_t admitted;
    uint64_t refused;
};
void zap_count(struct zap *zap, struct zap_counts *counts);

#endif
