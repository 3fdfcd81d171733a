/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * memory_fault: for a library that takes memory without a look whether it was given any. Between begin and end a read of
 * nowhere ends the process with a sentence and status 1, not with a signal that says nothing. One at a time in a process. */
#ifndef BASE_MEMORY_FAULT_H
#define BASE_MEMORY_FAULT_H

/* what: the sentence's begin, "the settings could not be read"; it must last until the end. */
void memory_fault_begin(const char *what);
void memory_fault_end(void);

#endif
