// SPDX-License-Identifier: GPL-3.0-or-later
// The map beside the form: where the caller's telephone says it is, units, what is open, and the place
// of the record, taken by click or Enter. Each exact position is opened once, and the trail says so.
import { html, signal, useEffect } from './ui.js';
import { CityMap } from './map.js';
import { city_units, fix_circles, fix_words, incident_marks, unit_marks } from './map-marks.js';
import { List } from './list.js';
import { choose_place } from './record.js';
import { ask_rows, open_incidents } from './store.js';
import { draft } from './draft.js';
import { is_set, kind_of } from './row.js';
import { on_event } from './socket.js';
import { talking } from './seat.js';
import { t } from './words.js';
import { send } from './outbox.js';

/** @typedef {import('./schema.js').FixRow} FixRow */
const fixes = signal(/** @type {FixRow[]} */ ([]));
/** Exact positions as long as the page stands. */
const exact = signal(/** @type {Record<string, string>} */ ({}));
const chosen = signal('');
/** What is being opened right now. */
const opening = new Set();

/** @param {FixRow[]} rows */
async function open_positions(rows) {
    for (const { fix, seq } of rows) {
        if (!is_set(seq) || fix in exact.peek() || opening.has(fix)) continue;
        opening.add(fix);
        const outcome = await send({ personal_read: { subject: fix, reason: 'answering', seq } });
        opening.delete(fix);
        if (outcome?.ok) exact.value = { ...exact.value, [fix]: outcome.personal?.position ?? '' };
    }
}

/** The surest first. @param {string} contact */
function use_fixes(contact) {
    useEffect(() => {
        let alive = true;
        const ask = async () => {
            const rows = /** @type {FixRow[] | null} */ (is_set(contact) ? await ask_rows({ fixes: { contact } }, 'fixes', 'FixRow', 'fix', 1) : []);
            if (!alive || !rows) return;
            fixes.value = rows.filter((row) => row.uncertainty_m).sort((a, b) => a.uncertainty_m - b.uncertainty_m || b.heard_ms - a.heard_ms);
            if (talking.value?.contact === contact) void open_positions(fixes.value);
        };
        fixes.value = [];
        void ask();
        const unbind = on_event(({ event }) => { if (kind_of(event) === 'contact_located' && event.contact === contact) void ask(); });
        return () => { alive = false; unbind(); };
    }, [contact]);
}

/** @param {{ contact: string }} props */
export function SeatMap({ contact }) {
    use_fixes(contact);
    useEffect(() => city_units.start(), []);
    const one = draft.value;
    const circles = fix_circles(fixes.value, exact.value);
    const at = circles[Math.max(0, fixes.value.findIndex((row) => row.fix === chosen.value))]?.at;
    const take = (/** @type {FixRow} */ row) => { if (row.east_cell) choose_place({ east: row.east_cell, north: row.north_cell }); };
    return html`<div class="map-face">
        <${CityMap} id="seat-map" words=${t('map.title')} circles=${circles} place=${{ east: one.east, north: one.north }} see=${at ? [at] : []}
            marks=${[...unit_marks(city_units.rows.value), ...incident_marks(open_incidents.rows.value)]}
            onTake=${choose_place} taking=${t('map.take')} />
        ${fixes.value.length ? html`<${List} id="fix-list" label=${t('map.fixes')} rows=${fixes.value} by=${(/** @type {FixRow} */ row) => row.fix}
            chosen=${chosen.value} onChoose=${(/** @type {string} */ key) => { chosen.value = key; }} onOpen=${take} empty=""
            show=${(/** @type {FixRow} */ row) => html`<div class="line-1"><span>${fix_words(row)}</span> <span class="right quiet digits">${row.east_cell},${row.north_cell}</span></div>`} />`
        : html`<p class="quiet">${t(is_set(contact) ? 'map.no_fix' : 'map.no_caller')}</p>`}
    </div>`;
}
