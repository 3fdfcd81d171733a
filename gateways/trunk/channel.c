/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/channel.h"

#include <stdlib.h>
#include <string.h>

#include "gateways/trunk/tone.h"

enum {
    LOUD_LEVEL = 250, /* mean of 32768: -42 dB */
    TURNS_A_SECOND = G711_RATE / G711_FRAME,
    BOARD_TURNS = TURNS_A_SECOND / 5,
    STRETCH_TURNS = MEDIA_STRETCH_MS / 1000 * TURNS_A_SECOND
};

/* ---- rooms ----------------------------------------------------------------------------------- */

static void stand_up(struct channel *channel)
{
    channel->host = NULL;
    channel->is_heard = false;
    channel->still_turns = 0;
}

static void close_room(struct room *room)
{
    for (unsigned i = 0; i < room->count; i++)
        stand_up(room->seats[i]);
    room->count = 0;
}

/* The bits above the seat move down into its place. */
static uint8_t without(uint8_t mask, unsigned seat)
{
    unsigned bits = mask;
    return (uint8_t)((bits & ((1U << seat) - 1)) | bits >> (seat + 1) << seat);
}

static void take_places(struct room *room)
{
    for (unsigned i = 0; i < room->count; i++) {
        room->seats[i]->seat = i;
        room->seats[i]->is_heard = false;
    }
    for (unsigned i = 0; i < room->count; i++)
        for (unsigned j = 0; j < room->count; j++)
            room->seats[j]->is_heard |= room->hears[i] >> j & 1;
}

void channel_leave(struct channel *channel)
{
    if (!channel->host)
        return;
    struct room *room = &channel->host->room;
    unsigned seat = channel->seat;
    if (channel->host == channel || room->count <= 2) {
        close_room(room);
        return;
    }
    room->count--;
    for (unsigned i = seat; i < room->count; i++) {
        room->seats[i] = room->seats[i + 1];
        room->hears[i] = room->hears[i + 1];
    }
    for (unsigned i = 0; i < room->count; i++)
        room->hears[i] = without(room->hears[i], seat);
    room->recorded = without(room->recorded, seat);
    stand_up(channel);
    take_places(room);
}

static bool sits_in(const struct room *room, const struct channel *channel)
{
    for (unsigned i = 0; i < room->count; i++)
        if (room->seats[i] == channel)
            return true;
    return false;
}

void channel_sit(const struct room *wanted)
{
    struct channel *host = wanted->seats[0];
    for (unsigned i = 0; i < wanted->count; i++)
        if (wanted->seats[i]->host && wanted->seats[i]->host != host)
            channel_leave(wanted->seats[i]);
    if (host->host == host)
        for (unsigned i = 1; i < host->room.count; i++)
            if (!sits_in(wanted, host->room.seats[i]))
                stand_up(host->room.seats[i]);
    host->room = *wanted;
    for (unsigned i = 0; i < wanted->count; i++) {
        struct channel *channel = wanted->seats[i];
        if (channel->host)
            continue;
        channel->host = host;
        channel->play.count = 0;
        channel->still_turns = 1;
        channel->limiter = (struct limiter){ 0 };
    }
    take_places(&host->room);
}

/* ---- sound ------------------------------------------------------------------------------------- */

/* The next 20 ms of the announcements in A-law; a short end is filled with silence. */
static void play_frame(const struct prompts *prompts, struct play *play, uint8_t frame[G711_FRAME])
{
    const struct prompt *prompt = &prompts->items[play->prompts[play->at]];
    size_t left = prompt->count - play->offset;
    size_t size = left < G711_FRAME ? left : G711_FRAME;
    memcpy(frame, prompt->samples + play->offset, size);
    memset(frame + size, g711_silence(MEDIA_PCMA), G711_FRAME - size);
    play->offset += (uint32_t)size;
    if (play->offset < prompt->count)
        return;
    play->offset = 0;
    if (++play->at < play->count)
        return;
    play->at = 0;
    if (play->rounds > 0 && --play->rounds == 0)
        play->count = 0;
}

/* Each voice is made linear once a turn, however many hear it. */
static const int16_t *linear(struct channel *channel, uint64_t turn)
{
    if (channel->linear_turn != turn)
        mix_decode(voice_law(channel->voice), channel->heard.frame, channel->linear);
    channel->linear_turn = turn;
    return channel->linear;
}

/* Those of the seats that can be heard at all. */
static uint8_t connected(const struct room *room, uint8_t mask)
{
    for (unsigned i = 0; i < room->count; i++)
        if (!room->seats[i]->connected)
            mask &= (uint8_t) ~(1U << i);
    return mask;
}

/* The sum of all who sit there, reckoned once a turn. */
static const struct mix *total(struct channel *host, uint64_t turn)
{
    if (host->total_turn == turn)
        return &host->total;
    host->total_turn = turn;
    mix_clear(&host->total);
    for (unsigned i = 0; i < host->room.count; i++)
        if (host->room.seats[i]->connected)
            mix_add(&host->total, linear(host->room.seats[i], turn));
    return &host->total;
}

/* Most hear all but themselves: what is missing from the whole is less than what is in it. */
static void sum(struct channel *host, uint8_t mask, uint64_t turn, struct mix *mix)
{
    const struct room *room = &host->room;
    uint8_t missing = connected(room, (uint8_t)~mask & (uint8_t)((1U << room->count) - 1));
    bool out = __builtin_popcount(missing) < __builtin_popcount(mask);
    if (out)
        *mix = *total(host, turn);
    else
        mix_clear(mix);
    for (unsigned i = 0; i < room->count; i++) {
        if (out && missing >> i & 1)
            mix_take_out(mix, linear(room->seats[i], turn));
        else if (!out && mask >> i & 1)
            mix_add(mix, linear(room->seats[i], turn));
    }
}

/* The sum of these seats of the host's room. One voice alone is passed on as it is. */
static enum media_law voices_of(struct channel *host, uint8_t mask, uint64_t turn,
                                struct limiter *limiter, uint8_t frame[G711_FRAME])
{
    struct mix mix;
    if (mask == 0) {
        memset(frame, g711_silence(MEDIA_PCMA), G711_FRAME);
        return MEDIA_PCMA;
    }
    if ((mask & (mask - 1)) == 0) {
        const struct channel *one = host->room.seats[__builtin_ctz(mask)];
        memcpy(frame, one->heard.frame, G711_FRAME);
        return voice_law(one->voice);
    }
    sum(host, mask, turn, &mix);
    mix_encode(&mix, limiter, frame);
    return MEDIA_PCMA;
}

static uint8_t heard_by(const struct channel *channel)
{
    const struct room *room = channel->host ? &channel->host->room : NULL;
    return room ? connected(room, room->hears[channel->seat]) : 0;
}

enum media_law channel_sound(const struct prompts *prompts, struct channel *channel, uint64_t turn,
                             uint8_t frame[G711_FRAME])
{
    if (channel->play.count > 0 && channel->connected) {
        play_frame(prompts, &channel->play, frame);
        return MEDIA_PCMA;
    }
    return voices_of(channel->host, heard_by(channel), turn, &channel->limiter, frame);
}

void channel_breathe(struct channel *channel, uint8_t frame[G711_FRAME], enum media_law *law)
{
    /* A-law's 8, 24 and 40, either sign: some 24 in the mean of squares. */
    static const uint8_t hiss[] = { 0xd5, 0x55, 0xd4, 0x54, 0xd5, 0x55, 0xd7, 0x57 };
    if (channel->host && channel->host != channel)
        return;
    for (unsigned i = 0; i < G711_FRAME; i++)
        if (frame[i] != frame[0] || abs(g711_sample(*law, frame[i])) > 8)
            return;
    *law = MEDIA_PCMA;
    if (channel->noise == 0)
        channel->noise = 1;
    for (unsigned i = 0; i < G711_FRAME; i++) { /* Marsaglia's xorshift */
        channel->noise ^= channel->noise << 13;
        channel->noise ^= channel->noise >> 17;
        channel->noise ^= channel->noise << 5;
        frame[i] = hiss[channel->noise >> 29];
    }
}

unsigned channel_press(struct channel *channel, uint8_t frame[G711_FRAME], enum media_law *law)
{
    struct voice_event event;
    unsigned packets = 0;
    if (!keying_runs(&channel->keying))
        return 0;
    if (!voice_takes_events(channel->voice)) {
        keying_sound(&channel->keying, frame);
        *law = MEDIA_PCMA;
    } else if (keying_event(&channel->keying, &event)) {
        packets = voice_say_event(channel->voice, &event);
    }
    keying_turn(&channel->keying);
    return packets;
}

/* Who is held hears something else than what belongs to the trail: what is said meanwhile. */
static enum media_law recorded_sound(struct channel *channel, uint64_t turn,
                                     const uint8_t frame[G711_FRAME], enum media_law law,
                                     uint8_t right[G711_FRAME])
{
    const struct room *room = &channel->room;
    uint8_t mask = channel->host == channel ? connected(room, room->recorded) : 0;
    if (mask == 0 || mask == heard_by(channel)) {
        memcpy(right, frame, G711_FRAME);
        return law;
    }
    return voices_of(channel, mask, turn, &channel->record_limiter, right);
}

void channel_record(struct channel *channel, uint64_t turn, const uint8_t frame[G711_FRAME],
                    enum media_law law)
{
    uint8_t left[G711_FRAME];
    uint8_t right[G711_FRAME];
    enum media_law right_law = recorded_sound(channel, turn, frame, law, right);
    g711_convert(right, G711_FRAME, right_law, MEDIA_PCMA);
    if (channel->connected) {
        memcpy(left, channel->heard.frame, G711_FRAME);
        g711_convert(left, G711_FRAME, voice_law(channel->voice), MEDIA_PCMA);
    } else {
        memset(left, g711_silence(MEDIA_PCMA), G711_FRAME);
    }
    recording_add(channel->recording, left, right);
}

bool channel_is_loud(const struct channel *channel)
{
    uint32_t sum = 0;
    enum media_law law = voice_law(channel->voice);
    if (channel->heard.made)
        return false; /* nobody said it */
    for (unsigned i = 0; i < G711_FRAME; i++)
        sum += (uint32_t)abs(g711_sample(law, channel->heard.frame[i]));
    return sum > G711_FRAME * LOUD_LEVEL;
}

bool channel_has_tone(struct channel *channel)
{
    int16_t samples[G711_FRAME];
    mix_decode(voice_law(channel->voice), channel->heard.frame, samples);
    channel->tone_turns = tone_is_in(samples) ? channel->tone_turns + 1 : 0;
    return channel->tone_turns >= TONE_TURNS;
}

unsigned channel_keys(struct channel *channel, char keys[KEYPAD_KEYS_MAX])
{
    int16_t samples[G711_FRAME];
    if (!channel->heeds || voice_takes_events(channel->voice))
        return 0;
    mix_decode(voice_law(channel->voice), channel->heard.frame, samples);
    return keypad_hear(channel->keypad, samples, keys);
}

unsigned channel_read(struct channel *channel, char text[TELETYPE_HEARD_MAX])
{
    int16_t samples[G711_FRAME];
    if (!channel->teletype)
        return 0;
    mix_decode(voice_law(channel->voice), channel->heard.frame, samples);
    return teletype_hear(channel->teletype, samples, text);
}

void channel_type(struct channel *channel, uint8_t frame[G711_FRAME], enum media_law *law)
{
    if (!channel->teletype || !teletype_speaks(channel->teletype))
        return;
    teletype_say(channel->teletype, frame);
    *law = MEDIA_PCMA;
}

/* ---- keys -------------------------------------------------------------------------------------- */

int channel_shields(const struct channel *channel, const struct media_keys *keys,
                    struct shield **out, struct shield **in)
{
    bool fresh = channel->turned == SHIELD_FRESH;
    int status = 0;
    *out = *in = NULL;
    if (!crypto_same(&keys->own, &channel->keys.own))
        status = shield_open_out(out, &keys->own, voice_source(channel->voice), channel->turned);
    /* Its first number is unknown: it may have gone round once more than ours. */
    if (status == 0 && !crypto_same(&keys->theirs, &channel->keys.theirs))
        status = shield_open_in(in, &keys->theirs, fresh ? SHIELD_FRESH : channel->turned + 1);
    if (status < 0) {
        shield_close(*out);
        *out = NULL;
    }
    return status;
}

/* ---- the way -------------------------------------------------------------------------------------- */

void channel_judge(struct channel *channel)
{
    struct quality_board *board = &channel->board;
    struct media_quality now;
    channel->quality_turns++;
    if (channel->quality_turns % STRETCH_TURNS == 0)
        voice_turn_quality(channel->voice);
    if (channel->quality_turns % BOARD_TURNS != 0)
        return;
    voice_quality(channel->voice, &now);
    atomic_store_explicit(&board->packets, now.packets, memory_order_relaxed);
    atomic_store_explicit(&board->lost, now.lost, memory_order_relaxed);
    atomic_store_explicit(&board->recent_lost, now.recent_lost, memory_order_relaxed);
    atomic_store_explicit(&board->jitter_ms, now.jitter_ms, memory_order_relaxed);
    atomic_store_explicit(&board->round_trip_ms, now.round_trip_ms, memory_order_relaxed);
    atomic_store_explicit(&board->sent_lost, now.sent_lost, memory_order_relaxed);
}

void channel_quality(const struct channel *channel, struct media_quality *quality)
{
    const struct quality_board *board = &channel->board;
    quality->packets = atomic_load_explicit(&board->packets, memory_order_relaxed);
    quality->lost = atomic_load_explicit(&board->lost, memory_order_relaxed);
    quality->recent_lost = atomic_load_explicit(&board->recent_lost, memory_order_relaxed);
    quality->jitter_ms = atomic_load_explicit(&board->jitter_ms, memory_order_relaxed);
    quality->round_trip_ms = atomic_load_explicit(&board->round_trip_ms, memory_order_relaxed);
    quality->sent_lost = atomic_load_explicit(&board->sent_lost, memory_order_relaxed);
}
