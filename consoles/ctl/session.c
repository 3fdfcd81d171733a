/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consoles/ctl/session.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/text.h"
#include "consoles/ctl/field.h"
#include "consoles/ctl/password.h"
#include "consoles/ctl/words.h"
#include "proto/keys.h"
#include "proto/program.h"
#include "proto/settings.h"

struct session {
    struct link *link;
    bool up;
    struct signed_in signed_in;
    bool signed_in_came;
    uint64_t asked;
    struct answer answer;
    bool answer_came;
    uint64_t ticket;
    struct outcome outcome;
    bool outcome_came;
    session_event *each; /* with session_follow() */
    void *owner;
    bool done;
};

/* ---- what the link brings ------------------------------------------------------------------- */

static void on_up(void *owner, const struct welcome *welcome)
{
    (void)welcome;
    ((struct session *)owner)->up = true;
}

static void on_outcome(void *owner, uint64_t ticket, const struct outcome *outcome)
{
    struct session *session = owner;
    if (ticket != session->ticket)
        return;
    session->outcome = *outcome;
    session->outcome_came = true;
}

static void on_reply(void *owner, uint64_t id, const struct answer *answer)
{
    struct session *session = owner;
    if (id != session->asked)
        return;
    session->answer = *answer;
    session->answer_came = true;
}

static void on_signed_in(void *owner, const struct signed_in *answer)
{
    struct session *session = owner;
    session->signed_in = *answer;
    session->signed_in_came = true;
}

static void on_event(void *owner, uint64_t epoch, uint64_t seq, const struct stored_event *row)
{
    struct session *session = owner;
    (void)epoch;
    if (session->each && !session->done)
        session->done = !session->each(session->owner, row, seq);
}

/* ---- waiting -------------------------------------------------------------------------------- */

/* Turns the link until *came. Returns false after SESSION_WAIT_MS (0: never). */
static bool wait_for(struct session *session, const bool *came, uint64_t wait_ms)
{
    uint64_t until = clock_mono_ms() + wait_ms;
    while (!*came) {
        uint64_t now = clock_mono_ms();
        int timeout = link_turn(session->link, now);
        if (*came)
            break;
        if (wait_ms > 0 && now >= until)
            return false;
        if (timeout < 0 || timeout > 100)
            timeout = 100;
        struct pollfd wait = { .fd = link_fd(session->link), .events = POLLIN };
        (void)poll(&wait, 1, timeout);
    }
    return true;
}

static int unreachable(void)
{
    complain(words("the dispatcher does not answer; start it (ops/start) or look at its log",
                   "调度服务没有应答;请启动它(ops/start)或查看日志"));
    return EXIT_UNREACHABLE;
}

/* The person's own key where there is one, else the machine's; the bus knows them by these names. */
static int read_own_keys(const char *home, const char *login, char name[KEYS_NAME_BYTES],
                         struct curve_keys *keys)
{
    int length = snprintf(name, KEYS_NAME_BYTES, PROGRAM_PERSON_PREFIX "%s", login ? login : "");
    if (login && length < KEYS_NAME_BYTES && keys_read_curve(home, name, keys) == 0)
        return 0;
    (void)text_copy(name, KEYS_NAME_BYTES, "ctl");
    return keys_read_curve(home, name, keys);
}

/* login: NULL when nobody signs in. */
static int open_link(struct session *session, const char *home, const char *login, bool subscribe,
                     uint64_t after)
{
    static const struct link_handlers handlers = { .up = on_up,
                                                   .outcome = on_outcome,
                                                   .reply = on_reply,
                                                   .signed_in = on_signed_in,
                                                   .event = on_event };
    static struct settings settings;
    struct curve_keys keys;
    char name[KEYS_NAME_BYTES];
    struct link_settings wanted = {
        .name = name, .home = home, .subscribe = subscribe, .after = after
    };

    int status = settings_read(&settings, home, complain_sentence, NULL);
    if (status == -ENOENT)
        complain(
            words("there is no home at %s; say --home DIR", "%s 不是安装目录;请用 --home 指定"),
            home);
    if (status < 0)
        return EXIT_FAILED;
    if (read_own_keys(home, login, name, &keys) < 0 ||
        keys_read_public(home, "dispatcher", wanted.server_public) < 0) {
        complain(words("cannot read the keys ctl and dispatcher in %s/keys; yihao keys make",
                       "无法读取 %s/keys 中 ctl 与 dispatcher 的密钥;请运行 yihao keys make"),
                 home);
        return EXIT_FAILED;
    }
    wanted.endpoint = settings.dispatcher.commands;
    wanted.twin = settings.dispatcher.twin_commands;
    (void)text_copy(wanted.public_key, sizeof wanted.public_key, keys.public_key);
    (void)text_copy(wanted.secret_key, sizeof wanted.secret_key, keys.secret_key);
    status = link_open(&session->link, &wanted, &handlers, session);
    sodium_memzero(&keys, sizeof keys);
    sodium_memzero(&wanted, sizeof wanted);
    if (status < 0) {
        complain(words("cannot open the bus: %s", "无法连接总线: %s"), strerror(-status));
        return EXIT_FAILED;
    }
    return EXIT_DONE;
}

/* code: NULL for none. */
static int sign_in_once(struct session *session, const char *login, const char *password,
                        const char *code)
{
    uint64_t id = 0;
    session->signed_in_came = false;
    int status = link_sign_in(session->link, login, password, code ? code : "", &id);
    return status < 0 || !wait_for(session, &session->signed_in_came, SESSION_WAIT_MS)
               ? unreachable()
               : EXIT_DONE;
}

static int sign_in(struct session *session, const char *home, const char *login)
{
    char password[PASSWORD_BYTES], typed[PASSWORD_BYTES];
    int status = password_find(home, login, password);
    if (status != EXIT_DONE)
        return status;
    status = sign_in_once(session, login, password, getenv("YIHAO_CODE"));
    if (status == EXIT_DONE && session->signed_in.refusal == REFUSAL_CODE_WANTED &&
        !getenv("YIHAO_CODE") && password_prompt(words("One-time code:", "动态口令:"), typed)) {
        status = sign_in_once(session, login, password, typed);
        sodium_memzero(typed, sizeof typed);
    }
    sodium_memzero(password, sizeof password);
    return status == EXIT_DONE ? session_refused(session->signed_in.refusal) : status;
}

static int prove_once(struct session *session, const char *password, const char *code)
{
    const struct signed_in held = session->signed_in;
    uint64_t id = 0;
    session->signed_in_came = false;
    int status = link_prove(session->link, held.token, held.token_size, password, code, &id);
    if (status < 0 || !wait_for(session, &session->signed_in_came, SESSION_WAIT_MS))
        return unreachable();
    if (session->signed_in.refusal == REFUSAL_NONE)
        return EXIT_DONE;
    enum refusal refusal = session->signed_in.refusal;
    session->signed_in = held; /* goes on as it was */
    session->signed_in.refusal = refusal;
    return EXIT_DONE;
}

/* What was asked wants a fresh proof: the person at the terminal gives it, a file does not. Returns
 * false when there is none; the refusal stays the answer. */
static bool prove(struct session *session)
{
    char password[PASSWORD_BYTES], typed[PASSWORD_BYTES] = "";
    if (!password_prompt(
            words("Your password once more, for this step:", "此操作需要再次验证,请重新输入密码:"),
            password))
        return false;
    int status = prove_once(session, password, "");
    if (status == EXIT_DONE && session->signed_in.refusal == REFUSAL_CODE_WANTED &&
        password_prompt(words("One-time code:", "动态口令:"), typed))
        status = prove_once(session, password, typed);
    sodium_memzero(password, sizeof password);
    sodium_memzero(typed, sizeof typed);
    return status == EXIT_DONE && session_refused(session->signed_in.refusal) == EXIT_DONE;
}

int session_open(struct session **session, const struct request *request, const char *login)
{
    login = request->as ? request->as : login;
    if (!login || !*login) {
        complain(words("say who you are: --as LOGIN", "请用 --as LOGIN 说明身份"));
        return EXIT_USAGE;
    }
    struct session *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return EXIT_FAILED;
    int status = open_link(fresh, request->home, login, false, 0);
    if (status == EXIT_DONE && !wait_for(fresh, &fresh->up, SESSION_WAIT_MS))
        status = unreachable();
    if (status == EXIT_DONE)
        status = sign_in(fresh, request->home, login);
    if (status != EXIT_DONE) {
        session_close(fresh);
        return status;
    }
    *session = fresh;
    return EXIT_DONE;
}

int session_look(struct session **session, const struct request *request)
{
    char login[33] = "";
    if (!request->as)
        login_of_role(request->home, ROLE_SUPERVISOR, login);
    return session_open(session, request, login);
}

void session_close(struct session *session)
{
    if (!session)
        return;
    if (session->link)
        link_close(session->link);
    sodium_memzero(session, sizeof *session); /* a sign-out would end their browser's session */
    free(session);
}

const struct user_row *session_user(const struct session *session)
{
    return &session->signed_in.user;
}

static int ask_once(struct session *session, const struct query *query)
{
    session->answer_came = false;
    if (link_ask(session->link, query, session->signed_in.token, session->signed_in.token_size,
                 &session->asked) < 0 ||
        !wait_for(session, &session->answer_came, SESSION_WAIT_MS))
        return unreachable();
    return EXIT_DONE;
}

int session_ask_quietly(struct session *session, const struct query *query,
                        const struct answer **answer)
{
    int code = ask_once(session, query);
    if (code == EXIT_DONE && session->answer.refusal == REFUSAL_PROOF_WANTED && prove(session))
        code = ask_once(session, query);
    *answer = &session->answer;
    return code;
}

int session_ask(struct session *session, const struct query *query, const struct answer **answer)
{
    int code = session_ask_quietly(session, query, answer);
    return code == EXIT_DONE ? session_refused((*answer)->refusal) : code;
}

int session_find_incident(struct session *session, const struct incident_query *named,
                          uint64_t *incident)
{
    struct query query = { .kind = QUERY_INCIDENT, .incident = *named };
    const struct answer *answer = NULL;
    int code = session_ask(session, &query, &answer);
    if (code == EXIT_DONE)
        *incident = answer->incident_detail.row.incident;
    return code;
}

int session_read_incident(struct session *session, const char *written, uint64_t *incident)
{
    struct incident_query named;
    int code = incident_read(written, &named);
    *incident = named.incident;
    if (code == EXIT_DONE && named.number != 0)
        code = session_find_incident(session, &named, incident);
    return code;
}

void session_wait(struct session *session, uint64_t ms)
{
    const bool never = false;
    (void)wait_for(session, &never, ms);
}

static int submit_once(struct session *session, const struct command *command,
                       const struct personal *personal)
{
    session->outcome_came = false;
    if (link_submit(session->link, command, personal, session->signed_in.token,
                    session->signed_in.token_size, &session->ticket) < 0 ||
        !wait_for(session, &session->outcome_came, SESSION_WAIT_MS)) {
        complain(
            words("no answer in %d s: whether it was done is not known; look before you repeat it",
                  "%d 秒内没有应答,是否完成未知;重试前请先查看"),
            SESSION_WAIT_MS / 1000);
        return EXIT_UNREACHABLE;
    }
    return EXIT_DONE;
}

int session_submit(struct session *session, const struct command *command,
                   const struct personal *personal, struct outcome *outcome)
{
    int code = submit_once(session, command, personal);
    if (code == EXIT_DONE && session->outcome.refusal == REFUSAL_PROOF_WANTED && prove(session))
        code = submit_once(session, command, personal);
    if (code == EXIT_DONE)
        *outcome = session->outcome;
    return code;
}

int session_follow(const struct request *request, uint64_t after, session_event *each, void *owner)
{
    struct session session = { .each = each, .owner = owner };
    int status = open_link(&session, request->home, request->as, true, after);
    if (status == EXIT_DONE && !wait_for(&session, &session.up, SESSION_WAIT_MS))
        status = unreachable();
    if (status == EXIT_DONE)
        (void)wait_for(&session, &session.done, 0);
    if (session.link)
        link_close(session.link);
    return status;
}
