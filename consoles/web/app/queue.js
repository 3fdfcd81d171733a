// SPDX-License-Identifier: GPL-3.0-or-later
// The one queue, in the dispatcher's own order.
import { html, signal } from './ui.js';
import { List } from './list.js';
import { Explain, close_explanation, explained } from './explain.js';
import { use_keys } from './keys.js';
import { Countdown, LineMark, Since, user_name } from './marks.js';
import { is_parked } from './row.js';
import { unpark, waiting } from './seat.js';
import { line_of, status } from './store.js';
import { now, span } from './clock.js';
import { shown_key } from './own-keys.js';
import { said, t } from './words.js';

const chosen = signal('');
const explain = (/** @type {any} */ row) => { explained.value = row.contact; };

const may_unpark = () => waiting.value.some((row) => row.contact === chosen.value && is_parked(row));

/** How far it is with a contact of the queue. @param {import('./schema.js').ContactRow} row */
const stage = (row) => (is_parked(row) ? html`<span class="tag warn">${t('queue.parked', { who: user_name(row.parked_by) })}</span>`
    : html`${said('contact_state', row.state)} ${row.state === 'offered' ? user_name(row.taker) : ''}`);

export function Queue() {
    const within = () => /** @type {HTMLElement | null} */ (document.querySelector('.queue'));
    use_keys([
        { key: 'KeyE', words: 'queue.explain', within, act: () => { explained.value = chosen.value; }, when: () => Boolean(chosen.value) },
        { key: 'KeyT', words: 'call.unpark', within, act: () => unpark(chosen.value), when: may_unpark },
        { key: 'Escape', words: 'key.back', within, act: close_explanation, when: () => Boolean(explained.value) },
    ]);
    return html`<section class="zone queue" data-zone="queue" aria-labelledby="queue-title">
        <h2 id="queue-title">${t('queue.title')} <span class="count">${waiting.value.length}</span>
            ${waiting.value.length ? html`<span class="quiet"><kbd>${shown_key('E')}</kbd> ${t('queue.explain')}${may_unpark() ? html` <kbd>${shown_key('T')}</kbd> ${t('call.unpark')}` : ''}</span>` : ''}</h2>
        ${explained.value ? html`<div id="queue-explained" class="scroll" tabindex="0" role="region" aria-labelledby="queue-title"><${Explain} /></div>`
        : html`<${List} id="queue-list" label=${t('queue.title')} rows=${waiting.value} by=${(/** @type {any} */ row) => row.contact}
            chosen=${chosen.value} onChoose=${(/** @type {string} */ key) => { chosen.value = key; }} onOpen=${explain} empty=${t('queue.empty')}
            tone=${(/** @type {any} */ row) => !is_parked(row) && row.due_ms && row.due_ms < now.value ? 'over' : ''}
            show=${(/** @type {any} */ row) => html`<div class="queue-row"><span><${LineMark} line=${row.line} named /> ${row.channel === 'sms' ? '✉' : ''} ${row.dial ? '☎' : ''}</span>
                <span>${said('band', row.band)}</span><span><${Since} since_ms=${row.arrived_ms} /></span><span><${Countdown} due_ms=${is_parked(row) ? row.parked_until_ms : row.due_ms} /></span>
                <span>${stage(row)} ${row.silence !== 'none' ? html`<span class="tag bad">${said('silence_state', row.silence)}</span>` : ''}</span></div>`} />`}
    </section>`;
}

/** The queue in figures, for the top bar: each line's waiting and the longest wait. */
export function QueueFigures() {
    const lines = status.rows.value.lines.filter((row) => line_of.value.get(row.line)?.retired !== true);
    const oldest = lines.map((row) => row.oldest_ms).filter(Boolean);
    return html`<ul class="figures" aria-label=${t('queue.title')}><li class="quiet longest">${t('queue.longest')} <b class="digits">${oldest.length ? span(now.value - Math.min(...oldest)) : '–'}</b></li>
        ${lines.map((row) => html`<li key=${row.line}
        class=${row.waiting ? 'some' : ''}><${LineMark} line=${row.line} /> <b class="digits">${row.waiting}</b></li>`)}</ul>`;
}
