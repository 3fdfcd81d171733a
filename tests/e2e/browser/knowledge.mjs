// SPDX-License-Identifier: GPL-3.0-or-later
// The knowledge base through the real programs, by keyboard: what fits stands beside the form as it fills, pinyin finds
// it too, an article is opened, rated, corrected; a taker writes one, a supervisor passes and publishes it.
//     node tests/e2e/browser/knowledge.mjs
// Pictures: build/*/screenshots/knowledge-*.png
import assert from 'node:assert/strict';
import { Person } from '../lib/console.mjs';
import { Home, ownPorts } from '../lib/home.mjs';
import { axe, launch, open_window, picture, sign_in, until } from './browser.mjs';

const home = Home.make(ownPorts);
let browser;
const has = (page, selector, words) => until(page, `"${words}" in ${selector}`,
    ([s, w]) => document.querySelector(s)?.textContent.includes(w) &&
        (s !== '#know-article' || document.activeElement?.closest(s)), [selector, words], 10000); /* keys go where the cursor is */
const press = async (page, ...keys) => { for (const key of keys) await page.keyboard.press(key); };

async function open(login) {
    const page = await open_window(browser, home.consoleUrl, { width: 1600, height: 900 });
    await sign_in(page, login, home.passwords[login]);
    return page;
}

try {
    home.start('dispatcher', 'console');
    home.shell('fill_knowledge "$HOME_DIR"');
    const found = home.shell('$bin/yihao --home "$HOME_DIR" knowledge search "ranqi xielou"');
    assert.match(found.split('\n')[1], /燃气泄漏怎么办/);
    browser = await launch();
    const taker = await open('1001');
    await taker.focus('#form-text');
    await taker.keyboard.type('家里厨房有煤气味，可能漏气了');
    for (let i = 0; i < 4 && !(await taker.$('#know-words')); i++) {
        await press(taker, 'F3');
        await taker.waitForSelector('#know-words', { timeout: 1000 }).catch(() => null); /* another face, or not drawn yet */
    }
    await has(taker, '#know-list', '燃气泄漏怎么办');
    assert.deepEqual(await axe(taker), []);
    await picture(taker, 'knowledge-fits');
    await taker.focus('#know-words');
    await taker.keyboard.type('tingshui');
    await has(taker, '#know-list li:first-child', '停水');
    await taker.focus('#know-list');
    await press(taker, 'Home', 'Enter');
    await has(taker, '#know-article', '停水公告');
    await press(taker, 'g');
    for (const name of ['useful', 'correct', 'clear', 'current']) await taker.selectOption(`#know-${name}`, '4');
    await press(taker, 'Control+Enter');
    await has(taker, '#know-article', '★ 4.0');
    await press(taker, 'c');
    await taker.keyboard.type('送水车电话应写上');
    await press(taker, 'Control+Enter');
    await has(taker, '#know-article', '纠错 1');
    assert.deepEqual(await axe(taker), []);
    await picture(taker, 'knowledge-article');
    await taker.focus('#know-list');
    await press(taker, 'n');
    await taker.fill('#know-add-title', '马拉松交通管制');
    await taker.fill('#know-add-body', '2026年12月6日江滨路封闭。\n\n公交绕行见公告。');
    await press(taker, 'Control+Enter');
    await has(taker, '#know-article', '公交绕行见公告');

    const chief = await open('2002');
    await press(chief, 'F3');
    await chief.waitForSelector('#know-list');
    await chief.focus('#know-list');
    await press(chief, 'w');
    await has(chief, '#know-list', '马拉松交通管制');
    await chief.focus('#know-list');
    await press(chief, 'Home', 'Enter');
    await has(chief, '#know-article', '草稿');
    await press(chief, 'p');
    await has(chief, '#know-article', '已审核');
    assert.deepEqual(await axe(chief), []);
    await picture(chief, 'knowledge-review');
    await press(chief, 'u');
    await has(chief, '#know-article', '已发布');

    /* What must be read: the sample city's list, by keyboard. */
    await until(taker, 'the count in the bar', () => /\d/.test(document.querySelector('#to-read')?.textContent ?? ''), [], 10000);
    const before = Number((await taker.textContent('#to-read')).replace(/\D/g, ''));
    await press(taker, 'Control+F8');
    await has(taker, '#reading-list', '心肺复苏怎么做');
    assert.deepEqual(await axe(taker), []);
    await picture(taker, 'reading-own');
    await taker.focus('#reading-list');
    await press(taker, 'Home', 'Enter');
    await until(taker, 'the article', () => document.activeElement?.id === 'reading-article', [], 10000);
    assert.deepEqual(await axe(taker), []);
    await picture(taker, 'reading-article');
    await press(taker, 'y');
    await until(taker, 'one less', ([n]) => Number((document.querySelector('#to-read')?.textContent ?? '').replace(/\D/g, '')) === n, [before - 1], 10000);
    await press(taker, 'Escape');
    await until(taker, 'closed', () => !document.querySelector('dialog.reading[open]'), [], 10000);
    await press(chief, 'Control+F8');
    await chief.waitForSelector('#reading-turn');
    await chief.focus('#reading-turn');
    await press(chief, 'Enter');
    await has(chief, '#reading-lists', '班长必读');
    await chief.focus('#reading-lists');
    await press(chief, 'End');
    await has(chief, 'dialog.reading tbody', '王敏');
    assert.deepEqual(await axe(chief), []);
    await picture(chief, 'reading-progress');
    const saved = chief.waitForEvent('download');
    await press(chief, 'KeyC');
    const file = await saved;
    assert.match(file.suggestedFilename(), /^reading-\d+\.csv$/);
    assert.match(Buffer.concat(await (await file.createReadStream()).toArray()).toString(), /^\ufeff工号,人员,应读篇数,已读,逾期,时限,最近阅读\r\n[^]*,王敏,/);
    await chief.focus('#reading-name');
    await chief.keyboard.type('冬季取暖必读');
    await chief.focus('#reading-articles');
    await chief.keyboard.type('8，17');
    await press(chief, 'Enter');
    await has(chief, '#reading-lists', '冬季取暖必读');

    const person = await Person.signIn(home, '1002');
    const [first] = await person.asks('articles', { words: '马拉松' });
    assert.equal(first.title_zh, '马拉松交通管制');
    assert.deepEqual([...taker.faults, ...chief.faults], []);
    console.log('ok   the knowledge base by two persons');
} catch (error) {
    console.error(error);
    process.exitCode = 1;
} finally {
    await browser?.close();
    home.remove();
}
