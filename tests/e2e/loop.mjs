// SPDX-License-Identifier: GPL-3.0-or-later
//
// The closed loop by the command line alone: a citizen calls, a taker registers, departments sign, send
// back, reply; the citizen is told, is not satisfied, is told again; the incident closes, opens again,
// and one whose survey stays without an answer is revisited. The only other thing here is a telephone. The city's trail
// is by SM3 and SM2, and so are the digests of what lies beside it.
//     node tests/e2e/loop.mjs
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Home, ownPorts, until } from './lib/home.mjs';
import { Citizen, closeCitizens, Phones } from './lib/sip.mjs';

const LIGHTING = { login: 'zm', department: 0, code: 'ZM' };
const HOUSING = { login: 'zj', department: 0, code: 'ZJ' };
const SURVEY_WAIT_S = 60; /* the shortest that a city may choose */

const home = Home.make(ownPorts, 'sm3-sm2');
let phones;
let incident;
let unanswered;

before(async () => {
  home.parameter('survey_wait_ms', `${SURVEY_WAIT_S}s`);
  home.start('dispatcher', 'trunk-1', 'trunk-2');
  phones = await Phones.open(home.phonePort);
  const rows = home.shell('cat "$HOME_DIR/city/departments.csv"').split('\n').map((row) => row.split(','));
  for (const desk of [LIGHTING, HOUSING]) desk.department = rows.find(([, code]) => code === desk.code)[0];
});

after(() => {
  closeCitizens();
  phones?.close();
  home.remove();
});

/* ---- the command line -------------------------------------------------------------------------------- */

/** Runs a verb as somebody; returns what it says in JSON. */
async function verb(login, ...words) {
  const { code, out, err } = await home.yihao({ as: login }, '-o', 'json', ...words.map(String));
  assert.equal(code, 0, `yihao ${words.join(' ')}: code ${code} ${err}`);
  return out.trim().startsWith('{') || out.trim().startsWith('[') ? JSON.parse(out.slice(0, out.lastIndexOf(out.trim()[0] === '{' ? '}' : ']') + 1).split(/\n\n/)[0]) : out;
}

/** Runs a verb that must be refused so. */
async function refused(wanted, login, ...words) {
  const { code } = await home.yihao({ as: login }, ...words.map(String));
  assert.equal(code, wanted, `yihao ${words.join(' ')}`);
}

const show = () => verb('2001', 'incident', 'show', incident);
const incidentIs = (state, seconds = 20) => until(`incident ${incident} is ${state}`, async () => (await show()).row.state === state, seconds);
const queue = () => verb('2001', 'queue');
const openTask = async ({ department }) => (await verb('2001', 'task', 'list', '--open', '--department', department))
  .find((task) => task.incident === incident).task;

/** Dispatched to this desk, signed, replied, told by telephone. */
async function work(desk, words, sender = '1001') {
  await verb(sender, 'incident', 'dispatch', incident, '--lead', desk.department);
  await workOn(desk, words);
}

async function workOn(desk, words) {
  const task = await openTask(desk);
  await verb(desk.login, 'task', 'sign', task);
  await verb(desk.login, 'task', 'reply', task, '--solved', 'yes', '--text', words);
  await incidentIs('replied');
  await verb('1001', 'incident', 'tell', incident, 'phone');
}

async function callAndRegister(words) {
  const citizen = await Citizen.call(home.sipPort('trunk-1'), 12345);
  await citizen.answered();
  const { contact } = await until('the queue shows the conversation', async () => (await queue()).find(({ state }) => state === 'connected'));
  const personal = JSON.stringify(await verb('1001', 'person', 'read', contact, 'answering'));
  assert.ok(personal.includes(citizen.number), 'the taker sees who calls');
  ({ incident } = await verb('1001', 'incident', 'register', 230300, '--contact', contact, '--district', 320905,
    '--number', citizen.number, '--name', '李女士', '--address', '滨河路12号', '--text', words));
  await verb('1001', 'seat', 'finish', 1001);
  await citizen.dropped();
  await verb('1001', 'seat', 'finish', 1001); /* the wrap-up */
}

/* ---- the loop ----------------------------------------------------------------------------------------- */

test('a citizen is told the result and asked how it was', async () => {
  await verb('1001', 'seat', 'ready', 1001);
  await callAndRegister('垃圾两天未清运');
  await work(HOUSING, '已清运');
  await incidentIs('told');
  unanswered = incident;
});

test('a call is answered and registered', async () => {
  await callAndRegister('路灯三天不亮');
  assert.equal((await show()).row.state, 'registered');
});

test('sent back, ruled, dispatched anew', async () => {
  await verb('1001', 'incident', 'dispatch', incident, '--lead', LIGHTING.department);
  const task = await openTask(LIGHTING);
  await refused(4, HOUSING.login, 'task', 'sign', task); /* another department's */
  await verb(LIGHTING.login, 'task', 'sign', task);
  await verb(LIGHTING.login, 'task', 'send-back', task, 'ownership', '--text', '该路段路灯未移交');
  await refused(6, LIGHTING.login, 'task', 'reply', task, '--solved', 'yes', '--text', '等待裁定');
  await verb('1001', 'task', 'rule', task, 'yes');
  await incidentIs('registered');
});

test('handled, told, not solved: a second round', async () => {
  await work(HOUSING, '已更换灯具');
  await incidentIs('told');
  await verb('1001', 'incident', 'survey', incident, '--contacted', 'yes', '--solved', 'no', '--satisfied', 'no');
  await incidentIs('redo');
  assert.equal((await show()).row.round, 2);
});

test('handled again, told, satisfied: closed', async () => {
  await work(HOUSING, '线路故障已排除');
  await verb('1001', 'incident', 'survey', incident, '--contacted', 'yes', '--solved', 'yes', '--satisfied', 'yes');
  await incidentIs('closed');
  await refused(6, '1001', 'incident', 'dispatch', incident, '--lead', HOUSING.department);
});

test('opened again: a third round, closed', async () => {
  await verb('2001', 'incident', 'reopen', incident, '--text', '路灯又灭了');
  const { row } = await show();
  assert.ok(['redo', 'registered'].includes(row.state), row.state);
  await work(HOUSING, '整段线路已更换', '2001'); /* a third round is a supervisor's */
  await verb('1001', 'incident', 'survey', incident, '--contacted', 'yes', '--solved', 'mostly', '--satisfied', 'mostly');
  await incidentIs('closed');
});

test('the trail tells it all and can be verified by anybody', async () => {
  const file = path.join(home.folder, 'loop.txt');
  const { out } = await home.yihao({ as: '3001' }, 'trail', 'show', incident);
  assert.ok(/recording_stored.*algorithm=2/.test(out), 'a recording is told by SM3');
  for (const words of ['contact_arrived', 'contact_connected', 'step=send_back', 'step=return_accept', 'survey_answered', 'step=reopen', 'personal_was_read'])
    assert.ok(out.includes(words), `${words} in the trail`);
  await until('a checkpoint covers it', async () =>
    (await home.yihao({ as: '3001' }, 'trail', 'export', incident, '--to', file)).code === 0 && existsSync(file));
  const verified = await home.yihao('trail', 'verify', file);
  assert.equal(verified.code, 0, verified.out + verified.err);

  const tapes = home.shell('find "$HOME_DIR"/trunk-*/recordings -name "*.tape"').trim().split('\n');
  const verify = (tape) => spawnSync(home.program('yihao-verify'), [file, '--key', path.join(home.folder, 'keys/sign.public'), '--audio', tape], { encoding: 'utf8' });
  assert.ok(tapes.some((tape) => verify(tape).status === 0), 'a recording is that of its record');
  const tape = tapes.find((one) => verify(one).status === 0);
  appendFileSync(tape, 'x');
  assert.notEqual(verify(tape).status, 0, 'and of none once it was touched');
});

test('an export is held against what the trail says of it', async () => {
  const file = path.join(home.folder, 'case.pdf');
  const { out } = await home.yihao({ as: '3001' }, 'trail', 'export', incident, '--pdf', '--to', file);
  const [, event] = /(?:event|事件) (\d+)/.exec(out);
  assert.equal((await home.yihao({ as: '3001' }, 'export', 'check', file, event)).code, 0);
  appendFileSync(file, 'x');
  assert.equal((await home.yihao({ as: '3001' }, 'export', 'check', file, event)).code, 10);
});

test('nobody answered the survey: a person asks, reaches the citizen, and the incident closes', async () => {
  incident = unanswered;
  await incidentIs('revisit', SURVEY_WAIT_S + 20);
  await verb('1001', 'revisit', 'finish', incident, '--text', '无人接听');
  assert.equal((await show()).row.state, 'revisit', 'not reached: asked again later');
  await verb('1001', 'revisit', 'finish', incident, '--reached', '--contacted', 'yes', '--solved', 'yes', '--satisfied', 'yes');
  await incidentIs('closed');
});
