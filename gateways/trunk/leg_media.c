/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The sound of one leg: its channel, what it describes, what the other side described. */
#include <string.h>
#include <strings.h>

#include <sodium.h>

#include "base/text.h"
#include "gateways/trunk/call.h"

enum {
    OPUS_STEP = 960 /* stamps of 48 kHz in a turn */
};

/* One key for the life of a dialog, unless the other side asks for another suite. */
static void take_suite(struct leg_media *media, uint32_t tag, enum crypto_suite suite)
{
    uint8_t key[CRYPTO_KEY_BYTES];
    media->own.tag = tag;
    if (media->own.suite == suite)
        return;
    size_t size = crypto_key_bytes(suite);
    randombytes_buf(key, size);
    media->own.suite = (uint8_t)suite;
    (void)sodium_bin2base64(media->own.key, sizeof media->own.key, key, size,
                            sodium_base64_VARIANT_ORIGINAL);
    sodium_memzero(key, sizeof key);
}

static struct media_speech speech_of(const struct codecs *theirs)
{
    struct media_speech speech = { .codec = MEDIA_G711, .law = MEDIA_PCMA };
    enum codecs_choice choice = codecs_choose(theirs);
    if (choice == CODECS_MU_LAW)
        speech.law = MEDIA_PCMU;
    if (choice == CODECS_G722)
        speech = (struct media_speech){ .codec = MEDIA_G722,
                                        .law = MEDIA_PCMA,
                                        .payload = theirs->g722 };
    if (choice == CODECS_OPUS)
        return (
            struct media_speech){ .codec = MEDIA_OPUS, .law = MEDIA_PCMA, .payload = theirs->opus };
    if (theirs->events != CODECS_NONE)
        speech.event_payload = theirs->events;
    return speech;
}

static bool is_secured(const struct codecs *theirs)
{
    return theirs->secured && !theirs->dtls && theirs->crypto.suite != CRYPTO_NONE;
}

/* The keys of the handshake are there. */
static bool has_agreed(const struct leg_media *media, const struct codecs *theirs)
{
    return theirs->dtls && theirs->crypto.suite != CRYPTO_NONE &&
           media->own.suite == theirs->crypto.suite;
}

/* RFC 5763 §5: who answers "actpass" begins, for that is the sooner. */
static void take_role(struct leg_media *media, const struct codecs *theirs)
{
    media->dtls |= theirs->dtls;
    if (!has_agreed(media, theirs))
        media->client = theirs->setup != CODECS_ACTIVE;
}

/* RFC 8842 §4: another fingerprint or another way is another association. */
void leg_take_theirs(struct leg_media *media, struct codecs *theirs, const struct codecs *fresh)
{
    bool same = theirs->dtls && fresh->dtls && strcmp(theirs->print, fresh->print) == 0 &&
                strcmp(theirs->ip, fresh->ip) == 0 && theirs->port == fresh->port;
    struct crypto former = theirs->crypto;
    bool agreed = theirs->dtls;
    *theirs = *fresh;
    if (same)
        theirs->crypto = former;
    else if (agreed || fresh->dtls)
        media->own.suite = CRYPTO_NONE;
    sodium_memzero(&former, sizeof former);
}

bool leg_agrees(const struct leg_media *media, const struct codecs *theirs)
{
    return codecs_match(theirs) && (!media->secured || theirs->secured);
}

bool leg_open_media(struct exchange *exchange, struct leg_media *media, uint64_t token)
{
    if (media->channel != 0)
        return true;
    int64_t channel = media_channel_open(exchange->media, token, &media->port);
    if (channel <= 0) {
        exchange->counts.no_media++;
        return false;
    }
    media->channel = channel;
    media->session = exchange->wall_ms;
    media->version = 0;
    media_channel_clock(exchange->media, channel, exchange->wall_ms, &media->clock);
    return true;
}

void leg_resume_media(struct exchange *exchange, struct leg_media *media,
                      const struct codecs *theirs, uint64_t token)
{
    if (media->port == 0)
        return;
    int64_t channel =
        media_channel_resume(exchange->media, token, media->port, &media->clock, exchange->wall_ms);
    if (channel <= 0) {
        exchange->counts.no_media++;
        log_error("cannot open the port of a kept leg port=%u: %s", (unsigned)media->port,
                  strerror((int)-channel));
        return;
    }
    media->channel = channel;
    leg_connect_media(exchange, media, theirs);
}

void leg_close_media(struct exchange *exchange, struct leg_media *media)
{
    if (media->channel != 0)
        media_channel_close(exchange->media, media->channel);
    media->channel = 0;
    media->port = media->text_port = 0;
}

/* Beside the voice; when it fails the voice goes on alone. */
static void connect_text(struct exchange *exchange, struct leg_media *media,
                         const struct codecs *theirs)
{
    if (!media->texts || !codecs_texts(theirs))
        return;
    const struct media_text text = { .ip = theirs->text_ip,
                                     .port = theirs->text_port,
                                     .payload = theirs->t140,
                                     .red = theirs->red == CODECS_NONE ? 0 : theirs->red };
    int status = media_text_connect(exchange->media, media->channel, &media->text_port, &text);
    if (status < 0) {
        log_error("no real-time text port=%u: %s", (unsigned)media->port, strerror(-status));
        media->text_port = 0;
    }
}

void leg_connect_media(struct exchange *exchange, struct leg_media *media,
                       const struct codecs *theirs)
{
    if (media->channel == 0 || theirs->ip[0] == 0 || theirs->port == 0 ||
        theirs->way == CODECS_SILENT)
        return;
    if (theirs->secured && !is_secured(theirs) && !theirs->dtls)
        return; /* with a key that we cannot use nothing is said at all */
    if (is_secured(theirs)) {
        take_suite(media, theirs->crypto.tag, (enum crypto_suite)theirs->crypto.suite);
        exchange->counts.secured++;
    }
    struct media_keys keys = { media->own, theirs->crypto };
    struct media_speech speech = speech_of(theirs);
    speech.keys = is_secured(theirs) || has_agreed(media, theirs) ? &keys : NULL;
    take_role(media, theirs);
    speech.print = theirs->dtls ? theirs->print : NULL;
    speech.client = media->client;
    speech.mux = theirs->mux;
    media->clock.step = speech.codec == MEDIA_OPUS ? OPUS_STEP : 0;
    (void)media_channel_connect(exchange->media, media->channel, theirs->ip, theirs->port, &speech);
    connect_text(exchange, media, theirs);
}

void leg_describe(const struct exchange *exchange, struct leg_media *media,
                  const struct codecs *theirs, char body[CODECS_ANSWER_BYTES])
{
    struct codecs_own own = { .ip = exchange->address,
                              .port = media->port,
                              .session = media->session,
                              .version = media->version,
                              .text_port = media->text_port };
    if (theirs && is_secured(theirs))
        take_suite(media, theirs->crypto.tag, (enum crypto_suite)theirs->crypto.suite);
    if (!theirs && media->secured && !media->dtls && media->own.suite == CRYPTO_NONE)
        take_suite(media, 1, CRYPTO_AES_128_80);
    if (theirs ? theirs->dtls : media->dtls)
        own.print = media_print();
    else if (theirs ? is_secured(theirs) : media->own.suite != CRYPTO_NONE)
        own.crypto = &media->own;
    if (theirs)
        take_role(media, theirs);
    own.client = media->client;
    if (theirs)
        (void)codecs_write_answer(body, CODECS_ANSWER_BYTES, &own, theirs);
    else
        (void)codecs_write_offer(body, CODECS_ANSWER_BYTES, &own);
}

bool leg_refuses(struct exchange *exchange, const struct leg_media *media, uint64_t transaction,
                 const struct sip_message *invite)
{
    struct codecs fresh;
    if (!media->secured || !invite->description ||
        codecs_read(&fresh, invite->description, invite->description_length) < 0 || fresh.secured)
        return false;
    exchange_reply(exchange, transaction, 488, NULL);
    return true;
}

void leg_renegotiate(struct exchange *exchange, struct leg_media *media, struct codecs *theirs,
                     uint64_t transaction, const struct sip_message *invite, const char *headers)
{
    char body[CODECS_ANSWER_BYTES], contact[SIP_CONTACT_BYTES];
    struct codecs fresh;
    bool offered = invite->description &&
                   codecs_read(&fresh, invite->description, invite->description_length) == 0;
    bool sound = leg_open_media(exchange, media, transaction);
    struct sip_reply reply = { .status = 200, .headers = headers };
    media->version++;
    if (sound && offered) {
        leg_take_theirs(media, theirs, &fresh);
        leg_connect_media(exchange, media, theirs);
    }
    if (sound) {
        leg_describe(exchange, media, offered ? theirs : NULL, body);
        reply.body = body;
    }
    stack_contact(exchange->stack, &invite->source, strcasecmp(invite->scheme, "sips") == 0,
                  contact);
    reply.contact = contact;
    (void)stack_reply(exchange->stack, transaction, &reply);
}

void leg_hear_answer(struct exchange *exchange, struct leg_media *media, struct codecs *theirs,
                     const struct sip_message *message)
{
    struct codecs fresh;
    if (!message->description ||
        codecs_read(&fresh, message->description, message->description_length) < 0)
        return;
    if (media->secured && !fresh.secured) {
        exchange->counts.no_media++;
        return;
    }
    leg_take_theirs(media, theirs, &fresh);
    leg_connect_media(exchange, media, theirs);
}

static bool take_agreed(struct leg_media *media, struct codecs *theirs,
                        const struct media_event *event)
{
    if (!theirs->dtls)
        return false;
    media->own = event->keys.own;
    theirs->crypto = event->keys.theirs;
    return true;
}

void leg_hear_secured(struct exchange *exchange, const struct media_event *event)
{
    uint64_t place = event->owner & TOKEN_PLACE;
    struct call *call = place < EXCHANGE_CALLS_MAX ? &exchange->calls[place] : NULL;
    struct phone *phone = place < EXCHANGE_PHONES_MAX ? &exchange->phones[place] : NULL;
    if (event->owner & TOKEN_PHONE) {
        if (!phone || phone->token != event->owner ||
            !take_agreed(&phone->media, &phone->theirs, event))
            return;
        phone_touch(exchange, phone);
    } else {
        if (!call || call->token != event->owner ||
            !take_agreed(&call->media, &call->theirs, event))
            return;
        call_touch(exchange, call);
    }
    exchange->counts.secured++;
    exchange_keep(exchange); /* a new process goes on with these keys */
}
