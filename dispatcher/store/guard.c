/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/store/guard.h"

#include <setjmp.h>
#include <signal.h>
#include <stddef.h>

static _Thread_local sigjmp_buf *current;
static struct sigaction before_segv, before_bus;

void guard_break(void)
{
    if (current)
        siglongjmp(*current, 1);
}

/* Of a read that faults: the kernel gives it to the thread that read, where it stands. */
static void on_fault(int number)
{
    guard_break();
    /* Nobody waits for it: the instruction is done again, and means what it did before. */
    (void)sigaction(number, number == SIGSEGV ? &before_segv : &before_bus, NULL);
}

static void prepare(int number, struct sigaction *before)
{
    /* The step is left by a jump: its signal must not stay blocked. */
    struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_NODEFER }, now;
    (void)sigemptyset(&action.sa_mask);
    if (sigaction(number, NULL, &now) < 0 || now.sa_handler == on_fault)
        return;
    *before = now;
    (void)sigaction(number, &action, NULL);
}

void guard_prepare(void)
{
    prepare(SIGSEGV, &before_segv);
    prepare(SIGBUS, &before_bus);
}

int guard_call(guarded_step *step, void *owner, int broken)
{
    sigjmp_buf here;
    sigjmp_buf *volatile outer = current;
    if (sigsetjmp(here, 0) != 0) {
        current = outer;
        return broken;
    }
    current = &here;
    int status = step(owner);
    current = outer;
    return status;
}
