/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/io/sealing.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "dispatcher/journal/checkpoint.h"
#include "dispatcher/store/mate.h"
#include "proto/codec.h"

/* A manifest on its way. */
struct wait {
    uint64_t call; /* its number; 0: the place is free */
    uint64_t until_ms;
    bool is_signed;
    struct sealing_asker asker;
    struct manifest manifest;
};

struct sealing {
    struct sockaddr_un address;
    uint64_t silent_ms;
    int epoll, fd;
    struct codec *codec;
    uint64_t try_ms; /* the next connection */
    uint64_t calls;  /* numbers given */
    uint64_t asked;  /* the call an answer is due to; 0: none */
    uint64_t asked_ms;
    uint64_t asked_seq;
    uint64_t asked_wish;
    bool known; /* the three below are what it said */
    uint64_t seq, at_ms, number;

    bool has_checkpoint, has_succession; /* signed, not kept yet */
    uint64_t came_ms;
    struct checkpoint checkpoint;
    struct succession succession;
    struct mate *mate; /* looks at the checkpoint's signature, and has it until then */
    bool holds;        /* what came of it */

    enum doubt_reason doubt;
    bool doubt_is_new;
    uint64_t doubted_ms, first, shown;
    bool silence_is_told;
    uint64_t checkpoints;
    struct wait waits[SEALING_MANIFESTS_MAX];

    struct sealer_call call;
    struct sealer_word word;
    uint8_t bytes[FRAME_MAX_BYTES];
};

/* An SM2 signature takes ten times the rest of a checkpoint: it is looked at beside the loop. */
static uint64_t look(void *owner, uint64_t done, uint64_t given)
{
    struct sealing *sealing = owner;
    (void)done;
    sealing->holds = checkpoint_holds(&sealing->checkpoint);
    return given;
}

struct sealing *sealing_open(const char *socket, uint64_t silent_ms, int epoll)
{
    struct sealing *sealing = calloc(1, sizeof *sealing);
    if (!sealing)
        return NULL;
    sealing->address.sun_family = AF_UNIX;
    strncpy(sealing->address.sun_path, socket, sizeof sealing->address.sun_path - 1);
    sealing->silent_ms = silent_ms;
    sealing->epoll = epoll;
    sealing->fd = -1;
    sealing->codec = codec_open();
    if (sealing->codec && mate_open(&sealing->mate, look, sealing) == 0)
        return sealing;
    sealing_close(sealing);
    return NULL;
}

static void disconnect(struct sealing *sealing, uint64_t mono_ms)
{
    if (sealing->fd >= 0)
        (void)close(sealing->fd);
    sealing->fd = -1;
    sealing->asked = 0;
    sealing->known = false;
    sealing->try_ms = mono_ms + SEALING_CONNECT_MS;
}

void sealing_close(struct sealing *sealing)
{
    if (!sealing)
        return;
    disconnect(sealing, 0);
    mate_close(sealing->mate);
    codec_close(sealing->codec);
    free(sealing);
}

/* A socket of this machine connects at once or not at all. */
static void connect_anew(struct sealing *sealing, uint64_t mono_ms)
{
    if (mono_ms < sealing->try_ms)
        return;
    struct epoll_event event = { .events = EPOLLIN };
    int fd = event.data.fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool done = fd >= 0 && connect(fd, (const struct sockaddr *)&sealing->address,
                                   sizeof sealing->address) == 0;
    if (done && sealing->epoll >= 0)
        done = epoll_ctl(sealing->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
    sealing->fd = fd;
    if (!done)
        disconnect(sealing, mono_ms);
}

/* Says sealing->call. */
static bool say(struct sealing *sealing, uint64_t mono_ms)
{
    sealing->call.id = ++sealing->calls;
    int size = codec_pack(sealing->codec, SCHEMA_SEALER_CALL, &sealing->call, sealing->bytes,
                          sizeof sealing->bytes);
    if (size > 0 && send(sealing->fd, sealing->bytes, (size_t)size, MSG_NOSIGNAL) == size)
        return true;
    disconnect(sealing, mono_ms);
    return false;
}

/* Says it, and waits for the answer before it says more. */
static void ask(struct sealing *sealing, uint64_t mono_ms)
{
    if (!say(sealing, mono_ms))
        return;
    sealing->asked = sealing->calls;
    sealing->asked_ms = mono_ms;
    sealing->asked_wish = sealing->call.wish;
}

static void doubt(struct sealing *sealing, enum doubt_reason reason, uint64_t shown,
                  uint64_t mono_ms)
{
    sealing->doubt_is_new |= sealing->doubt == DOUBT_REASON_NONE;
    sealing->doubt = reason;
    sealing->doubted_ms = mono_ms;
    sealing->first = sealing->seq;
    sealing->shown = shown;
    sealing->known = false; /* it may be another one when it is asked again */
}

/* ---- what it says ----------------------------------------------------------------------------- */

static void take_manifest_word(struct sealing *sealing)
{
    for (int i = 0; i < SEALING_MANIFESTS_MAX; i++) {
        struct wait *wait = &sealing->waits[i];
        if (wait->call != sealing->word.id || wait->call == 0)
            continue;
        wait->is_signed = sealing->word.has_manifest;
        wait->manifest = sealing->word.manifest;
        wait->until_ms = 0;
    }
}

static void take_checkpoint(struct sealing *sealing)
{
    mate_wait(sealing->mate, 0); /* one that was never kept, of a sealer that was left */
    sealing->checkpoint = sealing->word.checkpoint;
    if (mate_is_there(sealing->mate))
        mate_give(sealing->mate, 1);
    else
        sealing->holds = checkpoint_holds(&sealing->checkpoint);
}

static void take_word(struct sealing *sealing, uint64_t mono_ms)
{
    const struct sealer_word *word = &sealing->word;
    if (word->id != sealing->asked) {
        take_manifest_word(sealing);
        if (sealing->known)
            sealing->number = word->number; /* a key may have begun with it */
        return;
    }
    sealing->asked = 0;
    sealing->known = true;
    sealing->seq = word->seq;
    sealing->at_ms = word->at_ms;
    sealing->number = word->number;
    if (word->doubt != DOUBT_REASON_NONE)
        doubt(sealing, word->doubt, sealing->asked_seq, mono_ms);
    sealing->has_checkpoint = word->has_checkpoint;
    sealing->has_succession = word->has_succession;
    sealing->succession = word->succession;
    if (word->has_checkpoint)
        take_checkpoint(sealing);
    sealing->came_ms = mono_ms;
    if (sealing->asked_wish > 0 &&
        !word->has_succession) /* its line of keys is not the journal's */
        doubt(sealing, DOUBT_REASON_FORGED, sealing->asked_seq, mono_ms);
}

bool sealing_hear(struct sealing *sealing, uint64_t mono_ms, bool turn_is_open)
{
    while (sealing->fd >= 0) {
        ssize_t size = recv(sealing->fd, sealing->bytes, sizeof sealing->bytes, MSG_TRUNC);
        if (size < 0 && (errno == EAGAIN || errno == EINTR))
            break;
        if (size <= 0 || (size_t)size > sizeof sealing->bytes ||
            codec_unpack(sealing->codec, SCHEMA_SEALER_WORD, sealing->bytes, (size_t)size,
                         &sealing->word) < 0)
            disconnect(sealing, mono_ms);
        else
            take_word(sealing, mono_ms);
    }
    bool is_late = mono_ms - sealing->came_ms >= SEALING_KEEP_MS;
    return (sealing->has_checkpoint || sealing->has_succession) &&
           (is_late || (turn_is_open && mate_waits_at_most(sealing->mate, 0)));
}

int sealing_keep(struct sealing *sealing, struct journal *journal)
{
    int status = 0;
    mate_wait(sealing->mate, 0); /* a late one had its time */
    if (!sealing->has_succession && sealing->number > journal_succession(journal)->number)
        sealing->has_checkpoint = false; /* under a key that began meanwhile: that comes first */
    if (sealing->has_succession)
        status = journal_succeed(journal, &sealing->succession);
    if (status == 0 && sealing->has_checkpoint) {
        status = journal_seal(journal, &sealing->checkpoint, sealing->holds);
        sealing->checkpoints += status == 0;
        if (status == 0)
            sealing->doubt = DOUBT_REASON_NONE;
    }
    if (status == -EBADMSG)
        doubt(sealing, DOUBT_REASON_FORGED,
              sealing->has_checkpoint ? sealing->checkpoint.seq : sealing->succession.size,
              sealing->came_ms);
    sealing->has_checkpoint = sealing->has_succession = false;
    return status == -EBADMSG ? 0 : status;
}

/* ---- asking ----------------------------------------------------------------------------------- */

/* How do you stand? And, should you have lost your memory, how the journal stands. */
static void greet(struct sealing *sealing, const struct journal *journal, uint64_t mono_ms)
{
    struct sealer_call *call = &sealing->call;
    call->newest = *journal_checkpoint(journal);
    call->latest = *journal_succession(journal);
    call->has_newest = call->newest.seq > 0;
    call->has_latest = call->latest.number > 0;
    ask(sealing, mono_ms);
}

static void ask_checkpoint(struct sealing *sealing, struct journal *journal, uint64_t now_ms,
                           uint64_t mono_ms)
{
    struct sealer_call *call = &sealing->call;
    journal_state(journal, now_ms > sealing->at_ms ? now_ms : sealing->at_ms, &call->checkpoint);
    call->has_checkpoint = true;
    sealing->asked_seq = call->checkpoint.seq;
    if (sealing->seq > 0 && sealing->seq < call->checkpoint.seq) {
        int status = journal_prove(journal, sealing->seq, call->checkpoint.seq, &call->proof);
        call->has_proof = status == 0;
        if (status < 0)
            log_error("no proof from=%" PRIu64 " error=%s", sealing->seq, strerror(-status));
    }
    ask(sealing, mono_ms);
}

static void watch_silence(struct sealing *sealing, const struct journal *journal, uint64_t now_ms)
{
    uint64_t since_ms = journal_uncovered_ms(journal);
    bool is_silent = since_ms > 0 && now_ms > since_ms + sealing->silent_ms;
    if (is_silent && !sealing->silence_is_told)
        log_error("the trail is not signed since_ms=%" PRIu64 " sealer=%s", since_ms,
                  sealing->fd < 0  ? "away"
                  : sealing->doubt ? "refuses"
                                   : "silent");
    else if (!is_silent && sealing->silence_is_told)
        log_info("the trail is signed again");
    sealing->silence_is_told = is_silent;
}

void sealing_ask(struct sealing *sealing, struct journal *journal, uint64_t now_ms,
                 uint64_t mono_ms)
{
    watch_silence(sealing, journal, now_ms);
    if (sealing->asked && mono_ms - sealing->asked_ms > SEALING_ANSWER_MS)
        disconnect(sealing, mono_ms);
    if (sealing->fd < 0)
        connect_anew(sealing, mono_ms);
    if (sealing->fd < 0 || sealing->asked || sealing->has_checkpoint || sealing->has_succession ||
        (sealing->doubt && mono_ms - sealing->doubted_ms < SEALING_DOUBT_MS))
        return;
    uint64_t number = journal_succession(journal)->number;
    if (sealing->known && sealing->seq > journal_seq(journal)) { /* it signed what is not there */
        doubt(sealing, DOUBT_REASON_SHRUNK, journal_seq(journal), mono_ms);
        return;
    }
    if (sealing->known && sealing->number == number && journal_checkpoint_due_ms(journal) > now_ms)
        return;
    memset(&sealing->call, 0, sizeof sealing->call);
    if (!sealing->known)
        greet(sealing, journal, mono_ms);
    else if (sealing->number < number)
        doubt(sealing, DOUBT_REASON_FORGED, journal_seq(journal), mono_ms);
    else if (sealing->number > number) {
        sealing->call.wish = number + 1;
        ask(sealing, mono_ms);
    } else
        ask_checkpoint(sealing, journal, now_ms, mono_ms);
}

uint64_t sealing_due_ms(const struct sealing *sealing, const struct journal *journal)
{
    bool can_ask = sealing->fd >= 0 && !sealing->asked && !sealing->has_checkpoint &&
                   !sealing->has_succession && sealing->doubt == DOUBT_REASON_NONE;
    return can_ask ? journal_checkpoint_due_ms(journal) : UINT64_MAX;
}

/* ---- manifests --------------------------------------------------------------------------------- */

bool sealing_manifest(struct sealing *sealing, const struct sealing_asker *asker,
                      const struct manifest *manifest, uint64_t mono_ms)
{
    struct wait *place = NULL;
    for (int i = 0; i < SEALING_MANIFESTS_MAX && !place; i++)
        if (sealing->waits[i].call == 0)
            place = &sealing->waits[i];
    if (!place || sealing->fd < 0)
        return false;
    memset(&sealing->call, 0, sizeof sealing->call);
    sealing->call.has_manifest = true;
    sealing->call.manifest = *manifest;
    bool said = say(sealing, mono_ms);
    if (said)
        *place = (struct wait){ .call = sealing->calls,
                                .until_ms = mono_ms + SEALING_MANIFEST_MS,
                                .asker = *asker };
    return said;
}

bool sealing_take_manifest(struct sealing *sealing, uint64_t mono_ms, struct sealing_asker *asker,
                           struct manifest *manifest, bool *is_signed)
{
    for (int i = 0; i < SEALING_MANIFESTS_MAX; i++) {
        struct wait *wait = &sealing->waits[i];
        if (wait->call == 0 || mono_ms < wait->until_ms)
            continue;
        *asker = wait->asker;
        *manifest = wait->manifest;
        *is_signed = wait->is_signed;
        wait->call = 0;
        return true;
    }
    return false;
}

/* ---- what stands ------------------------------------------------------------------------------- */

bool sealing_doubts_anew(struct sealing *sealing)
{
    bool is_new = sealing->doubt_is_new;
    sealing->doubt_is_new = false;
    return is_new;
}

void sealing_measure(const struct sealing *sealing, const struct journal *journal, uint64_t now_ms,
                     struct sealing_figures *figures)
{
    uint64_t since_ms = journal_uncovered_ms(journal);
    *figures =
        (struct sealing_figures){ .up = sealing->fd >= 0 && (sealing->known || sealing->doubt),
                                  .doubt = sealing->doubt,
                                  .first = sealing->first,
                                  .shown = sealing->shown,
                                  .number = journal_succession(journal)->number,
                                  .checkpoints = sealing->checkpoints,
                                  .unsealed_ms =
                                      since_ms && now_ms > since_ms ? now_ms - since_ms : 0 };
}
