/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The media thread owns every channel from its request to its return; signalling keeps only the table
 * of numbers. One ring brings requests down, one brings channels that are no longer used back up,
 * and each thread that has something to tell has a ring of events. One thread carries
 * several hundred recorded calls on a core (tests/bench/bench_media.c). */
#include "gateways/trunk/media.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/require.h"
#include "base/text.h"
#include "gateways/trunk/media_state.h"

enum {
    TURN_MS = 20,
    TURNS_AT_ONCE_MAX = 5, /* turns made up for after the thread was kept from running */
    LOST_TURNS = MEDIA_LOST_MS / TURN_MS,
    STILL_TURNS = MEDIA_STILL_MS / TURN_MS,
    REQUESTS = 8192,
    EVENTS = 1024,
    DATAGRAMS = 256, /* a flight of some dozens of handshakes; what is lost is said again */
    READY_MAX = 256,
    PORT_TRIES = 32,
    RESUME_AHEAD = 100, /* packets a resumed stream is ahead of its clock */
    WAIT_NS = 1000 * 1000,
    THREAD_NICE = -10
};

/* ---- events up ------------------------------------------------------------------------------ */

void media_wake(struct media *media)
{
    uint64_t one = 1;
    (void)!write(media->event_fd, &one, sizeof one);
}

/* A full ring means that signalling stands still; a key press may be lost then, a turn not. */
static void tell_sound(struct media *media, const struct media_event *event)
{
    if (ring_put(&media->sound_events, event))
        media_wake(media);
}

static void wait_a_moment(void)
{
    const struct timespec moment = { .tv_nsec = WAIT_NS };
    (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, NULL);
}

/* The recorder waits for room: the end of a recording is never lost. */
static void tell_recorded(void *owner, const struct media_event *event)
{
    struct media *media = owner;
    while (!ring_put(&media->record_events, event) && !atomic_load(&media->closing))
        wait_a_moment();
    media_wake(media);
}

/* ---- the media thread: requests ------------------------------------------------------------- */

static void watch(struct media *media, int fd, void *mark)
{
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = mark };
    if (fd >= 0 && epoll_ctl(media->ready_fd, EPOLL_CTL_ADD, fd, &event) < 0)
        log_error("cannot watch a socket: %s", strerror(errno));
}

static void stop_recording(struct channel *channel)
{
    if (channel->recording)
        recording_end(channel->recording);
    channel->recording = NULL;
}

static void take_open(struct media *media, struct channel *channel)
{
    REQUIRE(media->live_count < MEDIA_CHANNELS_MAX);
    channel->place = media->live_count;
    media->live[media->live_count++] = channel;
    /* The addresses of two flags tell which of the channel's sockets is ready. */
    watch(media, channel->endpoint.rtcp, &channel->rtcp_waits);
    watch(media, channel->endpoint.catcher, &channel->catcher_waits);
}

static void take_close(struct media *media, struct channel *channel)
{
    channel_leave(channel);
    stop_recording(channel);
    (void)epoll_ctl(media->ready_fd, EPOLL_CTL_DEL, channel->endpoint.rtcp, NULL);
    if (channel->endpoint.catcher >= 0)
        (void)epoll_ctl(media->ready_fd, EPOLL_CTL_DEL, channel->endpoint.catcher, NULL);
    media->live[channel->place] = media->live[--media->live_count];
    media->live[channel->place]->place = channel->place;
    REQUIRE(ring_put(&media->gone, &channel));
}

static void take_connect(struct media *media, const struct request *request)
{
    struct channel *channel = request->channel;
    bool awaits = request->speech.print && !request->speech.keys;
    if (!awaits) /* who answered us with a handshake may have begun it; nothing else is believed then */
        media->turn_counts.packets_foreign += endpoint_drain(channel->endpoint.rtp);
    (void)endpoint_drain(channel->endpoint.rtcp);
    if (awaits)
        voice_await(channel->voice);
    else if (!request->speech.keys)
        voice_unshield(channel->voice);
    voice_shield(channel->voice, request->out, request->in);
    voice_connect(channel->voice, &request->speech, request->transcoder);
    channel->connected = true;
    channel->quiet_turns = 0;
}

static void take_heed(struct channel *channel, const struct request *request)
{
    channel->heeds = request->on;
    if (request->keypad)
        channel->keypad = request->keypad;
}

static void take_words(struct channel *channel, const struct request *request)
{
    if (!channel->teletype)
        return;
    if (request->on)
        teletype_suppose(channel->teletype, TELETYPE_50);
    if (teletype_add(channel->teletype, request->keys) > 0)
        log_warn("port=%u: more is to be typed than waits", (unsigned)channel->port);
}

static void take_request(struct media *media, const struct request *request)
{
    struct channel *channel = request->channel;
    switch (request->kind) {
    case REQUEST_OPEN:
        take_open(media, channel);
        return;
    case REQUEST_CONNECT:
        take_connect(media, request);
        return;
    case REQUEST_PLAY:
        channel->play = request->play;
        return;
    case REQUEST_ROOM:
        if (request->room.count > 1)
            channel_sit(&request->room);
        else if (channel->host == channel)
            channel_leave(channel);
        return;
    case REQUEST_RECORD:
        stop_recording(channel);
        channel->recording = request->recording;
        return;
    case REQUEST_LISTEN:
        channel->listens = true;
        channel->tone_turns = 0;
        return;
    case REQUEST_PRESS:
        keying_add(&channel->keying, request->keys);
        return;
    case REQUEST_SHIELD:
        voice_shield(channel->voice, request->out, request->in);
        return;
    case REQUEST_HEED:
        take_heed(channel, request);
        return;
    case REQUEST_READ:
        channel->teletype = request->teletype;
        return;
    case REQUEST_TYPE:
        take_words(channel, request);
        return;
    case REQUEST_CLOSE:
        take_close(media, channel);
        return;
    }
    REQUIRE(!"unknown request");
}

/* ---- the media thread: a turn --------------------------------------------------------------- */

/* epoll tells the flag that was given; drained strangers are counted here. */
static void look_around(struct media *media)
{
    struct epoll_event ready[READY_MAX];
    int count = epoll_wait(media->ready_fd, ready, READY_MAX, 0);
    for (int i = 0; i < count; i++)
        *(bool *)ready[i].data.ptr = true;
}

/* A key press is passed on to all who hear who pressed it. */
static void pass_event(struct media *media, const struct channel *channel,
                       const struct voice_event *event)
{
    const struct room *room = &channel->host->room;
    for (unsigned i = 0; i < room->count; i++)
        if (room->hears[i] >> channel->seat & 1 && room->seats[i]->connected)
            media->turn_counts.packets_out += voice_say_event(room->seats[i]->voice, event);
}

static void tell_key(struct media *media, const struct channel *channel, char key)
{
    const struct media_event digit = { .kind = MEDIA_DIGIT, .owner = channel->owner, .digit = key };
    tell_sound(media, &digit);
}

static void listen_for_keys(struct media *media, struct channel *channel)
{
    char keys[KEYPAD_KEYS_MAX];
    unsigned count = channel_keys(channel, keys);
    for (unsigned i = 0; i < count; i++)
        tell_key(media, channel, keys[i]);
}

static void pass_handshakes(struct media *media, const struct channel *channel)
{
    static struct datagram datagram; /* the media thread's alone */
    for (unsigned i = 0; i < channel->heard.handshake_count; i++) {
        datagram.channel = channel->number;
        datagram.size = channel->heard.handshakes[i].size;
        memcpy(datagram.bytes, channel->heard.handshakes[i].bytes, datagram.size);
        if (ring_put(&media->datagrams, &datagram))
            media_wake(media);
    }
}

static void read_text(struct media *media, struct channel *channel)
{
    struct media_event typed = { .kind = MEDIA_TYPED, .owner = channel->owner };
    enum teletype_speed speed;
    if (channel_read(channel, typed.text) == 0)
        return;
    (void)teletype_knows(channel->teletype, &speed);
    typed.fifty = speed == TELETYPE_50;
    tell_sound(media, &typed);
}

static void pass_events(struct media *media, struct channel *channel)
{
    for (unsigned i = 0; i < channel->heard.event_count; i++) {
        const struct voice_event *event = &channel->heard.events[i];
        if (event->first)
            tell_key(media, channel, "0123456789*#ABCD"[event->code & 15]);
        if (channel->host)
            pass_event(media, channel, event);
    }
}

/* Who says nothing from the beginning of a conversation on may be unable to. */
static void listen_for_silence(struct media *media, struct channel *channel)
{
    if (channel->still_turns == 0 || !channel->is_heard)
        return;
    if (channel_is_loud(channel)) {
        channel->still_turns = 0;
    } else if (++channel->still_turns > STILL_TURNS) {
        struct media_event still = { .kind = MEDIA_STILL, .owner = channel->owner };
        channel->still_turns = 0;
        tell_sound(media, &still);
    }
}

/* A synthetic call: does sound come through, and the right one? */
static void listen_for_tone(struct media *media, struct channel *channel)
{
    struct media_event tone = { .kind = MEDIA_TONE, .owner = channel->owner };
    if (!channel->listens || !channel_has_tone(channel))
        return;
    channel->listens = false;
    tell_sound(media, &tone);
}

/* Whether packets come at all. */
static void listen_for_loss(struct media *media, struct channel *channel)
{
    struct media_event event = { .kind = MEDIA_LOST,
                                 .owner = channel->owner,
                                 .sounded = channel->sounded };
    if (channel->heard.packets == 0) {
        if (++channel->quiet_turns == LOST_TURNS) {
            channel->told_lost = true;
            tell_sound(media, &event);
        }
        return;
    }
    if (channel->told_lost) {
        channel->told_lost = false;
        event.kind = MEDIA_BACK;
        tell_sound(media, &event);
    }
    channel->sounded = true;
    channel->quiet_turns = 0;
}

static void hear(struct media *media, struct channel *channel)
{
    if (channel->catcher_waits) {
        channel->catcher_waits = false;
        media->turn_counts.packets_foreign += endpoint_drain(channel->endpoint.catcher);
    }
    if (!channel->connected) {
        if (channel->rtcp_waits)
            (void)endpoint_drain(channel->endpoint.rtcp);
        channel->rtcp_waits = false;
        return;
    }
    voice_hear(channel->voice, channel->rtcp_waits, &channel->heard);
    channel->rtcp_waits = false;
    media->turn_counts.packets_in += channel->heard.packets;
    media->turn_counts.packets_bad += channel->heard.bad;
    pass_handshakes(media, channel);
    pass_events(media, channel);
    listen_for_keys(media, channel);
    read_text(media, channel);
    listen_for_silence(media, channel);
    listen_for_tone(media, channel);
    listen_for_loss(media, channel);
    channel_judge(channel);
}

static void say(struct media *media, struct channel *channel)
{
    uint8_t frame[G711_FRAME];
    if (!channel->connected && !channel->recording)
        return;
    enum media_law law = channel_sound(&media->prompts, channel, media->turn, frame);
    if (channel->recording)
        channel_record(channel, media->turn, frame, law);
    if (!channel->connected)
        return;
    channel_breathe(channel, frame, &law);
    media->turn_counts.packets_out += channel_press(channel, frame, &law);
    channel_type(channel, frame, &law);
    g711_convert(frame, G711_FRAME, law, voice_law(channel->voice));
    media->turn_counts.packets_out += voice_say(channel->voice, frame);
}

static void publish_counts(struct media *media)
{
    const struct media_counts *counts = &media->turn_counts;
    atomic_store_explicit(&media->packets_in, counts->packets_in, memory_order_relaxed);
    atomic_store_explicit(&media->packets_out, counts->packets_out, memory_order_relaxed);
    atomic_store_explicit(&media->packets_foreign, counts->packets_foreign, memory_order_relaxed);
    atomic_store_explicit(&media->packets_bad, counts->packets_bad, memory_order_relaxed);
    atomic_store_explicit(&media->late_turns, counts->late_turns, memory_order_relaxed);
    atomic_store_explicit(&media->channels, media->live_count, memory_order_relaxed);
}

/* First everybody is heard, then everybody is spoken to: a bridge costs no turn of delay. */
static void turn(struct media *media)
{
    struct request request;
    media->turn++;
    while (ring_take(&media->requests, &request))
        take_request(media, &request);
    look_around(media);
    for (uint32_t i = 0; i < media->live_count; i++)
        hear(media, media->live[i]);
    for (uint32_t i = 0; i < media->live_count; i++)
        say(media, media->live[i]);
    publish_counts(media);
}

static void *media_run(void *argument)
{
    struct media *media = argument;
    (void)setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), THREAD_NICE);
    while (!atomic_load(&media->closing)) {
        uint64_t due = 0;
        if (read(media->timer_fd, &due, sizeof due) != (ssize_t)sizeof due)
            continue;
        media->turn_counts.late_turns += due - 1;
        for (uint64_t i = 0; i < due && i < TURNS_AT_ONCE_MAX; i++)
            turn(media);
    }
    return NULL;
}

/* ---- signalling ----------------------------------------------------------------------------- */

void media_ask(struct media *media, const struct request *request)
{
    while (!ring_put(&media->requests, request))
        wait_a_moment(); /* at most a turn */
}

struct channel *media_find(const struct media *media, int64_t number)
{
    struct channel *channel = number > 0 ? media->slots[number & (MEDIA_SLOTS - 1)] : NULL;
    return channel && channel->number == number ? channel : NULL;
}

static void channel_free(struct media *media, struct channel *channel)
{
    voice_close(channel->voice);
    keypad_close(channel->keypad);
    handshake_close(channel->handshake);
    media_text_close(media, channel);
    free(channel->teletype);
    endpoint_close(&channel->endpoint);
    if (channel->port)
        ports_give(&media->ports, channel->port);
    free(channel);
}

/* Frees what the media thread has let go of. */
static void reclaim(struct media *media)
{
    for (struct channel *channel; ring_take(&media->gone, &channel);) {
        media->slot_count--;
        channel_free(media, channel);
    }
}

/* port 0: any. */
static int bind_channel(struct media *media, struct channel *channel, uint16_t port)
{
    int status = -EADDRINUSE;
    if (port != 0) {
        if (!ports_take_this(&media->ports, port))
            return -EADDRINUSE;
        channel->port = port;
        return endpoint_open(&channel->endpoint, media->address, port);
    }
    for (unsigned i = 0; i < PORT_TRIES && status == -EADDRINUSE; i++) {
        port = ports_take(&media->ports);
        if (port == 0)
            return -EADDRINUSE;
        status = endpoint_open(&channel->endpoint, media->address, port);
        if (status < 0)
            ports_give(&media->ports, port);
        else
            channel->port = port;
    }
    return status;
}

static uint32_t free_slot(struct media *media)
{
    for (;; media->next_slot++) {
        uint32_t slot = media->next_slot & (MEDIA_SLOTS - 1);
        if (!media->slots[slot])
            return slot;
    }
}

static int64_t open_channel(struct media *media, uint64_t owner, uint16_t *port,
                            const struct media_clock *clock, int64_t turned)
{
    reclaim(media);
    if (media->slot_count == MEDIA_CHANNELS_MAX)
        return -ENFILE;
    struct channel *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->owner = owner;
    fresh->endpoint = (struct endpoint){ -1, -1, -1 };
    int status = bind_channel(media, fresh, clock ? *port : 0);
    if (status == 0)
        status = voice_open(&fresh->voice, fresh->endpoint.rtp, fresh->endpoint.rtcp);
    if (status < 0) {
        channel_free(media, fresh);
        return status;
    }
    if (clock)
        voice_resume(fresh->voice, clock);
    fresh->turned = turned;
    uint32_t slot = free_slot(media);
    fresh->number = ++media->generation << MEDIA_SLOT_BITS | slot;
    media->slots[slot] = fresh;
    media->slot_count++;
    *port = fresh->port;
    media_ask(media, &(struct request){ .kind = REQUEST_OPEN, .channel = fresh });
    return fresh->number;
}

int64_t media_channel_open(struct media *media, uint64_t owner, uint16_t *port)
{
    return open_channel(media, owner, port, NULL, SHIELD_FRESH);
}

int64_t media_channel_resume(struct media *media, uint64_t owner, uint16_t port,
                             const struct media_clock *clock, uint64_t wall_ms)
{
    uint64_t turns = wall_ms > clock->at_ms ? (wall_ms - clock->at_ms) / TURN_MS : 0;
    uint64_t packets =
        clock->sequence + turns + RESUME_AHEAD; /* key presses are packets of their own */
    struct media_clock now = *clock;
    now.stamp += (uint32_t)turns * (clock->step ? clock->step : G711_FRAME);
    now.sequence = (uint16_t)packets;
    return open_channel(media, owner, &port, &now, (int64_t)(packets >> 16));
}

void media_channel_clock(const struct media *media, int64_t channel, uint64_t wall_ms,
                         struct media_clock *clock)
{
    const struct channel *found = media_find(media, channel);
    *clock = (struct media_clock){ .at_ms = wall_ms };
    if (found) /* the media thread says nothing before it is connected */
        voice_clock(found->voice, clock);
}

void media_channel_quality(const struct media *media, int64_t channel,
                           struct media_quality *quality)
{
    const struct channel *found = media_find(media, channel);
    *quality = (struct media_quality){ 0 };
    if (found)
        channel_quality(found, quality);
}

void media_channel_close(struct media *media, int64_t channel)
{
    struct channel *found = media_find(media, channel);
    if (!found)
        return;
    media->slots[channel & (MEDIA_SLOTS - 1)] = NULL;
    media_ask(media, &(struct request){ .kind = REQUEST_CLOSE, .channel = found });
    reclaim(media);
}

int media_channel_connect(struct media *media, int64_t channel, const char *ip, uint16_t port,
                          const struct media_speech *speech)
{
    static const struct media_keys none;
    struct channel *found = media_find(media, channel);
    if (!found)
        return -ENOENT;
    struct request request = { .kind = REQUEST_CONNECT, .channel = found, .speech = *speech };
    int status = endpoint_connect(&found->endpoint, ip, port);
    if (status == 0)
        status = media_agree(found, speech);
    if (status == 0 && speech->codec != MEDIA_G711)
        status = transcoder_open(&request.transcoder, speech->codec);
    if (found->secured &&
        !speech->keys) /* the same association, and its keys are about to be told */
        request.speech.keys = &found->keys;
    if (status == 0 && speech->keys)
        status = channel_shields(found, speech->keys, &request.out, &request.in);
    if (status < 0) {
        transcoder_close(request.transcoder);
        return status;
    }
    if (!found->secured || speech->keys)
        found->keys = speech->keys ? *speech->keys : none;
    media_ask(media, &request);
    return 0;
}

bool media_knows(const struct media *media, const char *name)
{
    return prompts_find(&media->prompts, name) >= 0;
}

static void record(struct media *media, int64_t caller, uint64_t owner, uint32_t day,
                   const char *name, uint64_t begun_ms)
{
    struct channel *channel = media_find(media, caller);
    struct recording *recording =
        channel ? recording_start(media->recorder, owner, day, name, begun_ms) : NULL;
    if (recording) {
        media_ask(media, &(struct request){
                             .kind = REQUEST_RECORD, .channel = channel, .recording = recording });
        return;
    }
    log_error("recording %s: cannot begin; no such channel, bad name, or too many run", name);
    struct media_event failed = { .kind = MEDIA_RECORD_FAILED, .owner = owner };
    if (ring_put(&media->own_events, &failed))
        media_wake(media);
}

void media_record(struct media *media, int64_t caller, uint64_t owner, uint32_t day,
                  const char *name)
{
    record(media, caller, owner, day, name, 0);
}

void media_record_on(struct media *media, int64_t caller, uint64_t owner, uint32_t day,
                     const char *name, uint64_t begun_ms)
{
    record(media, caller, owner, day, name, begun_ms);
}

void media_recording_taken(struct media *media, const char *file)
{
    recorder_taken(media->recorder, file);
}

void media_settle(struct media *media)
{
    recorder_settle(media->recorder);
}

int media_fd(const struct media *media)
{
    return media->event_fd;
}

bool media_next(struct media *media, struct media_event *event)
{
    uint64_t times;
    (void)!read(media->event_fd, &times, sizeof times);
    reclaim(media);
    media_hear_handshakes(media);
    bool found = ring_take(&media->own_events, event) || ring_take(&media->sound_events, event);
    if (found)
        media_wake(media); /* perhaps more */
    return found;
}

bool media_has_recorded(const struct media *media)
{
    return ring_count(&media->record_events) > 0;
}

bool media_next_recorded(struct media *media, struct media_event *event)
{
    return ring_take(&media->record_events, event);
}

void media_count(const struct media *media, struct media_counts *counts)
{
    *counts = (struct media_counts){
        .packets_in = atomic_load_explicit(&media->packets_in, memory_order_relaxed),
        .packets_out = atomic_load_explicit(&media->packets_out, memory_order_relaxed),
        .packets_foreign = atomic_load_explicit(&media->packets_foreign, memory_order_relaxed),
        .packets_bad = atomic_load_explicit(&media->packets_bad, memory_order_relaxed),
        .late_turns = atomic_load_explicit(&media->late_turns, memory_order_relaxed),
        .channels = atomic_load_explicit(&media->channels, memory_order_relaxed),
        .recordings = recorder_count(media->recorder)
    };
}

/* ---- life ----------------------------------------------------------------------------------- */

static int open_rings(struct media *media)
{
    int status = ring_init(&media->requests, sizeof(struct request), REQUESTS);
    if (status == 0)
        status = ring_init(&media->gone, sizeof(struct channel *), MEDIA_SLOTS);
    if (status == 0)
        status = ring_init(&media->sound_events, sizeof(struct media_event), EVENTS);
    if (status == 0)
        status = ring_init(&media->record_events, sizeof(struct media_event), EVENTS);
    if (status == 0)
        status = ring_init(&media->datagrams, sizeof(struct datagram), DATAGRAMS);
    if (status == 0)
        status = ring_init(&media->own_events, sizeof(struct media_event), EVENTS);
    return status;
}

static int open_descriptors(struct media *media)
{
    const struct timespec step = { .tv_nsec = TURN_MS * 1000 * 1000 };
    const struct itimerspec beat = { .it_interval = step, .it_value = step };
    struct rlimit files;

    /* Three sockets a channel. */
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    media->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    media->ready_fd = epoll_create1(EPOLL_CLOEXEC);
    media->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    if (media->event_fd < 0 || media->ready_fd < 0 || media->timer_fd < 0 ||
        timerfd_settime(media->timer_fd, 0, &beat, NULL) < 0)
        return -errno;
    return 0;
}

/* A city without announcements still takes its calls: they hear silence. */
static int read_prompts(struct media *media, const char *folder)
{
    int status = prompts_read(&media->prompts, folder);
    if (status == -ENOMEM)
        return status;
    if (status < 0)
        log_warn("no announcements folder=%s: %s; callers who wait hear silence", folder,
                 strerror(-status));
    return 0;
}

int media_open(struct media **media, const struct media_settings *settings)
{
    struct media *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->event_fd = fresh->ready_fd = fresh->timer_fd = -1;
    int status = text_copy(fresh->address, sizeof fresh->address, settings->address)
                     ? read_prompts(fresh, settings->prompts)
                     : -EINVAL;
    if (status == 0 && ports_init(&fresh->ports, settings->port_low, settings->port_high) == 0)
        status = -EINVAL;
    mixer_open();
    if (status == 0)
        status = voice_library_open();
    if (status == 0)
        status = open_rings(fresh);
    if (status == 0)
        status = open_descriptors(fresh);
    if (status == 0)
        status = recorder_open(&fresh->recorder, settings->recordings, settings->suite,
                               tell_recorded, fresh);
    if (status == 0 && !settings->resumes)
        recorder_settle(fresh->recorder);
    if (status == 0)
        status = -pthread_create(&fresh->thread, NULL, media_run, fresh);
    if (status < 0) {
        media_close(fresh);
        return status;
    }
    fresh->thread_runs = true;
    *media = fresh;
    return 0;
}

/* The thread is gone: what it held is ended and freed here. */
static void end_channels(struct media *media)
{
    struct request request;
    while (media->requests.items && ring_take(&media->requests, &request))
        take_request(media, &request);
    for (uint32_t i = 0; i < media->live_count; i++) {
        stop_recording(media->live[i]);
        channel_free(media, media->live[i]);
    }
    if (media->gone.items)
        reclaim(media);
}

void media_close(struct media *media)
{
    if (!media)
        return;
    atomic_store(&media->closing, true);
    if (media->thread_runs)
        (void)pthread_join(media->thread, NULL);
    end_channels(media);
    recorder_close(media->recorder);
    prompts_free(&media->prompts);
    ring_free(&media->requests);
    ring_free(&media->gone);
    ring_free(&media->datagrams);
    ring_free(&media->sound_events);
    ring_free(&media->record_events);
    ring_free(&media->own_events);
    if (media->event_fd >= 0)
        (void)close(media->event_fd);
    if (media->ready_fd >= 0)
        (void)close(media->ready_fd);
    if (media->timer_fd >= 0)
        (void)close(media->timer_fd);
    free(media);
}
