/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/io/second_factor.h"

#include <errno.h>
#include <fcntl.h>
#include <liboath/oath.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "base/hex.h"
#include "base/log.h"

/* The rest of the login's line, without its end. */
static bool find(const char *path, const char *login, char rest[FACTOR_LINE_BYTES])
{
    char line[FACTOR_LINE_BYTES];
    size_t length = strlen(login);
    bool found = false;
    FILE *file = fopen(path, "re");
    while (file && !found && fgets(line, sizeof line, file))
        if (strncmp(line, login, length) == 0 && line[length] == ':') {
            line[strcspn(line, "\r\n")] = '\0';
            memmove(rest, line + length + 1, strlen(line) - length);
            found = rest[0] != '\0';
        }
    if (file)
        (void)fclose(file);
    sodium_memzero(line, sizeof line);
    return found;
}

/* The step whose code this is, 0: none of the three. */
static uint64_t step_of(const char *base32, size_t length, const char *code, uint64_t now_s)
{
    uint64_t found = 0, now = now_s / FACTOR_STEP_S;
    size_t size = 0;
    char *secret = NULL;
    if (oath_base32_decode(base32, length, &secret, &size) != OATH_OK)
        return 0;
    for (uint64_t step = now - 1; step <= now + 1; step++) {
        char right[FACTOR_DIGITS + 1] = "";
        (void)oath_totp_generate(secret, size, (time_t)(step * FACTOR_STEP_S), FACTOR_STEP_S, 0,
                                 FACTOR_DIGITS, right);
        if (sodium_memcmp(right, code, FACTOR_DIGITS) == 0)
            found = step;
        sodium_memzero(right, sizeof right);
    }
    sodium_memzero(secret, size);
    free(secret);
    return found;
}

/* ---- recovery codes -------------------------------------------------------------------------- */

static void hash_of(const char *login, const char *code, char digits[2 * FACTOR_HASH_BYTES + 1])
{
    char words[96];
    uint8_t hash[FACTOR_HASH_BYTES];
    int size = snprintf(words, sizeof words, "%s:%s", login, code);
    (void)crypto_generichash(hash, sizeof hash, (const uint8_t *)words, (unsigned long long)size,
                             NULL, 0);
    hex_write(hash, sizeof hash, digits);
    sodium_memzero(words, sizeof words);
}

/* Writes the file without this hash. Returns 0 or a negative errno: then the code does not count. */
static int take_out(const char *path, const char *digits)
{
    char fresh[512], line[FACTOR_LINE_BYTES];
    if (snprintf(fresh, sizeof fresh, "%s.used", path) >= (int)sizeof fresh)
        return -ENAMETOOLONG;
    FILE *from = fopen(path, "re");
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *to = fd < 0 ? NULL : fdopen(fd, "w");
    int status = from && to ? 0 : -errno;
    while (status == 0 && fgets(line, sizeof line, from)) {
        char *place = strstr(line, digits);
        if (place) /* what comes in front of it, "," or ":", stays */
            memmove(place, place + strlen(digits), strlen(place + strlen(digits)) + 1);
        status = fputs(line, to) < 0 ? -EIO : 0;
    }
    if (from)
        (void)fclose(from);
    if (to && (fflush(to) != 0 || fsync(fd) < 0) && status == 0)
        status = -errno;
    if (to)
        (void)fclose(to);
    if (status == 0 && rename(fresh, path) < 0)
        status = -errno;
    sodium_memzero(line, sizeof line);
    return status;
}

static bool recovers(const char *path, const char *login, const char *hashes, const char *code)
{
    char digits[2 * FACTOR_HASH_BYTES + 1];
    hash_of(login, code, digits);
    if (!hashes || !strstr(hashes, digits))
        return false;
    int status = take_out(path, digits);
    if (status < 0)
        log_error("cannot take a recovery code out of %s: %s", path, strerror(-status));
    return status == 0;
}

enum factor_verdict second_factor_check(const char *path, const char *login, const char *code,
                                        uint64_t now_s, uint64_t *step)
{
    char rest[FACTOR_LINE_BYTES];
    enum factor_verdict verdict = FACTOR_WRONG;
    if (!find(path, login, rest))
        return FACTOR_NONE;
    size_t length = strcspn(rest, ":");
    if (code[0] == '\0')
        verdict = FACTOR_MISSING;
    else if (strlen(code) == FACTOR_DIGITS) {
        uint64_t used = step_of(rest, length, code, now_s);
        if (used > *step) {
            *step = used;
            verdict = FACTOR_RIGHT;
        }
    } else if (recovers(path, login, rest[length] ? rest + length : NULL, code))
        verdict = FACTOR_RIGHT;
    sodium_memzero(rest, sizeof rest);
    return verdict;
}
