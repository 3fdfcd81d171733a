/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/settings.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <confuse.h>

#include "base/memory_fault.h"
#include "base/require.h"
#include "base/text.h"
#include "proto/settings_rows.h"
#include "proto/settings_text.h"

/* ---- complaints ---------------------------------------------------------------------------- */

/* One reading at a time in a process (libconfuse's callbacks carry no owner). */
static struct {
    settings_complain *complain;
    void *owner;
    const char *path;
    unsigned count;
} reading;

static void complain_at(const cfg_t *cfg, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void complain_words(const cfg_t *cfg, const char *words)
{
    char sentence[700];
    (void)snprintf(sentence, sizeof sentence, "%s:%d: %s", reading.path, cfg ? cfg->line : 0,
                   words);
    reading.count++;
    if (reading.complain)
        reading.complain(reading.owner, sentence);
}

static void complain_at(const cfg_t *cfg, const char *format, ...)
{
    char words[512];
    va_list list;
    va_start(list, format);
    (void)vsnprintf(words, sizeof words, format, list);
    va_end(list);
    complain_words(cfg, words);
}

/* libconfuse says what is wrong; the cure is ours. */
static void on_parse_error(cfg_t *cfg, const char *format, va_list list)
{
    static const char *const cures[][2] = {
        { "no such option", "docs/operating.md lists the settings" },
        { "invalid integer", "write a plain whole number" },
        { "duplicate title", "give each program its own name" },
        { "missing title", "write the program's name in quotes before {" },
        { "unexpected", "check the line before for a missing quote, bracket or =" },
    };
    char words[512];
    const char *cure = "compare with the sample in ops/city/settings.conf";
    (void)vsnprintf(words, sizeof words, format, list);
    for (size_t i = 0; i < sizeof cures / sizeof *cures; i++)
        if (strstr(words, cures[i][0]))
            cure = cures[i][1];
    complain_at(cfg, "%s; %s", words, cure);
}

/* ---- checks while reading, so that the line is known ---------------------------------------- */

static bool is_address(const char *words)
{
    unsigned char bytes[16];
    return inet_pton(AF_INET, words, bytes) == 1 || inet_pton(AF_INET6, words, bytes) == 1;
}

/* address or address/prefix */
static bool is_network(const char *words)
{
    char address[50];
    unsigned prefix = 0;
    char rest;
    const char *slash = strchr(words, '/');
    if (!slash)
        return is_address(words);
    if (!text_copy(address, sizeof address, words))
        return false;
    address[slash - words] = 0;
    return is_address(address) && sscanf(slash, "/%3u%c", &prefix, &rest) == 1 &&
           prefix <= (strchr(address, ':') ? 128U : 32U);
}

/* With somebody to call and a host; no quotes that would end a metric's label. */
static bool is_sip(const char *words)
{
    const char *sign = words ? strchr(words, '@') : NULL;
    return sign && strncmp(words, "sip:", 4) == 0 && sign > words + 4 && sign[1] &&
           strlen(words) < 50 && !strpbrk(words, "\"\\ <>");
}

static bool is_prefix(const char *words)
{
    size_t length = strlen(words);

    return length >= 1 && length <= 8 && strspn(words, "0123456789") == length;
}

static bool is_choice(const char *choices, const char *words)
{
    char wanted[32];
    int size = snprintf(wanted, sizeof wanted, " %s ", words);

    return size > 2 && (size_t)size < sizeof wanted && strstr(choices, wanted);
}

static int check_option(cfg_t *cfg, cfg_opt_t *option)
{
    const struct settings_row *row = settings_row_of(cfg_name(cfg), cfg_opt_name(option));
    REQUIRE(row != NULL);
    bool good = true;
    long number = 0;
    const char *words = "";
    switch (row->kind) {
    case SETTING_NUMBER:
    case SETTING_PORT:
        number = cfg_opt_getnint(option, 0);
        good = number >= row->low && number <= row->high;
        break;
    case SETTING_WORDS:
        words = cfg_opt_getnstr(option, 0);
        good = words && strlen(words) < row->size && (long)strlen(words) >= row->low;
        break;
    case SETTING_CHOICE:
        words = cfg_opt_getnstr(option, 0);
        good = words && is_choice(row->choices, words);
        break;
    case SETTING_ADDRESS:
        words = cfg_opt_getnstr(option, 0);
        good = words && is_address(words);
        break;
    case SETTING_NETWORKS:
        for (unsigned i = 0; i < cfg_opt_size(option) && good; i++)
            good = is_network(cfg_opt_getnstr(option, i));
        good = good && cfg_opt_size(option) <= SETTINGS_SOURCES_MAX;
        break;
    case SETTING_NUMBERS:
        for (unsigned i = 0; i < cfg_opt_size(option) && good; i++)
            good = is_sip(cfg_opt_getnstr(option, i));
        good = good && cfg_opt_size(option) <= SETTINGS_SOURCES_MAX;
        break;
    case SETTING_PREFIXES:
        for (unsigned i = 0; i < cfg_opt_size(option) && good; i++)
            good = is_prefix(cfg_opt_getnstr(option, i));
        good = good && cfg_opt_size(option) <= SETTINGS_PREFIXES_MAX;
        break;
    }
    if (good)
        return 0;
    complain_at(cfg, "%s is out of bounds; %s", row->name, row->cure);
    return -1;
}

static int check_title(cfg_t *cfg, cfg_opt_t *option)
{
    const char *title = cfg_title(cfg_opt_getnsec(option, cfg_opt_size(option) - 1));
    size_t length = title ? strlen(title) : 0;
    if (length > 0 && length < 32 &&
        strspn(title, "abcdefghijklmnopqrstuvwxyz0123456789-") == length)
        return 0;
    complain_at(cfg, "the name \"%s\" cannot be used; take 1 to 31 of a-z, 0-9 and -",
                title ? title : "");
    return -1;
}

/* ---- taking the values over ---------------------------------------------------------------- */

static void take_row(cfg_t *cfg, const struct settings_row *row, char *to)
{
    switch (row->kind) {
    case SETTING_NUMBER: {
        uint32_t number = (uint32_t)cfg_getint(cfg, row->name);
        memcpy(to + row->offset, &number, sizeof number);
        break;
    }
    case SETTING_PORT: {
        uint16_t port = (uint16_t)cfg_getint(cfg, row->name);
        memcpy(to + row->offset, &port, sizeof port);
        break;
    }
    case SETTING_WORDS:
    case SETTING_CHOICE:
    case SETTING_ADDRESS:
        (void)text_copy(to + row->offset, row->size, cfg_getstr(cfg, row->name));
        break;
    case SETTING_PREFIXES: {
        struct centre_settings *centre = (struct centre_settings *)(void *)to;
        centre->serves_count = cfg_size(cfg, row->name);
        for (unsigned i = 0; i < centre->serves_count; i++)
            (void)text_copy(centre->serves[i], sizeof centre->serves[i],
                            cfg_getnstr(cfg, row->name, i));
        break;
    }
    case SETTING_NUMBERS:
    case SETTING_NETWORKS: {
        uint32_t count = cfg_size(cfg, row->name);
        char(*sources)[50] = (char(*)[50])(to + row->offset + sizeof count);
        memcpy(to + row->offset, &count, sizeof count);
        for (unsigned i = 0; i < count; i++)
            (void)text_copy(sources[i], sizeof sources[i], cfg_getnstr(cfg, row->name, i));
        break;
    }
    }
}

/* A home of before there were several centres has one, of SMPP. */
static void centre_of_old(const struct sms_settings *sms, struct centre_settings *centre)
{
    static const struct centre_settings old = { .name = "centre",
                                                .protocol = "smpp",
                                                .bind = "transceiver",
                                                .send_with = "submit_sm",
                                                .submit_multi = "no",
                                                .long_with = "header8",
                                                .national = "none",
                                                .national_shift = "single",
                                                .binds = 1,
                                                .enquire_s = 30,
                                                .query_min = 60,
                                                .receipt_h = 72,
                                                .listen_address = "127.0.0.1",
                                                .listen_tls = "no",
                                                .tls = "no" };
    memcpy(centre, &old,
           sizeof old); /* the octets between its members, too: settings_read() compares */
    (void)text_copy(centre->host, sizeof centre->host, sms->centre_host);
    centre->port = sms->centre_port;
    (void)text_copy(centre->account, sizeof centre->account, sms->system_id);
    (void)text_copy(centre->password, sizeof centre->password, sms->password);
    (void)text_copy(centre->system_type, sizeof centre->system_type, sms->system_type);
    centre->window = sms->window;
}

static void take_centres(cfg_t *cfg, struct sms_settings *sms)
{
    unsigned count = cfg_size(cfg, "centre");

    if (count > SETTINGS_CENTRES_MAX) {
        complain_at(cfg, "%u sections \"centre\"; at most %d fit one gateway", count,
                    SETTINGS_CENTRES_MAX);
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        cfg_t *one = cfg_getnsec(cfg, "centre", i);

        for (const struct settings_row *row = settings_rows_of("centre"); row->name; row++)
            take_row(one, row, (char *)&sms->centres[i]);
        (void)text_copy(sms->centres[i].name, sizeof sms->centres[i].name, cfg_title(one));
    }
    sms->centre_count = count > 0 ? count : 1;
    if (count == 0)
        centre_of_old(sms, &sms->centres[0]);
}

static void take_carriers(cfg_t *cfg, struct trunk_settings *trunk)
{
    unsigned count = cfg_size(cfg, "carrier");
    if (count > SETTINGS_CARRIERS_MAX) {
        complain_at(cfg, "%u sections \"carrier\"; at most %d fit one gateway", count,
                    SETTINGS_CARRIERS_MAX);
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        cfg_t *one = cfg_getnsec(cfg, "carrier", i);
        for (const struct settings_row *row = settings_rows_of("carrier"); row->name; row++)
            take_row(one, row, (char *)&trunk->carriers[i]);
        (void)text_copy(trunk->carriers[i].name, sizeof trunk->carriers[i].name, cfg_title(one));
        if (trunk->carriers[i].address[0] && !is_address(trunk->carriers[i].address))
            complain_at(one, "%s is no address; names are not resolved, give the number",
                        trunk->carriers[i].address);
    }
    trunk->carrier_count = count;
}

static void take_section(cfg_t *cfg, const struct settings_section *section,
                         struct settings *settings)
{
    unsigned count = cfg_size(cfg, section->name);
    if (section->count_offset != 0 && count > SETTINGS_PROGRAMS_MAX) {
        complain_at(cfg, "%u sections \"%s\"; at most %d fit one home", count, section->name,
                    SETTINGS_PROGRAMS_MAX);
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        cfg_t *one = cfg_getnsec(cfg, section->name, i);
        char *to = (char *)settings + section->offset + i * section->stride;
        for (const struct settings_row *row = section->rows; row->name; row++)
            take_row(one, row, to);
        if (section->count_offset != 0)
            (void)text_copy(to + section->name_offset, 32, cfg_title(one));
        if (!strcmp(section->name, "trunk"))
            take_carriers(one, (struct trunk_settings *)(void *)to);
        if (!strcmp(section->name, "sms"))
            take_centres(one, (struct sms_settings *)(void *)to);
    }
    if (section->count_offset != 0)
        memcpy((char *)settings + section->count_offset, &count, sizeof(uint32_t));
}

/* ---- the whole ------------------------------------------------------------------------------ */

struct claim {
    long low, high; /* ports, both included */
    const char *program, *use;
    const cfg_t *cfg;
};

static void check_claims(const struct claim *claims, int count)
{
    for (int i = 0; i < count; i++)
        for (int k = 0; k < i; k++)
            if (claims[i].low <= claims[k].high && claims[k].low <= claims[i].high)
                complain_at(claims[i].cfg,
                            "port %ld of %s (%s) is taken by %s (%s) too; give each its own",
                            claims[i].low, claims[i].program, claims[i].use, claims[k].program,
                            claims[k].use);
}

static long endpoint_port(const cfg_t *cfg, const char *name, const char *endpoint)
{
    unsigned port = 0;
    char rest;
    const char *colon = strrchr(endpoint, ':');
    if (!strncmp(endpoint, "tcp://", 6) && colon > endpoint + 5 &&
        sscanf(colon, ":%5u%c", &port, &rest) == 1 && port >= 1 && port <= 65535)
        return (long)port;
    complain_at(cfg, "%s \"%s\" is no endpoint; write it as \"tcp://127.0.0.1:7110\"", name,
                endpoint);
    return -1;
}

static void check_trunk_ports(const cfg_t *cfg, const struct trunk_settings *trunk)
{
    if (trunk->rtp_low % 2 != 0 || trunk->rtp_high <= trunk->rtp_low)
        complain_at(cfg, "rtp_low %u must be even and below rtp_high %u; RTP uses pairs of ports",
                    (unsigned)trunk->rtp_low, (unsigned)trunk->rtp_high);
    if (!trunk->mirror[0] != !trunk->twin[0])
        complain_at(cfg, "mirror and twin go together; give both, or neither");
    if (trunk->mirror[0])
        (void)endpoint_port(cfg, "mirror", trunk->mirror);
    if (trunk->twin[0])
        (void)endpoint_port(cfg, "twin", trunk->twin);
}

/* What the protocols have room for. */
static void check_centre(const cfg_t *cfg, const struct centre_settings *centre)
{
    static const struct {
        const char *protocol;
        size_t account, password;
        bool answers; /* to a centre that connects */
    } rooms[] = { { "smpp", 15, 8, true },
                  { "cmpp2", 6, 32, false },
                  { "cmpp3", 6, 32, false },
                  { "sgip", 16, 16, true },
                  { "smgp", 8, 32, false } };

    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
        if (strcmp(rooms[i].protocol, centre->protocol) != 0)
            continue;
        if (strlen(centre->account) > rooms[i].account ||
            strlen(centre->password) > rooms[i].password)
            complain_at(cfg,
                        "%s has room for %zu characters of account and %zu of password; "
                        "ask the operator which they are",
                        centre->protocol, rooms[i].account, rooms[i].password);
        if (centre->listen_port != 0 && !rooms[i].answers)
            complain_at(cfg, "no centre of %s connects to us; leave listen_port out",
                        centre->protocol);
    }
    if (centre->listen_port != 0 && centre->listen_account[0] == '\0')
        complain_at(cfg, "anybody could play the centre that calls us; give a listen_account");
    if (!strcmp(centre->bind, "outbind") && centre->listen_port == 0)
        complain_at(cfg, "a centre that calls us (outbind) needs a listen_port; give one");
}

static int claim_sms(cfg_t *cfg, const struct sms_settings *sms, struct claim *claims)
{
    int count = 0;

    claims[count++] =
        (struct claim){ sms->metrics_port, sms->metrics_port, sms->name, "metrics_port", cfg };
    for (uint32_t i = 0; i < sms->centre_count; i++) {
        const struct centre_settings *centre = &sms->centres[i];
        const cfg_t *at = cfg_size(cfg, "centre") > 0 ? cfg_getnsec(cfg, "centre", i) : cfg;

        check_centre(at, centre);
        if (centre->listen_port != 0)
            claims[count++] = (struct claim){ centre->listen_port, centre->listen_port,
                                              centre->name, "listen_port", at };
    }
    return count;
}

/* A key is made for the origin's host or a domain over it (Web Authentication §5.1.3). */
static void check_authenticators(cfg_t *cfg, const struct dispatcher_settings *dispatcher)
{
    const char *origin = dispatcher->authenticator_origin, *party = dispatcher->authenticator_party;
    const cfg_t *at = cfg_getnsec(cfg, "dispatcher", 0);
    const char *host = strstr(origin, "://");
    if (!origin[0] && !party[0])
        return;
    host = host ? host + strlen("://") : "";
    size_t size = strcspn(host, ":/"), length = strlen(party);
    bool secure = strncmp(origin, "https://", strlen("https://")) == 0 ||
                  (strncmp(origin, "http://", strlen("http://")) == 0 &&
                   size == strlen("localhost") && strncmp(host, "localhost", size) == 0);
    if (!secure || size == 0 || strchr(host, '/') ||
        strspn(origin, "abcdefghijklmnopqrstuvwxyz0123456789:/.-") != strlen(origin))
        complain_at(at,
                    "authenticator_origin: write it as \"https://yihao.city.example\", in small "
                    "letters, without a path");
    else if (length > size || strncmp(host + size - length, party, length) != 0 ||
             (length > 0 && length < size && host[size - length - 1] != '.'))
        complain_at(at, "authenticator_party: give the origin's host or a domain over it");
}

/* Both say who leads, and would not agree. */
static void check_annals(cfg_t *cfg, const struct dispatcher_settings *dispatcher)
{
    const char *annals = dispatcher->annals;
    if (!annals[0])
        return;
    if (strncmp(annals, "lmdb:/", strlen("lmdb:/")) != 0 &&
        strncmp(annals, "postgresql://", strlen("postgresql://")) != 0)
        complain_at(cfg_getnsec(cfg, "dispatcher", 0),
                    "annals: write it as \"postgresql://yihao@db.example/yihao\" or "
                    "\"lmdb:/mnt/other-disk/annals\"");
    else if (dispatcher->turns[0] || dispatcher->twin_turns[0] || dispatcher->arbiter[0])
        complain_at(cfg_getnsec(cfg, "dispatcher", 0),
                    "annals: keep either annals, or turns, twin_turns and arbiter");
}

static void check_whole(cfg_t *cfg, const struct settings *settings)
{
    struct claim claims[4 + SETTINGS_PROGRAMS_MAX * (7 + SETTINGS_CENTRES_MAX)];
    int count = 0;
    const cfg_t *at = cfg_getnsec(cfg, "dispatcher", 0);
    const struct dispatcher_settings *dispatcher = &settings->dispatcher;
    long commands = endpoint_port(at, "commands", dispatcher->commands);
    long events = endpoint_port(at, "events", dispatcher->events);
    claims[count++] = (struct claim){ commands, commands, "dispatcher", "commands", at };
    claims[count++] = (struct claim){ events, events, "dispatcher", "events", at };
    claims[count++] = (struct claim){ dispatcher->metrics_port, dispatcher->metrics_port,
                                      "dispatcher", "metrics_port", at };
    for (uint32_t i = 0; i < settings->trunk_count; i++) {
        const struct trunk_settings *trunk = &settings->trunks[i];
        at = cfg_getnsec(cfg, "trunk", i);
        check_trunk_ports(at, trunk);
        claims[count++] =
            (struct claim){ trunk->sip_port, trunk->sip_port, trunk->name, "sip_port", at };
        if (trunk->tls_port != 0)
            claims[count++] =
                (struct claim){ trunk->tls_port, trunk->tls_port, trunk->name, "tls_port", at };
        claims[count++] = (struct claim){ trunk->rtp_low, trunk->rtp_high, trunk->name, "rtp", at };
        claims[count++] = (struct claim){ trunk->metrics_port, trunk->metrics_port, trunk->name,
                                          "metrics_port", at };
    }
    for (uint32_t i = 0; i < settings->sms_count; i++)
        count += claim_sms(cfg_getnsec(cfg, "sms", i), &settings->sms[i], claims + count);
    for (uint32_t i = 0; i < settings->console_count; i++) {
        const struct console_settings *console = &settings->consoles[i];
        at = cfg_getnsec(cfg, "console", i);
        claims[count++] = (struct claim){ console->port, console->port, console->name, "port", at };
        claims[count++] = (struct claim){ console->metrics_port, console->metrics_port,
                                          console->name, "metrics_port", at };
    }
    for (uint32_t i = 0; i < settings->witness_count; i++)
        claims[count++] =
            (struct claim){ settings->witnesses[i].metrics_port,
                            settings->witnesses[i].metrics_port, settings->witnesses[i].name,
                            "metrics_port", cfg_getnsec(cfg, "witness", i) };
    for (uint32_t i = 0; i < settings->arbiter_count; i++)
        claims[count++] =
            (struct claim){ settings->arbiters[i].metrics_port, settings->arbiters[i].metrics_port,
                            settings->arbiters[i].name, "metrics_port",
                            cfg_getnsec(cfg, "arbiter", i) };
    if (settings->sealer_count > 1)
        complain_at(cfg_getnsec(cfg, "sealer", 1), "one sealer signs a trail; remove this section");
    check_claims(claims, count);
    check_authenticators(cfg, dispatcher);
    check_annals(cfg, dispatcher);
}

/* libconfuse's tables, which it writes into. */
static char nothing[] = "{}";
static char loopback[] = "{\"127.0.0.0/8\"}"; /* libconfuse wants a writable list default */
static cfg_opt_t dispatcher_options[] = { CFG_STR("commands", "tcp://127.0.0.1:7110", CFGF_NONE),
                                          CFG_STR("events", "tcp://127.0.0.1:7111", CFGF_NONE),
                                          CFG_STR("turns", "", CFGF_NONE),
                                          CFG_STR("twin_turns", "", CFGF_NONE),
                                          CFG_STR("twin_commands", "", CFGF_NONE),
                                          CFG_STR("arbiter", "", CFGF_NONE),
                                          CFG_STR("annals", "", CFGF_NONE),
                                          CFG_INT("metrics_port", 7120, CFGF_NONE),
                                          CFG_STR("second_factor", "enrolled", CFGF_NONE),
                                          CFG_STR("authenticator_origin", "", CFGF_NONE),
                                          CFG_STR("authenticator_party", "", CFGF_NONE),
                                          CFG_STR("authenticator_verified", "no", CFGF_NONE),
                                          CFG_INT("map_gib", 64, CFGF_NONE),
                                          CFG_INT("incidents", 131072, CFGF_NONE),
                                          CFG_INT("tasks", 262144, CFGF_NONE),
                                          CFG_INT("contacts", 16384, CFGF_NONE),
                                          CFG_INT("snapshot_events", 100000, CFGF_NONE),
                                          CFG_END() };
static cfg_opt_t directory_options[] = { CFG_STR("uri", "", CFGF_NONE),
                                         CFG_STR("base", "", CFGF_NONE),
                                         CFG_STR("filter", "(uid={login})", CFGF_NONE),
                                         CFG_STR("bind", "", CFGF_NONE),
                                         CFG_STR("group", "", CFGF_NONE),
                                         CFG_STR("confirm", "", CFGF_NONE),
                                         CFG_STR("spare", "taker supervisor", CFGF_NONE),
                                         CFG_INT("wait_ms", 3000, CFGF_NONE),
                                         CFG_END() };
static cfg_opt_t oidc_options[] = { CFG_STR("issuer", "", CFGF_NONE),
                                    CFG_STR("client", "yihao", CFGF_NONE),
                                    CFG_STR("authorize", "", CFGF_NONE),
                                    CFG_STR("back", "", CFGF_NONE),
                                    CFG_STR("scope", "openid profile", CFGF_NONE),
                                    CFG_STR("login", "preferred_username", CFGF_NONE),
                                    CFG_STR("groups", "groups", CFGF_NONE),
                                    CFG_STR("group", "yihao-{role}", CFGF_NONE),
                                    CFG_STR("confirm", "", CFGF_NONE),
                                    CFG_STR("spare", "taker supervisor", CFGF_NONE),
                                    CFG_STR("own", "operator security auditor", CFGF_NONE),
                                    CFG_INT("wait_ms", 3000, CFGF_NONE),
                                    CFG_INT("skew_s", 60, CFGF_NONE),
                                    CFG_END() };
static cfg_opt_t carrier_options[] = { CFG_STR_LIST("sources", nothing, CFGF_NONE),
                                       CFG_STR("address", "", CFGF_NONE),
                                       CFG_INT("port", 5060, CFGF_NONE),
                                       CFG_STR("transport", "udp", CFGF_NONE),
                                       CFG_STR("tls_name", "", CFGF_NONE),
                                       CFG_INT("ask_s", 30, CFGF_NONE),
                                       CFG_STR("account", "", CFGF_NONE),
                                       CFG_INT("capacity", 0, CFGF_NONE),
                                       CFG_INT("reserve", 30, CFGF_NONE),
                                       CFG_STR("country", "", CFGF_NONE),
                                       CFG_STR("area", "", CFGF_NONE),
                                       CFG_STR("srtp", "may", CFGF_NONE),
                                       CFG_STR("refer", "no", CFGF_NONE),
                                       CFG_END() };
static cfg_opt_t trunk_options[] = { CFG_SEC("carrier", carrier_options,
                                             CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
                                     CFG_STR("sip_address", "127.0.0.1", CFGF_NONE),
                                     CFG_INT("sip_port", 5060, CFGF_NONE),
                                     CFG_INT("tls_port", 0, CFGF_NONE),
                                     CFG_STR("tls_name", "", CFGF_NONE),
                                     CFG_STR("tls_demand", "no", CFGF_NONE),
                                     CFG_STR("phone_srtp", "may", CFGF_NONE),
                                     CFG_INT("rtp_low", 20000, CFGF_NONE),
                                     CFG_INT("rtp_high", 21999, CFGF_NONE),
                                     CFG_INT("metrics_port", 7121, CFGF_NONE),
                                     CFG_STR("realm", "yihao", CFGF_NONE),
                                     CFG_STR("mirror", "", CFGF_NONE),
                                     CFG_STR("twin", "", CFGF_NONE),
                                     CFG_STR_LIST("sources", loopback, CFGF_NONE),
                                     CFG_STR_LIST("synthetic", nothing, CFGF_NONE),
                                     CFG_END() };
static cfg_opt_t centre_options[] = { CFG_STR("protocol", "smpp", CFGF_NONE),
                                      CFG_STR("host", "127.0.0.1", CFGF_NONE),
                                      CFG_INT("port", 2775, CFGF_NONE),
                                      CFG_STR("account", "yihao", CFGF_NONE),
                                      CFG_STR("password", "yihao", CFGF_NONE),
                                      CFG_STR("system_type", "", CFGF_NONE),
                                      CFG_STR("bind", "transceiver", CFGF_NONE),
                                      CFG_STR("send_with", "submit_sm", CFGF_NONE),
                                      CFG_STR("submit_multi", "no", CFGF_NONE),
                                      CFG_STR("long_with", "header8", CFGF_NONE),
                                      CFG_STR("national", "none", CFGF_NONE),
                                      CFG_STR("national_shift", "single", CFGF_NONE),
                                      CFG_INT("binds", 1, CFGF_NONE),
                                      CFG_INT("window", 10, CFGF_NONE),
                                      CFG_INT("rate", 0, CFGF_NONE),
                                      CFG_INT("enquire_s", 30, CFGF_NONE),
                                      CFG_INT("query_min", 60, CFGF_NONE),
                                      CFG_INT("receipt_h", 72, CFGF_NONE),
                                      CFG_STR("number", "", CFGF_NONE),
                                      CFG_STR("service", "", CFGF_NONE),
                                      CFG_STR("enterprise", "", CFGF_NONE),
                                      CFG_INT("node", 0, CFGF_NONE),
                                      CFG_STR("listen_address", "127.0.0.1", CFGF_NONE),
                                      CFG_INT("listen_port", 0, CFGF_NONE),
                                      CFG_STR("listen_account", "", CFGF_NONE),
                                      CFG_STR("listen_password", "", CFGF_NONE),
                                      CFG_STR("listen_tls", "no", CFGF_NONE),
                                      CFG_STR_LIST("serves", nothing, CFGF_NONE),
                                      CFG_STR("tls", "no", CFGF_NONE),
                                      CFG_STR("tls_name", "", CFGF_NONE),
                                      CFG_STR("tls_ca", "", CFGF_NONE),
                                      CFG_END() };
static cfg_opt_t sms_options[] = { CFG_STR("centre_host", "127.0.0.1", CFGF_NONE),
                                   CFG_INT("centre_port", 2775, CFGF_NONE),
                                   CFG_STR("system_id", "yihao", CFGF_NONE),
                                   CFG_STR("password", "yihao", CFGF_NONE),
                                   CFG_STR("system_type", "", CFGF_NONE),
                                   CFG_INT("window", 10, CFGF_NONE),
                                   CFG_INT("metrics_port", 7123, CFGF_NONE),
                                   CFG_SEC("centre", centre_options,
                                           CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
                                   CFG_END() };
static cfg_opt_t console_options[] = { CFG_STR("address", "127.0.0.1", CFGF_NONE),
                                       CFG_INT("port", 8110, CFGF_NONE),
                                       CFG_INT("metrics_port", 7125, CFGF_NONE), CFG_END() };
static cfg_opt_t witness_options[] = { CFG_INT("metrics_port", 7126, CFGF_NONE), CFG_END() };
static cfg_opt_t arbiter_options[] = { CFG_INT("metrics_port", 7127, CFGF_NONE), CFG_END() };
static cfg_opt_t sealer_options[] = { CFG_STR("socket", "", CFGF_NONE),
                                      CFG_INT("period_h", 24, CFGF_NONE),
                                      CFG_INT("silent_s", 30, CFGF_NONE), CFG_END() };
static cfg_opt_t top_options[] = {
    CFG_STR("city", "city", CFGF_NONE),
    CFG_STR("suite", "blake2b-ed25519", CFGF_NONE),
    CFG_SEC("dispatcher", dispatcher_options, CFGF_NONE),
    CFG_SEC("directory", directory_options, CFGF_NONE),
    CFG_SEC("oidc", oidc_options, CFGF_NONE),
    CFG_SEC("trunk", trunk_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
    CFG_SEC("sms", sms_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
    CFG_SEC("console", console_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
    CFG_SEC("witness", witness_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
    CFG_SEC("arbiter", arbiter_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
    CFG_SEC("sealer", sealer_options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
    CFG_END()
};

static cfg_t *schema_open(void)
{
    cfg_t *cfg = cfg_init(top_options, CFGF_NONE);
    if (!cfg)
        return NULL;
    (void)cfg_set_error_function(cfg, on_parse_error);
    for (int i = 0; i < SETTINGS_SECTIONS; i++) {
        char path[96];
        for (const struct settings_row *row = settings_sections[i].rows; row->name; row++) {
            (void)snprintf(path, sizeof path, "%s|%s", settings_sections[i].name, row->name);
            (void)cfg_set_validate_func(cfg, path, check_option);
        }
        if (settings_sections[i].count_offset != 0)
            (void)cfg_set_validate_func(cfg, settings_sections[i].name, check_title);
    }
    for (const struct settings_row *row = settings_rows_of("centre"); row->name; row++) {
        char path[96];
        (void)snprintf(path, sizeof path, "sms|centre|%s", row->name);
        (void)cfg_set_validate_func(cfg, path, check_option);
    }
    (void)cfg_set_validate_func(cfg, "sms|centre", check_title);
    for (const struct settings_row *row = settings_rows_of("carrier"); row->name; row++) {
        char path[96];
        (void)snprintf(path, sizeof path, "trunk|carrier|%s", row->name);
        (void)cfg_set_validate_func(cfg, path, check_option);
    }
    (void)cfg_set_validate_func(cfg, "trunk|carrier", check_title);
    return cfg;
}

/* Its names are those of proto/suite.c, which libraries stand behind that not every reader needs. */
static void take_suite(cfg_t *cfg, struct settings *settings)
{
    const char *name = cfg_getstr(cfg, "suite");
    if (strcmp(name, "blake2b-ed25519") != 0 && strcmp(name, "sm3-sm2") != 0)
        complain_at(cfg, "suite is \"%s\"; give blake2b-ed25519 or sm3-sm2", name);
    (void)text_copy(settings->suite, sizeof settings->suite, name);
}

static int read_whole(cfg_t *cfg, const char *path, struct settings *settings)
{
    static char words[SETTINGS_FILE_MAX_BYTES];
    int status = settings_text_read(path, words);
    if (status < 0)
        return status;
    settings_text_blank(words + 1);
    status = cfg_parse_buf(cfg, words);
    if (status != CFG_SUCCESS && reading.count == 0)
        complain_at(cfg, "not understood; compare with docs/operating.md");
    if (status != CFG_SUCCESS || reading.count > 0)
        return -EINVAL;
    const char *city = cfg_getstr(cfg, "city");
    struct text folder = text_into(settings->city, sizeof settings->city);
    if (*city != '/') {
        text_add(&folder, settings->home);
        text_add_char(&folder, '/');
    }
    text_add(&folder, city);
    if (folder.cut)
        complain_at(cfg, "city is a path of more than %d bytes; move the tables",
                    SETTINGS_PATH_BYTES - 1);
    take_suite(cfg, settings);
    for (int i = 0; i < SETTINGS_SECTIONS; i++)
        take_section(cfg, &settings_sections[i], settings);
    if (reading.count == 0)
        check_whole(cfg, settings);
    return reading.count == 0 ? 0 : -EINVAL;
}

static int read_once(const char *path, struct settings *settings)
{
    cfg_t *cfg = schema_open();
    int status = cfg ? read_whole(cfg, path, settings) : -ENOMEM;
    if (cfg)
        (void)cfg_free(cfg);
    return status;
}

int settings_read(struct settings *settings, const char *home, settings_complain *complain,
                  void *owner)
{
    char path[SETTINGS_PATH_BYTES + 32];
    *settings = (struct settings){ 0 };
    reading.complain = complain;
    reading.owner = owner;
    reading.path = path;
    reading.count = 0;
    if (!text_copy(settings->home, sizeof settings->home - 64, home))
        return -ENAMETOOLONG;
    (void)snprintf(path, sizeof path, "%s/settings.conf", home);
    static struct settings again;
    memcpy(&again, settings, sizeof again);
    memory_fault_begin("the settings could not be read");
    int status = read_once(path, settings);
    if (status == 0)
        status = read_once(path, &again);
    memory_fault_end();
    /* libconfuse leaves a value for which it had no memory at its default, and says nothing. */
    // NOLINTNEXTLINE(bugprone-suspicious-memory-comparison): what is between members began as zeros in both
    return status == 0 && memcmp(settings, &again, sizeof again) != 0 ? -ENOMEM : status;
}

const struct trunk_settings *settings_trunk(const struct settings *settings, const char *name)
{
    for (uint32_t i = 0; i < settings->trunk_count; i++)
        if (!strcmp(settings->trunks[i].name, name))
            return &settings->trunks[i];
    return NULL;
}

const struct sms_settings *settings_sms(const struct settings *settings, const char *name)
{
    for (uint32_t i = 0; i < settings->sms_count; i++)
        if (!strcmp(settings->sms[i].name, name))
            return &settings->sms[i];
    return NULL;
}

const struct console_settings *settings_console(const struct settings *settings, const char *name)
{
    for (uint32_t i = 0; i < settings->console_count; i++)
        if (!strcmp(settings->consoles[i].name, name))
            return &settings->consoles[i];
    return NULL;
}

const struct arbiter_settings *settings_arbiter(const struct settings *settings, const char *name)
{
    for (uint32_t i = 0; i < settings->arbiter_count; i++)
        if (!strcmp(settings->arbiters[i].name, name))
            return &settings->arbiters[i];
    return NULL;
}

const struct witness_settings *settings_witness(const struct settings *settings, const char *name)
{
    for (uint32_t i = 0; i < settings->witness_count; i++)
        if (!strcmp(settings->witnesses[i].name, name))
            return &settings->witnesses[i];
    return NULL;
}

const struct sealing_settings *settings_sealer(const struct settings *settings)
{
    return settings->sealer_count > 0 ? &settings->sealers[0] : NULL;
}

int settings_sealer_socket(const struct settings *settings, char path[SETTINGS_SOCKET_BYTES])
{
    const struct sealing_settings *sealer = settings_sealer(settings);
    struct text words = text_into(path, SETTINGS_SOCKET_BYTES);
    if (sealer->socket[0])
        text_add(&words, sealer->socket);
    else
        text_print(&words, "%s/run/%s.socket", settings->home, sealer->name);
    return words.cut ? -ENAMETOOLONG : 0;
}
