/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The alphabets of texts, by vectors: 3GPP TS 23.038 with its national tables, and the character sets
 * that centres use. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/hex.h"
#include "base/utf8.h"
#include "gateways/sms/alphabet.h"
#include "gateways/sms/assembly.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static char words[4096];

/* Reads one piece as it came; header and letters in hexadecimal. */
static const char *piece_read(uint8_t coding, const char *header, const char *letters)
{
    uint8_t bytes[512];
    size_t head = strlen(header) / 2;
    size_t size = head + strlen(letters) / 2;
    struct piece_in in = { .coding = coding, .has_header = head > 0, .text = { bytes, size } };
    struct part part;
    struct text text = text_into(words, sizeof words);

    assert_true(hex_read(header, bytes, head));
    assert_true(hex_read(letters, bytes + head, size - head));
    part_read(&part, &in);
    parts_words(&part, 1, &text);
    return words;
}

static void every_coding_is_read_as_its_vector_says(void **state)
{
    (void)state;
    static const struct {
        const char *name, *header, *letters, *words;
        uint8_t coding;
    } vectors[] = {
        { "default alphabet", "", "00486910", "@HiΔ", 0 },
        { "extension", "", "1B651B3C1B3E1B281B291B2F1B3D1B401B14", "€[]{}\\~|^", 0 },
        { "unknown extension shows the letter", "", "1B41", "A", 0 },
        { "Turkish single shift", "03240101", "1B471B671B491B691B531B731B631B65", "ĞğİıŞşç€", 0 },
        { "Turkish locking shift", "03250101", "040B0C071C1D4060", "€ĞğıŞşİç", 0 },
        { "Turkish locking shift keeps the rest", "03250101", "41421B651B3C", "AB€[", 0 },
        { "Spanish single shift", "03240102", "1B411B491B4F1B551B611B691B6F1B751B09", "ÁÍÓÚáíóúç",
          0 },
        { "Spanish has no locking shift", "03250102", "0960", "Ç¿", 0 },
        { "Portuguese single shift", "03240103",
          "1B051B0B1B0C1B0E1B0F1B121B1F1B411B5B1B5C1B611B7B1B7C1B7F", "êÔôÁáΦÊÀÃÕÂãõâ", 0 },
        { "Portuguese locking shift", "03250103",
          "0406070809131415161718191A1C1D1E24405B5C5D607B7C7D", "êúíóçÇÀ∞^\\€Ó|ÂâÊºÍÃÕÚ~ãõ`", 0 },
        { "both shifts", "06240101250101", "1B471C", "ĞŞ", 0 },
        { "a table nobody has reads as the default", "032501FF", "40", "¡", 0 },
        { "Latin-1", "", "636166E9", "café", 3 },
        { "UCS-2", "", "4F60597D", "你好", 8 },
        { "UTF-16 surrogates", "", "D83DDC6E597D", "👮好", 8 },
        { "byte-order mark", "", "FEFF597D", "好", 8 },
        { "GBK", "", "C4E3BAC3", "你好", 15 },
        { "GB 18030, four octets", "", "95328236", "𠀀", 15 },
        { "GBK with ASCII and a line end", "", "41C4E30D0A42", "A你\nB", 15 },
        { "Shift JIS", "", "82A0", "あ", 5 },
        { "ISO 8859-5", "", "B6", "Ж", 6 },
        { "ISO 8859-8", "", "E0", "א", 7 },
        { "EUC-KR", "", "BEC8", "안", 14 },
        { "UCS-2 by message class", "", "4F60", "你", 0xE0 },
        { "8-bit data that is text", "", "68656C70", "help", 4 },
        { "8-bit data that is UTF-8", "", "E69591E591BD", "救命", 4 },
        { "UTF-8 where septets were said", "", "E69591E591BD", "救命", 0 },
        { "packed septets where unpacked were said", "", "E8329BFD06", "hello", 0 },
        { "broken GBK is not guessed", "", "C4", "〔无法解码 undecodable, data_coding 15〕c4", 15 },
        { "odd UCS-2 is not guessed", "", "4F6059", "〔无法解码 undecodable, data_coding 8〕4f6059",
          8 },
    };

    for (size_t i = 0; i < COUNT(vectors); i++) {
        const char *read = piece_read(vectors[i].coding, vectors[i].header, vectors[i].letters);
        if (strcmp(read, vectors[i].words) != 0)
            print_error("%s\n", vectors[i].name);
        assert_string_equal(read, vectors[i].words);
    }
}

/* Google's ELS specification, packed, behind an application port header. */
static void a_location_in_packed_octets_is_read(void **state)
{
    (void)state;
    static const char letters[] =
        "415193D98BEDD8F4DEECE6A2C962B7DA8E7DEEB56232990B86A3D9623B39B92783EDE86F784F068BD560B6D8"
        "0C1683E568B81D7BDCB3E176F076EFB89BA77B39DCCD56A3C966B15D39DD9BD570B2590E56CBC168B21A4DB6"
        "6B8FC7BD590CB66BBBC73D990DB66BB37B31D90C";
    static const char location[] =
        "A\"ML=1;lt=37.42175;lg=-122.08461;rd=20;top=20150613010948;lc=68;pm=G;si=987654231;"
        "ei=358239059042542;mcc=310;mnc=260;ml=123";

    assert_string_equal(piece_read(4, "060504158A0000", letters), location);
    assert_string_equal(piece_read(4, "", letters), location);
    assert_string_equal(piece_read(0, "", letters), location);
}

/* A header of six octets: septets begin one bit in (TS 23.040 §9.2.3.24). */
static void packed_septets_begin_behind_the_fill(void **state)
{
    (void)state;
    assert_string_equal(piece_read(0, "050003010101", "D06536FB0D"), "hello");
}

static void lengths_are_counted_as_the_operator_counts(void **state)
{
    (void)state;
    static const struct {
        const char *words;
        enum letters letters;
        size_t units;
        uint8_t parts;
    } vectors[] = {
        { "", LETTERS_GSM7, 0, 1 },     { "Hello", LETTERS_GSM7, 5, 1 },
        { "€", LETTERS_GSM7, 2, 1 },    { "[12345] ok", LETTERS_GSM7, 12, 1 },
        { "ç", LETTERS_UCS2, 1, 1 }, /* the small one is in no default alphabet */
        { "你好", LETTERS_UCS2, 2, 1 }, { "👮", LETTERS_UCS2, 2, 1 },
    };

    for (size_t i = 0; i < COUNT(vectors); i++) {
        static struct parts_out out;
        size_t length = strlen(vectors[i].words);
        enum letters letters = letters_choose(vectors[i].words, length);

        assert_int_equal(letters, vectors[i].letters);
        assert_int_equal(letters_count(letters, vectors[i].words, length), vectors[i].units);
        assert_int_equal(parts_split(&out, vectors[i].words, length, PARTS_HEADER_8, 1), 0);
        assert_int_equal(out.total, vectors[i].parts);
    }
}

/* How many parts so many characters make. */
static uint8_t parts_of(const char *character, size_t times)
{
    static struct parts_out out;
    struct text text = text_into(words, sizeof words);

    for (size_t i = 0; i < times; i++)
        text_add(&text, character);
    assert_false(text.cut);
    assert_int_equal(parts_split(&out, words, text.length, PARTS_HEADER_8, 1), 0);
    return out.total;
}

static void texts_are_split_where_the_operator_splits_them(void **state)
{
    (void)state;
    assert_int_equal(parts_of("a", 160), 1);
    assert_int_equal(parts_of("a", 161), 2);
    assert_int_equal(parts_of("a", 306), 2);
    assert_int_equal(parts_of("a", 307), 3);
    assert_int_equal(parts_of("€", 80), 1);
    assert_int_equal(parts_of("€", 81), 2);
    assert_int_equal(parts_of("€", 152), 2); /* 153 septets a part, and no escape is left alone */
    assert_int_equal(parts_of("€", 153), 3);
    assert_int_equal(parts_of("好", 70), 1);
    assert_int_equal(parts_of("好", 71), 2);
    assert_int_equal(parts_of("好", 134), 2);
    assert_int_equal(parts_of("好", 135), 3);
    assert_int_equal(parts_of("👮", 35), 1);
    assert_int_equal(parts_of("👮", 36), 2);
    assert_int_equal(parts_of("👮", 66), 2); /* 67 units a part, and no pair is cut */
    assert_int_equal(parts_of("👮", 67), 3);
}

/* What the default alphabet has is written with it and read back the same. */
static void the_default_alphabet_is_its_own_inverse(void **state)
{
    (void)state;
    for (uint8_t septet = 0; septet < 128; septet++) {
        uint8_t back[2];

        if (septet == ALPHABET_ESCAPE)
            continue;
        assert_int_equal(alphabet_write(alphabet_character(septet, 0), 0, 0, back), 1);
        assert_int_equal(back[0], septet);
    }
}

/* What a national table has is written behind the escape, or as the table stands instead of the default one. */
static void national_letters_are_written_as_they_are_read(void **state)
{
    static const struct {
        enum letters letters;
        const char *words;
        size_t septets;
    } rows[] = {
        { LETTERS_TURKISH, "ğışİŞĞç€{", 18 },
        { LETTERS_SPANISH, "áíóúÁÍÓÚ¿ñ", 18 },
        { LETTERS_PORTUGUESE, "ãõâêôÃÕÂÊÔçá", 24 },
        { LETTERS_TURKISH_LOCKING, "ğışİŞĞç€{", 10 },
        { LETTERS_PORTUGUESE_LOCKING, "ãõâêôÃÕÂÊÔçá", 12 },
        { LETTERS_TURKISH_BOTH, "ğışİŞĞç€{", 10 },
        { LETTERS_PORTUGUESE_BOTH, "ãõâêôÃÕÂÊÔçáΦ", 14 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct letters_reading reading = { .single = letters_single(rows[i].letters),
                                           .locking = letters_locking(rows[i].letters) };
        char back[64];
        struct text text = text_into(back, sizeof back);
        struct parts_out out;
        struct piece_out piece = { 0 };
        struct part part;

        assert_int_equal(letters_national(reading.locking, reading.single), rows[i].letters);
        assert_true(letters_have(rows[i].letters, rows[i].words, strlen(rows[i].words)));
        assert_false(letters_have(rows[i].letters, "你", 3));
        assert_int_equal(letters_count(rows[i].letters, rows[i].words, strlen(rows[i].words)),
                         rows[i].septets);
        assert_int_equal(parts_split_in(&out, rows[i].letters, rows[i].words, strlen(rows[i].words),
                                        PARTS_HEADER_8, 7),
                         0);
        parts_dress(&out, 1, &piece);
        assert_true(piece.has_header);
        part_read(&part, &(struct piece_in){ .has_header = true, .text = piece.text });
        parts_words(&part, 1, &text);
        assert_string_equal(back, rows[i].words);
    }
}

/* Each locking table is its own inverse, with its single shift and without. */
static void a_locking_table_is_its_own_inverse(void **state)
{
    static const uint8_t tables[] = { ALPHABET_TURKISH, ALPHABET_PORTUGUESE };

    (void)state;
    for (size_t i = 0; i < COUNT(tables); i++) {
        for (uint8_t septet = 0; septet < 128; septet++) {
            uint8_t back[2];

            if (septet == ALPHABET_ESCAPE)
                continue;
            uint32_t character = alphabet_character(septet, tables[i]);
            assert_int_equal(alphabet_write(character, tables[i], tables[i], back), 1);
            assert_int_equal(alphabet_character(back[0], tables[i]), character);
        }
    }
}

/* 160 septets, less the header in septets: 155 behind one table, 152 behind two, 149 and 146 in pieces. */
static void tables_in_the_header_take_their_room(void **state)
{
    static const struct {
        enum letters letters;
        size_t times;
        uint8_t parts;
    } rows[] = {
        { LETTERS_TURKISH_LOCKING, 155, 1 }, { LETTERS_TURKISH_LOCKING, 156, 2 },
        { LETTERS_TURKISH_LOCKING, 298, 2 }, { LETTERS_TURKISH_LOCKING, 299, 3 },
        { LETTERS_PORTUGUESE_BOTH, 152, 1 }, { LETTERS_PORTUGUESE_BOTH, 153, 2 },
        { LETTERS_PORTUGUESE_BOTH, 292, 2 }, { LETTERS_PORTUGUESE_BOTH, 293, 3 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        static struct parts_out out;
        struct text text = text_into(words, sizeof words);

        for (size_t j = 0; j < rows[i].times; j++)
            text_add(&text, "ç");
        assert_int_equal(
            parts_split_in(&out, rows[i].letters, words, text.length, PARTS_HEADER_8, 1), 0);
        assert_int_equal(out.total, rows[i].parts);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_coding_is_read_as_its_vector_says),
        cmocka_unit_test(a_location_in_packed_octets_is_read),
        cmocka_unit_test(packed_septets_begin_behind_the_fill),
        cmocka_unit_test(lengths_are_counted_as_the_operator_counts),
        cmocka_unit_test(texts_are_split_where_the_operator_splits_them),
        cmocka_unit_test(the_default_alphabet_is_its_own_inverse),
        cmocka_unit_test(national_letters_are_written_as_they_are_read),
        cmocka_unit_test(a_locking_table_is_its_own_inverse),
        cmocka_unit_test(tables_in_the_header_take_their_room),
    };
    return cmocka_run_group_tests_name("letters", tests, NULL, NULL);
}
