/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/dialog.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

void dialog_from_invite(struct dialog *dialog, const struct sip_message *invite,
                        const char *local_tag)
{
    memset(dialog, 0, sizeof *dialog);
    (void)text_copy(dialog->call_id, sizeof dialog->call_id, invite->call_id);
    (void)text_copy(dialog->local_uri, sizeof dialog->local_uri, invite->to.uri);
    (void)text_copy(dialog->local_tag, sizeof dialog->local_tag, local_tag);
    (void)text_copy(dialog->remote_uri, sizeof dialog->remote_uri, invite->from.uri);
    (void)text_copy(dialog->remote_tag, sizeof dialog->remote_tag, invite->from.tag);
    (void)text_copy(dialog->target, sizeof dialog->target,
                    invite->contact[0] ? invite->contact : invite->from.uri);
    dialog->route_count = invite->route_count;
    memcpy(dialog->routes, invite->routes, sizeof dialog->routes);
    dialog->remote_cseq = invite->cseq;
    dialog->has_remote_cseq = true;
    dialog->secure = strcasecmp(invite->scheme, "sips") == 0;
    dialog->peer = invite->source;
}

void dialog_to(struct dialog *dialog, const char *local_uri, const char *local_tag,
               const char *remote_uri, const char *call_id)
{
    memset(dialog, 0, sizeof *dialog);
    (void)text_copy(dialog->call_id, sizeof dialog->call_id, call_id);
    (void)text_copy(dialog->local_uri, sizeof dialog->local_uri, local_uri);
    (void)text_copy(dialog->local_tag, sizeof dialog->local_tag, local_tag);
    (void)text_copy(dialog->remote_uri, sizeof dialog->remote_uri, remote_uri);
    (void)text_copy(dialog->target, sizeof dialog->target, remote_uri);
    (void)dialog_peer_of_uri(&dialog->peer, remote_uri);
    dialog->secure = strncasecmp(remote_uri, "sips:", 5) == 0;
}

void dialog_from_answer(struct dialog *dialog, const struct sip_message *answer)
{
    (void)text_copy(dialog->remote_tag, sizeof dialog->remote_tag, answer->to.tag);
    if (answer->contact[0])
        (void)text_copy(dialog->target, sizeof dialog->target, answer->contact);
    dialog->route_count = answer->route_count;
    for (unsigned i = 0; i < answer->route_count; i++) /* RFC 3261 §12.1.2: reversed */
        (void)text_copy(dialog->routes[i], sizeof dialog->routes[i],
                        answer->routes[answer->route_count - 1 - i]);
}

bool dialog_owns(const struct dialog *dialog, const struct sip_message *request)
{
    return strcmp(dialog->local_tag, request->to.tag) == 0 &&
           strcmp(dialog->remote_tag, request->from.tag) == 0 &&
           strcmp(dialog->call_id, request->call_id) == 0;
}

bool dialog_take_cseq(struct dialog *dialog, const struct sip_message *request)
{
    if (dialog->has_remote_cseq && request->cseq < dialog->remote_cseq)
        return false;
    dialog->remote_cseq = request->cseq;
    dialog->has_remote_cseq = true;
    return true;
}

void dialog_retarget(struct dialog *dialog, const struct sip_message *message)
{
    if (message->contact[0])
        (void)text_copy(dialog->target, sizeof dialog->target, message->contact);
}

static bool is_numeric(const char *ip)
{
    struct in6_addr six;
    struct in_addr four;
    return inet_pton(AF_INET, ip, &four) == 1 || inet_pton(AF_INET6, ip, &six) == 1;
}

bool dialog_peer_of_uri(struct wire_peer *peer, const char *uri)
{
    memset(peer, 0, sizeof *peer);
    const char *at = uri + (uri[0] == '<');
    bool secure = strncasecmp(at, "sips:", 5) == 0;
    if (!secure && strncasecmp(at, "sip:", 4) != 0)
        return false;
    at += secure ? 5 : 4;
    size_t length = strcspn(at, ";?> ");
    const char *sign = memchr(at, '@', length);
    const char *host = sign ? sign + 1 : at;
    const char *end = at + length, *parameters = end;
    size_t size = 0;
    if (host < end && *host == '[') {
        host++;
        while (host + size < end && host[size] != ']')
            size++;
    } else {
        while (host + size < end && host[size] != ':')
            size++;
    }
    if (size >= sizeof peer->ip)
        return false;
    memcpy(peer->ip, host, size);
    peer->ip[size] = 0;
    const char *colon = host + size;
    if (colon < end && *colon == ']')
        colon++;
    peer->tls = secure || strcasestr(parameters, ";transport=tls") != NULL;
    peer->tcp = peer->tls || strcasestr(parameters, ";transport=tcp") != NULL;
    peer->port = peer->tls ? 5061 : 5060;
    if (colon < end && *colon == ':') {
        unsigned long port = strtoul(colon + 1, NULL, 10);
        if (port == 0 || port > 65535)
            return false;
        peer->port = (uint16_t)port;
    }
    if (is_numeric(peer->ip))
        return true;
    memset(peer, 0, sizeof *peer);
    return false;
}

void dialog_next_hop(const struct dialog *dialog, struct wire_peer *peer)
{
    const char *uri = dialog->route_count > 0 ? dialog->routes[0] : dialog->target;
    if (!dialog_peer_of_uri(peer, uri))
        *peer = dialog->peer;
}
