/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/domestic.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/civil.h"
#include "base/require.h"
#include "base/text.h"
#include "base/utf8.h"
#include "gateways/sms/letters.h"

enum {
    BEIJING_MIN = 8 * 60,
    MINUTE_MS = 60 * 1000,
    DAY_S = 24 * 3600
};

uint32_t domestic_stamp(uint64_t wall_ms)
{
    uint32_t date = civil_date_at(wall_ms, BEIJING_MIN) % 10000;
    uint32_t second = (uint32_t)((wall_ms + (uint64_t)BEIJING_MIN * MINUTE_MS) / 1000 % DAY_S);

    return date * 1000000 + second / 3600 * 10000 + second / 60 % 60 * 100 + second % 60;
}

void domestic_proof(uint8_t proof[DOMESTIC_PROOF_BYTES], const struct octets *octets, size_t count)
{
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    int good = digest != NULL && EVP_DigestInit_ex(digest, EVP_md5(), NULL);

    for (size_t i = 0; i < count && good; i++)
        good = EVP_DigestUpdate(digest, octets[i].bytes, octets[i].count);
    good = good && EVP_DigestFinal_ex(digest, proof, NULL);
    EVP_MD_CTX_free(digest);
    REQUIRE(good);
}

bool domestic_is_proved(const uint8_t said[DOMESTIC_PROOF_BYTES], uint32_t status,
                        const uint8_t ours[DOMESTIC_PROOF_BYTES], const char *secret)
{
    uint8_t binary[4] = { (uint8_t)(status >> 24), (uint8_t)(status >> 16), (uint8_t)(status >> 8),
                          (uint8_t)status };
    char digits[12];
    struct text text = text_into(digits, sizeof digits);

    text_print(&text, "%u", status);
    const struct octets writings[] = { { binary + 3, 1 },
                                       { binary, sizeof binary },
                                       { (const uint8_t *)digits, text.length } };
    for (size_t i = 0; i < sizeof writings / sizeof *writings; i++) {
        struct octets octets[] = { writings[i],
                                   { ours, DOMESTIC_PROOF_BYTES },
                                   { (const uint8_t *)secret, strlen(secret) } };
        uint8_t proof[DOMESTIC_PROOF_BYTES];

        domestic_proof(proof, octets, 3);
        if (memcmp(proof, said, sizeof proof) == 0)
            return true;
    }
    return false;
}

bool domestic_number(char out[PIECE_ADDRESS_BYTES], const char *number)
{
    static const char *const prefixes[] = { "+86", "0086", "86" };
    const char *rest = number;

    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        size_t length = strlen(prefixes[i]);

        if (strncmp(number, prefixes[i], length) != 0)
            continue;
        if (strlen(number) == length + 11 && number[length] == '1')
            rest = number + length;
        break;
    }
    return text_copy(out, PIECE_ADDRESS_BYTES, rest[0] == '+' ? rest + 1 : rest);
}

uint8_t domestic_coding(uint8_t format)
{
    return format == 0 ? PIECE_CODING_ASCII : format;
}

/* The characters behind the header, one octet or one unit each. False when they do not fit. */
static bool letters_put(struct domestic_text *text, const char *words, enum letters letters)
{
    uint32_t character = 0;

    for (size_t at = 0; words[at] != '\0';) {
        uint8_t octets[4] = { 0 };
        size_t size = utf8_decode(words + at, strlen(words + at), &character);
        size_t count = 1;

        REQUIRE(size > 0);
        if (letters == LETTERS_UCS2)
            count = letters_write(LETTERS_UCS2, character, octets);
        else
            octets[0] = character < 0x80 ? (uint8_t)character : '?';
        if (text->count + count > sizeof text->octets)
            return false;
        memcpy(text->octets + text->count, octets, count);
        text->count += count;
        at += size;
    }
    return true;
}

static bool is_ascii(const char *words)
{
    while (*words != '\0' && (unsigned char)*words < 0x80)
        words++;
    return *words == '\0';
}

bool domestic_text(struct domestic_text *text, const struct piece_out *piece)
{
    struct octets octets = piece->text;
    char words[4 * DOMESTIC_TEXT_MAX + 1];
    struct text letters = text_into(words, sizeof words);
    size_t header = piece->has_header && octets.count > 0 ? 1u + octets.bytes[0] : 0;

    text->coding = piece->coding == PIECE_CODING_ASCII ? 0 : piece->coding;
    text->count = octets.count;
    if (octets.count > sizeof text->octets || header > octets.count)
        return false;
    if (octets.count > 0)
        memcpy(text->octets, octets.bytes, octets.count);
    if (piece->coding != PIECE_CODING_DEFAULT)
        return true;
    struct letters_reading reading = { .coding = PIECE_CODING_DEFAULT };
    if (!letters_join(&reading, octets.bytes + header, octets.count - header, &letters))
        return false;
    text->count = header;
    text->coding = 0;
    if (is_ascii(words))
        return letters_put(text, words, LETTERS_ASCII);
    if (letters_count(LETTERS_UCS2, words, letters.length) * 2 + header <= 140) {
        text->coding = PIECE_CODING_UCS2;
        return letters_put(text, words, LETTERS_UCS2);
    }
    return letters_put(text, words, LETTERS_ASCII);
}

void domestic_validity(char out[18], uint32_t seconds)
{
    struct text text = text_into(out, 18);

    if (seconds != 0)
        text_print(&text, "0000%02u%02u%02u%02u000R", seconds / 86400 % 31, seconds / 3600 % 24,
                   seconds / 60 % 60, seconds % 60);
}

void domestic_deadline(char out[17], uint64_t wall_ms)
{
    struct text text = text_into(out, 17);

    text_print(&text, "%02u%010u032+", civil_date_at(wall_ms, BEIJING_MIN) / 10000 % 100,
               domestic_stamp(wall_ms));
}
