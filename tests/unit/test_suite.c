/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The suites by the values of their standards, and by what must never pass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/hex.h"
#include "base/prng.h"
#include "base/require.h"
#include "proto/suite.h"

enum {
    PIECES = 200,
    PAIRS = 24
};

static const struct suite *sm(void)
{
    return suite_named("sm3-sm2");
}

static void digest_is(const struct suite *suite, const char *words, const char *expected)
{
    uint8_t digest[SUITE_DIGEST_BYTES];
    char digits[2 * SUITE_DIGEST_BYTES + 1];
    suite_digest(suite, words, strlen(words), digest);
    hex_write(digest, sizeof digest, digits);
    assert_string_equal(digits, expected);
}

static void bytes_of(const char *digits, uint8_t *bytes, size_t size)
{
    assert_true(hex_read(digits, bytes, size));
}

static void the_rows_are_those_that_trails_name(void **state)
{
    (void)state;
    assert_ptr_equal(suite_of(1), suite_default());
    assert_ptr_equal(suite_of(1), suite_named("blake2b-ed25519"));
    assert_ptr_equal(suite_of(2), sm());
    assert_ptr_equal(suite_at(1), sm());
    assert_null(suite_at(2));
    assert_null(suite_of(0));
    assert_null(suite_of(3));
    assert_null(suite_of(1ULL << 32 | 1));
    assert_null(suite_named(""));
    assert_null(suite_named("sm"));
}

/* GB/T 32905-2016 annex A, and what docs/trail-format.md gives to test with. */
static void sm3_is_the_standards(void **state)
{
    (void)state;
    digest_is(sm(), "abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    digest_is(sm(), "abcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcd",
              "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
    digest_is(sm(), "", "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b");
    digest_is(suite_default(), "",
              "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
}

static void a_digest_may_come_in_pieces_and_two_at_a_time(void **state)
{
    (void)state;
    struct prng prng;
    uint8_t bytes[1000], one[32], other[32], whole[32];
    prng_seed(&prng, 1);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)prng_below(&prng, 256);
    for (unsigned row = 0; suite_at(row); row++)
        for (int piece = 0; piece < PIECES; piece++) {
            struct digesting first, second;
            size_t cut = (size_t)prng_below(&prng, sizeof bytes);
            suite_begin(suite_at(row), &first);
            suite_begin(suite_at(row), &second);
            suite_add(&first, bytes, cut);
            suite_add(&second, bytes, sizeof bytes);
            suite_add(&first, bytes + cut, sizeof bytes - cut);
            suite_end(&second, other);
            suite_end(&first, one);
            suite_digest(suite_at(row), bytes, sizeof bytes, whole);
            assert_memory_equal(one, whole, sizeof one);
            assert_memory_equal(other, whole, sizeof other);
        }
}

/* The secret and the k of GB/T 32918.5-2017 annex A. Its point is odd, so that its key is the negative's here, and
 * r and s were reckoned for that by another implementation, which gives the standard's own values, too. */
static void sm2_is_the_standards(void **state)
{
    (void)state;
    uint8_t seed[32], negative[32], x[32], key[32], secret[64], signature[64];
    bytes_of("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8", seed, 32);
    bytes_of("c6badf6f84debb4ec0c91c75392c6069e9704c01f965501110c07219ebdd7b6b", negative, 32);
    bytes_of("09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020", x, 32);
    bytes_of("fc49a896b5f556f5cf9241267a17dafb6e419886fb14e5e49955c1eccb668e4c"
             "10ca4c159f12f6f039f9eaa577fc1def8d6d8c7270ab82a506867776367d6b77",
             signature, 64);
    sm()->pair(seed, key, secret);
    assert_memory_equal(key, x, 32);
    assert_memory_equal(secret, negative, 32);
    assert_true(sm()->holds(key, "message digest", 14, signature));
    assert_false(sm()->holds(key, "message digesT", 14, signature));
    assert_false(sm()->holds(key, "message digest", 13, signature));
}

static void a_secret_gives_its_own_pair_again(void **state)
{
    (void)state;
    static const char *const rims[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000001",
        "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54121", /* n - 2 */
        "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54122", /* n - 1: is none */
        "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
    };
    uint8_t seed[32], key[32], again[32], secret[64], same[64], signature[64];
    for (unsigned i = 0; i < sizeof rims / sizeof rims[0]; i++)
        for (unsigned row = 0; suite_at(row); row++) {
            const struct suite *suite = suite_at(row);
            bytes_of(rims[i], seed, 32);
            suite->pair(seed, key, secret);
            suite->pair(secret, again, same);
            assert_memory_equal(key, again, 32);
            assert_memory_equal(secret, same, 64);
            suite_public(secret, again);
            assert_memory_equal(key, again, 32);
            assert_true(suite_fits(suite, secret, key));
            suite->sign(secret, "said", 4, signature);
            assert_true(suite->holds(key, "said", 4, signature));
        }
}

static void what_was_changed_does_not_hold(void **state)
{
    (void)state;
    struct prng prng;
    uint8_t key[32], secret[64], signature[64], said[200];
    prng_seed(&prng, 7);
    memset(said, 0x5a, sizeof said);
    for (unsigned row = 0; suite_at(row); row++)
        for (int i = 0; i < PAIRS; i++) {
            const struct suite *suite = suite_at(row);
            size_t size = (size_t)prng_below(&prng, sizeof said - 1) + 1;
            suite_pair(suite, key, secret);
            suite->sign(secret, said, size, signature);
            assert_true(suite->holds(key, said, size, signature));
            assert_false(suite_at(1 - row)->holds(key, said, size, signature));
            assert_false(suite_fits(suite_at(1 - row), secret, key));
            uint8_t *const places[] = { key, said, signature };
            const size_t sizes[] = { sizeof key, size, sizeof signature };
            for (int k = 0; k < 3; k++) {
                uint8_t *byte = places[k] + prng_below(&prng, (uint32_t)sizes[k]);
                uint8_t bit = (uint8_t)(1U << prng_below(&prng, 8));
                *byte ^= bit;
                assert_false(suite->holds(key, said, size, signature));
                *byte ^= bit;
            }
        }
}

/* r and s of 0 and n, and keys that are no point. */
static void numbers_out_of_bounds_do_not_hold(void **state)
{
    (void)state;
    uint8_t key[32], secret[64], signature[64], changed[64], order[32], none[32];
    bytes_of("fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123", order, 32);
    suite_pair(sm(), key, secret);
    sm()->sign(secret, "said", 4, signature);
    for (size_t half = 0; half < 64; half += 32) {
        memcpy(changed, signature, 64);
        memset(changed + half, 0, 32);
        assert_false(sm()->holds(key, "said", 4, changed));
        memcpy(changed + half, order, 32);
        assert_false(sm()->holds(key, "said", 4, changed));
        memset(changed + half, 0xff, 32);
        assert_false(sm()->holds(key, "said", 4, changed));
    }
    memset(changed, 0, 64);
    assert_false(sm()->holds(key, "said", 4, changed));
    memset(none, 0xff, 32); /* not below p */
    assert_false(sm()->holds(none, "said", 4, signature));
    for (uint8_t x = 0; x < 32; x++) { /* of half of all x there is no point */
        memset(none, 0, 32);
        none[31] = x;
        assert_false(sm()->holds(none, "said", 4, signature));
    }
}

static int ready(void **state)
{
    (void)state;
    return sodium_init() < 0 ? -1 : 0;
}

/* For another implementation to check (sm.test.mjs): key, what is said, signature. */
static int print_pairs(void)
{
    struct prng prng;
    uint8_t key[32], secret[64], signature[64], said[100];
    char digits[2 * sizeof said + 1];
    if (sodium_init() < 0)
        return 1;
    prng_seed(&prng, randombytes_random());
    for (int i = 0; i < PAIRS; i++) {
        size_t size = (size_t)prng_below(&prng, sizeof said) + 1;
        randombytes_buf(said, size);
        suite_pair(sm(), key, secret);
        sm()->sign(secret, said, size, signature);
        hex_write(key, sizeof key, digits);
        (void)printf("%s ", digits);
        hex_write(said, size, digits);
        (void)printf("%s ", digits);
        hex_write(signature, sizeof signature, digits);
        (void)printf("%s\n", digits);
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--print") == 0)
        return print_pairs();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rows_are_those_that_trails_name),
        cmocka_unit_test(sm3_is_the_standards),
        cmocka_unit_test(a_digest_may_come_in_pieces_and_two_at_a_time),
        cmocka_unit_test(sm2_is_the_standards),
        cmocka_unit_test(a_secret_gives_its_own_pair_again),
        cmocka_unit_test(what_was_changed_does_not_hold),
        cmocka_unit_test(numbers_out_of_bounds_do_not_hold),
    };
    return cmocka_run_group_tests(tests, ready, NULL);
}
