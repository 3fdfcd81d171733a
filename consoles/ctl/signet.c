/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Verbs of persons' keys: making one, enrolling it, signing with it. */
#include "consoles/ctl/signet.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/text.h"
#include "consoles/ctl/verbs.h"
#include "consoles/ctl/words.h"
#include "proto/acknowledgement.h"

enum {
    DIGITS = 2 * ACKNOWLEDGEMENT_SECRET_BYTES
};

struct pair {
    uint8_t secret[ACKNOWLEDGEMENT_SECRET_BYTES];
    uint8_t key[ACKNOWLEDGEMENT_KEY_BYTES];
};

/* ---- the file ------------------------------------------------------------------------------- */

static int write_new(const char *file, const char *digits)
{
    int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    int status = write(fd, digits, DIGITS) == DIGITS && write(fd, "\n", 1) == 1 ? 0 : -EIO;
    if (status == 0 && fsync(fd) < 0)
        status = -errno;
    (void)close(fd);
    return status;
}

int run_signet_make(struct request *request)
{
    struct pair pair;
    char digits[DIGITS + 1];
    if (sodium_init() < 0)
        return EXIT_FAILED;
    (void)crypto_sign_keypair(pair.key, pair.secret);
    hex_write(pair.secret, sizeof pair.secret, digits);
    int status = write_new(request->arguments[0], digits);
    sodium_memzero(digits, sizeof digits);
    hex_write(pair.key, sizeof pair.key, digits);
    sodium_memzero(&pair, sizeof pair);
    if (status < 0) {
        complain(words("cannot make the key in %s: %s", "无法在 %s 生成密钥: %s"),
                 request->arguments[0], strerror(-status));
        return EXIT_FAILED;
    }
    (void)printf(words("%s holds a new key; nobody else may have the file. Its public half:\n%s\n",
                       "%s 中为新密钥，不得交与他人。其公钥：\n%s\n"),
                 request->arguments[0], digits);
    return EXIT_DONE;
}

static int read_pair(const char *file, struct pair *pair)
{
    char digits[DIGITS + 2] = "";
    FILE *stream = sodium_init() < 0 ? NULL : fopen(file, "re");
    bool good = stream && fgets(digits, sizeof digits, stream);
    if (stream)
        (void)fclose(stream);
    digits[strcspn(digits, "\r\n")] = '\0';
    good = good && hex_read(digits, pair->secret, sizeof pair->secret);
    sodium_memzero(digits, sizeof digits);
    if (!good) {
        complain(words("%s holds no key; yihao signet make FILE makes one",
                       "%s 中没有密钥;请用 yihao signet make FILE 生成"),
                 file);
        return EXIT_FAILED;
    }
    (void)crypto_sign_ed25519_sk_to_pk(pair->key, pair->secret);
    return EXIT_DONE;
}

/* ---- the dispatcher ------------------------------------------------------------------------- */

static int ask_own(struct session *session, const struct answer **answer)
{
    struct query query = { .kind = QUERY_SIGNETS };
    query.signets.user = session_user(session)->user;
    return session_ask(session, &query, answer);
}

int run_signet_enrol(struct request *request)
{
    static struct command command = { .kind = COMMAND_SIGNET_ENROL };
    struct signet_enrol *enrol = &command.signet_enrol;
    struct session *session = NULL;
    const struct answer *answer = NULL;
    struct outcome outcome = { 0 };
    struct pair pair;
    int code = read_pair(request->arguments[0], &pair);
    if (code == EXIT_DONE)
        code = session_open(&session, request, NULL);
    if (code == EXIT_DONE)
        code = ask_own(session, &answer);
    if (code == EXIT_DONE) {
        const char *label = request_option(request, "label");
        enrol->algorithm = ACKNOWLEDGEMENT_ALGORITHM;
        memcpy(enrol->key, pair.key, sizeof enrol->key);
        (void)text_copy(enrol->label, sizeof enrol->label, label ? label : "yihao");
        acknowledgement_prove(pair.secret, answer->signets.city, session_user(session)->user,
                              enrol->proof);
        code = session_submit(session, &command, NULL, &outcome);
    }
    sodium_memzero(&pair, sizeof pair);
    if (code == EXIT_DONE)
        code = session_refused(outcome.refusal);
    if (code == EXIT_DONE)
        (void)printf(words("signet %" PRIu64 "\ndone\n", "签名密钥 %" PRIu64 "\n完成\n"),
                     outcome.event_seq);
    session_close(session);
    return code;
}

/* The number of this key among the user's own, 0: it is not enrolled. */
static uint64_t number_of(const struct signets *signets, const struct pair *pair)
{
    for (uint32_t i = 0; i < signets->rows_count; i++)
        if (memcmp(signets->rows[i].key, pair->key, sizeof pair->key) == 0)
            return signets->rows[i].signet;
    return 0;
}

static int ask_task(struct session *session, uint64_t task, struct acknowledgement *acknowledgement)
{
    struct query query = { .kind = QUERY_TASKS, .tasks = { .before = task + 1 } };
    const struct answer *answer = NULL;
    int code = session_ask(session, &query, &answer);
    if (code != EXIT_DONE)
        return code;
    const struct task_row *row = &answer->tasks.rows[0];
    if (answer->tasks.rows_count == 0 || row->task != task)
        return session_refused(REFUSAL_NO_SUCH_TASK);
    acknowledgement->incident = row->incident;
    acknowledgement->version = row->version;
    return EXIT_DONE;
}

/* Where a command's acknowledgement lies; NULL: it has none. */
static struct acknowledgement *place_in(struct command *command)
{
    switch (command->kind) {
    case COMMAND_TASK_SIGN:
        command->task_sign.has_acknowledgement = true;
        return &command->task_sign.acknowledgement;
    case COMMAND_TASK_SEND_BACK:
        command->task_send_back.has_acknowledgement = true;
        return &command->task_send_back.acknowledgement;
    case COMMAND_TASK_REPLY:
        command->task_reply.has_acknowledgement = true;
        return &command->task_reply.acknowledgement;
    default:
        return NULL;
    }
}

int signet_sign(struct session *session, const char *file, struct command *command,
                struct personal *personal)
{
    struct acknowledgement *acknowledgement = place_in(command);
    struct acknowledged acknowledged;
    const struct answer *answer = NULL;
    struct pair pair;
    if (!acknowledgement || !acknowledgement_of_command(command, &acknowledged))
        return session_refused(REFUSAL_MALFORMED);
    int code = read_pair(file, &pair);
    if (code == EXIT_DONE)
        code = ask_task(session, acknowledged.task, acknowledgement);
    if (code == EXIT_DONE)
        code = ask_own(session, &answer);
    if (code == EXIT_DONE) {
        acknowledgement->signet = number_of(&answer->signets, &pair);
        if (acknowledgement->signet == 0)
            code = session_refused(REFUSAL_NO_SUCH_SIGNET);
    }
    if (code == EXIT_DONE) {
        acknowledgement->algorithm = ACKNOWLEDGEMENT_ALGORITHM;
        acknowledgement->at_ms = clock_wall_ms();
        if (personal->text[0]) {
            personal->blind_size = ACKNOWLEDGEMENT_BLIND_BYTES;
            randombytes_buf(personal->blind, ACKNOWLEDGEMENT_BLIND_BYTES);
        }
        acknowledgement_digest(personal, acknowledgement->words);
        acknowledged.user = session_user(session)->user;
        memcpy(acknowledged.city, answer->signets.city, sizeof acknowledged.city);
        acknowledgement_sign(acknowledgement, &acknowledged, pair.secret);
    }
    sodium_memzero(&pair, sizeof pair);
    return code;
}
