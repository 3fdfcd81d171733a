// SPDX-License-Identifier: GPL-3.0-or-later
// A citizen's own page (/q) through the real programs, in Chromium with scripts switched off: the code comes by text,
// the page shows where the order stands, facts are added, the department is urged, the receipt is shown; wrong codes,
// strange numbers and too many tries get one answer.
//     node tests/e2e/browser/citizen.mjs
// Pictures: YIHAO_SCREENSHOTS=FOLDER, citizen-*.png
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Centre } from '../lib/centre.mjs';
import { Person } from '../lib/console.mjs';
import { Home, ownPorts, root, until } from '../lib/home.mjs';
import { launch, picture } from './browser.mjs';
import { readFileSync } from 'node:fs';

const require = createRequire(path.join(root, 'consoles/web/package.json'));
const axe_source = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const FROM = '13900000777';
const home = Home.make(ownPorts);
const centre = new Centre(ownPorts + 50, ownPorts + 51);
let browser;

/** axe from outside: the page itself runs no script. */
async function axe(page) {
    const other = await browser.newContext({ bypassCSP: true });
    const copy = await other.newPage();
    await copy.goto(`${home.consoleUrl}/q`);
    await copy.setContent((await page.content()).replace('<head>', `<head><base href="${home.consoleUrl}/q">`));
    await copy.evaluate(axe_source);
    const { violations } = await copy.evaluate(() => window.axe.run(document, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }));
    await other.close();
    return violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(' ')).join(' | ')}`);
}

async function order_by_text() {
    const taker = await Person.signIn(home, '1001');
    await taker.does('taker_sign_on');
    await taker.does('taker_ready');
    await centre.deliver(FROM, '12345', '南湖路12号门前路灯坏了', { coding: 'ucs2' });
    const { contact, offer } = await until('a text is offered', async () =>
        (await taker.asks('contacts')).find(({ channel, state }) => channel === 'sms' && state === 'offered'), 20);
    await taker.does('offer_accept', { offer });
    const { personal } = await taker.does('personal_read', { subject: contact, reason: 'answering' });
    const { incident, number } = await taker.does('incident_register', { contact, category: 230300, district: 320902 },
        { number: personal.number, text: personal.text });
    const departments = await taker.asksAll('city', { table: 'departments' });
    await taker.does('incident_dispatch', { incident, lead: departments.find((row) => row.code === 'ZJ').department });
    await taker.does('contact_finish', { contact });
    return { taker, incident, number: String(number) };
}

async function ask(page, number, code) {
    await page.goto(`${home.consoleUrl}/q?l=zh`);
    await page.fill('#number', number);
    await page.fill('#code', code);
    await page.keyboard.press('Enter');
    await page.waitForLoadState();
}

try {
    await until('the centre listens', () => centre.ask('GET', 'state').catch(() => null));
    home.start('dispatcher', 'console', 'sms-1', 'sms-2');
    await centre.bound(2);
    const { taker, incident, number } = await order_by_text();
    const received = await centre.textTo(FROM, /查询码\d{8}/);
    const code = /查询码(\d{8})/.exec(received.text)[1];

    browser = await launch();
    const context = await browser.newContext({ javaScriptEnabled: false, locale: 'zh-CN', viewport: { width: 390, height: 844 } });
    const page = await context.newPage();
    await ask(page, number, code === '00000000' ? '11111111' : '00000000');
    const wrong = await page.textContent('.said');
    assert.deepEqual(await axe(page), []);
    await picture(page, 'citizen-ask');
    await ask(page, '20200101000009', code);
    assert.equal(await page.textContent('.said'), wrong, 'an unknown number is answered like a wrong code');

    await ask(page, `${number.slice(0, 8)} ${number.slice(8)}`, code);
    assert.match(await page.textContent('.state'), /已派往承办部门/);
    assert.match(await page.textContent('main'), /住房和城乡建设|住建/);
    const body = await page.textContent('body');
    for (const secret of [FROM, '南湖路', code]) assert.ok(!body.includes(secret), `${secret} is not shown`);
    assert.deepEqual(await axe(page), []);
    await picture(page, 'citizen-case-zh');

    await page.fill('#add-text', '灯杆编号 0817');
    await page.click('section[aria-labelledby=add-title] button');
    assert.match(await page.textContent('.said'), /补充情况已收到/);
    assert.match(await page.textContent('.steps'), /您补充了情况/);
    await page.click('section[aria-labelledby=urge-title] button');
    assert.match(await page.textContent('.said'), /已催办/);
    assert.equal((await taker.asks('incident', { incident })).row.urges, 1);
    const trail = await taker.asksAll('events', { incident });
    assert.equal(trail.filter(({ event }) => event.citizen_visited).length, 3);
    const sealed = trail.find(({ event }) => event.citizen_visited?.act === 'add');
    const told = await taker.does('personal_read', { subject: incident, reason: 'answering', seq: sealed.seq });
    assert.equal(told.personal.text, '灯杆编号 0817');

    await page.click('nav a[lang=en]');
    assert.match(await page.textContent('.state'), /sent to the department/);
    await page.click('nav a:last-child');
    assert.equal(await page.getAttribute('html', 'class'), 'large');
    assert.deepEqual(await axe(page), []);
    await picture(page, 'citizen-case-en-large');
    await page.click('.links a');
    assert.match(await page.textContent('main'), /Receipt/);
    await page.emulateMedia({ media: 'print' });
    await picture(page, 'citizen-receipt');
    await page.emulateMedia({ media: 'screen' });

    const post = (path, fields, headers = {}) => fetch(`${home.consoleUrl}${path}`, { method: 'POST', redirect: 'manual',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers }, body: new URLSearchParams(fields) });
    const [{ name, value }] = (await context.cookies()).filter((one) => one.name === 'yihao_q');
    const forged = await post('/q/case', { act: 'withdraw', token: '0'.repeat(32) }, { cookie: `${name}=${value}` });
    assert.match(forged.headers.get('location'), /^\/q\?.*said=over/);
    assert.equal((await post('/q', { number, code }, { origin: 'http://elsewhere.example' })).status, 403);
    let last;
    for (let i = 0; i < 6; i++) last = await post('/q', { number: '20200101000010', code: String(10000000 + i) });
    assert.match(last.headers.get('location'), /said=too_many/);

    await page.goto(`${home.consoleUrl}/q/case?l=zh`);
    await page.click('.links button');
    assert.match(await page.textContent('.said'), /您已离开/);
    await page.goto(`${home.consoleUrl}/q/case?l=zh`);
    assert.match(await page.textContent('.said'), /已过期/);
    console.log('ok   a citizen follows the own order');
} catch (error) {
    console.error(error);
    process.exitCode = 1;
} finally {
    await browser?.close();
    centre.stop();
    home.remove();
}
