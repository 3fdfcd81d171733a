// SPDX-License-Identifier: GPL-3.0-or-later
// Which departments a record is proposed to, and how rows of the city's tables are found. The page's parts want a browser: as much of one as they touch when loaded.
import assert from 'node:assert/strict';
import test from 'node:test';

Object.assign(globalThis, {
    addEventListener() {}, window: globalThis, location: { pathname: '/', hash: '' }, matchMedia: () => ({ addEventListener() {} }),
    localStorage: { getItem: () => null, setItem() {} }, document: { addEventListener() {}, documentElement: {} },
});
const { setInterval: begin_interval } = globalThis;
globalThis.setInterval = (...all) => begin_interval(...all).unref(); // the page's clock ends with the test
Object.defineProperty(globalThis, 'navigator', { value: { language: 'en' } });
const app = new URL('../../consoles/web/app/', import.meta.url);
const { departments_of, precedent_of } = await import(new URL('departments.js', app));
const { city, precedents } = await import(new URL('store.js', app));

const burst_pipe = { category: 20100, lead: 'WATER', assists: ['ROADS', 'POLICE'] };
const rows = (retired) => [
    { department: 2, code: 'WATER' }, { department: 3, code: 'ROADS' }, { department: 4, code: 'POLICE' },
    { department: 7, code: 'PARKS', retired }];

test('a ruling about such matters goes before the table, in its district', () => {
    city.rows.value = { ...city.rows.value, departments: rows(false) };
    precedents.rows.value = [{ category: 20100, district: 1, department: 7 }];
    assert.deepEqual(departments_of(burst_pipe, 1), { lead: 7, assists: [3, 4] });
    assert.deepEqual(departments_of(burst_pipe, 2), { lead: 2, assists: [3, 4] });
});

test('a ruling for a department that is no more proposes nobody', () => {
    city.rows.value = { ...city.rows.value, departments: rows(true) };
    precedents.rows.value = [{ category: 20100, district: 1, department: 7 }];
    assert.equal(precedent_of(20100, 1), undefined);
    assert.deepEqual(departments_of(burst_pipe, 1), { lead: 2, assists: [3, 4] });
});

test('a row is found by whole pinyin, initials, some of each, Chinese, code and English', async () => {
    const { find } = await import(new URL('pick.js', app));
    const one = (key, zh, en, initials, sound) => ({ key, code: String(key), label: zh, sound, search: [key, zh, en, initials].join('\n').toLowerCase() });
    const choices = [one(110100, '居民楼火灾', 'Residential fire', 'jmlhz', 'ju min lou huo zai'), one(110200, '车辆火灾', 'Vehicle fire', 'clhz', 'che liang huo zai'),
        one(230100, '井盖缺失', 'Missing manhole cover', 'jgqs', 'jing gai que shi'), one(150700, '绿化带火灾', 'Green belt fire', 'lhdhz', 'lv hua dai huo zai'),
        one(990000, '120 急救', 'Ambulance', '', '120 ji jiu')];
    const found = (text) => find(choices, text).map((row) => row.key);
    for (const typed of ['juminlouhuozai', 'jumin', 'jmlhz', 'juml', 'jminlou', 'ju min lou', "ju'min", 'ＪＵＭＩＮ', '居民', '1101', 'residential']) assert.equal(found(typed)[0], 110100, typed);
    assert.deepEqual(found('huozai'), [110100, 110200, 150700], 'from a later syllable, too');
    for (const typed of ['lvhua', 'lühua', 'lhd']) assert.equal(found(typed)[0], 150700, typed);
    assert.deepEqual(found('120jijiu'), [990000]);
    assert.deepEqual(found('jinggaixx'), []);
    assert.deepEqual(found('quegai'), [], 'not in this order');
    assert.equal(found('j'.repeat(60)).length, 0);
});
