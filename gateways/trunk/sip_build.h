/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * sip_build: the messages the gateway says. libosip2 builds none itself. */
#ifndef GATEWAYS_TRUNK_SIP_BUILD_H
#define GATEWAYS_TRUNK_SIP_BUILD_H

#include <stddef.h>
#include <stdint.h>

#include "gateways/trunk/dialog.h"

enum {
    SIP_BUILD_BYTES = 8192,
    SIP_CONTACT_BYTES = 96
};

struct osip_message;

struct sip_reply {
    int status;
    const char *to_tag;  /* set on everything but 100, unless the request had one */
    const char *contact; /* "<sip:…>", NULL: none */
    const char *headers; /* further lines, each with CRLF; NULL: none */
    const char *body;    /* SDP; NULL: none */
};

struct sip_request {
    const char *method;
    const struct dialog *dialog;
    uint32_t cseq;
    const char *branch; /* of the same request, sent by an earlier process; NULL: a fresh one */
    const char *contact;
    const char *display; /* of From, without quotes; NULL or empty: none */
    const char *headers;
    const char *body;
    const char *body_type; /* NULL: SDP */
};

/* Who we are on the wire, for Via. */
struct sip_self {
    char host[50]; /* in brackets for IPv6 */
    uint16_t port;
    uint16_t tls_port;
};

/* The response to a request; NULL when memory is out. The caller owns it. */
struct osip_message *sip_build_reply(const struct osip_message *request,
                                     const struct sip_reply *reply);

/* Writes the request, for the next hop. Returns its length, or 0 when it does not fit. */
size_t sip_build_request(char *bytes, size_t size, const struct sip_request *request,
                         const struct sip_self *self, const char *branch,
                         const struct wire_peer *next_hop);

/* The part of a request's head that its answers repeat. Returns its length, 0 when it does not fit. */
size_t sip_build_head(const struct osip_message *request, char *bytes, size_t size);

/* RFC 3261 §9.1; elsewhere: another took the call, and a phone shows no missed one (RFC 3326). Returns
 * NULL when memory is out. */
struct osip_message *sip_build_cancel(const struct osip_message *invite, bool elsewhere);

#endif
