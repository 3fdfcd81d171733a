/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/memory_fault.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static const char *said;
static struct sigaction before;

static void on_fault(int number)
{
    static const char words[] = ": memory ran out, or a library has a bug; start again\n";
    (void)number;
    ssize_t first = write(STDERR_FILENO, said, strlen(said));
    ssize_t second = write(STDERR_FILENO, words, sizeof words - 1);
    _exit(first < 0 || second < 0 ? 2 : 1);
}

void memory_fault_begin(const char *what)
{
    struct sigaction action = { .sa_handler = on_fault };
    (void)sigemptyset(&action.sa_mask);
    said = what;
    (void)sigaction(SIGSEGV, &action, &before);
}

void memory_fault_end(void)
{
    (void)sigaction(SIGSEGV, &before, NULL);
}
