/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Settings are read while memory runs out. libconfuse dropped a value for which it had no memory and said nothing, and
 * ended with a signal where it did not look. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "proto/settings.h"
#include "tests/fault/fault.h"

enum {
    SILENTLY_WRONG = 3
};

static void reads_all_or_says_why(void **state)
{
    static struct settings whole, settings;
    static struct fault_page page;
    (void)state;
    fault_use(&page);
    assert_int_equal(settings_read(&whole, "ops/city", NULL, NULL), 0);
    uint64_t calls = page.count[FAULT_ALLOCATION];
    fault_use(NULL);
    assert_true(calls > 100);
    for (uint64_t n = 1; n <= calls; n++) {
        int status = 0;
        pid_t child = fork();
        if (child == 0) {
            memset(&page, 0, sizeof page);
            page.at[FAULT_ALLOCATION] = n;
            page.span = 1;
            fault_use(&page);
            int read = settings_read(&settings, "ops/city", NULL, NULL);
            // NOLINTNEXTLINE(bugprone-suspicious-memory-comparison): zeros between members
            _exit(read == 0 && memcmp(&settings, &whole, sizeof whole) != 0 ? SILENTLY_WRONG : 0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status) || WTERMSIG(status) == SIGABRT); /* glibc said a word */
        assert_false(WIFEXITED(status) && WEXITSTATUS(status) == SILENTLY_WRONG);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(reads_all_or_says_why) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
