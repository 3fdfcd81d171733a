/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/settings_rows.h"

#include <string.h>

#include "proto/settings.h"

#define NUMBER_ROW(section, field, low, high, cure)                                                \
    {                                                                                              \
#        field, SETTING_NUMBER, offsetof(struct section, field), 0, low, high, cure, NULL          \
    }
#define PORT_ROW(section, field)                                                                   \
    {                                                                                              \
#        field, SETTING_PORT, offsetof(struct section, field), 0, 1, 65535,                        \
            "give a port, 1 to 65535", NULL                                                        \
    }
#define MAYBE_ROW(section, field, cure)                                                            \
    {                                                                                              \
#        field, SETTING_WORDS, offsetof(struct section, field),                                    \
            sizeof((struct section *)0)->field, 0, 0, cure, NULL                                   \
    }
#define WORDS_ROW(section, field, cure)                                                            \
    {                                                                                              \
#        field, SETTING_WORDS, offsetof(struct section, field),                                    \
            sizeof((struct section *)0)->field, 1, 0, cure, NULL                                   \
    }

#define TWIN_ROW(field)                                                                            \
    {                                                                                              \
#        field, SETTING_WORDS, offsetof(struct dispatcher_settings, field), 96, 0, 0,              \
            "write it as \"tcp://10.0.0.2:7112\", or leave it out", NULL                           \
    }

static const struct settings_row dispatcher_rows[] = {
    WORDS_ROW(dispatcher_settings, commands, "write it as \"tcp://127.0.0.1:7110\""),
    WORDS_ROW(dispatcher_settings, events, "write it as \"tcp://127.0.0.1:7111\""),
    TWIN_ROW(turns),
    TWIN_ROW(twin_turns),
    TWIN_ROW(twin_commands),
    TWIN_ROW(arbiter),
    { "annals", SETTING_WORDS, offsetof(struct dispatcher_settings, annals), 384, 0, 0,
      "write it as \"postgresql://yihao@db.example/yihao\", or leave it out", NULL },
    PORT_ROW(dispatcher_settings, metrics_port),
    { "second_factor", SETTING_CHOICE, offsetof(struct dispatcher_settings, second_factor), 12, 0,
      0, "give enrolled or privileged", " enrolled privileged " },
    { "authenticator_origin", SETTING_WORDS,
      offsetof(struct dispatcher_settings, authenticator_origin), 128, 0, 0,
      "write it as \"https://yihao.city.example\"", NULL },
    { "authenticator_party", SETTING_WORDS,
      offsetof(struct dispatcher_settings, authenticator_party), 128, 0, 0,
      "give the origin's host or a domain over it, e.g. \"city.example\"", NULL },
    { "authenticator_verified", SETTING_CHOICE,
      offsetof(struct dispatcher_settings, authenticator_verified), 4, 0, 0, "give yes or no",
      " yes no " },
    NUMBER_ROW(dispatcher_settings, map_gib, 1, 4096, "give 1 to 4096 GiB of address space"),
    NUMBER_ROW(dispatcher_settings, incidents, 131072, 8388608, "give 131072 to 8388608"),
    NUMBER_ROW(dispatcher_settings, tasks, 262144, 16777216, "give 262144 to 16777216"),
    NUMBER_ROW(dispatcher_settings, contacts, 16384, 262144, "give 16384 to 262144"),
    NUMBER_ROW(dispatcher_settings, snapshot_events, 1000, 10000000, "give 1000 to 10000000"),
    { 0 },
};

static const struct settings_row trunk_rows[] = {
    { "sip_address", SETTING_ADDRESS, offsetof(struct trunk_settings, sip_address), 46, 0, 0,
      "give the IPv4 or IPv6 address of this machine, e.g. \"127.0.0.1\"", NULL },
    PORT_ROW(trunk_settings, sip_port),
    { "tls_port", SETTING_PORT, offsetof(struct trunk_settings, tls_port), 0, 0, 65535,
      "give a port, usually 5061, or 0 for none", NULL },
    { "tls_name", SETTING_WORDS, offsetof(struct trunk_settings, tls_name), 64, 0, 0,
      "give the name that the certificate carries, up to 63 bytes", NULL },
    { "tls_demand", SETTING_CHOICE, offsetof(struct trunk_settings, tls_demand), 4, 0, 0,
      "give yes or no", " yes no " },
    { "phone_srtp", SETTING_CHOICE, offsetof(struct trunk_settings, phone_srtp), 5, 0, 0,
      "give may, must or dtls", " may must dtls " },
    PORT_ROW(trunk_settings, rtp_low),
    PORT_ROW(trunk_settings, rtp_high),
    PORT_ROW(trunk_settings, metrics_port),
    WORDS_ROW(trunk_settings, realm, "give the realm that registering phones know, up to 63 bytes"),
    MAYBE_ROW(trunk_settings, mirror, "write it as \"tcp://10.0.0.11:7131\""),
    MAYBE_ROW(trunk_settings, twin, "write it as \"tcp://10.0.0.12:7131\""),
    { "sources", SETTING_NETWORKS, offsetof(struct trunk_settings, source_count), 0, 0, 0,
      "list address/prefix of the trunks that may call in, e.g. {\"10.1.2.0/24\"}", NULL },
    { "synthetic", SETTING_NUMBERS, offsetof(struct trunk_settings, synthetic_count), 0, 0, 0,
      "list what is called each minute, e.g. {\"sip:test-110@10.0.3.3:5060\"}", NULL },
    { 0 },
};

static const struct settings_row sms_rows[] = {
    WORDS_ROW(sms_settings, centre_host, "give the message centre's host name or address"),
    PORT_ROW(sms_settings, centre_port),
    WORDS_ROW(sms_settings, system_id, "SMPP 3.4 allows 1 to 15 characters"),
    WORDS_ROW(sms_settings, password, "SMPP 3.4 allows 1 to 8 characters"),
    { "system_type", SETTING_WORDS, offsetof(struct sms_settings, system_type), 13, 0, 0,
      "SMPP 3.4 allows up to 12 characters", NULL },
    NUMBER_ROW(sms_settings, window, 1, 100, "give 1 to 100 texts on their way"),
    PORT_ROW(sms_settings, metrics_port),
    { 0 },
};

#define CHOICE_ROW(section, field, words, cure)                                                    \
    {                                                                                              \
#        field, SETTING_CHOICE, offsetof(struct section, field),                                   \
            sizeof((struct section *)0)->field, 0, 0, cure, words                                  \
    }

static const struct settings_row centre_rows[] = {
    CHOICE_ROW(centre_settings, protocol, " smpp cmpp2 cmpp3 sgip smgp ",
               "give smpp, cmpp2, cmpp3, sgip or smgp"),
    WORDS_ROW(centre_settings, host, "give the message centre's host name or address"),
    PORT_ROW(centre_settings, port),
    WORDS_ROW(centre_settings, account, "give 1 to 16 characters, as the operator wrote them"),
    WORDS_ROW(centre_settings, password, "give 1 to 32 characters, as the operator wrote them"),
    MAYBE_ROW(centre_settings, system_type, "SMPP 3.4 allows up to 12 characters"),
    CHOICE_ROW(centre_settings, bind, " transceiver transmitter receiver split outbind ",
               "give transceiver, transmitter, receiver, split or outbind"),
    CHOICE_ROW(centre_settings, submit_multi, " yes no ", "give yes or no"),
    CHOICE_ROW(centre_settings, send_with, " submit_sm data_sm ", "give submit_sm or data_sm"),
    CHOICE_ROW(centre_settings, long_with, " header8 header16 sar ",
               "give header8, header16 or sar"),
    CHOICE_ROW(centre_settings, national_shift, " single locking ", "give single or locking"),
    CHOICE_ROW(centre_settings, national, " none turkish spanish portuguese ",
               "give none, turkish, spanish or portuguese"),
    NUMBER_ROW(centre_settings, binds, 1, 8, "give 1 to 8 connections"),
    NUMBER_ROW(centre_settings, window, 1, 100, "give 1 to 100 texts on their way"),
    NUMBER_ROW(centre_settings, rate, 0, 10000,
               "give the texts a second, 0 when nothing is agreed"),
    NUMBER_ROW(centre_settings, enquire_s, 5, 600, "give 5 to 600 seconds"),
    NUMBER_ROW(centre_settings, query_min, 0, 1440, "give up to 1440 minutes, 0 for never"),
    NUMBER_ROW(centre_settings, receipt_h, 0, 240, "give up to 240 hours, 0 for no receipts"),
    MAYBE_ROW(centre_settings, number, "give up to 21 digits"),
    MAYBE_ROW(centre_settings, service, "give up to 10 characters"),
    MAYBE_ROW(centre_settings, enterprise, "give up to 8 characters"),
    NUMBER_ROW(centre_settings, node, 0, 4294967295, "give the SGIP node number"),
    { "listen_address", SETTING_ADDRESS, offsetof(struct centre_settings, listen_address), 46, 0, 0,
      "give the IPv4 or IPv6 address of this machine that the centre connects to", NULL },
    { "listen_port", SETTING_PORT, offsetof(struct centre_settings, listen_port), 0, 0, 65535,
      "give a port, or 0 for none", NULL },
    MAYBE_ROW(centre_settings, listen_account, "give up to 16 characters"),
    MAYBE_ROW(centre_settings, listen_password, "give up to 16 characters"),
    CHOICE_ROW(centre_settings, listen_tls, " yes no ", "give yes or no"),
    { "serves", SETTING_PREFIXES, 0, 0, 0, 0,
      "list up to 64 prefixes of numbers, one to eight digits each, e.g. {\"134\", \"1703\"}",
      NULL },
    CHOICE_ROW(centre_settings, tls, " yes no ", "give yes or no"),
    MAYBE_ROW(centre_settings, tls_name, "give the name in the centre's certificate"),
    MAYBE_ROW(centre_settings, tls_ca, "give the path of a PEM file"),
    { 0 },
};

static const struct settings_row carrier_rows[] = {
    { "sources", SETTING_NETWORKS, offsetof(struct carrier_settings, source_count), 0, 0, 0,
      "list address/prefix the carrier's calls come from, e.g. {\"10.1.2.0/24\"}", NULL },
    MAYBE_ROW(carrier_settings, address, "give the carrier's IPv4 or IPv6 address, or nothing"),
    PORT_ROW(carrier_settings, port),
    CHOICE_ROW(carrier_settings, transport, " udp tcp tls ", "give udp, tcp or tls"),
    MAYBE_ROW(carrier_settings, tls_name, "give the name in the carrier's certificate"),
    NUMBER_ROW(carrier_settings, ask_s, 5, 3600, "give 5 to 3600 seconds"),
    MAYBE_ROW(carrier_settings, account, "give the account that the carrier gave us"),
    NUMBER_ROW(carrier_settings, capacity, 0, 10000, "give the calls of the contract, 0 for none"),
    NUMBER_ROW(carrier_settings, reserve, 0, 100, "give 0 to 100 percent"),
    MAYBE_ROW(carrier_settings, country, "give up to 4 digits, e.g. \"86\""),
    MAYBE_ROW(carrier_settings, area, "give up to 5 digits, e.g. \"0551\""),
    CHOICE_ROW(carrier_settings, srtp, " may must dtls ", "give may, must or dtls"),
    CHOICE_ROW(carrier_settings, refer, " yes no ", "give yes or no"),
    { 0 },
};

static const struct settings_row directory_rows[] = {
    MAYBE_ROW(directory_settings, uri, "write it as \"ldaps://ldap.city.example\""),
    MAYBE_ROW(directory_settings, base, "give the people's branch, e.g. \"ou=people,dc=city\""),
    MAYBE_ROW(directory_settings, filter, "write it as \"(uid={login})\""),
    MAYBE_ROW(directory_settings, bind, "give the name that looks people up, or nothing"),
    MAYBE_ROW(directory_settings, group, "write it as \"cn={role},ou=groups,dc=city\""),
    MAYBE_ROW(directory_settings, confirm, "give names of roles, e.g. \"supervisor auditor\""),
    MAYBE_ROW(directory_settings, spare, "give names of roles, e.g. \"taker supervisor\""),
    NUMBER_ROW(directory_settings, wait_ms, 100, 20000, "give 100 to 20000 milliseconds"),
    { 0 },
};

static const struct settings_row oidc_rows[] = {
    MAYBE_ROW(oidc_settings, issuer, "write it as \"https://sso.city.example/realms/city\""),
    WORDS_ROW(oidc_settings, client, "give the client id that the provider knows"),
    MAYBE_ROW(oidc_settings, authorize, "give the provider's authorization_endpoint"),
    MAYBE_ROW(oidc_settings, back, "write it as \"https://console.city.example/oidc/back\""),
    WORDS_ROW(oidc_settings, scope, "write it as \"openid profile\""),
    WORDS_ROW(oidc_settings, login, "give a claim's name, e.g. \"preferred_username\""),
    WORDS_ROW(oidc_settings, groups, "give a claim's name, e.g. \"groups\""),
    WORDS_ROW(oidc_settings, group, "write it as \"yihao-{role}\""),
    MAYBE_ROW(oidc_settings, confirm, "give names of roles, e.g. \"supervisor auditor\""),
    MAYBE_ROW(oidc_settings, spare, "give names of roles, e.g. \"taker supervisor\""),
    MAYBE_ROW(oidc_settings, own, "give names of roles, e.g. \"operator security\""),
    NUMBER_ROW(oidc_settings, wait_ms, 100, 20000, "give 100 to 20000 milliseconds"),
    NUMBER_ROW(oidc_settings, skew_s, 0, 600, "give 0 to 600 seconds"),
    { 0 },
};

static const struct settings_row console_rows[] = {
    { "address", SETTING_ADDRESS, offsetof(struct console_settings, address), 46, 0, 0,
      "give the IPv4 or IPv6 address to listen on, e.g. \"127.0.0.1\"", NULL },
    PORT_ROW(console_settings, port),
    PORT_ROW(console_settings, metrics_port),
    { 0 },
};

static const struct settings_row witness_rows[] = {
    PORT_ROW(witness_settings, metrics_port),
    { 0 },
};

static const struct settings_row arbiter_rows[] = {
    PORT_ROW(arbiter_settings, metrics_port),
    { 0 },
};

static const struct settings_row sealer_rows[] = {
    MAYBE_ROW(sealing_settings, socket, "give a path of up to 107 bytes"),
    NUMBER_ROW(sealing_settings, period_h, 1, 8760, "give 1 to 8760 hours"),
    NUMBER_ROW(sealing_settings, silent_s, 5, 86400, "give 5 to 86400 seconds"),
    { 0 },
};

#define SECTION(title, rows, member, counter, type)                                                \
    {                                                                                              \
        title, rows, offsetof(struct settings, member), sizeof(struct type),                       \
            offsetof(struct type, name), offsetof(struct settings, counter)                        \
    }

const struct settings_section settings_sections[SETTINGS_SECTIONS] = {
    { "dispatcher", dispatcher_rows, offsetof(struct settings, dispatcher), 0, 0, 0 },
    { "directory", directory_rows, offsetof(struct settings, directory), 0, 0, 0 },
    { "oidc", oidc_rows, offsetof(struct settings, oidc), 0, 0, 0 },
    SECTION("trunk", trunk_rows, trunks, trunk_count, trunk_settings),
    SECTION("sms", sms_rows, sms, sms_count, sms_settings),
    SECTION("console", console_rows, consoles, console_count, console_settings),
    SECTION("witness", witness_rows, witnesses, witness_count, witness_settings),
    SECTION("arbiter", arbiter_rows, arbiters, arbiter_count, arbiter_settings),
    SECTION("sealer", sealer_rows, sealers, sealer_count, sealing_settings),
};

const struct settings_row *settings_rows_of(const char *section)
{
    for (int i = 0; i < SETTINGS_SECTIONS; i++)
        if (!strcmp(settings_sections[i].name, section))
            return settings_sections[i].rows;
    return !strcmp(section, "centre")    ? centre_rows
           : !strcmp(section, "carrier") ? carrier_rows
                                         : NULL;
}

const struct settings_row *settings_row_of(const char *section, const char *name)
{
    for (const struct settings_row *row = settings_rows_of(section); row && row->name; row++)
        if (!strcmp(row->name, name))
            return row;
    return NULL;
}
