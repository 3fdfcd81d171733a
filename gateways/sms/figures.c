/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/sms/figures.h"

#include "base/metrics.h"

static void session_write(const struct exchange_counts *counts, struct text *text)
{
    const struct smpp_counts *session = &counts->session;
    const char *bad = "yihao_sms_bad_pdus_total";

    metrics_gauge(text, "yihao_sms_bound", "1 while bound to the message centre", NULL,
                  counts->bound);
    metrics_counter(text, "yihao_sms_connects_total", "Connections tried", NULL, session->connects);
    metrics_counter(text, "yihao_sms_binds_total", "Binds accepted", NULL, session->binds);
    metrics_counter(text, "yihao_sms_bind_refusals_total", "Binds refused", NULL,
                    session->bind_refusals);
    metrics_counter(text, "yihao_sms_losses_total", "Connections lost", NULL, session->losses);
    metrics_counter(text, "yihao_sms_submits_total", "submit_sm sent", NULL, session->submits);
    metrics_counter(text, "yihao_sms_submit_refusals_total", "submit_sm refused", NULL,
                    session->submit_refusals);
    metrics_counter(text, "yihao_sms_throttled_total", "Answers that ask for less speed", NULL,
                    session->throttled);
    metrics_counter(text, "yihao_sms_delivers_total", "deliver_sm received", NULL,
                    session->delivers);
    metrics_counter(text, bad, "PDUs not taken as they are", "cause=\"malformed\"",
                    session->malformed);
    metrics_counter(text, bad, NULL, "cause=\"unknown_command\"", session->unknown_commands);
    metrics_counter(text, bad, NULL, "cause=\"stray_answer\"", session->stray);
    metrics_counter(text, bad, NULL, "cause=\"broken_options\"", session->broken_options);
    metrics_counter(text, bad, NULL, "cause=\"garbage\"", session->garbage);
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
    metrics_counter(text, refused, "Texts the centre must send again or was told not to",
                    "cause=\"dispatcher\"", inbox->refused);
    metrics_counter(text, refused, NULL, "cause=\"full\"", inbox->full);
    metrics_counter(text, refused, NULL, "cause=\"unknown_number\"", counts->unknown_numbers);
    metrics_counter(text, refused, NULL, "cause=\"refused_after_answer\"", counts->late_refusals);
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
    metrics_counter(text, "yihao_sms_out_parts_taken_total", "Parts the centre took", NULL,
                    outbox->parts_taken);
    metrics_counter(text, "yihao_sms_out_possible_duplicates_total",
                    "Parts sent again because their answer was lost", NULL,
                    outbox->possible_duplicates);
    metrics_counter(text, "yihao_sms_out_delivered_total", "Texts with all receipts", NULL,
                    outbox->delivered);
    metrics_counter(text, "yihao_sms_out_failed_total", "Texts that cannot be delivered", NULL,
                    outbox->failed);
    metrics_counter(text, "yihao_sms_out_forgotten_total", "Texts whose receipt never came", NULL,
                    outbox->forgotten);
    metrics_counter(text, "yihao_sms_out_stray_receipts_total", "Receipts of no text held", NULL,
                    outbox->stray_receipts);
    metrics_counter(text, "yihao_sms_out_bad_receipts_total", "Receipts that cannot be read", NULL,
                    counts->session.bad_receipts);
    metrics_gauge(text, "yihao_sms_out_held", "Texts in the outbox", NULL, outbox->held);
    metrics_gauge(text, "yihao_sms_out_waiting", "Texts with a part to send", NULL,
                  outbox->waiting);
}

void figures_write(const struct exchange_counts *counts, const struct link_counts *link,
                   bool link_up, struct text *text)
{
    session_write(counts, text);
    inbox_write(counts, text);
    outbox_write(counts, text);
    metrics_gauge(text, "yihao_link_up", "1 while the dispatcher answers", NULL, link_up);
    metrics_gauge(text, "yihao_link_waiting", "Submissions without outcome", NULL, link->waiting);
    metrics_counter(text, "yihao_link_spooled_total", "Submissions spooled", NULL, link->spooled);
    metrics_counter(text, "yihao_link_resent_total", "Submissions sent again", NULL, link->resent);
    metrics_counter(text, "yihao_link_reconnects_total", "Reconnections", NULL, link->reconnects);
}
