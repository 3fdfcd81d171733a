/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A trail that was changed after the fact is found out, and the record is named. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/prng.h"
#include "dispatcher/journal/bundle.h"
#include "dispatcher/journal/checkpoint.h"
#include "dispatcher/journal/journal.h"
#include "dispatcher/journal/tree.h"
#include "dispatcher/journal/verify.h"
#include "dispatcher/store/store.h"
#include "dispatcher/store/tables.h"
#include "tests/unit/folder.h"
#include "tests/unit/town.h"
#include "tests/unit/which_suite.h"

enum {
    EVENTS = 3000,
    EDITS = 10000,
    EDIT_KINDS = 5,  /* a byte, a line gone, one come again, two exchanged, cut off */
    EDITS_SM = 1000, /* SM2 takes ten times as long */
    TRAIL_BYTES_MAX = 1 << 20
};

static struct {
    char folder[FOLDER_BYTES];
    char journal_folder[FOLDER_BYTES + 16];
    char file[FOLDER_BYTES + 16];
    struct journal_settings settings;
    struct journal *journal;
    struct town town;
    uint64_t incident;
} home;

static char trail[TRAIL_BYTES_MAX], edited[TRAIL_BYTES_MAX];
static size_t trail_size;

static void live(int count)
{
    for (int i = 0; i < count;) {
        assert_int_equal(journal_begin(home.journal), 0);
        for (int k = 0; k < 250 && i < count; k++, i++) {
            struct event event;
            const struct personal *personal;
            const struct stored_event *row;
            town_next(&home.town, &event, &personal);
            if (event.kind == EVENT_RECORDING_STORED && !home.incident && event.seq > 200)
                home.incident = event.incident;
            assert_int_equal(journal_append(home.journal, &event, personal, &row), 0);
        }
        assert_int_equal(journal_commit(home.journal, home.town.at_ms), 0);
    }
    assert_int_equal(journal_begin(home.journal), 0); /* a last checkpoint */
    assert_int_equal(journal_commit(home.journal, home.town.at_ms + 1000), 0);
}

static int set_up(void **state)
{
    (void)state;
    if (sodium_init() < 0)
        return -1;
    memset(&home, 0, sizeof home);
    folder_make(home.folder);
    (void)snprintf(home.journal_folder, sizeof home.journal_folder, "%s/journal", home.folder);
    (void)snprintf(home.file, sizeof home.file, "%s/trail.txt", home.folder);
    home.settings.folder = home.journal_folder;
    uint8_t seed[32] = { 1 };
    which_keys(&home.settings, seed);
    town_init(&home.town, 1);
    if (journal_open(&home.journal, &home.settings) < 0)
        return -1;
    live(EVENTS);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    journal_close(home.journal);
    folder_remove(home.folder);
    return 0;
}

static int ask_journal(void *owner, const struct query *query, struct answer *answer)
{
    journal_query(owner, query, 0, answer);
    return 0;
}

static void export_trail(uint64_t incident, uint64_t first, uint64_t last)
{
    struct bundle_wish wish = { incident, first, last, false };
    (void)unlink(home.file);
    assert_int_equal(bundle_write(home.file, &wish, ask_journal, home.journal), 0);
    FILE *file = fopen(home.file, "rb");
    trail_size = fread(trail, 1, sizeof trail, file);
    (void)fclose(file);
    assert_true(trail_size > 0 && trail_size < sizeof trail);
}

static struct bundle_report verify(const char *bytes, size_t size)
{
    struct bundle_report report;
    FILE *file = fmemopen((void *)(uintptr_t)bytes, size, "rb");
    assert_int_equal(bundle_verify_stream(file, home.settings.sign_public, &report), 0);
    (void)fclose(file);
    return report;
}

static void an_incident_is_exported_and_verified(void **state)
{
    (void)state;
    export_trail(home.incident, 0, 0);
    struct bundle_report report;
    assert_int_equal(bundle_verify(home.file, NULL, &report), 0);
    assert_true(report.ok);
    assert_true(report.incident == home.incident);
    assert_true(report.records >= 8 && report.gaps > 0);
    assert_int_equal(report.recordings, 1);
    assert_memory_equal(report.public_key, home.settings.sign_public, 32);
    assert_true(report.size >= report.last && report.size <= EVENTS);
    uint8_t other[32] = { 9 };
    assert_int_equal(bundle_verify(home.file, other, &report), 0);
    assert_false(report.ok);
    assert_int_equal(bundle_verify("/nowhere", NULL, &report), -ENOENT);
}

static void any_range_is_exported_and_verified(void **state)
{
    (void)state;
    static const uint64_t ranges[][2] = { { 1, 1 },      { 1, 0 },         { 1, EVENTS },
                                          { 2, 9 },      { 1024, 1024 },   { 1000, 1100 },
                                          { EVENTS, 0 }, { 5, EVENTS + 9 } };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        struct bundle_wish wish = { 0, ranges[i][0], ranges[i][1], false };
        struct bundle_report report;
        (void)unlink(home.file);
        int status = bundle_write(home.file, &wish, ask_journal, home.journal);
        if (ranges[i][1] > EVENTS) {
            assert_int_equal(status, -EAGAIN);
            continue;
        }
        assert_int_equal(status, 0);
        assert_int_equal(bundle_verify(home.file, home.settings.sign_public, &report), 0);
        assert_true(report.ok);
        assert_true(report.first == ranges[i][0]);
        assert_true(report.last == (ranges[i][1] ? ranges[i][1] : EVENTS));
    }
    struct bundle_wish nothing = { .incident = 123456789 };
    assert_int_equal(bundle_write(home.file, &nothing, ask_journal, home.journal), -ENOENT);
}

/* ---- edits --------------------------------------------------------------------------------- */

struct line {
    size_t from;
    size_t size; /* with the line feed */
};
static struct line lines[4096];
static uint32_t line_count;

static void lines_find(void)
{
    line_count = 0;
    for (size_t at = 0; at < trail_size; line_count++) {
        const char *end = memchr(trail + at, '\n', trail_size - at);
        lines[line_count] = (struct line){ at, (size_t)(end - trail) + 1 - at };
        at += lines[line_count].size;
    }
}

static size_t edited_size;

static void add(const char *bytes, size_t size)
{
    memcpy(edited + edited_size, bytes, size);
    edited_size += size;
}

static uint64_t record_of(uint32_t line)
{
    unsigned long long seq = 0;
    if (sscanf(trail + lines[line].from, "record %llu", &seq) != 1)
        return 0;
    return seq;
}

static void edit_byte(struct prng *prng, uint32_t line)
{
    add(trail, trail_size);
    char *byte = edited + lines[line].from + prng_below(prng, lines[line].size);
    char before = *byte;
    while (*byte == before)
        *byte = (char)(prng_below(prng, 4) ? "0123456789abcdef \nA-"[prng_below(prng, 20)]
                                           : (char)prng_below(prng, 256));
}

static void edit_lines(struct prng *prng, uint32_t line, uint32_t kind)
{
    uint32_t other = (uint32_t)prng_below(prng, line_count);
    while (other == line)
        other = (uint32_t)prng_below(prng, line_count);
    for (uint32_t i = 0; i < line_count; i++) {
        if (kind == 1 && i == line)
            continue; /* deleted */
        uint32_t from = i;
        if (kind == 3 && (i == line || i == other))
            from = i == line ? other : line; /* two change places */
        add(trail + lines[from].from, lines[from].size);
        if (kind == 2 && i == line) /* one comes again */
            add(trail + lines[other].from, lines[other].size);
    }
}

/* The line of the trail in which the edited one is another for the first time. */
static uint32_t first_changed(void)
{
    size_t at = 0;
    uint32_t line = 0;
    while (at < trail_size && at < edited_size && trail[at] == edited[at])
        at++;
    while (line + 1 < line_count && lines[line + 1].from <= at)
        line++;
    return line;
}

static void every_edit_is_found_and_its_record_named(void **state)
{
    (void)state;
    struct prng prng;
    uint32_t named = 0, of_records[EDIT_KINDS] = { 0 };
    export_trail(home.incident, 0, 0);
    lines_find();
    prng_seed(&prng, 4711);
    const int edits = which_suite() == suite_default() ? EDITS : EDITS_SM;
    for (int i = 0; i < edits; i++) {
        uint32_t kind = (uint32_t)prng_below(&prng, EDIT_KINDS);
        uint32_t line = (uint32_t)prng_below(&prng, line_count);
        edited_size = 0;
        if (kind == 0)
            edit_byte(&prng, line);
        else if (kind <= 3)
            edit_lines(&prng, line, kind);
        else
            add(trail, prng_below(&prng, trail_size)); /* cut off */
        if (edited_size == 0)
            continue;
        if (edited_size == trail_size && memcmp(edited, trail, trail_size) == 0)
            continue; /* two equal lines changed places */
        struct bundle_report report = verify(edited, edited_size);
        assert_false(report.ok);
        assert_true(report.reason[0] != 0);
        uint64_t record = record_of(first_changed());
        if (record > 0) {
            of_records[kind]++;
            named += report.record == record;
        }
    }
    uint32_t sum = 0;
    for (uint32_t kind = 0; kind < EDIT_KINDS; sum += of_records[kind++])
        assert_true((int)of_records[kind] > edits / 500);
    assert_int_equal(named, sum);
}

static void a_stranger_cannot_add_to_the_end(void **state)
{
    (void)state;
    export_trail(home.incident, 0, 0);
    memcpy(edited, trail, trail_size);
    edited[trail_size] = '\n';
    assert_true(verify(edited, trail_size).ok);
    assert_false(verify(edited, trail_size + 1).ok);
}

/* ---- witnesses ------------------------------------------------------------------------------- */

enum {
    LEAVES = 130
};

struct grove {
    uint8_t hashes[8][LEAVES][TREE_HASH_BYTES]; /* level, index */
    uint8_t roots[LEAVES + 1][TREE_HASH_BYTES];
};

static int grove_keep(void *owner, uint32_t level, uint64_t index,
                      const uint8_t hash[TREE_HASH_BYTES])
{
    struct grove *grove = owner;
    memcpy(grove->hashes[level][index], hash, TREE_HASH_BYTES);
    return 0;
}

static int grove_find(void *owner, uint32_t level, uint64_t index, uint8_t hash[TREE_HASH_BYTES])
{
    struct grove *grove = owner;
    memcpy(hash, grove->hashes[level][index], TREE_HASH_BYTES);
    return 0;
}

static void a_history_that_goes_on_is_shown_in_a_few_hashes(void **state)
{
    (void)state;
    static struct grove grove;
    struct tree tree = { .suite = which_suite() };
    uint8_t path[2 * TREE_LEVELS_MAX][TREE_HASH_BYTES];
    for (uint64_t i = 0; i < LEAVES; i++) {
        uint8_t link[TREE_HASH_BYTES] = { (uint8_t)i, 7 };
        tree_leaf(which_suite(), link, grove.hashes[0][i]);
        assert_int_equal(tree_add(&tree, link, grove_keep, &grove), 0);
        tree_root(&tree, grove.roots[i + 1]);
    }
    for (uint64_t second = 1; second <= LEAVES; second++)
        for (uint64_t first = 1; first <= second; first++) {
            int count = tree_consistency(which_suite(), first, second, grove_find, &grove, path);
            assert_in_range(count, 0, 16);
            const uint8_t(*proof)[TREE_HASH_BYTES] = (const uint8_t(*)[TREE_HASH_BYTES])path;
            assert_true(tree_goes_on(which_suite(), first, grove.roots[first], second,
                                     grove.roots[second], proof, (size_t)count));
            if (first == second)
                continue;
            assert_false(tree_goes_on(which_suite(), first, grove.roots[first], second,
                                      grove.roots[first], proof, (size_t)count));
            assert_false(tree_goes_on(which_suite(), first, grove.roots[second], second,
                                      grove.roots[second], proof, (size_t)count));
            assert_false(tree_goes_on(which_suite(), first, grove.roots[first], second,
                                      grove.roots[second], proof, (size_t)count - 1));
            path[first % (uint64_t)count][5] ^= 1;
            assert_false(tree_goes_on(which_suite(), first, grove.roots[first], second,
                                      grove.roots[second], proof, (size_t)count));
        }
}

static struct checkpoint newest(bool witnessed, enum refusal *refusal)
{
    static struct answer answer;
    struct query query = { .kind = QUERY_CHECKPOINT, .checkpoint = { 0, witnessed } };
    journal_query(home.journal, &query, 0, &answer);
    *refusal = answer.refusal;
    return answer.checkpoint;
}

static struct signer witness_of(uint8_t number)
{
    struct signer witness;
    uint8_t seed[32] = { number };
    signer_of_seed(&witness, which_suite(), seed);
    return witness;
}

static void a_witness_stands_beside_the_checkpoint_and_in_the_bundle(void **state)
{
    (void)state;
    enum refusal refusal;
    struct bundle_wish wish = { .incident = home.incident, .witnessed = true };
    struct bundle_report report;
    (void)newest(true, &refusal);
    assert_int_equal(refusal, REFUSAL_NO_SUCH_EVENT);
    struct checkpoint seen = newest(false, &refusal);
    struct cosignature cosignature = { .at_ms = 5 };
    struct signer witness = witness_of(9);
    cosignature_sign(&cosignature, &seen, &witness);
    assert_int_equal(journal_begin(home.journal), 0);
    assert_int_equal(journal_cosign(home.journal, seen.seq + 1, &cosignature), -ENOENT);
    cosignature.at_ms++;
    assert_int_equal(journal_cosign(home.journal, seen.seq, &cosignature), -EBADMSG);
    cosignature.at_ms--;
    assert_int_equal(journal_cosign(home.journal, seen.seq, &cosignature), 0);
    for (uint8_t i = 10; i < 14; i++) { /* the fifth finds no room */
        witness = witness_of(i);
        cosignature_sign(&cosignature, &seen, &witness);
        assert_int_equal(journal_cosign(home.journal, seen.seq, &cosignature),
                         i < 13 ? 0 : -ENOSPC);
    }
    assert_int_equal(journal_commit(home.journal, home.town.at_ms + 1001), 0);
    struct checkpoint kept = newest(true, &refusal);
    assert_int_equal(kept.seq, seen.seq);
    assert_int_equal(kept.witnesses_count, 4);

    (void)unlink(home.file);
    assert_int_equal(bundle_write(home.file, &wish, ask_journal, home.journal), 0);
    assert_int_equal(bundle_verify(home.file, home.settings.sign_public, &report), 0);
    assert_true(report.ok);
    assert_int_equal(report.witness_count, 4);
    if (getenv("YIHAO_KEEP_TRAIL")) /* tests/fuzz/corpus/bundle/witnessed was made so */
        assert_int_equal(link(home.file, getenv("YIHAO_KEEP_TRAIL")), 0);
    assert_memory_equal(report.witnesses[1].key, witness_of(10).public_key, 32);
    static struct verify_report whole;
    journal_close(home.journal);
    assert_int_equal(journal_verify(home.journal_folder, home.settings.sign_public, &whole), 0);
    assert_true(whole.ok);
    assert_int_equal(journal_open(&home.journal, &home.settings), 0);
}

/* ---- the whole journal --------------------------------------------------------------------- */

static void the_whole_journal_verifies(void **state)
{
    (void)state;
    struct verify_report report;
    journal_close(home.journal); /* the same process may not open it twice */
    home.journal = NULL;
    assert_int_equal(journal_verify(home.journal_folder, home.settings.sign_public, &report), 0);
    assert_true(report.ok);
    assert_true(report.records == EVENTS && report.covered == EVENTS);
    assert_true(report.checkpoints >= EVENTS / JOURNAL_CHECKPOINT_EVENTS);
    assert_int_equal(journal_open(&home.journal, &home.settings), 0);
}

/* Somebody changes the database's file behind our back. */
static void tamper(uint64_t seq, size_t offset, bool drop)
{
    static const char *const names[TABLE_COUNT] = TABLE_NAMES;
    struct store_settings settings = { .folder = home.journal_folder,
                                       .tables = names,
                                       .table_count = TABLE_COUNT };
    struct store *store;
    struct transaction *write;
    struct slice value;
    uint8_t bytes[8192];
    uint64_t key = __builtin_bswap64(seq);
    struct slice place = { &key, sizeof key };
    assert_int_equal(store_open(&store, &settings), 0);
    assert_int_equal(store_begin_write(store, &write), 0);
    assert_int_equal(transaction_get(write, TABLE_EVENTS, place, &value), 0);
    size_t size = value.size;
    memcpy(bytes, value.data, size);
    bytes[offset % size] ^= 0x10;
    if (drop)
        assert_int_equal(transaction_remove(write, TABLE_EVENTS, place), 0);
    else
        assert_int_equal(transaction_put(write, TABLE_EVENTS, place, (struct slice){ bytes, size }),
                         0);
    assert_int_equal(transaction_commit(write), 0);
    store_close(store);
}

static void a_change_in_the_database_is_found_and_named(void **state)
{
    (void)state;
    struct verify_report report;
    struct prng prng;
    prng_seed(&prng, 99);
    journal_close(home.journal);
    home.journal = NULL;
    for (int i = 0; i < 40; i++) {
        uint64_t seq = 1 + prng_below(&prng, EVENTS);
        size_t offset = (size_t)prng_below(&prng, 1000);
        tamper(seq, offset, false);
        assert_int_equal(journal_verify(home.journal_folder, NULL, &report), 0);
        assert_false(report.ok);
        assert_true(report.record == seq);
        tamper(seq, offset, false); /* back again */
    }
    assert_int_equal(journal_verify(home.journal_folder, NULL, &report), 0);
    assert_true(report.ok);
    tamper(777, 0, true);
    assert_int_equal(journal_verify(home.journal_folder, NULL, &report), 0);
    assert_true(!report.ok && report.record == 777);
    assert_int_equal(journal_open(&home.journal, &home.settings), -EBADMSG);
}

static void a_journal_cut_short_does_not_open(void **state)
{
    (void)state;
    struct verify_report report;
    journal_close(home.journal);
    home.journal = NULL;
    tamper(EVENTS, 0, true);
    assert_int_equal(journal_open(&home.journal, &home.settings), -EBADMSG);
    assert_int_equal(journal_verify(home.journal_folder, NULL, &report), 0);
    assert_true(!report.ok && report.record == EVENTS);
}

/* ---- the tree ------------------------------------------------------------------------------ */

static uint8_t leaves[200][TREE_HASH_BYTES];

/* RFC 9162 §2.1.1 word for word, to compare with. */
// NOLINTNEXTLINE(misc-no-recursion): as the RFC defines it
static void root_by_definition(size_t from, size_t size, uint8_t root[TREE_HASH_BYTES])
{
    uint8_t left[TREE_HASH_BYTES], right[TREE_HASH_BYTES];
    size_t half = 1;
    if (size == 1) {
        tree_leaf(which_suite(), leaves[from], root);
        return;
    }
    while (half * 2 < size)
        half *= 2;
    root_by_definition(from, half, left);
    root_by_definition(from + half, size - half, right);
    tree_node(which_suite(), left, right, root);
}

static int look_up(void *owner, uint32_t level, uint64_t index, uint8_t hash[TREE_HASH_BYTES])
{
    (void)owner;
    root_by_definition((size_t)(index << level), (size_t)1 << level, hash);
    return 0;
}

static void the_tree_is_the_rfcs_and_its_paths_prove_one_place_only(void **state)
{
    (void)state;
    struct tree tree = { .suite = which_suite() }, loaded = tree;
    for (size_t size = 1; size <= 200; size++) {
        uint8_t expected[TREE_HASH_BYTES], root[TREE_HASH_BYTES];
        uint8_t path[2 * TREE_LEVELS_MAX][TREE_HASH_BYTES];
        memset(leaves[size - 1], (int)size, TREE_HASH_BYTES);
        assert_int_equal(tree_add(&tree, leaves[size - 1], NULL, NULL), 0);
        root_by_definition(0, size, expected);
        tree_root(&tree, root);
        assert_memory_equal(root, expected, sizeof root);
        assert_int_equal(tree_load(&loaded, size, look_up, NULL), 0);
        tree_root(&loaded, root);
        assert_memory_equal(root, expected, sizeof root);
        for (size_t at = 0; at < size; at += 1 + at / 7) {
            const uint8_t(*proof)[TREE_HASH_BYTES] = (const uint8_t(*)[TREE_HASH_BYTES])path;
            int count = tree_path(which_suite(), at, size, look_up, NULL, path);
            assert_true(count >= 0 && count <= 8);
            assert_true(
                tree_proves(which_suite(), at, size, leaves[at], proof, (size_t)count, root));
            assert_false(tree_proves(which_suite(), at, size, leaves[(at + 1) % 200], proof,
                                     (size_t)count, root));
            assert_false(
                tree_proves(which_suite(), at + 1, size, leaves[at], proof, (size_t)count, root) &&
                at + 1 < size);
            if (count > 0)
                assert_false(tree_proves(which_suite(), at, size, leaves[at], proof,
                                         (size_t)count - 1, root));
        }
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_incident_is_exported_and_verified),
        TEST(any_range_is_exported_and_verified),
        TEST(every_edit_is_found_and_its_record_named),
        TEST(a_stranger_cannot_add_to_the_end),
        TEST(a_witness_stands_beside_the_checkpoint_and_in_the_bundle),
        cmocka_unit_test(a_history_that_goes_on_is_shown_in_a_few_hashes),
        TEST(the_whole_journal_verifies),
        TEST(a_change_in_the_database_is_found_and_named),
        TEST(a_journal_cut_short_does_not_open),
        cmocka_unit_test(the_tree_is_the_rfcs_and_its_paths_prove_one_place_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
