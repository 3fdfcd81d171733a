// SPDX-License-Identifier: GPL-3.0-or-later
// How a call sounds: the citizen's leg and the taker's, with what was lost, jitter and delay.
import { html } from './ui.js';
import { said, t } from './words.js';

const sides = ['citizen', 'taker'];

/** @param {any} row a contact's @param {string} side */
function leg(row, side) {
    const state = row[`${side}_sound`] ?? 'none';
    if (state === 'none') return '';
    const figures = t('sound.figures', { lost: ((row[`${side}_lost`] ?? 0) / 10).toFixed(1), jitter: row[`${side}_jitter_ms`] ?? 0 });
    const delay = row[`${side}_round_trip_ms`] ? ` ${t('sound.round_trip', { ms: row[`${side}_round_trip_ms`] })}` : '';
    return html`<span key=${side}><span class=${`tag ${state === 'poor' ? 'bad' : ''}`}>${t(`sound.${side}`)} ${said('sound_state', state)}</span>
        <span class="quiet"> ${figures}${delay} </span></span>`;
}

/** @param {any} row @returns {boolean} does either side sound poor? */
export const sounds_poor = (row) => sides.some((side) => row?.[`${side}_sound`] === 'poor');

/** @param {{ row: any }} props */
export function Sound({ row }) {
    return sides.some((side) => (row[`${side}_sound`] ?? 'none') !== 'none')
        ? html`<p role=${sounds_poor(row) ? 'alert' : 'status'}>${sides.map((side) => leg(row, side))}</p>` : '';
}
