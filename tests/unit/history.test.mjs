// SPDX-License-Identifier: GPL-3.0-or-later
// A browser keeps the last checkpoint it believed: what the pages reckon of a journal that goes on, one that was
// written anew with the city's stolen key, and a line of keys.
//     node --test tests/unit/history.test.mjs      (YIHAO_SUITE=sm3-sm2: of a city that signs with SM2)
import assert from 'node:assert/strict';
import test from 'node:test';
import { look } from '../../consoles/web/app/onlooker.js';
import { goes_on, suite_of } from '../../consoles/web/app/proof.js';
import { algorithm, checkpoint, consistency, key_pair, succession, successions, first_link, next_link } from '../fake/tree.mjs';

/** A journal's events, all alike but for their words. */
function journal(words, count) {
    const events = [];
    for (let seq = 1; seq <= count; seq++) {
        const link = next_link(events.at(-1)?.link ?? first_link, seq, seq * 10, Buffer.from(`${words} ${seq}`));
        events.push({ seq, at_ms: seq * 10, link });
    }
    return events;
}
/** A dispatcher over these events; line: successions, signer: whose key is the present one. */
const dispatcher = (events, { line = [], signer = undefined } = {}) => async (question) => {
    if (question.checkpoint) return { checkpoint: checkpoint(7, events, signer) };
    if (question.successions) return { successions: { ...successions, rows: line.filter((row) => row.number > Number(question.successions.after)) } };
    return { consistency: consistency(events, Number(question.consistency.first), Number(question.consistency.second)) };
};

test('what goes on is believed, from every length to every other', async () => {
    const events = journal('true', 24);
    for (let first = 1; first <= events.length; first += algorithm === 1 ? 3 : 11) { // SM2 in JavaScript takes its time
        const known = await look(null, dispatcher(events.slice(0, first)));
        for (let second = first; second <= events.length; second++) {
            const memory = await look(known, dispatcher(events.slice(0, second)));
            assert.equal(memory.doubt, null, `${first} ${second}`);
            assert.equal(memory.last.seq, second);
        }
    }
});

test('a history written anew with the stolen key is doubted, and stays so', async () => {
    const known = await look(null, dispatcher(journal('true', 10)));
    for (const length of [10, 11, 16, 23]) {
        const memory = await look(known, dispatcher(journal('false', length)));
        assert.equal(memory.doubt.reason, 'rewritten', String(length));
        assert.equal(memory.doubt.seq, 10);
        assert.equal((await look(memory, dispatcher(journal('true', 12)))).doubt.reason, 'rewritten');
    }
    assert.equal((await look(known, dispatcher(journal('true', 9)))).doubt.reason, 'shrunk');
    assert.equal((await look(known, dispatcher(journal('true', 12), { signer: key_pair() }))).doubt.reason, 'forged');
    assert.equal(await look(known, async () => null), null, 'no answer is no doubt');
});

test('a proof with any bit turned leads nowhere', async () => {
    const suite = await suite_of(algorithm);
    const events = journal('true', 21);
    const roots = (size) => checkpoint(7, events.slice(0, size)).root;
    for (const [first, second] of [[1, 2], [4, 9], [7, 21], [16, 21]]) {
        const { path } = consistency(events, first, second);
        const [one, two] = [roots(first), roots(second)];
        assert.ok(goes_on(suite, first, one, second, two, path));
        for (let at = 0; at < path.length; at += 7) {
            const digit = (parseInt(path[at], 16) ^ 1).toString(16);
            assert.ok(!goes_on(suite, first, one, second, two, path.slice(0, at) + digit + path.slice(at + 1)), `${first} ${second} ${at}`);
        }
        assert.ok(!goes_on(suite, first, one, second, two, path + path.slice(0, 64)));
        assert.ok(!goes_on(suite, first, one, second, two, path.slice(64)));
    }
});

test('the line of keys is followed, and a key that nobody named is not', async () => {
    const events = journal('true', 20);
    const second = key_pair();
    const line = [succession(1, events.slice(0, 8), second)];
    const known = await look(null, dispatcher(events.slice(0, 8)));
    const memory = await look(known, dispatcher(events, { line, signer: second }));
    assert.equal(memory.doubt, null);
    assert.equal(memory.line.number, 1);
    assert.equal((await look(memory, dispatcher(events))).doubt.reason, 'forged', 'the former key signs nothing more');
    const later = await look(null, dispatcher(events.slice(0, 12)));
    assert.equal((await look(later, dispatcher(events, { line, signer: second }))).doubt.reason, 'forged', 'a key that ends before what it signed');
});

test('algorithms that are unknown, or others than before, are no city\'s', async () => {
    const events = journal('true', 12);
    const known = await look(null, dispatcher(events.slice(0, 9)));
    for (const other of [3 - algorithm, 3, 0]) {
        const ask = async (question) => {
            const answer = await dispatcher(events)(question);
            return answer.checkpoint ? { checkpoint: { ...answer.checkpoint, algorithm: other } } : answer;
        };
        assert.equal((await look(known, ask)).doubt.reason, 'forged', String(other));
        assert.equal((await look(null, ask)).doubt.reason, 'forged', String(other));
    }
});
