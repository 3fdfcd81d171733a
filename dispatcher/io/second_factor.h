/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * second_factor: the one-time code (TOTP, RFC 6238: SHA-1, 6 digits, 30 s, one step either way) or a
 * recovery code behind a right password. HOME/keys/second-factor has a line LOGIN:BASE32:HASH,HASH…
 * for each login that has one (`yihao user totp`); a recovery code works once and is taken out of it. */
#ifndef DISPATCHER_IO_SECOND_FACTOR_H
#define DISPATCHER_IO_SECOND_FACTOR_H

#include <stdint.h>

enum {
    FACTOR_STEP_S = 30,
    FACTOR_DIGITS = 6,
    FACTOR_HASH_BYTES = 16, /* BLAKE2b of "LOGIN:CODE" */
    FACTOR_LINE_BYTES = 512
};

enum factor_verdict {
    FACTOR_NONE,  /* the login has none */
    FACTOR_RIGHT, /* *step is the code's; for a recovery code it is as it was */
    FACTOR_MISSING,
    FACTOR_WRONG
};

/* path: of the file. *step: the last one that was used, 0 none; a code of it or before it is wrong, so
 * that nobody who looked on uses it again. One call at a time. */
enum factor_verdict second_factor_check(const char *path, const char *login, const char *code,
                                        uint64_t now_s, uint64_t *step);

#endif
