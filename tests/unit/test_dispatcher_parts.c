/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the dispatcher's edge decides by itself: callers, tokens, orders, time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/hex.h"
#include "base/segment.h"
#include "base/text.h"
#include "dispatcher/io/caller.h"
#include "dispatcher/io/checker.h"
#include "dispatcher/io/code.h"
#include "dispatcher/io/named.h"
#include "dispatcher/io/orders.h"
#include "dispatcher/io/peer.h"
#include "dispatcher/io/roster.h"
#include "dispatcher/io/second_factor.h"
#include "dispatcher/io/token.h"
#include "dispatcher/io/wall.h"
#include "dispatcher/provider/local.h"
#include "proto/codec.h"
#include "proto/schema.h"

static const uint8_t key[32] = { 1, 2, 3 };

static void a_number_has_one_index_in_every_spelling(void **state)
{
    (void)state;
    uint64_t index = caller_index(key, "13800001111");
    assert_int_not_equal(index, 0);
    assert_int_equal(caller_index(key, "+86 138-0000-1111"), index);
    assert_int_equal(caller_index(key, "008613800001111"), index);
    assert_int_equal(caller_index(key, "8613800001111"), index);
    assert_int_not_equal(caller_index(key, "13800001112"), index);
    assert_int_not_equal(caller_index((const uint8_t[32]){ 9 }, "13800001111"), index);
    assert_int_not_equal(caller_index(key, "86123456"), caller_index(key, "123456"));
    assert_int_equal(caller_index(key, "anonymous"), 0);
    assert_int_equal(caller_index(key, ""), 0);
}

static void a_token_names_its_user_until_it_is_old_or_touched(void **state)
{
    (void)state;
    uint8_t mac_key[TOKEN_KEY_BYTES], bytes[TOKEN_BYTES];
    struct token token = { .user = 1001, .opened_ms = 5000, .proved_ms = 5000 };
    struct token read = { .user = 0 };
    token_key(key, mac_key);
    token_make(mac_key, &token, bytes);
    assert_true(token_read(mac_key, bytes, TOKEN_BYTES, 6000, &read));
    assert_int_equal(read.user, 1001);
    assert_int_equal(read.opened_ms, 5000);
    assert_int_equal(read.proved_ms, 5000);
    assert_false(token_read(mac_key, bytes, TOKEN_BYTES, 5001 + TOKEN_LIFE_MS, &read));
    assert_false(token_read(mac_key, bytes, TOKEN_BYTES - 1, 6000, &read));
    for (unsigned i = 0; i < TOKEN_BYTES; i++) {
        bytes[i] ^= 1;
        assert_false(token_read(mac_key, bytes, TOKEN_BYTES, 6000, &read));
        bytes[i] ^= 1;
    }
    assert_false(token_read(key, bytes, TOKEN_BYTES, 6000, &read));
}

static void a_proof_is_remembered_and_lengthens_no_session(void **state)
{
    (void)state;
    uint8_t mac_key[TOKEN_KEY_BYTES], bytes[TOKEN_BYTES];
    const uint64_t opened_ms = 1795300000000, proved_ms = opened_ms + TOKEN_LIFE_MS;
    struct token token = { .user = 1001, .opened_ms = opened_ms, .proved_ms = proved_ms };
    struct token read = { .user = 0 };
    token_key(key, mac_key);
    token_make(mac_key, &token, bytes);
    assert_true(token_read(mac_key, bytes, TOKEN_BYTES, proved_ms, &read));
    assert_int_equal(read.opened_ms, opened_ms);
    assert_int_equal(read.proved_ms, proved_ms);
    assert_false(token_read(mac_key, bytes, TOKEN_BYTES, proved_ms + 1, &read));
    token.proved_ms = 0; /* as the release before wrote it */
    token_make(mac_key, &token, bytes);
    assert_true(token_read(mac_key, bytes, TOKEN_BYTES, opened_ms, &read));
    assert_int_equal(read.proved_ms, opened_ms);
}

static void a_notice_names_nobody_twice(void **state)
{
    (void)state;
    struct named named = { 0 };
    bool empty;
    for (uint64_t notice = 1; notice <= NAMED_DRAFTS_MAX; notice++) {
        const struct named_draft *draft = named_open(&named, notice, &empty);
        assert_true(empty);
        for (uint64_t i = 1; i <= 1000; i++) /* many share their low bits */
            assert_true(named_offer(&named, draft, i << 20 | notice));
        assert_false(named_offer(&named, draft, UINT64_C(7) << 20 | notice));
        named_take(&named, notice);
        assert_false(named_offer(&named, draft, UINT64_C(1000) << 20 | notice));
    }
    const struct named_draft *draft = named_open(&named, 1, &empty);
    assert_false(empty);
    for (uint64_t i = 1; i <= NAMED_FRESH_MAX; i++)
        assert_true(named_offer(&named, draft, i));
    assert_false(named_offer(&named, draft, NAMED_FRESH_MAX + 1));
    draft = named_open(&named, 1, &empty); /* what was offered was not taken */
    assert_true(named_offer(&named, draft, 1));
    (void)named_open(&named, NAMED_DRAFTS_MAX + 1, &empty); /* puts the oldest away */
    assert_true(empty);
    (void)named_open(&named, 1, &empty);
    assert_false(empty);
    named_forget(&named, 1);
    (void)named_open(&named, 1, &empty);
    assert_true(empty);
    (void)named_open(&named, 2, &empty);
    assert_true(empty);
    named_close(&named);
}

static void time_goes_on_while_the_clock_is_behind_until_it_has_caught_up(void **state)
{
    (void)state;
    struct wall wall;
    wall_begin(&wall, 1000, 70);
    assert_int_equal(wall_read(&wall, 500, 70), 1000);
    assert_int_equal(wall_read(&wall, 1500, 80), 1500);
    assert_int_equal(wall_read(&wall, 1400, 80), 1500);
    assert_int_equal(wall_read(&wall, 1410, 90), 1509); /* a tenth slower */
    assert_int_equal(wall_read(&wall, 1415, 95), 1513);
    assert_int_equal(wall_read(&wall, 1420, 100), 1518);  /* no part of a millisecond is lost */
    assert_int_equal(wall_read(&wall, 2320, 1000), 2320); /* caught up */
    assert_int_equal(wall.held, 5);
}

static void define_gateway(struct roster *roster, uint32_t number, const char *name,
                           enum gateway_kind kind)
{
    struct event event = { .kind = EVENT_GATEWAY_DEFINED };
    event.gateway_defined.row = (struct gateway_row){ .gateway = number, .kind = kind };
    (void)text_copy(event.gateway_defined.row.name, sizeof event.gateway_defined.row.name, name);
    roster_apply(roster, &event);
}

static void rise(struct roster *roster, uint32_t number)
{
    struct event event = { .kind = EVENT_GATEWAY_ROSE };
    event.gateway_rose.gateway = number;
    event.gateway_rose.epoch = 7;
    roster_apply(roster, &event);
}

static int open_roster(void **state)
{
    static struct roster roster;
    assert_int_equal(roster_open(&roster), 0);
    define_gateway(&roster, 1, "trunk-1", GATEWAY_KIND_TRUNK);
    define_gateway(&roster, 3, "sms-1", GATEWAY_KIND_SMS);
    define_gateway(&roster, 4, "sms-2", GATEWAY_KIND_SMS);
    *state = &roster;
    return 0;
}

static int close_roster(void **state)
{
    roster_close(*state);
    return 0;
}

static void an_offer_rings_the_phone_of_a_call_but_not_of_a_text(void **state)
{
    const struct roster *roster = *state;
    static struct order order;
    uint32_t gateway = 0;
    struct event event = { .kind = EVENT_OFFER_MADE, .offer = 9, .taker = 1001 };
    event.offer_made =
        (struct offer_made){ .gateway = 1, .call = 5, .phone = "sip:1001@127.0.0.1" };
    assert_true(orders_of_call(roster, &event, &order, &gateway));
    assert_int_equal(gateway, 1);
    assert_int_equal(order.kind, ORDER_OFFER);
    assert_int_equal(order.offer.offer, 9);
    assert_string_equal(order.offer.phone, "sip:1001@127.0.0.1");
    event.offer_made = (struct offer_made){ .gateway = 3, .call = 5 };
    assert_false(orders_of_call(roster, &event, &order, &gateway));
}

static void an_offer_that_became_a_conversation_is_not_withdrawn(void **state)
{
    const struct roster *roster = *state;
    static struct order order;
    uint32_t gateway = 0;
    struct event event = { .kind = EVENT_OFFER_ENDED, .offer = 9 };
    event.offer_ended =
        (struct offer_ended){ .cause = OFFER_END_UNANSWERED, .gateway = 1, .call = 5 };
    assert_true(orders_of_call(roster, &event, &order, &gateway));
    assert_int_equal(order.kind, ORDER_WITHDRAW);
    event.offer_ended.cause = OFFER_END_CONNECTED;
    assert_false(orders_of_call(roster, &event, &order, &gateway));
}

static void only_what_the_city_ended_is_released(void **state)
{
    const struct roster *roster = *state;
    static struct order order;
    uint32_t gateway = 0;
    struct event event = { .kind = EVENT_CONTACT_ENDED, .actor_kind = ACTOR_KIND_USER };
    event.contact_ended =
        (struct contact_ended){ .cause = END_CAUSE_TAKER, .gateway = 1, .call = 5 };
    assert_true(orders_of_call(roster, &event, &order, &gateway));
    assert_int_equal(order.release.call, 5);
    event.actor_kind = ACTOR_KIND_GATEWAY;
    assert_false(orders_of_call(roster, &event, &order, &gateway));
}

/* The loop uses one order for all: what the last one said must not go out again. */
static void an_order_says_nothing_of_the_one_before(void **state)
{
    const struct roster *roster = *state;
    static struct order order, clean, dirty;
    static const struct event events[] = {
        { .kind = EVENT_OFFER_MADE,
          .offer = 9,
          .offer_made = { .gateway = 1, .call = 5, .phone = "sip:1001@127.0.0.1" } },
        { .kind = EVENT_OFFER_ACCEPTED, .offer = 9, .offer_accepted = { .gateway = 1, .call = 5 } },
        { .kind = EVENT_OFFER_ENDED,
          .offer = 9,
          .offer_ended = { .cause = OFFER_END_UNANSWERED, .gateway = 1, .call = 5 } },
        { .kind = EVENT_CONTACT_ENDED,
          .actor_kind = ACTOR_KIND_USER,
          .contact_ended = { .cause = END_CAUSE_TAKER, .gateway = 1, .call = 5 } },
        { .kind = EVENT_CALLBACK_QUEUED, .callback_queued = { .gateway = 1, .call = 5 } },
        { .kind = EVENT_CONTACT_ANNOUNCED,
          .contact_announced = { .announcement = ANNOUNCEMENT_CALLBACK_KEPT,
                                 .gateway = 1,
                                 .call = 5 } },
    };
    memset(&dirty, 0xff, sizeof dirty);
    for (uint32_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        uint8_t bytes[2][1024];
        uint32_t gateway;
        int sizes[2];
        struct codec *codec = codec_open();
        for (int from = 0; from < 2; from++) {
            order = from ? dirty : clean;
            assert_true(orders_of_call(roster, &events[i], &order, &gateway));
            sizes[from] = codec_pack(codec, SCHEMA_ORDER, &order, bytes[from], sizeof bytes[from]);
        }
        codec_close(codec);
        assert_true(sizes[0] > 0 && sizes[0] == sizes[1]);
        assert_memory_equal(bytes[0], bytes[1], (size_t)sizes[0]);
    }
}

static void a_text_goes_by_a_living_gateway_and_waits_for_one_otherwise(void **state)
{
    struct roster *roster = *state;
    assert_int_equal(orders_text_gateway(roster, 0, 0), 3);
    rise(roster, 4);
    assert_int_equal(orders_text_gateway(roster, 0, 0), 4);
    assert_int_equal(orders_text_gateway(roster, 3, 0), 3); /* leased: nobody else sends it */
    rise(roster, 3);
    assert_int_equal(orders_text_gateway(roster, 0, 0), 3);
    assert_int_equal(orders_text_gateway(roster, 0, 4), 4);
    assert_int_equal(orders_text_gateway(roster, 1, 0), 3);
}

static void who_writes_english_is_answered_in_english(void **state)
{
    (void)state;
    assert_true(orders_speak_english("Fire at 12 Nanhu Road!"));
    assert_true(orders_speak_english("caf\u00e9 \U0001F525"));
    const char *const others[] = { "",           "111",      "救命", "fire 着火了", "\uff28\uff25",
                                   "\U0001F525", "help \xff" };
    for (unsigned i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_false(orders_speak_english(others[i]));
}

static void placeholders_are_filled_and_unknown_ones_stay(void **state)
{
    const struct roster *roster = *state;
    static char words[3001];
    struct wording wording = { 20261121000001, "路灯已修好", 1795305600000,
                               orders_state_word(INCIDENT_STATE_HANDLING, false), "12345678" };
    orders_word(roster, "编号{number}答复：{text} {date} {state} {x} {", &wording, words);
    assert_string_equal(words, "编号20261121000001答复：路灯已修好 2026-11-22 办理中 {x} {");
}

static void a_long_reply_is_cut_to_the_parts_a_text_may_have(void **state)
{
    struct roster *roster = *state;
    static char words[3001], reply[2401];
    for (size_t i = 0; i < 800; i++)
        memcpy(reply + i * 3, "字", 3);
    struct wording wording = { 20261121000001, reply, 1795305600000, "办理中", "12345678" };
    struct event event = { .kind = EVENT_PARAMETER_CHANGED };
    event.parameter_changed = (struct parameter_changed){ PARAMETER_TEXT_PARTS, 2 };
    roster_apply(roster, &event);
    orders_word(roster, "编号{number}答复：{text}。", &wording, words);
    assert_int_equal(segment_count(words, strlen(words)), 2);
    assert_int_equal(segment_units(words, strlen(words)), 134);
    assert_non_null(strstr(words, "字...。"));
}

static void a_connection_is_known_by_its_route_and_a_program_by_its_newest(void **state)
{
    (void)state;
    static struct peer_table table;
    struct bus_sender first = { .name = "trunk-1", .route = { 0, 1 } };
    struct bus_sender second = { .name = "trunk-1", .route = { 0, 2 } };
    struct peer *old = peer_add(&table, &first);
    old->epoch = 7;
    old->taken = 12;
    assert_null(peer_of(&table, &second));
    struct peer *new = peer_add(&table, &second);
    new->heard_ms = 100;
    assert_ptr_equal(peer_named(&table, "trunk-1"), new);
    assert_int_equal(peer_taken(&table, "trunk-1", 7), 12);
    peer_sweep(&table, 50);
    assert_int_equal(table.count, 1);
    assert_non_null(peer_of(&table, &second));
    for (uint32_t i = 1; i < PEERS_MAX; i++)
        assert_non_null(peer_add(&table, &first));
    assert_null(peer_add(&table, &first));
}

static void the_later_process_of_a_gateway_has_its_calls(void **state)
{
    (void)state;
    static struct peer_table table;
    struct bus_sender left = { .name = "trunk-1", .route = { 0, 1 } };
    struct bus_sender right = { .name = "trunk-1", .route = { 0, 2 } };
    struct bus_sender other = { .name = "trunk-2", .route = { 0, 3 } };
    peer_add(&table, &left)->epoch = 7;
    peer_add(&table, &other)->epoch = 3;
    assert_false(peer_is_late(&table, "trunk-1", 7));
    assert_false(peer_is_late(&table, "trunk-1", 8));
    peer_succeed(&table, "trunk-1", 8);
    peer_add(&table, &right)->epoch = 8;
    assert_null(peer_of(&table, &left));
    assert_non_null(peer_of(&table, &other));
    assert_true(peer_is_late(&table, "trunk-1", 7)); /* its network is back, and it says hello */
    assert_false(peer_is_late(&table, "trunk-2", 3));
}

/* ---- passwords ----------------------------------------------------------------------------- */

static char home[64];
static const struct checker_who anybody = { .again = false };

static int make_home(void **state)
{
    (void)state;
    char path[128], hash[crypto_pwhash_STRBYTES], other[crypto_pwhash_STRBYTES];
    assert_true(sodium_init() >= 0);
    (void)snprintf(home, sizeof home, "/tmp/yihao-home-XXXXXX");
    assert_non_null(mkdtemp(home));
    (void)snprintf(path, sizeof path, "%s/keys", home);
    assert_int_equal(mkdir(path, 0700), 0);
    (void)snprintf(path, sizeof path, "%s/keys/passwords", home);
    assert_int_equal(
        crypto_pwhash_str(hash, "open", 4, crypto_pwhash_OPSLIMIT_MIN, crypto_pwhash_MEMLIMIT_MIN),
        0);
    assert_int_equal(
        crypto_pwhash_str(other, "x", 1, crypto_pwhash_OPSLIMIT_MIN, crypto_pwhash_MEMLIMIT_MIN),
        0);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fprintf(file, "10010:%s\n1001:%s\n", other, hash);
    (void)fclose(file);
    return 0;
}

static int remove_home(void **state)
{
    (void)state;
    char path[128];
    (void)snprintf(path, sizeof path, "%s/keys/passwords", home);
    (void)unlink(path);
    (void)snprintf(path, sizeof path, "%s/keys", home);
    (void)rmdir(path);
    return rmdir(home);
}

static bool check(struct checker *checker, const char *login, const char *password)
{
    struct bus_sender sender = { .name = "console" };
    struct sign_in sign_in = { .id = 3 };
    struct checked checked = { .id = 0 };
    (void)text_copy(sign_in.login, sizeof sign_in.login, login);
    (void)text_copy(sign_in.password, sizeof sign_in.password, password);
    assert_int_equal(checker_ask(checker, &sender, &sign_in, &anybody, 1000), REFUSAL_NONE);
    assert_int_equal(sign_in.password[0], 0);
    while (!checker_take(checker, &checked, 1000))
        continue;
    assert_int_equal(checked.id, 3);
    assert_string_equal(checked.sender.name, "console");
    return checked.right;
}

static void only_the_right_password_of_a_known_login_opens(void **state)
{
    (void)state;
    struct checker *checker = NULL;
    assert_int_equal(checker_open(&checker, home, NULL), 0);
    assert_true(check(checker, "1001", "open"));
    assert_false(check(checker, "1001", "Open"));
    assert_false(check(checker, "100", "open"));
    assert_false(check(checker, "", ""));
    checker_close(checker);
}

/* What a check costs stands in front of the hash: "$argon2id$v=19$m=…,t=…,p=…$". */
static size_t cost_of(const char *hash)
{
    const char *end = strrchr(hash, '=');
    return end ? (size_t)(end - hash) + 2 : 0;
}

static void an_unknown_login_costs_as_much_work_as_a_known_one(void **state)
{
    (void)state;
    char path[128], known[LOCAL_HASH_BYTES], unknown[LOCAL_HASH_BYTES];
    (void)snprintf(path, sizeof path, "%s/keys/passwords", home);
    assert_true(local_find_hash(path, "1001", known));
    static const char *const strangers[] = { "nobody", "", "1", "100", "10011" };
    for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++) {
        assert_false(local_find_hash(path, strangers[i], unknown));
        assert_int_equal(cost_of(unknown), cost_of(known));
        assert_memory_equal(unknown, known, cost_of(known));
    }
    assert_false(local_find_hash("/nowhere", "1001", unknown));
    assert_int_equal(strncmp(unknown, "$argon2id$", 10), 0);
}

/* The least CPU time of a few tries: what else the machine does only adds to it. */
static uint64_t least_work(const struct provider *provider, const char *login, uint64_t least_ns)
{
    struct sign_in asked = { .id = 1 };
    struct timespec from, to;
    (void)text_copy(asked.login, sizeof asked.login, login);
    (void)text_copy(asked.password, sizeof asked.password, "guessed");
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    assert_int_equal(provider->identify(provider->owner, &asked).verdict, PROVIDER_WRONG);
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    uint64_t took_ns =
        (uint64_t)((to.tv_sec - from.tv_sec) * 1000000000LL + to.tv_nsec - from.tv_nsec);
    return took_ns < least_ns ? took_ns : least_ns;
}

static void an_unknown_login_takes_as_long_as_a_known_one(void **state)
{
    (void)state;
    enum {
        ROUNDS = 6,
        MEMORY = 19 * 1024 * 1024 /* as the city's own are made */
    };
    char path[128], hash[crypto_pwhash_STRBYTES];
    uint64_t first_ns = UINT64_MAX, last_ns = UINT64_MAX, unknown_ns = UINT64_MAX;
    (void)snprintf(path, sizeof path, "%s/keys/passwords", home);
    assert_int_equal(crypto_pwhash_str(hash, "open", 4, 2, MEMORY), 0);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (unsigned login = 1001; login <= 1200; login++)
        (void)fprintf(file, "%u:%s\n", login, hash);
    (void)fclose(file);
    struct provider provider = local_provider(path);
    for (int i = 0; i < ROUNDS; i++) { /* in turn, so that all meet the same machine */
        first_ns = least_work(&provider, "1001", first_ns);
        unknown_ns = least_work(&provider, "nobody", unknown_ns);
        last_ns = least_work(&provider, "1200", last_ns);
    }
    print_message("ms: first %.2f, last %.2f, unknown %.2f\n", (double)first_ns / 1e6,
                  (double)last_ns / 1e6, (double)unknown_ns / 1e6);
    uint64_t lowest = first_ns < last_ns ? first_ns : last_ns;
    uint64_t highest = first_ns < last_ns ? last_ns : first_ns;
    assert_true(unknown_ns * 4 > lowest * 3 && unknown_ns * 3 < highest * 4);
    assert_true(highest * 3 < lowest * 4);
}

/* RFC 6238 appendix B: SHA-1, the seed "12345678901234567890". */
static void a_one_time_code_is_the_rfcs_and_works_once(void **state)
{
    (void)state;
    char path[128];
    uint64_t step = 0;
    (void)snprintf(path, sizeof path, "%s/keys/second-factor", home);
    FILE *file = fopen(path, "w");
    /* BLAKE2b-128 of "1001:abcdefghij" stands behind it. */
    uint8_t hash[FACTOR_HASH_BYTES];
    char digits[2 * FACTOR_HASH_BYTES + 1];
    crypto_generichash(hash, sizeof hash, (const uint8_t *)"1001:abcdefghij", 15, NULL, 0);
    hex_write(hash, sizeof hash, digits);
    fprintf(file, "1000:\n1001:GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ:%s,00\n", digits);
    fclose(file);
    assert_int_equal(second_factor_check(path, "1002", "287082", 59, &step), FACTOR_NONE);
    assert_int_equal(second_factor_check(path, "1000", "287082", 59, &step), FACTOR_NONE);
    assert_int_equal(second_factor_check(path, "1001", "", 59, &step), FACTOR_MISSING);
    assert_int_equal(second_factor_check(path, "1001", "287083", 59, &step), FACTOR_WRONG);
    assert_int_equal(second_factor_check(path, "1001", "287082", 59, &step), FACTOR_RIGHT);
    assert_int_equal(second_factor_check(path, "1001", "287082", 59, &step), FACTOR_WRONG);
    assert_int_equal(second_factor_check(path, "1001", "081804", 1111111109 + 30, &step),
                     FACTOR_RIGHT); /* a step late */
    assert_int_equal(second_factor_check(path, "1001", "005924", 1234567890 + 90, &step),
                     FACTOR_WRONG);
    assert_int_equal(second_factor_check(path, "1001", "abcdefghik", 59, &step), FACTOR_WRONG);
    assert_int_equal(second_factor_check(path, "1001", "abcdefghij", 59, &step), FACTOR_RIGHT);
    assert_int_equal(second_factor_check(path, "1001", "abcdefghij", 59, &step), FACTOR_WRONG);
    assert_int_equal(second_factor_check(path, "1001", "", 59, &step), FACTOR_MISSING);

    struct checker *checker = NULL;
    struct bus_sender sender = { .name = "console" };
    struct sign_in sign_in = { .id = 3, .login = "1001", .password = "open" };
    struct checked checked;
    assert_int_equal(checker_open(&checker, home, NULL), 0);
    for (int i = 0; i < CHECKER_FREE_TRIES + 1; i++) { /* asking for the code is no wrong try */
        (void)text_copy(sign_in.password, sizeof sign_in.password, "open");
        assert_int_equal(checker_ask(checker, &sender, &sign_in, &anybody, 1000), REFUSAL_NONE);
        while (!checker_take(checker, &checked, 1000))
            continue;
        assert_false(checked.right);
        assert_int_equal(checked.refusal, REFUSAL_CODE_WANTED);
    }
    checker_close(checker);
    assert_int_equal(unlink(path), 0);
}

static void wrong_passwords_make_the_login_wait_longer_and_longer(void **state)
{
    (void)state;
    struct checker *checker = NULL;
    struct bus_sender sender = { .name = "console" };
    struct sign_in sign_in = { .id = 3, .login = "1001" };
    assert_int_equal(checker_open(&checker, home, NULL), 0);
    for (unsigned i = 0; i < CHECKER_FREE_TRIES; i++)
        assert_false(check(checker, "1001", "wrong"));
    assert_int_equal(checker_ask(checker, &sender, &sign_in, &anybody, 1999),
                     REFUSAL_TOO_MANY_TRIES);
    assert_int_equal(checker_ask(checker, &sender, &sign_in, &anybody, 2000), REFUSAL_NONE);
    struct checked checked;
    while (!checker_take(checker, &checked, 2000))
        continue;
    assert_int_equal(checker_ask(checker, &sender, &sign_in, &anybody, 3999),
                     REFUSAL_TOO_MANY_TRIES);
    checker_close(checker);
}

static void a_flood_of_sign_ins_is_refused_at_its_limit(void **state)
{
    (void)state;
    struct checker *checker = NULL;
    struct bus_sender sender = { .name = "console" };
    assert_int_equal(checker_open(&checker, home, NULL), 0);
    enum refusal refusal = REFUSAL_NONE;
    unsigned taken = 0;
    for (; taken < CHECKER_WAITING_MAX + 1U && refusal == REFUSAL_NONE; taken++) {
        struct sign_in sign_in = { .id = taken };
        (void)snprintf(sign_in.login, sizeof sign_in.login, "u%u", taken);
        refusal = checker_ask(checker, &sender, &sign_in, &anybody, 1000);
    }
    assert_int_equal(refusal, REFUSAL_BUSY);
    assert_int_equal(taken, CHECKER_WAITING_MAX + 1);
    checker_close(checker);
}

static void pseudo_numbers_are_not_dialled(void **state)
{
    (void)state;
    static const char *const sound[] = { "13800001111",   "+86 138-0000-1111", "055162345678",
                                         "110",           "62345678",          "4001234567",
                                         "0085223456789", "+85223456789" };
    static const char *const pseudo[] = {
        "", "00000000000", "000123456789", "861234567890123456", "351234567890123", "11"
    };
    for (size_t i = 0; i < sizeof sound / sizeof sound[0]; i++)
        assert_true(caller_is_diallable(sound[i]));
    for (size_t i = 0; i < sizeof pseudo / sizeof pseudo[0]; i++)
        assert_false(caller_is_diallable(pseudo[i]));
}

static void what_callers_are_told_becomes_orders(void **state)
{
    (void)state;
    static struct roster roster;
    struct order order;
    uint32_t gateway = 0;
    roster.gateways[0].row = (struct gateway_row){ .gateway = 7, .kind = GATEWAY_KIND_TRUNK };
    roster.gateway_count = 1;
    struct event event = { .kind = EVENT_WAIT_ESTIMATED };
    event.wait_estimated =
        (struct wait_estimated){ .wait_ms = 9000, .gateway = 7, .call = 5 }; /* nothing is said */
    assert_false(orders_of_call(&roster, &event, &order, &gateway));
    event.wait_estimated.announcement = ANNOUNCEMENT_WAIT;
    event.wait_estimated.minutes = 3;
    assert_true(orders_of_call(&roster, &event, &order, &gateway));
    assert_int_equal(order.kind, ORDER_ANNOUNCE);
    assert_int_equal(order.announce.minutes, 3);
    event = (struct event){ .kind = EVENT_CALLBACK_QUEUED, .actor_kind = ACTOR_KIND_GATEWAY };
    event.callback_queued = (struct callback_queued){ .gateway = 7, .call = 5 };
    assert_true(orders_of_call(&roster, &event, &order, &gateway));
    assert_int_equal(order.kind, ORDER_RELEASE);
    assert_int_equal(order.release.last, ANNOUNCEMENT_CALLBACK_KEPT);
    event = (struct event){ .kind = EVENT_OFFER_MADE };
    event.offer_made = (struct offer_made){ .gateway = 7, .call = 5, .dial = true };
    assert_false(orders_of_call(&roster, &event, &order, &gateway)); /* the console alone rings */
}

static void a_code_follows_from_number_and_key_alone(void **state)
{
    uint8_t blind[32] = { 1 }, first[CODE_KEY_BYTES], other[CODE_KEY_BYTES];
    char code[CODE_BYTES], again[CODE_BYTES], next[CODE_BYTES];
    (void)state;
    code_key(blind, first);
    blind[0] = 2;
    code_key(blind, other);
    code_make(first, 20261122000001, code);
    code_make(first, 20261122000001, again);
    code_make(first, 20261122000002, next);
    assert_int_equal(strspn(code, "0123456789"), CODE_DIGITS);
    assert_string_equal(code, again);
    assert_string_not_equal(code, next);
    assert_true(code_is(first, 20261122000001, code));
    assert_false(code_is(first, 20261122000002, code));
    assert_false(code_is(other, 20261122000001, code));
    assert_false(code_is(first, 20261122000001, ""));
    code[CODE_DIGITS - 1] = 0;
    assert_false(code_is(first, 20261122000001, code));
    assert_false(code_is(first, 20261122000001, "123456789"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pseudo_numbers_are_not_dialled),
        cmocka_unit_test(what_callers_are_told_becomes_orders),
        cmocka_unit_test(a_number_has_one_index_in_every_spelling),
        cmocka_unit_test(a_token_names_its_user_until_it_is_old_or_touched),
        cmocka_unit_test(a_proof_is_remembered_and_lengthens_no_session),
        cmocka_unit_test(a_notice_names_nobody_twice),
        cmocka_unit_test(time_goes_on_while_the_clock_is_behind_until_it_has_caught_up),
        cmocka_unit_test(an_offer_rings_the_phone_of_a_call_but_not_of_a_text),
        cmocka_unit_test(an_offer_that_became_a_conversation_is_not_withdrawn),
        cmocka_unit_test(only_what_the_city_ended_is_released),
        cmocka_unit_test(an_order_says_nothing_of_the_one_before),
        cmocka_unit_test(a_text_goes_by_a_living_gateway_and_waits_for_one_otherwise),
        cmocka_unit_test(who_writes_english_is_answered_in_english),
        cmocka_unit_test(placeholders_are_filled_and_unknown_ones_stay),
        cmocka_unit_test(a_long_reply_is_cut_to_the_parts_a_text_may_have),
        cmocka_unit_test(the_later_process_of_a_gateway_has_its_calls),
        cmocka_unit_test(a_connection_is_known_by_its_route_and_a_program_by_its_newest),
        cmocka_unit_test_setup_teardown(only_the_right_password_of_a_known_login_opens, make_home,
                                        remove_home),
        cmocka_unit_test_setup_teardown(an_unknown_login_takes_as_long_as_a_known_one, make_home,
                                        remove_home),
        cmocka_unit_test_setup_teardown(an_unknown_login_costs_as_much_work_as_a_known_one,
                                        make_home, remove_home),
        cmocka_unit_test_setup_teardown(a_one_time_code_is_the_rfcs_and_works_once, make_home,
                                        remove_home),
        cmocka_unit_test_setup_teardown(wrong_passwords_make_the_login_wait_longer_and_longer,
                                        make_home, remove_home),
        cmocka_unit_test_setup_teardown(a_flood_of_sign_ins_is_refused_at_its_limit, make_home,
                                        remove_home),
        cmocka_unit_test(a_code_follows_from_number_and_key_alone),
    };
    return cmocka_run_group_tests(tests, open_roster, close_roster);
}
