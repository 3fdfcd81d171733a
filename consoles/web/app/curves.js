// SPDX-License-Identifier: GPL-3.0-or-later
// What came in the last 24 hours, five minutes by five minutes, of one line or all: arrivals, answers,
// who gave up. Drawn by uPlot, loaded when shown; a table of hours says the same in words.
import { computed, effect, html, signal, useEffect, useRef } from './ui.js';
import { style } from './later.js';
import uPlot from '../vendor/uplot.js';
import { theme } from './bar.js';
import { LiveTable, city, status } from './store.js';
import { percent } from './figures.js';
import { complete } from './row.js';
import { query } from './socket.js';
import { now, span, time_of_day } from './clock.js';
import { language, name_of, t } from './words.js';

/** @typedef {import('./schema.js').LoadRow} LoadRow */
const AGAIN_MS = 30000;
const HOUR_MS = 3600000;
const SLOTS = 288;

const line = signal(0);
const slot_ms = signal(300000);
/** @type {LiveTable<LoadRow[]>} */
const load = new LiveTable(async () => {
    const answer = await query({ load: line.peek() ? { line: line.peek() } : {} });
    if (!answer || answer.refusal) return null;
    slot_ms.value = Number(answer.load?.slot_ms ?? slot_ms.peek());
    return (answer.load?.rows ?? []).map((/** @type {any} */ row) => complete('LoadRow', row));
}, () => false, []);

const last_ms = computed(() => now.value - now.value % slot_ms.value);
/** Every slot of the day, the empty ones too: nothing came is a figure. */
const slots = computed(() => {
    const width = slot_ms.value;
    const known = new Map(load.rows.value.map((row) => [row.from_ms, row]));
    return Array.from({ length: SLOTS + 1 }, (_, i) => {
        const from_ms = last_ms.value - (SLOTS - i) * width;
        return known.get(from_ms) ?? /** @type {LoadRow} */ (complete('LoadRow', { from_ms }));
    });
});
const sums = computed(() => slots.value.reduce((sum, row) => ({ arrived: sum.arrived + row.arrived, answered: sum.answered + row.answered,
    in_time: sum.in_time + row.answered_in_time, abandoned: sum.abandoned + row.abandoned, longest_ms: Math.max(sum.longest_ms, row.longest_ms) }),
{ arrived: 0, answered: 0, in_time: 0, abandoned: 0, longest_ms: 0 }));

const colour = (/** @type {string} */ name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const series = /** @type {const} */ ([['arrived', 'live'], ['answered', 'good'], ['abandoned', 'bad']]);

/** A date whose own fields are the city's: uPlot writes them on the axis. @param {number} s */
const civil = (s) => new Date((s + (status.rows.peek().utc_offset_min + new Date().getTimezoneOffset()) * 60) * 1000);

/** @param {HTMLElement} box */
function options(box) {
    const axis = { stroke: colour('quiet'), grid: { stroke: colour('edge'), width: 1 }, ticks: { stroke: colour('edge'), width: 1 }, font: '13px sans-serif' };
    return { width: box.clientWidth, height: box.clientHeight, cursor: { show: false }, legend: { show: false }, tzDate: civil,
        scales: { y: { range: (/** @type {any} */ _, /** @type {number} */ __, /** @type {number} */ most) => [0, Math.max(4, most)] } },
        axes: [{ ...axis, values: (/** @type {any} */ _, /** @type {number[]} */ at) => at.map((s) => time_of_day(s * 1000).slice(0, 5)), space: 60 }, { ...axis, size: 36 }],
        series: [{}, ...series.map(([name, tone]) => ({ label: t(`curve.${name}`), stroke: colour(tone), width: 2, dash: name === 'abandoned' ? [4, 3] : undefined, points: { show: false } }))] };
}

function Chart() {
    const box = useRef(/** @type {HTMLElement | null} */ (null));
    useEffect(() => {
        const place = /** @type {HTMLElement} */ (box.current);
        let plot = /** @type {uPlot | null} */ (null);
        const data = () => [slots.peek().map((row) => row.from_ms / 1000), ...series.map(([name]) => slots.peek().map((row) => row[name]))];
        const draw = () => {
            plot?.destroy();
            plot = place.clientWidth ? new uPlot(options(place), data(), place) : null;
        };
        const size = new ResizeObserver(draw);
        size.observe(place);
        const again = effect(() => { theme.value; language.value; requestAnimationFrame(draw); }); // by then the theme's colours stand
        const fresh = effect(() => { load.rows.value; plot?.setData(data()); });
        return () => { size.disconnect(); again(); fresh(); plot?.destroy(); };
    }, []);
    const sum = sums.value;
    return html`<div class="chart" ref=${box} role="img" aria-label=${t('curve.words', { arrived: sum.arrived, answered: sum.answered, abandoned: sum.abandoned })}></div>`;
}

/** Hour by hour, for who does not see the curve. */
function Hours() {
    const per = HOUR_MS / slot_ms.value;
    const rows = [];
    for (let i = 0; i + per <= slots.value.length; i += per) rows.push(slots.value.slice(i, i + per));
    return html`<table class="sr"><caption>${t('curve.title')}</caption><thead><tr><th scope="col">${t('curve.from')}</th>${series.map(([name]) => html`<th scope="col" key=${name}>${t(`curve.${name}`)}</th>`)}</tr></thead>
        <tbody>${rows.map((hour) => html`<tr key=${hour[0]?.from_ms}><th scope="row">${time_of_day(hour[0]?.from_ms ?? 0).slice(0, 5)}</th>
            ${series.map(([name]) => html`<td key=${name}>${hour.reduce((sum, row) => sum + row[name], 0)}</td>`)}</tr>`)}</tbody></table>`;
}

export function Curves() {
    useEffect(() => {
        void style('/vendor/uplot.css');
        const stop = load.start();
        const again = setInterval(() => load.refresh(), AGAIN_MS);
        return () => { stop(); clearInterval(again); };
    }, []);
    const sum = sums.value;
    return html`<h2 id="curves-title">${t('curve.title')} <label class="sr" for="curve-line">${t('queue.line')}</label>
            <select id="curve-line" class="small" value=${line.value} onChange=${(/** @type {any} */ e) => { line.value = Number(e.currentTarget.value); load.refresh(); }}>
                <option value="0">${t('curve.all')}</option>${city.rows.value.lines.filter((row) => !row.retired).map((row) => html`<option key=${row.line} value=${row.line}>${row.line} ${name_of(row)}</option>`)}</select></h2>
        <p class="legend small">${series.map(([name, tone]) => html`<span key=${name}><span class=${`swatch ${tone}`} aria-hidden="true"></span> ${t(`curve.${name}`)} <b class="digits">${sum[name]}</b></span>`)}
            <span class="quiet">${t('super.level')} <b class="digits">${percent(sum.in_time, sum.answered)}</b></span><span class="quiet">${t('super.oldest')} <b class="digits">${sum.longest_ms ? span(sum.longest_ms) : '–'}</b></span></p>
        <${Chart} /><${Hours} />`;
}
