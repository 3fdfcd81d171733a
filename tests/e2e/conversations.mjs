// SPDX-License-Identifier: GPL-3.0-or-later
//
// Conversations of more than two, and those that change hands, through the whole chain: everybody says a
// tone of their own, and who hears whom is measured. The caller's leg never drops.
//     node tests/e2e/conversations.mjs
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Person } from './lib/console.mjs';
import { Home, ownPorts, pause, until } from './lib/home.mjs';
import { Citizen, closeCitizens, hangUpAll, Phones } from './lib/sip.mjs';

const CITIZEN = 1000; /* Hz */
const TONES = { 1001: 400, 1002: 650, 1003: 1250, 2001: 1550, 5550119: 1900 };
const SEATS = [1001, 1002, 1003];

const home = Home.make(ownPorts);
let takers;
let supervisor;
let phones;
let port;

before(async () => {
  home.parameter('wrap_up_ms', '1s');
  home.parameter('transfer_ms', '4s');
  home.parameter('unanswered_away', '5');
  home.withoutReserve();
  home.rewrite('users.csv', (text) => text.replace(/^2001,(.*?),supervisor director,0,,/m, `2001,$1,supervisor director taker,0,sip:2001@127.0.0.1:${home.phonePort},`));
  home.rewrite('departments.csv', (text) => text.trimEnd().split('\n').map((row, i) =>
    (i === 0 ? `${row},phone` : /^3,/.test(row) ? `${row},sip:5550119@127.0.0.1:${home.phonePort}` : `${row},`)).join('\n') + '\n');
  home.start('dispatcher', 'trunk-1', 'trunk-2', 'console');
  port = home.sipPort('trunk-1');
  phones = await Phones.open(home.phonePort);
  supervisor = await Person.signIn(home, '2001');
  takers = await Person.signOn(home, SEATS);
});

after(() => {
  closeCitizens();
  phones?.close();
  home.remove();
});

const contacts = () => supervisor.asksAll('contacts');

const eventOf = (contact, kind) => supervisor.eventOf(contact, kind);

const stateIs = (seat, state) => until(`${seat} is ${state}`, async () =>
  (await supervisor.asksAll('takers')).find(({ taker }) => taker === seat).state === state);

async function onDuty(...seats) {
  phones.manners = {};
  for (const seat of SEATS) await takers[seat].tries('taker_away', { reason: 'break' });
  hangUpAll();
  await until('nobody calls', async () => (await contacts()).length === 0);
  for (const seat of seats) {
    await takers[seat].tries('wrap_up_finish');
    await takers[seat].does('taker_ready');
  }
}

/** A citizen speaks with seat 1001, both with their tones; the others of the city stand by. */
async function talk(line) {
  await onDuty(1001);
  const call = await Citizen.call(port, line);
  await call.answered();
  const row = await until('they talk', async () => (await contacts()).find(({ state }) => state === 'connected'));
  call.sound.sing(call.theirs, CITIZEN);
  sing(1001);
  for (const seat of [1002, 1003]) {
    await takers[seat].tries('wrap_up_finish');
    await takers[seat].tries('taker_ready');
    await stateIs(seat, 'ready');
  }
  await pause(1100); /* nobody is asked twice within a second */
  await hears('the caller', call.sound, TONES[1001]);
  return { call, contact: row.contact };
}

function sing(seat) {
  const phone = phones.of(seat);
  phone.sound.sing(phone.theirs, TONES[seat]);
  return phone;
}

const talks = (seat) => until(`${seat} talks`, () => phones.of(seat) && sing(seat));

/** This end hears these tones, all of them, and no other of the city's. */
const hears = (who, sound, ...tones) => until(`${who} hears ${tones.join(', ') || 'none of them'}`, () =>
  sound.packets > 0 && sound.heard.length > 3000 && [CITIZEN, ...Object.values(TONES)].every((tone) =>
    (tones.includes(tone) ? sound.share(tone) > 0.6 / tones.length : sound.share(tone) < 0.02)), 10);

const heardBy = (seat, ...tones) => hears(String(seat), phones.of(seat).sound, ...tones);

const offerTo = (seat) => until(`${seat} is asked`, async () => {
  const row = (await supervisor.asksAll('takers')).find(({ taker }) => taker === seat);
  return row?.offer !== '0' && row?.offer;
});

async function ends(call) {
  assert.ok(!call.gone, 'the caller’s leg never dropped');
  await call.bye();
}

/* ---- hand-over --------------------------------------------------------------------------------------- */

test('an emergency is handed over: the caller speaks on while it rings, then with both, then with the receiver', async () => {
  const { call, contact } = await talk(110);
  phones.manners[1002] = 'ring';
  assert.equal(await takers[1001].tries('contact_transfer', { contact, taker: 1002, kind: 'blind' }), 'warm_only');
  await takers[1001].does('contact_transfer', { contact, taker: 1002 });
  const offer = await offerTo(1002);
  await until('the second phone rings', () => phones.calls.findLast(({ seat }) => seat === '1002'));
  await hears('the caller', call.sound, TONES[1001]);
  await takers[1002].does('offer_accept', { offer });
  await talks(1002);
  await hears('the caller', call.sound, TONES[1001], TONES[1002]);
  await heardBy(1001, CITIZEN, TONES[1002]);
  await heardBy(1002, CITIZEN, TONES[1001]);
  await takers[1001].does('transfer_finish', { contact });
  await hears('the caller', call.sound, TONES[1002]);
  await heardBy(1002, CITIZEN);
  await until('the sender’s phone is free', () => !phones.of(1001));
  const { body } = await eventOf(contact, 'transfer_ended');
  assert.deepEqual([body.outcome, body.from_taker, body.to_taker, Boolean(body.returned)], ['taken', 1001, 1002, false]);
  assert.equal((await contacts())[0].taker, 1002);
  await ends(call);
  await eventOf(contact, 'recording_stored');
  const trail = await supervisor.trailOf(contact);
  assert.equal(trail.filter(({ kind }) => kind === 'recording_stored').length, 1, 'one recording of all of it');
  const legs = await until('each leg has said how it sounded', async () => {
    const reports = (await supervisor.trailOf(contact)).filter(({ kind, body }) => kind === 'sound_reported' && body.final);
    return reports.length >= 3 && reports.map(({ body }) => body);
  });
  assert.deepEqual(legs.map(({ side, user, state }) => `${side} ${user ?? 0} ${state}`).toSorted(),
    ['citizen 0 good', 'taker 1001 good', 'taker 1002 good'], 'how each leg sounded');
  assert.ok(legs.every(({ packets, lost }) => packets > 0 && (lost ?? 0) <= packets / 10), `loss on one machine: ${JSON.stringify(legs)}`);
});

test('an ordinary call is handed over: held while sender and receiver speak, then with the receiver', async () => {
  const { call, contact } = await talk(12345);
  await takers[1001].does('contact_transfer', { contact, taker: 1002, kind: 'warm' });
  await talks(1002);
  await heardBy(1001, TONES[1002]);
  await heardBy(1002, TONES[1001]);
  await hears('the caller', call.sound);
  assert.ok((await contacts())[0].held_ms > 0);
  await takers[1001].does('transfer_cancel', { contact }); /* not the right one */
  await hears('the caller', call.sound, TONES[1001]);
  await until('the receiver’s phone is free', () => !phones.of(1002));
  await takers[1001].does('contact_transfer', { contact, taker: 1003, kind: 'warm' });
  await talks(1003);
  await takers[1001].does('transfer_finish', { contact });
  await hears('the caller', call.sound, TONES[1003]);
  const { body } = await eventOf(contact, 'contact_resumed');
  assert.ok(body.held_ms > 0);
  await ends(call);
});

test('a parked caller hears music and nobody; a colleague has them by asking, and one recording has all of it', async () => {
  const { call, contact } = await talk(12345);
  await takers[1001].does('contact_park', { contact });
  await until('the taker’s phone is free', () => !phones.of(1001));
  await stateIs(1001, 'ready');
  await hears('the caller', call.sound);
  const [row] = await contacts();
  assert.deepEqual([row.state, row.parked_by, row.taker ?? 0], ['waiting', 1001, 0]);
  assert.ok(row.parked_ms > 0 && row.parked_until_ms > row.parked_ms);
  await takers[1002].does('contact_unpark', { contact });
  await talks(1002);
  await hears('the caller', call.sound, TONES[1002]);
  await heardBy(1002, CITIZEN);
  const { body } = await eventOf(contact, 'contact_unparked');
  assert.deepEqual([body.to_taker, Boolean(body.lapsed)], [1002, false]);
  await ends(call);
  await eventOf(contact, 'recording_stored');
  assert.equal((await supervisor.trailOf(contact)).filter(({ kind }) => kind === 'recording_stored').length, 1);
});

test('an ordinary call is handed over blindly: with the receiver as soon as they answer', async () => {
  const { call, contact } = await talk(12345);
  await takers[1001].does('contact_transfer', { contact, taker: 1002, kind: 'blind' });
  await talks(1002);
  await hears('the caller', call.sound, TONES[1002]);
  await until('the sender’s phone is free', () => !phones.of(1001));
  await ends(call);
});

test('a telephone hands its caller over by REFER, as the dispatcher decides, and hears what became of it', async () => {
  const { call, contact } = await talk(12345);
  const abroad = await phones.refer(1001, '0044123456789012');
  assert.equal(abroad.status, 603, 'nobody is called at the city’s cost');
  const nobody = await phones.refer(1001, '9876');
  assert.equal(nobody.status, 404);
  const answer = await phones.refer(1001, 1002);
  assert.equal(answer.status, 202);
  await talks(1002);
  await hears('the caller', call.sound, TONES[1002]);
  await until('the sender’s phone is free', () => !phones.of(1001));
  const told = phones.notices(answer); /* who answers before the dispatcher's word is here is told of at once */
  assert.ok(['100 active 200 terminated', '200 terminated'].includes(told.join(' ')), told.join(', '));
  const { body } = await eventOf(contact, 'transfer_asked');
  assert.deepEqual([body.kind, body.referred_by], ['blind', '<sip:1001@city.example>']);
  await ends(call);
});

for (const [manner, outcome] of [['ring', 'unanswered'], ['busy', 'receiver_left']])
  test(`a receiver whose phone says ${manner}: back to the sender`, async () => {
    const { call, contact } = await talk(12345);
    phones.manners[1002] = manner;
    await takers[1001].does('contact_transfer', { contact, taker: 1002 });
    const { body } = await eventOf(contact, 'transfer_ended');
    assert.deepEqual([body.outcome, Boolean(body.returned)], [outcome, true]);
    await hears('the caller', call.sound, TONES[1001]);
    await heardBy(1001, CITIZEN);
    await ends(call);
  });

test('a sender who hangs up the phone leaves the caller to the receiver', async () => {
  const { call, contact } = await talk(110);
  await takers[1001].does('contact_transfer', { contact, taker: 1002 });
  await talks(1002);
  await hears('the caller', call.sound, TONES[1001], TONES[1002]);
  phones.hangUp(1001);
  await hears('the caller', call.sound, TONES[1002]);
  assert.equal((await eventOf(contact, 'transfer_ended')).body.outcome, 'taken');
  await ends(call);
});

test('a sender who hangs up while it rings leaves the caller to the queue, and the next taker has them', async () => {
  const { call, contact } = await talk(110);
  phones.manners[1002] = 'ring';
  await takers[1001].does('contact_transfer', { contact, taker: 1002 });
  await until('the second phone rings', () => phones.calls.findLast(({ seat }) => seat === '1002'));
  phones.hangUp(1001);
  assert.equal((await eventOf(contact, 'transfer_ended')).body.outcome, 'sender_left');
  phones.manners = {};
  const seat = await until('somebody talks', () => [1002, 1003, 1001].find((one) => phones.of(one)));
  sing(seat);
  await hears('the caller', call.sound, TONES[seat]);
  await ends(call);
});

test('a receiver who hangs up gives the caller back', async () => {
  const { call, contact } = await talk(12345);
  await takers[1001].does('contact_transfer', { contact, taker: 1002 });
  await talks(1002);
  await hears('the caller', call.sound);
  phones.hangUp(1002);
  await hears('the caller', call.sound, TONES[1001]);
  assert.equal((await eventOf(contact, 'transfer_ended')).body.outcome, 'receiver_left');
  await ends(call);
});

/* ---- hold ----------------------------------------------------------------------------------------------- */

test('the taker holds by the console and by the phone’s key', async () => {
  const { call, contact } = await talk(110);
  for (const [hold, resume] of [
    [() => takers[1001].does('contact_hold', { contact }), () => takers[1001].does('contact_resume', { contact })],
    [() => phones.reinvite(1001, 'sendonly'), () => phones.reinvite(1001, '')],
  ]) {
    await hold();
    await hears('the caller', call.sound);
    await heardBy(1001);
    await until('it is known', async () => (await contacts())[0].held_ms > 0);
    await resume();
    await hears('the caller', call.sound, TONES[1001]);
    await heardBy(1001, CITIZEN);
    await until('it is known', async () => !(await contacts())[0].held_ms);
  }
  const kinds = (await supervisor.trailOf(contact)).map(({ kind }) => kind).filter((kind) => /held|resumed/.test(kind));
  assert.deepEqual(kinds, ['contact_held', 'contact_resumed', 'contact_held', 'contact_resumed']);
  await ends(call);
});

/* ---- three and more --------------------------------------------------------------------------------------- */

test('one key: caller, taker, a department and another taker are one conversation', async () => {
  const { call, contact } = await talk(110);
  await takers[1001].does('party_invite', { contact, department: 3 });
  await talks(5550119);
  await hears('the caller', call.sound, TONES[1001], TONES[5550119]);
  await heardBy(1001, CITIZEN, TONES[5550119]);
  await heardBy(5550119, CITIZEN, TONES[1001]);
  await takers[1001].does('party_invite', { contact, user: 1002 });
  await talks(1002);
  await hears('the caller', call.sound, TONES[1001], TONES[5550119], TONES[1002]);
  assert.equal((await supervisor.asksAll('takers')).find(({ taker }) => taker === 1002).reason, 'conference');
  await takers[1001].does('party_drop', { contact, department: 3 });
  await hears('the caller', call.sound, TONES[1001], TONES[1002]);
  phones.hangUp(1002);
  await hears('the caller', call.sound, TONES[1001]);
  await stateIs(1002, 'ready');
  const left = (await supervisor.trailOf(contact)).filter(({ kind }) => kind === 'party_left').map(({ body }) => body.cause);
  assert.deepEqual(left, ['dropped', 'left']);
  await ends(call);
});

test('a supervisor listens unheard, whispers to the taker alone, speaks with all, takes over', async () => {
  const { call, contact } = await talk(110);
  assert.equal(await takers[1003].tries('party_invite', { contact, role: 'listener' }), 'not_allowed');
  await supervisor.does('party_invite', { contact, role: 'listener' });
  await talks(2001);
  await heardBy(2001, CITIZEN, TONES[1001]);
  await hears('the caller', call.sound, TONES[1001]);
  await heardBy(1001, CITIZEN);
  await supervisor.does('party_change', { contact, role: 'coach' });
  await heardBy(1001, CITIZEN, TONES[2001]);
  await hears('the caller', call.sound, TONES[1001]);
  await supervisor.does('party_change', { contact, role: 'barge' });
  await hears('the caller', call.sound, TONES[1001], TONES[2001]);
  assert.equal(await supervisor.tries('party_take_over', { contact }), 'wrong_state'); /* not on duty */
  await supervisor.does('taker_sign_on');
  await supervisor.does('party_take_over', { contact });
  await hears('the caller', call.sound, TONES[2001]);
  await until('the taker’s phone is free', () => !phones.of(1001));
  assert.equal((await contacts())[0].taker, 2001);
  assert.deepEqual((await supervisor.trailOf(contact)).map(({ kind }) => kind).filter((kind) => /party|over/.test(kind)),
    ['party_invited', 'party_joined', 'party_changed', 'party_changed', 'party_left', 'contact_taken_over']);
  await ends(call);
  await until('wrap-up', async () => (await contacts()).length === 0);
  await supervisor.tries('taker_sign_off');
});

/* ---- the dispatcher dies meanwhile -------------------------------------------------------------------------- */

test('the dispatcher is killed while sender and receiver speak: all speak on, and the hand-over is done', async () => {
  const { call, contact } = await talk(110);
  await takers[1001].does('contact_transfer', { contact, taker: 1002 });
  await talks(1002);
  await hears('the caller', call.sound, TONES[1001], TONES[1002]);
  home.kill('dispatcher');
  await pause(300);
  phones.hangUp(1001);
  await hears('the caller', call.sound, TONES[1002]);
  home.start('dispatcher');
  await until('the receiver has the contact', async () => {
    try {
      supervisor = await Person.signIn(home, '2001');
      return (await contacts())[0]?.taker === 1002;
    } catch {
      return false;
    }
  }, 30);
  await hears('the caller', call.sound, TONES[1002]);
  await ends(call);
});

test('at the end nothing is left over', async () => {
  await until('no call', async () => {
    const figures = await home.metrics('trunk-1');
    return figures.yihao_trunk_calls === 0 && figures.yihao_trunk_phones === 0 && figures.yihao_media_channels === 0;
  });
});
