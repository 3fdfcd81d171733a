// SPDX-License-Identifier: GPL-3.0-or-later
// One incident through the whole real system, by keyboard: a citizen calls 119, a call taker answers,
// the console server is killed in mid-call, the taker goes on and dispatches, two departments handle
// and reply, the citizen is told by text and answers the survey by text, the supervisor watches, the
// auditor reads the trail and hears the recording. Then a text to 12110, a callback and a revisit.
//     node tests/e2e/browser/one_incident.mjs [--home DIR]     --home: on a city that runs already
// Pictures: YIHAO_SCREENSHOTS=FOLDER, real-*.png
import assert from 'node:assert/strict';
import { Centre } from '../lib/centre.mjs';
import { Person } from '../lib/console.mjs';
import { Home, ownPorts, pause, until as await_until } from '../lib/home.mjs';
import { Citizen, closeCitizens } from '../lib/sip.mjs';
import { ports, Sipp } from '../lib/sipp.mjs';
import { FAILED, axe, launch, open_window, picture, sign_in, until } from './browser.mjs';

const serial = String(process.pid).padStart(8, '0');
const [CALLER, TEXTER] = [`139${serial}`, `137${serial}`];
const GIVES_UP = '13800001111'; // the scenario's own
const given = process.argv.indexOf('--home');
const own = given < 0;
const home = own ? Home.make(ownPorts) : new Home(process.argv[given + 1]);

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
        for (const [name, page] of pages) await picture(page, `real-failed-${name}`, FAILED).catch(() => {});
        throw error;
    }
};
const has = (page, selector, words, limit_ms = 20000) => until(page, `"${words}" in ${selector}`,
    ([s, w]) => document.querySelector(s)?.textContent.includes(w), [selector, words], limit_ms);

async function open(browser, login, options) {
    const page = await open_window(browser, home.consoleUrl, { width: 1600, height: 900, ...options });
    pages.push([login, page]);
    console.log(`     ${login}: from Enter at the sign-in to a page that works ${await sign_in(page, login, home.passwords[login])} ms`);
    return page;
}

/** The page in both languages; the language is changed as a person would, the state stays. */
async function picture_both(page, name) {
    await picture(page, `real-${name}-zh`);
    const focus = await page.evaluateHandle(() => document.activeElement);
    await page.locator('.bar button[lang=en]').press('Enter');
    await until(page, 'English', () => document.documentElement.lang === 'en');
    await picture(page, `real-${name}-en`);
    await page.locator('.bar button[lang=zh-CN]').press('Enter');
    await until(page, 'Chinese', () => document.documentElement.lang === 'zh-CN');
    await focus.evaluate((one) => one?.focus?.());
}

/** Walks a list down to the row with these words. */
async function choose(page, list, words) {
    await has(page, `#${list}`, words);
    await page.focus(`#${list}`);
    await page.keyboard.press('Home');
    for (let i = 0; i < 60; i++) {
        if ((await page.textContent(`#${list} [aria-selected=true]`))?.includes(words)) return;
        await page.keyboard.press('ArrowDown');
    }
    throw new Error(`${words} is not reached in ${list}`);
}

/** Tabs on to the button with these words and presses it. */
async function press_button(page, words) {
    for (let i = 0; i < 20; i++) {
        if (await page.evaluate((w) => document.activeElement?.matches('button') && document.activeElement.textContent.includes(w), words))
            return page.keyboard.press('Enter');
        await page.keyboard.press('Tab');
    }
    throw new Error(`no button ${words} within 20 tabs`);
}

/** Fills the record and leaves the focus in the description. place: cells, '' for none. */
async function fill(page, category, code, district, address, place, text) {
    await page.focus('#form-category');
    await page.keyboard.type(category);
    await page.keyboard.press('Enter');
    await until(page, `category ${code}`, (c) => document.querySelector('#form-category')?.value.startsWith(c), code);
    await page.keyboard.press('Tab');
    await page.keyboard.type(district);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.type(address);
    await page.keyboard.press('Tab');
    await page.keyboard.type(place);
    if (place) await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.type(text);
}

/** A department takes the task from its inbox to the reply. */
async function handle(page, login, number, result, rolls) {
    await choose(page, 'inbox-list', number);
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
    await has(page, '.reply .preview', rolls ? `答复：${result}` : '协办');
    if (rolls) await picture_both(page, 'department');
    await page.keyboard.press('Control+Enter');
    await has(page, '.notices', '已反馈');
}

let phone;
let citizen;
let centre;
let eye;
const state_of = async (incident) => (await eye.asks('incident', { incident })).row.state;
const is_in = (incident, ...states) => await_until(`the incident is ${states}`, async () => states.includes(await state_of(incident)), 25);
const order_of = async (page) => (await page.textContent('.finished strong')).trim();

/** The console server is killed while the taker talks and types; a caller gives up meanwhile. */
async function kill_console(taker) {
    home.kill('console');
    await taker.keyboard.type('，火势向停车场蔓延');
    const quitter = new Sipp('citizen_cancel.xml', ['-s', '120', `127.0.0.1:${home.sipPort('trunk-2')}`, '-m', '1', '-d', '250',
        '-timeout', '30', ...ports()]);
    await quitter.ended;
    home.start('console');
    await taker.waitForSelector('.again', { timeout: 20000 });
    assert.equal(await taker.inputValue('#form-text'), '绿化带着火，火势向停车场蔓延');
    assert.equal(await taker.evaluate(() => document.activeElement?.id), 'form-text', 'the focus is not taken away');
    await picture_both(taker, 'taker-again');
    await taker.keyboard.press('F8');
    await taker.keyboard.type(home.passwords['1001']);
    await taker.keyboard.press('Enter');
    await until(taker, 'fresh again', () => document.querySelector('.link.fresh') && !document.querySelector('.again'), undefined, 15000);
    await has(taker, '.caller', '通话中');
    await has(taker, '#side-errands', '1'); // what happened meanwhile is there
    assert.equal(await taker.inputValue('#form-text'), '绿化带着火，火势向停车场蔓延');
    eye = await Person.signIn(home, '2002');
    assert.ok((await eye.asks('contacts')).some((row) => row.state === 'connected'), 'the call lives on');
}

const browser = await launch({ whole: true });
try {
    const centrePort = Number(home.setting('sms-1', 'centre_port'));
    centre = new Centre(centrePort, centrePort + 1);
    if (own) home.start();
    phone = new Sipp('seat_phone_asked.xml', ['-p', String(home.phonePort), '-mp', String(home.phonePort + 2), '-aa']);
    await centre.bound(2);
    let incident;
    let shown;

    const taker = await open(browser, '1001');
    await step('the call taker signs in and is ready', async () => {
        await until(taker, 'the seat signed on', () => /离席 ·|就绪/.test(document.querySelector('.seat .state')?.textContent ?? ''), undefined, 15000);
        if (!(await taker.textContent('.seat .state')).includes('就绪')) await taker.keyboard.press('F9');
        await has(taker, '.seat .state', '就绪');
    });
    const called = Date.now();
    citizen = await Citizen.call(home.sipPort('trunk-1'), 119, { number: CALLER });
    await step('a citizen calls 119 and the seat rings', async () => {
        await has(taker, '.ring.on', '119');
        console.log(`     the ring stands on the page ${Date.now() - called} ms after the INVITE`);
        await picture_both(taker, 'taker-ring');
    });
    await step('F2 answers: both sides are connected, the number is read', async () => {
        await taker.keyboard.press('F2');
        await has(taker, '.caller', '通话中');
        citizen.sound.sing(citizen.theirs, 1000); // who says nothing for long is called back when the call is over (silence.h)
        await until(taker, 'the number', (n) => document.querySelector('#form-number')?.value === n, CALLER, 10000);
    });
    await step('the console server dies in mid-call: the page comes back with every word, the call lives', async () => {
        await fill(taker, 'lajilvhua', '150700', 'wangjiangqu', '滨江路12号对面', '101,101', '绿化带着火');
        await kill_console(taker);
    });
    await step('the record is registered and dispatched', async () => {
        await taker.keyboard.press('F4'); // the questions that fit the category
        await has(taker, '.question', '着火的具体位置');
        await until(taker, 'the cursor in the answer', () => document.activeElement?.matches('.guide-input'), undefined, 10000);
        await taker.keyboard.type('滨江路12号对面的绿化带');
        await taker.keyboard.press('Enter');
        await has(taker, '.question', '是什么在烧');
        await picture_both(taker, 'taker-form');
        await taker.keyboard.press('Control+Enter');
        await has(taker, '.finished', '已派发');
        await has(taker, '.plan.newest', '消防车');
        assert.ok(!(await taker.textContent('.plan.newest')).includes('地点不明'), 'the place is known');
        await picture_both(taker, 'taker-plan');
        shown = await order_of(taker);
        const detail = await eye.asks('incident', { number: shown.replace('-', '') });
        assert.equal(detail.row.state, 'dispatched');
        assert.equal(detail.tasks.length, 2);
        incident = detail.row.incident;
        assert.deepEqual([detail.row.east_cell, detail.row.north_cell], [101, 101], 'the place came along');
    });
    await step('the caller is let go and the wrap-up ends', async () => {
        await taker.keyboard.press('Shift+F2');
        await has(taker, '.seat .state', '话后');
        await taker.keyboard.press('Control+Enter');
        await has(taker, '.seat .state', '就绪');
    });
    await step('who gave up is rung back', async () => {
        await choose(taker, 'follow-list', '回拨');
        await press_button(taker, '显示联系方式');
        await has(taker, '.follow-form', GIVES_UP);
        await picture_both(taker, 'taker-callback');
        await press_button(taker, '已接通');
        await has(taker, '.notices', '已办妥');
        await await_until('nobody is to be rung back', async () => (await eye.asks('callbacks')).length === 0);
    });
    const chief = await open(browser, '2001');
    await step('the supervisor opens the incident and notes a word', async () => {
        await has(chief, '#seats-list', '1001');
        await chief.focus('#late-list');
        await chief.keyboard.press('KeyA');
        await choose(chief, 'late-list', shown);
        await chief.keyboard.press('Enter');
        await has(chief, '.panel h2', shown);
        await chief.keyboard.press('KeyC');
        await has(chief, '.panel .said', '绿化带着火');
        await chief.keyboard.press('KeyN');
        await until(chief, 'the note', () => document.activeElement?.id === 'doing-text');
        await chief.keyboard.type('请留意停车场内车辆');
        await chief.keyboard.press('Control+Enter');
        await has(chief, '.panel .trail', '备注');
    });
    await step('the assisting department signs and replies', async () => {
        await handle(await open(browser, 'hw'), 'hw', shown, '现场已清理', false);
    });
    await step('the fire brigade signs, rolls, arrives and replies', async () => {
        await handle(await open(browser, 'xj'), 'xj', shown, '明火已扑灭，无人员伤亡', true);
        await is_in(incident, 'replied', 'told', 'revisit');
    });
    await step('the citizen gets result and survey by text, and answers 111: closed', async () => {
        await centre.textTo(CALLER, /三位数|digits/, 30);
        await has(chief, '.panel h2', '待');
        await picture_both(chief, 'incident');
        await centre.deliver(CALLER, '12345', '111');
        await is_in(incident, 'closed');
        await has(chief, '.panel h2', '已办结');
        await chief.keyboard.press('Escape');
    });
    let text_incident;
    await step('a text to 12110 is answered, registered and dispatched', async () => {
        await centre.deliver(TEXTER, '12110', `有人跟踪我，不方便打电话 ${serial}`);
        await has(taker, '.ring.on', '短信');
        await taker.keyboard.press('F2');
        await has(taker, '.caller blockquote', '有人跟踪我');
        await taker.keyboard.press('F8');
        await until(taker, 'the answer', () => document.activeElement?.id === 'chat-words');
        await taker.keyboard.type('您在哪里？请保持安静');
        await taker.keyboard.press('Enter');
        await centre.textTo(TEXTER, /请保持安静/, 20);
        await has(taker, '.receipt.good', '已送达');
        await centre.deliver(TEXTER, '12110', '南湖公园东门售票处');
        await has(taker, '.chat-lines li:last-child', '东门售票处');
        await fill(taker, '120300', '120300', 'wjq', '南湖公园东门', '', '');
        await taker.focus('.flags label:nth-of-type(2) input'); // a text could endanger the citizen
        await taker.keyboard.press('Space');
        await picture_both(taker, 'taker-text');
        await taker.keyboard.press('Control+Enter');
        await has(taker, '.finished', '已派发');
        text_incident = (await eye.asks('incident', { number: (await order_of(taker)).replace('-', '') }));
        await taker.keyboard.press('Shift+F2');
        await has(taker, '.seat .state', '话后');
        await taker.keyboard.press('Control+Enter');
        await has(taker, '.seat .state', '就绪');
    });
    await step('the departments reply; no text may go out: the result is told by telephone', async () => {
        const codes = Object.fromEntries((await eye.asksAll('city', { table: 'departments' })).map((row) => [row.department, row.code.toLowerCase()]));
        const lead_last = text_incident.tasks.toSorted((a, b) => Number(a.kind === 'lead') - Number(b.kind === 'lead'));
        for (const { task, department } of lead_last) {
            const desk = await Person.signIn(home, codes[department]);
            await desk.does('task_sign', { task });
            await desk.does('task_reply', { task, solved: 'yes' }, { text: '民警到场，当事人安全' });
        }
        await choose(taker, 'follow-list', '告知');
        await press_button(taker, '显示联系方式');
        await has(taker, '.follow-form', '当事人安全');
        await picture_both(taker, 'taker-tell');
        await press_button(taker, '已电话告知');
        await is_in(text_incident.row.incident, 'revisit');
    });
    await step('the revisit is made by telephone: closed', async () => {
        await choose(taker, 'follow-list', '回访');
        await press_button(taker, '显示联系方式');
        await has(taker, '.follow-form', TEXTER);
        for (const question of ['contacted', 'solved', 'satisfied']) {
            await taker.focus(`#follow-${question}-yes`);
            await taker.keyboard.press('Digit1');
        }
        await picture_both(taker, 'taker-revisit');
        await press_button(taker, '提交回访');
        await is_in(text_incident.row.incident, 'closed');
    });
    await step('the supervisor sees the room', () => picture_both(chief, 'supervisor'));
    const auditor = await open(browser, '3001');
    await step('the auditor finds it, reads the chain, the readers, hears the recording', async () => {
        await auditor.focus('#audit-number');
        await auditor.keyboard.type(shown);
        await auditor.keyboard.press('Enter');
        for (const kind of ['contact_arrived', 'contact_connected', 'incident_registered', 'task_opened', 'task_moved',
            'text_ordered', 'survey_answered', 'personal_was_read']) await has(auditor, '.sheet .trail', kind);
        await picture_both(auditor, 'auditor');
        await auditor.keyboard.press('Digit2');
        await has(auditor, '#audit-sheet', '办理');
        await auditor.keyboard.press('Digit3');
        await auditor.waitForSelector('.sound audio', { timeout: 15000 });
        await auditor.keyboard.press('F2');
        await until(auditor, 'the recording plays', () => (document.querySelector('audio')?.currentTime ?? 0) > 0, undefined, 15000);
        await picture_both(auditor, 'auditor-recording');
    });
    await step('every page is accessible, no page had a fault or asked another host', async () => {
        for (const [login, page] of pages) {
            assert.deepEqual(await axe(page), [], login);
            assert.deepEqual(page.faults, [], login);
        }
    });
} catch (error) {
    console.log(error.stack);
    failures ||= 1;
} finally {
    await browser.close();
    closeCitizens();
    await phone?.stop();
    centre?.stop();
    if (own) {
        if (failures) for (const program of home.programs) console.log(`--- ${program}\n${home.log(program).slice(-1500)}`);
        await pause(100);
        home.remove();
    }
}
process.exit(failures ? 1 : 0);
