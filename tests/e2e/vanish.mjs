// SPDX-License-Identifier: GPL-3.0-or-later
//
// Telephones that lose power or network: no CANCEL, no BYE. Whoever is gone leaves the queue and the
// taker; who only says nothing stays. All at once, because each takes its time.
//     node tests/e2e/vanish.mjs
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Person } from './lib/console.mjs';
import { Home, ownPorts, pause, until } from './lib/home.mjs';
import { Citizen, closeCitizens, Phones } from './lib/sip.mjs';
import { ports, Sipp } from './lib/sipp.mjs';

const QUIET_MS = 30000; /* then a leg is asked */
const GONE_S = 110;

const home = Home.make(ownPorts);
let supervisor;
let phones;
let port;

before(async () => {
  home.withoutReserve();
  home.start('dispatcher', 'trunk-1', 'console');
  port = home.sipPort('trunk-1');
  phones = await Phones.open(home.phonePort);
  supervisor = await Person.signIn(home, '2001');
});

after(() => {
  closeCitizens();
  phones?.close();
  home.remove();
});

const contacts = (ended) => supervisor.asksAll('contacts', ended ? { ended } : {});
const onLine = (line) => until(`a contact on ${line}`, async () => (await contacts()).find((row) => row.line === line));
const endOf = ({ contact }) => until(`the end of ${contact}`, async () => (await contacts(true)).find((row) => row.contact === contact), GONE_S);

/** A citizen as SIPp plays one; its sound never begins. */
const sippCall = (line) => new Sipp('citizen_until_bye.xml', [`127.0.0.1:${port}`, ...ports(), '-s', String(line), '-m', '1']);

test('who vanishes leaves, and an emergency is called back; who is only quiet stays', async () => {
  const speaking = await Citizen.call(port, 110); /* waits, and is heard */
  await speaking.accepted();
  speaking.sound.sing(speaking.theirs, 800);
  const [waits, quiet] = [await onLine(110), await Citizen.call(port, 119)];
  await quiet.accepted();
  const listens = await onLine(119);
  const early = sippCall(120); /* waits without a sound, and answers questions */
  const asked = await onLine(120);

  const other = sippCall(12345);
  const asks = await onLine(12345);
  await pause(1000);
  speaking.close(); /* the cable is pulled: nothing is said, nothing heard any more */
  const began = Date.now();

  assert.equal((await endOf(waits)).cause, 'media_lost');
  console.log(`# a waiting caller whose sound stopped left after ${((Date.now() - began) / 1000).toFixed(1)} s`);
  assert.ok(Date.now() - began < QUIET_MS + 20000);
  assert.ok((await supervisor.asksAll('callbacks')).some(({ contact }) => contact === waits.contact), 'is called back');

  await until('the quiet ones were asked', async () => (await home.metrics('trunk-1')).yihao_trunk_probes_total >= 4, 60);
  assert.ok([listens, asked, asks].every(({ contact }) => contact), 'all three');
  assert.equal((await contacts()).length, 3, 'who answers stays');
  early.stop();
  other.stop();
  const killed = Date.now();
  const ended = await Promise.all([endOf(asked), endOf(asks)]);
  console.log(`# killed ones left within ${((Date.now() - killed) / 1000).toFixed(1)} s`);
  assert.deepEqual(ended.map(({ cause }) => cause), ['media_lost', 'media_lost']);
  assert.ok((await supervisor.asksAll('callbacks')).some(({ contact }) => contact === asked.contact), 'is called back');
  assert.deepEqual((await contacts()).map(({ contact }) => contact), [listens.contact], 'who answers stays');
  quiet.cancel();
  await quiet.heard(487);
});

test('a taker’s phone dies: the citizen waits again, and the next taker has them', async () => {
  const [first, second] = await Promise.all(['1001', '1002'].map((login) => Person.signIn(home, login)));
  await first.does('taker_sign_on');
  await first.does('taker_ready');
  const call = await Citizen.call(port, 110);
  await call.answered();
  const { contact } = await onLine(110);
  call.sound.sing(call.theirs, 800);
  phones.of(1001).sound.sing(phones.of(1001).theirs, 400);
  await second.does('taker_sign_on');
  await second.does('taker_ready');
  await until('they talk', () => call.sound.share(400) > 0.8);
  phones.die(1001);
  const next = await until('the next taker’s phone talks', () => phones.of(1002), 60);
  next.sound.sing(next.theirs, 650);
  await until('the caller hears the next taker', () => call.sound.share(650) > 0.8);
  assert.ok(!call.gone, 'the caller’s leg never dropped');
  assert.equal((await contacts()).find((row) => row.contact === contact).taker, 1002);
  call.close(); /* now the citizen’s cable is pulled, too */
  assert.equal((await endOf({ contact })).cause, 'media_lost');
  assert.ok((await supervisor.asksAll('callbacks')).some((row) => row.contact === contact), 'is called back');
});

test('at the end nothing is left over', async () => {
  await until('no call', async () => {
    const figures = await home.metrics('trunk-1');
    return figures.yihao_trunk_calls === 0 && figures.yihao_trunk_phones === 0 && figures.yihao_media_channels === 0;
  });
});
