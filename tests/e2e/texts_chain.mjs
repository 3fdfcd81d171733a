// SPDX-License-Identifier: GPL-3.0-or-later
//
// Conversations by text through the whole chain, against the npm package smpp as the operators' centre: the
// receipt in time, further texts that join, the taker's own words and what became of them; a telephone's
// place (AML); citizens' commands.
//     cd tests/e2e && npm ci && node texts_chain.mjs
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Centre } from './lib/centre.mjs';
import { Person } from './lib/console.mjs';
import { Home, ownPorts, until } from './lib/home.mjs';

const home = Home.make(ownPorts);
const centrePort = ownPorts + 50;
let centre;
let taker;
let supervisor;

before(async () => {
  home.parameter('wrap_up_ms', '0');
  centre = new Centre(centrePort, centrePort + 1);
  await until('the centre listens', () => centre.ask('GET', 'state').catch(() => null));
  home.start('dispatcher', 'console', 'sms-1', 'sms-2');
  await centre.bound(2);
  supervisor = await Person.signIn(home, '2001');
  taker = await Person.signIn(home, '1001');
  await taker.does('taker_sign_on');
  await taker.does('taker_ready');
});

after(() => {
  centre?.stop();
  home.remove();
});

const offered = () => until('a text is offered', async () =>
  (await supervisor.asks('contacts')).find(({ channel, state }) => channel === 'sms' && state === 'offered'), 20);

async function deliver(from, to, text, more) {
  const { answers } = await centre.deliver(from, to, text, more);
  for (const { command_status: status } of answers) assert.equal(status, 0);
}

const conversation = (contact) => taker.asks('texts', { contact });

async function wordsOf(contact, row) {
  const { personal } = await taker.does('personal_read', { subject: contact, reason: 'answering', seq: row.seq });
  return personal.text;
}

test('a text to 12110 is acknowledged within 3 s, further ones join, the taker writes back and sees it delivered', async () => {
  const from = '13900000101';
  const began = Date.now();
  await deliver(from, '12110', '有人砸门，我不敢出声', { coding: 'ucs2' });
  await centre.textTo(from, /已收到，正在派人/, 3);
  assert.ok(Date.now() - began < 3000);
  const { contact, offer } = await offered();
  await taker.does('offer_accept', { offer });
  await deliver(from, '12110', '南湖路12号3楼', { coding: 'ucs2' });
  await until('the second text has joined', async () => (await conversation(contact)).filter((row) => row.received).length === 2);
  assert.equal((await supervisor.asks('contacts')).length, 1);
  await taker.does('contact_write', { contact }, { text: '民警已出发，请锁好门。几个人？' });
  await centre.textTo(from, /几个人/);
  await until('it is delivered', async () => (await conversation(contact)).find((row) => row.taker === 1001)?.state === 'delivered');
  const rows = await conversation(contact);
  const said = [];
  for (const row of rows) if (row.seq) said.push(await wordsOf(contact, row));
  assert.deepEqual(said, ['有人砸门，我不敢出声', '南湖路12号3楼', '民警已出发，请锁好门。几个人？']);
  assert.equal(rows.filter((row) => row.template === 'emergency_received').length, 1);

  // Its telephone says where it is: a candidate of this contact, and nobody's contact.
  await deliver(from, '12110', 'A"ML=1;lt=+30.10000;lg=+115.20000;rd=14;top=20261122060000;lc=68;pm=W;ml=999', { coding: 'gsm7' });
  const [fix] = await until('the place is known', async () => {
    const rows = await taker.asks('fixes', { contact });
    return rows.length > 0 && rows;
  });
  assert.deepEqual([fix.source, fix.uncertainty_m, fix.confidence], ['wifi', 14, 68]);
  assert.ok(fix.east_cell > 0 && fix.north_cell > 0);
  const { personal } = await taker.does('personal_read', { subject: fix.fix, reason: 'answering', seq: fix.seq });
  assert.equal(personal.position, '30.1000000,115.2000000');
  assert.equal((await supervisor.asks('contacts')).length, 1);
  await taker.does('contact_finish', { contact });
  await deliver(from, '12110', '谢谢', { coding: 'ucs2' });
  const next = await offered();
  assert.notEqual(next.contact, contact);
  await taker.does('offer_accept', { offer: next.offer });
  await taker.does('contact_finish', { contact: next.contact });
});

test('commands on 12345: help, status, urge; what is not understood goes to a person', async () => {
  const from = '13900000102';
  await deliver(from, '12345', '帮助', { coding: 'ucs2' });
  await centre.textTo(from, /CX查进度/);
  await deliver(from, '12345', '路灯坏了', { coding: 'ucs2' });
  const { contact, offer } = await offered();
  await taker.does('offer_accept', { offer });
  const { personal } = await taker.does('personal_read', { subject: contact, reason: 'answering' });
  const { incident, number } = await taker.does('incident_register', { contact, category: 230300, district: 320902 },
    { number: personal.number, text: personal.text });
  const departments = await supervisor.asksAll('city', { table: 'departments' });
  await taker.does('incident_dispatch', { incident, lead: departments.find((row) => row.code === 'ZJ').department });
  await taker.does('contact_finish', { contact });
  await deliver(from, '12345', `ＣＸ　${String(number).slice(-6)}`, { coding: 'ucs2' });
  await centre.textTo(from, /已派往承办部门/);
  await deliver(from, '12345', '催办。', { coding: 'ucs2' });
  await centre.textTo(from, /已催办/);
  assert.equal((await supervisor.asks('incident', { incident })).row.urges, 1);
  assert.equal((await supervisor.asks('contacts')).length, 0);
  await deliver(from, '12345', '催办，但是先别来', { coding: 'ucs2' });
  const person = await offered();
  await taker.does('offer_accept', { offer: person.offer });
  await taker.does('contact_finish', { contact: person.contact });
});
