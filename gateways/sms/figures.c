/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/figures.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/metrics.h"

/* One figure of the sessions: its name, what it says, and where it stands. */
struct session_figure {
    const char *name, *words, *cause;
    size_t offset;
};

#define FIGURE(name, words, member)                                                                \
    {                                                                                              \
        "yihao_sms_" name "_total", words, NULL, offsetof(struct session_counts, member)           \
    }
#define BAD(cause, words, member)                                                                  \
    {                                                                                              \
        "yihao_sms_bad_pdus_total", words, ",cause=\"" cause "\"",                                 \
            offsetof(struct session_counts, member)                                                \
    }

static const struct session_figure session_figures[] = {
    FIGURE("connects", "Connections tried", connects),
    FIGURE("binds", "Binds accepted", binds),
    FIGURE("bind_refusals", "Binds refused", bind_refusals),
    FIGURE("losses", "Connections lost", losses),
    FIGURE("submits", "Texts sent", submits),
    FIGURE("submit_refusals", "Texts refused by a centre", submit_refusals),
    FIGURE("unknown_outcomes", "Texts whose answer was lost with the connection", unknown_outcomes),
    FIGURE("throttled", "Answers that ask for less speed", throttled),
    FIGURE("delivers", "Citizens' pieces received", delivers),
    FIGURE("receipts", "Receipts received", receipts),
    FIGURE("enquiries", "Silent lines asked", enquiries),
    FIGURE("queries", "Questions about texts sent before", queries),
    FIGURE("out_bad_receipts", "Receipts that cannot be read", bad_receipts),
    BAD("malformed", "PDUs not taken as they are", malformed),
    BAD("unknown_command", NULL, unknown_commands),
    BAD("misplaced", NULL, misplaced),
    BAD("stray_answer", NULL, stray),
    BAD("broken_options", NULL, broken_options),
    BAD("garbage", NULL, garbage),
};

/* What all binds of one centre counted. */
static uint64_t sum_of(const struct centres *centres, uint32_t centre, size_t offset)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < centres_binds(centres); i++) {
        const struct session *session = centres_bind(centres, i);
        uint64_t one = 0;

        if (session->centre_index != centre)
            continue;
        memcpy(&one, (const char *)&session->counts + offset, sizeof one);
        sum += one;
    }
    return sum;
}

static void centres_write(const struct centres *centres, struct text *text)
{
    uint64_t bound = 0;
    char labels[128];

    for (uint32_t i = 0; i < centres_binds(centres); i++)
        bound += session_is_bound(centres_bind(centres, i));
    metrics_gauge(text, "yihao_sms_bound", "Connections bound to message centres", NULL, bound);
    for (uint32_t i = 0; i < centres_binds(centres); i++) {
        const struct session *session = centres_bind(centres, i);

        (void)snprintf(labels, sizeof labels, "centre=\"%s\",bind=\"%u\",protocol=\"%s\"",
                       session->centre->name, (unsigned)i, session->centre->protocol);
        metrics_gauge(text, "yihao_sms_bind_up", i == 0 ? "1 while this one is bound" : NULL,
                      labels, session_is_bound(session));
    }
    for (size_t f = 0; f < sizeof session_figures / sizeof *session_figures; f++) {
        const struct session_figure *figure = &session_figures[f];

        for (uint32_t i = 0; i < centres_count(centres); i++) {
            (void)snprintf(labels, sizeof labels, "centre=\"%s\"%s",
                           centres_centre(centres, i)->name, figure->cause ? figure->cause : "");
            metrics_counter(text, figure->name, i == 0 ? figure->words : NULL, labels,
                            sum_of(centres, i, figure->offset));
        }
    }
}

static void inbox_write(const struct exchange_counts *counts, struct text *text)
{
    const struct inbox_counts *inbox = &counts->inbox;
    const char *refused = "yihao_sms_in_refused_total";

    metrics_counter(text, "yihao_sms_in_texts_total", "Citizens' texts taken in", NULL,
                    inbox->texts);
    metrics_counter(text, "yihao_sms_in_parts_total", "Parts of long texts", NULL, inbox->parts);
    metrics_counter(text, "yihao_sms_in_repeats_total", "Deliveries recognised as repeats", NULL,
                    inbox->repeats);
    metrics_counter(text, "yihao_sms_in_incomplete_total", "Long texts that lacked a part", NULL,
                    inbox->incomplete);
    metrics_counter(text, "yihao_sms_in_locations_total", "Telephones' own texts about their place",
                    NULL, counts->locations);
    metrics_counter(text, "yihao_sms_in_bad_locations_total", "Of these, those nobody can read",
                    NULL, counts->bad_locations);
    metrics_counter(text, refused, "Texts the centre must send again or was told not to",
                    "cause=\"dispatcher\"", inbox->refused);
    metrics_counter(text, refused, NULL, "cause=\"full\"", inbox->full);
    metrics_counter(text, refused, NULL, "cause=\"unknown_number\"", counts->unknown_numbers);
    metrics_counter(text, refused, NULL, "cause=\"refused_after_answer\"", counts->late_refusals);
    metrics_counter(text, "yihao_sms_originals_erased_total",
                    "PDUs destroyed with their citizen's data", NULL, counts->erased);
    metrics_counter(text, "yihao_sms_originals_failures_total", "PDUs that could not be kept", NULL,
                    counts->originals_failures);
    metrics_gauge(text, "yihao_sms_in_open", "Texts on their way to the dispatcher", NULL,
                  inbox->open);
    metrics_gauge(text, "yihao_sms_in_parts_waiting", "Parts that wait for others", NULL,
                  inbox->waiting);
}

static void outbox_write(const struct exchange_counts *counts, struct text *text)
{
    const struct outbox_counts *outbox = &counts->outbox;

    metrics_counter(text, "yihao_sms_out_ordered_total", "Texts ordered", NULL, outbox->ordered);
    metrics_counter(text, "yihao_sms_out_repeated_total", "Orders that were held already", NULL,
                    outbox->repeated);
    metrics_counter(text, "yihao_sms_out_recalled_total", "Texts that were taken back", NULL,
                    outbox->recalled);
    metrics_counter(text, "yihao_sms_out_questions_total",
                    "What a centre was asked of a text it has, cancelling included", NULL,
                    outbox->questions);
    metrics_counter(text, "yihao_sms_out_parts_taken_total", "Parts the centre took", NULL,
                    outbox->parts_taken);
    metrics_counter(text, "yihao_sms_out_bundled_total", "Texts that went out many to a PDU", NULL,
                    counts->bundled);
    metrics_counter(text, "yihao_sms_out_replaced_total",
                    "Texts that got other words at their centre", NULL, counts->replaced);
    metrics_counter(text, "yihao_sms_out_possible_duplicates_total",
                    "Parts sent again because their answer was lost", NULL,
                    outbox->possible_duplicates);
    metrics_counter(text, "yihao_sms_out_cleared_up_total",
                    "Parts without answer that a receipt proved", NULL, outbox->cleared_up);
    metrics_counter(text, "yihao_sms_out_dropped_total", "Texts another gateway sends", NULL,
                    outbox->dropped);
    metrics_counter(text, "yihao_sms_out_delivered_total", "Texts with all receipts", NULL,
                    outbox->delivered);
    metrics_counter(text, "yihao_sms_out_failed_total", "Texts that cannot be delivered", NULL,
                    outbox->failed);
    metrics_counter(text, "yihao_sms_out_forgotten_total", "Texts whose receipt never came", NULL,
                    outbox->forgotten);
    metrics_counter(text, "yihao_sms_out_stray_receipts_total", "Receipts of no text held", NULL,
                    outbox->stray_receipts);
    metrics_gauge(text, "yihao_sms_out_held", "Texts in the outbox", NULL, outbox->held);
    metrics_gauge(text, "yihao_sms_out_fenced", "Texts that wait for leave", NULL, outbox->fenced);
    metrics_gauge(text, "yihao_sms_out_waiting", "Texts with a part to send", NULL,
                  outbox->waiting);
}

void figures_write(const struct exchange_counts *counts, const struct centres *centres,
                   const struct link_counts *link, bool link_up, struct text *text)
{
    centres_write(centres, text);
    inbox_write(counts, text);
    outbox_write(counts, text);
    metrics_gauge(text, "yihao_link_up", "1 while the dispatcher answers", NULL, link_up);
    metrics_gauge(text, "yihao_link_waiting", "Submissions without outcome", NULL, link->waiting);
    metrics_counter(text, "yihao_link_spooled_total", "Submissions spooled", NULL, link->spooled);
    metrics_counter(text, "yihao_link_resent_total", "Submissions sent again", NULL, link->resent);
    metrics_counter(text, "yihao_link_reconnects_total", "Reconnections", NULL, link->reconnects);
}
