/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Help, completion and man page, all printed from the verb table. */
#include <stdio.h>
#include <string.h>

#include "consoles/ctl/field.h"
#include "consoles/ctl/request.h"
#include "consoles/ctl/sheet.h"
#include "consoles/ctl/verb.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"

enum {
    NAME_WIDTH = 44
};

static void dashed(char name[VERB_WORD_BYTES], const struct verb_word *word)
{
    (void)snprintf(name, VERB_WORD_BYTES, "%s", word->name);
    for (char *at = name; *at; at++)
        *at = *at == '_' ? '-' : *at;
}

/* "incident dispatch INCIDENT --lead LEAD [--assists ASSISTS]" */
static void print_usage(FILE *to, const struct verb *verb, bool with_options)
{
    struct verb_word word;
    char name[VERB_WORD_BYTES];
    (void)fputs(verb->name, to);
    for (const char *list = verb->arguments; (list = verb_word(list, &word));) {
        for (char *at = word.name; *at; at++)
            *at = *at >= 'a' && *at <= 'z' ? (char)(*at - 'a' + 'A') : *at;
        (void)fprintf(to, word.optional ? " [%s]" : " %s", word.name);
    }
    for (const char *list = verb->options; with_options && (list = verb_word(list, &word));) {
        dashed(name, &word);
        (void)fprintf(to, word.needed ? " --%s%s" : " [--%s%s]", name,
                      word.takes_value ? " …" : "");
    }
}

static void print_row(const struct verb *verb)
{
    char usage[256] = "";
    FILE *to = fmemopen(usage, sizeof usage, "w");
    if (to) {
        print_usage(to, verb, false);
        (void)fclose(to);
    }
    int blanks = NAME_WIDTH - 2 - (int)width_of(usage);
    (void)printf("  %s%*s%s\n", usage, blanks > 1 ? blanks : 1, "",
                 words_are_chinese() ? verb->chinese : verb->english);
}

static const char globals_en[] =
    "Options of all verbs:\n"
    "  --home DIR       the home (default: $YIHAO_HOME, else ./home)\n"
    "  --as LOGIN       who asks; the password comes from $YIHAO_PASSWORD_FILE, HOME/keys/sign-in or\n"
    "                   the terminal. Verbs that only look use a supervisor of sign-in by default.\n"
    "  -o table|json|csv\n"
    "                   how answers are written; csv: lists, times in UTC, spans in milliseconds\n"
    "  -h, --help       these words, or the verb's\n"
    "Exit codes: 0 done, 1 failed, 2 bad words, 3 not found, 4 denied or refused, 5 no dispatcher,\n"
    "6 conflict with what stands, 10 tampered, 11 verified with gaps.\n";
static const char globals_zh[] =
    "通用选项:\n"
    "  --home DIR       安装目录(缺省为 $YIHAO_HOME,否则 ./home)\n"
    "  --as LOGIN       以谁的身份;密码取自 $YIHAO_PASSWORD_FILE、HOME/keys/sign-in 或终端输入。\n"
    "                   只查看的命令缺省使用 sign-in 中的一位班长。\n"
    "  -o table|json|csv\n"
    "                   输出格式;csv 仅用于列表,时间为 UTC,时长为毫秒\n"
    "  -h, --help       显示帮助\n"
    "退出码: 0 成功, 1 失败, 2 用法错误, 3 不存在, 4 被拒绝, 5 调度服务不可达, 6 状态冲突,\n"
    "10 被篡改, 11 验证通过但有缺口。\n";

void help_all(void)
{
    (void)puts(words("yihao VERB …: the command line of a city's hotline.",
                     "yihao 命令 …: 城市热线调度系统命令行。"));
    for (size_t i = 0; i < verb_count; i++)
        print_row(&verbs[i]);
    (void)fputs(words_are_chinese() ? globals_zh : globals_en, stdout);
}

void help_group(const char *first)
{
    size_t length = strlen(first);
    for (size_t i = 0; i < verb_count; i++)
        if (strncmp(verbs[i].name, first, length) == 0 && verbs[i].name[length] == ' ')
            print_row(&verbs[i]);
}

static void print_words_of(const struct verb *verb, const struct verb_word *word, bool option)
{
    char name[VERB_WORD_BYTES];
    char values[512] = "";
    dashed(name, word);
    field_describe(verb->command, word->name, values, sizeof values);
    (void)printf("  %s%s%*s%s\n", option ? "--" : "", name,
                 (int)(20 - strlen(name) - (option ? 2 : 0)), "", values);
}

void help_verb(const struct verb *verb)
{
    struct verb_word word;
    (void)printf("yihao ");
    print_usage(stdout, verb, true);
    (void)printf("\n%s\n", words_are_chinese() ? verb->chinese : verb->english);
    for (const char *list = verb->arguments; (list = verb_word(list, &word));)
        print_words_of(verb, &word, false);
    for (const char *list = verb->options; (list = verb_word(list, &word));)
        print_words_of(verb, &word, true);
    (void)fputs(words_are_chinese() ? globals_zh : globals_en, stdout);
}

/* ---- completion ----------------------------------------------------------------------------- */

static bool is_first_of_group(size_t index, size_t length)
{
    for (size_t i = 0; i < index; i++)
        if (strncmp(verbs[i].name, verbs[index].name, length) == 0 &&
            (verbs[i].name[length] == ' ' || verbs[i].name[length] == '\0'))
            return false;
    return true;
}

/* The first verb of two words that begins with these: "queue explain", though there is "queue" too. */
static bool begins_group(size_t index, size_t length)
{
    for (size_t i = 0; i < index; i++)
        if (strncmp(verbs[i].name, verbs[index].name, length + 1) == 0)
            return false;
    return verbs[index].name[length] == ' ';
}

static void print_firsts(void)
{
    for (size_t i = 0; i < verb_count; i++) {
        size_t length = strcspn(verbs[i].name, " ");
        if (is_first_of_group(i, length))
            (void)printf("%s%.*s", i ? " " : "", (int)length, verbs[i].name);
    }
}

static void print_seconds(void)
{
    for (size_t i = 0; i < verb_count; i++) {
        size_t length = strcspn(verbs[i].name, " ");
        if (!begins_group(i, length))
            continue;
        (void)printf("    %.*s) words=\"", (int)length, verbs[i].name);
        for (size_t k = i; k < verb_count; k++)
            if (strncmp(verbs[k].name, verbs[i].name, length + 1) == 0)
                (void)printf("%s%s", k > i ? " " : "", verbs[k].name + length + 1);
        (void)printf("\" ;;\n");
    }
}

static void print_own_options(void)
{
    struct verb_word word;
    char name[VERB_WORD_BYTES];
    for (size_t i = 0; i < verb_count; i++) {
        if (verbs[i].options[0] == '\0')
            continue;
        (void)printf("    \"%s\") own=\"", verbs[i].name);
        const char *gap = "";
        for (const char *list = verbs[i].options; (list = verb_word(list, &word)); gap = " ") {
            dashed(name, &word);
            (void)printf("%s--%s", gap, name);
        }
        (void)printf("\" ;;\n");
    }
}

void help_bash(void)
{
    (void)printf(
        "# Completion of yihao for bash; made by `yihao help --bash` from the verb table.\n"
        "_yihao() {\n"
        "    local now=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} "
        "words='' own='' plain=() i\n"
        "    case $before in\n"
        "    --home) COMPREPLY=($(compgen -d -- \"$now\")); return ;;\n"
        "    -o | --output) COMPREPLY=($(compgen -W 'table json csv' -- \"$now\")); return ;;\n"
        "    --as) return ;;\n"
        "    esac\n"
        "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
        "        case ${COMP_WORDS[i]} in\n"
        "        --home | --as | -o | --output) ((i++)) ;;\n"
        "        -*) ;;\n"
        "        *) plain+=(\"${COMP_WORDS[i]}\") ;;\n"
        "        esac\n"
        "    done\n"
        "    case ${plain[0]-} in\n"
        "    '') words=\"");
    print_firsts();
    (void)printf("\" ;;\n");
    print_seconds();
    (void)printf("    esac\n"
                 "    [ ${#plain[@]} -lt 2 ] || words=''\n"
                 "    case \"${plain[*]:0:2}\" in\n");
    print_own_options();
    (void)printf("    esac\n"
                 "    case $now in -*) words=\"$own --home --as --output --help\" ;; esac\n"
                 "    COMPREPLY=($(compgen -W \"$words\" -- \"$now\"))\n"
                 "}\n"
                 "complete -F _yihao yihao\n");
}

/* One line a word and what it means, as zsh's _describe reads them: a colon parts them, so that none
 * may stand in the words. */
static void print_described(const char *word, size_t length, const char *meaning)
{
    (void)printf("        '%.*s:", (int)length, word);
    for (; *meaning; meaning++)
        if (*meaning == '\'')
            (void)fputs("'\\''", stdout);
        else
            (void)putchar(*meaning == ':' ? ';' : *meaning);
    (void)fputs("'\n", stdout);
}

static void print_zsh_seconds(void)
{
    for (size_t i = 0; i < verb_count; i++) {
        size_t length = strcspn(verbs[i].name, " ");
        if (!begins_group(i, length))
            continue;
        (void)printf("    %.*s) list=(\n", (int)length, verbs[i].name);
        for (size_t k = i; k < verb_count; k++)
            if (strncmp(verbs[k].name, verbs[i].name, length + 1) == 0)
                print_described(verbs[k].name + length + 1, strlen(verbs[k].name + length + 1),
                                verbs[k].english);
        (void)printf("        ) ;;\n");
    }
}

static void help_zsh(void)
{
    (void)printf("#compdef yihao\n"
                 "# Completion of yihao for zsh; made by `yihao help --zsh` from the verb table.\n"
                 "local own='' i\n"
                 "local -a list plain\n"
                 "case ${words[CURRENT - 1]} in\n"
                 "--home) _directories; return ;;\n"
                 "-o | --output) compadd table json csv; return ;;\n"
                 "--as) return ;;\n"
                 "esac\n"
                 "for ((i = 2; i < CURRENT; i++)); do\n"
                 "    case ${words[i]} in\n"
                 "    --home | --as | -o | --output) ((i++)) ;;\n"
                 "    -*) ;;\n"
                 "    *) plain+=(\"${words[i]}\") ;;\n"
                 "    esac\n"
                 "done\n"
                 "if [[ ${words[CURRENT]} == -* ]]; then\n"
                 "    case \"${plain[1,2]}\" in\n");
    print_own_options();
    (void)printf("    esac\n"
                 "    compadd -- ${=own} --home --as --output --help\n"
                 "elif ((${#plain} == 0)); then\n"
                 "    list=(\n");
    for (size_t i = 0; i < verb_count; i++) {
        size_t length = strcspn(verbs[i].name, " ");
        if (is_first_of_group(i, length))
            print_described(verbs[i].name, length,
                            verbs[i].name[length] == '\0' ? verbs[i].english : "…");
    }
    (void)printf("    )\n"
                 "    _describe verb list\n"
                 "elif ((${#plain} == 1)); then\n"
                 "    case ${plain[1]} in\n");
    print_zsh_seconds();
    (void)printf("    esac\n"
                 "    (($#list)) && _describe \"${plain[1]}\" list\n"
                 "else\n"
                 "    _files\n"
                 "fi\n");
}

/* ---- man page ------------------------------------------------------------------------------- */

static void print_roff(const char *words_of_man)
{
    for (const char *at = words_of_man; *at; at++) {
        if (*at == '-' || *at == '\\')
            (void)putchar('\\');
        (void)putchar(*at);
    }
}

void help_man(void)
{
    (void)printf(".\\\" Made by `yihao help --man` from the verb table.\n"
                 ".TH YIHAO 1 \"\" \"Yihao\" \"User Commands\"\n"
                 ".SH NAME\nyihao \\- command line of a city's hotline dispatch system\n"
                 ".SH SYNOPSIS\n.B yihao\nVERB [WORD ...] [OPTION ...]\n"
                 ".SH VERBS\n");
    for (size_t i = 0; i < verb_count; i++) {
        char usage[512] = "";
        FILE *to = fmemopen(usage, sizeof usage, "w");
        if (to) {
            print_usage(to, &verbs[i], true);
            (void)fclose(to);
        }
        (void)printf(".TP\n.B ");
        print_roff(usage);
        (void)printf("\n%s (%s)\n", verbs[i].english, verbs[i].chinese);
    }
    (void)printf(".SH OPTIONS AND EXIT STATUS\n.nf\n");
    print_roff(globals_en);
    (void)printf(".fi\n"
                 ".SH FILES\n"
                 ".TP\n.I HOME/keys/sign\\-in\nLOGIN PASSWORD a line, mode 0600\n"
                 ".TP\n.I HOME/settings.conf, HOME/city/*.csv\nsee yihao conf check\n"
                 ".SH EXAMPLES\n.nf\n"
                 "yihao seat ready 1001\n"
                 "yihao incident dispatch 20261121000123 \\-\\-lead 7 \\-\\-as 1001\n"
                 "yihao \\-o json queue | jq .\n.fi\n");
}

int run_help(struct request *request)
{
    const char *first = request_argument(request, 0);
    if (request_option(request, "bash")) {
        help_bash();
        return EXIT_DONE;
    }
    if (request_option(request, "zsh")) {
        help_zsh();
        return EXIT_DONE;
    }
    if (request_option(request, "man")) {
        help_man();
        return EXIT_DONE;
    }
    if (!first) {
        help_all();
        return EXIT_DONE;
    }
    const struct verb *verb = verb_find(first, request_argument(request, 1));
    if (verb) {
        help_verb(verb);
        return EXIT_DONE;
    }
    if (verb_is_group(first)) {
        help_group(first);
        return EXIT_DONE;
    }
    complain(words("there is no verb \"%s\"; see yihao help", "没有“%s”这个命令;请看 yihao help"),
             first);
    return EXIT_USAGE;
}
