// SPDX-License-Identifier: GPL-3.0-or-later
// This browser's own eye on the trail. It keeps the last checkpoint it believed and believes a newer one only when
// the city's line of keys signed it and the journal goes on from there (docs/trail-format.md), whatever the
// console server says. What does not is shown on every page until a person looked and let the browser begin anew.
import { signal } from './ui.js';
import { on_welcome, query } from './socket.js';

const LOOK_MS = 15000;
const PLACE = 'yihao.history';

/** @typedef {import('./onlooker.js').Memory} Memory */

/** @returns {Memory | null} */
function remembered() {
    try {
        return JSON.parse(localStorage.getItem(PLACE) ?? 'null');
    } catch {
        return null;
    }
}

/** What this browser believes, or doubts. */
export const history = signal(remembered());
let looking = false;

async function look_again() {
    if (looking) return;
    looking = true;
    const memory = await import('./onlooker.js') /* after the page stands */
        .then(({ look }) => look(remembered(), query)).catch(() => null);
    looking = false;
    if (!memory) return;
    localStorage.setItem(PLACE, JSON.stringify(memory));
    history.value = memory;
}

/** A person looked into it: from here on this browser believes what it is shown. */
export function believe_anew() {
    localStorage.removeItem(PLACE);
    history.value = null;
    void look_again();
}

/** Watches until the returned function is called. A browser reckons signatures over HTTPS (or on its own machine) only. */
export function watch_history() {
    if (!globalThis.crypto?.subtle) return () => {};
    const unbind = on_welcome(() => { void look_again(); });
    const timer = setInterval(() => { void look_again(); }, LOOK_MS);
    void look_again();
    return () => {
        unbind();
        clearInterval(timer);
    };
}
