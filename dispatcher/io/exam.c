/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/io/exam.h"

#include <stdbool.h>
#include <string.h>

#include <sodium.h>

#include "dispatcher/core/core.h"

enum {
    OPTIONS_MAX = sizeof(((struct exam_write *)0)->right) / sizeof(uint32_t),
    SETS = 1 << OPTIONS_MAX,
    TRUE_OR_FALSE = 2
};

/* Which question, written for the how-manieth time. */
struct asked {
    const uint8_t *key;
    uint32_t exam, question, time;
};

void exam_key(const uint8_t blind_key[32], uint8_t key[EXAM_KEY_BYTES])
{
    static const uint8_t purpose[] = "yihao exam answers 1";
    (void)crypto_generichash(key, EXAM_KEY_BYTES, purpose, sizeof purpose - 1, blind_key, 32);
}

static uint64_t blind(const struct asked *asked, uint32_t set)
{
    const uint32_t facts[] = { asked->exam, asked->question, asked->time, set };
    uint8_t bytes[sizeof facts], hash[16];
    uint64_t index = 0;
    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(facts[i / 4] >> (8 * (i % 4)));
    (void)crypto_generichash(hash, sizeof hash, bytes, sizeof bytes, asked->key, EXAM_KEY_BYTES);
    for (unsigned i = 0; i < sizeof index; i++)
        index = index << 8 | hash[i];
    return index ? index : 1;
}

/* As bits, 0: none, or not a set of these options. */
static uint32_t set_of(const uint32_t *numbers, uint32_t count, uint32_t options)
{
    uint32_t set = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (numbers[i] == 0 || numbers[i] > options || (set & 1U << (numbers[i] - 1)))
            return 0;
        set |= 1U << (numbers[i] - 1);
    }
    return set;
}

static uint32_t lines_of(const char *options)
{
    uint32_t count = options[0] != '\0';
    for (const char *at = options; *at; at++)
        count += at[0] == '\n' && at[1] != '\0';
    return count;
}

static enum refusal blind_right(struct asked asked, struct exam_write *write)
{
    bool many = write->kind == EXAM_QUESTION_KIND_MULTIPLE;
    uint32_t options =
        write->kind == EXAM_QUESTION_KIND_TRUE_FALSE ? TRUE_OR_FALSE : lines_of(write->options);
    uint32_t set = set_of(write->right, write->right_count, options);
    write->blind = 0;
    if (write->text[0] && (set == 0 || (!many && write->right_count != 1)))
        return REFUSAL_MALFORMED;
    if (write->text[0])
        write->blind = blind(&asked, set);
    sodium_memzero(write->right, sizeof write->right);
    write->right_count = 0;
    return REFUSAL_NONE;
}

static enum refusal blind_chosen(struct asked asked, struct exam_answer *said)
{
    uint32_t set = set_of(said->chosen, said->chosen_count, OPTIONS_MAX);
    if (set == 0)
        return REFUSAL_MALFORMED;
    said->blind = blind(&asked, set);
    sodium_memzero(said->chosen, sizeof said->chosen);
    said->chosen_count = 0;
    return REFUSAL_NONE;
}

enum refusal exam_blind(const uint8_t key[EXAM_KEY_BYTES], const struct core *core,
                        struct command *command)
{
    struct exam_write *write = &command->exam_write;
    struct exam_answer *said = &command->exam_answer;
    if (command->kind == COMMAND_EXAM_WRITE)
        return blind_right((struct asked){ key, write->exam, write->question,
                                           core_exam_time(core, write->exam, write->question) },
                           write);
    if (command->kind == COMMAND_EXAM_ANSWER)
        return blind_chosen((struct asked){ key, said->exam, said->question,
                                            core_exam_time(core, said->exam, said->question) },
                            said);
    return REFUSAL_NONE;
}

/* ---- what is told ------------------------------------------------------------------------------- */

struct telling {
    struct asked asked;
    struct exam_marks *marks;
};

/* The options behind a blind index; none behind 0. */
static uint32_t tell(const struct asked *asked, uint64_t index, uint32_t numbers[OPTIONS_MAX])
{
    uint32_t count = 0, set = 1;
    while (index && set < SETS && blind(asked, set) != index)
        set++;
    for (uint32_t i = 0; index && set < SETS && i < OPTIONS_MAX; i++)
        if (set & 1U << i)
            numbers[count++] = i + 1;
    return count;
}

static void tell_question(void *owner, const struct exam_shown *shown)
{
    struct telling *telling = owner;
    struct exam_mark *mark = &telling->marks->rows[telling->marks->rows_count++];
    struct asked *asked = &telling->asked;
    asked->question = shown->question;
    asked->time = shown->time;
    *mark = (struct exam_mark){ .question = shown->question, .article = shown->article };
    mark->right_count = tell(asked, shown->right, mark->right);
    mark->chosen_count = tell(asked, shown->chosen, mark->chosen);
}

void exam_answer_marks(const uint8_t key[EXAM_KEY_BYTES], const struct core *core,
                       const struct exam_marks_query *query, struct answer *answer)
{
    struct telling telling = { .asked = { .key = key, .exam = query->exam },
                               .marks = &answer->exam_marks };
    answer->kind = ANSWER_EXAM_MARKS;
    answer->seq = core_seq(core);
    answer->exam_marks.rows_count = 0;
    answer->refusal = core_exam_marks(core, query, tell_question, &telling);
    if (answer->refusal)
        answer->kind = ANSWER_NONE;
}
