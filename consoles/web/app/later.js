// SPDX-License-Identifier: GPL-3.0-or-later
// A part of a page that is loaded only when it is first shown.
import { html, signal, useEffect } from './ui.js';
import { t } from './words.js';

/** @param {() => Promise<any>} load @param {string} name the component in that module */
export function later(load, name) {
    const part = signal(/** @type {any} */ (null));
    return (/** @type {any} */ props) => {
        useEffect(() => { if (!part.peek()) void load().then((module) => { part.value = module[name]; }); }, []);
        const Part = part.value;
        return Part ? html`<${Part} ...${props} />` : html`<p class="quiet" role="status">${t('page.loading')}</p>`;
    };
}
