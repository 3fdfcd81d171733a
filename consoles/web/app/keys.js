// SPDX-License-Identifier: GPL-3.0-or-later
// The key registry. Every shortcut is bound here, with its words, so that the help sheet cannot lie.
// Keys are compared by event.code (an input method turns "/" into "、"), and nothing fires while an
// input method composes. Single letters act only outside fields (WCAG 2.1.4).
import { signal, useEffect, useRef } from './ui.js';
import { own_key, reserved } from './own-keys.js';

/**
 * @typedef {object} Binding
 * @property {string} key the usual one: "F2", "Shift+F2", "Ctrl+Enter", "KeyA", "Digit1", "Escape"
 * @property {string} words key of the words table that says what it does
 * @property {() => void} act
 * @property {() => boolean} [when] asked at each press
 * @property {boolean} [at_lock] acts behind the lock screen, and nothing else does
 * @property {HTMLElement | (() => HTMLElement | null)} [within] acts only while focus is inside
 */

/** @type {Set<Binding>} */
const bindings = new Set();
export const bindings_changed = signal(0);

/** The lock screen stands in front. */
export const keys_locked = signal(false);

let composed_at = 0;
let composing = false;

/** @param {KeyboardEvent} event */
export function chord(event) {
    const parts = [];
    if (event.ctrlKey || event.metaKey) parts.push('Ctrl');
    if (event.altKey) parts.push('Alt');
    if (event.shiftKey) parts.push('Shift');
    parts.push(event.code === 'NumpadEnter' ? 'Enter' : event.code);
    return parts.join('+');
}

/**
 * True while an input method holds the keyboard; one beat longer, because some deliver the
 * confirming Enter after the composition ended.
 * @param {KeyboardEvent} event
 */
export function is_composing(event) {
    return composing || event.isComposing || event.keyCode === 229
        || performance.now() - composed_at < 30;
}

/** @param {EventTarget | null} target */
function is_field(target) {
    return target instanceof HTMLElement
        && (target.matches('input:not([type=radio]):not([type=checkbox]), textarea, select')
            || target.isContentEditable);
}

/** @param {string} key */
function is_letter(key) {
    return /^(Shift\+)?(Key[A-Z]|Digit\d|Slash|Comma|Period)$|^(Enter|Arrow(Up|Down))$/.test(key);
}

/** @param {Binding} binding @param {KeyboardEvent} event */
function applies(binding, event) {
    const key = own_key(binding.key);
    if (key !== chord(event) || (keys_locked.peek() && !binding.at_lock)) return false;
    if (is_letter(key) && is_field(event.target)) return false;
    const within = typeof binding.within === 'function' ? binding.within() : binding.within;
    if (binding.within && !(within && within.contains(document.activeElement))) return false;
    return !binding.when || binding.when();
}

/** How deep the place stands to which a binding is bound; 0: everywhere. @param {Binding} binding */
function depth(binding) {
    let deep = 0;
    for (let one = typeof binding.within === 'function' ? binding.within() : binding.within; one; one = one.parentElement) deep++;
    return deep;
}

/** Who wants the next key for itself. @type {((key: string) => void) | null} */
let next_press = null;
/** The next key that is pressed goes to `act` alone; '': Escape. @param {(key: string) => void} act */
export function take_next_key(act) {
    next_press = act;
}
/** @param {KeyboardEvent} event */
function taken_by(event) {
    if (/^(Control|Shift|Alt|Meta)/.test(event.code) || event.code === 'Tab') return;
    event.preventDefault();
    const act = next_press;
    next_press = null;
    act?.(event.code === 'Escape' ? '' : chord(event));
}

/** The innermost place has the key; of two bindings there, the later one.
 * @param {KeyboardEvent} event */
function pressed(event) {
    if (event.defaultPrevented || is_composing(event)) return;
    if (next_press) return taken_by(event);
    const found = [...bindings].filter((binding) => applies(binding, event))
        .reduce((/** @type {Binding | undefined} */ best, one) => best && depth(best) > depth(one) ? best : one, undefined);
    if (!found) return;
    event.preventDefault();
    if (!event.repeat || found.key.startsWith('Arrow')) found.act();
}

addEventListener('compositionstart', () => { composing = true; }, true);
addEventListener('compositionend', () => { composing = false; composed_at = performance.now(); }, true);
addEventListener('keydown', pressed);

/** @param {Binding[]} list @returns {() => void} unbinds them */
export function bind_keys(list) {
    for (const binding of list) {
        if (reserved.includes(binding.key)) throw new Error(`${binding.key} is not ours`);
        bindings.add(binding);
    }
    bindings_changed.value++;
    return () => {
        for (const binding of list) bindings.delete(binding);
        bindings_changed.value++;
    };
}

/**
 * Binds keys for as long as the component stands. The list is made anew at every render, so that
 * `act` sees what the page shows.
 * @param {Binding[]} list
 */
export function use_keys(list) {
    const latest = useRef(list);
    latest.current = list;
    useEffect(() => bind_keys(list.map((binding, i) => ({
        ...binding,
        act: () => latest.current[i]?.act(),
        when: () => {
            const now = latest.current[i];
            return Boolean(now && (!now.when || now.when()));
        },
    }))), [list.map((binding) => binding.key).join()]);
}

/** What stands bound now, for the help sheet. */
export function bound() {
    bindings_changed.value;
    const seen = new Map();
    for (const { key, words } of bindings) seen.set(key + words, { key, words });
    return [...seen.values()];
}
