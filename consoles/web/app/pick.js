// SPDX-License-Identifier: GPL-3.0-or-later
// A field that finds one of many by Chinese words, code, pinyin (whole, initials, or some of each) or English (ARIA combobox).
import { html, useEffect, useRef, useState } from './ui.js';
import { is_composing } from './keys.js';
import { shown_key } from './own-keys.js';
import { t } from './words.js';

const SHOWN_MAX = 9;

/**
 * @typedef {object} Choice
 * @property {number} key
 * @property {string} code what stands in front: "110100", "XF"
 * @property {string} label in the reader's language
 * @property {string} [hint]
 * @property {string} [sound] how its Chinese name is read: "xiao fang jiu yuan"
 * @property {string} search everything it is found by, lower case, parts separated by a line feed
 */

/** @param {string} text full-width letters and digits become plain ones */
export function plain(text) {
    return text.normalize('NFKC').trim().toLowerCase();
}

/**
 * Best first: a part that begins with the text, then a part that holds it, then its letters in order.
 * @param {Choice[]} choices @param {string} text
 */
export function find(choices, text) {
    const wanted = plain(text);
    if (!wanted) return choices.slice(0, SHOWN_MAX);
    const letters = wanted.replace(/[\s']/g, '').replace(/ü/g, 'v');
    const ranked = [];
    for (const choice of choices) {
        const parts = choice.search.split('\n');
        const heard = heard_at(choice.sound?.split(' ') ?? [], letters);
        const rank = parts.some((part) => part.startsWith(wanted)) || heard === 0 ? 0
            : parts.some((part) => part.includes(wanted)) || heard > 0 ? 1
            : parts.some((part) => in_order(part, wanted)) ? 2 : 3;
        if (rank < 3) ranked.push({ choice, rank });
    }
    return ranked.sort((a, b) => a.rank - b.rank).slice(0, SHOWN_MAX).map((one) => one.choice);
}

/** Does each of the syllables from one on begin with what is left? "jinglao", "jlao", "jl". @param {string[]} syllables @param {number} at @param {string} letters
 * @returns {boolean} */
function read_from(syllables, at, letters) {
    if (!letters) return true;
    for (let size = syllables[at]?.length ?? 0; size > 0; size--)
        if (letters.startsWith(syllables[at]?.slice(0, size) ?? '-') && read_from(syllables, at + 1, letters.slice(size))) return true;
    return false;
}
/** The syllable from which it is read so, -1: none. @param {string[]} syllables @param {string} letters */
function heard_at(syllables, letters) {
    return /^[a-z0-9]+$/.test(letters) ? syllables.findIndex((_, at) => read_from(syllables, at, letters)) : -1;
}

/** "shwj" finds 市环卫局's "shwj", "火警" finds 火灾报警; nearly any letters stand in order in an English phrase, which finds nothing this
 * way. @param {string} part @param {string} wanted */
function in_order(part, wanted) {
    if (part.includes(' ')) return false;
    let at = 0;
    for (const letter of part) if (letter === wanted[at]) at++;
    return at === wanted.length;
}

/**
 * @param {{ id: string, label: string, choices: Choice[], value: number, required?: boolean,
 *           disabled?: boolean, onPick: (key: number) => void, clearOnPick?: boolean,
 *           placeholder?: string, error?: string, read?: (text: string) => Choice | null }} props
 *           read: what the text itself says, beside the choices
 */
export function Pick({ id, label, choices, value, required, disabled, onPick, clearOnPick,
    placeholder, error, read }) {
    const chosen = choices.find((choice) => choice.key === value);
    const [text, setText] = useState(/** @type {string | null} */ (null));
    const [active, setActive] = useState(0);
    const input = useRef(/** @type {HTMLInputElement | null} */ (null));
    const own = text === null ? null : read?.(text);
    const found = text === null ? [] : own ? [own] : find(choices, text);
    const open = text !== null && found.length > 0;
    const shown = text ?? (chosen ? `${chosen.code} ${chosen.label}` : '');

    useEffect(() => { setActive(0); }, [text]);

    const take = (/** @type {Choice | undefined} */ choice) => {
        if (choice) onPick(choice.key);
        setText(clearOnPick ? '' : null);
    };
    const keydown = (/** @type {KeyboardEvent} */ event) => {
        if (is_composing(event) || event.ctrlKey || event.altKey) return;
        if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
            event.preventDefault();
            if (!open) setText('');
            else setActive((active + (event.key === 'ArrowDown' ? 1 : found.length - 1)) % found.length);
        } else if (event.key === 'Enter' && open) {
            event.preventDefault();
            take(found[active]);
        } else if (event.key === 'Tab' && open && text) {
            take(found[active]);
        } else if (event.key === 'Escape' && text !== null) {
            event.preventDefault();
            setText(null);
        }
    };
    return html`<div class=${`field pick ${error ? 'wrong' : ''}`}>
        <label for=${id}>${label}${required ? html`<span class="must" aria-hidden="true">*</span>` : ''}</label>
        <input id=${id} ref=${input} type="text" role="combobox" autocomplete="off" spellcheck=${false}
            aria-expanded=${String(open)} aria-controls=${`${id}-list`} aria-autocomplete="list"
            aria-activedescendant=${open ? `${id}-${found[active]?.key}` : undefined}
            aria-required=${required ? 'true' : undefined} aria-invalid=${error ? 'true' : undefined}
            aria-describedby=${error ? `${id}-error` : undefined}
            disabled=${disabled} value=${shown} placeholder=${placeholder ?? t('pick.hint')}
            onInput=${(/** @type {any} */ e) => setText(e.currentTarget.value)}
            onFocus=${(/** @type {any} */ e) => e.currentTarget.select()}
            onKeyDown=${keydown} onBlur=${() => setText(null)} />
        <ul id=${`${id}-list`} role="listbox" aria-label=${label} hidden=${!open} class="choices">
            ${found.map((choice, i) => html`<li key=${choice.key} id=${`${id}-${choice.key}`} role="option"
                aria-selected=${String(i === active)}
                onMouseDown=${(/** @type {Event} */ e) => { e.preventDefault(); take(choice); input.current?.focus(); }}>
                <span class="code">${choice.code}</span> ${choice.label}
                ${choice.hint ? html`<span class="hint">${choice.hint}</span>` : ''}</li>`)}
        </ul>
        ${error ? html`<p id=${`${id}-error`} class="error">${error}</p>` : ''}
    </div>`;
}

/**
 * One of a few, as buttons; digits choose while the group has the focus.
 * @param {{ id: string, label: string, options: { word: string, label: string }[], value: string,
 *           disabled?: boolean, first?: number, onPick: (word: string) => void }} props
 */
export function Radios({ id, label, options, value, disabled, first = 1, onPick }) {
    const keydown = (/** @type {KeyboardEvent} */ event) => {
        if (is_composing(event) || event.ctrlKey || event.altKey) return;
        const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
        const option = digit === undefined ? undefined : options[Number(digit) - first];
        if (!option || disabled) return;
        event.preventDefault();
        onPick(option.word);
        document.getElementById(`${id}-${option.word}`)?.focus();
    };
    return html`<fieldset class="field radios" onKeyDown=${keydown}>
        <legend>${label}</legend>
        <div class="row">${options.map((option, i) => html`<label key=${option.word}
            class=${`radio ${option.word} ${value === option.word ? 'on' : ''}`}>
            <input type="radio" id=${`${id}-${option.word}`} name=${id} value=${option.word} disabled=${disabled}
                checked=${value === option.word} onChange=${() => onPick(option.word)} />
            <kbd aria-hidden="true">${i + first}</kbd>${option.label}</label>`)}</div>
    </fieldset>`;
}

/** @param {{ keys: string, onClick: () => void, children?: any, disabled?: boolean, tone?: string,
 *            label?: string }} props a button with its key cap */
export function Act({ keys, onClick, children, disabled, tone = '' }) {
    return html`<button type="button" class=${`act ${tone}`} disabled=${disabled} onClick=${onClick}>
        ${children} ${keys ? html`<kbd>${shown_key(keys)}</kbd>` : ''}</button>`;
}
