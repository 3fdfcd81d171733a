/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A tape: what a recording is on disk, and what opens it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "proto/tape.h"

enum {
    OWNER = 77,
    SOUND = 3 * TAPE_SOUND + 1234
};

static uint8_t key[TAPE_KEY], sound[SOUND], read_back[TAPE_WAV_HEADER + SOUND + 1];
static FILE *file;

static int set_up(void **state)
{
    uint8_t header[TAPE_HEADER], frame[TAPE_FRAME];
    (void)state;
    randombytes_buf(key, sizeof key);
    randombytes_buf(sound, sizeof sound);
    file = tmpfile();
    assert_non_null(file);
    tape_header_write(header, OWNER, NULL);
    assert_int_equal(fwrite(header, 1, sizeof header, file), sizeof header);
    for (uint64_t place = 0; place * TAPE_SOUND < SOUND; place++) {
        size_t rest = SOUND - place * TAPE_SOUND;
        size_t size = tape_seal(key, place, sound + place * TAPE_SOUND,
                                rest < TAPE_SOUND ? rest : TAPE_SOUND, frame);
        assert_int_equal(fwrite(frame, 1, size, file), size);
    }
    return fflush(file);
}

static int tear_down(void **state)
{
    (void)state;
    return fclose(file);
}

static void any_part_of_its_wav_can_be_read_alone(void **state)
{
    (void)state;
    uint8_t whole[TAPE_WAV_HEADER + SOUND];
    uint64_t size = (uint64_t)ftell(file);
    assert_int_equal(tape_sound(size), SOUND);
    assert_int_equal(tape_wav_size(size), sizeof whole);
    tape_wav_header(whole, SOUND);
    memcpy(whole + TAPE_WAV_HEADER, sound, SOUND);
    for (int i = 0; i < 300; i++) {
        size_t from = randombytes_uniform(sizeof whole);
        size_t count = 1 + randombytes_uniform((uint32_t)(sizeof whole - from));
        assert_int_equal(tape_read(fileno(file), key, from, read_back, count), 0);
        assert_memory_equal(read_back, whole + from, count);
    }
    assert_int_equal(tape_read(fileno(file), key, 0, read_back, sizeof whole + 1), -ENODATA);
}

static void neither_another_key_nor_a_changed_byte_nor_another_place_opens_it(void **state)
{
    (void)state;
    uint8_t frame[TAPE_FRAME], plain[TAPE_SOUND], other[TAPE_KEY] = { 1 };
    assert_int_equal(tape_read(fileno(file), other, TAPE_WAV_HEADER, read_back, 1), -EBADMSG);
    assert_int_equal(pread(fileno(file), frame, sizeof frame, (off_t)tape_at(1)), sizeof frame);
    assert_int_equal(tape_open(key, 1, frame, sizeof frame, plain), TAPE_SOUND);
    assert_int_equal(tape_open(key, 2, frame, sizeof frame, plain), -EBADMSG);
    assert_int_equal(tape_open(key, 1, frame, sizeof frame - 1, plain), -EBADMSG);
    for (int i = 0; i < 100; i++) {
        size_t at = randombytes_uniform(sizeof frame);
        frame[at] ^= 1;
        assert_int_equal(tape_open(key, 1, frame, sizeof frame, plain), -EBADMSG);
        frame[at] ^= 1;
    }
}

static void a_finished_one_has_no_key_in_its_header(void **state)
{
    (void)state;
    uint8_t header[TAPE_HEADER], found[TAPE_KEY];
    uint64_t owner = 0;
    tape_header_write(header, OWNER, key);
    assert_int_equal(tape_header_read(header, &owner, found), 0);
    assert_int_equal(owner, OWNER);
    assert_memory_equal(found, key, sizeof key);
    tape_header_write(header, OWNER, NULL);
    assert_int_equal(tape_header_read(header, &owner, found), 0);
    assert_true(sodium_is_zero(found, sizeof found));
    header[0] ^= 1;
    assert_int_equal(tape_header_read(header, &owner, found), -EBADMSG);
}

static void its_name_tells_it_from_a_plain_recording(void **state)
{
    (void)state;
    assert_true(tape_is("20261122/7.tape"));
    assert_false(tape_is("20261122/7.wav"));
    assert_false(tape_is(".tape"));
    assert_false(tape_is(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_part_of_its_wav_can_be_read_alone),
        cmocka_unit_test(neither_another_key_nor_a_changed_byte_nor_another_place_opens_it),
        cmocka_unit_test(a_finished_one_has_no_key_in_its_header),
        cmocka_unit_test(its_name_tells_it_from_a_plain_recording),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, set_up, tear_down);
}
