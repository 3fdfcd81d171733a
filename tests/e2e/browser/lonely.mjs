// SPDX-License-Identifier: GPL-3.0-or-later
// A seat in a world that has no other machine: in a network namespace with loopback alone, a call taker, an auditor and
// a wall open, work and ask nobody else; then the browser is killed (-9) in mid-sentence, and every word is there again;
// then the laptop sleeps in mid-call, every process of the browser stopped, and wakes to what happened meanwhile.
//     node tests/e2e/browser/lonely.mjs
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import path from 'node:path';
import { serve } from '../../fake/console_server.mjs';
import { launch, launch_kept, open_window, sign_in, until } from './browser.mjs';

const INSIDE = 'YIHAO_LONELY';
if (!process.env[INSIDE]) {
    if (spawnSync('unshare', ['--net', 'true']).status !== 0) {
        console.log('skip: no network namespace may be made here');
        process.exit(77);
    }
    const { status } = spawnSync('unshare', ['--net', 'sh', '-c',
        'ip link set lo up && exec "$0" "$@"', process.execPath, ...process.argv.slice(1)],
    { stdio: 'inherit', env: { ...process.env, [INSIDE]: '1' } });
    process.exit(status ?? 1);
}

/** Packets that left by any interface but loopback, and those that could not leave. */
const away = () => {
    const rows = readFileSync('/proc/net/dev', 'utf8').trim().split('\n').slice(2).map((row) => row.trim().split(/[:\s]+/));
    const no_route = /^Ip: (?!F)(.*)$/m.exec(readFileSync('/proc/net/snmp', 'utf8'))[1].split(' ').map(Number);
    return { others: rows.filter(([name, , packets]) => name !== 'lo' && Number(packets)).map(([name]) => name), no_route: no_route[11] };
};

const folder = mkdtempSync(path.join(tmpdir(), 'yihao-lonely-'));
const server = serve();
let browser;
try {
    assert.deepEqual(Object.keys(networkInterfaces()), ['lo'], 'nothing but loopback');
    const url = await server.listen();
    browser = await launch();
    for (const [login, options, stand] of [['1001', {}, '#form-text'], ['4001', {}, '#audit-number'], ['2001', {}, '#inbox-list'], ['3001', { path: '/?wall=1' }, '.wall-seats']]) {
        const page = await open_window(browser, url, options);
        await sign_in(page, login);
        await page.waitForSelector(stand);
        assert.deepEqual(page.faults, [], 'no request to any other host, no fault');
        await page.context().close();
    }
    await browser.close();
    assert.deepEqual(away().others, []);
    console.log(`ok   four pages on loopback alone (${away().no_route} packets of the browser's own found no way out)`);

    const kept = await launch_kept(folder);
    await kept.page.goto(url);
    await sign_in(kept.page, '1001');
    await kept.page.focus('#form-text');
    await kept.page.keyboard.type('三楼厨房着火，有老人被困');
    const begun = Date.now();
    await kept.settled();
    const waited_ms = Date.now() - begun;
    kept.signal('SIGKILL');
    const again = await launch_kept(folder);
    await again.page.goto(url);
    if (await again.page.waitForSelector('#login, .bar .link.fresh').then((one) => one.getAttribute('id')) === 'login') await sign_in(again.page, '1001');
    await until(again.page, 'every word', () => document.querySelector('#form-text')?.value === '三楼厨房着火，有老人被困');
    console.log(`ok   what was typed is there after kill -9 of the browser, ${waited_ms} ms after the last key`);

    const { page } = again;
    const { city } = server;
    const post = (what, body = {}) => fetch(`${url}/test/${what}`, { method: 'POST', body: JSON.stringify(body) });
    const has = (selector, words) => until(page, `"${words}" in ${selector}`, ([one, said]) => document.querySelector(one)?.textContent.includes(said), [selector, words]);
    await has('.seat', '离席');
    await page.keyboard.press('F9');
    await has('.seat .state', '就绪');
    await post('call', { line: 119, number: '13912345678' });
    await page.waitForSelector('.ring.on');
    await page.keyboard.press('F2');
    await has('.caller', '通话中');
    await page.focus('#form-text');
    await page.keyboard.type('四楼有孩子');
    const hellos = city.hellos.length;
    again.signal('SIGSTOP');
    await post('drop'); // who hears nothing for long is dropped
    await post('call', { line: 12345, number: '13500000000' });
    assert.equal(city.contacts.find((one) => one.line === 119).state, 'connected', 'the call does not sleep');
    assert.equal(city.hellos.length, hellos, 'who sleeps says nothing');
    again.signal('SIGCONT');
    await has('.queue', '12345');
    await until(page, 'live again', () => document.querySelector('.link.fresh'));
    assert.ok(city.hellos.length > hellos && city.hellos.at(-1).last > 0, 'it asked for what it missed');
    await has('.caller', '通话中');
    await page.keyboard.type('，有烟');
    await until(page, 'every word', () => document.querySelector('#form-text')?.value.endsWith('四楼有孩子，有烟'));
    console.log('ok   a laptop that slept in mid-call wakes to what happened');
    await again.context.close();
} catch (error) {
    console.error(error);
    process.exitCode = 1;
} finally {
    await browser?.close().catch(() => {});
    server.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
