/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What went out to citizens and came back as receipts, octet by octet, under the digest that the
 * trail's reports bear. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "gateways/sms/evidence.h"
#include "tests/unit/folder.h"
#include "tests/unit/own_exchange.h"

static const uint8_t key[ORIGINALS_KEY_BYTES] = { 3, 2, 1 };

struct found {
    uint8_t indexes[8];
    uint8_t chained[8][ORIGINALS_DIGEST_BYTES]; /* up to and with each */
    struct smpp_pdu pdus[8];
    uint32_t count;
};

static void take(void *owner, const struct original *original)
{
    struct found *found = owner;
    uint32_t at = found->count++;

    assert_true(at < 8);
    found->indexes[at] = original->index;
    if (at > 0)
        memcpy(found->chained[at], found->chained[at - 1], ORIGINALS_DIGEST_BYTES);
    uint8_t pdu[ORIGINALS_DIGEST_BYTES];
    original_digest(pdu, original->octets.bytes, original->octets.count);
    evidence_chain(found->chained[at], pdu);
    assert_int_equal(
        smpp_pdu_read(&found->pdus[at], original->octets.bytes, original->octets.count), 0);
}

/* While the gateway goes on writing. */
static struct found find(uint64_t text)
{
    struct found found = { .count = 0 };
    uint32_t broken = 0;
    char path[128];

    (void)snprintf(path, sizeof path, "%s/sent", folder);
    int count = originals_find(path, key, text, take, &found, &broken);
    assert_int_equal(count, found.count);
    assert_int_equal(broken, 0);
    return found;
}

static void expect_digest(uint64_t ticket, const uint8_t digest[ORIGINALS_DIGEST_BYTES])
{
    assert_memory_equal(link_played.commands[ticket].text_report.original, digest,
                        ORIGINALS_DIGEST_BYTES);
}

static void the_reports_bear_the_digest_of_what_went_over_the_wire(void **state)
{
    (void)state;
    order_text(1, 42, "您的诉求已受理", true);
    answer_submit(last_submit, 0, "m-1");
    expect_report(1, TEXT_STATE_SENT, 0);
    outcome(1, REFUSAL_NONE);
    receipt_in(9, "id:m-1 stat:DELIVRD err:000");
    expect_report(2, TEXT_STATE_DELIVERED, 0);
    struct found found = find(42);
    assert_int_equal(found.count, 3);
    assert_int_equal(found.indexes[0], 1);
    assert_int_equal(found.pdus[0].command, SMPP_SUBMIT_SM);
    assert_string_equal(found.pdus[0].dest, "13900139000");
    assert_int_equal(found.indexes[1], 1 | EVIDENCE_ANSWER);
    assert_int_equal(found.pdus[1].command, SMPP_RESP(SMPP_SUBMIT_SM));
    assert_string_equal(found.pdus[1].message_id, "m-1");
    assert_int_equal(found.indexes[2], 1 | EVIDENCE_RECEIPT);
    assert_int_equal(found.pdus[2].command, SMPP_DELIVER_SM);
    expect_digest(1, found.chained[1]);
    expect_digest(2, found.chained[2]);
}

static void a_restart_goes_on_with_the_digest(void **state)
{
    (void)state;
    order_text(1, 42, "once", true);
    answer_submit(last_submit, 0, "m-1");
    outcome(1, REFUSAL_NONE);
    kill_and_restart();
    pass(2 * 60 * 1000); /* the file is tidied */
    kill_and_restart();
    receipt_in(9, "id:m-1 stat:DELIVRD err:000");
    expect_report(1, TEXT_STATE_DELIVERED, 0);
    struct found found = find(42);
    assert_int_equal(found.count, 3);
    expect_digest(1, found.chained[2]);
}

static void what_is_sent_again_is_kept_again_and_strangers_receipts_too(void **state)
{
    (void)state;
    order_text(1, 42, "maybe twice", false);
    lose_connection();
    bind_again();
    answer_submit(last_submit, 0, "m-2");
    struct found found = find(42);
    assert_int_equal(found.count, 3);
    expect_digest(link_played.tickets, found.chained[2]);
    receipt_in(9, "id:nobodys stat:DELIVRD err:000");
    found = find(0);
    assert_int_equal(found.count, 1);
}

/* How many files below the path have these octets. */
static unsigned files_with(const char *path, const char *octets)
{
    static char content[9 * 1024 * 1024];
    struct dirent *entry;
    unsigned found = 0;
    DIR *listing = opendir(path);

    assert_non_null(listing);
    while ((entry = readdir(listing)) != NULL) {
        char name[512];
        struct stat file;

        (void)snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] == '.' || stat(name, &file) < 0)
            continue;
        if (S_ISDIR(file.st_mode)) {
            found += files_with(name, octets);
            continue;
        }
        FILE *stream = fopen(name, "re");
        assert_non_null(stream);
        size_t size = fread(content, 1, sizeof content, stream);
        (void)fclose(stream);
        found += memmem(content, size, octets, strlen(octets)) != NULL;
    }
    (void)closedir(listing);
    return found;
}

static uint32_t heard_of(uint64_t call)
{
    struct found found = { .count = 0 };
    uint32_t broken = 0;
    char path[128];

    (void)snprintf(path, sizeof path, "%s/originals", folder);
    int count = originals_find(path, key, call, take, &found, &broken);
    assert_int_equal(count, found.count);
    return found.count;
}

static void order_erase(uint64_t seq, uint64_t call, uint64_t text)
{
    struct order order = { .seq = seq, .kind = ORDER_ERASE };

    order.erase.calls_count = order.erase.texts_count = 1;
    order.erase.calls[0] = call;
    order.erase.texts[0] = text;
    exchange_link_handlers()->order(exchange, &order);
    turn();
}

/* The dispatcher destroyed the keys of a contact: its words and number are in no file here, either. */
static void who_is_erased_is_in_no_file(void **state)
{
    (void)state;
    text_in(5, "12345", "burst pipe at my door");
    uint64_t call = link_played.commands[1].contact_arrive.call;
    outcome(1, REFUSAL_NONE);
    order_text(1, 42, "we repair it tomorrow", true);
    answer_submit(last_submit, 0, "m-1");
    outcome(2, REFUSAL_NONE);
    order_text(2, 43, "another's", true);
    assert_int_equal(heard_of(call), 1);
    assert_true(files_with(folder, "we repair it tomorrow") > 0); /* it waits for its receipt */
    assert_int_equal(link_played.done, 2);
    order_erase(3, call, 42);
    turn();
    assert_int_equal(link_played.done, 3);
    assert_int_equal(files_with(folder, "we repair it tomorrow"), 0);
    assert_int_equal(files_with(folder, "burst pipe"), 0);
    assert_int_equal(heard_of(call), 0);
    assert_int_equal(find(42).count, 0);
    assert_int_equal(find(43).count, 1); /* another's stays */
    assert_true(files_with(folder, "another's") > 0);
    kill_and_restart();
    receipt_in(9, "id:m-1 stat:DELIVRD err:000"); /* of nobody's text, and no report */
    assert_int_equal(link_played.tickets, 0);
}

static int begin_kept(void **state)
{
    own_key = key;
    return begin(state);
}

static int end_kept(void **state)
{
    static const char *const stores[] = { "originals", "sent" };
    char path[128];

    for (int i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, stores[i]);
        folder_remove(path);
    }
    return end(state);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, begin_kept, end_kept)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(the_reports_bear_the_digest_of_what_went_over_the_wire),
        STORY(a_restart_goes_on_with_the_digest),
        STORY(what_is_sent_again_is_kept_again_and_strangers_receipts_too),
        STORY(who_is_erased_is_in_no_file),
    };
    return cmocka_run_group_tests_name("sms evidence", tests, NULL, NULL);
}
