/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * CPU time of recorded calls in the media plane: `bench_media CALLS SECONDS [VOICES] [rtpengine]`, two voices or up
 * to eight in each. The ends of the calls live in a child process, so that only the media plane is
 * measured. With `rtpengine` (apt-get install rtpengine-daemon) that relays and records the same calls of two
 * voices afterwards, in user space. Fails when more than a
 * tenth of the turns came late or packets were lost on the way to it. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "gateways/trunk/media.h"
#include "tests/bench/rtpengine.h"

enum {
    CALLS_MAX = MEDIA_CHANNELS_MAX / 2,
    PACKET = 172,
    PORT_LOW = 24000, /* below the ports that systems hand out by themselves */
    END_PORT_LOW = 10000,
    RIVAL_PORT_LOW = 28500,
    LATE_SHARE = 10
};

static struct end {
    int fd;
    struct sockaddr_in peer;
    uint8_t packet[PACKET];
} ends[2 * CALLS_MAX];

static _Atomic uint64_t *said; /* packets, by the ends, which live in another process */

static struct sockaddr_in local(uint16_t port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static void end_turn(struct end *end, uint16_t number)
{
    uint8_t heard[2048];
    uint16_t sequence = htons(number);
    uint32_t ts = htonl(number * 160U);
    memcpy(end->packet + 2, &sequence, 2);
    memcpy(end->packet + 4, &ts, 4);
    (*said)++;
    (void)sendto(end->fd, end->packet, PACKET, 0, (struct sockaddr *)&end->peer, sizeof end->peer);
    while (recv(end->fd, heard, sizeof heard, MSG_DONTWAIT) > 0)
        continue;
}

/* Until the parent kills it. */
static _Noreturn void talk(unsigned count)
{
    const struct timespec step = { .tv_nsec = 20 * 1000 * 1000 };
    const struct itimerspec beat = { .it_interval = step, .it_value = step };
    int timer = timerfd_create(CLOCK_MONOTONIC, 0);
    (void)timerfd_settime(timer, 0, &beat, NULL);
    for (uint16_t number = 0;;) {
        uint64_t due = 0;
        if (read(timer, &due, sizeof due) != (ssize_t)sizeof due)
            exit(1);
        for (; due > 0; due--, number++)
            for (unsigned i = 0; i < count; i++)
                end_turn(&ends[i], number);
    }
}

static bool open_end(unsigned index, uint16_t media_port)
{
    struct sockaddr_in own = local((uint16_t)(END_PORT_LOW + 2 * index));
    struct end *end = &ends[index];
    end->fd = socket(AF_INET, SOCK_DGRAM, 0);
    end->peer = local(media_port);
    memset(end->packet, 0x55, PACKET);
    end->packet[0] = 0x80;
    end->packet[1] = MEDIA_PCMA;
    end->packet[11] = (uint8_t)index;
    return end->fd >= 0 && bind(end->fd, (struct sockaddr *)&own, sizeof own) == 0;
}

static int64_t open_channel(struct media *media, unsigned index)
{
    uint16_t port = 0;
    int64_t channel = media_channel_open(media, index, &port);
    if (channel < 0 || !open_end(index, port) ||
        media_channel_connect(media, channel, "127.0.0.1", (uint16_t)(END_PORT_LOW + 2 * index),
                              &(struct media_speech){ .law = MEDIA_PCMA }) < 0) {
        (void)fprintf(stderr, "cannot open channel %u: %lld\n", index, (long long)channel);
        exit(1);
    }
    return channel;
}

static unsigned long empty_kib;
static double own_cpu_share; /* of a core, for each packet that came as it should */

static unsigned long resident_kib(pid_t pid)
{
    char path[64], line[128];
    unsigned long kib = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file) && sscanf(line, "VmRSS: %lu", &kib) != 1)
        continue;
    if (file)
        (void)fclose(file);
    return kib;
}

static double cpu_seconds(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void write_prompt(const char *folder)
{
    static const uint8_t wav[] = "RIFF\x26\0\0\0WAVEfmt \x10\0\0\0\6\0\1\0\x40\x1F\0\0\x40\x1F\0\0"
                                 "\1\0\x08\0data\2\0\0\0\x55";
    char path[128];
    (void)mkdir(folder, 0700);
    (void)snprintf(path, sizeof path, "%s/waiting.wav", folder);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(wav, 1, sizeof wav, file) != sizeof wav || fclose(file) != 0)
        exit(1);
}

static pid_t begin_talk(unsigned count)
{
    pid_t child = fork();
    if (child == 0)
        talk(count);
    return child;
}

static void end_talk(pid_t child)
{
    (void)kill(child, SIGKILL);
    (void)waitpid(child, NULL, 0);
}

/* The same calls, as many of them as there were, by the other one. */
static int measure_rival(const char *folder, unsigned calls, unsigned seconds)
{
    struct rtpengine *rival = NULL;
    if (!rtpengine_open(&rival, folder, RIVAL_PORT_LOW, RIVAL_PORT_LOW + 4000)) {
        (void)printf("rtpengine is not installed\n");
        return 1;
    }
    unsigned long empty = resident_kib(rtpengine_pid(rival));
    for (unsigned i = 0; i < calls; i++) {
        uint16_t own[2], theirs[2];
        for (unsigned j = 0; j < 2; j++)
            own[j] = (uint16_t)(END_PORT_LOW + 2 * (2 * i + j));
        rtpengine_call(rival, i, own, theirs);
        for (unsigned j = 0; j < 2; j++)
            ends[2 * i + j].peer = local(theirs[j]);
    }
    pid_t child = begin_talk(2 * calls);
    (void)sleep(1);
    double cpu = rtpengine_cpu(rival);
    uint64_t packets = *said;
    uint64_t start_ms = clock_mono_ms();
    (void)sleep(seconds);
    cpu = rtpengine_cpu(rival) - cpu;
    double wall = (double)(clock_mono_ms() - start_ms) / 1000;
    end_talk(child);
    double said_share = (double)packets / (wall * 100 * calls);
    (void)printf(
        "rtpengine: cpu %.1f %% of a core, %.3f %% a recorded call, packets %.1f %% of 50/s, "
        "%.1f KiB resident a call\n",
        100 * cpu / wall, 100 * cpu / wall / calls, 100 * said_share,
        (double)(resident_kib(rtpengine_pid(rival)) - empty) / calls);
    (void)printf("media_to_rtpengine ratio=%.2f CPU a packet\n",
                 own_cpu_share / (cpu / wall / said_share));
    rtpengine_close(rival);
    return 0;
}

/* Lets the calls run and prints what they cost. */
static int measure(struct media *media, unsigned calls, unsigned seconds, unsigned voices)
{
    struct media_counts before;
    struct media_counts after;
    struct rusage usage;
    (void)sleep(1);
    media_count(media, &before);
    double cpu = cpu_seconds();
    uint64_t start_ms = clock_mono_ms();
    (void)sleep(seconds);
    cpu = cpu_seconds() - cpu;
    double wall = (double)(clock_mono_ms() - start_ms) / 1000;
    media_count(media, &after);
    (void)getrusage(RUSAGE_SELF, &usage);

    double turns = wall * 50;
    double arrived = (double)(after.packets_in - before.packets_in) / (turns * voices * calls);
    own_cpu_share = cpu / wall / arrived;
    uint64_t late = after.late_turns - before.late_turns;
    (void)printf("calls %u of %u voices, %.1f s: cpu %.1f %% of a core, %.3f %% a recorded call, "
                 "%.1f us a channel and turn\n",
                 calls, voices, wall, 100 * cpu / wall, 100 * cpu / wall / calls,
                 cpu * 1e6 / (turns * voices * calls));
    (void)printf(
        "packets in %.1f %% of 50/s, late turns %llu of %.0f, peak memory %.1f MiB, %.1f KiB resident a call\n",
        100 * arrived, (unsigned long long)late, turns, (double)usage.ru_maxrss / 1024,
        (double)(resident_kib(getpid()) - empty_kib) / calls);
    return arrived > 0.9 && (double)late < turns / LATE_SHARE ? 0 : 1;
}

int main(int count, char **words)
{
    unsigned calls = count > 1 ? (unsigned)strtoul(words[1], NULL, 10) : 100;
    unsigned seconds = count > 2 ? (unsigned)strtoul(words[2], NULL, 10) : 5;
    unsigned voices = count > 3 ? (unsigned)strtoul(words[3], NULL, 10) : 2;
    char folder[] = "/tmp/yihao-bench-XXXXXX";
    char prompts[64];
    char recordings[64];
    char command[64];
    struct media *media = NULL;
    if (calls == 0 || voices < 2 || voices > MEDIA_ROOM_MAX ||
        calls * voices > MEDIA_CHANNELS_MAX || !mkdtemp(folder))
        return 2;
    (void)snprintf(prompts, sizeof prompts, "%s/prompts", folder);
    (void)snprintf(recordings, sizeof recordings, "%s/recordings", folder);
    write_prompt(prompts);
    const struct media_settings settings = { .address = "127.0.0.1",
                                             .port_low = PORT_LOW,
                                             .port_high = PORT_LOW + 2 * MEDIA_CHANNELS_MAX,
                                             .prompts = prompts,
                                             .recordings = recordings };
    said = mmap(NULL, sizeof *said, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (said == MAP_FAILED || media_open(&media, &settings) < 0)
        return 1;
    empty_kib = resident_kib(getpid());
    for (unsigned i = 0; i < calls; i++) {
        char name[16];
        struct media_seat seats[MEDIA_ROOM_MAX];
        for (unsigned j = 0; j < voices; j++) {
            seats[j].channel = open_channel(media, voices * i + j);
            seats[j].hears = (uint8_t)(((1U << voices) - 1) & ~(1U << j));
        }
        media_room(media, seats, voices, seats[0].hears);
        (void)snprintf(name, sizeof name, "call-%u", i);
        media_record(media, seats[0].channel, i, 20260101, name);
    }
    pid_t child = begin_talk(voices * calls);
    int status = measure(media, calls, seconds, voices);
    end_talk(child);
    uint64_t start_ms = clock_mono_ms();
    media_close(media);
    (void)printf("all recordings finished in %llu ms\n",
                 (unsigned long long)(clock_mono_ms() - start_ms));
    if (count > 4 && voices == 2)
        status |= measure_rival(folder, calls, seconds);
    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) == 0 ? status : 1;
}
