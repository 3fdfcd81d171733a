// SPDX-License-Identifier: GPL-3.0-or-later
// SM3 and SM2 as the pages reckon them (consoles/verify/sm.js, consoles/web/app/sm.js), by the values of the standards
// and against another implementation: the OpenSSL that Node brings.
//     node --test tests/unit/sm.test.mjs      (YIHAO_TESTS: where test_suite is)
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'node:test';
import vm from 'node:vm';
import * as web from '../../consoles/web/app/sm.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
vm.runInThisContext(readFileSync(join(root, 'consoles', 'verify', 'sm.js'), 'utf8'));
const page = globalThis.yihao_sm;
const ascii = (words) => new TextEncoder().encode(words);
const bytes = (digits) => new Uint8Array(Buffer.from(digits, 'hex'));
const digests = [(said) => Buffer.from(page.sm3(said)).toString('hex'), web.sm3];
const both = [page.sm2_holds, web.sm2_holds];

test('SM3 is that of GB/T 32905', () => {
    for (const digest of digests) {
        assert.equal(digest(ascii('abc')), '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0');
        assert.equal(digest(ascii('abcd'.repeat(16))), 'debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732');
    }
});

test('SM3 is OpenSSL\'s, at every length', () => {
    for (let size = 0; size < 300; size++) {
        const said = new Uint8Array(randomBytes(size));
        const expected = createHash('sm3').update(said).digest('hex');
        for (const digest of digests) assert.equal(digest(said), expected, String(size));
    }
});

test('SM2 is that of GB/T 32918.5 annex A', () => {
    const point = [0x09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020n,
        0xccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13n];
    const signature = bytes('f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3' +
        'b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa');
    assert.ok(page.holds_at(point, signature, ascii('message digest')));
    assert.ok(!page.holds_at(point, signature, ascii('message digesT')));
});

/* The same secret's negative, whose point is even: as test_suite.c has it for OpenSSL. */
const key = bytes('09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020');
const signature = bytes('fc49a896b5f556f5cf9241267a17dafb6e419886fb14e5e49955c1eccb668e4c' +
    '10ca4c159f12f6f039f9eaa577fc1def8d6d8c7270ab82a506867776367d6b77');

test('a key is the x of an even point, and no bit of anything may change', () => {
    for (const holds of both) {
        assert.ok(holds(key, signature, ascii('message digest')));
        for (let at = 0; at < 96; at += 5) {
            const [one, other] = [key.slice(), signature.slice()];
            if (at < 32) one[at] ^= 1 << at % 8;
            else other[at - 32] ^= 1 << at % 8;
            assert.ok(!holds(one, other, ascii('message digest')), String(at));
        }
    }
});

test('what our programs sign holds, and says nothing else', () => {
    const program = join(process.env.YIHAO_TESTS ?? join(root, 'build', 'dev', 'tests'), 'test_suite');
    const lines = execFileSync(program, ['--print'], { encoding: 'utf8' }).trim().split('\n');
    assert.ok(lines.length >= 20);
    for (const line of lines) {
        const [its_key, said, its_signature] = line.split(' ').map(bytes);
        for (const holds of both) {
            assert.ok(holds(its_key, its_signature, said), line);
            assert.ok(!holds(its_key, its_signature, said.subarray(1)), line);
        }
    }
});

test('numbers out of bounds hold nothing', () => {
    const order = bytes('fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123');
    for (const holds of both) {
        for (const at of [0, 32])
            for (const number of [new Uint8Array(32), order, new Uint8Array(32).fill(255)]) {
                const changed = signature.slice();
                changed.set(number, at);
                assert.ok(!holds(key, changed, ascii('message digest')));
            }
        assert.ok(!holds(new Uint8Array(32).fill(255), signature, ascii('message digest'))); // not below p
        assert.ok(!holds(key, signature.subarray(0, 63), ascii('message digest')));
        assert.ok(!holds(key.subarray(0, 31), signature, ascii('message digest')));
        assert.ok(!holds(key, new Uint8Array(64), ascii('message digest')));
    }
});
