/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/keys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/folder.h"
#include "base/hex.h"
#include "base/text.h"

enum {
    KEY_BYTES = 32,
    PATH_BYTES = 400
};

/* ZeroMQ RFC 32: 32 bytes as 40 characters. */
static void z85_write(const uint8_t bytes[KEY_BYTES], char text[KEYS_Z85_BYTES])
{
    static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  ".-:+=^!/*?&<>()[]{}@%$#";
    for (unsigned i = 0; i < KEY_BYTES / 4; i++) {
        uint32_t value = (uint32_t)bytes[4 * i] << 24U | (uint32_t)bytes[4 * i + 1] << 16U |
                         (uint32_t)bytes[4 * i + 2] << 8U | bytes[4 * i + 3];
        for (unsigned k = 5; k > 0; k--) {
            text[5 * i + k - 1] = letters[value % 85];
            value /= 85;
        }
    }
    text[KEYS_Z85_BYTES - 1] = 0;
}

static void key_path(char path[PATH_BYTES], const char *home, const char *name, const char *suffix)
{
    (void)snprintf(path, PATH_BYTES, "%s/keys/%s%s", home, name, suffix);
}

/* -EEXIST when the file is there already: a key is never overwritten. */
static int write_secret(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    size_t length = strlen(text);
    int status = write(fd, text, length) == (ssize_t)length && write(fd, "\n", 1) == 1 ? 0 : -EIO;
    if (status == 0 && fsync(fd) < 0)
        status = -errno;
    (void)close(fd);
    return status;
}

/* The first line of the file, without its end. */
static int read_line(const char *path, char *line, size_t size)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return -errno;
    int status = fgets(line, (int)size, file) ? 0 : -EBADMSG;
    (void)fclose(file);
    if (status == 0)
        line[strcspn(line, "\r\n")] = 0;
    return status;
}

static int make_curve(const char *home, const char *program)
{
    char path[PATH_BYTES], text[KEYS_Z85_BYTES];
    uint8_t public_key[KEY_BYTES], secret_key[KEY_BYTES];
    struct curve_keys keys;
    if (keys_read_curve(home, program, &keys) == 0)
        return 0;
    (void)crypto_box_keypair(public_key, secret_key);
    z85_write(secret_key, text);
    key_path(path, home, program, ".secret");
    int status = write_secret(path, text);
    sodium_memzero(text, sizeof text);
    sodium_memzero(secret_key, sizeof secret_key);
    if (status < 0)
        return status;
    z85_write(public_key, text);
    key_path(path, home, program, ".public");
    return write_secret(path, text);
}

int keys_make_bytes(const char *home, const char *file)
{
    char path[PATH_BYTES], text[2 * KEY_BYTES + 1];
    uint8_t bytes[KEY_BYTES];
    key_path(path, home, file, "");
    randombytes_buf(bytes, sizeof bytes);
    hex_write(bytes, sizeof bytes, text);
    int status = write_secret(path, text);
    sodium_memzero(bytes, sizeof bytes);
    sodium_memzero(text, sizeof text);
    return status == -EEXIST ? 0 : status;
}

static int make_signature(const char *home, const struct suite *suite)
{
    char path[PATH_BYTES], text[2 * SUITE_SECRET_BYTES + 1];
    uint8_t public_key[SUITE_KEY_BYTES], secret_key[SUITE_SECRET_BYTES];
    if (keys_read_bytes(home, "sign.public", public_key, sizeof public_key) == 0)
        return 0; /* the sealer may have the secret */
    suite_pair(suite, public_key, secret_key);
    hex_write(secret_key, sizeof secret_key, text);
    key_path(path, home, "sign.secret", "");
    int status = write_secret(path, text);
    sodium_memzero(secret_key, sizeof secret_key);
    if (status < 0)
        return status == -EEXIST ? 0 : status;
    hex_write(public_key, sizeof public_key, text);
    key_path(path, home, "sign.public", "");
    return write_secret(path, text);
}

int keys_make(const char *home, const struct suite *suite, const char *const *programs,
              unsigned count)
{
    char folder[PATH_BYTES];
    if (sodium_init() < 0)
        return -ENOSYS;
    (void)snprintf(folder, sizeof folder, "%s/keys", home);
    if (mkdir(folder, 0700) < 0 && errno != EEXIST)
        return -errno;
    int status = 0;
    for (unsigned i = 0; i < count && status == 0; i++)
        status = make_curve(home, programs[i]);
    if (status == 0)
        status = keys_make_bytes(home, "vault.key");
    if (status == 0)
        status = keys_make_bytes(home, "blind.key");
    if (status == 0)
        status = keys_make_bytes(home, "originals.key");
    return status == 0 ? make_signature(home, suite) : status;
}

static int read_z85(const char *home, const char *program, const char *suffix,
                    char key[KEYS_Z85_BYTES])
{
    char path[PATH_BYTES], line[64];
    key_path(path, home, program, suffix);
    int status = read_line(path, line, sizeof line);
    if (status == 0 && strlen(line) != KEYS_Z85_BYTES - 1)
        status = -EBADMSG;
    if (status == 0)
        memcpy(key, line, KEYS_Z85_BYTES);
    sodium_memzero(line, sizeof line);
    return status;
}

int keys_read_curve(const char *home, const char *program, struct curve_keys *keys)
{
    int status = read_z85(home, program, ".public", keys->public_key);
    return status == 0 ? read_z85(home, program, ".secret", keys->secret_key) : status;
}

int keys_read_public(const char *home, const char *program, char public_key[KEYS_Z85_BYTES])
{
    return read_z85(home, program, ".public", public_key);
}

int keys_read_bytes(const char *home, const char *file, uint8_t *bytes, unsigned size)
{
    char path[PATH_BYTES], line[256];
    key_path(path, home, file, "");
    int status = read_line(path, line, sizeof line);
    if (status == 0 && !hex_read(line, bytes, size))
        status = -EBADMSG;
    sodium_memzero(line, sizeof line);
    return status;
}

int keys_read_vault(const char *home, uint8_t root[32])
{
    int status = keys_read_bytes(home, "vault.key", root, KEY_BYTES);
    return status == -EBADMSG ? keys_read_bytes(home, "vault.next", root, KEY_BYTES) : status;
}

/* Where it lies, without a new file: what stood there is gone from it. */
static int overwrite(const char *path, const char *line, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    ssize_t wrote = pwrite(fd, line, size, 0);
    int status = wrote < 0 ? -errno : (size_t)wrote != size ? -EIO : 0;
    if (status == 0 && fsync(fd) < 0)
        status = -errno;
    if (close(fd) < 0 && status == 0)
        status = -errno;
    return status < 0 ? status : folder_sync_above(path);
}

int keys_renew_vault(const char *home, const uint8_t root[32])
{
    static const char *const files[] = { "vault.next", "vault.key" };
    char path[PATH_BYTES], line[2 * KEY_BYTES + 2];
    int status = 0;
    hex_write(root, KEY_BYTES, line);
    line[2 * KEY_BYTES] = '\n';
    for (unsigned i = 0; i < sizeof files / sizeof files[0] && status == 0; i++) {
        key_path(path, home, files[i], "");
        status = overwrite(path, line, 2 * KEY_BYTES + 1);
    }
    sodium_memzero(line, sizeof line);
    return status;
}

int keys_settle_bytes(const char *home, const char *file, uint8_t bytes[32])
{
    char path[PATH_BYTES], text[2 * KEY_BYTES + 1];
    key_path(path, home, file, "");
    hex_write(bytes, KEY_BYTES, text);
    int status = write_secret(path, text);
    sodium_memzero(text, sizeof text);
    return status == 0 || status == -EEXIST ? keys_read_bytes(home, file, bytes, KEY_BYTES)
                                            : status;
}

/* ---- rotation -------------------------------------------------------------------------------- */

/* The moment on the second line of NAME.before.public; 0 (over long ago) when it is not as it is written. */
static uint64_t read_until(const char *path)
{
    char line[64];
    unsigned long long until_ms = 0;
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    bool second = fgets(line, sizeof line, file);
    second = second && fgets(line, sizeof line, file); /* over the first */
    /* NOLINTNEXTLINE(cert-err34-c): it is bounded by the line */
    if (!second || sscanf(line, "until %llu", &until_ms) != 1)
        until_ms = 0;
    (void)fclose(file);
    return until_ms;
}

/* Is it NAME + ending? Then NAME is in program. */
static bool is_named(const char *file, const char *ending, char program[KEYS_NAME_BYTES])
{
    size_t length = strlen(file), tail = strlen(ending);
    if (length <= tail || length - tail >= KEYS_NAME_BYTES ||
        strcmp(file + length - tail, ending) != 0)
        return false;
    memcpy(program, file, length - tail);
    program[length - tail] = 0;
    return true;
}

static void list_file(const char *home, const char *file, keys_each *each, void *owner)
{
    char program[KEYS_NAME_BYTES], public_key[KEYS_Z85_BYTES], path[PATH_BYTES];
    bool before = is_named(file, ".before.public", program);
    if (is_named(file, ".next.public", program) ||
        (!before && !is_named(file, ".public", program)) ||
        read_z85(home, file, "", public_key) < 0)
        return;
    if (before)
        (void)is_named(file, ".before.public", program);
    key_path(path, home, file, "");
    uint64_t until_ms = before ? read_until(path) : 0;
    if (!before || until_ms)
        each(owner, program, public_key, until_ms);
}

int keys_list(const char *home, keys_each *each, void *owner)
{
    char folder[PATH_BYTES];
    (void)snprintf(folder, sizeof folder, "%s/keys", home);
    DIR *listing = opendir(folder);
    if (!listing)
        return -errno;
    for (struct dirent *entry; (entry = readdir(listing));)
        list_file(home, entry->d_name, each, owner);
    (void)closedir(listing);
    return 0;
}

static int rename_key(const char *home, const char *from, const char *ending, const char *to)
{
    char old_path[PATH_BYTES], new_path[PATH_BYTES];
    key_path(old_path, home, from, ending);
    key_path(new_path, home, to, ending);
    return rename(old_path, new_path) < 0 ? -errno : 0;
}

static void remove_key(const char *home, const char *program, const char *ending)
{
    char path[PATH_BYTES];
    key_path(path, home, program, ending);
    (void)unlink(path);
}

/* What the next pair is called until it is the present one. */
static int next_name(const char *program, char next[KEYS_NAME_BYTES])
{
    int length = snprintf(next, KEYS_NAME_BYTES, "%s.next", program);
    return length < KEYS_NAME_BYTES ? 0 : -ENAMETOOLONG;
}

int keys_announce(const char *home, const char *program)
{
    char next[KEYS_NAME_BYTES], key[KEYS_Z85_BYTES];
    int status = next_name(program, next);
    if (status < 0)
        return status;
    if (sodium_init() < 0)
        return -ENOSYS;
    return keys_read_public(home, next, key) == 0 ? -EEXIST : make_curve(home, next);
}

int keys_renew(const char *home, const char *program, uint64_t until_ms)
{
    char next[KEYS_NAME_BYTES], path[PATH_BYTES], former[KEYS_Z85_BYTES + 40];
    char key[KEYS_Z85_BYTES];
    int status = keys_read_public(home, program, key);
    if (status == 0)
        status = keys_announce(home, program);
    if (status < 0 && status != -EEXIST)
        return status;
    (void)next_name(program, next);
    (void)snprintf(former, sizeof former, "%s\nuntil %llu", key, (unsigned long long)until_ms);
    remove_key(home, program, ".before.public");
    key_path(path, home, program, ".before.public");
    status = write_secret(path, former);
    if (status == 0)
        status = rename_key(home, next, ".public", program);
    if (status == 0)
        status = rename_key(home, next, ".secret", program);
    return status == 0 ? folder_sync_above(path) : status;
}

int keys_retire(const char *home, const char *program)
{
    static const char *const endings[] = { ".public", ".before.public", ".next.public",
                                           ".next.secret", ".secret" };
    char path[PATH_BYTES], key[KEYS_Z85_BYTES];
    int status = keys_read_public(home, program, key);
    for (unsigned i = 0; status == 0 && i < sizeof endings / sizeof endings[0]; i++)
        remove_key(home, program, endings[i]);
    key_path(path, home, program, ".public");
    return status == 0 ? folder_sync_above(path) : status;
}

uint64_t keys_stamp(const char *home)
{
    char folder[PATH_BYTES];
    struct stat found;
    (void)snprintf(folder, sizeof folder, "%s/keys", home);
    if (stat(folder, &found) < 0)
        return 0;
    return (uint64_t)found.st_mtim.tv_sec * 1000000000 + (uint64_t)found.st_mtim.tv_nsec;
}
