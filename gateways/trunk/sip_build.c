/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/sip_build.h"

#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include <osip2/osip.h>

#include "base/text.h"

static const char agent[] = "Yihao";

static int clone_via(void *via, void **copy)
{
    return osip_via_clone(via, (osip_via_t **)copy);
}

static int clone_route(void *route, void **copy)
{
    return osip_record_route_clone(route, (osip_record_route_t **)copy);
}

static int copy_identity(osip_message_t *reply, const osip_message_t *request)
{
    if (osip_from_clone(request->from, &reply->from) != 0 ||
        osip_to_clone(request->to, &reply->to) != 0 ||
        osip_call_id_clone(request->call_id, &reply->call_id) != 0 ||
        osip_cseq_clone(request->cseq, &reply->cseq) != 0 ||
        osip_list_clone(&request->vias, &reply->vias, clone_via) != 0 ||
        osip_list_clone(&request->record_routes, &reply->record_routes, clone_route) != 0)
        return -1;
    return 0;
}

/* Adds "Name: value\r\n" lines one by one. */
static void add_headers(osip_message_t *message, const char *headers)
{
    while (headers && *headers) {
        char name[64], value[512];
        size_t line = strcspn(headers, "\r\n");
        size_t length = strcspn(headers, ":");
        if (length < line && length < sizeof name && line - length < sizeof value) {
            memcpy(name, headers, length);
            name[length] = 0;
            const char *start = headers + length + 1;
            while (*start == ' ')
                start++;
            size_t rest = (size_t)(headers + line - start);
            memcpy(value, start, rest);
            value[rest] = 0;
            (void)osip_message_set_header(message, name, value);
        }
        headers += line;
        headers += strspn(headers, "\r\n");
    }
}

struct osip_message *sip_build_reply(const struct osip_message *request,
                                     const struct sip_reply *reply)
{
    osip_message_t *message = NULL;
    if (osip_message_init(&message) != 0)
        return NULL;
    const char *reason = osip_message_get_reason(reply->status);
    osip_message_set_version(message, osip_strdup("SIP/2.0"));
    osip_message_set_status_code(message, reply->status);
    osip_message_set_reason_phrase(message, osip_strdup(reason ? reason : "Status"));
    if (copy_identity(message, request) != 0) {
        osip_message_free(message);
        return NULL;
    }
    bool has_tag = sip_parameter(&message->to->gen_params, "tag") != NULL;
    if (!has_tag && reply->to_tag && reply->status > 100)
        (void)osip_generic_param_add(&message->to->gen_params, osip_strdup("tag"),
                                     osip_strdup(reply->to_tag));
    if (reply->contact)
        (void)osip_message_set_contact(message, reply->contact);
    (void)osip_message_set_header(message, "Server", agent);
    add_headers(message, reply->headers);
    if (reply->body) {
        (void)osip_message_set_content_type(message, "application/sdp");
        (void)osip_message_set_body(message, reply->body, strlen(reply->body));
    }
    return message;
}

/* A proxy of RFC 2543's kind: it takes the request line for its own (RFC 3261 §12.2.1.1). */
static bool is_strict(const char *route)
{
    for (const char *at = strcasestr(route, ";lr"); at; at = strcasestr(at + 1, ";lr"))
        if (!at[3] || strchr(";=?", at[3]))
            return false;
    return true;
}

static void add_routes(struct text *text, const struct dialog *dialog, bool strict)
{
    for (unsigned i = strict; i < dialog->route_count; i++)
        text_print(text, "Route: <%s>\r\n", dialog->routes[i]);
    if (strict)
        text_print(text, "Route: <%s>\r\n", dialog->target);
}

size_t sip_build_request(char *bytes, size_t size, const struct sip_request *request,
                         const struct sip_self *self, const char *branch,
                         const struct wire_peer *next_hop)
{
    const struct dialog *dialog = request->dialog;
    const char *transport = next_hop->tls ? "TLS" : next_hop->tcp ? "TCP" : "UDP";
    bool strict = dialog->route_count > 0 && is_strict(dialog->routes[0]);
    struct text text = text_into(bytes, size);
    text_print(&text, "%s %s SIP/2.0\r\nVia: SIP/2.0/%s %s:%u;rport;branch=%s\r\n", request->method,
               strict ? dialog->routes[0] : dialog->target, transport, self->host,
               (unsigned)(next_hop->tls ? self->tls_port : self->port), branch);
    add_routes(&text, dialog, strict);
    text_add(&text, "Max-Forwards: 70\r\nFrom: ");
    if (request->display && request->display[0])
        text_print(&text, "\"%s\" ", request->display);
    text_print(&text, "<%s>;tag=%s\r\nTo: <%s>", dialog->local_uri, dialog->local_tag,
               dialog->remote_uri);
    if (dialog->remote_tag[0])
        text_print(&text, ";tag=%s", dialog->remote_tag);
    text_print(&text, "\r\nCall-ID: %s\r\nCSeq: %u %s\r\nUser-Agent: %s\r\n", dialog->call_id,
               (unsigned)request->cseq, request->method, agent);
    if (request->contact)
        text_print(&text, "Contact: %s\r\n", request->contact);
    if (request->headers)
        text_add(&text, request->headers);
    if (request->body)
        text_print(&text, "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n%s",
                   request->body_type ? request->body_type : "application/sdp",
                   strlen(request->body), request->body);
    else
        text_add(&text, "Content-Length: 0\r\n\r\n");
    return text.cut ? 0 : text.length;
}

static void add_part(struct text *text, const char *name, int status, char *value)
{
    text->cut |= status != 0 || !value;
    if (status == 0 && value)
        text_print(text, "%s%s\r\n", name, value);
    osip_free(value);
}

/* Where it was received is said anew when it is read again. */
static void add_top_via(struct text *text, const osip_via_t *top)
{
    osip_via_t *via = NULL;
    char *value = NULL;
    text->cut |= !top || osip_via_clone(top, &via) != 0;
    if (text->cut)
        return;
    for (int i = osip_list_size(&via->via_params) - 1; i >= 0; i--) {
        osip_generic_param_t *parameter = osip_list_get(&via->via_params, i);
        if (strcasecmp(parameter->gname, "received") != 0)
            continue;
        (void)osip_list_remove(&via->via_params, i);
        osip_generic_param_free(parameter);
    }
    int status = osip_via_to_str(via, &value);
    add_part(text, "Via: ", status, value);
    osip_via_free(via);
}

size_t sip_build_head(const struct osip_message *request, char *bytes, size_t size)
{
    struct text text = text_into(bytes, size);
    char *value = NULL;
    text_print(&text, "%s sip:kept SIP/2.0\r\n", request->sip_method);
    add_top_via(&text, osip_list_get(&request->vias, 0));
    for (int i = 1; i < osip_list_size(&request->vias); i++) {
        int status = osip_via_to_str(osip_list_get(&request->vias, i), &value);
        add_part(&text, "Via: ", status, value);
    }
    for (int i = 0; i < osip_list_size(&request->record_routes); i++) {
        int status = osip_record_route_to_str(osip_list_get(&request->record_routes, i), &value);
        add_part(&text, "Record-Route: ", status, value);
    }
    int status = osip_from_to_str(request->from, &value);
    add_part(&text, "From: ", status, value);
    status = osip_to_to_str(request->to, &value);
    add_part(&text, "To: ", status, value);
    status = osip_call_id_to_str(request->call_id, &value);
    add_part(&text, "Call-ID: ", status, value);
    status = osip_cseq_to_str(request->cseq, &value);
    add_part(&text, "CSeq: ", status, value);
    text_add(&text, "Content-Length: 0\r\n\r\n");
    return text.cut ? 0 : text.length;
}

struct osip_message *sip_build_cancel(const struct osip_message *invite, bool elsewhere)
{
    osip_message_t *cancel = NULL;
    osip_via_t *via = NULL;
    if (osip_message_init(&cancel) != 0)
        return NULL;
    osip_message_set_version(cancel, osip_strdup("SIP/2.0"));
    osip_message_set_method(cancel, osip_strdup("CANCEL"));
    const osip_via_t *top = osip_list_get(&invite->vias, 0);
    if (osip_uri_clone(invite->req_uri, &cancel->req_uri) != 0 || !top ||
        osip_via_clone(top, &via) != 0 || osip_list_add(&cancel->vias, via, 0) < 1 ||
        osip_from_clone(invite->from, &cancel->from) != 0 ||
        osip_to_clone(invite->to, &cancel->to) != 0 ||
        osip_call_id_clone(invite->call_id, &cancel->call_id) != 0 ||
        osip_cseq_clone(invite->cseq, &cancel->cseq) != 0 ||
        osip_list_clone(&invite->routes, &cancel->routes, clone_route) != 0) {
        osip_message_free(cancel);
        return NULL;
    }
    osip_free(cancel->cseq->method);
    cancel->cseq->method = osip_strdup("CANCEL");
    (void)osip_message_set_header(cancel, "Max-Forwards", "70");
    (void)osip_message_set_header(cancel, "User-Agent", agent);
    if (elsewhere)
        (void)osip_message_set_header(cancel, "Reason",
                                      "SIP;cause=200;text=\"Call completed elsewhere\"");
    (void)osip_message_set_content_length(cancel, "0");
    return cancel;
}
