/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * transcript: what the fakes of a test heard, one line each, in order. */
#ifndef TESTS_FAKE_TRANSCRIPT_H
#define TESTS_FAKE_TRANSCRIPT_H

void transcript_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Everything since the last call; valid until the next transcript_say(). */
const char *transcript_take(void);

#endif
