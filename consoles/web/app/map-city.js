// SPDX-License-Identifier: GPL-3.0-or-later
// The supervisor's map: all units and all open incidents; Enter or a click opens the incident that
// stands nearest.
import { html } from './ui.js';
import { CityMap } from './map.js';
import { incident_marks, unit_marks } from './map-marks.js';
import { all_units } from './alarms.js';
import { open_incident } from './incident.js';
import { metres } from './place.js';
import { open_incidents } from './store.js';
import { notify } from './notice.js';
import { t } from './words.js';

const NEAR_M = 2000;

/** @param {import('./map.js').Cell} cell */
function open_nearest(cell) {
    const far = (/** @type {import('./schema.js').IncidentRow} */ row) => metres({ east: row.east_cell, north: row.north_cell }, cell);
    const [nearest] = open_incidents.rows.value.filter((row) => row.east_cell && far(row) <= NEAR_M).sort((a, b) => far(a) - far(b));
    if (nearest) open_incident(nearest.incident);
    else notify('bad', t('map.none_near'));
}

export function WholeMap() {
    return html`<${CityMap} id="city-map" words=${t('map.city')} onTake=${open_nearest} taking=${t('incident.open')}
        marks=${[...unit_marks(all_units.rows.value), ...incident_marks(open_incidents.rows.value)]} />`;
}
