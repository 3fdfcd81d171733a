/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What went out to citizens and came back as receipts, octet by octet, under the digest that the
 * trail's reports bear. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

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
    };
    return cmocka_run_group_tests_name("sms evidence", tests, NULL, NULL);
}
