/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The same texts in, from the same centre with the same window, into Kannel's bearerbox: what another
 * gateway does on this machine in the same minute. It keeps each text in a file of its spool; nobody
 * fetches them.
 *     bench_sms_rival BEARERBOX [TEXTS] */
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/require.h"
#include "tests/bench/text_centre.h"

enum {
    WINDOW = 500,
    WAIT_MS = 20000
};

static struct text_centre centre;
static char folder[] = "/tmp/yihao-rival-XXXXXX";

static void write_settings(const char *path)
{
    uint16_t base = home_ports();
    char spool[64];
    FILE *file = fopen(path, "we");
    REQUIRE(file);
    (void)snprintf(spool, sizeof spool, "%s/spool", folder);
    REQUIRE(mkdir(spool, 0700) == 0);
    (void)fprintf(file,
                  "group = core\nadmin-port = %u\nadmin-password = bench\nsmsbox-port = %u\n"
                  "log-file = \"%s/log\"\nlog-level = 4\nbox-allow-ip = \"127.0.0.1\"\n"
                  "store-type = spool\nstore-location = \"%s\"\n\n"
                  "group = smsbox\nbearerbox-host = 127.0.0.1\n\n"
                  "group = smsc\nsmsc = smpp\nsmsc-id = bench\nhost = 127.0.0.1\nport = %u\n"
                  "smsc-username = bench\nsmsc-password = bench\nsystem-type = \"\"\n"
                  "transceiver-mode = true\nmax-pending-submits = 100\n",
                  base, base + 1U, folder, spool, centre.port);
    (void)fclose(file);
}

static pid_t rival_start(const char *program, const char *settings)
{
    pid_t pid = fork();
    REQUIRE(pid >= 0);
    if (pid > 0)
        return pid;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    (void)dup2(fd, STDOUT_FILENO);
    (void)dup2(fd, STDERR_FILENO);
    (void)execl(program, program, "-v", "4", settings, (char *)NULL);
    _exit(127);
}

static void turn(int wait_ms)
{
    struct pollfd fd = { .fd = centre.fd, .events = POLLIN };
    (void)poll(&fd, 1, wait_ms);
    text_centre_turn(&centre);
}

int main(int argc, char **argv)
{
    char settings[64], clean[64];
    if (argc < 2)
        return 2;
    uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 10) : 5000;
    REQUIRE(mkdtemp(folder));
    text_centre_open(&centre);
    (void)snprintf(settings, sizeof settings, "%s/settings", folder);
    write_settings(settings);
    pid_t rival = rival_start(argv[1], settings);
    text_centre_accept(&centre);
    for (uint64_t end_ms = clock_mono_ms() + 1000; clock_mono_ms() < end_ms;)
        turn(10);
    double cpu_s = text_cpu_s(rival);
    uint64_t begun_ms = clock_mono_ms(), heard_ms = begun_ms, sent = 0, answered = 0;
    while (centre.answered < count) {
        while (sent < count && sent - centre.answered < WINDOW) {
            text_centre_deliver(&centre, "12345", 10000000 + sent, sent);
            sent++;
        }
        text_centre_flush(&centre);
        turn(100);
        if (centre.answered > answered)
            heard_ms = clock_mono_ms();
        answered = centre.answered;
        REQUIRE(clock_mono_ms() - heard_ms < WAIT_MS);
    }
    double seconds = (double)(clock_mono_ms() - begun_ms) / 1e3;
    cpu_s = text_cpu_s(rival) - cpu_s;
    printf("rival texts=%" PRIu64 " refused=%" PRIu64 " per_s=%.0f per_cpu_s=%.0f\n", count,
           centre.refused, (double)count / seconds, (double)count / cpu_s);
    (void)kill(rival, SIGKILL);
    (void)waitpid(rival, NULL, 0);
    (void)snprintf(clean, sizeof clean, "rm -rf %s", folder);
    return system(clean) == 0 ? 0 : 1;
}
