/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the dispatcher hears of a leg's sound: once it is known, whenever it turns poor or good again, and at
 * its end. A leg that never was part of a conversation is not spoken of. And of the recording of it. */
#include <string.h>

#include <sodium.h>

#include "base/text.h"
#include "gateways/trunk/call.h"

/* Above the first of each a word may be misheard; below the second of all it is good again (ITU-T G.114 for the
 * delay, G.113 appendix I for what loss does to G.711 without concealment). */
enum {
    LOST_POOR = 50, /* thousandths */
    LOST_GOOD = 20,
    JITTER_POOR_MS = 60, /* more than the buffer has */
    JITTER_GOOD_MS = 40,
    ROUND_TRIP_POOR_MS = 600,
    ROUND_TRIP_GOOD_MS = 400
};

static bool is_poor(const struct media_quality *now, bool was_poor)
{
    uint32_t lost = was_poor ? LOST_GOOD : LOST_POOR;
    uint32_t jitter_ms = was_poor ? JITTER_GOOD_MS : JITTER_POOR_MS;
    uint32_t round_trip_ms = was_poor ? ROUND_TRIP_GOOD_MS : ROUND_TRIP_POOR_MS;
    return now->recent_lost >= lost || now->sent_lost >= lost || now->jitter_ms >= jitter_ms ||
           now->round_trip_ms >= round_trip_ms;
}

static enum sound_side side_of(const struct phone *phone)
{
    if (!phone)
        return SOUND_SIDE_CITIZEN;
    return phone->role == ROOM_TAKER || phone->role == ROOM_RECEIVER ? SOUND_SIDE_TAKER
                                                                     : SOUND_SIDE_PARTY;
}

static void report(struct exchange *exchange, const struct call *call, const struct phone *phone,
                   const struct media_quality *now, bool final)
{
    const struct leg_hearing *hearing = phone ? &phone->hearing : &call->hearing;
    struct command command = { .kind = COMMAND_SOUND_REPORT };
    uint64_t ticket;
    command.sound_report =
        (struct sound_report){ .call = hearing->call,
                               .side = side_of(phone),
                               .user = phone ? phone->user : 0,
                               .state = hearing->poor ? SOUND_STATE_POOR : SOUND_STATE_GOOD,
                               .packets = now->packets,
                               .lost = now->lost,
                               .jitter_ms = now->jitter_ms,
                               .round_trip_ms = now->round_trip_ms,
                               .sent_lost = now->sent_lost,
                               .final = final };
    (void)exchange_report(exchange, &command, NULL, &ticket);
}

static bool talks(const struct call *call, const struct phone *phone)
{
    return phone ? phone->state == PHONE_TALKING : call->state == CALLER_TALKING;
}

void hearing_tick(struct exchange *exchange, struct call *call, struct phone *phone)
{
    struct leg_hearing *hearing = phone ? &phone->hearing : &call->hearing;
    const struct leg_media *media = phone ? &phone->media : &call->media;
    struct media_quality now;
    if (!call || !talks(call, phone) || hearing->next_ms > exchange->mono_ms)
        return;
    bool begins = hearing->next_ms == 0;
    hearing->call = call->number;
    hearing->next_ms = exchange->mono_ms + MEDIA_STRETCH_MS;
    if (begins)
        return;
    media_channel_quality(exchange->media, media->channel, &now);
    if (now.packets == 0)
        return;
    bool was_poor = hearing->poor;
    hearing->poor = is_poor(&now, was_poor);
    if (hearing->poor && !was_poor)
        exchange->counts.poor_legs++;
    if (hearing->told && hearing->poor == was_poor)
        return;
    hearing->told = true;
    report(exchange, call, phone, &now, false);
}

void hearing_end(struct exchange *exchange, struct call *call, struct phone *phone)
{
    const struct leg_hearing *hearing = phone ? &phone->hearing : &call->hearing;
    const struct leg_media *media = phone ? &phone->media : &call->media;
    struct media_quality now;
    if (hearing->next_ms == 0)
        return;
    media_channel_quality(exchange->media, media->channel, &now);
    if (now.packets > 0)
        report(exchange, call, phone, &now, true);
}

void hearing_recorded(struct exchange *exchange, const struct media_event *event)
{
    struct command command = { .kind = COMMAND_RECORDING_STORE };
    struct personal personal = { 0 };
    uint64_t ticket;
    exchange->counts.recordings++;
    /* The same word when it is said again: orders.c knows it by its key. */
    (void)text_copy(command.key, sizeof command.key, event->file);
    memcpy(personal.tape_key, event->key, sizeof personal.tape_key);
    command.recording_store.call = event->owner;
    (void)text_copy(command.recording_store.file, sizeof command.recording_store.file, event->file);
    memcpy(command.recording_store.digest, event->digest, sizeof event->digest);
    command.recording_store.size = event->size;
    command.recording_store.duration_ms = event->duration_ms;
    command.recording_store.algorithm = event->algorithm;
    (void)exchange_report(exchange, &command, &personal, &ticket);
    sodium_memzero(&personal, sizeof personal);
}
