/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pictures and documents: what they are by their bytes, and how they lie on disk. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/attachment.h"
#include "tests/unit/which_suite.h"

static void a_kind_is_read_from_the_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        enum attachment_kind kind;
    } files[] = {
        { "\xFF\xD8\xFF\xE0....", 8, ATTACHMENT_KIND_JPEG },
        { "\x89PNG\r\n\x1A\n....", 12, ATTACHMENT_KIND_PNG },
        { "RIFF....WEBPVP8 ", 16, ATTACHMENT_KIND_WEBP },
        { "%PDF-1.7\n", 9, ATTACHMENT_KIND_PDF },
        { "<html><script>", 14, ATTACHMENT_KIND_NONE },
        { "GIF89a....", 10, ATTACHMENT_KIND_NONE },
        { "RIFF....WAVEfmt ", 16, ATTACHMENT_KIND_NONE },
        { "\xFF\xD8\xFF", 3, ATTACHMENT_KIND_NONE }, /* nothing behind */
        { "", 0, ATTACHMENT_KIND_NONE },
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        assert_int_equal(attachment_read_kind((const uint8_t *)files[i].bytes, files[i].size),
                         files[i].kind);
    assert_string_equal(attachment_type(ATTACHMENT_KIND_PDF), "application/pdf");
    assert_string_equal(attachment_ending(ATTACHMENT_KIND_JPEG), "jpg");
}

static void digest_of(const char *path, uint8_t digest[ATTACHMENT_DIGEST])
{
    uint8_t bytes[4096];
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    (void)fclose(file);
    suite_digest(which_suite(), bytes, size, digest);
}

static void what_lies_on_disk_opens_with_its_own_key_alone(void **state)
{
    static const uint8_t picture[] = "\xFF\xD8\xFF\xE0 a lamp that is out";
    char folder[] = "/tmp/yihao-attachments-XXXXXX";
    char path[256], command[256];
    struct attachment made, other;
    uint8_t digest[ATTACHMENT_DIGEST];
    uint8_t *opened;
    size_t size;
    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(
        attachment_write(folder, 20261122, which_suite(), picture, sizeof picture, &made), 0);
    assert_int_equal(
        attachment_write(folder, 20261122, which_suite(), picture, sizeof picture, &other), 0);
    assert_string_not_equal(made.file, other.file);
    assert_memory_not_equal(made.key, other.key, ATTACHMENT_KEY);
    (void)snprintf(path, sizeof path, "%s/%s", folder, made.file);
    assert_int_equal(attachment_read(path, made.key, &opened, &size), 0);
    digest_of(path, digest);
    assert_memory_equal(made.digest, digest, sizeof digest);
    assert_int_equal(made.algorithm, which_suite()->id);
    assert_int_equal(size, sizeof picture);
    assert_memory_equal(opened, picture, size);
    free(opened);
    assert_int_equal(attachment_read(path, other.key, &opened, &size), -EBADMSG);
    assert_null(opened);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, 50, SEEK_SET), 0);
    assert_int_not_equal(fputc('x', file), EOF);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(attachment_read(path, made.key, &opened, &size), -EBADMSG);
    assert_int_equal(attachment_write(folder, 20261122, which_suite(), picture,
                                      ATTACHMENT_BYTES_MAX + 1, &other),
                     -EFBIG);
    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    assert_int_equal(system(command), 0);
    assert_int_equal(attachment_read(path, made.key, &opened, &size), -ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kind_is_read_from_the_bytes),
        cmocka_unit_test(what_lies_on_disk_opens_with_its_own_key_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
