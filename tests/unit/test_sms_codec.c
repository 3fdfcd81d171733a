/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/hex.h"
#include "gateways/sms/assembly.h"
#include "gateways/sms/parts.h"
#include "gateways/sms/receipt.h"
#include "gateways/sms/smpp_pdu.h"

static char words[200000];

static const char *read_coded(uint8_t coding, const void *octets, size_t count)
{
    struct text text = text_into(words, sizeof words);

    return letters_read(&(struct letters_reading){ .coding = coding }, octets, count, &text) ? words
                                                                                             : NULL;
}

static size_t bytes_of(const char *hex, uint8_t *bytes)
{
    size_t size = strlen(hex) / 2;

    assert_true(hex_read(hex, bytes, size));
    return size;
}

/* A submit_sm as another implementation writes it (the npm package smpp 0.5.1). */
static void a_pdu_of_another_implementation_reads_as_meant(void **state)
{
    (void)state;
    static const char hex[] = "0000003d0000000400000000000000070000003132333435000101"
                              "3836313338303031333830303000000000000001000800084f60597d00680069";
    uint8_t bytes[128];
    uint8_t again[128];
    size_t size = bytes_of(hex, bytes);
    size_t length = 0;
    struct smpp_pdu pdu;

    bytes[3] = (uint8_t)size;
    assert_int_equal(smpp_pdu_measure(bytes, size), size);
    assert_int_equal(smpp_pdu_read(&pdu, bytes, size), 0);
    assert_int_equal(pdu.command, SMPP_SUBMIT_SM);
    assert_int_equal(pdu.sequence, 7);
    assert_string_equal(pdu.source, "12345");
    assert_string_equal(pdu.dest, "8613800138000");
    assert_int_equal(pdu.registered_delivery, 1);
    assert_string_equal(
        read_coded(pdu.data_coding, pdu.short_message.bytes, pdu.short_message.count), "你好hi");
    assert_int_equal(smpp_pdu_write(&pdu, again, sizeof again, &length), 0);
    assert_int_equal(length, size);
    assert_memory_equal(again, bytes, size);
}

static void every_cut_of_a_pdu_is_refused_without_reading_past_it(void **state)
{
    (void)state;
    struct smpp_pdu pdu = { .command = SMPP_DELIVER_SM, .source = "1", .dest = "12110" };
    uint8_t bytes[512];
    size_t length = 0;

    pdu.short_message = (struct octets){ (const uint8_t *)"help", 4 };
    (void)smpp_pdu_add(&pdu, SMPP_TAG_MESSAGE_STATE, (const uint8_t *)"\2", 1);
    assert_int_equal(smpp_pdu_write(&pdu, bytes, sizeof bytes, &length), 0);
    for (size_t cut = SMPP_HEADER_BYTES; cut < length; cut++) {
        uint8_t exact[512]; /* what lies behind is poisoned in the sanitizer's build */
        struct smpp_pdu back;

        memcpy(exact, bytes, cut);
        int status = smpp_pdu_read(&back, exact, cut);
        assert_true(status == -EBADMSG || back.tlvs.broken || cut == length - 5);
    }
}

static void garbage_lengths_end_the_stream(void **state)
{
    (void)state;
    assert_int_equal(smpp_pdu_measure((const uint8_t *)"\0\0\0\x0f", 4), -EBADMSG);
    assert_int_equal(smpp_pdu_measure((const uint8_t *)"\0\x10\0\0", 4), -EBADMSG);
    assert_int_equal(smpp_pdu_measure((const uint8_t *)"\xff\xff\xff\xff", 4), -EBADMSG);
    assert_int_equal(smpp_pdu_measure((const uint8_t *)"\0\0\0\x10", 4), 16);
    assert_int_equal(smpp_pdu_measure((const uint8_t *)"\0\0\0", 3), 0);
}

static void an_error_answer_may_be_a_header_alone(void **state)
{
    (void)state;
    uint8_t bytes[16] = { 0, 0, 0, 16, 0x80, 0, 0, 4, 0, 0, 0, 0x58, 0, 0, 0, 9 };
    struct smpp_pdu pdu;

    assert_int_equal(smpp_pdu_read(&pdu, bytes, sizeof bytes), 0);
    assert_true(pdu.bodiless);
    assert_int_equal(pdu.status, SMPP_RTHROTTLED);
    assert_string_equal(smpp_status_name(pdu.status), "ESME_RTHROTTLED");
    assert_string_equal(smpp_command_name(pdu.command), "submit_sm_resp");
}

static void unknown_optional_parameters_are_kept(void **state)
{
    (void)state;
    struct smpp_pdu pdu = { .command = SMPP_DELIVER_SM };
    struct smpp_pdu back;
    uint8_t bytes[256];
    size_t length = 0;

    (void)smpp_pdu_add(&pdu, (enum smpp_tag)0x1501, (const uint8_t *)"abc", 3);
    assert_int_equal(smpp_pdu_write(&pdu, bytes, sizeof bytes, &length), 0);
    assert_int_equal(smpp_pdu_read(&back, bytes, length), 0);
    assert_int_equal(back.tlvs.count, 1);
    assert_int_equal(back.tlvs.items[0].tag, 0x1501);
    assert_memory_equal(back.tlvs.items[0].value.bytes, "abc", 3);
}

/* ----------------------------------------------------------------------------------- letters */

static void the_default_alphabet_and_its_extension_are_read(void **state)
{
    (void)state;
    assert_string_equal(read_coded(0, "\0\x10Hi\x1b\x65 \x1b\x3c\x1b\x3e", 11), "@ΔHi€ []");
    assert_string_equal(read_coded(0, "a\r\nb\rc", 6), "a\nb\nc");
    assert_string_equal(read_coded(0, "\x1b", 1), "␛");
}

static void surrogate_pairs_are_joined_and_lone_ones_replaced(void **state)
{
    (void)state;
    assert_string_equal(read_coded(8, "\xd8\x3d\xdc\x6e\x59\x7d", 6), "👮好");
    assert_string_equal(read_coded(8, "\xd8\x3d\x59\x7d", 4), "\xEF\xBF\xBD好");
    assert_string_equal(read_coded(8, "\xfe\xff\x59\x7d", 4), "好");
    assert_null(read_coded(8, "\x59", 1));
    assert_string_equal(read_coded(3, "caf\xe9", 4), "café");
}

/* ETSI TS 103 625: the data SMS of a published example, 123 septets. */
static void packed_septets_are_unpacked(void **state)
{
    (void)state;
    static const char hex[] =
        "415193d98bedd8f4deece6a2c962b7da8e7deeb56232990b86a3d9623b39b92783ede86f784f068bd560b6d8"
        "0c1683e568b81d7bdcb3e176f076efb89ba77b39dccd56a3c966b15d39dd9bd570b2590e56cbc168b21a4db66b"
        "8fc7bd590cb66bbbc73d990db66bb37b31d90c";
    uint8_t bytes[256];
    size_t size = bytes_of(hex, bytes);

    assert_string_equal(read_coded(0, bytes, size),
                        "A\"ML=1;lt=37.42175;lg=-122.08461;rd=20;top=20150613010948;lc=68;pm=G;"
                        "si=987654231;ei=358239059042542;mcc=310;mnc=260;ml=123");
}

static void the_shorter_alphabet_is_chosen_and_counted_as_the_operator_counts(void **state)
{
    (void)state;
    assert_int_equal(letters_choose("Price 5 € [x]", strlen("Price 5 € [x]")), LETTERS_GSM7);
    assert_int_equal(letters_count(LETTERS_GSM7, "€[]", strlen("€[]")), 6);
    assert_int_equal(letters_choose("你好", strlen("你好")), LETTERS_UCS2);
    assert_int_equal(letters_count(LETTERS_UCS2, "好👮", strlen("好👮")), 3);
}

/* ------------------------------------------------------------------------------------- parts */

static struct parts_out out;

static void whole_again(enum parts_means means, const char *text)
{
    static struct part parts[PARTS_OUT_MAX];

    assert_int_equal(parts_split(&out, text, strlen(text), means, 0x1234), 0);
    memset(parts, 0, sizeof parts);
    for (uint8_t i = 1; i <= out.total; i++) {
        struct piece_out piece = { 0 };

        parts_dress(&out, i, &piece);
        assert_true(piece.text.count <= (out.letters == LETTERS_UCS2 ? 140 : 160));
        struct piece_in in = { .coding = piece.coding,
                               .has_header = piece.has_header,
                               .reference = piece.beside ? piece.reference : 0,
                               .total = piece.beside ? piece.total : 0,
                               .index = piece.beside ? piece.index : 0,
                               .text = piece.text };
        part_read(&parts[i - 1], &in);
        assert_int_equal(parts[i - 1].total, out.total);
        assert_int_equal(parts[i - 1].index, i);
    }
    struct text back = text_into(words, sizeof words);
    parts_words(parts, out.total, &back);
    assert_string_equal(words, text);
}

static void a_long_text_is_whole_again_by_every_means(void **state)
{
    (void)state;
    char chinese[3001] = "";
    char english[1500] = "";
    struct text zh = text_into(chinese, sizeof chinese);
    struct text en = text_into(english, sizeof english);

    for (int i = 0; i < 120; i++) {
        text_add(&zh, i % 7 == 0 ? "👮" : "路灯坏了");
        text_add(&en, i % 7 == 0 ? "{€}" : "light out ");
    }
    for (enum parts_means means = PARTS_HEADER_8; means <= PARTS_SAR; means++) {
        whole_again(means, chinese);
        assert_true(out.total > 1);
        whole_again(means, english);
        assert_int_equal(out.letters, LETTERS_GSM7);
        whole_again(means, "short");
        assert_int_equal(out.means, PARTS_WHOLE);
    }
}

static void no_piece_ends_inside_a_character(void **state)
{
    (void)state;
    char text[600] = "x";
    struct text words_in = text_into(text, sizeof text);

    text_add(&words_in, "x"); /* moves every pair onto an odd place */
    for (int i = 0; i < 100; i++)
        text_add(&words_in, "👮");
    assert_int_equal(parts_split(&out, text, strlen(text), PARTS_HEADER_8, 1), 0);
    for (uint8_t i = 0; i < out.total; i++) {
        const struct part_out *piece = &out.parts[i];

        assert_false((piece->octets[piece->count - 2] & 0xFC) == 0xD8);
    }
}

static void a_text_of_seventy_and_one_of_seventy_one_characters(void **state)
{
    (void)state;
    char text[300] = "";
    struct text words_in = text_into(text, sizeof text);

    for (int i = 0; i < 70; i++)
        text_add(&words_in, "好");
    assert_int_equal(parts_split(&out, text, strlen(text), PARTS_HEADER_8, 1), 0);
    assert_int_equal(out.total, 1);
    text_add(&words_in, "好");
    assert_int_equal(parts_split(&out, text, strlen(text), PARTS_HEADER_8, 1), 0);
    assert_int_equal(out.total, 2);
}

static void an_impossible_part_number_makes_a_whole_text(void **state)
{
    (void)state;
    static const uint8_t bytes[] = { 5, 0, 3, 9, 3, 4, 'h', 'i' };
    struct piece_in in = { .has_header = true, .text = { bytes, sizeof bytes } };
    struct part part;

    part_read(&part, &in);
    assert_int_equal(part.total, 1);
    assert_int_equal(part.octets.count, 2);
    in.text.count = 1; /* a header that is longer than the text */
    part_read(&part, &in);
    assert_int_equal(part.octets.count, 1);
}

static void letters_nobody_can_read_are_kept_as_hexadecimal(void **state)
{
    (void)state;
    struct part part = { .total = 1, .index = 1, .reading = { .coding = 4 } };
    struct text text = text_into(words, sizeof words);

    part.octets = (struct octets){ (const uint8_t *)"\x01\xff", 2 };
    parts_words(&part, 1, &text);
    assert_string_equal(words, "〔无法解码 undecodable, data_coding 4〕01ff");
}

/* ----------------------------------------------------------------------------------- receipts */

static struct receipt receipt_of(const char *text)
{
    struct smpp_pdu pdu = { .esm_class = SMPP_ESM_RECEIPT };
    struct receipt receipt;

    pdu.short_message = (struct octets){ (const uint8_t *)text, strlen(text) };
    assert_true(receipt_is(&pdu));
    if (receipt_read(&receipt, &pdu) != 0)
        receipt.state = RECEIPT_NONE;
    return receipt;
}

static void receipts_are_read_in_the_common_format(void **state)
{
    (void)state;
    struct receipt receipt = receipt_of("id:7220bb1b sub:001 dlvrd:001 submit date:2611211200 "
                                        "done date:2611211201 stat:DELIVRD err:000 text:Hello");
    assert_string_equal(receipt.message_id, "7220bb1b");
    assert_int_equal(receipt.state, RECEIPT_DELIVERED);
    receipt = receipt_of("ID:12 STAT:undeliv ERR:034");
    assert_int_equal(receipt.state, RECEIPT_FAILED);
    assert_int_equal(receipt.error, 34);
    receipt = receipt_of("id:12 stat:EXPIRED err:000");
    assert_int_equal(receipt.error, SMPP_RDELIVERYFAILURE);
    assert_int_equal(receipt_of("id:12 stat:ACCEPTD err:000").state, RECEIPT_UNDER_WAY);
    assert_int_equal(receipt_of("thank you").state, RECEIPT_NONE);
}

static void parameters_of_a_receipt_win_over_its_text(void **state)
{
    (void)state;
    static const char text[] = "id:99 stat:DELIVRD err:000";
    struct smpp_pdu pdu = { .short_message = { (const uint8_t *)text, sizeof text - 1 } };
    struct receipt receipt;

    (void)smpp_pdu_add(&pdu, SMPP_TAG_RECEIPTED_MESSAGE_ID, (const uint8_t *)"0063", 5);
    (void)smpp_pdu_add(&pdu, SMPP_TAG_MESSAGE_STATE, (const uint8_t *)"\5", 1);
    (void)smpp_pdu_add(&pdu, SMPP_TAG_NETWORK_ERROR_CODE, (const uint8_t *)"\3\0\x45", 3);
    assert_true(receipt_is(&pdu));
    assert_int_equal(receipt_read(&receipt, &pdu), 0);
    assert_string_equal(receipt.message_id, "0063");
    assert_int_equal(receipt.state, RECEIPT_FAILED);
    assert_int_equal(receipt.error, 0x45);
}

static void decimal_and_hexadecimal_ids_are_each_others_spelling(void **state)
{
    (void)state;
    char other[PIECE_ID_BYTES];

    assert_true(receipt_variant("255", 0, other));
    assert_string_equal(other, "ff");
    assert_true(receipt_variant("FF", 2, other));
    assert_string_equal(other, "255");
    assert_false(receipt_variant("FF", 0, other));
    assert_false(receipt_variant("a-b", 2, other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pdu_of_another_implementation_reads_as_meant),
        cmocka_unit_test(every_cut_of_a_pdu_is_refused_without_reading_past_it),
        cmocka_unit_test(garbage_lengths_end_the_stream),
        cmocka_unit_test(an_error_answer_may_be_a_header_alone),
        cmocka_unit_test(unknown_optional_parameters_are_kept),
        cmocka_unit_test(the_default_alphabet_and_its_extension_are_read),
        cmocka_unit_test(surrogate_pairs_are_joined_and_lone_ones_replaced),
        cmocka_unit_test(packed_septets_are_unpacked),
        cmocka_unit_test(the_shorter_alphabet_is_chosen_and_counted_as_the_operator_counts),
        cmocka_unit_test(a_long_text_is_whole_again_by_every_means),
        cmocka_unit_test(no_piece_ends_inside_a_character),
        cmocka_unit_test(a_text_of_seventy_and_one_of_seventy_one_characters),
        cmocka_unit_test(an_impossible_part_number_makes_a_whole_text),
        cmocka_unit_test(letters_nobody_can_read_are_kept_as_hexadecimal),
        cmocka_unit_test(receipts_are_read_in_the_common_format),
        cmocka_unit_test(parameters_of_a_receipt_win_over_its_text),
        cmocka_unit_test(decimal_and_hexadecimal_ids_are_each_others_spelling),
    };
    return cmocka_run_group_tests_name("sms codec", tests, NULL, NULL);
}
