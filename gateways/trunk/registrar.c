/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/registrar.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <sodium.h>

#include "base/hex.h"
#include "base/log.h"
#include "base/text.h"
#include "gateways/trunk/digest.h"

enum {
    NONCE_BYTES = 49, /* 16 hex of time, 32 hex of stamp */
    FIELD_BYTES = 256
};

struct known_phone {
    uint32_t user;
    char name[16];
    char ha1_md5[33];
    char ha1_sha256[65];
    char contact[161]; /* empty: not registered */
    uint64_t until_ms;
    char nonce[NONCE_BYTES]; /* the last one used, and how often */
    uint32_t count;
};

struct registrar {
    char realm[64];
    uint8_t key[crypto_generichash_KEYBYTES];
    uint32_t phone_count;
    struct known_phone phones[REGISTRAR_PHONES_MAX];
};

/* "1001:HA1-MD5:HA1-SHA-256"; blank lines and #-lines are skipped. */
static int read_row(struct registrar *registrar, char *row)
{
    struct known_phone *phone = &registrar->phones[registrar->phone_count];
    uint8_t bytes[32];
    char *end;
    row[strcspn(row, "\r\n")] = 0;
    if (row[0] == 0 || row[0] == '#')
        return 0;
    if (registrar->phone_count == REGISTRAR_PHONES_MAX)
        return -ENOBUFS;
    char *md5 = strchr(row, ':'), *sha256 = md5 ? strchr(md5 + 1, ':') : NULL;
    if (!sha256)
        return -EBADMSG;
    *md5++ = 0;
    *sha256++ = 0;
    unsigned long user = strtoul(row, &end, 10);
    if (end == row || *end || user == 0 || user > UINT32_MAX || !hex_read(md5, bytes, 16) ||
        !hex_read(sha256, bytes, 32) || !text_copy(phone->name, sizeof phone->name, row))
        return -EBADMSG;
    phone->user = (uint32_t)user;
    (void)text_copy(phone->ha1_md5, sizeof phone->ha1_md5, md5);
    (void)text_copy(phone->ha1_sha256, sizeof phone->ha1_sha256, sha256);
    registrar->phone_count++;
    return 0;
}

static int read_phones(struct registrar *registrar, const char *path)
{
    char row[256];
    FILE *file = fopen(path, "re");
    if (!file)
        return errno == ENOENT ? 0 : -errno;
    int status = 0;
    unsigned number = 0;
    while (status == 0 && fgets(row, sizeof row, file)) {
        number++;
        status = read_row(registrar, row);
        if (status < 0)
            log_error("%s:%u: no user:HA1-MD5:HA1-SHA-256; write one phone a line", path, number);
    }
    sodium_memzero(row, sizeof row);
    (void)fclose(file);
    return status;
}

int registrar_open(struct registrar **registrar, const char *path, const char *realm)
{
    struct registrar *fresh = calloc(1, sizeof *fresh);
    if (!fresh || sodium_init() < 0) {
        free(fresh);
        return -ENOMEM;
    }
    (void)text_copy(fresh->realm, sizeof fresh->realm, realm);
    randombytes_buf(fresh->key, sizeof fresh->key);
    int status = read_phones(fresh, path);
    if (status < 0) {
        registrar_close(fresh);
        return status;
    }
    *registrar = fresh;
    return 0;
}

void registrar_close(struct registrar *registrar)
{
    if (registrar)
        sodium_memzero(registrar, sizeof *registrar);
    free(registrar);
}

static struct known_phone *phone_find(struct registrar *registrar, const char *name)
{
    for (uint32_t i = 0; i < registrar->phone_count; i++)
        if (strcmp(registrar->phones[i].name, name) == 0)
            return &registrar->phones[i];
    return NULL;
}

/* ---- nonces ------------------------------------------------------------------------------------ */

static void nonce_make(const struct registrar *registrar, uint64_t at_ms, char nonce[NONCE_BYTES])
{
    uint8_t stamp[16];
    (void)snprintf(nonce, 17, "%016" PRIx64, at_ms);
    (void)crypto_generichash(stamp, sizeof stamp, (const uint8_t *)nonce, 16, registrar->key,
                             sizeof registrar->key);
    hex_write(stamp, sizeof stamp, nonce + 16);
}

enum nonce_state {
    NONCE_FOREIGN,
    NONCE_STALE,
    NONCE_GOOD
};

static enum nonce_state nonce_check(const struct registrar *registrar, const char *nonce,
                                    uint64_t wall_ms)
{
    char digits[17], expected[NONCE_BYTES];
    if (strlen(nonce) != NONCE_BYTES - 1)
        return NONCE_FOREIGN;
    memcpy(digits, nonce, 16);
    digits[16] = 0;
    uint64_t at_ms = strtoull(digits, NULL, 16);
    nonce_make(registrar, at_ms, expected);
    if (sodium_memcmp(expected, nonce, NONCE_BYTES - 1) != 0)
        return NONCE_FOREIGN;
    bool fresh = at_ms <= wall_ms && wall_ms - at_ms <= REGISTRAR_NONCE_MS;
    return fresh ? NONCE_GOOD : NONCE_STALE;
}

/* ---- answers ----------------------------------------------------------------------------------- */

static void challenge(const struct registrar *registrar, struct registration *registration,
                      uint64_t wall_ms, bool stale)
{
    static const char *const algorithms[] = { "SHA-256", "MD5" };
    char nonce[NONCE_BYTES];
    struct text text = text_into(registration->headers, sizeof registration->headers);
    nonce_make(registrar, wall_ms, nonce);
    for (int i = 0; i < 2; i++) /* RFC 8760 §2.4: the preferred one first */
        text_print(&text,
                   "WWW-Authenticate: Digest realm=\"%s\", nonce=\"%s\", algorithm=%s, "
                   "qop=\"auth\"%s\r\n",
                   registrar->realm, nonce, algorithms[i], stale ? ", stale=true" : "");
    registration->status = 401;
}

struct credentials {
    char realm[FIELD_BYTES], nonce[FIELD_BYTES], uri[FIELD_BYTES], response[FIELD_BYTES];
    char algorithm[16], qop[16], cnonce[FIELD_BYTES], nc[16], username[64];
};

static void read_credentials(struct credentials *credentials, const char *header)
{
    digest_parameter(header, "username", credentials->username, sizeof credentials->username);
    digest_parameter(header, "realm", credentials->realm, sizeof credentials->realm);
    digest_parameter(header, "nonce", credentials->nonce, sizeof credentials->nonce);
    digest_parameter(header, "uri", credentials->uri, sizeof credentials->uri);
    digest_parameter(header, "response", credentials->response, sizeof credentials->response);
    digest_parameter(header, "algorithm", credentials->algorithm, sizeof credentials->algorithm);
    digest_parameter(header, "qop", credentials->qop, sizeof credentials->qop);
    digest_parameter(header, "cnonce", credentials->cnonce, sizeof credentials->cnonce);
    digest_parameter(header, "nc", credentials->nc, sizeof credentials->nc);
}

static bool response_is_right(const struct known_phone *phone,
                              const struct credentials *credentials)
{
    bool sha256 = strcasecmp(credentials->algorithm, "SHA-256") == 0;
    bool md5 = credentials->algorithm[0] == 0 || strcasecmp(credentials->algorithm, "MD5") == 0;
    if ((!sha256 && !md5) || strcmp(credentials->qop, "auth") != 0)
        return false;
    enum digest_kind kind = sha256 ? DIGEST_SHA256 : DIGEST_MD5;
    char ha2[DIGEST_HEX_BYTES], expected[DIGEST_HEX_BYTES];
    const char *const what[] = { "REGISTER", credentials->uri, NULL };
    digest_join(kind, what, ha2);
    const char *const all[] = { sha256 ? phone->ha1_sha256 : phone->ha1_md5,
                                credentials->nonce,
                                credentials->nc,
                                credentials->cnonce,
                                "auth",
                                ha2,
                                NULL };
    digest_join(kind, all, expected);
    size_t length = strlen(expected);
    return strlen(credentials->response) == length &&
           sodium_memcmp(expected, credentials->response, length) == 0;
}

/* A count that does not rise is somebody else's copy of an older request. */
static bool take_count(struct known_phone *phone, const struct credentials *credentials)
{
    char *end;
    unsigned long count = strtoul(credentials->nc, &end, 16);
    if (end == credentials->nc || *end || count == 0 || count > UINT32_MAX)
        return false;
    if (strcmp(phone->nonce, credentials->nonce) == 0 && count <= phone->count)
        return false;
    (void)text_copy(phone->nonce, sizeof phone->nonce, credentials->nonce);
    phone->count = (uint32_t)count;
    return true;
}

/* 0: authenticated; else registration->status is set. */
static int authenticate(const struct registrar *registrar, struct known_phone *phone,
                        const struct sip_message *request, uint64_t wall_ms,
                        struct registration *registration)
{
    for (unsigned i = 0; i < request->authorization_count; i++) {
        struct credentials credentials;
        read_credentials(&credentials, request->authorization[i]);
        enum nonce_state nonce = nonce_check(registrar, credentials.nonce, wall_ms);
        if (nonce == NONCE_FOREIGN || strcmp(credentials.realm, registrar->realm) != 0 ||
            strcmp(credentials.username, phone->name) != 0)
            continue;
        if (!response_is_right(phone, &credentials)) {
            registration->status = 403;
            return -EACCES;
        }
        if (nonce == NONCE_GOOD && take_count(phone, &credentials))
            return 0;
        challenge(registrar, registration, wall_ms, true);
        return -EACCES;
    }
    challenge(registrar, registration, wall_ms, false);
    return -EACCES;
}

static void describe_binding(const struct known_phone *phone, uint64_t wall_ms,
                             struct registration *registration)
{
    struct text text = text_into(registration->headers, sizeof registration->headers);
    if (phone->contact[0] && phone->until_ms > wall_ms)
        text_print(&text, "Contact: <%s>;expires=%" PRIu64 "\r\n", phone->contact,
                   (phone->until_ms - wall_ms) / 1000);
}

/* RFC 3261 §10.3. One binding a phone: the newest holds. */
void registrar_hear(struct registrar *registrar, const struct sip_message *request,
                    uint64_t wall_ms, struct registration *registration)
{
    memset(registration, 0, sizeof *registration);
    struct known_phone *phone = phone_find(registrar, request->to.user);
    if (!phone) {
        registration->status = 404;
        return;
    }
    if (authenticate(registrar, phone, request, wall_ms, registration) < 0)
        return;
    registration->status = 200;
    registration->user = phone->user;
    if (request->contact_count == 0) {
        registration->query = true;
        describe_binding(phone, wall_ms, registration);
        return;
    }
    int expires = request->contact_expires >= 0 ? request->contact_expires : request->expires;
    if (expires < 0)
        expires = REGISTRAR_EXPIRES_MAX;
    if (request->contact_star && expires != 0) {
        registration->status = 400;
        return;
    }
    if (expires > 0 && expires < REGISTRAR_EXPIRES_MIN)
        expires = REGISTRAR_EXPIRES_MIN;
    if (expires > REGISTRAR_EXPIRES_MAX)
        expires = REGISTRAR_EXPIRES_MAX;
    registration->expires = (uint32_t)expires;
    phone->contact[0] = 0;
    if (expires > 0 && !text_copy(phone->contact, sizeof phone->contact, request->contact)) {
        phone->contact[0] = 0;
        registration->status = 400;
        return;
    }
    phone->until_ms = wall_ms + (uint64_t)expires * 1000;
    (void)text_copy(registration->contact, sizeof registration->contact, phone->contact);
    describe_binding(phone, wall_ms, registration);
}
