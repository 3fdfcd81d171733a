// SPDX-License-Identifier: GPL-3.0-or-later
// A department's map: its own units, and where the incident in hand is.
import { html } from './ui.js';
import { CityMap, middle_of } from './map.js';
import { incident_marks, unit_marks } from './map-marks.js';
import { t } from './words.js';

/** @param {{ rows: import('./schema.js').UnitStatus[], chosen: string, incident: import('./schema.js').IncidentRow | undefined }} props */
export function UnitsMap({ rows, chosen, incident }) {
    const unit = rows.find((row) => String(row.unit) === chosen);
    const see = [unit && middle_of({ east: unit.east_cell, north: unit.north_cell }),
        incident && middle_of({ east: incident.east_cell, north: incident.north_cell })].filter((one) => one !== null && one !== undefined);
    return html`<${CityMap} id="units-map" words=${t('map.units')} see=${see}
        marks=${[...unit_marks(rows), ...(incident ? incident_marks([incident]) : [])]} />`;
}
