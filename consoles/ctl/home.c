/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Verbs that work on a home without a dispatcher: settings, tables, keys, passwords. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/text.h"
#include "consoles/ctl/password.h"
#include "consoles/ctl/request.h"
#include "consoles/ctl/session.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"
#include "dispatcher/city/city.h"
#include "proto/keys.h"
#include "proto/settings.h"

static struct settings settings;

static void on_quiet(void *owner, const char *sentence)
{
    (void)owner, (void)sentence;
}

static int read_settings(const char *home)
{
    int status = settings_read(&settings, home, complain_sentence, NULL);
    if (status == -ENOENT)
        complain(words("there is no settings.conf in %s; say --home DIR",
                       "%s 中没有 settings.conf;请用 --home 指定"),
                 home);
    return status < 0 ? EXIT_FAILED : EXIT_DONE;
}

int run_conf_check(struct request *request)
{
    struct city *city = NULL;
    int code = read_settings(request->home);
    if (code != EXIT_DONE)
        return code;
    int status = city_open(&city, settings.city, complain_sentence, NULL);
    if (status < 0) {
        complain(words("the tables in %s cannot be used: %s", "%s 中的表格不可用: %s"),
                 settings.city, strerror(-status));
        return EXIT_FAILED;
    }
    (void)printf(
        words("settings and %u rows of tables are in order\n", "配置与 %u 行表格检查通过\n"),
        city_count(city));
    city_close(city);
    return EXIT_DONE;
}

int run_keys_make(struct request *request)
{
    const char *programs[4 + 4 * SETTINGS_PROGRAMS_MAX] = { "dispatcher", "ctl" };
    unsigned count = 2;
    int code = read_settings(request->home);
    if (code != EXIT_DONE)
        return code;
    if (settings.dispatcher.turns[0])
        programs[count++] = "standby";
    if (settings.dispatcher.arbiter[0])
        programs[count++] = "arbiter";
    for (uint32_t i = 0; i < settings.trunk_count; i++)
        programs[count++] = settings.trunks[i].name;
    for (uint32_t i = 0; i < settings.sms_count; i++)
        programs[count++] = settings.sms[i].name;
    for (uint32_t i = 0; i < settings.console_count; i++)
        programs[count++] = settings.consoles[i].name;
    for (uint32_t i = 0; i < settings.witness_count; i++)
        programs[count++] = settings.witnesses[i].name;
    int status = keys_make(request->home, suite_named(settings.suite), programs, count);
    if (status < 0) {
        complain(words("cannot make keys in %s/keys: %s", "无法在 %s/keys 生成密钥: %s"),
                 request->home, strerror(-status));
        return EXIT_FAILED;
    }
    (void)printf(words("keys of %u programs are in %s/keys\n", "%u 个程序的密钥位于 %s/keys\n"),
                 count, request->home);
    return EXIT_DONE;
}

const struct suite *home_suite(const char *home)
{
    return settings_read(&settings, home, on_quiet, NULL) == 0 ? suite_named(settings.suite)
                                                               : suite_default();
}

/* ---- users ---------------------------------------------------------------------------------- */

/* Calls `each` for every user of the city's tables until it returns false. */
typedef bool each_user(void *owner, const struct user_row *user);

static int walk_users(const char *home, each_user *each, void *owner, bool loud)
{
    struct city *city = NULL;
    int status = settings_read(&settings, home, loud ? complain_sentence : on_quiet, NULL);
    if (status == 0)
        status = city_open(&city, settings.city, loud ? complain_sentence : on_quiet, NULL);
    for (uint32_t i = 0; status == 0 && i < city_count(city); i++) {
        const struct command *command = city_command(city, i);
        if (command->kind == COMMAND_USER_DEFINE && !command->user_define.row.retired &&
            !each(owner, &command->user_define.row))
            break;
    }
    city_close(city);
    return status;
}

struct search {
    const char *home;
    uint32_t user;
    enum role role;
    const char *login;
    char found[33];
    uint32_t number; /* of the found one */
};

static bool seek_user(void *owner, const struct user_row *user)
{
    struct search *search = owner;
    char password[PASSWORD_BYTES];
    bool hit = search->user    ? user->user == search->user
               : search->login ? strcmp(user->login, search->login) == 0
                               : (user->roles & 1U << search->role) &&
                                     password_signs_in(search->home, user->login, password);
    if (hit) {
        (void)text_copy(search->found, sizeof search->found, user->login);
        search->number = user->user;
    }
    sodium_memzero(password, sizeof password);
    return !hit;
}

void login_of_user(const char *home, uint32_t user, char login[33])
{
    struct search search = { .home = home, .user = user };
    (void)walk_users(home, seek_user, &search, false);
    (void)text_copy(login, 33, search.found);
}

void login_of_role(const char *home, enum role role, char login[33])
{
    struct search search = { .home = home, .role = role };
    (void)walk_users(home, seek_user, &search, false);
    (void)text_copy(login, 33, search.found);
}

static int ask_twice(const char *login, char password[PASSWORD_BYTES])
{
    char again[PASSWORD_BYTES] = "";
    char prompt[96];
    (void)snprintf(prompt, sizeof prompt, words("New password of %s:", "%s 的新密码:"), login);
    if (!password_prompt(prompt, password)) {
        complain(words("no terminal to ask at; set YIHAO_PASSWORD_FILE",
                       "没有终端;请设置 YIHAO_PASSWORD_FILE"));
        return EXIT_FAILED;
    }
    bool equal =
        password_prompt(words("Once more:", "再输一次:"), again) && strcmp(password, again) == 0;
    sodium_memzero(again, sizeof again);
    if (!equal)
        complain(words("they differ; nothing was changed", "两次不同;没有更改"));
    return equal ? EXIT_DONE : EXIT_FAILED;
}

/* The user of a login in the tables; EXIT_NOT_FOUND after a complaint. */
static int find_user(const char *home, const char *login, struct search *search)
{
    *search = (struct search){ .home = home, .login = login };
    if (walk_users(home, seek_user, search, true) < 0)
        return EXIT_FAILED;
    if (search->found[0])
        return EXIT_DONE;
    complain(words("there is no user %s in the tables", "表格中没有用户 %s"), login);
    return EXIT_NOT_FOUND;
}

int user_exists(const char *home, const char *login)
{
    struct search search;
    return find_user(home, login, &search);
}

/* A new password of the login: from $YIHAO_PASSWORD_FILE, else asked twice. */
static int new_password(const char *home, const char *login, char password[PASSWORD_BYTES])
{
    int code = getenv("YIHAO_PASSWORD_FILE") ? password_find(home, login, password)
                                             : ask_twice(login, password);
    if (code == EXIT_DONE && strlen(password) < PASSWORD_LEAST) {
        complain(words("a password has at least %d characters", "密码至少 %d 个字符"),
                 PASSWORD_LEAST);
        code = EXIT_FAILED;
    }
    return code;
}

static int tell_stored(const char *home, const char *file, int status)
{
    if (status == 0)
        status = password_sync(home);
    if (status < 0)
        complain(words("cannot write %s/keys/%s: %s", "无法写入 %s/keys/%s: %s"), home, file,
                 strerror(-status));
    return status < 0 ? EXIT_FAILED : EXIT_DONE;
}

int run_password(struct request *request)
{
    const char *login = request->arguments[0];
    struct search search;
    char password[PASSWORD_BYTES] = "";
    int code = find_user(request->home, login, &search);
    if (code == EXIT_DONE)
        code = new_password(request->home, login, password);
    if (code == EXIT_DONE)
        code =
            tell_stored(request->home, "passwords", password_store(request->home, login, password));
    sodium_memzero(password, sizeof password);
    return code;
}

/* The one realm of all trunk gateways: they share HOME/keys/phones, whose hashes hold it. */
static int find_realm(const char **realm)
{
    if (settings.trunk_count == 0) {
        complain(words("settings.conf has no trunk section", "settings.conf 中没有 trunk 段"));
        return EXIT_NOT_FOUND;
    }
    *realm = settings.trunks[0].realm;
    for (uint32_t i = 1; i < settings.trunk_count; i++)
        if (strcmp(settings.trunks[i].realm, *realm) != 0) {
            complain(words("the realms of %s and %s differ; a phone registers at either, give both "
                           "the same",
                           "%s 与 %s 的 realm 不同;话机可在任一处注册,请设为相同"),
                     settings.trunks[0].name, settings.trunks[i].name);
            return EXIT_CONFLICT;
        }
    return EXIT_DONE;
}

int run_phone(struct request *request)
{
    const char *login = request->arguments[0];
    const char *realm = NULL;
    struct search search;
    char secret[PASSWORD_BYTES] = "";
    bool make = request_option(request, "generate") != NULL;
    int code = find_user(request->home, login, &search);
    if (code == EXIT_DONE)
        code = find_realm(&realm);
    if (code == EXIT_DONE && make && sodium_init() < 0)
        code = EXIT_FAILED;
    if (code == EXIT_DONE && make)
        password_make(secret);
    else if (code == EXIT_DONE)
        code = new_password(request->home, login, secret);
    if (code == EXIT_DONE)
        code = tell_stored(request->home, "phones",
                           password_store_phone(request->home, search.number, realm, secret));
    if (code == EXIT_DONE) {
        (void)printf("user %u\nrealm %s\n", search.number, realm);
        if (make)
            (void)printf("secret %s\n", secret);
        (void)printf(words("The trunk gateways know it from their next start on.\n",
                           "中继网关下次启动后生效。\n"));
    }
    sodium_memzero(secret, sizeof secret);
    return code;
}

struct generation {
    const char *home;
    unsigned made;
    int status;
};

static bool generate(void *owner, const struct user_row *user)
{
    struct generation *generation = owner;
    char password[PASSWORD_LETTERS + 1];
    if (password_exists(generation->home, user->login))
        return true;
    password_make(password);
    /* First handed out, then in force: no user is left with a password nobody knows. */
    generation->status = password_hand_out(generation->home, user->login, password);
    if (generation->status == 0)
        generation->status = password_store(generation->home, user->login, password);
    sodium_memzero(password, sizeof password);
    generation->made += generation->status == 0;
    return generation->status == 0;
}

int run_passwords(struct request *request)
{
    struct generation generation = { .home = request->home };
    if (!request_option(request, "generate")) {
        complain(words("say --generate: passwords for all who have none go to %s/keys/sign-in",
                       "请加 --generate: 将为没有密码的用户生成密码并写入 %s/keys/sign-in"),
                 request->home);
        return EXIT_USAGE;
    }
    if (sodium_init() < 0 || walk_users(request->home, generate, &generation, true) < 0)
        return EXIT_FAILED;
    if (generation.status == 0)
        generation.status = password_sync(request->home);
    if (generation.status < 0) {
        complain(words("cannot write to %s/keys: %s", "无法写入 %s/keys: %s"), request->home,
                 strerror(-generation.status));
        return EXIT_FAILED;
    }
    (void)printf(words("%u passwords made; they are in %s/keys/sign-in\n",
                       "生成 %u 个密码,位于 %s/keys/sign-in\n"),
                 generation.made, request->home);
    return EXIT_DONE;
}
