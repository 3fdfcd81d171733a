/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * golden_text: a text that people signed. */
#ifndef TESTS_GOLDEN_GOLDEN_TEXT_H
#define TESTS_GOLDEN_GOLDEN_TEXT_H

/* Holds that the words are those of the file; with YIHAO_GOLDEN=write in the environment they become
 * the file instead. */
void assert_golden(const char *path, const char *words);

#endif
