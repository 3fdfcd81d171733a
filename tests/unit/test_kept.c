/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The file of records that outlives a gateway, and the tables of what is in them. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "gateways/trunk/call.h"
#include "gateways/trunk/kept_table.h"
#include "tests/golden/golden_text.h"

enum {
    HEADER = 4096,
    SMALL = 48
};

static const struct kept_shape small[KEPT_KIND_COUNT] = {
    { 2, SMALL, 7 }, { 1, SMALL, 7 }, { 1, SMALL, 7 }, { 1, SMALL, 7 }
};
static char path[64];

static int set_up(void **state)
{
    (void)snprintf(path, sizeof path, "/tmp/yihao-test-kept-%d", (int)getpid());
    (void)unlink(path);
    *state = NULL;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

static struct kept *open_small(void)
{
    struct kept *kept = NULL;
    assert_int_equal(kept_open(&kept, path, small), 0);
    return kept;
}

static void keep(struct kept *kept, uint32_t place, const char *words)
{
    kept_write(kept, KEPT_CALL, place, (const uint8_t *)words, strlen(words));
}

static const char *read_back(const struct kept *kept, uint32_t place)
{
    static uint8_t body[KEPT_BODY_MAX + 1];
    body[kept_read(kept, KEPT_CALL, place, body)] = 0;
    return (const char *)body;
}

static void the_next_process_reads_the_last_state(void **state)
{
    (void)state;
    struct kept *kept = open_small(), *second = NULL;
    assert_int_equal(kept_former(kept), 0);
    assert_int_equal(kept_open(&second, path, small), -EBUSY);
    keep(kept, 0, "rings");
    keep(kept, 0, "talks");
    keep(kept, 1, "waits");
    kept_beat(kept, 12345);
    kept_close(kept);
    kept = open_small();
    assert_int_equal(kept_former(kept), 12345);
    assert_string_equal(read_back(kept, 0), "talks");
    assert_string_equal(read_back(kept, 1), "waits");
    kept_clear(kept, KEPT_CALL, 0);
    keep(kept, 1, "waits");
    kept_close(kept);
    kept = open_small();
    assert_string_equal(read_back(kept, 0), "");
    assert_string_equal(read_back(kept, 1), "waits");
    kept_close(kept);
}

static void a_record_of_another_layout_is_not_read(void **state)
{
    (void)state;
    struct kept_shape other[KEPT_KIND_COUNT];
    struct kept *kept = open_small();
    memcpy(other, small, sizeof other);
    keep(kept, 0, "talks");
    kept_close(kept);
    other[KEPT_CALL].layout++;
    assert_int_equal(kept_open(&kept, path, other), 0);
    assert_string_equal(read_back(kept, 0), "");
    kept_close(kept);
}

static size_t read_image(uint8_t *image, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = read(fd, image, size);
    assert_true(got > HEADER);
    (void)close(fd);
    return (size_t)got;
}

static void write_image(const uint8_t *image, size_t size)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_int_equal(write(fd, image, size), size);
    (void)close(fd);
}

/* Whatever prefix, or suffix, of a writing reached the memory. */
static void hold_torn(const uint8_t *before, const uint8_t *after, size_t size, const char *old,
                      const char *fresh)
{
    static uint8_t torn[2 * HEADER];
    for (size_t cut = HEADER; cut <= size; cut++) {
        if (cut < size && before[cut] == after[cut])
            continue;
        for (int way = 0; way < 2; way++) {
            memcpy(torn, way ? after : before, size);
            memcpy(torn, way ? before : after, cut);
            write_image(torn, size);
            struct kept *kept = open_small();
            const char *found = read_back(kept, 0);
            assert_true(strcmp(found, old) == 0 || strcmp(found, fresh) == 0);
            keep(kept, 0, "goes on");
            assert_string_equal(read_back(kept, 0), "goes on");
            kept_close(kept);
        }
    }
}

static void a_torn_record_is_the_one_before_or_the_one_after(void **state)
{
    (void)state;
    static uint8_t first[2 * HEADER], second[2 * HEADER], third[2 * HEADER], gone[2 * HEADER];
    struct kept *kept = open_small();
    keep(kept, 0, "the call is ringing");
    size_t size = read_image(first, sizeof first);
    keep(kept, 0, "the call is answered, and recorded");
    (void)read_image(second, sizeof second);
    keep(kept, 0, "held");
    (void)read_image(third, sizeof third);
    kept_close(kept);
    hold_torn(first, second, size, "the call is ringing", "the call is answered, and recorded");
    hold_torn(second, third, size, "the call is answered, and recorded", "held");
    write_image(third, size);
    kept = open_small();
    kept_clear(kept, KEPT_CALL, 0);
    (void)read_image(gone, sizeof gone);
    kept_close(kept);
    assert_null(memmem(gone + HEADER, size - HEADER, "held", 4)); /* nothing personal stays */
}

static void a_call_comes_back_as_it_was(void **state)
{
    (void)state;
    static struct call call, back;
    uint8_t body[KEPT_BODY_MAX];
    memset(&call, 0, sizeof call);
    call.number = UINT64_MAX;
    call.state = CALLER_TALKING;
    call.line = (struct line){ 110, true, false, LANGUAGE_ENGLISH, "" };
    call.dialog.route_count = 2;
    (void)text_copy(call.dialog.call_id, sizeof call.dialog.call_id, "one@city");
    (void)text_copy(call.dialog.routes[1], sizeof call.dialog.routes[1], "sip:proxy;lr");
    (void)text_copy(call.dialog.peer.ip, sizeof call.dialog.peer.ip, "2001:db8::1");
    call.dialog.local_cseq = 7;
    call.dialog.peer.tls = call.dialog.secure = call.held = true;
    call.media.port = 20000;
    call.media.clock = (struct media_clock){ 1, 2, 3, 4, 5 };
    call.theirs.way = CODECS_SILENT;
    call.leave_ms = 9;
    size_t size = kept_pack(kept_call_fields, &call, body);
    assert_true(size <= kept_table_bytes(kept_call_fields));
    memset(&back, 0, sizeof back);
    assert_true(kept_unpack(kept_call_fields, &back, body, size));
    assert_memory_equal(&back, &call, sizeof call);
    for (size_t cut = 0; cut < size; cut++)
        assert_false(kept_unpack(kept_call_fields, &back, body, cut));
    body[size] = 0;
    assert_false(kept_unpack(kept_call_fields, &back, body, size + 1));
    call.state = CALLER_STATE_COUNT;
    size = kept_pack(kept_call_fields, &call, body);
    assert_false(kept_unpack(kept_call_fields, &back, body, size));
}

static void add_table(struct text *text, const char *name, const struct kept_field *fields)
{
    for (; fields->type; fields++) {
        text_print(text, "%-6s %-24s %s of %u bytes", name, fields->name,
                   fields->type == KEPT_TEXT ? "text" : "number", (unsigned)fields->size);
        if (fields->limit)
            text_print(text, " below %u", (unsigned)fields->limit);
        text_add(text, "\n");
    }
}

static void what_is_kept_is_as_written(void **state)
{
    (void)state;
    static char words[16384];
    struct text text = text_into(words, sizeof words);
    add_table(&text, "call", kept_call_fields);
    add_table(&text, "phone", kept_phone_fields);
    add_table(&text, "gone", kept_gone_fields);
    assert_false(text.cut);
    assert_golden("tests/golden/kept.ok", words);
    assert_true(kept_table_bytes(kept_call_fields) <= KEPT_BODY_MAX);
    assert_true(kept_table_bytes(kept_phone_fields) <= KEPT_BODY_MAX);
    assert_true(kept_table_bytes(kept_gone_fields) <= KEPT_BODY_MAX);
}

#define FILED(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FILED(the_next_process_reads_the_last_state),
        FILED(a_record_of_another_layout_is_not_read),
        FILED(a_torn_record_is_the_one_before_or_the_one_after),
        cmocka_unit_test(a_call_comes_back_as_it_was),
        cmocka_unit_test(what_is_kept_is_as_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
