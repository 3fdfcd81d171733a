// SPDX-License-Identifier: GPL-3.0-or-later
// The pictures of docs/img: a busy quarter of an hour on a city that has played its day, every row of
// it real (ops/start --home DIR --demo first).
//     node tests/e2e/browser/portraits.mjs --home DIR
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Person } from '../lib/console.mjs';
import { Home, pause, root, until as await_until } from '../lib/home.mjs';
import { ports, Sipp } from '../lib/sipp.mjs';
import { launch, open_window, sign_in, until } from './browser.mjs';

const home = new Home(path.resolve(process.argv[process.argv.indexOf('--home') + 1]));
const SIZE = { width: 1920, height: 1080 };
const running = [];
let next = 0;

function call(line, seconds) {
    const number = `138${String(55510000 + Math.floor(Date.now() / 1000) % 5000 * 10 + next++)}`;
    const sipp = new Sipp('citizen_counted.xml', ['-s', String(line), `127.0.0.1:${home.sipPort(next % 2 ? 'trunk-1' : 'trunk-2')}`,
        '-m', '1', '-d', String(seconds * 1000), '-inf', 'numbers.csv', '-timeout', '300', ...ports()],
    (folder) => writeFileSync(path.join(folder, 'numbers.csv'), `SEQUENTIAL\n${number}\n`));
    running.push(sipp);
    return number;
}
const has = (page, selector, words, limit_ms = 20000) => until(page, `"${words}" in ${selector}`,
    ([s, w]) => document.querySelector(s)?.textContent.includes(w), [selector, words], limit_ms);
/** The callers of the pictures make no sound: say that they are heard. */
async function all_heard() {
    for (const row of await chief.asks('contacts')) if (row.silence && row.state === 'connected') await chief.tries('contact_speak', { contact: row.contact });
}
const keep = async (page, name) => {
    await pause(7500); // until the short messages are gone
    await all_heard();
    await pause(500);
    await page.screenshot({ path: path.join(root, 'docs/img', `${name}.png`) });
};

const chief = await Person.signIn(home, '2001');
const takers = {};
for (let seat = 1002; seat <= 1008; seat++) takers[seat] = await Person.signIn(home, String(seat));
const code = Object.fromEntries((await chief.asksAll('city', { table: 'departments' })).map((row) => [row.code, row.department]));
const desk = async (name) => Person.signIn(home, name.toLowerCase());
const phone = new Sipp('seat_phone.xml', ['-p', String(home.phonePort), '-d', '600', '-aa']);
running.push(phone);

/** Registers and dispatches; what has a caller in hand takes the contact along. */
async function incident(taker, category, district, lead, assists, address, text, contact) {
    const { incident: id } = await taker.does('incident_register', { ...(contact ? { contact } : { line: 12345 }), category, district }, { address, text });
    await taker.does('incident_dispatch', { incident: id, lead: code[lead], assists: assists.map((one) => code[one]) });
    return id;
}
async function task_of(person, id) {
    return await_until('the task', async () => (await person.asks('tasks', { department: person.user.department, open: true }))
        .find((row) => row.incident === id));
}
async function contact_of(taker) {
    return (await await_until('a call', async () => (await chief.asks('contacts'))
        .find((row) => row.taker === taker.user.user && row.state === 'connected'), 20)).contact;
}

/** One seat after the other takes a call, so that it is known who has which. */
async function room() {
    takers[1001] = await Person.signIn(home, '1001');
    for (const taker of Object.values(takers)) {
        await taker.tries('taker_sign_on');
        const held = (await chief.asks('contacts')).find((row) => row.taker === taker.user.user && row.state === 'connected');
        if (held) await taker.does('contact_finish', { contact: held.contact });
        await taker.tries('wrap_up_finish');
        await taker.tries('taker_away', { reason: 'break' });
    }
    const matters = [
        [1002, 119, 150100, 320901, 'XJ', ['GA', 'JZ'], '望江区人民路88号3栋', '三楼厨房着火，有老人被困'],
        [1003, 120, 170200, 320902, 'JZ', [], '南湖路6号', '胸痛，出冷汗'],
        [1004, 119, 150700, 320905, 'XJ', ['HW'], '东浦区滨江路12号对面', '绿化带着火'],
        [1005, 122, 140200, 320902, 'JJ', [], '解放路与湖滨路口', '两车追尾，无人受伤'],
        [1006, 12345, 220200, 320901, 'HW', [], '望江花园小区', '垃圾两天未清运'],
    ];
    const made = [];
    for (const [seat, line, category, district, lead, assists, address, text] of matters) {
        const taker = takers[seat];
        if (line !== 12345) { // the reserve keeps one ready seat for emergencies
            await taker.does('taker_ready');
            call(line, 150);
        }
        const contact = line === 12345 ? undefined : await contact_of(taker);
        made.push(await incident(taker, category, district, lead, assists, address, text, contact));
    }
    made.push(await incident(takers[1007], 160100, 320901, 'XJ', [], '望江区学府街2号', '楼道有燃气味'));
    made.push(await incident(takers[1007], 230300, 320905, 'ZM', [], '东浦区滨河路12号', '路灯三天不亮'));
    await takers[1007].does('taker_away', { reason: 'meal' }).catch(() => null);
    await takers[1008].tries('taker_away', { reason: 'training' });
    const zm = await desk('ZM');
    await zm.does('task_send_back', { task: (await task_of(zm, made.at(-1))).task, reason: 'ownership' }, { text: '该路段路灯未移交' });
    return made;
}

const browser = await launch();
try {
    const made = await room();
    const taker = await open_window(browser, home.consoleUrl, SIZE);
    await sign_in(taker, '1001', home.passwords['1001']);
    await until(taker, 'the seat', () => /离席/.test(document.querySelector('.seat .state')?.textContent ?? ''), undefined, 15000);
    await taker.keyboard.press('F9');
    await has(taker, '.seat .state', '就绪');
    call(119, 150);
    await has(taker, '.caller', '通话中');
    for (const line of [122, 12345, 110]) call(line, 100);
    await until(taker, 'the number', () => document.querySelector('#form-number')?.value);
    for (const [words, ...keys] of [['zzhz', 'Enter', 'Tab'], ['wjq', 'Enter', 'Tab', 'Tab'], ['望江区人民路88号3栋二单元', 'Tab'], ['100,100', 'Enter', 'Tab'],
        ['三楼冒烟，楼道里也有烟，四楼有孩子在家']]) {
        await taker.keyboard.type(words);
        await pause(300);
        for (const key of keys) await taker.keyboard.press(key);
    }
    if (!await taker.inputValue('#form-category')) throw new Error('no category');
    await taker.keyboard.press('F4');
    await has(taker, '.question', '着火的具体位置');
    await taker.keyboard.type('望江区人民路88号3栋二单元');
    await taker.keyboard.press('Enter');
    await has(taker, '.question', '是什么在烧');
    await taker.keyboard.press('1');
    await has(taker, '.question', '里面');
    await keep(taker, 'taker');

    const department = await open_window(browser, home.consoleUrl, SIZE);
    await sign_in(department, 'xj', home.passwords.xj);
    const xj = await desk('XJ');
    const { number } = await task_of(xj, made[2]);
    await has(department, '#inbox-list', `${number.slice(0, 8)}-${number.slice(8)}`);
    await department.focus('#inbox-list');
    await department.keyboard.press('Home');
    for (let i = 0; i < 9; i++) {
        if ((await department.textContent('#inbox-list [aria-selected=true]')).includes(number.slice(8))) break;
        await department.keyboard.press('ArrowDown');
    }
    for (const key of ['KeyA', 'Digit1', 'Digit2']) {
        await department.keyboard.press(key);
        await pause(400);
    }
    await department.keyboard.press('KeyE');
    await department.keyboard.type('明火已扑灭，无人员伤亡');
    await keep(department, 'department');

    const supervisor = await open_window(browser, home.consoleUrl, SIZE);
    await sign_in(supervisor, '2001', home.passwords['2001']);
    await await_until('a task is late', async () => (await chief.asks('tasks', { open: true })).some((row) => row.overdue), 90);
    await has(supervisor, '#rulings-list', '权属不清');
    await keep(supervisor, 'supervisor');
    await supervisor.focus('#seats-list');
    await supervisor.keyboard.press('KeyM');
    await supervisor.waitForSelector('#city-map .map-mark.incident');
    await supervisor.focus('#city-map');
    for (const key of ['Equal', 'Equal']) await supervisor.keyboard.press(key);
    await keep(supervisor, 'map');

    const wall = await open_window(browser, home.consoleUrl, { ...SIZE, path: '/?wall=1' });
    await sign_in(wall, '2001', home.passwords['2001']);
    await wall.waitForSelector('.wall-seats dd');
    await keep(wall, 'wall');

    const auditor = await open_window(browser, home.consoleUrl, SIZE);
    await sign_in(auditor, '3001', home.passwords['3001']);
    await auditor.focus('#audit-line');
    await auditor.keyboard.press('Control+Enter');
    await auditor.waitForSelector('.sheet .trail li');
    await keep(auditor, 'auditor');
} finally {
    await browser.close();
    for (const sipp of running.reverse()) await Promise.race([sipp.end(), pause(1000)]);
    for (const sipp of running) await sipp.stop();
}
