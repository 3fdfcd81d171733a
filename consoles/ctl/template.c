/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The words of texts to citizens: how long they are, whether they hold, how one reads. */
#include "dispatcher/city/template.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/segment.h"
#include "consoles/ctl/request.h"
#include "consoles/ctl/tables.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"
#include "dispatcher/city/city.h"

enum {
    PARTS_USUAL = 10 /* PARAMETER_TEXT_PARTS of a city that says nothing */
};

static unsigned parts_of(const struct city *city)
{
    for (uint32_t i = 0; i < city_count(city); i++) {
        const struct command *command = city_command(city, i);
        if (command->kind == COMMAND_PARAMETER_SET &&
            command->parameter_set.parameter == PARAMETER_TEXT_PARTS)
            return (unsigned)command->parameter_set.value;
    }
    return PARTS_USUAL;
}

static void print_row(const char *name, const char *language, const char *template, unsigned parts)
{
    struct template_size size;
    template_measure(template, parts, &size);
    (void)printf("%-20s %-8s %-6s %4zu %3u ", name, language, size.gsm7 ? "GSM-7" : "UCS-2",
                 size.units, size.parts);
    if (size.has_text)
        (void)printf("%5zu", size.room);
    (void)putchar('\n');
}

int run_templates(struct request *request)
{
    struct city *city = NULL;
    int code = tables_open(request->home, &city);
    if (code != EXIT_DONE)
        return code;
    unsigned parts = parts_of(city);
    (void)printf(words("at most %u parts each; length with the longest fields, and the room for "
                       "{text}\n\n",
                       "每条最多 %u 段；长度按最长字段计，末列为 {text} 可用字数\n\n"),
                 parts);
    (void)printf("%-20s %-8s %-6s %4s %3s %5s\n", words("template", "模板"),
                 words("language", "语言"), words("letter", "编码"), words("long", "长"),
                 words("cut", "段"), "text");
    for (uint32_t i = 0; i < city_count(city); i++) {
        const struct command *command = city_command(city, i);
        if (command->kind != COMMAND_TEMPLATE_DEFINE)
            continue;
        const struct template_row *row = &command->template_define.row;
        print_row(template_name(row->template), "zh", row->text_zh, parts);
        print_row(template_name(row->template), "en", row->text_en, parts);
    }
    city_close(city);
    return EXIT_DONE;
}

int run_template_check(struct request *request)
{
    struct city *city = NULL;
    unsigned templates = 0;
    int code = tables_open(request->home, &city);
    for (uint32_t i = 0; code == EXIT_DONE && i < city_count(city); i++)
        templates += city_command(city, i)->kind == COMMAND_TEMPLATE_DEFINE;
    if (code == EXIT_DONE)
        (void)printf(words("%u templates hold in both languages\n", "%u 个模板两种语言均合格\n"),
                     templates);
    city_close(city);
    return code;
}

static const struct template_row *find(const struct city *city, const char *name)
{
    for (uint32_t i = 0; i < city_count(city); i++) {
        const struct command *command = city_command(city, i);
        if (command->kind == COMMAND_TEMPLATE_DEFINE &&
            strcmp(template_name(command->template_define.row.template), name) == 0)
            return &command->template_define.row;
    }
    return NULL;
}

int run_template_preview(struct request *request)
{
    static char filled[TEMPLATE_WORDS_BYTES];
    struct city *city = NULL;
    const char *name = request->arguments[0];
    const char *text = request_option(request, "text");
    bool english = request_option(request, "english") != NULL;
    int code = tables_open(request->home, &city);
    const struct template_row *row = code == EXIT_DONE ? find(city, name) : NULL;
    if (code == EXIT_DONE && !row) {
        complain(words("no template \"%s\"; yihao template list names them",
                       "没有模板“%s”；见 yihao template list"),
                 name);
        code = EXIT_NOT_FOUND;
    }
    if (row) {
        struct template_sample sample = { "20261009004567", "2026-10-14",
                                          text      ? text
                                          : english ? "street light repaired"
                                                    : "路灯已修复",
                                          english ? "being handled" : "办理中", "48291357" };
        template_fill(english ? row->text_en : row->text_zh, &sample, filled);
        size_t length = strlen(filled);
        (void)printf("%s\n", filled);
        (void)printf(words("%s, %zu long, %u parts\n", "%s，长 %zu，%u 段\n"),
                     segment_is_gsm7(filled, length) ? "GSM-7" : "UCS-2",
                     segment_units(filled, length), segment_count(filled, length));
    }
    city_close(city);
    return code;
}
