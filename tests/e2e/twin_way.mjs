// SPDX-License-Identifier: GPL-3.0-or-later
//
// A citizen's own operator is out of reach for the gateway that has the text, the other operator takes no such
// numbers; the twin gateway has a line to the right one. The text goes by the twin, once.
//     node tests/e2e/twin_way.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Centre } from './lib/centre.mjs';
import { Person } from './lib/console.mjs';
import { Home, ownPorts, pause, until } from './lib/home.mjs';

const NUMBER = '13012345678';
const NOT_MINE = 9; // CMPP 3.0's Result: Src_Id and number do not go together here
const port = ownPorts + 50;
const home = Home.make(ownPorts);
let failures = 0;
const check = (good, words) => {
  console.log(`${good ? 'ok  ' : 'FAIL'} ${words}`);
  if (!good) failures++;
};

const operator = (at) =>
  new Centre(at, at + 1, ['../fake/operator.mjs', '--protocol', 'cmpp3', '--account', 'yihao', '--password', 'secret']);
const section = (name, at, prefixes) => `centre "${name}" {
        protocol = "cmpp3"
        port = ${at}
        account = "yihao"
        password = "secret"
        serves = {${prefixes}}
    }`;

function configure(gateway, unicom) {
  const file = path.join(home.folder, 'settings.conf');
  const metrics = home.metricsPort(gateway);
  writeFileSync(file, readFileSync(file, 'utf8').replace(new RegExp(`^sms "${gateway}" \\{[^]*?^\\}`, 'm'), `sms "${gateway}" {
    metrics_port = ${metrics}
    ${section('mobile', port, '"139"')}
    ${section('unicom', unicom, '"130"')}
}`));
}

configure('sms-1', port + 4); // nobody is there
configure('sms-2', port + 2);
const mobile = operator(port);
const unicom = operator(port + 2);
await until('the centres listen', async () => (await Promise.all([mobile, unicom].map((one) => one.ask('GET', 'state').catch(() => null)))).every(Boolean));
await mobile.ask('POST', 'answers', { status: NOT_MINE, count: 1_000_000 });
home.start('dispatcher', 'console', 'sms-1', 'sms-2');
await mobile.bound(2);
await unicom.bound(1);
const supervisor = await Person.signIn(home, '2001');
const begun = Date.now();
await supervisor.does('incident_register', { category: 230300, line: 12345 }, { number: NUMBER });
const text = await unicom.textTo(NUMBER, /./, 60).catch(() => null);
check(text, `the text to ${NUMBER} went by the twin's line ${((Date.now() - begun) / 1000).toFixed(1)} s after it was ordered`);
await pause(3000);
check((await unicom.texts()).length === 1 && (await mobile.texts()).length === 0, 'once');
const { submits } = await mobile.ask('GET', 'state');
check(submits >= 1, `the other operator was asked ${submits} times`);
mobile.stop();
unicom.stop();
process.env.KEEP ? home.stop() : home.remove();
process.exit(failures ? 1 : 0);
