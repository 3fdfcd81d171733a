/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * aml_post: telephones' places by HTTPS (Advanced Mobile Location, ETSI TS 103 625): POST /aml with a form
 * that the operator, or the telephone maker's server, has signed. HOME/keys/aml holds who may, a line each:
 * NAME:SECRET, "#" begins a comment; without the file there is no such path. A form becomes a CallerLocate
 * like a telephone's text: the place of the live call, never a contact. The same form again is the same. */
#ifndef CONSOLES_SERVER_AML_POST_H
#define CONSOLES_SERVER_AML_POST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    AML_SENDERS_MAX = 16,
    AML_SECRET_BYTES = 129,
    AML_BODY_MAX = 4096,
    AML_A_SECOND = 200, /* forms of one second; more are told to come again */
    AML_WAITING_MAX = 64
};

struct aml_senders {
    uint32_t count;
    struct {
        char name[32];
        char secret[AML_SECRET_BYTES];
    } rows[AML_SENDERS_MAX];
};

/* Returns 0, also without a file, or a negative errno after a log line. */
int aml_senders_read(struct aml_senders *senders, const char *home);

/* Who signed the octets: HMAC by SHA-1 (40 hexadecimal digits, as telephones do) or SHA-256 (64), over what
 * stands before "&hmac=". The sender's name, NULL: nobody we know. */
const char *aml_signer(const struct aml_senders *senders, const char *body, size_t length,
                       const char *signature, size_t signature_length);

struct console;
struct exchange;
struct request;
struct waiter;
struct outcome;

void aml_post(struct console *console, struct exchange *exchange, const struct request *request);
void aml_outcome(struct console *console, const struct waiter *waiter,
                 const struct outcome *outcome);

#endif
