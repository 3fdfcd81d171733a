/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A real directory (OpenLDAP's slapd, unprivileged, ports of its own) says whose password it is, to a
 * provider and to a real dispatcher. A name in parentheses, a star, an empty password, a server of
 * another name, a hanging one, none at all: nobody gets in by them.
 *     test_directory PATH-OF-YIHAO-DISPATCHER */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/text.h"
#include "dispatcher/provider/directory.h"
#include "tests/fake/program.h"

enum {
    WAIT_MS = 400,
    TRIES = 200,
    STEP_US = 20000,
    TAKER = 1 << ROLE_TAKER,
    SUPERVISOR = 1 << ROLE_SUPERVISOR
};

static const char *const programs[] = { "dispatcher", "console", NULL };
static const char *dispatcher;
static struct home home;
static uint16_t port; /* ldap, +1 ldaps */
static pid_t slapd;

/* ---- the directory ------------------------------------------------------------------------- */

static const char configuration[] =
    "include /etc/ldap/schema/core.schema\ninclude /etc/ldap/schema/cosine.schema\n"
    "include /etc/ldap/schema/inetorgperson.schema\nmodulepath /usr/lib/ldap\nmoduleload back_mdb\n"
    "TLSCertificateFile keys/directory.pem\nTLSCertificateKeyFile slapd.key\n"
    "security simple_bind=128\n" /* a password in the clear is refused */
    "database mdb\nsuffix \"dc=city\"\ndirectory slapd\nmaxsize 1048576\n"
    "access to attrs=userPassword by anonymous auth by * none\n"
    "access to * by dn.exact=\"cn=looker,dc=city\" read by * none\n";

static const char tree[] =
    "dn: dc=city\nobjectClass: dcObject\nobjectClass: organization\no: city\n\n"
    "dn: cn=looker,dc=city\nobjectClass: person\ncn: looker\nsn: x\nuserPassword: looks\n\n"
    "dn: ou=people,dc=city\nobjectClass: organizationalUnit\n\n"
    "dn: ou=groups,dc=city\nobjectClass: organizationalUnit\n\n"
    "dn: cn=supervisor,ou=groups,dc=city\nobjectClass: groupOfNames\n"
    "member: uid=2002,ou=people,dc=city\nmember: uid=1002,ou=people,dc=city\n\n";

static void write_file(const char *name, const char *words)
{
    char path[192];
    (void)snprintf(path, sizeof path, "%s/%s", home.folder, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(words, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void write_person(struct text *out, const char *name, const char *login)
{
    text_print(out,
               "dn: uid=%s,ou=people,dc=city\nobjectClass: inetOrgPerson\nuid: %s\ncn: x\nsn: x\n"
               "userPassword: of %s\n\n",
               name, login, name);
}

/* In the home's folder. */
static void run(const char *words)
{
    char command[1024];
    (void)snprintf(command, sizeof command, "cd %s && %s", home.folder, words);
    assert_int_equal(system(command), 0); // NOLINT(cert-env33-c): a test's own fixed words
}

static void start_slapd(void)
{
    char urls[96];
    (void)snprintf(urls, sizeof urls, "ldap://127.0.0.1:%u ldaps://127.0.0.1:%u", port, port + 1U);
    slapd = fork();
    assert_true(slapd >= 0);
    if (slapd == 0) {
        if (chdir(home.folder) == 0)
            (void)execl("/usr/sbin/slapd", "slapd", "-d", "0", "-f", "slapd.conf", "-h", urls,
                        NULL);
        _exit(127);
    }
}

static void stop_slapd(void)
{
    if (slapd) {
        (void)kill(slapd, SIGKILL);
        (void)waitpid(slapd, NULL, 0);
    }
    slapd = 0;
}

static int make(void **state)
{
    (void)state;
    static char words[8192];
    home_make(&home, programs);
    port = home_ports();
    write_file("slapd.conf", configuration);
    struct text ldif = text_into(words, sizeof words);
    text_add(&ldif, tree);
    static const char *const people[] = { "1001", "1002", "2002", "2003" };
    for (size_t i = 0; i < sizeof people / sizeof people[0]; i++)
        write_person(&ldif, people[i], people[i]);
    write_person(&ldif, "one", "twice");
    write_person(&ldif, "two", "twice");
    write_file("tree.ldif", words);
    write_file("keys/directory", "looks\n");
    run("mkdir slapd && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 "
        "-nodes -keyout slapd.key -out keys/directory.pem -days 2 -subj /CN=city "
        "-addext subjectAltName=IP:127.0.0.1 2>/dev/null && "
        "/usr/sbin/slapadd -f slapd.conf -l tree.ldif");
    start_slapd();
    return 0;
}

static int end(void **state)
{
    (void)state;
    stop_slapd();
    if (home.dispatcher)
        (void)home_stop(&home, SIGTERM);
    home_remove(&home);
    return 0;
}

static struct directory_settings settings_of(const char *uri, uint16_t at)
{
    struct directory_settings settings = { .base = "ou=people,dc=city",
                                           .filter = "(uid={login})",
                                           .bind = "cn=looker,dc=city",
                                           .group = "cn={role},ou=groups,dc=city",
                                           .confirm = "supervisor",
                                           .spare = "taker",
                                           .wait_ms = WAIT_MS };
    (void)snprintf(settings.uri, sizeof settings.uri, "%s:%u", uri, at);
    return settings;
}

static struct identified ask(const struct directory_settings *settings, const char *login,
                             const char *password)
{
    struct directory *directory = NULL;
    struct sign_in asked = { .id = 0 };
    (void)text_copy(asked.login, sizeof asked.login, login);
    (void)text_copy(asked.password, sizeof asked.password, password);
    assert_int_equal(directory_open(&directory, home.folder, settings), 0);
    struct provider provider = directory_provider(directory);
    struct identified identified = provider.identify(provider.owner, &asked);
    directory_close(directory);
    return identified;
}

/* ---- the provider -------------------------------------------------------------------------- */

static void the_directory_knows_its_people_by_either_way_of_tls(void **state)
{
    (void)state;
    struct directory_settings plain = settings_of("ldap://127.0.0.1", port);
    struct directory_settings tls = settings_of("ldaps://127.0.0.1", (uint16_t)(port + 1));
    struct identified found = { .verdict = PROVIDER_AWAY };
    for (int i = 0; i < TRIES && found.verdict == PROVIDER_AWAY; i++) { /* it is starting */
        (void)usleep(STEP_US);
        found = ask(&plain, "1001", "of 1001");
    }
    assert_int_equal(found.verdict, PROVIDER_RIGHT);
    assert_int_equal(ask(&tls, "1001", "of 1001").verdict, PROVIDER_RIGHT);
    assert_int_equal(found.asked, SUPERVISOR);
    assert_int_equal(found.confirmed, 0);
    assert_int_equal(ask(&tls, "2002", "of 2002").confirmed, SUPERVISOR);
}

static void nobody_gets_in_by_tricks(void **state)
{
    (void)state;
    struct directory_settings settings = settings_of("ldap://127.0.0.1", port);
    static const char *const tries[][2] = {
        { "1001", "of 1002" },
        { "1001", "" },
        { "", "" },
        { "", "of 1001" },
        { "nobody", "of 1001" },
        { "*", "of 1001" },
        { "100*", "of 1001" },
        { "twice", "of one" },
        { "1001)(uid=*", "of 1001" },
        { "x)(|(uid=1001", "of 1001" },
        { "1001\\", "of 1001" },
        { "looker", "looks" },
    };
    for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++)
        assert_int_equal(ask(&settings, tries[i][0], tries[i][1]).verdict, PROVIDER_WRONG);
}

static void a_server_of_another_name_or_none_is_not_asked(void **state)
{
    (void)state;
    struct directory_settings settings = settings_of("ldap://localhost", port); /* not its name */
    assert_int_equal(ask(&settings, "1001", "of 1001").verdict, PROVIDER_AWAY);
    settings = settings_of("ldaps://localhost", (uint16_t)(port + 1));
    assert_int_equal(ask(&settings, "1001", "of 1001").verdict, PROVIDER_AWAY);
    settings = settings_of("ldap://127.0.0.1", (uint16_t)(port + 2)); /* nobody listens */
    assert_int_equal(ask(&settings, "1001", "of 1001").verdict, PROVIDER_AWAY);
    settings = settings_of("ldap://127.0.0.1", port);
    (void)text_copy(settings.bind, sizeof settings.bind, "cn=stranger,dc=city");
    assert_int_equal(ask(&settings, "1001", "of 1001").verdict, PROVIDER_AWAY);

    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                   .sin_port = htons((uint16_t)(port + 3)) };
    int mute = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(mute, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(mute, 1), 0);
    settings = settings_of("ldap://127.0.0.1", (uint16_t)(port + 3));
    uint64_t before_ms = clock_mono_ms();
    assert_int_equal(ask(&settings, "1001", "of 1001").verdict, PROVIDER_AWAY);
    assert_true(clock_mono_ms() - before_ms < 4 * WAIT_MS);
    (void)close(mute);
}

/* ---- the dispatcher ------------------------------------------------------------------------ */

static enum refusal enter(struct program *console, const char *login, const char *password)
{
    uint8_t token[32];
    return program_sign_in(console, login, password, token);
}

static void it_confirms_roles_gives_none_and_is_spared_where_that_is_allowed(void **state)
{
    (void)state;
    char path[192];
    (void)snprintf(path, sizeof path, "%s/settings.conf", home.folder);
    FILE *file = fopen(path, "ae");
    assert_non_null(file);
    (void)fprintf(
        file,
        "directory {\n    uri = \"ldap://127.0.0.1:%u\"\n    base = \"ou=people,dc=city\"\n"
        "    bind = \"cn=looker,dc=city\"\n    group = \"cn={role},ou=groups,dc=city\"\n"
        "    confirm = \"supervisor\"\n    spare = \"taker\"\n    wait_ms = %d\n}\n",
        port, WAIT_MS);
    (void)fclose(file);
    (void)home_start(&home, dispatcher);
    struct program *console = program_open(&home, "console", NULL, false, 0);
    program_wait_up(console);
    assert_int_equal(enter(console, "1001", "of 1001"), REFUSAL_NONE);
    assert_int_equal(enter(console, "1001", HOME_PASSWORD), REFUSAL_BAD_PASSWORD);
    assert_int_equal(enter(console, "nobody", "of 1001"), REFUSAL_BAD_PASSWORD);
    assert_int_equal(enter(console, "2002", "of 2002"), REFUSAL_NONE);
    assert_int_equal(enter(console, "2003", "of 2003"), REFUSAL_ROLE_UNCONFIRMED);
    /* In the supervisors' group, and a taker in users.csv: a taker. */
    assert_int_equal(enter(console, "1002", "of 1002"), REFUSAL_NONE);
    assert_int_equal(console->signed_in.user.roles, TAKER);

    stop_slapd();
    assert_int_equal(enter(console, "1001", HOME_PASSWORD), REFUSAL_NONE);
    assert_int_equal(enter(console, "1001", "of 1001"), REFUSAL_DIRECTORY_AWAY);
    assert_int_equal(enter(console, "2002", HOME_PASSWORD), REFUSAL_DIRECTORY_AWAY);
    assert_int_equal(enter(console, "nobody", HOME_PASSWORD), REFUSAL_DIRECTORY_AWAY);
    program_close(console);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_directory_knows_its_people_by_either_way_of_tls),
        cmocka_unit_test(nobody_gets_in_by_tricks),
        cmocka_unit_test(a_server_of_another_name_or_none_is_not_asked),
        cmocka_unit_test(it_confirms_roles_gives_none_and_is_spared_where_that_is_allowed),
    };
    if (argc != 2)
        return 2;
    dispatcher = argv[1];
    return cmocka_run_group_tests(tests, make, end);
}
