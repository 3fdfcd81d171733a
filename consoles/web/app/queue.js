// SPDX-License-Identifier: GPL-3.0-or-later
// The one queue, in the dispatcher's own order.
import { html } from './ui.js';
import { Countdown, LineMark, Since, user_name } from './marks.js';
import { waiting } from './seat.js';
import { line_of, status } from './store.js';
import { freshness } from './socket.js';
import { now, span } from './clock.js';
import { said, t } from './words.js';

export function Queue() {
    return html`<section class="zone queue" data-zone="queue" aria-labelledby="queue-title">
        <h2 id="queue-title">${t('queue.title')} <span class="count">${waiting.value.length}</span></h2>
        <div class="scroll" tabindex="0" role="region" aria-labelledby="queue-title"><table>
            <thead><tr><th scope="col">${t('queue.line')}</th><th scope="col">${t('queue.band')}</th>
                <th scope="col">${t('queue.waited')}</th><th scope="col">${t('queue.due')}</th>
                <th scope="col">${t('queue.state')}</th></tr></thead>
            <tbody>${waiting.value.map((row) => html`<tr key=${row.contact} class=${row.due_ms && row.due_ms < now.value ? 'over' : ''}>
                <td><${LineMark} line=${row.line} named /> ${row.channel === 'sms' ? '✉' : ''}</td>
                <td>${said('band', row.band)}</td><td><${Since} since_ms=${row.arrived_ms} /></td>
                <td><${Countdown} due_ms=${row.due_ms} /></td>
                <td>${said('contact_state', row.state)} ${row.state === 'offered' ? user_name(row.taker) : ''}</td></tr>`)}
            </tbody></table>
            ${waiting.value.length ? '' : html`<p class="quiet none">${t(freshness.value === 'red' ? 'stale.unknown' : 'queue.empty')}</p>`}
        </div>
    </section>`;
}

/** The queue in figures, for the top bar: each line's waiting and the longest wait. */
export function QueueFigures() {
    const lines = status.rows.value.lines.filter((row) => line_of.value.get(row.line)?.retired !== true);
    const oldest = lines.map((row) => row.oldest_ms).filter(Boolean);
    return html`<ul class="figures" aria-label=${t('queue.title')}>${lines.map((row) => html`<li key=${row.line}
        class=${row.waiting ? 'some' : ''}><${LineMark} line=${row.line} /> <b class="digits">${row.waiting}</b></li>`)}
        <li class="quiet">${t('queue.longest')} <b class="digits">${oldest.length ? span(now.value - Math.min(...oldest)) : '–'}</b></li></ul>`;
}
