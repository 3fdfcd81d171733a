/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gateways/trunk/figures.h"

#include <stdio.h>

#include "base/metrics.h"
#include "gateways/trunk/synthetic.h"

struct figure {
    const char *name;
    const char *help;
    uint64_t value;
};

static void write_counters(struct text *text, const struct figure *figures, size_t count)
{
    for (size_t i = 0; i < count; i++)
        metrics_counter(text, figures[i].name, figures[i].help, NULL, figures[i].value);
}

static void write_calls(struct text *text, const struct exchange *exchange)
{
    struct exchange_counts c;
    exchange_count(exchange, &c);
    const struct figure figures[] = {
        { "yihao_trunk_calls_total", "Calls that began.", c.calls },
        { "yihao_trunk_connected_total", "Seats' phones that answered.", c.connected },
        { "yihao_trunk_cancelled_total", "Callers who gave up while waiting.", c.cancelled },
        { "yihao_trunk_offers_total", "Offers ordered by the dispatcher.", c.offers },
        { "yihao_trunk_phone_failures_total", "Offers that a phone failed.", c.phone_failures },
        { "yihao_trunk_parked_total", "Answered callers who went back to waiting.", c.parked },
        { "yihao_trunk_recordings_total", "Recordings that are complete.", c.recordings },
        { "yihao_trunk_poor_legs_total", "Legs whose sound became poor.", c.poor_legs },
        { "yihao_trunk_recordings_failed_total", "Recordings that failed.", c.recordings_failed },
        { "yihao_trunk_registers_total", "REGISTER requests.", c.registers },
        { "yihao_trunk_probes_total", "Legs without sound that were asked.", c.probes },
        { "yihao_trunk_legs_lost_total", "Of them, gone without a word.", c.lost },
        { "yihao_trunk_kept_total", "Calls of the process before that go on.", c.kept },
        { "yihao_trunk_kept_lost_total", "Of them, not to be gone on with.", c.kept_lost },
        { "yihao_trunk_refers_total", "Hand-overs that telephones asked for by REFER.", c.refers },
        { "yihao_trunk_refers_refused_total", "REFERs that were refused.", c.refers_refused },
        { "yihao_trunk_alone_total", "Times without a dispatcher for 2 s.", c.alone_times },
        { "yihao_trunk_alone_rung_total", "Telephones rung by the lines' plans.", c.alone_rung },
        { "yihao_trunk_alone_answered_total", "Callers answered without a dispatcher.",
          c.alone_answered },
        { "yihao_trunk_reports_lost_total", "Reports the link did not take.", c.reports_lost },
        { "yihao_trunk_no_media_total", "Legs without usable sound.", c.no_media },
        { "yihao_trunk_secured_total", "Legs and their renewals whose sound is secured (SRTP).",
          c.secured },
        { "yihao_trunk_emergency_refusals_total",
          "Emergency arrivals the dispatcher refused; reported again.", c.emergency_refusals },
        { "yihao_trunk_gone_untaken_total",
          "Callers of emergency lines who hung up before the dispatcher took their arrival; it is said again.",
          c.gone_untaken },
    };
    write_counters(text, figures, sizeof figures / sizeof figures[0]);
    metrics_counter(text, "yihao_trunk_denied_total", "INVITEs denied, by cause.",
                    "cause=\"unknown_line\"", c.unknown_line);
    metrics_counter(text, "yihao_trunk_denied_total", NULL, "cause=\"unlisted_source\"",
                    c.unlisted_source);
    metrics_counter(text, "yihao_trunk_denied_total", NULL, "cause=\"stranger_flood\"",
                    c.strangers_flood);
    metrics_counter(text, "yihao_trunk_strangers_total",
                    "Emergency calls of no listed source that were taken.", NULL,
                    c.strangers_taken);
    metrics_counter(text, "yihao_trunk_denied_total", NULL, "cause=\"full\"", c.full);
    metrics_gauge(text, "yihao_trunk_alone", "1: no dispatcher; calls go by the lines' plans.",
                  NULL, c.alone);
    metrics_gauge(text, "yihao_trunk_calls", "Calls at present.", NULL, c.calls_now);
    metrics_gauge(text, "yihao_trunk_phones", "Legs to phones at present.", NULL, c.phones_now);
}

static void write_synthetic(struct text *text, const struct exchange *exchange)
{
    struct synthetic_figures figures;
    char labels[128];
    for (uint32_t i = 0; exchange_synthetic(exchange, i, &figures); i++) {
        (void)snprintf(labels, sizeof labels, "to=\"%s\"", figures.uri);
        metrics_gauge(text, "yihao_trunk_synthetic_up",
                      i ? NULL : "1: the last synthetic call was good, and not long ago.", labels,
                      figures.up);
        metrics_gauge(text, "yihao_trunk_synthetic_age_seconds",
                      i ? NULL : "Since the last good one, or the start.", labels,
                      figures.age_ms / 1000);
        metrics_gauge(text, "yihao_trunk_synthetic_answer_ms",
                      i ? NULL : "Of the last good one: INVITE to 200.", labels, figures.answer_ms);
        metrics_gauge(text, "yihao_trunk_synthetic_sound_ms",
                      i ? NULL : "Of the last good one: INVITE to the tone.", labels,
                      figures.sound_ms);
        for (int j = 0; j < SYNTHETIC_RESULTS; j++) {
            (void)snprintf(labels, sizeof labels, "to=\"%s\",result=\"%s\"", figures.uri,
                           synthetic_result_name((enum synthetic_result)j));
            metrics_counter(text, "yihao_trunk_synthetic_total",
                            i || j ? NULL : "Synthetic calls, by result.", labels,
                            figures.results[j]);
        }
    }
}

static void write_carriers(struct text *text, const struct exchange *exchange)
{
    static const struct {
        const char *name, *help;
        bool counter;
    } kinds[] = { { "yihao_trunk_carrier_up", "1: answers, or is not asked.", false },
                  { "yihao_trunk_carrier_enrolled", "1: we are registered with it.", false },
                  { "yihao_trunk_carrier_drained", "1: its ordinary calls are refused.", false },
                  { "yihao_trunk_carrier_calls", "Calls of the carrier at present.", false },
                  { "yihao_trunk_carrier_calls_total", "Calls of the carrier.", true },
                  { "yihao_trunk_carrier_full_total", "Ordinary calls above its share.", true },
                  { "yihao_trunk_carrier_downs_total", "Times it did not answer.", true } };
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        const struct carrier *carrier;
        for (uint32_t i = 0; (carrier = exchange_carrier(exchange, i)); i++) {
            const uint64_t values[] = { carrier->up,          carrier->enrolment.enrolled,
                                        carrier->drained,     carrier->calls,
                                        carrier->calls_total, carrier->full,
                                        carrier->downs };
            char labels[64];
            (void)snprintf(labels, sizeof labels, "carrier=\"%s\"", carrier->settings.name);
            (kinds[k].counter ? metrics_counter : metrics_gauge)(
                text, kinds[k].name, i == 0 ? kinds[k].help : NULL, labels, values[k]);
        }
    }
}

static void write_sip(struct text *text, const struct stack *stack)
{
    struct stack_counts c;
    const struct wire_counts *wire = stack_wire_count(stack);
    stack_count(stack, &c);
    const struct figure figures[] = {
        { "yihao_sip_requests_total", "Requests heard.", c.requests_in },
        { "yihao_sip_responses_total", "Responses heard.", c.responses_in },
        { "yihao_sip_retransmissions_total", "Messages heard again.", c.retransmissions_in },
        { "yihao_sip_invites_absorbed_total", "INVITEs heard again after their 2xx.",
          c.invites_absorbed },
        { "yihao_sip_merged_total", "Requests that came by two paths.", c.merged },
        { "yihao_sip_unparsed_total", "Messages the parser refused.", c.unparsed },
        { "yihao_sip_mended_total", "Requests read in spite of their flaws.", c.mended },
        { "yihao_sip_strangers_total", "Requests of strangers, refused without a trace.",
          c.strangers },
        { "yihao_sip_stray_responses_total", "Responses to nothing.", c.stray_responses },
        { "yihao_sip_parser_words_total", "Complaints of the parser.", c.parser_words },
        { "yihao_sip_full_total", "Requests dropped: no transaction left.", c.transactions_full },
        { "yihao_sip_sent_total", "Messages sent.", wire->messages_out },
        { "yihao_sip_send_errors_total", "Messages that could not be sent.", wire->send_errors },
        { "yihao_sip_tls_failed_total", "TLS handshakes that failed.", wire->greetings_failed },
        { "yihao_sip_tls_renewals_total", "New certificates taken.", wire->renewals },
        { "yihao_sip_flooded_total", "Datagrams dropped above a source's rate.", wire->flooded },
    };
    write_counters(text, figures, sizeof figures / sizeof figures[0]);
    for (int i = FILTER_KEEP_ALIVE; i < FILTER_CAUSE_COUNT; i++) {
        char labels[48];
        (void)snprintf(labels, sizeof labels, "cause=\"%s\"",
                       filter_cause_name((enum filter_cause)i));
        metrics_counter(text, "yihao_sip_refused_total",
                        i == FILTER_KEEP_ALIVE ? "Messages the filter kept out, by cause." : NULL,
                        labels, wire->refused[i]);
    }
    metrics_gauge(text, "yihao_sip_transactions", "Transactions at present.", NULL, c.transactions);
    metrics_gauge(text, "yihao_sip_connections", "TCP and TLS connections.", NULL,
                  wire->connections);
    metrics_gauge(text, "yihao_sip_tls_connections", "Of them over TLS.", NULL, wire->secured);
}

static void write_link(struct text *text, const struct link *link)
{
    struct link_counts c;
    link_count(link, &c);
    const struct figure figures[] = {
        { "yihao_link_submitted_total", "Commands submitted.", c.submitted },
        { "yihao_link_resent_total", "Commands sent again.", c.resent },
        { "yihao_link_spooled_total", "Commands kept in the spool.", c.spooled },
        { "yihao_link_outcomes_total", "Outcomes heard.", c.outcomes },
        { "yihao_link_orders_total", "Orders heard.", c.orders },
        { "yihao_link_reconnects_total", "Connections made anew.", c.reconnects },
    };
    write_counters(text, figures, sizeof figures / sizeof figures[0]);
    metrics_gauge(text, "yihao_link_waiting", "Commands without an outcome.", NULL, c.waiting);
    metrics_gauge(text, "yihao_link_up", "1: the dispatcher answers.", NULL, link_is_up(link));
}

static void write_media(struct text *text, const struct media *media)
{
    struct media_counts c;
    media_count(media, &c);
    const struct figure figures[] = {
        { "yihao_media_packets_in_total", "RTP packets heard.", c.packets_in },
        { "yihao_media_packets_out_total", "RTP packets sent.", c.packets_out },
        { "yihao_media_packets_foreign_total", "Packets of strangers, dropped.",
          c.packets_foreign },
        { "yihao_media_packets_bad_total",
          "Packets that are no RTP, or not under the stream's key.", c.packets_bad },
        { "yihao_media_late_turns_total", "Turns of 20 ms that were late.", c.late_turns },
    };
    write_counters(text, figures, sizeof figures / sizeof figures[0]);
    metrics_gauge(text, "yihao_media_channels", "RTP channels open.", NULL, c.channels);
    metrics_gauge(text, "yihao_media_recordings", "Recordings being written.", NULL, c.recordings);
}

void figures_write(struct text *text, const struct exchange *exchange, const struct stack *stack,
                   const struct link *link, const struct media *media)
{
    write_calls(text, exchange);
    write_carriers(text, exchange);
    write_synthetic(text, exchange);
    write_sip(text, stack);
    write_link(text, link);
    write_media(text, media);
}
