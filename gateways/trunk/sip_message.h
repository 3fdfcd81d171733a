/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * sip_message: what the gateway needs of a SIP message, in plain bounded fields, so that nothing
 * beyond the adapter files knows libosip2. Fields that were absent, or too long to be kept whole,
 * are empty; what a dialog cannot do without (tags, Call-ID) refuses the message instead. */
#ifndef GATEWAYS_TRUNK_SIP_MESSAGE_H
#define GATEWAYS_TRUNK_SIP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateways/trunk/body.h"
#include "gateways/trunk/precedence.h"
#include "gateways/trunk/refer_terms.h"
#include "gateways/trunk/wire.h"

enum {
    SIP_CALL_DATA_MAX = 6, /* parts about the call beside its description */
    SIP_URI_BYTES = 256,
    SIP_TAG_BYTES = 128,
    SIP_USER_BYTES = 64,
    SIP_CALL_ID_BYTES = 256,
    SIP_CHALLENGE_BYTES = 512,
    SIP_ROUTES_MAX = 8
};

enum sip_method {
    SIP_INVITE,
    SIP_ACK,
    SIP_CANCEL,
    SIP_BYE,
    SIP_OPTIONS,
    SIP_REGISTER,
    SIP_PRACK,
    SIP_UPDATE,
    SIP_INFO,
    SIP_REFER,
    SIP_NOTIFY,
    SIP_KNOWN_UNSUPPORTED, /* methods of later RFCs that are not served here */
    SIP_UNKNOWN
};

enum sip_refresher { /* who refreshes a session (RFC 4028), seen from the request */
    SIP_NOBODY,
    SIP_UAC,
    SIP_UAS
};

struct sip_party { /* From or To */
    char uri[SIP_URI_BYTES];
    char user[SIP_USER_BYTES];
    char tag[SIP_TAG_BYTES];
};

struct sip_message {
    struct wire_peer source;
    bool request;
    int status;             /* of a response */
    int flaw;               /* of a request that had to be mended: its answer, 400 …; 0: none */
    enum sip_method method; /* of the request, or of the CSeq of a response */
    char scheme[8];         /* of the request URI: sip, sips, tel, urn */
    char user[SIP_USER_BYTES]; /* of the request URI; for tel: and urn: all behind the scheme */
    struct sip_party from;
    struct sip_party to;
    char call_id[SIP_CALL_ID_BYTES];
    uint32_t cseq;
    unsigned contact_count;
    bool contact_star;
    char contact[SIP_URI_BYTES];   /* URI of the first Contact */
    int contact_expires;           /* its expires parameter, -1: none */
    int expires;                   /* the Expires header, -1: none */
    char identity[SIP_USER_BYTES]; /* user of P-Asserted-Identity, tel: or sip: */
    bool privacy;                  /* Privacy: id, user or header */
    char accept_language[36];      /* as it stands, cut; empty: none */
    unsigned route_count;
    char routes[SIP_ROUTES_MAX][SIP_URI_BYTES]; /* Record-Route URIs in the order they stood */
    char authorization[2][512];                 /* Authorization header values */
    unsigned authorization_count;
    char challenge[SIP_CHALLENGE_BYTES]; /* of a 401: WWW-Authenticate, SHA-256 before others */
    char method_name[20];
    char require[96]; /* option tags that are required and not known here; empty: none */
    char precedence[PRECEDENCE_BYTES]; /* what is known of Resource-Priority; empty: nothing */
    bool precedence_unknown;           /* it is required, and nothing that it says is known */
    bool reliable; /* 100rel: of a request, supported or required; of a response, required */
    bool timer;    /* session timers are supported */
    bool updates;  /* Allow names UPDATE */
    uint32_t rseq; /* RSeq of a response, the first number of a PRACK's RAck */
    uint32_t rack_cseq;
    uint32_t session_expires; /* seconds, 0: none */
    uint32_t min_se;
    enum sip_refresher refresher;
    char first_called[SIP_USER_BYTES]; /* History-Info, Diversion; empty: neither */
    bool scanner;                      /* User-Agent is one of the known attack tools */
    unsigned refer_count;              /* Refer-To headers */
    struct refer_to refer_to;          /* of the first; empty: it cannot be read */
    bool
        refer_silent; /* Refer-Sub: false (RFC 4488): it wants to hear of its REFER no more than the answer */
    char referred_by[REFERRED_BY_BYTES];
    bool replacing;           /* it has a Replaces header … */
    struct replaces replaces; /* … empty: which cannot be read */
    bool of_refer;            /* a NOTIFY's Event is that of a REFER, … */
    uint32_t refer_event; /* … of this one; 0: it does not say which, UINT32_MAX: of none of ours */
    bool subscription_over;  /* it says that no more will come */
    int fragment;            /* the status that its body says; 0: none */
    char reason[64];         /* of a BYE or CANCEL, as it stands */
    bool strange;            /* it has a body that is neither a description nor multipart */
    char key;                /* of an INFO: the telephone key it says was pressed; 0: none */
    const char *description; /* the body's SDP, borrowed; NULL: none */
    size_t description_length;
    char location[SIP_URI_BYTES]; /* Geolocation by reference (RFC 6442); empty: none */
    struct body_part pidf;        /* the first place by value, borrowed */
    unsigned call_data_count;
    struct body_part call_data[SIP_CALL_DATA_MAX]; /* Additional Data (RFC 7852), borrowed */
};

struct osip_list;
struct osip_message;

/* A parameter's value in one of libosip2's lists; "" when it has none, NULL when it is not there. */
const char *sip_parameter(const struct osip_list *list, const char *name);

/* Fills *message from a parsed head and its body. Returns 0, or -EBADMSG when what every message
 * must have is missing or too long. */
int sip_message_read(struct sip_message *message, const struct osip_message *head, const char *body,
                     size_t length);

#endif
