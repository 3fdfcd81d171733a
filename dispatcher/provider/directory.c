/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/provider/directory.h"

#include <errno.h>
#include <ldap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <sodium.h>

#include "base/log.h"
#include "base/text.h"
#include "proto/message.h"

enum {
    NAME_BYTES = 512, /* of an entry */
    ENTRIES_MAX = 2   /* one more than is wanted */
};

struct directory {
    struct directory_settings settings;
    char secret[DIRECTORY_SECRET_BYTES];
    char authorities[SETTINGS_PATH_BYTES + 32]; /* empty: the machine's own */
    uint32_t confirm;
};

/* ---- words --------------------------------------------------------------------------------- */

/* RFC 4515 §3: what a filter reads as its own. */
static bool is_special(unsigned char letter)
{
    return letter == '*' || letter == '(' || letter == ')' || letter == '\\' || letter < ' ' ||
           letter >= 0x7f;
}

bool directory_filter(const char *pattern, const char *login, char *filter, size_t room)
{
    static const char place[] = "{login}";
    const char *at = strstr(pattern, place);
    if (!at || room == 0)
        return false;
    struct text out = text_into(filter, room);
    text_print(&out, "%.*s", (int)(at - pattern), pattern);
    for (const char *letter = login; *letter; letter++)
        text_print(&out, is_special((unsigned char)*letter) ? "\\%02x" : "%c",
                   (unsigned char)*letter);
    text_add(&out, at + sizeof place - 1);
    return out.length < room - 1;
}

bool directory_roles(const char *words, uint32_t *roles)
{
    *roles = 0;
    for (const char *at = words + strspn(words, " "); *at; at += strspn(at, " ")) {
        size_t length = strcspn(at, " ");
        enum role role = ROLE_TAKER;
        while (role < ROLE_COUNT &&
               (strlen(role_name(role)) != length || strncmp(role_name(role), at, length) != 0))
            role++;
        if (role == ROLE_COUNT)
            return false;
        *roles |= 1U << role;
        at += length;
    }
    return true;
}

/* ---- one conversation ---------------------------------------------------------------------- */

static enum provider_verdict verdict_of(int status)
{
    if (status == LDAP_SUCCESS)
        return PROVIDER_RIGHT;
    bool refused = status == LDAP_INVALID_CREDENTIALS || status == LDAP_INAPPROPRIATE_AUTH ||
                   status == LDAP_UNWILLING_TO_PERFORM || status == LDAP_CONSTRAINT_VIOLATION ||
                   status == LDAP_NO_SUCH_OBJECT || status == LDAP_INSUFFICIENT_ACCESS;
    return refused ? PROVIDER_WRONG : PROVIDER_AWAY;
}

static int bind_as(LDAP *ldap, const char *name, const char *password)
{
    struct berval secret = { .bv_len = strlen(password), .bv_val = (char *)(uintptr_t)password };
    return ldap_sasl_bind_s(ldap, name, LDAP_SASL_SIMPLE, &secret, NULL, NULL, NULL);
}

static int set_up(const struct directory *directory, LDAP *ldap)
{
    const struct directory_settings *settings = &directory->settings;
    const int version = LDAP_VERSION3, demand = LDAP_OPT_X_TLS_DEMAND, client = 0;
    const struct timeval wait = { .tv_sec = settings->wait_ms / 1000,
                                  .tv_usec = (suseconds_t)(settings->wait_ms % 1000) * 1000 };
    int status = ldap_set_option(ldap, LDAP_OPT_PROTOCOL_VERSION, &version);
    if (status == LDAP_SUCCESS)
        status = ldap_set_option(ldap, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
    if (status == LDAP_SUCCESS)
        status = ldap_set_option(ldap, LDAP_OPT_NETWORK_TIMEOUT, &wait);
    if (status == LDAP_SUCCESS)
        status = ldap_set_option(ldap, LDAP_OPT_TIMEOUT, &wait);
    if (status == LDAP_SUCCESS)
        status = ldap_set_option(ldap, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand);
    if (status == LDAP_SUCCESS && directory->authorities[0])
        status = ldap_set_option(ldap, LDAP_OPT_X_TLS_CACERTFILE, directory->authorities);
    if (status == LDAP_SUCCESS)
        status = ldap_set_option(ldap, LDAP_OPT_X_TLS_NEWCTX, &client);
    if (status == LDAP_SUCCESS && strncmp(settings->uri, "ldaps:", 6) != 0)
        status = ldap_start_tls_s(ldap, NULL, NULL);
    return status == LDAP_SUCCESS ? bind_as(ldap, settings->bind, directory->secret) : status;
}

/* The one entry of the login. LDAP_NO_SUCH_OBJECT for none, or for two, which must not be. */
static int find(const struct directory *directory, LDAP *ldap, const char *login,
                char name[NAME_BYTES])
{
    char filter[DIRECTORY_FILTER_BYTES];
    char *wanted[] = { (char[]){ "1.1" }, NULL }; /* RFC 4511 §4.5.1.8: no attribute */
    LDAPMessage *found = NULL;
    if (!directory_filter(directory->settings.filter, login, filter, sizeof filter))
        return LDAP_NO_SUCH_OBJECT;
    int status = ldap_search_ext_s(ldap, directory->settings.base, LDAP_SCOPE_SUBTREE, filter,
                                   wanted, 0, NULL, NULL, NULL, ENTRIES_MAX, &found);
    bool one = found && ldap_count_entries(ldap, found) == 1;
    if (status == LDAP_SIZELIMIT_EXCEEDED || (status == LDAP_SUCCESS && !one))
        status = LDAP_NO_SUCH_OBJECT;
    if (status == LDAP_SUCCESS) {
        char *said = ldap_get_dn(ldap, ldap_first_entry(ldap, found));
        if (!said || !text_copy(name, NAME_BYTES, said))
            status = LDAP_NO_SUCH_OBJECT;
        ldap_memfree(said);
    }
    (void)ldap_msgfree(found);
    return status;
}

/* Is this entry a member of the role's group? */
static int is_member(const struct directory *directory, LDAP *ldap, enum role role,
                     const char *name)
{
    static const char place[] = "{role}";
    const char *pattern = directory->settings.group;
    const char *at = strstr(pattern, place); /* directory_open() saw to it */
    char group[NAME_BYTES];
    struct text out = text_into(group, sizeof group);
    text_print(&out, "%.*s%s%s", (int)(at - pattern), pattern, role_name(role),
               at + sizeof place - 1);
    struct berval member = { .bv_len = strlen(name), .bv_val = (char *)(uintptr_t)name };
    int status = ldap_compare_ext_s(ldap, group, "member", &member, NULL, NULL);
    return status == LDAP_NO_SUCH_OBJECT || status == LDAP_NO_SUCH_ATTRIBUTE ? LDAP_COMPARE_FALSE
                                                                             : status;
}

static int confirm(const struct directory *directory, LDAP *ldap, const char *name,
                   struct identified *identified)
{
    identified->asked = directory->confirm;
    for (enum role role = ROLE_TAKER; role < ROLE_COUNT; role++) {
        if (!(directory->confirm & 1U << role))
            continue;
        int status = is_member(directory, ldap, role, name);
        if (status == LDAP_COMPARE_TRUE)
            identified->confirmed |= 1U << role;
        else if (status != LDAP_COMPARE_FALSE)
            return status;
    }
    return LDAP_SUCCESS;
}

/* An unknown login is looked up in every group and bound, too, under a name that nobody has. */
static int converse(const struct directory *directory, LDAP *ldap, const char *login,
                    const char *password, struct identified *identified)
{
    char name[NAME_BYTES] = "";
    int status = set_up(directory, ldap);
    if (status !=
        LDAP_SUCCESS) /* the looker, too, must be let in: else nobody can be asked about */
        return verdict_of(status) == PROVIDER_WRONG ? LDAP_UNAVAILABLE : status;
    status = find(directory, ldap, login, name);
    bool known = status == LDAP_SUCCESS;
    if (!known && status != LDAP_NO_SUCH_OBJECT)
        return status;
    if (!known)
        (void)snprintf(name, sizeof name, "cn=nobody,%s", directory->settings.base);
    status = confirm(directory, ldap, name, identified);
    if (status != LDAP_SUCCESS)
        return status;
    status = bind_as(ldap, name, password);
    return status == LDAP_SUCCESS && !known ? LDAP_INVALID_CREDENTIALS : status;
}

static void tell(const struct directory *directory, LDAP *ldap, int status)
{
    static _Thread_local struct log_limit limit;
    char *more = NULL;
    if (!log_allowed(&limit))
        return;
    if (ldap)
        (void)ldap_get_option(ldap, LDAP_OPT_DIAGNOSTIC_MESSAGE, &more);
    log_warn("ask directory failed uri=%s error=%s more=%s", directory->settings.uri,
             ldap_err2string(status), more ? more : "");
    ldap_memfree(more);
}

static struct identified identify(void *owner, const struct sign_in *asked)
{
    const struct directory *directory = owner;
    const char *login = asked->login, *password = asked->password;
    struct identified identified = { .verdict = PROVIDER_WRONG };
    LDAP *ldap = NULL;
    if (!login[0] || !password[0]) /* RFC 4513 §5.1.2: a bind without a password always succeeds */
        return identified;
    int status = ldap_initialize(&ldap, directory->settings.uri);
    if (status == LDAP_SUCCESS)
        status = converse(directory, ldap, login, password, &identified);
    identified.verdict = verdict_of(status);
    if (identified.verdict == PROVIDER_AWAY)
        tell(directory, ldap, status);
    if (ldap)
        (void)ldap_unbind_ext_s(ldap, NULL, NULL);
    return identified;
}

/* ---- opening ------------------------------------------------------------------------------- */

/* Why these settings cannot be used, NULL: they can. */
static const char *complaint_of(const struct directory_settings *settings, uint32_t *confirm_roles)
{
    char filter[DIRECTORY_FILTER_BYTES];
    uint32_t spare;
    if (strncmp(settings->uri, "ldaps://", 8) != 0 && strncmp(settings->uri, "ldap://", 7) != 0)
        return "uri: write ldaps://NAME, or ldap://NAME (StartTLS)";
    if (!directory_filter(settings->filter, "a", filter, sizeof filter))
        return "filter: write it with {login} in it";
    if (!directory_roles(settings->confirm, confirm_roles) ||
        !directory_roles(settings->spare, &spare))
        return "confirm, spare: names of roles are wanted, as in users.csv";
    if (*confirm_roles && !strstr(settings->group, "{role}"))
        return "group: write it with {role} in it";
    return NULL;
}

static int read_secret(struct directory *directory, const char *home)
{
    char path[SETTINGS_PATH_BYTES + 32];
    if (!directory->settings.bind[0])
        return 0;
    (void)snprintf(path, sizeof path, "%s/keys/directory", home);
    FILE *file = fopen(path, "re");
    bool got = file && fgets(directory->secret, sizeof directory->secret, file);
    if (file)
        (void)fclose(file);
    directory->secret[strcspn(directory->secret, "\r\n")] = 0;
    if (got && directory->secret[0])
        return 0;
    log_error("read %s failed; write the password of %s into it, mode 0600", path,
              directory->settings.bind);
    return -ENOENT;
}

int directory_open(struct directory **directory, const char *home,
                   const struct directory_settings *settings)
{
    uint32_t confirm_roles = 0;
    *directory = NULL;
    if (!settings->uri[0])
        return 0;
    const char *complaint = complaint_of(settings, &confirm_roles);
    if (complaint) {
        log_error("settings.conf: directory %s", complaint);
        return -EINVAL;
    }
    struct directory *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->settings = *settings;
    fresh->confirm = confirm_roles;
    (void)snprintf(fresh->authorities, sizeof fresh->authorities, "%s/keys/directory.pem", home);
    if (access(fresh->authorities, R_OK) < 0)
        fresh->authorities[0] = 0;
    int status = read_secret(fresh, home);
    if (status < 0) {
        directory_close(fresh);
        return status;
    }
    *directory = fresh;
    return 0;
}

void directory_close(struct directory *directory)
{
    if (!directory)
        return;
    sodium_memzero(directory, sizeof *directory);
    free(directory);
}

int directory_look(struct directory *directory)
{
    LDAP *ldap = NULL;
    int status = ldap_initialize(&ldap, directory->settings.uri);
    if (status == LDAP_SUCCESS)
        status = set_up(directory, ldap);
    if (ldap)
        (void)ldap_unbind_ext_s(ldap, NULL, NULL);
    if (status == LDAP_SUCCESS)
        return 0;
    return verdict_of(status) == PROVIDER_WRONG ? -EACCES : -EHOSTUNREACH;
}

struct provider directory_provider(struct directory *directory)
{
    return (struct provider){ .owner = directory, .identify = identify };
}
