// SPDX-License-Identifier: GPL-3.0-or-later
//
// A gateway is killed while callers talk, wait, are held, ring, and sit in a conversation of three. The next process
// goes on with all of them: sound flows again, nobody is asked twice, both sides can hang up, recordings are whole,
// and the trail says how long nobody carried the call.
//     node tests/e2e/calls_survive.mjs
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Person } from './lib/console.mjs';
import { Home, ownPorts, pause, until } from './lib/home.mjs';
import { Citizen, closeCitizens, hangUpAll, Line, Phones } from './lib/sip.mjs';
import { decode, share } from './lib/tone.mjs';

const CITIZEN = 1000; /* Hz */
const TONES = { 1001: 400, 1002: 650, 1003: 1250, 1004: 1550 };
const SEATS = [1001, 1002, 1003, 1004];
const WORD_MS = 500; /* no word is lost for longer once the process is there */
const START_MS = 8000; /* to start it, on a machine that does other things */

const home = Home.make(ownPorts);
let takers;
let supervisor;
let phones;
let port;

before(async () => {
  home.parameter('wrap_up_ms', '1s');
  home.parameter('unanswered_away', '5');
  home.withoutReserve();
  home.parameter('offer_lease_ms', '30s');
  home.start('dispatcher', 'trunk-1', 'console');
  port = home.sipPort('trunk-1');
  phones = await Phones.open(home.phonePort);
  supervisor = await Person.signIn(home, '2001');
  takers = await Person.signOn(home, SEATS);
});

after(() => {
  closeCitizens();
  phones?.close();
  if (process.env.YIHAO_LOG) process.stdout.write(home.log('trunk-1'));
  home.remove();
});

const contacts = () => supervisor.asksAll('contacts');

const eventOf = (contact, kind) => supervisor.eventOf(contact, kind);

/** A citizen speaks with this seat. */
async function talk(seat, line) {
  const call = await Citizen.call(port, line);
  await takers[seat].does('taker_ready');
  await call.answered();
  const row = await until(`${seat} talks`, async () => (await contacts()).find(({ state, taker }) => state === 'connected' && taker === seat));
  call.sound.sing(call.theirs, CITIZEN);
  const phone = phones.of(seat);
  phone.sound.sing(phone.theirs, TONES[seat]);
  return { call, phone, contact: row.contact };
}

const hears = (sound, tone) => until(`${tone} Hz is heard`, () => sound.heard.length > 3000 && sound.share(tone) > 0.3, 10);

const lives = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

async function kill() {
  const pid = home.pid('trunk-1');
  process.kill(pid, 'SIGKILL');
  while (lives(pid)) await pause(5);
}

async function killAndStart() {
  await pause(300); /* all that was said is known */
  await kill();
  await home.startAside('trunk-1');
}

/** The recording's two sides as samples. */
async function recording(contact) {
  const heard = await fetch(`${home.consoleUrl}/api/v1/recordings/${contact}?reason=supervision`, { headers: { cookie: supervisor.cookie } });
  const wav = Buffer.from(await heard.arrayBuffer());
  const bytes = wav.subarray(wav.indexOf('data') + 8);
  const side = (first) => Array.from({ length: bytes.length >> 1 }, (_, i) => decode(bytes[2 * i + first]));
  return { left: side(0), right: side(1), ms: bytes.length / 16 };
}

test('the gateway is killed, and everybody goes on', async (t) => {
  const talks = await talk(1001, 110);
  const held = await talk(1002, 12345);
  await takers[1002].does('contact_hold', { contact: held.contact });
  const three = await talk(1003, 110);
  await takers[1004].tries('taker_away', { reason: 'break' });
  await takers[1003].does('party_invite', { contact: three.contact, user: 1004 });
  const guest = await until('the guest talks', () => phones.of(1004));
  guest.sound.sing(guest.theirs, TONES[1004]);
  const waits = await Citizen.call(port, 110);
  await waits.accepted();
  const before = await contacts();
  assert.equal(before.length, 4);
  await hears(talks.call.sound, TONES[1001]);
  await hears(talks.phone.sound, CITIZEN);
  await hears(three.call.sound, TONES[1004]);
  await until('who waits and who is held hear something', () => waits.sound.packets > 5 && held.call.sound.packets > 5);

  const sounds = { talks: talks.call.sound, taker: talks.phone.sound, held: held.call.sound, three: three.call.sound, guest: guest.sound, waits: waits.sound };
  for (const sound of Object.values(sounds)) sound.gap_ms = 0;
  await killAndStart();
  for (const sound of Object.values(sounds)) {
    sound.heard = [];
    const packets = sound.packets;
    await until('sound flows again', () => sound.packets > packets + 10);
  }
  await hears(talks.call.sound, TONES[1001]);
  await hears(talks.phone.sound, CITIZEN);
  await hears(three.call.sound, TONES[1004]);
  await hears(guest.sound, CITIZEN);
  const up = Date.parse(home.log('trunk-1').split('\n').findLast((row) => row.includes(' ready ')).split(' ')[0]);
  const gaps = Object.entries(sounds).map(([name, { gap_ms, gap_end }]) => `${name} ${gap_ms} (${gap_end - up})`);
  t.diagnostic(`silent for ms, start included (since the process is up): ${gaps.join(', ')}`);
  for (const sound of Object.values(sounds)) assert.ok(sound.gap_end - up < WORD_MS, `no sound ${sound.gap_end - up} ms after the start`);

  for (const { contact } of before) await eventOf(contact, 'contact_kept');
  const now = await contacts();
  assert.deepEqual(now.map(({ contact, state }) => [contact, state]), before.map(({ contact, state }) => [contact, state]), 'nobody lost, nobody moved');
  for (const { contact } of now) {
    const { body } = await eventOf(contact, 'contact_kept');
    assert.ok(body.silent_ms > 0 && body.silent_ms < START_MS + WORD_MS, `${body.silent_ms} ms without a gateway`);
  }
  const figures = await home.metrics('trunk-1');
  assert.equal(figures.yihao_trunk_kept_total, 4);

  /* the held one comes back, and its caller hangs up */
  await takers[1002].does('contact_resume', { contact: held.contact });
  await hears(held.call.sound, TONES[1002]);
  await held.call.bye();
  /* the taker finishes the first from the console: the caller is hung up */
  await takers[1001].does('contact_finish', { contact: talks.contact });
  await talks.call.dropped();
  /* the phone hangs up the third */
  phones.hangUp(1003);
  await three.call.dropped();
  /* who waited is answered, by the INVITE of before */
  await takers[1001].tries('wrap_up_finish');
  await until('who waited is answered', () => waits.answers.some(({ status }) => status === 200), 20);
  const seat = (await contacts())[0].taker;
  phones.of(seat).sound.sing(phones.of(seat).theirs, TONES[seat]);
  await hears(waits.sound, TONES[seat]);
  await waits.bye();

  await eventOf(talks.contact, 'recording_stored');
  const { left, right, ms } = await recording(talks.contact);
  const kept = (await eventOf(talks.contact, 'contact_kept')).body;
  t.diagnostic(`recorded ${ms} ms, the gap of ${kept.silent_ms} ms begins at ${kept.recorded_ms} ms`);
  assert.ok(ms > Number(kept.recorded_ms) + kept.silent_ms, 'the recording goes on behind the gap');
  const second = (side, at_ms) => side.slice(at_ms * 8, at_ms * 8 + 2400);
  assert.ok(share(second(left, Number(kept.recorded_ms) - 700), CITIZEN) > 0.5 && share(second(right, Number(kept.recorded_ms) - 700), TONES[1001]) > 0.5, 'sound before');
  assert.ok(share(left.slice(-4000, -1600), CITIZEN) > 0.5 && share(right.slice(-4000, -1600), TONES[1001]) > 0.5, 'sound behind');
  for (const { contact } of before) {
    await eventOf(contact, 'recording_stored');
    assert.equal((await supervisor.trailOf(contact)).filter(({ kind }) => kind === 'recording_stored').length, 1, 'one recording each');
  }
});

test('what rings at a phone rings on, and is answered', async () => {
  hangUpAll();
  await until('nobody calls', async () => (await contacts()).length === 0);
  for (const seat of SEATS) await takers[seat].tries('taker_away', { reason: 'break' });
  phones.delay = 3000;
  const call = await Citizen.call(port, 110);
  await call.accepted();
  await takers[1002].tries('wrap_up_finish');
  await takers[1002].does('taker_ready');
  await until('it rings', () => phones.calls.findLast(({ seat, over }) => seat === '1002' && !over));
  const rang = phones.calls.length;
  await killAndStart();
  await call.answered();
  phones.delay = 0;
  assert.equal(phones.calls.length, rang, 'one ring, not two');
  const phone = phones.of(1002);
  call.sound.sing(call.theirs, CITIZEN);
  phone.sound.sing(phone.theirs, TONES[1002]);
  await hears(call.sound, TONES[1002]);
  await hears(phone.sound, CITIZEN);
  await call.bye();
});

test('who is parked is there after it, hears something, and is taken back', async () => {
  for (const seat of SEATS) await takers[seat].tries('taker_away', { reason: 'break' });
  await takers[1001].tries('wrap_up_finish');
  const { call, contact } = await talk(1001, 12345);
  await takers[1001].does('contact_park', { contact });
  await until('the telephone is free', () => !phones.of(1001));
  await killAndStart();
  const packets = call.sound.packets;
  await until('sound flows again', () => call.sound.packets > packets + 10);
  await eventOf(contact, 'contact_kept');
  const [row] = await contacts();
  assert.deepEqual([row.contact, row.state, row.parked_by], [contact, 'waiting', 1001]);
  await takers[1001].does('contact_unpark', { contact });
  await until('the telephone talks', () => phones.of(1001));
  phones.of(1001).sound.sing(phones.of(1001).theirs, TONES[1001]);
  call.sound.heard = [];
  await hears(call.sound, TONES[1001]);
  await call.bye();
});

test('who hangs up while nobody is there is gone when somebody is', async () => {
  for (const seat of SEATS) await takers[seat].tries('taker_away', { reason: 'break' });
  await takers[1001].tries('wrap_up_finish');
  const { call, contact } = await talk(1001, 110);
  await pause(300);
  await kill();
  const [hungUp, started] = [call.bye(), home.startAside('trunk-1')];
  await hungUp;
  await started;
  assert.equal((await eventOf(contact, 'contact_ended')).body.cause, 'caller');
  assert.ok(!(await supervisor.trailOf(contact)).some(({ kind }) => kind === 'callback_opened'));
});

test('who came over TCP hangs up over another connection', async () => {
  for (const seat of SEATS) await takers[seat].tries('taker_away', { reason: 'break' });
  await takers[1001].tries('wrap_up_finish');
  await takers[1001].does('taker_ready');
  const call = await Citizen.call(port, 110, { tcp: true });
  await call.answered();
  const { contact } = await until('they talk', async () => (await contacts()).find(({ state }) => state === 'connected'));
  await killAndStart();
  await eventOf(contact, 'contact_kept');
  assert.ok(call.line.closed, 'the connection died with the process');
  call.line = await Line.open({ tcp: port });
  call.line.onMessage = (message) => call.hear(message);
  await call.bye();
  assert.equal((await eventOf(contact, 'contact_ended')).body.cause, 'caller');
});

test('at the end nothing is left over', async () => {
  hangUpAll();
  await until('no call', async () => {
    const figures = await home.metrics('trunk-1');
    return figures.yihao_trunk_calls === 0 && figures.yihao_trunk_phones === 0 && figures.yihao_media_channels === 0;
  });
});
