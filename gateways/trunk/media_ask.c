/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What signalling asks of channels that are there: what they play, press, read, and who sits with whom. */
#include <stdlib.h>

#include "base/log.h"
#include "base/require.h"
#include "base/text.h"
#include "gateways/trunk/media_state.h"

void media_channel_play(struct media *media, int64_t channel, const char *const *names,
                        unsigned rounds)
{
    struct channel *found = media_find(media, channel);
    if (!found)
        return;
    struct request request = { .kind = REQUEST_PLAY, .channel = found };
    request.play.rounds = rounds;
    for (; *names && request.play.count < PLAY_NAMES_MAX; names++) {
        int index = prompts_find(&media->prompts, *names);
        if (index >= 0)
            request.play.prompts[request.play.count++] = (uint8_t)index;
    }
    media_ask(media, &request);
}

void media_channel_listen(struct media *media, int64_t channel)
{
    struct channel *found = media_find(media, channel);
    if (found)
        media_ask(media, &(struct request){ .kind = REQUEST_LISTEN, .channel = found });
}

void media_channel_heed(struct media *media, int64_t channel, bool on)
{
    struct channel *found = media_find(media, channel);
    struct request request = { .kind = REQUEST_HEED, .channel = found, .on = on };
    if (!found)
        return;
    if (on && !found->heeded && keypad_open(&request.keypad) < 0)
        return; /* it is heard without its tones */
    found->heeded |= on;
    media_ask(media, &request);
}

void media_channel_press(struct media *media, int64_t channel, const char *keys)
{
    struct request request = { .kind = REQUEST_PRESS, .channel = media_find(media, channel) };
    (void)text_copy(request.keys, sizeof request.keys, keys);
    if (request.channel)
        media_ask(media, &request);
}

void media_room(struct media *media, const struct media_seat *seats, unsigned count,
                uint8_t recorded)
{
    struct request request = { .kind = REQUEST_ROOM };
    unsigned places[MEDIA_ROOM_MAX];
    REQUIRE(count <= MEDIA_ROOM_MAX);
    for (unsigned i = 0; i < count; i++) {
        struct channel *found = media_find(media, seats[i].channel);
        if (!found)
            continue;
        places[request.room.count] = i;
        request.room.seats[request.room.count++] = found;
    }
    if (request.room.count == 0)
        return;
    for (unsigned i = 0; i < request.room.count; i++)
        for (unsigned j = 0; j < request.room.count; j++) {
            unsigned hears = (unsigned)seats[places[i]].hears >> places[j] & 1U;
            request.room.hears[i] |= (uint8_t)(hears << j);
        }
    for (unsigned j = 0; j < request.room.count; j++)
        request.room.recorded |= (uint8_t)(((unsigned)recorded >> places[j] & 1U) << j);
    request.channel = request.room.seats[0];
    media_ask(media, &request);
}

void media_channel_read(struct media *media, int64_t channel)
{
    struct request request = { .kind = REQUEST_READ, .channel = media_find(media, channel) };
    if (!request.channel || request.channel->reads)
        return;
    request.teletype = calloc(1, sizeof *request.teletype);
    if (!request.teletype) {
        log_error("no memory to read a text telephone port=%u", (unsigned)request.channel->port);
        return;
    }
    request.channel->reads = true;
    media_ask(media, &request);
}

/* In pieces: a request has a fixed size. */
void media_channel_type(struct media *media, int64_t channel, const char *words, bool fifty)
{
    struct request request = { .kind = REQUEST_TYPE,
                               .channel = media_find(media, channel),
                               .on = fifty };
    while (request.channel && *words) {
        struct text piece = text_into(request.keys, sizeof request.keys);
        while (*words && piece.length + 1 < sizeof request.keys)
            text_add_char(&piece, *words++);
        media_ask(media, &request);
    }
}
