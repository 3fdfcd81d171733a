/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/voice.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <ortp/ortp.h>

#include "base/require.h"
#include "gateways/trunk/concealment.h"
#include "gateways/trunk/quality.h"

enum {
    PACKET_BYTES = 1500,
    BLOCK_BYTES =
        300, /* what oRTP keeps a packet in, until a longer one comes: 30 ms with some header to spare */
    NOTE_BYTES = CMSG_SPACE(sizeof(struct timespec)),
    HEADER_BYTES = 12,
    COMFORT_NOISE = 13,
    PAYLOAD_EVENTS = 96, /* the first dynamic payload type */
    PAYLOADS = 128,
    EVENT_BYTES = 4,
    EVENT_END = 0x80,
    EVENT_CODES = 16,
    EVENT_PAUSE_TURNS = 10, /* sound comes back when the end of a key press got lost */
    BACKLOG_BYTES = VOICE_BACKLOG_MS * G711_RATE / 1000,
    BACKLOG_TURNS = 50,
    REPORT_MS = 5000,
    SSRC_PACKETS = 2, /* a new source is believed after so many */
    ROUND_TRIP_MAX_S = 10,
    OPUS_STAMPS = 6 /* of 48 kHz for one of ours */
};

struct voice {
    RtpSession *session;
    RtpTransport rtp;
    RtpTransport rtcp;
    struct shield *out, *in; /* NULL: in the clear */
    int rtp_fd;
    int rtcp_fd;
    bool rtcp_waits;
    bool mux;              /* reports by the port of the sound */
    bool agrees;           /* keys by DTLS */
    bool awaits;           /* they are not there yet */
    const uint8_t *report; /* that came by mux, in the inbox; NULL: none in this turn */
    size_t report_size;
    uint16_t block_bytes; /* what oRTP keeps a packet in */
    enum media_law law;
    uint8_t payload; /* of what is said */
    uint8_t event_payload;
    struct transcoder *transcoder; /* NULL: G.711 */
    struct concealment *concealment;
    unsigned made_turns;     /* in which nothing came, so far */
    uint16_t heard_sequence; /* of the newest packet that was taken from the jitter buffer */
    uint32_t step;           /* of the stamp, a frame */
    struct quality quality;
    uint32_t heard_ts;
    uint32_t said_ts;
    bool said; /* the next packet is not the first */

    uint8_t backlog[BACKLOG_BYTES];
    size_t backlog_size;
    size_t backlog_low; /* the least that was left in this stretch of turns */
    unsigned backlog_turns;

    uint32_t event_in_ts; /* of the key press being heard */
    bool event_in;
    uint32_t event_out_ts;
    unsigned event_pause; /* turns in which no sound is sent */
};

/* The packets of the voice whose turn it is; one media thread, so one inbox. */
static struct {
    struct mmsghdr heads[VOICE_INBOX];
    struct iovec parts[VOICE_INBOX];
    _Alignas(struct cmsghdr) uint8_t notes[VOICE_INBOX][NOTE_BYTES]; /* when it came */
    _Alignas(uint32_t) uint8_t bytes[VOICE_INBOX][PACKET_BYTES];
    uint8_t *packets[VOICE_INBOX]; /* that passed the gate */
    size_t sizes[VOICE_INBOX];
    unsigned count;
    unsigned next;
} inbox;

/* One profile for each dynamic payload type that a peer may choose for telephone events. */
static RtpProfile *profiles[PAYLOADS];
/* And one for each that Opus may have, whose stamps count 48 kHz whatever is said (RFC 7587 §4.1). */
static RtpProfile *opus_profiles[PAYLOADS];

/* ---- oRTP's way in and out ------------------------------------------------------------------ */

static int nothing_waits(void)
{
    errno = EAGAIN;
    return -1;
}

static void peer_unnamed(struct sockaddr *from, socklen_t *from_size)
{
    memset(from, 0, sizeof(struct sockaddr_in));
    from->sa_family = AF_INET; /* oRTP looks at the family; the sockets are connected */
    *from_size = sizeof(struct sockaddr_in);
}

static ortp_socket_t rtp_socket(RtpTransport *transport)
{
    return ((struct voice *)transport->data)->rtp_fd;
}

static ortp_socket_t rtcp_socket(RtpTransport *transport)
{
    return ((struct voice *)transport->data)->rtcp_fd;
}

static int take_rtp(RtpTransport *transport, mblk_t *message, int flags, struct sockaddr *from,
                    socklen_t *from_size)
{
    (void)transport, (void)flags;
    if (inbox.next == inbox.count)
        return nothing_waits();
    size_t size = inbox.sizes[inbox.next];
    const uint8_t *packet = inbox.packets[inbox.next++];
    size_t room = (size_t)(dblk_lim(message->b_datap) - message->b_wptr);
    if (size > room)
        size = room;
    memcpy(message->b_wptr, packet, size);
    peer_unnamed(from, from_size);
    return (int)size;
}

/* From its own port, or as the sound's brought it. */
static ssize_t take_report(struct voice *voice, uint8_t *bytes, size_t room)
{
    if (!voice->mux)
        return recv(voice->rtcp_fd, bytes, room, MSG_DONTWAIT);
    size_t size = voice->report_size < room ? voice->report_size : room;
    memcpy(bytes, voice->report, size);
    voice->report = NULL;
    return (ssize_t)size;
}

static int take_rtcp(RtpTransport *transport, mblk_t *message, int flags, struct sockaddr *from,
                     socklen_t *from_size)
{
    struct voice *voice = transport->data;
    (void)flags;
    if (!voice->rtcp_waits)
        return nothing_waits();
    voice->rtcp_waits = false;
    ssize_t size =
        take_report(voice, message->b_wptr, (size_t)(dblk_lim(message->b_datap) - message->b_wptr));
    size_t length = size > 0 ? (size_t)size : 0;
    bool ours = !voice->in || (length > 0 && shield_in_report(voice->in, message->b_wptr, &length));
    size = (ssize_t)length;
    if (!ours || size < 8) /* RFC 3550 §6.4: nothing shorter is a report */
        return nothing_waits();
    quality_learn(&voice->quality, message->b_wptr, (size_t)size,
                  rtp_session_get_send_ssrc(voice->session));
    peer_unnamed(from, from_size);
    return (int)size;
}

static int send_message(int fd, mblk_t *message, struct shield *shield,
                        bool (*shielded)(struct shield *, uint8_t *, size_t *))
{
    _Alignas(uint32_t) uint8_t packet[PACKET_BYTES + SHIELD_TRAILER_BYTES];
    if (message->b_cont)
        msgpullup(message, (size_t)-1);
    size_t size = (size_t)(message->b_wptr - message->b_rptr), length = size;
    const uint8_t *bytes = message->b_rptr;
    if (shield) {
        if (size > PACKET_BYTES)
            return (int)size;
        memcpy(packet, bytes, size);
        if (!shielded(shield, packet, &length))
            return (int)size;
        bytes = packet;
    }
    (void)send(fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    return (int)size; /* a packet that cannot leave is a lost packet */
}

static int send_rtp(RtpTransport *transport, mblk_t *message, int flags, const struct sockaddr *to,
                    socklen_t to_size)
{
    (void)flags, (void)to, (void)to_size;
    struct voice *voice = transport->data;
    return send_message(voice->rtp_fd, message, voice->out, shield_out);
}

static int send_rtcp(RtpTransport *transport, mblk_t *message, int flags, const struct sockaddr *to,
                     socklen_t to_size)
{
    (void)flags, (void)to, (void)to_size;
    struct voice *voice = transport->data;
    /* Keys of DTLS are a port's own (RFC 5764 §4.1.1): another one has none. */
    if (voice->awaits || (voice->agrees && !voice->mux))
        return (int)msgdsize(message);
    return send_message(voice->mux ? voice->rtp_fd : voice->rtcp_fd, message, voice->out,
                        shield_out_report);
}

static void keep(RtpTransport *transport)
{
    (void)transport; /* the owner closes */
}

/* ---- life ----------------------------------------------------------------------------------- */

int voice_library_open(void)
{
    if (profiles[PAYLOADS - 1])
        return 0;
    ortp_init();
    ortp_set_log_level_mask(NULL, ORTP_FATAL);
    for (int i = PAYLOAD_EVENTS; i < PAYLOADS; i++) {
        opus_profiles[i] = rtp_profile_clone(&av_profile);
        profiles[i] = rtp_profile_clone(&av_profile);
        if (!profiles[i] || !opus_profiles[i])
            return -ENOMEM;
        rtp_profile_set_payload(opus_profiles[i], i, payload_type_clone(&payload_type_opus));
        rtp_profile_set_payload(profiles[i], i, payload_type_clone(&payload_type_telephone_event));
    }
    for (unsigned i = 0; i < VOICE_INBOX; i++) {
        inbox.parts[i] = (struct iovec){ inbox.bytes[i], PACKET_BYTES };
        inbox.heads[i].msg_hdr = (struct msghdr){ .msg_iov = &inbox.parts[i],
                                                  .msg_iovlen = 1,
                                                  .msg_control = inbox.notes[i],
                                                  .msg_controllen = NOTE_BYTES };
    }
    return 0;
}

/* oRTP never knows the sockets themselves: with rtp_session_set_sockets() it would read them past these
 * functions, and close them. */
static void attach(struct voice *voice)
{
    RtpTransport *meta_rtp = NULL;
    RtpTransport *meta_rtcp = NULL;

    voice->rtp = (RtpTransport){ .data = voice,
                                 .t_getsocket = rtp_socket,
                                 .t_sendto = send_rtp,
                                 .t_recvfrom = take_rtp,
                                 .t_close = keep,
                                 .t_destroy = keep };
    voice->rtcp = (RtpTransport){ .data = voice,
                                  .t_getsocket = rtcp_socket,
                                  .t_sendto = send_rtcp,
                                  .t_recvfrom = take_rtcp,
                                  .t_close = keep,
                                  .t_destroy = keep };
    rtp_session_get_transports(voice->session, &meta_rtp, &meta_rtcp);
    meta_rtp_transport_set_endpoint(meta_rtp, &voice->rtp);
    meta_rtp_transport_set_endpoint(meta_rtcp, &voice->rtcp);
}

int voice_open(struct voice **voice, int rtp_fd, int rtcp_fd)
{
    JBParameters jitter;
    uint32_t chance[2] = { 0 };
    struct voice *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->rtp_fd = rtp_fd;
    fresh->rtcp_fd = rtcp_fd;
    fresh->law = MEDIA_PCMA;
    fresh->step = G711_FRAME;
    if (getrandom(chance, sizeof chance, 0) != (ssize_t)sizeof chance) {
        free(fresh);
        return -EIO;
    }
    fresh->session = rtp_session_new(RTP_SESSION_SENDRECV);
    if (!fresh->session || concealment_open(&fresh->concealment) < 0) {
        if (fresh->session)
            rtp_session_destroy(fresh->session);
        free(fresh);
        return -ENOMEM;
    }
    fresh->said_ts = chance[0];
    rtp_session_set_ssrc(fresh->session, chance[1]);
    rtp_session_set_scheduling_mode(fresh->session, 0);
    rtp_session_set_blocking_mode(fresh->session, 0);
    rtp_session_get_jitter_buffer_params(fresh->session, &jitter);
    jitter.buffer_algorithm = OrtpJitterBufferBasic; /* the default loses reordered packets */
    jitter.nom_size = jitter.min_size = VOICE_JITTER_MS;
    jitter.max_packets = VOICE_QUEUE_PACKETS;
    rtp_session_set_jitter_buffer_params(fresh->session, &jitter);
    fresh->block_bytes = BLOCK_BYTES;
    rtp_session_set_recv_buf_size(fresh->session, BLOCK_BYTES);
    rtp_session_set_symmetric_rtp(fresh->session, 0);
    rtp_session_set_ssrc_changed_threshold(fresh->session, SSRC_PACKETS);
    rtp_session_set_rtcp_report_interval(fresh->session, REPORT_MS);
    rtp_session_set_source_description(fresh->session, "line@yihao", NULL, NULL, NULL, NULL, NULL,
                                       NULL);
    attach(fresh);
    *voice = fresh;
    return 0;
}

void voice_close(struct voice *voice)
{
    if (!voice)
        return;
    rtp_session_destroy(voice->session);
    shield_close(voice->out);
    shield_close(voice->in);
    transcoder_close(voice->transcoder);
    concealment_close(voice->concealment);
    free(voice);
}

uint32_t voice_source(const struct voice *voice)
{
    return rtp_session_get_send_ssrc(voice->session);
}

void voice_clock(const struct voice *voice, struct media_clock *clock)
{
    clock->ssrc = rtp_session_get_send_ssrc(voice->session);
    clock->stamp = voice->said_ts;
    clock->sequence = rtp_session_get_seq_number(voice->session);
}

void voice_resume(struct voice *voice, const struct media_clock *clock)
{
    rtp_session_set_ssrc(voice->session, clock->ssrc);
    rtp_session_set_seq_number(voice->session, clock->sequence);
    voice->said_ts = clock->stamp;
}

void voice_connect(struct voice *voice, const struct media_speech *speech,
                   struct transcoder *transcoder)
{
    uint8_t event_payload = speech->event_payload;
    bool events = event_payload >= PAYLOAD_EVENTS && event_payload < PAYLOADS;
    bool opus = speech->codec == MEDIA_OPUS;
    transcoder_close(voice->transcoder);
    voice->transcoder = transcoder;
    voice->law = transcoder ? MEDIA_PCMA : speech->law;
    voice->payload = transcoder ? speech->payload : (uint8_t)speech->law;
    voice->step = opus ? G711_FRAME * OPUS_STAMPS : G711_FRAME;
    voice->event_payload = events ? event_payload : 0;
    if (opus)
        rtp_session_set_profile(voice->session, opus_profiles[speech->payload]);
    else
        rtp_session_set_profile(voice->session, events ? profiles[event_payload] : &av_profile);
    rtp_session_set_payload_type(voice->session, voice->payload);
    rtp_session_resync(voice->session);
    concealment_forget(voice->concealment);
    voice->backlog_size = 0;
    voice->event_in = false;
    voice->event_pause = 0;
    voice->said = false;
    voice->mux = speech->mux;
    voice->agrees = speech->print != NULL;
    voice->report = NULL;
}

void voice_shield(struct voice *voice, struct shield *out, struct shield *in)
{
    if (out) {
        shield_close(voice->out);
        voice->out = out;
    }
    if (in) {
        shield_close(voice->in);
        voice->in = in;
    }
    if (voice->in && voice->out)
        voice->awaits = false;
}

void voice_await(struct voice *voice)
{
    voice_unshield(voice);
    voice->awaits = true;
}

void voice_unshield(struct voice *voice)
{
    shield_close(voice->out);
    shield_close(voice->in);
    voice->out = voice->in = NULL;
    voice->awaits = false;
}

enum media_law voice_law(const struct voice *voice)
{
    return voice->law;
}

/* ---- hearing -------------------------------------------------------------------------------- */

enum voice_kind voice_kind(const uint8_t *packet, size_t size)
{
    if (size < 2)
        return VOICE_OTHER;
    if (packet[0] >= 20 && packet[0] <= 63)
        return VOICE_DTLS;
    if (packet[0] < 128 || packet[0] > 191)
        return VOICE_OTHER;
    return packet[1] >= 192 && packet[1] <= 223 ? VOICE_RTCP : VOICE_RTP;
}

size_t voice_packet_check(uint8_t *packet, size_t *size)
{
    if (*size < HEADER_BYTES || packet[0] >> 6 != 2)
        return 0;
    size_t at = HEADER_BYTES + (size_t)(packet[0] & 15) * 4;
    if (packet[0] & 0x10) { /* RFC 3550 §5.3.1 */
        if (*size < at + 4)
            return 0;
        at += 4 + (size_t)(packet[at + 2] << 8 | packet[at + 3]) * 4;
    }
    if (*size < at)
        return 0;
    if (packet[0] & 0x20) {
        size_t padding = *size > at ? packet[*size - 1] : 0;
        if (padding == 0 || padding > *size - at)
            return 0;
        *size -= padding;
        packet[0] &= (uint8_t)~0x20;
    }
    return at;
}

static uint32_t word(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void note_event(struct voice *voice, const uint8_t *packet, size_t at, size_t size,
                       struct voice_heard *heard)
{
    if (size - at < EVENT_BYTES || packet[at] >= EVENT_CODES) {
        heard->bad++;
        return;
    }
    uint32_t ts = word(packet + 4);
    bool first = !voice->event_in || ts != voice->event_in_ts;
    voice->event_in = true; /* one time stamp, one key press (RFC 4733 §2.2.1) */
    voice->event_in_ts = ts;
    heard->events[heard->event_count++] =
        (struct voice_event){ .code = packet[at],
                              .flags_volume = packet[at + 1],
                              .duration = (uint16_t)(packet[at + 2] << 8 | packet[at + 3]),
                              .first = first };
}

/* When the kernel had it: a turn's grid would hide 20 ms of jitter. 0: not said. */
static uint64_t came_us(struct msghdr *head)
{
    struct timespec at;
    const struct cmsghdr *note = CMSG_FIRSTHDR(head);
    if (!note || note->cmsg_level != SOL_SOCKET || note->cmsg_type != SCM_TIMESTAMPNS)
        return 0;
    memcpy(&at, CMSG_DATA(note), sizeof at);
    return (uint64_t)at.tv_sec * 1000000 + (uint64_t)at.tv_nsec / 1000;
}

/* What is no sound but shares its port. True: that was all. */
static bool sort_out(struct voice *voice, unsigned which, struct voice_heard *heard)
{
    const uint8_t *packet = inbox.bytes[which];
    size_t size = inbox.heads[which].msg_len;
    bool whole = !(inbox.heads[which].msg_hdr.msg_flags & MSG_TRUNC);
    enum voice_kind kind = whole ? voice_kind(packet, size) : VOICE_OTHER;
    if (kind == VOICE_DTLS && voice->agrees) {
        heard->handshakes[heard->handshake_count].bytes = packet;
        heard->handshakes[heard->handshake_count++].size = size;
        return true;
    }
    if (kind == VOICE_RTCP && voice->mux && !voice->awaits) {
        voice->report = packet;
        voice->report_size = size;
        return true;
    }
    heard->bad += voice->awaits; /* before there are keys nothing is believed */
    return voice->awaits;
}

/* Lets good packets through to oRTP; takes key presses out on the way. */
static void gate(struct voice *voice, unsigned which, struct voice_heard *heard)
{
    struct msghdr *head = &inbox.heads[which].msg_hdr;
    uint8_t *packet = inbox.bytes[which];
    size_t size = inbox.heads[which].msg_len;
    bool whole = !(head->msg_flags & MSG_TRUNC) &&
                 (!voice->in || (size > 0 && shield_in(voice->in, packet, &size)));
    size_t at = whole ? voice_packet_check(packet, &size) : 0;
    uint8_t payload = at > 0 ? packet[1] & 0x7F : 0;
    bool event = at > 0 && payload == voice->event_payload && voice->event_payload > 0;
    bool sound = payload == MEDIA_PCMA || payload == MEDIA_PCMU || payload == COMFORT_NOISE ||
                 (voice->transcoder && payload == voice->payload);

    if (at == 0 || (!event && !sound)) {
        heard->bad++;
        return;
    }
    if (event)
        note_event(voice, packet, at, size, heard);
    quality_hear(&voice->quality, word(packet + 8), (uint16_t)(packet[2] << 8 | packet[3]),
                 word(packet + 4) / (voice->step / G711_FRAME), came_us(head));
    if (size > BLOCK_BYTES && voice->block_bytes == BLOCK_BYTES) {
        voice->block_bytes = PACKET_BYTES;
        rtp_session_set_recv_buf_size(voice->session, PACKET_BYTES);
    }
    inbox.packets[inbox.count] = packet;
    inbox.sizes[inbox.count++] = size;
    heard->packets++;
}

static void fill_inbox(struct voice *voice, struct voice_heard *heard)
{
    inbox.count = inbox.next = 0;
    int count = recvmmsg(voice->rtp_fd, inbox.heads, VOICE_INBOX, MSG_DONTWAIT, NULL);
    for (int i = 0; i < count; i++) {
        if (!sort_out(voice, (unsigned)i, heard))
            gate(voice, (unsigned)i, heard);
        inbox.heads[i].msg_hdr.msg_controllen = NOTE_BYTES;
    }
}

static void drop_sound(struct voice *voice, size_t size)
{
    voice->backlog_size -= size;
    memmove(voice->backlog, voice->backlog + size, voice->backlog_size);
}

/* Voice from the jitter buffer goes behind what waits; the oldest goes when it becomes too much. */
static void keep_sound(struct voice *voice, mblk_t *message)
{
    unsigned char *sound = NULL;
    int payload = rtp_get_payload_type(message);
    int length = rtp_get_payload(message, &sound);
    uint8_t made[TRANSCODER_SOUND_MAX];
    if (length <= 0)
        return;
    size_t size = (size_t)length;
    voice->heard_sequence = rtp_get_seqnumber(message);
    if (payload == COMFORT_NOISE)
        concealment_still(voice->concealment, sound[0]);
    if (voice->transcoder && payload == voice->payload) {
        size = transcoder_hear(voice->transcoder, sound, size, made);
        sound = made;
        payload = MEDIA_PCMA;
    }
    if (size == 0 || (payload != MEDIA_PCMA && payload != MEDIA_PCMU))
        return;
    if (size > BACKLOG_BYTES) {
        sound += size - BACKLOG_BYTES;
        size = BACKLOG_BYTES;
    }
    if (voice->backlog_size + size > BACKLOG_BYTES)
        drop_sound(voice, voice->backlog_size + size - BACKLOG_BYTES);
    memcpy(voice->backlog + voice->backlog_size, sound, size);
    g711_convert(voice->backlog + voice->backlog_size, size, (enum media_law)payload, voice->law);
    voice->backlog_size += size;
}

/* The packet behind the one that is missed, if it has come. */
static size_t peek_next(struct voice *voice, unsigned char **sound)
{
    mblk_t *next = peekq(&voice->session->rtp.rq);
    bool behind = next && (uint16_t)(rtp_get_seqnumber(next) - voice->heard_sequence) == 2 &&
                  rtp_get_payload_type(next) == voice->payload;
    int length = behind ? rtp_get_payload(next, sound) : 0;
    return length > 0 ? (size_t)length : 0;
}

/* Opus knows itself what it would have said; for all others the sound is gone on with. */
static void conceal(struct voice *voice, uint8_t frame[G711_FRAME])
{
    unsigned char *next = NULL;
    if (voice->transcoder && voice->made_turns < VOICE_CONCEAL_TURNS) {
        size_t size = peek_next(voice, &next);
        if (transcoder_conceal(voice->transcoder, next, size, frame))
            return;
    }
    concealment_fill(voice->concealment, voice->law, frame);
}

/* A part of a frame waits for its rest: packets need not last 20 ms. What never was less than a frame
 * for a second is delay without use. */
static void take_frame(struct voice *voice, uint8_t frame[G711_FRAME])
{
    if (voice->backlog_size < G711_FRAME) {
        conceal(voice, frame);
        voice->made_turns++;
    } else {
        memcpy(frame, voice->backlog, G711_FRAME);
        concealment_hear(voice->concealment, voice->law, frame);
        drop_sound(voice, G711_FRAME);
        voice->made_turns = 0;
    }
    if (voice->backlog_turns == 0 || voice->backlog_size < voice->backlog_low)
        voice->backlog_low = voice->backlog_size;
    if (++voice->backlog_turns < BACKLOG_TURNS)
        return;
    voice->backlog_turns = 0;
    if (voice->backlog_low >= G711_FRAME)
        drop_sound(voice, G711_FRAME);
}

void voice_hear(struct voice *voice, bool rtcp, struct voice_heard *heard)
{
    heard->event_count = heard->packets = heard->bad = heard->handshake_count = 0;
    voice->report = NULL;
    fill_inbox(voice, heard);
    voice->rtcp_waits = voice->mux ? voice->report != NULL : rtcp && !voice->awaits;
    /* A new time stamp each turn is what makes oRTP read. */
    for (mblk_t *message; (message = rtp_session_recvm_with_ts(voice->session, voice->heard_ts));) {
        keep_sound(voice, message);
        freemsg(message);
    }
    voice->heard_ts += voice->step;

    take_frame(voice, heard->frame);
    heard->made = voice->made_turns > 0;
}

void voice_turn_quality(struct voice *voice)
{
    quality_turn(&voice->quality);
}

void voice_quality(struct voice *voice, struct media_quality *quality)
{
    float round_trip_s = rtp_session_get_round_trip_propagation(voice->session);
    quality_sum(&voice->quality, quality);
    quality->lost += (uint32_t)rtp_session_get_stats(voice->session)->outoftime;
    if (round_trip_s > 0 && round_trip_s < ROUND_TRIP_MAX_S)
        quality->round_trip_ms = (uint32_t)(round_trip_s * 1000);
}

/* ---- saying --------------------------------------------------------------------------------- */

static void send_packet(struct voice *voice, const uint8_t *payload, size_t size, uint8_t type,
                        bool mark, uint32_t ts)
{
    mblk_t *message = rtp_session_create_packet(voice->session, HEADER_BYTES, payload, size);
    message->b_rptr[1] = (uint8_t)((mark ? 0x80 : 0) | type);
    (void)rtp_session_sendm_with_ts(voice->session, message, ts); /* takes the packet over */
}

unsigned voice_say(struct voice *voice, const uint8_t frame[G711_FRAME])
{
    uint8_t made[TRANSCODER_PACKET_BYTES];
    uint32_t ts = voice->said_ts;
    voice->said_ts += voice->step;
    if (voice->awaits)
        return 0;
    if (voice->event_pause > 0) {
        voice->event_pause--;
        return 0;
    }
    size_t size = G711_FRAME;
    if (voice->transcoder)
        size = transcoder_say(voice->transcoder, frame, made);
    if (size == 0)
        return 0;
    send_packet(voice, voice->transcoder ? made : frame, size, voice->payload, !voice->said, ts);
    voice->said = true;
    return 1;
}

bool voice_takes_events(const struct voice *voice)
{
    return voice->event_payload != 0;
}

unsigned voice_say_event(struct voice *voice, const struct voice_event *event)
{
    if (!voice_takes_events(voice) || voice->awaits)
        return 0;
    if (event->first)
        voice->event_out_ts = voice->said_ts;
    uint8_t payload[EVENT_BYTES] = { event->code, event->flags_volume,
                                     (uint8_t)(event->duration >> 8), (uint8_t)event->duration };
    send_packet(voice, payload, sizeof payload, voice->event_payload, event->first,
                voice->event_out_ts);
    voice->event_pause = event->flags_volume & EVENT_END ? 0 : EVENT_PAUSE_TURNS;
    return 1;
}
