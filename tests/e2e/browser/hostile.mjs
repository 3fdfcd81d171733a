// SPDX-License-Identifier: GPL-3.0-or-later
// Hostile words through the real programs into every page: what a citizen, a department, an author and whoever writes
// a table says stays words. No script runs, and no element stands on a page that its own code did not make.
//     node tests/e2e/browser/hostile.mjs
import assert from 'node:assert/strict';
import { Person } from '../lib/console.mjs';
import { Home, ownPorts, until as await_until } from '../lib/home.mjs';
import { launch, open_window, sign_in, until } from './browser.mjs';

const attack = (mark) => `${mark}<img src=x onerror="window.taken=1"><script>window.taken=1</script>"'><svg/onload=window.taken=1><a href="javascript:window.taken=1">a</a>{{7*7}}`;
const home = Home.make(ownPorts);
home.rewrite('departments.csv', (text) => text.replace('Urban Management', '"<b onclick=window.taken=1>Urban</b> Management"'.slice(1, -1)));

/** What no page of ours makes: a foreign element or attribute, or a word that ran. */
const look = () => {
    const bad = [...document.querySelectorAll('*')].filter((one) =>
        (one.localName === 'script' && !new URL(one.src || 'x:', location.href).href.startsWith(location.origin)) ||
        (one.localName === 'img' && one.getAttribute('src') === 'x') || one.localName === 'iframe' || one.localName === 'object' ||
        [...one.attributes].some(({ name, value }) => /^on/i.test(name) || /^\s*javascript:/i.test(value)));
    return { taken: window.taken, bad: bad.map((one) => one.outerHTML.slice(0, 120)), shown: document.body.innerText.includes('onerror=') };
};
let looked = 0;
async function inspect(page, what, { shown = false } = {}) {
    const found = await page.evaluate(look);
    assert.equal(found.taken, undefined, `${what}: a script ran`);
    assert.deepEqual(found.bad, [], `${what}: a foreign element`);
    if (shown) assert.ok(found.shown, `${what}: the words are not shown at all`);
    looked++;
}

const browser = await launch();
try {
    home.start('dispatcher', 'console');
    const taker = await Person.signIn(home, '1002');
    await taker.does('taker_sign_on');
    const supervisor = await Person.signIn(home, '2001');
    await taker.does('incident_register', { line: 12345, category: 220100, district: 340104 },
        { text: attack('text'), name: attack('name').slice(0, 60), address: attack('place').slice(0, 180), number: '13512345678' });
    const row = await await_until('the order', async () => (await supervisor.asks('incidents', { open: true }))[0]);
    const department = (await supervisor.asks('city', { table: 'departments' })).find((one) => one.code === 'CG').department;
    await taker.does('incident_dispatch', { incident: row.incident, lead: department });
    await supervisor.does('incident_note', { incident: row.incident }, { text: attack('note') });
    const { article } = await supervisor.does('article_draft', { head: { title_zh: attack('马拉松').slice(0, 100), title_en: attack('e').slice(0, 118), words: attack('w').slice(0, 200), summary_en: attack('s') } });
    for (const paragraph of [1, 2]) await supervisor.does('article_write', { article, paragraph, text: attack(`body ${paragraph}`) });
    const second = await Person.signIn(home, '2002');
    await second.does('article_review', { article, agree: true, words: attack('agreed') });
    await second.does('article_publish', { article });
    await taker.does('article_correct', { article, edition: 1, words: attack('wrong') });
    const open = async (login) => {
        const page = await open_window(browser, home.consoleUrl, { width: 1600, height: 900 });
        await sign_in(page, login, home.passwords[login]);
        await page.waitForSelector('main');
        return page;
    };
    const shows = (page, what) => until(page, `${what} on the page, as words`, () => document.body.innerText.includes('onerror='), undefined, 10000);
    const desk = await open('cg');
    await until(desk, 'the task', () => document.querySelectorAll('#inbox-list li').length > 0);
    await desk.focus('#inbox-list');
    await desk.keyboard.press('ArrowDown');
    await desk.keyboard.press('Enter'); // what was said; it is noted who looked
    await shows(desk, 'the case');
    await inspect(desk, 'the department', { shown: true });
    await desk.keyboard.press('KeyA');
    await desk.waitForSelector('#attach-file', { state: 'attached' });
    for (const [mime, bytes] of [['image/png', '89504e470d0a1a0a00'], ['text/html', Buffer.from(attack('page')).toString('hex')]]) {
        await desk.setInputFiles('#attach-file', { name: attack(mime), mimeType: mime, buffer: Buffer.from(bytes, 'hex') });
        await until(desk, `the name of a ${mime} in a notice`, (m) => document.body.innerText.includes(`${m}<img src=x`), mime, 10000);
        await inspect(desk, `a file's name, ${mime}`, { shown: true });
    }
    /* A program of their own may say anything of a file: where it lies is words, and leads nowhere else. */
    const bureau = await Person.signIn(home, 'cg');
    const [{ task }] = await bureau.asks('tasks', { department, open: true });
    for (const [server, file] of [[attack('s').slice(0, 31), attack('f').slice(0, 63)], ['..', 'keys/passwords'], ['console', '../../keys/passwords'], ['/etc', 'passwd']]) {
        const { event_seq } = await bureau.does('attachment_store', { task, kind: 'jpeg', size: '9', server, file, digest: 'ab'.repeat(32) }, { file_key: 'cd'.repeat(32) });
        const got = await fetch(`${home.consoleUrl}/api/v1/attachments/${event_seq}?reason=handling`, { headers: { cookie: bureau.cookie } });
        assert.equal(got.status, 404, `${server}/${file}`);
    }
    const chief = await open('2001');
    await chief.keyboard.press('Slash');
    await chief.keyboard.type(row.number);
    await chief.keyboard.press('Enter');
    await until(chief, 'the case', (n) => document.querySelector('.detail, .incident, [role=dialog], main')?.innerText.includes(n.slice(-6)), row.number, 10000);
    await chief.keyboard.press('KeyC');
    await shows(chief, 'the case');
    await inspect(chief, 'the supervisor', { shown: true });
    const seat = await open('1001');
    for (let i = 0; i < 4 && !(await seat.$('#know-words')); i++) {
        await seat.keyboard.press('F3');
        await seat.waitForSelector('#know-words', { timeout: 1000 }).catch(() => null);
    }
    await seat.focus('#know-words');
    await seat.keyboard.type('马拉松');
    await until(seat, 'the article', () => document.querySelector('#know-list')?.innerText.includes('马拉松<img src=x'), undefined, 10000);
    await inspect(seat, 'a list of articles', { shown: true });
    await seat.focus('#know-list');
    for (const key of ['Home', 'Enter']) await seat.keyboard.press(key);
    await until(seat, 'its body', () => ['body 1<img', 'body 2<img'].every((words) => document.querySelector('#know-article')?.innerText.includes(words)), undefined, 10000);
    await inspect(seat, "an article's body", { shown: true });
    desk.faults = desk.faults.filter((fault) => !fault.includes('status of 415')); /* what is no picture is refused */
    for (const page of [desk, chief, seat]) assert.deepEqual(page.faults, []);
    for (const login of ['3001', '3002', '4001', '4002', '1001', '2002']) {
        if (!home.passwords[login]) continue;
        const page = await open(login);
        await page.waitForTimeout(200);
        await inspect(page, login);
        assert.deepEqual(page.faults, []);
        await page.context().close();
    }
    /* Who is thrown out is out everywhere, and by security alone: a command at the terminal leaves the page signed in. */
    const yihao = (words) => home.shell(`$bin/yihao --home "$HOME_DIR" ${words}`);
    yihao('--as 2001 status');
    await supervisor.does('incident_note', { incident: row.incident }, { text: 'still here' });
    assert.throws(() => yihao('--as 1001 user sign-out 2001'));
    yihao('--as 4002 user sign-out 2001');
    await until(chief, 'the page of who was signed out', () => document.querySelector('input[type=password]') !== null, undefined, 10000);
    assert.equal(await supervisor.tries('incident_note', { incident: row.incident }, { text: 'gone' }), 'not_signed_in');
    console.log(`ok   ${looked} looks`);
} finally {
    await browser.close();
    home.remove();
}
