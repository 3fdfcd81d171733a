/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The outbox of a message gateway: 100,000 texts lie in it (resident memory), then all go out, each is
 * answered, has its receipt and is reported, with a sync of the file every 64 texts as a busy turn has
 * it. No socket and no dispatcher: what the outbox itself costs. And how long its file is rewritten with all of them,
 * which is what the gateway's loop stands still for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/require.h"
#include "base/text.h"
#include "gateways/sms/outbox.h"
#include "tests/bench/cpu.h"

enum {
    TEXTS = 100000,
    TURN = 64
};

static double cpu_s(void)
{
    return (double)process_cpu_ns() / 1e9;
}

static double resident_mib(void)
{
    unsigned long pages = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    REQUIRE(file && fscanf(file, "%lu %lu", &pages, &resident) == 2);
    (void)fclose(file);
    return (double)resident * (double)sysconf(_SC_PAGESIZE) / 1048576;
}

static void sync_all(struct outbox *outbox)
{
    struct unsynced file;
    REQUIRE(outbox_unsynced(outbox, &file) == 0 && (file.fd < 0 || unsynced_sync(&file) == 0));
}

static void fill(struct outbox *outbox)
{
    static struct order_text order;
    (void)text_copy(order.from, sizeof order.from, "12345");
    (void)text_copy(
        order.words, sizeof order.words,
        "【临江12345】您的诉求已受理，编号20261122000001。查进度请回电12345。勿将编号告知他人。");
    order.receipt = true;
    for (uint64_t i = 1; i <= TEXTS; i++) {
        order.text = i;
        (void)snprintf(order.number, sizeof order.number, "139%08llu", (unsigned long long)i);
        REQUIRE(outbox_put(outbox, &order, 1000) == 0);
        if (i % TURN == 0)
            sync_all(outbox);
    }
}

static void report_all(struct outbox *outbox)
{
    struct outbox_report report;
    while (outbox_next_report(outbox, &report)) {
        outbox_report_is_out(outbox);
        outbox_reported(outbox, report.text, report.state);
    }
}

static uint32_t send_all(struct outbox *outbox)
{
    struct piece_out piece;
    uint32_t sent = 0;
    while (outbox_next(outbox, UINT32_MAX, 2000, &piece)) {
        struct piece_answer answer = { .parcel = piece.parcel, .verdict = PIECE_TAKEN };
        struct receipt receipt = { .state = RECEIPT_DELIVERED };
        outbox_note_sending(outbox, piece.parcel, 1000);
        (void)snprintf(answer.message_id, sizeof answer.message_id, "m%u", ++sent);
        outbox_note_answer(outbox, &answer, 2000);
        report_all(outbox);
        (void)text_copy(receipt.message_id, sizeof receipt.message_id, answer.message_id);
        outbox_note_receipt(outbox, &receipt, 2000);
        report_all(outbox);
        if (sent % TURN == 0)
            sync_all(outbox);
    }
    return sent;
}

int main(void)
{
    char folder[] = "/tmp/yihao-outbox-XXXXXX";
    char path[64];
    struct outbox *outbox = NULL;
    struct outbox_counts counts;
    REQUIRE(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/outbox", folder);
    REQUIRE(outbox_open(&outbox, path) == 0);
    double begun = cpu_s();
    fill(outbox);
    double filled = cpu_s();
    double resident = resident_mib();
    outbox_rewrite(outbox);
    double rewritten = cpu_s();
    uint32_t sent = send_all(outbox);
    double done = cpu_s();
    outbox_count(outbox, &counts);
    REQUIRE(sent == TEXTS && counts.held == 0 && counts.delivered == TEXTS);
    (void)printf("outbox texts=%d resident_mib=%.1f put_per_cpu_s=%.0f "
                 "sent_with_receipt_per_cpu_s=%.0f rewrite_cpu_ms=%.0f\n",
                 TEXTS, resident, TEXTS / (filled - begun), TEXTS / (done - rewritten),
                 (rewritten - filled) * 1000);
    outbox_close(outbox);
    (void)unlink(path);
    return rmdir(folder);
}
