// SPDX-License-Identifier: GPL-3.0-or-later
// What stands on the map: units with their states, open incidents, where a telephone says it is.
import { LiveTable, ask_rows, unit_of } from './store.js';
import { category_name, kind_name } from './marks.js';
import { middle_of } from './map.js';
import { now, order_number, span } from './clock.js';
import { name_of, said, t } from './words.js';

/** After this a telephone's place is drawn faded. */
const OLD_MS = 120000;

/** @type {LiveTable<import('./schema.js').UnitStatus[]>} */
export const city_units = new LiveTable(() => ask_rows({ units: {} }, 'unit_board', 'UnitStatus', 'unit', 4),
    (kind) => /^(unit_|plan_|mayday_|check)/.test(kind), []);

/** A unit that never told its position stands at its station, and says so.
 * @param {import('./schema.js').UnitStatus[]} rows @returns {import('./map.js').Mark[]} */
export function unit_marks(rows) {
    return rows.filter((row) => !row.retired).flatMap((row) => {
        const unit = unit_of.value.get(row.unit);
        const told = middle_of({ east: row.east_cell, north: row.north_cell });
        const at = told ?? middle_of({ east: unit?.east_cell ?? 0, north: unit?.north_cell ?? 0 });
        const age = told ? row.stale ? ` · ${t('units.stale')}` : '' : ` · ${t('map.station')}`;
        return at ? [{ at, kind: told ? 'unit' : 'unit stationed', tone: row.mayday ? 'mayday' : row.state, sign: kind_name(row.kind).slice(0, 1),
            name: `${name_of(unit)} ${said('unit_state', row.state)}${age}` }] : [];
    });
}

/** @param {import('./schema.js').IncidentRow[]} rows @returns {import('./map.js').Mark[]} */
export function incident_marks(rows) {
    return rows.flatMap((row) => {
        const at = middle_of({ east: row.east_cell, north: row.north_cell });
        return at ? [{ at, kind: 'incident', tone: row.priority, sign: row.priority === 'none' ? '!' : row.priority.toUpperCase(),
            name: `#${order_number(row.number).slice(-6)} ${category_name(row.category)}` }] : [];
    });
}

/** "GNSS ±12 m · 0:20" @param {import('./schema.js').FixRow} row */
export function fix_words(row) {
    return `${said('fix_source', row.source) || t('map.unknown_source')} ±${row.uncertainty_m} m · ${span(now.value - (row.measured_ms || row.heard_ms))}`;
}

/** @param {import('./schema.js').FixRow[]} rows @param {Record<string, string>} exact positions that were opened, "lat,lon"
 *  @returns {import('./map.js').Circle[]} */
export function fix_circles(rows, exact) {
    return rows.flatMap((row) => {
        const [lat, lng] = (exact[row.fix] ?? '').split(',').map(Number);
        const at = lat && lng ? /** @type {import('./map.js').Point} */ ([lat, lng]) : middle_of({ east: row.east_cell, north: row.north_cell });
        return at && row.uncertainty_m ? [{ at, radius_m: row.uncertainty_m, old: now.value - (row.measured_ms || row.heard_ms) > OLD_MS,
            name: `±${row.uncertainty_m} m` }] : [];
    });
}
