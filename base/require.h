/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * REQUIRE states what must hold for the program to be right. It is on in every build: a broken
 * invariant ends the process before it can write anything false; the journal is the way back.
 * Never for what comes from outside: bad input is a refusal or -EBADMSG, not a bug. */
#ifndef BASE_REQUIRE_H
#define BASE_REQUIRE_H

#define REQUIRE(condition) ((condition) ? (void)0 : require_failed(#condition, __FILE__, __LINE__))

__attribute__((cold)) _Noreturn void require_failed(const char *condition, const char *file,
                                                    int line);

#endif
