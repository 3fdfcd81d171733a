// SPDX-License-Identifier: GPL-3.0-or-later
// One incident with its tasks and texts, kept current while it is looked at.
import { useEffect } from './ui.js';
import { ask_rows } from './store.js';
import { complete, is_set } from './row.js';
import { on_event, on_welcome, query } from './socket.js';

/** @typedef {import('./schema.js').IncidentDetail} IncidentDetail */
/** @typedef {import('./schema.js').TextRow} TextRow */

/**
 * @param {string} incident '0': none
 * @param {import('../vendor/signals.js').Signal<IncidentDetail | null>} detail
 * @param {import('../vendor/signals.js').Signal<TextRow[]>} [texts]
 */
export function use_detail(incident, detail, texts) {
    useEffect(() => {
        detail.value = null;
        if (texts) texts.value = [];
        if (!is_set(incident)) return undefined;
        let alive = true;
        const load = async () => {
            const answer = await query({ incident: { incident } });
            if (alive && answer && !answer.refusal) detail.value = complete('IncidentDetail', answer.incident_detail);
            const sent = texts && await ask_rows({ texts: { incident } }, 'texts', 'TextRow', 'text', 1);
            if (alive && texts && sent) texts.value = sent;
        };
        const stops = [on_event(({ event }) => { if (event.incident === incident) void load(); }), on_welcome(load)];
        void load();
        return () => { alive = false; stops.forEach((stop) => stop()); };
    }, [incident]);
}
