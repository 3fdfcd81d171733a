/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fake/fake_media.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tests/fake/transcript.h"

struct media {
    int64_t next;
    int open;
    bool exhausted;
    uint64_t owners[4096];
    struct media_quality qualities[4096];
};

struct media *fake_media_make(void)
{
    return calloc(1, sizeof(struct media));
}

void media_close(struct media *media)
{
    free(media);
}

int64_t media_channel_open(struct media *media, uint64_t owner, uint16_t *port)
{
    if (media->exhausted)
        return -EADDRINUSE;
    int64_t channel = ++media->next;
    media->open++;
    media->owners[channel % 4096] = owner;
    *port = (uint16_t)(20000 + 2 * (channel - 1) % 40000);
    transcript_say("media open channel=%d port=%u", (int)channel, (unsigned)*port);
    return channel;
}

void media_channel_clock(const struct media *media, int64_t channel, uint64_t wall_ms,
                         struct media_clock *clock)
{
    (void)media;
    *clock = (struct media_clock){ .ssrc = (uint32_t)channel, .at_ms = wall_ms };
}

int64_t media_channel_resume(struct media *media, uint64_t owner, uint16_t port,
                             const struct media_clock *clock, uint64_t wall_ms)
{
    int64_t channel = ++media->next;
    (void)wall_ms;
    media->open++;
    media->owners[channel % 4096] = owner;
    transcript_say("media resume channel=%d port=%u source=%u", (int)channel, (unsigned)port,
                   (unsigned)clock->ssrc);
    return channel;
}

void media_recording_taken(struct media *media, const char *file)
{
    (void)media;
    transcript_say("media taken %s", file);
}

void media_record_on(struct media *media, int64_t caller, uint64_t owner, uint32_t day,
                     const char *name, uint64_t begun_ms)
{
    (void)media, (void)owner, (void)day, (void)name, (void)begun_ms;
    transcript_say("media record on channel=%d", (int)caller);
}

void media_settle(struct media *media)
{
    (void)media;
}

void fake_media_sounds(struct media *media, int64_t channel, const struct media_quality *quality)
{
    media->qualities[channel % 4096] = *quality;
}

void media_channel_quality(const struct media *media, int64_t channel,
                           struct media_quality *quality)
{
    *quality = media->qualities[channel % 4096];
}

void media_channel_close(struct media *media, int64_t channel)
{
    media->open--;
    transcript_say("media close channel=%d", (int)channel);
}

int media_channel_connect(struct media *media, int64_t channel, const char *ip, uint16_t port,
                          const struct media_speech *speech)
{
    static const char *const codecs[] = { [MEDIA_G722] = " g722", [MEDIA_OPUS] = " opus" };
    const struct media_keys *keys = speech->keys;
    (void)media;
    transcript_say("media connect channel=%d to=%s:%u law=%d events=%u%s%s%s%s", (int)channel, ip,
                   (unsigned)port, (int)speech->law, (unsigned)speech->event_payload,
                   speech->codec == MEDIA_G711 ? "" : codecs[speech->codec], keys ? " suite=" : "",
                   keys ? crypto_suite_name((enum crypto_suite)keys->theirs.suite) : "",
                   !speech->print || keys ? ""
                   : speech->client       ? " handshake=client"
                                          : " handshake=server");
    return 0;
}

void media_channel_play(struct media *media, int64_t channel, const char *const *names,
                        unsigned rounds)
{
    (void)media, (void)rounds;
    transcript_say("media play channel=%d first=%s", (int)channel, names[0] ? names[0] : "-");
}

/* Each seat with the channels it hears: "1:2,3 2:1". */
void media_room(struct media *media, const struct media_seat *seats, unsigned count,
                uint8_t recorded)
{
    char words[256];
    struct text text = text_into(words, sizeof words);
    (void)media, (void)recorded;
    for (unsigned i = 0; i < count; i++) {
        text_print(&text, " %d:", (int)seats[i].channel);
        const char *comma = "";
        for (unsigned j = 0; j < count; j++)
            if (seats[i].hears >> j & 1) {
                text_print(&text, "%s%d", comma, (int)seats[j].channel);
                comma = ",";
            }
    }
    transcript_say("media room%s", words);
}

void media_channel_press(struct media *media, int64_t channel, const char *keys)
{
    (void)media;
    transcript_say("media press channel=%d keys=%s", (int)channel, keys);
}

void media_channel_heed(struct media *media, int64_t channel, bool on)
{
    (void)media;
    transcript_say("media heed channel=%lld%s", (long long)channel, on ? "" : " no longer");
}

const char *media_print(void)
{
    return "AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:"
           "AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89";
}

void media_tick(struct media *media)
{
    (void)media;
}

/* Every emergency call is read: said nowhere. */
void media_channel_read(struct media *media, int64_t channel)
{
    (void)media, (void)channel;
}

void media_channel_type(struct media *media, int64_t channel, const char *words, bool fifty)
{
    (void)media;
    transcript_say("media type channel=%lld%s words=%s", (long long)channel, fifty ? " 50" : "",
                   words);
}

int media_text_connect(struct media *media, int64_t channel, uint16_t *port,
                       const struct media_text *text)
{
    (void)media;
    if (*port == 0)
        *port = 30000;
    transcript_say("media text channel=%lld to=%s:%u payload=%u red=%u", (long long)channel,
                   text->ip, (unsigned)text->port, (unsigned)text->payload, (unsigned)text->red);
    return 0;
}

void media_text_say(struct media *media, int64_t channel, const char *words)
{
    (void)media;
    if ((unsigned char)words[0] < 0x80) /* not the line's end */
        transcript_say("media text channel=%lld words=%s", (long long)channel, words);
}

void media_channel_listen(struct media *media, int64_t channel)
{
    (void)media;
    transcript_say("media listen channel=%lld", (long long)channel);
}

bool media_knows(const struct media *media, const char *name)
{
    static const char *const names[] = { "welcome-110",
                                         "welcome-119",
                                         "welcome-110-english",
                                         "hold-english",
                                         "waiting-emergency-english",
                                         "alone" };
    (void)media;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

void media_record(struct media *media, int64_t caller, uint64_t owner, uint32_t day,
                  const char *name)
{
    (void)media, (void)owner, (void)day, (void)name;
    transcript_say("media record channel=%d", (int)caller);
}

int fake_media_open_channels(const struct media *media)
{
    return media->open;
}

void fake_media_exhaust(struct media *media)
{
    media->exhausted = true;
}

uint64_t fake_media_owner(const struct media *media, int64_t channel)
{
    return media->owners[channel % 4096];
}
