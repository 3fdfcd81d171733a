// SPDX-License-Identifier: GPL-3.0-or-later
//
// The operator rehearses: a gateway is killed on purpose while a citizen waits, and the command says what followed.
// Nothing is rehearsed on top of a trouble, and nothing by mistake.
//     node tests/e2e/rehearse.mjs
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Home, ownPorts } from './lib/home.mjs';
import { Citizen, closeCitizens } from './lib/sip.mjs';

const home = Home.make(ownPorts);
const keep = (...names) => home.shell(names.map((name) => `keep_program "$HOME_DIR" ${name}; wait_healthy "$HOME_DIR" ${name}`).join('; '));

async function rehearse(...words) {
  const { code, out, err } = await home.yihao('rehearse', ...words);
  return { code, says: out + err };
}

before(() => keep(...home.programs.filter((name) => name !== 'console')));

after(() => {
  closeCitizens();
  home.remove();
});

test('not on top of a trouble: the console does not run', async () => {
  const { code, says } = await rehearse('trunk-1', '--yes');
  assert.equal(code, 6, says);
  assert.match(says, /console.* does not do its work/);
  keep('console');
});

test('not without a word, and not where nobody takes the place', async () => {
  assert.match((await rehearse('trunk-1')).says, /would be killed now, with 0 calls/);
  assert.equal((await rehearse('nobody', '--yes')).code, 3);
});

test('a citizen waits at the gateway that is killed, and goes on waiting at the next process', async () => {
  const citizen = await Citizen.call(home.sipPort('trunk-1'), 110, { number: '13800000001' });
  await citizen.accepted(10);
  const { code, says } = await rehearse('trunk-1', '--yes');
  assert.equal(code, 0, says);
  assert.match(says, /started again and at work after [0-9]+ ms/);
  assert.match(says, /trunk-2 went on/);
  assert.match(says, /calls: 1 before, 1 taken up, 0 cut off/);
  console.log(says.replace(/^/gm, '# '));
  const log = readFileSync(path.join(home.folder, 'log/rehearsals.log'), 'utf8');
  assert.match(log, /by=\S+ killed=trunk-1 back_ms=[0-9]+ .* well\n$/);
});

test('the dispatcher itself', async () => {
  const { code, says } = await rehearse('dispatcher', '--yes');
  assert.equal(code, 0, says);
  assert.match(says, /all programs hear the dispatcher after [0-9]+ ms/);
});
