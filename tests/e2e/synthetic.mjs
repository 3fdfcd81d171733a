// SPDX-License-Identifier: GPL-3.0-or-later
//
// A gateway calls its twin by itself: the dispatcher decides, the twin answers and sounds, the tone is heard; a number that
// is not there is known at once to metrics, doctor and `yihao`.
//     node tests/e2e/synthetic.mjs
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Home, ownPorts, until } from './lib/home.mjs';

const home = Home.make(ownPorts);
let good;
let bad;

before(() => {
  const file = path.join(home.folder, 'settings.conf');
  good = `sip:test-110@127.0.0.1:${home.sipPort('trunk-2')}`;
  bad = `sip:test-999@127.0.0.1:${home.sipPort('trunk-2')}`;
  writeFileSync(file, readFileSync(file, 'utf8').replace('trunk "trunk-1" {', `trunk "trunk-1" {\n    synthetic = {"${good}", "${bad}"}`));
  home.start('dispatcher', 'trunk-2', 'trunk-1');
});

after(() => {
  if (process.env.YIHAO_LOG) process.stdout.write(home.log('trunk-1') + home.log('trunk-2'));
  home.remove();
});

test('a synthetic call goes the whole way and is heard', async (t) => {
  const figures = await until('both calls are over', async () => {
    const now = await home.metrics('trunk-1');
    return now[`yihao_trunk_synthetic_total{to="${good}",result="ok"}`] && now[`yihao_trunk_synthetic_total{to="${bad}",result="refused"}`] && now;
  });
  t.diagnostic(`answered after ${figures[`yihao_trunk_synthetic_answer_ms{to="${good}"}`]} ms, heard after ${figures[`yihao_trunk_synthetic_sound_ms{to="${good}"}`]} ms`);
  assert.equal(figures[`yihao_trunk_synthetic_up{to="${good}"}`], 1);
  assert.equal(figures[`yihao_trunk_synthetic_up{to="${bad}"}`], 0);
  const doctor = await home.yihao('doctor');
  assert.match(doctor.out, /trunk-1: synthetic calls fail, to="sip:test-999/);
  await until('the twin is rid of it', async () => (await home.metrics('trunk-2')).yihao_trunk_calls === 0);
  assert.match(home.log('trunk-2'), /end call=\d+ cause=test/);
});
