/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * yihao-press: a paper (consoles/paper/paper.h) from standard input, as PDF to standard output. A process of its own, with
 * little memory and time, so that no page ever keeps a console's server from its screens, and a typeface that
 * is broken breaks nothing else. It opens no socket and writes no file. Exit: 0; 1: it could not be made. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "consoles/paper/paper.h"
#include "consoles/paper/press.h"

enum {
    MEMORY_MIB = 640, /* of addresses: typefaces are mapped whole */
    CPU_SECONDS = 10
};

static void limit(int what, rlim_t to)
{
    struct rlimit most = { .rlim_cur = to, .rlim_max = to };
    (void)setrlimit((__rlimit_resource_t)what, &most); /* a lower one may stand already */
}

static void bound(void)
{
    limit(RLIMIT_CPU, CPU_SECONDS);
    limit(RLIMIT_CORE, 0);         /* citizens' words may be in memory */
#if !defined(__SANITIZE_ADDRESS__) /* it maps terabytes */
    limit(RLIMIT_AS, (rlim_t)MEMORY_MIB << 20);
#endif
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int main(void)
{
    uint32_t pages = 0;
    bound();
    char *text = malloc(PAPER_BYTES_MAX + 1);
    if (!text)
        return EXIT_FAILURE;
    size_t size = fread(text, 1, PAPER_BYTES_MAX, stdin);
    text[size] = '\0';
    int status =
        ferror(stdin) || strlen(text) != size ? -EBADMSG : press_print(text, stdout, &pages);
    if (status == 0 && fflush(stdout) != 0)
        status = -errno;
    free(text);
    if (status < 0)
        (void)fprintf(stderr, "yihao-press: %s\n", strerror(-status));
    return status < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
