/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * dialog: what two user agents share for the life of a call (RFC 3261 §12): identities, sequence
 * numbers, where the next request goes. Pure; embedded in a leg. */
#ifndef GATEWAYS_TRUNK_DIALOG_H
#define GATEWAYS_TRUNK_DIALOG_H

#include <stdbool.h>
#include <stdint.h>

#include "gateways/trunk/sip_message.h"

struct dialog {
    char call_id[SIP_CALL_ID_BYTES];
    char local_uri[SIP_URI_BYTES];
    char local_tag[32];
    char remote_uri[SIP_URI_BYTES];
    char remote_tag[SIP_TAG_BYTES];
    char target[SIP_URI_BYTES]; /* the remote's Contact: request URI of what we send */
    unsigned route_count;
    char routes[SIP_ROUTES_MAX][SIP_URI_BYTES]; /* in the order we send them */
    uint32_t local_cseq;
    uint32_t remote_cseq;
    bool has_remote_cseq;
    bool secure;           /* sips: our Contact is one too */
    struct wire_peer peer; /* where the remote's first message came from, or ours went to */
};

/* The side that is called: from its INVITE. */
void dialog_from_invite(struct dialog *dialog, const struct sip_message *invite,
                        const char *local_tag);

/* The side that calls: before the INVITE … */
void dialog_to(struct dialog *dialog, const char *local_uri, const char *local_tag,
               const char *remote_uri, const char *call_id);
/* … and with the response that makes the dialog (any 2xx). */
void dialog_from_answer(struct dialog *dialog, const struct sip_message *answer);

/* The request belongs to this dialog. */
bool dialog_owns(const struct dialog *dialog, const struct sip_message *request);

/* Takes the request's CSeq; false when it is older than one already taken (RFC 3261 §12.2.2). */
bool dialog_take_cseq(struct dialog *dialog, const struct sip_message *request);

/* A re-INVITE may move the remote's Contact (target refresh). */
void dialog_retarget(struct dialog *dialog, const struct sip_message *message);

/* Reads "sip:user@192.0.2.1:5062;transport=tcp" or "<sip:…>". False when the host is no numeric
 * address: nothing is ever resolved here. */
bool dialog_peer_of_uri(struct wire_peer *peer, const char *uri);

/* Where the next request goes when the connection it came by is gone: first route, else target, else
 * where the peer was heard. */
void dialog_next_hop(const struct dialog *dialog, struct wire_peer *peer);

#endif
