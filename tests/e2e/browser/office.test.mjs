// SPDX-License-Identifier: GPL-3.0-or-later
// The department's and the supervisor's panels in Chromium, against the fake console server, by
// keyboard alone: petitions and their approval, demands, units, alarms, storm, the wall.
import assert from 'node:assert/strict';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { axe, picture, until } from './browser.mjs';
import { dress, looks } from './look.mjs';
import { key_of, touched, with_authenticator } from './authenticator.mjs';
import { focus_is, has, press, press_at_once, ready, story } from './story.mjs';

const as = (city) => (user, key, body, personal) => city.command(city.users.find((one) => one.user === user), { key, ...body, personal });
/** A work order in the hands of the urban management bureau, signed. */
function work_order(city) {
    const does = as(city);
    const { incident } = does(1001, 'a', { incident_register: { line: 12345, category: 220100, district: 340104 } }, { text: '路灯不亮', number: '13512345678' });
    does(1001, 'b', { incident_dispatch: { incident, lead: 4 } });
    does(2004, 'c', { task_sign: { task: city.tasks[0].task } });
    return incident;
}

const be64 = (...numbers) => Buffer.concat(numbers.map((number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(BigInt(number));
    return bytes;
}));
/** Is it signed as docs/trail-format.md says? steps and words by their numbers in proto/types.proto. */
function holds({ user, body, personal }, step, solved) {
    const { acknowledgement: said, task } = body;
    const digest = personal?.text ? createHash('sha256').update(Buffer.from(personal.blind, 'hex')).update(personal.text).digest() : Buffer.alloc(32);
    assert.equal(said.words ?? '00'.repeat(32), digest.toString('hex'));
    const statement = Buffer.concat([Buffer.from('yihao acknowledgement 1'),
        be64(1, said.signet, user, said.incident, task, said.version, step, 0, 0, solved, said.at_ms), digest, Buffer.alloc(32, 0xc1), Buffer.from(said.key, 'hex')]);
    const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(said.key, 'hex').toString('base64url') } });
    return verify(null, statement, key, Buffer.from(said.signature, 'hex'));
}

/** What was signed, by a security key (docs/trail-format.md). */
function touched_for(key, algorithm, { user, body, personal }, step, solved, origin) {
    const { acknowledgement: said, task } = body;
    const digest = personal?.text ? createHash('sha256').update(Buffer.from(personal.blind, 'hex')).update(personal.text).digest() : Buffer.alloc(32);
    const statement = Buffer.concat([Buffer.from('yihao acknowledgement 1'),
        be64(algorithm, said.signet, user, said.incident, task, said.version, step, 0, 0, solved, said.at_ms), digest, Buffer.alloc(32, 0xc1),
        Buffer.from(said.key, 'hex'), Buffer.from(said.ordinate || '00'.repeat(32), 'hex')]);
    return touched(key, algorithm, said.touch, said.signature, statement, origin);
}

story('a department that signs: the officer makes a key, signs for the task and replies, by keyboard', async ({ open, city }) => {
    city.departments = city.departments.map((one) => one.department === 4 ? { ...one, signs: true } : one);
    const user = city.users.find((one) => one.user === 1001);
    const { incident } = city.command(user, { key: 'a', incident_register: { line: 12345, category: 220100 }, personal: { text: '路灯' } });
    city.command(user, { key: 'b', incident_dispatch: { incident, lead: 4 } });
    const page = await open('2004');
    await has(page, '#inbox-list', '路灯不亮');
    await press(page, 'Key:ArrowDown', 'Key:KeyA');
    await has(page, 'dialog[open]', '个人签名密钥');
    await until(page, 'focus in the dialog', () => document.activeElement?.id === 'signet-label');
    assert.deepEqual(await axe(page), []);
    await picture(page, 'department-key');
    await press(page, 'Key:Enter');
    await has(page, '.task h2', '已签收');
    assert.equal(city.signets.length, 1);
    await press(page, 'Key:KeyE', '灯已修好 The lamp is mended', 'Key:Control+Enter');
    await until(page, 'an empty inbox', () => document.querySelectorAll('#inbox-list li').length === 0);
    const [sign, reply] = city.acknowledged;
    assert.equal(sign.kind, 'task_sign');
    assert.ok(holds(sign, 2, 0));
    assert.equal(reply.kind, 'task_reply');
    assert.ok(holds(reply, 8, 1));
    assert.ok(!holds(sign, 3, 0) && BigInt(reply.body.acknowledgement.version) > BigInt(sign.body.acknowledgement.version));
});

for (const algorithm of [8, 7]) story(`an officer's security key (${algorithm === 7 ? 'ES256' : 'Ed25519'}) is enrolled by touch, and signs; one that is gone does not`, async ({ open, city }) => {
    city.departments = city.departments.map((one) => one.department === 4 ? { ...one, signs: true } : one);
    city.party = 'localhost';
    const user = city.users.find((one) => one.user === 1001);
    const { incident } = city.command(user, { key: 'a', incident_register: { line: 12345, category: 220100 }, personal: { text: '路灯' } });
    city.command(user, { key: 'b', incident_dispatch: { incident, lead: 4 } });
    let device;
    const page = await open('2004', { host: 'localhost', before: async (window) => { device = await with_authenticator(window, algorithm); } });
    await has(page, '#inbox-list', '路灯不亮');
    await press(page, 'Key:ArrowDown', 'Key:KeyA');
    await has(page, 'dialog[open]', '使用安全密钥');
    await page.focus('#signet-touch');
    await press(page, 'Key:Enter');
    await has(page, '.task h2', '已签收');
    const [enrolled] = city.enrolments;
    assert.equal(enrolled.algorithm, algorithm);
    assert.equal(city.signets[0].label, '安全密钥');
    await page.click('text=签名密钥');
    await until(page, 'the key and since when', () => /安全密钥 \d\d-\d\d \d\d:\d\d:\d\d/.test(document.querySelector('.signets li')?.innerText ?? ''));
    await press(page, 'Key:Escape');
    await page.focus('#inbox-list');
    const key = key_of(enrolled);
    const statement = Buffer.concat([Buffer.from('yihao signet 1'), be64(algorithm, 2004), Buffer.alloc(32, 0xc1),
        Buffer.from(enrolled.key, 'hex'), Buffer.from(enrolled.ordinate || '00'.repeat(32), 'hex')]);
    const origin = new URL(page.url()).origin;
    assert.ok(touched(key, algorithm, enrolled.touch, enrolled.proof, statement, origin));
    assert.ok(enrolled.attested.includes(enrolled.credential) && enrolled.attested.includes(enrolled.key));
    const [sign] = city.acknowledged;
    assert.ok(touched_for(key, algorithm, sign, 2, 0, origin));
    assert.ok(!touched_for(key, algorithm, sign, 3, 0, origin));
    await device.remove();
    await press(page, 'Key:KeyE', '灯已修好', 'Key:Control+Enter');
    await has(page, '.notice', '未触碰安全密钥');
    assert.equal(city.acknowledged.length, 1);
});

story('a department asks for more time and forwards inside; an urge is answered', async ({ open, city }) => {
    const incident = work_order(city);
    const page = await open('2002');
    await has(page, '#inbox-list', '路灯不亮');
    await press(page, 'Key:ArrowDown');
    await has(page, '.task', '申请延期');
    await press(page, 'Key:KeyX');
    await focus_is(page, 'dept-extension-appraisal');
    await press(page, '2');
    await page.focus('#dept-days');
    await press(page, '5');
    await page.focus('#dept-text');
    await press(page, '等待设备到货', 'Key:Control+Enter');
    await has(page, '.petition', '延期');
    await has(page, '#inbox-list', '延期');
    assert.ok(Number(city.petitions[0].until_ms) > Number(city.tasks[0].due_ms) + 4.9 * 86400000, 'counted from its due time');
    await page.focus('#inbox-list');
    await press(page, 'Key:KeyF');
    await focus_is(page, 'dept-handler');
    await page.selectOption('#dept-handler', '2005');
    await press(page, 'Key:Control+Enter');
    await until(page, 'the form closed', () => !document.querySelector('.dept-form'));
    as(city)(3001, 'u', { incident_urge: { incident } });
    await has(page, '.demand', '答复');
    await page.focus('#inbox-list');
    await press(page, 'Key:KeyU');
    await focus_is(page, 'dept-text');
    assert.deepEqual(await axe(page), []);
    await press(page, '今晚修复', 'Key:Control+Enter');
    await until(page, 'no demand', () => !document.querySelector('.demand .countdown'));
    assert.equal(city.tasks[0].handler, 2005);
    city.tasks[0].owes_reason = true; // as when an emergency was signed for late
    city.say('clock_overdue', { clock: 'sign', owes_reason: true }, { incident, task: city.tasks[0].task, department: city.tasks[0].department });
    await has(page, '.demand', '请先说明原因');
    await page.focus('#inbox-list');
    await press(page, 'Key:KeyU', '4', 'Key:Control+Enter');
    await until(page, 'it is said', () => !document.querySelector('.demand')?.textContent?.includes('原因'));
    assert.equal(city.tasks[0].owes_reason, false);
});

story('a department sees the text as the citizen will get it, how many messages it is, or why none goes out', async ({ open, city }) => {
    const does = as(city);
    const { incident } = does(1001, 'a', { incident_register: { line: 12345, category: 220100 } }, { text: '路灯不亮' });
    does(1001, 'b', { incident_dispatch: { incident, lead: 4 } });
    does(2004, 'c', { task_sign: { task: city.tasks[0].task } });
    const page = await open('2004');
    await has(page, '#inbox-list', '路灯不亮');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('KeyE');
    await focus_is(page, 'dept-reply');
    await page.keyboard.type('已更换灯泡');
    await has(page, '#reply-preview', `【江州12345】编号${city.incidents[0].number}答复：已更换灯泡`);
    await has(page, '#reply-preview', '中文 · UCS-2');
    await has(page, '#reply-preview', '1 条');
    assert.deepEqual(await axe(page), []);
    await picture(page, 'department-preview');
    city.incidents[0].anonymous = true;
    await page.keyboard.type('，请查看'.repeat(12));
    await has(page, '#reply-preview', '不发短信：匿名；由人工告知');
    await has(page, '#reply-preview', '2 条');
    await page.locator('.bar button[lang=en]').click();
    await has(page, '#reply-preview', 'No text goes out');
    await picture(page, 'department-preview-en');
    city.tasks[0].kind = 'assist';
    city.say('task_moved', {}, { incident, task: city.tasks[0].task, department: 4 });
    await has(page, '.reply .preview', 'The citizen is sent the lead');
});

story('a department reads what happened, not who said it, and reveals the number for a purpose', async ({ open, city }) => {
    work_order(city);
    const page = await open('2002');
    await has(page, '#inbox-list', '路灯不亮');
    await press(page, 'Key:ArrowDown', 'Key:Enter');
    await has(page, '.task', '135****5678');
    assert.ok(!(await page.textContent('.task')).includes('13512345678'));
    await press(page, 'Key:Shift+KeyU');
    await until(page, 'the choice of purposes', () => document.activeElement?.closest('.reveal') !== null);
    assert.deepEqual(await axe(page), []);
    await picture(page, 'department-masked');
    await page.selectOption('.reveal select', 'visit');
    await has(page, '.task', '13512345678');
    const reads = city.events.flatMap(({ event }) => event.personal_was_read ?? []);
    assert.deepEqual(reads.map(({ fields, masked, purpose }) => [fields, masked, purpose]), [[24, 2, undefined], [2, 0, 'visit']]);
});

story('a unit reports with digits what its state permits, and why it cannot go on', async ({ open, city }) => {
    const does = as(city);
    const { incident } = does(1001, 'a', { incident_register: { line: 119, category: 110200, district: 340104, east_cell: 100, north_cell: 100 } }, { text: '车着火' });
    does(1001, 'b', { incident_dispatch: { incident, lead: 2 } });
    const page = await open('2001');
    await has(page, '#units-list', '已派');
    await page.focus('#units-list');
    await press(page, 'Key:Home', '1');
    await until(page, 'signed', () => document.querySelector('#units-list .unit-state.signed'));
    await press(page, '1');
    await until(page, 'rolling', () => document.querySelector('#units-list .unit-state.rolling'));
    await picture(page, 'department-units');
    await press(page, '2');
    await focus_is(page, 'unable-breakdown');
    await press(page, '4');
    await until(page, 'out of service', () => document.querySelector('#units-list .unit-state.out_of_service'));
    assert.equal(city.board[0].reason, 'blocked');
    await press(page, 'Key:Shift+KeyM');
    await has(page, '#units-list', '遇险');
    assert.deepEqual(await axe(page), []);
});

story('a supervisor agrees to a petition, urges, supervises and takes a seat off', async ({ open, city }) => {
    const incident = work_order(city);
    const does = as(city);
    does(2002, 'p', { petition_ask: { incident, task: city.tasks[0].task, kind: 'extension', extension: 'works', until_ms: String(Date.now() + 5 * 86400000) } }, { text: '等待设备' });
    does(1002, 't', { taker_sign_on: {} });
    const page = await open('3001');
    await has(page, '#rulings-list', '延期');
    await page.focus('#rulings-list');
    await press(page, 'Key:KeyY');
    await until(page, 'nothing left', () => !document.querySelector('#rulings-list li'));
    assert.equal(city.tasks[0].extensions, 1);
    await page.focus('#late-list');
    await press(page, 'Key:KeyA');
    await has(page, '#late-list', '路灯不亮');
    await press(page, 'Key:Home', 'Key:KeyP');
    await has(page, '#late-list', '督办 1 级');
    await press(page, 'Key:KeyU');
    await has(page, '.notices', '已催办');
    await page.focus('#seats-list');
    await press(page, 'Key:Home', 'Key:KeyO');
    await until(page, 'no seat', () => !document.querySelector('#seats-list li'));
});

story('alarms stand until their cause ends, the gravest first; a storm wants two presses', async ({ open, city }) => {
    work_order(city);
    Object.assign(city.board[0], { mayday: true });
    const page = await open('3001', { theme: 'contrast' });
    await has(page, '.alarm:first-child', '遇险');
    await has(page, '.alarms', 'sms-2');
    const before = await page.locator('.alarms .count').innerText();
    await press(page, 'Key:F2');
    await until(page, 'it is still there, quietly', () => document.querySelector('.alarm.seen')?.textContent.includes('遇险'));
    assert.equal(await page.locator('.alarms .count').innerText(), before);
    as(city)(2001, 'e', { unit_report: { unit: city.board[0].unit, step: 'mayday_end' } });
    await until(page, 'over', () => !document.querySelector('.alarms').textContent.includes('遇险'));
    await page.focus('#queue-list');
    await page.locator('.storm .act').focus();
    await press(page, 'Key:KeyS');
    await has(page, '.storm .act', '再按一次确认');
    await press(page, 'Key:KeyS');
    await has(page, '.storm h2', '应急话务');
    assert.equal(city.storm.cause, 'hand');
    assert.deepEqual(await axe(page), []);
    await picture(page, 'supervisor-contrast');
    const wall = await open('3001', { path: '/?wall=1', theme: 'contrast', language: 'en' });
    await has(wall, '.alarms', 'Storm');
    assert.deepEqual(await axe(wall), []);
});

story('a flood of alarms of one kind stands as one and hides no other; danger to people stands alone', async ({ open, city }) => {
    const does = as(city);
    for (let i = 0; i < 7; i++) does(1001, `r${i}`, { incident_register: { line: 119, category: 110200, district: 340104 } }, { text: '车着火' });
    city.make_late();
    Object.assign(city.board[0], { mayday: true });
    Object.assign(city.board[1], { mayday: true });
    Object.assign(city.board[2], { mayday: true });
    const page = await open('3001');
    await has(page, '.alarms', '7 × 警情超时');
    assert.equal(await page.locator('.alarms li.level-0').count(), 3);
    await has(page, '.alarms', 'sms-2');
    await press(page, 'Key:F2', 'Key:F2', 'Key:F2', 'Key:F2');
    await has(page, '.alarms', '+7'); // seen, it stands behind what nobody has seen
    does(1001, 'new', { incident_register: { line: 119, category: 110200, district: 340104 } }, { text: '车着火' });
    city.make_late();
    await has(page, '.alarms li:not(.seen)', '新增 1');
    await press(page, 'Key:Shift+F2');
    await until(page, 'each by itself', () => document.querySelectorAll('.alarms-all .alarm').length >= 12);
    assert.deepEqual(await axe(page), []);
    await picture(page, 'supervisor-alarms');
});

story('a supervisor listens, whispers, speaks after a second word, and takes over', async ({ open, post, city }) => {
    const taker = await open('1001');
    await ready(taker);
    await post('/test/call', { line: 119, number: '13912345678' });
    await taker.waitForSelector('.ring.on');
    await press(taker, 'Key:F2');
    await has(taker, '.seat .state', '通话');
    const page = await open('3001', { width: 1366, height: 768 });
    await has(page, '#seats-list', '通话');
    await page.focus('#seats-list');
    await press(page, 'Key:Home', 'Key:KeyL');
    await has(page, '.listening', '双方听不到您');
    await press(page, 'Key:KeyW');
    await has(page, '.listening', '只有坐席听到您');
    await press(page, 'Key:KeyB');
    await has(page, '.listen-form', '市民将听到您');
    assert.equal(city.taking_part[0].role, 'coach', 'one press speaks to nobody');
    await press(page, 'Key:Control+Enter');
    await has(page, '.listening', '双方都能听到您');
    await has(page, '#seats-list', '1 方加入');
    assert.deepEqual(await axe(page), []);
    await picture(page, 'supervisor-listening');
    await page.focus('#seats-list');
    await press(page, 'Key:KeyT', 'Key:Control+Enter');
    await until(page, 'nothing to listen to', () => !document.querySelector('.listening'));
    assert.equal(city.contacts[0].taker, 3001);
    await has(taker, '.seat .state', '话后');
});

story('the last day stands as a curve, and as a table for who does not see it', async ({ open }) => {
    const page = await open('3001');
    await until(page, 'a curve', () => document.querySelector('.curves canvas'));
    await has(page, '.curves .legend', '限时接通率');
    await until(page, 'hours', () => document.querySelectorAll('.curves table tbody tr').length === 24);
    await page.selectOption('#curve-line', '119');
    assert.deepEqual(await axe(page), []);
    await picture(page, 'supervisor-curves');
});

story('who only directs has a page of what waits for their word', async ({ open, city }) => {
    const incident = work_order(city);
    as(city)(2002, 'p', { petition_ask: { incident, task: city.tasks[0].task, kind: 'suspension', suspension: 'season', until_ms: String(Date.now() + 30 * 86400000) } }, { text: '冬季不能施工' });
    const page = await open('5001');
    await has(page, '#rulings-list', '挂账');
    await page.focus('#rulings-list');
    await press(page, 'Key:Enter');
    await has(page, '.panel h2', '路灯不亮');
    await has(page, '.panel .petition', '中心主任');
    assert.deepEqual(await axe(page), []);
    await press(page, 'Key:Escape');
    await page.focus('#rulings-list');
    await press(page, 'Key:KeyN');
    await until(page, 'nothing left', () => !document.querySelector('#rulings-list li'));
    assert.equal(city.petitions[0].end, 'refused');
});

story('an auditor finds by district, place, days and person, and contacts by what became of them', async ({ open, post, city }) => {
    const as = (key, body, personal) => city.command(city.users.find((one) => one.user === 1001), { key, ...body, personal });
    as('a', { incident_register: { line: 12345, category: 220100, district: 340102 } }, { text: '路灯不亮', number: '13512345678' });
    as('b', { incident_register: { line: 12345, category: 210100, district: 340104, east_cell: 101, north_cell: 101 } }, { text: '停水', number: '13612340000' });
    const taker = await open('1001');
    await ready(taker);
    await post('/test/call', { line: 119, number: '13912345678', channel: 'voice' });
    await taker.waitForSelector('.ring.on');
    await press(taker, 'Key:F2');
    await has(taker, '.caller', '通话中');
    await press(taker, 'Key:Shift+F2');
    await taker.waitForSelector('#wrap-box');
    await press(taker, 'Key:Shift+F8', '4');
    await until(taker, 'nuisance chosen', () => document.getElementById('disposition-7')?.checked);
    const page = await open('4001');
    await page.selectOption('#audit-district', '340102');
    await press(page, 'Key:Control+Enter');
    await has(page, '#audit-results', '路灯不亮');
    assert.equal(await page.locator('#audit-results li').count(), 1);
    await page.selectOption('#audit-district', '');
    await page.focus('#audit-place');
    await press(page, '101,101', 'Key:Enter', 'Key:Control+Enter');
    await has(page, '#audit-results', '停水');
    await page.reload();
    await page.fill('#audit-day', '2020-01-01');
    await page.fill('#audit-until', '2020-12-31');
    await press(page, 'Key:Control+Enter');
    await has(page, '.results', '没有');
    await page.reload();
    await page.selectOption('#audit-disposition', '7');
    await press(page, 'Key:Control+Enter');
    await has(page, '#audit-results', '骚扰');
    await has(page, '.sheet .trail', '登记来电结果');
    await page.waitForSelector('.sound audio');
    assert.deepEqual(await axe(page), []);
    await picture(page, 'auditor-contacts');
});

story('an auditor sees of every event what it changed: the value before and after, in both languages', async ({ open, city }) => {
    const as = (key, body) => city.command(city.users.find((one) => one.user === 1001), { key, ...body });
    const { incident, number } = as('a', { incident_register: { line: 12345, category: 220100, priority: 'p3', district: 340104, address: '', east_cell: 101, north_cell: 101 }, personal: { text: '路灯不亮', address: '人民路8号' } });
    as('b', { incident_dispatch: { incident, lead: 4 } });
    const { task } = city.tasks[0];
    const say = (kind, body, about = {}) => city.say(kind, body, { incident, ...about }, { actor_kind: 'user', actor: 3001 });
    const day = 86400000, due = Date.UTC(2026, 10, 23, 4);
    say('priority_changed', { from: 'p3', to: 'p1', sla: 'e1' });
    say('secrecy_changed', { from: 'open', to: 'sealed' });
    say('incident_raised', { priority: 'p0', sla: 'e0', secrecy: 'sealed', risks: 2 });
    say('clock_moved', { clock: 'reply', subject: task, from_ms: String(due), due_ms: String(due + day) });
    say('clock_moved', { clock: 'reply', subject: task, from_ms: String(due + day) });
    say('incident_supervised', { to: 2 });
    say('task_forwarded', { handler: 2005 }, { task });
    say('task_forwarded', { handler: 2004 }, { task });
    say('dispute_ruled', { lead: 5 });
    say('dispute_ruled', { lead: 7 });
    say('incident_noted', {}, { has_personal: true });
    const noted = city.events.at(-1);
    noted.sealed = true;
    city.spoken.set(String(noted.seq), { address: '人民路18号' });
    const page = await open('4001');
    await page.focus('#audit-number');
    await page.keyboard.type(number);
    await page.keyboard.press('Enter');
    await has(page, '.sheet .trail', 'incident_registered');
    const changes = () => page.$$eval('.sheet .trail .event', (all) => all.map((one) => [one.classList[1], [...one.querySelectorAll('.changes p')].map((row) => [...row.children].map((part) =>
        [...part.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data).join('')).filter((text) => text !== '→').join('|'))]));
    const of = (all, kind) => all.filter(([one]) => one === kind).map(([, rows]) => rows.map((row) => row.trim()));
    let all = await changes();
    assert.ok(of(all, 'incident_registered')[0].includes('类别|无|路灯不亮'), JSON.stringify(all));
    assert.deepEqual(of(all, 'priority_changed'), [['紧急程度|一般|紧急', ...of(all, 'priority_changed')[0].slice(1)]]);
    assert.deepEqual(of(all, 'secrecy_changed'), [['密级|公开|密封']]);
    assert.deepEqual(of(all, 'incident_raised')[0].slice(0, 2), ['紧急程度|紧急|危及生命', '时限类别|E1|E0']);
    assert.deepEqual(of(all, 'clock_moved'), [['反馈限时|11-23 12:00:00|11-24 12:00:00'], ['反馈限时|11-24 12:00:00|无']]);
    assert.deepEqual(of(all, 'incident_supervised'), [['督办级别|0|2']]);
    assert.deepEqual(of(all, 'task_forwarded')[1], ['经办人|2005 马办|2004 孙城']);
    assert.deepEqual(of(all, 'task_forwarded')[0], ['经办人|无|2005 马办']);
    assert.deepEqual(of(all, 'dispute_ruled'), [['主办单位|城市管理局|水务集团'], ['主办单位|水务集团|住房和城乡建设局']]);
    await page.locator('.trail .incident_registered .chip').click();
    await has(page, '.trail .incident_registered .said', '人民路8号');
    await page.locator('.trail .incident_noted .chip').click();
    await has(page, '.trail .incident_noted .changes', '人民路18号');
    await has(page, '.trail .incident_noted .changes del', '人民路8号');
    assert.deepEqual(await axe(page), []);
    await picture(page, 'auditor-changes');
    await page.locator('.bar button[lang=en]').click();
    await has(page, '.trail .priority_changed .changes', 'Priority');
    all = await changes();
    assert.deepEqual(of(all, 'dispute_ruled')[1], ['Lead department|Water Group|Housing Bureau']);
    assert.deepEqual(of(all, 'clock_moved')[1], ['Reply by|11-24 12:00:00|none']);
    await picture(page, 'auditor-changes-en');
});

story('a narrow right is asked for, agreed to by another, alarmed everywhere, ended and reviewed', async ({ open }) => {
    const taker = await open('1001');
    const auditor = await open('4001');
    const supervisor = await open('3001');
    await taker.keyboard.press('Control+F9');
    await has(taker, 'dialog.glass h2', '应急授权');
    await taker.focus('#glass-why');
    await press(taker, '班长突发疾病', 'Key:Enter');
    await has(taker, 'dialog.glass table', '待第二人同意');
    assert.equal(await taker.locator('dialog.glass tbody button').count(), 0, 'nobody agrees to their own');
    assert.deepEqual(await axe(taker), []);
    await has(supervisor, '.alarms', '应急授权');
    await supervisor.keyboard.press('Control+F9');
    await supervisor.locator('dialog.glass tbody button').first().press('Enter');
    await has(supervisor, 'dialog.glass table', '已开启');
    await has(auditor, '.alarms.loud', '应急授权');
    assert.deepEqual(await axe(auditor), []);
    await picture(auditor, 'glass-auditor');
    await picture(supervisor, 'glass-supervisor');
    await supervisor.locator('dialog.glass tbody button').first().press('Enter');
    await has(auditor, '.alarms.loud', '待审计');
    await auditor.keyboard.press('Control+F9');
    await auditor.focus('#glass-why');
    await press(auditor, '确有必要');
    await auditor.locator('dialog.glass tbody button').first().press('Enter');
    await has(auditor, 'dialog.glass table', '已审计');
    await auditor.waitForSelector('.alarms.loud', { state: 'detached' });
});

story('a notice is corrected with what was wrong, seen beside the old words, let go by the other, and each delivery says which words the citizen has', async ({ open, city }) => {
    const page = await open('3001');
    await press(page, 'Key:Shift+KeyM');
    await has(page, '#notice-panel', '暂无通知');
    await focus_is(page, 'notice-list');
    await press(page, 'Key:KeyN');
    await focus_is(page, 'notice-text');
    await press(page, '请到一中避险', 'Key:Control+Enter');
    await has(page, '#notice-list', '待确认');
    await focus_is(page, 'notice-list');
    await press_at_once(page, 'ArrowDown', 'KeyA');
    await focus_is(page, 'notice-text');
    await press(page, '13800000001', 'Key:Enter', '13800000002', 'Key:Control+Enter');
    await has(page, '#notice-list', '0/2');
    assert.ok(!(await page.locator('#notice-panel').innerText()).includes('确认发送'), 'nobody starts their own');

    const other = await open('3002');
    await press(other, 'Key:Shift+KeyM');
    await has(other, '#notice-list', '待确认');
    await focus_is(other, 'notice-list');
    await press(other, 'Key:ArrowDown', 'Key:KeyW');
    await has(other, '#notice-panel .said', 'UCS-2 6');
    await press(other, 'Key:KeyS');
    await has(other, '.notice-form', '将发送给 2 人');
    await press(other, 'Key:Control+Enter');
    await has(other, '#notice-list', '发送中');
    const [row] = city.notices;
    city.notice_delivered(row.notice, '101', 'last');
    await has(other, '.texts', '最新内容');

    await has(page, '#notice-list', '发送中');
    await press(page, 'Key:KeyW');
    await has(page, '#notice-panel .said', '请到一中避险');
    await press(page, 'Key:KeyC');
    await focus_is(page, 'notice-text');
    await press(page, '请到市政厅避险', 'Key:Control+Enter'); // without a reason it does not go out
    await focus_is(page, 'notice-reason');
    assert.equal(row.waiting, undefined);
    await press(page, '一中已关闭');
    await has(page, '.notice-both', '请到一中避险');
    await has(page, '.notice-both', '1 人已收到，1 条在途');
    await picture(page, 'notice-correct');
    await looks(page, 'notices');
    await dress(page, 'dark', 'zh');
    await press(page, 'Key:Control+Enter');
    await has(page, '#notice-list', '更正待确认');
    assert.equal(row.state, 'paused');
    assert.ok(!(await page.locator('#notice-panel').innerText()).includes('继续发送'), 'nobody lets their own go');

    await has(other, '#notice-list', '更正待确认');
    await press(other, 'Key:KeyW');
    await has(other, '#notice-panel', '请到市政厅避险');
    await press(other, 'Key:KeyG');
    await has(other, '.notice-form', '更正原因：一中已关闭');
    await has(other, '.notice-both', '请到市政厅避险');
    await press(other, 'Key:Control+Enter');
    await has(other, '#notice-panel', '旧内容');
    assert.deepEqual([row.edition, row.has_other, row.has_last], [2, 1, 0]);
    city.notice_delivered(row.notice, '102', 'last');
    await has(other, '.texts li:first-child', '最新内容');
    await press(other, 'Key:KeyR');
    await has(other, '.notice-form', '1 人收到旧内容或不明');
    assert.deepEqual(await axe(other), []);
    await press(other, 'Key:Control+Enter');
    await has(other, '#notice-list', '发送中');
});
