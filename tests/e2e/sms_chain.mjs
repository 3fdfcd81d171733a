// SPDX-License-Identifier: GPL-3.0-or-later
//
// Texts through the whole chain: a citizen's text at the operators' message centre, the contact, the
// incident, the result's and the survey's text, the answer, the end; and what was ordered while the
// centre was gone and the gateways were killed.
//     cd tests/e2e && npm ci && node sms_chain.mjs
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Centre } from './lib/centre.mjs';
import { Person } from './lib/console.mjs';
import { Home, ownPorts, pause, until } from './lib/home.mjs';

const GATEWAYS = ['sms-1', 'sms-2'];
const SURVEY = /三位数|3 digits/;

const home = Home.make(ownPorts);
const centrePort = ownPorts + 50;
let centre;
let taker;
let supervisor;
let police;
let lighting;
let departments;

before(async () => {
  home.parameter('wrap_up_ms', '1s');
  centre = new Centre(centrePort, centrePort + 1);
  await until('the centre listens', () => centre.ask('GET', 'state').catch(() => null));
  home.start('dispatcher', 'console', ...GATEWAYS);
  await centre.bound(2);
  supervisor = await Person.signIn(home, '2001');
  taker = await Person.signIn(home, '1001');
  police = await Person.signIn(home, 'ga');
  lighting = await Person.signIn(home, 'zj');
  departments = Object.fromEntries((await supervisor.asksAll('city', { table: 'departments' })).map((row) => [row.code, row.department]));
  await taker.does('taker_sign_on');
  await taker.does('taker_ready');
});

after(() => {
  centre?.stop();
  home.remove();
});

/** The taker takes the text that waits; returns its contact, its number and words. */
async function take() {
  const row = await until('a text is offered', async () =>
    (await supervisor.asks('contacts')).find(({ channel, state }) => channel === 'sms' && state === 'offered'), 20);
  await taker.does('offer_accept', { offer: row.offer });
  const { personal } = await taker.does('personal_read', { subject: row.contact, reason: 'answering' });
  return { contact: row.contact, line: row.line, ...personal };
}

async function finish(contact) {
  await taker.does('contact_finish', { contact });
  await taker.tries('wrap_up_finish');
}

async function deliver(from, to, text, more) {
  const { answers } = await centre.deliver(from, to, text, more);
  for (const { command_status: status } of answers) assert.equal(status, 0);
}

const detailOf = (incident) => supervisor.asks('incident', { incident });
const incidentIs = (incident, state) => until(`${incident} is ${state}`, async () => (await detailOf(incident)).row.state === state, 20);

/** Text in, incident out, signed by the department; returns the incident. */
async function handle({ from, to, text, coding, more, category, lead, desk }) {
  await deliver(from, to, text, { coding, ...more });
  const { contact, number, text: heard } = await take();
  assert.equal(heard, text);
  assert.ok(number.endsWith(from.replace('+86', '')), number);
  const { incident } = await taker.does('incident_register', { contact, category, district: 320902 }, { number, text: heard });
  await taker.does('incident_dispatch', { incident, lead: departments[lead] });
  await finish(contact);
  const task = (await until('the task', async () => (await detailOf(incident)).tasks[0])).task;
  await desk.does('task_sign', { task });
  return { incident, task, number };
}

const textsTo = async (number, words) => (await centre.texts()).filter((text) => text.to.endsWith(number) && words.test(text.text));

test('12345 by GSM-7: result, survey, 111, closed', async () => {
  const from = '13900000001';
  const { incident, task } = await handle({ from, to: '12345', text: 'Street light out since Monday, [Binjiang Rd] 12 ~ 14', coding: 'gsm7',
    category: 230300, lead: 'ZJ', desk: lighting });
  await lighting.does('task_reply', { task, solved: 'yes' }, { text: '灯具已更换' });
  await centre.textTo(from, /灯具已更换/);
  await centre.textTo(from, SURVEY);
  await incidentIs(incident, 'told');
  await deliver(from, '12345', '111');
  await incidentIs(incident, 'closed');
  const { row } = await detailOf(incident);
  assert.deepEqual([row.told, row.solved, row.satisfied], ['sms', 'yes', 'yes']);
  assert.ok((await supervisor.asks('texts', { incident })).every(({ state }) => ['sent', 'delivered'].includes(state)));
});

test('12110 by UCS-2: a silent receipt at once, the police, a result, "not solved", a second round', async () => {
  const from = '13900000002';
  const { incident, task } = await handle({ from, to: '12110', text: '有人跟踪我，在南湖公园东门😨，不方便打电话', coding: 'ucs2',
    category: 120300, lead: 'GA', desk: police });
  await centre.textTo(from, /已收到，正在派人/);
  await police.does('task_reply', { task, solved: 'yes' }, { text: '民警到场' });
  await centre.textTo(from, /民警到场/);
  await centre.textTo(from, SURVEY);
  await incidentIs(incident, 'told');
  await deliver(from, '12110', '１３３');
  await incidentIs(incident, 'redo');
  assert.equal((await detailOf(incident)).row.round, 2);
  await supervisor.does('incident_dispatch', { incident, lead: departments.GA });
  const again = (await until('the second task', async () => (await detailOf(incident)).tasks.find((one) => one.round === 2))).task;
  await police.does('task_sign', { task: again });
  await police.does('task_reply', { task: again, solved: 'yes' }, { text: '已将嫌疑人带离' });
  await until('the second survey', async () => (await textsTo(from, SURVEY)).length === 2, 20);
  await deliver(from, '12110', '111');
  await incidentIs(incident, 'closed');
});

for (const [long, coding, letter] of [['udh8', 'ucs2', '水'], ['udh16', 'gsm7', 'water '], ['sar', 'ucs2', '管'], ['payload', 'ucs2', '爆']])
  test(`a long text in ${coding} by ${long}, its parts in the wrong order, is one contact with all its words`, async () => {
    const text = `${letter.repeat(coding === 'gsm7' ? 60 : 200)}.`;
    await deliver('+8613900000003', '96001', text, { coding, long, reverse: true });
    const got = await take();
    assert.equal(got.text, text);
    assert.equal(got.line, 96001);
    await finish(got.contact);
    assert.equal((await supervisor.asks('contacts')).length, 0);
  });

test('the connections are cut in the middle: both gateways come back, nothing is lost or doubled', async () => {
  const before = (await supervisor.asksAll('contacts', { ended: true })).length;
  const sent = Array.from({ length: 6 }, (_, i) => deliver(`1390000010${i}`, '12345', `断线前后 ${i}`));
  await centre.ask('POST', 'drop', {});
  await Promise.all(sent);
  const heard = [];
  while (heard.length < 6) {
    const { contact, text } = await take();
    heard.push(text);
    await finish(contact);
    await until('the taker is free', async () => (await supervisor.asksAll('takers')).find((row) => row.taker === 1001).state !== 'wrap_up');
  }
  assert.deepEqual(heard.sort(), Array.from({ length: 6 }, (_, i) => `断线前后 ${i}`));
  await centre.bound(2);
  await pause(500);
  assert.equal((await supervisor.asksAll('contacts', { ended: true })).length, before + 6);
});

test('what is ordered while the centre is gone survives kill -9 of the gateways, and goes out once', async () => {
  const from = '13900000004';
  const { incident, task } = await handle({ from, to: '12345', text: '路面塌陷', coding: 'ucs2', category: 230300, lead: 'ZJ', desk: lighting });
  centre.stop();
  await until('the gateways notice', async () => {
    const bound = await Promise.all(GATEWAYS.map(async (gateway) => (await home.metrics(gateway)).yihao_sms_bound));
    return bound.every((one) => one === 0);
  });
  await lighting.does('task_reply', { task, solved: 'yes' }, { text: '已回填并恢复路面' });
  await until('an outbox holds the result', async () => {
    const figures = await Promise.all(GATEWAYS.map((gateway) => home.metrics(gateway)));
    return figures.some((one) => one.yihao_sms_out_waiting + one.yihao_sms_out_fenced > 0); /* with leave or before */
  });
  for (const gateway of GATEWAYS) home.kill(gateway);
  for (const gateway of GATEWAYS) await until(`${gateway} is dead`, () => home.pid(gateway) === 0);
  centre = new Centre(centrePort, centrePort + 1);
  home.start(...GATEWAYS);
  await centre.bound(2);
  await centre.textTo(from, /已回填并恢复路面/, 30);
  await centre.textTo(from, SURVEY, 30);
  await incidentIs(incident, 'told');
  await pause(500);
  assert.equal((await textsTo(from, /已回填并恢复路面/)).length, 1);
  assert.equal((await textsTo(from, SURVEY)).length, 1);
  await deliver(from, '12345', '112');
  await incidentIs(incident, 'closed');
});

/** Files below these folders in which the octets stand. */
function filesWith(folders, octets) {
  return folders.flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .filter((file) => octets.some((one) => readFileSync(file).includes(one)));
}

test('a person is erased: no file of a running gateway has words or number, and no kept PDU opens', async () => {
  const [auditor, operator] = [await Person.signIn(home, '3001'), await Person.signIn(home, '4001')];
  const [from, said, answer] = ['13900000099', '我家住在柳荫巷七号', '工单已转供水公司柳荫站'];
  await deliver(from, '12345', said, { coding: 'ucs2' });
  const { contact, number } = await take();
  const { incident } = await taker.does('incident_register', { contact, category: 230300, district: 320902 }, { number, text: said });
  await taker.does('incident_dispatch', { incident, lead: departments.ZJ });
  await finish(contact);
  const { task } = await until('the task', async () => (await detailOf(incident)).tasks[0]);
  await lighting.does('task_sign', { task });
  await lighting.does('task_reply', { task, solved: 'yes' }, { text: answer });
  await centre.textTo(from, /柳荫站/);
  await until('it is delivered', async () => (await supervisor.asks('texts', { incident })).some(({ template, state }) => template === 'result' && state === 'delivered'));
  await centre.textTo(from, SURVEY);
  await incidentIs(incident, 'told');
  await deliver(from, '12345', '111');
  await incidentIs(incident, 'closed');
  const { body: { call } } = (await supervisor.trailOf(contact)).find(({ kind }) => kind === 'contact_arrived');
  const numbers = [call, ...(await supervisor.asks('texts', { incident })).map(({ text }) => text)];
  const original = (name, one) => execFileSync(home.program('yihao-sms'), ['--home', home.folder, '--name', name, '--original', String(one)], { stdio: ['ignore', 'pipe', 'ignore'] });
  const kept = () => numbers.flatMap((one) => GATEWAYS.map((name) => { try { return original(name, one); } catch { return ''; } })).join('');
  const folders = GATEWAYS.map((name) => path.join(home.folder, name));
  const octets = [said, answer].flatMap((words) => [Buffer.from(words), Buffer.from(words, 'utf16le').swap16()]).concat(Buffer.from(from));
  assert.ok(filesWith(folders, octets).length > 0, 'until then its outbox says so');
  assert.match(kept(), /part 1 /);
  const { erasure } = await supervisor.does('erasure_ask', { basis: 'request', words: 'a letter' }, { number: from });
  await auditor.does('erasure_rule', { erasure, agree: true });
  await operator.does('erasure_run', { erasure });
  await until('it is erased', async () => (await auditor.asks('erasures')).find((one) => one.erasure === erasure && one.state === 'done'), 20);
  await until('no file has it', () => filesWith(folders, octets).length === 0, 20);
  await until('no PDU opens', () => !/part \d/.test(kept()), 20);
  for (const name of GATEWAYS) assert.ok(home.pid(name) > 0, 'they ran all the time');
});

test('a notice is corrected: the centre has the new words, who had the old ones is texted again once', async () => {
  const other = await Person.signIn(home, '2002');
  const rows = async () => (await supervisor.asks('notices'))[0];
  const [told, waits] = ['13900000201', '13900000202'];
  await centre.ask('POST', 'receipts', { delay: 100 });
  const { notice } = await supervisor.does('notice_create', { line: 12345, reason: 'the dam' }, { text: 'Go to the school' });
  await supervisor.does('notice_add', { notice }, { text: `${told}\n` });
  await other.does('notice_start', { notice });
  await until('one is told', async () => (await rows()).has_last === 1);
  assert.equal((await centre.textTo(told, /school/)).replaced, undefined);

  await centre.ask('POST', 'receipts', { delay: 8000 });
  const { notice: second } = await supervisor.does('notice_create', { line: 12345, reason: 'the dam' }, { text: 'Go to the school' });
  await supervisor.does('notice_add', { notice: second }, { text: `${waits}\n` });
  await other.does('notice_start', { notice: second });
  await centre.textTo(waits, /school/);
  for (const one of [notice, second]) {
    await supervisor.does('notice_correct', { notice: one, reason: 'the school is closed' }, { text: 'Go to the town hall' });
    assert.equal(await supervisor.tries('notice_go_on', { notice: one }), 'same_person');
    const row = (await supervisor.asks('notices')).find(({ notice: id }) => id === one);
    assert.equal(row.correction, 'the school is closed');
    for (const [seq, words] of [[row.words, 'Go to the school'], [row.waiting, 'Go to the town hall']])
      assert.equal((await supervisor.does('personal_read', { subject: one, reason: 'supervision', seq })).personal.text, words);
    await other.does('notice_go_on', { notice: one });
  }
  await centre.textTo(waits, /town hall/);
  assert.equal((await textsTo(waits, /./)).length, 1, 'one text, other words');
  await until('it has the new words', async () => (await supervisor.asks('notices')).some((row) => row.notice === second && row.has_last === 1), 20);
  const first = (await supervisor.asks('notices')).find((row) => row.notice === notice);
  assert.deepEqual([first.has_last ?? 0, first.has_other], [0, 1]);
  await centre.ask('POST', 'receipts', { delay: 100 });
  await supervisor.does('notice_again', { notice });
  await until('who had the old words has the new ones', async () => (await supervisor.asks('notices')).some((row) => row.notice === notice && row.has_last === 1 && !row.has_other));
  assert.deepEqual((await textsTo(told, /./)).map(({ text }) => text), ['Go to the school', 'Go to the town hall']);
  assert.equal(await supervisor.tries('notice_again', { notice }), 'wrong_state');
});
