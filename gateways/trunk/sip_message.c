/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/sip_message.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/time.h>
#include <time.h>

#include <osip2/osip.h>

#include "base/text.h"
#include "gateways/trunk/body.h"
#include "gateways/trunk/call_data.h"
#include "gateways/trunk/sip_terms.h"

static const struct {
    const char *name;
    enum sip_method method;
} methods[] = {
    { "INVITE", SIP_INVITE },
    { "ACK", SIP_ACK },
    { "CANCEL", SIP_CANCEL },
    { "BYE", SIP_BYE },
    { "OPTIONS", SIP_OPTIONS },
    { "REGISTER", SIP_REGISTER },
    { "INFO", SIP_INFO },
    { "MESSAGE", SIP_KNOWN_UNSUPPORTED },
    { "NOTIFY", SIP_NOTIFY },
    { "PRACK", SIP_PRACK },
    { "PUBLISH", SIP_KNOWN_UNSUPPORTED },
    { "REFER", SIP_REFER },
    { "SUBSCRIBE", SIP_KNOWN_UNSUPPORTED },
    { "UPDATE", SIP_UPDATE },
};

static enum sip_method method_of(const char *name)
{
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (strcmp(methods[i].name, name) == 0)
            return methods[i].method;
    return SIP_UNKNOWN;
}

const char *sip_parameter(const struct osip_list *list, const char *name)
{
    for (int i = 0; i < osip_list_size(list); i++) {
        const osip_generic_param_t *parameter = osip_list_get(list, i);
        if (parameter && parameter->gname && strcasecmp(parameter->gname, name) == 0)
            return parameter->gvalue ? parameter->gvalue : "";
    }
    return NULL;
}

/* The whole URI as text; empty when it does not fit. */
static void copy_uri(char *field, size_t size, const osip_uri_t *uri)
{
    char *whole = NULL;
    field[0] = 0;
    if (!uri || osip_uri_to_str(uri, &whole) != 0 || !whole)
        return;
    if (strlen(whole) < size && !strpbrk(whole, "<>\" \t"))
        (void)text_copy(field, size, whole);
    osip_free(whole);
}

/* The user part; for tel: and urn: what stands behind the scheme, up to its parameters. */
static void copy_user(char *field, size_t size, const osip_uri_t *uri)
{
    field[0] = 0;
    if (!uri)
        return;
    if (uri->username) {
        if (!text_copy(field, size, uri->username))
            field[0] = 0;
    } else if (uri->string) {
        size_t length = strcspn(uri->string, ";?");
        if (length < size) {
            memcpy(field, uri->string, length);
            field[length] = 0;
        }
    }
}

static int copy_party(struct sip_party *party, const osip_from_t *from)
{
    const char *tag = sip_parameter(&from->gen_params, "tag");
    copy_uri(party->uri, sizeof party->uri, from->url);
    copy_user(party->user, sizeof party->user, from->url);
    if (tag && !text_copy(party->tag, sizeof party->tag, tag))
        return -EBADMSG;
    return party->uri[0] ? 0 : -EBADMSG;
}

static int read_number(const char *text)
{
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno || end == text || number < 0)
        return -1;
    return number > 86400 ? 86400 : (int)number;
}

static const char *header_value(const osip_message_t *head, const char *name)
{
    osip_header_t *header = NULL;
    if (osip_message_header_get_byname(head, name, 0, &header) < 0 || !header)
        return NULL;
    return header->hvalue;
}

static void read_contact(struct sip_message *message, const osip_message_t *head)
{
    int count = osip_list_size(&head->contacts);
    message->contact_count = (unsigned)(count > 0 ? count : 0);
    message->contact_expires = -1;
    osip_contact_t *contact = osip_list_get(&head->contacts, 0);
    if (!contact)
        return;
    message->contact_star = contact->displayname && strcmp(contact->displayname, "*") == 0;
    copy_uri(message->contact, sizeof message->contact, contact->url);
    const char *expires = sip_parameter(&contact->gen_params, "expires");
    if (expires)
        message->contact_expires = read_number(expires);
}

static int read_routes(struct sip_message *message, const osip_message_t *head)
{
    int count = osip_list_size(&head->record_routes);
    if (count > SIP_ROUTES_MAX)
        return -EBADMSG;
    for (int i = 0; i < count; i++) {
        const osip_record_route_t *route = osip_list_get(&head->record_routes, i);
        copy_uri(message->routes[i], sizeof message->routes[i], route ? route->url : NULL);
        if (message->routes[i][0] == 0)
            return -EBADMSG;
        message->route_count++;
    }
    return 0;
}

/* RFC 3325. The value is a name-addr or an addr-spec; the first one counts. */
static void read_identity(struct sip_message *message, const osip_message_t *head)
{
    const char *value = header_value(head, "p-asserted-identity");
    if (!value)
        return;
    osip_from_t *party = NULL;
    char first[SIP_URI_BYTES];
    if (!text_copy(first, sizeof first, value))
        return;
    char *angle = strchr(first, '<');
    char *comma = strchr(angle ? angle : first, ',');
    if (comma)
        *comma = 0;
    if (osip_from_init(&party) != 0)
        return;
    if (osip_from_parse(party, first) == 0)
        copy_user(message->identity, sizeof message->identity, party->url);
    osip_from_free(party);
}

static void read_language(struct sip_message *message, const osip_message_t *head)
{
    const osip_accept_encoding_t *first = osip_list_get(&head->accept_languages, 0);
    if (first && first->element &&
        !text_copy(message->accept_language, sizeof message->accept_language, first->element))
        message->accept_language[0] = 0;
}

static void read_authorizations(struct sip_message *message, const osip_message_t *head)
{
    int count = osip_list_size(&head->authorizations);
    for (int i = 0; i < count && message->authorization_count < 2; i++) {
        char *whole = NULL;
        const osip_authorization_t *authorization = osip_list_get(&head->authorizations, i);
        if (!authorization || osip_authorization_to_str(authorization, &whole) != 0)
            continue;
        char *field = message->authorization[message->authorization_count];
        if (text_copy(field, sizeof message->authorization[0], whole))
            message->authorization_count++;
        osip_free(whole);
    }
}

static void read_challenge(struct sip_message *message, const osip_message_t *head)
{
    for (int i = 0; i < osip_list_size(&head->www_authenticates); i++) {
        char *whole = NULL;
        const osip_www_authenticate_t *one = osip_list_get(&head->www_authenticates, i);
        if (!one || osip_www_authenticate_to_str(one, &whole) != 0)
            continue;
        if ((!message->challenge[0] || strcasestr(whole, "SHA-256")) &&
            !text_copy(message->challenge, sizeof message->challenge, whole))
            message->challenge[0] = 0;
        osip_free(whole);
    }
}

static void take_part(void *owner, const char *type, struct body_part part)
{
    static const char place[] = "application/pidf+xml";
    struct sip_message *message = owner;
    if (strncasecmp(type, place, sizeof place - 1) == 0 && !message->pidf.bytes)
        message->pidf = part;
    if (call_data_is(type) && message->call_data_count < SIP_CALL_DATA_MAX)
        message->call_data[message->call_data_count++] = part;
}

/* A reference is noted, never fetched: what it costs to ask there is nobody's to decide but a person's. */
static void read_location(struct sip_message *message, const osip_message_t *head)
{
    const char *value = header_value(head, "geolocation");
    const char *start = value ? strchr(value, '<') : NULL;
    const char *end = start ? strchr(start, '>') : NULL;
    if (!end || strncasecmp(start + 1, "cid:", 4) == 0)
        return;
    size_t length = (size_t)(end - start - 1);
    if (length >= sizeof message->location)
        return;
    memcpy(message->location, start + 1, length);
    message->location[length] = 0;
}

/* A key pressed far away, as many phones and carriers say it: "Signal=5" of application/dtmf-relay, or the key alone of
 * application/dtmf. */
static char key_of(const char *type, const char *body, size_t length)
{
    size_t at = 0;
    if (strncasecmp(type, "application/dtmf", 16) != 0)
        return 0;
    if (strncasecmp(type + 16, "-relay", 6) == 0) {
        const char *signal = memmem(body, length, "ignal", 5);
        at = signal ? (size_t)(signal - body) + 5 : length;
    }
    while (at < length && strchr(" \t=\r\n", body[at]) && body[at])
        at++;
    if (at >= length || !body[at] || !strchr("0123456789*#ABCDabcd", body[at]))
        return 0;
    bool ends = at + 1 == length || strchr(" \t\r\n", body[at + 1]);
    return ends ? (char)toupper((unsigned char)body[at]) : 0;
}

static void read_body(struct sip_message *message, const osip_message_t *head, const char *body,
                      size_t length)
{
    char *whole = NULL;
    if (length == 0)
        return;
    if (head->content_type && osip_content_type_to_str(head->content_type, &whole) != 0)
        return;
    message->key = key_of(whole ? whole : "", body, length);
    if (whole && strncasecmp(whole, "message/sipfrag", 15) == 0)
        message->fragment = sipfrag_read(body, length);
    struct body_part part = body_find_sdp(whole ? whole : "", body, length);
    body_walk(whole ? whole : "", body, length, take_part, message);
    message->strange = !part.bytes && whole && strncasecmp(whole, "multipart/", 10) != 0;
    message->description = part.bytes;
    message->description_length = part.length;
    osip_free(whole);
}

static int read_start(struct sip_message *message, const osip_message_t *head)
{
    const char *name = head->cseq->method;
    message->request = MSG_IS_REQUEST(head);
    if (message->request) {
        if (!head->sip_method || !head->req_uri || strcmp(head->sip_method, name) != 0)
            return -EBADMSG;
        (void)text_copy(message->scheme, sizeof message->scheme,
                        head->req_uri->scheme ? head->req_uri->scheme : "");
        copy_user(message->user, sizeof message->user, head->req_uri);
    } else {
        message->status = head->status_code;
    }
    (void)text_copy(message->method_name, sizeof message->method_name, name);
    message->method = method_of(name);
    return 0;
}

int sip_message_read(struct sip_message *message, const struct osip_message *head, const char *body,
                     size_t length)
{
    memset(message, 0, sizeof *message);
    if (!head->from || !head->to || !head->call_id || !head->call_id->number || !head->cseq ||
        !head->cseq->method || !head->cseq->number || !osip_list_get(&head->vias, 0))
        return -EBADMSG;
    char *end;
    errno = 0;
    unsigned long long cseq = strtoull(head->cseq->number, &end, 10);
    if (errno || *end || end == head->cseq->number || cseq > 0x7fffffff) /* RFC 3261 §8.1.1.5 */
        return -EBADMSG;
    message->cseq = (uint32_t)cseq;
    struct text call_id = text_into(message->call_id, sizeof message->call_id);
    text_add(&call_id, head->call_id->number);
    if (head->call_id->host) {
        text_add_char(&call_id, '@');
        text_add(&call_id, head->call_id->host);
    }
    if (call_id.cut || read_start(message, head) < 0 ||
        copy_party(&message->from, head->from) < 0 || copy_party(&message->to, head->to) < 0 ||
        read_routes(message, head) < 0)
        return -EBADMSG;
    read_contact(message, head);
    const char *expires = header_value(head, "expires");
    message->expires = expires ? read_number(expires) : -1;
    const char *privacy = header_value(head, "privacy");
    message->privacy = privacy && strcasecmp(privacy, "none") != 0;
    sip_terms_read(message, head);
    read_identity(message, head);
    read_language(message, head);
    read_authorizations(message, head);
    read_challenge(message, head);
    read_location(message, head);
    read_body(message, head, body, length);
    return 0;
}
