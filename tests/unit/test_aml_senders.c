/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who may say by HTTPS where a telephone is: the file of secrets, and signatures by it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "consoles/server/aml_post.h"

static struct aml_senders senders;

static int read_file(const char *words)
{
    char home[] = "/tmp/yihao-aml-XXXXXX";
    char path[64];
    assert_non_null(mkdtemp(home));
    (void)snprintf(path, sizeof path, "%s/keys", home);
    assert_int_equal(mkdir(path, 0700), 0);
    (void)snprintf(path, sizeof path, "%s/keys/aml", home);
    FILE *file = words ? fopen(path, "we") : NULL;
    if (file) {
        (void)fputs(words, file);
        (void)fclose(file);
    }
    int status = aml_senders_read(&senders, home);
    (void)unlink(path);
    (void)snprintf(path, sizeof path, "%s/keys", home);
    (void)rmdir(path);
    (void)rmdir(home);
    return status;
}

static const char *signer(const char *body, const char *signature)
{
    return aml_signer(&senders, body, strlen(body), signature, strlen(signature));
}

static void a_signature_says_who_sent_it(void **state)
{
    (void)state;
    assert_int_equal(read_file("# RFC 2202 and RFC 4231, test case 2\n\nother:x\njefe:Jefe\n"), 0);
    const char *body = "what do ya want for nothing?";
    assert_string_equal(signer(body, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"), "jefe");
    assert_string_equal(
        signer(body, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"), "jefe");
    assert_null(signer(body, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c78"));
    assert_null(signer("what do ya want for nothing", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"));
    assert_null(signer(body, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c"));
    assert_null(signer(body, "zffcdf6ae5eb2fa2d27416d5f184df9c259a7c79"));
    assert_null(signer(body, ""));
}

static void without_the_file_nobody_may(void **state)
{
    (void)state;
    assert_int_equal(read_file(NULL), 0);
    assert_int_equal(senders.count, 0);
    assert_null(signer("a", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"));
}

static void a_file_that_says_nothing_sound_stops_the_start(void **state)
{
    (void)state;
    assert_int_equal(read_file("mobile\n"), -EINVAL);
    assert_int_equal(read_file("mobile:\n"), -EINVAL);
    assert_int_equal(read_file(":secret\n"), -EINVAL);
    assert_int_equal(read_file("a:1\nb:1\nc:1\nd:1\ne:1\nf:1\ng:1\nh:1\n"
                               "i:1\nj:1\nk:1\nl:1\nm:1\nn:1\no:1\np:1\nq:1\n"),
                     -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signature_says_who_sent_it),
        cmocka_unit_test(without_the_file_nobody_may),
        cmocka_unit_test(a_file_that_says_nothing_sound_stops_the_start),
    };
    return cmocka_run_group_tests_name("aml_senders", tests, NULL, NULL);
}
