/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What goes to paper: any words, no line that is not a line; a case with its proofs; pages within bounds. */
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

#include "consoles/paper/dossier.h"
#include "consoles/paper/paper.h"
#include "consoles/paper/press.h"
#include "consoles/paper/print.h"

static void any_words_stand_in_a_cell_and_none_makes_a_line(void **state)
{
    struct paper paper;
    struct paper_cells line;
    (void)state;
    paper_begin(&paper);
    paper_say(&paper, PAPER_FIELD, "R\tx", "one\ntwo\x01\xff三\x7f\r");
    paper_say(&paper, PAPER_ROW, "", NULL);
    assert_false(paper.failed);
    char *text = paper.bytes;
    assert_int_equal(paper_read(&text, &line), 1);
    assert_int_equal(line.kind, PAPER_FIELD);
    assert_int_equal(line.count, 2);
    assert_string_equal(line.cells[0], "R x");
    assert_string_equal(line.cells[1], "one\ntwo三");
    assert_int_equal(paper_read(&text, &line), 1);
    assert_int_equal(line.kind, PAPER_ROW);
    assert_int_equal(line.count, 1);
    assert_int_equal(paper_read(&text, &line), 0);
    paper_done(&paper);
}

static void what_no_writer_wrote_is_refused(void **state)
{
    static const char *const wrong[] = {
        "T",         "T\tx",    "\n",
        "X\tx\n",    "R\n",     "R\t\x01\n",
        "R\t\xff\n", "R \tx\n", "R\t1\t2\t3\t4\t5\t6\t7\t8\t9\t1\t2\t3\t4\t5\t6\t7\t8\t9\t1\t2\t3\n"
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct paper_cells line;
        char *text = strdup(wrong[i]), *at = text;
        assert_true(paper_read(&at, &line) < 0);
        free(text);
    }
}

static void a_paper_has_an_end(void **state)
{
    struct paper paper;
    (void)state;
    paper_begin(&paper);
    for (unsigned i = 0; i <= PAPER_LINES_MAX; i++)
        paper_say(&paper, PAPER_ROW, "x", NULL);
    assert_true(paper.failed);
    assert_int_equal(paper_print(&paper, &(uint8_t *){ NULL }, &(size_t){ 0 }), -EFBIG);
    paper_done(&paper);
}

/* ---- a case -------------------------------------------------------------------------------------- */

static const char *say(void *owner, const char *group, const char *word)
{
    static char words[96];
    (void)owner;
    (void)snprintf(words, sizeof words, "<%s.%s>", group, word);
    return strcmp(group, "field") == 0 ? NULL : words;
}

static const char *name(void *owner, enum city_table table, uint32_t number)
{
    static char words[96];
    (void)owner;
    (void)snprintf(words, sizeof words, "table%u/%u", (unsigned)table, number);
    return words;
}

static const struct dossier_words in_chinese = { NULL, say, name, false, 480 };

static void write_case(struct paper *paper, uint32_t events, bool opens)
{
    static struct incident_detail detail;
    static struct dossier dossier;
    static struct event event;
    static struct personal personal;
    struct checkpoint checkpoint = { .seq = 7, .epoch = 3, .at_ms = 1700000000000 };
    struct dossier_wish wish = { .at_ms = 1700000000000,
                                 .user = 3001,
                                 .reason = READ_REASON_AUDIT,
                                 .fields = opens ? 1U << PERSONAL_FIELD_TEXT : 0,
                                 .checkpoint = &checkpoint };
    memset(&detail, 0, sizeof detail);
    memset(&event, 0, sizeof event);
    memset(&personal, 0, sizeof personal);
    detail.row.number = 20261122000123;
    event.kind = EVENT_INCIDENT_MOVED;
    event.actor_kind = ACTOR_KIND_USER;
    event.actor = 1001;
    event.incident_moved.to = INCIDENT_STATE_TOLD;
    dossier_begin(&dossier, &in_chinese);
    for (uint32_t i = 0; i < events; i++) {
        struct stored_event row = { .seq = 100 + i };
        row.link[0] = (uint8_t)i;
        dossier_event(&dossier, &row, &event, false);
    }
    (void)snprintf(personal.text, sizeof personal.text, "三楼厨房着火");
    if (opens) {
        dossier_opened(&dossier, 0, &personal);
        dossier_opened(&dossier, 100, &personal);
        (void)snprintf(personal.address, sizeof personal.address, "人民路1号");
        dossier_opened(&dossier, 101, &personal);
    }
    dossier_write(&dossier, &detail, &wish, paper);
    dossier_done(&dossier);
}

static void a_case_says_by_what_it_can_be_checked(void **state)
{
    struct paper paper, again;
    (void)state;
    write_case(&paper, 3, false);
    assert_non_null(strstr(paper.bytes, "20261122-000123"));
    assert_non_null(strstr(paper.bytes, "<event.incident_moved>"));
    assert_non_null(strstr(paper.bytes, "→ <incident_state.told>"));
    assert_non_null(strstr(paper.bytes, "覆盖至事件 7"));
    assert_non_null(strstr(paper.bytes, "序号 100 至 102"));
    assert_null(strstr(paper.bytes, "着火"));
    /* BLAKE2b-256 over 00…, 01…, 02… (32 bytes each), as python3's hashlib says. */
    assert_non_null(
        strstr(paper.bytes, "f05c928a81136192ac9cf1c3d6542849566cc9551a613bb6cdd0e61e7147bcd5"));
    write_case(&again, 3, true);
    const char *said = strstr(again.bytes, "<personal_field.text>\t三楼厨房着火");
    assert_non_null(said);
    assert_null(strstr(strstr(said, "着火") + 1, "着火")); /* once, however many events have it */
    assert_non_null(strstr(said, "#100\t其余同上"));
    assert_non_null(strstr(said, "#101 <personal_field.address>\t人民路1号"));
    paper_done(&paper);
    paper_done(&again);
}

static void pages_are_made_and_their_words_can_be_found(void **state)
{
    struct paper paper;
    uint8_t *pdf = NULL;
    size_t size = 0;
    char words[512] = "";
    (void)state;
    write_case(&paper, 200, true);
    assert_int_equal(paper_print(&paper, &pdf, &size), 0);
    assert_true(size > 1000 && memcmp(pdf, "%PDF-", 5) == 0);
    paper_done(&paper);
    char path[] = "/tmp/yihao-paper-XXXXXX", command[256];
    int fd = mkstemp(path);
    FILE *file = fdopen(fd, "wb");
    assert_int_equal(fwrite(pdf, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    free(pdf);
    (void)snprintf(
        command, sizeof command,
        "pdftotext %s - | grep -cE '厨房着火|共 [0-9]+ 页'; pdffonts %s | grep -c 'yes yes yes'",
        path, path);
    FILE *found = popen(command, "r"); /* NOLINT(cert-env33-c): our own words */
    size_t got = fread(words, 1, sizeof words - 1, found);
    assert_true(got > 0);
    assert_int_equal(pclose(found), 0);
    assert_int_equal(remove(path), 0);
    unsigned lines = 0, fonts = 0;
    assert_int_equal(sscanf(words, "%u\n%u", &lines, &fonts), 2);
    assert_true(lines >= 4 &&
                fonts >= 1); /* the words once, and each page's number; the typefaces go along */
}

static void what_is_no_paper_is_not_printed(void **state)
{
    struct paper paper;
    uint8_t *pdf = NULL;
    size_t size = 0;
    uint32_t pages;
    (void)state;
    paper_begin(&paper);
    paper_say(&paper, PAPER_PARAGRAPH, "no title", NULL);
    assert_int_equal(paper_print(&paper, &pdf, &size), -EIO);
    char text[] = "T\tx\nT\ty\n";
    assert_int_equal(press_print(text, stderr, &pages), -EBADMSG);
    paper_done(&paper);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_words_stand_in_a_cell_and_none_makes_a_line),
        cmocka_unit_test(what_no_writer_wrote_is_refused),
        cmocka_unit_test(a_paper_has_an_end),
        cmocka_unit_test(a_case_says_by_what_it_can_be_checked),
        cmocka_unit_test(pages_are_made_and_their_words_can_be_found),
        cmocka_unit_test(what_is_no_paper_is_not_printed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
