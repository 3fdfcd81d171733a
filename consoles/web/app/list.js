// SPDX-License-Identifier: GPL-3.0-or-later
// A list walked by arrows or J and K, Home and End; Enter opens (ARIA listbox).
import { html, useEffect, useRef } from './ui.js';
import { freshness } from './socket.js';
import { is_composing } from './keys.js';
import { t } from './words.js';

/**
 * @param {{ id: string, label: string, rows: any[], by: (row: any) => string, chosen: string,
 *           onChoose: (key: string) => void, onOpen?: (row: any) => void, show: (row: any) => any,
 *           tone?: (row: any) => string, empty: string, autofocus?: boolean }} props
 */
export function List({ id, label, rows, by, chosen, onChoose, onOpen, show, tone, empty, autofocus }) {
    const box = useRef(/** @type {HTMLElement | null} */ (null));
    const at = rows.findIndex((row) => by(row) === chosen);
    useEffect(() => { if (autofocus) box.current?.focus(); }, []);
    useEffect(() => {
        document.getElementById(`${id}-${chosen}`)?.scrollIntoView({ block: 'nearest' });
    }, [chosen]);
    const move = (/** @type {number} */ to) => {
        const row = rows[Math.min(rows.length - 1, Math.max(0, to))];
        if (row) onChoose(by(row));
    };
    const keydown = (/** @type {KeyboardEvent} */ event) => {
        if (is_composing(event) || event.ctrlKey || event.altKey || event.shiftKey) return;
        const step = { ArrowDown: 1, KeyJ: 1, ArrowUp: -1, KeyK: -1, PageDown: 10, PageUp: -10 }[event.code];
        if (step) move(at + step);
        else if (event.code === 'Home') move(0);
        else if (event.code === 'End') move(rows.length - 1);
        else if (event.key === 'Enter' && onOpen && rows[at]) onOpen(rows[at]);
        else return;
        event.preventDefault();
    };
    return html`<div class="list-box">
        <ul id=${id} ref=${box} class="list" role="listbox" tabindex="0" aria-label=${label}
            aria-activedescendant=${at >= 0 ? `${id}-${chosen}` : undefined} onKeyDown=${keydown}
            onFocus=${() => { if (at < 0) move(0); }}>
            ${rows.map((row) => html`<li key=${by(row)} id=${`${id}-${by(row)}`} role="option"
                class=${tone ? tone(row) : ''} aria-selected=${String(by(row) === chosen)}
                onClick=${() => onChoose(by(row))} onDblClick=${() => onOpen?.(row)}>${show(row)}</li>`)}
        </ul>
        ${rows.length ? '' : html`<p class="quiet none">${freshness.value === 'red' ? t('stale.unknown') : empty}</p>`}
    </div>`;
}

/** Moves the focus to the next zone of the page (F6). @param {number} step */
export function next_zone(step) {
    const zones = [...document.querySelectorAll('[data-zone]')];
    const at = zones.findIndex((zone) => zone.contains(document.activeElement));
    for (let i = 1; i <= zones.length; i++) {
        const zone = zones[(at + step * i + zones.length * 2) % zones.length];
        const target = /** @type {HTMLElement | null} */ (zone?.querySelector(
            'input:not([disabled]), select:not([disabled]), textarea:not([disabled]), [tabindex="0"], button:not([disabled])'));
        if (target) {
            target.focus();
            return;
        }
    }
}
