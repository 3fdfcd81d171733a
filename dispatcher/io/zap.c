/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/io/zap.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "proto/keys.h"

#define ZAP_ADDRESS "inproc://zeromq.zap.01"

/* Parts of a request (RFC 27). */
enum {
    VERSION,
    REQUEST_ID,
    DOMAIN,
    ADDRESS,
    ROUTING_ID,
    MECHANISM,
    CREDENTIALS,
    PARTS,
    PART_BYTES = 256,
    PROBE_MS = 2000
};

struct keyring {
    unsigned count;
    bool full;
    struct {
        char name[KEYS_NAME_BYTES + 1];
        char public_key[KEYS_Z85_BYTES];
    } keys[ZAP_KEYS_MAX];
    uint64_t now_ms;   /* when it was read */
    uint64_t until_ms; /* the first of them is over then, UINT64_MAX: none ends */
};

struct zap {
    const char *home;
    zap_hears *hears;
    const void *owner;
    void *context;
    void *socket;
    pthread_t thread;
    bool running;
    struct log_limit log_refused; /* of the thread */
    uint64_t stamp;               /* of the folder, when it was read */
    pthread_mutex_t lock;         /* guards what follows */
    struct keyring keyring;
    struct zap_counts counts;
};

struct request {
    int count;
    int sizes[PARTS];
    char parts[PARTS][PART_BYTES];
};

static void add_key(void *owner, const char *program, const char *public_key, uint64_t until_ms)
{
    struct keyring *keyring = owner;
    if (until_ms && until_ms <= keyring->now_ms)
        return;
    if (until_ms && until_ms < keyring->until_ms)
        keyring->until_ms = until_ms;
    if (keyring->count == ZAP_KEYS_MAX) {
        keyring->full = true;
        return;
    }
    (void)text_copy(keyring->keys[keyring->count].name, KEYS_NAME_BYTES + 1, program);
    (void)text_copy(keyring->keys[keyring->count].public_key, KEYS_Z85_BYTES, public_key);
    keyring->count++;
}

static bool has_key(const struct keyring *keyring, const char *name, const char *public_key)
{
    for (unsigned i = 0; i < keyring->count; i++)
        if (strcmp(keyring->keys[i].public_key, public_key) == 0 &&
            strcmp(keyring->keys[i].name, name) == 0)
            return true;
    return false;
}

/* Was one admitted that is no more? */
static bool lacks_one(const struct keyring *fresh, const struct keyring *former)
{
    for (unsigned i = 0; i < former->count; i++)
        if (!has_key(fresh, former->keys[i].name, former->keys[i].public_key))
            return true;
    return false;
}

int zap_reload(struct zap *zap)
{
    static struct keyring fresh; /* only the main thread loads */
    fresh = (struct keyring){ .now_ms = clock_wall_ms(), .until_ms = UINT64_MAX };
    zap->stamp = keys_stamp(zap->home);
    int status = keys_list(zap->home, add_key, &fresh);
    if (status < 0)
        return status;
    if (fresh.full)
        return -E2BIG;
    bool less = lacks_one(&fresh, &zap->keyring);
    (void)pthread_mutex_lock(&zap->lock);
    zap->keyring = fresh;
    (void)pthread_mutex_unlock(&zap->lock);
    return less;
}

bool zap_is_stale(const struct zap *zap)
{
    return keys_stamp(zap->home) != zap->stamp || clock_wall_ms() >= zap->keyring.until_ms;
}

/* Returns false when the context was shut down. A request that is too long loses its parts' ends
 * and is refused for its sizes. */
static bool receive(void *socket, struct request *request)
{
    int more = 1;
    for (request->count = 0; more; request->count++) {
        int at = request->count < PARTS ? request->count : PARTS - 1, size;
        do
            size = zmq_recv(socket, request->parts[at], PART_BYTES - 1, 0);
        while (size < 0 && zmq_errno() == EINTR);
        if (size < 0)
            return false;
        request->sizes[at] = size;
        request->parts[at][size < PART_BYTES ? size : PART_BYTES - 1] = 0;
        size_t more_size = sizeof more;
        if (zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &more_size) < 0)
            return false;
    }
    return true;
}

/* The name of the key's program in `name`, empty: refused. */
static void judge(struct zap *zap, const struct request *request, char name[KEYS_NAME_BYTES + 1])
{
    char key[KEYS_Z85_BYTES];
    name[0] = 0;
    bool reads = strcmp(request->parts[DOMAIN], ZAP_EVENTS) == 0;
    bool shaped = request->count == PARTS && strcmp(request->parts[VERSION], "1.0") == 0 &&
                  strcmp(request->parts[MECHANISM], "CURVE") == 0 &&
                  request->sizes[CREDENTIALS] == 32 &&
                  zmq_z85_encode(key, (const uint8_t *)request->parts[CREDENTIALS], 32) != NULL;
    (void)pthread_mutex_lock(&zap->lock);
    for (unsigned i = 0; shaped && i < zap->keyring.count; i++)
        if (strcmp(key, zap->keyring.keys[i].public_key) == 0)
            (void)text_copy(name, KEYS_NAME_BYTES + 1, zap->keyring.keys[i].name);
    if (name[0] && reads && zap->hears && !zap->hears(zap->owner, name))
        name[0] = 0;
    if (name[0])
        zap->counts.admitted++;
    else
        zap->counts.refused++;
    (void)pthread_mutex_unlock(&zap->lock);
}

static bool send_part(void *socket, const char *part, size_t size, int flags)
{
    return zmq_send(socket, part, size, flags) >= 0;
}

static bool reply(void *socket, const struct request *request, const char *name)
{
    bool admitted = name[0] != 0;
    int id = request->sizes[REQUEST_ID];
    return send_part(socket, "1.0", 3, ZMQ_SNDMORE) &&
           send_part(socket, request->parts[REQUEST_ID], id > 0 && id < PART_BYTES ? (size_t)id : 0,
                     ZMQ_SNDMORE) &&
           send_part(socket, admitted ? "200" : "400", 3, ZMQ_SNDMORE) &&
           send_part(socket, "", 0, ZMQ_SNDMORE) &&
           send_part(socket, name, strlen(name), ZMQ_SNDMORE) && send_part(socket, "", 0, 0);
}

static void *run(void *owner)
{
    static struct request request; /* one handler a process */
    struct zap *zap = owner;
    char name[KEYS_NAME_BYTES + 1];
    while (receive(zap->socket, &request)) {
        judge(zap, &request, name);
        if (!name[0] && strcmp(request.parts[DOMAIN], "probe") != 0 &&
            log_allowed(&zap->log_refused))
            log_warn("refuse unknown key address=%s", request.parts[ADDRESS]);
        if (!reply(zap->socket, &request, name))
            break;
    }
    (void)zmq_close(zap->socket);
    return NULL;
}

/* A request for a key that nobody has: the handler must refuse it. */
static int probe(void *context)
{
    static const char *const parts[] = { "1.0", "1", "probe", "127.0.0.1", "", "CURVE" };
    char answer[PART_BYTES], nobody[32] = { 0 };
    int wait_ms = PROBE_MS, linger = 0, status = -EPROTO;
    void *socket = zmq_socket(context, ZMQ_REQ);
    if (!socket)
        return -ENOMEM;
    (void)zmq_setsockopt(socket, ZMQ_RCVTIMEO, &wait_ms, sizeof wait_ms);
    (void)zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
    bool sent = zmq_connect(socket, ZAP_ADDRESS) == 0;
    for (unsigned i = 0; sent && i < sizeof parts / sizeof parts[0]; i++)
        sent = send_part(socket, parts[i], strlen(parts[i]), ZMQ_SNDMORE);
    sent = sent && send_part(socket, nobody, sizeof nobody, 0);
    for (int i = 0; sent && i < 3; i++) {
        int size = zmq_recv(socket, answer, sizeof answer, 0);
        if (size < 0)
            break;
        if (i == 2 && size == 3 && memcmp(answer, "400", 3) == 0)
            status = 0;
    }
    (void)zmq_close(socket);
    return status;
}

static int start(struct zap *zap)
{
    zap->socket = zmq_socket(zap->context, ZMQ_REP);
    if (!zap->socket)
        return -ENOMEM;
    if (zmq_bind(zap->socket, ZAP_ADDRESS) < 0)
        return -zmq_errno();
    sigset_t all, before; /* signals are the main thread's */
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, &before);
    int status = -pthread_create(&zap->thread, NULL, run, zap);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    zap->running = status == 0;
    return status;
}

int zap_open(struct zap **zap, void *context, const char *home, zap_hears *hears, const void *owner)
{
    struct zap *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return -ENOMEM;
    fresh->home = home;
    fresh->hears = hears;
    fresh->owner = owner;
    fresh->context = context;
    (void)pthread_mutex_init(&fresh->lock, NULL);
    int status = zap_reload(fresh);
    if (status >= 0)
        status = start(fresh);
    if (status == 0)
        status = probe(context);
    *zap = fresh; /* also on error: the thread ends only with the context */
    (void)pthread_mutex_lock(&fresh->lock); /* the thread has counted the probe */
    fresh->counts = (struct zap_counts){ 0 };
    (void)pthread_mutex_unlock(&fresh->lock);
    return status;
}

void zap_close(struct zap *zap)
{
    if (!zap)
        return;
    if (zap->running)
        (void)pthread_join(zap->thread, NULL);
    else if (zap->socket)
        (void)zmq_close(zap->socket);
    (void)pthread_mutex_destroy(&zap->lock);
    free(zap);
}

void zap_count(struct zap *zap, struct zap_counts *counts)
{
    (void)pthread_mutex_lock(&zap->lock);
    *counts = zap->counts;
    (void)pthread_mutex_unlock(&zap->lock);
}
