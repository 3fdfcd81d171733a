// SPDX-License-Identifier: GPL-3.0-or-later
// A story of the pages: a small city of its own, windows by keyboard, no fault on any page. Stories begin
// as they are told, a few beside each other in one browser: most of a story is waiting.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { serve } from '../../fake/console_server.mjs';
import { launch, open_window, until } from './browser.mjs';

const AT_ONCE = 3;
/** STORY=words runs only the stories whose name holds them. */
const only = process.env.STORY ?? '';

let started; // by the first story that is told
const browser = () => started ??= launch();
after(async () => (await started)?.close());

let running = 0;
const queue = [];

/** Runs `act` as soon as fewer than AT_ONCE run. */
async function in_turn(act) {
    if (running === AT_ONCE) await new Promise((resolve) => queue.push(resolve));
    else running++;
    try {
        await act();
    } finally {
        const next = queue.shift(); // the next one takes this one's turn
        if (next) next();
        else running--;
    }
}

/** The cookie that a sign-in brings. */
async function cookie_of(url, login) {
    const reply = await fetch(`${url}/api/v1/sign-in`, { method: 'POST', headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ login, password: 'secret' }) });
    assert.equal(reply.status, 200, `${login} signs in`);
    const [, name, value] = /^(\w+)=(\w+)/.exec(reply.headers.get('set-cookie'));
    return { name, value, url };
}

async function play(act) {
    const server = serve();
    const url = await server.listen();
    const pages = [];
    /** A window of somebody who is signed in; '' stays before the sign-in. */
    const open = async (login, { before, host = '127.0.0.1', ...options } = {}) => {
        const page = await open_window(await browser(), url.replace('127.0.0.1', host), { ...options, cookie: login ? await cookie_of(url.replace('127.0.0.1', host), login) : undefined, before });
        pages.push(page);
        if (login) await page.waitForSelector('.bar .link.fresh, .wall-page');
        return page;
    };
    const post = (path, body = {}) => fetch(url + path, { method: 'POST', body: JSON.stringify(body) });
    try {
        await act({ open, post, city: server.city, url });
        for (const page of pages) assert.deepEqual(page.faults, []);
    } finally {
        for (const page of pages) await page.context().close();
        server.close();
    }
}

/** Runs one story in a city of its own; every page must stay without faults. */
export function story(name, act) {
    if (!name.includes(only)) return;
    let spent_ms = 0;
    const told = in_turn(async () => {
        const began = performance.now();
        await play(act).finally(() => { spent_ms = performance.now() - began; });
    });
    told.catch(() => {}); // said by the test below
    test(name, async (one) => {
        await told.finally(() => one.diagnostic(`${(spent_ms / 1000).toFixed(1)} s`));
    });
}

export const has = (page, selector, words, limit_ms) => until(page, `"${words}" in ${selector}`,
    ([s, w]) => document.querySelector(s)?.textContent.includes(w), [selector, words], limit_ms);
export const has_value = (page, selector, words) => until(page, `value "${words}" of ${selector}`,
    ([s, w]) => document.querySelector(s)?.value.includes(w), [selector, words]);

export async function ready(page) {
    await has(page, '.seat', '离席');
    await page.keyboard.press('F9');
    await has(page, '.seat .state', '就绪');
}

/** Answers the offered call and fills the record, by keyboard. */
export async function take_fire(page) {
    await page.waitForSelector('.ring.on');
    await page.keyboard.press('F2');
    await has(page, '.caller', '通话中');
    await has_value(page, '#form-number', '139');
    await until(page, 'focus in the category', () => document.activeElement?.id === 'form-category');
    await page.keyboard.type('jmlh');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.type('蜀山');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.type('人民路88号3栋');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab'); // the place: the district is enough
    await page.keyboard.type('三楼厨房着火，有老人被困');
}

/** Keys faster than any drawing: no frame, no timer comes between them. */
export const press_at_once = (page, ...codes) => page.evaluate(async (all) => {
    for (const code of all) {
        document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { code, key: code, bubbles: true, cancelable: true }));
        for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    }
}, codes);

/** Presses keys and words one after the other: 'Key:F4' is a key, all else is typed. */
export async function press(page, ...keys) {
    for (const key of keys) {
        if (key.startsWith('Key:')) await page.keyboard.press(key.slice(4));
        else await page.keyboard.type(key);
    }
}
export const focus_is = (page, id) => until(page, `focus in ${id}`, (one) => document.activeElement?.id === one, id);
