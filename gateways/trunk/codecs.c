/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/codecs.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/require.h"
#include "base/text.h"

enum {
    OWN_EVENTS = 101,
    OWN_OPUS = 107,
    DYNAMIC = 96, /* the first payload type that has no meaning of its own */
    LINES_MAX = 256
};

/* One line being read: [at, end). */
struct cursor {
    const char *at;
    const char *end;
};

static bool take_word(struct cursor *cursor, char *word, size_t size)
{
    while (cursor->at < cursor->end && *cursor->at == ' ')
        cursor->at++;
    size_t length = 0;
    while (cursor->at < cursor->end && *cursor->at != ' ') {
        unsigned char c = (unsigned char)*cursor->at++;
        if (length + 1 >= size || c <= ' ' || c > '~')
            return false; /* it may be repeated in an answer */
        word[length++] = (char)c;
    }
    word[length] = 0;
    return length > 0;
}

static bool take_number(struct cursor *cursor, uint32_t limit, uint32_t *number)
{
    const char *start = cursor->at;
    *number = 0;
    while (cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9') {
        *number = *number * 10 + (uint32_t)(*cursor->at++ - '0');
        if (*number > limit)
            return false;
    }
    return cursor->at > start;
}

static bool starts(struct cursor *cursor, const char *words)
{
    size_t length = strlen(words);
    if ((size_t)(cursor->end - cursor->at) < length || strncasecmp(cursor->at, words, length) != 0)
        return false;
    cursor->at += length;
    return true;
}

/* ------------------------------------------------------------------------------------------------ */

struct reading {
    struct codecs *codecs;
    char session_ip[46];
    bool session_ipv6;
    enum codecs_way session_way;
    bool in_audio;
    bool in_text;
    bool over_dtls; /* the transport is UDP/TLS/… */
    uint8_t session_setup;
    char session_print[CODECS_PRINT_CHARS];
    bool listed[128]; /* payload types of our m= line */
};

/* "IN IP4 192.0.2.1" */
static void read_address(struct reading *reading, struct cursor line)
{
    char kind[8], family[8], ip[46];
    struct in6_addr six;
    struct in_addr four;
    if (!take_word(&line, kind, sizeof kind) || !take_word(&line, family, sizeof family) ||
        !take_word(&line, ip, sizeof ip))
        return;
    char *slash = strchr(ip, '/');
    if (slash)
        *slash = 0;
    bool ipv6 = strcmp(family, "IP6") == 0;
    bool good = ipv6 ? inet_pton(AF_INET6, ip, &six) == 1 : inet_pton(AF_INET, ip, &four) == 1;
    if (!good)
        return;
    if (reading->in_text) {
        (void)text_copy(reading->codecs->text_ip, sizeof reading->codecs->text_ip, ip);
        return;
    }
    char *field = reading->in_audio ? reading->codecs->ip : reading->session_ip;
    (void)text_copy(field, 46, ip);
    if (reading->in_audio)
        reading->codecs->ipv6 = ipv6;
    else
        reading->session_ipv6 = ipv6;
}

/* Static payload types need no rtpmap (RFC 3551 §6). */
static void take_payload(struct reading *reading, uint32_t payload)
{
    struct codecs *codecs = reading->codecs;
    reading->listed[payload] = true;
    if (payload == 8)
        codecs->a_law = 8;
    if (payload == 0)
        codecs->mu_law = 0;
    if (payload == 9)
        codecs->g722 = 9;
}

/* "audio 20000 RTP/AVP 8 0 101" */
static int read_media(struct reading *reading, struct cursor line)
{
    struct codecs *codecs = reading->codecs;
    char kind[12], transport[20];
    uint32_t port, payload;
    reading->in_audio = reading->in_text = false;
    if (codecs->media_count == CODECS_MEDIA_MAX)
        return -EBADMSG;
    if (!take_word(&line, kind, sizeof kind))
        return -EBADMSG;
    if (!starts(&line, " ") || !take_number(&line, 65535, &port))
        return -EBADMSG;
    if (starts(&line, "/") && !take_number(&line, 16, &payload))
        return -EBADMSG;
    if (!take_word(&line, transport, sizeof transport))
        return -EBADMSG;
    unsigned at = codecs->media_count++;
    (void)snprintf(codecs->media[at], sizeof codecs->media[at], "%s 0 %s", kind, transport);
    bool over_dtls = strncasecmp(transport, "UDP/TLS/RTP/SAVP", 16) == 0;
    bool secured = over_dtls || strcasecmp(transport, "RTP/SAVP") == 0;
    bool clear = strncasecmp(transport, "RTP/AVP", 7) == 0 && transport[7] != '/';
    if (strcasecmp(kind, "text") == 0 && clear && codecs->text_at == CODECS_NONE && port != 0) {
        reading->in_text = true;
        codecs->text_at = (uint8_t)at;
        codecs->text_port = (uint16_t)port;
        return 0;
    }
    bool ours = strcasecmp(kind, "audio") == 0 && (clear || secured) &&
                codecs->audio_at == CODECS_NONE && port != 0;
    if (!ours)
        return 0;
    reading->in_audio = true;
    codecs->secured = secured;
    reading->over_dtls = over_dtls;
    codecs->audio_at = (uint8_t)at;
    codecs->port = (uint16_t)port;
    while (starts(&line, " ")) {
        if (!take_number(&line, 127, &payload))
            break;
        take_payload(reading, payload);
    }
    return 0;
}

/* "101 telephone-event/8000" */
static void read_map(struct reading *reading, struct cursor line)
{
    uint32_t payload;
    struct codecs *codecs = reading->codecs;
    if (reading->in_text && take_number(&line, 127, &payload) && starts(&line, " ")) {
        if (starts(&line, "t140/1000"))
            codecs->t140 = (uint8_t)payload;
        else if (starts(&line, "red/1000"))
            codecs->red = (uint8_t)payload;
        return;
    }
    if (!reading->in_audio || !take_number(&line, 127, &payload) || !starts(&line, " ") ||
        !reading->listed[payload])
        return;
    if (starts(&line, "telephone-event/8000"))
        codecs->events = (uint8_t)payload;
    else if (starts(&line, "opus/48000") && payload >= DYNAMIC)
        codecs->opus = (uint8_t)payload;
}

/* "sha-256 AA:BB:…": the one hash that RFC 8122 §5 asks everybody to know. */
static void read_print(struct reading *reading, struct cursor line)
{
    bool session = reading->codecs->media_count == 0;
    char *print = session ? reading->session_print : reading->codecs->print;
    char hash[12], words[CODECS_PRINT_CHARS];
    if ((!session && !reading->in_audio) || !take_word(&line, hash, sizeof hash) ||
        strcasecmp(hash, "sha-256") != 0 || !take_word(&line, words, sizeof words) ||
        strlen(words) != CODECS_PRINT_CHARS - 1)
        return;
    for (unsigned i = 0; words[i]; i++) {
        words[i] = (char)toupper((unsigned char)words[i]);
        if (i % 3 == 2 ? words[i] != ':' : !isxdigit((unsigned char)words[i]))
            return;
    }
    memcpy(print, words, sizeof words);
}

static void read_setup(struct reading *reading, struct cursor line)
{
    static const char *const names[] = {
        [CODECS_ACTPASS] = "actpass", [CODECS_ACTIVE] = "active", [CODECS_PASSIVE] = "passive"
    };
    bool session = reading->codecs->media_count == 0;
    for (unsigned i = CODECS_ACTPASS; i <= CODECS_PASSIVE; i++)
        if (starts(&line, names[i])) {
            if (session)
                reading->session_setup = (uint8_t)i;
            else if (reading->in_audio)
                reading->codecs->setup = (uint8_t)i;
            return;
        }
}

static void read_attribute(struct reading *reading, struct cursor line)
{
    static const struct {
        const char *name;
        enum codecs_way way;
    } ways[] = { { "sendrecv", CODECS_BOTH },
                 { "sendonly", CODECS_SENDS },
                 { "recvonly", CODECS_HEARS },
                 { "inactive", CODECS_SILENT } };
    uint32_t number;
    if (starts(&line, "rtpmap:")) {
        read_map(reading, line);
        return;
    }
    if (starts(&line, "crypto:")) {
        struct crypto *crypto = &reading->codecs->crypto;
        if (reading->in_audio && reading->codecs->secured && crypto->suite == CRYPTO_NONE)
            (void)crypto_read(crypto, line.at, (size_t)(line.end - line.at));
        return;
    }
    if (starts(&line, "fingerprint:")) {
        read_print(reading, line);
        return;
    }
    if (starts(&line, "setup:")) {
        read_setup(reading, line);
        return;
    }
    if (starts(&line, "rtcp-mux")) {
        reading->codecs->mux |= reading->in_audio;
        return;
    }
    if (starts(&line, "ptime:")) {
        if (reading->in_audio && take_number(&line, 1000, &number))
            reading->codecs->ptime_ms = (uint16_t)number;
        return;
    }
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        if (starts(&line, ways[i].name)) {
            if (reading->in_audio)
                reading->codecs->way = ways[i].way;
            else if (reading->codecs->media_count == 0)
                reading->session_way = ways[i].way;
            return;
        }
}

static int read_line(struct reading *reading, char kind, struct cursor line)
{
    switch (kind) {
    case 'c':
        if (reading->in_audio || reading->in_text || reading->codecs->media_count == 0)
            read_address(reading, line);
        return 0;
    case 'm': {
        int status = read_media(reading, line);
        if (reading->in_audio)
            reading->codecs->way = reading->session_way;
        return status;
    }
    case 'a':
        read_attribute(reading, line);
        return 0;
    default:
        return 0; /* o, s, t, b, y … say nothing that is needed here */
    }
}

/* What stands for the whole session counts where the stream says nothing. A key in the SDP is taken before a
 * handshake, unless the transport asks for that. */
static void take_session(struct reading *reading)
{
    struct codecs *codecs = reading->codecs;
    if (codecs->print[0] == 0)
        memcpy(codecs->print, reading->session_print, sizeof codecs->print);
    if (codecs->setup == CODECS_SETUP_NONE)
        codecs->setup = reading->session_setup;
    codecs->dtls = codecs->secured && codecs->print[0] &&
                   (reading->over_dtls || codecs->crypto.suite == CRYPTO_NONE);
    if (codecs->dtls || reading->over_dtls)
        memset(&codecs->crypto, 0, sizeof codecs->crypto);
    codecs->mux = codecs->mux && codecs->dtls;
}

int codecs_read(struct codecs *codecs, const char *body, size_t length)
{
    struct reading reading = { .codecs = codecs };
    memset(codecs, 0, sizeof *codecs);
    codecs->a_law = codecs->mu_law = codecs->g722 = codecs->opus = CODECS_NONE;
    codecs->events = codecs->audio_at = CODECS_NONE;
    codecs->text_at = codecs->t140 = codecs->red = CODECS_NONE;
    if (length > CODECS_BODY_BYTES || length < 4 || strncmp(body, "v=0", 3) != 0)
        return -EBADMSG;
    const char *at = body, *end = body + length;
    for (unsigned lines = 0; at < end; lines++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        const char *next = stop ? stop + 1 : end;
        if (!stop)
            stop = end;
        if (stop > at && stop[-1] == '\r')
            stop--;
        if (lines == LINES_MAX)
            return -EBADMSG;
        if (stop - at >= 2 && at[1] == '=') {
            struct cursor line = { at + 2, stop };
            int status = read_line(&reading, at[0], line);
            if (status < 0)
                return status;
        }
        at = next;
    }
    take_session(&reading);
    if (codecs->text_ip[0] == 0)
        (void)text_copy(codecs->text_ip, sizeof codecs->text_ip, reading.session_ip);
    if (codecs->ip[0] == 0) {
        (void)text_copy(codecs->ip, sizeof codecs->ip, reading.session_ip);
        codecs->ipv6 = reading.session_ipv6;
    }
    /* RFC 2543 hold: an address of zeros means "do not send". */
    if (strcmp(codecs->ip, "0.0.0.0") == 0 || strcmp(codecs->ip, "::") == 0)
        codecs->way = CODECS_SILENT;
    return 0;
}

enum codecs_choice codecs_choose(const struct codecs *codecs)
{
    if (codecs->a_law != CODECS_NONE)
        return CODECS_A_LAW;
    if (codecs->mu_law != CODECS_NONE)
        return CODECS_MU_LAW;
    if (codecs->g722 != CODECS_NONE)
        return CODECS_G722;
    return codecs->opus != CODECS_NONE ? CODECS_OPUS : CODECS_A_LAW;
}

bool codecs_texts(const struct codecs *codecs)
{
    return codecs->text_port != 0 && codecs->text_ip[0] != 0 && codecs->t140 != CODECS_NONE &&
           codecs->t140 != codecs->red;
}

bool codecs_match(const struct codecs *codecs)
{
    return codecs->port != 0 && codecs->ip[0] != 0 &&
           (codecs->a_law != CODECS_NONE || codecs_choose(codecs) != CODECS_A_LAW) &&
           (!codecs->secured || codecs->dtls || codecs->crypto.suite != CRYPTO_NONE);
}

/* ------------------------------------------------------------------------------------------------ */

static void write_session(struct text *text, const struct codecs_own *own)
{
    const char *family = strchr(own->ip, ':') ? "IP6" : "IP4";
    text_print(text,
               "v=0\r\no=yihao %" PRIu64 " %" PRIu64 " IN %s %s\r\ns=-\r\nc=IN %s %s\r\nt=0 0\r\n",
               own->session, own->version, family, own->ip, family, own->ip);
}

static void write_events(struct text *text, unsigned payload)
{
    text_print(text, "a=rtpmap:%u telephone-event/8000\r\na=fmtp:%u 0-15\r\n", payload, payload);
}

static const char *offered_transport(const struct codecs_own *own)
{
    if (own->print)
        return "UDP/TLS/RTP/SAVP";
    return own->crypto ? "RTP/SAVP" : "RTP/AVP";
}

/* RFC 3264 §6: the answer's transport is the offer's. */
static const char *answered_transport(const struct codecs *offer)
{
    const char *last =
        offer->audio_at < offer->media_count ? strrchr(offer->media[offer->audio_at], ' ') : NULL;
    if (offer->secured && last)
        return last + 1;
    return offer->secured ? "RTP/SAVP" : "RTP/AVP";
}

static void write_print(struct text *text, const char *print, const char *setup, bool mux)
{
    text_print(text, "a=fingerprint:sha-256 %s\r\na=setup:%s\r\n", print, setup);
    if (mux)
        text_add(text, "a=rtcp-mux\r\n");
}

static void write_crypto(struct text *text, const struct crypto *crypto)
{
    char line[CRYPTO_LINE_BYTES];
    crypto_write(crypto, line);
    text_add(text, line);
}

/* Telephone speech is all that the other side of a call gives. */
static void write_opus(struct text *text, unsigned payload)
{
    text_print(text,
               "a=rtpmap:%u opus/48000/2\r\na=fmtp:%u maxplaybackrate=8000;useinbandfec=1\r\n",
               payload, payload);
}

size_t codecs_write_offer(char *body, size_t size, const struct codecs_own *own)
{
    struct text text = text_into(body, size);
    write_session(&text, own);
    text_print(&text,
               "m=audio %u %s 8 0 9 %u %u\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
               "a=rtpmap:9 G722/8000\r\n",
               (unsigned)own->port, offered_transport(own), (unsigned)OWN_OPUS,
               (unsigned)OWN_EVENTS);
    write_opus(&text, OWN_OPUS);
    if (own->print)
        write_print(&text, own->print, "actpass", true);
    else if (own->crypto)
        write_crypto(&text, own->crypto);
    write_events(&text, OWN_EVENTS);
    text_add(&text, "a=ptime:20\r\na=sendrecv\r\n");
    REQUIRE(!text.cut);
    return text.length;
}

/* RFC 3264 §6.1: to "I only send" the answer is "I only listen", and so on. */
static const char *answer_way(enum codecs_way way)
{
    static const char *const names[] = { [CODECS_BOTH] = "sendrecv",
                                         [CODECS_SENDS] = "recvonly",
                                         [CODECS_HEARS] = "sendonly",
                                         [CODECS_SILENT] = "inactive" };
    return names[way];
}

static void write_audio(struct text *text, const struct codecs_own *own, const struct codecs *offer)
{
    enum codecs_choice choice = codecs_choose(offer);
    const unsigned payloads[] = {
        [CODECS_A_LAW] = 8, [CODECS_MU_LAW] = 0, [CODECS_G722] = 9, [CODECS_OPUS] = offer->opus
    };
    static const char *const maps[] = { [CODECS_A_LAW] = "a=rtpmap:8 PCMA/8000\r\n",
                                        [CODECS_MU_LAW] = "a=rtpmap:0 PCMU/8000\r\n",
                                        [CODECS_G722] = "a=rtpmap:9 G722/8000\r\n" };
    /* A stream has one clock: beside Opus no events of 8 kHz (RFC 4733 §2.1). */
    bool events = offer->events != CODECS_NONE && choice != CODECS_OPUS;
    text_print(text, "m=audio %u %s %u", (unsigned)own->port, answered_transport(offer),
               payloads[choice]);
    if (events)
        text_print(text, " %u", (unsigned)offer->events);
    text_add(text, "\r\n");
    if (choice == CODECS_OPUS)
        write_opus(text, offer->opus);
    else
        text_add(text, maps[choice]);
    if (offer->dtls && own->print)
        write_print(text, own->print, own->client ? "active" : "passive", offer->mux);
    else if (offer->secured && own->crypto)
        write_crypto(text, own->crypto);
    if (events)
        write_events(text, offer->events);
    text_print(text, "a=ptime:20\r\na=%s\r\n", answer_way(offer->way));
}

/* RFC 4103 §5: the text, and twice what went before it where they know of that. */
static void write_text(struct text *text, const struct codecs_own *own, const struct codecs *offer)
{
    unsigned t140 = offer->t140, red = offer->red;
    if (offer->red == CODECS_NONE) {
        text_print(text, "m=text %u RTP/AVP %u\r\na=rtpmap:%u t140/1000\r\n",
                   (unsigned)own->text_port, t140, t140);
        return;
    }
    text_print(text,
               "m=text %u RTP/AVP %u %u\r\na=rtpmap:%u t140/1000\r\na=rtpmap:%u red/1000\r\n"
               "a=fmtp:%u %u/%u/%u\r\n",
               (unsigned)own->text_port, red, t140, t140, red, red, t140, t140, t140);
}

size_t codecs_write_answer(char *body, size_t size, const struct codecs_own *own,
                           const struct codecs *offer)
{
    struct text text = text_into(body, size);
    write_session(&text, own);
    if (offer->audio_at == CODECS_NONE && offer->media_count == 0)
        write_audio(&text, own, offer);
    for (unsigned i = 0; i < offer->media_count; i++) {
        bool forced = offer->audio_at == CODECS_NONE && i == 0 &&
                      strncasecmp(offer->media[0], "audio", 5) == 0;
        if (i == offer->audio_at || forced)
            write_audio(&text, own, offer);
        else if (i == offer->text_at && own->text_port != 0 && codecs_texts(offer))
            write_text(&text, own, offer);
        else
            text_print(&text, "m=%s 0\r\n", offer->media[i]);
    }
    REQUIRE(!text.cut);
    return text.length;
}
