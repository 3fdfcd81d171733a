/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A snapshot is taken up whole or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/prng.h"
#include "dispatcher/core/core.h"
#include "dispatcher/io/snapshot.h"
#include "tests/unit/folder.h"

enum {
    CALLS = 40,
    KILLS = 40,
    CUTS = 200
};

static const struct core_limits limits = { 4, 4, 8, 4, 4, 64, 64, 64, 16, 16, 16 };
static const uint8_t vault_key[32] = { 7 };

static struct life {
    char folder[FOLDER_BYTES];
    char path[FOLDER_BYTES + 16];
    void *memory;
    size_t size;
    char beside[100000]; /* a second part, more than a block */
    struct core *core;
    uint64_t digest;
    struct verdict verdict;
    struct snapshot snapshot;
    struct snapshot_at at;
} life;

static void step(struct command command)
{
    core_step(life.core, &command, &life.verdict);
    assert_int_equal(life.verdict.refusal, REFUSAL_NONE);
}

static void arrive(uint64_t call)
{
    step((struct command){
        .actor_kind = ACTOR_KIND_GATEWAY,
        .actor = 1,
        .at_ms = call,
        .kind = COMMAND_CONTACT_ARRIVE,
        .contact_arrive = { .call = call, .line = 110, .channel = CHANNEL_VOICE } });
}

static int begin(void **state)
{
    (void)state;
    folder_make(life.folder);
    (void)snprintf(life.path, sizeof life.path, "%s/snapshot", life.folder);
    life.size = core_size(&limits);
    life.memory = mmap(NULL, life.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(life.memory, MAP_FAILED);
    life.core = core_init(life.memory, life.size, &limits);
    step((struct command){ .actor_kind = ACTOR_KIND_SYSTEM,
                           .kind = COMMAND_GATEWAY_DEFINE,
                           .gateway_define = { .has_row = true, .row = { .gateway = 1 } } });
    step((struct command){ .actor_kind = ACTOR_KIND_SYSTEM,
                           .kind = COMMAND_LINE_DEFINE,
                           .line_define = { .has_row = true,
                                            .row = { .line = 110,
                                                     .emergency = true,
                                                     .band = BAND_LIFE,
                                                     .answer_target_ms = 10000 } } });
    for (uint64_t call = 1; call <= CALLS; call++)
        arrive(call);
    life.digest = core_digest(life.core);
    memset(life.beside, 0, sizeof life.beside);
    life.beside[sizeof life.beside - 1] = 9;
    assert_int_equal(snapshot_open(&life.snapshot, life.path, vault_key), 0);
    life.snapshot.parts[0] = (struct snapshot_part){ life.memory, life.size };
    life.snapshot.parts[1] = (struct snapshot_part){ life.beside, sizeof life.beside };
    life.snapshot.part_count = 2;
    life.at = (struct snapshot_at){ .seq = core_seq(life.core), .link = { 1, 2, 3 } };
    assert_int_equal(snapshot_write(&life.snapshot, &life.at), 0);
    return 0;
}

static int end(void **state)
{
    (void)state;
    (void)munmap(life.memory, life.size);
    folder_remove(life.folder);
    return 0;
}

static void forget(void)
{
    assert_int_equal(madvise(life.memory, life.size, MADV_DONTNEED), 0);
    memset(life.beside, 0, sizeof life.beside);
}

static void assert_taken_up(void)
{
    struct snapshot_at at;
    forget();
    assert_int_equal(snapshot_read(&life.snapshot, &at), 0);
    assert_memory_equal(&at, &life.at, sizeof at);
    life.core = core_resume(life.memory, &limits);
    assert_non_null(life.core);
    assert_true(core_digest(life.core) == life.digest);
    assert_int_equal(life.beside[sizeof life.beside - 1], 9);
}

static void a_core_taken_up_goes_on_where_it_was(void **state)
{
    (void)state;
    assert_taken_up();
    core_check(life.core);
    assert_int_equal(core_seq(life.core), life.at.seq);
    arrive(CALLS + 1);
    core_check(life.core);
}

static void a_snapshot_of_others_is_left_alone(void **state)
{
    struct snapshot_at at;
    struct snapshot other = life.snapshot;
    struct core_limits wider = limits;
    (void)state;
    forget();
    other.build[0] ^= 1;
    assert_int_equal(snapshot_read(&other, &at), -ESTALE);
    other = life.snapshot;
    other.parts[0].size -= 8;
    assert_int_equal(snapshot_read(&other, &at), -ESTALE);
    other = life.snapshot;
    other.parts[0].memory = (char *)life.memory + 8;
    assert_int_equal(snapshot_read(&other, &at), -ESTALE);
    assert_null(core_resume(life.memory, &limits)); /* untouched: no core */
    other = life.snapshot;
    other.key[0] ^= 1;
    assert_int_equal(snapshot_read(&other, &at), -EBADMSG);
    other.path = "/nonexistent/snapshot";
    assert_int_equal(snapshot_read(&other, &at), -ENOENT);
    assert_true(snapshot_write(&other, &life.at) < 0);
    assert_taken_up();
    wider.texts++;
    assert_null(core_resume(life.memory, &wider));
}

static void a_damaged_snapshot_is_refused(void **state)
{
    struct stat whole;
    struct snapshot_at at;
    struct prng prng;
    (void)state;
    prng_seed(&prng, 119);
    int fd = open(life.path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0 && fstat(fd, &whole) == 0);
    for (int i = 0; i < CUTS; i++) {
        off_t where = (off_t)prng_below(&prng, (uint64_t)whole.st_size);
        uint8_t byte;
        assert_int_equal(pread(fd, &byte, 1, where), 1);
        const uint8_t wrong = (uint8_t)(byte ^ 1U << prng_below(&prng, 8));
        assert_int_equal(pwrite(fd, &wrong, 1, where), 1);
        forget();
        assert_true(snapshot_read(&life.snapshot, &at) < 0);
        assert_int_equal(pwrite(fd, &byte, 1, where), 1);
    }
    assert_taken_up();
    for (int i = 0; i < CUTS; i++) {
        assert_int_equal(ftruncate(fd, whole.st_size - 1 - (whole.st_size - 1) * i / CUTS), 0);
        forget();
        assert_int_equal(snapshot_read(&life.snapshot, &at), -EBADMSG);
    }
    (void)close(fd);
}

static void a_writer_killed_at_any_byte_leaves_the_former_whole(void **state)
{
    struct stat whole;
    struct prng prng;
    (void)state;
    prng_seed(&prng, 120);
    assert_int_equal(stat(life.path, &whole), 0);
    for (int i = 0; i < KILLS; i++) {
        int status = 0;
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            /* The kernel kills who writes beyond. */
            rlim_t most = (rlim_t)prng_below(&prng, (uint64_t)whole.st_size);
            (void)setrlimit(RLIMIT_FSIZE, &(struct rlimit){ most, most });
            _exit(snapshot_write(&life.snapshot, &life.at) == 0);
        }
        (void)prng_below(&prng, 2);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ);
        assert_taken_up();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_core_taken_up_goes_on_where_it_was, begin, end),
        cmocka_unit_test_setup_teardown(a_snapshot_of_others_is_left_alone, begin, end),
        cmocka_unit_test_setup_teardown(a_damaged_snapshot_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(a_writer_killed_at_any_byte_leaves_the_former_whole, begin,
                                        end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
