/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Real-time text beside a channel: a port pair of its own, looked at ten times a second by signalling's thread; the
 * media thread has nothing to do with it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/log.h"
#include "gateways/trunk/media_state.h"
#include "gateways/trunk/t140.h"

enum {
    PACKET_BYTES = 1500,
    PACKETS_A_TICK = 8,
    PORT_TRIES = 32
};

struct text_way {
    struct endpoint endpoint;
    uint16_t port;
    struct t140 t140;
};

static int bind_way(struct media *media, struct text_way *way, uint16_t wanted)
{
    for (unsigned i = 0; i < PORT_TRIES; i++) {
        uint16_t port = wanted;
        if (wanted ? !ports_take_this(&media->ports, wanted) : !(port = ports_take(&media->ports)))
            return -EADDRINUSE;
        int status = endpoint_open(&way->endpoint, media->address, port);
        if (status == 0)
            way->port = port;
        else
            ports_give(&media->ports, port);
        if (status == 0 || wanted || status != -EADDRINUSE)
            return status;
    }
    return -EADDRINUSE;
}

static int open_way(struct media *media, struct channel *channel, uint16_t wanted)
{
    uint32_t chance[3];
    if (getrandom(chance, sizeof chance, 0) != (ssize_t)sizeof chance)
        return -EIO;
    struct text_way *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->endpoint = (struct endpoint){ -1, -1, -1 };
    fresh->t140.own_source = chance[0];
    fresh->t140.stamp_base = chance[1];
    fresh->t140.sequence = (uint16_t)chance[2];
    int status = bind_way(media, fresh, wanted);
    if (status < 0)
        free(fresh);
    else
        channel->text = fresh;
    return status;
}

int media_text_connect(struct media *media, int64_t channel, uint16_t *port,
                       const struct media_text *text)
{
    struct channel *found = media_find(media, channel);
    int status = found ? 0 : -ENOENT;
    if (found && !found->text)
        status = open_way(media, found, *port);
    if (status < 0)
        return status;
    struct text_way *way = found->text;
    status = endpoint_connect(&way->endpoint, text->ip, text->port);
    if (status < 0)
        return status;
    (void)endpoint_drain(way->endpoint.rtp);
    way->t140.payload = text->payload;
    way->t140.red = text->red;
    *port = way->port;
    return 0;
}

void media_text_close(struct media *media, struct channel *channel)
{
    if (!channel->text)
        return;
    endpoint_close(&channel->text->endpoint);
    ports_give(&media->ports, channel->text->port);
    free(channel->text);
    channel->text = NULL;
}

void media_text_say(struct media *media, int64_t channel, const char *words)
{
    struct channel *found = media_find(media, channel);
    if (found && found->text && t140_add(&found->text->t140, words) > 0)
        log_warn("port=%u: more is to be typed than waits", (unsigned)found->port);
}

/* In pieces of whole characters: an event has a fixed size. */
static void tell(struct media *media, const struct channel *channel, const char *text)
{
    while (*text) {
        struct media_event typed = { .kind = MEDIA_TYPED, .owner = channel->owner, .t140 = true };
        size_t size = strnlen(text, sizeof typed.text - 1);
        while (((uint8_t)text[size] & 0xC0) == 0x80)
            size--;
        memcpy(typed.text, text, size);
        text += size;
        if (!ring_put(&media->own_events, &typed))
            return; /* signalling stands still */
    }
    media_wake(media);
}

void media_text_tick(struct media *media, struct channel *channel)
{
    struct text_way *way = channel->text;
    uint8_t packet[PACKET_BYTES];
    char text[T140_HEARD_BYTES];
    if (!way)
        return;
    for (unsigned i = 0; i < PACKETS_A_TICK; i++) {
        ssize_t size = recv(way->endpoint.rtp, packet, sizeof packet, MSG_DONTWAIT);
        if (size < 0)
            break;
        if (t140_hear(&way->t140, packet, (size_t)size, text) > 0)
            tell(media, channel, text);
    }
    (void)endpoint_drain(way->endpoint.rtcp);
    if (way->endpoint.catcher >= 0)
        (void)endpoint_drain(way->endpoint.catcher);
    size_t size = t140_say(&way->t140, clock_mono_ms(), packet);
    if (size > 0)
        (void)send(way->endpoint.rtp, packet, size, MSG_DONTWAIT | MSG_NOSIGNAL);
}
