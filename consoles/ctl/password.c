/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/ctl/password.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <sodium.h>

#include "base/text.h"
#include "consoles/ctl/verb.h"
#include "consoles/ctl/words.h"
#include "gateways/trunk/digest.h"

enum {
    PATH_BYTES = 400,
    LINE_BYTES = 512
};

static void path_of(char path[PATH_BYTES], const char *home, const char *name)
{
    (void)snprintf(path, PATH_BYTES, "%s/keys/%s", home, name);
}

/* Does the line begin with the login and then this border? */
static bool is_of(const char *line, const char *login, char border)
{
    size_t length = strlen(login);
    return strncmp(line, login, length) == 0 && line[length] == border;
}

/* The login's last line of a file, without its end. */
static bool find_line(const char *path, const char *login, char border, char line[LINE_BYTES])
{
    bool found = false;
    char now[LINE_BYTES];
    FILE *file = fopen(path, "re");
    while (file && fgets(now, LINE_BYTES, file)) {
        if (!is_of(now, login, border))
            continue;
        found = true;
        (void)text_copy(line, LINE_BYTES, now);
    }
    if (file)
        (void)fclose(file);
    sodium_memzero(now, sizeof now);
    if (found)
        line[strcspn(line, "\r\n")] = '\0';
    return found;
}

bool password_signs_in(const char *home, const char *login, char password[PASSWORD_BYTES])
{
    char path[PATH_BYTES];
    char line[LINE_BYTES];
    path_of(path, home, "sign-in");
    bool found = find_line(path, login, ' ', line) &&
                 text_copy(password, PASSWORD_BYTES, line + strlen(login) + 1);
    sodium_memzero(line, sizeof line);
    return found;
}

bool password_exists(const char *home, const char *login)
{
    char path[PATH_BYTES];
    char line[LINE_BYTES];
    path_of(path, home, "passwords");
    return find_line(path, login, ':', line);
}

bool password_prompt(const char *prompt, char password[PASSWORD_BYTES])
{
    struct termios before;
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return false;
    FILE *terminal = fdopen(fd, "r+");
    if (!terminal || tcgetattr(fd, &before) < 0) {
        if (terminal)
            (void)fclose(terminal);
        return false;
    }
    struct termios silent = before;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    (void)fprintf(terminal, "%s ", prompt);
    (void)fflush(terminal);
    (void)tcsetattr(fd, TCSAFLUSH, &silent);
    bool got = fgets(password, PASSWORD_BYTES, terminal) != NULL;
    (void)tcsetattr(fd, TCSAFLUSH, &before);
    (void)fprintf(terminal, "\n");
    (void)fclose(terminal);
    if (got)
        password[strcspn(password, "\r\n")] = '\0';
    return got && password[0];
}

static bool from_file(const char *path, char password[PASSWORD_BYTES])
{
    FILE *file = fopen(path, "re");
    bool got = file && fgets(password, PASSWORD_BYTES, file);
    if (file)
        (void)fclose(file);
    if (got)
        password[strcspn(password, "\r\n")] = '\0';
    return got && password[0];
}

int password_find(const char *home, const char *login, char password[PASSWORD_BYTES])
{
    const char *named = getenv("YIHAO_PASSWORD_FILE");
    char prompt[96];
    if (named && *named) {
        if (from_file(named, password))
            return EXIT_DONE;
        complain(words("cannot read a password from %s ($YIHAO_PASSWORD_FILE)",
                       "无法从 %s($YIHAO_PASSWORD_FILE)读取密码"),
                 named);
        return EXIT_FAILED;
    }
    if (password_signs_in(home, login, password))
        return EXIT_DONE;
    (void)snprintf(prompt, sizeof prompt, words("Password of %s:", "%s 的密码:"), login);
    if (password_prompt(prompt, password))
        return EXIT_DONE;
    complain(words("no password of %s: set YIHAO_PASSWORD_FILE, or add a line to %s/keys/sign-in",
                   "没有 %s 的密码;请设置 YIHAO_PASSWORD_FILE 或写入 %s/keys/sign-in"),
             login, home);
    return EXIT_DENIED;
}

/* Copies the other logins' lines and adds this one's. */
static int rewrite(FILE *to, const char *path, const char *login, const char *hash)
{
    char line[LINE_BYTES];
    FILE *from = fopen(path, "re");
    if (!from && errno != ENOENT)
        return -errno;
    while (from && fgets(line, sizeof line, from))
        if (!is_of(line, login, ':'))
            (void)fputs(line, to);
    if (from)
        (void)fclose(from);
    (void)fprintf(to, "%s:%s\n", login, hash);
    return fflush(to) != 0 ? -errno : 0;
}

static int replace_line(const char *home, const char *file, const char *login, const char *hash)
{
    char path[PATH_BYTES];
    char fresh[PATH_BYTES];
    path_of(path, home, file);
    (void)snprintf(fresh, sizeof fresh, "%s/keys/%s.new", home, file);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    FILE *to = fdopen(fd, "w");
    int status = to ? rewrite(to, path, login, hash) : -ENOMEM;
    if (to)
        (void)fclose(to);
    else
        (void)close(fd);
    if (status == 0 && rename(fresh, path) < 0)
        status = -errno;
    return status;
}

static int append_line(const char *home, const char *file, const char *login, char border,
                       const char *rest)
{
    char path[PATH_BYTES];
    path_of(path, home, file);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    int status = dprintf(fd, "%s%c%s\n", login, border, rest) > 0 ? 0 : -errno;
    (void)close(fd);
    return status;
}

/* The login's line of a file: "LOGIN:REST", new or in the old one's place. */
static int put_line(const char *home, const char *file, const char *login, const char *rest)
{
    char path[PATH_BYTES];
    char line[LINE_BYTES];
    path_of(path, home, file);
    bool known = find_line(path, login, ':', line);
    sodium_memzero(line, sizeof line);
    return known ? replace_line(home, file, login, rest)
                 : append_line(home, file, login, ':', rest);
}

int password_store(const char *home, const char *login, const char *password)
{
    char hash[crypto_pwhash_STRBYTES];
    if (sodium_init() < 0 ||
        crypto_pwhash_str_alg(hash, password, strlen(password), PASSWORD_OPERATIONS,
                              PASSWORD_MEMORY, crypto_pwhash_ALG_ARGON2ID13) != 0)
        return -ENOMEM;
    return put_line(home, "passwords", login, hash);
}

int password_store_phone(const char *home, uint32_t user, const char *realm, const char *secret)
{
    char name[16];
    char md5[DIGEST_HEX_BYTES];
    char sha256[DIGEST_HEX_BYTES];
    char rest[2 * DIGEST_HEX_BYTES];
    if (sodium_init() < 0)
        return -ENOMEM;
    (void)snprintf(name, sizeof name, "%" PRIu32, user);
    const char *const who[] = { name, realm, secret, NULL };
    digest_join(DIGEST_MD5, who, md5);
    digest_join(DIGEST_SHA256, who, sha256);
    (void)snprintf(rest, sizeof rest, "%s:%s", md5, sha256);
    int status = put_line(home, "phones", name, rest);
    sodium_memzero(md5, sizeof md5);
    sodium_memzero(sha256, sizeof sha256);
    sodium_memzero(rest, sizeof rest);
    return status;
}

int password_store_factor(const char *home, const char *login, const char *rest)
{
    return put_line(home, "second-factor", login, rest);
}

/* Letters and digits that nobody confuses: 32 of them, 5 bits each. */
void password_make(char password[PASSWORD_LETTERS + 1])
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
    for (unsigned i = 0; i < PASSWORD_LETTERS; i++)
        password[i] = letters[randombytes_uniform(sizeof letters - 1)];
    password[PASSWORD_LETTERS] = '\0';
}

int password_hand_out(const char *home, const char *login, const char *password)
{
    return append_line(home, "sign-in", login, ' ', password);
}

int password_sync(const char *home)
{
    static const char *const names[] = { "passwords", "phones", "second-factor", "sign-in", "" };
    int status = 0;
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[PATH_BYTES];
        path_of(path, home, names[i]);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            continue;
        if (fsync(fd) < 0)
            status = -errno;
        (void)close(fd);
    }
    return status;
}
