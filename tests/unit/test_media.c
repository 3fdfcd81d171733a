/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The media plane as signalling uses it, between telephones on real sockets in real time. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/clock.h"
#include "base/prng.h"
#include "gateways/trunk/g711.h"
#include "gateways/trunk/media.h"
#include "gateways/trunk/recorder.h"
#include "proto/suite.h"
#include "proto/tape.h"
#include "tests/fake/telephone.h"

enum {
    DAY = 20260301,
    CALLER = 1,
    TAKER = 2,
    CALL = 77
};

struct exchange {
    char folder[64];
    char prompts[96];
    char recordings[96];
    struct media *media;
    struct telephone caller;
    struct telephone taker;
    struct telephone *both[2];
    int64_t caller_channel;
    int64_t taker_channel;
    struct media_event events[64];
    unsigned event_count;
};

/* Half a second of 700 Hz, A-law. */
static void write_prompt(const char *folder)
{
    char path[128];
    uint8_t sound[4000];
    static const uint8_t head[] =
        "RIFF\xC4\x0F\0\0WAVEfmt \x10\0\0\0\6\0\1\0\x40\x1F\0\0\x40\x1F\0\0"
        "\1\0\x08\0data\xA0\x0F\0\0";
    struct telephone singer;
    struct telephone *alone[] = { &singer };
    struct telephone listener;
    telephone_open(&singer, MEDIA_PCMA, 700);
    telephone_open(&listener, MEDIA_PCMA, 0);
    singer.peer_port = listener.port;
    telephones_talk(alone, 1, 26);
    struct telephone *other[] = { &listener };
    telephones_talk(other, 1, 1);
    for (unsigned i = 0; i < sizeof sound; i++)
        sound[i] = g711_byte(MEDIA_PCMA, listener.heard[i]);
    telephone_close(&singer);
    telephone_close(&listener);
    (void)snprintf(path, sizeof path, "%s/waiting.wav", folder);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(head, 1, sizeof head - 1, file), sizeof head - 1);
    assert_int_equal(fwrite(sound, 1, sizeof sound, file), sizeof sound);
    (void)fclose(file);
}

static void open_media(struct exchange *exchange, uint16_t low, uint16_t high)
{
    const struct media_settings settings = { .address = "127.0.0.1",
                                             .port_low = low,
                                             .port_high = high,
                                             .prompts = exchange->prompts,
                                             .recordings = exchange->recordings,
                                             .suite = suite_named("sm3-sm2") };
    assert_int_equal(media_open(&exchange->media, &settings), 0);
}

static int64_t connect_channel(struct exchange *exchange, struct telephone *telephone,
                               uint64_t owner)
{
    uint16_t port = 0;
    int64_t channel = media_channel_open(exchange->media, owner, &port);
    assert_true(channel > 0);
    telephone->peer_port = port;
    assert_int_equal(
        media_channel_connect(
            exchange->media, channel, "127.0.0.1", telephone->port,
            &(struct media_speech){ .law = telephone->law, .event_payload = TELEPHONE_EVENT }),
        0);
    return channel;
}

static int set_up(void **state)
{
    struct exchange *exchange = calloc(1, sizeof *exchange);
    assert_non_null(exchange);
    (void)snprintf(exchange->folder, sizeof exchange->folder, "/tmp/yihao-media-XXXXXX");
    assert_non_null(mkdtemp(exchange->folder));
    (void)snprintf(exchange->prompts, sizeof exchange->prompts, "%s/prompts", exchange->folder);
    (void)snprintf(exchange->recordings, sizeof exchange->recordings, "%s/recordings",
                   exchange->folder);
    assert_int_equal(mkdir(exchange->prompts, 0700), 0);
    write_prompt(exchange->prompts);
    open_media(exchange, 30000, 30099);
    telephone_open(&exchange->caller, MEDIA_PCMA, 1000);
    telephone_open(&exchange->taker, MEDIA_PCMU, 400);
    exchange->both[0] = &exchange->caller;
    exchange->both[1] = &exchange->taker;
    exchange->caller_channel = connect_channel(exchange, &exchange->caller, CALLER);
    exchange->taker_channel = connect_channel(exchange, &exchange->taker, TAKER);
    *state = exchange;
    return 0;
}

static int tear_down(void **state)
{
    struct exchange *exchange = *state;
    char command[128];
    media_close(exchange->media);
    telephone_close(&exchange->caller);
    telephone_close(&exchange->taker);
    (void)snprintf(command, sizeof command, "rm -rf %s", exchange->folder);
    assert_int_equal(system(command), 0);
    free(exchange);
    return 0;
}

static void talk(struct exchange *exchange, unsigned frames)
{
    telephones_talk(exchange->both, 2, frames);
}

static void forget(struct exchange *exchange)
{
    telephone_forget(&exchange->caller);
    telephone_forget(&exchange->taker);
}

static void collect(struct exchange *exchange)
{
    while (exchange->event_count < 64 &&
           (media_next(exchange->media, &exchange->events[exchange->event_count]) ||
            media_next_recorded(exchange->media, &exchange->events[exchange->event_count])))
        exchange->event_count++;
}

/* Waits for one event of this kind; NULL after five seconds. */
static const struct media_event *expect_event(struct exchange *exchange, enum media_event_kind kind)
{
    uint64_t until = clock_mono_ms() + 5000;
    while (clock_mono_ms() < until) {
        struct pollfd wait = { .fd = media_fd(exchange->media), .events = POLLIN };
        (void)poll(&wait, 1, 100);
        collect(exchange);
        for (unsigned i = 0; i < exchange->event_count; i++)
            if (exchange->events[i].kind == kind)
                return &exchange->events[i];
    }
    return NULL;
}

static void pair(struct media *media, int64_t a, int64_t b)
{
    const struct media_seat seats[] = { { a, 2 }, { b, 1 } };
    media_room(media, seats, 2, 2);
}

static void part(struct media *media, int64_t a)
{
    const struct media_seat alone = { a, 0 };
    media_room(media, &alone, 1, 0);
}

static void bridged_ends_hear_each_other_across_the_laws(void **state)
{
    struct exchange *exchange = *state;
    talk(exchange, 15);
    assert_true(telephone_hears(&exchange->taker, 1000, 0) < 0.01); /* not before the bridge */
    pair(exchange->media, exchange->caller_channel, exchange->taker_channel);
    talk(exchange, 10);
    forget(exchange);
    talk(exchange, 50);
    assert_true(telephone_hears(&exchange->taker, 1000, 0) > 0.95);
    assert_true(telephone_hears(&exchange->caller, 400, 0) > 0.95);
    assert_int_equal(exchange->taker.wrong_law, 0);
    assert_int_equal(exchange->caller.wrong_law, 0);
    assert_in_range(exchange->taker.packets, 48, 52);

    part(exchange->media, exchange->caller_channel);
    talk(exchange, 5);
    forget(exchange);
    talk(exchange, 15);
    assert_true(telephone_hears(&exchange->taker, 1000, 0) < 0.01);
    assert_true(telephone_hears(&exchange->caller, 400, 0) < 0.01);
}

static void an_announcement_is_played_for_its_rounds_and_ends_at_the_bridge(void **state)
{
    struct exchange *exchange = *state;
    const char *names[] = { "no-such-words", "waiting", NULL };
    media_channel_play(exchange->media, exchange->caller_channel, names, 2);
    talk(exchange, 3);
    forget(exchange);
    talk(exchange, 40);
    assert_true(telephone_hears(&exchange->caller, 700, 0) > 0.95);
    talk(exchange, 15);
    forget(exchange);
    talk(exchange, 15);
    assert_true(telephone_hears(&exchange->caller, 700, 0) < 0.01); /* one second was all */

    media_channel_play(exchange->media, exchange->caller_channel, names, 0);
    talk(exchange, 75);
    forget(exchange);
    talk(exchange, 15);
    assert_true(telephone_hears(&exchange->caller, 700, 0) > 0.95); /* for ever */
    pair(exchange->media, exchange->caller_channel, exchange->taker_channel);
    talk(exchange, 10);
    forget(exchange);
    talk(exchange, 15);
    assert_true(telephone_hears(&exchange->caller, 400, 0) > 0.95);
}

static void an_announcement_in_a_conversation_is_heard_by_its_side_alone(void **state)
{
    struct exchange *exchange = *state;
    const char *names[] = { "waiting", NULL };
    pair(exchange->media, exchange->caller_channel, exchange->taker_channel);
    talk(exchange, 10);
    media_channel_play(exchange->media, exchange->caller_channel, names, 1);
    talk(exchange, 3);
    forget(exchange);
    talk(exchange, 15);
    assert_true(telephone_hears(&exchange->caller, 700, 0) > 0.95);
    assert_true(telephone_hears(&exchange->taker, 1000, 0) > 0.95); /* the caller is still heard */
    talk(exchange, 15);
    forget(exchange);
    talk(exchange, 15);
    assert_true(telephone_hears(&exchange->caller, 400, 0) > 0.95); /* half a second was all */
}

static void point(struct media *media, int64_t channel, uint16_t port,
                  const struct media_keys *keys)
{
    assert_int_equal(
        media_channel_connect(media, channel, "127.0.0.1", port,
                              &(struct media_speech){ .law = MEDIA_PCMA, .keys = keys }),
        0);
}

/* Caller – way[0] – way[1] – taker: between the two ways everything is secured. */
static void a_secured_way_carries_sound_that_nobody_else_hears_or_says(void **state)
{
    struct exchange *exchange = *state;
    struct media_keys there = { { 1, CRYPTO_AES_128_80,
                                  "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz" },
                                { 1, CRYPTO_GCM_128, "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYg==" } };
    struct media_keys back = { there.theirs, there.own };
    uint16_t ports[2];
    int64_t way[2];
    for (int i = 0; i < 2; i++)
        way[i] = media_channel_open(exchange->media, 77 + (uint64_t)i, &ports[i]);
    point(exchange->media, way[0], ports[1], &there);
    point(exchange->media, way[1], ports[0], &back);
    pair(exchange->media, exchange->caller_channel, way[0]);
    pair(exchange->media, exchange->taker_channel, way[1]);
    talk(exchange, 15);
    forget(exchange);
    talk(exchange, 25);
    assert_true(telephone_hears(&exchange->taker, 1000, 0) > 0.95);
    assert_true(telephone_hears(&exchange->caller, 400, 0) > 0.95);

    point(exchange->media, way[1], ports[0],
          &back); /* a renewal with the same keys changes nothing */
    talk(exchange, 10);
    forget(exchange);
    talk(exchange, 25);
    assert_true(telephone_hears(&exchange->taker, 1000, 0) > 0.95);

    struct media_keys other = back;
    other.theirs =
        (struct crypto){ 1, CRYPTO_AES_128_80, "NzB4d1BINUAvLEw6UzF3WSJ+PSdFcGdUJShpX1Zj" };
    point(exchange->media, way[1], ports[0], &other); /* what is not under its key is not heard */
    talk(exchange, 10);
    forget(exchange);
    talk(exchange, 15);
    assert_true(telephone_hears(&exchange->taker, 1000, 0) < 0.01);
    assert_true(telephone_hears(&exchange->caller, 400, 0) > 0.95);

    point(exchange->media, way[0], ports[1], NULL);
    point(exchange->media, way[1], ports[0], NULL);
    talk(exchange, 10);
    forget(exchange);
    talk(exchange, 25);
    assert_true(telephone_hears(&exchange->taker, 1000, 0) > 0.95);

    struct media_keys broken = there;
    broken.own.key[3] = '*';
    assert_int_equal(
        media_channel_connect(exchange->media, way[0], "127.0.0.1", ports[1],
                              &(struct media_speech){ .law = MEDIA_PCMA, .keys = &broken }),
        -EBADMSG);
    for (int i = 0; i < 2; i++)
        media_channel_close(exchange->media, way[i]);
}

/* The way between the two is G.722, then Opus; the telephones at its ends know G.711 alone. */
static void a_side_that_knows_no_g711_is_understood(void **state)
{
    static const struct media_speech speeches[] = {
        { .codec = MEDIA_G722, .law = MEDIA_PCMA, .payload = 9, .event_payload = TELEPHONE_EVENT },
        { .codec = MEDIA_OPUS, .law = MEDIA_PCMA, .payload = 107 },
    };
    struct exchange *exchange = *state;
    uint16_t ports[2];
    int64_t way[2];
    for (int i = 0; i < 2; i++)
        way[i] = media_channel_open(exchange->media, 77 + (uint64_t)i, &ports[i]);
    pair(exchange->media, exchange->caller_channel, way[0]);
    pair(exchange->media, exchange->taker_channel, way[1]);
    for (size_t i = 0; i < sizeof speeches / sizeof speeches[0]; i++) {
        for (int side = 0; side < 2; side++)
            assert_int_equal(media_channel_connect(exchange->media, way[side], "127.0.0.1",
                                                   ports[1 - side], &speeches[i]),
                             0);
        talk(exchange, 20);
        forget(exchange);
        talk(exchange, 25);
        assert_true(telephone_hears(&exchange->taker, 1000, 0) > 0.9);
        assert_true(telephone_hears(&exchange->caller, 400, 0) > 0.9);
    }
    for (int i = 0; i < 2; i++)
        media_channel_close(exchange->media, way[i]);
}

static void digest_of_file(const char *path, uint8_t digest[32], uint8_t *bytes, size_t *size)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    *size = fread(bytes, 1, *size, file);
    (void)fclose(file);
    suite_digest(suite_named("sm3-sm2"), bytes, *size, digest);
}

/* Opens the tape and takes its sound. Returns the samples of a side. */
static uint32_t sound_of(const char *path, const uint8_t key[TAPE_KEY], uint8_t *sound, size_t size)
{
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    assert_int_equal(tape_read(fd, key, TAPE_WAV_HEADER, sound, tape_sound(size)), 0);
    assert_int_equal(close(fd), 0);
    return (uint32_t)tape_sound(size) / 2;
}

static void a_recording_has_the_caller_left_and_the_city_right(void **state)
{
    struct exchange *exchange = *state;
    static uint8_t bytes[256 * 1024];
    static int16_t left[128 * 1024];
    static int16_t right[128 * 1024];
    uint8_t digest[32];
    char path[300];
    size_t size = sizeof bytes;

    pair(exchange->media, exchange->caller_channel, exchange->taker_channel);
    talk(exchange, 10);
    media_record(exchange->media, exchange->caller_channel, CALL, DAY, "call-77");
    talk(exchange, 75);
    media_channel_close(exchange->media, exchange->caller_channel);
    const struct media_event *recorded = expect_event(exchange, MEDIA_RECORDED);
    assert_non_null(recorded);
    assert_int_equal(recorded->owner, CALL);
    assert_string_equal(recorded->file, "20260301/call-77.tape");
    assert_in_range(recorded->duration_ms, 1400, 1600);

    (void)snprintf(path, sizeof path, "%s/%s", exchange->recordings, recorded->file);
    digest_of_file(path, digest, bytes, &size);
    assert_int_equal(recorded->size, size);
    assert_memory_equal(recorded->digest, digest, 32);
    assert_int_equal(recorded->algorithm, suite_named("sm3-sm2")->id);
    uint32_t samples = sound_of(path, recorded->key, bytes, size);
    for (uint32_t i = 0; i < samples; i++) {
        left[i] = g711_sample(MEDIA_PCMA, bytes[2 * i]);
        right[i] = g711_sample(MEDIA_PCMA, bytes[2 * i + 1]);
    }
    assert_true(tone_share(left, samples, 1000) > 0.95);
    assert_true(tone_share(right, samples, 400) > 0.95);
    assert_true(tone_share(left, samples, 400) < 0.01);
}

static void a_recording_under_a_name_that_exists_fails_and_tells(void **state)
{
    struct exchange *exchange = *state;
    media_record(exchange->media, exchange->caller_channel, CALL, DAY, "../../etc/call");
    const struct media_event *failed = expect_event(exchange, MEDIA_RECORD_FAILED);
    assert_non_null(failed);
    assert_int_equal(failed->owner, CALL);

    exchange->event_count = 0;
    media_record(exchange->media, exchange->caller_channel, CALL, DAY, "twice");
    media_record(exchange->media, exchange->taker_channel, CALL + 1, DAY, "twice");
    talk(exchange, 10);
    media_channel_close(exchange->media, exchange->caller_channel);
    media_channel_close(exchange->media, exchange->taker_channel);
    assert_non_null(expect_event(exchange, MEDIA_RECORDED));
    failed = expect_event(exchange, MEDIA_RECORD_FAILED);
    assert_non_null(failed);
    assert_int_equal(failed->owner, CALL + 1);
}

static void a_recording_cut_by_a_crash_is_finished_at_the_next_start(void **state)
{
    struct exchange *exchange = *state;
    char path[300], key[310], part[310];
    uint8_t header[TAPE_HEADER], torn[100] = { 0 };
    media_record(exchange->media, exchange->caller_channel, CALL, DAY, "crash");
    talk(exchange, 40);
    media_channel_close(exchange->media, exchange->caller_channel);
    const struct media_event *recorded = expect_event(exchange, MEDIA_RECORDED);
    assert_non_null(recorded);
    struct media_event first = *recorded;
    media_close(exchange->media);

    /* What a dead process leaves: the name of a part, a header with the key, a torn frame. */
    (void)snprintf(path, sizeof path, "%s/%d/crash.tape", exchange->recordings, DAY);
    (void)snprintf(key, sizeof key, "%s.key", path);
    (void)snprintf(part, sizeof part, "%s.part", path);
    assert_int_equal(rename(path, part), 0);
    assert_int_equal(unlink(key), 0);
    tape_header_write(header, CALL, first.key);
    int fd = open(part, O_RDWR);
    assert_int_equal(pwrite(fd, header, sizeof header, 0), sizeof header);
    assert_int_equal(pwrite(fd, torn, sizeof torn, (off_t)tape_at(1)), sizeof torn);
    assert_int_equal(ftruncate(fd, (off_t)(tape_at(1) + sizeof torn)), 0);
    assert_int_equal(close(fd), 0);

    exchange->event_count = 0;
    open_media(exchange, 30000, 30099);
    recorded = expect_event(exchange, MEDIA_RECORDED);
    assert_non_null(recorded);
    assert_int_equal(recorded->owner, CALL);
    assert_string_equal(recorded->file, "20260301/crash.tape");
    assert_int_equal(recorded->size, tape_at(1));
    assert_int_equal(recorded->duration_ms, 500);
    assert_memory_equal(recorded->key, first.key, sizeof first.key);
    assert_int_equal(access(part, F_OK), -1);
}

/* The header of versions before tapes: "yhow" at 50 with the owner behind it, the sound from 74 on. */
static void a_plain_recording_of_an_earlier_version_becomes_a_tape(void **state)
{
    struct exchange *exchange = *state;
    char folder[280], part[300], tape[300];
    uint8_t plain[74 + 640] = "RIFF";
    memcpy(plain + 50, "yhow", 4);
    plain[58] = CALL;
    memset(plain + 74, 0xD5, sizeof plain - 74);
    media_close(exchange->media);
    (void)snprintf(folder, sizeof folder, "%s/%d", exchange->recordings, DAY);
    (void)snprintf(part, sizeof part, "%s/old.wav.part", folder);
    (void)snprintf(tape, sizeof tape, "%s/old.tape", folder);
    (void)mkdir(exchange->recordings, 0700);
    (void)mkdir(folder, 0700);
    int fd = open(part, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(write(fd, plain, sizeof plain), sizeof plain);
    assert_int_equal(close(fd), 0);

    exchange->event_count = 0;
    open_media(exchange, 30000, 30099);
    const struct media_event *recorded = expect_event(exchange, MEDIA_RECORDED);
    assert_non_null(recorded);
    assert_int_equal(recorded->owner, CALL);
    assert_int_equal(recorded->duration_ms, 40);
    assert_string_equal(recorded->file, "20260301/old.tape");
    media_close(exchange->media);
    exchange->media = NULL;
    assert_int_equal(access(tape, F_OK), 0);
    assert_int_equal(access(part, F_OK), -1);
}

/* Until the dispatcher holds it, each start tells of it again; then its key is gone from here. */
static void a_recording_keeps_its_key_here_until_the_dispatcher_has_it(void **state)
{
    struct exchange *exchange = *state;
    char path[300], key[310];
    uint8_t header[TAPE_HEADER], found[TAPE_KEY];
    uint64_t owner;
    media_record(exchange->media, exchange->caller_channel, CALL, DAY, "kept");
    talk(exchange, 10);
    media_channel_close(exchange->media, exchange->caller_channel);
    const struct media_event *recorded = expect_event(exchange, MEDIA_RECORDED);
    assert_non_null(recorded);
    struct media_event first = *recorded;
    (void)snprintf(path, sizeof path, "%s/%d/kept.tape", exchange->recordings, DAY);
    (void)snprintf(key, sizeof key, "%s.key", path);
    int fd = open(path, O_RDONLY);
    assert_int_equal(read(fd, header, sizeof header), sizeof header);
    assert_int_equal(close(fd), 0);
    assert_int_equal(tape_header_read(header, &owner, found), 0);
    assert_true(sodium_is_zero(found, sizeof found));

    media_close(exchange->media);
    exchange->event_count = 0;
    open_media(exchange, 30000, 30099);
    recorded = expect_event(exchange, MEDIA_RECORDED);
    assert_non_null(recorded);
    assert_memory_equal(recorded, &first, sizeof first);

    assert_int_equal(access(key, F_OK), 0);
    media_recording_taken(exchange->media, recorded->file);
    media_close(exchange->media);
    assert_int_equal(access(key, F_OK), -1);
    exchange->event_count = 0;
    open_media(exchange, 30000, 30099);
    talk(exchange, 5);
    assert_int_equal(exchange->event_count, 0);
}

static void a_stranger_is_neither_played_nor_answered_but_counted(void **state)
{
    struct exchange *exchange = *state;
    struct telephone stranger;
    struct telephone *all[] = { &exchange->caller, &exchange->taker, &stranger };
    struct media_counts counts;
    telephone_open(&stranger, MEDIA_PCMU, 1400);
    stranger.peer_port = exchange->taker.peer_port;
    pair(exchange->media, exchange->caller_channel, exchange->taker_channel);
    talk(exchange, 10);
    forget(exchange);
    telephones_talk(all, 3, 50);
    assert_true(telephone_hears(&exchange->caller, 1400, 0) < 0.01);
    assert_true(telephone_hears(&exchange->caller, 400, 0) > 0.95);
    assert_int_equal(stranger.packets, 0);
    assert_int_equal(stranger.reports, 0);
    assert_in_range(exchange->taker.packets, 48, 52); /* the taker lost nothing to it */
    media_count(exchange->media, &counts);
    /* All of the stranger's 50; on ports that were others' a moment ago a late packet may join them. The
     * taker's own, were they taken for foreign, would make it 100. */
    assert_in_range(counts.packets_foreign, 40, 75);
    telephone_close(&stranger);
}

/* Packets that came before the peer was known may be anybody's. */
static void what_waited_before_the_answer_is_not_played(void **state)
{
    struct exchange *exchange = *state;
    struct telephone early;
    struct telephone *alone[] = { &early };
    uint16_t port = 0;
    telephone_open(&early, MEDIA_PCMA, 1400);
    int64_t channel = media_channel_open(exchange->media, 9, &port);
    early.peer_port = port;
    telephones_talk(alone, 1, 20);
    assert_int_equal(media_channel_connect(exchange->media, channel, "127.0.0.1",
                                           exchange->taker.port,
                                           &(struct media_speech){ .law = MEDIA_PCMU }),
                     0);
    pair(exchange->media, exchange->caller_channel, channel);
    talk(exchange, 5);
    forget(exchange);
    talk(exchange, 25);
    assert_true(telephone_hears(&exchange->caller, 1400, 0) < 0.01);
    telephone_close(&early);
}

static void each_key_press_is_told_once_and_passed_on(void **state)
{
    struct exchange *exchange = *state;
    pair(exchange->media, exchange->caller_channel, exchange->taker_channel);
    talk(exchange, 10);
    telephone_press(&exchange->caller, 5, 4);
    talk(exchange, 10);
    telephone_press(&exchange->caller, 5, 1);
    talk(exchange, 3);
    telephone_press(&exchange->caller, 11, 2);
    talk(exchange, 15);
    collect(exchange);
    char digits[8] = "";
    for (unsigned i = 0; i < exchange->event_count && i < 7; i++) {
        assert_int_equal(exchange->events[i].kind, MEDIA_DIGIT);
        assert_int_equal(exchange->events[i].owner, CALLER);
        digits[i] = exchange->events[i].digit;
    }
    assert_string_equal(digits, "55#");
    assert_int_equal(exchange->taker.presses, 3);
    assert_int_equal(exchange->taker.events, 4 + 1 + 2 + 9);
    assert_int_equal(exchange->taker.event_code, 11);
    forget(exchange);
    talk(exchange, 25);
    assert_true(telephone_hears(&exchange->taker, 1000, 0) > 0.95); /* the voice came back */
}

static void keys_pressed_for_a_taker_reach_the_caller(void **state)
{
    struct exchange *exchange = *state;
    pair(exchange->media, exchange->caller_channel, exchange->taker_channel);
    talk(exchange, 10);
    media_channel_press(exchange->media, exchange->caller_channel, "80#");
    talk(exchange, 45);
    assert_int_equal(exchange->caller.presses, 3);
    assert_int_equal(exchange->caller.events, 3 * (5 + 3));
    assert_int_equal(exchange->caller.event_code, 11);
    assert_int_equal(exchange->taker.events, 0);
    forget(exchange);
    talk(exchange, 25);
    assert_true(telephone_hears(&exchange->caller, 400, 0) >
                0.95); /* the taker's voice came back */
}

static void garbage_is_counted_and_the_call_goes_on(void **state)
{
    struct exchange *exchange = *state;
    struct media_counts counts;
    struct prng prng;
    uint8_t packet[1600];
    struct sockaddr_in there = { .sin_family = AF_INET };
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    prng_seed(&prng, 7);
    pair(exchange->media, exchange->caller_channel, exchange->taker_channel);
    for (unsigned i = 0; i < 2000; i++) {
        size_t size = prng_below(&prng, sizeof packet);
        for (size_t at = 0; at < size; at++)
            packet[at] = (uint8_t)prng_next(&prng);
        bool reports = i % 2;
        there.sin_port = htons((uint16_t)(exchange->caller.peer_port + reports));
        (void)sendto(reports ? exchange->caller.rtcp : exchange->caller.rtp, packet, size, 0,
                     (struct sockaddr *)&there, sizeof there);
        if (i % 20 == 0)
            talk(exchange, 1);
    }
    talk(exchange, 60);
    forget(exchange);
    talk(exchange, 50);
    assert_true(telephone_hears(&exchange->taker, 1000, 0) > 0.9);
    media_count(exchange->media, &counts);
    assert_true(counts.packets_bad > 700);
}

static void ports_and_channels_run_out_loudly_and_come_back(void **state)
{
    struct exchange *exchange = *state;
    int64_t channels[64];
    unsigned count = 0;
    uint16_t port = 0;
    int64_t status;
    while (count < 64 && (status = media_channel_open(exchange->media, 3, &port)) > 0)
        channels[count++] = status;
    assert_int_equal(status, -EADDRINUSE);
    assert_int_equal(count, 48); /* 50 pairs, two talk */
    for (unsigned i = 0; i < count; i++)
        media_channel_close(exchange->media, channels[i]);
    talk(exchange, 5);
    int64_t again = media_channel_open(exchange->media, 3, &port);
    assert_true(again > 0);
    for (unsigned i = 0; i < count; i++)
        assert_true(again != channels[i]);
    media_channel_close(exchange->media, channels[0]); /* a number of the past harms nobody */
    assert_int_equal(media_channel_connect(exchange->media, channels[0], "127.0.0.1", 9,
                                           &(struct media_speech){ .law = MEDIA_PCMA }),
                     -ENOENT);
    assert_int_equal(media_channel_connect(exchange->media, again, "nowhere", 9,
                                           &(struct media_speech){ .law = MEDIA_PCMA }),
                     -EINVAL);
}

/* Far below what passes for a voice, and no two turns alike. */
static void assert_breathes(const struct telephone *caller)
{
    enum {
        LAST = 20 * G711_FRAME
    };
    double sum = 0;
    assert_true(caller->heard_count > LAST);
    const int16_t *heard = caller->heard + caller->heard_count - LAST;
    for (unsigned i = 0; i < LAST; i++) {
        assert_in_range(heard[i] + 64, 0, 128);
        sum += (double)heard[i] * heard[i];
    }
    assert_true(sum / LAST > 15 * 15);
    assert_memory_not_equal(heard, heard + G711_FRAME, G711_FRAME * sizeof heard[0]);
}

/* … and never digital silence: a carrier takes that for a line that is dead, a caller for one that is cut. */
static void without_announcements_a_caller_hears_a_line_that_lives(void **state)
{
    struct exchange *exchange = *state;
    static const char *const names[] = { "waiting", NULL };
    struct telephone *caller[] = { &exchange->caller };
    const struct media_settings settings = { .address = "127.0.0.1",
                                             .port_low = 30200,
                                             .port_high = 30299,
                                             .prompts = "/tmp/yihao-no-such-folder",
                                             .recordings = exchange->recordings,
                                             .suite = suite_named("sm3-sm2") };
    media_close(exchange->media);
    exchange->media = NULL;
    assert_int_equal(media_open(&exchange->media, &settings), 0);
    int64_t channel = connect_channel(exchange, &exchange->caller, CALLER);
    media_channel_play(exchange->media, channel, names, 0);
    telephones_talk(caller, 1, 40);
    assert_breathes(&exchange->caller);
}

static void a_caller_whose_taker_says_nothing_hears_a_line_that_lives(void **state)
{
    struct exchange *exchange = *state;
    struct telephone *caller[] = { &exchange->caller };
    forget(exchange);
    telephones_talk(caller, 1, 60); /* the taker's telephone sends no packet at all */
    assert_breathes(&exchange->caller);
}

#define TELEPHONE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TELEPHONE_TEST(bridged_ends_hear_each_other_across_the_laws),
        TELEPHONE_TEST(an_announcement_is_played_for_its_rounds_and_ends_at_the_bridge),
        TELEPHONE_TEST(an_announcement_in_a_conversation_is_heard_by_its_side_alone),
        TELEPHONE_TEST(a_secured_way_carries_sound_that_nobody_else_hears_or_says),
        TELEPHONE_TEST(a_side_that_knows_no_g711_is_understood),
        TELEPHONE_TEST(a_recording_has_the_caller_left_and_the_city_right),
        TELEPHONE_TEST(a_recording_under_a_name_that_exists_fails_and_tells),
        TELEPHONE_TEST(a_recording_cut_by_a_crash_is_finished_at_the_next_start),
        TELEPHONE_TEST(a_plain_recording_of_an_earlier_version_becomes_a_tape),
        TELEPHONE_TEST(a_recording_keeps_its_key_here_until_the_dispatcher_has_it),
        TELEPHONE_TEST(a_stranger_is_neither_played_nor_answered_but_counted),
        TELEPHONE_TEST(what_waited_before_the_answer_is_not_played),
        TELEPHONE_TEST(each_key_press_is_told_once_and_passed_on),
        TELEPHONE_TEST(keys_pressed_for_a_taker_reach_the_caller),
        TELEPHONE_TEST(garbage_is_counted_and_the_call_goes_on),
        TELEPHONE_TEST(ports_and_channels_run_out_loudly_and_come_back),
        TELEPHONE_TEST(without_announcements_a_caller_hears_a_line_that_lives),
        TELEPHONE_TEST(a_caller_whose_taker_says_nothing_hears_a_line_that_lives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
