// SPDX-License-Identifier: GPL-3.0-or-later
// The panel beside the form: questions to ask, units to send, or errands. It stands at one place; F3
// turns it, and what begins (a conversation, a plan) turns it by itself.
import { html } from './ui.js';
import { Errands } from './follow.js';
import { Guide } from './guide.js';
import { later } from './later.js';
import { Plan } from './plan.js';
import { errands } from './follow.js';
import { side } from './record.js';

import { shown_key } from './own-keys.js';
import { load_office_words, t } from './words.js';

const Knowledge = later(async () => { await load_office_words(); return import('./knowledge.js'); }, 'Knowledge');
const SeatMap = later(() => import('./map-seat.js'), 'SeatMap', '/style/map.css');
const faces = ['guide', 'knowledge', 'plan', 'errands', 'map'];

export function turn_side() {
    side.value = faces[(faces.indexOf(side.value) + 1) % faces.length] ?? 'errands';
    requestAnimationFrame(() => /** @type {HTMLElement | null} */ (document.querySelector('.follow :is(#guide-box, #know-words, #plan-box, #follow-list, #seat-map, .chip)'))?.focus());
}

/** The map, wherever the panel stands. */
export function turn_to_map() {
    side.value = 'map';
    requestAnimationFrame(() => document.getElementById('seat-map')?.focus());
}

/** @param {{ contact: string, incident: string }} props */
export function Side({ contact, incident }) {
    return html`<section class="zone follow" data-zone="follow" aria-labelledby=${`side-${side.value}`}>
        <div class="tabs" role="tablist" aria-label=${t('side.title')}>${faces.map((face) => html`<button key=${face} id=${`side-${face}`} type="button" role="tab" class="plain"
            aria-selected=${String(side.value === face)} aria-controls="side-panel" tabindex=${side.value === face ? 0 : -1} onClick=${() => { side.value = face; }}>${t(`side.${face}`)}
            ${face === 'errands' ? html`<span class="count">${errands.value.length}</span>` : ''}</button>`)}<span class="right quiet"><kbd>${shown_key('F3')}</kbd></span></div>
        <div id="side-panel" role="tabpanel" aria-labelledby=${`side-${side.value}`} class="side-panel">
            ${side.value === 'guide' ? html`<div class="scroll" tabindex="-1"><${Guide} contact=${contact} /></div>`
            : side.value === 'knowledge' ? html`<div class="scroll" tabindex="-1"><${Knowledge} /></div>`
            : side.value === 'plan' ? html`<div class="scroll" tabindex="-1"><${Plan} incident=${incident} /></div>` : side.value === 'map' ? html`<${SeatMap} contact=${contact} />` : html`<${Errands} />`}</div>
    </section>`;
}
