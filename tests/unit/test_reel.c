/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sound between the media thread and the disk: what a slow disk costs, and that a quick one costs nearly nothing. */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "gateways/trunk/recorder.h"
#include "gateways/trunk/reel.h"

enum {
    DAY = 20260301,
    FRAMES = TAPE_SOUND / (2 * G711_FRAME), /* of 20 ms, a reel */
    FIRST = 400,                            /* 8 s */
    TAKEN = RECORDING_REELS_MAX * FRAMES,
    LATER = FRAMES,
    BOTH = 2 * G711_FRAME
};

/* A disk that stands still: whoever is told holds the recorder's thread until let go. */
struct disk {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    unsigned told, may;
    struct media_event events[4];
};

static void told(void *owner, const struct media_event *event)
{
    struct disk *disk = owner;
    (void)pthread_mutex_lock(&disk->mutex);
    disk->events[disk->told++] = *event;
    (void)pthread_cond_broadcast(&disk->changed);
    while (disk->may < disk->told)
        (void)pthread_cond_wait(&disk->changed, &disk->mutex);
    (void)pthread_mutex_unlock(&disk->mutex);
}

static void await(struct disk *disk, unsigned count)
{
    (void)pthread_mutex_lock(&disk->mutex);
    while (disk->told < count)
        (void)pthread_cond_wait(&disk->changed, &disk->mutex);
    (void)pthread_mutex_unlock(&disk->mutex);
}

static void let_go(struct disk *disk, unsigned count)
{
    (void)pthread_mutex_lock(&disk->mutex);
    disk->may = count;
    (void)pthread_cond_broadcast(&disk->changed);
    (void)pthread_mutex_unlock(&disk->mutex);
}

static void add(struct recording *recording, uint8_t byte, unsigned frames)
{
    uint8_t frame[G711_FRAME];
    memset(frame, byte, sizeof frame);
    while (frames-- > 0)
        recording_add(recording, frame, frame);
}

/* A short recording: when it is told, what was added before it has been taken to the disk. */
static void stand_still(struct recorder *recorder, struct disk *disk, const char *name,
                        unsigned count)
{
    struct recording *stone = recording_start(recorder, count, DAY, name, 0);
    assert_non_null(stone);
    recording_end(stone);
    let_go(disk, count - 1);
    await(disk, count);
}

static void all_are(const uint8_t *bytes, uint8_t byte, unsigned frames)
{
    for (size_t i = 0; i < (size_t)frames * BOTH; i++)
        assert_int_equal(bytes[i], byte);
}

static void sound_for_which_the_disk_was_too_late_is_silence_of_its_length(void **state)
{
    static uint8_t sound[(FIRST + LATER) * BOTH];
    static struct disk disk = { .mutex = PTHREAD_MUTEX_INITIALIZER,
                                .changed = PTHREAD_COND_INITIALIZER };
    char folder[] = "/tmp/yihao-reel-XXXXXX", path[256], command[64];
    struct recorder *recorder;
    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(recorder_open(&recorder, folder, NULL, told, &disk), 0);
    stand_still(recorder, &disk, "first-stone", 1);
    struct recording *recording = recording_start(recorder, 7, DAY, "call", 0);
    assert_non_null(recording);
    add(recording, 0x11, FIRST);
    stand_still(recorder, &disk, "second-stone", 2);
    add(recording, 0x22, LATER);
    recording_end(recording);
    let_go(&disk, 4);
    await(&disk, 3);
    recorder_close(recorder);

    const struct media_event *event = &disk.events[2];
    assert_int_equal(event->kind, MEDIA_RECORDED);
    assert_int_equal(event->owner, 7);
    assert_int_equal(event->duration_ms, (FIRST + LATER) * 20);
    (void)snprintf(path, sizeof path, "%s/%s", folder, event->file);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(tape_read(fd, event->key, TAPE_WAV_HEADER, sound, sizeof sound), 0);
    (void)close(fd);
    all_are(sound, 0x11, TAKEN);
    all_are(sound + TAKEN * BOTH, g711_silence(MEDIA_PCMA), FIRST - TAKEN);
    all_are(sound + FIRST * BOTH, 0x22, LATER);
    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    assert_int_equal(system(command), 0);
}

/* An hour of a call whose disk is quick. */
static void the_reel_that_came_back_last_is_lent_first(void **state)
{
    struct reels reels;
    (void)state;
    assert_int_equal(reels_open(&reels), 0);
    for (unsigned i = 0; i < 7200; i++) {
        reels_fill(&reels, reels_take(&reels));
        assert_int_equal(reels_full(&reels), 1);
        reels_give(&reels, reels_unwind(&reels), false);
    }
    assert_int_equal(reels.used, 1);
    reels_close(&reels);
}

static bool resident(const struct reels *reels, unsigned number)
{
    static unsigned char pages[REEL_BYTES / 4096];
    assert_int_equal(mincore(&reels->all[number], REEL_BYTES, pages), 0);
    return (pages[0] | pages[sizeof pages - 1]) & 1;
}

static void what_piled_up_before_a_slow_disk_goes_back_to_the_system(void **state)
{
    struct reels reels;
    (void)state;
    assert_int_equal(reels_open(&reels), 0);
    for (unsigned i = 0; i < 100; i++) {
        struct reel *reel = reels_take(&reels);
        memset(reel, 0x55, sizeof *reel);
        reels_fill(&reels, reel);
    }
    for (unsigned i = 0; i < 100; i++) {
        assert_true(resident(&reels, i));
        reels_give(&reels, reels_unwind(&reels), i > 0);
        assert_int_equal(resident(&reels, i), i == 0);
    }
    for (unsigned i = 0; i < 100; i++)
        memset(reels_take(&reels), 0x55, REEL_BYTES);
    assert_int_equal(reels.used, 100);
    reels_close(&reels);
}

static void there_are_so_many_reels_and_no_more(void **state)
{
    struct reels reels;
    (void)state;
    assert_int_equal(reels_open(&reels), 0);
    for (unsigned i = 0; i < REELS_MAX; i++) {
        const struct reel *reel = reels_take(&reels);
        assert_non_null(reel);
        reels_fill(&reels, reel);
    }
    assert_null(reels_take(&reels));
    assert_int_equal(reels_full(&reels), REELS_MAX);
    struct reel *back = reels_unwind(&reels);
    reels_give(&reels, back, false);
    assert_ptr_equal(reels_take(&reels), back);
    assert_null(reels_take(&reels));
    reels_close(&reels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_for_which_the_disk_was_too_late_is_silence_of_its_length),
        cmocka_unit_test(the_reel_that_came_back_last_is_lent_first),
        cmocka_unit_test(what_piled_up_before_a_slow_disk_goes_back_to_the_system),
        cmocka_unit_test(there_are_so_many_reels_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
