// SPDX-License-Identifier: GPL-3.0-or-later
// What a person may do with the thing in hand, as a table: each doing has a key, the condition that
// permits it, a short form and the command it makes. Words typed are kept at this seat until sent.
import { computed, html, signal } from './ui.js';
import { AskField, start_of } from './ask-field.js';
import { Act } from './pick.js';
import { me } from './store.js';
import { t } from './words.js';
import { notify, told } from './notice.js';
import { send } from './outbox.js';

/**
 * @typedef {import('./ask-field.js').Field} Field
 * @typedef {object} Doing
 * @property {string} key
 * @property {() => boolean} may
 * @property {string} [tone]
 * @property {Field[] | ((values: any) => Field[])} [fields] none: done at the press
 * @property {(values: any) => any} command null: something is missing
 * @property {() => string} [hint] stands above the fields
 * @property {(values: any) => any} [preview] stands below them
 * @property {(outcome: import('./outbox.js').Outcome) => void} [after] it was done
 *
 * @typedef {object} Asks
 * @property {string} id of the elements, and of what is kept
 * @property {string} words where the names stand: 'doing' for doing.urge
 * @property {Record<string, Doing>} table
 * @property {() => string} subject what it is about: kept words belong to it
 * @property {string} home the element that gets the focus back
 */

/** @param {Asks} asks */
export function make_asks({ id, words, table, subject, home }) {
    const form = signal('');
    const values = signal(/** @type {Record<string, any>} */ ({}));
    const kept = signal(/** @type {Record<string, string>} */ ({}));
    const busy = signal(false);
    const names = Object.keys(table);
    const may = (/** @type {string} */ name) => table[name]?.may() === true;
    const fields = computed(() => {
        const wanted = table[form.value]?.fields ?? [];
        return typeof wanted === 'function' ? wanted(values.value) : wanted;
    });
    const place = () => `yihao.${id}s.${me.peek()?.user}`;
    const slot = () => `${subject()}.${form.value}`;

    /** @param {string} name @param {any} value */
    function write(name, value) {
        values.value = { ...values.value, [name]: value };
        if (name !== 'text') return;
        const { [slot()]: _, ...rest } = kept.value;
        kept.value = value ? { ...rest, [slot()]: value } : rest;
        localStorage.setItem(place(), JSON.stringify(kept.value));
    }
    function close() {
        form.value = '';
    }
    function leave() {
        close();
        document.getElementById(home)?.focus();
    }
    /** @param {string} name @param {Record<string, any>} [given] */
    function open(name, given = {}) {
        if (!table[name]?.fields) return void submit(name);
        kept.value = JSON.parse(localStorage.getItem(place()) ?? '{}');
        form.value = name;
        values.value = given;
        for (const field of fields.value) if (!(field.name in given)) values.value = { ...values.value, [field.name]: start_of(field) };
        if (kept.value[slot()]) write('text', kept.value[slot()]);
        requestAnimationFrame(() => /** @type {HTMLElement | null} */ (document.querySelector(
            `.${id}-form :is(textarea, input, select, button)`))?.focus());
        return undefined;
    }
    function missing() {
        return fields.value.find((field) => field.must && (!values.value[field.name]
            || (typeof values.value[field.name] === 'string' && !values.value[field.name].trim())
            || values.value[field.name] === 'none'));
    }
    async function submit(name = form.value) {
        const doing = table[name];
        if (!doing || busy.value) return undefined;
        const lack = missing();
        if (lack) {
            document.getElementById(`${id}-${lack.name}`)?.focus();
            return notify('bad', t('ask.wanted', { what: t(lack.label) }));
        }
        busy.value = true;
        const text = (values.value['text'] ?? '').trim();
        const command = await doing.command(values.value);
        const outcome = command ? await send(command, text && form.value ? { text } : undefined) : null;
        busy.value = false;
        if (!command) return notify('bad', t('ask.incomplete'));
        if (!outcome || !told(outcome)) return undefined;
        if (form.value) {
            write('text', '');
            leave();
        }
        notify('good', t('ask.done', { what: t(`${words}.${name}`) }));
        doing.after?.(outcome);
        return undefined;
    }
    /** @param {(() => HTMLElement | null)} [within] @returns {import('./keys.js').Binding[]} */
    function keys(within) {
        return [
            ...names.filter((name) => table[name]?.key).map((name) => ({ key: table[name]?.key ?? '', words: `${words}.${name}`, within,
                act: () => void open(name), when: () => !form.value && may(name) })),
            { key: 'Ctrl+Enter', words: 'key.submit', within, act: () => void submit(), when: () => form.value !== '' },
            { key: 'Escape', words: 'key.back', within, act: leave, when: () => form.value !== '' },
        ];
    }
    function View() {
        const doing = table[form.value];
        if (!doing) return html`<p class="acts">${names.filter(may).map((name) => html`<${Act} key=${name}
            keys=${table[name]?.key ?? ''} tone=${table[name]?.tone ?? ''} onClick=${() => open(name)}>${t(`${words}.${name}`)}<//>`)}</p>`;
        return html`<div class=${`closing ${id}-form`}><h3>${t(`${words}.${form.value}`)}</h3>
            ${doing.hint ? html`<p class="quiet">${doing.hint()}</p>` : ''}
            ${fields.value.map((field) => html`<${AskField} key=${field.name} id=${id} field=${field} value=${values.value[field.name]}
                onWrite=${(/** @type {any} */ value) => write(field.name, value)} />`)}
            ${doing.preview?.(values.value) ?? ''}
            <p class="acts"><${Act} keys="Ctrl+Enter" tone=${doing.tone === 'danger' ? 'danger' : 'main'} disabled=${busy.value}
                onClick=${() => submit()}>${t('ask.go')}<//>
            <${Act} keys="Esc" onClick=${leave}>${t('form.back')}<//></p></div>`;
    }
    return { form, open, close, keys, View };
}
