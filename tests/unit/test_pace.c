/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Long work beside callers keeps to its pace, by a clock that is turned by hand, and says how far it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dispatcher/journal/pace.h"
#include "dispatcher/journal/trickle.h"

enum {
    MB = 1000000,
    PIECE = 256 * 1024
};

#define NS_PER_S UINT64_C(1000000000)

static struct {
    uint64_t now_ns, waits;
    uint64_t told, told_bytes;
} at;

static uint64_t now_ns(void *owner)
{
    (void)owner;
    return at.now_ns;
}

static void wait_ns(void *owner, uint64_t ns)
{
    (void)owner;
    at.now_ns += ns;
    at.waits++;
}

static void tell(void *owner, uint64_t bytes, uint64_t bytes_at_most)
{
    (void)owner;
    assert_true(bytes > at.told_bytes && bytes <= bytes_at_most);
    at.told++;
    at.told_bytes = bytes;
}

static const struct pace_clock turned = { now_ns, wait_ns, NULL };

static int set_up(void **state)
{
    (void)state;
    memset(&at, 0, sizeof at);
    at.now_ns = 7 * NS_PER_S;
    return 0;
}

static void so_many_bytes_a_second_and_no_more(void **state)
{
    (void)state;
    struct pace pace;
    pace_init(&pace, UINT64_C(128) * MB, &turned);
    uint64_t begun_ns = at.now_ns, done = 0;
    for (; done < UINT64_C(1280) * MB; done += PIECE) {
        pace_go(&pace, PIECE);
        uint64_t may = (at.now_ns - begun_ns) / 1000 * 128 / 1000 * MB / 1000;
        assert_true(done + PIECE <= may + UINT64_C(128) * MB * PACE_SLACK_MS / 1000);
    }
    uint64_t took_ms = (at.now_ns - begun_ns) / (NS_PER_S / 1000);
    assert_in_range(took_ms, 9900, 10100);
}

static void who_stood_still_does_not_make_up_for_it(void **state)
{
    (void)state;
    struct pace pace;
    pace_init(&pace, UINT64_C(128) * MB, &turned);
    at.now_ns += 60 * NS_PER_S; /* the processor was somebody else's */
    uint64_t begun_ns = at.now_ns;
    for (uint64_t done = 0; done < UINT64_C(128) * MB; done += PIECE)
        pace_go(&pace, PIECE);
    assert_in_range(at.now_ns - begun_ns, NS_PER_S - NS_PER_S / 10, NS_PER_S + NS_PER_S / 10);
}

static void without_a_pace_nobody_waits(void **state)
{
    (void)state;
    struct pace pace;
    pace_init(&pace, 0, &turned);
    for (int i = 0; i < 1000; i++)
        pace_go(&pace, PIECE);
    assert_true(at.waits == 0 && pace.bytes == UINT64_C(1000) * PIECE);
}

static void it_tells_each_second_how_far_it_is(void **state)
{
    (void)state;
    struct pace pace;
    pace_init(&pace, UINT64_C(10) * MB, &turned);
    pace.tell = tell;
    pace.bytes_at_most = UINT64_C(300) * MB;
    while (pace.bytes < UINT64_C(100) * MB)
        pace_go(&pace, PIECE);
    assert_in_range(at.told, 8, 10);
    assert_true(at.told_bytes > UINT64_C(80) * MB);
}

/* What is written by pieces is there, and a pipe or memory in a file's place is no failure. */
static void a_file_trickles_whatever_it_is(void **state)
{
    (void)state;
    static uint8_t bytes[PIECE];
    static char room[64 * 1024];
    FILE *files[] = { tmpfile(), fmemopen(room, sizeof room, "w"), fopen("/dev/null", "w") };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct trickle trickle = { .file = files[i] };
        size_t pieces = i == 1 ? 0 : 40; /* memory has no room for more */
        assert_non_null(files[i]);
        for (size_t k = 0; k < pieces; k++) {
            assert_true(fwrite(bytes, 1, sizeof bytes, files[i]) == sizeof bytes);
            assert_int_equal(trickle_add(&trickle, sizeof bytes), 0);
        }
        assert_int_equal(trickle_end(&trickle), 0);
        assert_true(trickle.settled <= trickle.written &&
                    trickle.written - trickle.settled < TRICKLE_PIECE_BYTES);
        assert_true(trickle.written == pieces * PIECE && (pieces == 0 || trickle.settled > 0));
        if (i == 0)
            assert_true(ftell(files[i]) == (long)(pieces * PIECE));
        (void)fclose(files[i]);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, set_up)
    const struct CMUnitTest tests[] = {
        TEST(so_many_bytes_a_second_and_no_more), TEST(who_stood_still_does_not_make_up_for_it),
        TEST(without_a_pace_nobody_waits),        TEST(it_tells_each_second_how_far_it_is),
        TEST(a_file_trickles_whatever_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
