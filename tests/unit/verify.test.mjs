// SPDX-License-Identifier: GPL-3.0-or-later
// Two verifiers that share no code say the same of every trail, whole or changed: consoles/verify/verify.js
// and the program yihao-verify.
//     node --test tests/unit/verify.test.mjs      (YIHAO_BIN: where yihao-verify is)
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'node:test';
import vm from 'node:vm';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const bin = join(process.env.YIHAO_BIN ?? join(root, 'build', 'dev', 'bin'), 'yihao-verify');
const corpus = join(root, 'tests', 'fuzz', 'corpus', 'bundle');
const edits = Number(process.env.YIHAO_EDITS ?? 100);
const sm_edits = Math.ceil(edits / 4); // SM2 in JavaScript takes some ten milliseconds each
for (const script of ['sm.js', 'touch.js', 'verify.js']) vm.runInThisContext(readFileSync(join(root, 'consoles', 'verify', script), 'utf8'));
const { verify, blake2b, hex } = globalThis.yihao_verify;
const folder = mkdtempSync(join(tmpdir(), 'yihao-verify-'));
test.after(() => rmSync(folder, { recursive: true }));

/** What the C program says: whole, or the record it names. */
function program(bytes) {
    const file = join(folder, 'trail');
    writeFileSync(file, bytes);
    const { status, stdout } = spawnSync(bin, [file], { encoding: 'utf8' });
    assert.ok(status === 0 || status === 3, stdout);
    return status === 0 ? 'whole' : /record (\d+)/.exec(stdout)[1];
}
const second = async (bytes) => {
    const report = await verify(bytes);
    return report.ok ? 'whole' : String(report.record);
};

test('BLAKE2b is the RFC\'s', () => {
    assert.equal(hex(blake2b(new TextEncoder().encode('yihao trail 1'))), '7b3dd3412ec7f382b94eddf33f49743671f592a4ae8331cc2bc0a7e07e71d4ad');
    assert.equal(hex(blake2b(new Uint8Array())), '0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8');
});

test('both say the same of every trail of the corpus', async () => {
    for (const name of readdirSync(corpus)) {
        const bytes = readFileSync(join(corpus, name));
        assert.equal(await second(bytes), program(bytes), name);
    }
    assert.equal(await second(readFileSync(join(corpus, 'incident-0'))), 'whole');
    assert.equal(await second(readFileSync(join(corpus, 'witnessed'))), 'whole');
    assert.equal(await second(readFileSync(join(corpus, 'keys'))), 'whole'); // of a city whose key changes
    assert.equal((await verify(readFileSync(join(corpus, 'signed')))).acknowledgements, 1);
    for (const name of ['sm-witnessed', 'sm-keys', 'sm-signed']) assert.equal((await verify(readFileSync(join(corpus, name)))).algorithm, 2n, name);
    assert.match((await verify(readFileSync(join(corpus, 'strange')))).reason, /algorithms that this program does not know/);
    assert.match((await verify(readFileSync(join(corpus, 'mixed')))).reason, /two sets of algorithms/);
    for (const algorithm of [7, 8]) { // security keys
        const touched = await verify(readFileSync(join(corpus, `signed_${algorithm}`)));
        assert.equal(touched.acknowledgements, 1);
        assert.deepEqual(touched.origins, ['https://desk.yihao.city']);
        assert.match((await verify(readFileSync(join(corpus, `unsigned_${algorithm}`)))).reason, /not what a person's key signed/);
    }
    const unsigned = await verify(readFileSync(join(corpus, 'unsigned')));
    assert.match(unsigned.reason, /not what a person's key signed/);
});

for (const [name, count] of [['witnessed', edits], ['keys', edits], ['signed', edits], ['signed_7', edits], ['sm-witnessed', sm_edits], ['sm-keys', sm_edits]]) test(`both name the same record after any edit of ${name}`, async () => {
    let state = 4711;
    const below = (limit) => (state = (state * 1103515245 + 12345) % 2147483648) % limit;
    const whole = readFileSync(join(corpus, name));
    const lines = whole.toString('latin1').split('\n').slice(0, -1);
    for (let i = 0; i < count; i++) {
        const changed = [...lines];
        const [one, other] = [below(lines.length), below(lines.length)];
        const kind = below(5);
        if (kind === 0) changed.splice(one, 1);
        else if (kind === 1) changed.splice(one, 0, lines[other]);
        else if (kind === 2) [changed[one], changed[other]] = [changed[other], changed[one]];
        let bytes = Buffer.from(changed.join('\n') + '\n', 'latin1');
        if (kind === 3) bytes[below(bytes.length)] ^= 1 << below(8);
        if (kind === 4) bytes = bytes.subarray(0, below(bytes.length));
        assert.equal(await second(bytes), program(bytes), `edit ${i}, kind ${kind}, line ${one}`);
    }
});

test('the program refuses another key, an unknown witness and a strange recording', () => {
    const trail = join(corpus, 'witnessed');
    const run = (...words) => spawnSync(bin, [trail, ...words], { encoding: 'utf8' }).status;
    const [, key] = /^key (\w+)$/m.exec(readFileSync(trail, 'utf8'));
    const [, witness] = /^witness (\w+) /m.exec(readFileSync(trail, 'utf8'));
    assert.equal(run('--key', key, '--witness', witness), 0);
    assert.equal(run('--key', witness), 3);
    assert.equal(run('--key', key, '--witness', key), 3);
    assert.equal(run('--key', key, '--audio', trail), 3);
    assert.equal(run('--key', 'nonsense'), 2);
    assert.match(execFileSync('ldd', [bin], { encoding: 'utf8' }), /libsodium/);
    assert.doesNotMatch(execFileSync('ldd', [bin], { encoding: 'utf8' }), /lmdb|zmq|protobuf|ssl/);
});
