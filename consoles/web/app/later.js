// SPDX-License-Identifier: GPL-3.0-or-later
// A part of a page that is loaded only when it is first shown.
import { html, signal, useEffect } from './ui.js';
import { t } from './words.js';

/** @type {Map<string, Promise<unknown>>} */
const sheets = new Map();
/** What a part looks like, once; there when it is drawn. @param {string} href @returns {Promise<unknown>} */
export function style(href) {
    const there = sheets.get(href) ?? new Promise((done) => {
        document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href, onload: done, onerror: done }));
    });
    sheets.set(href, there);
    return there;
}

/** @param {() => Promise<any>} load @param {string} name the component in that module @param {string} [look] its stylesheet */
export function later(load, name, look) {
    const part = signal(/** @type {any} */ (null));
    return (/** @type {any} */ props) => {
        useEffect(() => { if (!part.peek()) void Promise.all([load(), look && style(look)]).then(([module]) => { part.value = module[name]; }); }, []);
        const Part = part.value;
        return Part ? html`<${Part} ...${props} />` : html`<p class="quiet" role="status">${t('page.loading')}</p>`;
    };
}
