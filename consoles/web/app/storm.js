// SPDX-License-Identifier: GPL-3.0-or-later
// The reserve that is kept for emergencies, the storm with its switch, clusters of calls about one
// place, and the service level of lines and bands.
import { computed, html, signal } from './ui.js';
import { Act } from './pick.js';
import { LineMark, Since } from './marks.js';
import { storm } from './alarms.js';
import { city, status } from './store.js';
import { percent } from './figures.js';
import { use_keys } from './keys.js';
import { is_set } from './row.js';
import { open_incident } from './incident.js';
import { now, span } from './clock.js';
import { words } from './schema.js';
import { said, t } from './words.js';
import { notify, told } from './notice.js';
import { send } from './outbox.js';

/** A second press within this time means it. */
const SURE_MS = 5000;
const asked_ms = signal(0);
const sure = computed(() => now.value - asked_ms.value < SURE_MS);

async function turn() {
    const on = storm.rows.value.cause !== 'none';
    if (!sure.value) {
        asked_ms.value = now.value;
        return;
    }
    asked_ms.value = 0;
    if (told(await send(on ? { storm_leave: {} } : { storm_enter: {} }))) notify('good', t(on ? 'storm.left' : 'storm.entered'));
    storm.refresh();
}
/** @param {import('./schema.js').ClusterRow} row */
async function announce(row) {
    if (told(await send({ cluster_announce: { cluster: row.cluster, on: !row.announced } }))) storm.refresh();
}

/** Each band's lines together, the most urgent first. */
const bands = computed(() => {
    const band_of = new Map(city.rows.value.lines.map((row) => [row.line, row.band]));
    /** @type {Map<string, { answered: number, in_time: number, waiting: number, oldest_ms: number }>} */
    const sums = new Map();
    for (const row of status.rows.value.lines) {
        const band = band_of.get(row.line) ?? 'ordinary';
        const sum = sums.get(band) ?? { answered: 0, in_time: 0, waiting: 0, oldest_ms: 0 };
        sum.answered += row.answered;
        sum.in_time += row.answered_in_time;
        sum.waiting += row.waiting;
        if (row.oldest_ms && (!sum.oldest_ms || row.oldest_ms < sum.oldest_ms)) sum.oldest_ms = row.oldest_ms;
        sums.set(band, sum);
    }
    return [...sums.entries()].sort(([a], [b]) => words.band.indexOf(a) - words.band.indexOf(b));
});

export function Bands() {
    return html`<dl class="bands" aria-label=${t('storm.bands')}>${bands.value.map(([band, sum]) => html`<div key=${band}>
        <dt>${said('band', band)}</dt><dd class="digits"><b>${percent(sum.in_time, sum.answered)}</b>${' '}
        <span class=${sum.waiting ? 'countdown near' : 'quiet'}>${t('storm.waiting', { n: sum.waiting })}${sum.oldest_ms ? ` · ${span(now.value - sum.oldest_ms)}` : ''}</span></dd></div>`)}</dl>`;
}

export function Storm() {
    const within = () => /** @type {HTMLElement | null} */ (document.querySelector('.storm'));
    use_keys([{ key: 'KeyS', words: 'storm.key', within, act: () => void turn() }]);
    const { cause, since_ms, rate, forecast, clusters, line } = storm.rows.value;
    const on = cause !== 'none';
    const reserve = status.rows.value.reserve;
    return html`<section class="zone storm" data-zone="storm" aria-labelledby="storm-title">
        <h2 id="storm-title">${t('storm.title')} ${on ? html`<span class="tag bad">${t('storm.on')} ${said('storm_cause', cause)} ${line || ''} <${Since} since_ms=${since_ms} /></span>` : html`<span class="tag good">${t('storm.off')}</span>`}
            ${rate ? html`<span class="quiet">${t('storm.rate', { rate, forecast })}</span>` : ''}</h2>
        <${Bands} />
        <p class="line-1">${t('storm.reserve')} <b class="digits">${reserve.signed_on ? `${reserve.takers} / ${reserve.signed_on}` : '–'}</b> ${reserve.extra ? html`<span class="tag warn">${t('storm.extra', { n: reserve.extra })}</span>` : ''}
            <span class="quiet">${t('storm.five_minutes')} ${percent(reserve.in_time, reserve.answered)}</span></p>
        <p class="acts"><${Act} keys="S" tone=${sure.value ? 'danger' : ''} onClick=${turn}>${t(sure.value ? 'storm.sure' : on ? 'storm.leave' : 'storm.enter')}<//></p>
        ${clusters.length ? html`<ul class="texts">${clusters.map((row) => html`<li key=${row.cluster}><${LineMark} line=${row.line} /> <b>${t('storm.calls', { n: row.calls })}</b> <span class="quiet digits">${row.east_cell},${row.north_cell}</span>
            ${is_set(row.incident) ? html`<button type="button" class="chip" onClick=${() => open_incident(row.incident)}>#${row.incident}</button>` : ''}
            <button type="button" class="chip right" aria-pressed=${String(row.announced)} onClick=${() => announce(row)}>${t(row.announced ? 'storm.silence' : 'storm.announce')}</button></li>`)}</ul>` : ''}
    </section>`;
}
