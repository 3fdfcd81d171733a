// SPDX-License-Identifier: GPL-3.0-or-later
// Keys a person put elsewhere at this seat. Keys change places: what stood on the new one goes to the old one, so
// that nothing is ever on two keys or on none. Everything that shows a key asks here.
import { signal } from './ui.js';

/** Keys whose meaning is everybody's: submitting, leaving, moving, help. */
const fixed = /^(Escape|Enter|Tab|Ctrl\+Enter|F1|Home|End|Delete|Page(Up|Down)|(Shift\+)?Arrow(Up|Down|Left|Right))$/;
/** Keys an input method or the browser itself owns; binding one is a programming error. */
export const reserved = ['Ctrl+KeyW', 'Ctrl+KeyT', 'Ctrl+KeyN', 'Ctrl+Tab', 'Ctrl+KeyL', 'Ctrl+KeyP',
    'Ctrl+KeyJ', 'Ctrl+KeyH', 'Ctrl+Shift+KeyN', 'F5', 'F7', 'F11', 'F12', 'Alt+F4',
    'Alt+ArrowLeft', 'Alt+ArrowRight', 'Alt+KeyD', 'Ctrl+Space', 'Shift+Space', 'Ctrl+Period'];
/** What a key may look like: letters, digits, signs and function keys, with Ctrl, Alt or Shift. */
const sound = /^(Ctrl\+)?(Alt\+)?(Shift\+)?(Key[A-Z]|Digit\d|F([2-9]|1[0-9])|Slash|Comma|Period)$/;

let place = '';
/** The usual key → the person's own. @type {import('../vendor/signals.js').Signal<Record<string, string>>} */
const moved = signal(/** @type {Record<string, string>} */ ({}));

/** The person's own key for a usual one. @param {string} key */
export function own_key(key) {
    return moved.value[key] ?? key;
}
/** The usual key that stands on this one now. @param {string} key */
function usual_key(key) {
    return Object.keys(moved.value).find((one) => moved.value[one] === key) ?? (moved.value[key] ? '' : key);
}
/** @param {string} key */
export const is_movable = (key) => !fixed.test(key);
export const any_moved = () => Object.keys(moved.value).length > 0;

/** Takes up what this person chose at this seat; 0: nobody sits there. @param {number} user */
export function open_own_keys(user) {
    place = user ? `yihao.keys.${user}` : '';
    const kept = place ? Object.entries(JSON.parse(localStorage.getItem(place) ?? '{}')) : [];
    moved.value = Object.fromEntries(kept.filter(([from, to]) => is_movable(from) && sound.test(to) && !reserved.includes(to)));
}

/** @param {Record<string, string>} next */
function keep(next) {
    moved.value = Object.fromEntries(Object.entries(next).filter(([from, to]) => from !== to));
    if (place) localStorage.setItem(place, JSON.stringify(moved.value));
}

/**
 * Puts a usual key on another one.
 * @param {string} key @param {string} to
 * @returns {string | null} the usual key that changed places with it, '': none; null: that key cannot be used
 */
export function move_key(key, to) {
    if (!sound.test(to) || reserved.includes(to) || !is_movable(key) || !is_movable(to)) return null;
    const from = own_key(key);
    const other = usual_key(to);
    if (other === key) return '';
    keep({ ...moved.value, [key]: to, ...(other ? { [other]: from } : {}) });
    return other;
}

export function reset_keys() {
    keep({});
}

/** "KeyA" → "A", "Digit1" → "1": as it stands on the key cap. @param {string} key */
export function cap(key) {
    return key.replace(/Key([A-Z])/, '$1').replace(/Digit(\d)/, '$1').replace('Escape', 'Esc')
        .replace('ArrowUp', '↑').replace('ArrowDown', '↓').replace('Slash', '/')
        .replace('Comma', ',').replace('Period', '.');
}

/** What to show for a usual key, written as on its cap or as bound: "Shift+U", "Shift+KeyU". @param {string} key */
export function shown_key(key) {
    const parts = key.split('+');
    const last = parts.pop() ?? '';
    const code = /^[A-Z]$/.test(last) ? `Key${last}` : /^\d$/.test(last) ? `Digit${last}` : last === '/' ? 'Slash' : last;
    return cap(own_key([...parts, code].join('+')));
}
