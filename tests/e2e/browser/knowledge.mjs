// SPDX-License-Identifier: GPL-3.0-or-later
// The knowledge base through the real programs, by keyboard: what fits stands beside the form as it fills, pinyin finds
// it too, an article is opened, rated, corrected; a taker writes one, a supervisor passes and publishes it.
//     node tests/e2e/browser/knowledge.mjs
// Pictures: YIHAO_SCREENSHOTS=FOLDER, knowledge-*.png
import assert from 'node:assert/strict';
import { Person } from '../lib/console.mjs';
import { Home, ownPorts } from '../lib/home.mjs';
import { axe, launch, open_window, picture, sign_in, until } from './browser.mjs';
import { dress, looks } from './look.mjs';

const home = Home.make(ownPorts);
let browser;
const has = (page, selector, words) => until(page, `"${words}" in ${selector}`,
    ([s, w]) => document.querySelector(s)?.textContent.includes(w) &&
        (s !== '#know-article' || document.activeElement?.closest(s)), [selector, words], 10000); /* keys go where the cursor is */
const press = async (page, ...keys) => { for (const key of keys) await page.keyboard.press(key); };

/** In every theme and language, then as before. */
async function looked(page, name) {
    await looks(page, name);
    await dress(page, 'dark', 'zh');
}

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
    await looked(chief, 'reading-progress');
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

    await press(chief, 'Escape');
    await until(chief, 'closed', () => !document.querySelector('dialog.reading[open]'), [], 10000);

    /* A test, by keyboard: what is right is nowhere before it is handed in. */
    await until(taker, 'the test in the bar', () => /\d/.test(document.querySelector('#to-take')?.textContent ?? ''), [], 10000);
    await press(taker, 'Control+F7');
    await has(taker, '#exam-list', '心肺复苏口令考核');
    assert.deepEqual(await axe(taker), []);
    await taker.focus('#exam-list');
    await press(taker, 'Home', 'Enter');
    await until(taker, 'the door', () => document.activeElement?.id === 'exam-door', [], 10000);
    await press(taker, 'y');
    for (let place = 1; place <= 3; place++) {
        await until(taker, `question ${place}`, ([n]) => document.activeElement?.id === 'exam-question' && document.activeElement.textContent.includes(`第 ${n} 题`) &&
            !document.querySelector('#exam-question fieldset')?.disabled, [place], 10000);
        const question = await taker.textContent('#exam-question legend');
        const wanted = /频率/.test(question) ? ['60至80'] : /哪些/.test(question) ? ['没有反应', '呼吸停止'] : ['正确']; /* the first is wrong */
        if (place === 2) {
            await looked(taker, 'exam-question');
        }
        for (const word of wanted) {
            const options = await taker.$$eval('#exam-question label', (all) => all.map((one) => one.textContent));
            await press(taker, String(options.findIndex((one) => one.includes(word)) + 1));
        }
        await taker.focus('#exam-question button[type=submit]');
        await press(taker, 'Enter');
    }
    await until(taker, 'all three answered', () => /已答 3 题/.test(document.querySelector('#exam-question')?.textContent ?? ''), [], 10000);
    await until(taker, 'the last one', () => document.activeElement?.id === 'exam-question', [], 10000);
    await press(taker, 'h');
    await has(taker, '#exam-result', '答对 2 / 3');
    await has(taker, '#exam-result', '已通过');
    await has(taker, '#exam-result', '100至120次');
    await has(taker, '#exam-result', '请重读知识 6');
    assert.deepEqual(await axe(taker), []);
    await picture(taker, 'exam-result');
    await press(taker, 'Escape');
    await press(chief, 'Control+F7');
    await chief.waitForSelector('#exam-turn');
    await chief.focus('#exam-turn');
    await press(chief, 'Enter');
    await has(chief, '#exams', '心肺复苏口令考核');
    await chief.focus('#exams');
    await press(chief, 'End');
    await has(chief, 'dialog.exam tbody', '2 / 3');
    await looked(chief, 'exam-results');
    /* A new one, with an input method composing in its free fields. */
    const keyboard = await chief.context().newCDPSession(chief);
    await chief.focus('#exam-title');
    await keyboard.send('Input.imeSetComposition', { text: 'biao', selectionStart: 4, selectionEnd: 4 });
    await press(chief, 'Enter');
    await keyboard.send('Input.insertText', { text: '报警受理考核' });
    assert.equal(await chief.inputValue('#exam-title'), '报警受理考核'); /* Enter was the input method's */
    assert.deepEqual(await axe(chief), []);
    await press(chief, 'Enter');
    await has(chief, '#exams', '报警受理考核');
    await chief.focus('#exams');
    await press(chief, 'Home');
    await chief.waitForSelector('#exam-text');
    await chief.focus('#exam-text');
    await keyboard.send('Input.insertText', { text: '接警先问什么？' });
    await chief.focus('#exam-options');
    await keyboard.send('Input.insertText', { text: '地点\n姓名' });
    await chief.focus('#exam-right');
    await chief.keyboard.type('1');
    await press(chief, 'Enter');
    await until(chief, 'a question', () => !document.querySelector('#exam-open')?.disabled, [], 10000);
    assert.deepEqual(await axe(chief), []);
    await picture(chief, 'exam-write');
    await chief.focus('#exam-open');
    await press(chief, 'Enter');
    await has(chief, '#exams', '开放');
    const own = await Person.signIn(home, '1003');
    await assert.rejects(own.asks('exam_list'), /not_allowed/);

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
