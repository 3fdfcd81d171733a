// SPDX-License-Identifier: GPL-3.0-or-later
// What can be said of the pages without a browser: words and vendored files.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import test from 'node:test';

const web = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'consoles', 'web');
const load = async (file) => import(join(web, 'app', file));
const tables = ['', '-events', '-panels', '-states', '-office'];
const parts = Object.fromEntries(await Promise.all(['zh', 'en'].flatMap((language) => tables.map((table) => language + table))
    .map(async (part) => [part, (await load(`words-${part}.js`)).default])));
const whole = (language) => Object.assign({}, ...tables.map((table) => parts[language + table]));
const zh = whole('zh');
const en = whole('en');
const { words, event_kinds } = await load('schema.js');
const sources = readdirSync(join(web, 'app')).filter((name) => name.endsWith('.js') && !/^(words-|schema)/.test(name))
    .map((name) => readFileSync(join(web, 'app', name), 'utf8')).join('\n');
const node = (...args) => spawnSync(process.execPath, args, { cwd: web, encoding: 'utf8' });

/** Enumerations that the pages never show. */
const unshown = ['sla_class', 'parameter', 'city_table', 'role', 'kpi_count', 'kpi_scope'];

test('both languages have the same words', () => {
    assert.deepEqual(Object.keys(zh), Object.keys(en));
    for (const [part, table] of Object.entries(parts)) assert.deepEqual(Object.keys(table), [...Object.keys(table)].sort(), part);
    assert.equal(Object.keys(zh).length, tables.reduce((sum, table) => sum + Object.keys(parts[`zh${table}`]).length, 0), 'a key stands in two tables');
    for (const key of Object.keys(zh)) {
        assert.ok(zh[key] && en[key], `${key} is empty`);
        const places = (text) => [...text.matchAll(/\{\w+\}/g)].map(String).sort().join();
        assert.equal(places(zh[key]), places(en[key]), `${key} has other places`);
    }
});

test('every word of every enumeration that people see is translated', () => {
    for (const [name, list] of Object.entries(words))
        if (!unshown.includes(name))
            for (const word of list.slice(1).filter(Boolean)) assert.ok(zh[`${name}.${word}`], `${name}.${word}`);
    for (const kind of event_kinds) assert.ok(zh[`event.${kind}`], `event.${kind}`);
});

test('every word the pages name exists, and every word is used', () => {
    const named = [...sources.matchAll(/\bt\('([\w.]+)'/g)].map((match) => match[1]);
    for (const key of named) assert.ok(zh[key], `${key} is not in the tables`);
    const open = [...sources.matchAll(/`([\w]+\.\w*)\$\{/g), ...sources.matchAll(/\bwords: '(\w+)'/g)].map((match) => match[1].includes('.') ? match[1] : `${match[1]}.`);
    for (const key of Object.keys(zh)) {
        const used = sources.includes(`'${key}'`) || open.some((start) => key.startsWith(start))
            || key.split('.')[0] in words;
        assert.ok(used, `${key} is not used`);
    }
});

test('every column of the city\'s tables has its words in both languages', async () => {
    const { columns } = await load('column-words.js');
    const city = join(web, '..', '..', 'ops', 'city');
    for (const name of readdirSync(city).filter((one) => one.endsWith('.csv')))
        for (const column of readFileSync(join(city, name), 'utf8').split('\n')[0].trim().split(','))
            assert.ok(columns[column], `${name}: ${column}`);
    for (const [column, [chinese, english]] of Object.entries(columns)) assert.ok(/[一-鿿]/.test(chinese) && /^[A-Z]/.test(english), column);
});

test('a text is as long as operators count', async () => {
    const { count_pieces } = await load('pieces.js');
    const is = (text, gsm7, units, pieces) => assert.deepEqual(count_pieces(text), { gsm7, units, pieces }, text);
    is('', true, 0, 0);
    is('x'.repeat(160), true, 160, 1);
    is('x'.repeat(161), true, 161, 2);
    is('€'.repeat(80), true, 160, 1);
    is('€'.repeat(153), true, 306, 3); // 76 in each piece: none is cut
    is('灯'.repeat(70), false, 70, 1);
    is('灯'.repeat(71), false, 71, 2);
    is('👮'.repeat(67), false, 134, 3); // 33 in each piece
});

test('vendored files are those of HASHES', () => {
    const run = node('tools/vendor.mjs', '--check');
    assert.equal(run.status, 0, run.stderr);
});

test('pages name no other host and hold no inline script or style', () => {
    const page = readFileSync(join(web, 'index.html'), 'utf8');
    assert.ok(!/<style|style=|<script(?![^>]*\bsrc=)|\son\w+=/.test(page));
    assert.ok(!/https?:\/\/(?!www\.w3\.org\/2000\/svg)/.test(page + sources));
    assert.ok(!/\sstyle=/.test(sources), 'an inline style= would be blocked by the CSP');
});

/** Words that come with what shows them. */
const behind = ['-events', '-office'];
/** The map, with its stylesheet, comes when it is asked for; the sheet of an incident behind the page. */
for (const language of ['zh', 'en']) test(`a seat loads at most 150 kB, compressed, in ${language}`, () => {
    const seen = new Map();
    const load_all = (path) => {
        if (seen.has(path)) return;
        const text = readFileSync(path, 'utf8');
        seen.set(path, gzipSync(text).length);
        for (const [, file] of text.matchAll(/^(?:import|export) [^;]*?from '(\.[^']+)'/gms)) load_all(join(dirname(path), file));
    };
    for (const file of ['index.html', 'icon.svg', 'app/main.js', 'app/page-taker.js', ...tables.filter((table) => !behind.includes(table)).map((table) => `app/words-${language}${table}.js`),
        ...[...readFileSync(join(web, 'index.html'), 'utf8').matchAll(/href="\/(style\/[^"]+)"/g)].map(([, name]) => name)])
        load_all(join(web, file));
    const sum = [...seen.values()].reduce((a, b) => a + b, 0);
    const words = [...seen.keys()].filter((path) => path.endsWith('.js') && !/words-/.test(path)).map((path) => readFileSync(path, 'utf8')).join('\n');
    assert.ok(!words.includes('`event.'), 'a seat tells what happened before its words are there');
    for (const key of Object.keys(parts['en-office'])) assert.ok(!words.includes(`'${key}'`), `a seat says ${key}, which it does not load`);
    assert.ok(seen.size > 40 && sum <= 150000, `${sum} bytes in ${seen.size} files`);
});
