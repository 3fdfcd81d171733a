/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/log.h"
#include "base/text.h"
#include "consoles/server/aml_post.h"

static bool line_take(struct aml_senders *senders, char *line)
{
    line[strcspn(line, "\r\n")] = '\0';
    if (line[0] == '\0' || line[0] == '#')
        return true;
    char *secret = strchr(line, ':');
    if (!secret || senders->count == AML_SENDERS_MAX)
        return false;
    *secret++ = '\0';
    return line[0] && secret[0] &&
           text_copy(senders->rows[senders->count].name, sizeof senders->rows[0].name, line) &&
           text_copy(senders->rows[senders->count++].secret, AML_SECRET_BYTES, secret);
}

int aml_senders_read(struct aml_senders *senders, const char *home)
{
    char path[512], line[256];
    int status = 0;
    *senders = (struct aml_senders){ .count = 0 };
    (void)snprintf(path, sizeof path, "%s/keys/aml", home);
    FILE *file = fopen(path, "re");
    if (!file)
        return errno == ENOENT ? 0 : -errno;
    for (int number = 1; status == 0 && fgets(line, sizeof line, file); number++) {
        if (line_take(senders, line))
            continue;
        log_error("%s:%d: give NAME:SECRET, at most %d lines", path, number, AML_SENDERS_MAX);
        status = -EINVAL;
    }
    (void)fclose(file);
    return status;
}

const char *aml_signer(const struct aml_senders *senders, const char *body, size_t length,
                       const char *signature, size_t signature_length)
{
    const EVP_MD *digest = signature_length == 40   ? EVP_sha1()
                           : signature_length == 64 ? EVP_sha256()
                                                    : NULL;
    uint8_t said[EVP_MAX_MD_SIZE], ours[EVP_MAX_MD_SIZE];
    char digits[2 * EVP_MAX_MD_SIZE + 1];
    const char *name = NULL;
    if (!digest)
        return NULL;
    memcpy(digits, signature, signature_length);
    digits[signature_length] = '\0';
    if (!hex_read(digits, said, (unsigned)(signature_length / 2)))
        return NULL;
    for (uint32_t i = 0; i < senders->count; i++) {
        const char *secret = senders->rows[i].secret;
        unsigned size = 0;
        if (HMAC(digest, secret, (int)strlen(secret), (const uint8_t *)body, length, ours, &size) &&
            CRYPTO_memcmp(ours, said, size) == 0 && !name)
            name = senders->rows[i].name;
    }
    return name;
}
