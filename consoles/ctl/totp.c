/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `yihao user totp LOGIN`: a second factor for signing in, as a QR code for the person's authenticator,
 * and ten recovery codes. It is shown once. */
#include <liboath/oath.h>
#include <qrencode.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/hex.h"
#include "base/text.h"
#include "consoles/ctl/password.h"
#include "consoles/ctl/session.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"

enum {
    SECRET_BYTES = 20, /* RFC 4226 §4 R6 */
    HASH_BYTES = 16,
    RECOVERY_CODES = 10,
    RECOVERY_LETTERS = 10, /* 50 bits */
    REST_BYTES = 480,
    URI_BYTES = 256,
    QUIET = 2 /* white modules around, as readers want them */
};

struct fresh {
    char *base32;
    char codes[RECOVERY_CODES][RECOVERY_LETTERS + 1];
    char rest[REST_BYTES]; /* what the file keeps */
};

static bool make(struct fresh *fresh, const char *login)
{
    uint8_t secret[SECRET_BYTES], hash[HASH_BYTES];
    char password[PASSWORD_LETTERS + 1], digits[2 * HASH_BYTES + 1], named[96];
    struct text rest = text_into(fresh->rest, sizeof fresh->rest);
    randombytes_buf(secret, sizeof secret);
    bool made =
        oath_base32_encode((const char *)secret, sizeof secret, &fresh->base32, NULL) == OATH_OK;
    sodium_memzero(secret, sizeof secret);
    if (!made)
        return false;
    text_add(&rest, fresh->base32);
    for (unsigned i = 0; i < RECOVERY_CODES; i++) {
        password_make(password);
        memcpy(fresh->codes[i], password, RECOVERY_LETTERS);
        int size = snprintf(named, sizeof named, "%s:%s", login, fresh->codes[i]);
        (void)crypto_generichash(hash, sizeof hash, (const uint8_t *)named,
                                 (unsigned long long)size, NULL, 0);
        hex_write(hash, sizeof hash, digits);
        text_print(&rest, "%s%s", i == 0 ? ":" : ",", digits);
    }
    sodium_memzero(password, sizeof password);
    sodium_memzero(named, sizeof named);
    return !rest.cut;
}

/* Two rows of modules a line: dark ones are blanks on a light ground, as on paper. */
static void print_qr(const char *words)
{
    QRcode *code = QRcode_encodeString8bit(words, 0, QR_ECLEVEL_M);
    if (!code)
        return;
    for (int row = -QUIET; row < code->width + QUIET; row += 2) {
        for (int column = -QUIET; column < code->width + QUIET; column++) {
            bool dark[2];
            for (int half = 0; half < 2; half++) {
                int y = row + half;
                bool inside = y >= 0 && y < code->width && column >= 0 && column < code->width;
                dark[half] = inside && (code->data[y * code->width + column] & 1);
            }
            (void)fputs(dark[0] ? dark[1] ? " " : "▄" : dark[1] ? "▀" : "█", stdout);
        }
        (void)putchar('\n');
    }
    QRcode_free(code);
}

static void tell(const struct fresh *fresh, const char *login)
{
    char uri[URI_BYTES];
    (void)snprintf(uri, sizeof uri, "otpauth://totp/Yihao:%s?secret=%s&issuer=Yihao", login,
                   fresh->base32);
    print_qr(uri);
    (void)printf("%s\n\n", uri);
    (void)puts(words("recovery codes, each works once; keep them on paper:",
                     "恢复码,每个只能使用一次;请纸质保存:"));
    for (unsigned i = 0; i < RECOVERY_CODES; i++)
        (void)printf("  %s\n", fresh->codes[i]);
    sodium_memzero(uri, sizeof uri);
}

int run_totp(struct request *request)
{
    static struct fresh fresh;
    const char *login = request->arguments[0];
    bool none = request_option(request, "none") != NULL;
    int code = user_exists(request->home, login);
    if (code != EXIT_DONE)
        return code;
    if (sodium_init() < 0 || (!none && !make(&fresh, login)))
        return EXIT_FAILED;
    int status = password_store_factor(request->home, login, none ? "" : fresh.rest);
    if (status == 0)
        status = password_sync(request->home);
    if (status < 0)
        complain(
            words("cannot write %s/keys/second-factor: %s", "无法写入 %s/keys/second-factor: %s"),
            request->home, strerror(-status));
    else if (!none)
        tell(&fresh, login);
    free(fresh.base32);
    sodium_memzero(&fresh, sizeof fresh);
    return status < 0 ? EXIT_FAILED : EXIT_DONE;
}
