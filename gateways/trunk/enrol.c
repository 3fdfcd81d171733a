/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/enrol.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <sodium.h>

#include "base/text.h"
#include "gateways/trunk/digest.h"

enum {
    WORD_BYTES = 200
};

static int kind_of(const char *algorithm, enum digest_kind *kind)
{
    *kind = strcasecmp(algorithm, "SHA-256") == 0 ? DIGEST_SHA256 : DIGEST_MD5;
    bool known = !algorithm[0] || *kind == DIGEST_SHA256 || strcasecmp(algorithm, "MD5") == 0;
    return known ? 0 : -ENOTSUP;
}

/* "auth" among the words of qop; without any the older form of RFC 2069 is meant. */
static int quality_of(const char *qop, bool *with_count)
{
    *with_count = qop[0] != 0;
    for (const char *at = qop; *at; at += strspn(at, ", ")) {
        size_t length = strcspn(at, ", ");
        if (length == 4 && strncasecmp(at, "auth", 4) == 0)
            return 0;
        at += length;
    }
    return *with_count ? -ENOTSUP : 0;
}

/* count: NULL where the challenge wants none (RFC 2069). */
static void respond(enum digest_kind kind, const struct enrol_answer *answer, const char *realm,
                    const char *nonce, const char *count, const char *cnonce,
                    char response[DIGEST_HEX_BYTES])
{
    char secret[DIGEST_HEX_BYTES], asked[DIGEST_HEX_BYTES];
    const char *const who[] = { answer->user, realm, answer->password, NULL };
    const char *const what[] = { answer->method, answer->uri, NULL };
    const char *const old[] = { secret, nonce, asked, NULL };
    const char *const whole[] = { secret, nonce, count, cnonce, "auth", asked, NULL };
    digest_join(kind, who, secret);
    digest_join(kind, what, asked);
    digest_join(kind, count ? whole : old, response);
    sodium_memzero(secret, sizeof secret);
}

int enrol_authorize(const char *challenge, const struct enrol_answer *answer,
                    char header[ENROL_HEADER_BYTES])
{
    char realm[WORD_BYTES], nonce[WORD_BYTES], opaque[WORD_BYTES], qop[40], algorithm[20];
    char response[DIGEST_HEX_BYTES], count[9], cnonce[64];
    enum digest_kind kind;
    bool with_count;
    if (strncasecmp(challenge, "Digest ", 7) != 0)
        return -ENOTSUP;
    digest_parameter(challenge, "realm", realm, sizeof realm);
    digest_parameter(challenge, "nonce", nonce, sizeof nonce);
    digest_parameter(challenge, "opaque", opaque, sizeof opaque);
    digest_parameter(challenge, "qop", qop, sizeof qop);
    digest_parameter(challenge, "algorithm", algorithm, sizeof algorithm);
    if (!nonce[0] || kind_of(algorithm, &kind) < 0 || quality_of(qop, &with_count) < 0)
        return -ENOTSUP;
    if (answer->cnonce)
        (void)text_copy(cnonce, sizeof cnonce, answer->cnonce);
    else
        (void)snprintf(cnonce, sizeof cnonce, "%08" PRIx32 "%08" PRIx32, randombytes_random(),
                       randombytes_random());
    (void)snprintf(count, sizeof count, "%08" PRIx32, answer->count);
    respond(kind, answer, realm, nonce, with_count ? count : NULL, cnonce, response);
    struct text text = text_into(header, ENROL_HEADER_BYTES);
    text_print(&text, "Authorization: Digest username=\"%s\", realm=\"%s\", ", answer->user, realm);
    text_print(&text, "nonce=\"%s\", uri=\"%s\", response=\"%s\"", nonce, answer->uri, response);
    if (algorithm[0])
        text_print(&text, ", algorithm=%s", algorithm);
    if (opaque[0])
        text_print(&text, ", opaque=\"%s\"", opaque);
    if (with_count)
        text_print(&text, ", qop=auth, nc=%s, cnonce=\"%s\"", count, cnonce);
    text_add(&text, "\r\n");
    return text.cut ? -EMSGSIZE : 0;
}

int enrol_read_password(const char *path, const char *name, char password[ENROL_PASSWORD_BYTES])
{
    char row[ENROL_PASSWORD_BYTES + 64];
    size_t length = strlen(name);
    FILE *file = fopen(path, "re");
    if (!file)
        return -errno;
    int status = -ENOENT;
    while (status == -ENOENT && fgets(row, sizeof row, file)) {
        row[strcspn(row, "\r\n")] = 0;
        if (strncmp(row, name, length) == 0 && row[length] == ':')
            status = text_copy(password, ENROL_PASSWORD_BYTES, row + length + 1) ? 0 : -EMSGSIZE;
    }
    sodium_memzero(row, sizeof row);
    (void)fclose(file);
    return status;
}
