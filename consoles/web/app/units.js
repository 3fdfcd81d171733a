// SPDX-License-Identifier: GPL-3.0-or-later
// A department's units: what each does, for how long, where; one digit reports the next step that its
// state permits (the dispatcher's own table), a chord calls its crew's danger.
import { html, signal, useEffect } from './ui.js';
import { Act } from './pick.js';
import { List } from './list.js';
import { Countdown, Since, kind_name } from './marks.js';
import { LiveTable, ask_rows, me, unit_of } from './store.js';
import { use_keys } from './keys.js';
import { is_set } from './row.js';
import { span } from './clock.js';
import { name_of, said, t } from './words.js';
import { notify, told } from './notice.js';
import { send } from './outbox.js';
import { unit_steps, words } from './schema.js';
import { Radios } from './pick.js';
import { later } from './later.js';

/** @typedef {import('./schema.js').UnitStatus} UnitStatus */
const chosen = signal('');
/** The unit whose reason is asked for. */
const unable = signal(0);
const UnitsMap = later(() => import('./map-units.js'), 'UnitsMap', '/style/map.css');
const map_shown = signal(false);
const about_units = (/** @type {string} */ kind) => /^(unit_|plan_|mayday_|check)/.test(kind);

/** @type {LiveTable<UnitStatus[]>} */
export const own_units = new LiveTable(() => ask_rows({ units: { department: me.peek()?.department ?? 0 } }, 'unit_board', 'UnitStatus', 'unit', 2), about_units, []);

/** What this unit may report now. @param {UnitStatus} row @returns {string[]} */
export function steps_of(row) {
    const machine = unit_of.value.get(row.unit)?.machine ?? 'common';
    const steps = [...(machine !== 'common' ? unit_steps[machine]?.[row.state] ?? [] : []), ...(unit_steps['common']?.[row.state] ?? [])];
    return [...new Set(steps)].filter((step) => step !== 'stand_down').slice(0, 8);
}

const row_of = () => own_units.rows.value.find((row) => String(row.unit) === chosen.value);

/** @param {string} step @param {string} [reason] */
async function report(step, reason) {
    const row = row_of();
    if (!row) return;
    if (step === 'unable' && !reason) {
        unable.value = row.unit;
        requestAnimationFrame(() => document.getElementById(`unable-${words.unable_reason[1]}`)?.focus());
        return;
    }
    unable.value = 0;
    if (told(await send({ unit_report: { unit: row.unit, step, ...(reason ? { reason } : {}) } })))
        notify('good', `${name_of(unit_of.value.get(row.unit))} · ${said('unit_step', step)}`);
    document.getElementById('units-list')?.focus();
}

/** @param {{ row: UnitStatus }} props */
function Row({ row }) {
    return html`<div class="line-1"><span class=${`unit-state ${row.state}`}>${said('unit_state', row.state)}</span> <b>${name_of(unit_of.value.get(row.unit)) || row.unit}</b>
            <span class="quiet">${kind_name(row.kind)}</span>${row.mayday ? html`<span class="tag bad">⚠ ${t('units.mayday')}</span>` : ''}
            ${row.check_in_missed ? html`<span class="tag bad">${t('units.check_in_missed')}</span>` : ''}
            <span class="right">${row.state === 'alerted' && row.sign_due_ms ? html`<${Countdown} due_ms=${row.sign_due_ms} />` : html`<${Since} since_ms=${row.since_ms} />`}</span></div>
        <div class="line-2 quiet">${is_set(row.incident) ? `#${row.incident}` : ''} ${row.stack.length ? t('units.stack', { n: row.stack.length }) : ''}
            ${row.east_cell ? html`<span class=${row.stale ? 'countdown over' : ''}>${row.east_cell},${row.north_cell} · ${t('units.age', { age: span(row.age_s * 1000) })}${row.stale ? ` ${t('units.stale')}` : ''}</span>` : t('units.no_position')}
            ${row.reason !== 'none' ? said('unable_reason', row.reason) : ''} ${row.unanswered ? html`<span class="tag warn">${t('units.unanswered')}</span>` : ''}
            ${row.check_in_due_ms ? html`${t('units.check_in')} <${Countdown} due_ms=${row.check_in_due_ms} />` : ''}</div>`;
}

/** @param {{ incident: import('./schema.js').IncidentRow | undefined }} props the one in hand */
export function Units({ incident }) {
    useEffect(() => own_units.start(), []);
    const within = () => /** @type {HTMLElement | null} */ (document.querySelector('.units'));
    const row = row_of();
    const steps = row ? steps_of(row) : [];
    use_keys([...Array.from({ length: 8 }, (_, i) => ({ key: `Digit${i + 1}`, words: 'units.step_key', within,
        act: () => { if (steps[i]) void report(steps[i]); }, when: () => Boolean(steps[i]) && !unable.value })),
    { key: 'KeyW', words: 'units.well', within, act: () => { if (row) void send({ unit_check_in: { unit: row.unit } }).then((outcome) => { if (told(outcome)) notify('good', t('units.well_done')); }); }, when: () => Boolean(row?.check_in_due_ms) },
    { key: 'KeyM', words: 'key.map', act: () => { map_shown.value = !map_shown.value; } },
    { key: 'Shift+KeyM', words: 'units.mayday_key', within, act: () => void report(row?.mayday ? 'mayday_end' : 'mayday'), when: () => Boolean(row) },
    { key: 'Escape', words: 'key.back', within, act: () => { unable.value = 0; document.getElementById('units-list')?.focus(); }, when: () => unable.value !== 0 }]);
    const rows = own_units.rows.value;
    if (!rows.length) return '';
    return html`<section class="zone units" data-zone="units" aria-labelledby="units-title">
        <h2 id="units-title">${t('units.title')} <span class="count">${rows.length}</span>
            <span class="quiet">${t('units.free', { n: rows.filter((one) => ['available', 'left'].includes(one.state)).length })}</span>
            <span class="right"><${Act} keys="M" onClick=${() => { map_shown.value = !map_shown.value; }}>${t('map.show')}<//></span></h2>
        <${List} id="units-list" label=${t('units.title')} rows=${rows} by=${(/** @type {UnitStatus} */ one) => String(one.unit)} chosen=${chosen.value}
            onChoose=${(/** @type {string} */ key) => { chosen.value = key; unable.value = 0; }} empty=""
            tone=${(/** @type {UnitStatus} */ one) => one.mayday || one.check_in_missed ? 'over' : one.state} show=${(/** @type {UnitStatus} */ one) => html`<${Row} row=${one} />`} />
        ${unable.value ? html`<${Radios} id="unable" label=${t('units.why_unable')} value="" options=${words.unable_reason.slice(1).map((word) => ({ word, label: said('unable_reason', word) }))}
            onPick=${(/** @type {string} */ word) => void report('unable', word)} />`
        : html`<p class="acts">${steps.map((step, i) => html`<${Act} key=${step} keys=${String(i + 1)} onClick=${() => report(step)}>${said('unit_step', step)}<//>`)}
            ${row ? html`<${Act} keys="Shift+M" tone="danger" onClick=${() => report(row.mayday ? 'mayday_end' : 'mayday')}>${said('unit_step', row.mayday ? 'mayday_end' : 'mayday')}<//>` : ''}</p>`}
        ${map_shown.value ? html`<${UnitsMap} rows=${rows} chosen=${chosen.value} incident=${incident} />` : ''}
    </section>`;
}
