// SPDX-License-Identifier: GPL-3.0-or-later
// A story of the pages: a small city of its own, windows by keyboard, no fault on any page.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { serve } from '../../fake/console_server.mjs';
import { launch, open_window, sign_in, until } from './browser.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

/** Runs one story in a city of its own; every page must stay without faults. */
export function story(name, act) {
    test(name, async () => {
        const server = serve();
        const url = await server.listen();
        const pages = [];
        const open = async (login, options = {}) => {
            const page = await open_window(browser, url, options);
            pages.push(page);
            if (login) await sign_in(page, login);
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

/** Presses keys and words one after the other: 'Key:F4' is a key, all else is typed. */
export async function press(page, ...keys) {
    for (const key of keys) {
        if (key.startsWith('Key:')) await page.keyboard.press(key.slice(4));
        else await page.keyboard.type(key);
    }
}
export const focus_is = (page, id) => until(page, `focus in ${id}`, (one) => document.activeElement?.id === one, id);
