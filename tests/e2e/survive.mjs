// SPDX-License-Identifier: GPL-3.0-or-later
//
// The dispatcher is killed and stays away. Who calls 110 then rings the telephones of the line's plan, is answered,
// heard and recorded; who called before the death, too; a gateway that starts anew without a dispatcher knows the plan
// still. When the dispatcher is back it has each of them once, with who answered and when, and conversations go on.
//     node tests/e2e/survive.mjs [whole]      whole: the gateway dies, too
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Person } from './lib/console.mjs';
import { Home, ownPorts, pause, until } from './lib/home.mjs';
import { Citizen, closeCitizens, Phones } from './lib/sip.mjs';

const CITIZEN = 1000; /* Hz */
const TAKER = 650;
const SILENCE_MS = 2000; /* without a word of the dispatcher, then the plan */
const GRACE_MS = 1500; /* on a machine that does other things */

const home = Home.make(ownPorts);
let supervisor;
let phones;
let port;

before(async () => {
  home.rewrite('lines.csv', (text) => text.replace(/^(110,.*),[^,]*$/m, '$1,1001&1002'));
  home.start('dispatcher', 'trunk-1', 'console');
  port = home.sipPort('trunk-1');
  phones = await Phones.open(home.phonePort);
  supervisor = await Person.signIn(home, '2001');
  await Person.signOn(home, [1001, 1002]); /* on duty, and away: nobody is offered anything */
});

after(() => {
  closeCitizens();
  phones?.close();
  if (process.env.YIHAO_LOG) process.stdout.write(home.log('trunk-1'));
  home.remove();
});

const contacts = () => supervisor.asksAll('contacts');

const hears = (sound, tone) => until(`${tone} Hz is heard`, () => sound.heard.length > 2000 && sound.share(tone) > 0.3, 10);

const lives = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

async function kill(program) {
  const pid = home.pid(program);
  process.kill(pid, 'SIGKILL');
  while (lives(pid)) await pause(5);
}

/** The call is answered by a telephone of the plan, and both hear each other. */
async function isPutThrough(call) {
  await call.answered();
  await pause(200); /* one that answered too late is hung up */
  const ringing = await until('a telephone talks', () => phones.calls.findLast(({ over, acknowledged }) => !over && acknowledged));
  call.sound.sing(call.theirs, CITIZEN);
  ringing.sound.sing(ringing.theirs, TAKER);
  await hears(call.sound, TAKER);
  await hears(ringing.sound, CITIZEN);
  return ringing;
}

test('callers are put through without a dispatcher, and told of once', async (t) => {
  const waits = await Citizen.call(port, 110, { number: '13900000001' });
  await waits.accepted();
  await until('it is a contact', async () => (await contacts()).length === 1);
  const died = Date.now();
  await kill('dispatcher');
  await isPutThrough(waits);
  const through = Date.now() - died;
  t.diagnostic(`who waited is answered ${through} ms after the death`);
  assert.match((await home.yihao('trunk', 'show', 'trunk-1')).out, /SURVIVABLE/);
  await waits.bye();

  const rang = phones.calls.length;
  const called = Date.now();
  const fresh = await Citizen.call(port, 110, { number: '13900000002' });
  const phone = await isPutThrough(fresh);
  t.diagnostic(`who called then hears the telephone's tone after ${Date.now() - called} ms`);
  assert.match(phone.invite.header('from'), /应急 110 13900000002/, 'the display says what this is, and who calls');
  assert.ok(phones.calls.length - rang <= 2, 'each telephone rings once');

  await home.startAside('dispatcher');
  const both = await until('both are told', async () => {
    const live = await contacts();
    return live.some(({ state }) => state === 'connected') && live;
  });
  assert.equal(both.length, 1, 'the first is over, the second talks');
  const [talks] = both;
  const events = await supervisor.trailOf(talks.contact);
  const survived = events.filter(({ kind }) => kind === 'contact_survived');
  assert.equal(survived.length, 1, 'told once');
  assert.equal(survived[0].taker, talks.taker);
  assert.ok([1001, 1002].includes(talks.taker), `the seat ${talks.taker} is busy`);
  assert.ok(!events.some(({ kind }) => kind === 'offer_made'), 'nobody is asked again');
  await hears(fresh.sound, TAKER);
  await fresh.bye();
  await until('its recording is stored', async () => (await supervisor.trailOf(talks.contact)).some(({ kind }) => kind === 'recording_stored'));
  const first = await supervisor.trailOf(1);
  assert.deepEqual(first.filter(({ kind }) => /survived|connected|ended|recording/.test(kind)).map(({ kind }) => kind).toSorted(), ['contact_connected', 'contact_ended', 'contact_survived', 'recording_stored']);
});

test('a gateway that starts without a dispatcher knows the plan', { skip: process.argv[2] !== 'whole' }, async (t) => {
  await kill('dispatcher');
  await kill('trunk-1');
  await home.startAside('trunk-1');
  const called = Date.now();
  const call = await Citizen.call(port, 110, { number: '13900000003' });
  await isPutThrough(call);
  t.diagnostic(`answered ${Date.now() - called} ms after the call`);
  assert.ok(Date.now() - called < 2 * SILENCE_MS + GRACE_MS);
  await home.startAside('dispatcher');
  await until('it is told', async () => (await contacts()).some(({ state }) => state === 'connected'));
  await call.bye();
});
