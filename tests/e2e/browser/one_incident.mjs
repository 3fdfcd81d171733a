// SPDX-License-Identifier: GPL-3.0-or-later
// One incident through the whole real system, by keyboard: a citizen calls 119, a call taker answers
// and dispatches, two departments handle and reply, the citizen is told, the supervisor watches, the
// auditor reads the trail and hears the recording.
//     node tests/e2e/browser/one_incident.mjs [--home DIR]     --home: on a city that runs already
// Pictures: build/screenshots/incident-*.png
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Person } from '../lib/console.mjs';
import { Home, pause, until as await_until } from '../lib/home.mjs';
import { ports, Sipp } from '../lib/sipp.mjs';
import { axe, launch, open_window, picture, sign_in, until } from './browser.mjs';

const NUMBER = `139${String(process.pid).padStart(8, '0')}`;
const LINE = 119;
const given = process.argv.indexOf('--home');
const home = given > 0 ? new Home(process.argv[given + 1]) : Home.make(25000 + (process.pid % 500) * 60);

let failures = 0;
const pages = [];
const step = async (words, act) => {
    const begun = Date.now();
    try {
        await act();
        console.log(`ok   ${words} (${Date.now() - begun} ms)`);
    } catch (error) {
        failures++;
        console.log(`FAIL ${words}: ${error.message}`);
        for (const [name, page] of pages) await picture(page, `incident-failed-${name}`).catch(() => {});
        throw error;
    }
};
const has = (page, selector, words, limit_ms = 15000) => until(page, `"${words}" in ${selector}`,
    ([s, w]) => document.querySelector(s)?.textContent.includes(w), [selector, words], limit_ms);

async function open(browser, login) {
    const page = await open_window(browser, home.consoleUrl);
    pages.push([login, page]);
    await sign_in(page, login, home.passwords[login]);
    return page;
}

/** A department takes the task from the top of its inbox to the reply. */
async function handle(page, login, number, result, rolls) {
    await has(page, '#inbox-list', number);
    await page.focus('#inbox-list');
    await page.keyboard.press('Home');
    for (let i = 0; i < 50; i++) {
        const at = await page.textContent('#inbox-list [aria-selected=true]');
        if (at?.includes(number)) break;
        await page.keyboard.press('ArrowDown');
    }
    await page.keyboard.press('KeyA');
    await has(page, '.task h2', '已签收');
    await has(page, '.task .said', '绿化带着火');
    if (rolls) {
        await page.keyboard.press('Digit1');
        await has(page, '.task h2', '出动');
        await page.keyboard.press('Digit2');
        await has(page, '.task h2', '到场');
    }
    await page.keyboard.press('KeyE');
    await page.keyboard.type(result);
    await picture(page, `incident-department-${login}`);
    await page.keyboard.press('Control+Enter');
    await has(page, '.notices', '已反馈');
}

const browser = await launch();
let phone;
let citizen;
try {
    if (given < 0) home.start();
    phone = new Sipp('seat_phone_asked.xml', ['-p', '15080', '-mp', '15082', '-aa']);
    const eye = await Person.signIn(home, '2002');
    let incident;
    let number;

    const taker = await open(browser, '1001');
    await step('the call taker signs in and is ready', async () => {
        await until(taker, 'the seat signed on', () => /离席 ·|就绪/.test(document.querySelector('.seat .state')?.textContent ?? ''));
        if (!(await taker.textContent('.seat .state')).includes('就绪')) await taker.keyboard.press('F9');
        await has(taker, '.seat .state', '就绪');
    });
    const chief = await open(browser, '2001');
    await step('the supervisor sees the seat', () => has(chief, '#seats-list', '1001'));

    citizen = new Sipp('citizen_counted.xml', ['-s', String(LINE), `127.0.0.1:${home.sipPort('trunk-1')}`,
        '-inf', 'numbers.csv', '-m', '1', '-d', '25000', '-trace_logs', '-timeout', '120', ...ports()],
    (folder) => writeFileSync(path.join(folder, 'numbers.csv'), `SEQUENTIAL\n${NUMBER}\n`));
    await step('a citizen calls 119 and the seat rings', async () => {
        await has(taker, '.ring.on', '119');
        await picture(taker, 'incident-taker-ring');
    });
    await step('F2 answers: both sides are connected, the number is read', async () => {
        await taker.keyboard.press('F2');
        await has(taker, '.caller', '通话中');
        await until(taker, 'the number', (n) => document.querySelector('#form-number')?.value === n, NUMBER, 10000);
    });
    await step('the record is written, registered and dispatched', async () => {
        await taker.focus('#form-category');
        await taker.keyboard.type('ljlhd');
        await taker.keyboard.press('Enter');
        await until(taker, 'the category', () => document.querySelector('#form-category')?.value.startsWith('150700'));
        await taker.keyboard.press('Tab');
        await taker.keyboard.type('wjq');
        await taker.keyboard.press('Enter');
        await taker.keyboard.press('Tab');
        await taker.keyboard.press('Tab');
        await taker.keyboard.type('滨江路12号对面');
        await taker.keyboard.press('Tab');
        await taker.keyboard.type('绿化带着火，火势向停车场蔓延');
        await picture(taker, 'incident-taker-form');
        await taker.keyboard.press('Control+Enter');
        await has(taker, '.finished', '已派发');
        number = (await taker.textContent('.finished strong')).replace('-', '');
        const detail = await eye.asks('incident', { number });
        assert.equal(detail.row.state, 'dispatched');
        assert.equal(detail.tasks.length, 2);
        incident = detail.row.incident;
    });
    await step('the caller is let go and the wrap-up ends', async () => {
        await taker.keyboard.press('Shift+F2');
        await has(taker, '.seat .state', '话后');
        await taker.keyboard.press('Control+Enter');
        await has(taker, '.seat .state', '就绪');
    });
    const shown = `${number.slice(0, 8)}-${number.slice(8)}`;
    await step('the assisting department signs and replies', async () => {
        await handle(await open(browser, 'hw'), 'hw', shown, '现场已清理', false);
    });
    await step('the fire brigade signs, rolls, arrives and replies', async () => {
        await handle(await open(browser, 'xj'), 'xj', shown, '明火已扑灭，无人员伤亡', true);
        await await_until('the incident is replied', async () =>
            ['replied', 'told'].includes((await eye.asks('incident', { incident })).row.state));
    });
    await step('the citizen is told the result', async () => {
        const told = async () => (await eye.asks('incident', { incident })).row.state === 'told';
        for (let i = 0; i < 20 && !await told(); i++) await pause(500); // a text may have gone out
        if (!await told()) {
            await has(taker, '#follow-list', shown);
            await taker.focus('#follow-list');
            for (let i = 0; i < 50; i++) {
                if ((await taker.textContent('#follow-list [aria-selected=true]'))?.includes(shown)) break;
                await taker.keyboard.press('ArrowDown');
            }
            for (let i = 0; i < 9 && await taker.evaluate(() => document.activeElement?.textContent?.trim() !== '已电话告知'); i++)
                await taker.keyboard.press('Tab');
            await taker.keyboard.press('Enter');
            await await_until('the incident is told', told);
        }
    });
    await step('the supervisor sees the incident among the open ones', async () => {
        await until(chief, 'an open incident', () => Number(document.querySelectorAll('.kpi dd')[5]?.textContent) >= 1);
        await picture(chief, 'incident-supervisor');
    });
    const auditor = await open(browser, '3001');
    await step('the auditor finds it, reads the chain, the readers, hears the recording', async () => {
        await auditor.focus('#audit-number');
        await auditor.keyboard.type(shown);
        await auditor.keyboard.press('Enter');
        for (const kind of ['contact_arrived', 'contact_connected', 'incident_registered', 'task_opened', 'task_moved', 'personal_was_read'])
            await has(auditor, '.sheet .trail', kind);
        await picture(auditor, 'incident-auditor');
        await auditor.keyboard.press('Digit2');
        await has(auditor, '#audit-sheet', '办理');
        await auditor.keyboard.press('Digit3');
        await auditor.waitForSelector('#audit-sheet audio', { timeout: 10000 });
        await auditor.keyboard.press('F2');
        await until(auditor, 'the recording plays', () => (document.querySelector('audio')?.currentTime ?? 0) > 0, undefined, 10000);
        await picture(auditor, 'incident-auditor-recording');
    });
    await step('every page is accessible, no page had a fault or asked another host', async () => {
        for (const [login, page] of pages) {
            assert.deepEqual(await axe(page), [], login);
            assert.deepEqual(page.faults, [], login);
        }
    });
} catch (error) {
    console.log(error.stack);
} finally {
    await browser.close();
    await citizen?.stop();
    await phone?.stop();
    if (given < 0) {
        if (failures) for (const program of home.programs) console.log(`--- ${program}\n${home.log(program).slice(-1500)}`);
        home.remove();
    }
}
process.exit(failures ? 1 : 0);
