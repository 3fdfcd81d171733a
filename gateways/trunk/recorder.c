/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/recorder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/folder.h"
#include "base/log.h"
#include "gateways/trunk/ring.h"

enum {
    STEREO_FRAME = 2 * G711_FRAME,
    DRAIN_MS = 200,
    PATH_BYTES = 4096,
    FILE_BYTES = 128, /* DAY/NAME.wav, as in struct media_event */
    DIGEST_BLOCK = 64 * 1024,
    FRAME_MS = 20,
    GAP_MAX_FRAMES = 60 * 50, /* a minute: a clock that was set must not fill the disk */
    OWNER_AT = 58,
    SECOND_BYTES = 2 * G711_RATE
};

#define PART ".part"

struct recording {
    uint64_t owner;
    char file[FILE_BYTES];
    struct ring sound;       /* STEREO_FRAME bytes each, from the media thread to the recorder's */
    _Atomic uint32_t missed; /* frames that found the ring full */
    _Atomic bool ended;
    uint64_t begun_ms; /* wall clock: it goes on with one that began then; 0: it begins */
    int fd;
    int error; /* the first; nothing is written after it */
};

struct recorder {
    char folder[1024];
    recorder_tell *tell;
    void *owner;
    int wake;
    pthread_t thread;
    _Atomic bool closing;
    _Atomic bool settle; /* what is left of an earlier process is to be finished */
    _Atomic uint32_t count;
    struct ring starts; /* struct recording *, from signalling */
    struct recording *running[MEDIA_CHANNELS_MAX];
    uint32_t running_count;
};

/* ---- the file ------------------------------------------------------------------------------- */

static void put_little(uint8_t *at, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get_little(const uint8_t *at, unsigned size)
{
    uint64_t value = 0;
    for (unsigned i = size; i > 0; i--)
        value = value << 8 | at[i - 1];
    return value;
}

/* RIFF WAVE, format 6 (A-law): fmt of 18 bytes and fact, as formats other than PCM need. */
static void write_header(uint8_t header[RECORDING_HEADER_BYTES], uint64_t owner,
                         uint32_t sound_bytes)
{
    memset(header, 0, RECORDING_HEADER_BYTES);
    memcpy(header, "RIFF", 4);
    put_little(header + 4, RECORDING_HEADER_BYTES - 8 + (uint64_t)sound_bytes, 4);
    memcpy(header + 8, "WAVEfmt ", 8);
    put_little(header + 16, 18, 4);
    put_little(header + 20, 6, 2);
    put_little(header + 22, 2, 2);
    put_little(header + 24, G711_RATE, 4);
    put_little(header + 28, SECOND_BYTES, 4);
    put_little(header + 32, 2, 2);
    put_little(header + 34, 8, 2);
    memcpy(header + 38, "fact", 4);
    put_little(header + 42, 4, 4);
    put_little(header + 46, sound_bytes / 2, 4);
    memcpy(header + 50, "yhow", 4);
    put_little(header + 54, 8, 4);
    put_little(header + OWNER_AT, owner, 8);
    memcpy(header + 66, "data", 4);
    put_little(header + 70, sound_bytes, 4);
}

static int write_all(int fd, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t wrote = write(fd, bytes, size);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return -errno;
        bytes += wrote;
        size -= (size_t)wrote;
    }
    return 0;
}

static int digest_of(int fd, uint8_t digest[32])
{
    static uint8_t block[DIGEST_BLOCK]; /* the recorder's thread alone */
    crypto_generichash_state state;

    (void)crypto_generichash_init(&state, NULL, 0, 32);
    for (off_t at = 0;;) {
        ssize_t size = pread(fd, block, sizeof block, at);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return -errno;
        if (size == 0)
            break;
        (void)crypto_generichash_update(&state, block, (unsigned long long)size);
        at += size;
    }
    (void)crypto_generichash_final(&state, digest, 32);
    return 0;
}

/* Cuts a torn last frame off, writes the true header, reads the file back, and makes it durable under
 * its final name. */
static int finish_file(const char *folder, int fd, uint64_t owner, struct media_event *event)
{
    uint8_t header[RECORDING_HEADER_BYTES];
    char part[PATH_BYTES];
    char whole[PATH_BYTES];
    struct stat about;

    if (fstat(fd, &about) < 0)
        return -errno;
    uint64_t sound = about.st_size > RECORDING_HEADER_BYTES
                         ? (uint64_t)(about.st_size - RECORDING_HEADER_BYTES) / 2 * 2
                         : 0;
    if (sound > UINT32_MAX - RECORDING_HEADER_BYTES) /* 74 hours */
        return -EFBIG;
    write_header(header, owner, (uint32_t)sound);
    if (ftruncate(fd, (off_t)(RECORDING_HEADER_BYTES + sound)) < 0)
        return -errno;
    ssize_t wrote = pwrite(fd, header, sizeof header, 0);
    if (wrote != (ssize_t)sizeof header)
        return wrote < 0 ? -errno : -EIO;
    int status = digest_of(fd, event->digest);
    if (status < 0)
        return status;
    if (fsync(fd) < 0)
        return -errno;
    (void)snprintf(whole, sizeof whole, "%s/%s", folder, event->file);
    (void)snprintf(part, sizeof part, "%s/%s" PART, folder, event->file);
    if (rename(part, whole) < 0)
        return -errno;
    event->kind = MEDIA_RECORDED;
    event->owner = owner;
    event->size = RECORDING_HEADER_BYTES + sound;
    event->duration_ms = sound * 1000 / SECOND_BYTES;
    return folder_sync_above(whole);
}

/* ---- one recording -------------------------------------------------------------------------- */

static void fail(struct recording *recording, int error, const char *what)
{
    if (recording->error == 0)
        log_error("recording %s: cannot %s: %s", recording->file, what, strerror(-error));
    if (recording->error == 0)
        recording->error = error;
}

static void write_silence(struct recording *recording, uint64_t frames)
{
    uint8_t silence[STEREO_FRAME];
    memset(silence, g711_silence(MEDIA_PCMA), sizeof silence);
    while (frames-- > 0 && recording->error == 0) {
        int status = write_all(recording->fd, silence, sizeof silence);
        if (status < 0)
            fail(recording, status, "write");
    }
}

/* The file of an earlier process: whole frames of it stay, what was lost since is silence. False: there
 * is none. */
static bool go_on(const struct recorder *recorder, struct recording *recording)
{
    char path[PATH_BYTES];
    struct stat about;
    (void)snprintf(path, sizeof path, "%s/%s" PART, recorder->folder, recording->file);
    recording->fd = open(path, O_RDWR | O_CLOEXEC);
    if (recording->fd < 0)
        return false;
    if (fstat(recording->fd, &about) < 0 || about.st_size < RECORDING_HEADER_BYTES) {
        (void)close(recording->fd);
        (void)unlink(path);
        recording->fd = -1;
        return false;
    }
    uint64_t frames = (uint64_t)(about.st_size - RECORDING_HEADER_BYTES) / STEREO_FRAME;
    uint64_t whole = RECORDING_HEADER_BYTES + frames * STEREO_FRAME;
    uint64_t now_ms = clock_wall_ms();
    uint64_t due = now_ms > recording->begun_ms ? (now_ms - recording->begun_ms) / FRAME_MS : 0;
    if (ftruncate(recording->fd, (off_t)whole) < 0 || lseek(recording->fd, 0, SEEK_END) < 0)
        fail(recording, -errno, "go on");
    if (due > frames + GAP_MAX_FRAMES)
        due = frames + GAP_MAX_FRAMES;
    if (due > frames)
        write_silence(recording, due - frames);
    return true;
}

static void open_file(struct recorder *recorder, struct recording *recording)
{
    uint8_t header[RECORDING_HEADER_BYTES];
    char path[PATH_BYTES];

    if (recording->begun_ms > 0 && go_on(recorder, recording))
        return;
    (void)snprintf(path, sizeof path, "%s/%.8s", recorder->folder, recording->file);
    if (mkdir(path, 0750) == 0)
        (void)folder_sync_above(path);
    else if (errno != EEXIST)
        fail(recording, -errno, "make its folder");
    (void)snprintf(path, sizeof path, "%s/%s", recorder->folder, recording->file);
    if (access(path, F_OK) == 0)
        fail(recording, -EEXIST, "begin");
    (void)snprintf(path, sizeof path, "%s/%s" PART, recorder->folder, recording->file);
    recording->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (recording->fd < 0) {
        fail(recording, -errno, "open its file");
        return;
    }
    write_header(header, recording->owner, 0);
    int status = write_all(recording->fd, header, sizeof header);
    if (status < 0)
        fail(recording, status, "write");
}

/* A second of sound per write at most; the ring holds five. */
static void drain(struct recording *recording)
{
    uint8_t block[50 * STEREO_FRAME];
    for (;;) {
        size_t size = 0;
        while (size < sizeof block && ring_take(&recording->sound, block + size))
            size += STEREO_FRAME;
        if (size == 0)
            break;
        if (recording->error)
            continue;
        int status = write_all(recording->fd, block, size);
        if (status < 0)
            fail(recording, status, "write");
    }
    uint32_t missed = atomic_exchange(&recording->missed, 0);
    if (missed > 0) {
        log_warn("recording %s: the disk was late; %u ms are silence", recording->file,
                 missed * 20);
        write_silence(recording, missed);
    }
}

static void recording_free(struct recording *recording)
{
    if (recording->fd >= 0)
        (void)close(recording->fd);
    ring_free(&recording->sound);
    free(recording);
}

static void finish(struct recorder *recorder, struct recording *recording)
{
    struct media_event event = { .kind = MEDIA_RECORD_FAILED, .owner = recording->owner };
    (void)snprintf(event.file, sizeof event.file, "%s", recording->file);
    if (recording->error == 0) {
        int status = finish_file(recorder->folder, recording->fd, recording->owner, &event);
        if (status < 0)
            fail(recording, status, "finish");
    }
    if (recording->error != 0)
        event.kind = MEDIA_RECORD_FAILED;
    recorder->tell(recorder->owner, &event);
    recording_free(recording);
    atomic_fetch_sub(&recorder->count, 1);
}

/* ---- after a crash -------------------------------------------------------------------------- */

static void repair_file(struct recorder *recorder, const char *day, const char *name)
{
    struct media_event event = { .kind = MEDIA_RECORD_FAILED };
    uint8_t header[RECORDING_HEADER_BYTES];
    char path[PATH_BYTES];

    (void)snprintf(path, sizeof path, "%s/%.16s/%.200s", recorder->folder, day, name);
    int length = (int)(strlen(name) - strlen(PART));
    int written = snprintf(event.file, sizeof event.file, "%s/%.*s", day, length, name);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0 || written >= (int)sizeof event.file) {
        log_error("recording %s: cannot be opened to finish it", path);
        if (fd >= 0)
            (void)close(fd);
        return;
    }
    if (pread(fd, header, sizeof header, 0) != (ssize_t)sizeof header ||
        memcmp(header, "RIFF", 4) != 0 || memcmp(header + 50, "yhow", 4) != 0) {
        log_warn("recording %s: the crash left no sound in it; removed", path);
        (void)unlink(path);
    } else {
        int status = finish_file(recorder->folder, fd, get_little(header + OWNER_AT, 8), &event);
        if (status < 0) {
            log_error("recording %s: cannot finish it: %s", path, strerror(-status));
            event.kind = MEDIA_RECORD_FAILED;
            event.owner = get_little(header + OWNER_AT, 8);
        } else {
            log_info("recording %s: finished after a crash duration_ms=%llu", event.file,
                     (unsigned long long)event.duration_ms);
        }
        recorder->tell(recorder->owner, &event);
    }
    (void)close(fd);
}

static bool runs(const struct recorder *recorder, const char *day, const char *name)
{
    char file[FILE_BYTES + 16];
    (void)snprintf(file, sizeof file, "%.16s/%.120s", day, name);
    for (uint32_t i = 0; i < recorder->running_count; i++) {
        const char *running = recorder->running[i]->file;
        if (strncmp(running, file, strlen(running)) == 0)
            return true;
    }
    return false;
}

static bool ends_in(const char *name, const char *end)
{
    size_t length = strlen(name);
    size_t tail = strlen(end);
    return length > tail && strcmp(name + length - tail, end) == 0;
}

static void repair_day(struct recorder *recorder, const char *day)
{
    char path[PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/%.16s", recorder->folder, day);
    DIR *folder = opendir(path);
    if (!folder)
        return;
    for (struct dirent *entry; (entry = readdir(folder));)
        if (ends_in(entry->d_name, ".wav" PART) && !runs(recorder, day, entry->d_name))
            repair_file(recorder, day, entry->d_name);
    (void)closedir(folder);
}

static void repair_all(struct recorder *recorder)
{
    DIR *folder = opendir(recorder->folder);
    if (!folder)
        return;
    for (struct dirent *entry; (entry = readdir(folder));)
        if (strlen(entry->d_name) == 8 && strspn(entry->d_name, "0123456789") == 8)
            repair_day(recorder, entry->d_name);
    (void)closedir(folder);
}

/* ---- the thread ----------------------------------------------------------------------------- */

static void recorder_turn(struct recorder *recorder)
{
    bool settle = atomic_exchange(&recorder->settle, false);
    for (struct recording *fresh;
         recorder->running_count < MEDIA_CHANNELS_MAX && ring_take(&recorder->starts, &fresh);) {
        open_file(recorder, fresh);
        recorder->running[recorder->running_count++] = fresh;
    }
    if (settle) /* after the starts: what goes on is not finished */
        repair_all(recorder);
    for (uint32_t i = 0; i < recorder->running_count;) {
        struct recording *recording = recorder->running[i];
        bool ended = atomic_load(&recording->ended); /* before the drain: nothing comes after */
        drain(recording);
        if (!ended) {
            i++;
            continue;
        }
        recorder->running[i] = recorder->running[--recorder->running_count];
        finish(recorder, recording);
    }
}

static void *recorder_run(void *argument)
{
    struct recorder *recorder = argument;
    struct pollfd wake = { .fd = recorder->wake, .events = POLLIN };
    while (!atomic_load(&recorder->closing) || atomic_load(&recorder->count) > 0 ||
           atomic_load(&recorder->settle)) {
        recorder_turn(recorder);
        (void)poll(&wake, 1, atomic_load(&recorder->closing) ? 1 : DRAIN_MS);
        uint64_t times;
        if (wake.revents & POLLIN)
            (void)!read(recorder->wake, &times, sizeof times);
    }
    return NULL;
}

static void recorder_wake(struct recorder *recorder)
{
    uint64_t one = 1;
    (void)!write(recorder->wake, &one, sizeof one);
}

int recorder_open(struct recorder **recorder, const char *folder, recorder_tell *tell, void *owner)
{
    if (sodium_init() < 0)
        return -ENOSYS;
    if (strlen(folder) >= sizeof((struct recorder *)NULL)->folder)
        return -ENAMETOOLONG;
    if (mkdir(folder, 0750) < 0 && errno != EEXIST)
        return -errno;
    struct recorder *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    (void)snprintf(fresh->folder, sizeof fresh->folder, "%s", folder);
    fresh->tell = tell;
    fresh->owner = owner;
    int status = ring_init(&fresh->starts, sizeof(struct recording *), 2048);
    fresh->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (status == 0 && fresh->wake < 0)
        status = -errno;
    if (status == 0)
        status = -pthread_create(&fresh->thread, NULL, recorder_run, fresh);
    if (status < 0) {
        if (fresh->wake >= 0)
            (void)close(fresh->wake);
        ring_free(&fresh->starts);
        free(fresh);
        return status;
    }
    *recorder = fresh;
    return 0;
}

void recorder_settle(struct recorder *recorder)
{
    atomic_store(&recorder->settle, true);
    recorder_wake(recorder);
}

void recorder_close(struct recorder *recorder)
{
    if (!recorder)
        return;
    atomic_store(&recorder->closing, true);
    recorder_wake(recorder);
    (void)pthread_join(recorder->thread, NULL);
    (void)close(recorder->wake);
    ring_free(&recorder->starts);
    free(recorder);
}

struct recording *recording_start(struct recorder *recorder, uint64_t owner, uint32_t day,
                                  const char *name, uint64_t begun_ms)
{
    if (atomic_load(&recorder->count) >= MEDIA_CHANNELS_MAX || strchr(name, '/') ||
        strlen(name) + 16 > FILE_BYTES || day > 99999999)
        return NULL;
    struct recording *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return NULL;
    fresh->owner = owner;
    fresh->begun_ms = begun_ms;
    fresh->fd = -1;
    (void)snprintf(fresh->file, sizeof fresh->file, "%08u/%.100s.wav", day, name);
    atomic_fetch_add(&recorder->count, 1);
    if (ring_init(&fresh->sound, STEREO_FRAME, RECORDING_RING_FRAMES) < 0 ||
        !ring_put(&recorder->starts, &fresh)) {
        atomic_fetch_sub(&recorder->count, 1);
        recording_free(fresh);
        return NULL;
    }
    recorder_wake(recorder);
    return fresh;
}

void recording_add(struct recording *recording, const uint8_t left[G711_FRAME],
                   const uint8_t right[G711_FRAME])
{
    uint8_t both[STEREO_FRAME];
    for (unsigned i = 0; i < G711_FRAME; i++) {
        both[2 * i] = left[i];
        both[2 * i + 1] = right[i];
    }
    if (!ring_put(&recording->sound, both))
        atomic_fetch_add(&recording->missed, 1);
}

void recording_end(struct recording *recording)
{
    atomic_store(&recording->ended, true);
}

uint32_t recorder_count(const struct recorder *recorder)
{
    return atomic_load(&recorder->count);
}
