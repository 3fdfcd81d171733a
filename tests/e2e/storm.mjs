// SPDX-License-Identifier: GPL-3.0-or-later
//
// Two hundred citizens call at once, on every line, at both gateways, and nobody is on duty; then ten
// takers come. Who is served when must follow from the queue's one rule (band, then due, then
// arrival), read back from the journal; none is lost, none is two, all end.
//     node tests/e2e/storm.mjs [CALLS]
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Person } from './lib/console.mjs';
import { Home, ownPorts, pause, until } from './lib/home.mjs';
import { Citizen, closeCitizens, Phones } from './lib/sip.mjs';

const CALLS = Number(process.argv[2] ?? 200);
const SEATS = Array.from({ length: 10 }, (_, i) => 1001 + i);
const LINES = [12345, 110, 96001, 122, 12345, 119, 96002, 120];
const BANDS = ['life', 'emergency', 'urgent', 'ordinary'];
const TALK_MS = 150;
const SERVED_S = 100;

const home = Home.make(ownPorts);
let supervisor;
let phones;
let events;
const citizens = [];

before(async () => {
  home.parameter('wrap_up_ms', '1s');
  home.parameter('reserve_permille', '0'); /* then the queue's order is all there is */
  home.start('dispatcher', 'trunk-1', 'trunk-2', 'console');
  phones = await Phones.open(home.phonePort);
  supervisor = await Person.signIn(home, '2001');
});

after(() => {
  closeCitizens();
  phones?.close();
  home.remove();
});

test('all are accepted', async () => {
  await Promise.all(Array.from({ length: CALLS }, async (_, i) => {
    const citizen = await Citizen.call(home.sipPort(`trunk-${1 + (i % 2)}`), LINES[i % LINES.length],
      { number: `138${String(i).padStart(8, '0')}`, tcp: i % 5 === 0 });
    citizens.push(citizen);
    await citizen.accepted(60);
  }));
  await until('all wait', async () => (await supervisor.asksAll('contacts')).length === CALLS, 30);
});

test('ten takers serve them all', async () => {
  const begun = Date.now();
  const served = citizens.map(async (citizen) => {
    await citizen.answered(SERVED_S);
    await pause(TALK_MS);
    await citizen.bye();
  });
  for (const seat of SEATS) {
    const taker = await Person.signIn(home, String(seat));
    await taker.does('taker_sign_on');
    await taker.does('taker_ready');
  }
  await Promise.all(served);
  await until('all have ended', async () => (await supervisor.asksAll('contacts')).length === 0, 30);
  console.log(`# ${CALLS} calls served by ${SEATS.length} takers in ${Date.now() - begun} ms`);
});

test('in the right order: each offer went to the first who waited', async () => {
  events = await supervisor.asksAll('events', {});
  const waiting = new Map();
  const keys = new Map();
  let offers = 0;
  const isBefore = (a, b) => a.band - b.band || a.due - b.due || a.seq - b.seq;
  for (const { event } of events) {
    if (event.contact_arrived)
      keys.set(event.contact, { contact: event.contact, band: BANDS.indexOf(event.contact_arrived.band),
        due: Number(event.contact_arrived.due_ms), seq: Number(event.seq) });
    if (event.contact_arrived || (event.offer_ended && event.offer_ended.cause !== 'connected'))
      waiting.set(event.contact, keys.get(event.contact));
    if (event.contact_ended) waiting.delete(event.contact);
    if (!event.offer_made) continue;
    const first = [...waiting.values()].sort(isBefore)[0];
    assert.equal(event.contact, first.contact, `event ${event.seq}: ${JSON.stringify([keys.get(event.contact), first])}`);
    waiting.delete(event.contact);
    offers++;
  }
  assert.ok(offers >= CALLS);
  assert.equal(waiting.size, 0);
});

test('none lost, none doubled, all connected once and ended', async () => {
  const contacts = await supervisor.asksAll('contacts', { ended: true });
  assert.equal(contacts.length, CALLS);
  const numbers = new Set();
  await Promise.all(contacts.map(async ({ contact, cause, state }) => {
    assert.deepEqual([state, cause], ['ended', 'caller']);
    numbers.add((await supervisor.does('personal_read', { subject: contact, reason: 'supervision', fields: 2, purpose: 'verify' })).personal.number);
  }));
  assert.deepEqual([...numbers].sort(), citizens.map(({ number }) => number).sort());
  const connected = events.filter(({ event }) => event.contact_connected).map(({ event }) => event.contact);
  assert.equal(connected.length, CALLS);
  assert.equal(new Set(connected).size, CALLS);

  for (const trunk of ['trunk-1', 'trunk-2']) {
    const figures = await home.metrics(trunk);
    assert.deepEqual([figures.yihao_trunk_calls, figures.yihao_trunk_phones, figures.yihao_media_channels], [0, 0, 0], trunk);
  }
  home.stop();
  assert.equal((await home.yihao('trail', 'verify', path.join(home.folder, 'journal'))).code, 0);
});
