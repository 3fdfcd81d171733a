/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the extensions say: reliable provisional responses (RFC 3262), session timers (RFC 4028), UPDATE
 * (RFC 3311), the way a call took (RFC 7044, RFC 5806), why it ended (RFC 3326), who is to go on elsewhere (RFC 3515,
 * RFC 3891, RFC 3892), whose care is asked for (RFC 4412). */
#include "gateways/trunk/sip_terms.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/time.h>
#include <time.h>

#include <osip2/osip.h>

#include "base/text.h"

enum {
    HISTORY_LEVELS_MAX = 8,  /* of an index; deeper ones are alike */
    HISTORY_ENTRIES_MAX = 64 /* that are looked at: a call is not forwarded more often */
};

/* libosip2 does not spell compact names out that it has no place for. */
static const char *value_of(const osip_message_t *head, const char *name, const char *brief)
{
    osip_header_t *header = NULL;
    if (osip_message_header_get_byname(head, name, 0, &header) < 0 || !header)
        if (!brief || osip_message_header_get_byname(head, brief, 0, &header) < 0)
            return NULL;
    return header ? header->hvalue : NULL;
}

static bool is_tag(const char *at, size_t length, const char *tag)
{
    return strlen(tag) == length && strncasecmp(at, tag, length) == 0;
}

/* The next tag of a list with commas; NULL behind the last. */
static const char *next_tag(const char **at, size_t *length)
{
    *at += strspn(*at, " \t\r\n,");
    const char *tag = *at;
    *length = strcspn(tag, " \t\r\n,");
    *at += *length;
    return *length > 0 ? tag : NULL;
}

static bool has_tag(const char *list, const char *wanted)
{
    size_t length;
    for (const char *at = list ? list : "", *tag; (tag = next_tag(&at, &length));)
        if (is_tag(tag, length, wanted))
            return true;
    return false;
}

/* What is required of us and not known here. */
static void read_require(struct sip_message *message, const char *list)
{
    static const char *const known[] = { "100rel", "timer", "replaces", "norefersub",
                                         "resource-priority" };
    struct text text = text_into(message->require, sizeof message->require);
    size_t length;
    for (const char *at = list, *tag; (tag = next_tag(&at, &length));) {
        bool unknown = true;
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
            unknown = unknown && !is_tag(tag, length, known[i]);
        if (!unknown)
            continue;
        if (text.length > 0)
            text_add(&text, ", ");
        text_add_bytes(&text, tag, length);
    }
    if (text.cut)
        (void)text_copy(message->require, sizeof message->require, "too-many");
}

static uint32_t number_of(const char *value)
{
    unsigned long long number = value ? strtoull(value, NULL, 10) : 0;
    return number > 0x7fffffff ? 0 : (uint32_t)number;
}

static void read_session(struct sip_message *message, const osip_message_t *head)
{
    const char *expires = value_of(head, "session-expires", "x");
    const char *least = value_of(head, "min-se", NULL);
    message->session_expires = number_of(expires);
    message->min_se = number_of(least);
    const char *refresher = expires ? strcasestr(expires, "refresher=") : NULL;
    if (refresher)
        message->refresher = strncasecmp(refresher + 10, "uas", 3) == 0 ? SIP_UAS : SIP_UAC;
}

/* RAck: response-number CSeq-number method. */
static void read_rack(struct sip_message *message, const char *value)
{
    char *end;
    unsigned long long response = strtoull(value, &end, 10);
    unsigned long long cseq = strtoull(end, &end, 10);
    end += strspn(end, " \t");
    if (response > 0x7fffffff || cseq > 0x7fffffff || strncasecmp(end, "INVITE", 6) != 0)
        return;
    message->rseq = (uint32_t)response;
    message->rack_cseq = (uint32_t)cseq;
}

static void copy_number(char *field, size_t size, const char *value)
{
    osip_from_t *party = NULL;
    char one[SIP_URI_BYTES];
    const char *user = NULL;
    if (!text_copy(one, sizeof one, value) || osip_from_init(&party) != 0)
        return;
    char *close = strchr(one, '>');
    if (close)
        close[1] = 0;
    if (osip_from_parse(party, one) == 0 && party->url)
        user = party->url->username ? party->url->username : party->url->string;
    if (user && strcspn(user, ";?") < size) {
        memcpy(field, user, strcspn(user, ";?"));
        field[strcspn(user, ";?")] = 0;
    }
    osip_from_free(party);
}

/* Takes the next entry of a list off its head: the commas inside <> and quotes end none. NULL: there is no other. */
static const char *take_entry(const char **list, size_t *length)
{
    const char *entry = *list + strspn(*list, " \t,");
    const char *c = entry;
    bool inside = false, quoted = false;
    for (; *c && (*c != ',' || inside || quoted); c++) {
        if (*c == '"')
            quoted = !quoted;
        else if (!quoted && (*c == '<' || *c == '>'))
            inside = *c == '<';
    }
    *list = c;
    *length = (size_t)(c - entry);
    return *length ? entry : NULL;
}

/* Where an entry stands in the course of the call (RFC 7044 §5.2): its index, level by level. */
struct course {
    unsigned long levels[HISTORY_LEVELS_MAX]; /* all 0: it says none */
};

static struct course course_of(const char *entry, size_t length)
{
    struct course course = { 0 };
    const char *end = memchr(entry, '>', length);
    const char *index = strcasestr(end ? end : entry, ";index=");
    if (!index || index >= entry + length)
        return course;
    index += strlen(";index=");
    for (unsigned i = 0; i < HISTORY_LEVELS_MAX && *index >= '0' && *index <= '9'; i++) {
        char *rest;
        course.levels[i] = strtoul(index, &rest, 10);
        index = rest + (*rest == '.');
    }
    return course;
}

static bool comes_before(const struct course *a, const struct course *b)
{
    if (!a->levels[0] || !b->levels[0])
        return a->levels[0] != 0; /* who says where it stands stands before who does not */
    for (unsigned i = 0; i < HISTORY_LEVELS_MAX; i++)
        if (a->levels[i] != b->levels[i])
            return a->levels[i] < b->levels[i];
    return false;
}

/* Entries of one header, or of several; whom privacy hides (RFC 7044 §10.1.2) tells no number. */
static void read_history(struct sip_message *message, const osip_message_t *head)
{
    osip_header_t *header = NULL;
    struct course first = { 0 };
    unsigned count = 0;
    for (int at = 0; (at = osip_message_header_get_byname(head, "history-info", at, &header)) >= 0;
         at++) {
        const char *list = header->hvalue ? header->hvalue : "", *entry;
        size_t length;
        while (count < HISTORY_ENTRIES_MAX && (entry = take_entry(&list, &length)) != NULL) {
            count++;
            char number[SIP_USER_BYTES] = "", one[SIP_URI_BYTES];
            struct course course = course_of(entry, length);
            if (length >= sizeof one ||
                (message->first_called[0] && !comes_before(&course, &first)))
                continue;
            memcpy(one, entry, length);
            one[length] = 0;
            copy_number(number, sizeof number, one);
            if (!number[0] || strcasecmp(number, "anonymous") == 0)
                continue;
            memcpy(message->first_called, number, sizeof number);
            first = course;
        }
    }
}

/* The number first called: History-Info counts up from there, Diversion lists the newest first. */
static void read_first_called(struct sip_message *message, const osip_message_t *head)
{
    osip_header_t *header = NULL;
    const char *list, *entry, *last = NULL;
    size_t length;
    read_history(message, head);
    if (message->first_called[0])
        return;
    for (int at = 0; (at = osip_message_header_get_byname(head, "diversion", at, &header)) >= 0;
         at++)
        for (list = header->hvalue ? header->hvalue : "";
             (entry = take_entry(&list, &length)) != NULL;)
            last = entry;
    if (last)
        copy_number(message->first_called, sizeof message->first_called, last);
}

/* Tools that look for open exchanges say who they are surprisingly often. */
static bool is_scanner(const char *agent)
{
    static const char *const tools[] = {
        "friendly-scanner", "sipvicious", "sipcli", "sip-scan", "sundayddr", "iWar", "smap",
        "VaxSIPUserAgent",  "pplsip",     "sipsak", "sipptk"
    };
    for (size_t i = 0; agent && i < sizeof tools / sizeof tools[0]; i++)
        if (strcasestr(agent, tools[i]))
            return true;
    return false;
}

static unsigned count_of(const osip_message_t *head, const char *name)
{
    osip_header_t *header = NULL;
    unsigned count = 0;
    for (int at = 0; (at = osip_message_header_get_byname(head, name, at, &header)) >= 0; at++)
        count++;
    return count;
}

static void read_precedence(struct sip_message *message, const osip_message_t *head,
                            const char *require)
{
    osip_header_t *header = NULL;
    bool said = false;
    for (int at = 0;
         (at = osip_message_header_get_byname(head, "resource-priority", at, &header)) >= 0; at++) {
        said = true;
        (void)precedence_read(message->precedence, header->hvalue ? header->hvalue : "");
    }
    message->precedence_unknown =
        said && !message->precedence[0] && has_tag(require, "resource-priority");
}

/* Twice a Replaces is none that can be followed (RFC 3891 §3). */
static void read_referral(struct sip_message *message, const osip_message_t *head)
{
    const char *refer_to = value_of(head, "refer-to", "r");
    const char *referred_by = value_of(head, "referred-by", "b");
    const char *replaces = value_of(head, "replaces", NULL);
    const char *subscribes = value_of(head, "refer-sub", NULL);
    message->refer_count = count_of(head, "refer-to") + count_of(head, "r");
    if (refer_to)
        (void)refer_to_read(&message->refer_to, refer_to);
    message->refer_silent = subscribes && is_tag(subscribes, strcspn(subscribes, " \t;"), "false");
    if (referred_by && !text_copy(message->referred_by, sizeof message->referred_by, referred_by))
        message->referred_by[0] = 0;
    message->replacing = replaces != NULL;
    if (count_of(head, "replaces") == 1)
        (void)replaces_read(&message->replaces, replaces);
}

/* RFC 3515 §2.4.6: "refer", with the CSeq of the REFER as its id, or none behind the first. */
static void read_notice(struct sip_message *message, const osip_message_t *head)
{
    const char *event = value_of(head, "event", "o");
    const char *state = value_of(head, "subscription-state", NULL);
    message->of_refer = event && is_tag(event, strcspn(event, " \t;"), "refer");
    const char *id = message->of_refer ? strcasestr(event, ";id=") : NULL;
    message->refer_event = id ? number_of(id + 4) : 0;
    if (id && message->refer_event == 0)
        message->refer_event = UINT32_MAX;
    message->subscription_over = state && is_tag(state, strcspn(state, " \t;"), "terminated");
}

void sip_terms_read(struct sip_message *message, const struct osip_message *head)
{
    const char *supported = value_of(head, "supported", "k");
    const char *require = value_of(head, "require", NULL);
    const char *rack = value_of(head, "rack", NULL);
    const char *reason = value_of(head, "reason", NULL);
    message->reliable =
        has_tag(require, "100rel") || (message->request && has_tag(supported, "100rel"));
    message->timer = has_tag(supported, "timer") || has_tag(require, "timer");
    for (int i = 0; i < osip_list_size(&head->allows); i++) {
        const osip_allow_t *allow = osip_list_get(&head->allows, i);
        message->updates =
            message->updates || (allow && allow->value && strcasestr(allow->value, "UPDATE"));
    }
    if (require && message->request)
        read_require(message, require);
    message->rseq = number_of(value_of(head, "rseq", NULL));
    if (rack)
        read_rack(message, rack);
    if (reason && !text_copy(message->reason, sizeof message->reason, reason))
        message->reason[0] = 0;
    message->scanner = message->request && is_scanner(value_of(head, "user-agent", NULL));
    read_session(message, head);
    if (message->request)
        read_referral(message, head);
    if (message->method == SIP_NOTIFY)
        read_notice(message, head);
    if (message->request)
        read_precedence(message, head, require);
    read_first_called(message, head);
}
