/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/machine.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/require.h"
#include "base/text.h"
#include "dispatcher/city/city.h"
#include "dispatcher/io/checker.h"
#include "dispatcher/io/dispatcher.h"
#include "dispatcher/io/loop.h"
#include "dispatcher/io/snapshot.h"
#include "gateways/link/spool.h"
#include "proto/keys.h"
#include "tests/sim/image.h"
#include "tests/sim/sim.h"

enum {
    SPOOLS_MAX = 16,
    ROWS_MAX = 1024,
    SIGN_INS_MAX = 64
};

static struct {
    struct sim *sim;
    bool node;
    bool loud; /* YIHAO_SIM_LOG is set */
    uint64_t dice;
    struct command *rows;
    uint32_t row_count;
} machine;

/* ---- randomness: libsodium's, from the seed ------------------------------------------------- */

static const char *name_dice(void)
{
    return "simulation";
}

static uint32_t throw_dice(void)
{
    machine.dice = machine.dice * 6364136223846793005ULL + 1442695040888963407ULL;
    return (uint32_t)(machine.dice >> 32);
}

static void throw_many(void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        ((uint8_t *)bytes)[i] = (uint8_t)(throw_dice() >> 11);
}

void machine_open(struct sim *sim)
{
    static struct randombytes_implementation dice = { .implementation_name = name_dice,
                                                      .random = throw_dice,
                                                      .buf = throw_many };
    machine.sim = sim;
    machine.dice = sim->swarm.seed * 2 + 1;
    (void)prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0); /* an image is of pages that were touched */
    machine.loud = getenv("YIHAO_SIM_LOG") != NULL;
    machine.rows = calloc(ROWS_MAX, sizeof *machine.rows);
    REQUIRE(machine.rows && randombytes_set_implementation(&dice) == 0 && sodium_init() >= 0);
}

void machine_is_node(bool node)
{
    machine.node = node;
}

/* ---- clocks and log --------------------------------------------------------------------------- */

uint64_t clock_mono_ms(void)
{
    return machine.sim->kernel.now_ms + MINUTE_MS; /* it never reads 0 */
}

uint64_t clock_mono_ns(void)
{
    return clock_mono_ms() * 1000000;
}

uint64_t clock_wall_ms(void)
{
    return machine.node ? node_clock_ms(&machine.sim->node)
                        : MONDAY_MIDNIGHT_MS + machine.sim->kernel.now_ms;
}

void log_open(const char *program, enum log_level level)
{
    (void)program;
    (void)level;
}

void log_line(enum log_level level, const char *format, ...)
{
    va_list list;
    if (!machine.loud)
        return;
    va_start(list, format);
    (void)fprintf(stderr, "%10.3f %s %d ", (double)machine.sim->kernel.now_ms / 1000,
                  machine.node ? "node" : "link", (int)level);
    (void)vfprintf(stderr, format, list);
    (void)fputc('\n', stderr);
    va_end(list);
}

bool log_allowed(struct log_limit *limit)
{
    (void)limit;
    return machine.loud;
}

const char *log_masked(const char *number, char out[8])
{
    (void)number;
    (void)text_copy(out, 8, "***");
    return out;
}

/* ---- metrics: nobody asks ---------------------------------------------------------------------- */

struct metrics {
    int fd;
};

int metrics_open(struct metrics **metrics, uint16_t port, metrics_write *write, void *owner)
{
    (void)port;
    (void)write;
    (void)owner;
    *metrics = calloc(1, sizeof **metrics);
    if (!*metrics)
        return -ENOMEM;
    (*metrics)->fd = eventfd(0, EFD_CLOEXEC);
    return 0;
}

void metrics_close(struct metrics *metrics)
{
    if (metrics)
        (void)close(metrics->fd);
    free(metrics);
}

int metrics_fd(const struct metrics *metrics)
{
    return metrics->fd;
}

void metrics_turn(struct metrics *metrics)
{
    (void)metrics;
}

void metrics_counter(struct text *text, const char *name, const char *help, const char *labels,
                     uint64_t value)
{
    (void)text;
    (void)name;
    (void)help;
    (void)labels;
    (void)value;
}

void metrics_gauge(struct text *text, const char *name, const char *help, const char *labels,
                   uint64_t value)
{
    metrics_counter(text, name, help, labels, value);
}

/* ---- keys and passwords: everybody knows theirs -------------------------------------------------- */

static void sign_keys(uint8_t public_key[32], uint8_t secret[64])
{
    static const uint8_t seed[32] = { 7 };
    REQUIRE(crypto_sign_seed_keypair(public_key, secret, seed) == 0);
}

void machine_sign_public(uint8_t key[32])
{
    uint8_t secret[64];
    sign_keys(key, secret);
}

int keys_read_bytes(const char *home, const char *file, uint8_t *bytes, unsigned size)
{
    uint8_t public_key[32], secret[64];
    (void)home;
    sign_keys(public_key, secret);
    if (strcmp(file, "sign.secret") == 0)
        memcpy(bytes, secret, size);
    else if (strcmp(file, "sign.public") == 0)
        memcpy(bytes, public_key, size);
    else
        memset(bytes, file[0], size);
    return 0;
}

/* The root as it was in the beginning: a dispatcher follows the tables to what it is now. */
int keys_read_vault(const char *home, uint8_t root[32])
{
    return keys_read_bytes(home, "vault.key", root, 32);
}

int keys_renew_vault(const char *home, const uint8_t root[32])
{
    (void)home;
    (void)root;
    return 0;
}

int keys_settle_bytes(const char *home, const char *file, uint8_t bytes[32])
{
    return keys_read_bytes(home, file, bytes, 32);
}

int keys_read_public(const char *home, const char *program, char public_key[KEYS_Z85_BYTES])
{
    (void)home, (void)program;
    public_key[0] = '\0';
    return -ENOENT;
}

uint64_t keys_stamp(const char *home)
{
    (void)home;
    return 0;
}

int keys_read_curve(const char *home, const char *program, struct curve_keys *keys)
{
    (void)home;
    (void)program;
    memset(keys, 0, sizeof *keys);
    return 0;
}

struct checker {
    int fd;
    uint32_t count;
    struct checked waiting[SIGN_INS_MAX];
};

int checker_open(struct checker **checker, const char *home, const struct provider *outside)
{
    (void)outside;
    (void)home;
    *checker = calloc(1, sizeof **checker);
    if (!*checker)
        return -ENOMEM;
    (*checker)->fd = eventfd(0, EFD_CLOEXEC);
    return 0;
}

void checker_close(struct checker *checker)
{
    if (checker)
        (void)close(checker->fd);
    free(checker);
}

int checker_fd(const struct checker *checker)
{
    return checker->fd;
}

void checker_wipe(struct sign_in *sign_in)
{
    memset(sign_in->password, 0, sizeof sign_in->password);
}

enum refusal checker_ask(struct checker *checker, const struct bus_sender *sender,
                         struct sign_in *sign_in, const struct checker_who *who, uint64_t mono_ms)
{
    (void)mono_ms;
    if (checker->count == SIGN_INS_MAX)
        return REFUSAL_BUSY;
    struct checked *checked = &checker->waiting[checker->count++];
    *checked = (struct checked){ .sender = *sender, .id = sign_in->id, .right = true };
    checked->again = who->again;
    checked->token = who->token;
    memcpy(checked->login, sign_in->login, sizeof checked->login);
    return REFUSAL_NONE;
}

bool checker_take(struct checker *checker, struct checked *checked, uint64_t mono_ms)
{
    (void)mono_ms;
    if (checker->count == 0)
        return false;
    *checked = checker->waiting[--checker->count];
    return true;
}

uint64_t checker_wait_ms(struct checker *checker, uint64_t mono_ms)
{
    (void)mono_ms;
    return checker->count ? 0 : UINT64_MAX;
}

/* ---- snapshots: images of memory, kept beside the journal --------------------------------------- */

enum {
    KEEPER = 4711,      /* the copy of the process that writes */
    REFUSES_ONE_IN = 8, /* forks, and writes of a snapshot that was forked */
    TAKES_MS = 3000     /* at most, to write one */
};

struct kept {
    struct snapshot_at at;
    uintptr_t address;
    size_t sizes[SNAPSHOT_PARTS_MAX];
    struct image image;
};

static struct {
    struct snapshot *of; /* the dispatcher's, from its start on */
    struct kept written, writing;
    bool is_written, is_writing;
    uint64_t done_ms; /* when the writer ends */
} keeper;

static uint64_t chance_of(uint64_t limit)
{
    return kernel_below(&machine.sim->kernel, STREAM_LIMITS, limit);
}

int snapshot_open(struct snapshot *snapshot, const char *path, const uint8_t orders_key[32])
{
    (void)orders_key;
    *snapshot = (struct snapshot){ .path = path };
    keeper.of = snapshot;
    return 0;
}

static void take(struct kept *kept, const struct snapshot *snapshot, const struct snapshot_at *at)
{
    image_clear(&kept->image);
    kept->at = *at;
    kept->address = (uintptr_t)snapshot->parts[0].memory;
    for (uint32_t i = 0; i < snapshot->part_count; i++) {
        kept->sizes[i] = snapshot->parts[i].size;
        image_take(&kept->image, i, snapshot->parts[i].memory, snapshot->parts[i].size);
    }
}

int snapshot_write(const struct snapshot *snapshot, const struct snapshot_at *at)
{
    take(&keeper.written, snapshot, at);
    keeper.is_written = true;
    return 0;
}

/* Sometimes it is found damaged when half of it lies there already. */
int snapshot_read(const struct snapshot *snapshot, struct snapshot_at *at)
{
    const struct kept *kept = &keeper.written;
    bool fits = kept->address == (uintptr_t)snapshot->parts[0].memory;
    if (!keeper.is_written)
        return -ENOENT;
    for (uint32_t i = 0; i < snapshot->part_count; i++)
        fits &= kept->sizes[i] == snapshot->parts[i].size;
    if (!fits)
        return -ESTALE;
    bool damaged = chance_of(REFUSES_ONE_IN) == 0;
    for (uint32_t i = 0; i < snapshot->part_count; i++)
        image_put(&kept->image, i, snapshot->parts[i].memory, snapshot->parts[i].size,
                  damaged ? kept->image.count / 2 : kept->image.count);
    *at = kept->at;
    machine.sim->node.snapshots += !damaged;
    return damaged ? -EBADMSG : 0;
}

/* The dispatcher forks to write one: its memory as it is now, and some time to write it down. */
pid_t fork(void)
{
    struct dispatcher *dispatcher = machine.sim->node.dispatcher;
    if (chance_of(REFUSES_ONE_IN) == 0) {
        errno = EAGAIN;
        return -1;
    }
    take(&keeper.writing, &dispatcher->mind.snapshot, &dispatcher->mind.kept);
    keeper.is_writing = true;
    keeper.done_ms = machine.sim->kernel.now_ms + chance_of(TAKES_MS);
    return KEEPER;
}

static void finish_writing(void)
{
    struct kept former = keeper.written;
    keeper.written = keeper.writing;
    keeper.writing = former;
    keeper.is_written = true;
    keeper.is_writing = false;
}

pid_t waitpid(pid_t pid, int *status, int options)
{
    REQUIRE(pid == KEEPER && keeper.is_writing);
    if (options == WNOHANG && machine.sim->kernel.now_ms < keeper.done_ms)
        return 0;
    *status = chance_of(REFUSES_ONE_IN) == 0; /* the disk is full: the former one stays */
    if (*status)
        keeper.is_writing = false;
    else
        finish_writing();
    return pid;
}

void machine_node_died(void)
{
    if (keeper.is_writing && machine.sim->kernel.now_ms >= keeper.done_ms)
        finish_writing();
    keeper.is_writing = false;
    keeper.of = NULL;
}

void machine_clear_away(void)
{
    if (keeper.of)
        dispatcher_close((struct dispatcher *)(void *)((char *)keeper.of -
                                                       offsetof(struct dispatcher, mind.snapshot)));
    keeper.of = NULL;
}

/* Nobody here ends a process without a word. */
_Noreturn void __wrap__exit(int status);
_Noreturn void __wrap__exit(int status)
{
    (void)fprintf(stderr, "bug: the process ends with status %d\n", status);
    abort();
}

/* Nobody sleeps here: virtual time comes by itself, and arming a timer is dear. */
int timerfd_create(clockid_t clock, int flags)
{
    (void)clock;
    (void)flags;
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

int timerfd_settime(int fd, int flags, const struct itimerspec *when, struct itimerspec *old)
{
    (void)fd;
    (void)flags;
    (void)when;
    (void)old;
    return 0;
}

/* ---- the city's tables ------------------------------------------------------------------------- */

struct city {
    uint8_t digest[32];
};

void machine_add_row(const struct command *command)
{
    REQUIRE(machine.row_count < ROWS_MAX);
    machine.rows[machine.row_count++] = *command;
}

int city_open(struct city **city, const char *folder, city_complain *complain, void *owner)
{
    (void)folder;
    (void)complain;
    (void)owner;
    *city = calloc(1, sizeof **city);
    if (!*city)
        return -ENOMEM;
    memcpy((*city)->digest, machine.rows[machine.row_count - 1].city_load.digest, 32);
    return 0;
}

int city_open_amended(struct city **city, const char *folder, const struct city_text *texts,
                      city_complain *complain, void *owner)
{
    (void)texts;
    return city_open(city, folder, complain, owner);
}

void city_close(struct city *city)
{
    free(city);
}

uint32_t city_count(const struct city *city)
{
    (void)city;
    return machine.row_count;
}

const struct command *city_command(const struct city *city, uint32_t index)
{
    (void)city;
    return &machine.rows[index];
}

bool city_has(const struct city *city, enum command_kind kind, uint32_t number)
{
    (void)city;
    (void)kind;
    (void)number;
    return true;
}

const uint8_t *city_digest(const struct city *city)
{
    return city->digest;
}

/* ---- the gateways' spools ----------------------------------------------------------------------- */

struct spooled {
    struct spooled *next;
    size_t size;
    uint8_t bytes[];
};

struct spool {
    char path[32];
    uint64_t epoch;
    struct spooled *first, *last;
    struct spooled *synced; /* the last one that outlives the process */
};
static struct spool spools[SPOOLS_MAX];

static void forget_behind(struct spool *spool, struct spooled *kept)
{
    struct spooled *one = kept ? kept->next : spool->first;
    while (one) {
        struct spooled *next = one->next;
        free(one);
        one = next;
    }
    if (kept)
        kept->next = NULL;
    else
        spool->first = NULL;
    spool->last = kept;
}

void machine_spool_dies(const char *path)
{
    for (uint32_t i = 0; i < SPOOLS_MAX; i++)
        if (strcmp(spools[i].path, path) == 0)
            forget_behind(&spools[i], spools[i].synced);
}

int spool_open(struct spool **spool, const char *path, uint64_t wall_ms, spool_visit *visit,
               void *owner)
{
    struct spool *found = NULL;
    for (uint32_t i = 0; i < SPOOLS_MAX && !found; i++)
        if (!spools[i].path[0] || strcmp(spools[i].path, path) == 0)
            found = &spools[i];
    REQUIRE(found);
    (void)text_copy(found->path, sizeof found->path, path);
    found->epoch = wall_ms > found->epoch ? wall_ms : found->epoch + 1;
    for (struct spooled *one = found->first; one; one = one->next)
        visit(owner, one->bytes, one->size);
    *spool = found;
    return 0;
}

void spool_close(struct spool *spool)
{
    (void)spool;
}

uint64_t spool_epoch(const struct spool *spool)
{
    return spool->epoch;
}

int spool_append(struct spool *spool, const uint8_t *bytes, size_t size)
{
    struct spooled *one = malloc(sizeof *one + size);
    if (!one)
        return -ENOMEM;
    *one = (struct spooled){ NULL, size };
    memcpy(one->bytes, bytes, size);
    if (spool->last)
        spool->last->next = one;
    else
        spool->first = one;
    spool->last = one;
    return 0;
}

int spool_sync(struct spool *spool)
{
    spool->synced = spool->last;
    return 0;
}

int spool_empty(struct spool *spool)
{
    spool->synced = NULL;
    forget_behind(spool, NULL);
    return 0;
}

void machine_close(void)
{
    for (uint32_t i = 0; i < SPOOLS_MAX; i++)
        (void)spool_empty(&spools[i]);
    memset(spools, 0, sizeof spools);
    free(machine.rows);
    machine.rows = NULL;
    machine.row_count = 0;
}
