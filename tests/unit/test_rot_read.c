/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A disk that rots under a running journal: whoever reads is told, and nobody ends. Any bit of its file, most of
 * them where LMDB trusts a page, is turned over, everything that is read in service is read, and it is turned
 * back.   YIHAO_FLIPS: how many (default 60; 10,000 as a longer proof). */
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
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/prng.h"
#include "dispatcher/journal/journal.h"
#include "dispatcher/views/views.h"
#include "proto/access.h"
#include "proto/codec.h"
#include "tests/unit/folder.h"
#include "tests/unit/town.h"
#include "tests/unit/town_turn.h"
#include "tests/unit/which_suite.h"

enum {
    EVENTS = 600,
    FLIPS = 60,
    OPENINGS = 20,
    ROWS = 64,
    PAGE = 4096,
    HEAD_BYTES = 64 /* of a page: what LMDB believes */
};

static struct {
    char folder[FOLDER_BYTES];
    char file[FOLDER_BYTES + 32];
    struct journal_settings settings;
    struct journal *journal;
    struct codec *codec;
    struct town town;
    uint64_t contact;
    uint64_t incident;
    int fd;
    off_t size;
    struct prng prng;
} home;

static void remember(const struct event *event)
{
    if (event->contact)
        home.contact = event->contact;
    if (event->incident)
        home.incident = event->incident;
}

static void live(int count)
{
    struct event event;
    const struct personal *personal;
    const struct stored_event *row;
    struct outcome outcome = { .key = "k1", .epoch = 1, .seq = 1 };
    static const uint8_t digest[32] = { 1 };
    assert_int_equal(journal_begin(home.journal), 0);
    for (int i = 0; i < count; i++) {
        town_next(&home.town, &event, &personal);
        assert_int_equal(journal_append(home.journal, &event, personal, &row), 0);
        remember(&event);
        (void)snprintf(outcome.key, sizeof outcome.key, "k%d", i);
        outcome.seq++;
        assert_int_equal(journal_answer(home.journal, "trunk-1", digest, &outcome), 0);
    }
    assert_int_equal(journal_commit(home.journal, home.town.at_ms + 1000), 0);
}

/* Within the test: cmocka takes the signals before each, and the store takes them from it. */
static void begin(void)
{
    uint8_t seed[32] = { 1 };
    struct stat facts;
    assert_true(sodium_init() >= 0);
    memset(&home, 0, sizeof home);
    folder_make(home.folder);
    home.settings.folder = home.folder;
    which_keys(&home.settings, seed);
    home.codec = codec_open();
    town_init(&home.town, 1);
    prng_seed(&home.prng, 815);
    assert_int_equal(journal_open(&home.journal, &home.settings), 0);
    for (int i = 0; i < EVENTS; i += 100)
        live(100);
    assert_int_equal(journal_settle(home.journal), 0);
    (void)snprintf(home.file, sizeof home.file, "%s/data.mdb", home.folder);
    home.fd = open(home.file, O_RDWR | O_CLOEXEC);
    assert_int_equal(fstat(home.fd, &facts), 0);
    home.size = facts.st_size;
}

static void end(void)
{
    journal_close(home.journal);
    codec_close(home.codec);
    (void)close(home.fd);
    folder_remove(home.folder);
}

static long flips_wanted(long at_least)
{
    const char *wish = getenv("YIHAO_FLIPS");
    return wish ? strtol(wish, NULL, 10) : at_least;
}

/* ---- turning bits over --------------------------------------------------------------------- */

struct flip {
    off_t at;
    uint8_t before;
};

static void byte_write(off_t at, uint8_t byte)
{
    assert_int_equal(pwrite(home.fd, &byte, 1, at), 1);
}

static struct flip turn_over(void)
{
    struct flip flip = { .at = (off_t)prng_below(&home.prng, (uint64_t)home.size) };
    if (prng_below(&home.prng, 3) > 0)
        flip.at = flip.at / PAGE * PAGE + (off_t)prng_below(&home.prng, HEAD_BYTES);
    assert_int_equal(pread(home.fd, &flip.before, 1, flip.at), 1);
    byte_write(flip.at, flip.before ^ (uint8_t)(1U << prng_below(&home.prng, 8)));
    return flip;
}

/* ---- what service reads -------------------------------------------------------------------- */

static void ask(struct query *query)
{
    static struct answer answer;
    static uint8_t bytes[FRAME_MAX_BYTES];
    static const struct user_row user = { .user = 7 };
    journal_query(home.journal, query, home.town.at_ms, &answer);
    journal_conceal(home.journal, &user, query, &answer);
    assert_true(codec_pack(home.codec, SCHEMA_ANSWER, &answer, bytes, sizeof bytes) >= 0);
}

/* Each kind there is, about what is there. */
static void ask_everything(void)
{
    static struct query query;
    for (uint32_t kind = 1; kind < QUERY_KIND_COUNT; kind++) {
        memset(&query, 0, sizeof query); /* all of every body */
        query.kind = (enum query_kind)kind;
        ask(&query);
    }
    query = (struct query){ .kind = QUERY_INCIDENT, .incident = { .incident = home.incident } };
    ask(&query);
    query = (struct query){ .kind = QUERY_CONTACTS, .contacts = { .contact = home.contact } };
    ask(&query);
    query = (struct query){ .kind = QUERY_EVENTS, .events = { .incident = home.incident } };
    ask(&query);
    query = (struct query){ .kind = QUERY_EVENTS, .events = { .contact = home.contact } };
    ask(&query);
    query = (struct query){ .kind = QUERY_PROOF,
                            .proof = { .seqs_count = 1, .seqs = { EVENTS / 2 }, .size = EVENTS } };
    ask(&query);
    query = (struct query){ .kind = QUERY_CONSISTENCY, .consistency = { 100, EVENTS } };
    ask(&query);
}

static void read_everything(void)
{
    static struct stored_event rows[ROWS];
    static struct record record;
    static struct personal personal;
    static struct outcome outcome;
    static struct closed_incident left;
    static const uint8_t wanted[32] = { 1 };
    struct circle circle;
    uint64_t after = 0, contact;
    uint8_t digest[32];
    ask_everything();
    for (int count; (count = journal_read(home.journal, after, rows, ROWS)) > 0;) {
        for (int i = 0; i < count; i++)
            (void)journal_unpack(home.journal, &rows[i], &record);
        assert_true(rows[count - 1].seq > after);
        after = rows[count - 1].seq;
    }
    for (uint64_t subject = 1; subject <= home.incident; subject += 3) {
        (void)journal_personal(home.journal, subject, &personal);
        (void)journal_is_erased(home.journal, subject);
    }
    (void)journal_left(home.journal, home.incident, &left);
    (void)journal_find_answer(home.journal, "trunk-1", "k42", wanted, &outcome);
    (void)journal_taken(home.journal, "trunk-1", 1);
    (void)views_circle(journal_views(home.journal), home.incident, &circle);
    after = 0;
    while (views_contact_of(journal_views(home.journal), 9, &after, 10, &contact) == 0)
        continue;
    (void)views_digest(journal_views(home.journal), digest);
}

static void reads_outlive_every_bit_that_rots(void **state)
{
    (void)state;
    uint8_t whole[32];
    long flips = flips_wanted(FLIPS), told = 0;
    begin();
    read_everything();
    assert_true(journal_damage(home.journal) == 0);
    for (long i = 0; i < flips; i++) {
        if (i == flips / 2)
            live(5); /* from here on through what the redo file alone has */
        uint64_t before = journal_damage(home.journal);
        struct flip flip = turn_over();
        read_everything();
        byte_write(flip.at, flip.before);
        told += journal_damage(home.journal) > before;
    }
    print_message("%ld flips: %ld told\n", flips, told);
    assert_true(told > 0 || flips < FLIPS);
    live(10); /* what is whole again is read again */
    assert_int_equal(views_digest(journal_views(home.journal), whole), 0);
    end();
}

/* ---- opening ------------------------------------------------------------------------------- */

enum {
    REFUSED = 1,
    TOLD = 2
};

/* As a dispatcher starts: opens, and reads every event. */
static void open_and_end(void)
{
    static struct stored_event rows[ROWS];
    static const int signals[] = { SIGFPE, SIGSEGV, SIGBUS, SIGILL };
    uint64_t after = 0;
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        (void)signal(signals[i], SIG_DFL); /* cmocka would make an ordinary end of them */
    int count = -1, status = journal_open(&home.journal, &home.settings);
    while (status == 0 && (count = journal_read(home.journal, after, rows, ROWS)) > 0)
        after = rows[count - 1].seq;
    _exit(status < 0 || count < 0 ? REFUSED : journal_damage(home.journal) > 0 ? TOLD : 0);
}

static void a_damaged_journal_is_opened_or_refused(void **state)
{
    (void)state;
    begin();
    journal_close(home.journal);
    home.journal = NULL;
    uint8_t *whole = malloc((size_t)home.size);
    assert_non_null(whole);
    assert_int_equal(pread(home.fd, whole, (size_t)home.size, 0), home.size);
    long flips = flips_wanted(OPENINGS), refused = 0;
    for (long i = 0; i < flips; i++) {
        int ended;
        (void)turn_over();
        pid_t child = fork();
        if (child == 0)
            open_and_end();
        assert_int_equal(waitpid(child, &ended, 0), child);
        assert_true(WIFEXITED(ended));
        refused += WEXITSTATUS(ended) == REFUSED;
        assert_int_equal(pwrite(home.fd, whole, (size_t)home.size, 0), home.size);
        assert_int_equal(ftruncate(home.fd, home.size), 0);
    }
    print_message("%ld openings: %ld refused\n", flips, refused);
    free(whole);
    assert_int_equal(journal_open(&home.journal, &home.settings), 0);
    end();
}

/* LMDB divides by the page size that a head of the file names. */
static void a_head_without_a_page_size_is_refused(void **state)
{
    (void)state;
    begin();
    journal_close(home.journal);
    home.journal = NULL;
    enum {
        PAGE_SIZE_AT = 16 + 24,
        PAGE_SIZE_BYTE = 1
    };
    for (off_t head = 0; head <= PAGE; head += PAGE) {
        byte_write(head + PAGE_SIZE_AT + PAGE_SIZE_BYTE, 0);
        assert_int_equal(journal_open(&home.journal, &home.settings), -EBADMSG);
        byte_write(head + PAGE_SIZE_AT + PAGE_SIZE_BYTE, PAGE >> 8);
    }
    assert_int_equal(journal_open(&home.journal, &home.settings), 0);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_outlive_every_bit_that_rots),
        cmocka_unit_test(a_damaged_journal_is_opened_or_refused),
        cmocka_unit_test(a_head_without_a_page_size_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
