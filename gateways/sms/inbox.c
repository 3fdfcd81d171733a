/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/inbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/require.h"
#include "base/text.h"
#include "gateways/sms/assembly.h"
#include "gateways/sms/ledger.h"

_Static_assert(ASSEMBLY_WORDS_MAX < INBOX_CONTACTS_MAX * 2880, "the longest text has its contacts");

enum {
    BUCKETS = 8192,
    DIGEST_BYTES = 16,
    CONTACT_WORDS = 2900, /* leaves room for the note which of how many it is */
    ANSWERS_MAX = 4096    /* a power of two */
};

/* The file's records; numbers are for ever. */
enum inbox_record {
    RECORD_HEARD = 1,   /* a delivery and the id it got */
    RECORD_PART = 2,    /* a part of a long text */
    RECORD_LEFT = 3,    /* a long text left the assembly */
    RECORD_ACCEPTED = 4 /* the contact is certain */
};

enum delivery_state {
    DELIVERY_NONE,
    DELIVERY_HEARD,    /* known from the last process, its outcome is not */
    DELIVERY_PENDING,  /* on its way to the dispatcher */
    DELIVERY_ACCEPTED, /* certain, or a part that lies on the disk */
};

struct delivery {
    struct delivery *next; /* with the same hash */
    uint8_t digest[DIGEST_BYTES];
    enum delivery_state state;
    uint64_t id;
    uint64_t arrived_ms;
    uint64_t answered_ms;     /* 0: not answered */
    struct piece_token token; /* of the PDU that brought it last */
    bool doubtful;            /* answered, but the centre may not have heard it */
};

/* A text on its way to the dispatcher. */
struct arrival {
    bool taken;
    struct delivery *delivery; /* NULL: put together from parts */
    uint64_t id;
    uint64_t arrived_ms;
    uint64_t due_ms;
    char source[PIECE_ADDRESS_BYTES];
    char dest[PIECE_ADDRESS_BYTES];
    char *words;
    size_t length;
    uint32_t total; /* contacts */
    uint32_t next;  /* to submit */
    uint32_t open;
    enum piece_verdict verdict; /* the first refusal */
    uint8_t original[ORIGINALS_DIGEST_BYTES];
    uint64_t call; /* of the first contact; the id unless it was refused once */
    uint64_t tickets[INBOX_CONTACTS_MAX]; /* 0: not open */
};

struct inbox {
    struct ledger *ledger;
    uint64_t rewritten_bytes;
    struct assembly *assembly;
    struct originals *originals;
    uint64_t last_id;
    uint32_t connections[PIECE_BINDS_MAX]; /* that each bind has now */
    uint32_t next_slot;
    struct delivery recent[INBOX_RECENT_MAX];
    struct delivery *buckets[BUCKETS];
    struct arrival arrivals[INBOX_ARRIVALS_MAX];
    uint32_t arrivals_count;
    struct {
        struct delivery *delivery; /* NULL: forgotten, the centre shall send it again */
        uint64_t id;
        struct inbox_answer answer;
    } answers[ANSWERS_MAX];
    uint32_t answers_first;
    uint32_t answers_end;
    struct entry entry;
    struct inbox_counts counts;
    char words[ASSEMBLY_WORDS_MAX];
};

/* -------------------------------------------------------------------------------- deliveries */

static void digest_of(const struct piece_in *in, uint8_t digest[DIGEST_BYTES])
{
    crypto_generichash_state state;
    uint32_t numbers[] = { in->has_header, in->coding, in->reference, in->total, in->index };

    (void)crypto_generichash_init(&state, NULL, 0, DIGEST_BYTES);
    (void)crypto_generichash_update(&state, (const uint8_t *)in->source, strlen(in->source) + 1);
    (void)crypto_generichash_update(&state, (const uint8_t *)in->dest, strlen(in->dest) + 1);
    (void)crypto_generichash_update(&state, (const uint8_t *)numbers, sizeof numbers);
    (void)crypto_generichash_update(&state, in->text.bytes, in->text.count);
    (void)crypto_generichash_final(&state, digest, DIGEST_BYTES);
}

static struct delivery **bucket_of(struct inbox *inbox, const uint8_t digest[DIGEST_BYTES])
{
    return &inbox->buckets[((unsigned)digest[0] << 8 | digest[1]) & (BUCKETS - 1)];
}

/* The youngest with this digest. */
static struct delivery *delivery_find(struct inbox *inbox, const uint8_t digest[DIGEST_BYTES])
{
    struct delivery *found = *bucket_of(inbox, digest);

    while (found && memcmp(found->digest, digest, DIGEST_BYTES) != 0)
        found = found->next;
    return found;
}

static void delivery_remove(struct inbox *inbox, struct delivery *delivery)
{
    struct delivery **link = bucket_of(inbox, delivery->digest);

    while (*link != delivery)
        link = &(*link)->next;
    *link = delivery->next;
    delivery->state = DELIVERY_NONE;
}

/* Takes the oldest slot that nobody waits for; NULL when all the next ones are on their way. */
static struct delivery *delivery_begin(struct inbox *inbox, const uint8_t digest[DIGEST_BYTES],
                                       uint64_t id, uint64_t arrived_ms)
{
    for (uint32_t tries = 0; tries <= INBOX_ARRIVALS_MAX; tries++) {
        struct delivery *slot = &inbox->recent[inbox->next_slot++ % INBOX_RECENT_MAX];

        if (slot->state == DELIVERY_PENDING)
            continue;
        if (slot->state != DELIVERY_NONE)
            delivery_remove(inbox, slot);
        *slot = (struct delivery){ .id = id, .arrived_ms = arrived_ms, .state = DELIVERY_HEARD };
        memcpy(slot->digest, digest, DIGEST_BYTES);
        slot->next = *bucket_of(inbox, digest);
        *bucket_of(inbox, digest) = slot;
        return slot;
    }
    return NULL;
}

static bool is_same_request(const struct piece_token *one, const struct piece_token *other)
{
    return one->bind == other->bind && one->connection == other->connection &&
           memcmp(one->sequence, other->sequence, sizeof one->sequence) == 0;
}

/* The same words may be said twice; the same part, under the same reference, is not, nor is what comes under
 * the same sequence number: the centre lost patience while our answer was on its way. */
static bool is_repeat(const struct delivery *delivery, const struct piece_token *token,
                      bool part_of_long, uint64_t now_ms)
{
    if (delivery->state == DELIVERY_HEARD)
        return now_ms < delivery->arrived_ms + INBOX_REPEAT_MS;
    if (delivery->answered_ms == 0)
        return true;
    if (delivery->doubtful || part_of_long || is_same_request(&delivery->token, token))
        return now_ms < delivery->answered_ms + INBOX_REPEAT_MS;
    return delivery->answered_ms > delivery->arrived_ms + INBOX_SLOW_MS &&
           now_ms < delivery->answered_ms + INBOX_DOUBT_MS;
}

/* delivery: what is answered; forget: it is unknown from now on. */
static void answer_queue(struct inbox *inbox, struct delivery *delivery, enum piece_verdict verdict,
                         bool forget)
{
    uint32_t slot = inbox->answers_end % ANSWERS_MAX;

    if (inbox->answers_end - inbox->answers_first == ANSWERS_MAX)
        return; /* the centre asks again */
    inbox->answers_end++;
    inbox->answers[slot].delivery = forget ? NULL : delivery;
    inbox->answers[slot].id = delivery->id;
    inbox->answers[slot].answer = (struct inbox_answer){ delivery->token, verdict };
}

void inbox_connection(struct inbox *inbox, uint16_t bind, uint32_t connection, uint64_t now_ms)
{
    REQUIRE(bind < PIECE_BINDS_MAX);
    inbox->connections[bind] = connection;
    for (uint32_t i = 0; i < INBOX_RECENT_MAX; i++) {
        struct delivery *delivery = &inbox->recent[i];

        if (delivery->state == DELIVERY_ACCEPTED && delivery->answered_ms != 0 &&
            delivery->token.bind == bind && delivery->answered_ms + INBOX_DOUBT_MS > now_ms)
            delivery->doubtful = true;
    }
}

/* ---------------------------------------------------------------------------------- arrivals */

static uint64_t id_take(struct inbox *inbox, uint64_t now_ms)
{
    uint64_t id = now_ms << 11;

    if (id < inbox->last_id + INBOX_CONTACTS_MAX)
        id = inbox->last_id + INBOX_CONTACTS_MAX;
    inbox->last_id = id;
    return id;
}

static size_t cut_at(const char *words, size_t length, size_t most)
{
    if (length <= most)
        return length;
    while (((unsigned char)words[most] & 0xC0) == 0x80)
        most--;
    return most;
}

static uint32_t contacts_of(const char *words, size_t length)
{
    uint32_t total = 1;

    if (length < INBOX_WORDS_BYTES)
        return 1;
    while (length > CONTACT_WORDS) {
        size_t cut = cut_at(words, length, CONTACT_WORDS);

        words += cut;
        length -= cut;
        total++;
    }
    REQUIRE(total <= INBOX_CONTACTS_MAX);
    return total;
}

/* words is NUL-terminated. */
static struct arrival *arrival_begin(struct inbox *inbox, uint64_t id, uint64_t arrived_ms,
                                     const char *source, const char *dest, const struct text *words)
{
    struct arrival *arrival = inbox->arrivals;

    REQUIRE(inbox->arrivals_count < INBOX_ARRIVALS_MAX);
    while (arrival->taken)
        arrival++;
    *arrival = (struct arrival){
        .taken = true, .id = id, .call = id, .arrived_ms = arrived_ms, .verdict = PIECE_TAKEN
    };
    (void)text_copy(arrival->source, sizeof arrival->source, source);
    (void)text_copy(arrival->dest, sizeof arrival->dest, dest);
    arrival->words = strdup(words->bytes);
    REQUIRE(arrival->words);
    arrival->length = words->length;
    arrival->total = contacts_of(arrival->words, arrival->length);
    inbox->arrivals_count++;
    return arrival;
}

static void arrival_end(struct inbox *inbox, struct arrival *arrival)
{
    free(arrival->words);
    arrival->taken = false;
    inbox->arrivals_count--;
}

static struct arrival *arrival_of(struct inbox *inbox, uint64_t id)
{
    for (uint32_t i = 0; i < INBOX_ARRIVALS_MAX && inbox->arrivals_count > 0; i++)
        if (inbox->arrivals[i].taken && inbox->arrivals[i].id == id)
            return &inbox->arrivals[i];
    return NULL;
}

/* ------------------------------------------------------------------------------------ ledger */

static void note_heard(struct inbox *inbox, const struct delivery *delivery)
{
    entry_begin(&inbox->entry, RECORD_HEARD);
    entry_put(&inbox->entry, delivery->id);
    entry_put(&inbox->entry, delivery->arrived_ms);
    entry_put_octets(&inbox->entry, delivery->digest, DIGEST_BYTES);
    ledger_add(inbox->ledger, &inbox->entry);
}

static void record_part(struct entry *entry, const struct assembly_part *part)
{
    entry_begin(entry, RECORD_PART);
    entry_put(entry, part->id);
    entry_put(entry, part->arrived_ms);
    entry_put_words(entry, part->source);
    entry_put_words(entry, part->dest);
    entry_put(entry, part->part.means);
    entry_put(entry, part->part.reference);
    entry_put(entry, part->part.total);
    entry_put(entry, part->part.index);
    const struct letters_reading *reading = &part->part.reading;
    entry_put(entry, reading->coding | (uint64_t)reading->locking << 8 |
                         (uint64_t)reading->single << 16 | (uint64_t)reading->fill << 24);
    entry_put_octets(entry, part->part.octets.bytes, part->part.octets.count);
    entry_put_octets(entry, part->original, sizeof part->original);
}

static void note_left(struct inbox *inbox, uint64_t id)
{
    entry_begin(&inbox->entry, RECORD_LEFT);
    entry_put(&inbox->entry, id);
    ledger_add(inbox->ledger, &inbox->entry);
}

/* Lost, the text is submitted once more under its key, which the dispatcher knows. */
static void note_accepted(struct inbox *inbox, uint64_t id, const struct delivery *delivery)
{
    static const uint8_t none[DIGEST_BYTES];

    entry_begin(&inbox->entry, RECORD_ACCEPTED);
    entry_put(&inbox->entry, id);
    entry_put_octets(&inbox->entry, delivery ? delivery->digest : none, DIGEST_BYTES);
    ledger_add_lazily(inbox->ledger, &inbox->entry);
}

/* Takes a text from the assembly into the arrivals. */
static void leaving_take(struct inbox *inbox, uint64_t id)
{
    struct assembled assembled;
    struct text words = text_into(inbox->words, sizeof inbox->words);

    if (!assembly_take(inbox->assembly, id, &assembled, &words))
        return;
    inbox->counts.texts++;
    inbox->counts.incomplete += !assembled.whole;
    struct arrival *arrival = arrival_begin(inbox, assembled.id, assembled.arrived_ms,
                                            assembled.source, assembled.dest, &words);
    memcpy(arrival->original, assembled.original, sizeof arrival->original);
}

static bool has_room(const struct inbox *inbox)
{
    return inbox->arrivals_count < INBOX_ARRIVALS_MAX;
}

static void replay_part(struct inbox *inbox, struct entry *entry)
{
    uint8_t octets[ASSEMBLY_PART_BYTES];
    struct assembly_part part = { .id = entry_get(entry) };

    part.arrived_ms = entry_get(entry);
    entry_get_words(entry, part.source, sizeof part.source);
    entry_get_words(entry, part.dest, sizeof part.dest);
    part.part.means = (enum parts_means)entry_get(entry);
    part.part.reference = (uint16_t)entry_get(entry);
    part.part.total = (uint8_t)entry_get(entry);
    part.part.index = (uint8_t)entry_get(entry);
    uint64_t reading = entry_get(entry);
    part.part.reading =
        (struct letters_reading){ (uint8_t)reading, (uint8_t)(reading >> 8),
                                  (uint8_t)(reading >> 16), (uint8_t)(reading >> 24) };
    part.part.octets = (struct octets){ octets, entry_get_octets(entry, octets, sizeof octets) };
    if (entry->at < entry->size) /* files of before have none */
        (void)entry_get_octets(entry, part.original, sizeof part.original);
    if (!entry->broken)
        (void)assembly_add(inbox->assembly, &part);
}

static void replay_accepted(struct inbox *inbox, uint64_t id, struct entry *entry)
{
    uint8_t digest[DIGEST_BYTES] = { 0 };
    struct arrival *arrival = arrival_of(inbox, id);

    (void)entry_get_octets(entry, digest, sizeof digest);
    if (arrival)
        arrival_end(inbox, arrival);
    struct delivery *delivery = delivery_find(inbox, digest);
    if (!delivery || delivery->id != id)
        return;
    delivery->state = DELIVERY_ACCEPTED;
    delivery->answered_ms = delivery->arrived_ms;
    delivery->doubtful = true;
}

static void replay_heard(struct inbox *inbox, uint64_t id, struct entry *entry)
{
    uint8_t digest[DIGEST_BYTES] = { 0 };
    uint64_t arrived_ms = entry_get(entry);

    (void)entry_get_octets(entry, digest, sizeof digest);
    (void)delivery_begin(inbox, digest, id, arrived_ms);
}

static void replay_record(void *owner, struct entry *entry)
{
    struct inbox *inbox = owner;

    if (entry->kind == RECORD_PART) {
        replay_part(inbox, entry);
        return;
    }
    uint64_t id = entry_get(entry);
    if (id > inbox->last_id)
        inbox->last_id = id;
    switch (entry->kind) {
    case RECORD_HEARD:
        replay_heard(inbox, id, entry);
        return;
    case RECORD_LEFT:
        if (has_room(inbox))
            leaving_take(inbox, id);
        return;
    case RECORD_ACCEPTED:
        replay_accepted(inbox, id, entry);
        return;
    }
}

static void emit_part(void *owner, const struct assembly_part *part)
{
    struct inbox *inbox = owner;

    record_part(&inbox->entry, part);
    ledger_add(inbox->ledger, &inbox->entry);
}

static void emit_all(void *owner, struct ledger *ledger)
{
    struct inbox *inbox = owner;

    (void)ledger;
    for (uint32_t i = 0; i < INBOX_RECENT_MAX; i++) {
        const struct delivery *delivery = &inbox->recent[(inbox->next_slot + i) % INBOX_RECENT_MAX];

        if (delivery->state == DELIVERY_NONE)
            continue;
        note_heard(inbox, delivery);
        if (delivery->state == DELIVERY_ACCEPTED)
            note_accepted(inbox, delivery->id, delivery);
    }
    assembly_walk(inbox->assembly, emit_part, inbox);
}

/* --------------------------------------------------------------------------------- the owner */

int inbox_open(struct inbox **inbox, const char *path)
{
    struct inbox *fresh = calloc(1, sizeof *fresh);

    if (!fresh)
        return -ENOMEM;
    fresh->assembly = assembly_create();
    int status =
        fresh->assembly ? ledger_open(&fresh->ledger, path, replay_record, fresh) : -ENOMEM;
    if (status != 0) {
        inbox_close(fresh);
        return status;
    }
    fresh->counts = (struct inbox_counts){ 0 };
    *inbox = fresh;
    return 0;
}

void inbox_close(struct inbox *inbox)
{
    if (!inbox)
        return;
    for (uint32_t i = 0; i < INBOX_ARRIVALS_MAX; i++)
        if (inbox->arrivals[i].taken)
            free(inbox->arrivals[i].words);
    assembly_destroy(inbox->assembly);
    ledger_close(inbox->ledger);
    free(inbox);
}

void inbox_keep_originals(struct inbox *inbox, struct originals *originals)
{
    inbox->originals = originals;
}

static void original_keep(struct inbox *inbox, const struct piece_in *in, uint64_t id,
                          uint8_t index, uint64_t heard_ms)
{
    struct original original = { id, heard_ms, index, in->raw };

    if (inbox->originals)
        originals_keep(inbox->originals, &original);
}

/* A part of a long text: into the assembly and on the disk. */
static int part_take(struct inbox *inbox, const struct piece_in *in, const struct part *part,
                     struct delivery *delivery)
{
    struct assembly_part one = { .id = delivery->id,
                                 .arrived_ms = delivery->arrived_ms,
                                 .part = *part };

    (void)text_copy(one.source, sizeof one.source, in->source);
    (void)text_copy(one.dest, sizeof one.dest, in->dest);
    original_digest(one.original, in->raw.bytes, in->raw.count);
    enum assembly_verdict verdict = assembly_add(inbox->assembly, &one);
    while (verdict == ASSEMBLY_FULL || verdict == ASSEMBLY_CONFLICT) {
        if (!has_room(inbox))
            return -ENOBUFS;
        uint64_t id = assembly_next(inbox->assembly, delivery->arrived_ms);
        note_left(inbox, id);
        leaving_take(inbox, id);
        verdict = assembly_add(inbox->assembly, &one);
    }
    if (verdict == ASSEMBLY_KEPT) {
        inbox->counts.parts++;
        original_keep(inbox, in, one.id, part->index, delivery->arrived_ms);
        record_part(&inbox->entry, &one);
        ledger_add(inbox->ledger, &inbox->entry);
    }
    delivery->state = DELIVERY_ACCEPTED;
    note_accepted(inbox, delivery->id, delivery);
    answer_queue(inbox, delivery, PIECE_TAKEN, false);
    return 0;
}

static void text_take(struct inbox *inbox, const struct piece_in *in, const struct part *part,
                      struct delivery *delivery)
{
    struct text words = text_into(inbox->words, sizeof inbox->words);

    parts_words(part, 1, &words);
    struct arrival *arrival =
        arrival_begin(inbox, delivery->id, delivery->arrived_ms, in->source, in->dest, &words);
    original_digest(arrival->original, in->raw.bytes, in->raw.count);
    original_digest(arrival->original, arrival->original, sizeof arrival->original);
    original_keep(inbox, in, delivery->id, 1, delivery->arrived_ms);
    arrival->delivery = delivery;
    delivery->state = DELIVERY_PENDING;
    inbox->counts.texts++;
}

static struct delivery *delivery_of(struct inbox *inbox, const struct piece_in *in,
                                    bool part_of_long, uint64_t now_ms)
{
    uint8_t digest[DIGEST_BYTES];

    digest_of(in, digest);
    struct delivery *delivery = delivery_find(inbox, digest);
    if (delivery && is_repeat(delivery, &in->token, part_of_long, now_ms)) {
        inbox->counts.repeats++;
    } else {
        delivery = delivery_begin(inbox, digest, id_take(inbox, now_ms), now_ms);
        if (!delivery)
            return NULL;
        note_heard(inbox, delivery);
    }
    delivery->token = in->token;
    return delivery;
}

int inbox_take(struct inbox *inbox, const struct piece_in *in, uint64_t now_ms)
{
    struct part part;
    int status = 0;

    part_read(&part, in);
    struct delivery *delivery = delivery_of(inbox, in, part.total > 1, now_ms);
    if (delivery && delivery->state == DELIVERY_ACCEPTED)
        answer_queue(inbox, delivery, PIECE_TAKEN, false);
    if (delivery && delivery->state != DELIVERY_HEARD)
        return 0;
    if (!delivery || !has_room(inbox))
        status = -ENOBUFS;
    else if (part.total > 1 && part.octets.count <= ASSEMBLY_PART_BYTES)
        status = part_take(inbox, in, &part, delivery);
    else
        text_take(inbox, in, &part, delivery);
    inbox->counts.full += status != 0;
    return status;
}

static void contact_words(const struct arrival *arrival, uint32_t which, char *out)
{
    struct text text = text_into(out, INBOX_WORDS_BYTES);
    const char *words = arrival->words;
    size_t left = arrival->length;

    if (arrival->total == 1) {
        text_add(&text, words);
        return;
    }
    for (uint32_t i = 0; i < which; i++) {
        size_t cut = cut_at(words, left, CONTACT_WORDS);

        words += cut;
        left -= cut;
    }
    text_print(&text, "〔长短信 long text %u/%u〕", which + 1, arrival->total);
    text_add_bytes(&text, words, cut_at(words, left, CONTACT_WORDS));
}

bool inbox_next_contact(struct inbox *inbox, uint64_t now_ms, struct inbox_contact *contact)
{
    struct arrival *found = NULL;
    uint64_t id = has_room(inbox) ? assembly_next(inbox->assembly, now_ms) : 0;

    if (id != 0) {
        note_left(inbox, id);
        leaving_take(inbox, id);
    }
    for (uint32_t i = 0; i < INBOX_ARRIVALS_MAX && inbox->arrivals_count > 0; i++) {
        struct arrival *arrival = &inbox->arrivals[i];

        if (!arrival->taken || arrival->next == arrival->total || arrival->due_ms > now_ms)
            continue;
        if (!found || arrival->call < found->call)
            found = arrival;
    }
    if (!found)
        return false;
    *contact = (struct inbox_contact){ .call = found->call + found->next,
                                       .arrived_ms = found->arrived_ms };
    (void)text_copy(contact->source, sizeof contact->source, found->source);
    (void)text_copy(contact->dest, sizeof contact->dest, found->dest);
    memcpy(contact->original, found->original, sizeof contact->original);
    contact_words(found, found->next, contact->words);
    return true;
}

static struct arrival *arrival_of_call(struct inbox *inbox, uint64_t call)
{
    for (uint32_t i = 0; i < INBOX_ARRIVALS_MAX; i++) {
        struct arrival *arrival = &inbox->arrivals[i];

        if (arrival->taken && arrival->call + arrival->next == call)
            return arrival;
    }
    REQUIRE(!"the call is of no arrival");
}

/* All contacts of the text have their outcome. */
static void arrival_settle(struct inbox *inbox, struct arrival *arrival, uint64_t now_ms)
{
    struct delivery *delivery = arrival->delivery;

    inbox->counts.refused += arrival->verdict != PIECE_TAKEN;
    if (arrival->verdict == PIECE_TAKEN) {
        note_accepted(inbox, arrival->id, delivery);
        if (delivery) {
            delivery->state = DELIVERY_ACCEPTED;
            answer_queue(inbox, delivery, PIECE_TAKEN, false);
        }
        arrival_end(inbox, arrival);
        return;
    }
    if (delivery) {
        answer_queue(inbox, delivery, arrival->verdict, true);
        delivery_remove(inbox, delivery);
        arrival_end(inbox, arrival);
        return;
    }
    /* Its parts were answered long ago: nobody but us can try again. */
    arrival->call = id_take(inbox, now_ms);
    arrival->next = 0;
    arrival->verdict = PIECE_TAKEN;
    arrival->due_ms = now_ms + INBOX_AGAIN_MS;
}

void inbox_submitted(struct inbox *inbox, uint64_t call, uint64_t ticket)
{
    struct arrival *arrival = arrival_of_call(inbox, call);

    REQUIRE(ticket != 0);
    arrival->tickets[arrival->next++] = ticket;
    arrival->open++;
}

void inbox_not_submitted(struct inbox *inbox, uint64_t call, uint64_t now_ms)
{
    struct arrival *arrival = arrival_of_call(inbox, call);

    arrival->verdict = PIECE_LATER;
    arrival->next = arrival->total;
    if (arrival->open == 0)
        arrival_settle(inbox, arrival, now_ms);
}

bool inbox_settled(struct inbox *inbox, uint64_t ticket, enum piece_verdict verdict,
                   uint64_t now_ms)
{
    for (uint32_t i = 0; i < INBOX_ARRIVALS_MAX && inbox->arrivals_count > 0 && ticket != 0; i++) {
        struct arrival *arrival = &inbox->arrivals[i];

        for (uint32_t j = 0; arrival->taken && j < arrival->total; j++) {
            if (arrival->tickets[j] != ticket)
                continue;
            arrival->tickets[j] = 0;
            arrival->open--;
            if (arrival->verdict == PIECE_TAKEN)
                arrival->verdict = verdict;
            if (arrival->open == 0 && arrival->next == arrival->total)
                arrival_settle(inbox, arrival, now_ms);
            return true;
        }
    }
    return false;
}

bool inbox_next_answer(struct inbox *inbox, uint64_t now_ms, struct inbox_answer *answer)
{
    while (inbox->answers_first != inbox->answers_end) {
        uint32_t slot = inbox->answers_first++ % ANSWERS_MAX;
        struct delivery *delivery = inbox->answers[slot].delivery;
        const struct piece_token *token = &inbox->answers[slot].answer.token;
        bool here = token->connection == inbox->connections[token->bind];

        if (delivery && delivery->id == inbox->answers[slot].id) {
            delivery->answered_ms = now_ms;
            delivery->doubtful = !here;
        }
        *answer = inbox->answers[slot].answer;
        if (here)
            return true;
    }
    return false;
}

uint64_t inbox_due(const struct inbox *inbox)
{
    uint64_t due = assembly_due(inbox->assembly);

    for (uint32_t i = 0; i < INBOX_ARRIVALS_MAX && inbox->arrivals_count > 0; i++) {
        const struct arrival *arrival = &inbox->arrivals[i];

        if (arrival->taken && arrival->next < arrival->total && arrival->due_ms < due)
            due = arrival->due_ms;
    }
    return due;
}

void inbox_tidy(struct inbox *inbox)
{
    uint64_t size = ledger_size(inbox->ledger);

    if (size >= INBOX_REWRITE_BYTES && size >= 2 * inbox->rewritten_bytes)
        (void)inbox_rewrite(inbox);
}

bool inbox_rewrite(struct inbox *inbox)
{
    /* Texts that left the assembly and are not certain stand in the old file alone; there are none
     * most of the time. */
    for (uint32_t i = 0; i < INBOX_ARRIVALS_MAX; i++)
        if (inbox->arrivals[i].taken && !inbox->arrivals[i].delivery)
            return false;
    ledger_rewrite(inbox->ledger, emit_all, inbox);
    inbox->rewritten_bytes = ledger_size(inbox->ledger);
    return true;
}

void inbox_flush(struct inbox *inbox)
{
    ledger_flush(inbox->ledger);
}

int inbox_unsynced(struct inbox *inbox, struct unsynced *file)
{
    return ledger_unsynced(inbox->ledger, file);
}

void inbox_count(const struct inbox *inbox, struct inbox_counts *counts)
{
    *counts = inbox->counts;
    counts->open = inbox->arrivals_count;
    counts->waiting = assembly_parts(inbox->assembly);
}
