// SPDX-License-Identifier: GPL-3.0-or-later
// The city's tables changed by two persons through the real programs, by keyboard: a cell edited with an
// input method at work, a row added, what does not hold together told, proposed, approved by security,
// undone. axe in every theme and language.
//     node tests/e2e/browser/administrator.mjs
// Pictures: YIHAO_SCREENSHOTS=FOLDER, administrator-*.png
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Home, ownPorts } from '../lib/home.mjs';
import { axe, launch, open_window, picture, sign_in, until } from './browser.mjs';
import { dress, looks } from './look.mjs';

const home = Home.make(ownPorts);
let browser;
const has = (page, selector, words) => until(page, `"${words}" in ${selector}`,
    ([s, w]) => document.querySelector(s)?.textContent.includes(w), [selector, words], 10000);
const press = async (page, ...keys) => { for (const key of keys) await page.keyboard.press(key); };
const on_disk = (table) => readFileSync(path.join(home.folder, 'city', table), 'utf8');

async function open(login) {
    const page = await open_window(browser, home.consoleUrl, { width: 1920, height: 1080 });
    await sign_in(page, login, home.passwords[login]);
    await page.waitForSelector('#admin-grid');
    return page;
}

/** The row in hand becomes the first that is found. */
async function find(page, words, row) {
    await page.focus('#admin-grid');
    await press(page, '/');
    await page.fill('#admin-find', words);
    await has(page, '#admin-grid tbody tr:first-child', row);
    await page.focus('#admin-grid');
    await press(page, 'Control+Home');
}

/** Edits the cell in the named column of the row in hand. */
async function write(page, column, words) {
    const to = await page.$$eval('#admin-grid th', (heads, name) => heads.findIndex((one) => one.title === name), column);
    await press(page, 'Home', ...Array(to).fill('ArrowRight'), 'Enter');
    await page.waitForSelector('#admin-grid input:focus');
    await page.keyboard.type(words);
    await press(page, 'Enter');
    await page.waitForSelector('#admin-grid:focus');
}

async function reason(page, words) {
    await page.focus('#admin-reason');
    await page.keyboard.type(words);
    await press(page, 'Control+Enter');
}

try {
    home.start('dispatcher', 'console');
    browser = await launch();
    const operator = await open('4001');

    // A name: one person is enough. The input method's own Enter edits nothing else.
    await find(operator, '1001', '王敏');
    await press(operator, 'ArrowRight', 'ArrowRight', 'Enter');
    await operator.waitForSelector('#admin-grid input:focus');
    const session = await operator.context().newCDPSession(operator);
    await press(operator, 'Control+a');
    await session.send('Input.imeSetComposition', { text: 'wang min', selectionStart: 8, selectionEnd: 8 });
    await operator.dispatchEvent('#admin-grid input', 'keydown', { key: 'Enter', code: 'Enter', isComposing: true });
    await session.send('Input.insertText', { text: '王敏敏' });
    assert.equal(await operator.inputValue('#admin-grid input'), '王敏敏');
    await until(operator, 'the composition is over', (at) => performance.now() - at > 200, await operator.evaluate(() => performance.now()));
    await press(operator, 'Enter');
    await has(operator, '.change', '王敏敏');
    await reason(operator, '姓名登记有误');
    await has(operator, '.notices', '变更 1 已生效');
    assert.match(on_disk('users.csv'), /^1001,1001,王敏敏,/m);

    // Roles and a new person take two. What does not hold together is told and stays at the seat.
    await find(operator, '1002', '李艳');
    await write(operator, 'roles', 'taker supervisor');
    await press(operator, 'n');
    for (const [column, words] of [['user', '9001'], ['login', '1002'], ['name_zh', '新人'], ['name_en', 'New Person'], ['roles', 'taker']]) {
        await press(operator, 'Control+Home');
        await write(operator, column, words);
    }
    await has(operator, '.change', '新人');
    await reason(operator, '增设班长与坐席');
    await has(operator, '.sentences', 'login "1002" stands in line');
    assert.deepEqual(await axe(operator), []);
    await picture(operator, 'administrator-check');
    await operator.focus('#admin-grid');
    await press(operator, 'Control+Home');
    await write(operator, 'login', '9001');
    await operator.focus('#admin-reason');
    await press(operator, 'Control+Enter');
    await has(operator, '.notices', '变更 3 待安全管理员复核');
    assert.doesNotMatch(on_disk('users.csv'), /^9001/m);

    const security = await open('4002');
    await find(security, '100', '1001');
    await security.focus('#admin-history');
    await press(security, 'Home', 'Enter');
    await has(security, '.change', 'taker supervisor');
    await has(security, '.change', '增设班长与坐席');
    await looks(security, 'administrator');
    await dress(security, 'dark', 'zh');
    await security.focus('#admin-history');
    await press(security, 'y');
    await has(security, '.change', '已生效');
    assert.match(on_disk('users.csv'), /^9001,9001,新人/m);
    assert.match(on_disk('users.csv'), /^1002,.*,taker supervisor,/m);

    // Undone: every row becomes an edit back, with a reason, for the second person again.
    await operator.focus('#admin-history');
    await has(operator, '#admin-history li:first-child', '已生效');
    await press(operator, 'Home', 'Enter');
    await has(operator, '.change', '9001');
    await has(operator, '#admin-history [aria-selected=true]', '增设班长与坐席');
    await press(operator, 'u');
    await until(operator, 'the reason of the undoing', () => document.activeElement?.id === 'admin-reason' && document.activeElement.value.includes('3'));
    await operator.keyboard.press('End');
    await operator.keyboard.type('未经本人同意');
    await picture(operator, 'administrator-undo');
    await press(operator, 'Control+Enter');
    await has(operator, '.notices', '变更 4 待安全管理员复核');
    await security.focus('#admin-history');
    await has(security, '#admin-history li:first-child', '未经本人同意');
    await press(security, 'Home', 'Enter');
    await has(security, '.change', '未经本人同意');
    await press(security, 'x');
    await security.waitForSelector('#admin-words:focus');
    await security.keyboard.type('请先征求意见');
    await security.focus('#admin-history');
    await press(security, 'x');
    await has(security, '.change', '已否决');
    assert.match(on_disk('users.csv'), /^9001,/m);
    assert.deepEqual([...operator.faults, ...security.faults], []);
    console.log('ok   the tables by two persons');
} catch (error) {
    console.error(error);
    process.exitCode = 1;
} finally {
    await browser?.close();
    home.remove();
}
