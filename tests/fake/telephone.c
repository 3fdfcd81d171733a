/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fake/telephone.h"

#include <arpa/inet.h>
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "gateways/trunk/g711.h"

#define PI 3.14159265358979323846

static int open_port(uint16_t port)
{
    struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = htons(port) };
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert(fd >= 0);
    if (bind(fd, (struct sockaddr *)&own, sizeof own) == 0)
        return fd;
    (void)close(fd);
    return -1;
}

void telephone_open(struct telephone *telephone, enum media_law law, double hertz)
{
    static uint16_t next = 40000;
    memset(telephone, 0, sizeof *telephone);
    telephone->law = law;
    telephone->hertz = hertz;
    telephone->ssrc = 0x1000U + next;
    for (;; next = (uint16_t)(next + 2)) {
        telephone->rtp = open_port(next);
        telephone->rtcp = telephone->rtp >= 0 ? open_port((uint16_t)(next + 1)) : -1;
        if (telephone->rtcp >= 0)
            break;
        if (telephone->rtp >= 0)
            (void)close(telephone->rtp);
    }
    telephone->port = next;
    next = (uint16_t)(next + 2);
}

void telephone_close(struct telephone *telephone)
{
    (void)close(telephone->rtp);
    (void)close(telephone->rtcp);
}

void telephone_forget(struct telephone *telephone)
{
    telephone->heard_count = telephone->packets = telephone->events = telephone->presses = 0;
    telephone->wrong_law = 0;
}

static void send_to_peer(struct telephone *telephone, const uint8_t *packet, size_t size)
{
    struct sockaddr_in peer = { .sin_family = AF_INET, .sin_port = htons(telephone->peer_port) };
    peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)sendto(telephone->rtp, packet, size, 0, (struct sockaddr *)&peer, sizeof peer);
}

static void write_head(struct telephone *telephone, uint8_t *packet, uint8_t type, uint32_t ts)
{
    uint16_t sequence = htons(telephone->sequence++);
    uint32_t words[2] = { htonl(ts), htonl(telephone->ssrc) };
    packet[0] = 0x80;
    packet[1] = type;
    memcpy(packet + 2, &sequence, 2);
    memcpy(packet + 4, words, 8);
}

static void say_frame(struct telephone *telephone)
{
    uint8_t packet[12 + G711_FRAME];
    if (telephone->peer_port == 0)
        return;
    write_head(telephone, packet, (uint8_t)telephone->law, telephone->ts);
    for (int i = 0; i < G711_FRAME; i++, telephone->samples_said++) {
        double angle = 2 * PI * telephone->hertz * telephone->samples_said / G711_RATE;
        packet[12 + i] = g711_byte(telephone->law, (int16_t)(8000 * sin(angle)));
    }
    telephone->ts += G711_FRAME;
    send_to_peer(telephone, packet, sizeof packet);
}

static void hear_event(struct telephone *telephone, const uint8_t *packet)
{
    uint32_t ts = 0;
    memcpy(&ts, packet + 4, 4);
    if (telephone->events == 0 || ts != telephone->event_ts)
        telephone->presses++;
    telephone->event_ts = ts;
    telephone->event_code = packet[12];
    telephone->events++;
}

static void hear_packet(struct telephone *telephone, const uint8_t *packet, size_t size)
{
    uint8_t type = packet[1] & 0x7F;
    telephone->packets++;
    if (type == TELEPHONE_EVENT) {
        hear_event(telephone, packet);
        return;
    }
    if (type != telephone->law)
        telephone->wrong_law = 1;
    for (size_t i = 12; i < size && telephone->heard_count < TELEPHONE_HEARD_MAX; i++)
        telephone->heard[telephone->heard_count++] = g711_sample(telephone->law, packet[i]);
}

static void hear_all(struct telephone *telephone)
{
    uint8_t packet[2048];
    ssize_t size;
    while ((size = recv(telephone->rtp, packet, sizeof packet, 0)) >= 12)
        hear_packet(telephone, packet, (size_t)size);
    while (recv(telephone->rtcp, packet, sizeof packet, 0) > 0)
        telephone->reports++;
}

void telephones_talk(struct telephone *const *telephones, unsigned count, unsigned frames)
{
    const struct timespec step = { .tv_nsec = 20 * 1000 * 1000 };
    const struct itimerspec beat = { .it_interval = step, .it_value = step };
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    assert(timer >= 0 && timerfd_settime(timer, 0, &beat, NULL) == 0);
    while (frames > 0) {
        uint64_t due = 0;
        assert(read(timer, &due, sizeof due) == (ssize_t)sizeof due);
        for (; due > 0 && frames > 0; due--, frames--)
            for (unsigned i = 0; i < count; i++) {
                say_frame(telephones[i]);
                hear_all(telephones[i]);
            }
    }
    (void)close(timer);
}

void telephone_press(struct telephone *telephone, uint8_t code, unsigned frames)
{
    uint8_t packet[16];
    uint32_t ts = telephone->ts;
    for (unsigned i = 0; i < frames + 3; i++) {
        unsigned duration = (i < frames ? i + 1 : frames) * G711_FRAME;
        write_head(telephone, packet, (uint8_t)(TELEPHONE_EVENT | (i == 0 ? 0x80 : 0)), ts);
        packet[12] = code;
        packet[13] = (uint8_t)((i >= frames ? 0x80 : 0) | 10);
        packet[14] = (uint8_t)(duration >> 8);
        packet[15] = (uint8_t)duration;
        send_to_peer(telephone, packet, sizeof packet);
    }
    telephone->ts += (frames + 1) * G711_FRAME;
}

double tone_share(const int16_t *samples, uint32_t count, double hertz)
{
    double coefficient = 2 * cos(2 * PI * hertz / G711_RATE);
    double one = 0;
    double two = 0;
    double energy = 0;
    for (uint32_t i = 0; i < count; i++) {
        double zero = samples[i] + coefficient * one - two;
        two = one;
        one = zero;
        energy += (double)samples[i] * samples[i];
    }
    double power = one * one + two * two - coefficient * one * two;
    return energy > 0 ? 2 * power / (energy * count) : 0;
}

double telephone_hears(const struct telephone *telephone, double hertz, unsigned skip_ms)
{
    uint32_t skip = skip_ms * 8;
    return telephone->heard_count > skip
               ? tone_share(telephone->heard + skip, telephone->heard_count - skip, hertz)
               : 0;
}
