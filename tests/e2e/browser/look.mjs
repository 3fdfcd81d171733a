// SPDX-License-Identifier: GPL-3.0-or-later
// One screen looked at in every theme and both languages: axe, the size of what is pressed, nothing outside the window.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { axe, keep, picture } from './browser.mjs';

const app = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'consoles', 'web', 'app');

/** The pages there are, from the table that opens them. */
export function pages_there_are() {
    const table = /const parts = [^]*?\n}\);/.exec(readFileSync(join(app, 'main.js'), 'utf8'))[0];
    return [...table.matchAll(/^ {4}(\w+): async/gm)].map(([, name]) => name);
}

export async function dress(page, theme, language) {
    await page.evaluate(async ([th, l]) => {
        const [bar, words] = await Promise.all([import('/app/bar.js'), import('/app/words.js')]);
        bar.theme.value = th;
        bar.apply_theme();
        words.language.value = l;
        await words.load_words(l);
        await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    }, [theme, language]);
}

/** A theme changes colours alone: what else axe and the ruler find in the first theme holds for all of them. */
export async function looks(page, name) {
    for (const language of ['zh', 'en'])
        for (const theme of ['dark', 'light', 'contrast']) {
            await dress(page, theme, language);
            const where = `${name}, ${theme}, ${language}`;
            assert.deepEqual(await axe(page, theme === 'dark' ? undefined : ['color-contrast', 'link-in-text-block']), [], where);
            if (theme === 'dark') await measure(page, where);
            await picture(page, `${name}-${theme}-${language}`);
        }
    if (process.env.YIHAO_PORTFOLIO) await portray(page, name);
}

/** The sizes of seats: a laptop of the street office, the desks of the hall. */
const SIZES = [{ width: 1366, height: 768 }, { width: 1920, height: 1080 }];

/** Once more at each size, for the portfolio: what a window cuts off is found there, too. */
async function portray(page, name) {
    const own = page.viewportSize();
    for (const size of SIZES) {
        await page.setViewportSize(size);
        for (const [theme, language] of [['dark', 'zh'], ['light', 'en']]) {
            await dress(page, theme, language);
            await measure(page, `${name}, ${size.width}`);
            await keep(page, `${name}-${language}-${size.width}`);
        }
    }
    await page.setViewportSize(own);
}

async function measure(page, where) {
    const small = await page.evaluate(() => [...document.querySelectorAll('button, select, input:not([type=radio])')]
        .filter((one) => one.checkVisibility()).map((one) => [one, one.closest('label')?.getBoundingClientRect() ?? one.getBoundingClientRect()])
        .filter(([, box]) => box.height < 24 || box.width < 24).map(([one]) => one.outerHTML.slice(0, 80)));
    assert.deepEqual(small, [], `${where}: targets below 24 px`);
    const outside = await page.evaluate(() => [...document.querySelectorAll('.zone, .bar > *')]
        .filter((one) => { const box = one.getBoundingClientRect(); return box.right > innerWidth + 1 || box.bottom > innerHeight + 1; }).map((one) => one.className));
    assert.deepEqual(outside, [], `${where}: outside the window`);
}

/** What takes words. */
export const TEXT = 'textarea, input:not([type]), input[type=text], input[type=search], input[type=tel]';
/** Keys that an input method takes for itself while it composes: what they would do on the page. */
const TAKEN = [['Enter', 0], ['Enter', 2], ['Escape', 0], ['Digit1', 0], ['KeyA', 0], ['F2', 0], ['ArrowDown', 0], ['Space', 0]];
const WORDS = '火灾';

/** In every field for words that can be seen, an input method composes: its keys do nothing else, and what it chose stands in the field.
 * Returns how many fields there were. */
export async function composes(page, where, scope = 'body') {
    const keyboard = await page.context().newCDPSession(page);
    const fields = await page.evaluate(([s, text]) => [...document.querySelector(s).querySelectorAll(text)]
        .filter((one) => one.checkVisibility() && !one.readOnly && !one.disabled).map((one) => one.id), [scope, TEXT]);
    assert.ok(fields.every(Boolean), `${where}: a field has no name: ${fields}`);
    for (const id of fields) {
        const before = await page.evaluate((one) => {
            const field = document.getElementById(one);
            field.focus();
            field.setSelectionRange(field.value.length, field.value.length);
            return field.value;
        }, id);
        const dialogs = await page.locator('dialog[open]').count();
        await keyboard.send('Input.imeSetComposition', { text: 'huo', selectionStart: 3, selectionEnd: 3 });
        for (const [code, modifiers] of TAKEN)
            await keyboard.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key: 'Process', code, windowsVirtualKeyCode: 229, modifiers });
        await keyboard.send('Input.insertText', { text: WORDS });
        const after = await page.evaluate((one) => ({ focus: document.activeElement?.id, value: document.getElementById(one)?.value, limit: document.getElementById(one)?.maxLength,
            digits: document.getElementById(one)?.inputMode === 'numeric' }), id);
        assert.equal(after.focus, id, `${where}: the keys of an input method left the field ${id}`);
        if (!after.digits && (after.limit < 0 || after.limit >= before.length + WORDS.length)) assert.equal(after.value, before + WORDS, `${where}: what was composed in ${id}`);
        assert.equal(await page.locator('dialog[open]').count(), dialogs, `${where}: a box came or went at ${id}`);
        await page.fill(`#${id}`, before);
    }
    await page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement).blur()); // no list of choices stays open
    await keyboard.detach();
    return fields.length;
}
