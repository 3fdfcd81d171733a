/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fake/fake_wire.h"

#include <stdlib.h>
#include <string.h>

#include "base/require.h"

struct wire {
    wire_heard *heard;
    wire_refused *refused;
    char said[8192]; /* the last message */
    void *owner;
    struct wire_counts counts;
};

static struct wire the_wire;

int wire_open(struct wire **wire, const struct wire_settings *settings, wire_heard *heard,
              void *owner)
{
    the_wire.refused = settings->refused;
    the_wire.heard = heard;
    the_wire.owner = owner;
    *wire = &the_wire;
    return 0;
}

void wire_close(struct wire *wire)
{
    (void)wire;
}

uint16_t wire_port(const struct wire *wire)
{
    (void)wire;
    return 5060;
}

uint16_t wire_tls_port(const struct wire *wire)
{
    (void)wire;
    return 0;
}

bool wire_holds(const struct wire *wire, const struct wire_peer *peer)
{
    (void)wire;
    return peer->connection != 0;
}

bool wire_proves(const struct wire *wire, const struct wire_peer *peer, const char *name)
{
    (void)wire, (void)peer, (void)name;
    return false;
}

void wire_reuse(struct wire *wire, const struct wire_peer *peer, uint16_t port)
{
    (void)wire, (void)peer, (void)port;
}

int wire_fd(const struct wire *wire)
{
    (void)wire;
    return -1;
}

void wire_turn(struct wire *wire, uint64_t mono_ms)
{
    (void)wire, (void)mono_ms;
}

int wire_send(struct wire *wire, const struct wire_peer *peer, const char *bytes, size_t length)
{
    (void)peer;
    REQUIRE(length > 0 && memchr(bytes, ' ', length));
    size_t kept = length < sizeof wire->said ? length : sizeof wire->said - 1;
    memcpy(wire->said, bytes, kept);
    wire->said[kept] = 0;
    wire->counts.messages_out++;
    return 0;
}

const struct wire_counts *wire_count(const struct wire *wire)
{
    return &wire->counts;
}

const char *fake_wire_said(void)
{
    return the_wire.said;
}

void fake_wire_forget(void)
{
    the_wire.said[0] = 0;
}

void fake_wire_hear_datagram(const char *bytes, size_t length)
{
    static const struct wire_peer peer = { .ip = "192.0.2.7", .port = 5060 };
    struct filtered filtered;
    enum filter_cause cause = filter_datagram(bytes, length, &filtered);
    if (cause == FILTER_PASS)
        the_wire.heard(the_wire.owner, &peer, bytes, &filtered);
    else if (cause != FILTER_KEEP_ALIVE && cause != FILTER_MORE)
        (void)the_wire.refused(the_wire.owner, &peer, bytes, length, cause);
}

void fake_wire_hear_stream(const char *bytes, size_t length)
{
    static const struct wire_peer peer = {
        .tcp = true, .ip = "192.0.2.7", .port = 5062, .connection = 3
    };
    struct filtered filtered;
    size_t at = 0;
    while (at < length) {
        enum filter_cause cause = filter_stream(bytes + at, length - at, &filtered);
        if (cause == FILTER_KEEP_ALIVE) {
            at += filtered.skip;
            continue;
        }
        if (cause == FILTER_MORE)
            return;
        if (cause != FILTER_PASS) {
            (void)the_wire.refused(the_wire.owner, &peer, bytes + at, length - at, cause);
            return;
        }
        the_wire.heard(the_wire.owner, &peer, bytes + at, &filtered);
        at += filtered.skip + filtered.head + filtered.body;
    }
}
