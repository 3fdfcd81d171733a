// SPDX-License-Identifier: GPL-3.0-or-later
// Which departments a record is proposed to. The page's parts want a browser: as much of one as they touch when loaded.
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
