// SPDX-License-Identifier: GPL-3.0-or-later
// One screen looked at in every theme and both languages: axe, the size of what is pressed, nothing outside the window.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { axe, picture } from './browser.mjs';

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
