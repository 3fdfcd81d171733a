/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Signalling's side of handshakes: the media thread hands on the datagrams that came, the answers leave from
 * here by the same socket, and the keys go back by a request. No turn waits for any of it. */
#include <errno.h>
#include <string.h>

#include <sodium.h>

#include "base/log.h"
#include "base/text.h"
#include "gateways/trunk/media_state.h"

const char *media_print(void)
{
    return handshake_own_print();
}

static void stop(struct channel *channel)
{
    handshake_close(channel->handshake);
    channel->handshake = NULL;
    channel->secured = false;
    channel->print[0] = 0;
}

int media_agree(struct channel *channel, const struct media_speech *speech)
{
    bool wanted = speech->print && !speech->keys;
    bool same = speech->print && strcmp(channel->print, speech->print) == 0;
    if (!same)
        stop(channel);
    if (!wanted || channel->handshake)
        return 0;
    if (!text_copy(channel->print, sizeof channel->print, speech->print))
        return -EINVAL;
    int status =
        handshake_open(&channel->handshake, channel->endpoint.rtp, speech->client, speech->print);
    if (status < 0)
        channel->print[0] = 0;
    return status;
}

static void take_done(struct media *media, struct channel *channel)
{
    struct media_event secured = { .kind = MEDIA_SECURED, .owner = channel->owner };
    struct request request = { .kind = REQUEST_SHIELD, .channel = channel };
    handshake_keys(channel->handshake, &secured.keys.own, &secured.keys.theirs);
    int status = channel_shields(channel, &secured.keys, &request.out, &request.in);
    if (status < 0) {
        log_error("cannot secure the sound port=%u: %s", (unsigned)channel->port,
                  strerror(-status));
    } else {
        channel->secured = true;
        channel->keys = secured.keys;
        media_ask(media, &request);
        (void)ring_put(&media->own_events, &secured);
    }
    sodium_memzero(&secured, sizeof secured);
}

void media_hear_handshakes(struct media *media)
{
    static struct datagram datagram; /* signalling's alone */
    while (ring_take(&media->datagrams, &datagram)) {
        struct channel *channel = media_find(media, datagram.channel);
        if (!channel || !channel->handshake)
            continue;
        enum handshake_state state =
            handshake_hear(channel->handshake, datagram.bytes, datagram.size);
        if (state == HANDSHAKE_DONE && !channel->secured)
            take_done(media, channel);
    }
}

void media_tick(struct media *media)
{
    media_hear_handshakes(media);
    for (uint32_t i = 0; i < MEDIA_SLOTS && media->slot_count > 0; i++)
        if (media->slots[i]) {
            if (media->slots[i]->handshake)
                (void)handshake_tick(media->slots[i]->handshake);
            media_text_tick(media, media->slots[i]);
        }
}
