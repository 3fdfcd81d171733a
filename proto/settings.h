/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * settings: the one file HOME/settings.conf (libconfuse format) that all programs of a home read. It
 * is checked as a whole; every complaint names file, line and cure. Tables of the city (lines,
 * departments, people …) are CSV beside it: dispatcher/city/. */
#ifndef PROTO_SETTINGS_H
#define PROTO_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

enum {
    SETTINGS_PROGRAMS_MAX = 8,
    SETTINGS_PATH_BYTES = 256,
    SETTINGS_SOURCES_MAX = 16,
    SETTINGS_CENTRES_MAX = 8,    /* message centres of one gateway */
    SETTINGS_SOCKET_BYTES = 108, /* sockaddr_un */
    SETTINGS_PREFIXES_MAX = 64,
    SETTINGS_CARRIERS_MAX = 8 /* of one gateway */
};

struct dispatcher_settings {
    char commands[96]; /* ROUTER, tcp://… */
    char events[96];   /* XPUB */
    /* Two dispatchers (docs/cluster.md); empty: one alone. */
    char turns[96];         /* where the leader gives its turns to the standby */
    char twin_turns[96];    /* the other dispatcher's */
    char twin_commands[96]; /* and where programs find it when it leads */
    char arbiter[96];       /* the third machine, which says who leads; empty: a person does */
    char annals
        [384]; /* where each turn is durable before it is here (dispatcher/annals/annals.h); empty: nowhere */
    uint16_t metrics_port;
    uint32_t map_gib; /* LMDB's address space */
    /* How many the core holds at once (dispatcher/core/core.h). Never lower than a journal needed;
     * 0: as built in. */
    uint32_t incidents;
    uint32_t tasks;
    uint32_t contacts;
    char second_factor[12]; /* wanted of whom: "enrolled", or "privileged" too */
    char authenticator_origin
        [128]; /* of the pages whose signatures count, "https://…"; empty: none */
    char authenticator_party[128];  /* keys are made for this name; empty: the origin's host */
    char authenticator_verified[4]; /* yes: they must know their persons, too (PIN, finger) */
    uint32_t snapshot_events;       /* a restart replays no more than these; 0: as built in */
};

/* The directory that knows the city's passwords (dispatcher/provider/directory.h); no uri: there is
 * none. */
struct directory_settings {
    char uri[128];
    char base[192];   /* people are looked for below it */
    char filter[192]; /* {login} is who signs in */
    char bind[192];  /* who looks; empty: nobody in particular. Its password: HOME/keys/directory */
    char group[192]; /* {role} is a role's name; whoever has it must be a member */
    char confirm[160]; /* the roles for which that is so */
    char spare[160];  /* the roles that sign in by their own password while the directory is away */
    uint32_t wait_ms; /* for each of its answers */
};

/* The city's sign-in provider, by OpenID Connect (dispatcher/provider/oidc.h); no issuer: there is none. */
struct oidc_settings {
    char issuer[192]; /* https://…, as it calls itself */
    char
        client[128]; /* what it calls us. Our secret there: HOME/keys/oidc, none: a public client */
    char authorize[256]; /* where people are sent to sign in */
    char back[192];      /* where they come back: https://CONSOLE/oidc/back */
    char scope[128];
    char login[48];    /* the claim that is the login in users.csv */
    char groups[48];   /* the claim that holds groups … */
    char group[96];    /* … of which {role}'s is called so */
    char confirm[160]; /* the roles whose group a person must be in */
    char spare[160];   /* the roles that sign in by their own password while the provider is away */
    char own[160];     /* the roles that may always: the command line has no browser */
    uint32_t wait_ms;  /* for each of its answers */
    uint32_t skew_s;   /* how far its clock may be from ours */
};

/* A carrier's trunk into one gateway: whom its calls come from, and how it is dealt with. */
struct carrier_settings {
    char name[32];
    uint32_t source_count; /* address/prefix its calls come from; `sources` follows */
    char sources[SETTINGS_SOURCES_MAX][50];
    char address[46]; /* numeric; is asked by OPTIONS; empty: nobody is asked */
    uint16_t port;
    char transport[4]; /* udp, tcp, tls */
    char tls_name[64]; /* its certificate must carry; empty: its calls may come in the clear */
    uint32_t ask_s;    /* between two questions */
    char account[40];  /* we register with it as; empty: it wants no registration */
    uint32_t capacity; /* calls at a time; 0: no such clause */
    uint32_t reserve;  /* percent of them that only emergency lines get */
    char country[5];   /* its numbers' country code, "86"; empty: numbers stay as they come */
    char area[6];      /* and area code with its 0: what local numbers lack */
    char srtp
        [5]; /* must: its sound is secured, emergency calls excepted; dtls: the same, by handshake; may */
    char refer[4]; /* yes: asked by REFER it puts a caller through elsewhere; no */
};

struct trunk_settings {
    char name[32];
    char sip_address[46];
    uint16_t sip_port;  /* UDP and TCP */
    uint16_t tls_port;  /* SIP over TLS; 0: none */
    char tls_name[64];  /* that our certificate must carry; empty: sip_address */
    char tls_demand[4]; /* yes: who calls over TLS must show a certificate */
    char phone_srtp[5]; /* must, dtls: the seats' phones are called with secured sound alone; may */
    uint16_t rtp_low;
    uint16_t rtp_high;
    uint16_t metrics_port;
    char mirror
        [80]; /* tcp://…: where the twin on the other machine follows our calls; empty: it has none */
    char twin[80];  /* the twin's own `mirror` */
    char realm[64]; /* digest realm of registering phones */
    uint32_t source_count;
    char sources[SETTINGS_SOURCES_MAX][50]; /* address/prefix of trunks that may call in */
    uint32_t synthetic_count;
    char synthetic[SETTINGS_SOURCES_MAX][50]; /* sip:…, called once a minute */
    uint32_t carrier_count;
    struct carrier_settings carriers[SETTINGS_CARRIERS_MAX];
};

/* One message centre of one gateway, and how to speak with it (docs/sms.md). */
struct centre_settings {
    char name[32];
    char protocol[8]; /* smpp, cmpp2, cmpp3, sgip, smgp */
    char host[64];
    uint16_t port;
    char account[17];  /* system_id, Source_Addr, Login Name, ClientID */
    char password[33]; /* shared secret */
    char system_type[13];
    char bind[12];        /* transceiver, transmitter, receiver, split (one of each), outbind */
    char send_with[10];   /* SMPP: submit_sm or data_sm */
    char submit_multi[4]; /* yes: a notice's equal texts go in one PDU; no */
    char long_with[10];   /* pieces of long texts: header8, header16; SMPP: sar */
    char national[11];    /* SMPP: turkish, spanish, portuguese beside GSM-7's own letters; none */
    char national_shift[8]; /* single, or locking as well */
    uint32_t binds;         /* connections (pairs of them when split) */
    uint32_t window;        /* texts without answer, each connection */
    uint32_t rate;      /* texts a second the contract allows, each connection; 0: no such clause */
    uint32_t enquire_s; /* silence after which the line is asked */
    uint32_t query_min; /* after which it is asked what became of a text; 0: never */
    uint32_t receipt_h; /* how long a receipt may take; 0: the centre gives none */
    char number[22];    /* what texts come from, when they do not say */
    char service[11];   /* service_type, Service_Id, ServiceType, ServiceID */
    char enterprise[9]; /* Msg_src, CorpId */
    uint32_t node;      /* SGIP's node number */
    char listen_address[46];
    uint16_t listen_port; /* SGIP's centre and outbind connect to us; 0: none */
    char listen_account[17];
    char listen_password[17];
    char listen_tls[4];    /* yes: they must call over TLS and prove tls_name */
    uint32_t serves_count; /* prefixes of numbers it serves; 0: all */
    char serves[SETTINGS_PREFIXES_MAX][9];
    char tls[4];       /* yes, no */
    char tls_name[64]; /* in the centre's certificate; empty: host */
    char tls_ca[256];  /* PEM of the authorities to believe; empty: the system's */
};

struct sms_settings {
    char name[32];
    char centre_host[64];
    uint16_t centre_port;
    char system_id[16];
    char password[9];
    char system_type[13];
    uint32_t window;
    uint16_t metrics_port;
    /* At least one: without a section "centre" the SMPP one that the members above describe. */
    uint32_t centre_count;
    struct centre_settings centres[SETTINGS_CENTRES_MAX];
};

struct console_settings {
    char name[32];
    char address[46];
    uint16_t port;
    uint16_t metrics_port;
};

struct witness_settings {
    char name[32];
    uint16_t metrics_port;
};

/* Who says which of two dispatchers leads; on its own machine. */
struct arbiter_settings {
    char name[32];
    uint16_t metrics_port;
};

/* Who alone has the key that signs the trail; at most one. */
struct sealing_settings {
    char name[32];
    char socket[SETTINGS_SOCKET_BYTES]; /* empty: HOME/run/NAME.socket */
    uint32_t period_h;                  /* then another key follows */
    uint32_t silent_s;                  /* unsigned for so long is an alarm */
};

struct settings {
    char home[SETTINGS_PATH_BYTES];
    char city[SETTINGS_PATH_BYTES]; /* folder of the tables */
    char suite[24];                 /* with which a new trail is made (proto/suite.h) */
    struct dispatcher_settings dispatcher;
    struct directory_settings directory;
    struct oidc_settings oidc;
    struct trunk_settings trunks[SETTINGS_PROGRAMS_MAX];
    uint32_t trunk_count;
    struct sms_settings sms[SETTINGS_PROGRAMS_MAX];
    uint32_t sms_count;
    struct console_settings consoles[SETTINGS_PROGRAMS_MAX];
    uint32_t console_count;
    struct witness_settings witnesses[SETTINGS_PROGRAMS_MAX];
    uint32_t witness_count;
    struct arbiter_settings arbiters[SETTINGS_PROGRAMS_MAX];
    uint32_t arbiter_count;
    struct sealing_settings sealers[SETTINGS_PROGRAMS_MAX]; /* the first, when there is one */
    uint32_t sealer_count;
};

/* Where complaints go: one sentence each, "FILE:LINE: what is wrong; what to do". */
typedef void settings_complain(void *owner, const char *sentence);

/* Reads HOME/settings.conf. Returns 0, or -EINVAL after at least one complaint, or -ENOENT. */
int settings_read(struct settings *settings, const char *home, settings_complain *complain,
                  void *owner);

/* The program's own section, NULL when there is none of this name. */
const struct trunk_settings *settings_trunk(const struct settings *settings, const char *name);
const struct witness_settings *settings_witness(const struct settings *settings, const char *name);
const struct arbiter_settings *settings_arbiter(const struct settings *settings, const char *name);
const struct sms_settings *settings_sms(const struct settings *settings, const char *name);
const struct console_settings *settings_console(const struct settings *settings, const char *name);

/* NULL when the home has no sealer. */
const struct sealing_settings *settings_sealer(const struct settings *settings);

/* Where its socket is. Returns 0, or -ENAMETOOLONG. */
int settings_sealer_socket(const struct settings *settings, char path[SETTINGS_SOCKET_BYTES]);

#endif
