/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * press: the pages of a paper, as PDF. The only file that knows cairo and pango (cairo 1.16, pango 1.50). Words stay
 * words: they can be searched for and copied, headings and tables are tagged, and of the typefaces what is used goes along. */
#ifndef CONSOLES_PAPER_PRESS_H
#define CONSOLES_PAPER_PRESS_H

#include <stdint.h>
#include <stdio.h>

enum {
    PRESS_PAGES_MAX = 2000
};

/* Prints the text (consoles/paper/paper.h; written into). Returns 0; -EBADMSG: it is no paper; -EFBIG: too many
 * pages; -EIO: it could not be written. */
int press_print(char *text, FILE *to, uint32_t *pages);

#endif
