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
#include "gateways/trunk/reel.h"
#include "gateways/trunk/ring.h"
#include "proto/tape.h"

enum {
    STEREO_FRAME = 2 * G711_FRAME,
    DRAIN_MS = 200,
    PATH_BYTES = 4096,
    FILE_BYTES = 128, /* DAY/NAME.tape, as in struct media_event */
    DIGEST_BLOCK = 64 * 1024,
    FRAME_MS = 20,
    BEHIND_REELS = 2, /* full ones of each recording: more are a slow disk's */
    TAKEN_MAX = 1024,
    GAP_MAX_FRAMES = 60 * 50, /* a minute: a clock that was set must not fill the disk */
    WAV_SOUND_AT = 74,        /* in the plain recordings of earlier versions */
    WAV_OWNER_AT = 58
};

_Static_assert(TAPE_SOUND % STEREO_FRAME == 0, "whole frames of sound");

#define PART ".part"
#define KEY  ".key"

struct recording {
    uint64_t owner;
    char file[FILE_BYTES];
    struct reels *reels;
    struct reel *reel;           /* the media thread's: being filled; NULL: none */
    uint32_t missed;             /* frames without a reel; the media thread's until it ended */
    _Atomic uint32_t reel_count; /* of its reels that have not come back */
    _Atomic bool ended;
    bool over;         /* it had ended before this turn's reels */
    uint64_t begun_ms; /* wall clock: it goes on with one that began then; 0: it begins */
    int fd;
    int error; /* the first; nothing is written after it */
    uint8_t key[TAPE_KEY];
    uint64_t place;      /* of the next frame */
    uint32_t open_bytes; /* sound that is not sealed yet, and makes no frame */
    uint8_t *open;       /* TAPE_SOUND bytes; NULL: there never was any */
};

/* A recording that the dispatcher holds. */
struct taken {
    char file[FILE_BYTES];
};

struct recorder {
    char folder[1024];
    const struct suite *suite; /* of the files' digests */
    recorder_tell *tell;
    void *owner;
    int wake;
    pthread_t thread;
    _Atomic bool closing;
    _Atomic bool settle; /* what is left of an earlier process is to be finished */
    _Atomic uint32_t count;
    struct ring starts; /* struct recording *, from signalling */
    struct ring taken;  /* struct taken, from signalling */
    struct reels reels;
    struct recording *running[MEDIA_CHANNELS_MAX];
    uint32_t running_count;
};

/* ---- files ---------------------------------------------------------------------------------- */

static void path_of(const struct recorder *recorder, const char *file, const char *end,
                    char path[PATH_BYTES])
{
    (void)snprintf(path, PATH_BYTES, "%s/%.150s%s", recorder->folder, file, end);
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

static int digest_of(const struct suite *suite, int fd, struct media_event *event)
{
    static uint8_t block[DIGEST_BLOCK]; /* the recorder's thread alone */
    struct digesting digesting;
    ssize_t size;
    suite_begin(suite, &digesting);
    for (off_t at = 0; (size = pread(fd, block, sizeof block, at)) != 0;) {
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            break;
        suite_add(&digesting, block, (size_t)size);
        at += size;
    }
    int status = size < 0 ? -errno : 0;
    suite_end(&digesting, event->digest);
    event->algorithm = suite->id;
    return status;
}

/* Beside the finished file, until the dispatcher holds it: a header with the key. */
static int key_keep(const struct recorder *recorder, const struct recording *recording)
{
    uint8_t header[TAPE_HEADER];
    char path[PATH_BYTES];
    path_of(recorder, recording->file, KEY, path);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    tape_header_write(header, recording->owner, recording->key);
    int status = write_all(fd, header, sizeof header);
    sodium_memzero(header, sizeof header);
    if (status == 0 && fsync(fd) < 0)
        status = -errno;
    (void)close(fd);
    return status;
}

static bool key_find(const struct recorder *recorder, struct recording *recording)
{
    uint8_t header[TAPE_HEADER];
    char path[PATH_BYTES];
    path_of(recorder, recording->file, KEY, path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool found = read(fd, header, sizeof header) == (ssize_t)sizeof header &&
                 tape_header_read(header, &recording->owner, recording->key) == 0;
    sodium_memzero(header, sizeof header);
    (void)close(fd);
    return found;
}

/* The dispatcher has it: overwritten where it lies, then removed. */
static void key_wipe(const struct recorder *recorder, const char *file)
{
    static const uint8_t nothing[TAPE_HEADER];
    char path[PATH_BYTES];
    path_of(recorder, file, KEY, path);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return; /* said twice */
    if (write_all(fd, nothing, sizeof nothing) < 0 || fdatasync(fd) < 0 || unlink(path) < 0)
        log_error("recording %s: its key cannot be removed: %s", file, strerror(errno));
    (void)close(fd);
}

/* ---- one recording -------------------------------------------------------------------------- */

static void fail(struct recording *recording, int error, const char *what)
{
    if (recording->error == 0)
        log_error("recording %s: cannot %s: %s", recording->file, what, strerror(-error));
    if (recording->error == 0)
        recording->error = error;
}

static void frame_write(struct recording *recording, const uint8_t *sound, size_t size)
{
    uint8_t frame[TAPE_FRAME];
    if (recording->error)
        return;
    size = tape_seal(recording->key, recording->place++, sound, size, frame);
    int status = write_all(recording->fd, frame, size);
    if (status < 0)
        fail(recording, status, "write");
}

/* Seals what is open. */
static void open_write(struct recording *recording)
{
    if (recording->open_bytes > 0)
        frame_write(recording, recording->open, recording->open_bytes);
    recording->open_bytes = 0;
}

/* A tape's frame as it comes is sealed where it lies; any other sound is gathered first. */
static void sound_add(struct recording *recording, const uint8_t *sound, size_t size)
{
    if (recording->open_bytes == 0 && size == TAPE_SOUND) {
        frame_write(recording, sound, size);
        return;
    }
    if (!recording->open && !(recording->open = malloc(TAPE_SOUND))) {
        fail(recording, -ENOMEM, "gather its sound");
        return;
    }
    while (size > 0) {
        size_t part = TAPE_SOUND - recording->open_bytes;
        part = size < part ? size : part;
        memcpy(recording->open + recording->open_bytes, sound, part);
        recording->open_bytes += (uint32_t)part;
        sound += part;
        size -= part;
        if (recording->open_bytes == TAPE_SOUND)
            open_write(recording);
    }
}

static void silence_add(struct recording *recording, uint64_t frames)
{
    uint8_t silence[STEREO_FRAME];
    memset(silence, g711_silence(MEDIA_PCMA), sizeof silence);
    while (frames-- > 0 && recording->error == 0)
        sound_add(recording, silence, sizeof silence);
}

/* Cuts off what a crash tore: a last frame that its key does not open. */
static int cut_torn(struct recording *recording, uint64_t file_size)
{
    uint8_t frame[TAPE_FRAME], sound[TAPE_SOUND];
    uint64_t whole = file_size > TAPE_HEADER ? (file_size - TAPE_HEADER) / TAPE_FRAME : 0;
    ssize_t rest = pread(recording->fd, frame, sizeof frame, (off_t)tape_at(whole));
    bool good = rest > 0 && tape_open(recording->key, whole, frame, (size_t)rest, sound) > 0;
    sodium_memzero(sound, sizeof sound);
    recording->place = whole;
    return good || ftruncate(recording->fd, (off_t)tape_at(whole)) == 0 ? 0 : -errno;
}

static void recorded(struct recording *recording, uint64_t size, struct media_event *event)
{
    event->kind = MEDIA_RECORDED;
    event->owner = recording->owner;
    event->size = size;
    event->duration_ms = tape_sound(size) * 1000 / TAPE_SECOND;
    memcpy(event->key, recording->key, sizeof event->key);
}

/* Takes the key out of the file, reads it back, and makes it durable under its final name. */
static int finish_file(const struct recorder *recorder, struct recording *recording,
                       struct media_event *event)
{
    uint8_t header[TAPE_HEADER];
    char part[PATH_BYTES], whole[PATH_BYTES];
    struct stat about;

    int status = key_keep(recorder, recording);
    if (status < 0)
        return status;
    tape_header_write(header, recording->owner, NULL);
    ssize_t wrote = pwrite(recording->fd, header, sizeof header, 0);
    if (wrote != (ssize_t)sizeof header)
        return wrote < 0 ? -errno : -EIO;
    if (fstat(recording->fd, &about) < 0)
        return -errno;
    if (tape_sound((uint64_t)about.st_size) > UINT32_MAX - TAPE_WAV_HEADER) /* 74 hours */
        return -EFBIG;
    status = digest_of(recorder->suite, recording->fd, event);
    if (status == 0 && fsync(recording->fd) < 0)
        status = -errno;
    if (status < 0)
        return status;
    path_of(recorder, event->file, "", whole);
    path_of(recorder, event->file, PART, part);
    if (rename(part, whole) < 0)
        return -errno;
    recorded(recording, (uint64_t)about.st_size, event);
    return folder_sync_above(whole);
}

/* The file of an earlier process: whole frames of it stay, what was lost since is silence. False: there
 * is none. */
static bool go_on(const struct recorder *recorder, struct recording *recording)
{
    uint8_t header[TAPE_HEADER];
    char path[PATH_BYTES];
    struct stat about;
    uint64_t owner;
    path_of(recorder, recording->file, PART, path);
    recording->fd = open(path, O_RDWR | O_CLOEXEC);
    if (recording->fd < 0)
        return false;
    if (fstat(recording->fd, &about) < 0 ||
        pread(recording->fd, header, sizeof header, 0) != (ssize_t)sizeof header ||
        tape_header_read(header, &owner, recording->key) < 0) {
        (void)close(recording->fd);
        (void)unlink(path);
        recording->fd = -1;
        return false;
    }
    sodium_memzero(header, sizeof header);
    uint64_t whole = ((uint64_t)about.st_size - TAPE_HEADER) / TAPE_FRAME;
    uint64_t frames = whole * (TAPE_SOUND / STEREO_FRAME);
    uint64_t now_ms = clock_wall_ms();
    uint64_t due = now_ms > recording->begun_ms ? (now_ms - recording->begun_ms) / FRAME_MS : 0;
    recording->place = whole;
    if (ftruncate(recording->fd, (off_t)tape_at(whole)) < 0 ||
        lseek(recording->fd, 0, SEEK_END) < 0)
        fail(recording, -errno, "go on");
    if (due > frames + GAP_MAX_FRAMES)
        due = frames + GAP_MAX_FRAMES;
    if (due > frames)
        silence_add(recording, due - frames);
    return true;
}

static void open_file(struct recorder *recorder, struct recording *recording)
{
    uint8_t header[TAPE_HEADER];
    char path[PATH_BYTES];

    if (recording->begun_ms > 0 && go_on(recorder, recording))
        return;
    (void)snprintf(path, sizeof path, "%s/%.8s", recorder->folder, recording->file);
    if (mkdir(path, 0750) == 0)
        (void)folder_sync_above(path);
    else if (errno != EEXIST)
        fail(recording, -errno, "make its folder");
    path_of(recorder, recording->file, "", path);
    if (access(path, F_OK) == 0)
        fail(recording, -EEXIST, "begin");
    path_of(recorder, recording->file, PART, path);
    recording->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (recording->fd < 0) {
        fail(recording, -errno, "open its file");
        return;
    }
    randombytes_buf(recording->key, sizeof recording->key);
    tape_header_write(header, recording->owner, recording->key);
    int status = write_all(recording->fd, header, sizeof header);
    sodium_memzero(header, sizeof header);
    if (status < 0)
        fail(recording, status, "write");
}

static void missed_add(struct recording *recording, uint32_t missed)
{
    if (missed == 0)
        return;
    log_warn("recording %s: the disk was late; %u ms are silence", recording->file,
             missed * FRAME_MS);
    silence_add(recording, missed);
}

static void recording_free(struct recording *recording)
{
    if (recording->fd >= 0)
        (void)close(recording->fd);
    free(recording->open);
    sodium_memzero(recording, sizeof *recording);
    free(recording);
}

static void say(struct recorder *recorder, struct recording *recording, struct media_event *event)
{
    if (recording->error != 0)
        event->kind = MEDIA_RECORD_FAILED;
    recorder->tell(recorder->owner, event);
    sodium_memzero(event, sizeof *event);
}

static void finish(struct recorder *recorder, struct recording *recording)
{
    struct media_event event = { .kind = MEDIA_RECORD_FAILED, .owner = recording->owner };
    (void)snprintf(event.file, sizeof event.file, "%s", recording->file);
    missed_add(recording, recording->missed);
    open_write(recording);
    if (recording->error == 0) {
        int status = finish_file(recorder, recording, &event);
        if (status < 0)
            fail(recording, status, "finish");
    }
    say(recorder, recording, &event);
    recording_free(recording);
    atomic_fetch_sub(&recorder->count, 1);
}

/* ---- after a crash -------------------------------------------------------------------------- */

/* What a dead process did not finish. False: there was nothing in it, or it cannot be read. */
static bool part_take_up(struct recorder *recorder, struct recording *recording)
{
    uint8_t header[TAPE_HEADER];
    char path[PATH_BYTES];
    struct stat about;
    path_of(recorder, recording->file, PART, path);
    recording->fd = open(path, O_RDWR | O_CLOEXEC);
    if (recording->fd < 0 || fstat(recording->fd, &about) < 0) {
        log_error("recording %s: cannot be opened to finish it", path);
        return false;
    }
    if (pread(recording->fd, header, sizeof header, 0) != (ssize_t)sizeof header ||
        tape_header_read(header, &recording->owner, recording->key) < 0) {
        log_warn("recording %s: the crash left no sound in it; removed", path);
        (void)unlink(path);
        return false;
    }
    if (sodium_is_zero(recording->key, sizeof recording->key) && !key_find(recorder, recording)) {
        log_error("recording %s: its key is gone", path);
        return false;
    }
    sodium_memzero(header, sizeof header);
    int status = cut_torn(recording, (uint64_t)about.st_size);
    if (status < 0)
        fail(recording, status, "cut its torn end off");
    return true;
}

/* A plain recording that an earlier version began becomes a tape. False: there was no sound in it. */
static bool wav_take_up(struct recorder *recorder, struct recording *recording, const char *part)
{
    uint8_t header[WAV_SOUND_AT], both[STEREO_FRAME];
    int fd = open(part, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool good = read(fd, header, sizeof header) == (ssize_t)sizeof header &&
                memcmp(header, "RIFF", 4) == 0 && memcmp(header + 50, "yhow", 4) == 0;
    for (unsigned i = 8; good && i > 0; i--)
        recording->owner = recording->owner << 8 | header[WAV_OWNER_AT + i - 1];
    if (good)
        open_file(recorder, recording);
    while (good && !recording->error && read(fd, both, sizeof both) == (ssize_t)sizeof both)
        sound_add(recording, both, sizeof both);
    (void)close(fd);
    if (!good)
        log_warn("recording %s: the crash left no sound in it; removed", part);
    return good;
}

static struct recording *recording_new(const char *day, const char *name, int length)
{
    struct recording *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return NULL;
    fresh->fd = -1;
    int written = snprintf(fresh->file, sizeof fresh->file, "%.8s/%.*s.tape", day, length, name);
    if (length > 0 && written < (int)sizeof fresh->file)
        return fresh;
    free(fresh);
    return NULL;
}

static void repair_file(struct recorder *recorder, const char *day, const char *name,
                        const char *end)
{
    char part[PATH_BYTES], whole[PATH_BYTES];
    struct recording *recording = recording_new(day, name, (int)(strlen(name) - strlen(end)));
    (void)snprintf(part, sizeof part, "%s/%.8s/%.200s", recorder->folder, day, name);
    if (!recording)
        return;
    path_of(recorder, recording->file, "", whole);
    bool plain = strcmp(end, ".wav" PART) == 0;
    bool sounds =
        plain ? wav_take_up(recorder, recording, part) : part_take_up(recorder, recording);
    if (sounds) {
        log_info("recording %s: finished after a crash", recording->file);
        atomic_fetch_add(&recorder->count, 1);
        finish(recorder, recording);
    } else {
        recording_free(recording);
    }
    /* The sound stays there until it is durable elsewhere. */
    if (plain && (!sounds || access(whole, F_OK) == 0))
        (void)unlink(part);
}

/* Finished, and perhaps never told: its key is still here. Told again, it is the same word. */
static void tell_again(struct recorder *recorder, const char *day, const char *name)
{
    struct media_event event = { .kind = MEDIA_RECORD_FAILED };
    char path[PATH_BYTES];
    struct stat about;
    struct recording *recording =
        recording_new(day, name, (int)(strlen(name) - strlen(".tape" KEY)));
    if (!recording)
        return;
    path_of(recorder, recording->file, "", path);
    recording->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (recording->fd >= 0 && key_find(recorder, recording) && fstat(recording->fd, &about) == 0 &&
        digest_of(recorder->suite, recording->fd, &event) == 0) {
        (void)snprintf(event.file, sizeof event.file, "%s", recording->file);
        recorded(recording, (uint64_t)about.st_size, &event);
        say(recorder, recording, &event);
    }
    recording_free(recording);
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
    for (struct dirent *entry; (entry = readdir(folder));) {
        static const char *const parts[] = { ".tape" PART, ".wav" PART };
        for (unsigned i = 0; i < sizeof parts / sizeof parts[0]; i++)
            if (ends_in(entry->d_name, parts[i]) && !runs(recorder, day, entry->d_name))
                repair_file(recorder, day, entry->d_name, parts[i]);
        if (ends_in(entry->d_name, ".tape" KEY))
            tell_again(recorder, day, entry->d_name);
    }
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

static void take_starts(struct recorder *recorder)
{
    for (struct recording *fresh;
         recorder->running_count < MEDIA_CHANNELS_MAX && ring_take(&recorder->starts, &fresh);) {
        open_file(recorder, fresh);
        recorder->running[recorder->running_count++] = fresh;
    }
}

/* As many as were full: a slow disk keeps nobody from being finished. */
static void unwind(struct recorder *recorder)
{
    uint32_t left = reels_full(&recorder->reels);
    bool behind = left > BEHIND_REELS * recorder->running_count;
    for (; left > 0; left--) {
        struct reel *reel = reels_unwind(&recorder->reels);
        struct recording *recording = reel->recording;
        if (recording->fd < 0 && !recording->error)
            take_starts(recorder); /* it was started before it had sound */
        missed_add(recording, reel->missed);
        sound_add(recording, reel->sound, reel->bytes);
        reels_give(&recorder->reels, reel, behind);
        atomic_fetch_sub(&recording->reel_count, 1);
    }
}

static void recorder_turn(struct recorder *recorder)
{
    struct taken taken;
    while (ring_take(&recorder->taken, &taken))
        key_wipe(recorder, taken.file);
    bool settle = atomic_exchange(&recorder->settle, false);
    take_starts(recorder);
    if (settle) /* after the starts: what goes on is not finished */
        repair_all(recorder);
    for (uint32_t i = 0; i < recorder->running_count; i++) /* nothing comes after */
        recorder->running[i]->over = atomic_load(&recorder->running[i]->ended);
    unwind(recorder);
    for (uint32_t i = 0; i < recorder->running_count;) {
        struct recording *recording = recorder->running[i];
        if (!recording->over) {
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

int recorder_open(struct recorder **recorder, const char *folder, const struct suite *suite,
                  recorder_tell *tell, void *owner)
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
    fresh->suite = suite ? suite : suite_default();
    fresh->tell = tell;
    fresh->owner = owner;
    int status = ring_init(&fresh->starts, sizeof(struct recording *), 2048);
    if (status == 0)
        status = ring_init(&fresh->taken, sizeof(struct taken), TAKEN_MAX);
    if (status == 0)
        status = reels_open(&fresh->reels);
    fresh->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (status == 0 && fresh->wake < 0)
        status = -errno;
    if (status == 0)
        status = -pthread_create(&fresh->thread, NULL, recorder_run, fresh);
    if (status < 0) {
        if (fresh->wake >= 0)
            (void)close(fresh->wake);
        reels_close(&fresh->reels);
        ring_free(&fresh->starts);
        ring_free(&fresh->taken);
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

void recorder_taken(struct recorder *recorder, const char *file)
{
    struct taken taken = { .file = "" };
    if (strlen(file) < sizeof taken.file) {
        (void)snprintf(taken.file, sizeof taken.file, "%s", file);
        if (ring_put(&recorder->taken, &taken)) /* full: told again after the next start */
            recorder_wake(recorder);
    }
}

void recorder_close(struct recorder *recorder)
{
    if (!recorder)
        return;
    atomic_store(&recorder->closing, true);
    recorder_wake(recorder);
    (void)pthread_join(recorder->thread, NULL);
    (void)close(recorder->wake);
    reels_close(&recorder->reels);
    ring_free(&recorder->starts);
    ring_free(&recorder->taken);
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
    (void)snprintf(fresh->file, sizeof fresh->file, "%08u/%.100s.tape", day, name);
    atomic_fetch_add(&recorder->count, 1);
    fresh->reels = &recorder->reels;
    if (!ring_put(&recorder->starts, &fresh)) {
        atomic_fetch_sub(&recorder->count, 1);
        recording_free(fresh);
        return NULL;
    }
    recorder_wake(recorder);
    return fresh;
}

static struct reel *reel_for(struct recording *recording)
{
    bool may = atomic_load(&recording->reel_count) < RECORDING_REELS_MAX;
    struct reel *reel = may ? reels_take(recording->reels) : NULL;
    if (!reel) {
        recording->missed++;
        return NULL;
    }
    atomic_fetch_add(&recording->reel_count, 1);
    reel->recording = recording;
    reel->bytes = 0;
    reel->missed = recording->missed;
    recording->missed = 0;
    return reel;
}

void recording_add(struct recording *recording, const uint8_t left[G711_FRAME],
                   const uint8_t right[G711_FRAME])
{
    if (!recording->reel)
        recording->reel = reel_for(recording);
    struct reel *reel = recording->reel;
    if (!reel)
        return;
    uint8_t *both = reel->sound + reel->bytes;
    for (unsigned i = 0; i < G711_FRAME; i++) {
        both[2 * i] = left[i];
        both[2 * i + 1] = right[i];
    }
    reel->bytes += STEREO_FRAME;
    if (reel->bytes < TAPE_SOUND)
        return;
    reels_fill(recording->reels, reel);
    recording->reel = NULL;
}

void recording_end(struct recording *recording)
{
    if (recording->reel)
        reels_fill(recording->reels, recording->reel);
    recording->reel = NULL;
    atomic_store(&recording->ended, true);
}

uint32_t recorder_count(const struct recorder *recorder)
{
    return atomic_load(&recorder->count);
}
